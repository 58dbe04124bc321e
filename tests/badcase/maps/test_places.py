"""Where items lie on the map, what is in view and inside an outline, and how their density is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badcase.maps.density import density_of, levels_of, outlines
from badcase.maps.kept_places import MapLayout, keep_places, kept_places, places_at_once
from badcase.maps.lasso import rows_inside
from badcase.maps.point_field import BLOCK, PointField, View, morton_order
from badcase.maps.principal_places import principal_places
from badcase.store.prediction_sets import PredictionSet


def made_set(folder: Path, embeddings: np.ndarray) -> PredictionSet:
    np.save(folder / "embeddings.npy", embeddings.astype(np.float16))
    np.save(folder / "logits.npy", np.zeros((len(embeddings), 2), np.float16))
    return PredictionSet(1, folder, {"d": embeddings.shape[1]}, (len(embeddings), 2))


def test_items_lie_along_the_two_axes_in_which_they_spread_most() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(size=(900, 2)) * (3, 1.5)
    turned = np.linalg.qr(rng.normal(size=(24, 24)))[0]
    rows = np.hstack([true, rng.normal(0, 0.05, (900, 22))]) @ turned + 40 * turned[5]  # far off: unit length changes little
    places = principal_places(rows)
    for axis in range(2):
        assert abs(np.corrcoef(places[:, axis], true[:, axis])[0, 1]) > 0.99
    assert places[:, 0].std() > places[:, 1].std()
    assert np.array_equal(places, principal_places(rows))


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (5, 1)])
def test_few_items_and_narrow_embeddings_have_places_too(shape: tuple[int, int]) -> None:
    places = principal_places(np.ones(shape, np.float16))
    assert places.shape == (shape[0], 2) and np.isfinite(places).all()


def test_an_embedding_that_is_not_finite_has_a_finite_place() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 6))
    rows[7] = np.nan
    rows[8, 2] = np.inf
    assert np.isfinite(principal_places(rows)).all()


def test_places_are_kept_beside_their_prediction_set_and_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    predictions = made_set(tmp_path, np.random.default_rng(0).normal(size=(60, 8)))
    places = places_at_once(predictions)
    file = next(tmp_path.glob("map-pca-*.npy"))
    assert np.array_equal(np.load(file), places)
    file.write_bytes(b"not an array")
    assert kept_places(predictions, MapLayout.PCA) is None
    assert np.array_equal(places_at_once(predictions), places)
    np.save(file, places[:-1])  # of other items
    assert kept_places(predictions, MapLayout.PCA) is None
    (tmp_path / "map-pca-0.npy").write_bytes(b"")
    keep_places(predictions, MapLayout.PCA, places)
    assert [one.name for one in tmp_path.glob("map-pca-*.npy")] == [file.name]


def test_a_folder_that_cannot_be_written_gives_places_all_the_same(tmp_path: Path) -> None:
    predictions = made_set(tmp_path, np.random.default_rng(0).normal(size=(60, 8)))
    assert len(places_at_once(predictions, keep=False)) == 60
    assert list(tmp_path.glob("map-*")) == []


def test_neighbours_on_the_plane_stand_together_in_the_order() -> None:
    places = np.random.default_rng(0).random((4000, 2)).astype(np.float32)
    order = morton_order(places)
    assert np.array_equal(np.sort(order), np.arange(4000))
    steps = np.linalg.norm(np.diff(places[order], axis=0), axis=1)
    assert np.median(steps) < 0.03


@given(st.integers(0, 2**32 - 1), st.tuples(*[st.floats(-1.2, 1.2) for _n in range(4)]))
def test_a_box_holds_exactly_the_points_in_it(seed: int, ends: tuple[float, float, float, float]) -> None:
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(int(rng.integers(0, 3 * BLOCK)), 2)).astype(np.float32)
    field = PointField(places)
    left, right = sorted(np.float32(ends[:2]).tolist())
    top, bottom = sorted(np.float32(ends[2:]).tolist())
    x, y = places.T if len(places) else (np.empty(0), np.empty(0))
    wanted = np.flatnonzero((x >= left) & (x <= right) & (y >= top) & (y <= bottom))
    assert np.array_equal(np.sort(field.items[field.in_box(left, top, right, bottom)]), wanted)


def test_the_nearest_point_is_found_and_none_where_all_are_far() -> None:
    places = np.random.default_rng(3).normal(size=(9000, 2)).astype(np.float32)
    field = PointField(places)
    for at in ((0.1, 0.2), (-0.7, 1.1)):
        row = field.nearest(*at, 0.5)
        assert row is not None and int(field.items[row]) == int(np.hypot(*(places - at).T).argmin())
    assert field.nearest(90, 90, 0.5) is None


def inside(outline: np.ndarray, x: float, y: float) -> bool:
    """By the definition: how often a ray to the right meets the outline."""
    hits = 0
    for (x0, y0), (x1, y1) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            hits += 1
    return hits % 2 == 1


@pytest.mark.parametrize("corners", [3, 7, 40])
def test_a_lasso_takes_what_lies_inside_also_where_it_crosses_itself(corners: int) -> None:
    rng = np.random.default_rng(corners)
    places = rng.normal(size=(700, 2)).astype(np.float32)
    outline = rng.normal(size=(corners, 2)) * 1.2
    field = PointField(places)
    found = set(field.items[rows_inside(field, outline)].tolist())
    wanted = {item for item, (x, y) in enumerate(places.tolist()) if inside(outline, x, y)}
    assert len(wanted) > 10
    assert len(found ^ wanted) <= 0.02 * len(places)  # at most those within a cell of the outline


def test_an_outline_of_no_extent_takes_nothing() -> None:
    field = PointField(np.zeros((5, 2), np.float32))
    assert len(rows_inside(field, np.zeros((4, 2)))) == 0
    assert len(rows_inside(field, np.array([[0.0, 0.0], [1.0, 1.0]]))) == 0


def test_the_view_keeps_what_lies_under_the_pointer_while_it_zooms() -> None:
    view = View(-2.0, 1.0, 40.0, 800, 600)
    at = view.point(300, 200)
    nearer = view.zoomed(2.5, 300, 200)
    assert nearer.place(*at) == pytest.approx((300, 200))
    assert nearer.scale == 100
    assert view.moved(10, -4).place(*at) == pytest.approx((310, 196))


def test_lines_of_density_close_around_what_is_dense() -> None:
    rng = np.random.default_rng(0)
    middles = np.array([[0, 0], [6, 0], [3, 5]])
    field = PointField((middles[rng.integers(0, 3, 3000)] + rng.normal(0, 0.4, (3000, 2))).astype(np.float32))
    density = density_of(field)
    assert density.cells.sum() == pytest.approx(3000, rel=0.01)
    level = levels_of(density)[2]
    loops = outlines(density, level)
    assert len(loops) == 3
    for middle in middles:
        assert sum(inside(loop, *middle) for loop in loops) == 1
    for loop in loops:
        assert np.abs(np.diff(loop, axis=0, append=loop[:1])).max() <= 1.01 * density.side
    assert levels_of(density_of(PointField(np.empty((0, 2), np.float32)))) == []
