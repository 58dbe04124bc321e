"""Everything that decides a training besides the data, the starting weights and the seed. No torch here."""

from training.recipe.presets import PRESETS, default_for, preset_for
from training.recipe.recipe import KNOBS, Recipe, fields

__all__ = ["KNOBS", "PRESETS", "Recipe", "default_for", "fields", "preset_for"]
