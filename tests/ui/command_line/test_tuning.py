"""`badcase tune` on the command line: going on with it, its place in the list of runs, and its measure in outer folds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.projects import noisy_project
from tests.ui.command_line.conftest import Badcase

QUICK = ("--set", "epochs=3", "--set", "patience=0", "--set", "minimum_checks=1", "--search", "around")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = noisy_project(tmp_path, 150, wrong=0.2)[0]
    made.close()
    return made.path


def test_a_tuning_is_one_line_of_the_list_and_goes_on_with_more(badcase: Badcase, project: Path) -> None:
    first = badcase("tune", project, *QUICK, "--trials", 2, "--json")
    assert first.code == 0, first.err
    made = [run["id"] for run in first.json["trials"]]
    more = badcase("tune", project, "--resume", "--trials", 3, "--json")
    assert more.code == 0, more.err
    assert [run["id"] for run in more.json["trials"]][:2] == made and len(more.json["trials"]) == 3
    assert more.json["tuning"] == first.json["tuning"]
    listed = badcase("runs", project)
    assert "tuning, 3 trials" in listed.out and "3 trials of tunings are not shown" in listed.out
    kinds = [run["kind"] for run in badcase("runs", project, "--json").json["runs"]]
    assert kinds.count("tuning") == 1 and "trial" not in kinds
    everything = badcase("runs", project, "--trials", "--json").json["runs"]
    assert [run["kind"] for run in everything].count("trial") == 3
    refused = badcase("tune", project, "--resume", *QUICK)
    assert refused.code == 1 and "--set" in refused.err and "--search" in refused.err
    kept = badcase("accept", project, first.json["tuning"])
    assert kept.code == 1 and "keeps no model" in kept.err


def test_a_tuning_is_measured_in_outer_folds(badcase: Badcase, project: Path) -> None:
    done = badcase("tune", project, *QUICK, "--trials", 1, "--nested", 2, "--folds", 2)
    assert done.code == 0, done.err
    assert "outer fold" in done.out and "optimistic" in done.out and "badcase accept" not in done.out
    refused = badcase("tune", project, *QUICK, "--nested", 2, "--save", project / "best.toml")
    assert refused.code == 1 and "--save" in refused.err


def test_a_recipe_that_cannot_be_saved_is_refused_before_anything_is_tried(badcase: Badcase, project: Path) -> None:
    refused = badcase("tune", project, *QUICK, "--trials", 1, "--save", project / "nowhere" / "best.toml")
    assert refused.code == 1 and "--save" in refused.err
    assert not any(run["kind"] == "tuning" for run in badcase("runs", project, "--json").json["runs"])
