"""What the keys and the mouse do in the grid of Review, on a real project."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.store import journal
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.jobs import steps_here
from badcase.ui.desktop.jobs.job_state import JobState, Phase
from badcase.ui.desktop.review.decision.batch_parts import BatchPreview
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.state import verdict_keys
from tests.ui.desktop.review.conftest import NO_KEY, Shown, click


def test_a_batch_is_previewed_judged_at_once_and_undone_at_once(shown: Shown, project: Project) -> None:
    shown.key("G", "Home", "Shift+Right", "Shift+Right")
    chosen = [int(item) for item in shown.page.reviewer.worklist.selected_items()]
    assert len(chosen) == 3
    suggested = shown.page.reviewer.facts.suggested
    shown.key("Return")
    assert [int(project.labels[item]) for item in chosen] == [int(suggested[item]) for item in chosen]
    assert not shown.page.reviewer.worklist.selected.any()
    shown.key("Z")
    assert project.journal.counts().reviewed == 0


def test_the_preview_tells_what_enter_changes_of_items_that_were_judged_before(shown: Shown, project: Project) -> None:
    shown.key("Return", "Space")  # one has its suggestion already, one was kept
    shown.page.reviewer.show(Filter(queue=Pile.REVIEWED))
    shown.key("G", "Ctrl+A")
    preview = shown.page.findChild(BatchPreview, "preview")
    assert preview is not None
    told = {change.face.item: (change.face.given, change.face.suggested) for change in preview.changes}
    before = project.labels.copy()
    shown.key("Return")
    changed = np.flatnonzero(project.labels != before).tolist()
    assert len(changed) == 1 and told == {
        item: (project.classes[int(before[item])], project.classes[int(project.labels[item])]) for item in changed
    }


def test_the_mouse_selects_one_adds_with_ctrl_and_stretches_with_shift(shown: Shown) -> None:
    shown.key("G")
    shown.settle()
    grid, worklist = shown.page.centre.grid, shown.page.reviewer.worklist

    def press(row: int, held: Qt.KeyboardModifier = NO_KEY) -> None:
        click(grid.viewport(), grid.card(row).center().toPoint(), held)

    press(1)
    assert list(np.flatnonzero(worklist.selected)) == [1]
    press(3, Qt.KeyboardModifier.ControlModifier)
    assert list(np.flatnonzero(worklist.selected)) == [1, 3]
    press(5, Qt.KeyboardModifier.ShiftModifier)
    assert list(np.flatnonzero(worklist.selected)) == [3, 4, 5]
    shown.key("Escape")
    assert not worklist.selected.any()


def test_a_class_for_all_by_its_digit(shown: Shown, project: Project) -> None:
    shown.key("G", "Ctrl+A")
    choices = shown.page.reviewer.batch_choices()
    chosen = shown.page.reviewer.worklist.selected_items()
    shown.key("2")
    assert (project.labels[chosen] == choices.order[1]).all()


def test_a_double_click_opens_a_card(shown: Shown) -> None:
    shown.key("G")
    shown.settle()
    grid = shown.page.centre.grid
    QTest.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.card(4).center().toPoint())
    assert not shown.page.centre.in_grid
    assert shown.current == shown.page.reviewer.worklist.rows[4]


def test_only_cards_in_sight_are_painted(shown: Shown) -> None:
    shown.key("G")
    assert len(shown.page.centre.grid.in_sight()) < 60


def test_verdicts_on_very_many_are_recorded_beside_the_work_and_can_be_cancelled(
    shown: Shown, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_keys, "_MANY", 3)
    monkeypatch.setattr(journal, "_AT_ONCE", 2)
    monkeypatch.setattr(steps_here, "_AT_ONCE", 0.0)  # a step between two looks at the keys
    states: list[JobState] = []
    refused: list[BadcaseError] = []
    shown.session.job.connect(states.append)
    shown.session.failed.connect(refused.append)
    shown.key("G", "Ctrl+A")
    chosen = shown.page.reviewer.worklist.selected_items()
    assert len(chosen) > 6

    shown.key("Space")
    shown.bot.waitUntil(lambda: any(state.done for state in states))
    assert shown.session.busy and project.revision == 0
    shown.key("E")  # in the middle of it nothing else is judged
    assert len(refused) == 1
    shown.session.cancel()
    assert not shown.session.busy and states[-1].state is Phase.CANCELLED
    assert project.revision == 0 and not project.verdicts.any()
    assert set(shown.page.reviewer.worklist.selected_items()) == set(chosen), "they can be judged again"

    shown.key("Space")
    shown.bot.waitUntil(lambda: not shown.session.busy)
    assert states[-1].state is Phase.DONE and [state.total for state in states if state.done][-1] == len(chosen)
    assert (project.verdicts[chosen] == VerdictCode.KEEP).all()
    assert not shown.page.reviewer.worklist.selected.any()
    shown.key("Z")
    assert not project.verdicts.any()
