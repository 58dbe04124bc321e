"""Recipes to begin with, by what is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from badcase.training.recipe.enums import Freeze, Method, Network, OptimizerName, ScheduleName, Start
from badcase.training.recipe.recipe import Recipe
from badcase.training.recipe.tasks import ONE, suited

PRESETS: dict[str, Recipe] = {
    "linear-head": Recipe(
        # SGD, because Adam gives every feature the same step and so learns the noise of a small set first.
        method=Method.LINEAR_HEAD,
        optimizer=OptimizerName.SGD,
        learning_rate=1.0,
        batch_size=64,
        weight_decay=1e-5,
        gradient_clip=0.0,
        epochs=100,
        patience=8,
        minimum_checks=10,
    ),
    "image-fine-tuning": Recipe(learning_rate=1e-4, epochs=12, patience=5, minimum_checks=3),
    "text-fine-tuning": Recipe(learning_rate=3e-5, epochs=6, patience=3, minimum_checks=2),
    "from-scratch": Recipe(
        freeze=Freeze.NOTHING,
        learning_rate=2e-3,
        schedule=ScheduleName.ONE_CYCLE,
        warmup=0.3,
        epochs=30,
        patience=8,
        minimum_checks=8,
    ),
}
# Adapters begin at zero and share their work among few numbers: ten times the rate of the whole network suits them at any
# rank (Schulman 2025, https://thinkingmachines.ai/blog/lora/).
PRESETS |= {
    f"{kind}-lora": replace(usual, method=Method.LORA, learning_rate=10 * usual.learning_rate)
    for kind in ("image", "text")
    for usual in [PRESETS[f"{kind}-fine-tuning"]]
}

_WEIGHTS_ONLY = ("packaged", "chargrams", "linear_head")  # kinds of models whose network cannot be built anew


def preset_for(name: str, task: str) -> Recipe:
    """A preset with the loss that labels of this task want."""
    recipe = PRESETS[name]
    return recipe.replace_from(suited(recipe.values(), task))


def default_for(model_spec: Mapping[str, Any], kind: str = "image", start: str | None = None, task: str = ONE) -> Recipe:
    """The preset that suits a model: a linear head where there is one, else fine-tuning by modality; or from scratch."""
    has_head = model_spec.get("kind") == "linear_head" and start != Start.SCRATCH
    usual = _usual(Method.LINEAR_HEAD if has_head else Method.FINE_TUNE, kind, start, task)
    return usual.replace_from(network_of(usual, model_spec, start))


def network_of(recipe: Recipe, model_spec: Mapping[str, Any], start: str | None) -> dict[str, Any]:
    """The change without which there is nothing to build from scratch: a packaged network comes only with its weights."""
    anew = start == Start.SCRATCH and recipe.method == Method.FINE_TUNE and recipe.network == Network.MODEL
    return {"network": Network.SMALL} if anew and model_spec.get("kind") in _WEIGHTS_ONLY else {}


def changed(recipe: Recipe, changes: Mapping[str, Any], kind: str, start: str | None = None, task: str = ONE) -> Recipe:
    """A copy with some knobs changed, as `Recipe.replace_from` does; another method brings its preset along.

    What the presets of both methods have in common stays as it is: the rate of a linear head would ruin a network, but who
    validates in groups does so by either. What a preset trains the head alone for has no place in a single epoch: there all is
    trained at once, unless that too is among the changes.
    """
    made = recipe.replace_from(changes)
    before, after = (_usual(one.method, kind, start, task).values() for one in (recipe, made))
    made = recipe.replace_from({name: value for name, value in after.items() if value != before[name]} | dict(changes))
    if (
        "epochs" in changes
        and made.epochs == 1
        and made.method != Method.LINEAR_HEAD
        and made.freeze == Freeze.HEAD_FIRST
        and not {"freeze", "head_epochs"} & set(changes)
    ):
        return made.replace_from({"freeze": Freeze.NOTHING})
    return made


def _usual(method: str, kind: str, start: str | None, task: str) -> Recipe:
    if method == Method.LINEAR_HEAD:
        return preset_for("linear-head", task)
    if start == Start.SCRATCH and method == Method.FINE_TUNE:
        return preset_for("from-scratch", task)
    return preset_for(f"{'text' if kind == 'text' else 'image'}-{'lora' if method == Method.LORA else 'fine-tuning'}", task)
