"""What machines propose: how far each agrees with people, and what taking its proposals would change, before it does."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QVBoxLayout, QWidget

from badcase.i18n import _, plural
from badcase.proposals.taking import ProposalPlan, agreement_sentence, machine_agreements, plan_taking
from badcase.ui import operations, wording
from badcase.ui.desktop.look.icons import draw_icon
from badcase.ui.desktop.look.theme import font, tokens
from badcase.ui.desktop.people.judged_rows import JudgedRows
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Dialog, Hairline, Label, SectionTitle
from badcase.ui.desktop.widgets.emptying import empty
from badcase.ui.desktop.widgets.painting import draw_text, text_width


class ProposalsDialog(Dialog):
    """Takes the proposals of one machine when the person agrees; one undo takes all of them back."""

    def __init__(self, over: QWidget, session: Session) -> None:
        super().__init__(over, _("Take what a machine proposes?"), _("Take"), width=640)
        self._session, self._project = session, session.project
        self.machine, self.least = QComboBox(), QDoubleSpinBox()
        self._agrees = Label(ink="text2", wrap=True)
        self._parts = QVBoxLayout()
        self._machines = {one.by: one for one in machine_agreements(self._project)}
        self._lay_out()
        self.machine.activated.connect(lambda _index: self._show())
        self.least.valueChanged.connect(lambda _value: self._show())
        self.accepted.connect(lambda: session.apply_and_tell(operations.take_proposals, plan=self.plan))
        self._show()

    def _lay_out(self) -> None:
        self.machine.setObjectName("proposals_machine")
        self.machine.setAccessibleName(_("Machine"))
        self.machine.addItems(list(self._machines))
        self.least.setObjectName("proposals_least")
        self.least.setAccessibleName(_("Least confidence"))
        self.least.setRange(0, 1)
        self.least.setSingleStep(0.05)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(0, 1)
        grid.addWidget(Label(_("Machine"), px=12, ink="text3"), 0, 0)
        grid.addWidget(Label(_("Least confidence"), px=12, ink="text3"), 0, 1)
        grid.addWidget(self.machine, 1, 0)
        grid.addWidget(self.least, 1, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self._agrees)
        self._parts.setSpacing(4)
        self.body.addLayout(self._parts)

    @property
    def plan(self) -> ProposalPlan:
        """What taking them would do, by what is chosen."""
        return plan_taking(self._project, self.machine.currentText(), least=self.least.value() or None)

    def _show(self) -> None:
        empty(self._parts)
        plan = self.plan
        n = len(plan.items)
        agreement = self._machines[plan.by]
        said = _("It agrees with people on {words}.") if agreement.judged else _("How good it is nobody knows: {words}.")
        self._agrees.setText(said.format(words=agreement_sentence(agreement)))
        self.accept_button.set_why("" if n else _("No item of its proposals waits for a verdict"))
        if n:
            self._parts.addWidget(Hairline())
            words = plural("{n} item would get a verdict", "{n} items would get a verdict", n).format(n=wording.count(n))
            changed = plural("{n} another label", "{n} another label", plan.changed).format(n=wording.count(plan.changed))
            self._parts.addWidget(SectionTitle(words, changed))
            self._parts.addWidget(ProposedRows(self._session, plan))
        for sentence in plan.left_out:
            self._parts.addWidget(Label(sentence, px=12, ink="text2", wrap=True))


class ProposedRows(JudgedRows):
    """The label of each item now, and what it would be; those that change first."""

    def __init__(self, session: Session, plan: ProposalPlan) -> None:
        now = session.project.labels[plan.items]
        rows = sorted(zip(plan.items.tolist(), now.tolist(), plan.labels.tolist(), strict=True), key=lambda row: row[1] == row[2])
        super().__init__(session, [item for item, _now, _new in rows])
        self.setObjectName("proposed_items")
        self.setAccessibleName(_("Items that would get a verdict"))
        classes = session.project.classes
        self.names = [(classes[before], classes[after]) for _item, before, after in rows]

    def draw_rest(self, painter: QPainter, rect: QRectF, row: int) -> None:
        t, (before, after) = tokens(), self.names[row]
        if before == after:
            draw_text(painter, rect, _("{name}, as it is").format(name=before), t.text2, font(13))
            return
        wide = min(text_width(before, font(13)) + 2.0, (rect.width() - 28) / 2)
        draw_text(painter, QRectF(rect.x(), rect.y(), wide, rect.height()), before, t.text2, font(13))
        draw_icon(painter, "arrow", QRectF(rect.x() + wide + 6, rect.center().y() - 6, 12, 12), t.text3)
        rest = QRectF(rect.x() + wide + 24, rect.y(), rect.width() - wide - 24, rect.height())
        draw_text(painter, rest, after, t.fixed, font(13, bold=True))
