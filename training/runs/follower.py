"""The follower: what the other processes that share a training do while the first one leads it."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from badcase.distributed.team import team
from badcase.progress import Job
from badcase.project import Project
from badcase.training.data.run_spec import RunSpec
from badcase.training.data.training_set import TrainingSet
from badcase.training.loop.fit import fit, predict_shared
from badcase.training.loop.reproducible import repeatable
from badcase.training.network.setups import setup_for
from badcase.training.run_folder.failures import named_faults
from badcase.training.run_folder.resume_state import Stateful, read_state
from badcase.training.run_folder.run import Run
from badcase.training.run_folder.run_files import STATE
from badcase.trust.gate import take_over


class FollowerRun(Run):
    """A run in a process that follows: it measures, keeps and decides nothing, and has random numbers of its own."""

    def __init__(self, spec: RunSpec, classes: tuple[str, ...], state: Path | None) -> None:
        super().__init__(state or Path(), spec.recipe, [], classes)
        self._seed = spec.seed
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


def follow_training(
    path: Path, spec: RunSpec, training_set: TrainingSet, folder: Path | None, resumed: bool, answers: dict[str, str]
) -> Job[None]:
    """The part of the other processes in a training, and in whatever is predicted after it by `predict_shared`.

    Args:
        path: Of the project.
        spec: Of the run.
        training_set: What it learns from.
        folder: Of the run; None for a fold, which is no run of its own.
        resumed: Whether to go on from the state that lies there.
        answers: Which code the person trusts in the project.
    """
    take_over(path, answers)
    faults = nullcontext() if folder is None else named_faults(folder)
    with Project.open(path, attached=True) as project, faults, repeatable(spec.seed):
        setup = setup_for(spec, project, training_set)
        run = FollowerRun(spec, project.label_names, folder if resumed else None)
        yield from fit(setup.trainee, setup.splits(training_set), spec.recipe, run)
        while True:  # until the first one is done
            yield from predict_shared(setup, training_set.validation, "")
