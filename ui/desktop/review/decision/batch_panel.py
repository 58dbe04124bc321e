"""The decision on many items: what each key would do, and every label that it would change, before it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.review.decision.batch_parts import BatchPreview, BigRow, Change, ClassPairs, FaceRow, UndoLine
from badcase.ui.desktop.review.decision.class_field import ClassField
from badcase.ui.desktop.review.decision.decision_panel import VerdictButtons
from badcase.ui.desktop.review.decision.label_toggles import LabelPairs
from badcase.ui.desktop.review.grid.item_cards import Faces
from badcase.ui.desktop.review.state.class_choices import Listed
from badcase.ui.desktop.widgets import Button, Hairline, Label, SectionTitle


class BatchPanel(QWidget):
    """What the keys do to a selection. `accepted`, `kept`, `proposed`, `cleared`; `chosen` a class for all; `pressed` a button.

    several: items may have any number of labels, and `chosen` tells one to turn on or off for all.
    """

    accepted = Signal()
    kept = Signal()
    proposed = Signal()
    cleared = Signal()
    chosen = Signal(int)
    pressed = Signal(str)
    left = Signal()

    def __init__(
        self,
        faces: Faces,
        parent: QWidget | None = None,
        *,
        several: bool = False,
        under: QWidget | None = None,
        more: QWidget | None = None,
    ) -> None:
        """under: what stands beneath the count in place of the faces; more: what stands before the preview."""
        super().__init__(parent)
        self.setObjectName("batch")
        self._several = several
        self._count = Label(px=20, bold=True)
        self._count.setObjectName("selected-count")
        clear = Button(_("Clear"), keys="Esc", flat=True)
        clear.setObjectName("clear-selection")
        self._face_row = FaceRow(faces)
        self._accept = BigRow(_("Accept suggestions"), "Enter", first=True)
        self._accept.setObjectName("accept-all")
        self._keep = BigRow(_("Keep given labels"), "Space", first=False)
        self._keep.setObjectName("keep-all")
        self._propose = BigRow(_("Take what machines propose"), "Shift+Enter", first=False)
        self._propose.setObjectName("take-proposals")
        self._set_title = SectionTitle("")
        self._classes: ClassPairs[Any] = LabelPairs() if several else ClassPairs()
        self.field = ClassField(several=several)
        self.field.setObjectName("batch-class-field")
        self.buttons = VerdictButtons()
        self._preview_title = SectionTitle("")
        self._preview = BatchPreview(faces)
        self._undo = UndoLine()
        self._lay_out(clear, under or self._face_row, more)
        clear.clicked.connect(self.cleared)
        self._accept.clicked.connect(self.accepted)
        self._keep.clicked.connect(self.kept)
        self._propose.clicked.connect(self.proposed)
        self._classes.chosen.connect(self.chosen)
        self.buttons.pressed.connect(self.pressed)
        self.field.textChanged.connect(self._classes.narrow)
        self.field.moved.connect(self._classes.pick)
        self.field.taken.connect(self._take)
        self.field.left.connect(self.left)

    def _lay_out(self, clear: Button, under: QWidget, more: QWidget | None) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        top = QHBoxLayout()
        top.addWidget(self._count)
        top.addStretch(1)
        top.addWidget(clear)
        column.addLayout(top)
        column.addWidget(under)
        column.addSpacing(4)
        parts: list[QWidget] = [self._accept, self._keep, self._propose, self._set_title, self._classes, self.field, self.buttons]
        for part in parts if more is None else [*parts, more]:
            column.addWidget(part)
        column.addSpacing(8)
        column.addWidget(Hairline())
        column.addSpacing(4)
        for part in (self._preview_title, self._preview, self._undo):
            column.addWidget(part)
        column.addStretch(1)

    def show_selection(
        self,
        items: Sequence[int],
        total: int,
        choices: Listed,
        changes: Sequence[Change],
        changing: int,
        classes: int,
        *,
        edited: bool = False,
        proposed: str = "",
    ) -> None:
        """items: the first few of `total`; changes: the first few of `changing` labels, over so many classes. edited: Enter
        writes labels that the person turned on or off. proposed: what machines propose, in words; "" for nothing."""
        n = wording.count(total)
        self._count.setText(_("{n} selected").format(n=n))
        self._face_row.show_items(items, total)
        self._accept.setText(_("Write these labels") if edited else _("Accept suggestions"))
        sets = plural("{n} set of labels, previewed below", "{n} sets of labels, previewed below", classes)
        one = plural("{n} class, previewed below", "{n} classes, previewed below", classes)
        none = _("no suggestion shown: drawn at random")
        self._accept.show_under((sets if self._several else one).format(n=classes) if classes else none)
        self._keep.show_under(plural("it stays as it is", "all {n} stay as they are", total).format(n=n))
        self._propose.show_under(proposed)
        self._propose.setVisible(bool(proposed))
        all_to = plural("Or set it to", "Or set all {n} to", total)
        turned = plural("Or turn a label on or off", "Or turn a label on or off for all {n}", total)
        self._set_title.set_texts((turned if self._several else all_to).format(n=n))
        self._classes.show_choices(choices)
        self.field.set_hidden(self._classes.hidden())
        labels = plural("{n} label", "{n} labels", changing).format(n=wording.count(changing))
        self._preview_title.set_texts(_("Enter will change"), labels)
        self._preview.show_changes(changes, changing)
        self._undo.show_count(total)

    def _take(self) -> None:
        label = self._classes.taken()
        if label is not None:
            self.field.clear()
            self.left.emit()
            self.chosen.emit(label)
