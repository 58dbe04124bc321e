"""How far the reviewers agree, and what adopting their consensus would change, before it does."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGridLayout, QWidget

from badcase.i18n import _, percent, plural
from badcase.reviewers.adopting import plan_consensus
from badcase.reviewers.of_project import Reviewers
from badcase.store.verdicts import VerdictCode
from badcase.ui import operations, wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.people.judged_rows import JudgedRows
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Dialog, Hairline, Label, SectionTitle
from badcase.ui.desktop.widgets.painting import RIGHT, draw_text, text_width
from badcase.ui.reviewer_words import answer_name, answers_given

_MOST_LINES = 6  # of reviewers, and of pairs of them


class ConsensusDialog(Dialog):
    """Adopts the consensus when the person agrees; one undo takes it back."""

    def __init__(self, over: QWidget, session: Session) -> None:
        super().__init__(over, _("Adopt the consensus of the reviewers?"), _("Adopt"), width=640)
        self._session = session
        found = session.project.reviewers()
        planned = plan_consensus(session.project, found)
        self.body.addLayout(_agreement(found))
        self.rows: PlannedRows | None = None
        if len(planned.changed):
            self.body.addSpacing(4)
            self.body.addWidget(Hairline())
            n = len(planned.changed)
            words = plural("{n} item would follow the consensus", "{n} items would follow the consensus", n)
            self.body.addWidget(SectionTitle(words.format(n=wording.count(n)), _("belief")))
            self.rows = PlannedRows(session, found, planned.changed.tolist(), planned.answers.tolist())
            self.body.addWidget(self.rows)
        for sentence in planned.left_out:
            self.body.addWidget(Label(sentence, px=12, ink="text2", wrap=True))
        self.accept_button.set_why("" if len(planned.changed) else planned.title)
        self.accepted.connect(lambda: session.apply_and_tell(operations.accept_consensus))


def _agreement(found: Reviewers) -> QGridLayout:
    """Who has judged how much and how well, every two of them, and all together."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    made = found.consensus
    if made is None:
        grid.addWidget(Label(_("Nobody has reviewed yet."), ink="text2", wrap=True), 0, 0)
        return grid
    _add(grid, (_("reviewer"), _("judged"), _("quality"), ""), head=True)
    seen = found.seen.sum(0)
    for j, name in enumerate(found.names[:_MOST_LINES]):
        _add(grid, (name, wording.count(int(seen[j])), _share(float(made.quality[j])), ""))
    _add_more(grid, len(found.names))
    if not made.agreement.items:
        nothing = Label(_("No two have judged the same item: there is nothing to compare yet."), ink="text2", wrap=True)
        grid.addWidget(nothing, grid.rowCount(), 0, 1, 4)
        return grid
    _add(grid, (_("two reviewers"), _("shared items"), _("alike"), _("kappa")), head=True)
    for one in made.agreement.pairs[:_MOST_LINES]:
        names = _("{one} and {other}").format(one=found.names[one.first], other=found.names[one.second])
        _add(grid, (names, wording.count(one.items), percent(one.alike), _value(one.kappa)))
    _add_more(grid, len(made.agreement.pairs))
    words = _("Krippendorff's alpha {alpha} over {n} shared items").format(
        alpha=_value(made.agreement.alpha), n=wording.count(made.agreement.items)
    )
    grid.addWidget(Label(words, bold=True), grid.rowCount(), 0, 1, 4)
    return grid


def _add(grid: QGridLayout, cells: tuple[str, ...], *, head: bool = False) -> None:
    row = grid.rowCount()
    if head and row > 1:  # a second heading stands apart
        grid.setRowMinimumHeight(row, 8)
        row += 1
    for column, text in enumerate(cells):
        part = Label(text, px=12 if head else 13, ink="text3" if head else "text" if column == 0 else "text2", elide=column == 0)
        if column:
            part.setAlignment(RIGHT)
        grid.addWidget(part, row, column)


def _add_more(grid: QGridLayout, n: int) -> None:
    if n > _MOST_LINES:
        words = _("and {n} more").format(n=wording.count(n - _MOST_LINES))
        grid.addWidget(Label(words, px=12, ink="text3"), grid.rowCount(), 0, 1, 4)


def _share(value: float) -> str:
    return percent(value) if value == value else "–"  # not NaN


def _value(value: float) -> str:
    return wording.decimal(value) if value == value else "–"


class PlannedRows(JudgedRows):
    """Who said what of each item, what stands now, and what would stand."""

    def __init__(self, session: Session, found: Reviewers, items: list[int], answers: list[int]) -> None:
        super().__init__(session, items)
        self.setObjectName("consensus_items")
        self.setAccessibleName(_("Items that would follow the consensus"))
        self._session, self._found, self._answers = session, found, answers

    def words(self, row: int) -> tuple[str, str, str]:
        """Who said what, what stands, and what would."""
        project, item = self._session.project, self.items[row]
        becomes = answer_name(project, self._found, self._answers[row])
        if self._session.seen.hides(item):
            return _("shown when you have decided"), "", ""
        said = "; ".join(f"{name}: {answer}" for name, answer in answers_given(project, self._found, item).items())
        verdict = VerdictCode(int(project.verdicts[item]))
        odd = {VerdictCode.EXCLUDE: _("excluded"), VerdictCode.UNSURE: _("unsure")}
        return said, odd.get(verdict, project.classes[int(project.labels[item])]), becomes

    def draw_rest(self, painter: QPainter, rect: QRectF, row: int) -> None:
        t, (said, stands, becomes) = tokens(), self.words(row)
        draw_text(painter, QRectF(rect.x(), rect.y() + 8, rect.width() - 60, 20), said, t.text2, font(12))
        if not becomes:
            return
        assert self._found.consensus is not None
        belief = percent(float(self._found.consensus.confidence[self.items[row]]))
        place = QRectF(rect.right() - 52, rect.y(), 52, rect.height())
        draw_text(painter, place, belief, t.text2, font(13, figures=True), RIGHT)
        line = QRectF(rect.x(), rect.y() + 28, rect.width() - 60, 20)
        wide = min(text_width(stands, font(13)) + 2.0, (line.width() - 28) / 2)
        draw_text(painter, QRectF(line.x(), line.y(), wide, 20), stands, t.text2, font(13))
        draw_icon(painter, "arrow", QRectF(line.x() + wide + 6, line.y() + 5, 12, 12), t.text3)
        rest = QRectF(line.x() + wide + 24, line.y(), line.width() - wide - 24, 20)
        draw_text(painter, rest, becomes, t.fixed, font(13, bold=True))
