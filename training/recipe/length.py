"""How long a training goes on, and which checkpoint it keeps."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked as m
from badcase.training.recipe.conditions import SEVERAL_LABELS
from badcase.training.recipe.enums import SelectBy, Thresholds
from badcase.training.recipe.knobs import Condition, knob

GROUP = m("Length and choice")


@dataclass(frozen=True)
class LengthKnobs:
    """How long a training goes on, and which checkpoint it keeps."""

    epochs: int = knob(
        10,
        m("Epochs"),
        GROUP,
        m("Passes over the training items; the best checkpoint is kept whatever comes later."),
        unit=m("epochs"),
        bounds=(1, 10_000),
        logarithmic=True,
    )
    checks: int = knob(
        1,
        m("Checks"),
        GROUP,
        m("Looks at the validation items in each epoch; several let a single long epoch keep a best checkpoint and stop early."),
        unit=m("in an epoch"),
        bounds=(1, 1000),
        rare=True,
    )
    select_by: str = knob(
        SelectBy.LOSS,
        m("Keep best by"),
        GROUP,
        m("Which validation measure chooses the checkpoint; with several labels an item is accurate where all are right."),
        choices={
            SelectBy.LOSS: m("loss"),
            SelectBy.ACCURACY: m("accuracy"),
            SelectBy.MACRO_F1: m("macro F1"),
            SelectBy.MICRO_F1: m("micro F1"),
            SelectBy.MEAN_AP: m("mean average precision"),
            SelectBy.RULE: m("a rule of your own"),
        },
    )
    rule: str = knob(
        "accuracy",
        m("Rule"),
        GROUP,
        m(
            "Arithmetic over loss, accuracy, macro_f1 and recall[class], conditions after where; or package.module:function of "
            "measures, logits and labels, where NaN is worse than any number."
        ),
        example="accuracy where recall[cat] >= 0.9",
        only_with=(Condition("select_by", (SelectBy.RULE,)),),
    )
    patience: int = knob(
        0,
        m("Patience"),
        GROUP,
        m("Stop after so many epochs, or checks within them, without a better checkpoint; 0 trains to the end."),
        unit=m("epochs"),
        bounds=(0, 1000),
    )
    minimum_checks: int = knob(
        1,
        m("Minimum"),
        GROUP,
        m("Early stopping may not act before so many epochs, or checks within them: some good plateaus come late."),
        unit=m("epochs"),
        bounds=(1, 10_000),
        only_with=(Condition("patience"),),
        rare=True,
    )
    plateau_guard: bool = knob(
        True,
        m("Wait on plateaus"),
        GROUP,
        m("While validation is flat and the training loss still falls, patience lasts twice as long: another fall may come."),
        only_with=(Condition("patience"),),
        rare=True,
    )
    thresholds: str = knob(
        Thresholds.EACH,
        m("Thresholds"),
        GROUP,
        m("Probability from which on a label is answered: one half, or what gives the best F1 on the validation items."),
        choices={
            Thresholds.HALF: m("one half"),
            Thresholds.COMMON: m("one for all labels"),
            Thresholds.EACH: m("one for each label"),
        },
        only_with=(SEVERAL_LABELS,),
    )
