"""A model of one's own in the assistant: looked at before it is run, changed where it was chosen, never replaced unasked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.ui.desktop.start.assistant import Assistant
from tests.badcase.prediction.projects import colour_images, trained_image_model

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images in three classes, a model that tells them apart, and the same one with its classes in another order."""
    folder = tmp_path_factory.mktemp("colours")
    colour_images(folder / "data")
    trained_image_model(folder / "model", folder / "data")
    shutil.copytree(folder / "model", folder / "swapped")
    config = json.loads((folder / "swapped" / "config.json").read_text())
    names = {"0": "green", "1": "red", "2": "blue"}
    (folder / "swapped" / "config.json").write_text(json.dumps(config | {"id2label": names}))
    return folder


def choose(assistant: Assistant, qtbot: QtBot, colours: Path, model: Path, place: Path) -> None:
    assistant.begin(colours / "data")
    assistant.form.place.set_text(str(place))
    qtbot.waitUntil(lambda: assistant._found is not None, timeout=WAIT_MS)
    kind = assistant.form.model_kind
    QTest.mouseClick(kind, Qt.MouseButton.LeftButton, pos=kind.rect().center())
    assert kind.value == "mine"
    retype(assistant, model)
    assert not assistant.create_button.why


def retype(assistant: Assistant, model: Path) -> None:
    line = assistant.form.model.line
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, str(model))


def create(assistant: Assistant) -> None:
    QTest.mouseClick(assistant.create_button, Qt.MouseButton.LeftButton)


def test_a_model_with_its_classes_in_another_order_is_told_before_anything_is_made_and_can_be_changed_there(
    assistant: Assistant, qtbot: QtBot, colours: Path, tmp_path: Path
) -> None:
    place = tmp_path / "made"
    choose(assistant, qtbot, colours, colours / "swapped", place)
    create(assistant)
    qtbot.waitUntil(assistant.notes.isVisible, timeout=WAIT_MS)
    told = " ".join(assistant.notes.texts)
    assert "another order" in told and "green → blue" in told and "worse than guessing" in told
    qtbot.waitUntil(assistant.create_button.isVisible, timeout=WAIT_MS)
    assert assistant.create_button.text() == "Create all the same"
    assert assistant.form.model.line.hasFocus()
    assert not place.exists(), "nothing was imported"

    retype(assistant, colours / "model")
    assert not assistant.notes.isVisible() and assistant.create_button.text() == "Create"
    with qtbot.waitSignal(assistant.created, timeout=WAIT_MS):
        create(assistant)
    assert "agrees with 100\u202f% of the labels" in " ".join(assistant.notes.texts)
    with Project.open(place) as project:
        made = project.predictions.current
        assert made is not None and (made.logits.argmax(1) == project.given).mean() > 0.9


def test_the_model_is_looked_at_before_create_is_pressed_and_what_was_told_can_be_overruled(
    assistant: Assistant, qtbot: QtBot, colours: Path, tmp_path: Path
) -> None:
    choose(assistant, qtbot, colours, colours / "swapped", tmp_path / "made")
    qtbot.waitUntil(assistant.notes.isVisible, timeout=WAIT_MS)
    assert "another order" in " ".join(assistant.notes.texts)
    assert assistant.create_button.text() == "Create all the same" and not (tmp_path / "made").exists()
    with qtbot.waitSignal(assistant.created, timeout=WAIT_MS):
        create(assistant)
    with Project.open(tmp_path / "made") as project:
        made = project.predictions.current
        assert made is not None and (made.logits.argmax(1) == project.given).mean() < 0.1


def test_a_refused_model_is_changed_where_it_was_chosen_and_no_other_runs_in_its_place(
    assistant: Assistant, qtbot: QtBot, colours: Path, tmp_path: Path
) -> None:
    place, nowhere = tmp_path / "made", tmp_path / "no-such-model"
    choose(assistant, qtbot, colours, nowhere, place)
    create(assistant)
    qtbot.waitUntil(assistant.notes.isVisible, timeout=WAIT_MS)
    assert "This model cannot be used" in [label.text() for label in assistant.notes.findChildren(type(assistant._why))]
    assert assistant.form.model.line.hasFocus() and assistant.form.isEnabled()
    assert not place.exists()
    retype(assistant, colours / "model")
    with qtbot.waitSignal(assistant.created, timeout=WAIT_MS):
        create(assistant)
    with Project.open(place) as project:
        run = project.runs.current
        assert run is not None and run.title == "model", "the one that was asked for"


def test_what_was_asked_for_and_did_not_run_is_what_the_next_prediction_takes(colours: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "made", colours / "data") as project:
        for model in (str(tmp_path / "no-such-model"), None):  # and not the packaged one, without a word
            with pytest.raises(BadcaseError):
                project.predict(model)
        assert project.asked_model == str(tmp_path / "no-such-model") and project.predictions.current is None
