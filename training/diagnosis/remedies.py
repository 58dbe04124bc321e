"""Remedies against over- and underfitting, the first to try first: changes of a recipe, one click each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.training.recipe import KNOBS, Recipe
from badcase.training.recipe.enums import Freeze, LossName, Method, Network, Normalization
from badcase.training.recipe.tasks import ONE
from badcase.training.recipe.unfreezing_stages import last_start, stages


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change of the recipe, as `Recipe.replace_from` takes it; empty where the remedy is not a knob."""

    title: str
    changes: dict[str, Any]
    why: str


def main_rate(recipe: Recipe) -> str:
    """The knob that sets the rate of the stage that trains the most."""
    return "head_learning_rate" if stages(recipe)[last_start(recipe)][1] else "learning_rate"


def rates(recipe: Recipe, factor: float) -> list[Remedy]:
    """The rate of the main stage times a factor; nothing where its bounds leave no room."""
    knob = KNOBS[main_rate(recipe)]
    old = getattr(recipe, knob.name)
    new = float(f"{min(max(old * factor, knob.low or 0), knob.high or old):.2g}")
    times, share = _("{factor:.2g} times the present value"), _("the present value divided by {factor:.2g}")
    why = times.format(factor=new / old) if new > old else share.format(factor=old / new)
    return [Remedy(knob.title, {knob.name: new}, why)] if new != old else []


def against_overfitting(recipe: Recipe, kind: str) -> list[Remedy]:
    """In the order that practice has: dropout, normalization, dropout on the embeddings, weight decay, augmentation."""
    return [
        knob_remedy("dropout", min(0.8, (recipe.dropout or 0.0) + 0.2), _("most often helps")),
        knob_remedy("normalization", usual_norm(recipe, kind), _("next to try")),
        knob_remedy("embedding_dropout", min(0.5, recipe.embedding_dropout + 0.1), _("sometimes helps a lot")),
        knob_remedy("weight_decay", max(0.05, min(10.0, recipe.weight_decay * 3)), _("stronger weight decay")),
        knob_remedy("token_drop", min(0.3, recipe.token_drop + 0.1), _("texts vary each time")),
        knob_remedy("crop", 0.1, _("images that differ each time")),
        knob_remedy("erase", 0.25, _("no reliance on one patch")),
        knob_remedy("mixup", 0.2, _("blends two images")),
        knob_remedy("flip", True, _("if left and right do not matter")),
        knob_remedy("label_smoothing", min(0.5, recipe.label_smoothing + 0.05), _("mild")),
        knob_remedy("freeze", Freeze.BACKBONE, _("a simpler model")),
        *bags(kind),
        knob_remedy("width", max(8, recipe.width // 2), _("a simpler model")),
        *_fewer_weights(recipe),
        knob_remedy("patience", 3 if not recipe.patience else recipe.patience, _("stop at the turning point")),
    ]


def usual_norm(recipe: Recipe, kind: str) -> Normalization:
    """The norm that practice has for items of this kind: a small network comes with it unless it was told otherwise."""
    if kind != Kind.TEXT and recipe.batch_size < 16:
        return Normalization.GROUP
    if recipe.network == Network.SMALL:
        return Normalization.MODEL
    return Normalization.LAYER if kind == Kind.TEXT else Normalization.BATCH


def _fewer_weights(recipe: Recipe) -> list[Remedy]:
    """Adapters instead of the whole network, and narrower ones where it has them already."""
    if recipe.method == Method.LORA:
        return [knob_remedy("lora_rank", max(1, recipe.lora_rank // 4), _("narrower adapters"))]
    if recipe.method == Method.LINEAR_HEAD:
        return []
    adapted = {"method": Method.LORA, "lora_rank": recipe.lora_rank}  # the rank tells networks that have no place for it
    return [Remedy(KNOBS["method"].title, adapted, _("adapters leave the pretrained weights as they are"))]


def steadier() -> Remedy:
    """The first try against noise, of labels or of the training, and against items that break from one run to the next."""
    return knob_remedy("averaging", 0.99, _("averaged weights follow noise less, and fewer items break"))


def plain_loss(task: str) -> dict[str, Any]:
    """The change that makes the loss a plain cross-entropy."""
    return {"loss": LossName.CROSS_ENTROPY if task == ONE else LossName.BINARY}


def against_underfitting(recipe: Recipe, task: str = ONE) -> list[Remedy]:
    """A better rate, a larger model, less regularization, more time."""
    found = rates(recipe, 3)
    if recipe.method == Method.LINEAR_HEAD:
        found.append(knob_remedy("method", Method.FINE_TUNE, _("fits more than a linear layer")))
    elif recipe.freeze == Freeze.BACKBONE:
        found.append(knob_remedy("freeze", Freeze.HEAD_FIRST, _("train the features too")))
    elif recipe.network == Network.SMALL:
        found += larger(recipe)
    else:
        found.append(knob_remedy("head_hidden", max(256, recipe.head_hidden * 2), _("a larger head")))
    if recipe.method == Method.LORA:
        found.append(knob_remedy("lora_rank", min(1024, recipe.lora_rank * 4), _("wider adapters")))
        found.append(knob_remedy("method", Method.FINE_TUNE, _("trains every weight of the network")))
    if recipe.method != Method.LINEAR_HEAD:
        found.append(knob_remedy("dropout", 0.0, _("no dropout sometimes works best")))
        found.append(knob_remedy("dropout", None, _("the network's own dropout, which its weights were made with")))
    elif recipe.dropout:
        found.append(knob_remedy("dropout", 0.0, _("less regularization")))
    for name in ("embedding_dropout", "mixup", "erase", "token_drop", "label_smoothing"):
        if getattr(recipe, name):
            found.append(knob_remedy(name, 0.0, _("less regularization")))
    if recipe.weight_decay > 1e-3:
        found.append(knob_remedy("weight_decay", recipe.weight_decay / 10, _("less regularization")))
    if recipe.loss == LossName.GENERALIZED:
        found.append(knob_remedy("loss", plain_loss(task)["loss"], _("it trusts every label fully")))
    return [*found, knob_remedy("epochs", min(10_000, recipe.epochs * 2), _("twice as many"))]


def larger(recipe: Recipe) -> list[Remedy]:
    """A small network that fits more."""
    return [
        knob_remedy("width", min(1024, 2 * recipe.width), _("a larger network")),
        knob_remedy("depth", min(24, recipe.depth + 2), _("a deeper network")),
    ]


def bags(kind: str) -> list[Remedy]:
    """A small network that takes texts for bags of words: on few texts it is often as good, and takes a moment."""
    return [knob_remedy("depth", 0, _("bags of words, which suit few texts"))] if kind == Kind.TEXT else []


def knob_remedy(name: str, value: Any, why: str) -> Remedy:
    """The change of one knob, under its title."""
    return Remedy(KNOBS[name].title, {name: value}, why)
