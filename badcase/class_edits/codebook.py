"""The codebook: what each class means, as people read it, and a draft of it for who begins with an empty page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.distinctive_words import telling, text_counts
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.progress import Job, Progress
from badcase.shown_tables import plain_markdown
from badcase.store.atomic_files import write_whole
from badcase.store.classes.class_edit import ClassEdit, EditKind
from badcase.store.classes.class_state import StoredClass
from badcase.store.verdicts import VerdictCode

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_SHOWN = 120  # letters of a text
_EXAMPLES, _WORDS, _TEXTS = 3, 4, 400  # of a draft: pinned examples, words, and texts of a class that are read


def codebook_markdown(project: ProjectData) -> str:
    """All classes with their sentences, examples, counter-examples and rulings, as Markdown."""
    state = project.taxonomy.view.state
    lines = ["# " + _("What the classes of {name} mean").format(name=plain_markdown(project.name)), ""]
    lines += [_("Labels at revision {revision}.").format(revision=project.revision), ""]
    for stored in state.order:
        lines += [*class_markdown(project, state.classes[stored]), ""]
    return "\n".join(lines)


def class_markdown(project: ProjectData, one: StoredClass, head: str = "##") -> list[str]:
    """One class: its sentence, its pinned items and its rulings; that nobody has said it where there is none."""
    told = plain_markdown(one.meaning) or "*" + _("Nobody has said what this class means.") + "*"
    lines = [f"{head} {plain_markdown(one.name)}", "", told]
    for title, fits in ((_("Examples"), True), (_("Counter-examples"), False)):
        pins = [pin for pin in one.pins if pin.fits is fits]
        if pins:
            lines += ["", f"**{title}**", ""]
            lines += [f"- {_shown(project, pin.item)}" + (f": {plain_markdown(pin.note)}" if pin.note else "") for pin in pins]
    if one.rulings:
        lines += ["", "**" + _("Rulings") + "**", ""]
        for rule in one.rulings:
            led = "; ".join(_shown(project, item) for item in rule.items)
            whose = plain_markdown(f"{rule.who}, {rule.at[:10]}")
            lines.append(f"- {plain_markdown(rule.text)} ({whose})" + (f" ← {led}" if led else ""))
    return lines


def _shown(project: ProjectData, item: int) -> str:
    """An item by its key, a text with how it begins."""
    key = plain_markdown(project.items.key(item))
    if project.kind is Kind.IMAGE:
        return f"`{key}`"
    text = " ".join(project.items.text(item).split())
    return plain_markdown(text[:_SHOWN] + ("…" if len(text) > _SHOWN else "")) + f" (`{key}`)"


def export_codebook(project: ProjectData, out: Path) -> Job[int]:
    """Write the codebook as Markdown."""
    yield Progress(_("Writing"))
    with write_whole(out) as temporary:
        temporary.write_text(codebook_markdown(project), encoding="utf-8")
    return 1


def draft(project: ProjectData, names: Sequence[str] = ()) -> ClassEdit:
    """A change that says of each class what it shows of itself: its words, its most typical items, what it is mixed up with.

    Args:
        project: With a prediction set that has embeddings.
        names: Of the classes; those of which nobody has said anything where empty. What somebody wrote is never replaced.

    Raises:
        BadcaseError: Where there is nothing to draft, or nothing to draft from.
    """
    state = project.taxonomy.view.state
    wanted = [one for one in (state.classes[i] for i in state.order) if not one.meaning and (not names or one.name in names)]
    made = project.predictions.current
    if made is None or not made.has_embeddings:
        what, hint = _("there is nothing to draft from yet"), _("Run the model first: `badcase predict PROJECT`.")
        raise BadcaseError(what, where=project.name, expected=_("features of all items"), hint=hint)
    sets: dict[int, dict[str, Any]] = {}
    for one in wanted:
        items = _usable(project, state.order.index(one.id))
        if len(items):
            typical = _typical(made.directions(items), items)
            pins = [{"item": pin.item, "fits": pin.fits, "note": pin.note} for pin in one.pins]
            pins += [{"item": item, "fits": True, "note": ""} for item in typical if item not in [pin.item for pin in one.pins]]
            sets[one.id] = {"meaning": _sentence(project, one, items), "pins": pins}
    if not sets:
        expected = _("a class without a meaning that has items")
        raise BadcaseError(_("there is nothing to draft"), where=project.name, expected=expected)
    return ClassEdit(EditKind.MEANING, tuple(state.classes[i].name for i in sets), sets)


def _usable(project: ProjectData, place: int) -> npt.NDArray[np.int64]:
    """The items of a label that are no gold and not excluded: those that people judged where there are enough, else all."""
    labels = project.labels
    if project.task == "multilabel":
        has = np.append(project.taxonomy.matrix(np.arange(len(project.classes), dtype=np.int32))[:, place], False)[labels]
    else:
        has = labels == place
    has = has & ~project.gold & ~np.isin(project.verdicts, (VerdictCode.EXCLUDE, VerdictCode.UNSURE))
    judged = has & (project.verdicts != VerdictCode.NONE)
    return np.flatnonzero(judged if judged.sum() >= 10 * _EXAMPLES else has)


def _typical(directions: npt.NDArray[np.float32], items: npt.NDArray[np.int64]) -> list[int]:
    """The items nearest to the mean of their class."""
    near = directions @ directions.mean(0)
    found: list[int] = items[np.argsort(-near, kind="stable")[:_EXAMPLES]].tolist()
    return found


def _sentence(project: ProjectData, one: StoredClass, items: npt.NDArray[np.int64]) -> str:
    """What a class shows of itself, told as a draft."""
    said = [_("Draft:")]
    if project.kind is Kind.TEXT and (words := _words(project, items)):
        said.append(_("speaks of {words}.").format(words=", ".join(words)))
    if other := _mixed_up(project, one.name):
        said.append(_("Often mixed up with {name}.").format(name=other))
    return " ".join(said if len(said) > 1 else [*said, _("see the examples.")])


def _words(project: ProjectData, items: npt.NDArray[np.int64]) -> list[str]:
    """The words that tell the texts of a class from the others."""
    texts, step = project.items.texts(), max(1, len(items) // _TEXTS)
    others = np.setdiff1d(np.arange(len(project.items)), items)
    others = others[:: max(1, len(others) // (2 * _TEXTS))]
    inside, outside = (text_counts(texts[int(i)] for i in part) for part in (items[::step], others))
    return telling(inside, len(items[::step]), outside, len(others), _WORDS)


def _mixed_up(project: ProjectData, name: str) -> str:
    """The class that people most often changed this one to, or from it; "" where nobody has."""
    if project.task == "multilabel":
        return ""
    place, fixed = project.classes.index(name), project.verdicts == VerdictCode.RELABEL
    given, now = project.given[fixed], project.labels[fixed]
    others = Counter([*now[given == place].tolist(), *given[now == place].tolist()])
    found = next((label for label, _n in others.most_common() if label not in (place, -1)), None)
    return "" if found is None else project.classes[found]
