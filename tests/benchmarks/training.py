"""Prints what a reviewer's hours buy in accuracy: python -m tests.benchmarks.training.

Real sets with known labels; a fifth of each is set aside under its clean labels, the rest is what a user has. Linear
heads of the preset, trained by `fit`, all for as many epochs: on the given labels; after a simulated reviewer judged as
many items as there are errors, in the order of our queue, of cleanlab's scores and at random; and on all clean labels.
`closed` is the part of the gap between given and clean that each order closed; an asterisk says that the gap is not
larger than the spread over the seeds. The corrections go in as in the program: with their weight, in training and
validation items alike, and what nobody has judged teaches as far as it is believed after the review (suspects = soft).
`soft` is a training on the given labels that believes them so far, before any review: `over soft` says how many points the
review in our order adds to it, with the spread over the seeds and its least: what a person confirmed must not make it worse.
--budget asks for so many verdicts instead, and --arms for some of the orders: `--budget 300 --arms ours --sets all` shows in
minutes what the first 300 verdicts add.

What 300 verdicts from the top of the queue added to soft labels alone, of 3,000 items on one to three splits (points):
noisyag_human 3.4, thucnews_zh_idn20 1.2, cifar10n_random1 .7, thucnews_zh_asym15 .6, cifar10n_aggre .6 ±.4, agnews_test_idn20 .5,
banking77_idn20 .3, agnews_test_sym10 .2 ±.3; of the suite of own noise news_one_way15 .5 ±1.5, images_uniform05 .3 ±1.3, and
titles_uniform01 -.2 ±.1: where 1 label in 100 is wrong, soft labels, which smooth what is hard, reach as much as all true labels
do or .3 more, and there is nothing to gain. What verdicts say of the items that nobody judged is worth .1 to .7 on six of ten
sets and costs .25 on one. Tried on six splits of three sets, within .03 of what is kept on the mean: judged items teach a tenth
or a fifth of what the model says; they keep half of the doubt in a label that a person confirmed.

`as labelled` is the same order with a training that believes all of it, so that the part of the order and that of the
training show; so do the arms `given` and `clean`. `told` is our order with a training that is told which labels are still
wrong, though not what they should be: what more no belief can reach.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import torch
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray

from badcase import Queue, rank
from badcase.progress import finish
from badcase.store.verdicts import VerdictCode
from badcase.training.data.batches import Batches, Splits
from badcase.training.data.label_trust import believed, chances
from badcase.training.data.training_set import SoftTargets, TrainingRows, item_weights
from badcase.training.loop.fit import fit, predict
from badcase.training.network.head_on_features import HeadNetwork, StoredFeatures
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import PRESETS
from badcase.training.run_folder.run import Run
from tests.benchmarks.ranking import Case, cases, logistic

SETS = ("cifar10n_aggre", "cifar10n_random1", "noisyag_human", "banking77_sym10", "banking77_idn20", "thucnews_zh_asym15")
TEST, VALIDATION = 0.2, 0.1
RECIPE = PRESETS["linear-head"].replace_from({"epochs": 40, "patience": 0, "minimum_checks": 1}).settled("image")
CPU = torch.device("cpu")
Labels = NDArray[np.int64]
Targets = NDArray[np.float32]
Order = Callable[[Case, NDArray[np.int64], int, int], NDArray[np.int64]]
LABELLED, TOLD = ", as labelled", ", told"


def ours(case: Case, known: NDArray[np.int64], budget: int, seed: int) -> NDArray[np.int64]:
    """The queue that learns, without the items drawn by chance: they are the price of the count of errors."""
    queue = Queue(case.labels[known], features=case.features[known], random_sample=False, seed=seed)
    seen = np.empty(budget, np.int64)
    for step in range(budget):
        seen[step] = item = int(queue.next()[0])
        queue.record(item, int(case.true[known[item]]))
    return seen


def cleanlabs(case: Case, known: NDArray[np.int64], budget: int, _seed: int) -> NDArray[np.int64]:
    """Its default score, self-confidence, on out-of-fold probabilities of a logistic regression."""
    probs = logistic(case.features[known], case.labels[known])
    return np.argsort(get_label_quality_scores(case.labels[known], probs), kind="stable")[:budget]


def at_random(_case: Case, known: NDArray[np.int64], budget: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).permutation(len(known))[:budget]


ORDERS: dict[str, Order] = {"ours": ours, "cleanlab": cleanlabs, "random": at_random}
ARMS = ("ours", "ours" + LABELLED, "ours" + TOLD, "cleanlab", "cleanlab" + LABELLED, "random")


def taught(case: Case, known: NDArray[np.int64], seen: NDArray[np.int64]) -> tuple[Targets, Targets]:
    """(n, k) what each item that is learnt from teaches, by a ranking of these alone, and where it is told.

    seen: places of the judged among them.
    """
    given, found = case.labels[known], np.full(len(known), -1)
    found[seen] = case.true[known[seen]]
    ranking = rank(given, features=case.features[known], verified=found)
    verdicts = np.full(len(known), VerdictCode.NONE, np.int8)
    verdicts[seen] = np.where(found[seen] == given[seen], VerdictCode.KEEP, VerdictCode.RELABEL)
    targets = np.eye(int(case.true.max()) + 1, dtype=np.float32)[np.where(found < 0, given, found)]
    rest = np.flatnonzero(found < 0)
    told, wrong = targets.copy(), given[rest] != case.true[known[rest]]
    told[rest] = believed(targets[rest], wrong.astype(np.float32), ranking.probs[rest])
    targets[rest] = believed(targets[rest], chances(ranking, verdicts, rest), ranking.probs[rest])
    return targets, told


class FinderBench:
    """One split of a set: what is known and can be corrected, and what is only tested on."""

    def __init__(self, case: Case, seed: int) -> None:
        self.case, self.seed = case, seed
        shuffled = np.random.default_rng((seed, 7)).permutation(len(case.labels))
        tested = int(TEST * len(shuffled))
        self.tested, self.known = np.sort(shuffled[:tested]), np.sort(shuffled[tested:])
        self.validates = np.random.default_rng((seed, 8)).random(len(self.known)) < VALIDATION / (1 - TEST)
        self.errors = int(case.wrong[self.known].sum())

    def accuracy(self, labels: Labels, judged: NDArray[np.bool_], targets: Targets | None = None) -> float:
        """On the clean labels of the tested items, after a training on these labels of the known ones."""
        case, apart = self.case, self.validates
        taught = None if targets is None else SoftTargets(np.arange(np.count_nonzero(~apart), dtype=np.int32), targets)
        rows = TrainingRows(self.known[~apart], labels[~apart], item_weights(judged[~apart], RECIPE), taught)
        held = TrainingRows(self.known[apart], labels[apart])
        k = int(case.true.max()) + 1
        torch.manual_seed(self.seed)
        features, network = StoredFeatures(case.features, rows), HeadNetwork(case.features.shape[1], k, 0.0)
        trainee = Trainee(network, network.linear, lambda inputs: network(**inputs), k, CPU)

        def batches(some: TrainingRows, seed: int | None = None) -> Batches:
            return Batches(some, features.fetch, RECIPE.batch_size if seed is not None else 4096, CPU, seed=seed)

        with tempfile.TemporaryDirectory() as folder:
            run = Run.begin(Path(folder), RECIPE)
            finish(fit(trainee, Splits(batches(rows, self.seed), batches(held)), RECIPE, run))
        logits = finish(predict(trainee, batches(TrainingRows(self.tested, case.true[self.tested])), ""))
        return float((logits.argmax(1) == case.true[self.tested]).mean())

    def measure(self, arms: Collection[str] = ARMS, budget: int = 0) -> dict[str, float]:
        """Accuracy by arm, and under "found " + order the share of the errors that it met; after as many verdicts as errors."""
        given, true = self.case.labels[self.known], self.case.true[self.known]
        nobody = np.zeros(len(given), np.bool_)
        reached = {"given": self.accuracy(given, nobody), "clean": self.accuracy(true, nobody)}
        unseen = np.empty(0, np.int64)
        reached["soft"] = self.accuracy(given, nobody, taught(self.case, self.known[~self.validates], unseen)[0])
        for name, order in ORDERS.items():
            if name not in {arm.partition(",")[0] for arm in arms}:
                continue
            seen = order(self.case, self.known, budget or self.errors, self.seed)
            judged = nobody.copy()
            judged[seen] = True
            labels = np.where(judged, true, given)
            soft, told = taught(self.case, self.known[~self.validates], np.flatnonzero(judged[~self.validates]))
            for arm, targets in {name: soft, name + LABELLED: None, name + TOLD: told}.items():
                if arm in arms:
                    reached[arm] = self.accuracy(labels, judged, targets)
                    reached[f"found {arm}"] = float((judged & (given != true)).sum() / self.errors)
        return reached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--budget", type=int, default=0, help="verdicts; as many as there are errors where it is 0")
    parser.add_argument("--sets", default=",".join(SETS), help="names of sets of the ranking benchmark, or: all")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=ARMS, help="orders; ours is always among them")
    asked = parser.parse_args()
    arms = [arm for arm in ARMS if arm in asked.arms or arm == "ours"]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}")
    print(f"{'set':20}{'errors':>7}  {'given':>12} " + "".join(f"{name:>29}" for name in arms) + f"{'clean':>9}")
    for case in cases():
        if asked.sets != "all" and case.name not in asked.sets.split(","):
            continue
        began = time.perf_counter()
        grounds = [FinderBench(case, seed) for seed in range(asked.seeds)]
        seeds = [bench.measure(arms, asked.budget) for bench in grounds]
        mean = {name: float(np.mean([seed[name] for seed in seeds])) for name in seeds[0]}
        spread = {name: float(np.std([seed[name] for seed in seeds], ddof=1)) if len(seeds) > 1 else 0.0 for name in seeds[0]}
        # The split moves all arms together, so what counts is how far the gap itself moves.
        gaps = np.array([seed["clean"] - seed["given"] for seed in seeds])
        sure = "" if len(gaps) > 1 and gaps.mean() > gaps.std(ddof=1) else "*"
        line = f"{case.name:20}{grounds[0].errors:>7}  {mean['given']:.4f} ±{spread['given']:.4f} "
        for name in arms:
            closed = float(np.mean([seed[name] - seed["given"] for seed in seeds]) / gaps.mean())
            line += f"{mean[name]:>11.4f} closed {closed:4.2f}{sure or ' '} of {mean[f'found {name}']:.2f}"
        over = 100 * np.array([seed["ours"] - seed["soft"] for seed in seeds])
        line += f"{mean['clean']:>9.4f}  soft {mean['soft']:.4f}, over soft {over.mean():+.2f} ±{over.std():.2f}, "
        print(line + f"least {over.min():+.2f}  {time.perf_counter() - began:4.0f} s", flush=True)


if __name__ == "__main__":
    main()
