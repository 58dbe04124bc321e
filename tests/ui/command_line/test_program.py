"""The program itself: its version, by whatever name it is started, and what a shell completes."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import badcase as package
from badcase.ui.cli import VERBS
from tests.ui.command_line.conftest import Badcase

AS_MODULE = [sys.executable, "-m", "badcase"]
AS_PROGRAM = [str(Path(sys.executable).with_name("badcase"))]


def test_the_version_is_that_of_the_installed_distribution(badcase: Badcase) -> None:
    done = badcase("--version")
    assert (done.code, done.out) == (0, f"badcase {version('badcase')}\n")
    assert package.__version__ == version("badcase")
    assert "__version__" in dir(package)


def test_importing_the_package_looks_nothing_up() -> None:
    """The start of the window pays for no metadata, which takes as long as a page."""
    script = "import sys, badcase\nprint('importlib.metadata' in sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=False, env=_paths())
    assert done.stdout == "False\n", done.stderr


def _paths() -> dict[str, str]:
    """Without `site`, whose links of editable installs import it, packages are found by these alone."""
    return {"PYTHONPATH": str(Path(package.__file__).parents[1])}


@pytest.mark.parametrize("start", [AS_MODULE, AS_PROGRAM])
def test_it_calls_itself_badcase_however_and_wherever_it_was_started(start: list[str], tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise SystemExit('this is what a stranger put into the folder')\n")
    done = subprocess.run([*start, "rank"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "Usage: badcase rank" in done.stderr


def completed(words: str, tmp_path: Path) -> list[str]:
    """What bash is offered for a line whose last word is being typed."""
    asked = {"_BADCASE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    done = subprocess.run(AS_PROGRAM, capture_output=True, text=True, env=asked, cwd=tmp_path, check=True)
    return done.stdout.split()


def test_a_shell_completes_verbs_and_their_options_and_choices(tmp_path: Path) -> None:
    verbs = {name for names in VERBS.values() for name in names}
    assert set(completed("badcase r", tmp_path)) == {name for name in verbs if name.startswith("r")}
    assert completed("badcase export my out --f", tmp_path) == ["--format", "--formula-guard"]
    assert completed("badcase train my --from sc", tmp_path) == ["scratch"]


def test_the_lines_for_a_shell_can_be_shown_and_speak_of_badcase(tmp_path: Path) -> None:
    for start in (AS_MODULE, AS_PROGRAM):
        done = subprocess.run(
            [*start, "--show-completion", "bash"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
            check=True,
        )
        assert "_BADCASE_COMPLETE=complete_bash" in done.stdout
        assert done.stdout.rstrip().endswith("badcase")
