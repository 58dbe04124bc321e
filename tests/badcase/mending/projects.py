"""A project with all that one can hold, unpacked once, and copied for each test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from badcase.project import Project
from tests.attacks.damaged_projects import template

_KEPT: list[TemporaryDirectory[str]] = []


@cache
def _template() -> Path:
    _KEPT.append(TemporaryDirectory(prefix="badcase-template-"))
    return template(Path(_KEPT[0].name)).parent


def copied(tmp_path: Path) -> Path:
    """The folder of a closed project, with backups, two trainings, 15 entries of its journal and 7 reviewed items."""
    copytree(_template(), tmp_path / "work")
    return tmp_path / "work" / "made"


def said(folder: Path) -> tuple[list[int], list[int]]:
    """The labels and verdicts of a project as they stand."""
    with Project.open(folder) as project:
        return project.labels.tolist(), project.verdicts.tolist()
