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
        marked("Balanced draws every class equally often, so that rare items return within an epoch; root is half-way between."),
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
        marked("How much an item counts that a person relabelled or confirmed; above 1 the doubtful cases outweigh the rest."),
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
            "How much an item counts whose label a person confirmed against the model's answer; for when these must be right."
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
            "Labels nobody has judged. Soft: each teaches as far as the ranking and the verdicts let it be believed; out: what "
            "the ranking flags neither teaches nor chooses the checkpoint. Judging them is better."
        ),
        choices={Suspects.SOFT: marked("soft targets"), Suspects.OUT: marked("stay out"), Suspects.KEEP: marked("as labelled")},
    )
    unsure: str = knob(
        Unsure.OUT,
        marked("Unsure items"),
        GROUP,
        marked("Soft lets them teach half their label, half what other reviewers, or else the honest model, say."),
        choices={Unsure.OUT: marked("stay out"), Unsure.SOFT: marked("soft targets")},
    )
    soft_labels: bool = knob(
        False,
        marked("Soft labels"),
        GROUP,
        marked("Where two or more reviewers judged an item, it teaches their weighed consensus with all its doubt."),
    )
    distill: float = knob(
        0.0,
        marked("Keep old answers"),
        GROUP,
        marked("Hold on the answers that the model in use has right: 2 halves what breaks, and costs a linear head accuracy."),
        unit=marked("of the loss of its label"),
        bounds=(0, 100),
    )
    distill_temperature: float = knob(
        4.0,
        marked("Temperature"),
        GROUP,
        marked("How much the old answers are softened before they are compared; higher passes on more of the other classes."),
        bounds=(0.5, 20),
        only_with=(Condition("distill"),),
        rare=True,
    )
