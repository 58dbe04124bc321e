"""Compile the passes of a network where the stopwatch says that it pays within this training. Importing this loads no torch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from badcase.i18n import _
from badcase.out_of_memory import is_out_of_memory
from badcase.progress import Event, Job, Notice, Progress, changed_on_the_way

if TYPE_CHECKING:
    from badcase.training.data.training_set import TrainingSet
    from badcase.training.network.setups import Setup

COMPILED = "compiled"  # in meta.json: whether the passes of a run were; one that is resumed goes on the same way
GRAPHS = 2  # that are compiled: one that learns and is measured here, and one that only looks


def compile_where_it_pays(
    setup: Setup, training_set: TrainingSet, *, decided: bool | None = None, backend: str | Callable[..., Any] = "inductor"
) -> Job[bool]:
    """Compile the network of a setup where the recipe wants it and it pays; returns whether it is compiled.

    A few steps are timed both ways; compiling pays where what it costs is less than what it saves over all epochs of the
    recipe. Weights and random numbers are as before. Where the machine cannot compile, a notice says why.

    Args:
        setup: What is trained.
        training_set: What it learns from.
        decided: What was found before, which is not asked again.
        backend: As `torch.compile` takes it.
    """
    if not setup.recipe.compile or decided is False:
        return False
    import torch

    from badcase.distributed.team import team

    network = setup.trainee.network
    plain = network.__dict__.get("forward")  # of its own, beside that of its class
    compiled = torch.compile(network.forward, backend=backend)
    if decided:
        network.forward = compiled
        return True
    if team().world > 1:
        yield Notice(_("Nothing is compiled where several processes share a training: each would time only its own share."))
        return False
    try:
        said, pays = yield from _timed(setup, training_set, compiled)
    except Exception as error:
        if is_out_of_memory(error):
            raise
        inner = getattr(error, "inner_exception", error)  # torch tells at length what it was doing
        reason = f"{type(inner).__name__}: {str(inner).strip().partition(chr(10))[0]}"
        said, pays = _("This machine cannot compile the network, so it runs as it is: {reason}").format(reason=reason), False
    yield Notice(said)
    if not pays:
        network.__dict__.pop("forward", None)
        if plain is not None:
            network.forward = plain
    return pays


def _timed(setup: Setup, training_set: TrainingSet, compiled: Callable[..., Any]) -> Job[tuple[str, bool]]:
    """What the stopwatch says of both ways, in words, and whether compiling pays; the network is left compiled."""
    from badcase.models.random_state import RandomState
    from badcase.training.tuning.finder_steps import FinderBench

    recipe, numbers = setup.recipe, RandomState.now()
    bench = FinderBench(setup.trainee, setup.fetch, training_set.train, recipe, setup.threads)

    def named(event: Event) -> Event:
        return replace(event, name=_("Timing steps, as they are and compiled")) if isinstance(event, Progress) else event

    try:
        before = yield from changed_on_the_way(bench.speed(recipe.batch_size), named)
        setup.trainee.network.forward = compiled
        began, seen = time.perf_counter(), bench.items_seen
        after = yield from changed_on_the_way(bench.speed(recipe.batch_size), named)
        passed = time.perf_counter() - began
    finally:
        numbers.put_back()
    if not before or not after:
        return _("There is no room to time compiled steps, so the network runs as it is."), False
    cost = GRAPHS * max(0.0, passed - (bench.items_seen - seen) / after)
    return worth(before, after, cost, len(training_set.train) * recipe.epochs)


def worth(before: float, after: float, cost: float, items: float) -> tuple[str, bool]:
    """Whether compiling pays, in words too.

    Args:
        before: Items a second as they are.
        after: The same compiled.
        cost: Seconds of compiling.
        items: How many are to be learnt from, epochs counted.
    """
    saved = items / before - items / after
    pays = saved > cost
    said = _("The network is compiled: that takes about {cost:.0f} s and saves {saved:.0f} s of this training.")
    if not pays:
        said = _("The network is not compiled: that would take about {cost:.0f} s and save {saved:.0f} s of this training.")
    return said.format(cost=cost, saved=max(0.0, saved)), pays
