"""The README is true: its Python runs, and its commands, goals and files exist."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np

import badcase
from badcase.ui.cli import VERBS
from tests import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_of_the_readme_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:  # the second goes on where the first ends
        code = block if block is blocks[0] else f"{blocks[0]}\n{block}"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("2 0")  # item 2 is the most suspect, and class 0 is suggested for it


def test_what_stands_instead_of_cleanlab_says_of_each_item_what_cleanlab_says() -> None:
    """On labels that leave no doubt both flag the same item, and both put it first."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    labels = np.arange(90) % 3
    probs = 0.9 * np.eye(3)[labels] + 0.1 / 3
    probs[7] = np.roll(probs[7], 1)
    ranking = badcase.audit(labels, probs)
    assert np.flatnonzero(find_label_issues(labels, probs, n_jobs=1)).tolist() == [7]
    assert np.flatnonzero(ranking.flagged).tolist() == [7]
    assert get_label_quality_scores(labels, probs).argmin() == (1 - ranking.suspicion).argmin() == 7


def test_every_command_and_goal_of_the_readme_exists() -> None:
    verbs = {name for names in VERBS.values() for name in names}
    assert set(re.findall(r"`badcase ([a-z]+)", README)) == verbs
    goals = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", README, re.MULTILINE)) <= goals


def test_every_file_that_the_readme_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
