"""What is trained, from which shape, and what of it stays as it was."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked as m
from badcase.training.recipe.conditions import FINE_TUNING, FROM_SCRATCH, FROM_WEIGHTS
from badcase.training.recipe.enums import Activation, Freeze, Initialization, LevelMix, Method, Normalization, Pooling
from badcase.training.recipe.knobs import Condition, knob

GROUP = m("Model")
_POOLED = Condition("pooling", (Pooling.MEAN, Pooling.MAX, Pooling.CLASS_TOKEN, Pooling.ATTENTION))
_BY_STAGE = Condition("freeze", (Freeze.BY_STAGE,))


@dataclass(frozen=True)
class ModelKnobs:
    """What is trained, from which shape, and what of it stays as it was."""

    method: str = knob(
        Method.FINE_TUNE,
        m("Train"),
        GROUP,
        m("A linear head on stored embeddings takes seconds; fine-tuning the network takes longer and can reach more."),
        choices={Method.LINEAR_HEAD: m("linear head"), Method.FINE_TUNE: m("the network")},
    )
    freeze: str = knob(
        Freeze.HEAD_FIRST,
        m("Freeze"),
        GROUP,
        m("Head first, then all keeps pretrained features from being spoilt by a last layer that knows nothing yet."),
        choices={
            Freeze.NOTHING: m("nothing"),
            Freeze.BACKBONE: m("all but the head"),
            Freeze.HEAD_FIRST: m("head first, then all"),
            Freeze.BY_STAGE: m("by stage, from the last block down"),
        },
        only_with=(FINE_TUNING,),
    )
    head_epochs: int = knob(
        1,
        m("Head epochs"),
        GROUP,
        m("How many of the epochs train the head alone before the rest joins."),
        unit=m("epochs"),
        bounds=(1, 100),
        only_with=(FINE_TUNING, Condition("freeze", (Freeze.HEAD_FIRST, Freeze.BY_STAGE))),
        rare=True,
    )
    head_learning_rate: float = knob(
        1e-3,
        m("Head learning rate"),
        GROUP,
        m("Peak rate while only the head is trained; a fresh layer wants more."),
        bounds=(1e-8, 10),
        logarithmic=True,
        only_with=(FINE_TUNING, Condition("freeze", (Freeze.BACKBONE, Freeze.HEAD_FIRST, Freeze.BY_STAGE))),
        rare=True,
    )
    unfreeze_stages: int = knob(
        3,
        m("Stages"),
        GROUP,
        m("In how many steps the backbone joins after the head, an equal part of its blocks each."),
        bounds=(2, 50),
        only_with=(FINE_TUNING, _BY_STAGE),
    )
    unfreeze_every: int = knob(
        1,
        m("Stage length"),
        GROUP,
        m("Epochs of each stage before the next blocks join; the last stage has the rest."),
        unit=m("epochs"),
        bounds=(1, 100),
        only_with=(FINE_TUNING, _BY_STAGE),
    )
    frozen_embeddings: bool = knob(
        False,
        m("Keep embeddings"),
        GROUP,
        m("What reads the input, before the first block, stays as pretrained: SGD then does as well as AdamW."),
        only_with=(FINE_TUNING, FROM_WEIGHTS, Condition("freeze", (Freeze.NOTHING, Freeze.HEAD_FIRST, Freeze.BY_STAGE))),
        rare=True,
    )
    pooling: str = knob(
        Pooling.MODEL,
        m("Pooling"),
        GROUP,
        m("How tokens or places of the feature map become what the head reads; attention learns which of them matter."),
        choices={
            Pooling.MODEL: m("as the model"),
            Pooling.MEAN: m("mean"),
            Pooling.MAX: m("max"),
            Pooling.CLASS_TOKEN: m("class token"),
            Pooling.ATTENTION: m("attention"),
        },
        only_with=(FINE_TUNING,),
        rare=True,
    )
    head_levels: int = knob(
        1,
        m("Levels"),
        GROUP,
        m("How many of the last blocks of the backbone the head reads; several often beat the last."),
        unit=m("blocks"),
        bounds=(1, 48),
        only_with=(FINE_TUNING, _POOLED),
        rare=True,
    )
    level_mix: str = knob(
        LevelMix.CONCAT,
        m("Level mix"),
        GROUP,
        m("Several levels side by side, or added with a learned weight each, which is smaller and needs equal widths."),
        choices={LevelMix.CONCAT: m("side by side"), LevelMix.MIX: m("learned sum")},
        only_with=(FINE_TUNING, _POOLED, Condition("head_levels", above=1)),
        rare=True,
    )
    head_hidden: int = knob(
        0,
        m("Hidden width"),
        GROUP,
        m("Width of a layer between the backbone and the last layer; 0 keeps the head linear."),
        unit=m("features"),
        bounds=(0, 8192),
        only_with=(FINE_TUNING,),
        rare=True,
    )
    activation: str = knob(
        Activation.GELU,
        m("Activation"),
        GROUP,
        m("What the hidden layer of the head ends in."),
        choices={Activation.RELU: "ReLU", Activation.GELU: "GELU", Activation.SILU: "SiLU", Activation.TANH: "tanh"},
        only_with=(FINE_TUNING, Condition("head_hidden")),
        rare=True,
    )
    initialization: str = knob(
        Initialization.DEFAULT,
        m("Initialization"),
        GROUP,
        m("How new layers are drawn, and from scratch all; embeddings then come from a truncated normal of 0.02."),
        choices={
            Initialization.DEFAULT: m("as each layer does"),
            Initialization.XAVIER: "Xavier",
            Initialization.KAIMING_UNIFORM: m("Kaiming uniform"),
            Initialization.KAIMING_NORMAL: m("Kaiming normal"),
        },
        only_with=(FINE_TUNING,),
        rare=True,
    )
    normalization: str = knob(
        Normalization.MODEL,
        m("Normalization"),
        GROUP,
        m("Layer suits sequences, batch images, group small batches, instance style; only for a network from scratch."),
        choices={
            Normalization.MODEL: m("as the model"),
            Normalization.BATCH: m("batch"),
            Normalization.LAYER: m("layer"),
            Normalization.INSTANCE: m("instance"),
            Normalization.GROUP: m("group"),
        },
        only_with=(FINE_TUNING, FROM_SCRATCH),
        rare=True,
    )
