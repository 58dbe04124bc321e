"""The form of the new-project assistant: data, open columns, model, place. It knows nothing of how they are used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import SECTION_GAP
from badcase.ui.desktop.start.path_field import PathField
from badcase.ui.desktop.start.predictions_form import PredictionsForm
from badcase.ui.desktop.start.reading import ReadingChoices
from badcase.ui.desktop.widgets import Label, SectionTitle, Segmented

TYPING_MS = 350
_ROLES = {"text": lambda: _("Text"), "image": lambda: _("Image"), "label": lambda: _("Label")}
_PACKED = (".gz", ".bz2", ".xz", ".zst")
_KINDS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".xlsx", ".parquet", ".arrow", ".feather", ".zip", ".tar", ".tgz")


class ColumnChoices(QWidget):
    """One box for each role that has several readings; hidden where everything has one."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._boxes: dict[str, QComboBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, SECTION_GAP - 8)
        column.addWidget(SectionTitle(_("Which columns")))
        self._rows = QFormLayout()
        self._rows.setHorizontalSpacing(16)
        column.addLayout(self._rows)
        self.hide()

    def chosen(self) -> dict[str, str]:
        """The columns that a person named, by role."""
        return {role: box.currentText() for role, box in self._boxes.items() if box.currentIndex() > 0}

    def offer(self, choices: Mapping[str, Sequence[str]], taken: Mapping[str, Sequence[str]]) -> None:
        """Add a box for each open role, and for each whose column was found but could be another (`taken`: that column
        first). Boxes that were used stay, so that a choice can be changed."""
        for role, names in choices.items():
            self._add(role, [_("choose a column"), *names])
        for role, names in taken.items():
            self._add(role, names)
        self.setVisible(bool(self._boxes))

    def _add(self, role: str, names: Sequence[str]) -> None:
        if role in self._boxes:
            return
        box = QComboBox()
        box.setObjectName(f"column_{role}")
        box.addItems(list(names))
        box.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self._boxes[role] = box
        self._rows.addRow(Label(_ROLES[role]() if role in _ROLES else role), box)

    def clear(self) -> None:
        self._boxes.clear()
        while self._rows.rowCount():
            self._rows.removeRow(0)
        self.hide()


class AssistantForm(QWidget):
    """`data_changed` comes when the data or a column is another, after typing has paused."""

    data_changed = Signal()
    place_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.data = PathField("data_path", file=True, folder=True, placeholder=_("a folder, a table or a zip"))
        self.reading = ReadingChoices()
        self.columns = ColumnChoices()
        self.task = Segmented([("multiclass", _("One class an item")), ("multilabel", _("Any number of labels"))])
        self.task.setObjectName("task")
        self.task.setAccessibleName(_("Labels"))
        self.task.setToolTip(_("Any number: a column of lists, or of labels separated as in a;b"))
        self.place = PathField("project_path", file=False, folder=True)
        self.model_kind = Segmented([("packaged", _("Packaged")), ("mine", _("My own")), ("file", _("From a file"))])
        self.model_kind.setObjectName("model_kind")
        self.model = PathField("model_path", file=True, folder=True, placeholder=_("folder, .pt2 file or package:factory"))
        self.weights = PathField("weights_path", file=True, folder=False, placeholder=_("weights.safetensors"))
        self.predictions = PredictionsForm()
        self.model_words = Label(ink="text2", px=12, wrap=True)
        self._pause = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._pause.timeout.connect(self.data_changed)
        self._place_typed = False
        self._lay_out()
        self.data.changed.connect(self._on_data)
        self.columns.changed.connect(self.data_changed)
        self.reading.changed.connect(self._on_reading)
        self.task.chosen.connect(self._on_task)
        self.place.changed.connect(lambda _text: self.place_changed.emit())
        self.place.line.textEdited.connect(self._on_place_typed)
        self.model_kind.chosen.connect(lambda _value: self._show_model())
        self.model.changed.connect(lambda _text: self._show_model())
        self.predictions.changed.connect(self._show_model)
        self._show_model()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        parts: list[QWidget | int] = [
            SectionTitle(_("Data"), _("nothing is copied or changed")),
            self.data,
            self.reading,
            SECTION_GAP - 8,
            self.columns,
            SectionTitle(_("Labels")),
            self.task,
            SECTION_GAP - 8,
            SectionTitle(_("Model")),
            self.model_kind,
            self.model,
            self.weights,
            self.predictions,
            self.model_words,
            SECTION_GAP - 8,
            SectionTitle(_("Where to keep the project")),
            self.place,
        ]
        for part in parts:
            if isinstance(part, int):
                column.addSpacing(part)
            else:
                column.addWidget(part)
        column.addStretch(1)
        self._parts = [part for part in parts if not isinstance(part, int)]

    def order_tabs(self) -> None:
        """Tab goes down the form, also through boxes that came later than what stands beneath them; what is hidden still has
        its place too."""
        inside = [one for part in self._parts for one in (part, *part.findChildren(QWidget))]
        inside = [one for one in inside if one.window() is self.window()]  # not the list of a box
        stops = [one for one in inside if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.focusProxy() is None]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def said(self) -> dict[str, Any]:
        """What a person said of the form of the data and of its columns, as `badcase.importing.understand` takes it."""
        return self.reading.chosen() | self.columns.chosen()

    def _on_data(self, _text: str) -> None:
        self.columns.clear()
        self.reading.clear()
        if not self._place_typed:
            self.place.set_text(str(suggested_place(self.data.text())) if self.data.text() else "")
        self._pause.start()

    def _on_reading(self) -> None:
        self.columns.clear()  # read otherwise, a table has other columns
        self._pause.start()

    def _on_task(self, _value: str) -> None:
        self.columns.clear()  # other columns can hold lists
        self.data_changed.emit()

    def _on_place_typed(self, _text: str) -> None:
        self._place_typed = True

    def _show_model(self) -> None:
        mine = self.model_kind.value == "mine"
        self.model.setVisible(mine)
        self.weights.setVisible(mine and ":" in self.model.text() and not Path(self.model.text()).exists())
        self.predictions.setVisible(self.model_kind.value == "file")
        words = {
            "packaged": _("A small pretrained network that fits the data, with a head trained on it in seconds."),
            "mine": _("A folder saved by save_pretrained, an exported .pt2 program, or package.module:factory."),
            "file": _("What a model said elsewhere (ONNX, scikit-learn, Keras, an API): no model is run here."),
        }
        self.model_words.setText(words[self.model_kind.value])
        self.place_changed.emit()

    def clear(self) -> None:
        """Ready for another project."""
        self._place_typed = False
        self.task.set_value("multiclass")
        self.data.set_text("")
        self.model.set_text("")
        self.weights.set_text("")
        self.predictions.clear()


def suggested_place(data: str) -> Path:
    """A folder of the user's that does not exist yet, named after the data."""
    name = Path(data).name
    for suffix in (*_PACKED, *_KINDS):
        name = name.removesuffix(suffix)
    base = Path.home() / "badcase" / (name or "project")
    place, number = base, 2
    while place.exists():
        place, number = base.with_name(f"{base.name}-{number}"), number + 1
    return place
