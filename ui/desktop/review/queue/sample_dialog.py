"""Asks what sample is to be drawn, tells of how many items, and shows it as a list in Review."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QSpinBox, QWidget

from badcase.i18n import _, plural
from badcase.labelling.sample import SampleFor, SampleKind, sampled_from
from badcase.ui import wording
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Dialog, Label

_MOST = 100_000


def kind_words() -> dict[SampleKind, tuple[str, str]]:
    """What the window calls each way, and what it is."""
    return {
        SampleKind.RANDOM: (_("At random"), _("Every item is as likely: what it shows holds for all of them.")),
        SampleKind.BALANCED: (_("Balanced by class"), _("As many of each class, as far as there are so many.")),
        SampleKind.DIVERSE: (_("Diverse"), _("Each as unlike all before it as can be: rare kinds of items come early.")),
        SampleKind.TYPICAL: (_("Typical"), _("Those in the middle of each class: what the class is, at a glance.")),
        SampleKind.STRATIFIED: (_("In proportion to a column"), _("As many of each value as its share, drawn at random.")),
    }


def purpose_words() -> dict[SampleFor, tuple[str, str]]:
    """What each purpose is called, and how its list is."""
    return {
        SampleFor.REVIEW: (_("To review: labelled, not judged yet"), _("Sample to review")),
        SampleFor.LABEL: (_("To label: without a label"), _("Sample to label")),
        SampleFor.CHECK: (_("To check: judged already"), _("Sample to check")),
    }


class SampleDialog(Dialog):
    """Draws when the person agrees; what is drawn becomes the list of Review."""

    def __init__(self, over: QWidget, session: Session, reviewer: ReviewState) -> None:
        super().__init__(over, _("Draw a sample"), _("Draw"), width=520)
        self._session, self._reviewer, self._project = session, reviewer, session.project
        self._passing = reviewer.worklist.filter.passing(reviewer.facts)
        self.kind, self.purpose, self.column = QComboBox(), QComboBox(), QComboBox()
        self.size_field, self.seed = QSpinBox(), QSpinBox()
        self.filtered = QCheckBox(_("Only of what passes the filter"))
        self._told, self._of = Label(ink="text2", px=12, wrap=True), Label(ink="text2", px=12, wrap=True)
        self._fill()
        self._lay_out()
        for told in (self.kind.activated, self.purpose.activated, self.column.activated, self.size_field.valueChanged):
            told.connect(lambda _value: self._show())
        self.filtered.toggled.connect(lambda _on: self._show())
        self.accepted.connect(self._draw)
        self._show()

    def _fill(self) -> None:
        features = self._project.predictions.current
        for kind, (words, _told) in kind_words().items():
            if kind not in (SampleKind.DIVERSE, SampleKind.TYPICAL) or (features is not None and features.has_embeddings):
                self.kind.addItem(words, str(kind))
        for purpose, (words, _title) in purpose_words().items():
            self.purpose.addItem(words, str(purpose))
        for name in ("class", "split", *self._project.items.metadata_names):
            self.column.addItem({"class": _("class"), "split": _("split")}.get(name, name), name)
        self.size_field.setRange(1, _MOST)
        self.size_field.setValue(50)
        self.seed.setRange(0, 2**31 - 1)
        for field in (self.size_field, self.seed):
            field.lineEdit().setTextMargins(6, 0, 0, 0)  # a style sheet pads the frame alone
        self.filtered.setChecked(self._reviewer.worklist.filter.narrow)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows = (
            (_("What for"), self.purpose, "sample-purpose"),
            (_("How"), self.kind, "sample-kind"),
            (_("Column"), self.column, "sample-column"),
            (_("Items"), self.size_field, "sample-size"),
            (_("Seed"), self.seed, "sample-seed"),
        )
        for row, (words, field, name) in enumerate(rows):
            field.setObjectName(name)
            field.setAccessibleName(words)
            label = Label(words, ink="text2")
            label.setObjectName(f"{name}-label")
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        self.seed.setToolTip(_("The same project and seed give the same items"))
        self.filtered.setObjectName("sample-filtered")
        self.body.addLayout(grid)
        self.body.addWidget(self._told)
        self.body.addWidget(self.filtered)
        self.body.addWidget(self._of)

    @property
    def asked(self) -> dict[str, Any]:
        """What `Project.sample` is asked for, but for the size."""
        kind = SampleKind(self.kind.currentData())
        return {
            "kind": kind,
            "purpose": SampleFor(self.purpose.currentData()),
            "column": self.column.currentData() if kind is SampleKind.STRATIFIED else None,
            "seed": self.seed.value(),
            "among": self._passing if self.filtered.isChecked() else None,
        }

    def _show(self) -> None:
        kind = SampleKind(self.kind.currentData())
        self._told.setText(kind_words()[kind][1])
        self.column.setEnabled(kind is SampleKind.STRATIFIED)
        ids = sampled_from(self._project, SampleFor(self.purpose.currentData()))
        n = int(np.count_nonzero(self._passing[ids])) if self.filtered.isChecked() else len(ids)
        self._of.setText(plural("of {n} such item", "of {n} such items", n).format(n=wording.count(n)))
        self.accept_button.set_why("" if n else _("There is no such item"))

    def _draw(self) -> None:
        """In a thread: a diverse one takes a while."""
        project, size, asked = self._project, self.size_field.value(), self.asked
        title, navigate = purpose_words()[asked["purpose"]][1], self._session.navigate.emit

        def on_drawn(items: list[int]) -> None:
            navigate("review", {"items": items, "title": title})

        self._session.pool.submit(
            lambda: project.sample(size, **asked), on_drawn, failed=self._session.failed.emit, owner=self._session
        )
