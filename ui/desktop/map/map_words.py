"""What the map page says in words: of the filter, of a selection, of a search."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from badcase.i18n import _, plural
from badcase.ui import wording
from badcase.ui.desktop.review.filtering.filters import Facts, set_words

_NAMED = 3  # classes of a selection


def count_line(passing: int, total: int, unlabelled: int, *, is_text: bool) -> str:
    """How many items are seen, and what a hand can do."""
    if passing == total:
        images = plural("{n} image", "{n} images", total)
        texts = plural("{n} text", "{n} texts", total)
        said = (texts if is_text else images).format(n=wording.count(total))
    else:
        images = _("{n} of {total} images pass the filter")
        texts = _("{n} of {total} texts pass the filter")
        said = (texts if is_text else images).format(n=wording.count(passing), total=wording.count(total))
    parts = [said]
    if unlabelled:
        parts.append(plural("{n} without a label", "{n} without a label", unlabelled).format(n=wording.count(unlabelled)))
    return "  •  ".join([*parts, _("wheel zooms"), _("Shift adds"), _("Tab to the next cluster")])


def given_line(facts: Facts, items: npt.NDArray[np.int64]) -> str:
    """What the selected items are given, and of how many something else is suggested."""
    parts = []
    if not facts.several:
        given = facts.given[items]
        counts = np.bincount(given[given >= 0], minlength=1)
        first = [one for one in np.argsort(-counts, kind="stable")[: _NAMED + 1].tolist() if counts[one]]
        words = _("{name} ({n})")  # classes may be called by digits
        named = [words.format(name=facts.classes[one], n=wording.count(int(counts[one]))) for one in first[:_NAMED]]
        named += ["…"] if len(first) > _NAMED else []
        if named:
            parts.append(_("given: {names}").format(names=", ".join(named)))
        if none := int(np.count_nonzero(given < 0)):
            parts.append(plural("{n} without a label", "{n} without a label", none).format(n=wording.count(none)))
    if facts.ranked:
        differ = int(np.count_nonzero(facts.doubted(items)))
        words = plural("{n} differs from the suggestion", "{n} differ from the suggestion", differ)
        parts.append(words.format(n=wording.count(differ)))
    return "  •  ".join(parts)


def gold_line(gold: int) -> str:
    """What of an outline is gold, "" where nothing is."""
    words = plural("{n} is gold and stays", "{n} are gold and stay", gold)
    return words.format(n=wording.count(gold)) if gold else ""


def asked_lines(asked: str, among: int, *, is_text: bool) -> tuple[str, str, str]:
    """The same of a picture, by its file, or a text that is no item."""
    what = _("words that are no item") if is_text else _("a picture that is no item")
    return " ".join(asked.split()), what, _("found among {n}").format(n=wording.count(among))


def query_lines(facts: Facts, key: str, item: int, asked: int, among: int, ms: float, *, blind: bool) -> tuple[str, str, str]:
    """What is said of the items that were asked for: the first by its key, its labels, and how they were searched."""
    if asked > 1:
        key = plural("{key} and {n} more", "{key} and {n} more", asked - 1).format(key=key, n=wording.count(asked - 1))
    labels = ""
    if facts.several:
        labels = _("given {name}").format(name=set_words(facts.classes, facts.given[item]))
    elif facts.given[item] >= 0:
        given, suggested = facts.names(item)
        told = facts.ranked and not blind
        both = _("given {name}, suggested {other}").format(name=given, other=suggested)
        labels = both if told else _("given {name}").format(name=given)
    searched = _("found among {n} in {time} ms").format(n=wording.count(among), time=f"{ms:.0f}")
    return key, labels, searched
