"""What a person confirmed never makes a model worse than soft labels alone do."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from badcase.progress import finish
from badcase.project import Project
from badcase.training.data.run_spec import RunSpec
from badcase.training.recipe import PRESETS
from badcase.training.recipe.enums import Start
from tests.projects import predict_from
from tests.training.projects import taught

K, D, N, APART = 4, 12, 480, 4_000
RECIPE = PRESETS["linear-head"]
ROUNDS = (40, 120)  # verdicts, where about 100 labels are wrong


def mixture(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, D) of overlapping classes, and the true classes (n,)."""
    true = rng.integers(0, K, n)
    means = np.random.default_rng(1).normal(0, 1, (K, D))
    return (means[true] + rng.normal(0, 1.3, (n, D))).astype(np.float32), true


def reached(project: Project, features: np.ndarray, apart: tuple[np.ndarray, np.ndarray]) -> float:
    """Percent right on new items of a linear head that learnt what the training items teach, as the verdicts stand."""
    spec = RunSpec(RECIPE, Start.PRETRAINED, 0, project.revision, project.predictions.current)
    rows = finish(spec.weighed(project)).training_set(project).train
    x, targets = np.c_[features[rows.items], np.ones(len(rows))], taught(rows)
    head = np.zeros((D + 1, K))
    for _step in range(300):
        odds = np.exp(x @ head)
        head -= 0.3 * x.T @ (rows.weights[:, None] * (odds / odds.sum(1, keepdims=True) - targets)) / len(x) + 1e-3 * head
    answers = (np.c_[apart[0], np.ones(APART)] @ head).argmax(1)
    return 100 * float((answers == apart[1]).mean())


def test_verdicts_from_the_top_of_the_queue_add_to_what_soft_labels_reach(tmp_path: Path) -> None:
    """The queue asks for items that are hard or wrong, which is no fair sample; yet the model must not lean towards them.

    Were what was judged to count twenty times, the first verdicts would cost 4.6 points; were the doubt of all that is left to
    shrink to a seventh with them, 1.4.
    """
    rng = np.random.default_rng(0)
    features, true = mixture(rng, N)
    given = np.where(rng.random(N) < 0.22, (true + 1) % K, true)
    with (tmp_path / "data.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [[f"t{i}", f"text {i}", f"c{label}", "val" if i % 6 == 0 else "train"] for i, label in enumerate(given)]
        csv.writer(file).writerows([["id", "text", "label", "split"], *rows])
    apart = mixture(rng, APART)
    with Project.create(tmp_path / "p", tmp_path / "data.csv") as project:
        predict_from(project, features)
        ranking = project.ranking
        assert ranking is not None
        found = [reached(project, features, apart)]
        for upto in ROUNDS:
            items = ranking.order[:upto]
            project.journal.record(items.tolist(), "relabel", true[items].tolist())
            found.append(reached(project, features, apart))
    assert found[1] > found[0] + 1 and found[2] > found[1] + 1  # measured: 79.6, 81.3 and 84.1
