"""What a value of a knob asks of the labels: some need one class an item, some need several labels. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.recipe.enums import LossName, SelectBy
from badcase.training.recipe.knobs import Knob, Value

ONE, SEVERAL = "multiclass", "multilabel"  # the tasks of a project

# Knob, value: the only task it is for, and what takes its place in the other.
ONLY_FOR: dict[tuple[str, str], tuple[str, str]] = {
    ("loss", LossName.CROSS_ENTROPY): (ONE, LossName.BINARY),
    ("select_by", SelectBy.MICRO_F1): (SEVERAL, SelectBy.ACCURACY),
    ("select_by", SelectBy.MEAN_AP): (SEVERAL, SelectBy.MACRO_F1),
}


def suited(values: Mapping[str, Value], task: str) -> dict[str, Value]:
    """What to change so that every value can act with the labels of this task."""
    return {name: instead for (name, value), (only, instead) in ONLY_FOR.items() if values[name] == value and task != only}


def offered(knob: Knob, task: str) -> Knob:
    """The knob with those of its choices that can act with labels of this task."""
    choices = {value: title for value, title in knob.raw_choices.items() if ONLY_FOR.get((knob.name, value), (task,))[0] == task}
    return replace(knob, raw_choices=choices)


def check_values(values: Mapping[str, Value], task: str) -> None:
    """Refuse by name a value that labels of this task give nothing to act on."""
    for name, instead in suited(values, task).items():
        what = _("this needs one class per item, but items here may have any number of labels")
        if task == ONE:
            what = _("this needs items with several labels, but items here have one each")
        raise BadcaseError(
            what,
            where=name,
            expected=instead,
            got=values[name],
            hint=_("Set {name} = {instead}.").format(name=name, instead=instead),
        )


def idle_in(values: Mapping[str, Value], task: str) -> dict[str, str]:
    """Knobs that cannot act beside these values with labels of this task alone: name to the reason in words."""
    if task == SEVERAL and values["loss"] == LossName.OWN:
        return {"class_weights": _("weighs each label, and your own loss gives one number per item")}
    return {}
