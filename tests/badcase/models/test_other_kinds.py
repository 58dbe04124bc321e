"""Exported programs, the user's own code, packaged backbones and character features."""

from __future__ import annotations

import pickle
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from badcase.errors import BadcaseError
from badcase.items import Kind
from badcase.models import LinearHead, choose_device, fit_head, load_model, relative_spec
from badcase.models.backbone import Backbone
from badcase.models.chargrams import CharGrams, CharGramsBackbone
from badcase.models.inputs import Raw
from badcase.models.packaged import unreadable_share
from tests import ROOT
from tests.badcase.models.networks import SIDE, SmallNet, save_text_model, tokenizer

NETWORKS = "tests.badcase.models.networks"
FACTORY = f"{NETWORKS}:small_net"


def images(n: int = 3) -> list[Raw]:
    rng = np.random.default_rng(0)
    return [Image.fromarray(rng.integers(0, 255, (40, 50, 3), np.uint8)) for _i in range(n)]


def export(path: Path, network: torch.nn.Module, *, batch: Any = None) -> None:
    example = torch.randn(2, 3, SIDE, SIDE)
    shapes = ({0: batch},) if batch is not None else None
    torch.export.save(torch.export.export(network.eval(), (example,), dynamic_shapes=shapes), path)


# --- exported programs


@pytest.mark.parametrize("dynamic", [True, False])
def test_an_exported_program_gives_its_logits_and_the_input_of_its_last_layer(dynamic: bool, tmp_path: Path) -> None:
    network = SmallNet()
    export(tmp_path / "net.pt2", network, batch=torch.export.Dim("b", min=1, max=4) if dynamic else None)
    model = load_model(tmp_path / "net.pt2")
    assert model.kind is Kind.IMAGE
    assert any("Assumed" in note for note in model.notes)  # nothing said how images are prepared
    batch = model.prepare(images(5))  # more than the program takes at once
    assert batch["image"].shape == (5, 3, SIDE, SIDE)
    output = model.forward(batch)
    torch.testing.assert_close(output.logits, network(batch["image"]))
    torch.testing.assert_close(network.last(output.embeddings), output.logits)
    with pytest.raises(BadcaseError, match="cannot be trained"):
        model.with_classes(["a"], 0)


def test_a_program_that_ends_in_a_softmax_gives_the_logits_before_it(tmp_path: Path) -> None:
    network = torch.nn.Sequential(SmallNet(), torch.nn.Softmax(-1))
    export(tmp_path / "net.pt2", network, batch=torch.export.Dim("b", min=1, max=4))
    model = load_model(tmp_path / "net.pt2")
    batch = model.prepare(images())
    torch.testing.assert_close(model.forward(batch).logits, network[0](next(iter(batch.values()))))


def test_an_exported_text_program_uses_the_tokenizer_beside_it(tmp_path: Path) -> None:
    network = save_text_model(tmp_path / "hf", "Bert")
    rows, words = torch.export.Dim("rows", min=1, max=64), torch.export.Dim("words", min=2, max=64)
    example = {name: torch.ones(2, 8, dtype=torch.long) for name in ("input_ids", "attention_mask")}
    program = torch.export.export(network, (), kwargs=example, dynamic_shapes={name: {0: rows, 1: words} for name in example})
    torch.export.save(program, tmp_path / "text.pt2")
    with pytest.raises(BadcaseError, match="tokenizer"):
        load_model(tmp_path / "text.pt2")
    tokenizer().save_pretrained(tmp_path)
    model, plain = load_model(tmp_path / "text.pt2"), load_model(tmp_path / "hf")
    raw: list[Raw] = ["the dog", "soup , a bread", "rain"]
    got, expected = model.forward(model.prepare(raw)), plain.forward(plain.prepare(raw))
    torch.testing.assert_close(got.logits, expected.logits)
    torch.testing.assert_close(got.embeddings, expected.embeddings)


class Harm:
    """What a hostile file would unpickle."""

    def __reduce__(self) -> Any:
        return exec, ("import builtins; builtins.harm_was_done = True",)


def test_pickled_code_in_an_exported_program_is_never_run(tmp_path: Path) -> None:
    export(tmp_path / "good.pt2", SmallNet())
    with zipfile.ZipFile(tmp_path / "good.pt2") as good, zipfile.ZipFile(tmp_path / "bad.pt2", "w") as bad:
        for info in good.infolist():
            inputs = info.filename.endswith("sample_inputs/model.pt")
            bad.writestr(info.filename, pickle.dumps(Harm()) if inputs else good.read(info))
    with pytest.raises(BadcaseError):
        load_model(tmp_path / "bad.pt2")
    assert not hasattr(sys.modules["builtins"], "harm_was_done")


# --- the user's own code


def test_a_factory_is_filled_with_safetensors(tmp_path: Path) -> None:
    network = SmallNet(4)
    save_file(network.state_dict(), tmp_path / "net.safetensors")
    model = load_model(FACTORY, weights=tmp_path / "net.safetensors", classes=["a", "b", "c", "d"])
    batch = model.prepare(images())
    torch.testing.assert_close(model.forward(batch).logits, network(batch["image"]))
    torch.testing.assert_close(network.last(model.forward(batch).embeddings), model.forward(batch).logits)


def test_a_factory_model_survives_new_classes_saving_and_loading(tmp_path: Path) -> None:
    model = load_model(FACTORY).with_classes(["a", "b", "c", "d", "e"], 3)
    again = load_model(relative_spec(model.save(tmp_path / "saved"), tmp_path), root=tmp_path, trust_remote_code=True)
    again = load_model(again.save(tmp_path / "saved again"))
    assert again.classes == ("a", "b", "c", "d", "e")
    batch = model.prepare(images())
    torch.testing.assert_close(again.forward(batch).logits, model.forward(batch).logits)
    assert again.embedding_id == model.embedding_id != model.scratch(1).embedding_id


def test_a_factory_is_found_in_the_folder_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_own_nets.py").write_text("from tests.badcase.models.networks import SmallNet as build\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(ROOT))
    model = load_model("my_own_nets:build")
    monkeypatch.chdir("/")
    assert load_model(model.spec).embedding_id != ""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "def build(num_classes): raise ValueError('no such backbone')",
            "did not return a network .*ValueError: no such backbone",
        ),
        ("def build(depth, width): pass", "did not return a network .*TypeError: build.*2 required"),
        ("build = 'a network'", "did not return a network .*TypeError"),
        ("def build(:", "cannot be imported .*SyntaxError"),
        ("raise RuntimeError('no GPU')", "cannot be imported .*RuntimeError: no GPU"),
        ("import no_such_library", "cannot be imported .*No module named 'no_such_library'"),
    ],
)
def test_what_goes_wrong_in_a_factory_is_told_as_its_own(
    code: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nets_that_fail.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "nets_that_fail", raising=False)
    with pytest.raises(BadcaseError, match=words):
        load_model("nets_that_fail:build", classes=["a", "b"])


def test_a_convolution_that_makes_the_classes_counts_as_the_last_layer() -> None:
    model = load_model(f"{NETWORKS}:conv_net")
    output = model.forward(model.prepare(images()))
    assert output.embeddings.shape == (3, 8)
    from_head = model.head_logits(output.embeddings.detach().numpy())
    assert from_head is not None
    np.testing.assert_allclose(from_head, output.logits.detach().numpy(), atol=1e-5)


def test_weights_are_never_unpickled(tmp_path: Path) -> None:
    (tmp_path / "net.pth").write_bytes(pickle.dumps(Harm()))
    with pytest.raises(BadcaseError, match="never read"):
        load_model(FACTORY, weights=tmp_path / "net.pth")
    assert not hasattr(sys.modules["builtins"], "harm_was_done")


@pytest.mark.parametrize(
    "source",
    [
        "no.such:thing",
        "tests.badcase.models.networks:missing",
        "tests.badcase.models.networks:not_a_network",
        "nothing/at/all",
        "chargrams",
    ],
)
def test_what_cannot_be_loaded_is_refused_with_words(source: str) -> None:
    with pytest.raises(BadcaseError):
        load_model(source)


def test_weights_without_a_network_are_refused_with_the_remedy(tmp_path: Path) -> None:
    save_file(SmallNet().state_dict(), tmp_path / "net.safetensors")
    with pytest.raises(BadcaseError) as refused:
        load_model(tmp_path / "net.safetensors")
    assert "--weights" in refused.value.hint
    with pytest.raises(BadcaseError):
        load_model(tmp_path)  # a folder without a model


# --- packaged backbones and heads on them


def test_efficientnet_knows_real_objects(shared_data: Path) -> None:
    """Embeddings of real photographs lie nearer within a class than across: the weights and the scaling are right."""
    with zipfile.ZipFile(shared_data / "signdigits_planted.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".jpg")][:24]
        raw: list[Raw] = [Image.open(archive.open(name)).convert("RGB") for name in names]
    model = load_model("efficientnet-lite0")
    with torch.inference_mode():
        embeddings = model.forward(model.prepare(raw)).embeddings
    assert embeddings.shape == (24, 1280)
    batch = model.prepare(raw[:1])["pixel_values"]
    white = model.prepare([Image.new("RGB", (50, 50), "white")])["pixel_values"]
    torch.testing.assert_close(white, torch.ones_like(batch))  # (255 - 127) / 128


def test_minilm_embeddings_are_those_of_the_reference(shared_data: Path) -> None:
    import csv
    import gzip

    with gzip.open(shared_data / "banking77.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:12]
    reference = np.load(shared_data / "banking77_features.npz")["features"][:12].astype(np.float32)
    model = load_model("minilm")
    with torch.inference_mode():
        got = model.forward(model.prepare([row["text"] for row in rows])).embeddings.numpy()
    np.testing.assert_allclose(np.linalg.norm(got, axis=1), 1, atol=1e-5)
    assert (got * reference).sum(1).min() > 0.999


def test_a_linear_head_is_saved_with_few_bytes_and_loaded_the_same(tmp_path: Path) -> None:
    backbone = load_model("minilm")
    assert isinstance(backbone, Backbone)
    raw: list[Raw] = ["money back", "card lost", "a new card", "refund please"]
    with torch.inference_mode():
        embeddings = backbone.forward(backbone.prepare(raw)).embeddings.numpy()
    head = fit_head(embeddings, np.array([0, 1, 1, 0]), 2)
    model = LinearHead.fitted(backbone, head, ["refund", "card"])
    spec = model.save(tmp_path / "run" / "model")
    assert sum(file.stat().st_size for file in (tmp_path / "run").rglob("*") if file.is_file()) < 10_000
    moved = relative_spec(spec, tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").rename(tmp_path / "elsewhere" / "run")
    again = load_model(moved, root=tmp_path / "elsewhere", classes=("card", "refund"))
    logits = again.forward(again.prepare(raw)).logits.detach().numpy()
    np.testing.assert_allclose(logits[:, ::-1], head.logits(embeddings), atol=1e-4)
    assert again.embedding_id == backbone.embedding_id == model.embedding_id


def test_a_backbone_that_was_fine_tuned_is_saved_whole(tmp_path: Path) -> None:
    model = load_model("efficientnet-lite0").with_classes(["a", "b"], 0)
    before = model.embedding_id
    with torch.no_grad():
        next(model.network.parameters()).mul_(1.5)
    again = load_model(model.save(tmp_path))
    assert again.embedding_id == model.embedding_id != before


def test_a_head_is_the_same_every_time_and_survives_a_class_without_items() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    embeddings = rng.normal(size=(300, 20)) + 3 * np.eye(3, 20)[labels] + 100
    one, two = fit_head(embeddings, labels, 5), fit_head(embeddings, labels, 5)
    np.testing.assert_array_equal(one.weight, two.weight)
    logits = one.logits(embeddings)
    assert np.isfinite(logits).all()
    assert (logits.argmax(1) == labels).mean() > 0.95
    doubled = fit_head(embeddings, labels, 5, sample_weight=np.full(300, 1.0))
    np.testing.assert_allclose(doubled.weight, one.weight)
    with pytest.raises(BadcaseError):
        fit_head(embeddings[:0], labels[:0], 3)


def test_a_head_agrees_with_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 200)
    embeddings = rng.normal(size=(200, 10)) + np.eye(3, 10)[labels]
    scaled = embeddings - embeddings.mean(0)
    scaled /= np.sqrt((scaled**2).sum(1).mean())
    theirs = LogisticRegression(C=3.0, max_iter=2000, tol=1e-8).fit(scaled, labels).decision_function(scaled)
    ours = fit_head(embeddings, labels, 3).logits(embeddings)
    np.testing.assert_allclose(ours - ours.mean(1, keepdims=True), theirs, atol=0.02)


CHINESE = ["股市大涨", "球队赢了比赛", "银行降低利率", "足球联赛开幕", "股票基金下跌", "篮球队输了"] * 5


def test_chargrams_separate_scripts_that_minilm_cannot_read(tmp_path: Path) -> None:
    grams = CharGrams.fit(CHINESE)
    features = grams(CHINESE)["features"].numpy()
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, atol=1e-5)
    similarity = features @ features.T
    assert similarity[1, 5] > similarity[1, 2]  # two teams, against a bank
    assert CharGrams.fit(CHINESE).describe() == grams.describe()
    backbone = CharGramsBackbone(grams)
    head = fit_head(features, np.arange(len(CHINESE)) % 2, 2)
    saved = LinearHead.fitted(backbone, head, ["a", "b"]).save(tmp_path)
    again = load_model(saved)
    np.testing.assert_allclose(
        again.forward(again.prepare(list(CHINESE))).logits.detach().numpy(), head.logits(features), atol=1e-4
    )
    assert again.embedding_id == backbone.embedding_id


def test_the_script_of_the_texts_decides_the_backbone() -> None:
    assert unreadable_share(CHINESE) == 1.0
    assert unreadable_share(["plain English", "Größe, señor, naïve", "2024 !!", ""]) == 0.0
    assert unreadable_share([]) == 0.0


def test_a_device_that_is_not_here_is_refused_by_name() -> None:
    assert choose_device("cpu").type == "cpu"
    with pytest.raises(BadcaseError, match="tpu"):
        choose_device("tpu")


def test_a_gpu_by_its_number_is_refused_where_a_launcher_started_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(BadcaseError, match=r"device: several processes.*cuda:1"):
        choose_device("cuda:1")
    assert choose_device("cpu").type == "cpu"
