"""The recipe form, made from the recipe's own fields: groups, controls, bounds, units, help and what has changed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.training.diagnosis.remedies import main_rate
from badcase.training.recipe import KNOBS, Recipe, changed, fields
from badcase.training.recipe.knobs import Knob, Value
from badcase.training.recipe.tasks import ONE, offered, suited
from badcase.ui.desktop.train.recipe.recipe_row import RecipeRow
from badcase.ui.desktop.widgets import Button, Label

FOUND = ("learning_rate", "head_learning_rate", "batch_size")  # what a finder can measure


class RecipeForm(QWidget):
    """Edits one recipe beside the recipe of a reference run.

    Knobs that cannot act are not on screen; what is rarely changed, and is as it was, is folded away behind "more".
    """

    changed = Signal()
    find_wanted = Signal(str)  # the knob that a good value is wanted of

    def __init__(self, kind: str, task: str = ONE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._task = kind, task
        self._start: str | None = None
        self._values: dict[str, Value] = Recipe().values()
        self._reference: tuple[int, Recipe] | None = None
        self._errors: dict[str, BadcaseError] = {}
        self._rows: dict[str, RecipeRow] = {}
        self._groups: dict[str, list[str]] = {}
        self._titles: dict[str, Label] = {}
        self._more: dict[str, Button] = {}
        self._unfolded: set[str] = set()
        self._sought = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 12)
        layout.setSpacing(0)
        for knob in fields():
            self._groups.setdefault(knob.group, []).append(knob.name)
            row = self._rows[knob.name] = RecipeRow(offered(knob, task))
            row.edited.connect(self._edited)
            row.find_wanted.connect(self.find_wanted)
        for group, names in self._groups.items():
            head = QHBoxLayout()
            head.setContentsMargins(16, 10, 6, 2)  # the scroll bar beside it is 10 wide
            head.addWidget(self._group_title(group), 1)
            head.addWidget(self._more_button(group))
            layout.addLayout(head)
            for name in names:
                layout.addWidget(self._rows[name])
        layout.addStretch(1)

    def _group_title(self, group: str) -> Label:
        title = self._titles[group] = Label(group, px=12, bold=True, ink="text3")
        return title

    def _more_button(self, group: str) -> Button:
        button = self._more[group] = Button("", flat=True, height=24, ink="text2")
        button.setObjectName(f"more_{group}")
        button.clicked.connect(lambda: self._fold(group))
        return button

    def _fold(self, group: str) -> None:
        self._unfolded ^= {group}
        self._show()

    def seek(self, text: str) -> None:
        """Show the knobs whose name, title or help has this text, folded away or not; all again where it is empty."""
        self._sought = text.strip().lower()
        self._show()

    def set_start(self, start: str) -> None:
        """Say which weights a training would begin with: some knobs act only from scratch, or never then."""
        self._start = start
        self._show()

    def show_recipe(self, recipe: Recipe, reference: tuple[int, Recipe] | None) -> None:
        """Fill the form. reference: the run, and its recipe, that changes are told against."""
        self._values, self._reference, self._errors = self._suited(recipe), reference, {}
        self._show()

    def fill(self, values: dict[str, Value]) -> None:
        """Change some knobs, as a remedy does, and mark them."""
        recipe = Recipe(**self._values)  # type: ignore[arg-type]
        self._values = self._suited(changed(recipe, values, self._kind, self._start, self._task))
        for name in values:
            self._errors.pop(name, None)
        self._show()
        self.changed.emit()

    def _suited(self, recipe: Recipe) -> dict[str, Value]:
        """What a preset has for the other task stands in no choice here: what takes its place."""
        return recipe.values() | suited(recipe.values(), self._task)

    def reset(self) -> None:
        """Back to the recipe of the reference run."""
        if self._reference:
            self.fill(self._reference[1].values())

    @property
    def reference_run(self) -> int | None:
        """The run that changes are told against."""
        return self._reference[0] if self._reference else None

    @property
    def recipe(self) -> Recipe | None:
        """What the form says now; None while a field holds something that is not a value."""
        return None if self._errors else Recipe(**self._values).settled(self._kind, self._start, self._task)  # type: ignore[arg-type]

    def changes(self) -> int:
        """How many knobs differ from the reference run."""
        recipe = self.recipe
        return len(self._reference[1].difference(recipe)) if recipe and self._reference else 0

    def _edited(self, name: str, text: str) -> None:
        try:
            self.fill({name: KNOBS[name].read(text)})
        except BadcaseError as error:
            self._errors[name] = error
            self._show()
            self.changed.emit()

    def _show(self) -> None:
        idle = Recipe(**self._values).idle(self._kind, self._start, self._task)  # type: ignore[arg-type]
        self._errors = {name: error for name, error in self._errors.items() if name not in idle}
        run, reference = self._reference or (None, None)
        for name, row in self._rows.items():
            if name in self._errors:
                row.show_error(self._errors[name])
            else:
                row.show_value(self._values[name], getattr(reference, name, None), run)
        found = {main_rate(Recipe(**self._values)), "batch_size"}  # type: ignore[arg-type]
        for name in FOUND:
            self._rows[name].offer_finder(name in found)
        for group, names in self._groups.items():
            self._show_group(group, [name for name in names if name not in idle])

    def _show_group(self, group: str, acting: list[str]) -> None:
        seen = {name for name in acting if self._is_sought(KNOBS[name])}
        collapsed = set() if self._sought else {name for name in seen if self._can_fold(KNOBS[name])}
        unfolded = group in self._unfolded
        for name in self._groups[group]:
            self._rows[name].setVisible(name in seen and (unfolded or name not in collapsed))
        self._titles[group].setVisible(bool(seen))
        more = self._more[group]
        more.setVisible(bool(collapsed))
        n = len(collapsed)
        more.setText(_("Fewer") if unfolded else plural("{n} more", "{n} more", n).format(n=n))

    def _is_sought(self, knob: Knob) -> bool:
        return self._sought in f"{knob.name} {knob.title} {knob.help}".lower()

    def _can_fold(self, knob: Knob) -> bool:
        """What is rare and neither wrong nor another than usual, or than in the reference run."""
        reference = self._reference[1] if self._reference else Recipe()
        value = self._values[knob.name]
        same = value == getattr(reference, knob.name) == knob.default
        return knob.rare and same and knob.name not in self._errors
