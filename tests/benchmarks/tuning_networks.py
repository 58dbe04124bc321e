"""Prints what the guided loop reaches with whole networks: python -m tests.benchmarks.tuning_networks.

It needs `pip install badcase[peers]`.
Real sets with known labels, shrunk so that a training takes seconds: from scratch, CIFAR-10N images under their aggregated
human labels with the small network of convolutions, and Chinese news titles with a part of their labels wrong with the small
one of attention; fine-tuned, news with labels of people with MiniLM. Most of it is tested under its clean labels, the rest is
what a user has, wrong labels and all. The arms are those of `tests.benchmarks.tuning`, from the preset of the start: `guided`,
`optuna` over a space of the table below, `trainer` at its defaults.

The clock of all arms is the processor time of this process, so that a busy machine favours none of them.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from badcase.progress import finish
from badcase.project import Project
from badcase.training.data.label_trust import LabelTrust, label_trust_of
from badcase.training.data.run_spec import RunSpec
from badcase.training.data.training_set import TrainingRows, learnt_from
from badcase.training.loop.fit import fit, predict
from badcase.training.loop.reproducible import repeatable
from badcase.training.network.setups import Setup, setup_for
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.recipe.enums import Start
from badcase.training.run_folder.run import Run
from badcase.training.run_folder.run_files import LOGITS
from badcase.training.tuning.quasi_random import Range, Space
from badcase.training.tuning.tune import tune_in_steps
from tests.benchmarks.ranking import DATA, cases
from tests.benchmarks.tuning import searched, texts, train_by_trainer

_COMMON = {"weight_decay": Range(1e-5, 0.3, True), "dropout": Range(0.0, 0.5, False), "label_smoothing": Range(0.0, 0.2, False)}
FROM_SCRATCH = PRESETS["from-scratch"].replace_from({"epochs": 20, "network": "small"})
SCRATCH_SPACE = Space(
    {"learning_rate": Range(1e-4, 3e-2, True), "batch_size": (16, 32, 64, 128), "epochs": (5, 10, 20, 40), **_COMMON}
)
TUNED_SPACE = Space(
    {
        "learning_rate": Range(3e-6, 3e-4, True),
        "batch_size": (8, 16, 32),
        "epochs": (2, 3, 4, 6),
        "freeze": ("nothing", "head_first", "backbone"),
        **_COMMON,
    }
)
SPLIT = {"test": 0.7, "val": 0.05, "train": 0.25}
Made = tuple[Project, NDArray[np.int64], NDArray[np.bool_]]


def images(folder: Path, n: int, labels: str = "label_aggre", split: dict[str, float] = SPLIT) -> Made:
    """CIFAR-10N: the project, the clean class of each item, and which are tested."""
    known = np.load(DATA / "cifar10n_labels.npz")
    with zipfile.ZipFile(DATA / "cifar10n_images.zip") as packed:
        names = sorted(name for name in packed.namelist() if name.endswith(".jpg"))[:n]
        packed.extractall(folder, names)
    given, true = known[labels][:n], known["label_true"][:n]
    rows = [[name, name] for name in names]
    return _project(folder, "image", rows, given, true, split)


def news(folder: Path, n: int, split: dict[str, float] = SPLIT) -> Made:
    return titles(folder, n, "noisyag_human", split, "minilm")


def titles(
    folder: Path, n: int, name: str = "thucnews_zh_asym15", split: dict[str, float] = SPLIT, model: str = "chargrams"
) -> Made:
    case = next(case for case in cases() if case.name == name)
    chosen, read = np.random.default_rng(5).permutation(len(case.labels))[:n], texts(case.name)
    return _project(folder, "text", [[int(i), read[i]] for i in chosen], case.labels[chosen], case.true[chosen], split, model)


def _project(
    folder: Path,
    kind: str,
    rows: list[list[object]],
    given: NDArray[np.int64],
    true: NDArray[np.int64],
    shares: dict[str, float],
    model: str = "efficientnet-lite0",
) -> Made:
    split = np.random.default_rng(7).choice(list(shares), len(rows), p=list(shares.values()))
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        table = [[*row, f"c{label}", part] for row, label, part in zip(rows, given, split, strict=True)]
        csv.writer(file).writerows([["id", kind, "label", "split"], *table])
    project = Project.create(folder / "project", folder / "data.csv", key="id", label="label", split="split", **{kind: kind})
    project.predict(model)
    project.rank()
    place = {str(row[0]): i for i, row in enumerate(rows)}
    order = np.array([place[project.items.key(i)] for i in range(len(project.items))])
    codes = np.array([project.classes.index(f"c{label}") for label in range(int(true.max()) + 1)])
    return project, codes[true[order]], split[order] == "test"


class Contest(NamedTuple):
    """A set, how many items of it, and where all begin."""

    make: Callable[[Path, int], Made]
    items: int
    start: Start
    preset: Recipe
    space: Space


SETS = {
    "cifar10n_aggre": Contest(images, 1800, Start.SCRATCH, FROM_SCRATCH, SCRATCH_SPACE),
    "thucnews_asym15": Contest(titles, 2400, Start.SCRATCH, FROM_SCRATCH, SCRATCH_SPACE),
    "noisyag_minilm": Contest(news, 1000, Start.PRETRAINED, PRESETS["text-fine-tuning"], TUNED_SPACE),
}


class Peer:
    """What a peer sees: the network and the labels of the project's own split; doubts: what it does not believe of them."""

    def __init__(
        self,
        contest: Contest,
        project: Project,
        true: NDArray[np.int64],
        tested: NDArray[np.bool_],
        trust: LabelTrust | None = None,
    ) -> None:
        self.contest, self.project, self.trust = contest, project, trust
        self.tested, self.true = np.flatnonzero(tested), true[tested]

    def setup(self, recipe: Recipe, seed: int) -> tuple[Setup, RunSpec]:
        now = self.project.revision, self.project.predictions.current
        spec = RunSpec(recipe, self.contest.start, seed, *now, "cpu", trust=self.trust)
        return setup_for(spec, self.project, spec.training_set(self.project)), spec

    def accuracy(self, setup: Setup) -> float:
        logits = finish(predict(setup.trainee, setup.batches(TrainingRows(self.tested, self.true)), ""))
        return 100 * float((logits.argmax(1) == self.true).mean())

    def train(self, recipe: Recipe, seed: int, ends: float) -> tuple[float, Setup] | None:
        """The validation loss of the best checkpoint, and the network; None where the time was up before its end."""
        with tempfile.TemporaryDirectory() as folder, repeatable(seed):
            setup, spec = self.setup(recipe, seed)
            run = Run.begin(Path(folder), recipe)
            job = fit(setup.trainee, setup.splits(spec.training_set(self.project)), recipe, run)
            try:
                while time.monotonic() < ends:
                    next(job)
            except StopIteration:
                return run.metrics()["validation_loss"], setup
            job.close()
        return None


def guided(peer: Peer, seed: int, seconds: float) -> float:
    found = finish(tune_in_steps(peer.project, recipe=peer.contest.preset, start=peer.contest.start, seconds=seconds, seed=seed))
    for run in found.trials:
        print(
            f"    {run.id} {run.title}: {run.metrics.get('gain', 0):+.3f} {run.metrics.get('stays', '')} "
            f"{run.metrics.get('parts', 0)} parts",
            file=sys.stderr,
        )
    logits = np.load(found.run.folder / LOGITS, mmap_mode="r")[peer.tested]
    return 100 * float((logits.argmax(1) == peer.true).mean())


def optuna_search(peer: Peer, seed: int, seconds: float) -> float:
    return peer.accuracy(searched(peer.train, peer.contest.preset, peer.contest.space, seed, seconds))


def trainer_defaults(peer: Peer, seed: int, _seconds: float) -> float:
    setup, spec = peer.setup(peer.contest.preset, seed)
    rows = spec.training_set(peer.project).train
    inputs = [setup.fetch(np.array([item])) for item in rows.items]
    widest = {name: max(one[name].shape[1] for one in inputs) for name in inputs[0] if inputs[0][name].ndim == 2}

    def padded(name: str, values: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.pad(values, (0, widest[name] - values.shape[1]))[0] if name in widest else values[0]

    data = [
        {name: padded(name, value) for name, value in one.items()} | {"labels": int(label)}
        for one, label in zip(inputs, rows.labels, strict=True)
    ]
    train_by_trainer(setup.trainee.network, setup.trainee.logits, data, seed)
    return peer.accuracy(setup)


ARMS = {"guided": guided, "optuna": optuna_search, "optuna_soft": optuna_search, "trainer": trainer_defaults}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--seconds", type=float, default=90, help="of each arm, for each seed")
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    parser.add_argument("--items", type=int, help="of each set, instead of its own number")
    options = parser.parse_args()
    torch.set_num_threads(1)
    time.monotonic = time.perf_counter = time.process_time
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, one thread; "
        f"{options.seconds:.0f} s of the processor an arm"
    )
    for name in options.sets:
        with tempfile.TemporaryDirectory() as folder:
            contest = SETS[name]
            project, true, tested = contest.make(Path(folder), options.items or contest.items)
            trust = finish(label_trust_of(project, project.predictions.current, learnt_from(project, Recipe())))
            plain, soft = (Peer(contest, project, true, tested, known) for known in (None, trust))
            for arm in options.arms:
                began, made = time.monotonic(), []
                for seed in options.seeds:
                    made.append(ARMS[arm](soft if arm == "optuna_soft" else plain, seed, options.seconds))
                    print(f"  {name} {arm} seed {seed}: {made[-1]:.2f}, {time.monotonic() - began:.0f} s", file=sys.stderr)
                spread = np.std(made, ddof=1) if len(made) > 1 else 0.0
                took = (time.monotonic() - began) / len(made)
                print(f"{name:18}{arm:12}{np.mean(made):8.2f} ± {spread:.2f}{took:8.0f} s", flush=True)
            project.close()


if __name__ == "__main__":
    main()
