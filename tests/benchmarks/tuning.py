"""Prints what the guided loop reaches beside two peers: python -m tests.benchmarks.tuning (needs `pip install badcase[peers]`).

Real sets with known labels; a fifth of each is tested under its clean labels, the rest is what a user has, wrong labels
and all. Everybody trains a linear head on the same features for the same time: `guided` is `tune` from the preset on,
its last training included; `drawn` is `tune` over points of the space below; `optuna` is a plain search of that space by its
default sampler, each trial a training by `fit` judged by the loss on the validation items, the best checkpoint kept;
`optuna_soft` is the same on labels that are believed as our trainings believe them, which no peer does; `trainer` is
transformers' Trainer at its defaults, which needs less time. Accuracy of the tested items in percent, mean and standard
deviation over the seeds.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from badcase.progress import finish
from badcase.project import Project
from badcase.training.data.batches import Batches, Splits
from badcase.training.data.label_trust import LabelTrust, label_trust_of
from badcase.training.data.training_set import build_training_set, learnt_from
from badcase.training.loop.fit import fit
from badcase.training.network.head_on_features import HeadNetwork, StoredFeatures
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.run_folder.run import Run
from badcase.training.run_folder.run_files import LOGITS
from badcase.training.tuning.quasi_random import Range, Space
from badcase.training.tuning.tune import tune_in_steps
from tests.benchmarks.ranking import DATA, cases
from tests.benchmarks.ranking.cases import TEXTS

SETS = ("noisyag_human", "agnews_test_sym10", "thucnews_zh_asym15", "banking77_sym10", "banking77_idn20")
MODEL = "chargrams"
PRESET = PRESETS["linear-head"]
SPACE = Space(
    {
        "learning_rate": Range(0.01, 10, True),
        "batch_size": (16, 32, 64, 128, 256, 512),
        "epochs": (50, 100, 200),
        "weight_decay": Range(1e-7, 1e-2, True),
        "dropout": Range(0.0, 0.5, False),
        "label_smoothing": Range(0.0, 0.2, False),
    }
)
CPU = torch.device("cpu")
T = TypeVar("T")


def texts(name: str) -> list[str]:
    file = next(one for one in TEXTS if name.startswith(one))
    with gzip.open(DATA / f"{file}.csv.gz", "rt", encoding="utf-8", newline="") as opened:
        return [row["text"] for row in csv.DictReader(opened)]


def project_of(name: str, folder: Path) -> tuple[Project, NDArray[np.int64], NDArray[np.bool_]]:
    """A project after its first prediction and ranking, the clean class of each item, and which are tested."""
    case = next(case for case in cases() if case.name == name)
    rng = np.random.default_rng(7)
    split = rng.choice(["test", "val", "train"], len(case.labels), p=[0.2, 0.1, 0.7])
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label", "split"])
        for i, (text, label, part) in enumerate(zip(texts(name), case.labels, split, strict=True)):
            writer.writerow([i, text, f"c{label:03d}", part])
    project = Project.create(folder / "project", folder / "data.csv", key="id", label="label", text="text", split="split")
    project.predict(MODEL)
    project.rank()
    rows = np.array([int(project.items.key(i)) for i in range(len(project.items))])
    codes = np.array([project.classes.index(f"c{label:03d}") for label in range(int(case.true.max()) + 1)])
    return project, codes[case.true[rows]], split[rows] == "test"


class Peer:
    """What a peer sees: the features and labels of the project's own split."""

    def __init__(self, project: Project, true: NDArray[np.int64], tested: NDArray[np.bool_], trust: LabelTrust | None) -> None:
        self.training_set = build_training_set(project, PRESET, trust=trust)
        self.k, self.features = (
            len(project.classes),
            StoredFeatures(project.predictions.current.embeddings, self.training_set.train),
        )
        self.test, self.true = np.flatnonzero(tested), true[tested]

    def network(self, dropout: float) -> HeadNetwork:
        return HeadNetwork(self.features.fetch(np.array([0]))["features"].shape[1], self.k, dropout)

    def accuracy(self, network: HeadNetwork) -> float:
        network.eval()
        with torch.no_grad():
            logits = network(**self.features.fetch(self.test)).numpy()
        return 100 * float((logits.argmax(1) == self.true).mean())

    def train(self, recipe: Recipe, seed: int, ends: float) -> tuple[float, HeadNetwork] | None:
        """The validation loss of the best checkpoint, and the network; None where the time was up before its end."""
        torch.manual_seed(seed)
        network = self.network(recipe.dropout or 0.0)
        trainee = Trainee(network, network.linear, lambda inputs: network(**inputs), self.k, CPU)
        train = Batches(self.training_set.train, self.features.fetch, recipe.batch_size, CPU, seed)
        validation = Batches(self.training_set.validation, self.features.fetch, 4096, CPU)
        with tempfile.TemporaryDirectory() as folder:
            run = Run.begin(Path(folder), recipe)
            job = fit(trainee, Splits(train, validation), recipe, run)
            try:
                while time.monotonic() < ends:
                    next(job)
            except StopIteration:
                return run.metrics()["validation_loss"], network
            job.close()
        return None


def searched(
    train: Callable[[Recipe, int, float], tuple[float, T] | None], preset: Recipe, space: Space, seed: int, seconds: float
) -> T:
    """What a plain Optuna search of the space ends with: the network with the lowest validation loss."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    ends = time.monotonic() + seconds
    best: tuple[float, T] | None = None

    def objective(trial: optuna.Trial) -> float:
        nonlocal best
        changes = {
            name: trial.suggest_categorical(name, list(side))
            if isinstance(side, tuple)
            else trial.suggest_float(name, side.low, side.high, log=side.logarithmic)
            for name, side in space.knobs.items()
        }
        made = train(preset.replace_from(changes), seed, ends)
        if made is None:
            trial.study.stop()
            raise optuna.TrialPruned
        best = made if best is None else min(best, made, key=lambda one: one[0])
        return made[0]

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective)
    assert best is not None, "the time is enough for one training"
    print(f"    optuna {len(study.trials)} trials, best {study.best_params}", file=sys.stderr)
    return best[1]


def optuna_search(peer: Peer, seed: int, seconds: float) -> float:
    return peer.accuracy(searched(peer.train, PRESET, SPACE, seed, seconds))


def train_by_trainer(
    network: torch.nn.Module, logits: Callable[[Any], torch.Tensor], data: list[dict[str, Any]], seed: int
) -> None:
    """Train by transformers' Trainer at its defaults; data: inputs of `logits`, and `labels`."""
    from transformers import Trainer, TrainingArguments

    class Model(torch.nn.Module):
        accepts_loss_kwargs = False

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, labels: torch.Tensor, **inputs: torch.Tensor) -> dict[str, torch.Tensor]:
            answers = logits(inputs)
            return {"loss": torch.nn.functional.cross_entropy(answers, labels), "logits": answers}

    with tempfile.TemporaryDirectory() as folder:
        options = TrainingArguments(
            folder,
            seed=seed,
            use_cpu=True,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            logging_strategy="no",
            remove_unused_columns=False,
        )
        Trainer(Model(), options, train_dataset=data).train()


def trainer_defaults(peer: Peer, seed: int, _seconds: float) -> float:
    torch.manual_seed(seed)
    network, rows = peer.network(0.0), peer.training_set.train
    inputs = peer.features.fetch(rows.items)["features"]
    data = [{"features": inputs[i], "labels": int(label)} for i, label in enumerate(rows.labels)]
    train_by_trainer(network, lambda batch: network(**batch), data, seed)
    return peer.accuracy(network)


def tuned(space: Space | None) -> Callable[[Project, Peer, int, float], float]:
    def arm(project: Project, peer: Peer, seed: int, seconds: float) -> float:
        found = finish(tune_in_steps(project, recipe=PRESET, space=space, seconds=seconds, seed=seed))
        logits = np.load(found.run.folder / LOGITS, mmap_mode="r")[peer.test]
        return 100 * float((logits.argmax(1) == peer.true).mean())

    return arm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60, help="of each arm, for each seed")
    parser.add_argument("--arms", nargs="+", default=["guided", "optuna", "optuna_soft", "trainer"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    arms = {
        "guided": tuned(None),
        "drawn": tuned(SPACE),
        "optuna": lambda _project, peer, seed, seconds: optuna_search(peer, seed, seconds),
        "optuna_soft": lambda _project, peer, seed, seconds: optuna_search(peer, seed, seconds),
        "trainer": lambda _project, peer, seed, seconds: trainer_defaults(peer, seed, seconds),
    }
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, one thread; {options.seconds:.0f} s an arm")
    print(f"{'':22}" + "".join(f"{name:>16}" for name in options.arms) + "   seconds")
    for name in options.sets:
        with tempfile.TemporaryDirectory() as folder:
            project, true, tested = project_of(name, Path(folder))
            trust = finish(label_trust_of(project, project.predictions.current, learnt_from(project, PRESET)))
            plain, soft = (Peer(project, true, tested, known) for known in (None, trust))
            cells, took = [], []
            for arm in options.arms:
                peer = soft if arm == "optuna_soft" else plain
                began, made = time.monotonic(), [arms[arm](project, peer, seed, options.seconds) for seed in range(options.seeds)]
                took.append((time.monotonic() - began) / options.seeds)
                spread = np.std(made, ddof=1) if len(made) > 1 else 0.0
                cells.append(f"{np.mean(made):10.2f} ± {spread:.2f}")
            project.close()
        print(f"{name:22}" + "".join(f"{cell:>16}" for cell in cells) + "   " + " ".join(f"{one:.0f}" for one in took))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
