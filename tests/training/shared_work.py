"""What two processes do for test_team.py: started as `python -m tests.training.pair tests.training.shared_work FOLDER`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from badcase.distributed.process_group import joined
from badcase.errors import BadcaseError
from badcase.progress import Progress, finish
from badcase.project import Project
from badcase.training.recipe import Recipe
from badcase.training.run_folder.user_function import trust_typed
from badcase.training.runs.train import train_in_steps

NETWORK = Recipe(
    epochs=3,
    head_epochs=1,
    learning_rate=3e-3,
    batch_size=8,
    accumulate=2,
    dropout=0.0,
    gradient_clip=1.0,
    label_smoothing=0.0,
    flip=False,
    crop=0.0,
    class_weights="balanced",
)
NORMED = NETWORK.replace_from(
    {"epochs": 5, "freeze": "nothing", "dropout": None, "batch_size": 24, "accumulate": 1, "learning_rate": 1e-3}
)  # of a network with batch norm
FOLDS = Recipe(method="linear_head", epochs=6, batch_size=16, validation="stratified", folds=2, label_smoothing=0.0)
CHECKED = NETWORK.replace_from({"epochs": 1, "freeze": "nothing", "checks": 3, "accumulate": 1, "schedule": "cosine"})
LOSSES = "tests.training.shared_work"


def second_fails(logits: Tensor, targets: Tensor) -> Tensor:
    """A loss of which the second process cannot compute the gradient, which nobody foresees."""
    losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    if os.environ.get("RANK") == "1" and losses.requires_grad:
        losses.register_hook(_no_gradient)
    return losses


def _no_gradient(_gradient: Tensor) -> None:
    raise ValueError("no gradient here")


calls = 0


def second_dies(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy; where DIES_AT says so, the second process is killed as it computes that batch."""
    global calls
    calls += 1
    if os.environ.get("RANK") == "1" and os.environ.get("DIES_AT") == str(calls):
        os.kill(os.getpid(), 9)
    return torch.nn.functional.cross_entropy(logits, targets, reduction="none")


def trained(project: Project, models: Path) -> dict[str, Any]:
    """Everything that is shared, in this process or in several: its runs by name, and what went wrong on purpose."""
    project.predict(str(models / "model"))
    made: dict[str, Any] = {"predictions": project.predictions.current.id}
    made["network"] = finish(train_in_steps(project, NETWORK, start="current", seed=1)).id
    made["checked"] = finish(train_in_steps(project, CHECKED, start="current", seed=1)).id
    if os.environ.get("RANK") == "0":
        made |= troubles(project)
    made["folds"] = finish(train_in_steps(project, FOLDS, seed=1)).id
    project.predict(str(models / "normed"))
    made["normed"] = finish(train_in_steps(project, NORMED, start="current", seed=1)).id
    return made


def troubles(project: Project) -> dict[str, str]:
    """Trainings that end early, after each of which the next one goes well."""
    told = {}
    bad = {
        "blown": {"learning_rate": 1.0, "optimizer": "sgd", "loss": "own", "loss_function": f"{LOSSES}:infinite"},
        "fault": {"loss": "own", "loss_function": f"{LOSSES}:second_fails"},
        "small": {"batch_size": 3},
    }
    for name, changes in bad.items():
        trust_typed(changes, project.path)
        try:
            finish(train_in_steps(project, NETWORK.replace_from(changes), start="current"))
        except BadcaseError as error:
            told[name] = str(error)
    job = train_in_steps(project, NETWORK, start="current")
    while not (isinstance(event := next(job), Progress) and event.values.get("step")):
        pass
    job.close()
    return told | {"cancelled": project.runs.all()[-1].state}


def infinite(logits: Tensor, targets: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(logits, targets, reduction="none") * torch.inf


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with joined() as here:
        if here.rank:
            here.follow()
        else:
            with Project.open(folder / "project") as opened:
                told = trained(opened, folder)
            (folder / "told.json").write_text(json.dumps(told))
