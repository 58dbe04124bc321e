"""What a patch would bring, and which verdict holds on each item where it contradicts what stands, before it is applied."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from badcase.errors import BadcaseError
from badcase.export import Applied, Conflict, OnConflict, Side, preview_patch
from badcase.i18n import _, plural
from badcase.store.verdicts import Verdict
from badcase.ui import operations, wording
from badcase.ui.desktop.look.theme import BUTTON_BAR, font, tokens
from badcase.ui.desktop.people.judged_rows import HIGH, JudgedRows
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.widgets import Button, Dialog, Hairline, Label
from badcase.ui.desktop.widgets.painting import draw_box, draw_cap, draw_text
from badcase.ui.reviewer_words import reviewer_name, since


def open_patch(over: QWidget, session: Session, path: Path | None = None) -> None:
    """Ask what a patch is to do; path: the one that was dropped, else it is chosen first."""
    if path is None:
        title, kinds = _("Apply a patch"), _("Patches (*.patch *.jsonl);;All files (*)")
        chosen, _kind = QFileDialog.getOpenFileName(over, title, str(session.project.path.parent), kinds)
        if not chosen:
            return
        path = Path(chosen)
    try:
        PatchDialog(over, session, path).open()
    except BadcaseError as error:
        session.failed.emit(error)


class PatchDialog(Dialog):
    """Applies the patch when the person agrees; one undo takes all of it back. BadcaseError where it is none."""

    def __init__(self, over: QWidget, session: Session, path: Path) -> None:
        seen = preview_patch(session.project, path)
        super().__init__(over, _("Apply the patch {name}?").format(name=path.name), _("Apply"), width=640)
        self._session, self._path = session, path
        for sentence in _what_it_brings(seen):
            self.body.addWidget(Label(sentence, wrap=True))
        self.conflicts: ConflictRows | None = None
        if seen.conflicts:
            self._add_conflicts(seen.conflicts)
        words = _("Each verdict keeps its reviewer and its time. One undo takes all of it back.")
        self.body.addWidget(Label(words, px=12, ink="text2", wrap=True))
        self._nothing = "" if seen.items else _("Everything in it is known here already")
        self._check()
        self.accepted.connect(self._apply)

    def open(self) -> None:
        super().open()
        if self.conflicts is not None:
            self.conflicts.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add_conflicts(self, conflicts: tuple[Conflict, ...]) -> None:
        n = len(conflicts)
        self.body.addSpacing(4)
        self.body.addWidget(Hairline())
        words = plural(
            "{n} verdict contradicts what stands. Which of the two holds?",
            "{n} verdicts contradict what stands. Which of the two holds?",
            n,
        )
        self.body.addWidget(Label(words.format(n=wording.count(n)), bold=True, wrap=True))
        self.conflicts = ConflictRows(self._session, conflicts)
        self.conflicts.changed.connect(self._check)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label(_("For all of them:"), ink="text2"))
        for way, words in (
            (OnConflict.KEEP, _("What stands")),
            (OnConflict.TAKE, _("The patch")),
            (OnConflict.NEWEST, _("The newest")),
        ):
            button = Button(words, height=BUTTON_BAR)
            button.setObjectName(f"all_{way}")
            button.clicked.connect(partial(self.conflicts.choose_all, way))
            head.addWidget(button)
        head.addStretch(1)
        self.body.addLayout(head)
        self.body.addWidget(self.conflicts)
        self.body.addWidget(Label(_("The other stays known as what its reviewer says."), px=12, ink="text2", wrap=True))

    def _check(self) -> None:
        taken = self.conflicts is not None and any(self.conflicts.taken)
        self.accept_button.set_why("" if taken else self._nothing)

    def _apply(self) -> None:
        chosen = {} if self.conflicts is None else self.conflicts.chosen()
        self._session.apply_and_tell(operations.apply_patch, path=self._path, chosen=chosen)


def _what_it_brings(seen: Applied) -> list[str]:
    said = [(seen.applied, plural("{n} verdict is taken over.", "{n} verdicts are taken over.", seen.applied))]
    if seen.already:
        said.append((seen.already, plural("{n} is known here already.", "{n} are known here already.", seen.already)))
    if seen.missing:
        words = plural(
            "{n} has no item or no class here, and is left out.",
            "{n} have no item or no class here, and are left out.",
            seen.missing,
        )
        said.append((seen.missing, words))
    return [words.format(n=wording.count(n)) for n, words in said]


class ConflictRows(JudgedRows):
    """A row for each conflict, with what stands (1) and what the patch says (2); the chosen answer has the soft accent."""

    changed = Signal()

    def __init__(self, session: Session, conflicts: tuple[Conflict, ...]) -> None:
        super().__init__(session, [one.item for one in conflicts])
        self.setObjectName("conflicts")
        self.setAccessibleName(_("Conflicts"))
        self._hidden, self._conflicts = session.seen.hides, conflicts
        self.taken = [False] * len(conflicts)

    def chosen(self) -> dict[str, OnConflict]:
        """What was chosen for each item, by its key."""
        ways = {True: OnConflict.TAKE, False: OnConflict.KEEP}
        return {one.key: ways[taken] for one, taken in zip(self._conflicts, self.taken, strict=True)}

    def choose_all(self, way: OnConflict, _checked: bool = False) -> None:
        """The same way for all."""
        newest = way is OnConflict.NEWEST
        self.taken = [one.newer if newest else way is OnConflict.TAKE for one in self._conflicts]
        self.viewport().update()
        self.changed.emit()

    def choose(self, row: int, *, taken: bool) -> None:
        self.taken[row] = taken
        self.viewport().update()
        self.changed.emit()

    def words(self, row: int) -> list[tuple[str, str]]:
        """Both sides: what is said, by whom and when."""
        one = self._conflicts[row]
        hidden = self._hidden(one.item)
        return [(_("shown when you have decided") if hidden else _says(side), _by(side)) for side in (one.stood, one.patch)]

    def answer_rect(self, row: int, side: int) -> QRectF:
        """Where an answer of a row stands: 0 what stands, 1 what the patch says."""
        rest = self.rest(row)
        wide = (rest.width() - 8) / 2
        return QRectF(rest.x() + side * (wide + 8), rest.y() + 6, wide, HIGH - 12)

    def draw_rest(self, painter: QPainter, rect: QRectF, row: int) -> None:
        t = tokens()
        for side, (what, who) in enumerate(self.words(row)):
            box, on = self.answer_rect(row, side), self.taken[row] is bool(side)
            draw_box(painter, box, 6, t.soft(t.accent) if on else t.raised, t.soft_border(t.accent) if on else t.line)
            draw_cap(painter, QRectF(box.x() + 8, box.center().y() - 10, 20, 20), str(side + 1), enabled=True)
            inner = box.adjusted(36, 3, -8, -3)
            draw_text(painter, QRectF(inner.x(), inner.y(), inner.width(), 20), what, t.text, font(13, bold=on))
            draw_text(painter, QRectF(inner.x(), inner.y() + 19, inner.width(), 18), who, t.text2, font(12))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position())
        if row < 0:
            return
        self.go(row)
        for side in (0, 1):
            if self.answer_rect(row, side).contains(event.position()):
                self.choose(row, taken=bool(side))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 keeps what stands, 2 takes the patch's, and both go on to the next."""
        if event.key() in (Qt.Key.Key_1, Qt.Key.Key_2):
            self.choose(self.current, taken=event.key() == Qt.Key.Key_2)
            self.go(self.current + 1)
        else:
            super().keyPressEvent(event)


def _says(side: Side) -> str:
    odd = {Verdict.EXCLUDE: _("excluded"), Verdict.UNSURE: _("unsure")}
    return odd.get(side.verdict, side.label)


def _by(side: Side) -> str:
    return f"{reviewer_name(side.who)}, {since(side.at)}"
