"""The closed sets of a training, each spelled once."""

from __future__ import annotations

from enum import StrEnum


class Method(StrEnum):
    """What is trained: a linear head on the embeddings of the prediction set, the network itself, or adapters in it."""

    LINEAR_HEAD = "linear_head"
    FINE_TUNE = "fine_tune"
    LORA = "lora"


class Freeze(StrEnum):
    """Which part of the network stays as it was."""

    NOTHING = "nothing"
    BACKBONE = "backbone"
    HEAD_FIRST = "head_first"
    BY_STAGE = "by_stage"


class Network(StrEnum):
    """What is built where a training begins from scratch."""

    MODEL = "model"
    SMALL = "small"


class Pooling(StrEnum):
    """How the places of a feature map, or the tokens of a text, become one vector."""

    MODEL = "model"
    MEAN = "mean"
    MAX = "max"
    CLASS_TOKEN = "class_token"
    ATTENTION = "attention"


class LevelMix(StrEnum):
    """How several levels of the backbone come together."""

    CONCAT = "concat"
    MIX = "mix"


class Activation(StrEnum):
    """Rows of `badcase.models.task_head.ACTIVATIONS`."""

    RELU = "relu"
    GELU = "gelu"
    SILU = "silu"
    TANH = "tanh"
    SIGMOID = "sigmoid"
    NONE = "none"


class Initialization(StrEnum):
    """Rows of `initialization.DRAWS`, or what the layers draw by themselves."""

    DEFAULT = "default"
    XAVIER = "xavier"
    KAIMING_UNIFORM = "kaiming_uniform"
    KAIMING_NORMAL = "kaiming_normal"


class Normalization(StrEnum):
    """Kinds of `badcase.models.norms.KINDS`, none at all, or what the network has."""

    MODEL = "model"
    BATCH = "batch"
    LAYER = "layer"
    INSTANCE = "instance"
    GROUP = "group"
    NONE = "none"


class Precision(StrEnum):
    """In which numbers a training computes; automatic is what the device is good at."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BF16 = "bf16"
    FP16 = "fp16"


class GradientCheckpointing(StrEnum):
    """When blocks compute a second time what they would else keep for the gradient."""

    WHEN_NEEDED = "when_needed"
    ALWAYS = "always"
    NEVER = "never"


class OptimizerName(StrEnum):
    """Rows of `optimizers.OPTIMIZERS`."""

    ADAMW = "adamw"
    ADAM = "adam"
    SGD = "sgd"
    ADAM_THEN_SGD = "adam_then_sgd"


class ScheduleName(StrEnum):
    """Rows of `schedules.SCHEDULES`."""

    CONSTANT = "constant"
    LINEAR = "linear"
    COSINE = "cosine"
    ONE_CYCLE = "one_cycle"
    STEP = "step"
    WSD = "warmup_stable_decay"


class LossName(StrEnum):
    """Rows of `losses.LOSSES`."""

    CROSS_ENTROPY = "cross_entropy"
    FOCAL = "focal"
    GENERALIZED = "generalized"
    SQUARED = "squared"
    BINARY = "binary"
    OWN = "own"


class ClassWeights(StrEnum):
    """How much more a rare class counts in the loss."""

    NONE = "none"
    BALANCED = "balanced"
    SQRT = "sqrt"


class SelectBy(StrEnum):
    """What the kept checkpoint is best in, on the validation items."""

    LOSS = "loss"
    ACCURACY = "accuracy"
    MACRO_F1 = "macro_f1"
    MICRO_F1 = "micro_f1"
    MEAN_AP = "mean_ap"
    RULE = "rule"


class Thresholds(StrEnum):
    """From which probability on a label is answered, where an item may have any number of them."""

    HALF = "half"
    COMMON = "common"
    EACH = "each"


class Sampling(StrEnum):
    """How often an epoch shows the items of a class."""

    SHUFFLED = "shuffled"
    SQRT = "sqrt"
    BALANCED = "balanced"


class Suspects(StrEnum):
    """What becomes of items whose label is suspect and nobody has judged: those that the ranking flags stay out, or all
    teach their label as far as it is trusted."""

    KEEP = "keep"
    SOFT = "soft"
    OUT = "out"


class Start(StrEnum):
    """Which weights a training begins with."""

    CURRENT = "current"
    PRETRAINED = "pretrained"
    SCRATCH = "scratch"


class Validation(StrEnum):
    """Which items choose the checkpoint, and what stays together or in order where they are divided anew."""

    PROJECT = "project"
    STRATIFIED = "stratified"
    GROUPED = "grouped"
    TIME = "time"


class Unsure(StrEnum):
    """What a training does with items that a person could not judge."""

    OUT = "out"
    SOFT = "soft"
