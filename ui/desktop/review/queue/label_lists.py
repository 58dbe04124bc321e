"""The left panel while items are labelled: why, what is suggested beside the labels so far, and what labels did and would do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.labelling.label_queue import Why
from badcase.labelling.label_reasons import title
from badcase.ui import wording
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.review.state.facts import WHY_ICONS
from badcase.ui.desktop.review.state.label_summary import LabelSummary, SuggestedClass
from badcase.ui.desktop.widgets import Button, Hairline, Label, ListRow, PaintedButton, SectionTitle
from badcase.ui.desktop.widgets.emptying import empty
from badcase.ui.desktop.widgets.painting import RIGHT, begin, draw_bar, draw_box, draw_ring, draw_text, text_width

_FEWEST = 6  # classes in sight
_HIGH, _SHORTEST = 26, 16  # of a row, and of a bar


class SuggestedRow(PaintedButton):
    """A class: a bar and the number of items that it is suggested for, and the labels that it has."""

    def __init__(self, one: SuggestedClass, most: int, room: int) -> None:
        """most: items of the most frequent class; room: what the longest name takes, beside which the bars stand."""
        super().__init__()
        self._one, self._most, self._room = one, most, room
        self.setText(one.name)
        n, labels = wording.count(one.items), wording.count(one.labels)
        self.setAccessibleName(_("{name}: suggested for {n}, {labels} labels so far").format(name=one.name, n=n, labels=labels))
        self.setFixedHeight(_HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(180, _HIGH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        if self.underMouse():
            draw_box(painter, rect, 6, t.hover)
        if self.rings:
            draw_ring(painter, rect, 6)
        numbers, right = font(13, figures=True), rect.right() - 8
        draw_text(painter, QRectF(0, 0, right, _HIGH), wording.count(self._one.labels), t.text3, numbers, RIGHT)
        draw_text(painter, QRectF(0, 0, right - 44, _HIGH), wording.count(self._one.items), t.text2, numbers, RIGHT)
        end = right - 92
        bar = QRectF(max(8.0 + self._room + 12, end - 70), rect.center().y() - 1.5, 0, 3)
        bar.setRight(end)
        draw_text(painter, QRectF(8, 0, end - 8, _HIGH), self._one.name, t.text, font(13))
        if bar.width() >= _SHORTEST:
            draw_bar(painter, bar, self._one.items / max(1, self._most), t.line2)
        painter.end()


class LabelLists(QWidget):
    """`listed` carries the items of a row that was clicked, and what they are called."""

    listed = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary: LabelSummary | None = None
        self._open = False
        self._why = {why: ListRow(WHY_ICONS[why], title(why)) for why in Why}
        self._suggested, self._foot = QVBoxLayout(), QGridLayout()
        self._more = Button("", flat=True, ink="accent", height=_HIGH)
        self._more.setObjectName("suggested-more")
        self._more.clicked.connect(self._toggle)
        self._given, self._next = Label(px=12, bold=True), Label(px=12, bold=True)
        self._why_title = SectionTitle(_("Why label it"))
        self._suggested_title = SectionTitle(_("Suggested"), _("labels so far"))
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(_inset(self._why_title))
        for why, row in self._why.items():
            row.setObjectName(f"why-{why}")
            row.clicked.connect(lambda _checked=False, why=why: self._list_why(why))
            column.addWidget(row)
        column.addSpacing(12)
        column.addLayout(_inset(self._suggested_title))
        self._suggested.setSpacing(0)
        column.addLayout(self._suggested)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        column.addWidget(Hairline())
        self._foot.setContentsMargins(8, 10, 8, 0)
        self._foot.setColumnStretch(0, 1)
        for at, (words, value) in enumerate(((_("Labels given"), self._given), (_("Next 50 take of the doubt"), self._next))):
            self._foot.addWidget(Label(words, px=12, ink="text2"), at, 0)
            self._foot.addWidget(value, at, 1, Qt.AlignmentFlag.AlignRight)
        column.addLayout(self._foot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._why_title.set_texts(_("Why label it"), _("share of the queue") if self.width() >= 208 else "")

    def show_summary(self, summary: LabelSummary | None) -> None:
        """None hides the lists: nothing waits for a label, or other items are looked at."""
        self._summary = summary
        self.setVisible(summary is not None)
        if summary is None:
            return
        most = max([len(items) for items in summary.why.values()] + [1])
        for why, row in self._why.items():
            n = len(summary.why.get(why, ()))
            row.set_values(wording.count(n), n / most)
            row.setVisible(n > 0)
        self._given.setText(wording.count(summary.given))
        self._next.setText(f"{100 * summary.next_50:.0f} %")
        self._show_suggested(summary.suggested)

    def _show_suggested(self, suggested: Sequence[SuggestedClass]) -> None:
        empty(self._suggested)
        most = max([one.items for one in suggested] + [1])
        shown = suggested if self._open else suggested[:_FEWEST]
        room = max((text_width(one.name, font(13)) for one in shown), default=0)
        for one in shown:
            row = SuggestedRow(one, most, room)
            row.setObjectName(f"suggested-{one.name}")
            called = _("Suggested {name}").format(name=one.name)
            row.clicked.connect(lambda _checked=False, one=one, called=called: self._list_suggested(one, called))
            self._suggested.addWidget(row)
        hidden = len(suggested) - len(shown)
        self._suggested_title.setVisible(bool(suggested))
        self._more.setVisible(hidden > 0 or (self._open and len(suggested) > _FEWEST))
        self._more.setText(_("Fewer") if self._open else plural("{n} more", "{n} more", hidden).format(n=wording.count(hidden)))

    def _toggle(self) -> None:
        self._open = not self._open
        if self._summary is not None:
            self._show_suggested(self._summary.suggested)

    def _list_suggested(self, one: SuggestedClass, called: str) -> None:
        if self._summary is not None:
            self.listed.emit(self._summary.items_of(one), called)

    def _list_why(self, why: Why) -> None:
        if self._summary is not None:
            self.listed.emit(self._summary.why[why], title(why))


def _inset(part: QWidget) -> QVBoxLayout:
    holder = QVBoxLayout()
    holder.setContentsMargins(8, 0, 8, 6)
    holder.addWidget(part)
    return holder
