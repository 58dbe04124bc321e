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
        marked("How items are held out: grouped keeps groups whole, time trains on the past only; near-duplicates never part."),
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
            "Above 1 a training is a cross-validation: so many models, each judged on the part it did not learn from. Where "
            "the split is the project's, they are dealt as that was made: by time, in whole groups or by class."
        ),
        bounds=(1, 50),
    )
    holdout_share: float = knob(
        0.1,
        marked("Held out"),
        GROUP,
        marked("Share of the items that chooses the checkpoint; in a cross-validation of what each fold learns from."),
        unit=marked("of the items"),
        bounds=(0.01, 0.49),
        only_with=(_ANEW,),
        rare=True,
    )
