"""A `.pt2` exported program: it predicts as it was exported, and its last linear layer is found in its graph."""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, Self

import numpy.typing as npt
import torch
from torch import Tensor, fx, nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.foreign.exported_strings import odd_strings
from badcase.models.inputs import Batch, inputs_beside
from badcase.models.last_layer import rows_of
from badcase.models.model import Model, digest_of
from badcase.models.output import ModelOutput, few, logits_of
from badcase.out_of_memory import is_out_of_memory
from badcase.trust.foreign_code import code_of_file
from badcase.trust.gate import require

FOLLOWED = {"view", "reshape", "squeeze", "flatten", "clone", "contiguous", "alias", "to", "_to_copy", "select", "dropout"}
SQUASHED = {"softmax", "_softmax", "log_softmax", "_log_softmax", "sigmoid"}


class _Catch(nn.Module):
    """A node put into the graph that keeps what the last linear layer was given and made."""

    caught: tuple[Tensor, Tensor] | None = None

    def forward(self, given: Tensor, made: Tensor) -> None:
        self.caught = (given, made)


class _Program(nn.Module):
    """The graph, without the training mode that it refuses to have."""

    def __init__(self, graph: nn.Module, names: Sequence[str], positional: int) -> None:
        super().__init__()
        self.graph, self._names, self._positional = graph, list(names), positional

    def train(self, mode: bool = True) -> Self:
        return self

    def forward(self, **batch: Tensor) -> Any:
        given = [batch[name] for name in self._names]
        keywords = dict(zip(self._names[self._positional :], given[self._positional :], strict=True))
        return self.graph(*given[: self._positional], **keywords)


class ExportedModel(Model):
    """A program that cannot be trained further. Batches are cut and padded to the sizes it was exported for."""

    trainable = False

    def __init__(self, program: Any, **values: Any) -> None:
        self._program = program
        network, self._catch, self._squashed = _with_catch(program)
        super().__init__(network, **values)
        self._low, self._high = _batch_bounds(program)

    def forward(self, batch: Batch) -> ModelOutput:
        n = len(next(iter(batch.values())))
        parts = [self._part({k: v[i : i + self._high] for k, v in batch.items()}) for i in range(0, n, self._high)]
        whole = ModelOutput(torch.cat([p.logits for p in parts]), torch.cat([p.embeddings for p in parts]))
        return self._ordered(whole)

    def head_logits(self, embeddings: npt.NDArray[Any]) -> None:
        return None

    def _part(self, batch: Batch) -> ModelOutput:
        n = len(next(iter(batch.values())))
        short = self._low - n
        if short > 0:
            batch = {name: torch.cat([rows, rows[-1:].expand(short, *rows.shape[1:])]) for name, rows in batch.items()}
        result = self.network(**batch)
        assert self._catch.caught is not None
        given, made = self._catch.caught
        self._catch.caught = None
        logits = made if self._squashed else logits_of(result)
        return ModelOutput(logits[:n], rows_of(given, made, logits)[:n])

    @property
    def classes_count(self) -> int:
        with torch.no_grad():
            return self.forward(self.example()).logits.shape[1]

    @property
    def embedding_id(self) -> str:
        return digest_of(self.network, self.inputs)  # the head is not told apart: its name is not in the program

    def to(self, device: torch.device) -> Self:
        from torch.export.passes import move_to_device_pass

        if device != self.device:
            self._program = move_to_device_pass(self._program, str(device))
            self.network, self._catch, self._squashed = _with_catch(self._program)
        return self

    def with_classes(self, classes: Sequence[str], rng_seed: int) -> NoReturn:
        _cannot_train(self.name)

    def scratch(self, seed: int) -> NoReturn:
        _cannot_train(self.name)

    def save(self, folder: Path) -> dict[str, Any]:
        return self.spec  # it cannot have changed


def _cannot_train(name: str) -> NoReturn:
    raise BadcaseError(
        _("an exported program cannot be trained"),
        where=name,
        hint=_("Predict with the model it was exported from (a folder or package.module:factory) and train that."),
    )


def load_exported(spec: dict[str, Any]) -> ExportedModel:
    """Load from a spec whose `source` is the .pt2 file. Preparation comes from files beside it."""
    path = Path(spec["source"])
    with _only_tensors(path):
        program = _read_program(path)
    inputs = _user_inputs(program)
    first = inputs[0].meta["val"]
    kind = Kind.IMAGE if first.is_floating_point() and first.ndim == 4 else Kind.TEXT
    notes: list[str] = []
    size = {"height": first.shape[2], "width": first.shape[3]} if kind is Kind.IMAGE else {}
    fixed = all(isinstance(value, int) for value in size.values())
    length = first.shape[1] if kind is Kind.TEXT and isinstance(first.shape[1], int) else None
    names = [node.name for node in inputs]
    prepare = inputs_beside(path.parent, kind, names=names, size=size if fixed else None, length=length, notes=notes)
    spec = {"kind": "exported", "source": str(path)}
    return ExportedModel(program, inputs=prepare, spec=spec, kind=kind, name=path.name, classes=None, notes=notes)


@contextmanager
def _only_tensors(path: Path) -> Iterator[None]:
    """Make torch refuse pickled code in the archive, which its loader would otherwise run; give other failures a name."""
    before, silent = os.environ.get("TORCH_FORCE_WEIGHTS_ONLY_LOAD"), logging.root.manager.disable
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    logging.disable(max(silent, logging.WARNING))  # torch logs the traceback of what is raised here in words
    try:
        yield
    except BadcaseError:
        raise
    except Exception as error:  # torch's reader fails in many ways on a wrong file
        if is_out_of_memory(error):
            raise
        raise BadcaseError(
            _("this exported program cannot be loaded"),
            where=str(path),
            got=str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__,
            hint=_("Write it with torch.export.save, with the torch version that is installed here or an older one."),
        ) from error
    finally:
        logging.disable(silent)
        if before is None:
            del os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"]
        else:
            os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = before


def _read_program(path: Path) -> Any:
    """The program of an archive that was looked through first: torch evaluates some of what stands in it."""
    odd = next(odd_strings(path), None)
    if odd is not None:
        why = _("this exported program holds text that torch would run as code ({what})").format(what=few([odd]))
        require(code_of_file(path), why=why)
    try:
        from torch.export.pt2_archive._package import load_pt2
    except ImportError:  # before torch 2.8
        return torch.export.load(path)
    # Not torch.export.load, which falls back to an older format where this fails, and that was not looked through.
    return load_pt2(str(path)).exported_programs["model"]


def _user_inputs(program: Any) -> list[fx.Node]:
    wanted = set(program.graph_signature.user_inputs)
    return [node for node in program.graph.nodes if node.op == "placeholder" and node.name in wanted]


def _batch_bounds(program: Any) -> tuple[int, int]:
    """Fewest and most rows that the program takes at once."""
    rows = _user_inputs(program)[0].meta["val"].shape[0]
    if isinstance(rows, int):
        return rows, rows
    bounds = program.range_constraints.get(rows.node.expr)
    if bounds is None:
        return 1, 1 << 30
    return max(1, int(bounds.lower)), int(min(bounds.upper, 1 << 30))


def _with_catch(program: Any) -> tuple[_Program, _Catch, bool]:
    """The program as a module with a catching node; whether its outputs went through a softmax after the logits."""
    program._guards_code = []  # torch would compile them, with names from the example inputs among them
    unguarded = "check_guards" in inspect.signature(program.module).parameters
    module = program.module(check_guards=False) if unguarded else program.module()
    output = next(node for node in module.graph.nodes if node.op == "output")
    found: fx.Node | None = output.all_input_nodes[0]
    squashed = False
    while found is not None:
        name = str(getattr(found.target, "__name__", found.target)).split(".")[0]
        if (given := _given_to(found, name)) is not None:
            break
        squashed = squashed or name in SQUASHED
        followed = found.op == "call_function" and name in FOLLOWED | SQUASHED
        found = found.all_input_nodes[0] if followed and found.all_input_nodes else None
    if found is None:
        raise BadcaseError(
            _("the logits of the exported program do not come from a linear layer at its end"),
            hint=_("Let the network end in a torch.nn.Linear and export it again."),
        )
    catch = _Catch()
    module.add_submodule("_badcase_catch", catch)
    with module.graph.inserting_after(found):
        module.graph.call_module("_badcase_catch", (given, found))
    module.recompile()
    names = [node.name for node in _user_inputs(program)]
    positional = len(program.example_inputs[0]) if program.example_inputs else len(names)
    return _Program(module, names, positional), catch, squashed


def _given_to(node: fx.Node, name: str) -> fx.Node | None:
    """The features that a linear node multiplies, or None where the node is no linear layer."""
    position = {"linear": 0, "addmm": 1, "mm": 0, "matmul": 0}.get(name)
    if name == "add" and isinstance(node.args[0], fx.Node):
        inner = str(getattr(node.args[0].target, "__name__", "")).split(".")[0]
        return _given_to(node.args[0], inner) if inner in ("mm", "matmul") else None
    given = node.args[position] if position is not None and node.op == "call_function" else None
    return given if isinstance(given, fx.Node) else None
