"""Checked gold: comparisons give both figures, the choice favors no model, and nothing that learns or ranks can meet it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from badcase.active_learning.learner import Learner
from badcase.errors import BadcaseError
from badcase.gold_check.blind_check import NONE_OF_THESE, Part, Rule, answer, begin_check, conclude
from badcase.groups.of_project import GroupKind
from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunKind
from badcase.training.comparison.compare import compare
from badcase.training.comparison.gold import gold_standing
from badcase.training.comparison.gold_choice import both_disagree, choose_gold, usual_share
from badcase.training.comparison.measure_retrain_gain import expected_gain
from badcase.training.comparison.run_differences import differences
from badcase.training.data.label_trust import label_trust_of
from badcase.training.data.training_set import build_training_set, learnt_from
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.runs.plan import plan
from badcase.training.tuning.trial_judge import TrialJudge
from tests.training.projects import noisy_project

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project, _truth = noisy_project(tmp_path_factory.mktemp("gold"), 150, wrong=0.2)
    project.rank()
    project.journal.record(np.flatnonzero(~project.gold)[:12].tolist(), "keep", who="ann")
    yield project
    project.close()


def check_all(project: Project, said: Callable[[int], int], **chosen: Any) -> None:
    check = begin_check(project, choose_gold(project, chosen.pop("rule", Rule.ALL), np.random.default_rng(0), **chosen))
    for item in check.choice.items:
        check = answer(project, check, said(item), 1.0)
    conclude(project, check)


def turned(project: Project) -> Callable[[int], int]:
    return lambda item: int((project.given[item] + 1) % 3) if item % 3 else NONE_OF_THESE


RECIPE = PRESETS["linear-head"].replace_from({"suspects": "soft", "correction_weight": 2.0})


def _ranking(project: Project) -> Any:
    ranking = project.rank()
    reasons = [[(one.scorer, one.value, one.text) for one in ranking.reasons(i)] for i in range(len(project.items))]
    return np.asarray(ranking.suspicion), np.asarray(ranking.suggested), np.asarray(ranking.probs), str(reasons)


def _learner(project: Project) -> Any:
    learner = Learner(project.rank())
    learner.update(project.verdicts)
    left = learner.expected_errors()
    return learner.ranked(40), (left.value, left.low, left.high)


def _training_set(project: Project) -> Any:
    found = finish(label_trust_of(project, project.predictions.current, learnt_from(project, RECIPE)))
    built = build_training_set(project, RECIPE, trust=found)
    targets = built.train.targets(np.arange(len(built.train)))
    counts = built.corrections, built.confirmed, built.exclusions, built.unsure, built.soft
    return built.train.items, built.train.labels, built.train.weights, targets, str(counts)


def _folds(project: Project) -> Any:
    return TrialJudge(project, RECIPE, "pretrained", folds=2, seed=0, device=None, ends=float("inf")).digest


def _consensus(project: Project) -> Any:
    found = project.reviewers()
    return found.answers, found.seen, str(found.names), found.disagreements()


# Each way in which what a check found could come to where it must not: what learns, ranks, counts or tells.
WAYS: dict[str, Callable[[Project], Any]] = {
    "labels": lambda project: (project.labels.copy(), project.verdicts.copy()),
    "labels at a revision": lambda project: project.journal.labels_at(project.revision),
    "counts": lambda project: str(project.journal.counts()),
    "ranking, its evidence and reasons": _ranking,
    "learner and count of errors": _learner,
    "training set, soft labels and hard cases": _training_set,
    "validation": lambda project: build_training_set(project, RECIPE).validation.labels,
    "plan": lambda project: str(plan(project, RECIPE).sentences),
    "judge of a tuning": _folds,
    "gain of a retraining": lambda project: str(finish(expected_gain(project)).difference),
    "consensus of reviewers": _consensus,
    "standing verdicts": lambda project: str(project.journal.standing()),
    "confusions and duplicates": lambda project: str(
        [[(g.title, g.items.tolist()) for g in project.groups(kind)] for kind in (GroupKind.CONFUSIONS, GroupKind.DUPLICATES)]
    ),
    "head of a backbone": lambda project: (project.predict("chargrams"), np.asarray(project.predictions.current.logits))[1],
}


@pytest.mark.parametrize("way", WAYS)
def test_checked_gold_leaks_nowhere(made: Project, way: str) -> None:
    before, revision = WAYS[way](made), made.revision
    check_all(made, turned(made))
    try:
        assert made.revision > revision and (made.checked_labels != made.labels).any()
        after = WAYS[way](made)
    finally:
        made.journal.undo()
    for one, other in zip(*((x if isinstance(x, tuple) else (x,)) for x in (before, after)), strict=True):
        np.testing.assert_array_equal(one, other)


def run_of(project: Project, logits: np.ndarray, **values: Any) -> int:
    number = project.runs.add(kind=RunKind.TRAINING, title="made", **values)
    np.save(project.runs.get(number).folder / "logits.npy", logits.astype(np.float16))
    return number


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made, _truth = noisy_project(tmp_path, 150, wrong=0.0)
    yield made
    made.close()


def test_a_comparison_stands_on_checked_labels_and_gives_both_figures(project: Project) -> None:
    """B says of six items what A does not, and the label neither: as given B broke them, as checked it fixed them."""
    right = 4.0 * np.eye(3)[project.given]
    gold = np.flatnonzero(project.gold)
    after = right.copy()
    after[gold[:8]] = np.roll(right, 1, axis=1)[gold[:8]]
    a, b = run_of(project, right), run_of(project, after)
    found = compare(project, a, b)
    assert found.worse and found.as_given is None and "nobody has checked" in found.stands_on
    said = after.argmax(1)
    check_all(project, lambda item: int(said[item]) if item != gold[-1] else NONE_OF_THESE)
    found = compare(project, a, b)
    assert found.better and found.fixed == gold[:8].tolist() and found.gold == len(gold) - 1
    assert found.as_given is not None and found.as_given.worse and found.as_given.gold == len(gold)
    assert (found.standing.checked, found.standing.differed) == (len(gold), 9)
    assert f"{len(gold)} of {len(gold)} gold items were checked: 9 have another class" in found.stands_on
    assert f"As given: accuracy 100.0 → {100 * (1 - 8 / len(gold)):.1f} %" in found.stands_on
    assert "All of gold was checked" in found.stands_on
    project.journal.undo()
    assert compare(project, a, b).worse


def test_a_check_between_two_runs_is_no_cause_of_their_difference(project: Project) -> None:
    logits = 4.0 * np.eye(3)[project.given]
    a = project.runs.get(run_of(project, logits, recipe=Recipe().values(), revision=project.revision))
    check_all(project, turned(project))
    b = project.runs.get(run_of(project, logits, recipe=Recipe().values(), revision=project.revision))
    assert differences(project, a, b) == []


def test_a_random_share_is_drawn_from_all_and_is_no_guess_of_a_model(project: Project) -> None:
    gold = np.flatnonzero(project.gold)
    choice = choose_gold(project, Rule.SHARE, np.random.default_rng(1), n=10)
    assert len(choice.items) == len(set(choice.items)) == 10 and np.isin(choice.items, gold).all()
    assert choice.count(Part.RANDOM) == 10 and choice.rest == len(gold) and choice.runs == ()
    assert list(choice.items) != sorted(choice.items)
    drawn = [choose_gold(project, Rule.SHARE, np.random.default_rng(seed), n=10).items for seed in range(300)]
    often = np.bincount(np.concatenate(drawn), minlength=len(project.items))[gold]
    assert often.min() > 300 * 10 / len(gold) / 2, "each item as likely as another"
    wrong = set(gold[:6].tolist())
    check_all(project, lambda item: int((project.given[item] + (item in wrong)) % 3), rule=Rule.SHARE, n=10)
    found = gold_standing(project)
    assert (found.checked, found.drawn, found.rest) == (10, 10, len(gold))
    assert f"Of 10 drawn at random from {len(gold)}, {found.drawn_wrong} differed" in " ".join(found.sentences)
    again = choose_gold(project, Rule.SHARE, np.random.default_rng(0))
    assert not set(again.items) & set(choose_gold(project, Rule.ALL, np.random.default_rng(0)).items) - set(gold.tolist())
    assert len(again.items) == min(len(gold) - 10, usual_share(len(gold) - 10))


def test_where_both_disagree_alike_is_the_same_choice_for_both_models(project: Project) -> None:
    right, gold = 4.0 * np.eye(3)[project.given], np.flatnonzero(project.gold)
    one, two = right.copy(), right.copy()
    one[gold[:5]] = np.roll(right, 1, axis=1)[gold[:5]]  # both, and in the same way, of the first three
    two[gold[:3]] = np.roll(right, 1, axis=1)[gold[:3]]
    two[gold[3]] = np.roll(right, 2, axis=1)[gold[3]]  # the fourth: each in a way of its own; the fifth: one alone
    a, b = run_of(project, one), run_of(project, two)
    assert gold[both_disagree(project, gold, a, b)].tolist() == gold[:3].tolist()
    for runs in ((a, b), (b, a)):
        choice = choose_gold(project, Rule.DISAGREE, np.random.default_rng(0), n=4, runs=runs)
        both = [item for item, part in zip(choice.items, choice.parts, strict=True) if part is Part.DISAGREE]
        assert sorted(both) == gold[:3].tolist() and choice.count(Part.RANDOM) == 4 and choice.rest == len(gold) - 3
    check_all(project, lambda item: int(project.given[item]), rule=Rule.DISAGREE, n=4, runs=(a, b))
    told = " ".join(gold_standing(project).sentences)
    assert "raises the accuracy of both alike" in told and f"drawn at random from {len(gold) - 3}, 0 differed" in told
    with pytest.raises(BadcaseError, match="needs two runs"):
        choose_gold(project, Rule.DISAGREE, RNG)
