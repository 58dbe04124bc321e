"""The frame around the pages: palette, error bar, toast, status strip."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from badcase.errors import BadcaseError
from badcase.importing import Sample
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.jobs.worker_lane import JobError, JobState, Phase
from badcase.ui.desktop.shell.error_bar import ErrorBar
from badcase.ui.desktop.shell.palette import CommandListModel, Palette, matching
from badcase.ui.desktop.shell.status_strip import Fact, StatusStrip, pace_text, step_text
from badcase.ui.desktop.shell.toast import Toast
from badcase.ui.desktop.start.preview import SampleTableModel
from badcase.ui.desktop.widgets import Button


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()


def commands(ran: list[str]) -> list[Command]:
    return [
        Command("Export the corrected data", "Ctrl+E", lambda: ran.append("export"), page="Data"),
        Command("Retrain", "Ctrl+R", lambda: ran.append("retrain"), why_not="A job is running."),
        Command("Relabel", "1", lambda: ran.append("relabel"), page="Review"),
    ]


def test_the_models_of_the_shell_keep_the_rules_of_qt(qtmodeltester: ModelTester) -> None:
    listed = CommandListModel(commands([]))
    qtmodeltester.check(listed, force_py=True)
    listed.narrow("re")
    qtmodeltester.check(listed, force_py=True)
    table = SampleTableModel([Sample("k", "a\n text", "cat", "train")] * 3)
    qtmodeltester.check(table, force_py=True)


def test_what_is_typed_finds_titles_and_pages_and_what_cannot_run_comes_last() -> None:
    assert [c.title for c in matching(commands([]), "re")] == ["Relabel", "Export the corrected data", "Retrain"]
    assert [c.title for c in matching(commands([]), "data exp")] == ["Export the corrected data"]
    assert matching(commands([]), "nothing like it") == []


def test_the_palette_runs_what_enter_stands_on_and_then_is_gone(window: QWidget, qtbot: QtBot) -> None:
    ran: list[str] = []
    palette = Palette(window, commands(ran))
    palette.open()
    qtbot.keyClicks(palette.field, "re")
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.closed):
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert ran == ["export"]


def test_a_command_that_cannot_run_does_not_and_escape_closes(window: QWidget, qtbot: QtBot) -> None:
    ran: list[str] = []
    palette = Palette(window, commands(ran))
    palette.open()
    qtbot.keyClicks(palette.field, "retrain")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert ran == []
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    with qtbot.waitSignal(palette.closed):
        qtbot.keyClick(palette.field, Qt.Key.Key_Escape)


def test_an_error_shows_in_words_with_its_remedy_and_a_detail_to_copy(window: QWidget, qtbot: QtBot) -> None:
    bar = ErrorBar(window)
    bar.show_error(JobError("the model does not fit", hint="Take a smaller batch.", detail="Traceback: line 3"))
    assert (bar.what.text(), bar.hint.text()) == ("The model does not fit", "Take a smaller batch.")
    for name in ("error_copy", "error_close"):
        qtbot.mouseClick(bar.findChild(QWidget, name), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "the model does not fit" in copied
    assert "line 3" in copied
    assert bar.isHidden()


def test_the_newest_error_replaces_the_one_before(window: QWidget) -> None:
    bar = ErrorBar(window)
    bar.show_error(BadcaseError("first", hint="do this"))
    bar.show_error(BadcaseError("second"))
    assert bar.what.text() == "Second"
    assert bar.hint.isHidden()


def test_a_toast_says_what_undoes_it_and_stays_inside_the_window(window: QWidget) -> None:
    toast = Toast(window)
    toast.tell("7 relabelled", "Z")
    assert toast.text() == "7 relabelled"
    assert window.rect().contains(toast.geometry())
    toast.tell("saved a very long sentence " * 20)
    assert window.rect().contains(toast.geometry())


def test_facts_that_do_not_fit_are_left_out_by_rank_and_the_important_ones_stay(window: QWidget, qtbot: QtBot) -> None:
    strip = StatusStrip(window)
    facts = [Fact("", "132", "reviewed", 1), Fact("", "87", "fixed"), Fact("next 50:", "62 % errors", "", 2)]
    strip.set_facts(facts)
    strip.facts.resize(600, 35)
    assert strip.facts.fitting() == facts
    strip.facts.resize(220, 35)
    assert strip.facts.fitting() == facts[:2]
    strip.facts.resize(90, 35)
    assert strip.facts.fitting() == [facts[1]]


def test_a_job_takes_the_place_of_the_facts_until_it_is_over(window: QWidget, qtbot: QtBot) -> None:
    strip = StatusStrip(window)
    strip.resize(1280, 36)
    strip.show()
    strip.show_job(JobState("train", "Training", "epoch", 7, 12, "texts", 420.0, 132.0))
    assert strip.facts.isHidden()
    assert "job is running" in strip.retrain.toolTip()
    stop = strip.findChild(Button, "stop_job")
    with qtbot.waitSignal(strip.stop_wanted):
        qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    strip.show_job(JobState("train", "Training", state=Phase.DONE))
    assert strip.progress.isHidden()
    assert strip.retrain.isEnabled()


def test_progress_is_told_in_words() -> None:
    job = JobState("predict", "Running the model", "images", 1320, 2107, "images", 31.6, 25.0)
    assert step_text(job) == "images 1\u202f320 of 2\u202f107"
    assert pace_text(job) == "32 images/s, 25 s left"
    assert step_text(JobState("create", "Importing", "Writing")) == "Writing"
    assert step_text(JobState("train", "Training", "Epoch 4 of 40", 5868, 72360)) == "Epoch 4 of 40 · 5\u202f868 of 72\u202f360"
    assert pace_text(JobState("create", "Importing", "Writing")) == ""


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("Run the model first: `badcase predict PROJECT`.", "Run the model first: “Predict”."),
        (
            "Bring them too (badcase predict PROJECT --from PROBS --features FILE), or",
            "Bring them too (“Predictions from a file…”), or",
        ),
        ("Bring them again: badcase predict PROJECT --from FILE.", "Bring them again: “Predictions from a file…”."),
        ("say where it is now: badcase relocate /my data/a.b/p PATH", "say where it is now: “Locate…”"),
        ("Train again: badcase train PROJECT --recipe runs/3/recipe.toml --set folds=1", "Train again: “Train”"),
        ("`badcase doctor` tells more.", "“Check this machine” tells more."),
        ("`badcase backup PROJECT FILE` keeps it.", "`badcase backup PROJECT FILE` keeps it."),
        ("Put the files of badcase 2 back.", "Put the files of badcase 2 back."),
    ],
)
def test_a_remedy_in_the_window_names_its_controls_and_no_shell_command(qtbot: QtBot, hint: str, said: str) -> None:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    bar.show_error(BadcaseError("it failed", hint=hint))
    assert bar.hint.text() == said
