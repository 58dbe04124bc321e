"""What keeps a network from learning its training items by heart."""

from __future__ import annotations

from dataclasses import dataclass

from training.recipe.conditions import FINE_TUNING, IMAGES
from training.recipe.knobs import knob
from training.recipe.knobs import marked as m

GROUP = m("Regularisation")


@dataclass(frozen=True)
class RegularisationKnobs:
    """What keeps a network from learning its training items by heart."""

    weight_decay: float = knob(
        0.01, m("Weight decay"), GROUP,
        m("Pull of the weights towards zero: decoupled in AdamW, L2 in Adam and SGD; biases and norms are left out."),
        bounds=(0, 10), logarithmic=True,
    )  # fmt: skip
    dropout: float | None = knob(
        None, m("Dropout"), GROUP,
        m("One number for every dropout of the network; more against overfitting, and 0 sometimes works wonders."),
        bounds=(0, 0.95), optional=True,
    )  # fmt: skip
    embedding_dropout: float = knob(
        0.0, m("Embedding dropout"), GROUP,
        m("Dropout on what the first block reads, token embeddings or the first feature map; strong against overfitting."),
        bounds=(0, 0.95), only_with=(FINE_TUNING,), rare=True,
    )  # fmt: skip
    flip: bool = knob(
        False, m("Mirror images"), GROUP,
        m("Half of the training images are mirrored left to right; never for digits, letters or left and right hands."),
        only_with=(FINE_TUNING, IMAGES),
    )  # fmt: skip
    crop: float = knob(
        0.0, m("Shift images"), GROUP,
        m("Training images are moved by up to this share of their side, the edge filled by reflection."),
        unit=m("of the side"), bounds=(0, 0.4), only_with=(FINE_TUNING, IMAGES),
    )  # fmt: skip
