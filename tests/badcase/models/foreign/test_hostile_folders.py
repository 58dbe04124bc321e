"""A model's folder that a stranger made: it runs nothing, asks nothing and calls nobody, and damage in it is told."""

from __future__ import annotations

import builtins
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from badcase import network
from badcase.errors import BadcaseError
from badcase.items.kinds import Kind
from badcase.models import loading
from badcase.models.foreign.hub_access import hub_options
from badcase.models.inputs import inputs_beside
from badcase.models.loading import load_model, stored_spec
from badcase.trust import gate
from tests.badcase.models.networks import save_text_model

OWN = """from transformers import BertConfig, BertForSequenceClassification
class Config(BertConfig):
    model_type = "made-up"
class Model(BertForSequenceClassification):
    config_class = Config
"""


def say(path: Path, **more: Any) -> None:
    said = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(said | more))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    save_text_model(folder)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(gate, "_said", {})
    return Path(shutil.copytree(saved, tmp_path / "model"))


def test_a_tokenizer_beside_a_network_runs_no_code_and_asks_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def answered(words: object) -> str:
        asked.append(words)
        return "y"

    monkeypatch.setattr(builtins, "input", answered)
    (folder / "config.json").unlink()
    (folder / "own.py").write_text(f"open({str(folder / 'ran')!r}, 'w')\nclass Own: pass\n")
    say(folder / "tokenizer_config.json", tokenizer_class="Own", auto_map={"AutoTokenizer": ["own.Own", "own.Own"]})
    with pytest.raises(BadcaseError):
        inputs_beside(folder, Kind.TEXT, names=["input_ids"], size=None, length=None, notes=[])
    assert not (folder / "ran").exists() and not asked


@pytest.mark.parametrize("nested", [False, True])
def test_code_that_is_trusted_does_not_bring_in_code_from_elsewhere(nested: bool, folder: Path) -> None:
    (folder / "own.py").write_text(OWN)
    (other := folder.parent / "other").mkdir()
    (other / "own.py").write_text(f"open({str(other / 'ran')!r}, 'w')\n{OWN}")
    trusted = {"AutoConfig": "own.Config", "AutoModelForSequenceClassification": "own.Model"}
    say(folder / "config.json", model_type="made-up", auto_map=trusted)
    load_model(folder, root=folder.parent, trust_remote_code=True)

    elsewhere = {"auto_map": trusted | {"AutoConfig": f"{other}/own.Config"}}
    say(folder / "config.json", **({"text_config": elsewhere} if nested else elsewhere))
    with pytest.raises(BadcaseError) as refused:
        load_model(folder, root=folder.parent)
    assert refused.value.got == f"{other}/own.Config" and not (other / "ran").exists()


def test_code_of_another_model_that_is_named_inside_a_configuration_is_asked_for_too(folder: Path) -> None:
    (folder / "own.py").write_text(OWN)
    (other := folder.parent / "other").mkdir()
    (other / "own.py").write_text(OWN)
    say(folder / "config.json", model_type="made-up", auto_map={"AutoConfig": "own.Config"})
    with gate.on_behalf_of(folder.parent), gate.vouching_for(folder.parent):
        assert hub_options(str(folder))["trust_remote_code"]
    say(folder / "config.json", text_config={"auto_map": {"AutoConfig": f"{other}--own.Config"}})
    with gate.on_behalf_of(folder.parent):
        assert not hub_options(str(folder))["trust_remote_code"]


def test_a_folder_that_a_person_names_does_not_lift_the_switches_of_the_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str | None] = []
    for name in network._OFFLINE:
        monkeypatch.setenv(name, "1")
    monkeypatch.setattr(network, "_lifted", True)

    class Stop(Exception):
        pass

    def load(spec: dict[str, Any]) -> Any:
        seen.append(os.environ["HF_HUB_OFFLINE"])
        raise Stop

    monkeypatch.setitem(loading.KINDS, "hugging_face", load)
    for source in (str(folder), "owner/name"):
        with pytest.raises(Stop):
            load_model(source)
    assert seen == ["1", "0"]


def wrong_words(folder: Path) -> None:
    (folder / "badcase.json").write_text("{")


def a_list(folder: Path) -> None:
    (folder / "badcase.json").write_text("[]")


def nothing_said(folder: Path) -> None:
    (folder / "badcase.json").write_text("{}")


def another_kind(folder: Path) -> None:
    (folder / "badcase.json").write_text('{"kind": "packaged", "source": "x"}')


def a_backbone_that_there_is_not(folder: Path) -> None:
    (folder / "badcase.json").write_text('{"kind": "linear_head", "backbone": "x", "name": "x", "classes": ["a"]}')
    (folder / "model.safetensors").rename(folder / "head.safetensors")


def no_weights(folder: Path) -> None:
    (folder / "badcase.json").write_text('{"kind": "linear_head", "backbone": "x", "name": "x", "classes": ["a"]}')
    (folder / "head.safetensors").write_bytes(b"pickle")


def a_shape_of_another_make(folder: Path) -> None:
    (folder / "badcase.json").write_text(
        '{"kind": "shaped", "name": "x", "classes": 3, "column": null, "shape": {}, "backbone": []}'
    )


def no_steps(folder: Path) -> None:
    (folder / "modules.json").write_text("[{}]")
    (folder / "config.json").unlink()


@pytest.mark.parametrize(
    "damage",
    [
        wrong_words,
        a_list,
        nothing_said,
        another_kind,
        a_backbone_that_there_is_not,
        no_weights,
        a_shape_of_another_make,
        no_steps,
    ],
)
def test_a_damaged_folder_is_told_as_such(damage: Callable[[Path], None], folder: Path) -> None:
    damage(folder)
    with pytest.raises(BadcaseError) as told:
        load_model(folder)
    assert str(folder) in told.value.where and told.value.hint


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "x"}, {"kind": []}, {"source": 3}, {"task": "x"}, {"classes": 3}, {"weights": []}, {"search_path": 1}],
    ids=str,
)
def test_a_stored_spec_of_another_make_is_told_as_damage(wrong: dict[str, Any], tmp_path: Path) -> None:
    sound = {"kind": "encoder", "source": "x", "task": "text"}
    assert stored_spec(sound, tmp_path) == sound
    with pytest.raises(BadcaseError):
        stored_spec(sound | wrong, tmp_path)


@pytest.mark.parametrize(
    "name", ["../theirs.safetensors", "/theirs.safetensors", "..\\theirs.safetensors", "C:\\theirs.safetensors"]
)
def test_weights_in_parts_come_from_the_folder_alone(name: str, folder: Path) -> None:
    """The index of weights in several files named one of another folder, whose tensors then stood in the copies of the model."""
    weights = folder / "model.safetensors"
    tensors = list(load_file(weights))
    weights.rename(folder.parent / "theirs.safetensors")
    parts = {"metadata": {}, "weight_map": dict.fromkeys(tensors, name)}
    (folder / "model.safetensors.index.json").write_text(json.dumps(parts))
    with pytest.raises(BadcaseError, match="outside of its folder") as refused:
        load_model(folder, root=folder.parent)
    assert refused.value.got == name
    (folder.parent / "theirs.safetensors").rename(folder / "part-1.safetensors")
    (folder / "model.safetensors.index.json").write_text(
        json.dumps(parts | {"weight_map": dict.fromkeys(tensors, "part-1.safetensors")})
    )
    assert load_model(folder, root=folder.parent).classes_count


def test_parts_of_a_sentence_encoder_and_weights_of_ours_come_from_the_folder_alone(folder: Path, tmp_path: Path) -> None:
    (folder / "modules.json").write_text(json.dumps([{"type": "sentence_transformers.models.Transformer", "path": "../other"}]))
    say(folder / "config.json", architectures=["BertModel"])
    with pytest.raises(BadcaseError, match="outside of its folder"):
        load_model(folder, root=folder.parent)
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "badcase.json").write_text(
        json.dumps({"kind": "factory", "source": "a.b:c", "weights": "../x.safetensors", "classes": None})
    )
    with pytest.raises(BadcaseError, match="outside of its folder"):
        load_model(tmp_path / "ours", root=tmp_path)
