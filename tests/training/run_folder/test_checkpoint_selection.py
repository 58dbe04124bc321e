"""The checkpoint that is kept is the one that the user's rule likes best, and patience waits where it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from badcase.errors import BadcaseError
from badcase.training.metrics.single_label import class_measures, measure
from badcase.training.recipe import Recipe
from badcase.training.run_folder.checkpoint_selection import Selection, check_rule
from badcase.training.run_folder.run import Run

CLASSES = ("cat", "dog", "sea lion")
LABELS = np.array([0, 0, 1, 1, 2, 2])


def scored(rule: str, predicted: list[int]) -> float:
    logits = np.eye(3)[predicted] * 4
    return Selection(Recipe(select_by="rule", rule=rule), CLASSES).score(measure(logits, LABELS), logits, LABELS)["score"]


def test_a_rule_is_arithmetic_over_what_the_validation_items_showed() -> None:
    predicted = [0, 0, 1, 0, 2, 2]
    known = measure(np.eye(3)[predicted] * 4, LABELS)
    wanted = 0.5 * known["accuracy"] + 2 * (known["macro_f1"] - 0.1) / 4 - known["validation_loss"]
    assert scored("0.5 * accuracy + 2 * (macro_f1 - 0.1) / 4 - loss", predicted) == pytest.approx(wanted)
    assert scored("recall[dog]", predicted) == 0.5
    assert scored('precision["cat"] - f1["sea lion"]', predicted) == pytest.approx(2 / 3 - 1)


def test_the_best_accuracy_is_kept_among_those_whose_recall_of_a_class_holds() -> None:
    rule = "accuracy where recall[dog] >= 1 and loss < 5"
    holds, fails, fails_by_more = [0, 1, 1, 1, 0, 0], [0, 0, 1, 0, 2, 2], [0, 0, 0, 0, 2, 2]
    assert scored(rule, holds) > scored(rule, fails) > scored(rule, fails_by_more)


@given(st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_measures_of_classes_are_those_of_scikit_learn(predicted: list[int]) -> None:
    made = class_measures(np.eye(3)[predicted], LABELS)
    for values, peer in zip(made, (recall_score, precision_score, f1_score), strict=True):
        np.testing.assert_allclose(values, peer(LABELS, predicted, average=None, labels=[0, 1, 2], zero_division=0))


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "accuracy +",
        "__import__('os')",
        "accuracy.real",
        "recall[bird]",
        "accuracy where recall[cat]",
        "accuracy ** 2",
        "accuracy where loss < 1 or loss > 2",
        "True",
        "lambda: 1",
        "accuracy if 1 else 2",
    ],
)
def test_what_is_no_rule_is_refused_before_anything_trains(rule: str) -> None:
    with pytest.raises(BadcaseError, match="cannot be read"):
        check_rule(Recipe(select_by="rule", rule=rule), CLASSES)


@pytest.mark.usefixtures("own_code")
def test_a_function_of_your_own_chooses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules_of_mine.py").write_text(
        "def best(measures, logits, labels):\n    return measures['accuracy'] - (logits.argmax(1) == 2).mean()\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert scored("rules_of_mine:best", [0, 0, 1, 1, 2, 2]) == pytest.approx(1 - 1 / 3)
    with pytest.raises(BadcaseError, match="cannot be imported"):
        Run.begin(tmp_path, Recipe(select_by="rule", rule="rules_of_mine:worst"))


@pytest.mark.usefixtures("own_code")
def test_an_epoch_of_which_a_function_of_your_own_says_nan_is_kept_only_where_no_other_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules_of_few.py").write_text(
        "def best(measures, logits, labels):\n    return float('nan') if measures['accuracy'] < 0.5 else -measures['accuracy']\n"
        "def slipped(measures, logits, labels):\n    return measures['no such']\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    run = Run.begin(tmp_path, Recipe(select_by="rule", rule="rules_of_few:best"))
    for predicted, best in (([1] * 6, 0), ([0, 0, 1, 0, 2, 2], 1), ([2] * 6, 1), ([0, 0, 1, 0, 0, 2], 3)):
        run.record(np.eye(3)[predicted] * 4, LABELS, train_loss=1.0)
        assert run.best == best
    with pytest.raises(BadcaseError, match="line 4: KeyError: 'no such'"):
        scored("rules_of_few:slipped", [0] * 6)


def stops_after(folder: Path, recipe: Recipe, validation: list[float], training: list[float]) -> int:
    run = Run.begin(folder, recipe)
    for epoch, (seen, learnt) in enumerate(zip(validation, training, strict=True), 1):
        logits = np.log([[np.exp(-seen), 1 - np.exp(-seen)]])  # whose loss is the one wanted
        run.record(logits, np.array([0]), train_loss=learnt)
        if run.should_stop():
            return epoch
    return 0


def test_a_plateau_that_another_fall_follows_is_waited_out_and_a_rise_is_not(tmp_path: Path) -> None:
    recipe = Recipe(patience=3, freeze="nothing", epochs=20)
    plateau = [1.0, 0.8, 0.805, 0.803, 0.801, 0.802, 0.6, 0.5, 0.45]
    falling = [1.0 * 0.9**epoch for epoch in range(9)]
    assert stops_after(tmp_path, recipe, plateau, falling) == 0
    assert stops_after(tmp_path, recipe.replace_from({"plateau_guard": False}), plateau, falling) == 5
    assert stops_after(tmp_path, recipe, plateau, [0.5] * 9) == 5  # nothing is learnt any more
    assert stops_after(tmp_path, recipe, [1.0, 0.8, 0.9, 1.0, 1.1, 1.2], falling[:6]) == 5  # overfitting
    assert stops_after(tmp_path, recipe, [1.0, 0.8] + [0.801] * 9, [0.9**epoch for epoch in range(11)]) == 8
