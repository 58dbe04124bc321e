"""The tables: losses, optimizers, schedules and regularization do what their names promise."""

from __future__ import annotations

import copy
import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from badcase.errors import BadcaseError
from badcase.training.loop.optimizers import OPTIMIZERS, make_optimizer, to_sgd
from badcase.training.loop.schedules import SCHEDULES, rate_at
from badcase.training.loop.stepper import Average, Stepper
from badcase.training.losses.single_label import LOSSES, class_weights, distillation
from badcase.training.network.dropout import set_dropout
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import LossName, OptimizerName, ScheduleName

torch.manual_seed(0)
LOGITS, LABELS = torch.randn(12, 4), torch.arange(12) % 4
TARGETS = functional.one_hot(LABELS, 4).float()


def test_the_tables_have_a_row_for_every_choice() -> None:
    assert (set(LOSSES), set(OPTIMIZERS), set(SCHEDULES)) == (set(LossName), set(OptimizerName), set(ScheduleName))


def test_focal_loss_is_cross_entropy_at_gamma_0_and_plays_easy_items_down_above() -> None:
    plain = functional.cross_entropy(LOGITS, LABELS, reduction="none")
    at_0 = LOSSES[LossName.FOCAL](LOGITS, TARGETS, Recipe(loss="focal", focal_gamma=0.0))
    torch.testing.assert_close(at_0, plain)
    ratio = LOSSES[LossName.FOCAL](LOGITS, TARGETS, Recipe(loss="focal")) / plain
    p = LOGITS.softmax(1)[torch.arange(12), LABELS]
    torch.testing.assert_close(ratio, (1 - p) ** 2)


@pytest.mark.parametrize("name", [LossName.CROSS_ENTROPY, LossName.FOCAL, LossName.SQUARED])
def test_a_loss_of_a_soft_target_is_least_at_the_target(name: LossName) -> None:
    target = torch.tensor([[0.5, 0.3, 0.2]])
    losses = [
        float(
            LOSSES[name](torch.log(p[None]), target, Recipe(loss=name, focal_gamma=0.0) if name == "focal" else Recipe(loss=name))
        )
        for p in (target[0], torch.tensor([0.9, 0.05, 0.05]))
    ]
    assert losses[0] < losses[1]
    if name is not LossName.SQUARED:
        assert losses[0] == pytest.approx(float(-(target * target.log()).sum()), rel=1e-4)


def test_generalized_cross_entropy_is_cross_entropy_near_0_and_forgives_a_label_nobody_believes_above() -> None:
    near = LOSSES[LossName.GENERALIZED](LOGITS, TARGETS, Recipe(loss="generalized", generalized_q=0.01))
    torch.testing.assert_close(near, functional.cross_entropy(LOGITS, LABELS, reduction="none"), rtol=0.05, atol=0.01)
    logits = torch.tensor([[8.0, 0.0], [0.5, 0.0]], requires_grad=True)  # the label of the first looks wrong
    LOSSES[LossName.GENERALIZED](logits, torch.tensor([[0.0, 1.0]] * 2), Recipe(loss="generalized")).sum().backward()
    assert logits.grad is not None and logits.grad[0].abs().sum() < 0.1 * logits.grad[1].abs().sum()


def test_binary_cross_entropy_takes_any_number_of_labels_and_is_torchs() -> None:
    several = torch.tensor([[1.0, 1.0, 0.0, 0.0]]).repeat(12, 1)
    made = LOSSES[LossName.BINARY](LOGITS, several, Recipe(loss="binary"))
    expected = functional.binary_cross_entropy_with_logits(LOGITS, several, reduction="none").sum(1)
    torch.testing.assert_close(made, expected)


def test_squared_error_is_the_brier_score() -> None:
    made = LOSSES[LossName.SQUARED](LOGITS, TARGETS, Recipe(loss="squared"))
    torch.testing.assert_close(made, ((LOGITS.softmax(1) - TARGETS) ** 2).sum(1))


@pytest.mark.usefixtures("own_code")
def test_a_loss_of_your_own_is_called_and_its_mistakes_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "losses_of_mine.py").write_text(
        "def absolute(logits, targets):\n    return (logits.softmax(1) - targets).abs().sum(1)\n"
        "def total(logits, targets):\n    return absolute(logits, targets).sum()\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", list(sys.path))

    def of(name: str) -> torch.Tensor:
        return LOSSES[LossName.OWN](LOGITS, TARGETS, Recipe(loss="own", loss_function=f"losses_of_mine:{name}"))

    torch.testing.assert_close(of("absolute"), (LOGITS.softmax(1) - TARGETS).abs().sum(1))
    with pytest.raises(BadcaseError, match="12 losses, one per item"):
        of("total")
    with pytest.raises(BadcaseError, match="cannot be imported"):
        of("missing")
    with pytest.raises(BadcaseError, match="loss_function"):
        LOSSES[LossName.OWN](LOGITS, TARGETS, Recipe(loss="own"))


SLIPS = """import torch
def inside(logits, targets):
    return {}["no such"]
def further_in(logits, targets):
    return torch.cat([inside])
def of_one(logits): ...
def large(logits, targets):
    raise torch.OutOfMemoryError("no room")
"""


@pytest.mark.usefixtures("own_code")
def test_an_error_in_a_function_of_your_own_is_told_as_yours_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = {"slips": SLIPS, "unset": "import sys\n\nmissing_name", "unread": "\ndef f(:", "lacks": "import nosuch"}
    for name, text in modules.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", list(sys.path))
    for name, said in (
        ("slips:inside", r"your function failed .*slips\.py, line 3: KeyError: 'no such'"),
        ("slips:further_in", r"your function failed .*slips\.py, line 5: TypeError"),
        ("slips:of_one", r"your function failed .*slips:of_one \(TypeError: of_one\(\) takes 1"),
        ("unset:f", r"cannot be imported .*unset\.py, line 3: NameError"),
        ("unread:f", r"cannot be imported .*unread\.py, line 2: SyntaxError"),
        ("lacks:f", r"cannot be imported .*lacks\.py, line 1: ModuleNotFoundError"),
    ):
        with pytest.raises(BadcaseError, match=said) as caught:
            LOSSES[LossName.OWN](LOGITS, TARGETS, Recipe(loss="own", loss_function=name))
        assert "Correct it there" in caught.value.hint
    with pytest.raises(torch.OutOfMemoryError):  # which costs smaller parts of the batch and not the training
        LOSSES[LossName.OWN](LOGITS, TARGETS, Recipe(loss="own", loss_function="slips:large"))


def test_distillation_is_zero_at_the_teachers_answers_and_draws_towards_them() -> None:
    torch.testing.assert_close(distillation(LOGITS + 3, LOGITS, 2.0), torch.zeros(12), atol=1e-5, rtol=0)
    logits = torch.zeros(12, 4, requires_grad=True)
    distillation(logits, LOGITS, 2.0).sum().backward()
    assert logits.grad is not None and (logits.grad.argmin(1) == LOGITS.argmax(1)).all()


def test_focal_loss_has_a_finite_gradient_where_the_model_is_certain() -> None:
    logits = torch.tensor([[200.0, -200.0]], requires_grad=True)
    LOSSES[LossName.FOCAL](logits, torch.tensor([[1.0, 0.0]]), Recipe(loss="focal", focal_gamma=0.5)).sum().backward()
    assert logits.grad is not None and torch.isfinite(logits.grad).all()


def test_balanced_class_weights_give_every_class_the_same_say_and_leave_the_mean_at_1() -> None:
    labels = torch.tensor([0] * 6 + [1] * 3 + [3])
    weights = class_weights(labels, torch.ones(10), 4, Recipe(class_weights="balanced"))
    torch.testing.assert_close(weights[0] * 6, weights[3] * 1)
    assert weights[2] == 0
    torch.testing.assert_close(weights[labels].mean(), torch.tensor(1.0))
    torch.testing.assert_close(class_weights(labels, torch.ones(10), 4, Recipe())[labels], torch.ones(10))


@pytest.mark.parametrize("name", list(ScheduleName))
@pytest.mark.parametrize("warmup", [0.0, 0.25])
def test_a_schedule_rises_to_its_peak_in_the_warm_up_and_never_passes_it(name: ScheduleName, warmup: float) -> None:
    recipe = Recipe(schedule=name, warmup=warmup, step_every=4)
    rates = np.array([rate_at(step, 100, 10, recipe) for step in range(100)])
    rising = int(warmup * 100)
    assert rates.max() == pytest.approx(1.0, abs=0.02) and rates.max() <= 1 and rates.min() >= 0
    assert (np.diff(rates[: rising + 1]) > 0).all()
    assert (np.diff(rates[rising:]) <= 1e-12).all()
    assert (rates[-1] == 1) == (name is ScheduleName.CONSTANT)
    if name in (ScheduleName.LINEAR, ScheduleName.COSINE, ScheduleName.ONE_CYCLE):
        assert rates[-1] < 0.02


def test_the_step_schedule_falls_by_its_factor_every_so_many_epochs() -> None:
    recipe = Recipe(schedule="step", warmup=0.0, step_every=4, step_factor=0.5)
    assert [rate_at(epoch * 10, 120, 12, recipe) for epoch in (0, 3, 4, 7, 8)] == [1, 1, 0.5, 0.5, 0.25]


def test_a_stable_rate_falls_by_a_root_over_the_last_share_of_the_steps() -> None:
    recipe = Recipe(schedule="warmup_stable_decay", warmup=0.2, decay_share=0.25)
    rates = [rate_at(step, 100, 10, recipe) for step in range(100)]
    assert set(rates[20:81]) == {1.0} and rates[85] == pytest.approx(1 - 0.25**0.5) and rates[95] == pytest.approx(1 - 0.75**0.5)


def test_weight_decay_leaves_biases_and_norms_alone() -> None:
    network = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.Linear(4, 2))
    optimizer = make_optimizer(network, network[2], Recipe(freeze="nothing", weight_decay=0.3), 1, 5).optimizer
    decayed = {id(p) for group in optimizer.param_groups if group["weight_decay"] for p in group["params"]}
    assert decayed == {id(network[0].weight), id(network[2].weight)}


def test_the_head_learns_alone_first_and_then_all_of_it() -> None:
    network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
    recipe = Recipe(freeze="head_first", head_epochs=2, epochs=5)
    make_optimizer(network, network[1], recipe, 1, 5)
    assert [p.requires_grad for p in network.parameters()] == [False, False, True, True]
    make_optimizer(network, network[1], recipe, 3, 5)
    assert all(p.requires_grad for p in network.parameters())


def test_sgd_goes_on_where_adam_stood_at_about_its_pace_and_on_its_schedule() -> None:
    torch.manual_seed(0)
    network, recipe = nn.Linear(6, 3), Recipe(optimizer="adam_then_sgd", freeze="nothing", weight_decay=0.1, epochs=2)
    inputs, labels = torch.randn(60, 6), torch.arange(60) % 3
    schedule = make_optimizer(network, nn.Identity(), recipe, 1, 50)

    def moved() -> float:
        before = network.weight.detach().clone()
        functional.cross_entropy(network(inputs), labels).backward()
        schedule.optimizer.step()
        schedule.optimizer.zero_grad()
        schedule.step()
        return float((network.weight.detach() - before).norm())

    by_adam = [moved() for _step in range(40)][-1]
    share = schedule.get_last_lr()[0] / recipe.learning_rate
    decay = schedule.get_last_lr()[0] * recipe.weight_decay
    schedule = to_sgd(schedule, recipe)
    first = schedule.optimizer.param_groups[0]
    assert type(schedule.optimizer).__name__ == "SGD"
    assert schedule.get_last_lr()[0] / first["initial_lr"] == pytest.approx(share)
    assert schedule.get_last_lr()[0] * first["weight_decay"] / (1 - recipe.momentum) == pytest.approx(decay)
    by_sgd = [moved() for _step in range(20)][-1]
    assert 0.3 * by_adam < by_sgd < 3 * by_adam


def test_the_rate_of_sgd_is_bounded_where_its_gradient_points_elsewhere_than_adam_goes() -> None:
    """Of one steep weight and many flat ones, as the layers of a transformer are, it was 50 times as far as Adam had gone."""
    network = nn.Linear(2001, 1, bias=False)
    recipe = Recipe(optimizer="adam_then_sgd", freeze="nothing", weight_decay=0, schedule="constant", warmup=0)
    slope = torch.full((1, 2001), 1e-4)
    slope[0, 0] = 1.0
    schedule = make_optimizer(network, nn.Identity(), recipe, 1, 50)

    def moved() -> float:
        before = network.weight.detach().clone()
        network.weight.grad = slope.clone()
        schedule.optimizer.step()
        schedule.step()
        return float((network.weight.detach() - before).norm())

    by_adam = [moved() for _step in range(10)][-1]
    schedule = to_sgd(schedule, recipe)
    by_sgd = [moved() for _step in range(40)]
    assert by_sgd[0] < by_adam and max(by_sgd) < 2.5 * by_adam  # momentum adds to the first


@pytest.mark.parametrize("better", [True, False])
def test_a_switch_to_sgd_that_makes_things_worse_is_taken_back(better: bool) -> None:
    torch.manual_seed(0)
    recipe = Recipe(optimizer="adam_then_sgd", freeze="nothing", switch_epoch=1, epochs=4, averaging=0.5)
    network = nn.Linear(6, 3)
    trainee = Trainee(network, nn.Identity(), network, 3, torch.device("cpu"))
    stepper, plain = (
        Stepper(trainee, one, 5) for one in (recipe, recipe.replace_from({"optimizer": "adamw", "switch_epoch": 0}))
    )

    def epoch(stepper: Stepper, number: int, loss: float) -> None:
        stepper.begin(number, 0, loss)
        for _step in range(5):
            functional.cross_entropy(network(torch.randn(8, 6)), torch.arange(8) % 3).backward()
            stepper.step()

    epoch(stepper, 1, math.nan)
    at_switch = network.weight.detach().clone()
    epoch(stepper, 2, 1.0)
    assert stepper.by_sgd and not torch.equal(network.weight, at_switch)
    kept = copy.deepcopy(stepper.state_dict())
    stepper.load_state_dict(kept)  # one that was stopped here goes on the same way
    stepper.begin(3, 0, 0.5 if better else 2.0)
    assert stepper.by_sgd == better and torch.equal(network.weight, at_switch) != better
    if not better:
        for number in (1, 2):
            epoch(plain, number, math.nan)
        plain.begin(3, 0, 1.0)
        assert stepper.rate == pytest.approx(plain.rate)  # where its schedule would be by now
    stepper.begin(4, 0, 9.0)  # it has proved itself, or is no more
    assert stepper.by_sgd == better


def test_lower_blocks_learn_slower_under_layer_decay_and_a_network_without_blocks_refuses_it() -> None:
    network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2))
    blocks = [list(network[0].parameters()), list(network[1].parameters())]
    recipe = Recipe(freeze="nothing", layer_decay=0.5, learning_rate=0.8)
    groups = make_optimizer(network, network[2], recipe, 1, 5, blocks).optimizer.param_groups
    rates = {id(p): group["initial_lr"] for group in groups for p in group["params"]}
    assert [rates[id(layer.weight)] for layer in network] == pytest.approx([0.2, 0.4, 0.8])
    assert len(rates) == 6 and groups[0]["initial_lr"] == 0.8
    with pytest.raises(BadcaseError, match="layer_decay"):
        make_optimizer(network, network[2], recipe, 1, 5)


def test_the_average_of_the_weights_is_judged_and_kept_while_the_weights_themselves_go_on() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average = Average(network, 0.5)
    with torch.no_grad():
        for value in (1.0, 2.0, 3.0):
            network[0].weight.fill_(value)
            network[1].num_batches_tracked += 1
            average.update()
    mean = network[0].weight.new_tensor(0)
    with average.instead():
        mean = network[0].weight.detach().clone()
        assert int(network[1].num_batches_tracked) == 3
    assert (mean < 3).all() and (mean > 2).all()
    assert (network[0].weight == 3).all()


def test_one_number_sets_every_dropout_and_a_network_without_any_refuses_it() -> None:
    from transformers import BertConfig, BertForSequenceClassification, ResNetConfig, ResNetForImageClassification

    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    bert = BertForSequenceClassification(BertConfig(vocab_size=20, **sizes))
    words, picture = {"input_ids": torch.ones(2, 3, dtype=torch.int64)}, {"pixel_values": torch.zeros(2, 3, 32, 32)}
    assert set_dropout(bert, 0.37, words) > 0
    assert {m.p for m in bert.modules() if isinstance(m, nn.Dropout)} == {0.37}
    resnet = ResNetForImageClassification(ResNetConfig(embedding_size=8, hidden_sizes=[8], depths=[1]))
    with pytest.raises(BadcaseError, match="dropout"):
        set_dropout(resnet, 0.5, picture)
    assert set_dropout(resnet, None, picture) == 0


class Passed(nn.Module):
    """Has a dropout, which it runs in training, at all times or never."""

    def __init__(self, runs: bool) -> None:
        super().__init__()
        self.runs, self.drop, self.norm, self.last = runs, nn.Dropout(0.1), nn.BatchNorm1d(4), nn.Linear(4, 2)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        features = self.norm(features)
        return self.last(self.drop(features) if self.runs and self.training else features)


def test_a_dropout_that_the_network_never_runs_refuses_the_knob_and_looking_for_it_teaches_nothing() -> None:
    """EfficientNet-Lite0 has such a one: the knob was taken, and changed no digit of a training."""
    example = {"features": torch.ones(2, 4)}
    with pytest.raises(BadcaseError, match="dropout"):
        set_dropout(Passed(runs=False), 0.5, example)
    network = Passed(runs=True).eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert set_dropout(network, 0.5, example) == 1
    assert not network.training and all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
