"""What the run shows and what to try next: a finding in words, and remedies on the keys 1 to 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QWidget

from badcase.i18n import _
from badcase.training.diagnosis.diagnose import Finding
from badcase.training.recipe import Recipe, fields
from badcase.ui.desktop.look import theme
from badcase.ui.desktop.train.recipe.recipe_fields import write_value
from badcase.ui.desktop.widgets import Card, IconLabel, Label, PaintedButton
from badcase.ui.desktop.widgets.painting import begin, cap_size, draw_box, draw_cap, draw_ring, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

MOST = 3
_SIDE_BY_SIDE = 520  # narrower, the remedies stand beneath each other
_HIGH = 88  # what changes, and two lines of why


@dataclass(frozen=True, slots=True)
class RemedyShown:
    """One remedy: what to change, from and to as a person reads them ("" where it is no knob), and why."""

    title: str
    old: str
    new: str
    why: str


def finding_shown(finding: Finding, recipe: Recipe) -> tuple[str, str, list[RemedyShown]]:
    """Title, text and the first remedies of a finding, against the recipe of its run."""
    knobs = {knob.name: knob for knob in fields()}
    shown = []
    for remedy in finding.remedies[:MOST]:
        name, new = next(iter(remedy.changes.items()), ("", None))
        old = write_value(knobs[name], getattr(recipe, name)) if name else ""
        shown.append(RemedyShown(remedy.title, old, write_value(knobs[name], new) if name else "", remedy.why))
    return finding.title, finding.text, shown


class DiagnosisCard(Card):
    """`tried` carries the index of the remedy that a person chose; it fills the recipe and trains nothing."""

    tried = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(edge="given", parent=parent)
        self.setObjectName("diagnosis")
        head = QHBoxLayout()
        head.setSpacing(10)
        self._title = Label(px=15, bold=True)
        head.addWidget(IconLabel("warning", "given", 16))
        head.addWidget(self._title)
        head.addStretch(1)
        self._text = Label(ink="text2", wrap=True)
        note = _("A key fills the recipe on the left and marks the change. Nothing trains until you say so.")
        self._note = Label(note, px=12, ink="text3", wrap=True)
        self._buttons = [_RemedyButton(str(index + 1)) for index in range(MOST)]
        self._row = row = QHBoxLayout()
        row.setSpacing(12)
        for index, button in enumerate(self._buttons):
            button.setObjectName(f"remedy_{index + 1}")
            button.clicked.connect(lambda _checked=False, index=index: self.tried.emit(index))
            row.addWidget(button, 1)
        self.body.addLayout(head)
        self.body.addWidget(self._text)
        self.body.addLayout(row)
        self.body.addWidget(self._note)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= _SIDE_BY_SIDE
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def show_finding(self, title: str, text: str, remedies: Sequence[RemedyShown]) -> None:
        self._title.setText(title)
        self._text.setText(text)
        for button, remedy in zip(self._buttons, [*remedies, *[None] * MOST][:MOST], strict=True):
            button.setVisible(remedy is not None)
            if remedy is not None:
                button.show_remedy(remedy)
        self._note.setVisible(any(remedy.new for remedy in remedies))


class _RemedyButton(PaintedButton):
    def __init__(self, key: str) -> None:
        super().__init__()
        self._key, self._remedy = key, RemedyShown("", "", "", "")
        self.setFixedHeight(_HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_remedy(self, remedy: RemedyShown) -> None:
        self._remedy = remedy
        change = f"{remedy.old} → {remedy.new}" if remedy.new else ""
        self.setAccessibleName(" ".join(part for part in (remedy.title, change, remedy.why) if part))
        self.setToolTip(plain_tip(f"{self.accessibleName()}  ({self._key})"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, _HIGH)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, _HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter, rect, remedy = theme.tokens(), begin(self), QRectF(self.rect()), self._remedy
        fill = tokens.pressed if self.isDown() else tokens.hover if self.underMouse() else tokens.raised
        draw_box(painter, rect, 6, fill, tokens.control)
        size = cap_size(self._key)
        draw_cap(painter, QRectF(rect.right() - size.width() - 10, 8, size.width(), size.height()), self._key)
        inner = rect.adjusted(12, 0, -12, 0)
        title = QRectF(inner.left(), 7, inner.width() - size.width() - 6, 20)
        draw_text(painter, title, remedy.title, tokens.text, theme.font(13, bold=True))
        line = QRectF(inner.left(), 28, inner.width(), 18)
        if remedy.new:
            x = draw_text(painter, line, f"{remedy.old} → ", tokens.text2, theme.font(12))
            draw_text(painter, line.adjusted(x, 0, 0, 0), remedy.new, tokens.accent, theme.font(12))
            line.translate(0, 18)
        line.setBottom(rect.bottom() - 6)
        painter.setFont(theme.font(12))
        painter.setPen(tokens.text3)
        painter.drawText(line, int(Qt.TextFlag.TextWordWrap), remedy.why)
        if self.rings:
            draw_ring(painter, rect, 6)
        painter.end()
