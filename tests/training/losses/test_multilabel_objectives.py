"""What is measured and minimized where an item may have any number of labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, log_loss, precision_score, recall_score
from torch import nn
from torch.nn import functional

from badcase.progress import finish
from badcase.training.comparison.paired_measures import paired_bootstrap
from badcase.training.data.batches import Batch, Batches, Splits
from badcase.training.data.training_set import TrainingRows
from badcase.training.loop.augmentation import augmented
from badcase.training.loop.fit import fit
from badcase.training.losses.multilabel import LABEL_LOSSES, distillation, side_weights
from badcase.training.losses.objectives import AnyLabels, objective_for
from badcase.training.metrics.multilabel import macro_f1, micro_f1
from badcase.training.metrics.single_label import class_measures, item_losses, logits_of, measure, probabilities, wrong
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import LossName
from badcase.training.run_folder.run import Run

RNG = np.random.default_rng(0)
LABELS = RNG.random((60, 4)) < [0.7, 0.4, 0.2, 0.02]
LOGITS = np.round(RNG.normal(size=(60, 4)) + LABELS, 1).astype(np.float16)  # with ties
BINARY = Recipe(loss="binary")


def test_the_measures_are_those_of_scikit_learn() -> None:
    said, probs = LOGITS > 0, probabilities(LOGITS, several=True)
    found = measure(LOGITS, LABELS)
    assert found["accuracy"] == pytest.approx(accuracy_score(LABELS, said))
    for name in ("macro", "micro"):
        assert found[f"{name}_f1"] == pytest.approx(f1_score(LABELS, said, average=name, zero_division=0))
    assert found["mean_ap"] == pytest.approx(average_precision_score(LABELS, probs, average="macro"))
    losses = np.mean([log_loss(LABELS[:, j], probs[:, j], labels=[False, True]) for j in range(4)])
    assert found["validation_loss"] == pytest.approx(losses)
    recall, precision, f1 = class_measures(LOGITS, LABELS)
    np.testing.assert_allclose(recall, recall_score(LABELS, said, average=None, zero_division=0))
    np.testing.assert_allclose(precision, precision_score(LABELS, said, average=None, zero_division=0))
    np.testing.assert_allclose(f1, f1_score(LABELS, said, average=None, zero_division=0))
    np.testing.assert_array_equal(wrong(LOGITS, LABELS), (said != LABELS).sum(1))
    np.testing.assert_allclose(probabilities(logits_of(probs, several=True), several=True), probs)


def test_a_resample_is_measured_as_the_items_it_has() -> None:
    said, labels = (np.column_stack([values, np.arange(60) < 2]) for values in (LOGITS > 0, LABELS))
    for row in np.vstack([RNG.multinomial(60, np.full(60, 1 / 60), 3), np.arange(60) >= 2]):  # the last lacks a label
        rows = np.repeat(np.arange(60), row)
        for by_count, name in ((macro_f1, "macro"), (micro_f1, "micro")):
            there = labels[rows].any(0) | said[rows].any(0)
            expected = f1_score(labels[rows][:, there], said[rows][:, there], average=name, zero_division=0)
            assert by_count(said, labels, row[None])[0] == pytest.approx(expected)


def test_the_same_answers_differ_in_nothing_and_better_ones_do() -> None:
    same, better = (paired_bootstrap(LOGITS, other, LABELS) for other in (LOGITS, np.where(LABELS, 4.0, -4.0)))
    assert all(one.difference == 0 and one.p == 1 for one in same)
    assert [one.low < 0 < one.high for one in same] == [True, True, True, False]  # shares may differ by what 60 items can hide
    assert all(one.beyond_noise for one in better) and better[0].b == 1


@pytest.mark.parametrize("name", list(LABEL_LOSSES))
def test_each_label_is_a_question_of_its_own(name: LossName) -> None:
    recipe, logits = Recipe(loss=name), torch.randn(5, 3, requires_grad=True)
    targets = torch.tensor([[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0], [1, 0, 0]]).float()
    each = LABEL_LOSSES[name](logits, targets, recipe)
    assert each.shape == (5, 3) and (each >= 0).all()
    each[0, 1].backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None and (logits.grad != 0).sum() == 1
    sure = torch.where(targets > 0, 30.0, -30.0)
    assert LABEL_LOSSES[name](sure, targets, recipe).max() < 1e-6
    mirrored = LABEL_LOSSES[name](-logits, 1 - targets, recipe)
    torch.testing.assert_close(each, mirrored)


def test_the_losses_are_what_their_papers_say() -> None:
    logits, targets = torch.randn(6, 3), (torch.rand(6, 3) < 0.4).float()
    plain = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    torch.testing.assert_close(LABEL_LOSSES[LossName.BINARY](logits, targets, BINARY), plain)
    p = torch.where(targets > 0, logits.sigmoid(), 1 - logits.sigmoid())
    torch.testing.assert_close(
        LABEL_LOSSES[LossName.FOCAL](logits, targets, Recipe(loss="focal", focal_gamma=2)), (1 - p) ** 2 * plain
    )
    torch.testing.assert_close(
        LABEL_LOSSES[LossName.GENERALIZED](logits, targets, Recipe(loss="generalized", generalized_q=0.01)),
        plain,
        rtol=0.05,
        atol=0.01,
    )
    smooth = LABEL_LOSSES[LossName.BINARY](logits, targets, Recipe(loss="binary", label_smoothing=0.2))
    softened = functional.binary_cross_entropy_with_logits(logits, targets * 0.8 + 0.1, reduction="none")
    torch.testing.assert_close(smooth, softened)


def test_a_teacher_that_is_agreed_with_asks_for_nothing() -> None:
    logits, other = torch.randn(4, 3), torch.randn(4, 3)
    torch.testing.assert_close(distillation(logits, logits, 3.0), torch.zeros(4, 3))
    apart = distillation(logits, other, 1.0)
    p, q = other.sigmoid(), logits.sigmoid()
    torch.testing.assert_close(apart, p * (p / q).log() + (1 - p) * ((1 - p) / (1 - q)).log(), rtol=1e-3, atol=1e-5)


def test_balanced_sides_of_a_label_weigh_the_same_and_leave_its_mean_at_1() -> None:
    targets, weights = torch.from_numpy(LABELS).float(), torch.rand(60) + 0.5
    lacking, having = side_weights(targets, weights, Recipe(loss="binary", class_weights="balanced"))
    of_having = (targets * weights[:, None]).sum(0)
    torch.testing.assert_close(of_having * having, (weights.sum() - of_having) * lacking)
    torch.testing.assert_close(of_having * having * 2, weights.sum().expand(4))
    torch.testing.assert_close(side_weights(targets, weights, BINARY), torch.ones(2, 4))
    assert side_weights(torch.zeros(3, 1), torch.ones(3), BINARY)[:, 0].tolist() == [1, 0]


def test_the_margin_of_each_label_tells_whether_it_is_answered_rightly() -> None:
    rows = TrainingRows(np.arange(60), LABELS)
    objective = objective_for(BINARY, rows, 4, torch.device("cpu"))
    assert isinstance(objective, AnyLabels)
    logits, labels = torch.from_numpy(LOGITS.astype(np.float32)), torch.from_numpy(LABELS)
    margins = objective.margins(logits, labels).numpy()
    clear = LOGITS != 0
    np.testing.assert_array_equal((margins > 0)[clear], ((LOGITS > 0) == LABELS)[clear])
    np.testing.assert_allclose(np.abs(margins), np.abs(LOGITS), rtol=1e-3)
    np.testing.assert_allclose(objective.plain(logits, labels).numpy(), item_losses(LOGITS, LABELS), rtol=1e-4)


def test_a_blend_of_two_images_teaches_the_blend_of_their_labels() -> None:
    labels = torch.from_numpy(LABELS[:20])
    images = labels.float().view(20, 1, 2, 2)  # each pixel is a label
    batch = Batch({"pixels": images}, labels, torch.ones(20), np.arange(20))
    mixed = augmented(batch, Recipe(loss="binary", mixup=1.0), 4)
    assert mixed.targets is not None and ((mixed.targets > 0) & (mixed.targets < 1)).any()
    torch.testing.assert_close(mixed.targets, mixed.inputs["pixels"].view(20, 4))


def own_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return (logits - 4 * targets + 2).square().mean(1)


# What a knob is changed to where it acts in another way than with one label an item.
CHANGES: dict[str, dict[str, object]] = {
    "loss": {"loss": "focal"},
    "generalized": {"loss": "generalized"},
    "squared": {"loss": "squared"},
    "own": {"loss": "own", "loss_function": f"{__name__}:own_loss"},
    "label_smoothing": {"label_smoothing": 0.2},
    "class_weights": {"class_weights": "balanced"},
    "distill": {"distill": 1.0},
    "mixup": {"mixup": 0.4},
    "select_by": {"select_by": "mean_ap"},
    "micro": {"select_by": "micro_f1"},
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[dict[str, float]], torch.Tensor, int]]:
    yield trained(tmp_path_factory.mktemp("plain"), {})


def trained(folder: Path, changes: dict[str, object]) -> tuple[list[dict[str, float]], torch.Tensor, int]:
    """The history, the weights that were kept, and the epoch they are of."""
    recipe = Recipe(loss="binary", epochs=8, learning_rate=0.05, head_learning_rate=0.05, batch_size=8, freeze="nothing")
    recipe = recipe.replace_from(changes).settled("image", task="multilabel")
    recipe.check("image", task="multilabel")
    torch.manual_seed(0)
    images = torch.randn(60, 1, 4, 4) + torch.from_numpy(LABELS).float().repeat(1, 4).view(60, 1, 4, 4)
    head = nn.Linear(16, 4)
    network = nn.Sequential(nn.Flatten(), head)
    cpu = torch.device("cpu")
    trainee = Trainee(network, head, lambda inputs: network(inputs["pixels"]), 4, cpu)

    def batches(places: slice, seed: int | None) -> Batches:
        items = np.arange(60)[places]
        rows = TrainingRows(items, LABELS[places], teacher=LOGITS[places], teacher_weight=np.ones((len(items), 4), np.float32))
        return Batches(rows, lambda items: {"pixels": images[items]}, recipe.batch_size, cpu, seed=seed)

    run = finish(fit(trainee, Splits(batches(slice(40), 0), batches(slice(40, 60), None)), recipe, Run.begin(folder, recipe)))
    history = [{name: value for name, value in epoch.items() if name != "rate"} for epoch in run.history]
    return history, head.weight.detach().clone(), run.best


def test_it_learns(plain: tuple[list[dict[str, float]], torch.Tensor, int]) -> None:
    assert plain[0][-1]["train_loss"] < 0.6 * plain[0][0]["train_loss"]
    assert plain[0][-1]["mean_ap"] > plain[0][0]["mean_ap"] > 0


@pytest.mark.usefixtures("own_code")
@pytest.mark.parametrize("name", list(CHANGES))
def test_the_knob_acts_on_labels(name: str, tmp_path: Path, plain: tuple[list[dict[str, float]], torch.Tensor, int]) -> None:
    changed = trained(tmp_path / "run", CHANGES[name])
    if "select_by" in CHANGES[name]:
        values = [epoch[str(CHANGES[name]["select_by"])] for epoch in changed[0]]
        assert values[changed[2]] == max(values) and changed[0] == plain[0]
    else:
        assert not torch.equal(changed[1], plain[1])
