"""What is killed: every action of a person on a small project, step by step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from badcase.project import Project
from badcase.store.run_table import RunState
from tests.attacks.bases import QUICK, N, media_of
from tests.attacks.sights import created, exported, found_data, journal, models, proposed, ranked, strays, unnamed, updated

Steps = Callable[[Path], Iterator[None]]


@dataclass(frozen=True)
class Action:
    """One kind of action on a copy of a base.

    Attributes:
        name: As `--only` says it.
        base: The folder that it is done in, of those in `bases`; the project lies in project/, exports in out/.
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


def _propose(place: Path) -> Iterator[None]:
    """What a machine proposes comes in, is taken, taken back and withdrawn."""
    from badcase.proposals.taking import plan_taking, take

    with Project.open(place / "project") as project:
        yield
        for turn in range(6):
            project.proposals.add("machine", range(N), [(turn + i) % 3 for i in range(N)])
            yield
            plan = plan_taking(project, "machine")
            if len(plan.items):  # else a process that was killed has taken them
                take(project, plan)
            yield
            project.journal.undo()
            yield
            project.proposals.withdraw("machine")
            yield


def _classes(place: Path) -> Iterator[None]:
    """Classes come, are split and merged, and go: each is one entry with the labels that it brings."""
    with Project.open(place / "project") as project:
        yield
        for turn in range(8):
            edits = project.class_edits
            names, counts = project.classes, edits.counts()
            largest = int(counts.argmax())
            items = [i for i in range(N) if project.labels[i] == largest and not project.gold[i]]
            edits.apply(edits.split(names[largest], f"part {project.revision}", items[:5]))
            yield
            edits.apply(edits.rename(project.classes[0], f"first {project.revision}"))
            yield
            if turn % 2:
                project.journal.undo()
                yield
            edits.apply(edits.merge([list(project.classes)[-1]], project.classes[0]))
            yield


def _export(format: str, images: bool, place: Path) -> Iterator[None]:
    with Project.open(place / "project") as project:
        yield
        project.export(place / "out" / format, format=format, overwrite=True, **(media_of(format) if images else {}))
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


def _update(place: Path) -> Iterator[None]:
    """Data that come and go, beside verdicts, and an update that is taken back."""
    with Project.open(place / "project") as project:
        rows = (place / "subjects.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        yield
        for turn in range(4):
            new = f"new{turn},what came with turn {turn},food\n"
            (place / "subjects.csv").write_text("".join([*rows[: N - turn], new]), encoding="utf-8")
            project.update()
            yield
            project.journal.record(turn, "exclude")
            yield
            project.undo_update()
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
    return Action(name, base, steps, seen, 1.0, (lambda _place: None) if old else clear, partial(unnamed, format))


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
    Action("propose", "plain", _propose, proposed, 2),
    Action("classes", "plain", _classes, journal, 2),
    *_exports(),
    Action("new", "plain", _new, created, 2),
    Action("predict", "plain", _predict, models, 1.5, odd=strays),
    Action("bring", "plain", _bring, models, 1.5, odd=strays),
    Action("rank", "judged", _rank, ranked, 1.5, odd=strays),
    Action("train", "modelled", _train, models, 1, odd=strays),
    Action("accept", "trained", _accept, models, 1, odd=strays),
    Action("update", "judged", _update, updated, 2),
    Action("relocate", "plain", _relocate, found_data, 1, _move),
    Action("report", "judged", _report, lambda place: (place / "out" / "report.html").exists() and True, 1),
    Action("window", "plain", _window, journal, 1.5),
]
ACTIONS = {one.name: one for one in _ALL}
