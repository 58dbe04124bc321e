"""Prints what distillation saves of the old model's right answers: python -m tests.benchmarks.distillation.

Real sets with known labels; a fifth of each is set aside under its clean labels, the rest is what a user has. An old
model learns the given labels; a simulated reviewer judges as many items as there are errors, from the top of the ranking;
a new model learns the corrected labels from another seed, plainly or held to the old one where it was right and nobody
changed the label. A negative flip is a tested item that the old model has right and the new one wrong. `removed` is the
part of the plain retrain's negative flips that distillation saves, over all seeds together.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

import badcase
from badcase.progress import finish
from badcase.training.data.batches import Batches, Splits
from badcase.training.data.training_set import TrainingRows, item_weights
from badcase.training.loop.fit import fit, predict
from badcase.training.network.head_on_features import HeadNetwork, StoredFeatures
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.run_folder.run import Run
from tests.benchmarks.ranking import Case, cases

# Strength and temperature were chosen on agnews_test_idn20 and thucnews_zh_asym15; these had no say.
SETS = ("cifar10n_random1", "noisyag_human")
TEST, VALIDATION = 0.2, 0.1
HIDDEN = 128
RECIPE = PRESETS["linear-head"].replace_from({"epochs": 20, "patience": 0, "minimum_checks": 1}).settled("image")
CPU = torch.device("cpu")
Labels = NDArray[np.int64]


class SmallNet(nn.Module):
    """One hidden layer on stored features: what it learns depends on where it starts."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.hidden, self.linear = nn.Linear(width, HIDDEN), nn.Linear(HIDDEN, classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.linear(torch.relu(self.hidden(features)))


NETWORKS = {"head": lambda width, k: HeadNetwork(width, k, 0.0), "net": SmallNet}


class FinderBench:
    """One split of a set, and the two models on it."""

    def __init__(self, case: Case, network: str, seed: int) -> None:
        self.case, self.network, self.seed = case, network, seed
        shuffled = np.random.default_rng((seed, 7)).permutation(len(case.labels))
        tested = int(TEST * len(shuffled))
        self.tested, self.known = np.sort(shuffled[:tested]), np.sort(shuffled[tested:])
        self.apart = np.random.default_rng((seed, 8)).random(len(self.known)) < VALIDATION / (1 - TEST)
        given, true = case.labels[self.known], case.true[self.known]
        errors = int(case.wrong[self.known].sum())
        order = badcase.rank(given, features=case.features[self.known]).order
        self.judged = np.isin(np.arange(len(given)), order[:errors])
        self.given, self.corrected = given, np.where(self.judged, true, given)
        self.old_tested, self.old_known = self.train(given, np.zeros(len(given), np.bool_), RECIPE, seed)

    def train(
        self, labels: Labels, judged: NDArray[np.bool_], recipe: Recipe, seed: int, teacher: NDArray[np.float32] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits of the tested items and of the known ones, after a training on these labels."""
        case, train = self.case, ~self.apart
        rows = TrainingRows(self.known[train], labels[train], item_weights(judged[train], recipe))
        if teacher is not None:
            right = (teacher.argmax(1) == labels) & (labels == self.given)
            rows = TrainingRows(
                rows.items, rows.labels, rows.weights, None, teacher[train].astype(np.float16), right[train].astype(np.float32)
            )
        k = int(case.true.max()) + 1
        torch.manual_seed(seed)
        features, network = StoredFeatures(case.features, rows), NETWORKS[self.network](case.features.shape[1], k)
        trainee = Trainee(network, network.linear, lambda inputs: network(**inputs), k, CPU)

        def batches(some: TrainingRows, order: int | None = None) -> Batches:
            return Batches(some, features.fetch, recipe.batch_size if order is not None else 4096, CPU, seed=order)

        held = batches(TrainingRows(self.known[self.apart], labels[self.apart]))
        with tempfile.TemporaryDirectory() as folder:
            finish(fit(trainee, Splits(batches(rows, seed), held), recipe, Run.begin(Path(folder), recipe)))
        tested, known = (batches(TrainingRows(items, case.true[items])) for items in (self.tested, self.known))
        return finish(predict(trainee, tested, "")), finish(predict(trainee, known, ""))

    def retrain(self, recipe: Recipe) -> tuple[float, int, int]:
        """Accuracy on the tested items, negative flips and positive ones, of a retrain by this recipe."""
        teacher = self.old_known if recipe.distill else None
        new = self.train(self.corrected, self.judged, recipe, self.seed + 1000, teacher)[0].argmax(1)
        truth = self.case.true[self.tested]
        old_right, right = self.old_tested.argmax(1) == truth, new == truth
        return float(right.mean()), int((old_right & ~right).sum()), int((~old_right & right).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sets", default=",".join(SETS), help="names of sets of the ranking benchmark")
    parser.add_argument("--strengths", default="2", help="values of `distill`, with commas")
    parser.add_argument("--temperatures", default="4", help="values of `distill_temperature`, with commas")
    asked = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}")
    arms = {"plain": RECIPE} | {
        f"{strength} at {heat}": RECIPE.replace_from({"distill": strength, "distill_temperature": heat})
        for strength in asked.strengths.split(",")
        for heat in asked.temperatures.split(",")
    }
    print(
        f"{'set':20}{'model':6}{'distill':14}{'old':>8}{'accuracy':>10}{'spread':>8}{'negative':>10}{'positive':>10}"
        f"{'removed':>9}"
    )
    for case in (one for one in cases() if one.name in asked.sets.split(",")):
        for network in NETWORKS:
            began = time.perf_counter()
            grounds = [FinderBench(case, network, seed) for seed in range(asked.seeds)]
            old = np.mean([(one.old_tested.argmax(1) == case.true[one.tested]).mean() for one in grounds])
            plain = 0
            for name, recipe in arms.items():
                accuracy, negative, positive = (
                    np.array(values) for values in zip(*(one.retrain(recipe) for one in grounds), strict=True)
                )
                plain = negative.sum() if name == "plain" else plain
                removed = "" if name == "plain" else f"{1 - negative.sum() / max(plain, 1):9.2f}"
                spread = accuracy.std(ddof=1) if len(accuracy) > 1 else 0.0
                print(
                    f"{case.name:20}{network:6}{name:14}{old:8.4f}{accuracy.mean():10.4f}{spread:8.4f}"
                    f"{negative.mean():10.1f}{positive.mean():10.1f}{removed}",
                    flush=True,
                )
            print(f"{'':26}{time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
