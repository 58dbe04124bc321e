"""The recipe form, made from the recipe's own fields: groups, controls, bounds, units, help and what has changed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from badcase.errors import BadcaseError
from training.recipe import Recipe, fields
from training.recipe.knobs import Value
from ui.desktop import theme
from ui.desktop.train.recipe_row import RecipeRow


class RecipeForm(QWidget):
    """Edits one recipe beside the recipe of a reference run. Knobs that cannot act are not on screen."""

    changed = Signal()

    def __init__(self, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._values: dict[str, Value] = Recipe().values()
        self._reference: tuple[int, Recipe] | None = None
        self._errors: dict[str, BadcaseError] = {}
        self._rows: dict[str, RecipeRow] = {}
        self._groups: dict[str, list[str]] = {}
        self._titles: dict[str, QLabel] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 12)
        layout.setSpacing(0)
        for knob in fields():
            if knob.group not in self._groups:
                layout.addWidget(self._group_title(knob.group))
            self._groups.setdefault(knob.group, []).append(knob.name)
            row = self._rows[knob.name] = RecipeRow(knob)
            row.edited.connect(self._edited)
            layout.addWidget(row)
        layout.addStretch(1)

    def _group_title(self, group: str) -> QLabel:
        title = self._titles[group] = QLabel(group)
        title.setFont(theme.font(12, bold=True))
        title.setProperty("ink", "text3")
        title.setContentsMargins(16, 14, 16, 4)
        return title

    def show_recipe(self, recipe: Recipe, reference: tuple[int, Recipe] | None) -> None:
        """Fill the form. reference: the run, and its recipe, that changes are told against."""
        self._values, self._reference, self._errors = recipe.values(), reference, {}
        self._show()

    def fill(self, values: dict[str, Value]) -> None:
        """Change some knobs, as a remedy does, and mark them."""
        self._values |= Recipe(**self._values).replace_from(values).values()  # type: ignore[arg-type]
        for name in values:
            self._errors.pop(name, None)
        self._show()
        self.changed.emit()

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
        return None if self._errors else Recipe(**self._values).settled(self._kind)  # type: ignore[arg-type]

    def changes(self) -> int:
        """How many knobs differ from the reference run."""
        recipe = self.recipe
        return len(self._reference[1].difference(recipe)) if recipe and self._reference else 0

    def _edited(self, name: str, text: str) -> None:
        knob = next(knob for knob in fields() if knob.name == name)
        try:
            self._values[name] = knob.read(text)
            self._errors.pop(name, None)
        except BadcaseError as error:
            self._errors[name] = error
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        idle = Recipe(**self._values).idle(self._kind)  # type: ignore[arg-type]
        self._errors = {name: error for name, error in self._errors.items() if name not in idle}
        run, reference = self._reference or (None, None)
        for name, row in self._rows.items():
            row.setVisible(name not in idle)
            if name in self._errors:
                row.show_error(self._errors[name])
            else:
                row.show_value(self._values[name], getattr(reference, name, None), run)
        for group, names in self._groups.items():
            self._titles[group].setVisible(any(name not in idle for name in names))
