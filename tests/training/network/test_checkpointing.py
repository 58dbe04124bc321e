"""Gradient checkpointing takes less memory for the same gradient, and comes before a batch is done in parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from badcase.errors import BadcaseError
from badcase.models import Model, load_model
from badcase.training.data.batches import Batches
from badcase.training.data.training_set import TrainingRows
from badcase.training.network.checkpointing import Checkpointing
from badcase.training.network.lora import adapt
from badcase.training.network.shaping import checkpointing_of, shape, studied
from badcase.training.network.trainee import StepLoss, Trainee
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Start
from tests.badcase.models.networks import TEXT_ARCHITECTURES
from tests.training.network.test_shaping import CLASSES, EVERY, _pictures

DEEPER: dict[str, dict[str, Any]] = {
    "Bert": {"num_hidden_layers": 3},
    "GPT2": {"n_layer": 3},
    "ModernBert": {"num_hidden_layers": 3},
    "ViT": {"num_hidden_layers": 3},
    "ResNet": {"hidden_sizes": [8, 16], "depths": [2, 2]},
}
FINE = Recipe(freeze="nothing", dropout=None)
LORA = FINE.replace_from({"method": "lora"})


def deep(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch, recipe: Recipe) -> Model:
    """A network of some architecture that has several blocks, with its own dropout."""
    import tests.badcase.models.networks as networks

    table = TEXT_ARCHITECTURES if name in TEXT_ARCHITECTURES else networks.IMAGE_ARCHITECTURES
    monkeypatch.setitem(table, name, table[name] | DEEPER[name])
    EVERY[name](folder / name, name, CLASSES)
    model = shape(load_model(str(folder / name), classes=CLASSES), recipe, Start.CURRENT, CLASSES, 0)
    if recipe.method == "lora":
        adapt(model, studied(model), recipe, 0)
    return model


def passed(model: Model) -> tuple[int, dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Numbers that a pass in training keeps for the gradient, the gradient, and the statistics after it."""
    kept: dict[int, int] = {}
    batch = model.prepare(["a dog , the cat", "rain"] * 2 if "Text" in type(model.inputs).__name__ else _pictures())
    model.network.train().zero_grad()
    torch.manual_seed(1)

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.data_ptr()] = tensor.numel()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = model.forward(batch).logits.square().sum()
    loss.backward()
    gradient = {name: p.grad.clone() for name, p in model.network.named_parameters() if p.grad is not None}
    return sum(kept.values()), gradient, {name: value.clone() for name, value in model.network.named_buffers()}


@pytest.mark.parametrize(("name", "recipe"), [*((name, FINE) for name in DEEPER), ("Bert", LORA)])
def test_less_is_kept_for_the_same_gradient_and_nothing_is_learnt_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, recipe: Recipe
) -> None:
    made = []
    for wanted in ("never", "always"):
        model = deep(tmp_path / wanted, name, monkeypatch, recipe)
        saver = checkpointing_of(model, studied(model), recipe.replace_from({"gradient_checkpointing": wanted}))
        assert (saver is None) == (wanted == "never")
        made.append(passed(model))
    (whole, gradient, statistics), (less, same, also) = made
    assert less < 0.8 * whole
    assert gradient.keys() == same.keys() and statistics.keys() == also.keys()
    for key, value in gradient.items():
        torch.testing.assert_close(same[key], value, msg=key)
    for key, value in statistics.items():
        torch.testing.assert_close(also[key], value, msg=key)
    if getattr(model.network.config, "use_cache", None) is not None:
        assert not model.network.config.use_cache and saver is not None
        saver.switch(False)  # as it is before the model is saved
        assert model.network.config.use_cache


def test_a_network_without_blocks_is_refused_by_name(tmp_path: Path) -> None:
    EVERY["Bert"](tmp_path / "m", "Bert", CLASSES)
    model = load_model(str(tmp_path / "m"), classes=CLASSES)
    with pytest.raises(BadcaseError) as caught:
        checkpointing_of(model, studied(model), FINE.replace_from({"gradient_checkpointing": "always"}))
    assert caught.value.where == "gradient_checkpointing"
    assert checkpointing_of(model, studied(model), FINE) is None


class Crowded(nn.Module):
    """Blocks on a device whose memory holds so many items at once, and twice as many where it need not keep so much."""

    def __init__(self, holds: int) -> None:
        super().__init__()
        self.holds, self.tried = holds, list[tuple[int, bool]]()
        self.blocks, self.saver = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)]), None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        spared = self.saver is not None and self.saver.on
        self.tried.append((len(x), spared))
        if len(x) > self.holds * (1 + spared):
            raise torch.OutOfMemoryError("no room")
        return self.blocks[1](self.blocks[0](x).relu())


@pytest.mark.parametrize(
    ("may", "tried"), [(True, [(16, False), (16, True), (8, True)]), (False, [(16, False), (8, False), (4, False)])]
)
def test_memory_that_runs_out_is_spared_first_and_then_the_batch_is_done_in_parts(
    may: bool, tried: list[tuple[int, bool]]
) -> None:
    network = Crowded(4)
    network.saver = Checkpointing(network, ["blocks.0", "blocks.1"]) if may else None
    trainee = Trainee(
        network, network.blocks[1], lambda inputs: network(**inputs), 8, torch.device("cpu"), checkpointing=network.saver
    )
    rows = TrainingRows(np.arange(16), np.arange(16) % 8)
    features = torch.randn(16, 8, generator=torch.Generator().manual_seed(0))
    batch = next(Batches(rows, lambda items: {"x": features[items]}, 16, torch.device("cpu"), seed=0).epoch(1))
    loss = StepLoss(FINE, rows, trainee)
    network.train()
    loss.backward([batch])
    assert list(dict.fromkeys(network.tried)) == tried
    assert [("checkpointing" in said.text) for said in loss.news] == ([True, False] if may else [False, False])
