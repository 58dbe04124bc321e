"""Adapters: every kind of network takes them, they alone learn, and what is saved is a plain network that gives the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from badcase.errors import BadcaseError
from badcase.items.kinds import Kind
from badcase.models import Model, load_model
from badcase.training.loop.optimizers import make_optimizer
from badcase.training.network.lora import NAME, adapt, adapters, merge
from badcase.training.network.shaping import groups_of, lacking, shape, studied
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import PRESETS, Recipe, changed
from badcase.training.recipe.enums import Start
from tests.badcase.models.networks import TEXT_ARCHITECTURES
from tests.training.network.test_shaping import CLASSES, EVERY, _pictures, logits

LORA = Recipe(method="lora", lora_rank=2, learning_rate=0.05, freeze="nothing")


def adapted(folder: Path, name: str, recipe: Recipe = LORA) -> tuple[Model, list[list[torch.nn.Parameter]]]:
    """A network of some architecture with adapters, as a training would begin with it, and its groups."""
    if not (folder / name).exists():
        EVERY[name](folder / name, name, CLASSES)
    model = shape(load_model(str(folder / name), classes=CLASSES), recipe, Start.CURRENT, CLASSES, 0)
    adapt(model, studied(model), recipe, seed=0)
    return model, groups_of(model, studied(model))


def learn(model: Model, groups: Any, recipe: Recipe) -> None:
    """One step of a training."""
    optimizer = make_optimizer(model.network, model.head, recipe, 1, 5, groups).optimizer
    batch = model.prepare(["a dog , the cat", "rain"] if "Text" in type(model.inputs).__name__ else _pictures())
    Trainee(model.network, model.head, lambda inputs: model.forward(inputs).logits, len(CLASSES), model.device).train_mode()
    model.forward(batch).logits.square().sum().backward()
    optimizer.step()
    optimizer.zero_grad()


@pytest.mark.parametrize(
    ("name", "knobs"),
    [(name, {}) for name in EVERY if name != "MobileNetV2"]
    + [(name, {"pooling": "attention", "head_hidden": 8}) for name in ("Bert", "ResNet")],
)
def test_adapters_begin_at_nothing_learn_alone_and_are_plain_weights_once_saved(
    tmp_path: Path, name: str, knobs: dict[str, Any]
) -> None:
    recipe = LORA.replace_from(knobs)
    EVERY[name](tmp_path / name, name, CLASSES)
    plain = shape(load_model(str(tmp_path / name), classes=CLASSES), recipe, Start.CURRENT, CLASSES, 0)
    before, began = logits(plain), {key: value.clone() for key, value in plain.network.state_dict().items()}
    model, groups = adapted(tmp_path, name, recipe)
    torch.testing.assert_close(logits(model), before, rtol=0, atol=0)
    for _step in range(2):  # the first moves what begins at zero alone
        learn(model, groups, recipe)
    heads = set(model.head.modules())
    own = {f"{one}." for one, module in model.network.named_modules() if module in heads}
    after = model.network.state_dict()
    moved = {key for key in began if not torch.equal(after[key], began[key])}
    assert moved and all(key.startswith(tuple(own)) for key in moved)
    learnt = [bool(adapter.up.any()) for _layer, adapter in adapters(model.network)]
    assert np.mean(learnt) > 0.5  # not those whose output goes nowhere, as that of a pooler under another pooling
    made = logits(model)
    merge(model.network)
    assert not [key for key in model.network.state_dict() if NAME in key]
    torch.testing.assert_close(logits(model), made, atol=1e-5, rtol=0)
    model.save(tmp_path / "saved")
    torch.testing.assert_close(logits(load_model(str(tmp_path / "saved"), classes=CLASSES)), made, atol=1e-5, rtol=0)


def test_what_is_saved_loads_with_transformers_alone(tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    model, groups = adapted(tmp_path, "Bert")
    learn(model, groups, LORA)
    made, batch = logits(model), model.prepare(["a dog , the cat", "rain"])
    merge(model.network)
    model.save(tmp_path / "saved")
    theirs, said = AutoModelForSequenceClassification.from_pretrained(tmp_path / "saved", output_loading_info=True)
    assert not said["missing_keys"] and not said["unexpected_keys"]
    with torch.no_grad():
        torch.testing.assert_close(theirs.eval()(**batch).logits, made, atol=1e-5, rtol=0)


def test_the_memory_of_a_training_falls_to_that_of_the_adapters_and_the_head(tmp_path: Path) -> None:
    def trained(recipe: Recipe) -> int:
        """Bytes that the optimizer keeps after a step."""
        model, groups = adapted(tmp_path, "Bert", recipe)
        optimizer = make_optimizer(model.network, model.head, recipe, 1, 5, groups).optimizer
        model.forward(model.prepare(["a dog", "rain"])).logits.square().sum().backward()
        optimizer.step()
        return sum(value.nbytes for state in optimizer.state.values() for value in state.values())

    before = TEXT_ARCHITECTURES["Bert"]
    TEXT_ARCHITECTURES["Bert"] = before | {"hidden_size": 64, "intermediate_size": 128}
    try:
        whole, beside = trained(LORA.replace_from({"method": "fine_tune"})), trained(LORA)
    finally:
        TEXT_ARCHITECTURES["Bert"] = before
    assert beside < 0.1 * whole


def test_rank_alpha_and_dropout_each_act_and_stages_and_layer_decay_reach_the_adapters(tmp_path: Path) -> None:
    made = {}
    for name, knobs in {
        "plain": {},
        "lora_rank": {"lora_rank": 4},
        "lora_alpha": {"lora_alpha": 4.0},
        "lora_dropout": {"lora_dropout": 0.5},
    }.items():
        model, groups = adapted(tmp_path, "Bert", LORA.replace_from(knobs))
        for _step in range(2):
            learn(model, groups, LORA.replace_from(knobs))
        made[name] = tuple(logits(model).flatten().tolist())
    assert len(set(made.values())) == 4
    decayed = LORA.replace_from({"layer_decay": 0.5})
    rates = {group["lr"] for group in make_optimizer(model.network, model.head, decayed, 1, 5, groups).optimizer.param_groups}
    assert len(rates) > 1
    staged = LORA.replace_from({"freeze": "head_first", "head_epochs": 2})
    for epoch, learns in ((1, False), (3, True)):
        make_optimizer(model.network, model.head, staged, epoch, 5, groups)
        assert all(p.requires_grad is learns for _layer, one in adapters(model.network) for p in one.parameters())
        assert model.head.weight.requires_grad and not model.network.bert.embeddings.word_embeddings.weight.requires_grad


def test_the_packaged_encoders_take_adapters_and_a_network_without_linear_layers_is_refused_by_name() -> None:
    for name in ("efficientnet-lite0", "minilm"):
        model = load_model(name).with_classes(CLASSES, 0)
        adapt(model, studied(model), LORA, 0)
        assert len(list(adapters(model.network))) > 30
    made = shape(
        load_model("tests.badcase.models.networks:conv_net", kind=Kind.IMAGE, classes=CLASSES[:4]), LORA, Start.CURRENT, [], 0
    )
    assert "lora_rank" in lacking(made, studied(made))
    with pytest.raises(BadcaseError, match="no linear layers below its head"):
        adapt(made, studied(made), LORA, 0)


def test_the_preset_has_ten_times_the_rate_and_the_recipe_refuses_what_leaves_adapters_nothing() -> None:
    for kind in ("image", "text"):
        fine, lora = PRESETS[f"{kind}-fine-tuning"], PRESETS[f"{kind}-lora"]
        assert lora.learning_rate == pytest.approx(10 * fine.learning_rate)
        assert changed(fine, {"method": "lora"}, kind) == lora and changed(lora, {"method": "fine_tune"}, kind) == fine
    for start, where, knobs in (
        ("scratch", "method", {}),
        ("pretrained", "freeze", {"freeze": "backbone"}),
        ("pretrained", "frozen_embeddings", {"frozen_embeddings": True}),
        ("pretrained", "lora_rank", {"method": "fine_tune", "freeze": "nothing", "lora_rank": 3}),
    ):
        with pytest.raises(BadcaseError) as caught:
            LORA.replace_from({"lora_rank": 16} | knobs).check("text", start)
        assert caught.value.where == where
        LORA.replace_from(knobs).settled("text", start).check("text", start)
