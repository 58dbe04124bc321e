"""How long a training goes on, and which checkpoint it keeps."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked
from badcase.training.recipe.conditions import SEVERAL_LABELS
from badcase.training.recipe.enums import SelectBy, Thresholds
from badcase.training.recipe.knobs import Condition, knob

GROUP = marked("Length and choice")


@dataclass(frozen=True)
class LengthKnobs:
    """How long a training goes on, and which checkpoint it keeps."""

    epochs: int = knob(
        10,
        marked("Epochs"),
        GROUP,
        marked("Passes over the training items; the best checkpoint is kept whatever comes later."),
        unit=marked("epochs"),
        bounds=(1, 10_000),
        logarithmic=True,
    )
    checks: int = knob(
        1,
        marked("Checks"),
        GROUP,
        marked("Validations in each epoch; with several, even a single long epoch can keep a best checkpoint and stop early."),
        unit=marked("in an epoch"),
        bounds=(1, 1000),
        rare=True,
    )
    select_by: str = knob(
        SelectBy.LOSS,
        marked("Keep best by"),
        GROUP,
        marked("Validation measure that chooses the checkpoint; with several labels, an item is accurate where all are right."),
        choices={
            SelectBy.LOSS: marked("loss"),
            SelectBy.ACCURACY: marked("accuracy"),
            SelectBy.MACRO_F1: marked("macro F1"),
            SelectBy.MICRO_F1: marked("micro F1"),
            SelectBy.MEAN_AP: marked("mean average precision"),
            SelectBy.RULE: marked("a rule of your own"),
        },
    )
    rule: str = knob(
        "accuracy",
        marked("Rule"),
        GROUP,
        marked(
            "Arithmetic over loss, accuracy, macro_f1 and recall[class], conditions after where; or package.module:function of "
            "measures, logits and labels, where NaN is worse than any number."
        ),
        example="accuracy where recall[cat] >= 0.9",
        only_with=(Condition("select_by", (SelectBy.RULE,)),),
    )
    patience: int = knob(
        0,
        marked("Patience"),
        GROUP,
        marked(
            "Stop after this many checks without a better checkpoint, one an epoch unless Checks says more; 0 trains to the end."
        ),
        unit=marked("checks"),
        bounds=(0, 1000),
    )
    minimum_checks: int = knob(
        1,
        marked("Earliest stop"),
        GROUP,
        marked(
            "Early stopping may not act before this many checks, one an epoch unless Checks says more: good plateaus come late."
        ),
        unit=marked("checks"),
        bounds=(1, 10_000),
        only_with=(Condition("patience"),),
        rare=True,
    )
    plateau_guard: bool = knob(
        True,
        marked("Wait on plateaus"),
        GROUP,
        marked(
            "While validation is flat and the training loss still falls, patience lasts twice as long: another fall may come."
        ),
        only_with=(Condition("patience"),),
        rare=True,
    )
    thresholds: str = knob(
        Thresholds.EACH,
        marked("Thresholds"),
        GROUP,
        marked("Probability from which a label is predicted: one half, or what gives the best F1 on the validation items."),
        choices={
            Thresholds.HALF: marked("one half"),
            Thresholds.COMMON: marked("one for all labels"),
            Thresholds.EACH: marked("one for each label"),
        },
        only_with=(SEVERAL_LABELS,),
    )
