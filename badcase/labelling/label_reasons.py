"""Why an item is to be labelled, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from badcase.i18n import _, plural
from badcase.labelling.label_queue import ToLabel, Why


def sentence(one: ToLabel, classes: Sequence[str]) -> str:
    """What speaks most for labelling an item.

    Args:
        one: The item.
        classes: Names by id.
    """
    if one.why is Why.NEW:
        return _("Unlike anything labelled")
    if one.why is Why.BETWEEN:
        return _("Between {a} and {b}").format(a=classes[one.suggested], b=classes[one.other])
    if one.why is Why.SHORT:
        return _("The class {a} is short of labels").format(a=classes[one.suggested])
    return plural("Stands for {n} like it", "Stands for {n} like it", one.alike).format(n=one.alike)


def title(why: Why) -> str:
    """The same where its details stand beside it."""
    titles = {
        Why.NEW: _("Unlike anything labelled"),
        Why.ALIKE: _("Many alike"),
        Why.BETWEEN: _("Between classes"),
        Why.SHORT: _("Class is short"),
    }
    return titles[why]


def details(one: ToLabel, classes: Sequence[str]) -> str:
    """What stands beside the title."""
    if one.why is Why.BETWEEN:
        return _("{a}, {b}").format(a=classes[one.suggested], b=classes[one.other])
    if one.why is Why.SHORT:
        return classes[one.suggested]
    return "" if one.why is Why.NEW else plural("stands for {n}", "stands for {n}", one.alike).format(n=one.alike)
