"""What the keys of Review do to the item on screen, by real keys on a real project."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.review.filtering.filters import Pile
from tests.ui.desktop.review.conftest import Show, Shown, true_class


def test_the_planted_wrong_labels_come_first(shown: Shown, project: Project) -> None:
    reviewer = shown.page.reviewer
    first = [item for item in reviewer.worklist.rows[:7] if not reviewer.order.drawn(int(item))][:6]
    assert all(true_class(project, int(item)) != project.given[item] for item in first)


def test_enter_takes_the_suggestion_durably_and_the_next_item_is_there_at_once(shown: Shown, project: Project) -> None:
    item = shown.current
    suggested = int(shown.page.reviewer.facts.suggested[item])
    shown.key("Return")
    assert project.labels[item] == suggested
    assert shown.current != item
    assert project.journal.history(item)[0].shown["suggested"] == project.classes[suggested]


def test_space_keeps_the_given_label(shown: Shown, project: Project) -> None:
    item = shown.current
    shown.key("Space")
    assert project.verdicts[item] == VerdictCode.KEEP
    assert project.labels[item] == project.given[item]


def test_e_excludes_and_u_is_unsure(shown: Shown, project: Project) -> None:
    first = shown.current
    shown.key("E")
    second = shown.current
    shown.key("U")
    assert project.verdicts[first] == VerdictCode.EXCLUDE
    assert project.verdicts[second] == VerdictCode.UNSURE


def test_a_digit_chooses_the_class_with_that_cap(shown: Shown, project: Project) -> None:
    item, choices = shown.current, shown.page.reviewer.choices()
    assert choices is not None
    shown.key("3")
    assert project.labels[item] == choices.order[2]


def test_a_free_letter_begins_typing_a_class_and_enter_takes_it(shown: Shown, project: Project) -> None:
    item = shown.current
    shown.key("D")
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    assert field.objectName() == "class-field"
    shown.key("I", "S")
    assert field.text().lower() == "dis"  # the first letter was marked once, so that the second took its place
    shown.key("Return")
    assert project.labels[item] == project.classes.index("disc")
    assert QApplication.focusWidget() is shown.page


def test_while_typing_no_verdict_key_acts_and_escape_leaves(shown: Shown, project: Project) -> None:
    shown.key("/", "E", "U", "Z", "Space", "Escape")
    assert project.journal.counts().reviewed == 0
    assert QApplication.focusWidget() is shown.page
    shown.key("E")
    assert project.journal.counts().excluded == 1


def test_a_held_key_judges_one_item_only(shown: Shown, project: Project) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent

    for repeat in (False, True, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", repeat)
        QApplication.sendEvent(shown.page, event)
    assert project.journal.counts().reviewed == 1


def test_undo_returns_to_its_item_and_redo_goes_on(shown: Shown, project: Project) -> None:
    first = shown.current
    shown.key("Return", "Space", "E")
    third_gone = shown.current
    shown.key("Z", "Z", "Z")
    assert shown.current == first
    assert project.journal.counts().reviewed == 0
    shown.key("Shift+Z", "Ctrl+Shift+Z", "Shift+Z")
    assert project.journal.counts().reviewed == 3
    assert shown.current == third_gone


def test_undo_works_on_what_was_judged_before_a_restart(show: Show, project: Project) -> None:
    before = show(project)
    item = before.current
    before.key("Return")
    before.page.close()
    after = show(project)
    assert after.current != item
    after.key("Z")
    assert after.current == item
    assert project.verdicts[item] == VerdictCode.NONE


def test_arrows_j_and_k_move_without_a_verdict(shown: Shown, project: Project) -> None:
    rows = shown.page.reviewer.worklist.rows
    shown.key("Right", "J", "Left", "Right", "K", "End")
    assert shown.current == rows[-1]
    shown.key("Home")
    assert shown.current == rows[0]
    assert project.journal.counts().reviewed == 0


def test_a_reviewed_item_is_done_behind_and_no_more_to_review(shown: Shown, project: Project) -> None:
    before = shown.page.reviewer.worklist.counts().piles[Pile.TO_REVIEW]
    item = shown.current
    shown.key("Return")
    shown.settle()
    assert shown.page.reviewer.worklist.counts().piles[Pile.TO_REVIEW] == before - 1
    rows = [int(shown.page.reviewer.worklist.rows[row]) for row, _place in shown.page.centre.strip.places()]
    assert item in rows
    assert shown.page.faces.state(item) is not None


@pytest.mark.parametrize("typed", ["", "given:disc"])
def test_each_verdict_each_undo_and_each_redo_paints_the_item_once(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """An undo was painted by the broadcast and by the move that followed, and a redo a third time."""
    page, painted = shown.page, list[int | None]()
    if typed:
        page.reviewer.add_filter(typed)
    paint = page.centre.show_item
    monkeypatch.setattr(page.centre, "show_item", lambda: (painted.append(page.reviewer.current), paint()))
    first = shown.current
    shown.key("Space")
    second = shown.current
    assert second != first and painted == [second]
    shown.key("Z")
    assert shown.current == first and painted == [second, first]
    shown.key("Shift+Z")
    assert painted == [second, first, second]


def test_an_undo_that_must_widen_the_list_paints_once_and_so_does_its_redo(
    shown: Shown, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, painted = shown.page, list[int | None]()
    item, before = shown.current, int(project.given[shown.current])
    shown.key("Space")
    page.reviewer.add_filter(f"given:{next(name for label, name in enumerate(project.classes) if label != before)}")
    assert page.reviewer.worklist.row_of(item) < 0
    paint = page.centre.show_item
    monkeypatch.setattr(page.centre, "show_item", lambda: (painted.append(page.reviewer.current), paint()))
    shown.key("Z")
    assert painted == [item]
    page.reviewer.add_filter(f"given:{next(name for label, name in enumerate(project.classes) if label != before)}")
    painted.clear()
    shown.key("Shift+Z")
    assert len(painted) == 1 and painted[0] not in (item, None)
