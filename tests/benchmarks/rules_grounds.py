"""What the benchmark of the rules trains on: a part of a real set, and the network that `fit` trains on it."""

from __future__ import annotations

import io
import tempfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from badcase.items.kinds import Kind
from badcase.models import Model, load_model
from badcase.models.inputs import ImageInputs, TextInputs
from badcase.models.small.networks import Layout
from badcase.models.small.small_model import USUAL_NORM, SmallModel, image_inputs
from badcase.models.small.text_pieces import own_tokenizer
from badcase.progress import finish
from badcase.training.data.batches import Batches, Splits
from badcase.training.data.training_set import TrainingRows
from badcase.training.loop.fit import fit, predict
from badcase.training.loop.reproducible import repeatable
from badcase.training.network.head_on_features import HeadNetwork, StoredFeatures
from badcase.training.network.shaping import drop_embeddings, groups_of, shape, studied
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Start
from badcase.training.run_folder.run import Run
from tests import DATA
from tests.benchmarks.ranking import Case, cases
from tests.benchmarks.tuning import texts

CPU, QUIET, LONGEST = torch.device("cpu"), 256, 32
TESTED, PICTURES = 800, 4000  # items that are tested, and images that any are taken from
Fetch = Callable[[NDArray[np.int64]], dict[str, torch.Tensor]]


@dataclass(frozen=True)
class Parts:
    """Items to learn from, to choose the checkpoint by, and to test on; the labels that each is taken by."""

    train: NDArray[np.int64]
    held: NDArray[np.int64]
    tested: NDArray[np.int64]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Trained:
    """What came of a training: the answers for the tested items and what they are, and the history with its best check."""

    answers: NDArray[np.int64]
    true: NDArray[np.int64]
    history: list[dict[str, float]]
    best: int

    @property
    def accuracy(self) -> float:
        """In percent, on the clean labels of the tested items."""
        return 100 * float((self.answers == self.true).mean())


class Ground(ABC):
    """A part of a set with its clean labels, and a kind of network."""

    def __init__(self, case: Case, recipe: Recipe, train: int, held: int = 200, tested: int = TESTED) -> None:
        self.case, self.recipe, self.k = case, recipe, int(case.true.max()) + 1
        self.sizes = (train, held, tested)
        self._made: dict[tuple[str, int, int], Trained] = {}

    def parts(self, division: int) -> Parts:
        """The same for one number; the labels as they were given."""
        train, held, tested = self.sizes
        shuffled = np.random.default_rng((division, 11)).permutation(len(self.case.labels))[: train + held + tested]
        dealt = (np.sort(part) for part in np.split(shuffled, [train, train + held]))
        return Parts(*dealt, self.case.labels)

    @abstractmethod
    def trainee(self, recipe: Recipe, seed: int, rows: TrainingRows) -> tuple[Trainee, Fetch]:
        """A network that nothing has trained, and where its inputs come from."""

    def trained(self, changes: dict[str, Any], seed: int, division: int | None = None) -> Trained:
        """What the recipe of this ground with some changes comes to; trained once for all who ask."""
        recipe = self.recipe.replace_from(changes)
        division = seed if division is None else division
        key = recipe.to_toml(explained=False), seed, division
        if key not in self._made:
            self._made[key] = self.trained_on(self.parts(division), recipe, seed)
        return self._made[key]

    def trained_on(self, parts: Parts, recipe: Recipe, seed: int) -> Trained:
        rows = TrainingRows(parts.train, parts.labels[parts.train])
        with tempfile.TemporaryDirectory() as folder, repeatable(seed):
            trainee, fetch = self.trainee(recipe, seed, rows)

            def batches(items: NDArray[np.int64], labels: NDArray[np.int64]) -> Batches:
                return Batches(TrainingRows(items, labels[items]), fetch, QUIET, CPU)

            splits = Splits(Batches(rows, fetch, recipe.batch_size, CPU, seed=seed), batches(parts.held, parts.labels))
            run = finish(fit(trainee, splits, recipe, Run.begin(Path(folder), recipe, [f"c{label}" for label in range(self.k)])))
            answers = finish(predict(trainee, batches(parts.tested, self.case.true), "")).argmax(1)
        return Trained(answers, self.case.true[parts.tested], run.history, run.best)


class Heads(Ground):
    """A linear head on the stored features."""

    def trainee(self, recipe: Recipe, seed: int, rows: TrainingRows) -> tuple[Trainee, Fetch]:
        features = StoredFeatures(self.case.features, rows)
        network = HeadNetwork(self.case.features.shape[1], self.k, recipe.dropout or 0.0)
        return Trainee(network, network.linear, lambda inputs: network(**inputs), self.k, CPU), features.fetch


class Networks(Ground):
    """A whole network in the shape of a recipe."""

    start = Start.SCRATCH

    @abstractmethod
    def model(self, recipe: Recipe, seed: int) -> Model: ...

    @abstractmethod
    def fetch(self, items: NDArray[np.int64]) -> dict[str, torch.Tensor]: ...

    def trainee(self, recipe: Recipe, seed: int, rows: TrainingRows) -> tuple[Trainee, Fetch]:
        classes = [f"c{label}" for label in range(self.k)]
        model = shape(self.model(recipe, seed), recipe, self.start, classes, seed)
        anatomy = studied(model)
        groups = groups_of(model, anatomy)
        if recipe.embedding_dropout:
            drop_embeddings(model, anatomy, recipe.embedding_dropout)
        logits: Callable[[Any], torch.Tensor] = lambda inputs: model.forward(inputs).logits  # noqa: E731
        return Trainee(model.network, model.head, logits, self.k, CPU, groups), self.fetch

    def small(self, inputs: TextInputs | ImageInputs, kind: Kind, recipe: Recipe, seed: int) -> SmallModel:
        norm = USUAL_NORM[kind] if recipe.normalization == "model" else recipe.normalization
        layout = Layout(recipe.depth, recipe.width, recipe.activation, norm)
        return SmallModel(layout, inputs, spec={}, kind=kind, classes=[f"c{label}" for label in range(self.k)], seed=seed)


class Texts(Networks):
    """A small network of texts; the words come from all texts of the set, their labels from nowhere."""

    def __init__(self, case: Case, recipe: Recipe, train: int, held: int = 200, tested: int = TESTED) -> None:
        super().__init__(case, recipe, train, held, tested)
        self.inputs = self.prepared(case)
        self.batch = self.inputs(texts(case.name))

    def prepared(self, case: Case) -> TextInputs:
        return TextInputs(own_tokenizer(texts(case.name)), LONGEST, names=("input_ids", "attention_mask"))

    def model(self, recipe: Recipe, seed: int) -> Model:
        return self.small(self.inputs, Kind.TEXT, recipe, seed)

    def fetch(self, items: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        longest = int(self.batch["attention_mask"][items].sum(1).max())
        return {name: values[items, :longest] for name, values in self.batch.items()}


class Encoders(Texts):
    """MiniLM, which is pretrained, with a new head."""

    start = Start.PRETRAINED

    def prepared(self, case: Case) -> TextInputs:
        self.pretrained = load_model("minilm")
        assert isinstance(self.pretrained.inputs, TextInputs), "it reads texts"
        return TextInputs(self.pretrained.inputs.tokenizer, LONGEST, names=("input_ids", "attention_mask"))

    def model(self, recipe: Recipe, seed: int) -> Model:
        return self.pretrained.with_classes([f"c{label}" for label in range(self.k)], seed)


class Images(Networks):
    """A small network of images; the first of the set, which are in no order."""

    def __init__(self, case: Case, recipe: Recipe, train: int, held: int = 200, tested: int = TESTED) -> None:
        first = slice(0, PICTURES)
        super().__init__(
            replace(case, labels=case.labels[first], true=case.true[first], wrong=case.wrong[first]), recipe, train, held, tested
        )
        self.inputs = ImageInputs(image_inputs(32))
        with zipfile.ZipFile(DATA / "cifar10n_images.zip") as packed:
            names = sorted(name for name in packed.namelist() if name.endswith(".jpg"))[first]
            self.batch = self.inputs([Image.open(io.BytesIO(packed.read(name))).convert("RGB") for name in names])

    def model(self, recipe: Recipe, seed: int) -> Model:
        return self.small(self.inputs, Kind.IMAGE, recipe, seed)

    def fetch(self, items: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        return {name: values[items] for name, values in self.batch.items()}


@cache
def case_of(name: str) -> Case:
    return next(case for case in cases() if case.name == name)
