"""The stepper moves the weights: optimizer, schedule, clipping, the switch to SGD, and the average that is kept."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD
from torch.optim.lr_scheduler import LambdaLR

from badcase.training.loop.optimizers import make_optimizer, sgd_at, to_sgd
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import OptimizerName
from badcase.training.recipe.unfreezing_stages import last_start, stages

STALLED = 2  # epochs without a better checkpoint after which Adam gives way to SGD


class Average:
    """A running mean of all weights and statistics of a network: each step it keeps `decay` of what it was.

    It begins with a shorter memory, (1 + t) / (10 + t) after t steps, so that the first weights are soon forgotten.
    Source: Polyak and Juditsky 1992, https://doi.org/10.1137/0330046, in its exponential form.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._network, self._decay, self._steps = network, decay, 0
        self._mean = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self) -> None:
        self._steps += 1
        kept = min(self._decay, (1 + self._steps) / (10 + self._steps))
        for name, value in self._network.state_dict().items():
            if value.dtype.is_floating_point:
                self._mean[name].lerp_(value, 1 - kept)
            else:
                self._mean[name].copy_(value)

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self._steps, "mean": self._mean}

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        self._steps = state["steps"]
        for name, value in state["mean"].items():
            self._mean[name].copy_(value)

    @contextmanager
    def instead(self) -> Iterator[None]:
        """Within it the network has the mean of its weights."""
        own = {name: value.detach().clone() for name, value in self._network.state_dict().items()}
        self._network.load_state_dict(self._mean)
        try:
            yield
        finally:
            self._network.load_state_dict(own)


class Stepper:
    """Takes the steps of one training, of which there are `steps` in an epoch."""

    def __init__(self, trainee: Trainee, recipe: Recipe, steps: int) -> None:
        self._trainee, self._recipe, self._steps = trainee, recipe, steps
        self._average = Average(trainee.network, recipe.averaging) if recipe.averaging else None
        self._switched = recipe.optimizer != OptimizerName.ADAM_THEN_SGD
        self._before: dict[str, Any] | None = None  # how all stood at the switch, while it has yet to prove itself
        self._schedule: LambdaLR
        self._parameters: list[nn.Parameter]

    def begin(self, epoch: int, waited: int, loss: float) -> None:
        """Get ready for an epoch.

        Args:
            epoch: From 1.
            waited: How many have passed since the best checkpoint.
            loss: Of the validation items after the last one; NaN before the first.
        """
        recipe, trainee = self._recipe, self._trainee
        if self._before is not None:
            self._keep_the_better(loss)
        if epoch in stages(recipe):
            self._schedule = make_optimizer(trainee.network, trainee.head, recipe, epoch, self._steps, trainee.groups)
        elif not self._switched and epoch > last_start(recipe) and self._is_time(epoch, waited):
            self._before = self._standing(loss)
            self._schedule, self._switched = to_sgd(self._schedule, recipe), True
        self._parameters = [p for group in self._schedule.optimizer.param_groups for p in group["params"]]

    def _is_time(self, epoch: int, waited: int) -> bool:
        at = self._recipe.switch_epoch
        return epoch > at if at else waited >= STALLED

    def _standing(self, loss: float) -> dict[str, Any]:
        """A copy of all that SGD will change, and the loss of the validation items."""
        parts = {"network": self._trainee.network.state_dict(), "optimizer": self._schedule.optimizer.state_dict()}
        if self._average is not None:
            parts["average"] = self._average.state_dict()
        return copy.deepcopy(parts | {"schedule": self._schedule.state_dict(), "loss": loss})

    def _keep_the_better(self, loss: float) -> None:
        """An epoch of SGD has passed: where it made things worse, all is as before it, and AdamW goes on to the end."""
        before, self._before = self._before, None
        assert before is not None
        if loss <= before["loss"]:
            return
        passed = self._schedule.last_epoch
        recipe, trainee = self._recipe, self._trainee
        trainee.network.load_state_dict(before["network"])
        self._schedule = make_optimizer(trainee.network, trainee.head, recipe, last_start(recipe), self._steps, trainee.groups)
        schedule, optimizer = self._schedule, self._schedule.optimizer
        optimizer.load_state_dict(before["optimizer"])
        rates = [top * share(passed) for top, share in zip(schedule.base_lrs, schedule.lr_lambdas, strict=True)]
        schedule.load_state_dict(before["schedule"] | {"last_epoch": passed, "_last_lr": rates})  # it is further than it was
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        if self._average is not None:
            self._average.load_state_dict(before["average"])

    @property
    def by_sgd(self) -> bool:
        return isinstance(self._schedule.optimizer, SGD)

    @property
    def rate(self) -> float:
        """Of the next step, the largest where layers differ."""
        return float(self._schedule.get_last_lr()[0])

    def clip(self) -> Tensor:
        """Shorten the gradient where the recipe says so; returns its norm () before that."""
        precision, most = self._trainee.precision, self._recipe.gradient_clip or torch.inf
        return precision.clip(self._schedule.optimizer, self._parameters, most)

    def step(self) -> None:
        """Take the step; one that half precision could not hold is left out, and nothing moves."""
        if not self._trainee.precision.step(self._schedule.optimizer):
            return
        self._schedule.step()
        if self._average is not None:
            self._average.update()

    def state_dict(self) -> dict[str, Any]:
        """All of it that a step changes."""
        optimizer = self._schedule.optimizer
        return {
            "switched": self._switched,
            "before": self._before,
            "sgd": self.by_sgd,
            "optimizer": optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "precision": self._trainee.precision.state_dict(),
            "average": None if self._average is None else self._average.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        """Go on from a state of the epoch that was begun."""
        if state["sgd"] and not isinstance(self._schedule.optimizer, SGD):
            self._schedule = sgd_at(self._schedule, 1.0, self._recipe)
        self._switched, self._before = state["switched"], state.get("before")
        self._schedule.optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._trainee.precision.load_state_dict(state.get("precision", {}))
        if self._average is not None:
            self._average.load_state_dict(state["average"])

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Within it the network has the weights that are judged and kept: the average where there is one."""
        if self._average is None:
            yield
        else:
            with self._average.instead():
                yield
