"""Conditions that several groups of knobs share."""

from training.choices import Method
from training.recipe.knobs import Condition

FINE_TUNING = Condition("method", (Method.FINE_TUNE,))
IMAGES = Condition("kind", ("image",))  # the kind of the project's items, not a knob
