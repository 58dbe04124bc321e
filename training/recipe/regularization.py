"""What keeps a network from learning its training items by heart."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked
from badcase.training.recipe.conditions import IMAGES, NETWORK, TEXTS
from badcase.training.recipe.knobs import knob

GROUP = marked("Regularization")


@dataclass(frozen=True)
class RegularizationKnobs:
    """What keeps a network from learning its training items by heart."""

    weight_decay: float = knob(
        0.01,
        marked("Weight decay"),
        GROUP,
        marked("Pull of the weights towards zero: decoupled in AdamW, L2 in Adam and SGD; biases and norms are left out."),
        bounds=(0, 10),
        logarithmic=True,
    )
    dropout: float | None = knob(
        None,
        marked("Dropout"),
        GROUP,
        marked("One rate for every dropout layer of the network; raise it against overfitting. 0 sometimes works best."),
        bounds=(0, 0.95),
        optional=True,
    )
    embedding_dropout: float = knob(
        0.0,
        marked("Embedding dropout"),
        GROUP,
        marked("Dropout on the input of the first block, token embeddings or the first feature map; strong against overfitting."),
        bounds=(0, 0.95),
        only_with=(NETWORK,),
        rare=True,
    )
    flip: bool = knob(
        False,
        marked("Mirror images"),
        GROUP,
        marked("Half of the training images are mirrored left to right; never for digits, letters or left and right hands."),
        only_with=(NETWORK, IMAGES),
    )
    mixup: float = knob(
        0.0,
        marked("Mix images"),
        GROUP,
        marked(
            "Each image is blended with another, its target too; 0.2 is mild, 1 is strong, and fine details suffer. 0 is off."
        ),
        bounds=(0, 2),
        only_with=(NETWORK, IMAGES),
    )
    jitter: float = knob(
        0.0,
        marked("Vary light"),
        GROUP,
        marked("Brightness and contrast of training images change by up to this share; not where light tells the classes apart."),
        bounds=(0, 0.9),
        only_with=(NETWORK, IMAGES),
        rare=True,
    )
    erase: float = knob(
        0.0,
        marked("Erase patches"),
        GROUP,
        marked(
            "This share of the training images lose a box of a fiftieth to a third of their area, so the model relies on "
            "no single part."
        ),
        unit=marked("of the images"),
        bounds=(0, 1),
        only_with=(NETWORK, IMAGES),
        rare=True,
    )
    token_drop: float = knob(
        0.0,
        marked("Drop words"),
        GROUP,
        marked("This share of the tokens of a training text is hidden, drawn anew each time; 0.05 to 0.15 is mild."),
        unit=marked("of the tokens"),
        bounds=(0, 0.5),
        only_with=(NETWORK, TEXTS),
    )
    crop: float = knob(
        0.0,
        marked("Shift images"),
        GROUP,
        marked("Training images are moved by up to this share of their side, the edge filled by reflection."),
        unit=marked("of the side"),
        bounds=(0, 0.4),
        only_with=(NETWORK, IMAGES),
    )
