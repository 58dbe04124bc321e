"""Of a text that is longer than the model reads, the prediction knows so, and how much was read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from badcase.models.inputs import TextInputs
from badcase.prediction.kept_outputs import write_cut_texts
from badcase.project import Project
from tests.badcase.models.networks import tokenizer


def test_only_texts_of_more_tokens_than_the_model_reads_are_cut(tmp_path: Path) -> None:
    texts = ["the dog barks"] * 30 + [" ".join(["the dog barks"] * 10)] * 10 + ["x" * 60] * 5
    with Project.create(tmp_path / "p", {"text": texts, "label": ["a", "b", "c"] * 15}, label="label") as project:
        assert write_cut_texts(project, TextInputs(tokenizer(), 12), tmp_path) == 12
        cut = np.load(tmp_path / "cut.npy")
        assert cut.tolist() == [False] * 30 + [True] * 10 + [False] * 5  # the last are long, and one token each
        (tmp_path / "cut.npy").unlink()
        assert write_cut_texts(project, TextInputs(tokenizer(), 512), tmp_path) is None
        assert write_cut_texts(project, object(), tmp_path) is None and not (tmp_path / "cut.npy").exists()
