"""The README is true: its Python runs and says what the cleanlab page says. Its commands and links: tests/docs/test_pages.py."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

import badcase
from tests import ROOT
from tests.docs.pages import blocks


def test_the_python_of_the_readme_runs() -> None:
    told = {"README.md": "2 0 ", "docs/coming-from/cleanlab.md": "[7] 7 2"}  # the most suspect item, and what it should be
    for page, words in told.items():
        code = "".join(block.text for block in blocks(page) if block.language == "python")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(words)


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
