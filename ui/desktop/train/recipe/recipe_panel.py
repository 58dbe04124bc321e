"""The left side of the Train page: where to start, the recipe, what a training would do, and the button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.i18n import _, marked, plural
from badcase.training.recipe.enums import Start
from badcase.training.recipe.knobs import Knob
from badcase.ui import wording
from badcase.ui.desktop.look.theme import BUTTON_BAR, BUTTON_PRIMARY
from badcase.ui.desktop.train.recipe.recipe_fields import NumberField
from badcase.ui.desktop.train.recipe.recipe_form import RecipeForm
from badcase.ui.desktop.widgets import Button, Hairline, IconLabel, Label, Panel, SearchField, Segmented
from badcase.ui.desktop.widgets.tooltips import plain_tip

SEEDS = Knob(
    "seeds",
    int,
    1,
    marked("Seeds"),
    "",
    marked("Number of runs, each with another seed; their spread shows the effect of chance alone."),
    marked("seeds"),
    low=1,
    high=50,
)
SEEDS_WIDTH = 84


class RecipePanel(Panel):
    """Takes recipes and words, gives intent; it knows no project."""

    changed = Signal()
    trained = Signal()
    tuned = Signal()

    def __init__(self, kind: str, task: str, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.form = RecipeForm(kind, task)
        starts = [(Start.CURRENT, _("Current")), (Start.PRETRAINED, _("Pretrained")), (Start.SCRATCH, _("Scratch"))]
        self.start = Segmented([(str(value), text) for value, text in starts])
        self.start.setObjectName("start_from")
        self.start.setAccessibleName(_("Start from"))
        self.start.setToolTip(_("Which weights the training begins with"))
        self.method = Label(ink="text3", px=12)
        self.search = SearchField(_("Find a knob"), "/")
        self.search.setObjectName("find_knob")
        self.search.textChanged.connect(self.form.seek)
        self.form.changed.connect(self.changed)
        self.start.chosen.connect(self.form.set_start)
        self.start.chosen.connect(lambda _value: self.changed.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(Hairline())
        column.addWidget(self._scrolling(), 1)
        column.addWidget(Hairline())
        column.addLayout(self._foot())

    def _head(self) -> QVBoxLayout:
        self.seeds_field = NumberField(SEEDS)
        self.seeds_field.setObjectName("seeds")
        self.seeds_field.setFixedSize(SEEDS_WIDTH, BUTTON_BAR)
        self.seeds_field.setToolTip(plain_tip(SEEDS.help))
        self.seeds_field.setAccessibleName(SEEDS.title)
        self.seeds_field.show_value(SEEDS.default)
        self.seeds_field.edited.connect(self._on_seeds)
        self._on_seeds()
        line = QHBoxLayout()
        line.addWidget(Label(_("Recipe"), px=15, bold=True))
        line.addStretch(1)
        line.addWidget(self.method)
        line.addWidget(self.seeds_field)
        head = QVBoxLayout()
        head.setContentsMargins(16, 14, 16, 12)
        head.setSpacing(10)
        head.addLayout(line)
        head.addWidget(self.start)
        head.addWidget(self.search)
        return head

    def _scrolling(self) -> QScrollArea:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # fields keep their place
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.form)
        return scroll

    def _foot(self) -> QVBoxLayout:
        self.summary, self.duration = Label(bold=True), Label(ink="text2")
        self.details = Label(px=12, ink="text2", wrap=True)
        self._dot = IconLabel("ring", "accent", 12)
        self.train = Button(_("Train"), keys="Ctrl+Enter", icon="play", primary=True, height=BUTTON_PRIMARY)
        self.train.setObjectName("train")
        self.train.clicked.connect(self.trained)
        self.tune = Button(_("Tune…"), height=BUTTON_PRIMARY)
        self.tune.setObjectName("tune")
        self.tune.setToolTip(_("Look for a better recipe, one change at a time (Ctrl+T)"))
        self.tune.clicked.connect(self.tuned)
        buttons = QHBoxLayout()
        buttons.addWidget(self.train, 1)
        buttons.addWidget(self.tune)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self._dot)
        line.addWidget(self.summary)
        line.addStretch(1)
        line.addWidget(self.duration)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 12, 16, 16)
        foot.setSpacing(8)
        foot.addLayout(line)
        foot.addWidget(self.details)
        foot.addLayout(buttons)
        return foot

    def _on_seeds(self) -> None:
        self.seeds_field.set_unit(plural("seed", "seeds", self.seeds or 2))
        self.changed.emit()

    @property
    def seeds(self) -> int | None:
        """How many runs the button starts; None where the field holds no such number."""
        try:
            return cast(int, SEEDS.read(self.seeds_field.text()))
        except BadcaseError:
            return None

    def show_plan(self, reference: int | None, changes: int, seconds: float | None, sentences: Sequence[str]) -> None:
        """What the button would do: changed knobs against the reference run, how long, what goes in."""
        self._dot.setVisible(changes > 0)
        if reference is None:
            self.summary.setText(_("The first training"))
        elif not changes:
            self.summary.setText(_("Recipe as in run {n}").format(n=reference))
        else:
            text = plural("{n} change since run {run}", "{n} changes since run {run}", changes)
            self.summary.setText(text.format(n=changes, run=reference))
        self.duration.setText(wording.duration(seconds) if seconds is not None else "")
        self.details.set_ink("text2")
        self.details.setText("\n".join(sentences))

    def show_problem(self, what: str, hint: str) -> None:
        """Why this recipe cannot be trained, and the remedy."""
        self._dot.hide()
        self.summary.setText(_("Not a recipe yet"))
        self.duration.setText("")
        self.details.set_ink("error")
        self.details.setText("\n".join(part for part in (what, hint) if part))
