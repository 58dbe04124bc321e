"""Folders saved by `save_pretrained`: any architecture, its own preparation, embeddings before the last layer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from badcase.errors import BadcaseError
from badcase.items import Kind
from badcase.models import load_model
from badcase.models.inputs import ImageInputs, Raw
from tests.badcase.models.networks import IMAGE_ARCHITECTURES, TEXT_ARCHITECTURES, save_image_model, save_text_model

TEXTS: list[Raw] = ["the dog , a cat", "soup", "a wind the rain , bread"]


def images(n: int = 3) -> list[Raw]:
    rng = np.random.default_rng(0)
    return [Image.fromarray(rng.integers(0, 255, (40, 50, 3), np.uint8)) for _i in range(n)]


def last_linear(network: nn.Module) -> nn.Linear:
    """The last linear layer by the order of definition, which for these architectures is the one of the logits."""
    return [module for module in network.modules() if isinstance(module, nn.Linear)][-1]


@pytest.mark.parametrize("name", [*IMAGE_ARCHITECTURES, *TEXT_ARCHITECTURES])
def test_embeddings_are_the_input_of_the_last_linear_layer(name: str, tmp_path: Path) -> None:
    """A linear map of the embeddings with the weights of the last layer gives the logits, in every architecture."""
    image = name in IMAGE_ARCHITECTURES
    saved = save_image_model(tmp_path, name) if image else save_text_model(tmp_path, name)
    model = load_model(tmp_path)
    assert model.kind is (Kind.IMAGE if image else Kind.TEXT)
    assert model.classes == ("a", "b", "c", "d", "e")
    output = model.forward(model.prepare(images() if image else TEXTS))
    assert output.logits.shape == (3, 5)
    head = last_linear(saved)
    assert output.embeddings.shape == (3, head.in_features)
    torch.testing.assert_close(head(output.embeddings), output.logits)


def test_logits_are_those_of_transformers_itself(tmp_path: Path) -> None:
    from transformers import AutoImageProcessor, AutoModelForImageClassification

    save_image_model(tmp_path, "ResNet")
    model = load_model(tmp_path)
    processor = AutoImageProcessor.from_pretrained(tmp_path)
    with torch.no_grad():
        expected = AutoModelForImageClassification.from_pretrained(tmp_path)(**processor(images=images(), return_tensors="pt"))
        got = model.forward(model.prepare(images()))
    torch.testing.assert_close(got.logits, expected.logits)


@pytest.mark.parametrize("name", ["ViT", "DistilBert"])
def test_a_model_saved_and_loaded_is_the_same_and_transformers_reads_it(name: str, tmp_path: Path) -> None:
    from transformers import AutoConfig

    image = name in IMAGE_ARCHITECTURES
    (save_image_model if image else save_text_model)(tmp_path / "in", name)
    model = load_model(tmp_path / "in")
    with torch.no_grad():
        model.last_layer.layer.weight.add_(1)
    again = load_model(model.save(tmp_path / "out"))
    raw = images() if image else TEXTS
    torch.testing.assert_close(again.forward(again.prepare(raw)).logits, model.forward(model.prepare(raw)).logits)
    assert again.embedding_id == model.embedding_id  # only the head has changed
    assert AutoConfig.from_pretrained(tmp_path / "out").id2label[0] == "a"


def test_new_classes_keep_the_backbone_and_get_a_fresh_head(tmp_path: Path) -> None:
    save_text_model(tmp_path, "Roberta")
    model = load_model(tmp_path)
    for names in (["x", "y"], ["p", "q", "r", "s", "t"]):
        other = model.with_classes(names, 1)
        assert other.classes == tuple(names)
        assert other.classes_count == len(names)
        assert other.embedding_id == model.embedding_id
        assert not torch.equal(other.last_layer.layer.weight[:2], model.last_layer.layer.weight[:2])
        same = model.with_classes(names, 1)
        torch.testing.assert_close(same.last_layer.layer.weight, other.last_layer.layer.weight)


def test_scratch_draws_every_weight_anew_and_the_same_for_one_seed(tmp_path: Path) -> None:
    save_image_model(tmp_path, "ViT", seed=1)
    model = load_model(tmp_path)
    one, two, three = model.scratch(5), model.scratch(5), model.scratch(6)
    assert one.embedding_id == two.embedding_id
    assert len({one.embedding_id, three.embedding_id, model.embedding_id}) == 3


def test_outputs_follow_the_order_of_the_projects_classes(tmp_path: Path) -> None:
    save_image_model(tmp_path, classes=["a", "b", "c"])
    plain, aligned = load_model(tmp_path), load_model(tmp_path, classes=("c", "a", "b"))
    assert aligned.classes == ("c", "a", "b")
    assert any("order" in note for note in aligned.notes)
    batch = plain.prepare(images())
    torch.testing.assert_close(aligned.forward(batch).logits, plain.forward(batch).logits[:, [2, 0, 1]])
    embeddings = aligned.forward(batch).embeddings.detach().numpy()
    from_head = aligned.head_logits(embeddings)
    assert from_head is not None
    np.testing.assert_allclose(from_head, aligned.forward(batch).logits.detach().numpy(), atol=1e-5)
    again = load_model(aligned.save(tmp_path / "saved"), classes=("c", "a", "b"))
    torch.testing.assert_close(again.forward(batch).logits, aligned.forward(batch).logits)


def test_other_classes_are_refused_by_name_and_by_number(tmp_path: Path) -> None:
    save_image_model(tmp_path, classes=["a", "b", "c"])
    with pytest.raises(BadcaseError, match="x"):
        load_model(tmp_path, classes=("a", "b", "x"))
    with pytest.raises(BadcaseError, match="2 classes"):
        load_model(tmp_path, classes=("a", "b"))
    save_image_model(tmp_path / "unnamed", classes=["LABEL_0", "LABEL_1", "LABEL_2"])
    unnamed = load_model(tmp_path / "unnamed", classes=("x", "y", "z"))
    assert unnamed.classes == ("x", "y", "z")
    assert any("does not name" in note for note in unnamed.notes)
    with pytest.raises(BadcaseError, match="number of classes"):
        load_model(tmp_path / "unnamed", classes=("x", "y"))


def test_a_family_without_a_pillow_processor_is_read_from_its_file_and_said(tmp_path: Path) -> None:
    save_image_model(tmp_path)
    config = json.loads((tmp_path / "preprocessor_config.json").read_text())
    expected = load_model(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config | {"image_processor_type": "DINOv3ViTImageProcessor"}))
    model = load_model(tmp_path)
    assert isinstance(model.inputs, ImageInputs)
    assert any("preprocessor_config.json" in note for note in model.notes)
    np.testing.assert_allclose(model.prepare(images())["pixel_values"], expected.prepare(images())["pixel_values"], atol=1e-5)


def test_an_unknown_step_of_preparation_is_refused_not_guessed() -> None:
    with pytest.raises(BadcaseError, match="do_pad"):
        ImageInputs({"size": 32, "do_pad": True})


def test_a_model_that_brings_code_is_not_run_unasked(tmp_path: Path) -> None:
    save_text_model(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"model_type": "made-up", "auto_map": {"AutoConfig": "own.Config"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "own.py").write_text("raise SystemExit('this code must not run')")
    with pytest.raises(BadcaseError) as refused:
        load_model(tmp_path)
    assert "--trust-remote-code" in refused.value.hint


def test_a_kernel_of_the_hub_that_a_configuration_names_is_not_fetched(tmp_path: Path) -> None:
    save_text_model(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"attn_implementation": "kernels-community/flash-attn2"}))
    with pytest.raises(BadcaseError, match="machine code"):
        load_model(tmp_path, trust_remote_code=True)


@pytest.mark.parametrize("damage", ["weights", "config", "tokenizer"])
def test_a_damaged_folder_is_refused_with_the_remedy(damage: str, tmp_path: Path) -> None:
    save_text_model(tmp_path)
    if damage == "weights":
        (tmp_path / "model.safetensors").write_bytes(b"nothing")
    elif damage == "config":
        (tmp_path / "config.json").unlink()
    else:
        for name in ("tokenizer.json", "tokenizer_config.json"):
            (tmp_path / name).unlink()
    with pytest.raises(BadcaseError) as refused:
        load_model(tmp_path)
    assert refused.value.hint
