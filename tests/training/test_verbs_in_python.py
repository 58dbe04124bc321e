"""The verbs of training do their work and return what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import badcase.training
from badcase import BadcaseError, Project
from badcase.store.run_table import RunState
from tests.projects import write_texts


def test_the_whole_loop_in_a_few_calls(tmp_path: Path) -> None:
    write_texts(tmp_path / "texts.csv", 90, wrong=6)
    with Project.create(tmp_path / "p", tmp_path / "texts.csv") as project:
        project.predict("chargrams")
        assert project.rank().order[0] < 90
        project.journal.record(0, "keep")
        run = badcase.training.train(project, {"epochs": 2})
        assert (run.state, run.recipe["epochs"]) == (RunState.DONE, 2)
        again = badcase.training.repeat(project, run.id)
        assert again.metrics["accuracy"] == run.metrics["accuracy"]
        assert badcase.training.compare(project, run.id, again.id).verdict
        made = badcase.training.accept(project, run.id)
        assert project.predictions.current is made
        assert badcase.training.report(project, tmp_path / "report.html").stat().st_size > 1000
        assert project.export(tmp_path / "out.csv", format="csv").path == tmp_path / "out.csv"
        with pytest.raises(BadcaseError, match="epoch: there is no such knob") as refused:
            badcase.training.train(project, {"epoch": 2})
        assert refused.value.hint == "Did you mean epochs?"
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        badcase.training.trian  # noqa: B018
