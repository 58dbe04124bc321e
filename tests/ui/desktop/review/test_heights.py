"""Nothing moves under the eye: the right panel keeps the place of its parts, and the history stays in view."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from badcase.project import Project
from badcase.ui.desktop.review.item.evidence_panel import EvidenceLine, EvidenceList
from tests.ui.desktop.review.conftest import Show, Shown


def tops(shown: Shown) -> dict[str, int]:
    """Where each part of the panel begins, in the page."""
    detail = shown.page.detail
    parts: dict[str, QWidget] = {"why": detail.why, "nearest": detail.nearest_given, "history": detail.history}
    return {name: part.mapTo(shown.page, QPoint(0, 0)).y() for name, part in parts.items()}


@pytest.mark.parametrize("size", [(1280, 684), (1280, 720), (1440, 820), (2560, 1360)])
def test_each_part_stands_where_it_stood_and_the_history_is_seen(show: Show, project: Project, size: tuple[int, int]) -> None:
    shown = show(project, size)
    shown.settle()
    detail, reasons, agreeing = shown.page.detail, set(), set()
    stood = tops(shown)
    for key in ("Space", "Return", "E", "U", "Left", "Right", "Space", "Return", "Space", "Space", "Space", "Space"):
        shown.key(key)
        shown.settle()
        reasons.add(len(detail.why.lines()))
        agreeing.add(detail.nearest_suggested.isVisible())
        assert tops(shown) == stood
        assert detail.history.mapTo(shown.page, QPoint(0, detail.history.height())).y() <= shown.page.height()
    assert len(reasons) > 1 and len(agreeing) > 1, "each item looked like the last"


def test_a_page_that_just_came_up_has_the_rows_that_it_has_after_a_resize(show: Show, project: Project) -> None:
    """It was fitted before the panel had its width: two classes and a reason fewer, until the window was moved."""
    shown = show(project, (1440, 820))
    shown.settle()
    stood = tops(shown)
    shown.page.resize(1280, 720)
    shown.settle()
    shown.page.resize(1440, 820)
    shown.settle()
    assert tops(shown) == stood


def test_the_field_says_how_many_classes_have_no_row_in_the_height_that_there_is(show: Show, project: Project) -> None:
    shown = show(project, (1440, 820))
    shown.settle()
    decide = shown.page.detail.decide
    assert decide.answers.hidden() == 0 and "more" not in decide.field.placeholderText()
    decide.answers.resize(decide.answers.width(), 50)
    assert decide.answers.hidden() > 0
    assert decide.field.placeholderText().endswith(f"{decide.answers.hidden()} more")


def test_what_there_is_no_room_for_is_counted() -> None:
    listed = EvidenceList("Why", "why")
    lines = [EvidenceLine("", f"reason {n}", "") for n in range(5)]
    listed.show_lines(lines)
    listed.set_room(3)
    assert [line.what for line in listed.shown()] == ["reason 0", "reason 1", "3 more"]
    high = listed.sizeHint().height()
    listed.set_room(3, newest=True)
    assert [line.what for line in listed.shown()] == ["3 more", "reason 3", "reason 4"]
    listed.show_lines(lines[:1])
    assert listed.sizeHint().height() == high and listed.shown() == lines[:1]
