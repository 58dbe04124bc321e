"""The shape of a model: every knob acts on real architectures, and what was trained is the same after it was saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from badcase.errors import BadcaseError
from badcase.models import Model, load_model
from badcase.models.shaped import ExtraColumn, ShapedModel
from badcase.progress import finish
from badcase.project import Project
from badcase.training.network.dropout import set_dropout
from badcase.training.network.freezing import hold
from badcase.training.network.shaping import drop_embeddings, groups_of, shape, studied
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.recipe.enums import Start
from badcase.training.recipe.unfreezing_stages import stages
from badcase.training.run_folder.run_files import META, read_json
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.notes import read_notes
from badcase.training.runs.plan import plan
from badcase.training.runs.train import train_in_steps
from tests.badcase.models.networks import IMAGE_ARCHITECTURES, TEXT_ARCHITECTURES, save_image_model, save_text_model
from tests.badcase.prediction.projects import image_project, trained_image_model
from tests.training.projects import write_noisy_texts

CLASSES = ["a", "b", "c", "d", "e"]
QUICK = Recipe(epochs=3, head_epochs=1, learning_rate=3e-3, batch_size=16)
EVERY = {**dict.fromkeys(IMAGE_ARCHITECTURES, save_image_model), **dict.fromkeys(TEXT_ARCHITECTURES, save_text_model)}


def of(folder: Path, name: str, **knobs: Any) -> Model:
    """A model of some architecture in the shape of some knobs, as a training would begin with it."""
    if not (folder / name).exists():
        EVERY[name](folder / name, name, CLASSES)
    model = load_model(str(folder / name), classes=CLASSES).with_classes(CLASSES, 0)
    return shape(model, Recipe(**knobs), Start.SCRATCH if "normalization" in knobs else Start.PRETRAINED, CLASSES, 0)


def logits(model: Model) -> torch.Tensor:
    model.network.eval()
    torch.manual_seed(0)
    batch = model.prepare(["a dog , the cat", "rain"] if "Text" in type(model.inputs).__name__ else _pictures())
    with torch.no_grad():
        return model.forward(batch).logits


def _pictures() -> list[Any]:
    from PIL import Image

    rng = np.random.default_rng(0)
    return [Image.fromarray(rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)) for _copy in range(2)]


SHAPES = {
    "attention": {"pooling": "attention", "head_hidden": 8},
    "max": {"pooling": "max"},
    "hidden": {"head_hidden": 8, "activation": "tanh"},
    "levels": {"pooling": "mean", "head_levels": 2, "level_mix": "concat"},
}


@pytest.mark.parametrize(
    ("name", "knobs"),
    [(name, "attention") for name in EVERY]
    + [("Bert", "max"), ("GPT2", "hidden"), ("ConvNext", "hidden"), ("ResNet", "levels"), ("Swin", "levels")],
)
def test_any_architecture_takes_another_head_and_gives_the_same_logits_after_loading(
    tmp_path: Path, name: str, knobs: str
) -> None:
    model = of(tmp_path, name, **SHAPES[knobs])
    saved = model.save(tmp_path / "saved")
    again = load_model(str(tmp_path / "saved"), classes=CLASSES)
    assert saved["kind"] == "shaped" and logits(model).std() > 0
    torch.testing.assert_close(logits(again), logits(model), atol=1e-6, rtol=0)
    assert again.embedding_id == model.embedding_id
    below = load_model(str(tmp_path / "saved" / "backbone"))  # plain transformers, with the head it came with
    kind = "Image" if name in IMAGE_ARCHITECTURES else "Sequence"
    assert type(below.network).__name__ == f"{name}For{kind}Classification"


def test_padding_does_not_count_in_any_pooling(tmp_path: Path) -> None:
    for pooling in ("mean", "max", "attention"):
        model = of(tmp_path / pooling, "Bert", pooling=pooling)
        with torch.no_grad():
            alone = model.forward(model.prepare(["rain"])).logits
            padded = model.forward(model.prepare(["rain", "a dog , the cat a dog"])).logits[:1]
        torch.testing.assert_close(alone, padded, atol=1e-5, rtol=0)


def test_several_levels_are_read_side_by_side_or_added_where_they_are_of_one_width(tmp_path: Path) -> None:
    deep: dict[str, Any] = TEXT_ARCHITECTURES["Bert"] | {"num_hidden_layers": 3}
    (tmp_path / "m").mkdir()
    TEXT_ARCHITECTURES["Bert"], before = deep, TEXT_ARCHITECTURES["Bert"]
    try:
        made = [of(tmp_path / mix, "Bert", pooling="mean", head_levels=3, level_mix=mix) for mix in ("concat", "mix")]
    finally:
        TEXT_ARCHITECTURES["Bert"] = before
    assert [model.last_layer.layer.in_features for model in made] == [48, 16]
    for model in made:
        logits(model).sum()
        model.network.train()
        model.forward(model.prepare(["a dog", "rain"])).logits.square().sum().backward()
        first = model.network.backbone.bert.encoder.layer[0].output.dense.weight
        assert first.grad.abs().sum() > 0
    assert made[1].network.head.mix.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("name", "where", "knobs"),
    [
        ("ResNet", "pooling", {"pooling": "class_token"}),
        ("GPT2", "pooling", {"pooling": "class_token"}),
        ("ResNet", "level_mix", {"pooling": "mean", "head_levels": 2, "level_mix": "mix"}),
        ("Bert", "head_levels", {"pooling": "mean", "head_levels": 4}),
    ],
)
def test_a_shape_that_this_network_cannot_take_is_refused_by_name(
    tmp_path: Path, name: str, where: str, knobs: dict[str, Any]
) -> None:
    with pytest.raises(BadcaseError) as caught:
        of(tmp_path, name, **knobs)
    assert caught.value.where == where


@pytest.mark.parametrize("name", ["Bert", "ViT", "ResNet", "ConvNext", "Swin", "MobileNetV2", "ModernBert", "GPT2"])
def test_norms_of_every_kind_take_the_place_of_those_of_a_network_and_load_again(tmp_path: Path, name: str) -> None:
    plain = logits(of(tmp_path, name))
    for kind in ("batch", "layer", "instance", "group"):
        model = of(tmp_path, name, normalization=kind)
        model.network.train()
        model.forward(model.prepare(["a dog", "rain ,"] if name in TEXT_ARCHITECTURES else _pictures()))
        model.save(tmp_path / f"saved {kind}")
        made = logits(model)
        again = load_model(str(tmp_path / f"saved {kind}"), classes=CLASSES)
        torch.testing.assert_close(logits(again), made, atol=1e-6, rtol=0)
        assert not torch.allclose(made, plain)


@pytest.mark.parametrize("kind", ["batch", "layer", "instance", "group"])
def test_a_norm_knows_nothing_of_padding_so_an_answer_depends_on_no_other_text(tmp_path: Path, kind: str) -> None:
    model = of(tmp_path, "Bert", normalization=kind)
    short, long = "a dog", "rain , the cat and the dog sleep in the rain , a dog"
    alone, beside = model.prepare([short, short]), model.prepare([short, short, long])
    assert beside["input_ids"].shape[1] > alone["input_ids"].shape[1]
    padded = {name: values[:2] for name, values in beside.items()}
    for training in (True, False):  # a batch norm learns in training, from the same tokens in both
        model.network.train(training)
        set_dropout(model.network, 0.0, alone)
        with torch.no_grad():
            made, expected = (model.forward(batch).logits for batch in (padded, alone))
        torch.testing.assert_close(made, expected, atol=1e-5, rtol=0)
    with torch.no_grad():
        torch.testing.assert_close(model.forward(beside).logits[:2], expected, atol=1e-5, rtol=0)


def test_new_layers_are_drawn_as_asked_and_old_ones_only_from_scratch(tmp_path: Path) -> None:
    save_text_model(tmp_path / "m", "Bert", CLASSES)
    base = load_model(str(tmp_path / "m"), classes=CLASSES)
    word = base.network.bert.embeddings.word_embeddings.weight.clone()
    query = base.network.bert.encoder.layer[0].attention.self.query.weight.clone()
    heads, bodies = [], []
    for how in ("default", "xavier", "kaiming_uniform", "kaiming_normal"):
        head = shape(base.with_classes(CLASSES, 0), Recipe(initialization=how), Start.PRETRAINED, CLASSES, 0).network
        assert torch.equal(head.bert.embeddings.word_embeddings.weight, word)
        assert torch.equal(head.bert.encoder.layer[0].attention.self.query.weight, query)
        heads.append(head.classifier.weight.detach())
        body = shape(base.scratch(0), Recipe(initialization=how), Start.SCRATCH, CLASSES, 0).network
        bodies.append(body.bert.encoder.layer[0].intermediate.dense.weight.detach())
        if how != "default":
            assert body.bert.embeddings.word_embeddings.weight.abs().max() <= 0.04
    assert len({float(weight.sum()) for weight in heads}) == len({float(weight.sum()) for weight in bodies}) == 4
    assert float(bodies[3].std()) == pytest.approx((2 / 16) ** 0.5, rel=0.15)
    with pytest.raises(BadcaseError, match="initialization"):
        shape(base, Recipe(initialization="xavier"), Start.CURRENT, CLASSES, 0)


@pytest.mark.parametrize("name", ["ViT", "Swin", "Dinov2", "Bert", "DistilBert", "GPT2", "Electra", "ModernBert"])
def test_one_number_reaches_every_dropout_so_that_none_is_left_at_0(tmp_path: Path, name: str) -> None:
    model = of(tmp_path, name, dropout=0.0)
    batch = model.prepare(["a dog , the cat", "rain"] if name in TEXT_ARCHITECTURES else _pictures())
    model.network.train()
    first, second = (model.forward(batch).logits for _pass in range(2))
    assert torch.equal(first, second)
    again = of(tmp_path / "more", name, dropout=0.9)
    again.network.train()
    first, second = (again.forward(batch).logits for _pass in range(2))
    assert not torch.equal(first, second)


@pytest.mark.parametrize(("knobs", "count"), [({}, 1), ({"head_hidden": 8}, 2)])
def test_dropout_acts_in_front_of_the_head_of_the_image_backbone(knobs: dict[str, Any], count: int) -> None:
    """The backbone has a dropout there too, which nothing runs: the knob was taken and did nothing."""
    backbone, recipe = load_model("efficientnet-lite0"), Recipe(dropout=0.5, **knobs)
    model = shape(backbone.with_classes(CLASSES, 0), recipe, Start.PRETRAINED, CLASSES, 0)
    assert set_dropout(model.network, 0.5, model.prepare(_pictures())) == count  # each layer of the head once
    torch.testing.assert_close(logits(model), logits(model))
    model.network.train()
    read = model.forward(model.prepare(_pictures())).embeddings
    assert float((read == 0).float().mean()) == pytest.approx(0.5, abs=0.35 if knobs else 0.1)  # of few hidden ones


@pytest.mark.parametrize("name", ["ViT", "ResNet", "ConvNext", "MobileNetV2", "Bert", "GPT2", "ModernBert"])
def test_embedding_dropout_acts_in_training_and_only_then(tmp_path: Path, name: str) -> None:
    has_dropout = name not in ("ResNet", "ConvNext")
    model = of(tmp_path, name, **({"dropout": 0.0} if has_dropout else {}))
    before = logits(model)
    drop_embeddings(model, studied(model), 0.5)
    assert torch.equal(logits(model), before)
    model.network.train()
    batch = model.prepare(["a dog , the cat", "rain"] if name in TEXT_ARCHITECTURES else _pictures())
    first, second = (model.forward(batch).logits for _pass in range(2))
    assert not torch.equal(first, second)


def test_the_backbone_joins_from_the_last_block_down_and_embeddings_may_stay(tmp_path: Path) -> None:
    before = TEXT_ARCHITECTURES["Bert"]
    TEXT_ARCHITECTURES["Bert"] = before | {"num_hidden_layers": 3}
    try:
        model = of(tmp_path, "Bert")
    finally:
        TEXT_ARCHITECTURES["Bert"] = before
    groups = groups_of(model, studied(model))
    assert len(groups) == 4 and any(p is model.network.bert.embeddings.word_embeddings.weight for p in groups[0])
    for kept in (False, True):
        recipe = Recipe(freeze="by_stage", epochs=8, head_epochs=2, unfreeze_stages=4, frozen_embeddings=kept)
        assert stages(recipe) == {1: (2, True), 3: (1, False), 4: (1, False), 5: (1, False), 6: (3, False)}
        seen = []
        for epoch in stages(recipe):
            hold(model.network, model.head, groups, recipe, epoch)
            assert all(p.requires_grad for p in model.head.parameters())
            seen.append([all(p.requires_grad for p in group) for group in groups])
        assert seen == [
            [False] * 4,
            [False] * 3 + [True],
            [False] * 2 + [True] * 2,
            [False] + [True] * 3,
            [not kept] + [True] * 3,
        ]
    trained = sum(p.numel() for p in model.network.parameters())
    assert sum(p.numel() for group in groups for p in group) + sum(p.numel() for p in model.head.parameters()) == trained


# --- whole runs -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("images")
    project = image_project(folder, 60)
    trained_image_model(folder / "model", folder / "data")
    project.predict(str(folder / "model"))
    yield project
    project.close()


def same_after_accepting(project: Project, run_id: int, atol: float = 0.02) -> Model:
    made = finish(accept_in_steps(project, run_id))
    held = project.split != 0
    np.testing.assert_allclose(np.load(project.runs.get(run_id).folder / "logits.npy")[held], made.logits[held], atol=atol)
    return load_model(project.model_spec, classes=project.classes, kind=project.kind, root=project.path)


def test_a_run_in_another_shape_is_accepted_and_goes_on_from_there(images: Project) -> None:
    wanted = QUICK.replace_from(
        {
            "pooling": "attention",
            "head_hidden": 16,
            "embedding_dropout": 0.1,
            "epochs": 5,
            "freeze": "by_stage",
            "unfreeze_stages": 2,
            "initialization": "xavier",
        }
    )
    run = finish(train_in_steps(images, wanted))
    assert run.metrics["accuracy"] > 0.6
    first = same_after_accepting(images, run.id)
    assert isinstance(first, ShapedModel) and first.shape.pooling == "attention"
    more = finish(
        train_in_steps(images, QUICK.replace_from({"learning_rate": 1e-6, "head_learning_rate": 1e-6}), start="current")
    )
    kept = same_after_accepting(images, more.id)  # the shape stays where the recipe asks for none
    assert isinstance(kept, ShapedModel) and kept.shape == first.shape
    torch.testing.assert_close(kept.network.head.out.weight, first.network.head.out.weight, atol=1e-3, rtol=0)
    other = finish(train_in_steps(images, QUICK.replace_from({"pooling": "mean"}), start="current"))
    assert same_after_accepting(images, other.id).shape.hidden == 0
    finish(accept_in_steps(images, 1))


def test_a_run_of_adapters_is_cross_validated_and_accepted_as_a_plain_network(images: Project) -> None:
    adapters = QUICK.replace_from({"method": "lora", "learning_rate": 0.03})
    run = finish(train_in_steps(images, adapters))
    assert run.metrics["accuracy"] > 0.6 and any("adapters" in said for said in plan(images, adapters).sentences)
    made = same_after_accepting(images, run.id)
    began = load_model(images.predictions.all()[0].meta["model"], root=images.path)
    assert type(made) is type(began) and made.network.state_dict().keys() == began.network.state_dict().keys()
    measured = finish(train_in_steps(images, adapters.replace_from({"folds": 2})))
    assert measured.metrics["accuracy"] > 0.5
    finish(accept_in_steps(images, 1))


def test_a_network_from_scratch_trains_with_other_norms_and_a_pretrained_one_refuses_them(images: Project) -> None:
    wanted = QUICK.replace_from({"normalization": "group", "freeze": "nothing", "epochs": 6}).settled("image", "scratch")
    with pytest.raises(BadcaseError) as caught:
        finish(train_in_steps(images, wanted, start="pretrained"))
    assert caught.value.where == "normalization"
    run = finish(train_in_steps(images, wanted, start="scratch"))
    same_after_accepting(images, run.id)
    finish(accept_in_steps(images, 1))


def test_further_columns_are_learnt_by_heads_of_their_own_and_the_label_is_predicted_as_ever(tmp_path: Path) -> None:
    write_noisy_texts(tmp_path / "texts.csv", 60, wrong=0.0)
    lines = (tmp_path / "texts.csv").read_text().splitlines()
    more = [f"{line},{['', 'odd', 'even', 'odd'][i % 4]},{i}" for i, line in enumerate(lines[1:])]
    (tmp_path / "texts.csv").write_text("\n".join([f"{lines[0]},parity,number", *more]))
    save_text_model(tmp_path / "model", "Bert", ["animals", "food", "weather"])
    with Project.create(tmp_path / "project", tmp_path / "texts.csv", label="label") as project:
        project.predict(str(tmp_path / "model"))
        wanted = QUICK.replace_from({"extra_columns": "parity", "pooling": "attention"})
        runs = [
            finish(train_in_steps(project, recipe))
            for recipe in (wanted, wanted.replace_from({"extra_weight": 5.0}), wanted.replace_from({"extra_columns": ""}))
        ]
        made = [np.load(run.folder / "logits.npy")[project.split != 0] for run in runs]
        assert not np.array_equal(made[0], made[1]) and not np.array_equal(made[0], made[2])
        model = same_after_accepting(project, runs[1].id)
        assert isinstance(model, ShapedModel) and model.shape.columns == (ExtraColumn("parity", ("even", "odd")),)
        assert model.network.extra[0].pools[0].query.abs().sum() > 0  # a query of its own, which has learnt
        for column, where in (("nowhere", "no such column"), ("number", "not classes")):
            with pytest.raises(BadcaseError, match=where):
                finish(train_in_steps(project, wanted.replace_from({"extra_columns": f"parity, {column}"})))


def test_a_network_that_learnt_two_columns_answers_in_a_project_of_each(tmp_path: Path) -> None:
    """Both columns say yes or no, so only their names tell whose head is asked."""
    rng, rain, noise = np.random.default_rng(0), ["wet", "dry"], ["loud", "quiet"]
    filler = np.array(["street", "table", "morning", "window", "river", "paper", "garden", "bridge", "letter", "island"])
    lines = [
        f"{' '.join(rng.permutation([rain[a], noise[b], *rng.permutation(filler)[:4]]))},{'yn'[a]},{'yn'[b]}"
        for a, b in rng.integers(0, 2, (200, 2))
    ]
    (tmp_path / "texts.csv").write_text("\n".join(["text,rain,noise", *lines]), encoding="utf-8")
    recipe = PRESETS["from-scratch"].replace_from(
        {"epochs": 8, "minimum_checks": 1, "extra_columns": "noise", "extra_weight": 1.0}
    )
    with Project.create(tmp_path / "rain", tmp_path / "texts.csv", text="text", label="rain") as project:
        project.predict("chargrams")
        run = finish(train_in_steps(project, recipe, start="scratch"))
        assert read_json(run.folder / META)["columns"]["noise"]["accuracy"] == 1.0
        assert "Column noise: accuracy 100.0" in read_notes(project, run.id)
    with Project.create(tmp_path / "noise", tmp_path / "texts.csv", text="text", label="noise") as project:
        project.predict(str(run.folder / "model"))
        assert (project.predictions.current.logits.argmax(1) == project.labels).all()
        further = finish(train_in_steps(project, QUICK, start="current"))
        assert further.metrics["accuracy"] == 1.0
        saved = load_model(str(further.folder / "model"), classes=("n", "y"), column="noise")
        assert isinstance(saved, ShapedModel) and saved.column == "noise"
        assert [column.name for column in saved.shape.columns] == ["rain"]
