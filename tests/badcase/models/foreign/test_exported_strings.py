"""What a hostile `.pt2` says is read before torch reads it; honest ones load as they did."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from badcase.errors import BadcaseError
from badcase.models import load_model
from badcase.models.foreign.exported_strings import is_arithmetic, odd_strings
from badcase.trust.gate import UntrustedCode

MODEL, WEIGHTS, CONSTANTS = (
    "models/model.json",
    "data/weights/model_weights_config.json",
    "data/constants/model_constants_config.json",
)


class Net(nn.Module):
    """Sizes in its arithmetic, a part without gradients, a constant, a word as an argument."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Conv2d(3, 4, 1), nn.Linear(4, 2)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        made = nn.functional.gelu(self.first(image), approximate="tanh").flatten(2)
        with torch.no_grad():
            scale = made.shape[2] * torch.ones(4)
        features: torch.Tensor = self.last(torch.einsum("bcn,c->bc", made, scale))
        return features


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("programs") / "honest.pt2"
    batch, side = torch.export.Dim("batch", min=1, max=8), torch.export.Dim("side", min=2, max=256)
    shapes = ({0: batch, 2: 2 * side, 3: 2 * side},)
    torch.export.save(torch.export.export(Net().eval(), (torch.randn(2, 3, 8, 8),), dynamic_shapes=shapes), path)
    return path


def changed(honest: Path, out: Path, part: str, change: Callable[[Any], None], **more: bytes) -> Path:
    """The same archive with one of its JSON documents changed, and more files."""
    with zipfile.ZipFile(honest) as good, zipfile.ZipFile(out, "w") as bad:
        for info in good.infolist():
            content = good.read(info)
            if info.filename.endswith(part):
                document = json.loads(content)
                change(document)
                content = json.dumps(document).encode()
            bad.writestr(info.filename, content)
        for name, content in more.items():
            bad.writestr(f"honest/{name}", content)
    return out


def test_an_honest_program_with_free_sizes_says_nothing_odd_and_loads(honest: Path) -> None:
    assert list(odd_strings(honest)) == []
    model = load_model(honest)
    assert model.classes_count == 2


def graph(document: Any) -> Any:
    return document["graph_module"]["graph"]


def expressions(document: Any) -> list[dict[str, Any]]:
    """Every expression of a size, wherever it stands."""
    if isinstance(document, list):
        return [found for part in document for found in expressions(part)]
    if not isinstance(document, dict):
        return []
    here = [document] if "expr_str" in document else []
    return here + [found for part in document.values() for found in expressions(part)]


def every_expression(document: Any, code: str) -> None:
    for expression in expressions(document):
        expression["expr_str"] = code


def a_guard(document: Any, code: str) -> None:
    document["guards_code"] = [code]


def a_name_of_a_node(document: Any, code: str) -> None:
    text = json.dumps(document).replace('"conv2d"', json.dumps(f"conv2d = {code}\n    x"))
    document.clear()
    document.update(json.loads(text))


def a_name_of_an_argument(document: Any, code: str) -> None:
    document["graph_module"]["module_call_graph"][0]["signature"]["forward_arg_names"] = [f"image={code}"]


def a_symbol(document: Any, code: str) -> None:
    every_expression(document, f"Symbol({code!r}, integer=True)")


def an_operator(document: Any, code: str) -> None:
    """torch has the module os among its attributes."""
    node = graph(document)["nodes"][0]
    node["target"] = "torch.os.system"
    node["inputs"] = [{"name": "command", "arg": {"as_string": code}, "kind": 1}]


def a_function_as_argument(document: Any, code: str) -> None:
    hop = next(node for node in graph(document)["nodes"] if "higher_order" in node["target"])
    hop["inputs"][1]["arg"] = {"as_operator": "torch.os.system"}
    hop["inputs"][2:] = [{"name": "", "arg": {"as_string": code}, "kind": 1}]


def a_module_to_import(document: Any, code: str) -> None:
    """The context of a defaultdict is a module and a name in it."""
    context = {"default_factory_module": "harm", "default_factory_name": "done", "dict_context": []}
    tree = {"type": "collections.defaultdict", "context": context, "children_spec": []}
    document["graph_module"]["module_call_graph"][0]["signature"]["out_spec"] = json.dumps([1, tree])


def a_tensor_named_as_what_is_not_looked_at(document: Any, code: str) -> None:
    every_expression(document, "1")
    meta = json.loads(json.dumps(graph(document)["tensor_values"]["image"]))
    meta["sizes"] = [{"as_expr": {"expr_str": code, "hint": None}}]
    graph(document)["tensor_values"]["metadata"] = meta


def a_file_to_write(document: Any, code: str) -> None:
    graph(document)["nodes"][0]["target"] = "torch.ops.aten.from_file.default"


PLACES = [
    every_expression,
    a_guard,
    a_name_of_a_node,
    a_name_of_an_argument,
    a_symbol,
    an_operator,
    a_function_as_argument,
    a_module_to_import,
    a_tensor_named_as_what_is_not_looked_at,
    a_file_to_write,
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_code_in_a_string_of_a_program_is_refused_before_torch_sees_it(
    place: Callable[[Any, str], None], honest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "harm.py").write_text(f"done = int\nopen({str(tmp_path / 'harm')!r}, 'w')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    code = f"__import__('pathlib').Path({str(tmp_path / 'harm')!r}).touch()"
    bad = changed(honest, tmp_path / "bad.pt2", MODEL, lambda document: place(document, code))
    with pytest.raises(UntrustedCode, match=r"would run as code") as refused:
        load_model(bad)
    assert "--trust-remote-code" in refused.value.hint and str(bad) in refused.value.hint
    assert not (tmp_path / "harm").exists()


def test_a_person_may_trust_an_odd_program_and_another_one_is_asked_for_again(honest: Path, tmp_path: Path) -> None:
    odd = changed(honest, tmp_path / "odd.pt2", MODEL, lambda document: a_guard(document, "max(1, 2) == 2"))
    with pytest.raises(UntrustedCode):
        load_model(odd)
    assert load_model(odd, trust_remote_code=True).classes_count == 2
    assert load_model(odd).classes_count == 2
    changed(honest, tmp_path / "odd.pt2", MODEL, lambda document: a_guard(document, "max(1, 3) == 3"))
    with pytest.raises(UntrustedCode, match="changed since"):
        load_model(odd)


class Harm:
    def __reduce__(self) -> Any:
        return exec, ("import builtins; builtins.harm_of_a_program = True",)


@pytest.mark.parametrize("path", ["opaque_obj_0", "opaque_obj_0/../tensor_9", "custom_obj_0"])
def test_no_object_of_a_program_is_unpickled_even_where_it_is_trusted(path: str, honest: Path, tmp_path: Path) -> None:
    import builtins

    def name_it(document: Any) -> None:
        meta = {"path_name": path, "is_param": False, "use_pickle": True, "tensor_meta": None}
        document["config"]["harm"] = meta

    harm = {f"data/constants/{path}": pickle.dumps(Harm())}
    bad = changed(honest, tmp_path / "bad.pt2", CONSTANTS, name_it, **harm)
    with pytest.raises(BadcaseError, match="never loaded"):
        load_model(bad, trust_remote_code=True)
    assert not hasattr(builtins, "harm_of_a_program")


def test_machine_code_in_a_program_is_never_loaded(honest: Path, tmp_path: Path) -> None:
    bad = changed(
        honest, tmp_path / "bad.pt2", MODEL, lambda _document: None, **{"data/aotinductor/model/wrapper.so": b"\x7fELF"}
    )
    with pytest.raises(BadcaseError, match="machine code"):
        load_model(bad, trust_remote_code=True)


def test_the_older_format_behind_a_broken_new_one_is_not_read(honest: Path, tmp_path: Path) -> None:
    """torch falls back to it, and nobody has looked through what it says."""
    bad = changed(honest, tmp_path / "bad.pt2", MODEL, lambda document: document.clear())
    with zipfile.ZipFile(bad, "a") as archive:
        archive.writestr("version", "8.20")
        archive.writestr("serialized_exported_program.json", "{}")
    with pytest.raises(BadcaseError):
        load_model(bad, trust_remote_code=True)


@pytest.mark.parametrize(
    "text",
    [
        "s0",
        "2*s0 + 1",
        "Mul(Integer(2), Symbol('s0', positive=True, integer=True))",
        "Pow(Symbol('s0'), Integer(2))",
        "Max(1, s0)",
    ],
)
def test_sizes_are_arithmetic(text: str) -> None:
    assert is_arithmetic(text)


@pytest.mark.parametrize(
    "text",
    [
        "exec('1')",
        "(lambda: 1)()",
        "s0.__class__",
        "[s0 for s0 in s1]",
        "9**9**9",
        "Pow(Pow(9, 8), 8)",
        "s0 #\n+ 1",
        "Symbol('s0', integer=exec)",
        "S('1')",
        "f'{s0}'",
        "L['image'].size()[0]",
        "(" * 900,
        "s0 := 1",
    ],
)
def test_what_is_more_than_arithmetic_is_none(text: str) -> None:
    assert not is_arithmetic(text)


def test_guards_may_ask_for_sizes_of_inputs_and_for_nothing_else_of_them() -> None:
    assert is_arithmetic("Eq(Mod(L['image'].size()[0], 2), 0) and L['x'][0].stride()[1] <= 5", of_inputs=True)
    assert not is_arithmetic("L['image'].numpy()[0] == 1", of_inputs=True)
    assert not is_arithmetic("L[exec]", of_inputs=True)
