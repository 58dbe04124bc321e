"""The form is made from the recipe's own fields: what one types is the recipe, and what is wrong is said."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from badcase.training.recipe import PRESETS, Recipe, fields
from badcase.ui.desktop.train.recipe.recipe_form import RecipeForm
from badcase.ui.desktop.widgets import Button

BASE = PRESETS["image-fine-tuning"]


@pytest.fixture
def form(qtbot: QtBot) -> RecipeForm:
    made = RecipeForm("image")
    qtbot.addWidget(made)
    made.resize(320, 1400)
    made.show_recipe(BASE, (6, BASE))
    made.show()
    qtbot.waitExposed(made)
    return made


def line(form: RecipeForm, name: str) -> QLineEdit:
    found = form.findChild(QLineEdit, f"recipe_{name}")
    assert isinstance(found, QLineEdit)
    return found


def note(form: RecipeForm, name: str) -> str:
    found = form.findChild(QLabel, f"note_{name}")
    assert isinstance(found, QLabel)
    return found.text() if found.isVisible() else ""


def write(qtbot: QtBot, field: QLineEdit, text: str) -> None:
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_every_knob_has_a_control_that_is_named_and_explained(form: RecipeForm) -> None:
    for knob in fields():
        control = form.findChild(QWidget, f"recipe_{knob.name}")
        assert control is not None and control.accessibleName() == knob.title
        row = control.parentWidget()
        assert row is not None and knob.help.split(";")[0] in row.toolTip()


def test_the_form_says_the_recipe_that_it_was_given(form: RecipeForm) -> None:
    assert form.recipe == BASE
    assert form.changes() == 0


def test_a_changed_knob_says_what_it_was_in_the_run_before(qtbot: QtBot, form: RecipeForm) -> None:
    write(qtbot, line(form, "learning_rate"), "3e-5")
    assert form.recipe == BASE.replace_from({"learning_rate": 3e-5})
    assert note(form, "learning_rate") == "was 1e-4 in run 6"
    assert form.changes() == 1
    write(qtbot, line(form, "learning_rate"), "0.0001")
    assert note(form, "learning_rate") == ""
    assert form.changes() == 0


def test_a_number_stays_as_it_is_typed(qtbot: QtBot, form: RecipeForm) -> None:
    """ "0." on the way to "0.05" was a zero, and was once written back as "0" under the person's fingers."""
    write(qtbot, line(form, "label_smoothing"), "0.05")
    assert line(form, "label_smoothing").text() == "0.05"
    assert form.recipe is not None and form.recipe.label_smoothing == 0.05


@pytest.mark.parametrize("text", ["0", "many", "1e9", ""])
def test_what_is_no_value_is_refused_beside_its_field(qtbot: QtBot, form: RecipeForm, text: str) -> None:
    field = line(form, "epochs")
    write(qtbot, field, "5")
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    qtbot.keyClicks(field, text)
    assert form.recipe is None
    assert note(form, "epochs").startswith("1 to 10000, whole number, not ")
    write(qtbot, field, "7")
    assert form.recipe is not None and form.recipe.epochs == 7


def test_knobs_that_cannot_act_are_not_on_screen_and_do_not_count(qtbot: QtBot, form: RecipeForm) -> None:
    write(qtbot, line(form, "head_epochs"), "3")
    method = form.findChild(QComboBox, "recipe_method")
    assert isinstance(method, QComboBox) and line(form, "head_epochs").isVisible()
    method.setFocus()
    qtbot.keyClick(method, Qt.Key.Key_Up)  # a linear head
    assert not line(form, "head_epochs").isVisible()
    assert form.recipe is not None and form.recipe.head_epochs == Recipe().head_epochs
    form.recipe.check("image")


def test_a_remedy_fills_the_form_and_marks_the_change(qtbot: QtBot, form: RecipeForm) -> None:
    with qtbot.waitSignal(form.changed):
        form.fill({"dropout": 0.3})
    assert line(form, "dropout").text() == "0.3"
    assert note(form, "dropout") == "was not set in run 6"


def test_what_is_rarely_changed_is_folded_away_until_it_is_asked_for_or_differs(qtbot: QtBot, form: RecipeForm) -> None:
    more = form.findChild(Button, "more_Optimizer")
    rare = [one for one in fields() if one.group == "Optimizer" and one.rare and one.name not in BASE.idle("image")]
    assert more is not None and more.isVisible() and more.text() == f"{len(rare)} more"
    assert not line(form, "momentum").isVisible() and line(form, "learning_rate").isVisible()
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert line(form, "momentum").isVisible() and more.text() == "Fewer"
    write(qtbot, line(form, "momentum"), "0.5")
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert line(form, "momentum").isVisible() and not line(form, "accumulate").isVisible()


def test_a_knob_is_found_by_its_name_or_what_it_does_also_where_it_is_folded_away(form: RecipeForm) -> None:
    form.seek("momentum")
    seen = [knob.name for knob in fields() if form.findChild(QWidget, f"recipe_{knob.name}").isVisible()]  # type: ignore[union-attr]
    assert "momentum" in seen and "epochs" not in seen
    form.seek("")
    assert line(form, "epochs").isVisible() and not line(form, "momentum").isVisible()
