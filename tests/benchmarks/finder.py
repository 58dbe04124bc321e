"""Prints what the learning-rate finder picks against a grid: python -m tests.benchmarks.finder.

Real sets with known labels; a fifth of each is set aside under its clean labels, the rest is what a user has. Linear heads
of the preset by `fit`: one training at each of the 9 rates of a grid (half-decades), one at the rate that the finder
picks from three sweeps and three probes. `behind` is how many points of accuracy the picks lie behind the best rate of the
grid, by the tested items, on the mean of the divisions (--seeds); `cost` is the time of the finder over the time of the grid.
The best of the grid is chosen on the tested items themselves, so a pick as good as the truth lies a little behind it by
chance, the less the more divisions: `user` is how far behind the rates of the grid lie that one would choose without them,
by the validation loss.
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

from badcase.progress import finish
from badcase.training.data.batches import Batches, Splits
from badcase.training.data.training_set import TrainingRows
from badcase.training.loop.fit import fit, predict
from badcase.training.network.head_on_features import HeadNetwork, StoredFeatures
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.run_folder.run import Run
from badcase.training.tuning.finder_steps import FinderBench
from badcase.training.tuning.finders import sweep_all
from tests.benchmarks.ranking import Case, cases

GRIDS = {"sgd": np.geomspace(1e-3, 10, 9), "adamw": np.geomspace(1e-5, 1e-1, 9)}
TEST, VALIDATION, QUIET = 0.2, 0.1, 4096
CPU = torch.device("cpu")


class Split:
    """One set, divided by a seed."""

    def __init__(self, case: Case, seed: int) -> None:
        self.case, self.seed, self.k = case, seed, int(case.true.max()) + 1
        shuffled = np.random.default_rng((seed, 7)).permutation(len(case.labels))
        tested, held = int(TEST * len(shuffled)), int((TEST + VALIDATION) * len(shuffled))
        parts = shuffled[:tested], shuffled[tested:held], shuffled[held:]
        self.tested, self.held, self.train = (np.sort(part) for part in parts)
        self.rows = TrainingRows(self.train, case.labels[self.train])
        self.features = StoredFeatures(case.features, self.rows)

    def trainee(self) -> Trainee:
        torch.manual_seed(self.seed)
        network = HeadNetwork(self.case.features.shape[1], self.k, 0.0)
        return Trainee(network, network.linear, lambda inputs: network(**inputs), self.k, CPU)

    def trained(self, recipe: Recipe) -> tuple[float, float]:
        """The accuracy on the clean labels of the tested items, and the validation loss."""
        trainee = self.trainee()

        def batches(rows: TrainingRows, seed: int | None = None) -> Batches:
            return Batches(rows, self.features.fetch, recipe.batch_size if seed is not None else QUIET, CPU, seed=seed)

        with tempfile.TemporaryDirectory() as folder:
            held = batches(TrainingRows(self.held, self.case.labels[self.held]))
            splits = Splits(batches(self.rows, self.seed), held)
            run = finish(fit(trainee, splits, recipe, Run.begin(Path(folder), recipe)))
        logits = finish(predict(trainee, batches(TrainingRows(self.tested, self.case.true[self.tested])), ""))
        return float((logits.argmax(1) == self.case.true[self.tested]).mean()), run.metrics()["validation_loss"]

    def found(self, recipe: Recipe) -> float:
        bench = FinderBench(self.trainee(), self.features.fetch, self.rows, recipe, quiet_batch=QUIET)
        return finish(sweep_all(bench, recipe, range(self.seed, self.seed + 3))).rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--sets", default="all", help="names of sets of the ranking benchmark, with commas")
    parser.add_argument("--optimizer", default="sgd", choices=list(GRIDS))
    parser.add_argument("--curves", type=Path, help="folder for the grid's accuracies and the sweeps, as .npz")
    asked = parser.parse_args()
    recipe = PRESETS["linear-head"].replace_from({"optimizer": asked.optimizer})
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}")
    print(f"{'set':22}{'best rate':>10}{'best':>8}{'reached':>9}{'behind':>8}{'user':>7}{'cost':>7}  picks")
    rates, rows = GRIDS[asked.optimizer], []
    for case in cases():
        if asked.sets != "all" and case.name not in asked.sets.split(","):
            continue
        grids, chosen, reached, picks, costs = [], [], [], [], []
        for seed in range(asked.seeds):
            split = Split(case, seed)
            began = time.perf_counter()
            grid, losses = zip(*(split.trained(recipe.replace_from({"learning_rate": rate})) for rate in rates), strict=True)
            gridded = time.perf_counter()
            picks.append(split.found(recipe))
            costs.append((time.perf_counter() - gridded) / (gridded - began))
            reached.append(split.trained(recipe.replace_from({"learning_rate": picks[-1]}))[0])
            grids.append(grid)
            chosen.append(grid[int(np.argmin(losses))])
        means = np.mean(grids, axis=0)
        best = float(means.max())
        rows.append((100 * (best - np.mean(reached)), 100 * (best - np.mean(chosen)), np.mean(costs)))
        print(
            f"{case.name:22}{rates[int(means.argmax())]:10.2g}{best:8.4f}{np.mean(reached):9.4f}"
            f"{rows[-1][0]:8.2f}{rows[-1][1]:7.2f}{rows[-1][2]:7.3f}  {picks}",
            flush=True,
        )
        if asked.curves:
            asked.curves.mkdir(parents=True, exist_ok=True)
            np.savez(asked.curves / f"{case.name}-{asked.optimizer}.npz", rates=rates, grids=grids, reached=reached)
    print(f"{'median':22}{'':27}" + "{:8.2f}{:7.2f}{:7.3f}".format(*np.median(rows, axis=0)))


if __name__ == "__main__":
    main()
