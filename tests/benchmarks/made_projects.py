"""Made-up projects that the benchmarks of the window judge: texts and images under predictions that see most wrong labels."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from badcase.project import Project
from badcase.store.verdicts import Verdict, VerdictCode

IMAGES, SIZE = 240, (1600, 1200)
CLASSES, WIDTH = 10, 64


def make_images(folder: Path) -> None:
    """Two classes of noisy images, a third of them in the wrong folder, under a prediction set that sees it."""
    rng = np.random.default_rng(0)
    for number in range(IMAGES):
        true, wrong = number % 2, number % 3 == 0
        target = folder / "data" / ("dark", "light")[true ^ wrong]
        target.mkdir(parents=True, exist_ok=True)
        small = rng.integers(0, 90, (75, 100, 3)) + 160 * true
        Image.fromarray(small.astype(np.uint8)).resize(SIZE, Image.Resampling.BICUBIC).save(target / f"{number:03}.jpg")
    with Project.create(folder / "project", folder / "data") as project:
        truth = np.array([int(project.items.key(i).rsplit("/", 1)[-1][:3]) % 2 for i in range(len(project.items))])
        features = np.eye(2)[truth] * 4 + rng.normal(0, 0.5, (len(truth), 2))
        predict(project, features, np.hstack([features, rng.normal(0, 0.2, (len(truth), 30))]))


def write_texts(path: Path, n: int, classes: int = CLASSES) -> np.ndarray:
    """A CSV of made-up words, a tenth of the labels drawn anew; returns the true classes (n,)."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, classes, n)
    given = np.where(rng.random(n) < 0.1, rng.integers(0, classes, n), true)
    words = rng.integers(0, 3000, (n, 12))
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = ([" ".join(f"word{one}" for one in line), f"class {label}"] for line, label in zip(words, given, strict=True))
        csv.writer(file).writerows([["text", "label"], *rows])
    return true


def write_images(folder: Path, n: int, classes: int = CLASSES, side: int = 48) -> None:
    """Small JPEGs in class folders, none like another."""
    rng = np.random.default_rng(0)
    for label in range(classes):
        (folder / f"class {label}").mkdir(parents=True)
    for number in range(n):
        rough = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)).resize((side, side), Image.Resampling.BICUBIC)
        shades = np.asarray(rough, np.int16) + rng.integers(-8, 9, (side, side, 3), dtype=np.int16)
        image = Image.fromarray(np.clip(shades, 0, 255).astype(np.uint8))
        image.save(folder / f"class {number % classes}" / f"{number:07}.jpg")


def make_texts(folder: Path, n: int, classes: int = CLASSES) -> None:
    """Overlapping classes of made-up words, and a project of them with predictions."""
    true = write_texts(folder / "texts.csv", n, classes)
    rng = np.random.default_rng(1)
    centres = (rng.normal(size=(classes, WIDTH)) * 0.6).astype(np.float32)
    embeddings = centres[true] + rng.normal(size=(n, WIDTH)).astype(np.float32)
    with Project.create(folder / "project", folder / "texts.csv") as project:
        predict(project, embeddings @ centres.T, embeddings)


def predict(project: Project, logits: np.ndarray, embeddings: np.ndarray) -> None:
    """A prediction set made of these arrays, and its ranking."""
    made = project.path / "made"
    made.mkdir()
    np.save(made / "logits.npy", logits.astype(np.float16))
    np.save(made / "embeddings.npy", embeddings.astype(np.float16))
    np.save(made / "trained_on.npy", project.split == 0)
    project.predictions.add(made, {"k": logits.shape[1], "d": embeddings.shape[1]})
    project.rank()


@contextmanager
def texts(n: int, keep: Path | None = None, classes: int = CLASSES) -> Iterator[Path]:
    """A folder with a `project` of n texts; one that is kept is made once and has the verdicts that it was given since."""
    if keep is None:
        with tempfile.TemporaryDirectory() as temporary:
            make_texts(Path(temporary), n, classes)
            yield Path(temporary)
        return
    folder = keep / f"{n}-{classes}"
    if not (folder / "project" / "project.db").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        make_texts(folder, n, classes)
    yield folder


def judge(path: Path, verdicts: int) -> None:
    """Judge the most suspect items, each by itself, until so many have a verdict: a third of them get another class."""
    with Project.open(path) as project, project.one_step():
        ranking = project.any_ranking
        assert ranking is not None
        waiting = ranking.order[project.verdicts[ranking.order] == VerdictCode.NONE]
        missing = verdicts - int(np.count_nonzero(project.verdicts))
        for number, item in enumerate(waiting[: max(0, missing)].tolist()):
            if number % 3:
                project.journal.record(item, Verdict.KEEP)
            else:
                project.journal.record(item, Verdict.RELABEL, (int(project.given[item]) + 1) % len(project.classes))
