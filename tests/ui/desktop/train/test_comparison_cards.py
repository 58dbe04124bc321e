"""The cards of a comparison: what changed sides, and where nothing did what else there is to see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from badcase.store.run_table import RunKind
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.train.page import TrainPage


@pytest.fixture
def answered(session: Session) -> tuple[Session, np.ndarray]:
    """Logits (n, k) of a model that is wrong on five items of gold and as sure of all others."""
    project = session.project
    right = 2.0 * np.eye(len(project.classes))[project.labels]
    right[np.flatnonzero(project.gold)[:5]] = np.roll(right, 1, axis=1)[np.flatnonzero(project.gold)[:5]]
    return session, right


def run_of(session: Session, logits: np.ndarray) -> int:
    number = session.project.runs.add(kind=RunKind.TRAINING, title="made", state="done")
    np.save(session.project.runs.get(number).folder / "logits.npy", logits.astype(np.float16))
    return number


def test_where_no_answer_changed_sides_the_cards_show_both_wrong_surer_and_less_sure(
    qtbot: QtBot, page: TrainPage, answered: tuple[Session, np.ndarray]
) -> None:
    session, before = answered
    gold, after = np.flatnonzero(session.project.gold), before.copy()
    after[gold[5:8]] *= 3
    after[gold[8:10]] /= 3
    page._comparing.compare(run_of(session, before), run_of(session, after))
    view = page.comparison
    assert not view.fixed.isVisible() and not view.broke.isVisible()
    cards: list[tuple[Any, np.ndarray]] = [(view.both_wrong, gold[:5]), (view.surer, gold[5:8]), (view.less_sure, gold[8:10])]
    went: list[Any] = []
    session.navigate.connect(lambda where, what: went.append(what))
    for card, items in cards:
        assert card.isVisible() and sorted(card.model.items) == items.tolist()
        qtbot.mouseClick(card.open_all, Qt.MouseButton.LeftButton)
        assert sorted(went[-1]["items"]) == items.tolist()
    assert "Accuracy on gold +0.0 points, between \u2212" in view._shown.sentence


def test_cards_of_what_changed_sides_stand_alone_where_there_are_both(
    qtbot: QtBot, page: TrainPage, answered: tuple[Session, np.ndarray]
) -> None:
    session, before = answered
    gold, after = np.flatnonzero(session.project.gold), before.copy()
    after[gold[:2]] = np.roll(before, -1, axis=1)[gold[:2]]
    after[gold[9]] = np.roll(before, 1, axis=1)[gold[9]]
    page._comparing.compare(run_of(session, before), run_of(session, after))
    view = page.comparison
    assert sorted(view.fixed.model.items) == gold[:2].tolist() and view.broke.model.items == [gold[9]]
    assert [card.isVisible() for card in view._cards] == [True, True, False, False, False]


def test_nothing_of_a_comparison_is_cut_at_the_smallest_window(
    qtbot: QtBot, page: TrainPage, answered: tuple[Session, np.ndarray]
) -> None:
    """Three lists side by side were wider than the view, and the matrix and the button to check gold lost their right ends."""
    session, before = answered
    gold, after = np.flatnonzero(session.project.gold), before.copy()
    after[gold[5:8]] *= 3
    page.resize(1024, 560)
    page._comparing.compare(run_of(session, before), run_of(session, after))
    view = page.comparison
    qtbot.wait(50)
    for part in (view.table, view.plot, view.verdict.check_gold, *(card for card in view._cards if card.isVisible())):
        assert part.mapTo(view, part.rect().topRight()).x() <= view.width()
