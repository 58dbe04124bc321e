"""Beside the work: a backup of the journal after many verdicts, and a word on a large database that is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from badcase.mending.journal_backups import backup_files
from badcase.project import Project
from badcase.store import database
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.session import safekeeping
from badcase.ui.desktop.session.safekeeping import Safekeeping
from tests.projects import write_texts


def test_a_backup_is_made_after_many_verdicts_and_a_large_database_is_looked_through(
    tmp_path: Path, qtbot: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safekeeping, "EVERY", 3)
    monkeypatch.setattr(database, "CHECKED_AT_ONCE", 10)
    write_texts(tmp_path / "texts.csv", 30)
    project = Project.create(tmp_path / "project", tmp_path / "texts.csv")
    project.journal.record([9], "keep")
    raw = bytearray((project.path / "project.db").read_bytes())
    pool, told = DecodingPool(), []
    keeping = Safekeeping(project, pool)
    keeping.failed.connect(told.append)
    for item in range(3):
        assert backup_files(project.path) == []
        project.journal.record([item], "keep")
        keeping.consider()
    qtbot.waitUntil(lambda: len(backup_files(project.path)) == 1 and not keeping._busy)  # type: ignore[attr-defined]
    assert told == []
    keeping.close()
    project.close()
    raw[4096:] = bytes(len(raw) - 4096)
    (project.path / "project.db").write_bytes(raw)
    assert "badcase doctor" in str(safekeeping.late_fault(project.path).hint)  # type: ignore[union-attr]
    pool.close()
