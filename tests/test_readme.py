"""The README is true: its Python runs, and its commands, goals and files exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from ui.cli import VERBS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_of_the_readme_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    for block in blocks:
        done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("2 0")  # item 2 is the most suspect, and class 0 is suggested for it


def test_every_command_and_goal_of_the_readme_exists() -> None:
    verbs = {name for names in VERBS.values() for name in names}
    assert set(re.findall(r"`badcase ([a-z]+)", README)) == verbs
    goals = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", README, re.MULTILINE)) <= goals


def test_every_file_that_the_readme_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
