"""What is killed: every action of a person on a small project, step by step, and what of it can be seen."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from badcase.project import Project
from badcase.store.run_table import RunState
from tests.projects import SUBJECTS, predict_from, write_texts

N = 36
QUICK = {"epochs": 2, "head_epochs": 1, "batch_size": 16}
Steps = Callable[[Path], Iterator[None]]


@dataclass(frozen=True)
class Action:
    """One kind of action on a copy of a base.

    Attributes:
        name: As `--only` says it.
        base: The folder that it is done in, of those that `make_bases` makes; the project lies in project/, exports in out/.
        steps: Yields once where it is about to begin and once after each thing that is done and may be acknowledged.
        observe: What can be seen of all that it changes; None where nothing is there.
        weight: Its share of the kills.
        prepare: Done to a fresh copy first.
        odd: What is left where nothing should be, in words.
    """

    name: str
    base: str
    steps: Steps
    observe: Callable[[Path], Any]
    weight: float = 1.0
    prepare: Callable[[Path], object] = lambda _place: None
    odd: Callable[[Path], list[str]] = lambda _place: []

    def open(self, place: Path) -> None:
        """Open the project for writing, as a person would after the kill."""
        if (place / "project").exists():
            Project.open(place / "project").close()


# --- the bases --------------------------------------------------------------------------------------------------------


def make_bases(folder: Path, wanted: set[str]) -> None:
    """Make the folders that actions begin in, each in a process of its own: this one stays without threads."""
    for name in sorted(wanted):
        child = os.fork()
        if not child:
            try:
                (folder / name).mkdir(parents=True)
                BASES[name](folder / name)
                os._exit(0)
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            raise RuntimeError(f"the base {name} cannot be made")


def _texts(place: Path, *, model: bool = False) -> Project:
    truth = write_texts(place / "subjects.csv", N, wrong=3)
    project = Project.create(place / "project", place / "subjects.csv")
    (place / "out").mkdir()
    if model:
        project.predict("chargrams")
        project.rank()
    else:
        classes = np.array([list(SUBJECTS).index(truth[key]) for key in project.items.keys])
        predict_from(project, np.eye(3)[classes] + np.random.default_rng(0).normal(0, 0.3, (N, 3)))
    return project


def _plain(place: Path) -> None:
    _texts(place).close()


def _judged(place: Path) -> None:
    """Two reviewers who agree in much, a patch of other verdicts, and exports of an earlier state."""
    with _texts(place) as project:
        for item in range(24):
            kind = ("relabel", "keep", "exclude", "unsure")[item % 4]
            label = (int(project.given[item]) + 1) % 3 if kind == "relabel" else None
            project.journal.record(item, kind, label, who=("ann", "ben", "cem")[item % 3])
        project.export(place / "all.patch", format="patch")
        while project.journal.undo():
            pass
        for item in range(10, 20):
            for who in ("ann", "ben"):
                project.journal.record(item, "relabel", (int(project.given[item]) + 1) % 3, who=who)
            project.journal.record(item, "keep", who="cem")
        for format in ("same", "csv", "jsonl", "parquet", "hf", "labelstudio", "patch"):
            project.export(place / "out" / format, format=format)
        project.journal.record(0, "exclude")
        project.journal.record(1, "relabel", (int(project.given[1]) + 1) % 3)


def _images(place: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(12):
        path = place / "images" / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8)).save(path)
    with Project.create(place / "project", place / "images") as project:
        (place / "out").mkdir()
        for format in ("same", "csv", "folder", "hf", "coco", "fiftyone", "parquet"):
            project.export(place / "out" / format, format=format, **_media(format))
        project.journal.record(0, "exclude")
        project.journal.record(1, "relabel", 0)


def _modelled(place: Path) -> None:
    _texts(place, model=True).close()


def _trained(place: Path) -> None:
    from badcase.training import train

    with _texts(place, model=True) as project:
        train(project, QUICK)


BASES: dict[str, Callable[[Path], None]] = {
    "plain": _plain,
    "judged": _judged,
    "images": _images,
    "modelled": _modelled,
    "trained": _trained,
}


# --- what can be seen -------------------------------------------------------------------------------------------------


def _look(place: Path) -> Project:
    return Project.open(place / "project", read_only=True)


def journal(place: Path) -> Any:
    """Labels, verdicts and the length of the journal."""
    with _look(place) as project:
        return project.labels.tolist(), project.verdicts.tolist(), project.revision, project.classes


def tree(place: Path) -> Any:
    """All files below a path by name, with a digest of each; None where there is nothing."""
    if not place.exists():
        return None
    paths = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    return {str(path.relative_to(place.parent)): hashlib.sha256(path.read_bytes()).hexdigest()[:8] for path in paths}


def exported(format: str, place: Path) -> Any:
    out = place / "out"
    shown = [path for path in sorted(out.glob(f"{format}*")) if not path.name.startswith(".")]
    found = [tree(path) for path in shown]
    return (found, journal(place)) if (out / format).exists() else None


def models(place: Path) -> Any:
    """Prediction sets, runs that are done, what is in use, and whether all their files can be read."""
    with _look(place) as project:
        sets = project.predictions.all()
        for one in sets:
            assert one.logits.shape[0] == len(project.items) == one.trained_on.shape[0]
            assert not one.has_embeddings or one.embeddings.shape[0] == len(project.items)
        current, run = project.predictions.current, project.runs.current
        done = [(row.id, bool(row.accepted)) for row in project.runs.all() if row.state is RunState.DONE]
        for row in project.runs.all():
            assert row.state is not RunState.DONE or row.folder.is_dir()
        spec = project.model_spec
        return [one.id for one in sets], current and current.id, run and run.id, done, spec and str(spec.get("source"))


def created(place: Path) -> Any:
    if not (place / "made").exists():
        return None
    with Project.open(place / "made") as project:
        return len(project.items), project.classes, project.labels.tolist(), len(project.set_aside)


def found_data(place: Path) -> Any:
    with _look(place) as project:
        return str(project.source.location.relative_to(place)), project.source.parts[0].name


# --- the actions ------------------------------------------------------------------------------------------------------


def _record(place: Path) -> Iterator[None]:
    with Project.open(place / "project") as project:
        yield
        for turn in range(160):
            item = turn % N
            kind = ("relabel", "keep", "exclude", "unsure")[turn % 4]
            project.journal.record(item, kind, (int(project.given[item]) + 1) % 3 if kind == "relabel" else None)
            yield


def _undo(place: Path) -> Iterator[None]:
    with Project.open(place / "project") as project:
        yield
        while project.journal.undo():
            yield
        while project.journal.redo():
            yield


def _bulk(place: Path) -> Iterator[None]:
    """Batches of a person in the grid: one action, many items."""
    from badcase.ui import operations

    with Project.open(place / "project") as project:
        yield
        for turn in range(6):
            items = list(range(turn, N, 2))
            operations.relabel(project, items=items, label=turn % 3)
            yield
            operations.keep(project, items=items)
            yield
            operations.exclude(project, items=items)
            yield
            operations.undo(project)
            yield


def _verb(place: Path, *lines: list[object]) -> Iterator[None]:
    """Verbs of the command line, one after another."""
    import sys

    from badcase.ui.cli import main

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    yield
    for words in lines:
        sys.argv = ["badcase", *map(str, words)]
        try:
            main()
        except SystemExit as left:
            if left.code:
                raise RuntimeError(f"{words} ended with {left.code}") from left
        yield


def _verdict_verbs(place: Path) -> Iterator[None]:
    project, file = place / "project", place / "v.csv"
    file.write_text("key,verdict,label\n" + "".join(f"t{i},{'relabel,food' if i % 2 else 'keep,'}\n" for i in range(30)))
    return _verb(
        place,
        ["label", project, "t1", "food"],
        ["verdicts", project, file],
        ["label", project, "t2", "weather"],
        ["verdicts", project, file],
    )


def _apply(place: Path) -> Iterator[None]:
    with Project.open(place / "project") as project:
        yield
        project.apply(place / "all.patch")
        yield


def _consensus(place: Path) -> Iterator[None]:
    with Project.open(place / "project") as project:
        yield
        project.accept_consensus()
        yield


def _media(format: str) -> dict[str, Any]:
    return {"media": "copy"} if format in ("csv", "coco", "fiftyone") else {}


def _export(format: str, images: bool, place: Path) -> Iterator[None]:
    with Project.open(place / "project") as project:
        yield
        project.export(place / "out" / format, format=format, overwrite=True, **(_media(format) if images else {}))
        yield


def _new(place: Path) -> Iterator[None]:
    yield
    if not (place / "made").exists():
        Project.create(place / "made", place / "subjects.csv").close()
    yield


def _predict(place: Path) -> Iterator[None]:
    with Project.open(place / "project") as project:
        before = len(project.predictions.all())
        yield
        if before < 2:
            project.predict("chargrams")
        yield


def _bring(place: Path) -> Iterator[None]:
    with Project.open(place / "project") as project:
        rows = np.random.default_rng(0).random((N, 3))
        yield
        if len(project.predictions.all()) < 2:
            project.bring_predictions(rows / rows.sum(1, keepdims=True))
        yield


def _rank(place: Path) -> Iterator[None]:
    with Project.open(place / "project") as project:
        yield
        project.rank()
        yield


def _ranked(place: Path) -> Any:
    """A saved ranking is whole or none: the journal alone is what counts, and its order can be read."""
    with _look(place) as project:
        ranking = project.any_ranking
        assert ranking is None or len(ranking.order) > 0
    return journal(place)


def _train(place: Path) -> Iterator[None]:
    from badcase.training import train

    with Project.open(place / "project") as project:
        yield
        if not any(run.state is RunState.DONE and run.kind == "training" for run in project.runs.all()):
            train(project, QUICK)
        yield


def _accept(place: Path) -> Iterator[None]:
    from badcase.training import accept

    with Project.open(place / "project") as project:
        run = project.runs.all()[-1]
        yield
        if not run.accepted:
            accept(project, run.id)
        yield


def _relocate(place: Path) -> Iterator[None]:
    with Project.open(place / "project") as project:
        yield
        project.relocate(place / "elsewhere" / "moved.csv")
        yield


def _move(place: Path) -> None:
    (place / "elsewhere").mkdir()
    shutil.move(place / "subjects.csv", place / "elsewhere" / "moved.csv")


def _report(place: Path) -> Iterator[None]:
    from badcase.training import report

    with Project.open(place / "project") as project:
        yield
        report(project, place / "out" / "report.html")
        yield


def _window(place: Path) -> Iterator[None]:
    """Keys in the window, which nobody sees."""
    os.environ |= {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(place / "config"), "HOME": str(place / "home")}
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from badcase.ui.desktop import main_window
    from badcase.ui.desktop.session import background_refit

    app = QApplication.instance() or QApplication([])
    main_window.WARM_MS = background_refit.OPENED_MS = 10**6
    window = main_window.MainWindow()
    window.show()
    window.open_project(place / "project")
    assert window.session is not None
    app.processEvents()
    project = window.session.project
    yield
    keys = [Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_E, Qt.Key.Key_Z, Qt.Key.Key_U, Qt.Key.Key_1, Qt.Key.Key_2]
    for turn in range(24):
        before = project.revision
        QTest.keyClick(QApplication.focusWidget() or window, keys[turn % len(keys)])
        app.processEvents()
        if project.revision != before:
            yield
    window.close()


def _strays(place: Path) -> list[str]:
    """Folders of prediction sets, rankings and runs that the database does not know."""
    with _look(place) as project:
        sets = {one.folder.name for one in project.predictions.all()}
        runs = {row.folder.name for row in project.runs.all()}
        found = [path.name for path in (place / "project" / "predictions").glob("*") if path.name not in sets]
        found += [f"run {path.name}" for path in (place / "project" / "runs").glob("*") if path.name not in runs]
        for one in project.predictions.all():
            rankings = [path.name for path in one.folder.glob("ranking-*")]
            found += rankings[1:]
        for row in project.runs.all():
            if row.state is RunState.DONE:
                found += [
                    f"run {row.id}: {name}" for name in ("state.pt", "checkpoint.safetensors") if (row.folder / name).exists()
                ]
    return found


def _exports() -> Iterator[Action]:
    for format in ("same", "csv", "jsonl", "parquet", "hf", "labelstudio", "patch"):
        yield _an_export("texts", "judged", format, old=True)
    for format in ("same", "csv", "folder", "hf", "coco", "fiftyone", "parquet"):
        yield _an_export("images", "images", format, old=True)
    yield _an_export("texts", "judged", "csv", old=False)
    yield _an_export("images", "images", "folder", old=False)


def _an_export(kind: str, base: str, format: str, *, old: bool) -> Action:
    name = f"export {kind} {format}" + ("" if old else " anew")
    clear = partial(_clear, format)
    steps, seen = partial(_export, format, kind == "images"), partial(exported, format)
    return Action(name, base, steps, seen, 1.0, (lambda _place: None) if old else clear)


def _clear(format: str, place: Path) -> None:
    for path in (place / "out").glob(f"{format}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


_ALL = [
    Action("record", "plain", _record, journal, 4),
    Action("undo and redo", "judged", _undo, journal, 3),
    Action("bulk verdicts", "plain", _bulk, journal, 3),
    Action("label and verdicts", "plain", _verdict_verbs, journal, 3),
    Action("apply", "judged", _apply, journal, 2),
    Action("accept consensus", "judged", _consensus, journal, 2),
    *_exports(),
    Action("new", "plain", _new, created, 2),
    Action("predict", "plain", _predict, models, 1.5, odd=_strays),
    Action("bring", "plain", _bring, models, 1.5, odd=_strays),
    Action("rank", "judged", _rank, _ranked, 1.5, odd=_strays),
    Action("train", "modelled", _train, models, 1, odd=_strays),
    Action("accept", "trained", _accept, models, 1, odd=_strays),
    Action("relocate", "plain", _relocate, found_data, 1, _move),
    Action("report", "judged", _report, lambda place: (place / "out" / "report.html").exists() and True, 1),
    Action("window", "plain", _window, journal, 1.5),
]
ACTIONS = {one.name: one for one in _ALL}
