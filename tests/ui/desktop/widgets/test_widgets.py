"""The basic components do what a person expects of them, by mouse and by keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.widgets import Button, Dialog, EmptyState, Label, ProgressRow, SearchField, Segmented
from badcase.ui.desktop.widgets.painting import elide_mode

_kept: list[QWidget] = []  # qtbot holds its widgets weakly


def page(qtbot: QtBot, *parts: QWidget) -> QWidget:
    shown = QWidget()
    _kept.append(shown)
    column = QVBoxLayout(shown)
    for part in parts:
        column.addWidget(part)
    qtbot.addWidget(shown)
    shown.resize(600, 400)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    return shown


def test_a_button_is_pressed_by_click_space_and_enter_and_says_its_key(qtbot: QtBot) -> None:
    button, presses = Button("Exclude", keys="Ctrl+E"), []
    button.clicked.connect(lambda: presses.append(1))
    page(qtbot, button)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert len(presses) == 3
    assert button.toolTip() == "Exclude  (Ctrl E)"


def test_a_disabled_button_says_why_until_it_is_usable_again(qtbot: QtBot) -> None:
    button = Button("Retrain", keys="Ctrl+R")
    page(qtbot, button)
    button.set_why("A job is running.")
    assert not button.isEnabled()
    assert button.toolTip() == "A job is running."
    button.set_why("")
    assert button.isEnabled()
    assert "Ctrl R" in button.toolTip()


def test_arrows_and_clicks_move_a_segmented_choice_and_the_ends_hold(qtbot: QtBot) -> None:
    choice, told = Segmented([("a", "One"), ("b", "Two"), ("c", "Three")]), []
    choice.chosen.connect(told.append)
    page(qtbot, choice)
    choice.setFocus()
    for _press in range(4):
        qtbot.keyClick(choice, Qt.Key.Key_Right)
    qtbot.mouseClick(choice, Qt.MouseButton.LeftButton, pos=choice.rect().center())
    assert told == ["b", "c", "b"]


def test_escape_empties_a_search_field_first_and_leaves_it_then(qtbot: QtBot) -> None:
    field = SearchField("Find", cap="/")
    page(qtbot, field)
    field.setFocus()
    qtbot.keyClicks(field, "cat")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert field.hasFocus()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.hasFocus()


def test_stop_answers_at_once(qtbot: QtBot) -> None:
    row = ProgressRow()
    page(qtbot, row)
    stop = row.findChild(Button, "stop_job")
    assert stop is not None
    with qtbot.waitSignal(row.stopped):
        qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert stop.text() == "stopping"
    assert not stop.isEnabled()


def test_a_dialog_grows_with_the_words_that_it_comes_to_say(qtbot: QtBot) -> None:
    over = page(qtbot)
    dialog, words, inner = Dialog(over, "Export?", "Export"), Label("Short.", wrap=True), QVBoxLayout()
    inner.addWidget(words)
    dialog.body.addLayout(inner)
    dialog.open()
    before = dialog.sheet.height()
    words.setText("\n".join(f"a further sentence, number {i}" for i in range(6)))
    qtbot.waitUntil(lambda: words.height() >= words.heightForWidth(words.width()))
    words.setText("Short.")
    qtbot.waitUntil(lambda: dialog.sheet.height() == before)


def test_a_dialog_keeps_the_keyboard_and_gives_it_back(qtbot: QtBot) -> None:
    field = SearchField("Find")
    over = page(qtbot, field)
    field.setFocus()
    dialog = Dialog(over, "Export?", "Export")
    dialog.body.addWidget(Label("Nothing is overwritten."))
    dialog.open()
    assert dialog.hasFocus()
    reached = set()
    for _press in range(3):
        qtbot.keyClick(over.focusWidget(), Qt.Key.Key_Tab)
        reached.add(over.focusWidget().objectName())
    assert reached == {"dialog_cancel", "dialog_accept"}
    with qtbot.waitSignal(dialog.closed):
        qtbot.keyClick(over.focusWidget(), Qt.Key.Key_Escape)
    assert field.hasFocus()


def test_enter_presses_the_safe_button_of_a_dialog(qtbot: QtBot) -> None:
    over = page(qtbot, Label("page"))
    for safe, expected in ((True, ["yes"]), (False, [])):
        said: list[str] = []
        dialog = Dialog(over, "Go on?", "Go", accept_is_safe=safe)
        dialog.accepted.connect(lambda said=said: said.append("yes"))
        dialog.open()
        with qtbot.waitSignal(dialog.closed):
            qtbot.keyClick(dialog, Qt.Key.Key_Return)
        assert said == expected


def test_an_empty_state_shows_its_whole_sentence(qtbot: QtBot) -> None:
    sentence = "No items left under this filter. About 3 errors may remain elsewhere in the data set."
    state = EmptyState("check", sentence, "Clear filter", "Esc")
    page(qtbot, state)
    label = next(part for part in state.findChildren(Label) if part.full_text() == sentence)
    assert label.height() >= label.heightForWidth(label.width())


def test_names_that_begin_alike_lose_letters_in_the_middle() -> None:
    assert elide_mode("transfer_pending", "transfer_failed") is Qt.TextElideMode.ElideMiddle
    assert elide_mode("transfer_pending", "card_arrival") is Qt.TextElideMode.ElideRight
    assert elide_mode("transfer_pending", "transfer_pending") is Qt.TextElideMode.ElideRight
