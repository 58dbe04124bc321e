"""Drawing a sample in the window: the same items as in Python, of what passes, as the list of Review."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.data.page import DataPage
from badcase.ui.desktop.review.queue.sample_dialog import SampleDialog
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Label, ListRow


def asked(page: DataPage) -> SampleDialog:
    QTest.mouseClick(page.sample, Qt.MouseButton.LeftButton)
    found = [one for one in page.window().findChildren(SampleDialog) if one.isVisible()]
    assert found
    return found[-1]


def choose(combo: QComboBox, data: str) -> None:
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Home)
    while combo.currentData() != data:
        before = combo.currentIndex()
        QTest.keyClick(combo, Qt.Key.Key_Down)
        assert combo.currentIndex() != before, data
    combo.activated.emit(combo.currentIndex())


def number(field: QSpinBox, value: int) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, str(value))


def test_what_is_drawn_is_the_list_of_review_and_the_same_by_its_seed(qtbot: QtBot, page: DataPage, session: Session) -> None:
    dialog = asked(page)
    choose(dialog.kind, "balanced")
    number(dialog.size_field, 9)
    number(dialog.seed, 5)
    with qtbot.waitSignal(session.navigate) as went:
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert went.args[0] == "review" and went.args[1]["title"] == "Sample to review"
    assert went.args[1]["items"] == session.project.sample(9, "balanced", seed=5)
    assert np.bincount(session.project.labels[went.args[1]["items"]]).tolist() == [3, 3, 3]


def test_a_sample_of_what_passes_the_filter_by_a_column(qtbot: QtBot, page: DataPage, session: Session) -> None:
    row = page.findChild(ListRow, "part_train")
    assert row is not None
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    dialog = asked(page)
    assert dialog.filtered.isChecked() and not dialog.column.isEnabled()
    choose(dialog.kind, "stratified")
    assert dialog.column.isEnabled()
    number(dialog.size_field, 12)
    with qtbot.waitSignal(session.navigate) as went:
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    drawn = went.args[1]["items"]
    assert len(drawn) == 12 and (session.project.split[drawn] == 0).all()


def test_where_there_is_no_such_item_the_button_says_so_and_no_features_offer_no_diverse_one(page: DataPage) -> None:
    dialog = asked(page)
    assert [dialog.kind.itemData(row) for row in range(dialog.kind.count())] == ["random", "balanced", "stratified"]
    choose(dialog.purpose, "check")
    assert dialog.accept_button.why and "of 0 such items" in [one.text() for one in dialog.findChildren(Label)]
    choose(dialog.purpose, "review")
    assert not dialog.accept_button.why
