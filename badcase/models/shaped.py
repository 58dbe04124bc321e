"""A network with another head than its own: read at several levels, pooled in another way, with a hidden layer.

Only the head, and norms that were swapped, are kept in `shape.safetensors`; the network below is saved by its own kind
in `backbone/`, so a transformers network loads from there with its Auto class. The whole loads with
`badcase.models.load_model(folder).network`, a plain `torch.nn.Module` from prepared inputs to logits.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.anatomy import first_tensor, study
from badcase.models.foreign.own_files import inside
from badcase.models.last_layer import LastLayer, replace_last_layer
from badcase.models.model import Model
from badcase.models.norms import norms_of, swap_norms
from badcase.models.output import logits_of
from badcase.models.random_state import seeded
from badcase.models.saved_network import read_saved
from badcase.models.task_head import TaskHead, places_of, width_of
from badcase.store.atomic_files import write_whole

WEIGHTS = "shape.safetensors"


@dataclass(frozen=True, slots=True)
class ExtraColumn:
    """A column of the data that a head learns, and its classes in the order of the head's outputs."""

    name: str
    classes: tuple[str, ...]


_FORMER = {"normalisation": "normalization"}  # as models that were saved before spell it


@dataclass(frozen=True, slots=True)
class Shape:
    """What differs from the network as its makers left it; all defaults: nothing.

    Attributes:
        pooling: "model" takes what the last layer was given.
        levels: How many feed the head.
        mix: "concat" or "mix".
        hidden: Width, 0 for a linear head.
        normalization: "model" or a kind of `norms.KINDS`.
        columns: Those beside the label that further heads learn, each with pooling and layers of its own.
    """

    pooling: str = "model"
    levels: int = 1
    mix: str = "concat"
    hidden: int = 0
    activation: str = "gelu"
    normalization: str = "model"
    columns: tuple[ExtraColumn, ...] = ()


class _Tap:
    """Keeps what a module gave in the pass that runs."""

    def __init__(self) -> None:
        self.caught: Tensor | None = None

    def __call__(self, _module: nn.Module, _given: Any, output: Any) -> None:
        made = first_tensor(output)
        self.caught = None if made is None else made.clone()  # a layer behind it may write in place

    def take(self) -> Tensor:
        made, self.caught = self.caught, None
        assert made is not None, "the network has not run"
        return made


class Shaped(nn.Module):
    """`backbone` runs without its last layer; `head` reads it at `taps`, or, where there are none, what it returned.

    `extra` reads the same levels for further columns; in training their logits lie in `extra_logits`.
    """

    def __init__(self, backbone: nn.Module, taps: Sequence[str], widths: Sequence[int], classes: int, shape: Shape) -> None:
        super().__init__()
        self.backbone, self.widths = backbone, list(widths)
        self.taps = [_Tap() for _name in taps]
        for name, tap in zip(taps, self.taps, strict=True):
            backbone.get_submodule(name).register_forward_hook(tap)
        pooling = None if shape.pooling == "model" else shape.pooling
        mixed = shape.mix == "mix" and len(self.widths) > 1
        made = [
            TaskHead(self.widths, k, pooling=pooling, mixed=mixed, hidden=shape.hidden, activation=shape.activation)
            for k in (classes, *(len(column.classes) for column in shape.columns))
        ]
        self.head, self.extra = made[0], nn.ModuleList(made[1:])
        self.extra_logits: list[Tensor] = []

    def forward(self, **batch: Tensor) -> Tensor:
        levels, mask = self._levels(batch), batch.get("attention_mask")
        self.extra_logits = [head(levels, mask) for head in self.extra] if self.training else []
        logits: Tensor = self.head(levels, mask)
        return logits

    def of_column(self, place: int, batch: Mapping[str, Tensor]) -> Tensor:
        """Logits (b, k) of a further column."""
        logits: Tensor = self.extra[place](self._levels(batch), batch.get("attention_mask"))
        return logits

    def _levels(self, batch: Mapping[str, Tensor]) -> list[Tensor]:
        made = logits_of(self.backbone(**batch))
        if not self.taps:
            return [made]
        return [places_of(tap.take(), width) for tap, width in zip(self.taps, self.widths, strict=True)]


class ShapedModel(Model):
    """A model of any other kind in another shape."""

    network: Shaped

    def __init__(
        self, base: Model, shape: Shape, classes: Sequence[str], spec: dict[str, Any], *, seed: int = 0, column: str | None = None
    ) -> None:
        """Take `base` over: its network loses its last layer. The new layers are drawn from the seed.

        Args:
            base: The model.
            shape: What differs from it.
            classes: What it will answer.
            spec: How it is loaded again.
            seed: Decides new weights.
            column: The name of the one that its classes come from, None where they are not of a table.
        """
        self.base, self.shape, self.column = base, shape, column
        last = base.last_layer
        read = int(last.layer.weight.shape[1])
        taps, widths, swapped = _places(base, shape, read)
        with seeded(seed):
            self._own = {last.name: last.layer} | swapped
            base.network.set_submodule(last.name, nn.Identity())
            network = Shaped(base.network, taps, widths, len(classes), shape).to(last.layer.weight.device)
        super().__init__(network, base.inputs, spec=spec, kind=base.kind, name=base.name, classes=classes, notes=base.notes)
        self._last = LastLayer(network, "head.out", exact=True)

    @property
    def head(self) -> nn.Module:
        return nn.ModuleList([self.network.head, self.network.extra])

    def align(self, classes: Sequence[str], column: str | None = None) -> None:
        """Also, where the project's label is a further column: its head answers then, and the other becomes the further."""
        names = [one.name for one in self.shape.columns]
        if column in names and self.own_classes is not None:
            place = names.index(column)
            self._answer(place, ExtraColumn(self.column or "", self.own_classes))
        super().align(classes)

    def _answer(self, place: int, mine: ExtraColumn) -> None:
        columns, network = list(self.shape.columns), self.network
        self.column, self.own_classes = columns[place].name, columns[place].classes
        columns[place] = mine
        self.shape = replace(self.shape, columns=tuple(columns))
        further = network.extra[place]
        network.extra[place], network.head = network.head, further  # type: ignore[assignment]
        self._last = LastLayer(network, "head.out", exact=True)

    def take_any_labels(self) -> None:
        self.base.take_any_labels()

    def with_classes(self, classes: Sequence[str], rng_seed: int) -> ShapedModel:
        made = copy.copy(self)
        made.network = replace_last_layer(self.network, "head.out", len(classes), rng_seed)  # type: ignore[assignment]
        made.base = copy.copy(self.base)
        made.base.network = made.network.backbone
        made.classes = made.own_classes = tuple(classes)
        made.order, made._last = None, LastLayer(made.network, "head.out", exact=True)
        return made

    def scratch(self, seed: int) -> ShapedModel:
        with self._whole():
            base = self.base.scratch(seed)
        made = ShapedModel(base, self.shape, self.own_classes or (), self.spec, seed=seed, column=self.column)
        made.order, made.classes = self.order, self.classes
        return made

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """The base as its makers left it, for as long as it is saved or copied."""
        mine = {name: self.base.network.get_submodule(name) for name in self._own}
        for name, module in self._own.items():
            self.base.network.set_submodule(name, module.to(self.device))
        try:
            yield
        finally:
            for name, module in mine.items():
                self.base.network.set_submodule(name, module)

    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {name: value.detach().cpu().contiguous().clone() for name, value in self._kept().items()}
        with write_whole(folder / WEIGHTS) as temporary:
            save_file(tensors, temporary)
        with self._whole():
            base = self.base.save(folder / "backbone")
        kept: dict[str, Any] = {"kind": "shaped", "name": self.name, "classes": list(self.own_classes or ())}
        kept |= {"column": self.column, "backbone": base | {"source": "backbone"}}
        with write_whole(folder / "badcase.json") as temporary:
            temporary.write_text(json.dumps(kept | {"shape": asdict(self.shape)}, ensure_ascii=False, indent=1), "utf-8")
        return {"kind": "shaped", "source": str(folder), "name": self.name}

    def _kept(self) -> dict[str, Tensor]:
        """What the saved base does not hold: the head, and norms that were swapped."""
        below = tuple(f"backbone.{name}." for name in self._own)
        return {
            name: value
            for name, value in self.network.state_dict().items()
            if not name.startswith("backbone.") or name.startswith(below)
        }


def _places(base: Model, shape: Shape, read: int) -> tuple[list[str], list[int], dict[str, nn.Module]]:
    """Where the head reads, how wide each place is, and which norms gave way to others."""
    if not base.last_layer.exact:
        raise BadcaseError(
            _("the last layer alone does not produce this model's logits, so the head cannot be replaced"),
            where="pooling",
            got=base.name,
            hint=_("Leave pooling, hidden width and normalization as the model has them."),
        )
    anatomy = study(base.network, base.example(), base.last_layer.name)
    swapped = {}
    if shape.normalization != "model":
        swapped = swap_norms(base.network, shape.normalization, norms_of(base.network), anatomy, base.example())
    if shape.pooling == "model":
        return [], [read], swapped
    taps = anatomy.levels(shape.levels)
    widths = [width_of(anatomy.shapes[name], read) for name in taps]
    if len(taps) < shape.levels:
        raise BadcaseError(
            _("the network has fewer levels than the head should read"),
            where="head_levels" if taps else "pooling",
            expected=_("at most {n}").format(n=len(anatomy.levels(len(anatomy.blocks) + 1))),
            got=shape.levels,
            hint=_("Set fewer levels; a network without tokens or feature maps keeps its own pooling."),
        )
    if shape.mix == "mix" and len(set(widths)) > 1:
        raise BadcaseError(
            _("levels of different widths cannot be summed"),
            where="level_mix",
            got=", ".join(str(width) for width in widths),
            hint=_("Set level_mix = concat."),
        )
    if shape.pooling == "class_token" and not _has_class_token(base):
        raise BadcaseError(
            _("this network has no class token"), where="pooling", got=base.name, hint=_("Use mean, max or attention.")
        )
    return taps, widths, swapped


def _has_class_token(base: Model) -> bool:
    if base.kind is Kind.TEXT:
        batch, tokenizer = base.example(), getattr(base.inputs, "tokenizer", None)
        token = getattr(tokenizer, "cls_token_id", None)
        return token is not None and "input_ids" in batch and bool((batch["input_ids"][:, 0] == token).all())
    names = ("cls_token", "class_token", "class_embedding")
    return any(name.endswith(names) for name, _parameter in base.network.named_parameters())


def load_shaped(spec: dict[str, Any], load: Callable[[dict[str, Any]], Model]) -> ShapedModel:
    """Load a network with another head.

    Args:
        spec: Its `source` is the folder that `save` wrote.
        load: Gives the model below from its own spec.
    """
    folder = Path(spec["source"])
    kept, tensors = read_saved(folder, WEIGHTS)
    below = kept["backbone"] | {"source": str(inside(folder, kept["backbone"]["source"]))}
    said = {_FORMER.get(name, name): value for name, value in kept["shape"].items()}
    columns = tuple(ExtraColumn(one["name"], tuple(one["classes"])) for one in said["columns"])
    shape = Shape(**said | {"columns": columns})
    spec = {"kind": "shaped", "source": str(folder), "name": kept["name"]}
    model = ShapedModel(load(below), shape, kept["classes"], spec, column=kept["column"])
    missing, unknown = model.network.load_state_dict(tensors, strict=False)
    lost = [name for name in missing if name in model._kept()]
    if lost or unknown:
        raise BadcaseError(
            _("the weights do not belong to this network"), where=str(folder / WEIGHTS), got=", ".join(lost + unknown)
        )
    return model


def reshaped(model: Model, shape: Shape, classes: Sequence[str], seed: int, column: str | None = None) -> tuple[Model, bool]:
    """The model in this shape, and whether its head is new; where the shape says nothing the model keeps its own.

    Args:
        model: The model.
        shape: What differs from it.
        classes: What it will answer.
        seed: Decides new weights.
        column: The one that the classes come from.
    """
    if not isinstance(model, ShapedModel):
        if shape == Shape():
            return model, False
        return ShapedModel(model, shape, classes, model.spec, seed=seed, column=column), True
    if shape in (Shape(), replace(model.shape, normalization="model")):
        return model, False
    with model._whole():
        base = copy.copy(model.base)
        base.network, base._last = copy.deepcopy(model.base.network), None
    shape = replace(shape, normalization=model.shape.normalization)
    made = ShapedModel(base, shape, classes, model.spec, seed=seed, column=column)
    for name in list(made._own)[1:]:  # norms that were swapped before, with what they learnt
        made.base.network.get_submodule(name).load_state_dict(model.base.network.get_submodule(name).state_dict())
    return made, True
