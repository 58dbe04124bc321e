"""The Train page where an item may have any number of labels: retrain, see what it gained, accept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.store.changes import Area, Changes
from badcase.training.comparison.compare import compare
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.shell.pages import PAGES
from badcase.ui.desktop.shell.retrain import RetrainDialog, ask_to_retrain
from badcase.ui.desktop.train.comparison.comparison_text import comparison_shown
from badcase.ui.desktop.train.page import TrainPage
from badcase.ui.desktop.train.recipe.choice_box import ChoiceBox
from badcase.ui.desktop.train.recipe.recipe_form import RecipeForm
from badcase.ui.desktop.train.runs.run_list_state import RunShelf
from tests.badcase.ranking.multilabel.texts import correct, predicted_project

WAIT_MS = 90_000


@pytest.fixture
def several(tmp_path: Path, qtbot: QtBot, lane: WorkerLane) -> Iterator[tuple[TrainPage, Session, np.ndarray]]:
    made, true = predicted_project(tmp_path)
    made.close()
    pool = DecodingPool()
    session = Session(Project.open(tmp_path / "my"), lane, pool, ViewState(tmp_path / "view.json"))
    page = PAGES["train"][1](session)
    assert isinstance(page, TrainPage)
    session.changed.connect(page.refresh)
    page.resize(1440, 820)
    page.show()
    qtbot.waitExposed(page)
    yield page, session, true
    shiboken6.delete(page)
    session.close()
    pool.close()


def test_ctrl_r_trains_shows_what_labels_it_fixed_and_the_run_is_accepted(
    qtbot: QtBot, several: tuple[TrainPage, Session, np.ndarray]
) -> None:
    page, session, true = several
    project = session.project
    correct(project, true)
    session.changed.emit(Changes("corrected", frozenset({Area.LABELS})))
    ask_to_retrain(page, session)
    dialog = page.findChild(RetrainDialog)
    assert isinstance(dialog, RetrainDialog)
    dialog.accept_button.click()
    qtbot.waitUntil(lambda: page.comparison.isVisible(), timeout=WAIT_MS)

    found, shown = compare(project, 1, 2), comparison_shown(project, *page.comparison.runs)
    assert found.measures[0].b > found.measures[0].a and page.comparison.runs == (1, 2)
    assert [row.name for row in shown.rows[:3]] == ["Micro F1", "Macro F1", "All labels right"]
    assert dict(shown.facts)["Paired resamples"].startswith("p = 0.0")
    assert "Micro F1 on gold" in shown.sentence and f"Of {len(found.fixed)} texts" in shown.sentence
    assert page.comparison.fixed.model.rowCount() == len(found.fixed)
    one = next(answer for answer in shown.fixed if answer.b_right)
    assert one.b == project.classes[int(project.labels[one.item])] and one.a != one.b
    assert page.comparison.table.findChild(QWidget, "cell_fixed").accessibleName() == f"fewer wrong labels {len(found.fixed)}"
    assert "B right" not in [word.text() for word in page.comparison.table.findChildren(QLabel) if not word.isHidden()]

    page.comparison.accept.click()
    qtbot.waitUntil(lambda: [run.id for run in project.runs.all() if run.accepted] == [2], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not session.busy, timeout=WAIT_MS)
    page.close_comparison()
    assert page.recipe.form.reference_run == 2
    assert page.runs.measure.text() == "Micro F1 on gold"
    entries = RunShelf(project).entries()
    assert all(entry.value is not None and 0.5 < entry.value <= 1 for entry in entries), "the first model's too"
    for run, score in enumerate(found.measures[0].texts[:2], 1):  # the list writes a score as the comparison does
        assert score.endswith("%") and score in page.runs.findChild(QWidget, f"run_{run}").accessibleName()


def test_the_form_offers_what_can_act_on_labels(qtbot: QtBot) -> None:
    one, several = RecipeForm("text"), RecipeForm("text", "multilabel")
    for form in (one, several):
        qtbot.addWidget(form)
        form.fill({"loss": "cross_entropy"})
    losses = [[box.itemData(place) for place in range(box.count())] for box in map(_losses, (one, several))]
    assert "cross_entropy" in losses[0] and set(losses[0]) - set(losses[1]) == {"cross_entropy"}
    assert several.recipe is not None and several.recipe.loss == "binary"
    assert _losses(several).currentData() == "binary"
    assert _row(several, "sampling").isHidden() and not _row(one, "sampling").isHidden()


def _losses(form: RecipeForm) -> ChoiceBox:
    box = form.findChild(ChoiceBox, "recipe_loss")
    assert isinstance(box, ChoiceBox)
    return box


def _row(form: RecipeForm, name: str) -> QWidget:
    control = form.findChild(QWidget, f"recipe_{name}")
    assert control is not None and control.parentWidget() is not None
    return control.parentWidget()
