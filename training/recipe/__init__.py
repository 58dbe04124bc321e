"""The recipe: everything that decides a training besides the data, the starting weights and the seed. No torch here."""

from badcase.training.recipe.presets import PRESETS, changed, default_for, network_of, preset_for
from badcase.training.recipe.recipe import KNOBS, Recipe, fields, load_values

__all__ = ["KNOBS", "PRESETS", "Recipe", "changed", "default_for", "fields", "load_values", "network_of", "preset_for"]
