"""The list of runs in the database. What a run wrote lies in its folder, runs/<id>/."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.shown_tables import Columns, ShownTable
from badcase.store.atomic_files import sweep
from badcase.store.checks.identity import NAME as IDENTITY
from badcase.store.checks.identity import RUNS_MARKED, RunMark
from badcase.store.checks.json_shapes import Shape
from badcase.store.database import Store
from badcase.store.own_folders import own_folder

FROM_FILE = "file"  # the `start` of a run that stands for predictions that were made elsewhere: it has no model


class RunState(StrEnum):
    """How far a run came."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunKind(StrEnum):
    """What a run is: the model that the user brought, a training, the mean of trainings that differ in their seed alone, or a
    search for a recipe, which keeps no model."""

    INITIAL = "initial"
    TRAINING = "training"
    SOUP = "soup"
    CROSS_VALIDATION = "cross_validation"
    TRIAL = "trial"
    TUNING = "tuning"
    NESTED_TUNING = "nested_tuning"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run.

    Attributes:
        place: Where its folder lies, whatever is there now.
        mark: What tells its folder.
        part_of: The run whose work this one is.
    """

    id: int
    kind: RunKind
    state: RunState
    title: str
    place: Path
    mark: RunMark
    parent: int | None = None
    recipe: dict[str, Any] = field(default_factory=dict)
    start: str = ""
    revision: int = 0
    seed: int = 0
    started: str = ""
    finished: str | None = None
    accepted: str | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    part_of: int | None = None

    def __repr__(self) -> str:
        return f"<Run {self.id}: {self.title}, {self.state}>"

    @property
    def folder(self) -> Path:
        """Its folder, which has all that it wrote; it need not exist. BadcaseError where another one lies in its place."""
        self.mark.require(self.place)
        return self.place

    def has(self, name: str) -> bool:
        """Whether there is a file of this name in its folder; a folder that is another's has none."""
        try:
            return (self.folder / name).is_file()
        except BadcaseError:
            return False


_MEASURES = ("accuracy", "macro_f1", "micro_f1", "validation_loss", "seconds", "gain", "gain_error", "folds", "best_epoch")
_JSON: dict[str, Shape] = {"recipe": dict, "metrics": {f"{name}?": (float, None) for name in _MEASURES}}
_COLUMNS = [column.name for column in fields(RunRow) if column.name not in {"id", "place", "mark"}]
_OF_SAFETENSORS = ".tmp??????"  # what its writer leaves beside a file where it is killed


class RunTable(ShownTable):
    """The runs of one project, by number."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._folder = store, folder
        self.unattended = False  # nobody writes to the project, so no run is being made; for one that is only read

    def __repr__(self) -> str:
        if self._store.closed:
            return "<RunTable of a closed project>"
        current, n = self.current, len(self.all())
        return f"<RunTable: {n} run{'s' if n != 1 else ''}, {f'{current.id} in use' if current else 'none in use'}>"

    def _columns(self, most: int | None) -> Columns:
        """The runs with their measures, and what else is no dict."""
        runs = self.all()[:most]
        names = ["id", *(name for name in _COLUMNS if name not in _JSON)]
        columns = {name: [getattr(run, name) for run in runs] for name in names}
        plain = {name for run in runs for name, value in run.metrics.items() if isinstance(value, int | float)}
        return columns | {name: [run.metrics.get(name) for run in runs] for name in sorted(plain - set(names))}

    def all(self) -> list[RunRow]:
        self._store.require("runs")
        whose = self._whose()
        return [self._row(row, *whose) for row in self._store.rows(f"SELECT id, {', '.join(_COLUMNS)} FROM runs ORDER BY id")]

    def get(self, number: int) -> RunRow:
        self._store.require("runs")
        rows = self._store.rows(f"SELECT id, {', '.join(_COLUMNS)} FROM runs WHERE id = ?", (number,))
        if not rows:
            known = ", ".join(str(row[0]) for row in self._store.rows("SELECT id FROM runs ORDER BY id"))
            raise BadcaseError(
                _("there is no such run"),
                where=_("run {number}").format(number=number),
                expected=known or _("a run; none has been made yet"),
                hint=_("`badcase runs PROJECT` lists them."),
            )
        return self._row(rows[0], *self._whose())

    def _whose(self) -> tuple[str, bool]:
        """The mark of the project, and whether all of its runs have theirs."""
        return self._store.setting(IDENTITY, ""), bool(self._store.setting(RUNS_MARKED, 0))

    def _row(self, row: tuple[Any, ...], project: str, marked: bool) -> RunRow:
        values = dict(zip(_COLUMNS, row[1:], strict=True))
        place = _("run {number}").format(number=row[0])
        values |= {name: self._store.plain("runs", place, values[name], shape) for name, shape in _JSON.items()}
        values |= {"kind": RunKind(values["kind"]), "state": RunState(values["state"])}
        if self.unattended and values["state"] is RunState.RUNNING:
            values |= _abandoned()
        mark = RunMark(project, row[0], values["started"], needed=marked)
        return RunRow(id=row[0], place=own_folder(self._folder, row[0]), mark=mark, **values)

    def add(self, *, kind: RunKind, title: str, state: RunState = RunState.RUNNING, **values: Any) -> int:
        """Start a run's row and its folder; returns its number."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = {"recipe": {}, "start": "", "revision": 0, "seed": 0, "started": now, "metrics": {}, "error": ""}
        row |= {"kind": kind, "title": title, "state": state} | values
        with self._store.transaction() as connection:
            number = self._free_number(connection)
            row["id"] = number
            connection.execute(f"INSERT INTO runs ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", _plain(row))
        made = self.get(number)
        made.place.mkdir(parents=True, exist_ok=True)
        made.mark.write(made.place)
        return number

    def _free_number(self, connection: sqlite3.Connection) -> int:
        """A number that no run has, nor a folder that a database which was restored no longer knows of."""
        number: int = connection.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM runs").fetchone()[0]
        while any(own_folder(self._folder, number).glob("*")):
            number += 1
        return number

    def require_own(self, path: str | Path) -> None:
        """BadcaseError where a path, seen from the project, lies in the folder of a run that is another's."""
        place = self._folder.parent / path
        for run in self.all():
            if place.is_relative_to(run.place):
                run.mark.require(run.place)

    def mark_all(self) -> None:
        """Mark the folders of a project that was made before runs had marks; once, as one without a mark is refused then."""
        if self._store.setting(RUNS_MARKED, 0):
            return
        with suppress(OSError):  # for want of room, say: the next opening marks them
            for run in self.all():
                if run.place.is_dir():
                    run.mark.adopt(run.place)
            self._store.set_settings([(RUNS_MARKED, 1)])

    @contextmanager
    def adding(self, **values: Any) -> Iterator[int]:
        """Start a run as `add` does; where the block fails, for want of room say, there is no such run, nor its folder."""
        number = self.add(**values)
        try:
            yield number
        except BaseException:
            shutil.rmtree(self._folder / str(number), ignore_errors=True)
            with suppress(BadcaseError), self._store.transaction() as connection:  # the first error says more
                connection.execute("DELETE FROM runs WHERE id = ?", (number,))
            raise

    def update(self, number: int, **values: Any) -> None:
        """Change columns of one run. A run that ends gets its time here."""
        if values.get("state", RunState.RUNNING) != RunState.RUNNING:
            values.setdefault("finished", datetime.now(UTC).isoformat(timespec="seconds"))
        with self._store.transaction() as connection:
            connection.execute(
                f"UPDATE runs SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ?", [*_plain(values), number]
            )

    @property
    def current(self) -> RunRow | None:
        """The run whose model is in use, or None before the first prediction."""
        number = self._store.setting("current_run")
        if number is not None and not self._store.rows("SELECT 1 FROM runs WHERE id = ?", (number,)):
            raise self._store.damage(
                "settings", "current_run", expected=_("a row of the table {name}").format(name="runs"), got=number
            )
        return None if number is None else self.get(number)

    def use(self, number: int, model_spec: dict[str, Any] | None) -> None:
        """Make this run the current one, and its model, where it is known, the model in use."""
        self.get(number)
        self._store.set_settings([("current_run", number), *([("model_spec", model_spec)] if model_spec else [])])

    def mark_abandoned(self, *, stopped: bool = False) -> None:
        """Runs whose program ended before they did: nobody is working on them once the lock is ours.

        stopped: a person wanted it so.
        """
        for run in self.all():
            if run.state is RunState.RUNNING:
                sweep(run.place)
                for left in run.place.rglob(_OF_SAFETENSORS):
                    left.unlink(missing_ok=True)
                self.update(run.id, **({"state": RunState.CANCELLED} if stopped else _abandoned()))


def _abandoned() -> dict[str, Any]:
    """What is said of a run whose program ended before it did."""
    return {"state": RunState.FAILED, "error": _("the program ended before this run did")}


def _plain(values: dict[str, Any]) -> list[Any]:
    return [json.dumps(value, ensure_ascii=False) if name in _JSON else value for name, value in values.items()]
