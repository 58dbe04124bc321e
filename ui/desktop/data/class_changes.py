"""What a person can do to classes in the dialog: what each change needs, and how it is planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from badcase.class_edits.class_edits import ClassEdits, EditPlan
from badcase.errors import BadcaseError
from badcase.i18n import _


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen in the dialog: classes by name in their order, what is typed, and the items that the page shows."""

    names: list[str]
    text: str
    items: Sequence[int]

    @property
    def one(self) -> str:
        if len(self.names) != 1:
            raise BadcaseError(_("Choose one class"))
        return self.names[0]

    @property
    def typed(self) -> str:
        if not self.text.strip():
            raise BadcaseError(_("Type it first"))
        return self.text


@dataclass(frozen=True, slots=True)
class ClassChangeKind:
    """One kind of change: its title, what is typed for it ("" for nothing), and how it is planned."""

    title: Callable[[], str]
    prompt: Callable[[], str]
    plan: Callable[[ClassEdits, Chosen], EditPlan]


def _nothing() -> str:
    return ""


def _merge(edits: ClassEdits, chosen: Chosen) -> EditPlan:
    if len(chosen.names) < 2:
        raise BadcaseError(_("Choose two classes or more"))
    return edits.merge(chosen.names, chosen.text.strip() or chosen.names[0])


def _move(by: int) -> Callable[[ClassEdits, Chosen], EditPlan]:
    def plan(edits: ClassEdits, chosen: Chosen) -> EditPlan:
        names = [one.name for one in edits.all()]
        at = names.index(chosen.one)
        if not 0 <= at + by < len(names):
            raise BadcaseError(_("It stands at the end already"))
        names.insert(at + by, names.pop(at))
        return edits.reorder(names)

    return plan


def _split(edits: ClassEdits, chosen: Chosen) -> EditPlan:
    if not chosen.items:
        raise BadcaseError(_("Narrow the table to some items of the class first, by words or a part"))
    return edits.split(chosen.one, chosen.typed, chosen.items)


KINDS: dict[str, ClassChangeKind] = {
    "describe": ClassChangeKind(
        lambda: _("Say what it means"), lambda: _("What it means"), lambda edits, one: edits.describe(one.one, one.text)
    ),
    "add": ClassChangeKind(lambda: _("Add a class"), lambda: _("Its name"), lambda edits, one: edits.add(one.typed)),
    "rename": ClassChangeKind(
        lambda: _("Rename it"), lambda: _("Its new name"), lambda edits, one: edits.rename(one.one, one.typed)
    ),
    "merge": ClassChangeKind(lambda: _("Merge the chosen ones"), lambda: _("The name of both"), _merge),
    "split": ClassChangeKind(lambda: _("Split off the items that the table shows"), lambda: _("The name of the new one"), _split),
    "delete": ClassChangeKind(lambda: _("Delete it"), _nothing, lambda edits, one: edits.delete(one.one)),
    "key": ClassChangeKind(
        lambda: _("Give it a key"),
        lambda: _("F3 to F10; none where it is empty"),
        lambda edits, one: edits.key(one.one, one.text),
    ),
    "colour": ClassChangeKind(
        lambda: _("Give it a colour"), lambda: _("As #rrggbb, or nothing"), lambda edits, one: edits.colour(one.one, one.text)
    ),
    "up": ClassChangeKind(lambda: _("Move it up"), _nothing, _move(-1)),
    "down": ClassChangeKind(lambda: _("Move it down"), _nothing, _move(1)),
    "draft": ClassChangeKind(lambda: _("Draft what they mean"), _nothing, lambda edits, one: edits.draft(one.names)),
}
