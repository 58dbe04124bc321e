"""Damaged projects by the thousand: each file, table and cell of a project changed, and every verb tried on what is left.

Only a BadcaseError, or an answer, may come out of a verb: nothing else, no hang. `python -m tests.attacks.damaged_projects`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.ui.command_line import comparing, groups, models, projects, ranking, reviewers
from badcase.ui.command_line.printing import CommandOutput
from tests import ROOT
from tests.attacks.isolated import LONGEST, MEMORY, run_isolated

MADE = ROOT / "tests" / "data" / "project-0.1.0.zip"  # 60 texts, 6 verdicts, 2 trainings
Damage: TypeAlias = Callable[[Path], None]  # of the folder of a project
VALUES: tuple[Any, ...] = (None, "", "x", "\ud800", b"\xff\x00", -1, 0, 2**62, 1e300, "[]", "{}", "null", "1e999", "[" * 5000)
PLAIN: tuple[Any, ...] = (None, [], {}, "x", "\ud800", "\0", -1, 2**70, 0.5, float("nan"), True, [[]], {"a": None})


def template(folder: Path, task: str = "multiclass") -> Path:
    """A project with all that one can hold, closed."""
    if task == "multiclass":
        with zipfile.ZipFile(MADE) as file:
            file.extractall(folder)
        project = Project.open(folder / "made")
    else:
        sets = ["cat", "dog", "cat;dog", "fox", "fox;cat"]
        rows = [f"t{i},{word} number {i},{word}" for i in range(40) for word in [sets[i % 5]]]
        (folder / "texts.csv").write_text("id,text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
        project = Project.create(folder / "made", folder / "texts.csv", task=task, text="text", label="label", key="id")
        rng = np.random.default_rng(0)
        for _again in range(2):
            project.bring_predictions(rng.random((40, 3)), features=rng.random((40, 4)))
    with project:
        project.journal.record([0, 1], "exclude", who="ann")
        project.journal.record([0, 2, 3], "keep", who="bob")
        project.journal.record([4], "relabel", (int(project.given[4]) + 1) % 3, who="ann", shown={"page": 1})
        project.journal.undo()
        project.journal.redo()
        project.journal.undo()
        project.rank()
        project.export(folder / "some.patch", format="patch")
    return folder / "made"


# --- what is done to a project ------------------------------------------------------------------------------------------


def damages(project: Path) -> Iterator[tuple[str, Damage]]:
    """Every damage with its name, of which the same seed gives the same."""
    yield from _of_files(project)
    yield from _of_cells(project)
    yield from _of_tables(project)
    yield from _of_json(project)


def _of_files(project: Path) -> Iterator[tuple[str, Damage]]:
    for path in sorted(project.rglob("*")):
        if not path.is_file() or path.name == "project.lock":
            continue
        name = path.relative_to(project)
        for what, change in _FILES.items():
            yield f"{name} {what}", lambda folder, name=name, change=change: _rewrite(folder / name, change)
        for seed in range(12 if path.suffix in (".db", ".arrow") else 3):
            yield f"{name} bytes {seed}", lambda folder, name=name, seed=seed: _rewrite(folder / name, _flipped(seed))
        yield f"{name} gone", lambda folder, name=name: (folder / name).unlink()
        yield f"{name} a folder", lambda folder, name=name: ((folder / name).unlink(), (folder / name).mkdir())[1]
        if path.suffix == ".npy":
            for what, array in _ARRAYS.items():
                yield f"{name} {what}", lambda folder, name=name, array=array: _rewrite_array(folder / name, array)
        if path.suffix == ".json":
            for what, plain in _plain_changes(json.loads(path.read_text(encoding="utf-8"))):
                text = json.dumps(plain).encode()
                yield f"{name} {what}", lambda folder, name=name, text=text: _rewrite(folder / name, lambda _old: text)


_FILES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda old: b"",
    "one byte": lambda old: old[:1],
    "half": lambda old: old[: len(old) // 2],
    "short": lambda old: old[:-7],
    "zeros": lambda old: bytes(len(old)),
    "text": lambda old: b"once upon a time\n" * 20,
    "number": lambda old: b"3",
    "list": lambda old: b"[1, null]",
    "invalid": lambda old: b"\xff\xfe\x00\xd8" * 9,
    "deep": lambda old: b"[" * 100_000,
}
_ARRAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "NaN": lambda old: np.full(old.shape, np.nan, np.float16),
    "infinite": lambda old: np.full(old.shape, np.inf, np.float32),
    "shorter": lambda old: old[:-1],
    "longer": lambda old: np.concatenate([old, old]),
    "flat": lambda old: old.reshape(-1),
    "cube": lambda old: old[None, None],
    "one": lambda old: np.array(7),
    "none": lambda old: old[:0],
    "large": lambda old: np.full(old.shape, 2**40, np.int64),
    "negative": lambda old: np.full(old.shape, -5, np.int32),
    "text": lambda old: np.full(old.shape, "x"),
    "complex": lambda old: old.astype(np.complex64),
    "object": lambda old: np.full(old.shape, None, object),
    "records": lambda old: np.zeros(old.shape, [("a", int)]),
    "columns": lambda old: np.repeat(old, 2, axis=-1),
}


def _rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def _flipped(seed: int) -> Callable[[bytes], bytes]:
    def change(old: bytes) -> bytes:
        draw, new = random.Random(seed), bytearray(old)
        for _one in range(1 + seed * 3 if old else 0):
            new[draw.randrange(len(new))] = draw.randrange(256)
        return bytes(new)

    return change


def _rewrite_array(path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    old = np.load(path)
    with contextlib.suppress(ValueError, TypeError):  # not every array can be all of these
        np.save(path, change(old), allow_pickle=True)


def _of_cells(project: Path) -> Iterator[tuple[str, Damage]]:
    with contextlib.closing(sqlite3.connect(project / "project.db")) as database:
        tables = _tables(database)
        rows = {table: [one for (one,) in database.execute(f"SELECT rowid FROM {table}")] for table in tables}
    for table, columns in tables.items():
        for row in sorted({rows[table][0], rows[table][-1]} if rows[table] else ()):
            for column in columns:
                for number, value in enumerate(VALUES):
                    yield (
                        f"{table}.{column} row {row} value {number}",
                        _sql(f"UPDATE {table} SET {column} = ? WHERE rowid = {row}", value),
                    )
                bad = f"UPDATE {table} SET {column} = CAST(x'ff41' AS TEXT) WHERE rowid = {row}"
                yield f"{table}.{column} row {row} no text", _sql(bad)
            names = ", ".join(columns)
            yield f"{table} row {row} gone", _sql(f"DELETE FROM {table} WHERE rowid = {row}")
            more = f"INSERT INTO {table} (rowid, {names}) SELECT rowid + 7, {names} FROM {table} WHERE rowid = {row}"
            yield f"{table} row {row} twice", _sql(more)
        for column in columns:
            yield f"{table}.{column} all alike", _sql(f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} LIMIT 1)")
    for action in ("undo", "redo"):
        for batch in (-1, 0, 1, 3, 99, 2**62):
            row = f"INSERT INTO journal (batch, action, who, at) VALUES ({batch}, '{action}', 'x', '')"
            yield f"{action} of batch {batch}", _sql(row)


def _of_tables(project: Path) -> Iterator[tuple[str, Damage]]:
    with contextlib.closing(sqlite3.connect(project / "project.db")) as database:
        tables = _tables(database)
    for table, columns in tables.items():
        yield f"{table} dropped", _sql(f"DROP TABLE {table}")
        yield f"{table} emptied", _sql(f"DELETE FROM {table}")
        yield f"{table} a view", _sql(f"ALTER TABLE {table} RENAME TO old; CREATE VIEW {table} AS SELECT * FROM old")
        trigger = f"CREATE TRIGGER t AFTER INSERT ON {table} BEGIN DELETE FROM journal; END"
        yield f"{table} with a trigger", _sql(trigger)
        for column in columns:
            yield f"{table}.{column} renamed", _sql(f"ALTER TABLE {table} RENAME COLUMN {column} TO other")
    for name in ("user_version", "application_id"):
        for value in (-1, 0, 1, 2, 99, 2**31 - 1):
            yield f"{name} {value}", _sql(f"PRAGMA {name} = {value}")
    yield "another program's database", lambda folder: _foreign(folder / "project.db")


def _foreign(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript("CREATE TABLE mine (a); PRAGMA user_version = 2;")


def _of_json(project: Path) -> Iterator[tuple[str, Damage]]:
    with contextlib.closing(sqlite3.connect(project / "project.db")) as database:
        cells = [("settings", "value", *row) for row in database.execute("SELECT rowid, value FROM settings")]
        cells += [("prediction_sets", "meta", *row) for row in database.execute("SELECT id, meta FROM prediction_sets")]
        cells += [
            ("runs", name, *row) for name in ("recipe", "metrics") for row in database.execute(f"SELECT id, {name} FROM runs")
        ]
    for table, column, row, text in cells:
        for what, plain in _plain_changes(json.loads(text)):
            yield (
                f"{table}.{column} row {row} {what}",
                _sql(f"UPDATE {table} SET {column} = ? WHERE rowid = {row}", json.dumps(plain)),
            )


def _plain_changes(plain: Any) -> Iterator[tuple[str, Any]]:
    """The same with each part of it replaced by other kinds, and left out."""
    for path in _paths(plain):
        for number, value in enumerate(PLAIN):
            yield f"{path} value {number}", _with(plain, path, value)
        if path and isinstance(path[-1], str):
            yield f"{path} left out", _with(plain, path, ...)


def _paths(plain: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(plain, dict):
        for name in list(plain)[:40]:
            yield from _paths(plain[name], (*at, name))
    elif isinstance(plain, list):
        for number in range(min(len(plain), 2)):
            yield from _paths(plain[number], (*at, number))


def _with(plain: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(plain) if isinstance(plain, dict) else list(plain)
    if value is ... and len(path) == 1:
        copy.pop(path[0])
    else:
        copy[path[0]] = _with(plain[path[0]], path[1:], value)
    return copy


def _tables(database: sqlite3.Connection) -> dict[str, list[str]]:
    names = [
        name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    ]
    return {name: [row[1] for row in database.execute(f"PRAGMA table_info({name})")] for name in [*names, "sqlite_sequence"]}


def _sql(statement: str, *values: Any) -> Damage:
    def damage(folder: Path) -> None:
        with contextlib.closing(sqlite3.connect(folder / "project.db", isolation_level=None)) as database:
            database.execute("PRAGMA ignore_check_constraints = ON")
            database.execute("PRAGMA writable_schema = ON")
            database.execute("UPDATE sqlite_master SET sql = REPLACE(sql, 'NOT NULL', '')")
            database.execute("PRAGMA writable_schema = RESET")
            with contextlib.suppress(sqlite3.IntegrityError, sqlite3.OperationalError, UnicodeEncodeError):
                database.execute(statement, values) if values else database.executescript(statement)

    return damage


# --- what is tried on it --------------------------------------------------------------------------------------------------


def _export(out: CommandOutput, project: Path, place: Path, format: str) -> None:
    projects.export(out, project, place / f"out.{format}", format=format, overwrite=True)


VERBS: dict[str, Callable[[CommandOutput, Path, Path], object]] = {
    "runs": lambda out, project, place: models.runs(out, project, trials=True),
    "rank": lambda out, project, place: ranking.rank(out, project, top=20),
    "groups": lambda out, project, place: groups.groups(out, project),
    "reviewers": lambda out, project, place: reviewers.reviewers(out, project),
    "compare": lambda out, project, place: comparing.compare(out, project, 1, 2),
    "report": lambda out, project, place: projects.report(out, project, place / "report.html"),
    "export same": lambda out, project, place: _export(out, project, place, "same"),
    "export patch": lambda out, project, place: _export(out, project, place, "patch"),
    "apply": lambda out, project, place: projects.apply(out, project, project.parent / "some.patch"),
    "relocate": lambda out, project, place: projects.relocate(out, project, project.parent / "texts.csv"),
    "diagnose": lambda out, project, place: _diagnose(project),
    "look": lambda out, project, place: _look(project),
}


def _diagnose(project: Path) -> None:
    """What the page of a training shows of one, and how long the next would take."""
    from badcase.training.diagnosis.diagnose import diagnose
    from badcase.training.recipe import Recipe
    from badcase.training.run_folder.run_files import META, read_history, read_json
    from badcase.training.runs.notes import read_notes
    from badcase.training.runs.plan import plan

    with Project.open(project) as opened:
        for run in opened.runs.all():
            for read, of in (
                (read_history, run.folder),
                (read_json, run.folder / META),
                (partial(read_notes, opened), run.id),
                (partial(diagnose, opened), run.id),
            ):
                with contextlib.suppress(BadcaseError):
                    read(of)
        plan(opened, Recipe())


def _look(project: Path) -> None:
    """What the window shows without a command."""
    with Project.open(project) as opened:
        for noun in (opened, opened.items, opened.runs, opened.predictions, opened.journal):
            repr(noun), noun._columns(None)
        opened.journal.history(0), opened.set_aside, opened.source, opened.model_spec
        opened.journal.undo(), opened.journal.redo()


def faults_of(project: Path, place: Path, damage: Damage) -> tuple[list[str], Counter[str]]:
    """What went wrong but in words after a damage to a copy, and how the verbs ended."""
    copy = place / "copy" / "made"
    shutil.rmtree(copy.parent, ignore_errors=True)
    shutil.copytree(project.parent, copy.parent)
    damage(copy)
    faults, ends = [], Counter[str]()
    for name, verb in VERBS.items():
        out = CommandOutput(as_json=True, quiet=True)
        began = time.process_time()
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                verb(out, copy, place)
                out.close()
            ends["done"] += 1
        except BadcaseError as error:
            ends["refused"] += 1
            str(error).encode(), error.hint.encode()
        except Exception as error:
            ends["fault"] += 1
            frame = error.__traceback__
            while frame is not None and frame.tb_next is not None:
                frame = frame.tb_next
            where = "" if frame is None else f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
            faults.append(f"{name}: {type(error).__name__} at {where}: {str(error)[:150]}")
        if time.process_time() - began > LONGEST:
            faults.append(f"{name}: {time.process_time() - began:.0f} s")
    return faults, ends


def main(arguments: Sequence[str] | None = None) -> int:
    """Damage projects and print what came of it; 1 where a verb ended in anything but words."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--most", type=int, default=0, help="so many damages, drawn at random; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="only damages with this in their name")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    tried, wrong, ends, began = 0, 0, Counter[str](), time.monotonic()
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="badcase-damages-", dir=memory) as place:
        projects = {task: template(_made(Path(place, task)), task) for task in ("multiclass", "multilabel")}
        done_to = {(task, name): damage for task, project in projects.items() for name, damage in damages(project)}
        cases = [case for case in done_to if asked.only in case[1]]
        every = len(cases)
        if asked.most:
            cases = random.Random(asked.seed).sample(cases, min(asked.most, every))

        def run(case: tuple[str, str]) -> str:
            own = Path(place, str(os.getpid()))
            faults, ended = faults_of(projects[case[0]], own, done_to[case])
            return json.dumps([faults, ended])

        for outcome in run_isolated(cases, run, asked.processes):
            faults, ended = json.loads(outcome.told) if outcome.end == "done" else ([f"{outcome.end}: {outcome.told}"], {})
            tried, wrong, ends = tried + 1, wrong + bool(faults), ends + Counter(ended)
            for fault in faults:
                print(f"{', '.join(outcome.case)}: {fault}", flush=True)
    told = ", ".join(f"{n:,} {how}" for how, n in sorted(ends.items()))
    print(f"{tried:,} of {every:,} damaged projects, {len(VERBS)} verbs each ({told}): {wrong} ended in a fault")
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
