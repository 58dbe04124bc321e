"""The embedded default: a real data set, labels flipped on purpose, a model, a project, and a simulated reviewer."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from platformdirs import user_data_path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import Kind
from badcase.progress import Job, in_stage
from badcase.project import Project
from badcase.store.atomic_files import write_whole
from badcase.store.verdicts import Verdict, VerdictCode
from badcase.training.demo import images as demo_images
from badcase.training.demo import texts as demo_texts

FLIPPED = 0.08  # share of all labels that are made wrong, none of them in the test part
TEST, VALIDATION = 0.2, 0.1
MARK = "demo.txt"
NAMES = {Kind.IMAGE: "digits", Kind.TEXT: "docstrings"}
SETTING = "demo"  # where the project keeps what was done to it: sentence, flipped, truth

Ids: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Planted:
    """Labels with errors put in on purpose.

    Attributes:
        given: (n,) labels with some flipped.
        flipped: (n,) which ones.
        split: (n,) train, validation or test.
    """

    given: Ids
    flipped: npt.NDArray[np.bool_]
    split: list[str]


def make_demo(path: str | Path, kind: str = "image", seed: int = 0) -> Job[Project]:
    """Make a project that is predicted and ranked, from data whose labels are partly flipped.

    Args:
        path: Where the project goes; its data, truth.csv and model lie in `path`-data.
        kind: "image" (handwritten digits) or "text" (docstrings of installed libraries).
        seed: Decides which labels are flipped, and the split.
    """
    path = Path(path).absolute()
    if path.exists():
        raise BadcaseError(_("there is something at this path already"), where=str(path), hint=_("Choose another."))
    beside = _data_folder(path)
    try:
        data, model, flipped = yield from in_stage("draw", _MAKERS[Kind(kind)](beside, seed))
        project = yield from in_stage("import", Project.creating(path, data, seed=seed))
        with _closed_on_error(project):
            project.set_setting(SETTING, _told(Kind(kind), flipped, beside / "truth.csv"))
            yield from in_stage("predict", project.predicting(model))
            yield from in_stage("rank", project.ranking_anew())
        return project
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _data_folder(path: Path) -> Path:
    """A fresh folder beside the project; one that a killed demo left is replaced, anything else refused."""
    beside = path.with_name(f"{path.name}-data")
    if beside.exists() and not (beside / MARK).exists():
        raise BadcaseError(_("there is something at this path already"), where=str(beside), hint=_("Choose another."))
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    (beside / MARK).write_text(_("Made by `badcase demo`; delete it together with the project."), encoding="utf-8")
    return beside


@contextmanager
def _closed_on_error(project: Project) -> Iterator[None]:
    try:
        yield
    except BaseException:
        project.close()
        raise


def _told(kind: Kind, flipped: int, truth: Path) -> dict[str, object]:
    what = {
        Kind.IMAGE: _("Handwritten digits from scikit-learn, drawn large."),
        Kind.TEXT: _("Docstrings of the Python libraries on this machine: which library is each from?"),
    }[kind]
    purpose = _("{n} labels were made wrong on purpose, none of them in the test split.").format(n=flipped)
    return {"sentence": f"{what} {purpose}", "flipped": flipped, "truth": str(truth)}


def plant(labels: Ids, classes: int, rng: np.random.Generator) -> Planted:
    """Split items at random and flip some labels outside the test part, each to another class drawn evenly."""
    n = len(labels)
    order = rng.permutation(n)
    tests, validations = round(TEST * n), round(VALIDATION * n)
    split = np.full(n, "train", dtype=object)
    split[order[:tests]] = "test"
    split[order[tests : tests + validations]] = "validation"
    wrong = rng.choice(order[tests:], round(FLIPPED * n), replace=False)
    given = labels.copy()
    given[wrong] = (labels[wrong] + rng.integers(1, classes, len(wrong))) % classes
    return Planted(given, given != labels, [str(name) for name in split])


def _make_images(path: Path, seed: int) -> Job[tuple[Path, Path | None, int]]:
    images, labels = demo_images.digits()
    planted = plant(labels, len(demo_images.CLASSES), np.random.default_rng(seed))
    names = yield from demo_images.draw_all(path / "data" / "images", images)
    keys = [f"images/{name}" for name in names]
    spelled = [demo_images.CLASSES[i] for i in planted.given]
    _write(path / "data" / "labels.csv", ("file", "label", "split"), zip(keys, spelled, planted.split, strict=True))
    _write(path / "truth.csv", ("key", "label"), zip(keys, (demo_images.CLASSES[i] for i in labels), strict=True))
    train = [i for i, part in enumerate(planted.split) if part == "train"]
    files = [path / "data" / keys[i] for i in train]
    yield from demo_images.train_network(path / "model", files, planted.given[train], seed)
    return path / "data", path / "model", int(planted.flipped.sum())


def _make_texts(path: Path, seed: int) -> Job[tuple[Path, Path | None, int]]:
    rng = np.random.default_rng(seed)
    texts, libraries = yield from demo_texts.harvest(rng)
    classes = sorted(set(libraries))
    labels = np.array([classes.index(name) for name in libraries], np.int64)
    planted = plant(labels, len(classes), rng)
    keys = [f"doc{i:04d}" for i in range(len(texts))]
    spelled = [classes[i] for i in planted.given]
    rows = zip(keys, texts, spelled, planted.split, strict=True)
    _write(path / "data" / "docstrings.csv", ("id", "text", "label", "split"), rows)
    _write(path / "truth.csv", ("key", "label"), zip(keys, libraries, strict=True))
    return path / "data" / "docstrings.csv", None, int(planted.flipped.sum())


_MAKERS: dict[Kind, Callable[[Path, int], Job[tuple[Path, Path | None, int]]]] = {
    Kind.IMAGE: _make_images,
    Kind.TEXT: _make_texts,
}


def _write(path: Path, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with write_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def read_truth(project: Project) -> npt.NDArray[np.int32]:
    """(n,) the true class of every item of a demo project."""
    with Path(project.setting(SETTING)["truth"]).open(newline="", encoding="utf-8") as file:
        true = {row["key"]: row["label"] for row in csv.DictReader(file)}
    number = {name: i for i, name in enumerate(project.classes)}
    return np.array([number[true[key]] for key in project.items.keys], np.int32)


def simulate_review(project: Project, truth: npt.NDArray[np.int32], n: int) -> Ids:
    """Judge the first n waiting items of the queue by the truth, as a person who is never wrong; returns their ids."""
    order = project.rank().order
    seen = order[project.verdicts[order] == VerdictCode.NONE][:n]
    wrong = truth[seen] != project.given[seen]
    verdicts = [Verdict.RELABEL if one else Verdict.KEEP for one in wrong]
    project.journal.record(seen.tolist(), verdicts, truth[seen].tolist(), who=_("simulated reviewer"))
    return np.asarray(seen, np.int64)


def free_folder(kind: Kind) -> Path:
    """Where a new demo goes: a numbered folder among the person's own data."""
    home = user_data_path("badcase") / "demo"
    return next(folder for n in count(1) if not (folder := home / f"{NAMES[kind]}-{n}").exists())
