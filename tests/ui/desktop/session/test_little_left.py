"""What is left when nearly all is excluded is too little to learn from: nothing is asked of the worker, and no error told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.active_learning.refit_schedule import enough_left
from badcase.project import Project
from badcase.store.verdicts import Verdict
from badcase.ui.desktop.main_window import MainWindow
from tests.projects import predict_from, write_texts


@pytest.mark.parametrize(("labels", "enough"), [([], False), ([0, 1, 0, 1], False), ([1] * 9, False), ([0, 1, 1, 1, 1], True)])
def test_as_many_items_as_there_are_folds_and_two_classes_are_enough(labels: list[int], enough: bool) -> None:
    assert enough_left(np.array(labels, np.int64)) is enough


def test_excluding_nearly_all_items_brings_no_error(window: MainWindow, tmp_path: Path) -> None:
    """A data set of five texts, judged to the end, showed that the classifiers had too few items."""
    write_texts(tmp_path / "few.csv", 20, wrong=2)
    with Project.create(tmp_path / "few", tmp_path / "few.csv") as project:
        predict_from(project, np.eye(3)[project.given] + np.random.default_rng(0).normal(0, 0.1, (20, 3)))
        kept = np.flatnonzero(~project.gold)[:3]
        project.journal.record(np.setdiff1d(np.arange(20), kept).tolist(), Verdict.EXCLUDE)
    window.open_project(tmp_path / "few")
    assert window.session is not None
    window.session.refit._after_job()
    assert not window.lane.quiet and window.errors.isHidden()
