"""The difference of two states of the labels, and what machines propose, by real keys and clicks."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.data.page import DataPage
from badcase.ui.desktop.people.difference_dialog import DifferenceDialog
from badcase.ui.desktop.people.proposals_dialog import ProposalsDialog
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Label, ListRow, SectionTitle


def texts(dialog: QWidget) -> str:
    """All that a dialog says now."""
    labels = [one.full_text() for one in dialog.findChildren(Label) if one.isVisibleTo(dialog)]
    return "\n".join([*labels, *(one.accessibleName() for one in dialog.findChildren(SectionTitle) if one.isVisibleTo(dialog))])


@pytest.fixture
def free(session: Session) -> list[int]:
    return np.flatnonzero(~session.project.gold).tolist()


@pytest.fixture
def went(session: Session) -> list[list[int]]:
    found: list[list[int]] = []
    session.navigate.connect(lambda _page, where: found.append(where["items"]))
    return found


def difference(page: DataPage) -> DifferenceDialog:
    page.open_difference()
    *_closed, dialog = page.window().findChildren(DifferenceDialog)
    return dialog


def proposals(page: DataPage) -> ProposalsDialog:
    page.open_proposals()
    *_closed, dialog = page.window().findChildren(ProposalsDialog)
    return dialog


def test_each_change_is_told_and_opens_its_items(
    page: DataPage, session: Session, free: list[int], went: list[list[int]], qtbot: QtBot
) -> None:
    session.preferences.others_hidden = False
    project = session.project
    a, b, c = [i for i in free if project.classes[project.given[i]] == "food"][:3]
    project.journal.record([a, b], "relabel", "weather", who="ann")
    middle = project.revision
    project.journal.record([c], "exclude", who="bob")
    run = project.runs.add(kind="training", title="a run", revision=middle)
    dialog = difference(page)
    told = texts(dialog)
    assert "2 labels changed. 1 item was excluded. By ann 2, bob 1." in told and "3 items" in told
    rows = {row.text(): row for row in dialog.findChildren(ListRow) if not row.isHidden()}
    assert set(rows) == {"food → weather", "food → excluded"} and rows["food → weather"].count == "2"
    QTest.mouseClick(rows["food → weather"], Qt.MouseButton.LeftButton)
    assert went == [[a, b]] and not dialog.isVisible()
    dialog = difference(page)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert went[-1] == sorted([a, b, c])
    dialog = difference(page)
    at = dialog.first.findData(f"run:{run}")
    dialog.first.setFocus()
    for _step in range(at):
        QTest.keyClick(dialog.first, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: [one.item for one in dialog.changed] == [c])
    dialog.close_over()


def test_no_change_leaves_nothing_to_open(page: DataPage) -> None:
    dialog = difference(page)
    assert "0 labels changed." in texts(dialog) and not dialog.accept_button.isEnabled()
    dialog.close_over()


def test_what_others_changed_is_not_shown_before_one_has_decided(page: DataPage, session: Session, free: list[int]) -> None:
    session.project.journal.record(free[:2], "exclude", who="ann")
    assert session.preferences.others_hidden
    dialog = difference(page)
    assert dialog.changed == [] and "2 changes of others are shown when you have decided" in texts(dialog)
    assert "excluded" not in texts(dialog)
    dialog.close_over()


def test_proposals_are_shown_taken_and_taken_back(page: DataPage, session: Session, free: list[int], qtbot: QtBot) -> None:
    project = session.project
    assert next(one for one in page.commands() if "machines" in one.title).why_not
    same, other, unsure, judged = free[:4]
    new = (int(project.given[other]) + 1) % 3
    project.journal.record([judged], "keep", who="ann")
    labels = [int(project.given[same]), new, 0, int(project.given[judged])]
    project.proposals.add("bot", [same, other, unsure, judged], labels, [0.9, 0.8, 0.1, 1.0])
    assert not next(one for one in page.commands() if "machines" in one.title).why_not
    dialog = proposals(page)
    assert "1 of 1 (" in texts(dialog) and "3 items would get a verdict" in texts(dialog)
    dialog.least.setFocus()
    dialog.least.selectAll()
    QTest.keyClicks(dialog.least, "0.5")
    qtbot.waitUntil(lambda: "2 items would get a verdict" in texts(dialog))
    assert "1 proposal is not sure enough." in texts(dialog)
    QTest.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: int(project.labels[other]) == new)
    assert project.verdicts[same] and not project.verdicts[unsure]
    project.journal.undo()
    assert not project.verdicts[same] and int(project.labels[other]) == int(project.given[other])
