"""Small real projects that several tests start from."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from badcase.project import Project

SUBJECTS = {
    "animals": ["the dog barks", "a cat sleeps", "horses run", "the bird sings", "fish swim"],
    "food": ["bread and butter", "a bowl of soup", "fresh apples", "rice with beans", "hot coffee"],
    "weather": ["heavy rain", "a sunny day", "strong wind", "snow on the hills", "thick fog"],
}


def write_texts(path: Path, n: int = 90, *, wrong: int = 6, seed: int = 0) -> dict[str, str]:
    """A CSV (id, text, label) about three subjects with some labels wrong; returns the true label of each id."""
    rng = np.random.default_rng(seed)
    names = list(SUBJECTS)
    truth, rows = {}, []
    flipped = set(rng.choice(n, wrong, replace=False).tolist())
    for i in range(n):
        name = names[i % 3]
        phrases = rng.choice(SUBJECTS[name], 2, replace=False)
        truth[f"t{i}"] = name
        given = names[(i + 1) % 3] if i in flipped else name
        rows.append([f"t{i}", f"{phrases[0]}, {phrases[1]} in place {i * 37 % 101}", given])
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text", "label"], *rows])
    return truth


def predict_from(project: Project, embeddings: np.ndarray) -> None:
    """A prediction set with these embeddings (n, d), in the order of the items, and its ranking."""
    n, made = len(project.items), project.path / "made"
    made.mkdir()
    np.save(made / "logits.npy", np.zeros((n, len(project.classes)), np.float16))
    np.save(made / "embeddings.npy", embeddings.astype(np.float16))
    np.save(made / "trained_on.npy", np.zeros(n, np.bool_))
    project.predictions.add(made, {"k": len(project.classes), "d": embeddings.shape[1]})
    project.rank()
