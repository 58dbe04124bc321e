"""What is said where a model cannot be loaded or run: the library that is missing, the hub that is out of reach, sizes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.items import Kind
from badcase.models import load_model
from badcase.models.foreign import hub_access, transformers_errors
from badcase.models.model import Model
from badcase.models.running import Runner
from tests.badcase.models.networks import SmallNet, save_image_model, save_text_model, tokenizer
from tests.badcase.prediction.projects import image_project


def test_a_timm_folder_without_timm_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"architecture": "resnet10t", "num_classes": 2, "label_names": ["a", "b"], "pretrained_cfg": {"num_classes": 2}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    monkeypatch.setattr(transformers_errors, "find_spec", lambda name: None)
    with pytest.raises(BadcaseError, match="needs the library timm") as refused:
        load_model(tmp_path, kind=Kind.IMAGE)
    assert "badcase[timm]" in refused.value.hint and "torchvision" in refused.value.hint


@pytest.mark.parametrize(
    ("said", "library"),
    [
        ("LlamaTokenizer requires the SentencePiece library but it was not found in your environment.", "sentencepiece"),
        ("This modeling file requires the following packages that were not found in your environment: einops. Run ...", "einops"),
        ("No module named 'flash_attn.ops'", "flash_attn"),
        ("Using `x` requires `nolibrary` to be installed: `pip install nolibrary`", "nolibrary"),
    ],
)
def test_a_library_that_is_not_here_is_named_with_what_installs_it(said: str, library: str) -> None:
    error = transformers_errors.refused("somewhere", ImportError(said), False)
    assert f"needs the library {library}" in str(error)
    assert f"pip install {library}" in error.hint


def test_a_torchvision_of_another_build_is_told_apart() -> None:
    error = transformers_errors.refused("somewhere", RuntimeError("operator torchvision::nms does not exist"), False)
    assert "another build than torch" in str(error)


def test_a_model_of_the_hub_that_is_not_here_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Nowhere:
        def head(self, address: str, timeout: float) -> None:
            asked.append(address)
            raise OSError("no such host")

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.get_session", Nowhere)
    started = time.monotonic()
    with pytest.raises(BadcaseError, match="not on this machine, and the hub cannot be reached") as refused:
        load_model("nobody-here/nothing-at-all", kind=Kind.TEXT)
    assert len(asked) == 1 and time.monotonic() - started < 5
    assert "chargrams" in refused.value.hint


def test_where_the_hub_is_out_of_reach_what_is_on_this_machine_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_access, "_reached", lambda: False)
    monkeypatch.setattr(hub_access, "cached", lambda source: True)
    assert hub_access.hub_options("some/model")["local_files_only"] is True


@pytest.mark.parametrize(
    ("named", "meant"), [("chargram", "chargrams"), ("MiniLM", "minilm"), ("efficientnet", "efficientnet-lite0")]
)
def test_a_near_miss_of_a_packaged_name_is_told(named: str, meant: str) -> None:
    with pytest.raises(BadcaseError) as refused:
        load_model(named)
    assert f"--model {meant}" in refused.value.hint


@pytest.mark.parametrize(("name", "remedy"), [("minilm", "--model chargrams"), ("efficientnet-lite0", "--model FOLDER")])
def test_a_packaged_backbone_that_is_not_installed_names_another_way(
    name: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_package: str) -> None:
        raise ModuleNotFoundError("No module named this")

    monkeypatch.setattr("badcase.models.pretrained.files", gone)
    with pytest.raises(BadcaseError, match="not installed") as refused:
        load_model(name)
    assert remedy in refused.value.hint and "badcase[models]" in refused.value.hint


def test_weights_for_a_model_that_has_its_own_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match="has its own"):
        load_model("minilm", weights=tmp_path / "net.pt")


def test_a_folder_that_is_gone_is_not_taken_for_a_name_on_the_hub(tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match="is not there"):
        load_model({"kind": "hugging_face", "source": str(tmp_path / "gone"), "task": "text"})


def altered(folder: Path, **values: object) -> None:
    kept = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps(kept | values))


@pytest.mark.parametrize("classes", [["a", "b", "c"], ["LABEL_0", "LABEL_1", "LABEL_2"]])
def test_an_image_size_that_the_network_does_not_take_is_told_with_the_one_that_it_does(
    classes: list[str], tmp_path: Path
) -> None:
    project = image_project(tmp_path, 6)
    save_image_model(tmp_path / "model", "ViT", classes)
    altered(tmp_path / "model", size={"height": 48, "width": 48})
    with pytest.raises(BadcaseError, match=r"size that its image processor makes \(expected 32 x 32, got 48 x 48\)") as refused:
        _run_one(load_model(tmp_path / "model", classes=("a", "b", "c")), project)
    assert '"size": {"height": 32, "width": 32}' in refused.value.hint
    altered(tmp_path / "model", size={"height": 32, "width": 32})  # the remedy works
    _run_one(load_model(tmp_path / "model", classes=("a", "b", "c")), project)
    project.close()


def _run_one(model: Model, project: object) -> None:
    runner = Runner(model, project.items)  # type: ignore[attr-defined]
    runner.forward(runner.load(torch.arange(2).numpy()).batch)


class Reads(SmallNet):
    """A network that fails as it is told to."""

    def __init__(self, error: Callable[[], Exception]) -> None:
        super().__init__(3)
        self.error = error

    def forward(self, image: Tensor) -> Tensor:
        raise self.error()


@pytest.mark.parametrize("error", [ValueError("bad size"), TypeError("no such argument"), IndexError(), AssertionError("7 != 8")])
def test_whatever_a_network_raises_is_told_in_its_words(error: Exception, tmp_path: Path) -> None:
    from badcase.models.last_layer import find_last_layer

    with pytest.raises(BadcaseError, match="the network failed on a batch") as refused:
        find_last_layer(Reads(lambda: error), {"image": torch.zeros(2, 3, 8, 8)}, "mine")
    assert type(error).__name__ in refused.value.got and str(error) in refused.value.got
    assert "image (2, 3, 8, 8)" in refused.value.expected


def test_memory_that_runs_out_stays_what_it_is() -> None:
    from badcase.models.last_layer import find_last_layer

    with pytest.raises(RuntimeError, match="out of memory"):
        find_last_layer(Reads(lambda: RuntimeError("CUDA out of memory")), {"image": torch.zeros(2, 3, 8, 8)})


def test_another_number_of_channels_is_told() -> None:
    from badcase.models.last_layer import find_last_layer

    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
    with pytest.raises(BadcaseError, match=r"number of channels .*expected 1, got 3"):
        find_last_layer(_Named(network), {"image": torch.zeros(2, 3, 8, 8)})


class _Named(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, image: Tensor) -> Tensor:
        made: Tensor = self.inner(image)
        return made


def test_tokens_that_the_network_does_not_have_are_told_with_their_number(tmp_path: Path) -> None:
    save_text_model(tmp_path, "Bert", ["a", "b"])
    tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(40))]).save_pretrained(tmp_path)
    model = load_model(tmp_path, classes=("a", "b"))
    model.last_layer  # noqa: B018 - found on words that both know
    with pytest.raises(BadcaseError, match=r"tokens that the network does not have \(expected numbers below 14, got 44\)"):
        Runner(model, None).forward(model.prepare(["w1 w39"]))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["Bert", "GPT2"])
def test_texts_are_cut_where_the_network_has_no_more_positions_and_that_is_said(name: str, tmp_path: Path) -> None:
    save_text_model(tmp_path, name, ["a", "b"])
    said = json.loads((tmp_path / "tokenizer_config.json").read_text())
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(said | {"model_max_length": 900}))
    model = load_model(tmp_path, classes=("a", "b"))
    most = 512 if name == "Bert" else 64
    assert any(f"cut at {most}" in note for note in model.notes)
    with torch.inference_mode():
        model.forward(model.prepare(["dog " * 1000]))


# --- class names


NUMBERS = ["0.0", "1.0", "10.0", "11.0", *(f"{i}.0" for i in range(2, 10))]  # in the order of text


@pytest.mark.parametrize(
    "names", [[f"LABEL_{i}" for i in range(12)], [str(i) for i in range(12)], [str(11 - i) for i in range(12)]]
)
@pytest.mark.parametrize("classes", [NUMBERS, [name.removesuffix(".0") for name in NUMBERS]])
def test_classes_that_are_numbers_are_matched_by_number(names: list[str], classes: list[str], tmp_path: Path) -> None:
    save_text_model(tmp_path, "Bert", names)
    model = load_model(tmp_path, classes=classes)
    plain = load_model(tmp_path)
    batch = plain.prepare(["a dog"])
    with torch.inference_mode():
        outputs, ordered = plain.forward(batch).logits[0], model.forward(batch).logits[0]
    for place, name in enumerate(classes):
        output = next(i for i, own in enumerate(names) if int(own.removeprefix("LABEL_")) == float(name))
        torch.testing.assert_close(ordered[place], outputs[output])


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        (("cat", "dog"), "does not name its classes"),
        (("1", "0"), "matched by number"),
        (("5", "10"), "order of the project's numbers"),
    ],
)
def test_how_outputs_without_names_were_taken_is_said(classes: tuple[str, ...], words: str, tmp_path: Path) -> None:
    save_text_model(tmp_path, "Bert", ["LABEL_0", "LABEL_1"])
    assert any(words in note for note in load_model(tmp_path, classes=classes).notes)


def test_numbers_in_the_order_of_text_are_taken_in_their_own_order(tmp_path: Path) -> None:
    save_text_model(tmp_path, "Bert", ["LABEL_0", "LABEL_1"])
    assert load_model(tmp_path, classes=("10", "5")).own_classes == ("5", "10")


def test_a_class_written_otherwise_is_the_same_and_another_number_is_refused_with_the_names(tmp_path: Path) -> None:
    save_text_model(tmp_path, "Bert", ["hot_dog", "ice-cream", "Soup"])
    assert load_model(tmp_path, classes=("ice cream", "soup", "hot dog")).order == [1, 2, 0]
    with pytest.raises(BadcaseError, match=r"2 classes: .*got 3 classes: Soup"):
        load_model(tmp_path, classes=("hot_dog", "ice-cream"))
    save_text_model(tmp_path, "Bert", ["LABEL_0", "LABEL_1"])
    with pytest.raises(BadcaseError, match=r"number of classes .*3 classes: a, b, c, got 2"):
        load_model(tmp_path, classes=("a", "b", "c"))
