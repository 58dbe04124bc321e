"""What the Update page says, made of what an update counts and of what a project holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from badcase.i18n import _, plural
from badcase.project import Project
from badcase.ui import wording
from badcase.updating.update_preview import UpdatePreview

_SHOWN = 8  # of the newest revisions
Said = tuple[str, str, str]  # icon, sentence, what follows from it


def counted(counts: Mapping[str, int]) -> str:
    """ "1 204 new, 12 gone", of what there is any of; "" where nothing differs."""
    parts = {
        "added": plural("{n} new", "{n} new", counts.get("added", 0)),
        "changed": plural("{n} changed", "{n} changed", counts.get("changed", 0)),
        "moved": plural("{n} moved", "{n} moved", counts.get("moved", 0)),
        "gone": plural("{n} gone", "{n} gone", counts.get("gone", 0)),
        "relabelled": plural("{n} relabelled", "{n} relabelled", counts.get("relabelled", 0)),
        "reencoded": plural("{n} encoded anew", "{n} encoded anew", counts.get("reencoded", 0)),
    }
    return ", ".join(text.format(n=wording.count(counts[name])) for name, text in parts.items() if counts.get(name))


def headline(counts: Mapping[str, int]) -> str:
    """What matters most of it, with the conflicts: the title of the page, whose tiles tell the rest."""
    n = counts["conflicts"]
    conflicts = [plural("{n} conflict", "{n} conflicts", n).format(n=wording.count(n))] if n else []
    return ", ".join([*filter(None, [briefly(counts)]), *conflicts]) or _("Nothing new")


def briefly(counts: Mapping[str, int]) -> str:
    """What is new and gone; where there is none of these, all that was counted."""
    return counted({name: counts.get(name, 0) for name in ("added", "gone")}) or counted(counts)


def revisions_shown(project: Project) -> list[tuple[str, str, str, str]]:
    """(title, when, what it counted, by whom) of the newest revisions of the data, and of the first."""
    shown = []
    for number, one in enumerate(project.data_revisions, 2):
        what = briefly(one["counts"]) or _("as it was")
        who = _("taken back by {who}") if one["undoes"] else _("taken in by {who}")
        when = wording.ago(datetime.fromisoformat(one["at"]))
        shown.append((_("Revision {n}").format(n=number), when, what, who.format(who=one["who"] or _("somebody"))))
    revisions = project.data_revisions
    first = revisions[0].get("items", len(project.items)) if revisions else len(project.items)
    items = plural("{n} item", "{n} items", first).format(n=wording.count(first))
    return [*shown[: -_SHOWN - 1 : -1], (_("Revision {n}").format(n=1), "", items, _("as the data set came"))]


def what_happens(project: Project, counts: Mapping[str, int], preview: UpdatePreview) -> list[Said]:
    """What becomes of verdicts, gold, twins, predictions and items without a label."""
    n = preview.verdicts
    kept = plural("{n} verdict stays with its item", "{n} verdicts stay with their items", n).format(n=wording.count(n))
    if m := preview.set_aside:
        kept += "; " + plural("{n} of gone items is kept aside", "{n} of gone items are kept aside", m).format(n=wording.count(m))
    gold = preview.gold
    locked = plural("{n} item; new ones never join it", "{n} items; new ones never join it", gold).format(n=wording.count(gold))
    if (m := int(project.gold.sum()) - gold) > 0:
        locked += "; " + plural("{n} of it is gone", "{n} of it are gone", m).format(n=wording.count(m))
    said = [("check", _("No verdict is lost or moved"), kept), ("lock", _("Gold stays as it is"), locked)]
    if n := preview.twins:
        words = plural("{n} twin follows its twin", "{n} twins follow their twin", n).format(n=wording.count(n))
        m = preview.beside_gold
        beside = plural("{n} is a twin of gold and never learnt from", "{n} are twins of gold and never learnt from", m)
        said.append(("sheets", words, beside.format(n=wording.count(m)) if m else _("into the same split")))
    if n := counts["added"] + counts["changed"]:
        words = plural("Prediction has {n} item to look at", "Prediction has {n} items to look at", n).format(n=wording.count(n))
        said.append(("model", words, _("the old ones are not done again")))
    if n := counts["unlabelled"]:
        words = plural("{n} without a label goes to To label", "{n} without a label go to To label", n)
        said.append(("tag", words.format(n=wording.count(n)), _("the others join their splits")))
    return said


def preview_from(plain: Mapping[str, Any]) -> UpdatePreview:
    """The preview as the worker sent it."""
    from badcase.updating.update_preview import PreviewRow

    rows: dict[str, Sequence[PreviewRow]] = {name: [PreviewRow(**one) for one in part] for name, part in plain["rows"].items()}
    return UpdatePreview(**dict(plain) | {"rows": rows})
