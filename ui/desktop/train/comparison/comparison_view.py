"""Two runs on gold: the verdict in a sentence, the intervals, who was right, and the items that changed sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.look.theme import BUTTON_BAR
from badcase.ui.desktop.plots.intervals import IntervalPlot, IntervalRow
from badcase.ui.desktop.train.comparison.changed_items import Answer, AnswersCard, Picture
from badcase.ui.desktop.train.comparison.mcnemar_table import TwoByTwo
from badcase.ui.desktop.train.comparison.run_selector import RunSelector
from badcase.ui.desktop.widgets import Button, Card, Hairline, IconLabel, Label, Panel
from badcase.ui.desktop.widgets.emptying import empty

WIDEST, NARROWEST = 1680, 900  # of what stands side by side; in less room it stands under each other


@dataclass(frozen=True, slots=True)
class ComparisonShown:
    """Everything the view says of runs a and b. better: None where gold shows no difference."""

    a: int
    b: int
    runs: Sequence[tuple[int, str]]
    title: str
    sentence: str
    better: bool | None
    facts: Sequence[tuple[str, str]]
    rows: Sequence[IntervalRow]
    counts: tuple[int, int, int, int]  # both right, broke, fixed, both wrong
    gold: str
    fixed: Sequence[Answer] = field(default_factory=tuple)
    broke: Sequence[Answer] = field(default_factory=tuple)
    both_wrong: Sequence[Answer] = field(default_factory=tuple)
    surer: Sequence[Answer] = field(default_factory=tuple)
    less_sure: Sequence[Answer] = field(default_factory=tuple)
    caution: str = ""
    stands_on: str = ""  # on which labels of gold the figures stand, with those on the labels as given
    why_no_check: str = ""
    why_not_accept: str = ""
    several: bool = False  # items may have any number of labels


class ComparisonView(QWidget):
    """Takes a comparison and gives intent: other runs, accepting B, opening items, going back."""

    picked = Signal(int, int)
    accepted = Signal(int)
    opened = Signal(list, str)
    gold_wanted = Signal()
    closed = Signal()

    def __init__(self, picture: Picture | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: ComparisonShown | None = None
        self.verdict, self.plot, self.table = _VerdictCard(), IntervalPlot(), TwoByTwo()
        self.fixed = AnswersCard("check", "fixed", _("Fixed by B"), "F", picture)
        self.broke = AnswersCard("cross", "error", _("Broken by B"), "B", picture)
        self.both_wrong = AnswersCard("barred", "text2", _("Wrong under both"), "", picture)
        self.surer = AnswersCard("check", "text2", _("Right under both, B is surer"), "", picture)
        self.less_sure = AnswersCard("question", "text2", _("Right under both, B is less sure"), "", picture)
        self._gold = Label(ink="text2", px=12)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar())
        column.addWidget(Hairline())
        column.addWidget(self._body(), 1)
        self._connect()

    # --- building -----------------------------------------------------------------------------------------------

    def _bar(self) -> QWidget:
        self.select_a, self.select_b = RunSelector("A"), RunSelector("B")
        self.back = Button(_("Back"), keys="Esc", flat=True)
        self.swap = Button(_("Swap"), keys="X", flat=True)
        self.accept = Button(_("Accept"), keys="Ctrl+Enter", icon="check")
        for name, button in (("back", self.back), ("swap", self.swap), ("accept", self.accept)):
            button.setObjectName(f"comparison_{name}")
        bar = Panel()
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        row.addWidget(self.back)
        row.addWidget(self.select_a, 10)
        row.addWidget(IconLabel("arrow", "text2", 14))
        row.addWidget(self.select_b, 10)
        row.addWidget(self.swap)
        row.addStretch(1)
        row.addWidget(self.accept)
        return bar

    def _body(self) -> QWidget:
        body = QWidget()
        body.setMaximumWidth(WIDEST)
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(self.verdict)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self._plot_card(), 11)
        middle.addWidget(self._table_card(), 9)
        column.addLayout(middle)
        lists = QHBoxLayout()
        lists.setSpacing(16)
        for card in self._cards:
            lists.addWidget(card, 1)
        column.addLayout(lists, 1)
        self._side_by_side = middle, lists
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        scroll.setWidget(body)
        return scroll

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        way = QBoxLayout.Direction.LeftToRight if self.width() >= NARROWEST else QBoxLayout.Direction.TopToBottom
        for cards in self._side_by_side:
            cards.setDirection(way)

    def _plot_card(self) -> Card:
        card = _titled(_("Difference on gold, B minus A"), Label(_("95 % intervals, paired"), ink="text2", px=12))
        card.body.addWidget(self.plot)
        note = _("Filled: zero lies outside the interval. Log loss has a scale of its own; right is always better.")
        card.body.addWidget(Label(note, ink="text2", px=12, wrap=True))
        card.body.addStretch(1)
        return card

    def _table_card(self) -> Card:
        card = _titled(_("Who was right"), self._gold)
        card.body.addWidget(self.table, 1)
        self._decides = Label(ink="text2", px=12, wrap=True)
        card.body.addWidget(self._decides)
        return card

    def _connect(self) -> None:
        self.select_a.chosen.connect(lambda run: self._pick(run, self.runs[1]))
        self.select_b.chosen.connect(lambda run: self._pick(self.runs[0], run))
        self.swap.clicked.connect(lambda: self._pick(*reversed(self.runs)))
        self.back.clicked.connect(self.closed)
        self.accept.clicked.connect(lambda: self.accepted.emit(self.runs[1]))
        for card in self._cards:
            card.all_opened.connect(partial(self._open_all, card))
            card.opened.connect(lambda item: self.opened.emit([item], self._title(_("{a} against {b}"))))
        self.verdict.check_gold.clicked.connect(self.gold_wanted)
        self.table.fixed.connect(self.open_fixed)
        self.table.broke.connect(self.open_broken)

    # --- showing and telling ------------------------------------------------------------------------------------

    def show_comparison(self, shown: ComparisonShown) -> None:
        self._shown = shown
        self.select_a.show_runs(shown.runs, shown.a)
        self.select_b.show_runs(shown.runs, shown.b)
        self.verdict.show_verdict(shown)
        self.plot.show_rows(shown.rows)
        both_right, broke, fixed, both_wrong = shown.counts
        self.table.show_several(shown.several)
        self.table.show_counts(both_right=both_right, broke=broke, fixed=fixed, both_wrong=both_wrong)
        self._gold.setText(_("of {gold}").format(gold=shown.gold))
        decides = _("Only the two coloured cells decide: {fixed} against {broke}.")
        self._decides.setText(decides.format(fixed=fixed, broke=broke))
        self._show_cards(shown)
        self.accept.primary = shown.better is True
        self.accept.setText(_("Accept run {n}").format(n=shown.b))
        self.accept.set_why(shown.why_not_accept)
        self.accept.updateGeometry()

    @property
    def _cards(self) -> tuple[AnswersCard, ...]:
        return (self.fixed, self.broke, self.both_wrong, self.surer, self.less_sure)

    def _show_cards(self, shown: ComparisonShown) -> None:
        """What changed sides; where there is none on one side, what else there is to see takes its place, three cards at most."""
        answers = (shown.fixed, shown.broke, shown.both_wrong, shown.surer, shown.less_sure)
        for card, said in zip(self._cards, answers, strict=True):
            card.show_answers(said)
        full = [card for card, said in zip(self._cards, answers, strict=True) if said]
        seen = full[:2] if shown.fixed and shown.broke else full[:3] or [self.fixed, self.broke]
        for card in self._cards:
            card.setVisible(card in seen)

    def open_fixed(self) -> None:
        self._open_all(self.fixed)

    def open_broken(self) -> None:
        self._open_all(self.broke)

    def _open_all(self, card: AnswersCard) -> None:
        """Open the items of a card in Review."""
        titles = (
            _("Fixed by {b}"),
            _("Broken by {b}"),
            _("Wrong under {a} and {b}"),
            _("Right under both, {b} is surer"),
            _("Right under both, {b} is less sure"),
        )
        if items := card.model.items:
            self.opened.emit(items, self._title(titles[self._cards.index(card)]))

    def update_pictures(self) -> None:
        """A thumbnail has arrived."""
        for card in self._cards:
            card.list.viewport().update()

    def _title(self, pattern: str) -> str:
        a, b = self.runs
        return pattern.format(a=_("run {n}").format(n=a), b=_("run {n}").format(n=b))

    @property
    def runs(self) -> tuple[int, int]:
        """Runs A and B as they are shown."""
        return (self._shown.a, self._shown.b) if self._shown else (0, 0)

    def _pick(self, a: int, b: int) -> None:
        if a != b:
            self.picked.emit(a, b)
        elif self._shown:  # the same run on both sides says nothing: stay with what was
            self.show_comparison(self._shown)


class _VerdictCard(Card):
    """ "Run 7 is better", a sentence, and three facts at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._title = Label(px=20, bold=True, wrap=True)
        self._sentence = Label(ink="text2", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._title)
        words.addWidget(self._sentence)
        self._caution = Label(px=12, ink="given", wrap=True)
        words.addWidget(self._caution)
        self._gold = Label(px=12, ink="text2", wrap=True)
        words.addWidget(self._gold)
        self._facts = QHBoxLayout()
        self._facts.setSpacing(24)
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addLayout(words, 1)
        row.addLayout(self._facts)
        row.setAlignment(self._facts, Qt.AlignmentFlag.AlignTop)
        self.check_gold = Button(_("Check gold"), icon="lock", height=BUTTON_BAR)
        self.check_gold.setObjectName("comparison_check_gold")
        row.addWidget(self.check_gold, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_verdict(self, shown: ComparisonShown) -> None:
        self.set_edge({True: "fixed", False: "error", None: "line2"}[shown.better])
        self._title.setText(shown.title)
        self._title.set_ink("text2" if shown.better is None else "text")
        self._sentence.setText(shown.sentence)
        self._caution.setText(shown.caution)
        self._caution.setVisible(bool(shown.caution))
        self._gold.setText(shown.stands_on)
        self.check_gold.set_why(shown.why_no_check)
        empty(self._facts)
        for name, value in shown.facts:
            self._facts.addWidget(_fact(name, value))


def _fact(name: str, value: str) -> QWidget:
    fact = QWidget()
    column = QVBoxLayout(fact)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(Label(name, px=12, ink="text2"))
    column.addWidget(Label(value, bold=True))
    return fact


def _titled(title: str, right: Label) -> Card:
    card = Card(padding=14)
    head = QHBoxLayout()
    head.addWidget(Label(title, bold=True))
    head.addStretch(1)
    head.addWidget(right)
    card.body.addLayout(head)
    return card
