"""The map by UMAP, where its library is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.maps import umap_places
from badcase.maps.kept_places import MapLayout, kept_places
from badcase.maps.umap_places import laying_out, umap_is_there
from badcase.progress import Progress, finish
from tests.badcase.maps.test_places import made_set

installed = pytest.mark.skipif(not umap_is_there(), reason="umap-learn is not installed: pip install 'badcase[map]'")


@installed
def test_what_is_near_stays_near_and_the_places_are_kept_with_the_prediction_set(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    heap = np.arange(120) % 3
    predictions = made_set(tmp_path, np.eye(12)[heap] * 5 + rng.normal(0, 0.4, (120, 12)))
    job, steps = laying_out(predictions), []
    while True:
        try:
            steps.append(next(job))
        except StopIteration as stop:
            places = stop.value
            break
    assert len({step.name for step in steps if isinstance(step, Progress)}) == 3
    kept = kept_places(predictions, MapLayout.UMAP)
    assert kept is not None and np.array_equal(kept, places)
    away = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(away, np.inf)
    assert (heap[away.argmin(1)] == heap).mean() > 0.95


@installed
def test_too_few_items_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match="too few items"):
        finish(laying_out(made_set(tmp_path, np.ones((5, 3)))))


def test_without_the_library_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(umap_places, "find_spec", lambda name: None)
    with pytest.raises(BadcaseError) as told:
        finish(laying_out(made_set(tmp_path, np.ones((40, 3)))))
    assert "badcase[map]" in str(told.value.hint)
