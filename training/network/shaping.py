"""Shaping: what a recipe does to the network of a model before it is trained. Shape, first weights, dropout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models import Model
from badcase.models.anatomy import Anatomy, study
from badcase.models.shaped import ExtraColumn, Shape, reshaped
from badcase.training.network.checkpointing import Checkpointing
from badcase.training.network.dropout import has_dropout, set_dropout
from badcase.training.network.freezing import Groups
from badcase.training.network.initialization import initialize
from badcase.training.network.lora import adapters, linear_layers
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Activation, GradientCheckpointing, Initialization, Network, Normalization, Start


def shape_of(recipe: Recipe, further: Sequence[ExtraColumn] = ()) -> Shape:
    """The shape that the knobs of a recipe ask for, with a head for each further column; a small network has its own norms."""
    return Shape(
        pooling=recipe.pooling,
        levels=recipe.head_levels,
        mix=recipe.level_mix,
        hidden=recipe.head_hidden,
        activation=recipe.activation if recipe.head_hidden else Activation.GELU,
        normalization=Normalization.MODEL if recipe.network == Network.SMALL else recipe.normalization,
        columns=tuple(further),
    )


def shape(
    model: Model,
    recipe: Recipe,
    start: Start,
    classes: Sequence[str],
    seed: int,
    *,
    column: str | None = None,
    further: Sequence[ExtraColumn] = (),
) -> Model:
    """The model as the recipe wants it; refuses by name what cannot act on this network.

    Args:
        model: The model as it was loaded.
        recipe: The recipe.
        start: The first weights.
        classes: What it will answer.
        seed: Decides new weights.
        column: The one that the classes come from.
        further: Those that are learnt beside it.
    """
    model, new_head = reshaped(model, shape_of(recipe, further), classes, seed, column)
    if start is Start.SCRATCH:
        initialize([model.network], recipe.initialization, seed)
    elif new_head or start is Start.PRETRAINED:
        initialize([model.head], recipe.initialization, seed)
    elif recipe.initialization != Initialization.DEFAULT:
        raise BadcaseError(
            _("there is no new layer to initialize"),
            where="initialization",
            got=recipe.initialization,
            hint=_("Start from pretrained weights or from scratch, or give the model another head."),
        )
    set_dropout(model.network, recipe.dropout, model.example())
    return model


def studied(model: Model) -> Anatomy:
    """The parts of the network that is trained."""
    return study(model.network, model.example(), model.last_layer.name)


def groups_of(model: Model, anatomy: Anatomy) -> Groups:
    """The parameters below the head, from the embeddings up: what comes before the first block, then each block.

    Those of adapters, where the network has any.
    """
    of_adapters = {id(parameter) for _layer, adapter in adapters(model.network) for parameter in adapter.parameters()}
    own = {id(parameter) for parameter in model.head.parameters()}
    groups = [
        [parameter for name in names for parameter in model.network.get_submodule(name).parameters(recurse=False)]
        for names in anatomy.groups()
    ]
    may = of_adapters or {id(parameter) for parameter in model.network.parameters()} - own
    below = [[parameter for parameter in group if id(parameter) in may] for group in groups]
    return [group for group in below if group]


def lacking(model: Model, anatomy: Anatomy) -> list[str]:
    """The knobs that this network has nothing for."""
    lacks = [] if has_dropout(model.network, model.example()) else ["dropout"]
    lacks += [] if linear_layers(model, anatomy) else ["lora_rank"]
    lacks += [] if anatomy.blocks else ["gradient_checkpointing"]
    return lacks if anatomy.entry is not None else [*lacks, "embedding_dropout", "frozen_embeddings"]


def require_embeddings(model: Model, anatomy: Anatomy, where: str) -> str:
    """The name of the input layer; refuses the knob `where` on a network that has none apart from its blocks."""
    if anatomy.entry is None:
        raise BadcaseError(
            _("this network has no embeddings and no first convolution"),
            where=where,
            got=model.name,
            hint=_("Set it back; other kinds of dropout and freezing act on any network."),
        )
    return anatomy.entry


def checkpointing_of(model: Model, anatomy: Anatomy, recipe: Recipe) -> Checkpointing | None:
    """The switch of gradient checkpointing as a recipe wants it; refuses it where a network has no blocks to act on."""
    wanted = recipe.gradient_checkpointing
    if wanted == GradientCheckpointing.ALWAYS and not anatomy.blocks:
        raise BadcaseError(
            _("the blocks of this network are unknown, so none can compute anything a second time"),
            where="gradient_checkpointing",
            got=model.name,
            hint=_("Set it back; a batch that does not fit into memory is done in parts."),
        )
    if wanted == GradientCheckpointing.NEVER or not anatomy.blocks:
        return None
    made = Checkpointing(model.network, anatomy.blocks)
    made.switch(wanted == GradientCheckpointing.ALWAYS)
    return made


def drop_embeddings(model: Model, anatomy: Anatomy, share: float) -> None:
    """Put dropout on what the first block reads, or, where no layer comes before the blocks, on what that layer gives.

    It acts in training only and is no part of what is saved.
    Source: Gal and Ghahramani 2016, https://arxiv.org/abs/1512.05287
    """
    entry = require_embeddings(model, anatomy, "embedding_dropout")
    if anatomy.blocks and anatomy.embeds_first:
        first = model.network.get_submodule(anatomy.blocks[0])

        def before(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
            if args:
                return (functional.dropout(args[0], share, module.training), *args[1:]), named
            name = next(name for name, value in named.items() if isinstance(value, Tensor) and value.is_floating_point())
            return args, named | {name: functional.dropout(named[name], share, module.training)}

        first.register_forward_pre_hook(before, with_kwargs=True)
        return
    layer = model.network.get_submodule(entry)
    layer.register_forward_hook(lambda module, _given, made: functional.dropout(made, share, module.training))
