"""One line of the recipe: a dot where changed, the name, the control, and beneath what it was or what is wrong."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.recipe.knobs import Knob, Value
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.train.recipe.recipe_fields import field_for, write_value
from badcase.ui.desktop.widgets import Button, Label
from badcase.ui.desktop.widgets.painting import begin
from badcase.ui.desktop.widgets.tooltips import plain_tip

FIELD_WIDTH, DOT = 160, 5


class RecipeRow(QWidget):
    """Shows one knob; `edited` carries its name and the text that a person gave."""

    edited = Signal(str, str)
    find_wanted = Signal(str)

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knob, self._changed = knob, False
        self._name = Label(knob.title, wrap=True)
        self.field = field_for(knob)
        self.field.setObjectName(f"recipe_{knob.name}")
        self.field.setAccessibleName(knob.title)
        self.field.setFixedSize(FIELD_WIDTH, theme.FIELD)
        self.field.edited.connect(lambda text: self.edited.emit(knob.name, text))
        self._note = Label(px=12, wrap=True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._note.setObjectName(f"note_{knob.name}")
        self._note.hide()
        self.setToolTip(plain_tip(f"{knob.help}\n{knob.name}: {_tip_bounds(knob)}", wrap=True))
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 3, 6, 3)  # the scroll bar beside it is 10 wide
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self._name, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        self.finder = Button(_("Find"), height=theme.FIELD)
        self.finder.setObjectName(f"find_{knob.name}")
        self.finder.setToolTip(_("Find a good value for this recipe by measurement, and show the curve it comes from"))
        self.finder.clicked.connect(lambda: self.find_wanted.emit(knob.name))
        self.finder.hide()
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.field)
        line.addWidget(self.finder)
        grid.addLayout(line, 0, 1)
        grid.addWidget(self._note, 1, 0, 1, 2)

    def offer_finder(self, offered: bool) -> None:
        """Show the button that finds a value, in a part of the field's room, or take it away."""
        self.finder.setVisible(offered)
        self.field.setFixedWidth(FIELD_WIDTH - (self.finder.sizeHint().width() + 6 if offered else 0))

    def show_value(self, value: Value, was: Value, run: int | None) -> None:
        """Show a valid value; where a run had another one, mark the change and say what it was."""
        self.field.show_value(value)
        self._changed = run is not None and value != was
        note = _("was {value} in run {run}").format(value=write_value(self._knob, was), run=run) if self._changed else ""
        self._say(note, "accent")

    def show_error(self, error: BadcaseError) -> None:
        """Say what is wrong with the text that stands in the field."""
        self._changed = False
        self._say(_("{bounds}, not {got}").format(bounds=error.expected, got=error.got or _("empty")), "error")

    def _say(self, note: str, ink: str) -> None:
        self._note.setText(note)
        self._note.setVisible(bool(note))
        for widget, name, value in ((self._note, "ink", ink), (self.field, "changed", self._changed)):
            widget.setProperty(name, value)
            widget.style().polish(widget)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._changed:
            painter = begin(self)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.tokens().accent)
            painter.drawEllipse(QPointF(8, self._name.geometry().center().y() + 1), DOT / 2, DOT / 2)


def _tip_bounds(knob: Knob) -> str:
    return ", ".join(part for part in (knob.bounds, knob.unit) if part)
