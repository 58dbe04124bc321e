"""Outputs that are not finite are refused with the first item that has one, whoever made them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from badcase.errors import BadcaseError
from badcase.models.running import Piece, Runner
from badcase.prediction.finite_outputs import ENOUGH, FiniteCheck
from badcase.prediction.predict import predict
from badcase.progress import finish
from tests.badcase.prediction.projects import text_model, text_project


def _break(folder: Path, value: float, rows: slice = slice(None)) -> None:
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if name.endswith("classifier.bias"))
    weights[name][rows] = value
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize(("rows", "value", "kind"), [(slice(None), np.nan, "NaN"), (slice(1), np.inf, "infinity")])
def test_a_model_with_broken_weights_is_refused(rows: slice, value: float, kind: str, tmp_path: Path) -> None:
    """They were stored as 0: exit 0, and the same class for every item, or a ranking by what the others say."""
    with text_project(tmp_path, 60) as project:
        text_model(tmp_path / "model")
        _break(tmp_path / "model", value, rows)
        words = rf"the outputs of the model are not finite \({kind} for 60 of 60 items\); are its weights broken\?.*first for t0"
        with pytest.raises(BadcaseError, match=words):
            finish(predict(project, str(tmp_path / "model")))
        assert project.predictions.current is None
        text_model(tmp_path / "model")
        assert finish(predict(project, str(tmp_path / "model"))).id == 1


def test_one_item_whose_features_are_not_finite_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with text_project(tmp_path, 30) as project:
        text_model(tmp_path / "model")
        fetch = Runner._fetch

        def odd(self: Runner, loaded: Any, output: Any) -> Piece:
            piece = fetch(self, loaded, output)
            piece.embeddings[piece.ids == 10] = np.nan
            return piece

        monkeypatch.setattr(Runner, "_fetch", odd)
        with pytest.raises(BadcaseError, match=r"NaN for 1 of 30 items.*first for t10\W") as caught:
            finish(predict(project, str(tmp_path / "model"), batch_size=8))
        assert "Look at that item" in caught.value.hint


def test_a_long_run_ends_soon_after_the_first() -> None:
    check = FiniteCheck("net", [f"k{i}" for i in range(10_000)])
    check.finite(np.arange(4000), np.zeros((4000, 2)))
    assert check.finite(np.array([4000, 4001]), np.array([[0.0, np.nan], [0, 0]])).tolist() == [False, True]
    with pytest.raises(BadcaseError, match=r"NaN for 1 of 5002 items.*first for k4000"):
        check.finite(np.arange(4002, 4002 + ENOUGH), np.zeros((ENOUGH, 2)))
