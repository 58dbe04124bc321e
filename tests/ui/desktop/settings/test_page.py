"""The settings page and the key sheet by real keys and clicks: each change is in force and on the disk at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QSlider, QWidget
from pytestqt.qtbot import QtBot

from badcase.store.verdicts import VerdictCode
from badcase.trust import gate
from badcase.trust.foreign_code import named_code
from badcase.ui.desktop.data.items_table import VERDICT_ROLE, TableColumn
from badcase.ui.desktop.look.theme import apply_theme, font, set_text_size, tokens
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.session.preferences import Preferences
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.settings.page import SettingsPage
from badcase.ui.desktop.settings.theme_choice import ThemeChoice
from badcase.ui.desktop.shell.key_sheet import KeySheet
from badcase.ui.desktop.widgets import Button, Label, Segmented

CTRL, SHIFT, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def opened(window: MainWindow, texts_project: Path, tmp_path: Path) -> MainWindow:
    shutil.copytree(texts_project, tmp_path / "subjects")
    window.open_project(tmp_path / "subjects")
    return window


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    qtbot.keyClick(QApplication.focusWidget() or window, key, held)


def settings(qtbot: QtBot, window: MainWindow) -> SettingsPage:
    press(qtbot, window, Qt.Key.Key_Comma, CTRL)
    page = window.settings.page
    assert page is not None and page.isVisible()
    return page


def test_a_theme_that_is_clicked_is_worn_at_once_and_again_after_a_restart(window: MainWindow, qtbot: QtBot) -> None:
    page = settings(qtbot, window)
    choice = page.findChild(ThemeChoice)
    assert choice is not None
    qtbot.mouseClick(choice, LEFT, NONE, choice.place_of("dark").center().toPoint())
    assert tokens().name == "dark"
    assert Preferences(ViewState()).theme == "dark"
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Left)
    assert tokens().name == "light"
    apply_theme(QApplication.instance(), "light")  # type: ignore[arg-type]


def test_the_size_of_all_text_changes_on_what_is_shown(opened: MainWindow, qtbot: QtBot) -> None:
    page = settings(qtbot, opened)
    slider, label = page.findChild(QSlider, "text_size"), page.findChild(Label)
    assert slider is not None and label is not None
    before, usual = font(13).pixelSize(), label.font().pixelSize()
    try:
        slider.setFocus()
        qtbot.keyClick(slider, Qt.Key.Key_End)
        assert font(13).pixelSize() == round(13 * 1.3) > before
        assert label.font().pixelSize() > usual
        assert Preferences(ViewState()).text_size == 130
    finally:
        set_text_size(QApplication.instance(), 100)  # type: ignore[arg-type]
    assert font(13).pixelSize() == before


def test_who_reviews_stands_in_the_strip_and_in_what_is_recorded(opened: MainWindow, qtbot: QtBot) -> None:
    strip = opened.strip.reviewer
    assert strip.isVisible() and strip.text()
    qtbot.mouseClick(strip, LEFT)
    page = opened.settings.page
    assert page is not None and page.isVisible()
    name = page.findChild(QComboBox, "reviewer_name")
    assert name is not None and name.hasFocus()
    line = name.lineEdit()
    line.selectAll()
    qtbot.keyClicks(line, "M. Okafor")
    qtbot.keyClick(line, Qt.Key.Key_Escape)  # back, and what was typed is taken
    assert opened.strip.reviewer.text() == "M. Okafor"
    press(qtbot, opened, Qt.Key.Key_Space)
    assert opened.session is not None
    assert {one.who for one in opened.session.project.journal.standing()} == {"M. Okafor"}
    assert Preferences(ViewState()).reviewer == "M. Okafor"


def called(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Somebody sits down who is called so: by a click on the strip and by typing."""
    qtbot.mouseClick(window.strip.reviewer, LEFT)
    line = window.findChild(QComboBox, "reviewer_name").lineEdit()  # type: ignore[union-attr]
    line.selectAll()
    qtbot.keyClicks(line, name)
    qtbot.keyClick(line, Qt.Key.Key_Escape)


def test_a_second_reviewer_sees_in_no_page_what_the_first_decided_until_they_have_too(opened: MainWindow, qtbot: QtBot) -> None:
    called(qtbot, opened, "Anna")
    review = opened.stack.currentWidget()
    item = review.reviewer.current  # type: ignore[union-attr]
    press(qtbot, opened, Qt.Key.Key_E)
    called(qtbot, opened, "Ben")
    press(qtbot, opened, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)  # what a second reviewer should see
    assert review.reviewer.current == item and review.faces.face(item).state is None  # type: ignore[union-attr]
    press(qtbot, opened, Qt.Key.Key_4, CTRL)
    data = opened.stack.currentWidget()
    shown = [data.model.item(row) for row in range(data.model.rowCount())]  # type: ignore[union-attr]
    row = data.model.index(shown.index(item), TableColumn.LABEL)  # type: ignore[union-attr]
    assert row.data() != "excluded" and row.data(VERDICT_ROLE) == VerdictCode.NONE
    press(qtbot, opened, Qt.Key.Key_1, CTRL)
    press(qtbot, opened, Qt.Key.Key_Space)
    said = {one.who: one.verdict for one in opened.session.project.journal.by_reviewer()}  # type: ignore[union-attr]
    assert said == {"Anna": "exclude", "Ben": "keep"}
    press(qtbot, opened, Qt.Key.Key_Left)
    assert [line.what for line in review.detail.said.lines()] == ["Anna", "you"]  # type: ignore[union-attr]


def test_what_models_run_on_is_chosen_where_the_machine_stands_and_holds_for_the_next_job(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("badcase.ui.desktop.settings.page.devices", lambda: [("mps", "Apple GPU"), ("cpu", "CPU")])
    qtbot.mouseClick(opened.findChild(Button, "device"), LEFT)
    page = opened.settings.page
    assert page is not None and page.isVisible()
    choice = page.findChild(Segmented, "device_choice")
    assert choice is not None and choice.value == ""
    third = choice.width() // 3
    qtbot.mouseClick(choice, LEFT, pos=QPoint(third + 10, 10))
    assert Preferences(ViewState()).device == "mps"
    press(qtbot, opened, Qt.Key.Key_Escape)
    next(one for one in opened.commands() if one.title == "Predict with the packaged model").run()
    qtbot.waitUntil(opened.errors.isVisible, timeout=60_000)
    assert "mps" in opened.errors.what.text(), "which this machine has not"
    settings(qtbot, opened)
    qtbot.mouseClick(choice, LEFT, pos=QPoint(10, 10))
    assert opened.lane.device == ""


def test_switches_turn_what_the_review_shows(opened: MainWindow, qtbot: QtBot) -> None:
    page = settings(qtbot, opened)
    session = opened.session
    assert session is not None
    for name, read in (
        ("others_hidden", lambda: session.preferences.others_hidden),
        ("mixes_random", lambda: session.preferences.mixes),
    ):
        switch = page.findChild(QWidget, name)
        assert switch is not None and read() is True
        with qtbot.waitSignal(session.preferred):
            qtbot.mouseClick(switch, LEFT)
        assert read() is False


def test_code_that_is_trusted_is_listed_and_what_changed_shows_caution(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_said", {})
    (tmp_path / "net_of_mine.py").write_text("def build(): return 1\n")
    gate.trust(named_code("net_of_mine:build", tmp_path), tmp_path / "project")
    page = settings(qtbot, window)
    said = lambda: [label.full_text() for label in page.trust.findChildren(Label) if label.isVisible()]  # noqa: E731
    qtbot.waitUntil(lambda: {"net_of_mine:build, in project", "since today"} <= set(said()))
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    (tmp_path / "net_of_mine.py").write_text("def build(): return 2\n")
    settings(qtbot, window)
    qtbot.waitUntil(lambda: {"changed since you trusted it", "asks again"} <= set(said()))
    look = next(one for one in page.trust.findChildren(Button, "trusted_look") if one.isVisible())
    qtbot.mouseClick(look, LEFT)
    assert "return 2" in window.findChild(QWidget, "trusted_code").toPlainText()  # type: ignore[attr-defined]
    press(qtbot, window, Qt.Key.Key_Escape)
    assert said()
    forget = next(one for one in page.trust.findChildren(Button, "trusted_forget") if one.isVisible())
    qtbot.mouseClick(forget, LEFT)
    assert gate.trusted() == []


def test_another_language_is_spoken_after_a_start_that_is_one_click(opened: MainWindow, qtbot: QtBot) -> None:
    page = settings(qtbot, opened)
    codes = [value for value, _text in page.language._options]
    page.language.setFocus()
    for _step in codes:
        qtbot.keyClick(page.language, Qt.Key.Key_Right)
    assert ViewState().get("language") == codes[-1] != "en"
    button = page.findChild(Button, "start_again")
    assert button is not None and button.isVisible()
    project = str(opened.session.project.path)  # type: ignore[union-attr]
    qtbot.mouseClick(button, LEFT)
    assert opened.again == ["open", project]
    assert not opened.isVisible()


def test_escape_leads_back_and_the_settings_folder_can_be_opened(
    opened: MainWindow, qtbot: QtBot, shown_folders: list[Path]
) -> None:
    page = settings(qtbot, opened)
    qtbot.mouseClick(page.findChild(QWidget, "settings_folder"), LEFT)
    assert [folder.name for folder in shown_folders] == ["badcase"]
    press(qtbot, opened, Qt.Key.Key_Escape)
    assert opened.stack.currentWidget().objectName() == "review"
    assert QApplication.focusWidget() is opened.stack.currentWidget()


def sheet_of(window: MainWindow) -> KeySheet | None:
    return next((one for one in window.findChildren(KeySheet) if one.isVisible()), None)


@pytest.mark.parametrize(("key", "held"), [(Qt.Key.Key_Question, SHIFT), (Qt.Key.Key_Question, NONE)])
def test_the_key_sheet_comes_and_goes_with_its_key(
    opened: MainWindow, qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier
) -> None:
    press(qtbot, opened, key, held)
    sheet = sheet_of(opened)
    assert sheet is not None
    shown = sheet.keys.accessibleName()
    for words in ("Accept the suggestion Enter", "Choose a class 1 … 0", "Redo Shift+Z", "Settings Ctrl+,"):
        assert words in shown
    qtbot.keyClick(sheet.field, key, held)
    assert sheet_of(opened) is None
    assert QApplication.focusWidget() is opened.stack.currentWidget()


def test_the_key_sheet_finds_by_word_and_by_key_and_says_when_there_is_none(opened: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, opened, Qt.Key.Key_Question)
    sheet = sheet_of(opened)
    assert sheet is not None
    for typed, found in (("exclu", "Exclude E"), ("z", "Undo Z Ctrl+Z"), ("ctrl r", "Retrain Ctrl+R"), ("xyzzy", "")):
        sheet.field.clear()
        qtbot.keyClicks(sheet.field, typed)
        assert sheet.keys.accessibleName().split(", ")[0] == found, typed
    qtbot.keyClick(sheet.field, Qt.Key.Key_Escape)
    qtbot.keyClick(sheet.field, Qt.Key.Key_Escape)
    assert sheet_of(opened) is None


def test_nothing_of_the_page_is_cut_at_the_smallest_size(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1024, 640)
    page = settings(qtbot, window)
    for part in page.findChildren(QWidget):
        if part.isVisible() and part.objectName():
            assert part.mapTo(page, QPoint(part.width(), 0)).x() <= page.width(), part.objectName()
    above, beneath = (one.mapTo(page, QPoint(0, 0)).y() for one in (page.theme, page.language))
    assert above + page.theme.height() <= beneath
