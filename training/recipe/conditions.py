"""Conditions that several groups of knobs share."""

from badcase.training.recipe.enums import Method, Network, Start
from badcase.training.recipe.knobs import Condition

FINE_TUNING = Condition("method", (Method.FINE_TUNE,))
ADAPTING = Condition("method", (Method.LORA,))
NETWORK = Condition("method", (Method.FINE_TUNE, Method.LORA))  # it is trained, whole or beside its weights
# Which weights a training begins with: not a knob either, and not known everywhere.
FROM_SCRATCH = Condition("start", (Start.SCRATCH,))
FROM_WEIGHTS = Condition("start", (Start.CURRENT, Start.PRETRAINED))
SMALL = Condition("network", (Network.SMALL,))
TEXTS = Condition("kind", ("text",))
IMAGES = Condition("kind", ("image",))  # the kind of the project's items, not a knob
# Tasks of the project: one class an item, or any number of labels.
ONE_LABEL = Condition("task", ("multiclass",))
SEVERAL_LABELS = Condition("task", ("multilabel",))
