"""Small real projects for trainings, with wrong labels where a reviewer could find them and none in gold."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from badcase.progress import Event, Job
from badcase.project import Project
from badcase.training.data.training_set import TrainingRows

WORDS = {
    "animals": "dog cat horse bird fish cow",
    "food": "bread soup apple rice coffee salt",
    "weather": "rain sun wind snow fog hail",
}
FILLER = ["one", "two", "three", "four", "five", "six", "seven", "left", "right", "over", "under", "near", "far"]


def write_noisy_texts(path: Path, n: int, *, wrong: float, seed: int = 0) -> list[str]:
    """A CSV with a split column; a share of the labels outside test is wrong, always in the same direction."""
    rng = np.random.default_rng(seed)
    names, truth, rows = list(WORDS), [], []
    for i in range(n):
        name = names[i % 3]
        words = [*rng.choice(WORDS[name].split(), 1), *rng.choice(FILLER, 5)]
        split = "test" if i % 5 == 0 else "val" if i % 5 == 1 else "train"
        given = names[(i + 1) % 3] if split != "test" and rng.random() < wrong else name
        truth.append(name)
        rows.append([f"t{i}", f"{i} {' '.join(rng.permutation(words))}", given, split])
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text", "label", "split"], *rows])
    return truth


def noisy_project(folder: Path, n: int = 300, *, wrong: float = 0.4) -> tuple[Project, np.ndarray]:
    """The project after its first prediction, and the true class of every item."""
    names = write_noisy_texts(folder / "texts.csv", n, wrong=wrong)
    project = Project.create(folder / "project", folder / "texts.csv")
    project.predict("chargrams")
    of_key = {f"t{i}": name for i, name in enumerate(names)}
    truth = np.array([project.classes.index(of_key[project.items.key(i)]) for i in range(len(project.items))])
    return project, truth


def correct(project: Project, truth: np.ndarray, items: np.ndarray) -> None:
    for item in items[project.labels[items] != truth[items]]:
        project.journal.record([int(item)], "relabel", int(truth[item]))


def take(job: Job[object], steps: int) -> list[Event]:
    """The first events of a job, which is left where it is."""
    return [next(job) for _step in range(steps)]


def rank_and_correct(project: Project) -> None:
    """Accept half of what a ranking suggests, which it does not know until it is made anew."""
    ranking = project.rank()
    items = np.flatnonzero(ranking.flagged)[::2]
    project.journal.record(items.tolist(), "relabel", ranking.suggested[items].tolist())


def taught(rows: TrainingRows) -> np.ndarray:
    """(n, k) what each of the rows teaches; some of them no single label."""
    targets = rows.targets(np.arange(len(rows)))
    assert targets is not None
    return targets
