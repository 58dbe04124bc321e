"""What is trained, from which shape, and what of it stays as it was."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked
from badcase.training.recipe.conditions import ADAPTING, FINE_TUNING, FROM_SCRATCH, FROM_WEIGHTS, NETWORK, SMALL
from badcase.training.recipe.enums import Activation, Freeze, Initialization, LevelMix, Method, Network, Normalization, Pooling
from badcase.training.recipe.knobs import Condition, Either, knob

GROUP = marked("Model")
_POOLED = Condition("pooling", (Pooling.MEAN, Pooling.MAX, Pooling.CLASS_TOKEN, Pooling.ATTENTION))
_BY_STAGE = Condition("freeze", (Freeze.BY_STAGE,))


@dataclass(frozen=True)
class ModelKnobs:
    """What is trained, from which shape, and what of it stays as it was."""

    method: str = knob(
        Method.FINE_TUNE,
        marked("Train"),
        GROUP,
        marked(
            "A linear head on stored embeddings takes seconds; the whole network takes longer and can be more accurate. LoRA "
            "trains small adapters in its linear layers: for a large network or little memory, at ten times the rate."
        ),
        choices={
            Method.LINEAR_HEAD: marked("linear head"),
            Method.FINE_TUNE: marked("the network"),
            Method.LORA: marked("adapters (LoRA)"),
        },
    )
    lora_rank: int = knob(
        16,
        marked("LoRA rank"),
        GROUP,
        marked("Width of the adapters: 4 to 16 for a few thousand items, 32 to 128 for many; more can learn more by heart too."),
        bounds=(1, 1024),
        logarithmic=True,
        only_with=(ADAPTING,),
    )
    lora_alpha: float = knob(
        32.0,
        marked("LoRA alpha"),
        GROUP,
        marked("What the adapters give counts alpha / rank times; leave it where it is and tune the learning rate instead."),
        bounds=(0.1, 4096),
        logarithmic=True,
        only_with=(ADAPTING,),
        rare=True,
    )
    lora_dropout: float = knob(
        0.0,
        marked("LoRA dropout"),
        GROUP,
        marked("Dropout on what the adapters read, and on nothing else; 0.05 to 0.1 against overfitting on few items."),
        bounds=(0, 0.95),
        only_with=(ADAPTING,),
        rare=True,
    )
    network: str = knob(
        Network.MODEL,
        marked("Network"),
        GROUP,
        marked(
            "From scratch: the architecture of the project's model, or a small one of convolutions or attention whose shape "
            "is set here."
        ),
        choices={Network.MODEL: marked("as the model"), Network.SMALL: marked("small")},
        only_with=(FINE_TUNING, FROM_SCRATCH),
    )
    depth: int = knob(
        3,
        marked("Depth"),
        GROUP,
        marked("Convolutions or attention blocks of the small network; 0 reads texts as bags of words. More fits more."),
        unit=marked("blocks"),
        bounds=(0, 24),
        only_with=(FINE_TUNING, FROM_SCRATCH, SMALL),
    )
    width: int = knob(
        128,
        marked("Width"),
        GROUP,
        marked("Features of the last block of the small network; images have half as many in each stage before it."),
        unit=marked("features"),
        bounds=(8, 1024),
        logarithmic=True,
        only_with=(FINE_TUNING, FROM_SCRATCH, SMALL),
    )
    freeze: str = knob(
        Freeze.HEAD_FIRST,
        marked("Freeze"),
        GROUP,
        marked("Training the head first protects pretrained features from an untrained last layer."),
        choices={
            Freeze.NOTHING: marked("nothing"),
            Freeze.BACKBONE: marked("all but the head"),
            Freeze.HEAD_FIRST: marked("head first, then all"),
            Freeze.BY_STAGE: marked("by stage, from the last block down"),
        },
        only_with=(NETWORK,),
    )
    head_epochs: int = knob(
        1,
        marked("Head epochs"),
        GROUP,
        marked("Number of epochs that train the head alone before the rest is unfrozen."),
        unit=marked("epochs"),
        bounds=(1, 100),
        only_with=(NETWORK, Condition("freeze", (Freeze.HEAD_FIRST, Freeze.BY_STAGE))),
        rare=True,
    )
    head_learning_rate: float = knob(
        1e-3,
        marked("Head learning rate"),
        GROUP,
        marked("Peak learning rate while only the head is trained; a new layer needs a higher rate."),
        bounds=(1e-8, 10),
        logarithmic=True,
        only_with=(NETWORK, Condition("freeze", (Freeze.BACKBONE, Freeze.HEAD_FIRST, Freeze.BY_STAGE))),
        rare=True,
    )
    unfreeze_stages: int = knob(
        3,
        marked("Stages"),
        GROUP,
        marked("Number of stages that unfreeze the backbone after the head; each stage unfreezes an equal share of its blocks."),
        bounds=(2, 50),
        only_with=(NETWORK, _BY_STAGE),
    )
    unfreeze_every: int = knob(
        1,
        marked("Stage length"),
        GROUP,
        marked("Epochs of each stage before the next blocks are unfrozen; the last stage has the remaining epochs."),
        unit=marked("epochs"),
        bounds=(1, 100),
        only_with=(NETWORK, _BY_STAGE),
    )
    frozen_embeddings: bool = knob(
        False,
        marked("Keep embeddings"),
        GROUP,
        marked("The input layer before the first block stays as pretrained; SGD then does as well as AdamW."),
        only_with=(FINE_TUNING, FROM_WEIGHTS, Condition("freeze", (Freeze.NOTHING, Freeze.HEAD_FIRST, Freeze.BY_STAGE))),
        rare=True,
    )
    pooling: str = knob(
        Pooling.MODEL,
        marked("Pooling"),
        GROUP,
        marked("How tokens or feature map positions are pooled for the head; attention learns which of them matter."),
        choices={
            Pooling.MODEL: marked("as the model"),
            Pooling.MEAN: marked("mean"),
            Pooling.MAX: marked("max"),
            Pooling.CLASS_TOKEN: marked("class token"),
            Pooling.ATTENTION: marked("attention"),
        },
        only_with=(NETWORK,),
        rare=True,
    )
    head_levels: int = knob(
        1,
        marked("Levels"),
        GROUP,
        marked("How many of the last blocks of the backbone the head reads; several often beat the last."),
        unit=marked("blocks"),
        bounds=(1, 48),
        only_with=(NETWORK, _POOLED),
        rare=True,
    )
    level_mix: str = knob(
        LevelMix.CONCAT,
        marked("Level mix"),
        GROUP,
        marked("Levels are concatenated, or summed with one learned weight each; a sum is smaller and needs equal widths."),
        choices={LevelMix.CONCAT: marked("concatenated"), LevelMix.MIX: marked("learned sum")},
        only_with=(NETWORK, _POOLED, Condition("head_levels", above=1)),
        rare=True,
    )
    head_hidden: int = knob(
        0,
        marked("Hidden width"),
        GROUP,
        marked("Width of a layer between the backbone and the last layer; 0 keeps the head linear."),
        unit=marked("features"),
        bounds=(0, 8192),
        only_with=(NETWORK,),
        rare=True,
    )
    activation: str = knob(
        Activation.GELU,
        marked("Activation"),
        GROUP,
        marked("Activation function of the head's hidden layer and of a small network's blocks; none leaves them linear."),
        choices={
            Activation.RELU: "ReLU",
            Activation.GELU: "GELU",
            Activation.SILU: "SiLU",
            Activation.TANH: "tanh",
            Activation.SIGMOID: marked("sigmoid"),
            Activation.NONE: marked("none"),
        },
        only_with=(NETWORK, Either(((Condition("head_hidden"),), (FROM_SCRATCH, SMALL, Condition("depth"))))),
        rare=True,
    )
    initialization: str = knob(
        Initialization.DEFAULT,
        marked("Initialization"),
        GROUP,
        marked("How new layers are initialized, or all layers from scratch; embeddings then use a truncated normal of 0.02."),
        choices={
            Initialization.DEFAULT: marked("default of each layer"),
            Initialization.XAVIER: "Xavier",
            Initialization.KAIMING_UNIFORM: marked("Kaiming uniform"),
            Initialization.KAIMING_NORMAL: marked("Kaiming normal"),
        },
        only_with=(NETWORK,),
        rare=True,
    )
    normalization: str = knob(
        Normalization.MODEL,
        marked("Normalization"),
        GROUP,
        marked(
            "Layer norm suits sequences, batch norm images, group norm small batches, instance norm style; only for a "
            "network from scratch."
        ),
        choices={
            Normalization.MODEL: marked("as the model"),
            Normalization.BATCH: marked("batch"),
            Normalization.LAYER: marked("layer"),
            Normalization.INSTANCE: marked("instance"),
            Normalization.GROUP: marked("groups"),
            Normalization.NONE: marked("none"),
        },
        only_with=(NETWORK, FROM_SCRATCH),
        rare=True,
    )
