"""The Data page: the table says what the project holds, narrows as asked, and the export writes what was previewed."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLineEdit, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.store.run_table import RunKind, RunState
from badcase.store.verdicts import VerdictCode
from badcase.ui import operations
from badcase.ui.desktop.data.export_dialog import ExportDialog
from badcase.ui.desktop.data.items_table import TableColumn
from badcase.ui.desktop.data.page import DataPage
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.widgets import Dialog, Label, ListRow
from badcase.ui.wording import at_home
from tests.badcase.importing.importing import class_folders
from tests.ui.desktop.data.conftest import on_screen

WAIT_MS = 60_000


def cells(page: DataPage, column: TableColumn) -> list[str]:
    model = page.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def click_part(qtbot: QtBot, page: DataPage, name: str) -> None:
    row = page.findChild(ListRow, f"part_{name}")
    assert row is not None
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)


def type_filter(qtbot: QtBot, page: DataPage, words: str) -> None:
    """Type into the line of the filter, and Enter."""
    page.filter_field.begin()
    qtbot.keyClicks(page.filter_field.line, words)
    qtbot.keyClick(page.filter_field.line, Qt.Key.Key_Return)


def dialog_of(page: DataPage) -> ExportDialog:
    found = page.window().findChild(ExportDialog)
    assert isinstance(found, ExportDialog)
    return found


def child(parent: QWidget, kind: type[Any], name: str) -> Any:
    found = parent.findChild(kind, name)
    assert found is not None
    return found


def test_the_models_keep_qts_contract(page: DataPage, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(page.model)
    qtmodeltester.check(page.classes_model)
    page.model.show_items(np.empty(0, np.int64))
    qtmodeltester.check(page.model)


def test_the_table_shows_every_item_with_its_label_now(page: DataPage, session: Session) -> None:
    project = session.project
    assert cells(page, TableColumn.KEY) == list(project.items.keys[:])
    item = 3
    to = (int(project.given[item]) + 1) % 3
    session.apply(operations.relabel, items=[item], label=to)
    assert cells(page, TableColumn.LABEL)[item] == project.classes[to]
    assert cells(page, TableColumn.GIVEN)[item] == project.classes[project.given[item]]
    session.apply(operations.exclude, items=[item])
    assert cells(page, TableColumn.LABEL)[item] == "excluded"


def test_typing_finds_keys_and_texts(qtbot: QtBot, page: DataPage, session: Session) -> None:
    page.filter_field.show()
    type_filter(qtbot, page, "BREAD")
    texts = cells(page, TableColumn.CONTENT)
    assert texts and len(texts) < len(session.project.items) and all("bread" in text for text in texts)
    type_filter(qtbot, page, "no such words")
    assert page.empty.isVisible()
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.model.rowCount() == len(session.project.items)
    assert not page.reviewer.worklist.filter.narrow


def test_a_class_and_a_part_narrow_the_table_together(qtbot: QtBot, page: DataPage, session: Session) -> None:
    project = session.project
    at = page.classes.visualRect(page.classes_model.index(1)).center()
    qtbot.mouseClick(page.classes.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert set(cells(page, TableColumn.LABEL)) == {project.classes[1]}
    click_part(qtbot, page, "gold")
    assert page.model.rowCount() == int(((project.labels == 1) & project.gold).sum())
    assert set(cells(page, TableColumn.SPLIT)) <= {"gold"}
    qtbot.mouseClick(page.classes.viewport(), Qt.MouseButton.LeftButton, pos=at)  # once more: all classes again
    assert page.model.rowCount() == int(project.gold.sum())


def test_set_aside_rows_are_listed_with_what_is_wrong_and_the_remedy(qtbot: QtBot, page: DataPage) -> None:
    click_part(qtbot, page, "set_aside")
    assert page.bad_table.isVisible()
    row = [page.bad_table.model().index(0, column).data() for column in range(5)]
    assert row[1] == "t999" and "the text is empty" in row[2] and row[3]


def test_enter_opens_an_item_in_review(qtbot: QtBot, page: DataPage, session: Session) -> None:
    page.table.setFocus()
    page.table.selectRow(5)
    with qtbot.waitSignal(session.navigate) as went:
        qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert went.args[0] == "review" and went.args[1]["items"] == [5]


def test_the_export_writes_the_corrections_and_asks_only_where_something_is_in_the_way(
    qtbot: QtBot, page: DataPage, session: Session, tmp_path: Path
) -> None:
    project, told = session.project, []
    session.toast.connect(lambda text, _key: told.append(text))
    session.apply(operations.relabel, items=[0], label=(int(project.given[0]) + 1) % 3)
    session.apply(operations.exclude, items=[1])

    qtbot.keyClick(page, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = dialog_of(page)
    replace = child(dialog, QCheckBox, "export_replace")
    assert not replace.isVisible() and dialog.accept_button.isEnabled()
    out = Path(child(dialog, QLineEdit, "export_path").text())
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(told) and at_home(str(out)) in told[-1], timeout=WAIT_MS)
    with out.open(encoding="utf-8") as file:
        rows = {row["id"]: row["label"] for row in csv.DictReader(file)}
    assert rows[project.items.key(0)] == project.classes[project.labels[0]]
    assert project.items.key(1) not in rows

    page.open_export()
    again = page.window().findChildren(ExportDialog)[-1]
    replace = child(again, QCheckBox, "export_replace")
    assert replace.isVisible() and not again.accept_button.isEnabled()
    qtbot.mouseClick(replace, Qt.MouseButton.LeftButton, pos=QPoint(8, replace.height() // 2))
    assert again.accept_button.isEnabled()
    qtbot.keyClick(again, Qt.Key.Key_Escape)
    assert not session.busy


@pytest.fixture
def held(session: Session, qtbot: QtBot) -> Iterator[tuple[DataPage, Session]]:
    """The page while a job runs that takes as long as the test does."""
    lane = WorkerLane()
    busy = Session(session.project, lane, session.pool, session.view)
    shown = DataPage(busy)
    shown.show()
    qtbot.waitExposed(shown)
    shown.setFocus()
    busy.start("predict", title="Predict", model="chargrams")
    os.kill(lane.process_id, signal.SIGSTOP)
    yield shown, busy
    os.kill(lane.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: not busy.busy, timeout=WAIT_MS)
    shiboken6.delete(shown)
    busy.stop_exporting()
    busy.refit.close()  # its project is the other session's


def test_an_export_runs_beside_a_job_and_touches_nothing_of_it(held: tuple[DataPage, Session], qtbot: QtBot) -> None:
    page, session = held
    project, told = session.project, list[str]()
    session.toast.connect(lambda text, _key: told.append(text))
    session.apply(operations.relabel, items=[0], label=(int(project.given[0]) + 1) % 3)
    trained = project.runs.add(kind=RunKind.TRAINING, title="goes on")
    qtbot.keyClick(page, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = dialog_of(page)
    out = Path(child(dialog, QLineEdit, "export_path").text())
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert session.exporting and "beside the other job" in told[-1]
    page.open_export()
    again = page.window().findChildren(ExportDialog)[-1]
    assert again.accept_button.why == "Something is being exported; wait for it to end"
    qtbot.keyClick(again, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: at_home(str(out)) in told[-1], timeout=WAIT_MS)
    assert session.busy and not session.exporting
    assert project.runs.get(trained).state is RunState.RUNNING, "nobody took it for one that was left"
    with out.open(encoding="utf-8") as file:
        rows = {row["id"]: row["label"] for row in csv.DictReader(file)}
    assert rows[project.items.key(0)] == project.classes[project.labels[0]]


def test_the_class_list_counts_what_the_items_are_now(page: DataPage, session: Session) -> None:
    project = session.project
    before = [page.classes_model.index(row).data(Qt.ItemDataRole.UserRole) for row in range(3)]
    item = int((project.labels == 0).argmax())
    session.apply(operations.relabel, items=[item], label=1)
    after = [page.classes_model.index(row).data(Qt.ItemDataRole.UserRole) for row in range(3)]
    assert after == [before[0] - 1, before[1] + 1, before[2]]
    assert project.verdicts[item] == VerdictCode.RELABEL
    assert sum(after) == len(project.items)


def test_the_page_fits_a_window_of_1280_by_800(page: DataPage) -> None:
    page.resize(1280, 720)
    assert (page.width(), page.height()) == (1280, 720)


@pytest.fixture
def images_page(tmp_path: Path, qtbot: QtBot, lane: WorkerLane) -> Iterator[DataPage]:
    """The page of a project of images in class folders."""
    pool = DecodingPool()
    session = Session(
        Project.create(tmp_path / "images", class_folders(tmp_path / "d")), lane, pool, ViewState(tmp_path / "view.json")
    )
    yield from on_screen(DataPage(session), qtbot)
    session.close()
    pool.close()


def choose(qtbot: QtBot, combo: QComboBox, data: str) -> None:
    """As a person does with the keyboard: go down until it stands there."""
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    for _time in range(combo.count()):
        if combo.currentData() == data:
            return
        qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert combo.currentData() == data


def test_the_dialog_asks_what_becomes_of_the_images_where_there_is_a_choice(
    qtbot: QtBot, images_page: DataPage, tmp_path: Path
) -> None:
    told: list[str] = []
    images_page.session.toast.connect(lambda text, _key: told.append(text))
    qtbot.keyClick(images_page, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = dialog_of(images_page)
    format, media = child(dialog, QComboBox, "export_format"), child(dialog, QComboBox, "export_media")
    path, replace = child(dialog, QLineEdit, "export_path"), child(dialog, QCheckBox, "export_replace")
    assert not media.isVisible()
    choose(qtbot, format, "csv")
    assert media.isVisible() and [media.itemData(at) for at in range(media.count())] == ["none", "copy", "link"]
    assert "The image paths lead to where the images lie" in words(dialog)
    choose(qtbot, media, "copy")
    assert "copied to the folder images-corrected.csv_media" in words(dialog)
    path.selectAll()
    qtbot.keyClicks(path, str(tmp_path / "mine.csv"))
    assert "copied to the folder mine.csv_media" in words(dialog)
    (tmp_path / "mine.csv_media").mkdir()
    qtbot.keyClick(path, Qt.Key.Key_End)
    choose(qtbot, media, "none")
    assert not replace.isVisible() and dialog.accept_button.isEnabled()
    choose(qtbot, media, "copy")
    assert replace.isVisible() and not dialog.accept_button.isEnabled() and "mine.csv_media" in words(dialog)
    (tmp_path / "mine.csv_media").rmdir()
    choose(qtbot, media, "copy")
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT_MS)
    with (tmp_path / "mine.csv").open(encoding="utf-8") as file:
        assert all((tmp_path / row["image"]).is_file() for row in csv.DictReader(file))


def test_texts_are_offered_no_format_of_images_and_no_choice(qtbot: QtBot, page: DataPage) -> None:
    qtbot.keyClick(page, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = dialog_of(page)
    format = child(dialog, QComboBox, "export_format")
    names = {format.itemData(at) for at in range(format.count())}
    assert "labelstudio" in names and not names & {"coco", "fiftyone"}
    choose(qtbot, format, "labelstudio")
    assert not child(dialog, QComboBox, "export_media").isVisible() and 'name="text"' in words(dialog)


def words(dialog: ExportDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(Label))


def test_where_the_source_lost_a_corrected_row_the_window_asks_and_writes_the_others(
    qtbot: QtBot, page: DataPage, session: Session
) -> None:
    project, told, failed = session.project, [], []
    session.toast.connect(lambda text, _key: told.append(text))
    session.failed.connect(failed.append)
    for item in (0, 5):
        session.apply(operations.relabel, items=[item], label=(int(project.given[item]) + 1) % 3)
    source = project.source.location / project.source.parts[0].name
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    del lines[project.items.row(0)]  # behind the header
    source.write_text("".join(lines), encoding="utf-8")

    page.open_export()
    out = Path(child(dialog_of(page), QLineEdit, "export_path").text())
    qtbot.keyClick(dialog_of(page), Qt.Key.Key_Return)
    asking = lambda: [one for one in page.window().findChildren(Dialog) if not isinstance(one, ExportDialog)]  # noqa: E731
    qtbot.waitUntil(lambda: bool(asking()), timeout=WAIT_MS)
    assert project.items.key(0) in " ".join(label.text() for label in asking()[0].findChildren(Label)) and not out.exists()
    qtbot.mouseClick(asking()[0].accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(told) and at_home(str(out)) in told[-1], timeout=WAIT_MS)
    assert "unmatched.csv" in told[-1] and not failed
    with out.open(encoding="utf-8") as file:
        rows = {row["id"]: row["label"] for row in csv.DictReader(file)}
    assert project.items.key(0) not in rows and rows[project.items.key(5)] == project.classes[project.labels[5]]


def test_locate_finds_a_table_that_was_moved(
    page: DataPage, session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = (tmp_path / "texts.csv").rename(tmp_path / "renamed.csv")
    page.sources.show_source()
    assert f"{tmp_path / 'texts.csv'} is not there any more." in page.sources.missing.text()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_arguments: (str(now), ""))
    with qtbot.waitSignal(session.toast, timeout=WAIT_MS) as told:
        qtbot.mouseClick(page.sources.locate, Qt.MouseButton.LeftButton)
    assert told.args[0] == "90 of 90 items found"
    assert page.sources.missing.isHidden()
    assert session.project.source.parts[0].name == "renamed.csv"
