"""Prints what each rule of tuning is worth on real data: `make benchmark-rules`.

For each of the 22 rules of thumb that the program follows, one small training or two where only that knob differs, under the
same seeds and divisions of the items. Texts are Chinese news titles (THUCNews, a tenth of the labels wrong), news under the
labels of people (NoisyAG-News) and questions to a bank (BANKING77); images are CIFAR-10N under its aggregated labels.
Trained on a few hundred items, which takes seconds, tested on 800 others under their clean labels: a number says
which way a knob acts there, and not what it is worth on other data. `difference` is the mean over the seeds and, behind ±,
its standard error.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import torch

from badcase import rank
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.tuning.proposals import plainest
from tests import DATA
from tests.benchmarks.rules_grounds import Encoders, Ground, Heads, Images, Parts, Texts, case_of

Pair = tuple[float, float]
_SCRATCH = PRESETS["from-scratch"].replace_from({"network": "small", "patience": 0, "minimum_checks": 1, "epochs": 8})
TEXT = _SCRATCH.replace_from({"depth": 1, "width": 32})
IMAGE = _SCRATCH.replace_from({"width": 32})
PLAIN = plainest(TEXT, "text", "scratch")
HEAD = PRESETS["linear-head"].replace_from({"epochs": 30, "patience": 0, "minimum_checks": 1})
ONCE = {"epochs": 1, "schedule": "constant", "warmup": 0.0, "learning_rate": 10.0}
SOON = {"patience": 1, "plateau_guard": False}
DEEP = {"depth": 6, "normalization": "none"}
ENCODER = PRESETS["text-fine-tuning"].replace_from(
    {"epochs": 5, "batch_size": 8, "patience": 0, "minimum_checks": 1, "freeze": "nothing"}
)


@cache
def heads(name: str, train: int, held: int = 200) -> Ground:
    return Heads(case_of(name), HEAD, train, held)


@cache
def titles(recipe: Recipe = TEXT) -> Ground:
    return Texts(case_of("thucnews_zh_sym10"), recipe, 500)


@cache
def pictures() -> Ground:
    return Images(case_of("cifar10n_aggre"), IMAGE, 500)


@cache
def encoders() -> Ground:
    return Encoders(case_of("noisyag_human"), ENCODER, 128, 64, 200)


@dataclass(frozen=True)
class Row:
    """One rule by one knob: what is compared, in words, and the two numbers of a seed; `seeds` where not all are needed."""

    rule: int
    words: str
    pair: Callable[[int], Pair]
    measure: str = "accuracy"
    seeds: int | None = None


def changed(
    rule: int, words: str, ground: Callable[[], Ground], before: dict[str, Any], after: dict[str, Any], seeds: int | None = None
) -> Row:
    """The accuracy of two recipes."""

    def pair(seed: int) -> Pair:
        return ground().trained(before, seed).accuracy, ground().trained(after, seed).accuracy

    return Row(rule, words, pair, seeds=seeds)


def last_and_best(seed: int) -> Pair:
    """The validation loss of one long training: in its last epoch, and in the one that is kept."""
    made = titles().trained({"epochs": 16, "schedule": "constant", "warmup": 0.0}, seed)
    return made.history[-1]["validation_loss"], made.history[made.best]["validation_loss"]


def recalled(seed: int) -> Pair:
    """The recall of one class, in percent, where the loss chooses the checkpoint and where a rule does."""
    ground, found = heads("noisyag_human", 500), []
    for by in ({}, {"select_by": "rule", "rule": "accuracy where recall[c0] >= 0.95"}):
        made = ground.trained(by, seed)
        found.append(100 * float((made.answers == made.true)[made.true == 0].mean()))
    return found[0], found[1]


def spread_of_seeds(seed: int) -> Pair:
    """The lowest and the highest of five seeds of one recipe on the same items."""
    made = [titles().trained({}, 10 * seed + one, division=0).accuracy for one in range(5)]
    return min(made), max(made)


def leaked(seed: int) -> Pair:
    """By how many points validation promises too much where half of it is learnt under another key, and where none is."""
    ground, found = heads("noisyag_human", 800, 400), []
    parts = ground.parts(seed)
    for held in (np.sort(np.concatenate([parts.held[::2], parts.train[::4]])), parts.held):
        made = ground.trained_on(replace(parts, held=held), HEAD, seed)
        found.append(100 * made.history[made.best]["accuracy"] - 100 * agreement(ground, parts, made.answers))
    return found[0], found[1]


def agreement(ground: Ground, parts: Parts, answers: Any) -> float:
    """The accuracy on the tested items by the labels as they were given, which is what validation measures."""
    return float((answers == ground.case.labels[parts.tested]).mean())


def corrected(seed: int) -> Pair:
    """The accuracy before and after the 120 most suspect of 800 labels were judged by somebody who is always right."""
    ground = heads("noisyag_human", 800)
    parts = ground.parts(seed)
    known = np.concatenate([parts.train, parts.held])
    first = known[rank(ground.case.labels[known], features=ground.case.features[known], seed=seed).order[:120]]
    labels = parts.labels.copy()
    labels[first] = ground.case.true[first]
    return ground.trained({}, seed).accuracy, ground.trained_on(replace(parts, labels=labels), HEAD, seed).accuracy


def pretrained(seed: int) -> Pair:
    """A small network from scratch and a linear head on pretrained features, trained on the same texts."""
    return news().trained({}, seed).accuracy, heads("noisyag_human", 500).trained({}, seed).accuracy


@cache
def news() -> Ground:
    return Texts(case_of("noisyag_human"), TEXT, 500)


def noisy() -> Ground:
    return heads("noisyag_human", 500)


ROWS = (
    changed(
        1,
        "dropout 0.5 together with a tenth of the rate → dropout 0.5 alone",
        titles,
        {"dropout": 0.5, "learning_rate": 2e-4},
        {"dropout": 0.5},
    ),
    changed(2, "a fifth of the labels wrong: cross-entropy → generalized", noisy, {}, {"loss": "generalized"}),
    changed(2, "a fifth of the labels wrong: cross-entropy → focal", noisy, {}, {"loss": "focal"}),
    changed(
        3,
        "batch 256 at the rate of 64 → at four times that rate",
        lambda: heads("banking77_sym10", 2000),
        {"batch_size": 256},
        {"batch_size": 256, "learning_rate": 4.0},
    ),
    changed(4, "batch 64 → four batches of 16 accumulated", noisy, {}, {"batch_size": 16, "accumulate": 4}),
    changed(5, "MiniLM, 80 steps: at 3e-3 → at 2e-4", encoders, {"learning_rate": 3e-3}, {"learning_rate": 2e-4}, seeds=2),
    changed(
        6,
        "constant rate → warm-up and cosine",
        pictures,
        {"schedule": "constant", "warmup": 0.0},
        {"schedule": "cosine", "warmup": 0.1},
    ),
    Row(7, "the last of 16 epochs → the best one, which is kept", last_and_best, "validation loss"),
    changed(8, "patience 1 from the first epoch → not before the sixth", pictures, SOON, SOON | {"minimum_checks": 6}),
    changed(9, "one epoch, checked at its end → 20 times", lambda: heads("noisyag_human", 4000), ONCE, ONCE | {"checks": 20}),
    changed(10, "texts: SGD at 0.1 → AdamW at 2e-3", titles, {"optimizer": "sgd", "learning_rate": 0.1}, {}),
    changed(
        10,
        "images: AdamW → AdamW, then SGD from the fifth of 8 epochs on",
        pictures,
        {},
        {"optimizer": "adam_then_sgd", "switch_epoch": 4},
    ),
    changed(11, "images: no activation → ReLU", pictures, {"activation": "none"}, {"activation": "relu"}),
    changed(11, "images: sigmoid → ReLU", pictures, {"activation": "sigmoid"}, {"activation": "relu"}),
    Row(12, "texts: from scratch → a linear head on pretrained features", pretrained),
    changed(
        12,
        "six convolutions without a norm: torch's initialization → Kaiming normal",
        pictures,
        DEEP,
        DEEP | {"initialization": "kaiming_normal"},
    ),
    changed(13, "texts: dropout 0 → 0.5", titles, {}, {"dropout": 0.5}),
    Row(14, "checkpoint by the loss → by accuracy where one class has a recall of 0.95", recalled, "its recall"),
    changed(15, "texts, underfitted: width 8 → 128", titles, {"width": 8}, {"width": 128}),
    changed(16, "texts, overfitted: embedding dropout 0 → 0.3", titles, {}, {"embedding_dropout": 0.3}),
    changed(16, "images, overfitted: as they are → mirrored and shifted", pictures, {}, {"flip": True, "crop": 0.1}),
    changed(16, "texts, overfitted: a block of attention → bags of words", titles, {}, {"depth": 0}),
    changed(17, "texts: batch norm → layer norm", titles, {"normalization": "batch"}, {"normalization": "layer"}),
    changed(17, "images: layer norm → batch norm", pictures, {"normalization": "layer"}, {"normalization": "batch"}),
    changed(
        18,
        "images: the last level → three levels side by side",
        pictures,
        {"pooling": "mean"},
        {"pooling": "mean", "head_levels": 3},
    ),
    changed(18, "texts: mean pooling → attention pooling", titles, {"pooling": "mean"}, {"pooling": "attention"}),
    Row(19, "one recipe, five seeds: the lowest → the highest", spread_of_seeds, seeds=1),
    Row(20, "too much promised: copies on both sides → kept together", leaked, "points too many"),
    changed(21, "texts, plain → with layer norm", lambda: titles(PLAIN), {}, {"normalization": "layer"}),
    changed(21, "texts, plain → with dropout 0.5", lambda: titles(PLAIN), {}, {"dropout": 0.5}),
    changed(21, "texts, plain → with weight decay 0.01", lambda: titles(PLAIN), {}, {"weight_decay": 0.01}),
    changed(21, "texts, plain → with a cosine", lambda: titles(PLAIN), {}, {"schedule": "cosine"}),
    Row(22, "a fifth of the labels wrong → the 120 most suspect of 1000 judged", corrected),
)


def told(row: Row, seeds: Sequence[int], markdown: bool) -> str:
    before, after = np.array([row.pair(seed) for seed in seeds[: row.seeds]]).T
    gains, digits = after - before, 3 if row.measure.endswith("loss") else 1
    error = f" ± {gains.std(ddof=1) / np.sqrt(len(gains)):.{digits}f}" if len(gains) > 1 else ""
    cells = f"{before.mean():.{digits}f}", f"{after.mean():.{digits}f}", f"{gains.mean():+.{digits}f}{error}"
    if markdown:
        return f"| {row.rule} | {row.words} | {row.measure} | {' | '.join(cells)} |"
    return f"{row.rule:>4}  {row.words:75} {row.measure:16}{cells[0]:>8}{cells[1]:>8}  {cells[2]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", type=int, nargs="+", default=list(range(1, 23)))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--markdown", action="store_true", help="rows of the table in docs/how-to/tune.md")
    asked = parser.parse_args()
    if not DATA.is_dir():
        print(f"The data sets are not in {DATA}: nothing was trained. BADCASE_DATA names another folder.", file=sys.stderr)
        return
    torch.set_num_threads(1)
    began = time.process_time()
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, one thread, torch {torch.__version__}, {len(asked.seeds)} seeds")
    for row in ROWS:
        if row.rule in asked.rules:
            print(told(row, asked.seeds, asked.markdown), flush=True)
    print(f"{(time.process_time() - began) / 60:.1f} minutes of the processor")


if __name__ == "__main__":
    main()
