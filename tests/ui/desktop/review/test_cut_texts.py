"""The text view says of a text that the model has read its beginning alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.project import Project
from tests.projects import predict_from, write_texts
from tests.ui.desktop.review.conftest import Show, close_sessions


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    truth = write_texts(tmp_path / "data.csv")
    with Project.create(tmp_path / "p", tmp_path / "data.csv", label="label", text="text", key="id") as made:
        predict_from(made, np.eye(3)[[made.classes.index(truth[key]) for key in made.items.keys]])
        predictions = made.predictions.current
        assert predictions is not None
        cut = np.zeros(len(made.items), np.bool_)
        cut[4] = True
        np.save(predictions.folder / "cut.npy", cut)
        predictions.meta["tokens_read"] = 512
        yield made
        close_sessions(made)


def test_the_line_beneath_the_sheet_says_how_much_was_read(show: Show, project: Project) -> None:
    shown = show(project)
    shown.page.reviewer.open_item(4)
    assert shown.page.centre.text._facts == "row 5 of the data set · the model read only the first 512 tokens"
    shown.page.reviewer.open_item(5)
    assert "512" not in shown.page.centre.text._facts
