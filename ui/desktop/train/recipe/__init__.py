"""The form of a recipe, made from its knobs."""
