"""`predict --from` brings in what a model said elsewhere, says how it was read, and refuses what does not belong together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from badcase.project import Project
from tests.projects import SUBJECTS
from tests.ui.command_line.conftest import Badcase


@pytest.fixture
def probs(project: Path, tmp_path: Path) -> Path:
    """Shuffled rows behind a prefix; the fifth item is said to be of another class."""
    with Project.open(project) as opened:
        values = 0.9 * np.eye(3)[opened.given] + 0.1 / 3
        keys = list(opened.items.keys)
    values[5] = np.roll(values[5], 1)
    rows = [
        {"key": keys[i], "scores": dict(zip(SUBJECTS, values[i], strict=True))} for i in np.random.default_rng(0).permutation(90)
    ]
    path = tmp_path / "probs.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_predictions_from_a_file_are_ranked_and_what_was_understood_is_said(project: Path, probs: Path, badcase: Badcase) -> None:
    done = badcase("predict", project, "--from", probs, "--trained-on", "none")
    assert done.code == 0 and "Prediction set 1: 90 items, 3 classes" in done.out
    for words in ("matched to items by key", "Columns called scores.…", "read as probabilities", "had trained on 0 items"):
        assert words in done.err
    queue = badcase("rank", project, "--json").json["queue"]
    assert queue[0]["key"] == "t5"
    grouped = badcase("groups", project)
    assert grouped.code == 0 and "Clusters were not looked for" in grouped.err
    refused = badcase("groups", project, "--by", "clusters")
    assert refused.code == 1 and "clusters need features" in refused.err
    for verb in ("train", "tune"):
        refused = badcase(verb, project)
        assert refused.code == 1 and "no model of theirs to train" in refused.err and "--model" in refused.err
    document = badcase("predict", project, "--from", probs, "--json").json
    assert document["kind"] == "file" and document["model"] is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--from", "{probs}", "--model", "chargrams"], "run no model"),
        (["--features", "{probs}"], "Name the file of predictions with --from"),
        (["--from", "{probs}.csv"], "there is no such file"),
        (["--from", "{probs}", "--trained-on", "nobody"], "no such column and no such file"),
    ],
)
def test_options_that_do_not_belong_together_are_refused(
    options: list[str], words: str, project: Path, probs: Path, badcase: Badcase
) -> None:
    done = badcase("predict", project, *(option.format(probs=probs) for option in options))
    assert done.code == 1 and words in done.err
