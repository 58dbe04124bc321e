"""The guided loop changes one thing at a time, judges all by the same folds and seeds, and writes down what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from badcase.errors import BadcaseError
from badcase.progress import Notice, OutOfTimeError, finish
from badcase.project import Project
from badcase.store.run_table import RunState
from badcase.training.comparison.compare import compare
from badcase.training.diagnosis.remedies import Remedy
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.recipe.enums import Start
from badcase.training.run_folder.user_function import trust_typed
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.notes import add_note, read_notes, write_training_notes
from badcase.training.runs.plan import plan
from badcase.training.tuning.nested_validation import tune_nested_in_steps
from badcase.training.tuning.proposals import Guide, plainest
from badcase.training.tuning.quasi_random import Range, Space
from badcase.training.tuning.trial_judge import TrialJudge
from badcase.training.tuning.trials import Trial
from badcase.training.tuning.tune import resume_tuning_in_steps, tune_in_steps
from tests.badcase.prediction.projects import predicted_images
from tests.training.projects import noisy_project

QUICK = PRESETS["linear-head"].replace_from({"epochs": 12})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _truth = noisy_project(tmp_path_factory.mktemp("tune"), 300, wrong=0.1)
    yield made
    made.close()


@pytest.fixture
def judge(project: Project) -> TrialJudge:
    return TrialJudge(project, QUICK, "pretrained", folds=3, seed=0, device=None, ends=float("inf"))


def sound_with_the_first_seed(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    loss = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    return loss * (1.0 if torch.initial_seed() == 0 else np.nan)


def begun(judge: TrialJudge, **changes: object) -> Trial:
    return judge.begin(QUICK.replace_from(changes), "a test", None)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with predicted_images(tmp_path_factory.mktemp("images"), 45) as made:
        yield made


@pytest.mark.parametrize(("start", "plainer"), [("pretrained", True), ("current", False)])
def test_a_network_that_comes_to_less_than_a_linear_head_on_its_features_gives_way_to_it(
    images: Project, start: str, plainer: bool
) -> None:
    hopeless = Recipe(epochs=2, patience=0, minimum_checks=1, head_epochs=1, learning_rate=1e-7, head_learning_rate=1e-7)
    job, said = tune_in_steps(images, recipe=hopeless, start=start, trials=2), []
    try:
        while True:
            event = next(job)
            said += [event.text] if isinstance(event, Notice) else []
    except StopIteration as stop:
        found = stop.value
    methods = [run.recipe["method"] for run in found.trials]
    # Where the model in use may know the labels that are held out, its features would judge themselves.
    assert methods == (["linear_head"] * 3 if plainer else []) + ["fine_tune"] * 2
    assert found.run.recipe["method"] == found.best.recipe["method"] == ("linear_head" if plainer else "fine_tune")
    assert any("worse than a linear head" in text for text in said) == plainer
    if plainer:
        assert found.best.metrics["parts"] == 3 and found.best.id in [run.id for run in found.trials[:3]]
        again = finish(resume_tuning_in_steps(images, found.tuning.id, trials=3))
        assert again.best.id == found.best.id and again.run.id == found.run.id and len(again.trials) == 6


def test_where_the_network_blows_up_the_head_is_tuned_with_what_is_left(images: Project) -> None:
    wild = Recipe(epochs=3, head_epochs=1, optimizer="sgd", learning_rate=10, head_learning_rate=10, momentum=0.99)
    wild = wild.replace_from({"gradient_clip": 0})
    found = finish(tune_in_steps(images, recipe=wild, start="pretrained", trials=4))
    heads = [run.recipe["method"] == "linear_head" for run in found.trials]
    assert heads == [True] * 3 + [False] + [True] * 3 and found.trials[3].state is RunState.FAILED
    assert found.run.recipe["method"] == "linear_head"


def test_every_trial_changes_one_thing_of_the_best_before_it_and_says_why_and_what_came_of_it(project: Project) -> None:
    found = finish(tune_in_steps(project, recipe=QUICK, trials=7))
    best = None
    for number, run in enumerate(found.trials):
        assert run.kind == "trial" and not (run.folder / "model").exists()
        notes = read_notes(project, run.id)
        assert "Not said." not in notes and "More than one thing" not in notes
        if number:
            assert run.parent == best.id
            assert len(Recipe().replace_from(best.recipe).difference(Recipe().replace_from(run.recipe))) == 1
            assert (run.seed, run.revision, run.start) == (best.seed, best.revision, best.start)
            assert ("it stays" if run.metrics["stays"] else "it goes") in notes or "ended there" in notes
        best = run if number == 0 or run.metrics["stays"] else best
    assert found.best.id == best.id
    assert found.run.kind == "training" and found.run.recipe == best.recipe and (found.run.folder / "model").exists()
    changed = [
        set(a.items()) ^ set(b.items())
        for a, b in ((project.runs.get(run.parent).recipe, run.recipe) for run in found.trials[1:])
    ]
    assert {name for name, _value in changed[0]} == {"learning_rate"}  # after the batch size, before all else
    knobs = [{name for name, _value in pair} for pair in changed]
    assert next(names for names in knobs if names != {"learning_rate"}) == {"averaging"}  # the first try against noise
    assert plainest(QUICK, "text").batch_size != found.trials[0].recipe["batch_size"]


def test_what_the_recipe_had_beyond_the_plain_one_gets_a_trial_of_its_own_all_at_once(project: Project) -> None:
    given = QUICK.replace_from({"label_smoothing": 0.1, "averaging": 0.9})
    plain, _rate, third = finish(tune_in_steps(project, recipe=given, trials=3)).trials
    assert plain.recipe["label_smoothing"] == plain.recipe["averaging"] == 0
    assert third.recipe["label_smoothing"] == 0.1 and third.recipe["averaging"] == 0.9
    assert "all at once" in read_notes(project, third.id) and "More than one thing" in read_notes(project, third.id)


def test_from_scratch_the_first_trial_is_the_plain_model_and_each_thing_that_it_lacks_is_added_alone(project: Project) -> None:
    given = PRESETS["from-scratch"].replace_from(
        {"epochs": 2, "patience": 0, "minimum_checks": 1, "width": 16, "depth": 1, "network": "small", "token_drop": 0.05}
    )
    plain, _rate, norm = finish(tune_in_steps(project, recipe=given, start="scratch", trials=3)).trials
    first = plain.recipe
    assert (first["normalization"], first["dropout"], first["weight_decay"]) == ("none", 0, 0)
    assert (first["schedule"], first["warmup"], first["token_drop"], first["label_smoothing"]) == ("constant", 0, 0, 0)
    assert "no norm, no dropout" in read_notes(project, plain.id)
    told = read_notes(project, norm.id)
    assert "Normalization: none → as the model" in told and "More than one thing" not in told
    assert {"gain", "stays"} <= set(norm.metrics) and ("it stays" in told or "it goes" in told or "far behind" in told)

    recipe = plainest(given, "text", "scratch")
    best = Trial(plain.id, recipe, plan(project, recipe, "scratch"), "")
    changes = [one.changes for one in islice(Guide(project, Start.SCRATCH, lambda: best).proposals(Remedy("", {}, ""), given), 7)]
    assert changes[:6] == [
        {"normalization": "model"},
        {"schedule": "one_cycle"},
        {"warmup": 0.3},
        {"dropout": 0.5},
        {"weight_decay": 0.01},
        {"token_drop": 0.05},
    ]
    assert set(changes[6]) == {"normalization", "schedule", "warmup", "dropout", "weight_decay", "token_drop"}


def test_what_others_built_keeps_its_norms_and_dropout_in_the_plain_model_from_scratch() -> None:
    plain = plainest(PRESETS["from-scratch"], "text", "scratch")
    assert (plain.normalization, plain.dropout, plain.weight_decay, plain.schedule) == ("model", None, 0, "constant")
    assert plainest(PRESETS["text-fine-tuning"], "text", "pretrained").weight_decay == 0.01  # a pretrained one is not anew


def test_a_best_recipe_that_fails_on_a_further_part_gives_way_to_one_that_does_not(project: Project, judge: TrialJudge) -> None:
    own = {"loss": "own", "loss_function": f"{__name__}:sound_with_the_first_seed"}
    trust_typed(own, project.path)
    frail, sound = begun(judge, learning_rate=1e-3, **own), begun(judge, learning_rate=0.3)
    finish(judge.measure(frail, parts=1))
    outcome = finish(judge.race(frail, sound))
    assert outcome.stays and "fold 2" in outcome.sentence
    assert (len(frail.parts), len(sound.parts)) == (1, 2)
    assert project.runs.get(sound.run).state is RunState.DONE and project.runs.get(sound.run).metrics["stays"]


def test_with_little_time_fewer_parts_judge_a_trial_and_it_is_said(judge: TrialJudge) -> None:
    slow, good = begun(judge, learning_rate=1e-3), begun(judge, learning_rate=0.3)
    finish(judge.measure(slow, parts=1))
    assert judge.fit_into(1000 * judge.seconds) == "" and judge.depth == 3
    assert "2 folds judge" in judge.fit_into(20 * judge.seconds) and judge.depth == 2
    assert "1 fold judges" in judge.fit_into(5 * judge.seconds) and judge.depth == 1
    for left in (0.2, -1.0):  # which once was "time for about -1 folds"
        assert "spent" in (said := judge.fit_into(left * judge.seconds)) and "-" not in said
    assert finish(judge.race(slow, good)).stays and len(good.parts) == len(slow.parts) == 1


def test_a_recipe_of_several_folds_is_refused_since_the_training_at_the_end_would_keep_no_model(project: Project) -> None:
    several = QUICK.replace_from({"validation": "stratified", "folds": 3})
    before = len(project.runs.all())
    for job in (tune_in_steps(project, recipe=several, trials=1), tune_nested_in_steps(project, 2, recipe=several, trials=1)):
        with pytest.raises(BadcaseError, match="folds"):
            finish(job)
    assert len(project.runs.all()) == before


def test_a_trial_that_there_is_no_time_for_is_not_begun(project: Project) -> None:
    judge = TrialJudge(project, QUICK, "pretrained", folds=3, seed=0, device=None, ends=time.monotonic() + 1000)
    good, long = begun(judge, learning_rate=0.3), begun(judge, epochs=100)
    finish(judge.measure(good, parts=1))
    judge.seconds = 200.0
    with pytest.raises(OutOfTimeError):
        finish(judge.race(good, long))  # five times as long, and the training at the end needs its room
    assert not long.parts and project.runs.get(long.run).state is RunState.CANCELLED


def test_a_trial_is_judged_on_what_it_did_not_learn_from_and_gold_is_not_looked_at(project: Project, judge: TrialJudge) -> None:
    trial = begun(judge)
    before = project.runs.current.id, len(project.predictions.all())
    finish(judge.measure(trial, parts=1))
    held = [part.held for part in judge.parts]
    assert len(np.concatenate(held)) == len(np.unique(np.concatenate(held)))
    assert not project.gold[np.concatenate(held)].any()
    assert (project.runs.current.id, len(project.predictions.all())) == before
    assert len(trial.parts) == 1 and len(trial.parts[0].right) == len(held[0])
    with pytest.raises(BadcaseError, match="keeps no model"):
        finish(accept_in_steps(project, trial.run))
    with pytest.raises(BadcaseError, match="no predictions"):
        compare(project, 1, trial.run)


def test_a_better_recipe_stays_a_worse_one_goes_at_once_and_chance_alone_keeps_nothing(judge: TrialJudge) -> None:
    slow, good = begun(judge, learning_rate=1e-3), begun(judge, learning_rate=0.3)
    outcome = finish(judge.race(slow, good))
    assert outcome.stays and len(good.parts) >= 2 and outcome.gain > 2 * outcome.error > 0
    worse = begun(judge, learning_rate=1e-3)
    outcome = finish(judge.race(good, worse))
    assert not outcome.stays and len(worse.parts) <= 1
    same = begun(judge, learning_rate=0.3)
    assert not finish(judge.race(good, same)).stays
    nearly = begun(judge, learning_rate=0.3, weight_decay=1.1e-5)
    assert not finish(judge.race(good, nearly)).stays


def test_one_that_is_far_behind_halfway_is_ended_there_and_keeps_its_curve(project: Project, judge: TrialJudge) -> None:
    good, poor = begun(judge, learning_rate=0.3), begun(judge, learning_rate=1e-4, patience=0, minimum_checks=1)
    finish(judge.measure(good, parts=1))
    outcome = finish(judge.race(good, poor))
    assert not outcome.stays and "far behind" in outcome.sentence and not poor.parts
    assert len((project.runs.get(poor.run).folder / "history.jsonl").read_text().splitlines()) == QUICK.epochs // 2


def test_a_recipe_that_blows_up_is_a_result_and_the_loop_goes_on(project: Project, judge: TrialJudge) -> None:
    good = begun(judge)
    blown = begun(judge, learning_rate=10.0, weight_decay=10.0, epochs=400, patience=0, minimum_checks=1)
    assert not finish(judge.race(good, blown)).stays
    assert project.runs.get(blown.run).state in (RunState.FAILED, RunState.DONE)


def test_a_budget_of_seconds_is_kept_and_one_of_nothing_is_refused(project: Project) -> None:
    began = time.monotonic()
    quicker = QUICK.replace_from({"epochs": 4, "patience": 0, "minimum_checks": 1})
    found = finish(tune_in_steps(project, recipe=quicker, seconds=3))
    assert time.monotonic() - began < 20 and found.trials  # a loaded machine has done one of dozens then
    with pytest.raises(BadcaseError, match="time ran out"):
        finish(
            tune_in_steps(project, recipe=QUICK.replace_from({"epochs": 3000, "patience": 0, "minimum_checks": 1}), seconds=0.5)
        )
    for wrong in ({"trials": 0}, {"seconds": -1}, {"folds": 1}):
        with pytest.raises(BadcaseError, match=next(iter(wrong))):
            finish(tune_in_steps(project, **wrong))


def test_stopping_it_keeps_what_was_made_and_marks_the_trial_that_was_not_ended(project: Project) -> None:
    job = tune_in_steps(project, recipe=QUICK)
    while not isinstance(next(job), Notice):
        pass
    next(job)
    while "Trial" not in getattr(next(job), "name", ""):
        pass
    job.close()
    *earlier, last = [run for run in project.runs.all() if run.kind == "trial"]
    assert last.state is RunState.CANCELLED and earlier[-1].state is RunState.DONE
    assert not [run for run in project.runs.all() if run.state is RunState.RUNNING]


def test_stopping_it_in_the_first_trial_leaves_no_run_that_counts_as_running(project: Project) -> None:
    job = tune_in_steps(project, recipe=QUICK)
    while "Trial" not in getattr(next(job), "name", ""):
        pass
    job.close()
    assert project.runs.all()[-1].kind == "trial" and project.runs.all()[-1].state is RunState.CANCELLED


def test_points_of_a_space_are_spread_evenly_within_it_and_the_notes_say_that_several_things_changed(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "space.toml"
    path.write_text('learning_rate = [0.01, 1.0]\nlabel_smoothing = { values = [0.0, 0.1] }\nschedule = ["cosine", "constant"]\n')
    space = Space.load(path)
    drawn = [next(points).changes for points in [space.points(QUICK, "text", None, 0)] for _n in range(16)]
    rates = np.log10([one["learning_rate"] for one in drawn])
    assert (np.histogram(rates, [-2, -1.5, -1, -0.5, 0])[0] == 4).all()
    assert sorted({one["label_smoothing"] for one in drawn}) == [0.0, 0.1] and len({one["schedule"] for one in drawn}) == 2
    found = finish(tune_in_steps(project, recipe=QUICK, space=space, trials=3))
    assert len(found.trials) == 3 and found.trials[0].recipe == QUICK.values()
    assert "More than one thing changed" in read_notes(project, found.trials[1].id)


def test_a_point_that_the_items_leave_no_room_for_is_said_and_passed_over(project: Project, tmp_path: Path) -> None:
    (tmp_path / "space.toml").write_text("batch_size = { values = [4, 4096] }\nlearning_rate = [0.1, 1.0]\n")
    job, said = (
        tune_in_steps(project, recipe=QUICK.replace_from({"checks": 2}), space=Space.load(tmp_path / "space.toml"), trials=3),
        [],
    )
    while True:
        try:
            event = next(job)
        except StopIteration as stop:
            found = stop.value
            break
        said += [event.text] if isinstance(event, Notice) else []
    assert any("Left out" in text and "checks" in text for text in said)
    assert len(found.trials) == 3 and all(run.recipe["batch_size"] < 4096 for run in found.trials)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("folds = [2, 5]", "folds"),
        ("learning_rat = [1, 2]", "learning_rat"),
        ("dropout = [0.5, 0.1]", "dropout"),
        ("dropout = [0.1, 7.0]", "dropout"),
        ("dropout = 0.1", "dropout"),
        ("", "space"),
        ("dropout = [", "space"),
    ],
)
def test_a_space_that_cannot_be_is_refused_by_name(text: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "space.toml").write_text(text)
    with pytest.raises(BadcaseError, match=name):
        Space.load(tmp_path / "space.toml")


@pytest.mark.parametrize(
    ("knobs", "name"),
    [
        ({"learning_rate": (0.1, 3.0), "freeze": ("nothing", "backbone")}, "freeze"),
        ({"learning_rate": (0.1, 3.0), "focal_gamma": Range(0.0, 4.0, False)}, "focal_gamma"),
        ({"learning_rate": (QUICK.learning_rate,)}, "only the recipe"),
    ],
)
def test_a_knob_of_a_space_that_acts_at_no_point_is_refused_by_name_before_anything_is_trained(
    project: Project, knobs: dict[str, Any], name: str
) -> None:
    """Points where it was off its default were passed over without a word, and the tuning ended with the plain recipe."""
    before = len(project.runs.all())
    with pytest.raises(BadcaseError, match=name):
        finish(tune_in_steps(project, recipe=QUICK, space=Space(knobs), trials=3))
    assert len(project.runs.all()) == before


def test_a_knob_of_a_space_rests_at_the_points_where_it_cannot_act() -> None:
    """Cross-entropy was as good as left out of such a space: all its points but those with the default gamma."""
    gammas, rates = Range(0.0, 4.0, False), Range(0.1, 1.0, True)
    space = Space({"loss": ("cross_entropy", "focal"), "focal_gamma": gammas, "learning_rate": rates})
    space.require_points(QUICK, "text", None)
    drawn = [one.changes for one in islice(space.points(QUICK, "text", None, 0), 32)]
    plain = [one["focal_gamma"] for one in drawn if one["loss"] == "cross_entropy"]
    assert len(plain) == 16 and set(plain) == {2.0}
    assert len({one["focal_gamma"] for one in drawn if one["loss"] == "focal"}) == 16


def test_what_a_person_notes_stays_when_the_notes_are_written_again(project: Project, judge: TrialJudge) -> None:
    run = finish(tune_in_steps(project, recipe=QUICK, trials=1)).run
    add_note(project, run.id, "the rate is the one of the paper")
    add_note(project, run.id, "second thought")
    write_training_notes(project, run.id, plan(project, QUICK), "again")
    notes = read_notes(project, run.id)
    assert "again" in notes and notes.index("of the paper") < notes.index("second thought")
    with pytest.raises(BadcaseError, match="nothing to note"):
        add_note(project, run.id, "  ")


def test_two_runs_that_differ_in_two_things_are_no_fair_comparison(project: Project) -> None:
    from badcase.training.runs.train import train_in_steps

    first = finish(train_in_steps(project, QUICK))
    one = finish(train_in_steps(project, QUICK.replace_from({"learning_rate": 0.5})))
    two = finish(train_in_steps(project, QUICK.replace_from({"learning_rate": 0.5, "label_smoothing": 0.1})))
    assert not compare(project, first.id, one.id).caution
    assert "not a fair comparison" in compare(project, first.id, two.id).caution


def test_a_tuning_with_little_time_tries_six_changes_or_says_why_it_cannot(tmp_path: Path) -> None:
    made, _truth = noisy_project(tmp_path, 120, wrong=0.1)
    with made:
        job, said = tune_in_steps(made, recipe=QUICK, seconds=2.0), []
        while True:
            try:
                event = next(job)
            except BadcaseError as error:  # not even the first trial, on a machine that has other things to do
                assert "ran out" in error.what
                break
            except StopIteration as stop:
                tried = sum("stays" in run.metrics for run in stop.value.trials)
                assert tried >= 6 or any(f"time to try {tried} change" in text for text in said)
                break
            said += [event.text] if isinstance(event, Notice) else []
