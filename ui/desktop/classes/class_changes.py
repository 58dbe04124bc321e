"""What a person can do to classes: what each change needs, and how it is planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from badcase.class_edits.class_edits import ClassEdits, EditPlan
from badcase.errors import BadcaseError
from badcase.i18n import _, pgettext, plural
from badcase.store.classes.class_edit import EditKind
from badcase.ui import wording


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen on the page: classes by name in their order, what is typed, the items of a split, and what a merge means."""

    names: list[str]
    text: str
    items: Sequence[int]
    meaning: str | None = None

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
    """One kind of change: what it is called on its button, its icon and key, what is typed for it ("" for nothing), the title of
    its preview for so many classes, and how it is planned."""

    title: Callable[[], str]
    icon: str
    keys: str
    prompt: Callable[[], str]
    plan: Callable[[ClassEdits, Chosen], EditPlan]


def _nothing() -> str:
    return ""


def _merge(edits: ClassEdits, chosen: Chosen) -> EditPlan:
    if len(chosen.names) < 2:
        raise BadcaseError(_("Choose two classes or more"))
    return edits.merge(chosen.names, chosen.text.strip() or chosen.names[0], meaning=chosen.meaning)


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
    name = chosen.one
    if not len(chosen.items):
        raise BadcaseError(_("Choose which items go: a cluster, a sweep, or what a filter of Data shows"))
    return edits.split(name, chosen.typed, chosen.items)


KINDS: dict[str, ClassChangeKind] = {
    "describe": ClassChangeKind(
        lambda: _("Describe"), "book", "I", lambda: _("What it means"), lambda edits, one: edits.describe(one.one, one.text)
    ),
    "add": ClassChangeKind(lambda: _("Add"), "plus", "N", lambda: _("Its name"), lambda edits, one: edits.add(one.typed)),
    "rename": ClassChangeKind(
        lambda: _("Rename"), "pencil", "F2", lambda: _("Its new name"), lambda edits, one: edits.rename(one.one, one.typed)
    ),
    "merge": ClassChangeKind(lambda: _("Merge"), "join", "M", lambda: _("The name of all of them"), _merge),
    "split": ClassChangeKind(lambda: pgettext("a class", "Split"), "fork", "S", lambda: _("The name of the new one"), _split),
    "delete": ClassChangeKind(lambda: _("Delete"), "barred", "Del", _nothing, lambda edits, one: edits.delete(one.one)),
    "key": ClassChangeKind(
        lambda: pgettext("on the keyboard", "Key"),
        "keyboard",
        "K",
        lambda: _("F3 to F10; none where it is empty"),
        lambda edits, one: edits.key(one.one, one.text),
    ),
    "colour": ClassChangeKind(
        lambda: _("Colour"),
        "halves",
        "C",
        lambda: _("As #rrggbb; the colour of its place where it is empty"),
        lambda edits, one: edits.colour(one.one, one.text),
    ),
    "up": ClassChangeKind(lambda: _("Up"), "gain", "Alt+Up", _nothing, _move(-1)),
    "down": ClassChangeKind(lambda: _("Down"), "gain", "Alt+Down", _nothing, _move(1)),
    "draft": ClassChangeKind(lambda: _("Draft"), "list", "D", _nothing, lambda edits, one: edits.draft(one.names)),
}
HEAD = ("add", "rename", "merge", "split", "delete")
MORE = ("describe", "draft", "key", "colour", "up", "down")

# What a change of the journal is shown with.
ICONS: dict[EditKind, str] = {
    EditKind.ADD: "plus",
    EditKind.RENAME: "pencil",
    EditKind.MERGE: "join",
    EditKind.SPLIT: "fork",
    EditKind.DELETE: "barred",
    EditKind.REORDER: "gain",
    EditKind.COLOUR: "halves",
    EditKind.KEY: "keyboard",
    EditKind.MEANING: "book",
    EditKind.PIN: "star",
    EditKind.RULING: "scales",
}


def heading(kind: str, names: Sequence[str]) -> str:
    """What a preview is called: what would be done, to which classes."""
    n, name = len(names), names[0] if names else ""
    if kind == "merge" and n > 1:
        return plural("Merge {n} into 1", "Merge {n} into 1", n).format(n=wording.count(n))
    if kind == "add":
        return _("Add a class")
    if kind == "describe" and n == 1:
        return name
    if kind == "draft" and n != 1:
        return _("Draft what they mean")
    return _("{what}: {name}").format(what=KINDS[kind].title(), name=name) if n == 1 else KINDS[kind].title()
