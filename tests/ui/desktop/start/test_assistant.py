"""What a person can decide in the assistant before a project is made, with the mouse and the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QTableView
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.start.assistant import Assistant
from badcase.ui.desktop.start.form import suggested_place
from badcase.ui.desktop.start.reading import as_controls
from badcase.ui.desktop.widgets import Button
from tests.projects import write_texts

WAIT_MS = 60_000
NAMES = ("river", "forest", "desert")


def write(path: Path, head: str, *columns: str) -> Path:
    """columns: patterns of one value each, with {i} the number of the row, {a} and {b} two of the names."""
    rows = [",".join(column.format(i=i, a=NAMES[i % 3], b=NAMES[(i + i // 3) % 3]) for column in columns) for i in range(60)]
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return path


def understood(assistant: Assistant) -> str:
    found = assistant.findChild(QLabel, "understood")
    assert found is not None
    return found.text()


def begin(assistant: Assistant, qtbot: QtBot, data: Path, says: str) -> None:
    assistant.begin(data)
    qtbot.waitUntil(lambda: says in understood(assistant), timeout=WAIT_MS)


def test_where_another_column_could_be_the_label_too_it_can_be_chosen(assistant: Assistant, qtbot: QtBot, tmp_path: Path) -> None:
    data = write(tmp_path / "t.csv", "text,label,label_noisy", "a walk number {i} there", "{a}", "{b}")
    begin(assistant, qtbot, data, "Label column: label.")
    box = assistant.findChild(QComboBox, "column_label")
    assert box is not None and box.currentText() == "label" and assistant.create_button.isEnabled()
    assert "--" not in understood(assistant)  # options of the command line mean nothing here
    QTest.keyClick(box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "Label column: label_noisy." in understood(assistant), timeout=WAIT_MS)
    assert assistant.form.columns.chosen() == {"label": "label_noisy"}


def test_a_project_of_several_labels_an_item_is_made_in_the_window(
    assistant: Assistant, lane: WorkerLane, qtbot: QtBot, tmp_path: Path
) -> None:
    data = write(tmp_path / "t.csv", "text,topics", "a walk number {i} there", "{a};{b}")
    begin(assistant, qtbot, data, "9 classes.")  # every set of them is taken for a class
    task = assistant.form.task
    QTest.mouseClick(task, Qt.MouseButton.LeftButton, pos=task.rect().center() + task.rect().topRight() / 4)
    qtbot.waitUntil(lambda: "3 classes." in understood(assistant), timeout=WAIT_MS)
    place = tmp_path / "made"
    assistant.form.place.set_text(str(place))
    QTest.mouseClick(assistant.create_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: (place / "project.db").exists(), timeout=WAIT_MS)
    lane.close()  # the prediction that would follow is of no interest here
    with Project.open(place) as project:
        assert project.task == "multilabel" and sorted(project.label_names) == sorted(NAMES)


def test_how_the_data_is_read_can_be_said_and_is_what_the_project_is_made_with(
    assistant: Assistant, lane: WorkerLane, qtbot: QtBot, tmp_path: Path
) -> None:
    data = tmp_path / "t.csv"
    data.write_bytes("\n".join(["text,label", *(f"заметка номер {i},{NAMES[i % 3]}" for i in range(60))]).encode("koi8_r"))
    begin(assistant, qtbot, data, "3 classes.")
    opener, encoding = assistant.findChild(Button, "reading_options"), assistant.findChild(QComboBox, "encoding")
    assert opener is not None and encoding is not None and not encoding.isVisible()
    QTest.mouseClick(opener, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(encoding.isVisible)
    encoding.lineEdit().selectAll()
    QTest.keyClicks(encoding.lineEdit(), "koi8_r")
    qtbot.waitUntil(lambda: assistant.preview.model.index(0, 1).data() == "заметка номер 0", timeout=WAIT_MS)
    place = tmp_path / "made"
    assistant.form.place.set_text(str(place))
    QTest.mouseClick(assistant.create_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: (place / "project.db").exists(), timeout=WAIT_MS)
    lane.close()
    with Project.open(place) as project:
        assert project.source.options == {"encoding": "koi8_r"} and project.items.text(0) == "заметка номер 0"


@pytest.mark.parametrize("name", ["pets", "pets.xlsx", "pets.csv.bz2", "pets.jsonl.zst", "pets.tar.gz", "pets.parquet"])
def test_the_place_that_is_suggested_is_called_as_the_data_without_endings(name: str) -> None:
    assert suggested_place(f"/data/{name}").name == "pets"


def test_sentences_speak_of_controls_and_not_of_the_command_line() -> None:
    assert as_controls("Say --encoding NAME, or --no-header.") == "Say “Encoding”, or “First line”."
    assert as_controls("a -- b, --unknown X") == "a -- b, --unknown X"


def test_a_project_begins_with_predictions_from_a_file(assistant: Assistant, qtbot: QtBot, tmp_path: Path) -> None:
    data = write(tmp_path / "t.csv", "id,text,label", "k{i}", "a walk number {i} there", "{a}")
    rows = [f"k{i}," + ",".join("0.8" if name == NAMES[i % 3] else "0.1" for name in NAMES) for i in reversed(range(60))]
    (tmp_path / "probs.csv").write_text("\n".join(["key," + ",".join(NAMES), *rows]), encoding="utf-8")
    begin(assistant, qtbot, data, "3 classes.")
    kind = assistant.form.model_kind
    QTest.mouseClick(kind, Qt.MouseButton.LeftButton, pos=kind.rect().center() + kind.rect().topRight() * 2 / 5)
    assert kind.value == "file" and "predictions" in assistant.create_button.why
    field = assistant.findChild(QLineEdit, "predictions_path")
    assert field is not None and field.isVisible()
    QTest.keyClicks(field, str(tmp_path / "probs.csv"))
    place = tmp_path / "made"
    assistant.form.place.set_text(str(place))
    assert not assistant.create_button.why
    with qtbot.waitSignal(assistant.created, timeout=WAIT_MS):
        QTest.mouseClick(assistant.create_button, Qt.MouseButton.LeftButton)
    with Project.open(place) as project:
        made = project.predictions.current
        assert made is not None and not made.has_model and project.any_ranking is not None
        assert (made.logits.argmax(1) == project.given).all()


def test_the_box_of_the_label_has_its_place_in_the_order_of_tab(assistant: Assistant, qtbot: QtBot, tmp_path: Path) -> None:
    data = write(tmp_path / "t.csv", "text,label_a,label_b", "a walk number {i} there", "{a}", "{b}")
    assistant.begin(data)
    qtbot.waitUntil(lambda: assistant.findChild(QComboBox, "column_label") is not None, timeout=WAIT_MS)
    box = assistant.findChild(QComboBox, "column_label")
    assert box is not None
    qtbot.wait(20)
    opener = assistant.findChild(Button, "reading_options")
    assert opener is not None
    opener.setFocus(Qt.FocusReason.TabFocusReason)
    order = []
    for _step in range(2):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        order.append(QApplication.focusWidget().objectName())
    assert order == ["column_label", "task"]

    QTest.mouseClick(opener, Qt.MouseButton.LeftButton)  # what is shown only now has its place too
    assistant.form.model_kind.set_value("mine")
    assistant.form.model_kind.chosen.emit("mine")
    qtbot.wait(20)
    assistant.form.data.line.setFocus(Qt.FocusReason.TabFocusReason)
    heights = []
    while assistant.form.isAncestorOf(one := QApplication.focusWidget()):
        heights.append(one.mapTo(assistant.form, QPoint(0, 0)).y())
        QTest.keyClick(one, Qt.Key.Key_Tab)
    assert len(heights) > 10 and heights == sorted(heights)


def test_a_label_column_of_numbers_keeps_the_names_of_the_column_that_spells_them(
    assistant: Assistant, qtbot: QtBot, tmp_path: Path
) -> None:
    rows = [f"a walk number {i} there,{i % 3},{NAMES[i % 3]},{i % 2}" for i in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["text,kind,landscape,season", *rows]), encoding="utf-8")
    assistant.begin(tmp_path / "t.csv")
    qtbot.waitUntil(lambda: assistant.findChild(QComboBox, "column_label") is not None, timeout=WAIT_MS)
    box = assistant.findChild(QComboBox, "column_label")
    assert box is not None
    QTest.keyClicks(box, "kind")
    qtbot.waitUntil(lambda: "names from landscape" in understood(assistant), timeout=WAIT_MS)
    assert assistant._found is not None and set(assistant._found.classes) == set(NAMES)


def test_images_are_shown_small_before_anything_is_made(assistant: Assistant, qtbot: QtBot, tmp_path: Path) -> None:
    for number, name in enumerate(("cat", "dog") * 4):
        (tmp_path / "data" / name).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (300, 200), (30 * number, 90, 120)).save(tmp_path / "data" / name / f"{number}.png")
    (tmp_path / "data" / "cat" / "0.png").write_bytes(b"no image")
    begin(assistant, qtbot, tmp_path / "data", "Found 8 images")
    model = assistant.preview.model
    icons = [model.index(row, 1).data(Qt.ItemDataRole.DecorationRole) for row in range(8)]
    assert icons[0] is None, "what cannot be read is left out here, and said by the import"
    assert all(isinstance(icon, QIcon) and max(icon.availableSizes()[0].toTuple()) == 80 for icon in icons[1:])
    table = assistant.findChild(QTableView, "sample_rows")
    assert table is not None and table.rowHeight(0) == 48
    data = write(tmp_path / "t.csv", "text,label", "a walk number {i} there", "{a}")
    begin(assistant, qtbot, data, "60 texts")
    assert table.rowHeight(0) < 48


def test_nothing_can_be_made_of_data_that_were_not_looked_at_yet(assistant: Assistant, tmp_path: Path) -> None:
    write_texts(tmp_path / "subjects.csv", 30)
    assistant.begin(tmp_path / "subjects.csv")
    assert not assistant.create_button.isEnabled()
