"""Why an item is to be labelled, in a sentence."""

from __future__ import annotations

from badcase.i18n import _, plural
from badcase.labelling.label_queue import ToLabel, Why
from badcase.scorers.reasons import Names


def sentence(one: ToLabel, names: Names) -> str:
    """What speaks most for labelling an item.

    Args:
        one: The item.
        names: How classes are called.
    """
    if one.why is Why.NEW:
        return _("Unlike anything labelled")
    if one.why is Why.BETWEEN:
        return _("Between {a} and {b}").format(a=names.label(one.suggested), b=names.label(one.other))
    if one.why is Why.SHORT:
        return _("The class {a} is short of labels").format(a=names.label(one.suggested))
    return plural("Stands for {n} like it", "Stands for {n} like it", one.alike).format(n=one.alike)
