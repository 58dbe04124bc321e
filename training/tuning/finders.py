"""Finders of the learning rate, by sweeps and probes, and of the batch size, by a stopwatch. They change nothing on the disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf, log2
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _, percent
from badcase.items.splits import together
from badcase.progress import Event, Job, Notice, Progress, changed_on_the_way
from badcase.training.data.run_spec import OuterFold, RunSpec
from badcase.training.diagnosis.remedies import main_rate
from badcase.training.loop.own_state import kept_apart
from badcase.training.loop.reproducible import repeatable
from badcase.training.recipe import KNOBS, Recipe
from badcase.training.recipe.enums import OptimizerName, Start, Validation
from badcase.training.runs.plan import resolve_recipe
from badcase.training.tuning.training_length import (
    AHEAD,
    FEWEST,
    FOLDS,
    Probe,
    ProbeSchedule,
    best_rate,
    lowest,
    reach,
    still_falls,
)

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.training.tuning.finder_steps import FinderBench

F = TypeVar("F")
# From far below any useful rate to where training falls apart, a hundred steps in all.
SWEEP, SWEEP_OF_SGD = (1e-7, 1.0), (1e-4, 10.0)
SWEEP_STEPS = 100
SLOWER, STEP = 2, 3.0  # times that probes are tried again at a lower rate; the factor between their rates
FALLEN = 0.1  # share of the whole fall of the loss at which the rate is read off
STILL = 0.1  # share of a sweep, its beginning, whose rates are too low to move the loss
SIZES = (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
GAIN = 1.1  # a doubled batch earns its place with a tenth more items a second
LEAST_STEPS = 2  # of a size: one that makes room, one that is timed
LIMIT = 600.0  # seconds of measuring, unless it is told otherwise
FEWEST_STEPS = 16  # an epoch of fewer steps learns too little, however fast it is


@dataclass(frozen=True, slots=True)
class Sweep:
    """The sweep of one seed.

    Attributes:
        seed: The seed.
        rates: (m,) rising.
        losses: (m,) the smoothed loss at each.
        pick: The rate that the rule picks.
    """

    seed: int
    rates: list[float]
    losses: list[float]
    pick: float


@dataclass(frozen=True, slots=True)
class RateFound:
    """A learning rate, and what speaks for it.

    Attributes:
        knob: learning_rate, or head_learning_rate where the recipe trains the head alone; `rate` goes there.
        rate: The learning rate.
        sweeps: One a seed.
        probes: None where there are too few items, or no rate held that far.
        cost: Of all, as a share of the work of one training to the last epoch.
        sentence: The same in words.
    """

    knob: str
    rate: float
    sweeps: list[Sweep]
    probes: list[Probe]
    cost: float
    sentence: str

    @property
    def changes(self) -> dict[str, float]:
        return {self.knob: self.rate}


@dataclass(frozen=True, slots=True)
class BatchFound:
    """sizes that were tried, with items a second at each, 0 where it did not fit; `size` is the pick."""

    size: int
    sizes: list[int]
    speeds: list[float]
    sentence: str

    @property
    def changes(self) -> dict[str, int]:
        return {"batch_size": self.size}


def find_rate(
    project: Project,
    recipe: Recipe | None = None,
    *,
    start: Start | str | None = None,
    seeds: int = 3,
    seed: int = 0,
    device: str | None = None,
    seconds: float = LIMIT,
    outer_fold: OuterFold | None = None,
) -> Job[RateFound]:
    """Find the learning rate of the last stage of a recipe, which trains all that it trains.

    A sweep raises the rate step by step until the loss blows up, from the weights that the stage begins with: it tells
    how fast the network learns. A probe then goes at a steady rate and looks at items that it does not learn from: it
    tells how far a training should go.

    Args:
        recipe: the default of the project where None.
        start: the first weights: "current", "pretrained" (where None) or "scratch".
        seeds: how many sweeps, and as many probes; their median is taken.
        seed: the first of them.
        device: the best there is where None.
        seconds: from when it can measure: a further sweep begins only where it should end within them, and no probe goes on
            after.
        outer_fold: the only items that may be seen; all where None.

    Source of the sweep: Smith 2015, https://arxiv.org/abs/1506.01186
    """
    project.require_writing()
    if seeds < 1:
        raise BadcaseError(_("a sweep needs at least one seed"), where="seeds", expected=_("1 or more"), got=seeds)
    recipe, start = resolve_recipe(project, recipe, start)

    def swept() -> Job[RateFound]:
        with repeatable(seed):
            yield Progress(_("Getting ready"))
            bench = yield from _bench(project, recipe, start, seed, device, outer_fold)
            ends = time.monotonic() + seconds  # the clock starts when it can measure
            return (yield from _showing_time(sweep_all(bench, recipe, range(seed, seed + seeds), ends), ends))

    return (yield from kept_apart(swept()))


def sweep_all(bench: FinderBench, recipe: Recipe, seeds: Sequence[int], ends: float = inf) -> Job[RateFound]:
    """The sweeps and probes of `find_rate` on a bench that is ready; `ends` is by time.monotonic."""
    yield from bench.warm_head()
    low, high = SWEEP_OF_SGD if recipe.optimizer == OptimizerName.SGD else SWEEP
    rates = np.geomspace(low, high, SWEEP_STEPS)
    sweeps: list[Sweep] = []
    took = 0.0
    for number, seed in enumerate(seeds):
        began = time.monotonic()
        if sweeps and began + took > ends:
            break
        name = _("Sweep {n} of {all}").format(n=number + 1, all=len(seeds))
        losses = yield from bench.sweep(rates, seed, name)
        pick = pick_rate(rates, losses, getattr(recipe, main_rate(recipe)))
        sweeps.append(Sweep(seed, rates[: len(losses)].tolist(), losses.tolist(), pick))
        took = time.monotonic() - began
    swept = float(np.median([one.pick for one in sweeps]))
    knob = main_rate(recipe)
    limits = KNOBS[knob]
    probes, bound = yield from _probe_all(bench, recipe, seeds, swept, ends, limits.high or inf)
    rate = float(f"{best_rate(probes, swept, bound) if probes else swept:.2g}")
    rate = min(max(rate, limits.low or rate), limits.high or rate)
    cost = bench.items_seen / (bench.items * recipe.epochs)
    return RateFound(knob, rate, sweeps, probes, cost, _sentence(limits.title, rate, sweeps, swept, probes, cost))


def _probe_all(
    bench: FinderBench, recipe: Recipe, seeds: Sequence[int], swept: float, ends: float, high: float
) -> Job[tuple[list[Probe], float]]:
    """A probe a seed, and the highest rate that they speak of; fewer by the end of time.

    At a third of the rate where they blow up, at three times as much while the loss still falls where they end: one probe
    goes ahead, and where it comes lower the others follow.
    """
    rate, probes, all_ = swept, list[Probe](), range(len(seeds))
    for slower in range(SLOWER + 1 if bench.items >= FEWEST else 0):
        rate = swept / STEP**slower
        probes = yield from _probes_at(bench, recipe, seeds, all_, rate, ends)
        if len(probes) == len(seeds) or time.monotonic() > ends:
            break
        probes = []
    ahead, reached = probes[:1], rate
    while still_falls(probes) and still_falls(ahead) and STEP * reached <= high:
        further = yield from _probes_at(bench, recipe, seeds, all_[:1], STEP * reached, ends)
        if not further or lowest(further) >= lowest(ahead):
            break
        ahead, reached = further, STEP * reached
    if reached > rate:
        followed = ahead + (yield from _probes_at(bench, recipe, seeds, all_[1:], reached, ends))
        if len(followed) == len(probes) and lowest(followed) < lowest(probes):
            return followed, reached
    return probes, rate


def _probes_at(
    bench: FinderBench, recipe: Recipe, seeds: Sequence[int], numbers: Iterable[int], rate: float, ends: float
) -> Job[list[Probe]]:
    """Probes, each with another part held out, as far as a training at this rate goes; those before one that blows up."""
    shares, probes = reach(recipe, bench.steps), list[Probe]()
    schedule = ProbeSchedule.of(AHEAD * rate, rate * shares)
    for number in numbers:
        seed = seeds[number // FOLDS]  # one division for as many probes as it has parts
        name = _("Probe {n} of {all}").format(n=number + 1, all=len(seeds))
        losses = yield from bench.probe(schedule, seed, number, name, ends)
        if not losses:
            break
        probes.append(Probe(seed, (schedule.distances[: len(losses)] / shares).tolist(), losses))
    return probes


def _sentence(title: str, rate: float, sweeps: Sequence[Sweep], swept: float, probes: Sequence[Probe], cost: float) -> str:
    picks = ", ".join(f"{one.pick:.2g}" for one in sweeps)
    if not probes:
        said = _("{title} {rate:g}: the median of {picks}, the rates from which the loss falls steadily.")
    elif rate > float(f"{swept:.2g}"):
        said = _(
            "{title} {rate:g}: the loss falls steadily from {picks} on, and a whole training at this higher rate ends with the "
            "lowest loss on held-out items."
        )
    elif rate < float(f"{swept:.2g}"):
        said = _(
            "{title} {rate:g}: a whole training at this rate ends with the lowest loss on held-out items; the loss falls "
            "steadily from {picks} on."
        )
    else:
        said = _(
            "{title} {rate:g}: the median of {picks}, the rates from which the loss falls steadily; a whole training at "
            "this rate is not too fast for held-out items either."
        )
    said += " " + _("Finding it cost {cost} of a training.")
    return said.format(title=title, rate=rate, picks=picks, cost=percent(cost))


def pick_rate(rates: npt.NDArray[np.float64], losses: npt.NDArray[np.float64], usual: float) -> float:
    """The rate from which on the smoothed loss has made a tenth of its fall.

    Reading off a level is steadier than the steepest point, which noise moves by decades, and than the lowest one, which the
    end of a flat valley decides. The tenth is measured: against a grid of trainings on real sets with wrong labels, half of
    the fall gives rates that learn the wrong labels too.

    Args:
        rates: (m or more,) rising.
        losses: (m,) smoothed.
        usual: What it is where the loss is lowest under rates that are too low to learn: a sweep may be too short for a network
            from scratch, and its lowest loss is then chance.
    """
    # The level: the median loss of the first rates, which are too low to learn, less a tenth of the way to the lowest loss.
    lowest = int(np.argmin(losses))
    if lowest <= STILL * len(rates):
        return usual
    still = float(np.median(losses[: max(1, int(STILL * len(losses)))]))
    level = still - FALLEN * (still - losses[lowest])
    above = np.flatnonzero(losses[:lowest] > level)
    return float(rates[above[-1] + 1] if len(above) else rates[0])


def find_batch(
    project: Project,
    recipe: Recipe | None = None,
    *,
    start: Start | str | None = None,
    seed: int = 0,
    device: str | None = None,
    seconds: float = LIMIT,
    outer_fold: OuterFold | None = None,
) -> Job[BatchFound]:
    """Find the largest batch that fits into memory and still raises the items a second: 8, or a multiple of 16.

    Batch size decides speed; what it does to quality a new learning rate makes up for, so `find_rate` comes after it.

    Args:
        recipe: the default of the project where None.
        start: the first weights: "current", "pretrained" (where None) or "scratch".
        seed: of the steps that are timed.
        device: the best there is where None.
        seconds: from when it can measure: a larger batch is tried only where two steps of it should end within them. The
            batch of the recipe stays where that is too soon to say.
        outer_fold: the only items that may be seen; all where None.

    Raises:
        BadcaseError: a batch of 8 items does not fit.

    Source: Shallue et al. 2018, https://arxiv.org/abs/1811.03600
    """
    project.require_writing()
    recipe, start = resolve_recipe(project, recipe, start)

    def timed() -> Job[BatchFound]:
        with repeatable(seed):
            yield Progress(_("Getting ready"))
            bench = yield from _bench(project, recipe, start, seed, device, outer_fold)
            ends = time.monotonic() + seconds  # the clock starts when it can measure
            return (yield from _showing_time(time_all(bench, recipe, ends), ends))

    return (yield from kept_apart(timed()))


def _showing_time(job: Job[F], ends: float) -> Job[F]:
    """The same job, each step of which says how much time was left when it began."""
    names: dict[str, str] = {}

    def told(event: Event) -> Event:
        if not isinstance(event, Progress) or not event.name or ends == inf:
            return event
        if event.name not in names:
            left = max(0.0, ends - time.monotonic())
            names[event.name] = _("{step}, {seconds:.0f} s left").format(step=event.name, seconds=left)
        return replace(event, name=names[event.name])

    return changed_on_the_way(job, told)


def _bench(
    project: Project, recipe: Recipe, start: Start, seed: int, device: str | None, outer_fold: OuterFold | None
) -> Job[FinderBench]:
    from badcase.training.network.setups import setup_for
    from badcase.training.tuning.finder_steps import FinderBench

    assert project.predictions.current is not None, "resolve_recipe() has seen to it"
    within = None if outer_fold is None else outer_fold.items
    spec = RunSpec(recipe, start, seed, project.revision, project.predictions.current, device, within=within)
    spec = yield from spec.weighed(project)
    training_set = spec.training_set(project)
    setup = setup_for(spec, project, training_set)
    groups = None if recipe.validation == Validation.STRATIFIED else project.items.groups
    units = together(project.items.twins, groups)[training_set.train.items]
    return FinderBench(setup.trainee, setup.fetch, training_set.train, recipe, setup.threads, units, setup.quiet_batch)


def time_all(bench: FinderBench, recipe: Recipe, ends: float = inf) -> Job[BatchFound]:
    """The stopwatch of `find_batch` on a bench that is ready; `ends` is by time.monotonic."""
    most = max(SIZES[0], bench.items // (FEWEST_STEPS * recipe.accumulate))
    waiting = [size for size in SIZES if size <= most]
    speeds: dict[int, float] = {}
    best, why = 0, _("the largest that still gives an epoch {n} steps").format(n=FEWEST_STEPS)
    while waiting:
        size = waiting.pop(0)
        if best and time.monotonic() + LEAST_STEPS * size * recipe.accumulate / speeds[best] > ends:
            unfit = [size for size, speed in speeds.items() if not speed]
            if recipe.batch_size < min(unfit, default=recipe.batch_size + 1):
                best = max(best, recipe.batch_size)  # what is not refuted stays
            why = _("the time for it ran out")
            break
        yield Progress(_("Timing batches of {n}").format(n=size), len(speeds), len(speeds) + len(waiting) + 1)
        speeds[size] = speed = yield from bench.speed(size, ends)
        if not speed:
            yield Notice(_("A batch of {n} items does not fit into the memory of the device.").format(n=size))
            why = _("a larger one does not fit into memory")
            between = (best + size) // 2 // 16 * 16
            waiting = [between] if best < between < size == 2 * best else []
        elif best and speed < speeds[best] * GAIN ** log2(size / best):
            why = _("a larger one is hardly faster")
            break
        else:
            best = size
    if not best:
        raise BadcaseError(
            _("the device runs out of memory with a batch of {n} items").format(n=SIZES[0]),
            where="batch_size",
            hint=_("Use --device cpu, a smaller model, or smaller inputs."),
        )
    tried = ", ".join(f"{size}: {speed:.0f}/s" for size, speed in speeds.items())
    sentence = _("Batch size {n}: {why} ({tried}).").format(n=best, why=why, tried=tried)
    return BatchFound(best, list(speeds), list(speeds.values()), sentence)


FINDERS: dict[str, Callable[..., Job[RateFound | BatchFound]]] = {"batch": find_batch, "rate": find_rate}
