"""Everything that decides a training besides the data, the starting weights and the seed. No torch here."""

from training.recipe.presets import PRESETS, changed, default_for, preset_for
from training.recipe.recipe import KNOBS, Recipe, fields, load_values

__all__ = ["KNOBS", "PRESETS", "Recipe", "changed", "default_for", "fields", "load_values", "preset_for"]
