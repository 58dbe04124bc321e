"""Which items an epoch holds, and how much each counts."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked
from badcase.training.recipe.conditions import ONE_LABEL
from badcase.training.recipe.enums import Sampling, Suspects, Unsure
from badcase.training.recipe.knobs import Condition, knob

GROUP = marked("Data")


@dataclass(frozen=True)
class DataKnobs:
    """Which items an epoch holds, and how much each counts."""

    sampling: str = knob(
        Sampling.SHUFFLED,
        marked("Sampling"),
        GROUP,
        marked(
            "Balanced draws every class equally often, so items of rare classes repeat within an epoch; root is half-way between."
        ),
        choices={
            Sampling.SHUFFLED: marked("every item once"),
            Sampling.SQRT: marked("root"),
            Sampling.BALANCED: marked("balanced"),
        },
        only_with=(ONE_LABEL,),
    )
    correction_weight: float = knob(
        # Measured on nine sets with known errors: 2 costs .4 points against 1. What is reviewed was chosen because it is
        # uncertain, so more weight on it trains for the uncertain cases at the price of the rest.
        1.0,
        marked("Weight of corrections"),
        GROUP,
        marked("Weight of an item that a person relabelled or confirmed; above 1, these often doubtful cases outweigh the rest."),
        bounds=(1, 20),
    )
    correction_share: float = knob(
        0.15,
        marked("Share of corrections"),
        GROUP,
        marked("Cap on the weight of confirmed items in an epoch, so that a few cases do not take over the training."),
        unit=marked("of an epoch"),
        bounds=(0, 1),
        only_with=(Condition("correction_weight", above=1),),
        rare=True,
    )
    hard_case_weight: float = knob(
        1.0,
        marked("Weight of hard cases"),
        GROUP,
        marked(
            "Weight of an item whose label a person confirmed against the model's answer; raise it where these must be right."
        ),
        bounds=(1, 20),
    )
    hard_case_share: float = knob(
        0.1,
        marked("Share of hard cases"),
        GROUP,
        marked("Cap on the weight of confirmed hard cases in an epoch; beyond it they weigh less, but never below 1."),
        unit=marked("of an epoch"),
        bounds=(0, 0.5),
        only_with=(Condition("hard_case_weight", above=1),),
        rare=True,
    )
    suspects: str = knob(
        Suspects.SOFT,
        marked("Suspects"),
        GROUP,
        marked(
            "How labels nobody has judged are used. Soft targets: each counts as far as the ranking and the verdicts trust "
            "it. Left out: items that the ranking flags neither train the model nor choose the checkpoint. Judging them is "
            "better."
        ),
        choices={Suspects.SOFT: marked("soft targets"), Suspects.OUT: marked("left out"), Suspects.KEEP: marked("as labelled")},
    )
    unsure: str = knob(
        Unsure.OUT,
        marked("Unsure items"),
        GROUP,
        marked(
            "Soft: the target is half the item's label and half what other reviewers or, without them, the out-of-sample "
            "model say."
        ),
        choices={Unsure.OUT: marked("left out"), Unsure.SOFT: marked("soft targets")},
    )
    soft_labels: bool = knob(
        False,
        marked("Soft labels"),
        GROUP,
        marked("The target of an item that two or more reviewers judged is their weighted consensus, with its uncertainty."),
    )
    distill: float = knob(
        0.0,
        marked("Keep old answers"),
        GROUP,
        marked("Distills the current model's correct answers: 2 halves the items that break, but costs a linear head accuracy."),
        unit=marked("of the label's loss"),
        bounds=(0, 100),
    )
    distill_temperature: float = knob(
        4.0,
        marked("Temperature"),
        GROUP,
        marked(
            "How much the old answers are softened before the comparison; a higher value passes on more about the other classes."
        ),
        bounds=(0.5, 20),
        only_with=(Condition("distill"),),
        rare=True,
    )
