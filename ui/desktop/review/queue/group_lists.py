"""What bad cases have in common, as lists to choose from: confusions, duplicates, clusters, slices, disagreements."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from badcase.errors import BadcaseError
from badcase.groups.confusions import sweep
from badcase.groups.of_project import Group, GroupKind, groups_from, snapshot_of
from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.people.consensus_dialog import ConsensusDialog
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.shell.palette import Palette

_ICONS = {
    GroupKind.CONFUSIONS: "fork",
    GroupKind.DUPLICATES: "sheets",
    GroupKind.CLUSTERS: "hub",
    GroupKind.SLICES: "filter",
    GroupKind.FAILURES: "model",
}


class GroupLists(QObject):
    """Finds groups off the window's thread, offers them over the page, and shows the chosen one's items."""

    def __init__(self, reviewer: ReviewState, over: QWidget) -> None:
        super().__init__(over)
        self._reviewer, self._over, self._session = reviewer, over, reviewer.session

    def offer(self, kind: GroupKind) -> None:
        """Let the person choose a group of a kind. The list is there at once and fills when they are found: one that came
        late would take a key that was meant for the item.
        """
        waiting = Command(_("Looking through the items…"), "", lambda: None, why_not=_("a moment"), icon="clock")
        palette = Palette(self._over, [waiting], hint=_title(kind))
        work = partial(groups_from, snapshot_of(self._session.project, self._session.project.ranking), kind)
        found, failed = partial(self._on_found, palette, kind), partial(self._on_failed, palette)
        ticket = self._session.pool.submit(work, found, failed=failed, owner=self._session)
        palette.closed.connect(partial(self._session.pool.drop, ticket=ticket))
        palette.open()

    def _on_failed(self, palette: Palette, error: Exception) -> None:
        palette.close_over()
        if not isinstance(error, BadcaseError):
            raise error
        self._session.failed.emit(error)

    def _on_found(self, palette: Palette, kind: GroupKind, found: Sequence[Group]) -> None:
        whole = self._whole(found) if kind is GroupKind.DUPLICATES else []
        commands = [self._command(_ICONS[kind], one.title, _remark(one), one.items) for one in found]
        none = Command(_("None stand out"), "", lambda: None, why_not=_("nothing to show"), icon="check")
        palette.offer([*whole, *commands] or [none])

    def _whole(self, found: Sequence[Group]) -> list[Command]:
        """All sets of duplicates that contradict each other, and all that leak, as one list each."""
        offers = []
        for fact, title in (("conflict", _("All with different labels")), ("leak", _("All in more than one split"))):
            sets = [one for one in found if one.facts[fact]]
            if sets:
                remark = plural("{n} set", "{n} sets", len(sets)).format(n=wording.count(len(sets)))
                offers.append(self._command("sheets", title, remark, np.concatenate([one.items for one in sets])))
        return offers

    def _command(self, icon: str, title: str, remark: str, items: npt.NDArray[np.int64]) -> Command:
        return Command(title, "", partial(self._show, items, title), icon=icon, page=remark)

    def _show(self, items: npt.NDArray[np.int64], title: str) -> None:
        self._session.navigate.emit("review", {"items": items.tolist(), "title": title, "at_waiting": True})

    # --- sweeps and reviewers ------------------------------------------------------------------------------------

    def sweep(self, *, pair: bool) -> None:
        """All items of the current one's given class, or of its pair: the obvious errors first, the right ones last."""
        item, facts = self._reviewer.current, self._reviewer.facts
        if item is None:
            return
        given, suggested = int(facts.given[item]), int(facts.suggested[item])
        items = sweep(facts.given, facts.suggested, facts.suspicion, given, suggested if pair else None)
        names = facts.names(item)
        title = _("all {given} → {suggested}") if pair else _("all given {given}")
        self._show(items[~facts.gold[items]], title.format(given=names[0], suggested=names[1]))

    def show_disagreements(self) -> None:
        """What reviewers judged differently, the least sure first."""
        items = self._session.project.reviewers().disagreements()
        self._show_or_tell(items, _("disagreements"), _("No two reviewers disagree"))

    def show_for_second(self) -> None:
        """What only one has seen, in the order in which a second reviewer would teach most."""
        items = self._session.project.reviewers().for_second()
        self._show_or_tell(items, _("for a second reviewer"), _("No item waits for a second reviewer"))

    def show_consensus(self) -> None:
        """How far the reviewers agree, and what adopting their consensus would change."""
        ConsensusDialog(self._over, self._session).open()

    def _show_or_tell(self, items: npt.NDArray[np.int64], title: str, otherwise: str) -> None:
        if len(items):
            self._show(items, title)
        else:
            self._session.toast.emit(otherwise, "")


def _remark(group: Group) -> str:
    n, errors = len(group.items), round(group.expected)
    parts = [group.note, plural("{n} item", "{n} items", n).format(n=wording.count(n))]
    if group.kind not in (GroupKind.SLICES, GroupKind.FAILURES):  # their notes have the rate
        parts.append(plural("about {n} error", "about {n} errors", errors).format(n=wording.count(errors)))
    return " · ".join(part for part in parts if part)


def _title(kind: GroupKind) -> str:
    return {
        GroupKind.CONFUSIONS: _("Confusions, most errors first"),
        GroupKind.DUPLICATES: _("Sets of duplicates"),
        GroupKind.CLUSTERS: _("Clusters of errors"),
        GroupKind.SLICES: _("Slices with more wrong labels than the rest"),
        GroupKind.FAILURES: _("Slices that the model fails on though the labels look right"),
    }[kind]
