"""Whatever happens to project.db, its verdicts come back: out of its pages, of a backup, of a copy."""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.mending.check_up import Soundness, check_up
from badcase.mending.journal_backups import DAYS, NEWEST, back_up_journal, backup_files, read_backup
from badcase.mending.mend import mending_in_steps
from badcase.mending.rescue import find_journal, rescue
from badcase.mending.restore import restore_journal
from badcase.mending.whole_copy import backing_up, restoring
from badcase.progress import finish
from badcase.project import Project
from badcase.store.checks.damage import DamagedError
from badcase.store.prediction_sets import PredictionSets
from tests.badcase.mending.projects import copied, said
from tests.projects import write_texts


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return copied(tmp_path)


def without_backups(folder: Path) -> None:
    rmtree(folder / "backups")


def database(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "project.db", isolation_level=None)


def beginning(folder: Path, raw: bytes) -> None:
    with (folder / "project.db").open("r+b") as file:
        file.write(raw)


def schema_gone(folder: Path) -> None:
    """The first page, which says where every table begins."""
    beginning(folder, bytes(4096))


def word_damaged(folder: Path) -> None:
    """A word of the schema is no text any more, and neither is what SQLite says of it."""
    raw = (folder / "project.db").read_bytes()
    (folder / "project.db").write_bytes(raw.replace(b"CREATE INDEX journal_item ON", b"CREATE INDEX journal_item \x85N"))


LOSSES: dict[str, Callable[[Path], None]] = {
    "empty": lambda folder: (folder / "project.db").write_bytes(b"") and None,
    "text": lambda folder: (folder / "project.db").write_bytes(b"once upon a time " * 999) and None,
    "head": lambda folder: beginning(folder, b"\0" * 100),
    "schema": schema_gone,
    "word": word_damaged,
    "half": lambda folder: os.truncate(folder / "project.db", 8192),
    "gone": lambda folder: (folder / "project.db").unlink(),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_lost_database_is_refused_and_comes_back_from_its_backup(loss: Callable[[Path], None], made: Path) -> None:
    """An emptied project.db became a fresh project with no verdicts."""
    before, raw = said(made), (made / "project.db").read_bytes()
    loss(made)
    left = (made / "project.db").read_bytes() if (made / "project.db").exists() else None
    with pytest.raises(BadcaseError) as refused:
        Project.open(made)
    if left is not None:
        assert isinstance(refused.value, DamagedError) and "badcase doctor" in refused.value.hint
        assert (made / "project.db").read_bytes() == left  # nobody filled it
    restored = restore_journal(made)
    assert restored.entries == 15 and restored.missing == 0
    assert said(made) == before
    if left is not None:
        assert restored.aside is not None and restored.aside.read_bytes() == left != raw
    assert all(one.state is Soundness.SOUND for one in finish(check_up(made)))


@pytest.mark.parametrize("loss", ["head", "schema", "word"])
def test_verdicts_are_read_out_of_pages_that_sqlite_cannot_read_any_more(loss: str, made: Path, tmp_path: Path) -> None:
    with Project.open(made) as project:
        expected = {(one.item, one.who, one.verdict, one.label) for one in project.journal.by_reviewer()}
        key = project.items.key
        data = project.source.location / project.source.parts[0].name
        wanted = {(key(i), who, str(verdict), project.classes[label]) for i, who, verdict, label in expected}
    without_backups(made)
    LOSSES[loss](made)
    found = rescue(made, tmp_path / "rescued.patch")
    assert (found.verdicts, found.entries, found.missing, found.unnamed) == (len(wanted), 15, 0, 0)
    lines = [json.loads(line) for line in found.path.read_text(encoding="utf-8").splitlines()[1:]]
    assert {(one["key"], one["who"], one["verdict"], one["label"]) for one in lines} == wanted
    with Project.create(tmp_path / "again", data) as fresh:
        fresh.apply(found.path)
        assert {(fresh.items.key(i), fresh.classes[fresh.labels[i]]) for i in np.flatnonzero(fresh.verdicts == 1)} == {
            (one_key, label) for one_key, _who, verdict, label in wanted if verdict == "relabel"
        }
    with pytest.raises(BadcaseError, match="already"):
        rescue(made, found.path)


def test_verdicts_that_only_the_log_of_the_database_holds_are_found(made: Path) -> None:
    with Project.open(made) as project:
        project.journal.record([30], "exclude", who="late")
        assert (made / "project.db-wal").stat().st_size > 0
        beginning(made, bytes(4096))
        (entry,) = [row for row in find_journal(made).entries if row["who"] == "late"]
        assert (entry["item"], entry["verdict"]) == (30, "exclude")


def test_a_damaged_database_is_not_backed_up_and_without_a_backup_the_way_is_a_rescue(made: Path) -> None:
    with Project.open(made) as project:
        project.journal.record([40], "relabel", 2, who="late")
    without_backups(made)
    beginning(made, bytes(100))
    with pytest.raises(DamagedError):
        Project.open(made)
    assert back_up_journal(made, at_once=True) is None  # a backup of what is damaged would push a sound one out
    assert not backup_files(made)
    with pytest.raises(BadcaseError, match="no backup") as told:
        restore_journal(made)
    assert "--rescue" in told.value.hint
    assert len(find_journal(made).entries) == 16


def test_a_restore_adds_what_the_backup_lacks(made: Path) -> None:
    with Project.open(made) as project:
        old = backup_files(made)
        project.journal.record([40], "relabel", 2, who="late")
    before = said(made)
    for path in set(backup_files(made)) - set(old):
        path.unlink()
    beginning(made, bytes(100))
    assert (restored := restore_journal(made)).newer == 1 and restored.entries == 16
    assert said(made) == before


def test_a_backup_is_made_at_closing_where_something_is_new_and_they_do_not_pile_up(made: Path) -> None:
    start = len(backup_files(made))
    with Project.open(made):
        pass
    assert len(backup_files(made)) == start
    for number in range(2 * NEWEST):
        with Project.open(made) as project:
            project.journal.record([number], "keep")
    assert len(backup_files(made)) <= NEWEST + DAYS
    newest = read_backup(backup_files(made)[0])
    assert len(newest.rows("journal")) == 15 + 2 * NEWEST
    assert newest.rows("settings") and newest.rows("classes") and newest.items[0].key == "t00"


def test_no_action_fails_where_a_backup_cannot_be_written(made: Path) -> None:
    without_backups(made)
    (made / "backups").write_text("in the way")
    with Project.open(made) as project:
        project.journal.record([50], "exclude")
    assert said(made)[1][50] == 3


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b", b"{}\n", None], ids=["empty", "head", "plain", "cut"])
def test_a_damaged_backup_is_passed_over(damage: bytes | None, made: Path) -> None:
    with Project.open(made) as project:
        project.journal.record([50], "exclude")
    newest, older = backup_files(made)[:2]
    newest.write_bytes(newest.read_bytes()[:-9] if damage is None else damage)
    LOSSES["empty"](made)
    assert restore_journal(made).backup == older
    found = {one.part: one for one in finish(check_up(made))}
    assert found[f"backups/{newest.name}"].state is Soundness.MENDABLE


def test_rows_that_are_gone_are_noticed_and_given_up_only_when_a_person_says_so(made: Path) -> None:
    with closing(database(made)) as open_database:
        open_database.execute("DELETE FROM journal WHERE seq = 3")
        open_database.execute("UPDATE journal SET label = 99 WHERE label IS NOT NULL AND seq > 8")
        open_database.execute("UPDATE prediction_sets SET meta = '[]' WHERE id = 2")
        open_database.execute("UPDATE runs SET recipe = 'x' WHERE id = 3")
        open_database.execute("UPDATE settings SET value = '{' WHERE name = 'current_run'")
    without_backups(made)
    np.save(made / "predictions" / "1" / "logits.npy", np.full((60, 3), np.nan, np.float16))
    (made / "runs" / "2" / "dynamics.npz").write_bytes(b"PK")
    (made / "runs" / "2" / ".x.0123456789abcdef.tmp").mkdir()
    with pytest.raises(DamagedError, match=r"project\.db, table journal"):
        Project.open(made)
    parts = {one.part for one in finish(check_up(made)) if one.state is not Soundness.SOUND}
    assert parts >= {"journal", "runs/2/dynamics.npz", "settings"}
    mended, left = finish(mending_in_steps(made))
    assert {one.part for one in mended} >= parts - {"predictions"}
    assert [one for one in left if one.state is not Soundness.SOUND] == []
    assert list((made / "backups").glob("before-mending-*.db"))
    assert not (made / "runs" / "2" / "dynamics.npz").exists()
    with Project.open(made) as project:
        assert project.predictions.all() == [] and [run.id for run in project.runs.all()] == [1, 2]
        assert project.journal.counts().reviewed > 0
        project.journal.record([7], "keep")
        project.journal.undo()
    assert said(made)[1][7] == said(made)[1][7]


def test_a_check_up_changes_nothing_and_needs_no_lock(made: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*")}
    finish(check_up(made))
    assert {path: path.stat().st_mtime_ns for path in made.rglob("*")} == before
    with Project.open(made):
        assert all(one.state is Soundness.SOUND for one in finish(check_up(made)))


def test_a_backup_of_a_project_in_use_holds_all_that_was_recorded(made: Path, tmp_path: Path) -> None:
    with Project.open(made) as project:
        project.journal.record([50, 51], "exclude")
        (made / "predictions" / "9").mkdir()  # one on its way, which the database does not name yet
        (made / "predictions" / "9" / "logits.npy").write_bytes(b"half")
        project.backup(tmp_path / "copy.zip")
        before = project.labels.tolist(), project.verdicts.tolist()
        with pytest.raises(BadcaseError, match="already"):
            project.backup(tmp_path / "copy.zip")
        project.backup(tmp_path / "copy.zip", overwrite=True)
    with zipfile.ZipFile(tmp_path / "copy.zip") as packed:
        names = packed.namelist()
        assert {one.compress_type for one in packed.infolist()} == {zipfile.ZIP_STORED}
        packed.extractall(tmp_path / "by-hand")
    assert "predictions/2/logits.npy" in names and "runs/2/recipe.toml" in names
    assert not any("ranking-" in name or name.startswith("predictions/9") or "lock" in name for name in names)
    finish(restoring(tmp_path / "copy.zip", tmp_path / "again"))
    assert said(tmp_path / "again") == before == said(tmp_path / "by-hand")
    with pytest.raises(BadcaseError, match="already"):
        finish(restoring(tmp_path / "copy.zip", tmp_path / "again"))


HOSTILE: dict[str, Callable[[zipfile.ZipFile], None]] = {
    "above": lambda packed: packed.writestr("../evil", "x"),
    "absolute": lambda packed: packed.writestr("/tmp/evil", "x"),
    "drive": lambda packed: packed.writestr("C:/evil", "x"),
    "backslash": lambda packed: packed.writestr("a\\..\\..\\evil", "x"),
    "twice": lambda packed: packed.writestr("PROJECT.db", "x"),
    "log": lambda packed: packed.writestr("project.db-wal", "x"),
    "bomb": lambda packed: packed.writestr("bomb", bytes(34 << 20), zipfile.ZIP_DEFLATED),
    "link": lambda packed: packed.writestr(link("out"), "/etc"),
}


def link(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = 0o120777 << 16
    return made


@pytest.mark.parametrize("add", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_backup_writes_nothing(
    add: Callable[[zipfile.ZipFile], None], made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BADCASE_MAX_UNPACKED", "10MB")
    with Project.open(made) as project:
        project.backup(tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip", "a") as packed:
        add(packed)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(BadcaseError, match=r"no backup of a project|unfolds to more") as refused:
        finish(restoring(tmp_path / "copy.zip", tmp_path / "again"))
    assert set(tmp_path.rglob("*")) == before
    if "unfolds" in refused.value.what:  # whoever trusts it can raise the bound
        assert "BADCASE_MAX_UNPACKED" in refused.value.hint
        monkeypatch.setenv("BADCASE_MAX_UNPACKED", "1GB")
        assert finish(restoring(tmp_path / "copy.zip", tmp_path / "again")).is_dir()


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_a_damaged_backup_file_writes_nothing(keep: float, made: Path, tmp_path: Path) -> None:
    with Project.open(made) as project:
        project.backup(tmp_path / "copy.zip")
    raw = (tmp_path / "copy.zip").read_bytes()
    (tmp_path / "copy.zip").write_bytes(raw[: int(keep * len(raw)) if keep < 1 else int(keep)])
    with pytest.raises(BadcaseError, match="no backup of a project"):
        finish(restoring(tmp_path / "copy.zip", tmp_path / "again"))
    assert not (tmp_path / "again").exists()


def test_a_damaged_project_is_not_backed_up_over_a_sound_copy(made: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.zip").write_bytes(b"the sound one")
    LOSSES["schema"](made)
    with pytest.raises(DamagedError):
        Project.open(made)
    with pytest.raises(DamagedError):
        finish(backing_up(made, tmp_path / "copy.zip", overwrite=True))
    assert (tmp_path / "copy.zip").read_bytes() == b"the sound one"


def test_a_backup_of_another_project_is_not_restored(made: Path, tmp_path: Path) -> None:
    write_texts(tmp_path / "texts.csv", 60)
    with Project.create(tmp_path / "other", tmp_path / "texts.csv") as other:
        other.journal.record([0], "keep")
    with pytest.raises(BadcaseError, match="another project"):
        restore_journal(made, backup_files(tmp_path / "other")[0])
    assert said(made)[1].count(0) < 60


def test_what_may_not_be_read_is_not_left_out_of_a_backup(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of predictions without permission to read it: the backup went on without it, and was called whole."""
    scan = os.scandir

    def refuse(path: str | int) -> object:
        if str(path).endswith("predictions"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError):
        finish(backing_up(made, tmp_path / "whole.zip"))
    assert not (tmp_path / "whole.zip").exists()


@pytest.mark.parametrize("gone", ["id = 1", "id = 2", "id < 9"])
def test_mending_drops_no_verdict_because_the_name_of_its_class_is_gone(gone: str, made: Path) -> None:
    with closing(database(made)) as open_database:
        before = open_database.execute("SELECT * FROM journal").fetchall()
        open_database.execute(f"DELETE FROM classes WHERE {gone}")
    mended, left = finish(mending_in_steps(made))
    assert not mended and "--restore" in next(one.remedy for one in left if one.part == "classes")
    with closing(database(made)) as open_database:
        assert open_database.execute("SELECT * FROM journal").fetchall() == before
    restore_journal(made)
    assert all(one.state is Soundness.SOUND for one in finish(check_up(made)))


def test_items_without_permission_to_read_them_are_not_called_lost(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def refuse(path: Path, *how: Any, **more: Any) -> object:
        if path.name == "items.arrow":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *how, **more)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(BadcaseError) as told:
        Project.open(made)
    assert not isinstance(told.value, DamagedError) and "permissions" in told.value.hint
    found = {one.part: one for one in finish(check_up(made)) if one.state is not Soundness.SOUND}
    assert "permissions" in found.pop("items.arrow").remedy and not [one for one in found.values() if "--restore" in one.remedy]


def test_a_part_that_may_not_be_read_ends_no_check_up(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object, _number: int) -> object:
        raise PermissionError(13, "Permission denied", str(made / "predictions" / "1"))

    monkeypatch.setattr(PredictionSets, "get", refuse)
    found = {one.part: one for one in finish(check_up(made))}
    assert "permissions" in found[str(made / "predictions" / "1")].remedy
    assert found["run 1"].state is Soundness.SOUND


@pytest.mark.parametrize("name", ["current_run", "current_predictions"])
def test_what_is_in_use_and_is_not_there_is_found_and_mended(name: str, made: Path) -> None:
    """A check-up called it sound, and the error of a run that is gone named a verb that ended in the same error."""
    with closing(database(made)) as open_database:
        open_database.execute("UPDATE settings SET value = '99' WHERE name = ?", (name,))
    with Project.open(made, read_only=True) as project:
        if name == "current_run":
            with pytest.raises(DamagedError, match="current_run"):
                _ = project.runs.current
    mended, left = finish(mending_in_steps(made))
    assert [one.subject for one in mended] == [name]
    assert all(one.state is Soundness.SOUND for one in left)
    with Project.open(made) as project:
        assert (project.runs.current is None) == (name == "current_run") and len(project.runs.all()) == 3


def test_a_setting_that_every_project_has_is_missed(made: Path) -> None:
    with closing(database(made)) as open_database:
        open_database.execute("DELETE FROM settings WHERE name = 'source'")
    (found,) = [one for one in finish(check_up(made)) if one.state is not Soundness.SOUND]
    assert "source" in found.found and "--restore" in found.remedy
    restore_journal(made)
    assert all(one.state is Soundness.SOUND for one in finish(check_up(made)))


ODD: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "a file": lambda path: path.touch(),
    "a folder without": lambda path: path.mkdir(),
    "a link that leads nowhere": lambda path: path.symlink_to(path),
    "a pipe, a socket or a device": os.mkfifo,
}


@pytest.mark.parametrize("kind", ODD)
def test_a_path_that_is_no_project_is_told_as_what_it_is_by_every_way_back(kind: str, tmp_path: Path) -> None:
    path, out = tmp_path / "it", tmp_path / "out"
    ODD[kind](path)
    ways = (check_up(path), backing_up(path, out), lambda: rescue(path, out), lambda: restore_journal(path))
    for way in ways:
        with pytest.raises(BadcaseError, match="not a badcase project") as refused:
            way() if callable(way) else finish(way)
        assert refused.value.got == kind and refused.value.hint and refused.value.where == str(path)


@pytest.mark.parametrize("kind", [kind for kind in ODD if kind not in ("nothing", "a file")])
def test_what_is_no_file_in_the_place_of_the_database_is_told_and_put_aside_by_a_restore(
    kind: str, made: Path, tmp_path: Path
) -> None:
    """A rescue waited for the other end of a pipe without an end, the others said "Is a directory" and no more."""
    before = said(made)
    (made / "project.db").unlink()
    ODD[kind](made / "project.db")
    found = finish(check_up(made))
    assert found[0].state is Soundness.DAMAGED and "not a file" in found[0].found and "--restore" in found[0].remedy
    with pytest.raises(DamagedError) as refused:
        finish(backing_up(made, tmp_path / "copy.zip"))
    assert str(made / "project.db") in refused.value.where and not (tmp_path / "copy.zip").exists()
    assert rescue(made, tmp_path / "a.patch").verdicts
    aside = restore_journal(made).aside
    assert (aside is not None and aside.is_dir()) == ("folder" in kind) and said(made) == before


def test_an_empty_database_is_not_backed_up_and_the_error_names_it_and_no_copy(made: Path, tmp_path: Path) -> None:
    (made / "project.db").write_bytes(b"")
    with pytest.raises(DamagedError) as refused:
        finish(backing_up(made, tmp_path / "copy.zip"))
    assert refused.value.where == str(made / "project.db") and str(made) in refused.value.hint
