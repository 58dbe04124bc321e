"""The changes that a person makes to the classes: each is planned, may be looked at, and is one entry of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.class_edits.class_naming import checked_key, checked_name
from badcase.class_edits.codebook import codebook_markdown, draft
from badcase.class_edits.edit_preview import EditPreview, preview_of
from badcase.class_names import named_class
from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.items.label_sets import set_matrix
from badcase.shown_tables import Columns, ShownTable
from badcase.store.changes import Changes
from badcase.store.classes.class_edit import GONE, ClassEdit, EditKind
from badcase.store.classes.class_state import ClassState, Pin, Ruling, StoredClass
from badcase.store.journal_reader import ClassChange
from badcase.store.judgments import Judgment, item_ids
from badcase.store.verdicts import Verdict, VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData


@dataclass(frozen=True, slots=True)
class EditPlan:
    """A change that has not been made, with the items that it relabels.

    Attributes:
        edit: What is to be other of the classes.
        judgments: What is said of items with it, under the classes afterwards.
        revision: The point of the journal at which it was planned.
    """

    edit: ClassEdit
    judgments: tuple[Judgment, ...]
    revision: int

    @property
    def title(self) -> str:
        return self.edit.title


class ClassEdits(ShownTable):
    """The classes of a project, and every way to change them.

    Each verb plans; `apply` does what was planned, on the disk when it returns, and one undo of the journal takes it back.
    `preview` tells what a plan would change. Where items may have any number of labels, a class here is one of `label_names`.
    """

    def __init__(self, project: ProjectData) -> None:
        self._project = project

    def __repr__(self) -> str:
        n = len(self.all())
        return f"<ClassEdits: {n} classes, {sum(bool(one.meaning) for one in self.all())} described>"

    def _columns(self, most: int | None) -> Columns:
        classes, counts = self.all()[:most], self.counts().tolist()[:most]
        return {
            "name": [one.name for one in classes],
            "items": counts,
            "meaning": [one.meaning for one in classes],
            "pinned": [len(one.pins) for one in classes],
            "rulings": [len(one.rulings) for one in classes],
            "colour": [one.colour for one in classes],
            "key": [one.key for one in classes],
        }

    # --- what there is ------------------------------------------------------------------------------------------

    def all(self) -> tuple[StoredClass, ...]:
        """The classes that are there, in their order."""
        state = self._state
        return tuple(state.classes[i] for i in state.order)

    def named(self, name: str) -> StoredClass:
        """The class of a name; BadcaseError that names the nearest."""
        return self.all()[named_class(self._project.label_names, name)]

    def counts(self) -> npt.NDArray[np.int64]:
        """(k,) how many items have each label now: gold ones too, excluded ones not, as they are in no data that go out."""
        project = self._project
        labels = project.labels[project.labelled & (project.verdicts != VerdictCode.EXCLUDE)]
        if project.task == "multilabel":
            return np.asarray(project.taxonomy.matrix(labels).sum(0), np.int64)
        return np.bincount(labels, minlength=len(project.classes)).astype(np.int64)

    def changes(self) -> list[ClassChange]:
        """Every change to the classes, newest first, also those that were taken back."""
        return self._project.journal.edits()

    @property
    def _state(self) -> ClassState:
        return self._project.taxonomy.view.state

    # --- plans --------------------------------------------------------------------------------------------------

    def add(self, name: str, items: int | Sequence[int] = ()) -> EditPlan:
        """A new class.

        Args:
            name: What it is called.
            items: Their ids: what is labelled as it at once; no gold.

        Raises:
            BadcaseError: Where the name is taken, or an item is gold.
        """
        project, stored = self._project, self._project.taxonomy.next_id
        name = checked_name(project, name)
        edit = ClassEdit(EditKind.ADD, (name,), {stored: {"name": name, "into": stored}})
        ids = item_ids(items, len(project.items)) if np.size(items) else []
        self._refuse_gold(ids)
        return EditPlan(edit, tuple(self._relabels(ids)) if ids else (), project.revision)

    def rename(self, old: str, new: str) -> EditPlan:
        """The same class under another name."""
        one = self.named(old)
        name = checked_name(self._project, new, but=one.name)
        return self._plan(EditKind.RENAME, [one.name, name], {one.id: {"name": name}})

    def merge(self, names: Sequence[str], into: str, *, meaning: str | None = None) -> EditPlan:
        """Several classes told as one, which is one of them, another that is there, or a new name for the first.

        Labels stay as they are stored: what was said of each class comes back where the merge is undone.

        Args:
            names: The classes.
            into: What they are called then.
            meaning: What they mean then; the sentence of the target, else of the first that has one, where it is None.
        """
        target = into.strip()
        known = self._project.label_names
        merged = list(dict.fromkeys(self.named(name) for name in names))
        kept = self.named(target) if target in known else merged[0] if merged else None
        merged = [one for one in merged if one != kept]
        if kept is None or not merged:
            raise BadcaseError(_("a merge needs at least two classes"), where="classes", got=", ".join(names) or _("nothing"))
        said: dict[str, Any] = {"pins": self._joined_pins(kept, merged)}
        said["meaning"] = self._joined_meaning(kept, merged) if meaning is None else " ".join(meaning.split())
        said["rulings"] = [_plain_ruling(one) for of in (kept, *merged) for one in of.rulings]
        if kept.name != target:
            said["name"] = checked_name(self._project, target)
        titles = [one.name for one in (*merged, kept) if one.name != target]
        return self._plan(EditKind.MERGE, [*titles, target], {one.id: {"into": kept.id} for one in merged} | {kept.id: said})

    def split(self, name: str, new: str, items: int | Sequence[int]) -> EditPlan:
        """Items of a class under a new one: the class and their relabels are one entry, which one undo takes back.

        Args:
            name: The class that they have now.
            new: The name of the new one.
            items: Their ids, from a filter, a cluster or a sweep.

        Raises:
            BadcaseError: Where an item has another label, or every item of the class goes.
        """
        project, old = self._project, self.named(name)
        ids = sorted(set(item_ids(items, len(project.items))))
        place = project.label_names.index(old.name)
        has = self._have(ids, place)
        if not all(has):
            wrong = project.items.key(ids[has.index(False)])
            raise BadcaseError(_("only items of a class are split off it"), where=wrong, expected=old.name)
        self._refuse_gold(ids)
        if len(ids) == sum(self._have(range(len(project.items)), place)):
            raise BadcaseError(_("nothing would be left of the class"), where=old.name, hint=_("Rename it instead."))
        name, stored = checked_name(project, new), project.taxonomy.next_id
        edit = ClassEdit(EditKind.SPLIT, (old.name, name), {stored: {"name": name, "into": stored}})
        return EditPlan(edit, tuple(self._relabels(ids)), project.revision)

    def delete(self, name: str) -> EditPlan:
        """A class that nothing says any more: no item by the data set, no verdict that stands, no proposal."""
        one = self.named(name)
        used = self._state.order.index(one.id)
        if len(self._project.label_names) < 2:
            raise BadcaseError(_("a project needs a class"), where=one.name)
        if n := self._uses(used):
            raise BadcaseError(
                _("only an empty class is deleted"),
                where=one.name,
                got=plural("{n} label says it", "{n} labels say it", n).format(n=n),
                hint=_("Merge it into another class."),
            )
        return self._plan(EditKind.DELETE, [one.name], {one.id: {"into": GONE}})

    def reorder(self, names: Sequence[str]) -> EditPlan:
        """The classes in another order: those that are named first, the others behind them as they are."""
        chosen = [self.named(name).id for name in dict.fromkeys(names)]
        order = (*chosen, *(i for i in self._state.order if i not in chosen))
        return EditPlan(ClassEdit(EditKind.REORDER, (), {}, order), (), self._project.revision)

    def colour(self, name: str, colour: str) -> EditPlan:
        """The colour of a class as #rrggbb; "" for the one of its place."""
        value = colour.strip().lower()
        if value and not (len(value) == 7 and value[0] == "#" and set(value[1:]) <= set("0123456789abcdef")):
            raise BadcaseError(
                _("this is no colour"), where="colour", expected=_("a sharp and six hexadecimal digits"), got=colour
            )
        return self._one(EditKind.COLOUR, name, colour=value)

    def key(self, name: str, key: str) -> EditPlan:
        """The shortcut key of a class, F3 to F10; "" for none. Another class that has it loses it."""
        one, wanted = self.named(name), checked_key(key)
        sets: dict[int, dict[str, Any]] = {one.id: {"key": wanted}}
        sets |= {other.id: {"key": ""} for other in self.all() if wanted and other.key == wanted and other.id != one.id}
        return self._plan(EditKind.KEY, [one.name], sets)

    def describe(self, name: str, meaning: str) -> EditPlan:
        """What a class means, in a sentence."""
        return self._one(EditKind.MEANING, name, meaning=" ".join(meaning.split()))

    def draft(self, names: Sequence[str] = ()) -> EditPlan:
        """A sentence and examples for classes of which nobody has said anything, from their items: to be edited by a person."""
        for name in names:
            self.named(name)
        return EditPlan(draft(self._project, names), (), self._project.revision)

    def codebook(self) -> str:
        """What all classes mean, as Markdown."""
        return codebook_markdown(self._project)

    def pin(self, name: str, item: int, *, fits: bool = True, note: str = "") -> EditPlan:
        """An item that shows what a class is; fits: False for one that is easily taken for it and is not of it."""
        one = self.named(name)
        (item,) = item_ids(item, len(self._project.items))
        pins = [_plain_pin(pin) for pin in one.pins if pin.item != item]
        return self._one(EditKind.PIN, name, pins=[*pins, {"item": item, "fits": fits, "note": " ".join(note.split())}])

    def unpin(self, name: str, item: int) -> EditPlan:
        """A pinned item no more."""
        one = self.named(name)
        if item not in [pin.item for pin in one.pins]:
            raise BadcaseError(_("this item is not pinned to the class"), where=one.name, got=item)
        return self._one(EditKind.PIN, name, pins=[_plain_pin(pin) for pin in one.pins if pin.item != item])

    def rule(self, name: str, text: str, items: Sequence[int] = ()) -> EditPlan:
        """A ruling on a class: what decides where two would fit.

        Args:
            name: The class.
            text: One sentence.
            items: Those that led to it.
        """
        one, text = self.named(name), " ".join(text.split())
        if not text:
            raise BadcaseError(_("a ruling needs a sentence"), where=one.name)
        ids = item_ids(items, len(self._project.items)) if len(items) else []
        journal = self._project.journal
        ruling = {"text": text, "items": ids, "who": journal.me, "at": journal.now()}
        return self._one(EditKind.RULING, name, rulings=[*map(_plain_ruling, one.rulings), ruling])

    def unrule(self, name: str, number: int) -> EditPlan:
        """A ruling no more; number: which one, from 1."""
        one = self.named(name)
        if not 1 <= number <= len(one.rulings):
            raise BadcaseError(_("there is no such ruling"), where=one.name, expected=f"1 - {len(one.rulings)}", got=number)
        return self._one(EditKind.RULING, name, rulings=[_plain_ruling(r) for at, r in enumerate(one.rulings, 1) if at != number])

    # --- what is planned, looked at and done --------------------------------------------------------------------

    def preview(self, plan: EditPlan) -> EditPreview:
        """What a plan would change; nothing is changed by looking."""
        return preview_of(self._project, plan.edit, plan.judgments)

    def apply(self, plan: EditPlan, *, who: str | None = None, shown: dict[str, Any] | None = None) -> Changes:
        """Do what was planned, as one entry of the journal which one undo takes back; on the disk when this returns.

        Args:
            plan: What is to be done.
            who: Who does it; else the reviewer of the journal.
            shown: What was on screen; kept with the verdicts that the plan brings.

        Raises:
            BadcaseError: Where something was recorded since it was planned.
        """
        self._project.require_writing()
        if plan.revision != self._project.revision:
            raise BadcaseError(_("the labels have changed since this was planned"), hint=_("Look at it again."))
        judgments = [replace(one, shown=shown) for one in plan.judgments]
        return self._project.journal.edit_classes(plan.edit, judgments, who=who)

    def _plan(self, kind: EditKind, names: Sequence[str], sets: dict[int, dict[str, Any]]) -> EditPlan:
        return EditPlan(ClassEdit(kind, tuple(names), sets), (), self._project.revision)

    def _one(self, kind: EditKind, name: str, **said: Any) -> EditPlan:
        one = self.named(name)
        return self._plan(kind, [one.name], {one.id: said})

    def _have(self, ids: Sequence[int], place: int) -> list[bool]:
        """Whether each item has the label of a place."""
        project, labels = self._project, self._project.labels[list(ids)]
        if project.task == "multilabel":
            sets = project.taxonomy.matrix(np.arange(len(project.classes), dtype=np.int32))
            return [bool(label >= 0 and sets[label, place]) for label in labels.tolist()]
        found: list[bool] = (labels == place).tolist()
        return found

    def _refuse_gold(self, ids: Sequence[int]) -> None:
        if self._project.gold[list(ids)].any():
            where, hint = self._project.name, _("Leave items of gold out.")
            raise BadcaseError(_("gold stays as it is: it gets no new class"), where=where, hint=hint)

    def _relabels(self, ids: Sequence[int]) -> list[Judgment]:
        """Relabels to a class that is new, under the classes after it."""
        project = self._project
        if project.task != "multilabel":
            label = len(project.label_names)  # the new class comes last
            return [Judgment(i, Verdict.RELABEL, label) for i in ids]
        raise BadcaseError(
            _("a label is split only where an item has one"),
            where=project.name,
            hint=_("Add the new label, then set it on the items of a filter in one batch."),
        )

    def _uses(self, place: int) -> int:
        """How many items, standing verdicts and proposals say a label."""
        project = self._project
        stored = project.taxonomy.view.told(np.arange(project.taxonomy.stored_count, dtype=np.int32))
        if project.task == "multilabel":
            sets = set_matrix(project.label_names, project.classes)
            says = np.array([at >= 0 and bool(sets[at, place]) for at in stored.tolist()])
        else:
            says = stored == place
        given = project.items.given
        rows = project.journal.replay.standing()["label"]
        proposed = project.proposals.stored_labels()
        return sum(int(says[ids[ids >= 0]].sum()) for ids in (given, rows, proposed))

    def _joined_meaning(self, kept: StoredClass, merged: Sequence[StoredClass]) -> str:
        return kept.meaning or next((one.meaning for one in merged if one.meaning), "")

    def _joined_pins(self, kept: StoredClass, merged: Sequence[StoredClass]) -> list[dict[str, Any]]:
        """All pins, but counter-examples that are examples of another of the classes: these lapse."""
        pins = [pin for one in (kept, *merged) for pin in one.pins]
        examples = {pin.item for pin in pins if pin.fits}
        told = {pin.item: pin for pin in pins if pin.fits or pin.item not in examples}
        return [_plain_pin(pin) for pin in told.values()]


def _plain_pin(pin: Pin) -> dict[str, Any]:
    return {"item": pin.item, "fits": pin.fits, "note": pin.note}


def _plain_ruling(ruling: Ruling) -> dict[str, Any]:
    return {"text": ruling.text, "items": list(ruling.items), "who": ruling.who, "at": ruling.at}
