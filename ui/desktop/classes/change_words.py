"""What a change to the classes would make other, in the words of the Classes page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from badcase.class_edits.class_edits import EditPlan
from badcase.class_edits.class_parts import told_apart
from badcase.i18n import _, plural
from badcase.items import Kind
from badcase.project import Project
from badcase.store.classes.class_edit import EditKind
from badcase.ui import wording

_EXAMPLES, _NAMED = 2, 2  # items of each class, and classes that show theirs


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line: an icon, a sentence, its number, and what follows from it."""

    icon: str
    words: str
    number: str = ""
    more: str = ""


def what_changes(project: Project, plan: EditPlan, suspects: int = 0) -> list[ChangeLine]:
    """The lines of a preview, only what there is; suspects: how many wait between the classes of a merge."""
    seen, told = project.class_edits.preview(plan), []
    if seen.labels:
        target = plan.edit.names[-1] if plan.edit.names else ""
        words = plural("{n} verdict among them, which stays", "{n} verdicts among them, which stay", seen.verdicts)
        more = words.format(n=wording.count(seen.verdicts)) if seen.verdicts else ""
        told.append(ChangeLine("tag", _("Labels told as {name}").format(name=target), wording.count(seen.labels), more))
    if seen.relabelled:
        told.append(ChangeLine("fork", _("Items that get another label"), wording.count(seen.relabelled), _("by your verdicts")))
    if seen.gold:
        told.append(
            ChangeLine(
                "lock",
                _("Gold labels that follow"),
                wording.count(seen.gold),
                _("gold stays locked; both taxonomies are compared"),
            )
        )
    if suspects:
        told.append(
            ChangeLine(
                "list", _("Suspects that were between them"), f"−{wording.count(suspects)}", _("the count of errors is told anew")
            )
        )
    if seen.runs and (seen.labels or seen.relabelled):
        merged = plan.edit.kind is EditKind.MERGE
        more = _("the probabilities are added; no training needed") if merged else ""
        told.append(ChangeLine("bars", _("Runs that still answer"), wording.count(seen.runs), more))
    if seen.untrained:
        more = _("the model in use says nothing of {names} until then").format(names=", ".join(seen.untrained))
        told.append(ChangeLine("retrain", _("Classes to be trained"), wording.count(len(seen.untrained)), more))
    if seen.rows:
        told.append(
            ChangeLine(
                "export",
                _("Rows that an export writes differently"),
                wording.count(seen.rows),
                _("untouched rows stay byte for byte"),
            )
        )
    return told or [ChangeLine("check", _("No label is told otherwise"))]


def suspects_between(project: Project, names: Sequence[str]) -> int:
    """How many items wait for a verdict that have one of some classes and are suggested another of them."""
    ranking = project.ranking
    if ranking is None or len(names) < 2:
        return 0
    places = [project.label_names.index(name) for name in names]
    waits = project.to_review()
    labels, suggested = project.labels[waits], ranking.suggested[waits]
    return int((np.isin(labels, places) & np.isin(suggested, places) & (labels != suggested)).sum())


def comes_along(project: Project, names: Sequence[str], plan: EditPlan) -> str:
    """Which pinned items and rulings of merged classes come along, and which pins lapse."""
    merged = [project.class_edits.named(name) for name in names]
    pins, rules = sum(len(one.pins) for one in merged), sum(len(one.rulings) for one in merged)
    kept = sum(len(said.get("pins", ())) for said in plan.edit.sets.values())
    if not pins and not rules:
        return ""
    words = [plural("{n} pinned item comes along", "{n} pinned items come along", kept).format(n=wording.count(kept))]
    words.append(plural("{n} ruling too", "{n} rulings too", rules).format(n=wording.count(rules)))
    if lapsed := pins - kept:
        words.append(plural("{n} counter-example lapses", "{n} counter-examples lapse", lapsed).format(n=wording.count(lapsed)))
    return "; ".join(words)


def loses(project: Project, names: list[str]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """How well some classes are told apart, and items of each."""
    found, rows = told_apart(project, names), []
    of = _("{n} of {all}")
    if found.items:
        rows.append((_("Told apart by the model"), of.format(n=wording.count(found.model), all=wording.count(found.items))))
    if found.judged:
        rows.append((_("Two people or more agree"), of.format(n=wording.count(found.people), all=wording.count(found.judged))))
    return rows, [(name, shown) for name in names[:_NAMED] for shown in _examples(project, name)]


def _examples(project: Project, name: str) -> list[str]:
    """Items of a class: those that are pinned to it, else the first that are no gold."""
    if project.task == "multilabel":
        return []
    one = project.class_edits.named(name)
    place = project.label_names.index(name)
    pinned = [pin.item for pin in one.pins if pin.fits]
    others = np.flatnonzero((project.labels == place) & ~project.gold)[:_EXAMPLES].tolist()
    items = list(dict.fromkeys([*pinned, *others]))[:_EXAMPLES]
    return [" ".join(project.items.text(i).split()) if project.kind is Kind.TEXT else project.items.key(i) for i in items]
