"""Running the command line as a person does, in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from badcase.ui.cli import main
from tests.projects import write_texts


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Badcase = Callable[..., Done]


@pytest.fixture
def badcase(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Badcase:
    """`badcase("rank", project, "--json")`: the exit code and what was printed."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["badcase", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return Done(int(left.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A small CSV of texts with wrong labels."""
    write_texts(tmp_path / "texts.csv")
    return tmp_path / "texts.csv"


@pytest.fixture
def project(tmp_path: Path, texts: Path, badcase: Badcase) -> Path:
    """A project made of them on the command line."""
    done = badcase("new", tmp_path / "my", "--data", texts)
    assert done.code == 0, done.err
    return tmp_path / "my"
