"""Setups, what can be trained made ready: the network of a model, adapters in it, or its last layer on embeddings."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from badcase.distributed.team import team
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models import Model, choose_device, load_model, stored_spec
from badcase.models.small.networks import Layout
from badcase.models.small.small_model import small_model
from badcase.training.data.batches import Batches, Inputs, Splits, loader_threads, require_shares
from badcase.training.data.extra_columns import tasks_of
from badcase.training.data.training_set import TrainingRows, TrainingSet, chances
from badcase.training.network.head_on_features import HeadNetwork, StoredFeatures
from badcase.training.network.lora import NAME, adapt, adapters, merge
from badcase.training.network.numeric_precision import NumericPrecision
from badcase.training.network.shaping import (
    checkpointing_of,
    drop_embeddings,
    groups_of,
    lacking,
    require_embeddings,
    shape,
    studied,
)
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Method, Network, Start
from badcase.training.run_folder.user_function import admit

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.prediction_sets import PredictionSet
    from badcase.training.data.run_spec import RunSpec

IN_MEMORY_BATCH = 4096


class Setup(ABC):
    """A trainee, where its inputs come from, and how the model that it belongs to is saved."""

    trainee: Trainee
    threads = 0
    lacks: Sequence[str] = ()  # knobs that the network has nothing for

    def __init__(self, recipe: Recipe, seed: int) -> None:
        self.recipe, self.seed = recipe, seed

    @abstractmethod
    def fetch(self, items: npt.NDArray[np.int64]) -> Inputs:
        """Inputs of some items, on the CPU."""

    @abstractmethod
    def save(self, folder: Path) -> dict[str, Any]:
        """Write the trained model; returns the spec that loads it."""

    @abstractmethod
    def take(self, models: Iterator[Model]) -> None:
        """Take the mean of the weights of finished models, each made by a training of this setup under whatever seed."""

    @property
    def quiet_batch(self) -> int:
        return self.recipe.batch_size

    def splits(self, training_set: TrainingSet) -> Splits:
        together = team()
        train = Batches(
            training_set.train,
            self.fetch,
            self.recipe.batch_size,
            self.trainee.device,
            seed=self.seed,
            threads=self.threads,
            chances=chances(training_set.train.labels, self.recipe),
            rank=together.rank,
            world=together.world,
        )
        require_shares(train)
        return Splits(train, self.batches(training_set.validation))

    def batches(self, rows: TrainingRows) -> Batches:
        """Rows in their order, to look at and not to learn from."""
        rank, world = team().rank, team().world
        size = self.quiet_batch * world  # each process has a whole batch at once
        return Batches(rows, self.fetch, size, self.trainee.device, threads=self.threads, rank=rank, world=world)


class HeadSetup(Setup):
    """The last layer of the model behind a prediction set, on the embeddings of that set."""

    quiet_batch = IN_MEMORY_BATCH

    def __init__(self, project: Project, spec: RunSpec, training_set: TrainingSet) -> None:
        super().__init__(spec.recipe, spec.seed)
        origin = spec.origin
        self.model = _ready(project, origin, "cpu", spec.seed)
        if project.task == "multilabel":
            self.model.take_any_labels()
        if not self.model.last_layer.exact:
            raise BadcaseError(
                _("the last layer alone does not produce this model's logits"),
                where="method",
                got=self.model.name,
                hint=_("Set method = fine_tune to train the network itself."),
            )
        self.features = StoredFeatures(origin.embeddings, training_set.train)
        where = choose_device(spec.device)
        network = HeadNetwork(origin.embeddings.shape[1], len(project.label_names), spec.recipe.dropout or 0.0)
        if spec.start is Start.CURRENT:
            network.linear.load_state_dict(self.features.scaled(*_last_layer(self.model)))
        network.to(where)
        self.network = network
        self.trainee = Trainee(network, network.linear, lambda inputs: network(**inputs), len(project.label_names), where)

    def take(self, models: Iterator[Model]) -> None:
        parts = list(zip(*map(_last_layer, models), strict=True))
        self.network.linear.load_state_dict(self.features.scaled(*(torch.stack(part).mean(0) for part in parts)))

    def fetch(self, items: npt.NDArray[np.int64]) -> Inputs:
        return self.features.fetch(items)

    def save(self, folder: Path) -> dict[str, Any]:
        weight, bias = self.features.unscaled(self.network.linear)
        if self.model.order is not None:
            back = np.argsort(self.model.order)
            weight, bias = weight[back], bias[back]
        layer = self.model.last_layer.layer
        with torch.no_grad():
            layer.weight.copy_(weight.view_as(layer.weight))
            if layer.bias is None:
                layer.bias = nn.Parameter(bias)
            else:
                layer.bias.copy_(bias)
        return self.model.save(folder)


def _last_layer(model: Model) -> tuple[Tensor, Tensor]:
    """Weight (k, d) and bias (k,) of a model, in the order of the project's classes."""
    layer = model.last_layer.layer
    weight = layer.weight.detach().float().flatten(1)
    bias = torch.zeros(len(weight)) if layer.bias is None else layer.bias.detach().float()
    return (weight, bias) if model.order is None else (weight[model.order], bias[model.order])


class NetworkSetup(Setup):
    """The network of a model, from the start that was asked for."""

    def __init__(self, project: Project, spec: RunSpec, training_set: TrainingSet) -> None:
        super().__init__(spec.recipe, spec.seed)
        recipe = spec.recipe
        made = _STARTS[spec.start](project, spec, training_set)
        tasks = tasks_of(project, recipe.extra_columns)
        self.model = shape(
            made,
            recipe,
            spec.start,
            project.label_names,
            spec.seed,
            column=project.taxonomy.column,
            further=[task.column for task in tasks],
        )
        if project.task == "multilabel":
            self.model.take_any_labels()
        self.items = project.items
        self.threads = loader_threads()
        anatomy = studied(self.model)
        self.lacks = lacking(self.model, anatomy)
        if recipe.method == Method.LORA:
            adapt(self.model, anatomy, recipe, spec.seed)
            anatomy = studied(self.model)
        groups = groups_of(self.model, anatomy)
        if recipe.frozen_embeddings:
            require_embeddings(self.model, anatomy, "frozen_embeddings")
        if recipe.embedding_dropout:
            drop_embeddings(self.model, anatomy, recipe.embedding_dropout)
        if project.kind is Kind.IMAGE:
            self.model.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.trainee = Trainee(
            self.model.network,
            self.model.head,
            lambda inputs: self.model.forward(inputs).logits,
            len(project.label_names),
            self.model.device,
            groups,
            tasks,
            NumericPrecision.of(recipe.precision, self.model.device),
            checkpointing_of(self.model, anatomy, recipe),
        )

    def fetch(self, items: npt.NDArray[np.int64]) -> Inputs:
        return self.model.prepare([self.items.for_model(int(item)) for item in items])

    def take(self, models: Iterator[Model]) -> None:
        network, count = self.model.network, 0
        mean: dict[str, Tensor] = {}
        for count, model in enumerate(models, 1):
            for name, value in model.network.state_dict().items():
                floats = count > 1 and value.is_floating_point()
                mean[name] = mean[name].lerp(value, 1 / count) if floats else mean.get(name, value)
        missing, unknown = network.load_state_dict(mean, strict=False)
        for _layer, adapter in adapters(network):  # what it held is part of the weights that have come
            nn.init.zeros_(adapter.up)
        assert not unknown and all(NAME in name for name in missing), "models of another setup"

    def save(self, folder: Path) -> dict[str, Any]:
        if self.trainee.checkpointing is not None:
            self.trainee.checkpointing.switch(False)
        merge(self.model.network)
        return self.model.save(folder)


def _ready(project: Project, made: PredictionSet | None, device: str | None, seed: int) -> Model:
    """The model of a prediction set, for the classes that there are now."""
    spec = stored_spec({} if made is None else made.meta["model"], project.path)
    project.runs.require_own(spec["source"])
    classes = project.label_names if made is None else project.classes_of_model(made).label_names
    model = load_model(spec, classes=classes, column=project.taxonomy.column, kind=project.kind, device=device, root=project.path)
    if not model.trainable:
        raise BadcaseError(
            _("this model can predict but not be trained"),
            where=model.name,
            expected=_("a folder saved by `save_pretrained`, package.module:factory, or a packaged backbone"),
            hint=_("Predict with a packaged backbone (`badcase predict PROJECT --model NAME`), then train its head."),
        )
    return model if made is None or classes == project.label_names else _retold(project, model, made, seed)


def _retold(project: Project, model: Model, made: PredictionSet, seed: int) -> Model:
    """A model of other classes with an output for each of those now: what it knew of one stays, a new one is drawn at random."""
    told = project.taxonomy.told_columns(project.classes_of_model(made).state.order)
    weight, bias = _last_layer(model)
    fresh = model.with_classes(project.label_names, seed)
    fresh.align(project.label_names, project.taxonomy.column)
    layer, order = fresh.last_layer.layer, fresh.order or range(len(project.label_names))
    with torch.no_grad():
        for place, output in enumerate(order):
            found = list(told.sources[place]) if told is not None else [place]
            if found:
                layer.weight[output] = weight[found].mean(0).view_as(layer.weight[output])
                if layer.bias is not None:
                    layer.bias[output] = bias[found].mean() + math.log(len(found))
    return fresh


def _current(project: Project, spec: RunSpec, _training_set: TrainingSet) -> Model:
    return _ready(project, spec.origin, spec.device, spec.seed)


def _pretrained(project: Project, spec: RunSpec, _training_set: TrainingSet) -> Model:
    first = _ready(project, project.predictions.first_model, spec.device, spec.seed)
    return first.with_classes(project.label_names, spec.seed)


def _scratch(project: Project, spec: RunSpec, training_set: TrainingSet) -> Model:
    recipe = spec.recipe
    if recipe.network != Network.SMALL:
        return _ready(project, project.predictions.first_model, spec.device, spec.seed).scratch(spec.seed)
    layout = Layout(recipe.depth, recipe.width, recipe.activation, recipe.normalization)
    made = small_model(project.items, training_set.train.items.tolist(), project.label_names, layout, spec.seed)
    return made.to(choose_device(spec.device))


_STARTS: dict[Start, Callable[[Project, RunSpec, TrainingSet], Model]] = {
    Start.CURRENT: _current,
    Start.PRETRAINED: _pretrained,
    Start.SCRATCH: _scratch,
}

_SETUPS: dict[Method, Callable[[Project, RunSpec, TrainingSet], Setup]] = {
    Method.LINEAR_HEAD: HeadSetup,
    Method.FINE_TUNE: NetworkSetup,
    Method.LORA: NetworkSetup,
}


def setup_for(spec: RunSpec, project: Project, training_set: TrainingSet) -> Setup:
    """What is trained by this spec on this training set, ready for its first step."""
    admit(spec.recipe, project.path)
    return _SETUPS[Method(spec.recipe.method)](project, spec, training_set)
