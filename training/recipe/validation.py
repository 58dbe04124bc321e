"""Which items a training is judged on."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked
from badcase.training.recipe.enums import Validation
from badcase.training.recipe.knobs import Condition, knob

GROUP = marked("Validation")
_ANEW = Condition("validation", (Validation.STRATIFIED, Validation.GROUPED, Validation.TIME))


@dataclass(frozen=True)
class ValidationKnobs:
    """Which items a training is judged on."""

    validation: str = knob(
        Validation.PROJECT,
        marked("Validation"),
        GROUP,
        marked(
            "How the validation set is chosen: grouped keeps groups whole, time trains on the past only; near-duplicates "
            "stay together."
        ),
        choices={
            Validation.PROJECT: marked("the project's split"),
            Validation.STRATIFIED: marked("stratified by class"),
            Validation.GROUPED: marked("whole groups"),
            Validation.TIME: marked("the latest"),
        },
    )
    folds: int = knob(
        1,
        marked("Folds"),
        GROUP,
        marked(
            "Above 1, a training is a cross-validation: each fold is validated by a model that did not learn from it. With "
            "the project's split, the folds are made like that split: by time, in whole groups or by class."
        ),
        bounds=(1, 50),
    )
    holdout_share: float = knob(
        0.1,
        marked("Held out"),
        GROUP,
        marked(
            "Share of the items held out to choose the checkpoint; in a cross-validation, share of each fold's training items."
        ),
        unit=marked("of the items"),
        bounds=(0.01, 0.49),
        only_with=(_ANEW,),
        rare=True,
    )
