"""What the processes that share a training exchange at each step, and what the others do while the first one trains.

Every batch of the recipe is split among them, so a recipe means the same however many there are. The gradient is summed
once a step, before it is clipped, and not by torch's DistributedDataParallel: that sums at every backward pass, while
a step here has several where a recipe accumulates or memory is short, and it would be wrapped anew where a stage opens
more layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from badcase.distributed.team import team
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job
from badcase.training.data.batches import Batches
from badcase.training.network.trainee import Seen
from badcase.training.run_folder.failures import named_faults
from badcase.training.run_folder.resume_state import Stateful, read_state
from badcase.training.run_folder.run import STATE, Run

if TYPE_CHECKING:
    from badcase.training.data.run_spec import RunSpec
    from badcase.training.data.training_set import TrainingSet

SHARE = 2  # items; batch norm needs two to have a spread


def require_shares(batches: Batches) -> None:
    """BadcaseError where a batch is too small to be split among the processes."""
    smallest = len(batches.rows) // max(len(batches), 1)  # batches are of nearly equal size
    if batches.world > 1 and smallest < SHARE * batches.world:
        raise BadcaseError(
            _("a batch is too small to be shared by {n} processes").format(n=batches.world),
            where="batch_size",
            expected=_("{n} items or more").format(n=SHARE * batches.world),
            got=smallest,
            hint=_("Use fewer processes or a larger batch_size."),
        )


def put_together(network: nn.Module, seen: list[Seen]) -> Tensor:
    """Make the gradient that of the whole step, where several processes have each seen a part of it.

    Returns (2,): the sum of the item losses, and the objective, of the whole step. Batch norm normalizes each share by
    itself, as each GPU does elsewhere; its running statistics become the mean of theirs, so that all stay the same network.
    """
    total = torch.stack([one.losses.sum() for one in seen]).sum()
    sums = torch.stack([total, torch.stack([one.objective for one in seen]).mean()])
    together = team()
    if together.world > 1:
        statistics = list(_statistics(network))
        for value in statistics:
            value /= together.world
        together.sum([sums, *_gradients(network), *statistics])
    return sums


def _gradients(network: nn.Module) -> Iterator[Tensor]:
    """Of what is trained; zero where this process's share did not reach a parameter."""
    for parameter in network.parameters():
        if parameter.requires_grad:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            yield parameter.grad


def _statistics(network: nn.Module) -> Iterator[Tensor]:
    for module in network.modules():
        if isinstance(module, _BatchNorm) and module.training and module.running_mean is not None:
            assert module.running_var is not None, "the two come together"
            yield from (module.running_mean, module.running_var)


class Followed(Run):
    """A run in a process that follows: it measures, keeps and decides nothing, and has random numbers of its own."""

    def __init__(self, terms: RunSpec, classes: tuple[str, ...], state: Path | None) -> None:
        super().__init__(state or Path(), terms.recipe, [], classes)
        self._seed = terms.seed
        self._state = None if state is None else read_state(state / STATE)

    def passed(self, number: int, **parts: Stateful) -> bool:
        passed = super().passed(number, **parts)
        # Other masks of dropout than in the other processes, and the same again when the run is resumed or repeated.
        torch.manual_seed(int(np.random.SeedSequence((self._seed, number, team().rank)).generate_state(1)[0]))
        return passed

    def should_stop(self) -> bool:
        return False

    def watch(self, losses: npt.NDArray[np.float32], margins: npt.NDArray[np.float32]) -> None:
        pass

    def record(self, logits: npt.NDArray[Any], labels: npt.NDArray[np.int64], **learnt: float) -> dict[str, float]:
        return {}

    def keep_if_best(self, network: nn.Module) -> None:
        pass

    def keep_state(self, **parts: Stateful) -> None:
        pass

    def restore(self, network: nn.Module) -> None:
        pass


def follow_training(path: Path, terms: RunSpec, training_set: TrainingSet, folder: Path | None, resumed: bool) -> Job[None]:
    """The part of the other processes in a training, and in whatever is predicted after it by `predict_shared`.

    folder: of the run; None for a fold, which is no run of its own.
    """
    from badcase.project import Project
    from badcase.training.loop.fit import fit, predict_shared
    from badcase.training.runs.train import repeatable

    faults = nullcontext() if folder is None else named_faults(folder)
    with Project.open(path, attached=True) as project, faults, repeatable(terms.seed):
        setup = terms.setup(project, training_set)
        run = Followed(terms, project.label_names, folder if resumed else None)
        yield from fit(setup.trainee, setup.splits(training_set), terms.recipe, run)
        while True:  # until the first one is done
            yield from predict_shared(setup, training_set.validation, "")
