"""Prints what disbelief in labels that nobody has judged buys a network: python -m tests.benchmarks.suspects.

Real sets with wrong labels, nothing reviewed. CIFAR-10N images are ranked by the features of efficientnet-lite0, texts by
character n-grams; then the preset from-scratch trains the small network of its kind with `suspects` = keep, out and soft,
each under the same seeds. Accuracy is that on items under their clean labels, which no training has seen.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from badcase.progress import finish
from badcase.training.recipe import PRESETS
from badcase.training.recipe.enums import Suspects
from badcase.training.run_folder.run_files import LOGITS
from badcase.training.runs.train import train_in_steps
from tests.benchmarks.tuning_networks import Made, images, titles

PRESET = PRESETS["from-scratch"].replace_from({"epochs": 15})
SPLIT = {"test": 0.4, "val": 0.06, "train": 0.54}
SETS: dict[str, Callable[[Path], Made]] = {
    **{f"cifar10n_{name}": partial(images, n=4000, labels=f"label_{name}", split=SPLIT) for name in ("aggre", "random1")},
    **{
        name: partial(titles, n=5000, name=name, split=SPLIT)
        for name in ("noisyag_human", "thucnews_zh_asym15", "thucnews_zh_idn20")
    },
}


def accuracies(made: Made, how: Suspects, seeds: int) -> list[float]:
    project, true, tested = made
    reached = []
    for seed in range(seeds):
        run = finish(train_in_steps(project, PRESET.replace_from({"suspects": how}), start="scratch", seed=seed))
        answers = np.load(run.folder / LOGITS)[tested].argmax(1)
        reached.append(100 * float((answers == true[tested]).mean()))
    return reached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sets", default=",".join(SETS))
    asked = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}")
    print(f"{'set':20}" + "".join(f"{how:>16}" for how in Suspects))
    for name in asked.sets.split(","):
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            made = SETS[name](Path(folder))
            if made[0].kind == "image":
                made[0].predict("efficientnet-lite0")
            found = {how: accuracies(made, how, asked.seeds) for how in Suspects}
            made[0].close()
        line = "".join(f"{np.mean(one):>9.2f} ±{np.std(one, ddof=1):5.2f}" for one in found.values())
        print(f"{name:20}{line}  {time.perf_counter() - began:4.0f} s", flush=True)


if __name__ == "__main__":
    main()
