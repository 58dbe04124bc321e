"""Every knob does something: a training in which only that knob is other ends in another model or another history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
import torch
from torch import nn

from badcase.progress import finish
from badcase.training.data.batches import Batches, Splits
from badcase.training.data.training_set import SoftTargets, TrainingRows
from badcase.training.loop.fit import fit
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import Recipe, fields
from badcase.training.run_folder.run import Run
from tests import ROOT

BASE = Recipe(epochs=8, learning_rate=0.02, batch_size=8, head_learning_rate=0.02, dropout=0.2, patience=0)
# What else must be so for a knob to act, and the value that it is changed to.
CHANGES: dict[str, tuple[dict[str, object], object]] = {
    "freeze": ({}, "backbone"),
    "head_epochs": ({}, 3),
    "head_learning_rate": ({}, 0.2),
    "unfreeze_stages": ({"freeze": "by_stage"}, 2),
    "unfreeze_every": ({"freeze": "by_stage"}, 2),
    "frozen_embeddings": ({}, True),
    "optimizer": ({}, "sgd"),
    "switch_epoch": ({"optimizer": "adam_then_sgd"}, 6),
    "layer_decay": ({}, 0.5),
    "averaging": ({}, 0.9),
    "learning_rate": ({}, 0.002),
    "momentum": ({}, 0.5),
    "batch_size": ({}, 16),
    "accumulate": ({}, 2),
    "schedule": ({}, "linear"),
    "warmup": ({}, 0.4),
    "decay_share": ({"schedule": "warmup_stable_decay"}, 0.5),
    "step_every": ({"schedule": "step"}, 2),
    "step_factor": ({"schedule": "step", "step_every": 2}, 0.5),
    "gradient_clip": ({"optimizer": "sgd"}, 0.05),
    "loss": ({}, "focal"),
    "generalized_q": ({"loss": "generalized"}, 0.2),
    "focal_gamma": ({"loss": "focal"}, 4.0),
    "label_smoothing": ({}, 0.2),
    "class_weights": ({}, "balanced"),
    "weight_decay": ({}, 1.0),
    "dropout": ({}, 0.6),
    "flip": ({}, True),
    "crop": ({}, 0.25),
    "mixup": ({}, 0.4),
    "jitter": ({}, 0.3),
    "erase": ({}, 0.5),
    "epochs": ({}, 4),
    "checks": ({}, 2),
    "select_by": ({"learning_rate": 0.05, "epochs": 20}, "accuracy"),
    "rule": ({"select_by": "rule", "learning_rate": 0.05, "epochs": 20}, "-loss"),
    "patience": ({"learning_rate": 0.05, "epochs": 20}, 2),
    "distill": ({}, 1.0),
    "distill_temperature": ({"distill": 1.0}, 1.0),
    "minimum_checks": ({"patience": 1, "learning_rate": 0.05, "epochs": 20}, 12),
}
# These act outside `fit`, or where a small network on images shows nothing: the test that holds each.
ELSEWHERE = {
    "test_train.py": ["method"],
    "test_training_set.py": [
        "correction_weight",
        "correction_share",
        "hard_case_weight",
        "hard_case_share",
        "unsure",
        "suspects",
        "soft_labels",
        "holdout_share",
    ],
    "test_augmentation.py": ["sampling", "token_drop"],
    "test_small_networks.py": ["network", "depth", "width"],
    "test_splitting.py": ["validation"],
    "test_cross_validation.py": ["folds"],
    "test_losses_and_schedules.py": ["loss_function"],
    "test_checkpoint_selection.py": ["plateau_guard"],
    "test_multilabel_thresholds.py": ["thresholds"],
    "test_compiling.py": ["compile"],
    "test_checkpointing.py": ["gradient_checkpointing"],
    "test_numeric_precision.py": ["precision"],
    "test_lora.py": ["lora_rank", "lora_alpha", "lora_dropout"],
    "test_shaping.py": [
        "pooling",
        "head_levels",
        "level_mix",
        "head_hidden",
        "activation",
        "initialization",
        "normalization",
        "extra_columns",
        "extra_weight",
        "embedding_dropout",
    ],
}

RNG = np.random.default_rng(0)
IMAGES = torch.from_numpy(RNG.normal(size=(90, 1, 8, 8)).astype(np.float32))
LABELS = np.minimum(RNG.integers(0, 5, 90), 2)
TEACHER = RNG.normal(size=(90, 3)).astype(np.float16)
IMAGES[torch.arange(90), 0, torch.from_numpy(LABELS)] += 1.0

Trained: TypeAlias = tuple[list[dict[str, float]], dict[str, torch.Tensor]]


def trained(folder: Path, recipe: Recipe, targets: np.ndarray | None = None) -> Trained:
    recipe.check("image")
    torch.manual_seed(0)
    head = nn.Linear(6 * 16, 3)
    dropout = nn.Dropout(recipe.dropout or 0.0)
    network = nn.Sequential(nn.Conv2d(1, 6, 3, 2, 1), nn.ReLU(), nn.Flatten(), dropout, head)
    device = torch.device("cpu")
    groups = [[network[0].bias], [network[0].weight]]
    trainee = Trainee(network, head, lambda inputs: network(inputs["pixels"]), 3, device, groups)

    def batches(start: int, end: int, seed: int | None) -> Batches:
        rows = TrainingRows(
            np.arange(start, end),
            LABELS[start:end],
            soft=None if targets is None else SoftTargets(np.arange(end - start, dtype=np.int32), targets[start:end]),
            teacher=TEACHER[start:end],
            teacher_weight=np.ones(end - start, np.float32),
        )
        return Batches(rows, lambda items: {"pixels": IMAGES[items]}, recipe.batch_size, device, seed=seed)

    run = finish(fit(trainee, Splits(batches(0, 60, 0), batches(60, 90, None)), recipe, Run.begin(folder, recipe)))
    history = [{name: value for name, value in epoch.items() if name != "rate"} for epoch in run.history]
    return history, {name: value.clone() for name, value in network.state_dict().items()}


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Recipe], Trained]:
    """What a recipe ends in, trained once for all knobs that are held against it."""
    made: dict[str, Trained] = {}

    def ended(recipe: Recipe) -> Trained:
        words = str(recipe.values())
        if words not in made:
            made[words] = trained(tmp_path_factory.mktemp("unchanged"), recipe)
        return made[words]

    return ended


def test_every_knob_is_tried() -> None:
    elsewhere = {name for names in ELSEWHERE.values() for name in names}
    assert {knob.name for knob in fields()} == set(CHANGES) | elsewhere
    for file, names in ELSEWHERE.items():
        text = next((ROOT / "tests").rglob(file)).read_text()
        assert not [name for name in names if name not in text], file


@pytest.mark.parametrize("name", list(CHANGES))
def test_the_knob_acts(name: str, unchanged: Callable[[Recipe], Trained], tmp_path: Path) -> None:
    context, value = CHANGES[name]
    base = BASE.replace_from(context)
    before, after = unchanged(base), trained(tmp_path, base.replace_from({name: value}))
    same_weights = all(torch.equal(before[1][key], after[1][key]) for key in before[1])
    assert not same_weights or before[0] != after[0]


def test_nothing_but_the_knobs_and_the_seed_decides(tmp_path: Path) -> None:
    before, after = trained(tmp_path / "a", BASE), trained(tmp_path / "b", BASE)
    assert before[0] == after[0]
    assert all(torch.equal(before[1][key], after[1][key]) for key in before[1])


def test_soft_targets_are_what_is_learnt_and_certain_ones_are_labels(tmp_path: Path) -> None:
    certain = np.eye(3, dtype=np.float32)[LABELS]
    plain, same, soft = (
        trained(tmp_path / name, BASE, targets)[1] for name, targets in (("a", None), ("b", certain), ("c", 0.7 * certain + 0.1))
    )
    assert all(torch.equal(plain[key], same[key]) for key in plain)
    assert not all(torch.equal(plain[key], soft[key]) for key in plain)


def test_accumulated_small_batches_are_one_large_batch(tmp_path: Path) -> None:
    plain = BASE.replace_from({"dropout": 0.0, "batch_size": 20, "epochs": 2, "freeze": "nothing"}).settled("image")
    whole, parts = trained(tmp_path / "a", plain), None
    parts = trained(tmp_path / "b", plain.replace_from({"batch_size": 10, "accumulate": 2}))
    for key, value in whole[1].items():
        torch.testing.assert_close(value, parts[1][key], atol=2e-3, rtol=1e-2)
