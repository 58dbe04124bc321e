"""On a full disk each verb ends in one sentence, leaves everything as it was, and works again once there is room."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from badcase.ui.cli import app
from tests.projects import write_texts
from tests.small_machine import full, said_on_disk

Words = Callable[[Path], tuple[object, ...]]
VERBS: dict[str, Words] = {
    "new": lambda disk: ("new", disk / "q", "--data", disk / "t.csv"),
    "label": lambda disk: ("label", disk / "p", "t2", "food"),
    "csv": lambda disk: ("export", disk / "p", disk / "out.csv", "--format", "csv"),
    "parquet": lambda disk: ("export", disk / "p", disk / "out.parquet", "--format", "parquet"),
    "hf": lambda disk: ("export", disk / "p", disk / "out", "--format", "hf"),
    "same": lambda disk: ("export", disk / "p", disk / "same.csv"),
    "report": lambda disk: ("report", disk / "p", disk / "r.html"),
}
FREE = (0, 12_288, 40_960)


def files(disk: Path) -> dict[str, int]:
    """All files but the database's, which SQLite guards, by size."""
    found = [path for path in disk.rglob("*") if path.is_file() and not path.name.startswith("project.")]
    return {str(path.relative_to(disk)): path.stat().st_size for path in found}


@pytest.mark.skipif(sys.platform != "linux", reason="a disk of its own")
def test_every_verb_survives_a_full_disk(tmp_path: Path) -> None:
    disk, base = tmp_path / "disk", tmp_path / "base"
    disk.mkdir()
    base.mkdir()
    write_texts(base / "t.csv", 60)
    run = CliRunner()
    assert run.invoke(app, ["new", str(base / "p"), "--data", str(base / "t.csv")]).exit_code == 0

    def all_verbs() -> str:
        told: dict[str, list[str]] = {}
        for name, words in VERBS.items():
            command = [str(word) for word in words(disk)]
            for free in FREE:
                for left in disk.iterdir():
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
                shutil.copytree(base, disk, dirs_exist_ok=True)
                before = files(disk)
                with full(disk, free):
                    done = run.invoke(app, command)
                    text = " ".join(done.output.split())
                if done.exit_code == 0:
                    break
                whole = "as it was" if files(disk) == before else f"left {files(disk).keys() ^ before.keys()}"
                again = run.invoke(app, command).exit_code
                told.setdefault(name, []).append(f"{done.exit_code} {whole} {again} {text}")
        return json.dumps(told)

    told: dict[str, list[str]] = json.loads(said_on_disk(disk, 4 << 20, all_verbs))
    assert told.keys() == VERBS.keys()
    for said in (one for each in told.values() for one in each):
        assert said.startswith("1 as it was 0 ")
        assert "Make room" in said
        assert "fault" not in said and "Traceback" not in said and ".tmp" not in said
