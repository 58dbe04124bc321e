"""Which items of gold to check: three rules, none of which favors a model, each with what it does to the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QIntValidator, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from badcase.gold_check.blind_check import Rule
from badcase.i18n import _
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.widgets import Button, CardPage, Label, LineEdit, PaintedButton
from badcase.ui.desktop.widgets.painting import begin, cap_size, draw_box, draw_cap, draw_ring, draw_text
from badcase.ui.desktop.widgets.tooltips import plain_tip

WIDE, HIGH = 640, 82


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One rule: its title, what it does in words, how many items it takes for sure, of how many it draws; why it cannot."""

    rule: Rule
    title: str
    words: str
    fixed: int
    rest: int
    why_not: str = ""


class ChoiceView(CardPage):
    """`begun` carries the rule and how many are drawn at random; `left` leaves the page."""

    begun = Signal(str, int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(WIDE, parent)
        self._rules: list[RuleShown] = []
        self.rule = Rule.SHARE
        self._intro = Label(ink="text2", wrap=True)
        self.rows = {rule: _RuleRow(str(place)) for place, rule in enumerate(Rule, 1)}
        self.drawn = LineEdit()
        self.drawn.setObjectName("gold-drawn")
        self.drawn.setValidator(QIntValidator(0, 100_000, self))
        self.drawn.setFixedWidth(80)
        self._of = Label(ink="text2", wrap=True)
        self.begin_button = Button(_("Begin"), keys="Enter", primary=True)
        self.begin_button.setObjectName("gold-begin")
        self.back = Button(_("Back"), keys="Esc", flat=True)
        self._lay_out()
        for rule, row in self.rows.items():
            row.setObjectName(f"gold-rule-{rule}")
            row.clicked.connect(lambda _checked=False, rule=rule: self.choose(rule))
        self.drawn.textChanged.connect(self._tell)
        self.drawn.returnPressed.connect(self.begin)
        self.begin_button.clicked.connect(self.begin)
        self.back.clicked.connect(self.left)

    def _lay_out(self) -> None:
        card = self.card
        card.body.addWidget(Label(_("Check gold, blind"), px=20, bold=True))
        card.body.addWidget(self._intro)
        for row in self.rows.values():
            card.body.addWidget(row)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(Label(_("Drawn at random")))
        line.addWidget(self.drawn)
        line.addWidget(self._of, 1)
        card.body.addLayout(line)
        self.add_foot(self.back, self.begin_button)

    def show_rules(self, intro: str, rules: Sequence[RuleShown], usual: int, chosen: Rule) -> None:
        """usual: how many are drawn where nobody says otherwise."""
        self._rules = list(rules)
        self._intro.setText(intro)
        for one in rules:
            self.rows[one.rule].show_rule(one)
        self.choose(chosen)
        self.drawn.setText(str(min(usual, self._shown(self.rule).rest)))

    def show_nothing(self, why: str) -> None:
        """There is nothing to choose from."""
        self._rules = []
        self._intro.setText(why)
        for row in self.rows.values():
            row.hide()
        self.drawn.setEnabled(False)
        self.begin_button.set_why(why)

    def choose(self, rule: Rule) -> None:
        """Mark a rule, unless it cannot be taken."""
        if not self._rules:
            return
        if not self._shown(rule).why_not:
            self.rule = rule
        for one, row in self.rows.items():
            row.setChecked(one is self.rule)
        self._tell()

    def begin(self) -> None:
        if not self.begin_button.why:
            self.begun.emit(str(self.rule), self._wanted())

    def _shown(self, rule: Rule) -> RuleShown:
        return next(one for one in self._rules if one.rule is rule)

    def _wanted(self) -> int:
        rest = self._shown(self.rule).rest
        return rest if self.rule is Rule.ALL else min(int(self.drawn.text() or 0), rest)

    def _tell(self) -> None:
        if not self._rules:
            return
        shown, wanted = self._shown(self.rule), self._wanted()
        self.drawn.setEnabled(self.rule is not Rule.ALL)
        total = shown.fixed + wanted
        words = _("of {rest}, {total} items in all: {minutes} min at 3 s each")
        self._of.setText(words.format(rest=shown.rest, total=total, minutes=max(1, round(total / 20))))
        self.begin_button.set_why("" if total else _("Draw at least one item"))


class _RuleRow(PaintedButton):
    """A rule with its key, its title and what it does on two lines."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key, self._words = key, ""
        self.setCheckable(True)
        self.setFixedHeight(HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def nextCheckState(self) -> None:
        """The view decides which one holds."""

    def show_rule(self, rule: RuleShown) -> None:
        self.setText(rule.title)
        self._words = rule.why_not or rule.words
        self.setEnabled(not rule.why_not)
        self.setToolTip(plain_tip(rule.why_not))
        self.setAccessibleName(f"{rule.title}. {self._words}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter, rect = tokens(), begin(self), QRectF(self.rect())
        fill = t.soft(t.accent) if self.isChecked() else t.hover if self.underMouse() and self.isEnabled() else t.raised
        draw_box(painter, rect, 6, fill, t.accent if self.isChecked() else t.line)
        size = cap_size(self._key)
        draw_cap(painter, QRectF(QPointF(12, 11), size.toSizeF()), self._key, enabled=self.isEnabled())
        inner = rect.adjusted(24 + size.width(), 8, -12, -8)
        ink = t.text if self.isEnabled() else t.disabled
        draw_text(painter, QRectF(inner.x(), inner.y(), inner.width(), 24), self.text(), ink, font(13, True))
        painter.setFont(font(12))
        painter.setPen(t.text2 if self.isEnabled() else t.disabled)
        wrap = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignLeft.value
        high = QFontMetrics(font(12)).lineSpacing()
        painter.drawText(QRectF(inner.x(), inner.y() + 24, inner.width(), 2 * high + 4), wrap, self._words)
        if self.rings:
            draw_ring(painter, rect, 6)
        painter.end()
