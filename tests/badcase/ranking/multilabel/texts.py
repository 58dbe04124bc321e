"""Texts about one to three topics, the first of which lack one of their labels."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from badcase.project import Project

TOPICS = {
    "cooking": "boil the soup with salt and fresh herbs in a large pan",
    "garden": "plant the seeds in moist soil and water the roses",
    "music": "tune the guitar and play the chords of the old song",
    "travel": "take the night train to the coast and book a hotel",
}


def write(
    path: Path, n: int = 160, missing: int = 12, train: int = 120, groups: int = 0, words_each: int = 99
) -> list[list[str]]:
    """A table with the labels as "a;b" and a split, the last items for the test; returns the true labels.

    groups: where above 0, a column "source" of so many of them; words_each: of a topic, in a text.
    """
    rng = np.random.default_rng(0)
    sizes = [rng.integers(2 if i < missing else 1, 4) for i in range(n)]
    true = [sorted(rng.choice(list(TOPICS), size, replace=False)) for size in sizes]
    given = [labels[1:] if i < missing else labels for i, labels in enumerate(true)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "tags", "split"] + ["source"] * bool(groups))
        for i, (labels, all_labels) in enumerate(zip(given, true, strict=True)):
            words = [word for one in all_labels for word in rng.permutation(TOPICS[one].split())[:words_each].tolist()]
            row = [f"t{i}", " ".join(words), ";".join(labels), "train" if i < train else "test"]
            writer.writerow(row + [f"s{i * groups // n}"] * bool(groups))
    return true


def predicted_project(folder: Path, n: int = 260, missing: int = 60) -> tuple[Project, np.ndarray]:
    """A project after its first prediction, in `folder / "my"`, and the true label matrix."""
    named = write(folder / "texts.csv", n, missing, n * 2 // 3, words_each=3)
    project = Project.create(folder / "my", folder / "texts.csv", label="tags", task="multilabel")
    project.predict("chargrams")
    project.rank()
    places = [int(key[1:]) for key in (project.items.key(item) for item in range(n))]
    true = np.array([[name in named[place] for name in project.label_names] for place in places])
    return project, true


def correct(project: Project, true: np.ndarray) -> np.ndarray:
    """Write the true labels over the wrong ones, as a reviewer does; returns the items."""
    wrong = np.flatnonzero((project.taxonomy.matrix(project.labels) != true).any(1) & ~project.gold)
    project.journal.record(wrong.tolist(), "relabel", project.taxonomy.ids_of(true[wrong]).tolist())
    return wrong
