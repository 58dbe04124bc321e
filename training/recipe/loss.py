"""What a training minimizes."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked
from badcase.training.recipe.conditions import NETWORK
from badcase.training.recipe.enums import ClassWeights, LossName
from badcase.training.recipe.knobs import Condition, knob

GROUP = marked("Loss")


@dataclass(frozen=True)
class LossKnobs:
    """What a training minimizes."""

    loss: str = knob(
        LossName.CROSS_ENTROPY,
        marked("Loss"),
        GROUP,
        marked(
            "Focal loss weights hard items more, wrong labels among them: clean first. Generalized cross-entropy tolerates them."
        ),
        choices={
            LossName.CROSS_ENTROPY: marked("cross-entropy"),
            LossName.FOCAL: marked("focal"),
            LossName.GENERALIZED: marked("generalized cross-entropy"),
            LossName.SQUARED: marked("squared error"),
            LossName.BINARY: marked("binary cross-entropy"),
            LossName.OWN: marked("your own"),
        },
    )
    focal_gamma: float = knob(
        2.0,
        marked("Focal gamma"),
        GROUP,
        marked("How strongly easy items are down-weighted; 0 is plain cross-entropy."),
        bounds=(0, 10),
        only_with=(Condition("loss", (LossName.FOCAL,)),),
    )
    generalized_q: float = knob(
        0.7,
        marked("Generalized q"),
        GROUP,
        marked("How much the loss tolerates labels that contradict the model; near 0 it is cross-entropy."),
        bounds=(0.01, 1),
        only_with=(Condition("loss", (LossName.GENERALIZED,)),),
    )
    loss_function: str = knob(
        "",
        marked("Loss function"),
        GROUP,
        marked("Called with logits (b, k) and targets (b, k); returns one loss per item (b,)."),
        example="package.module:function",
        only_with=(Condition("loss", (LossName.OWN,)),),
    )
    label_smoothing: float = knob(
        0.0,
        marked("Label smoothing"),
        GROUP,
        marked("Share of each target spread over all classes; 0.05 to 0.1 helps against wrong labels."),
        bounds=(0, 0.5),
        only_with=(Condition("loss", tuple(name for name in LossName if name != LossName.OWN)),),
    )
    class_weights: str = knob(
        ClassWeights.NONE,
        marked("Class weights"),
        GROUP,
        marked(
            "Balanced: rare classes count as much as common ones, or presence of a label as much as absence; root is "
            "half-way between."
        ),
        choices={ClassWeights.NONE: marked("none"), ClassWeights.SQRT: marked("root"), ClassWeights.BALANCED: marked("balanced")},
    )
    extra_columns: str = knob(
        "",
        marked("Further columns"),
        GROUP,
        marked(
            "Source columns that the model learns beside the label, each with its own head; a project that has such a "
            "column as its label uses that head."
        ),
        example="col1,col2",
        only_with=(NETWORK,),
        rare=True,
    )
    extra_weight: float = knob(
        0.3,
        marked("Weight of columns"),
        GROUP,
        marked("Weight of each further column's loss, relative to that of the label."),
        bounds=(0.001, 10),
        only_with=(NETWORK, Condition("extra_columns")),
        rare=True,
    )
