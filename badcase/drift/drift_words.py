"""What is new about the new data, in words."""

from __future__ import annotations

from badcase.drift.of_project import DataDrift, PartDrift
from badcase.i18n import _, grouped, plural

_DOUBLED, _RARE = 1.8, 0.4


def stands_out(one: PartDrift) -> str:
    """What is other about the new items of a part; "like the old" where nothing is beyond chance."""
    said = [share_words(one)] if one.moved else []
    if one.differs:
        said.append(", ".join(f"“{word}”" for word in one.words) or _("lies elsewhere"))
    if said:
        return "; ".join(said)
    return _("like the old") if one.distance is not None else _("too few to compare")


def share_words(one: PartDrift) -> str:
    """How a share moved."""
    if not one.old:
        return _("only in the new")
    if not one.new:
        return _("not in the new")
    ratio = one.new_share / one.old_share
    if ratio >= _DOUBLED or ratio <= _RARE:
        return _("{ratio} times the share").format(ratio=f"{ratio:.1f}")
    if ratio <= 1 / _DOUBLED:
        return _("share halved")
    return _("share grew") if ratio > 1 else _("share fell")


def drift_sentences(found: DataDrift) -> list[str]:
    """How far the new lie from the old, shares, clusters and contradictions, a sentence each."""
    parts = [*found.classes, *found.slices]
    far, moved = sum(one.differs for one in parts), sum(one.moved for one in parts)
    whole = found.whole.distance
    lines = []
    if whole is not None:
        said = _("The new lie elsewhere than the old.") if whole.differs else _("As a whole the new are like the old.")
        lines.append(said)
    if far:
        words = plural("{n} class or slice lies elsewhere.", "{n} classes and slices lie elsewhere.", far)
        lines.append(words.format(n=grouped(far)))
    if moved:
        lines.append(plural("{n} share moved.", "{n} shares moved.", moved).format(n=grouped(moved)))
    if not far and not moved:
        lines.append(_("No class or slice lies elsewhere, and no share moved."))
    n, items = len(found.clusters), sum(len(one.items) for one in found.clusters)
    if n:
        words = plural("{n} cluster of {items} items is new.", "{n} clusters of {items} items are new.", n)
        lines.append(words.format(n=grouped(n), items=grouped(items)))
    if n := len(found.twins):
        words = plural(
            "{n} new twin of an old item is labelled otherwise.", "{n} new twins of old items are labelled otherwise.", n
        )
        lines.append(words.format(n=grouped(n)))
    if n := len(found.edited):
        words = plural("{n} item was edited after a verdict.", "{n} items were edited after a verdict.", n)
        lines.append(words.format(n=grouped(n)))
    return lines
