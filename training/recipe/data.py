"""Which items an epoch holds, and how much each counts."""

from __future__ import annotations

from dataclasses import dataclass

from training.recipe.knobs import Condition, knob
from training.recipe.knobs import marked as m

GROUP = m("Data")


@dataclass(frozen=True)
class DataKnobs:
    """Which items an epoch holds, and how much each counts."""

    correction_weight: float = knob(
        2.0, m("Weight of corrections"), GROUP,
        m("How much an item counts that a person relabelled or confirmed; 2 to 4 helps, 1 is no difference."),
        bounds=(1, 20),
    )  # fmt: skip
    correction_share: float = knob(
        0.15, m("Share of corrections"), GROUP,
        m("Cap on the weight of confirmed items in an epoch, so that a few cases do not take over the training."),
        unit=m("of an epoch"), bounds=(0, 1), only_with=(Condition("correction_weight"),), rare=True,
    )  # fmt: skip
