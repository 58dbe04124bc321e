"""Predictions from a file: which file, which features go with them, and what the model had trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.start.path_field import PathField
from badcase.ui.desktop.widgets import Label


class PredictionsForm(QWidget):
    """What `badcase predict --from` asks for; it knows nothing of how it is used."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.probs = PathField("predictions_path", file=True, folder=False, placeholder=_("probabilities or logits"))
        self.features = PathField(
            "features_path", file=True, folder=False, placeholder=_("embeddings; without them less is found")
        )
        self.trained_on = QComboBox()
        self.trained_on.setObjectName("trained_on")
        self.trained_on.setAccessibleName(_("The model had trained on"))
        self.trained_on.setEditable(True)
        self.offer(())
        words = _(
            "A table or array with a row for each item and a column for each class: .csv, .tsv, .parquet, .jsonl, .npy, .npz."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for title, part in (
            (_("Predictions"), self.probs),
            (_("Features, if there are any"), self.features),
            (_("The model had trained on"), self.trained_on),
        ):
            column.addWidget(Label(title, ink="text2", px=12))
            column.addWidget(part)
        column.addWidget(Label(words, ink="text2", px=12, wrap=True))
        self.probs.changed.connect(lambda _text: self.changed.emit())

    def offer(self, columns: Sequence[str]) -> None:
        """Offer columns of the data set beside what is always there; a column or a file of keys may be typed too."""
        self.trained_on.clear()
        for words, value in ((_("the training split"), ""), (_("no item"), "none"), (_("all items"), "all")):
            self.trained_on.addItem(words, value)
        for name in columns:
            self.trained_on.addItem(name, name)

    def options(self) -> dict[str, str]:
        """As `Project.bring_predictions` takes them; what was left open is not there."""
        at = self.trained_on.findText(self.trained_on.currentText())
        trained_on = self.trained_on.currentText().strip() if at < 0 else str(self.trained_on.itemData(at))
        said = {"probs": self.probs.text(), "features": self.features.text()}
        paths = {name: str(Path(path).expanduser()) for name, path in said.items() if path}
        return paths | ({"trained_on": trained_on} if trained_on else {})

    def clear(self) -> None:
        for part in (self.probs, self.features):
            part.set_text("")
        self.trained_on.setCurrentIndex(0)
