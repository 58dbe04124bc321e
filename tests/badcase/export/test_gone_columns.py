"""A source that is read again for an export, and has no longer what the project says of it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from badcase.project import Project
from tests.projects import write_texts


@pytest.mark.parametrize("role", ["text", "names", "group"])
def test_a_column_that_the_source_has_not_is_told_whatever_it_was_for(tmp_path: Path, role: str) -> None:
    write_texts(tmp_path / "texts.csv", 9)
    Project.create(tmp_path / "p", tmp_path / "texts.csv").close()
    with closing(sqlite3.connect(tmp_path / "p" / "project.db")) as database, database:
        source = json.loads(database.execute("SELECT value FROM settings WHERE name = 'source'").fetchone()[0])
        source["columns"][role] = "gone"
        database.execute("UPDATE settings SET value = ? WHERE name = 'source'", (json.dumps(source),))
    with (tmp_path / "texts.csv").open("a") as file:  # one that is not what was imported is read anew
        file.write("t9,one more,food\n")
    with Project.open(tmp_path / "p") as project:
        project.journal.record([0], "relabel", (int(project.given[0]) + 1) % 3)
        with pytest.raises(BadcaseError, match="a column is gone"):
            project.export(tmp_path / "out.csv", format="same")
