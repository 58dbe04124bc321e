"""The controls of a recipe: a number with its unit, a text, a choice and a switch, all with one small interface."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from badcase.i18n import _
from badcase.training.recipe.knobs import Knob, Value
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.train.recipe.choice_box import ChoiceBox
from badcase.ui.desktop.widgets import LineEdit
from badcase.ui.desktop.widgets.painting import RIGHT, draw_text, text_width


class NumberField(LineEdit):
    """A number typed as a person writes it ("3e-5"); the unit stands at the right inside the field."""

    edited = Signal(str)

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit = knob.unit
        if knob.optional:
            self.setPlaceholderText(_("not set"))
        self.setTextMargins(0, 0, text_width(self._unit, theme.font(12)) + 6 if self._unit else 0, 0)
        self.textEdited.connect(self.edited)

    def set_unit(self, unit: str) -> None:
        """Another word of about the same width: one seed, two seeds."""
        self._unit = unit
        self.update()

    def show_value(self, value: Value) -> None:
        """Show a value; what is being typed stays as typed where it means the same ("0." on the way to "0.5")."""
        if not self.hasFocus() or not _means(self.text(), value):
            self.setText(write_number(value))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._unit:
            box = QRectF(self.rect()).adjusted(0, 0, -9, 0)
            draw_text(QPainter(self), box, self._unit, theme.tokens().text3, theme.font(12), RIGHT)


class TextField(LineEdit):
    """A text of a form that its placeholder shows."""

    edited = Signal(str)

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(knob.example)
        self.textEdited.connect(self.edited)

    def show_value(self, value: Value) -> None:
        if not self.hasFocus() or self.text().strip() != value:
            self.setText(str(value))


class ChoiceField(ChoiceBox):
    """One of a closed set."""

    edited = Signal(str)

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for value, title in knob.choices.items():
            self.addItem(title, value)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(lambda index: self.edited.emit(self.itemData(index)))

    def show_value(self, value: Value) -> None:
        self.setCurrentIndex(self.findData(value))


class SwitchField(QCheckBox):
    """On or off."""

    edited = Signal(str)

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(lambda on: self.edited.emit("true" if on else "false"))

    def show_value(self, value: Value) -> None:
        self.setChecked(bool(value))
        self.setText(_("on") if value else _("off"))


Field = NumberField | TextField | ChoiceField | SwitchField


def field_for(knob: Knob) -> Field:
    """The control that suits a knob."""
    if knob.choices:
        return ChoiceField(knob)
    if knob.example:
        return TextField(knob)
    return SwitchField(knob) if knob.type is bool else NumberField(knob)


def _means(text: str, value: Value) -> bool:
    try:
        return float(text) == value
    except ValueError:
        return value is None and not text


def write_number(value: Value) -> str:
    """A value as it stands in a field: 5e-5 rather than 5e-05 or 0.00005, and nothing where the model decides."""
    if not isinstance(value, float):
        return "" if value is None else str(value)
    if 0 < abs(value) < 1e-3:
        mantissa, exponent = f"{value:.6e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:g}"


def write_value(knob: Knob, value: Value) -> str:
    """A value in a sentence: numbers as in their field, choices and switches by their titles."""
    if value is None:
        return _("not set")
    return write_number(value) if knob.type in (int, float) else knob.show(value)
