"""Points as pixels."""

from __future__ import annotations

import numpy as np
import pytest

from badcase.maps.point_field import PointField, View
from badcase.maps.raster import COVERS, Layer, Mark, Raster, stamp

VIEW = View(0.0, 0.0, 1.0, 60, 40)


def drawn(places: list[tuple[float, float]], ink: int, shape: Mark, size: float, view: View = VIEW) -> np.ndarray:
    raster = Raster(60, 40)
    raster.draw(Layer(PointField(np.array(places, np.float32)), ink, shape, size), view)
    return np.asarray(raster.codes)


@pytest.mark.parametrize("shape", list(Mark))
def test_a_mark_is_in_its_ink_about_its_point(shape: Mark) -> None:
    codes = drawn([(20, 10)], 3, shape, 8.0)
    rows, columns = np.nonzero(codes)
    assert set((codes[rows, columns] // 16).tolist()) == {3}
    assert rows.mean() == pytest.approx(10, abs=1) and columns.mean() == pytest.approx(20, abs=0.5)
    assert 5 <= np.ptp(rows) <= 11 and 5 <= np.ptp(columns) <= 11
    assert bool(codes[10, 20]) == (shape is not Mark.RING)


def test_marks_have_the_size_that_was_asked_for_at_every_ratio_of_pixels() -> None:
    for size in (3.4, 5.1, 6.8, 12.0):
        made = stamp(Mark.DISC, size)
        assert made.covers.sum() / COVERS == pytest.approx(np.pi * (size / 2) ** 2, rel=0.05)


def test_the_last_layer_lies_on_top_and_an_edge_never_covers_the_middle_of_a_mark_of_its_own_layer() -> None:
    raster = Raster(60, 40)
    both = PointField(np.array([[20, 20], [22, 20]], np.float32))
    raster.draw(Layer(both, np.array([1, 2], np.uint8), Mark.DISC, 6.0), VIEW)
    middles = [int(raster.codes[20, column]) for column in (20, 22)]
    assert [code % 16 for code in middles] == [COVERS, COVERS]
    raster.draw(Layer(PointField(np.array([[20, 20]], np.float32)), 5, Mark.DISC, 3.0), VIEW)
    assert raster.codes[20, 20] // 16 == 5


def test_what_stands_half_outside_is_cut_and_what_is_outside_is_not_drawn() -> None:
    codes = drawn([(0, 0), (-3, 5), (59, 39), (500, 500), (-500, 3)], 1, Mark.DISC, 8.0)
    assert codes[0, 0] and codes[39, 59] and codes[5, 0]
    assert np.count_nonzero(codes) < 90
    assert np.count_nonzero(codes[10:30, 20:40]) == 0


def test_more_points_than_a_frame_affords_become_smaller_marks_and_all_are_drawn() -> None:
    rng = np.random.default_rng(0)
    places = (rng.random((400_000, 2)) * (60, 40)).astype(np.float32)
    raster = Raster(60, 40)
    raster.draw(Layer(PointField(places), 2, Mark.DISC, 3.4, 0.62), VIEW)
    assert (raster.codes == 16 * 2 + round(0.62 * COVERS)).all()


def test_only_what_is_in_view_is_drawn_when_zoomed() -> None:
    places = np.random.default_rng(1).random((50_000, 2)).astype(np.float32)
    view = View(0.4, 0.4, 2000.0, 60, 40)
    raster = Raster(60, 40)
    raster.draw(Layer(PointField(places), 1, Mark.DISC, 1.0), view)
    at = ((places - (0.4, 0.4)) * 2000).astype(np.float64)
    seen = (at >= 0).all(1) & (at[:, 0] < 60) & (at[:, 1] < 40)
    wanted = np.zeros((40, 60), np.bool_)
    wanted[at[seen, 1].astype(int), at[seen, 0].astype(int)] = True
    assert abs(np.count_nonzero((raster.codes > 0) ^ wanted)) <= 2  # float32 at the border of a pixel
