"""What is trained, from which shape, and what of it stays as it was."""

from __future__ import annotations

from dataclasses import dataclass

from training.choices import Freeze, Method
from training.recipe.conditions import FINE_TUNING
from training.recipe.knobs import Condition, knob
from training.recipe.knobs import marked as m

GROUP = m("Model")


@dataclass(frozen=True)
class ModelKnobs:
    """What is trained, from which shape, and what of it stays as it was."""

    method: str = knob(
        Method.FINE_TUNE, m("Train"), GROUP,
        m("A linear head on stored embeddings takes seconds; fine-tuning the network takes longer and can reach more."),
        choices={Method.LINEAR_HEAD: m("linear head"), Method.FINE_TUNE: m("the network")},
    )  # fmt: skip
    freeze: str = knob(
        Freeze.HEAD_FIRST, m("Freeze"), GROUP,
        m("Head first, then all keeps pretrained features from being spoilt by a last layer that knows nothing yet."),
        choices={Freeze.NOTHING: m("nothing"), Freeze.BACKBONE: m("all but the head"),
                 Freeze.HEAD_FIRST: m("head first, then all")},
        only_with=(FINE_TUNING,),
    )  # fmt: skip
    head_epochs: int = knob(
        1, m("Head epochs"), GROUP, m("How many of the epochs train the head alone before the rest joins."),
        unit=m("epochs"), bounds=(1, 100), only_with=(FINE_TUNING, Condition("freeze", (Freeze.HEAD_FIRST,))), rare=True,
    )  # fmt: skip
    head_learning_rate: float = knob(
        1e-3, m("Head learning rate"), GROUP, m("Peak rate while only the head is trained; a fresh layer wants more."),
        bounds=(1e-8, 10), logarithmic=True,
        only_with=(FINE_TUNING, Condition("freeze", (Freeze.BACKBONE, Freeze.HEAD_FIRST))), rare=True,
    )  # fmt: skip
