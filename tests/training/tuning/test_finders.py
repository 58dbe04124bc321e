"""The finders: a rate by a sweep, a batch size by a stopwatch; they follow the stages and leave the project alone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn

from badcase.errors import BadcaseError
from badcase.i18n import percent
from badcase.progress import Notice, finish
from badcase.project import Project
from badcase.training.data.training_set import TrainingRows
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.runs.train import train_in_steps
from badcase.training.tuning.finder_steps import FinderBench, smoothed
from badcase.training.tuning.finders import find_batch, find_rate, pick_rate, sweep_all, time_all
from badcase.training.tuning.training_length import ProbeSchedule, parts
from tests.badcase.prediction.projects import image_project, trained_image_model
from tests.training.projects import noisy_project, take


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _truth = noisy_project(tmp_path_factory.mktemp("finders"), 600, wrong=0.1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("images")
    project = image_project(folder, 60)
    trained_image_model(folder / "model", folder / "data")
    project.predict(str(folder / "model"))
    yield project
    project.close()


def test_the_rate_that_is_found_trains_as_well_as_the_best_of_a_grid(texts: Project) -> None:
    found = finish(find_rate(texts))
    assert found.knob == "learning_rate" and len(found.sweeps) == len(found.probes) == 3
    swept = np.median([sweep.pick for sweep in found.sweeps])
    assert 0.1 * swept <= found.rate * 1.05 <= 1.1 * max(found.probes[0].rates) and f"{found.rate:g}" in found.sentence
    assert 0 < found.cost < 2 and percent(found.cost) in found.sentence
    for sweep in found.sweeps:
        assert len(sweep.rates) == len(sweep.losses) and sweep.rates[0] <= sweep.pick <= sweep.rates[-1]
    assert texts.runs.all()[-1].kind == "initial"  # nothing is kept
    head = PRESETS["linear-head"]

    def accuracy(rate: float) -> float:
        return float(finish(train_in_steps(texts, head.replace_from({"learning_rate": rate}))).metrics["accuracy"])

    best = max(accuracy(rate) for rate in (1e-2, 1.0, 10.0))
    assert accuracy(found.rate) >= best - 0.01


def test_the_same_seed_finds_the_same_rate_and_what_cannot_be_is_refused(texts: Project) -> None:
    assert finish(find_rate(texts, seeds=1)) == finish(find_rate(texts, seeds=1))
    with pytest.raises(BadcaseError, match="seeds"):
        finish(find_rate(texts, seeds=0))


@pytest.mark.parametrize("size", [1.0, 100.0])
def test_a_rule_by_levels_finds_the_beginning_of_the_fall_whatever_the_noise(size: float) -> None:
    rates = np.geomspace(1e-6, 1, 100)
    curve = size * (2 - 1.5 / (1 + (1e-3 / rates) ** 2) + 4 * (rates > 0.1) * np.log10(rates / 0.1))
    noisy = [smoothed(curve + size * 0.1 * np.random.default_rng(seed).normal(size=100)) for seed in range(20)]
    picks = [pick_rate(rates, losses, 0.01) for losses in noisy]
    assert 1e-4 < np.median(picks) < 5e-3
    assert np.std(np.log10(picks)) < 0.4


def test_a_sweep_in_which_nothing_is_learnt_leaves_the_rate_of_the_recipe() -> None:
    """From scratch its lowest loss was chance, at the seventh of a hundred rates: a network was to be trained at 3e-7."""
    rates = np.geomspace(1e-7, 1, 100)
    losses = smoothed(2.3 + np.where(np.arange(100) == 6, -0.5, 0.0) + 5 * (rates > 0.1))
    assert pick_rate(rates, losses, 2e-3) == 2e-3


def overfitted(seed: int, n: int = 400, head: nn.Linear | None = None) -> FinderBench:
    """A linear head on features of which two speak and sixty are noise, with a third of the labels wrong."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    features = rng.normal(size=(n, 62)).astype(np.float32)
    features[:, :2] += 2 * labels[:, None]
    given = np.where(rng.random(n) < 0.33, 1 - labels, labels)
    head = head or nn.Linear(62, 2)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)  # whatever was drawn before
    inputs = torch.from_numpy(features / 8)
    trainee = Trainee(head, head, lambda batch: head(batch["x"]), 2, torch.device("cpu"))
    return FinderBench(trainee, lambda items: {"x": inputs[items]}, TrainingRows(np.arange(n), given), HEAD)


HEAD = PRESETS["linear-head"].replace_from({"batch_size": 16, "epochs": 40})


def test_where_a_whole_training_would_learn_by_heart_the_rate_is_lower_than_the_sweeps() -> None:
    head = nn.Linear(62, 2)
    bench = overfitted(0, head=head)
    found = finish(sweep_all(bench, HEAD, range(3)))
    swept = np.median([sweep.pick for sweep in found.sweeps])
    assert found.rate < 0.6 * swept and "held-out" in found.sentence
    for probe in found.probes:  # each saw its loss turn
        assert min(probe.losses) < probe.losses[-1] and np.all(np.diff(probe.rates) > 0)
    before = [value.clone() for value in head.state_dict().values()]
    finish(bench.probe(ProbeSchedule.of(1.0, 100.0), 0, 0, ""))
    assert all(map(torch.equal, before, head.state_dict().values()))  # it leaves no trace


def test_where_held_out_items_gain_to_the_end_of_a_probe_the_rate_goes_beyond_the_sweeps() -> None:
    """A probe ended where a training at the sweep's rate does: on clean labels a whole decade of better rates lay behind it."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 400)
    inputs = torch.from_numpy((np.eye(4)[labels] + rng.normal(0, 0.2, (400, 4))).astype(np.float32) / 2)
    head = nn.Linear(4, 4)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    trainee = Trainee(head, head, lambda batch: head(batch["x"]), 4, torch.device("cpu"))
    bench = FinderBench(trainee, lambda items: {"x": inputs[items]}, TrainingRows(np.arange(400), labels), HEAD)
    found = finish(sweep_all(bench, HEAD, range(3)))
    swept = np.median([sweep.pick for sweep in found.sweeps])
    assert found.rate > 2.5 * swept and "higher rate" in found.sentence and found.cost < 3
    assert len(found.probes) == 3 and max(found.probes[0].rates) >= 0.95 * found.rate
    best = finish(sweep_all(bench, HEAD, range(3), ends=time.monotonic() - 1))
    assert best.probes == [] and best.rate < 1.1 * swept  # no time to look further


def test_no_probe_repeats_another() -> None:
    probes = finish(sweep_all(overfitted(0), HEAD, range(4))).probes
    assert len({tuple(probe.losses) for probe in probes}) == 4


def test_items_that_belong_together_are_held_out_together_and_every_item_once() -> None:
    units = np.random.default_rng(7).integers(0, 90, 300)
    place = parts(units, 0)
    assert all(len(set(place[units == unit])) == 1 for unit in set(units.tolist()))
    assert set(place.tolist()) == {0, 1, 2} and np.bincount(place).min() > 60


def test_a_probe_whose_loss_blows_up_says_nothing_and_the_rate_falls_back() -> None:
    bench = overfitted(0)
    assert finish(bench.probe(ProbeSchedule.of(1e6, 1e8), 0, 0, "")) == []
    for rate in (1e38, np.inf):  # only the last step does
        assert finish(bench.probe(ProbeSchedule(np.array([0.01] * 5 + [rate]), np.array([3, 6])), 0, 0, "")) == []
    few = overfitted(0, 10)
    found = finish(sweep_all(few, HEAD, range(2)))
    assert found.probes == [] and found.rate == pytest.approx(np.median([one.pick for one in found.sweeps]), rel=0.05)
    late = finish(sweep_all(overfitted(0), HEAD, range(2), ends=0.0))
    assert late.probes == [] and late.rate > 0


def test_a_sweep_finds_the_rate_of_the_stage_that_trains_the_most(images: Project) -> None:
    recipe = Recipe(epochs=4, head_epochs=1, batch_size=16)
    assert finish(find_rate(images, recipe, seeds=1)).knob == "learning_rate"
    frozen = Recipe(epochs=4, freeze="backbone", batch_size=16)
    assert finish(find_rate(images, frozen, seeds=1)).knob == "head_learning_rate"


def small_trainee(network: nn.Module) -> Trainee:
    head = nn.Linear(8, 3)
    whole = nn.Sequential(network, head)
    return Trainee(whole, head, lambda inputs: whole(inputs["x"]), 3, torch.device("cpu"), [list(network.parameters())])


FEATURES = torch.from_numpy(np.random.default_rng(0).normal(size=(1200, 8)).astype(np.float32))
ROWS = TrainingRows(np.arange(1200), np.random.default_rng(1).integers(0, 3, 1200))


def test_a_head_comes_first_as_the_recipe_says_and_a_sweep_leaves_no_trace() -> None:
    trainee = small_trainee(nn.Linear(8, 8))
    below, head = trainee.network[0].weight.detach().clone(), trainee.head.weight.detach().clone()
    bench = FinderBench(trainee, lambda items: {"x": FEATURES[items]}, ROWS, Recipe(epochs=4, head_epochs=2))
    finish(bench.warm_head())
    assert torch.equal(trainee.network[0].weight, below) and not torch.equal(trainee.head.weight, head)
    warmed = trainee.head.weight.detach().clone()
    losses = finish(bench.sweep(np.geomspace(1e-5, 1, 50), 0, ""))
    assert losses[-1] != losses[0]
    assert torch.equal(trainee.head.weight, warmed) and torch.equal(trainee.network[0].weight, below)
    finish(bench.speed(16))
    assert torch.equal(trainee.head.weight, warmed)


class Roomy(nn.Module):
    """A layer on a device whose memory holds so many items at once."""

    def __init__(self, holds: int) -> None:
        super().__init__()
        self.holds, self.layer = holds, nn.Linear(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if len(x) > self.holds:
            raise torch.OutOfMemoryError("no room")
        return torch.relu(self.layer(x))


@pytest.mark.parametrize(("holds", "fits", "too_much"), [(20, 16, 32), (50, 48, 64)])
def test_a_batch_that_does_not_fit_is_said_and_a_smaller_one_taken(
    holds: int, fits: int, too_much: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("badcase.training.tuning.finders.GAIN", 0.0)  # speed must not decide here
    recipe = Recipe(epochs=4, freeze="nothing", batch_size=16).settled("image")
    bench = FinderBench(small_trainee(Roomy(holds)), lambda items: {"x": FEATURES[items]}, ROWS, recipe)
    job, notices = time_all(bench, recipe), []
    while True:
        try:
            event = next(job)
        except StopIteration as stop:
            found = stop.value
            break
        notices += [event.text] if isinstance(event, Notice) else []
    assert found.size == fits and found.speeds[found.sizes.index(too_much)] == 0
    assert any(str(too_much) in text and "memory" in text for text in notices) and "memory" in found.sentence


class Slow(Roomy):
    """A layer that takes as long for many items as for few."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        time.sleep(0.03)
        return super().forward(x)


def test_a_stopwatch_whose_time_is_up_leaves_the_batch_of_the_recipe_and_says_so() -> None:
    """The smallest won because the clock had run out before another was timed."""
    recipe = Recipe(epochs=4, freeze="nothing", batch_size=16).settled("image")
    bench = FinderBench(small_trainee(Slow(2000)), lambda items: {"x": FEATURES[items]}, ROWS, recipe)
    assert finish(time_all(bench, recipe)).sizes == [8, 16, 32, 64]
    began = time.monotonic()
    found = finish(time_all(bench, recipe, began + 0.01))
    assert found.sizes == [8] and found.speeds[0] > 0 and found.size == 16
    assert "time for it ran out" in found.sentence


def test_the_clock_of_a_finder_starts_when_it_can_measure_and_shows_the_time_left(texts: Project) -> None:
    for job in (find_batch(texts, seconds=50), find_rate(texts, seconds=50)):
        assert next(job).name == "Getting ready"
        time.sleep(1)  # as a ranking takes, or a large network
        names = []
        while not any("left" in name for name in names):
            names.append(next(job).name)
        assert names[-1].endswith("50 s left")
        job.close()


def test_further_sweeps_begin_only_where_there_is_time_for_them(texts: Project) -> None:
    assert len(finish(find_rate(texts, seconds=0)).sweeps) == 1
    assert len(finish(find_rate(texts, seeds=2, seconds=1e6)).sweeps) == 2


def test_the_batch_that_is_found_is_the_fastest_worth_having(texts: Project) -> None:
    found = finish(find_batch(texts))
    assert found.size == 8 or found.size % 16 == 0
    assert found.speeds[found.sizes.index(found.size)] > 0 and str(found.size) in found.sentence
    train_items = int((texts.split == 0).sum())
    assert found.size * 16 <= train_items  # an epoch keeps some steps


def test_a_finder_can_be_cancelled_between_any_two_steps(texts: Project) -> None:
    for job in (find_rate(texts), find_batch(texts)):
        take(job, 6)
        job.close()
    assert finish(find_rate(texts, seeds=1)).rate > 0
