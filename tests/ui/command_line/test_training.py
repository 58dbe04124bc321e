"""`badcase train` with folds, with several seeds, and with --plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.project import Project
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.runs.resume import sameness
from badcase.training.runs.train import train_in_steps
from tests.training.projects import WORDS, correct, noisy_project
from tests.ui.command_line.conftest import Badcase

QUICK = ("--set", "epochs=3", "--set", "patience=0", "--set", "minimum_checks=1")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = noisy_project(tmp_path, 200, wrong=0.2)[0]
    made.close()
    return made.path


def test_folds_make_a_cross_validation_that_rank_then_uses(badcase: Badcase, project: Path) -> None:
    done = badcase("train", project, *QUICK, "--set", "validation=stratified", "--set", "folds=3")
    assert done.code == 0, done.err
    assert "over 3 folds" in done.out and "±" in done.out and "badcase accept" not in done.out
    assert badcase("rank", project).code == 0
    refused = badcase("accept", project, 2)
    assert refused.code == 1 and "keeps no model" in refused.err


def test_without_gold_a_training_or_a_tuning_ends_well_and_says_that_nothing_can_be_compared(
    badcase: Badcase, tmp_path: Path
) -> None:
    rows = [f"t{i},{word} {i} {name},{name}" for name, words in WORDS.items() for i, word in enumerate(words.split()[:4])]
    (tmp_path / "texts.csv").write_text("\n".join(["id,text,label", *rows]), encoding="utf-8")
    with Project.create(tmp_path / "project", tmp_path / "texts.csv") as made:
        made.predict("chargrams")
        assert not made.gold.any()
    for verb, options, n in (("train", QUICK, 2), ("tune", ("--trials", "1", "--folds", "2"), 5)):
        done = badcase(verb, tmp_path / "project", *options)
        assert done.code == 0, done.err
        assert f"There is no gold to compare run {n} with run 1 on." in done.err
        assert f"badcase accept {tmp_path / 'project'} {n}" in done.out
    assert badcase("compare", tmp_path / "project", 1, 2).code == 1


def test_a_table_and_a_recipe_are_those_of_the_project_and_a_short_file_is_said_to_be_short(
    badcase: Badcase, project: Path, tmp_path: Path
) -> None:
    """The recipe to begin with was that of a network, whatever the model; the table had keys alone; --top cut the file."""
    assert Recipe.from_toml(badcase("recipe", project).out) == PRESETS["linear-head"]
    assert "either of the two" in badcase("recipe", project, "--preset", "from-scratch").err
    queue = badcase("rank", project, "--json").json["queue"]
    with Project.open(project, read_only=True) as opened:
        text = " ".join(opened.items.text(opened.items.find(queue[0]["key"])).split())
    assert queue[0]["text"][:20] == text[:20] and len(queue[0]["text"]) <= 60
    short = badcase("rank", project, "--csv", tmp_path / "queue.csv", "--top", 2)
    assert f"the first 2 of {len(queue)} items" in short.err
    assert "first" not in badcase("rank", project, "--csv", tmp_path / "queue.csv").err
    unknown = badcase("train", project, "--set", "foo=1")
    assert "no such knob" in unknown.err and "Did you mean" not in unknown.err
    assert "Did you mean learning_rate" in badcase("train", project, "--set", "learnin_rate=1").err


def test_seeds_tell_the_mean_and_the_spread(badcase: Badcase, project: Path) -> None:
    found = badcase("train", project, *QUICK, "--seeds", 3, "--json")
    assert found.code == 0, found.err
    assert [run["seed"] for run in found.json["runs"]] == [0, 1, 2]
    assert len(found.json["spread"]["accuracy"]["values"]) == 3
    assert "over 2 seeds" in badcase("train", project, *QUICK, "--seeds", 2).out


def test_a_plan_trains_nothing_and_tells_what_may_be_expected(badcase: Badcase, tmp_path: Path) -> None:
    made, truth = noisy_project(tmp_path, 300)
    made.close()
    silent = badcase("train", made.path, "--plan")
    assert silent.code == 0 and "Retraining shows no gain yet" in silent.out
    with Project.open(made.path) as opened:
        correct(opened, truth, np.flatnonzero(~opened.gold))
    told = badcase("train", made.path, "--plan", "--json").json
    assert told["gain"]["sure"] and told["gain"]["low"] > 0
    assert told["corrections"] > 50 and told["gain"]["items"] == told["validation_items"]
    assert "Retraining now is expected to fix about" in badcase("train", made.path, "--plan").out
    assert badcase("runs", made.path, "--json").json["runs"][1:] == []  # the first stands for the model before
    refused = badcase("train", made.path, "--plan", "--set", "freeze=nothing")
    assert refused.code == 1 and "freeze" in refused.err


def test_find_prints_a_rate_or_a_batch_size_and_gives_the_curve(badcase: Badcase, project: Path) -> None:
    found = badcase("find", project, "rate", "--json")
    assert found.code == 0, found.err
    assert len(found.json["sweeps"]) == 3 and found.json["changes"] == {"learning_rate": found.json["rate"]}
    said = badcase("find", project, "batch", "--set", "dropout=0.1")
    assert said.code == 0 and "--set batch_size=" in said.out


def test_a_run_is_repeated_and_one_that_was_stopped_goes_on(badcase: Badcase, project: Path) -> None:
    assert badcase("train", project, *QUICK, "--seed", 3).code == 0
    again = badcase("train", project, "--repeat", 2, "--json")
    assert again.code == 0, again.err
    assert (again.json["run"]["id"], again.json["run"]["seed"]) == (3, 3)
    assert again.json["sameness"] == "Run 3 gave the same numbers as run 2, to the last digit."
    with Project.open(project) as opened:
        job = train_in_steps(opened, Recipe(**opened.runs.get(2).recipe), seed=3)
        while "validation_loss" not in getattr(next(job), "values", {}):
            pass
        job.close()
    resumed = badcase("train", project, "--resume", 4, "--json")
    assert resumed.code == 0, resumed.err
    with Project.open(project) as opened:
        assert opened.runs.get(4).state == "done" and "the same numbers" in sameness(opened.runs.get(2), opened.runs.get(4))
    refused = badcase("train", project, "--resume", 4)
    assert refused.code == 1 and "finished" in refused.err and "--repeat 4" in refused.err


@pytest.mark.parametrize("beside", [("--set", "epochs=3"), ("--seed", "1"), ("--seeds", "2"), ("--from", "current"), ("--plan",)])
def test_a_run_that_there_is_keeps_its_terms(badcase: Badcase, project: Path, beside: tuple[str, ...]) -> None:
    for again in ("--resume", "--repeat"):
        refused = badcase("train", project, again, 1, *beside)
        assert refused.code == 1 and beside[0] in refused.err and "keeps its recipe, start and seed" in refused.err
    both = badcase("train", project, "--resume", 1, "--repeat", 1)
    assert both.code == 1 and "--repeat" in both.err
