"""What data say is shown letter for letter: a class that is called like an image's tag is no image."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPoint
from PySide6.QtGui import QHelpEvent, Qt, QTextDocumentFragment
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QTextEdit, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.store.run_table import RunKind, RunState
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.train.runs.notes_card import NotesCard
from badcase.ui.desktop.widgets import Button, Label
from badcase.ui.desktop.widgets.tooltips import plain_tip
from tests import ROOT
from tests.projects import predict_from

DESKTOP = ROOT / "ui" / "desktop"
HOSTILE = ('<img src="file:///etc/hostname">', "<b>bold</b>", "&lt;b&gt;", "<?xml version='1.0'?><b>x</b>", "a <a href='x'>y</a>")
RICH = {"QMessageBox", "QErrorMessage", "QTextBrowser", "QWhatsThis", "QStaticText", "QInputDialog", "QSplashScreen", "QWizard"}


def nodes_of_the_window(words: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node of the modules in which one of these words occurs, with the module's path."""
    for path in sorted(DESKTOP.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if re.search(words, source):
            for node in ast.walk(ast.parse(source)):
                yield str(path.relative_to(DESKTOP)), node


def called(node: ast.AST) -> str:
    """The name of what a call calls, without what it is called on."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def is_our_own_text(node: ast.expr) -> bool:
    """A literal, translated or not, or one of two: nothing that a data set could say."""
    if isinstance(node, ast.IfExp):
        return is_our_own_text(node.body) and is_our_own_text(node.orelse)
    if called(node) == "_":
        assert isinstance(node, ast.Call)
        return all(isinstance(one, ast.Constant) for one in node.args)
    return isinstance(node, ast.Constant)


def test_labels_are_made_of_plain_text_and_nothing_else_in_the_window_reads_html() -> None:
    readers = {"setHtml", "insertHtml", "setMarkdown", "setWhatsThis", "setTextFormat", "fromHtml"}
    faults = []
    for name, node in nodes_of_the_window("|".join({"QLabel", *RICH, *readers})):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("PySide6"):
            taken = {alias.name for alias in node.names}
            faults += [f"{name} imports {one}" for one in sorted(taken & {"QLabel", *RICH})]
        if called(node) in readers:
            faults.append(f"{name} calls {called(node)}")
    only = "widgets/text_labels.py"  # where Label says that its text is plain
    assert faults == [f"{only} imports QLabel", f"{only} calls setTextFormat"]


def test_every_tooltip_goes_through_the_function_that_escapes() -> None:
    faults = []
    for name, node in nodes_of_the_window("ToolTip"):
        if isinstance(node, ast.Call) and called(node) in {"setToolTip", "showText", "setTabToolTip"}:
            text = node.args[0 if called(node) == "setToolTip" else 1]
            if called(text) != "plain_tip" and not is_our_own_text(text):
                faults.append(f"{name}:{node.lineno}")
        if isinstance(node, ast.FunctionDef) and node.name in {"data", "headerData"}:
            parts = list(ast.walk(node))
            tells = any(isinstance(one, ast.Attribute) and one.attr == "ToolTipRole" for one in parts)
            if tells and not any(called(one) == "plain_tip" for one in parts):
                faults.append(f"{name}:{node.lineno}")
    assert faults == []


@pytest.mark.parametrize("wrap", [False, True])
def test_a_tooltip_says_what_it_was_given(wrap: bool, qapp: QApplication) -> None:
    for text in (*HOSTILE, "  <i>\n  two lines", "plain", "1 < 2 > 0", ""):
        tip = plain_tip(text, wrap=wrap)
        shown = QTextDocumentFragment.fromHtml(tip).toPlainText() if Qt.mightBeRichText(tip) else tip
        assert shown.split() == text.split()
        assert wrap or text not in ("plain", "1 < 2 > 0", "") or tip == text


def test_an_and_sign_in_a_name_gives_no_key_to_the_button(qapp: QApplication) -> None:
    assert Button("salt &pepper").shortcut().isEmpty()


def test_the_notes_of_a_run_are_text_and_neither_html_nor_markdown(qtbot: QtBot) -> None:
    card = NotesCard()
    qtbot.addWidget(card)
    card.show_notes("# Run 1\n\nof old")
    card.show_notes(f"# {HOSTILE[0]}\n\n{HOSTILE[1]}\n## {HOSTILE[0]}\n- ![x](file:///etc/hostname) **{HOSTILE[0]}**\n")
    said = [HOSTILE[0], HOSTILE[1], HOSTILE[0], f"- ![x](file:///etc/hostname) **{HOSTILE[0]}**"]
    assert card.text() == "\n".join(said)
    assert walk(card)[0] == []


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A predicted project in which classes, keys, texts, reviewers, runs, notes and groups are HTML; and the folder too."""
    rows = [["id", "text", "label", "group"]]
    rows += [[f"{HOSTILE[i % 4]}{i}", f"{HOSTILE[i % 5]} and the words {i}", HOSTILE[i % 5], HOSTILE[i % 2]] for i in range(40)]
    with (tmp_path / "data.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    path = tmp_path / "<b>project<b>"
    with Project.create(path, tmp_path / "data.csv", text="text", label="label", key="id", group="group") as project:
        predict_from(project, np.eye(5)[np.arange(40) % 5] + np.random.default_rng(0).normal(0, 0.2, (40, 5)))
        project.journal.record([0, 1], "relabel", HOSTILE[1], who=HOSTILE[0])
        project.journal.record([2], "exclude", who=HOSTILE[1])
        for _run in range(2):
            project.runs.add(kind=RunKind.TRAINING, title=HOSTILE[0], state=RunState.FAILED, error=HOSTILE[0], start=HOSTILE[0])
    return path


def tip_of(widget: QWidget, at: QPoint) -> str:
    """What a pointer that rests there is told."""
    QToolTip.hideText()
    QApplication.sendEvent(widget, QHelpEvent(QHelpEvent.Type.ToolTip, at, widget.mapToGlobal(at)))
    return QToolTip.text() if QToolTip.isVisible() else ""


def read_as_html(tip: str) -> bool:
    tags = {tag.lower() for tag in re.findall(r"<\s*/?\s*([A-Za-z?!]+)", tip)}
    return Qt.mightBeRichText(tip) and not tags <= {"p", "br", "qt"}


def walk(top: QWidget) -> tuple[list[str], list[str]]:
    """(what is wrong, all that a label or a tooltip says) of every widget below this one."""
    faults, said = [], []
    for widget in [top, *top.findChildren(QWidget)]:
        where = f"{type(widget).__name__} {widget.objectName()}"
        if isinstance(widget, QLabel) and widget.objectName() != "qtooltip_label":  # Qt's own, whose text is looked at below
            said.append(widget.text())
            if widget.textFormat() != Qt.TextFormat.PlainText and widget.text():
                faults.append(f"{where}: {widget.textFormat()}")
        if isinstance(widget, QTextEdit):
            said.append(widget.toPlainText())
        tips = [widget.toolTip()]
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            model = widget.model()
            for row in range(min(6, model.rowCount(QModelIndex()))):
                for column in range(model.columnCount(QModelIndex()) if isinstance(model, QAbstractTableModel) else 1):
                    tips.append(str(model.index(row, column).data(Qt.ItemDataRole.ToolTipRole) or ""))
        elif widget.isVisible() and type(widget).__module__.startswith("badcase"):
            size = widget.size()
            places = range(8, max(9, min(400, size.height())), 36)
            tips += {tip_of(widget, QPoint(x, y)) for x in (12,) for y in places}
        said += tips
        faults += [f"{where}: {tip[:80]}" for tip in tips if read_as_html(tip)]
    return faults, said


def test_nothing_that_data_say_is_read_as_html_on_any_page(window: MainWindow, qtbot: QtBot, hostile: Path) -> None:
    window.open_project(hostile)
    assert window.session is not None, window.errors.what.text()
    faults, said = [], []
    window.errors.show_error(BadcaseError(HOSTILE[0], where=HOSTILE[1], got=HOSTILE[2], hint=HOSTILE[0]))
    window.toast.tell(HOSTILE[0])
    window.show_commands()
    for page in ("review", "train", "data"):
        window.show_page(page)
        qtbot.wait(60)
        for found, into in zip(walk(window), (faults, said), strict=True):
            into += found
    window.close_project()
    for found, into in zip(walk(window), (faults, said), strict=True):  # the start page has a card of it
        into += found
    QToolTip.hideText()
    assert faults == []
    whole = "\n".join(said)
    assert HOSTILE[0] in whole and "&lt;img" in whole, "the walk meets what data say, in labels and in tooltips"


def test_the_walk_finds_a_label_and_a_tooltip_that_would_be_html(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    loud, quiet = QLabel(HOSTILE[0], page), Label(HOSTILE[0], parent=page)
    loud.setToolTip(HOSTILE[1])
    quiet.setToolTip(plain_tip(HOSTILE[1]))
    assert len(walk(page)[0]) == 2
