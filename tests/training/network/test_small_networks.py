"""Small networks of one's own: every knob of their shape acts, and what was trained is the same from its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from badcase.errors import BadcaseError
from badcase.models import load_model
from badcase.models.small.networks import Layout
from badcase.models.small.small_model import SmallModel, small_model
from badcase.models.small.text_pieces import own_tokenizer
from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunState
from badcase.training.network.shaping import lacking, shape, studied
from badcase.training.recipe import PRESETS, Recipe, default_for
from badcase.training.recipe.enums import Start
from badcase.training.run_folder.run_files import META, read_json
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.plan import plan, resolve_recipe
from badcase.training.runs.resume import resume_in_steps
from badcase.training.runs.train import train_in_steps
from tests.badcase.prediction.projects import image_project
from tests.training.projects import write_noisy_texts

PLAIN = Layout(2, 32, "relu", "none")
CHANGES: dict[str, object] = {"depth": 3, "width": 48, "activation": "tanh", "normalization": "group"}
QUICK = PRESETS["from-scratch"].replace_from(
    {"epochs": 8, "batch_size": 8, "minimum_checks": 1, "network": "small", "width": 32, "depth": 1}
)
PRETRAINED = {"lora_rank", "gradient_checkpointing"}  # knobs for large networks that somebody trained before
LONG = "dog rain left one two three bread soup near far over under right snow"


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("texts")
    write_noisy_texts(folder / "texts.csv", 150, wrong=0.0)
    with Project.create(folder / "project", folder / "texts.csv") as project:
        project.predict("chargrams")
        yield project


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with image_project(tmp_path_factory.mktemp("images"), 12) as project:
        yield project


def made(project: Project, layout: Layout, seed: int = 0) -> SmallModel:
    return small_model(project.items, range(len(project.items)), project.classes, layout, seed)


def logits(project: Project, model: Any) -> torch.Tensor:
    model.network.eval()
    with torch.no_grad():
        answer: torch.Tensor = model.forward(model.prepare([project.items.for_model(item) for item in range(4)])).logits
    return answer


@pytest.mark.parametrize("kind", ["texts", "images"])
def test_every_knob_of_the_shape_acts_and_the_folder_gives_the_same_answers(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    project = request.getfixturevalue(kind)
    plain = logits(project, made(project, PLAIN))
    assert torch.equal(plain, logits(project, made(project, PLAIN)))
    for name, value in CHANGES.items():
        layout = Layout(**({"depth": 2, "width": 32, "activation": "relu", "normalization": "none"} | {name: value}))  # type: ignore[arg-type]
        model = made(project, layout)
        model.network.train()  # a norm over the batch learns
        model.forward(model.prepare([project.items.for_model(item) for item in range(4)]))
        assert not torch.allclose(logits(project, model), plain, atol=1e-4), name
        model.save(tmp_path / name)
        again = load_model(str(tmp_path / name), classes=project.classes)
        torch.testing.assert_close(logits(project, again), logits(project, model), atol=1e-6, rtol=0)
        assert again.embedding_id == model.embedding_id
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} <= {".json", ".safetensors"}  # and no code


@pytest.mark.parametrize("kind", ["texts", "images"])
@pytest.mark.parametrize("norm", ["batch", "layer", "instance", "group", "none", "model"])
def test_a_small_network_has_the_norm_that_was_asked_for_and_one_dropout_for_all_of_it(
    kind: str, norm: str, request: pytest.FixtureRequest
) -> None:
    project = request.getfixturevalue(kind)
    model = made(project, Layout(2, 32, "silu", norm))
    names = {type(one).__name__ for one in model.network.modules() if "Norm" in type(one).__name__} - {"Norm"}
    usual = {"layer": "GroupNorm", "instance": "GroupNorm", "group": "GroupNorm", "none": ""}
    wanted = usual.get(norm, "BatchNorm1d" if kind == "texts" else "BatchNorm2d")
    wanted = "GroupNorm" if (kind, norm) == ("texts", "model") else wanted
    assert names == ({wanted} if wanted else set())
    shaped = shape(model, Recipe(dropout=0.5, network="small"), Start.SCRATCH, project.classes, 0)
    anatomy = studied(shaped)
    assert set(lacking(shaped, anatomy)) <= PRETRAINED and len(anatomy.blocks) == 2
    shaped.network.train()
    batch = shaped.prepare([project.items.for_model(item) for item in range(4)])
    first, second = (shaped.forward(batch).logits for _pass in range(2))
    assert not torch.allclose(first, second)


@pytest.mark.parametrize("norm", ["batch", "layer", "instance", "group", "none"])
def test_no_answer_depends_on_the_padding_that_a_longer_text_brings(texts: Project, norm: str) -> None:
    for depth in (0, 2):
        if norm == "instance" and not depth:
            continue
        model = made(texts, Layout(depth, 32, "gelu", norm))
        alone, beside = model.prepare(["dog soup"] * 2), model.prepare(["dog soup", "dog soup", LONG])
        padded = {name: values[:2] for name, values in beside.items()}
        assert padded["input_ids"].shape[1] > alone["input_ids"].shape[1]
        for training in (True, False):
            model.network.train(training)
            with torch.no_grad():
                torch.testing.assert_close(model.forward(padded).logits, model.forward(alone).logits, atol=1e-5, rtol=0)


def test_a_bag_of_words_has_no_order_and_blocks_of_attention_have(texts: Project) -> None:
    for depth, same in ((0, True), (2, False)):
        model = made(texts, Layout(depth, 32, "gelu", "none"))
        with torch.no_grad():
            one, other = (model.forward(model.prepare([text])).logits for text in ("dog soup rain", "rain soup dog"))
        assert torch.allclose(one, other, atol=1e-6) == same


def test_what_cannot_act_is_refused_by_name_whoever_asks(texts: Project) -> None:
    refused: list[tuple[dict[str, object], str, str]] = [
        ({"network": "small"}, "pretrained", "network"),
        ({"depth": 2, "freeze": "nothing"}, "pretrained", "depth"),
        ({"activation": "relu", "network": "small", "depth": 0, "freeze": "nothing"}, "scratch", "activation"),
        ({"normalization": "instance", "network": "small", "depth": 0, "freeze": "nothing"}, "scratch", "normalization"),
    ]
    for changes, start, where in refused:
        with pytest.raises(BadcaseError) as caught:
            Recipe().replace_from(changes).check("text", start)
        assert caught.value.where == where
    # Where the model brings no architecture the small network is meant, and its knobs act.
    for recipe in (None, PRESETS["from-scratch"].replace_from({"depth": 2})):
        assert resolve_recipe(texts, recipe, "scratch")[0].network == "small"
    assert default_for({"kind": "hugging_face"}, "text", "scratch").network == "model"
    assert "a small network" in " ".join(plan(texts, None, "scratch").sentences)


def test_a_small_network_is_trained_resumed_accepted_and_predicts_from_its_folder(texts: Project, tmp_path: Path) -> None:
    wanted = QUICK.replace_from({"activation": "relu", "normalization": "batch", "dropout": 0.1, "initialization": "xavier"})
    whole = finish(train_in_steps(texts, wanted, start="scratch"))
    assert whole.metrics["accuracy"] > 0.6 and whole.recipe["network"] == "small"
    job = train_in_steps(texts, wanted, start="scratch")
    while "3" not in getattr(next(job), "name", ""):
        pass
    job.close()
    stopped = texts.runs.all()[-1]
    assert stopped.state is RunState.CANCELLED
    resumed = finish(resume_in_steps(texts, stopped.id))
    np.testing.assert_array_equal(np.load(resumed.folder / "logits.npy"), np.load(whole.folder / "logits.npy"))
    kept = json.loads((whole.folder / "model" / "badcase.json").read_text())
    assert kept["layout"] == {"depth": 1, "width": 32, "activation": "relu", "normalization": "batch"}
    before = texts.predictions.current
    accepted = finish(accept_in_steps(texts, whole.id))
    held = texts.split != 0
    np.testing.assert_allclose(np.load(whole.folder / "logits.npy")[held], accepted.logits[held], atol=0.02)
    further = finish(train_in_steps(texts, Recipe(epochs=2, learning_rate=1e-6, head_learning_rate=1e-6), start="current"))
    assert further.metrics["accuracy"] == pytest.approx(whole.metrics["accuracy"], abs=0.05)
    assert before is not None
    write_noisy_texts(tmp_path / "texts.csv", 30, wrong=0.0, seed=5)
    with Project.create(tmp_path / "project", tmp_path / "texts.csv") as other:
        other.predict(str(whole.folder / "model"))
        assert (other.predictions.current.logits.argmax(1) == other.labels).mean() > 0.6


def test_images_without_a_network_of_their_own_train_a_small_one_which_lacks_no_knob(tmp_path: Path) -> None:
    with image_project(tmp_path, 36) as project:
        project.predict("efficientnet-lite0")
        wanted = QUICK.replace_from({"folds": 2, "validation": "stratified", "epochs": 4, "flip": True})
        run = finish(train_in_steps(project, wanted, start="scratch"))
        assert run.metrics["folds"] == 2 and run.metrics["accuracy"] > 0.6
        whole = finish(train_in_steps(project, QUICK.replace_from({"epochs": 4, "embedding_dropout": 0.1}), start="scratch"))
        assert set(read_json(whole.folder / META).get("lacks", [])) <= PRETRAINED
        made = finish(accept_in_steps(project, whole.id))
        held = project.split != 0
        np.testing.assert_allclose(np.load(whole.folder / "logits.npy")[held], made.logits[held], atol=0.02)


def test_chinese_falls_into_characters_and_unknown_words_into_pieces() -> None:
    made = own_tokenizer(["日本地震 good news", "日本 good day", "goods"])
    assert made.tokenize("地震日本") == ["地", "震", "日", "本"]
    assert made.tokenize("good") == ["good"] and made.tokenize("goods") == ["good", "##s"]
    assert made.get_vocab() == own_tokenizer(["日本地震 good news", "日本 good day", "goods"]).get_vocab()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"width": 10**9}, "width"),
        ({"depth": -1}, "depth"),
        ({"depth": "3"}, "depth"),
        ({"activation": "os.system"}, "os.system"),
    ],
)
def test_a_folder_that_asks_for_all_memory_or_for_what_is_no_layer_is_told_as_damaged(
    texts: Project, tmp_path: Path, change: dict[str, object], says: str
) -> None:
    made(texts, PLAIN).save(tmp_path)
    kept = json.loads((tmp_path / "badcase.json").read_text())
    kept["layout"] |= change
    (tmp_path / "badcase.json").write_text(json.dumps(kept))
    with pytest.raises(BadcaseError, match="damaged") as caught:
        load_model(str(tmp_path))
    assert says in str(caught.value)


def test_images_of_a_size_that_no_small_network_reads_are_told_as_damaged(images: Project, tmp_path: Path) -> None:
    made(images, PLAIN).save(tmp_path)
    kept = json.loads((tmp_path / "preprocessor_config.json").read_text())
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(kept | {"size": {"height": 10**9, "width": 32}}))
    with pytest.raises(BadcaseError, match="damaged"):
        load_model(str(tmp_path))
