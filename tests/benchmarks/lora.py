"""Prints what adapters give beside full fine-tuning and the linear head: python -m tests.benchmarks.lora, `make benchmark-lora`.

Two text sets with MiniLM and one image set with EfficientNet-Lite0, shrunk so that a training takes a minute, with the wrong
labels of people or planted ones; a part is tested under its clean labels. Every method by its own preset, the networks for
fewer epochs, on the same items, under the same seeds. Each training has a process of its own: seconds are its processor
time, so that a busy machine favours none, and memory is what the process had at most above what it had before the training,
the network and its batches among it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from badcase.progress import finish
from badcase.project import Project
from badcase.training.recipe import Recipe, changed, default_for
from badcase.training.run_folder.run_files import LOGITS
from badcase.training.runs.train import train_in_steps
from tests.benchmarks.memory import resident
from tests.benchmarks.tuning_networks import Made, images, titles

SPLIT = {"test": 0.3, "val": 0.1, "train": 0.6}
SETS: dict[str, tuple[Callable[[Path, int], Made], int, dict[str, int]]] = {
    "noisyag_human": (partial(titles, name="noisyag_human", split=SPLIT, model="minilm"), 600, {"epochs": 4}),
    "banking77_sym10": (partial(titles, name="banking77_sym10", split=SPLIT, model="minilm"), 1500, {"epochs": 6}),
    "cifar10n_aggre": (partial(images, split=SPLIT), 400, {"epochs": 3, "minimum_checks": 2}),
}
METHODS = ("linear_head", "fine_tune", "lora")


def recipe_of(project: Project, method: str, shorter: dict[str, int]) -> Recipe:
    """The preset of a method; the networks train for fewer epochs than it says."""
    preset = default_for(project.model_spec or {}, project.kind)
    return changed(preset, {"method": method} | (shorter if method != "linear_head" else {}), project.kind)


def train_alone(folder: Path, method: str, seed: int, shorter: dict[str, int]) -> None:
    """One training, in the process that this is called in; prints where its answers lie and what it took."""
    torch.set_num_threads(1)
    with Project.open(folder / "project") as project:
        job = train_in_steps(project, recipe_of(project, method, shorter), seed=seed)
        before, began = resident()["MB"], time.process_time()
        run = finish(job)
        took = {"seconds": time.process_time() - began, "MB": resident()["MB, most"] - before}
        print(json.dumps(took | {"logits": str(run.folder / LOGITS)}))


def measured(folder: Path, method: str, seed: int, shorter: dict[str, int]) -> dict[str, float | str]:
    """The same in a process of its own."""
    words = [str(folder), method, str(seed), json.dumps(shorter)]
    done = subprocess.run([sys.executable, "-m", "tests.benchmarks.lora", "--alone", *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    made: dict[str, float | str] = json.loads(done.stdout.splitlines()[-1])
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--share", type=float, default=1.0, help="of the items of each set")
    parser.add_argument("--alone", nargs=4, metavar=("FOLDER", "METHOD", "SEED", "SHORTER"))
    asked = parser.parse_args()
    if asked.alone:
        folder, method, seed, shorter = asked.alone
        train_alone(Path(folder), method, int(seed), json.loads(shorter))
        return
    print(f"{'set':18}{'method':14}{'accuracy':>10}{'spread':>8}{'seconds':>9}{'MB':>7}", flush=True)
    for name in asked.sets:
        make, items, shorter = SETS[name]
        with tempfile.TemporaryDirectory() as place:
            project, true, tested = make(Path(place), int(asked.share * items))
            project.close()
            for method in METHODS:
                runs = [measured(Path(place), method, seed, shorter) for seed in range(asked.seeds)]
                right = [100 * (np.load(str(run["logits"]))[tested].argmax(1) == true[tested]).mean() for run in runs]
                means = [float(np.median([float(run[what]) for run in runs])) for what in ("seconds", "MB")]
                spread = np.std(right, ddof=1) if len(right) > 1 else 0.0
                figures = f"{np.mean(right):>10.1f}{spread:>8.1f}{means[0]:>9.1f}{means[1]:>7.0f}"
                print(f"{name:18}{method:14}{figures}", flush=True)


if __name__ == "__main__":
    main()
