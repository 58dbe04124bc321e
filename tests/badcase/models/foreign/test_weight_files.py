"""Files of weights in whatever a training wrapped around them; nothing in them is unpickled."""

from __future__ import annotations

import builtins
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from badcase.errors import BadcaseError
from badcase.models import load_model
from tests.badcase.models.networks import SmallNet, save_text_model

FACTORY = "tests.badcase.models.networks:small_net"


class Harm:
    """What a hostile file would run."""

    def __reduce__(self) -> Any:
        return exec, ("import builtins; builtins.harm_was_done = True",)


def prefixed(prefix: str, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {prefix + name: tensor for name, tensor in state.items()}


def wrapped(how: str, state: dict[str, torch.Tensor]) -> Any:
    other = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    return {
        "plain": state,
        "model_state_dict": {"epoch": 3, "model_state_dict": state, "optimizer_state_dict": {"state": {0: {}}, "lr": 0.1}},
        "lightning": {"state_dict": prefixed("model.", state) | {"loss.weight": torch.ones(3)}, "epoch": 1, "callbacks": {}},
        "parallel": {"model": prefixed("module.", state), "args": {"lr": 1.0}},
        "compiled": {"net": prefixed("_orig_mod.module.", state)},
        "nested": {"model": {"state_dict": prefixed("net.", state)}},
        "averaged": {"model": state, "ema": other},
        "inside": {"ema": prefixed("module.model._orig_mod.", state), "n": 1},
        "own name": {"my_net": state, "scheduler": {"last_epoch": 2}},
    }[how]


HOW = ["plain", "model_state_dict", "lightning", "parallel", "compiled", "nested", "averaged", "inside", "own name"]


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("how", HOW)
def test_usual_wrappings_are_undone(how: str, legacy: bool, tmp_path: Path) -> None:
    state = SmallNet(3).state_dict()
    torch.save(wrapped(how, state), tmp_path / "net.ckpt", _use_new_zipfile_serialization=not legacy)
    model = load_model(FACTORY, weights=tmp_path / "net.ckpt", classes=("a", "b", "c"))
    torch.testing.assert_close(dict(model.network.state_dict()), dict(state))
    if how == "averaged":
        assert any("`ema`" in note for note in model.notes)
    if how == "lightning":
        assert any("loss.weight" in note for note in model.notes)


def test_names_that_lack_what_the_network_puts_before_them_fit_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrapped_net.py").write_text(
        "import torch\nfrom tests.badcase.models.networks import SmallNet\n\n\n"
        "class Outer(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = SmallNet(3)\n\n"
        "    def forward(self, image):\n        return self.body(image)\n\n\ndef build():\n    return Outer()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    state = SmallNet(3).state_dict()
    save_file(state, tmp_path / "net.safetensors")
    model = load_model("wrapped_net:build", weights=tmp_path / "net.safetensors")
    torch.testing.assert_close(model.network.state_dict()["body.first.weight"], state["first.weight"])


def test_weights_of_another_network_are_refused_by_name_shape_and_number(tmp_path: Path) -> None:
    state = SmallNet(3).state_dict()
    del state["first.bias"]
    save_file(state | {f"extra.{i}": torch.zeros(2) for i in range(5)}, tmp_path / "net.safetensors")
    with pytest.raises(
        BadcaseError, match=r"1 missing: first\.bias; 5 not of this network: extra\.0, extra\.1, extra\.2, \.\.\."
    ):
        load_model(FACTORY, weights=tmp_path / "net.safetensors")
    save_file(SmallNet(3, cells=2).state_dict(), tmp_path / "net.safetensors")
    with pytest.raises(BadcaseError, match=r"1 of another shape: first\.weight is \(16, 12\) in the file and \(16, 48\)"):
        load_model(FACTORY, weights=tmp_path / "net.safetensors")


@pytest.mark.parametrize(("content", "words"), [({"generator": {}, "judge": {}}, "several networks"), ({}, "no weights")])
def test_two_networks_and_none_are_refused(content: dict[str, Any], words: str, tmp_path: Path) -> None:
    made = {name: SmallNet(3).state_dict() for name in content}
    torch.save(made | {"epoch": 1}, tmp_path / "net.pt")
    with pytest.raises(BadcaseError, match=words):
        load_model(FACTORY, weights=tmp_path / "net.pt")


@pytest.mark.parametrize("legacy", [False, True])
def test_objects_beside_the_tensors_are_named_and_not_unpickled(legacy: bool, tmp_path: Path) -> None:
    state = SmallNet(3).state_dict()
    for beside in (Path("data"), Harm()):
        torch.save({"state_dict": state, "hyper": beside}, tmp_path / "net.ckpt", _use_new_zipfile_serialization=not legacy)
        with pytest.raises(BadcaseError, match="never unpickled") as refused:
            load_model(FACTORY, weights=tmp_path / "net.ckpt")
        assert "PosixPath" in refused.value.got or "WindowsPath" in refused.value.got or "exec" in refused.value.got
    assert not hasattr(builtins, "harm_was_done")


@pytest.mark.parametrize("form", ["zip", "legacy", "bare"])
def test_the_bin_of_a_saved_model_is_read_without_unpickling(form: str, tmp_path: Path) -> None:
    save_text_model(tmp_path, "Bert", ["a", "b"])
    state = load_file(tmp_path / "model.safetensors")
    expected = load_model(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    path = tmp_path / "pytorch_model.bin"
    if form != "bare":
        torch.save(state, path, _use_new_zipfile_serialization=form == "zip")
        assert load_model(tmp_path).embedding_id == expected.embedding_id
        torch.save(state | {"harm": Harm()}, path, _use_new_zipfile_serialization=form == "zip")
    else:
        path.write_bytes(pickle.dumps(Harm()))
    with pytest.raises(BadcaseError) as refused:
        load_model(tmp_path)
    assert "weights_only=False" not in str(refused.value)
    assert not hasattr(builtins, "harm_was_done")


def test_an_adapter_is_named_with_its_base_and_how_to_merge_it(tmp_path: Path) -> None:
    said = {"peft_type": "LORA", "base_model_name_or_path": "someone/base", "task_type": "SEQ_CLS"}
    (tmp_path / "adapter_config.json").write_text(json.dumps(said))
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    with pytest.raises(BadcaseError, match=r"adapter \(LORA\) for the model someone/base") as refused:
        load_model(tmp_path)
    assert "AutoPeftModelForSequenceClassification" in refused.value.hint
    assert "merge_and_unload" in refused.value.hint
