"""Files of weights: read without unpickling, taken out of what a training wrapped around them, and put into a network."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.items.whole_files import require_whole
from badcase.models.foreign.file_forms import Form, form_of_file, refuse
from badcase.out_of_memory import is_out_of_memory
from badcase.size_bounds import check_zip

State: TypeAlias = dict[str, Tensor]
# Under which a training keeps the weights; averaged ones stand behind those that it trained.
_WRAPPED = ("state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "weights", "params")
_AVERAGED = ("model_ema", "ema_state_dict", "state_dict_ema", "ema_model", "ema", "params_ema", "averaged_model")
_COMPILED = "_orig_mod."
FEW = 3  # names that a message lists


def read_weights(path: Path, notes: list[str]) -> State:
    """A state dict from a safetensors file, or from what torch saved where that holds nothing but tensors and plain values.

    Args:
        path: The file; its content decides how it is read, whatever its ending.
        notes: Gets a sentence where the weights were taken out of something.
    """
    if not path.is_file():
        raise BadcaseError(_("there is no such file of weights"), where=str(path), hint=_("Check the path."))
    require_whole(path)
    form = form_of_file(path)
    if isinstance(form, Form):
        raise refuse(form, path)
    with path.open("rb") as file:
        check_zip(file, path.stat().st_size, str(path))
    try:
        loaded = load_file(path) if form == "safetensors" else torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the readers fail in many ways on a wrong file
        if is_out_of_memory(error):
            raise
        raise unreadable(path, error) from error
    return _unwrapped(loaded, path, notes)


def unreadable(path: Path | str, error: Exception) -> BadcaseError:
    """What is said of a file that cannot be read as tensors; one that holds other objects is told apart."""
    text = str(error).strip()
    found = re.search(r"Unsupported (?:global: GLOBAL|class|operand) ([\w.]+)|GLOBAL ([\w.]+) was not an allowed", text)
    if found:
        return BadcaseError(
            _("the file holds Python objects beside its tensors, and those are never unpickled"),
            where=str(path),
            got=found[1] or found[2],
            hint=_(
                "If you trust the file, write its tensors alone once, in Python: state = torch.load(PATH, weights_only=False), "
                'then safetensors.torch.save_file(state["state_dict"], NEW), with the key that it has.'
            ),
        )
    return BadcaseError(
        _("the weights cannot be read safely"),
        where=str(path),
        expected=_("a safetensors file"),
        got=text.splitlines()[0] if text else type(error).__name__,
        hint=_("Save them with safetensors.torch.save_file(network.state_dict(), path)."),
    )


def _unwrapped(loaded: Any, path: Path, notes: list[str]) -> State:
    """The state dict inside what a training saved: its optimizer and counters are left aside."""
    taken: list[str] = []
    averaged = ""
    while not _is_state(loaded):
        found = _inner(loaded)
        if found is None:
            if isinstance(loaded, Mapping) and (several := _holding(loaded)):
                raise BadcaseError(
                    _("the file holds several networks"),
                    where=str(path),
                    expected=_("one state dict: names and tensors"),
                    got=_few(several),
                    hint=_("Save the one that is meant: safetensors.torch.save_file(state[NAME], path)."),
                )
            raise BadcaseError(
                _("the file holds no weights of a network"),
                where=str(path),
                expected=_("a state dict: names and tensors"),
                got=_few([str(key) for key in loaded]) if isinstance(loaded, Mapping) else type(loaded).__name__,
                hint=_("Save them with safetensors.torch.save_file(network.state_dict(), path)."),
            )
        averaged = averaged or next((key for key in _AVERAGED if key != found and _has_state(loaded.get(key))), "")
        taken.append(found)
        loaded = loaded[found]
    if averaged:
        text = _("The file holds two sets of weights: those of `{taken}` are taken, not the averaged ones of `{other}`.")
        notes.append(text.format(taken=".".join(taken), other=averaged))
    elif taken and taken[0] in _AVERAGED:
        notes.append(_("The averaged weights of the file, `{taken}`, are taken.").format(taken=".".join(taken)))
    return {str(name): tensor for name, tensor in loaded.items() if isinstance(tensor, Tensor)}


def _is_state(loaded: Any) -> bool:
    if not isinstance(loaded, Mapping) or not loaded:
        return False
    tensors = sum(isinstance(value, Tensor) for value in loaded.values())
    return tensors > 0 and not any(isinstance(value, Mapping) and _has_state(value) for value in loaded.values())


def _has_state(value: Any) -> bool:
    return isinstance(value, Mapping) and (_is_state(value) or _inner(value) is not None)


def _inner(loaded: Any) -> str | None:
    """The key that the weights are under: a usual one, or the only one that holds tensors by name."""
    if not isinstance(loaded, Mapping):
        return None
    holding = _holding(loaded)
    known = next((key for key in (*_WRAPPED, *_AVERAGED) if key in holding), None)
    return known if known is not None else (holding[0] if len(holding) == 1 else None)


def _holding(loaded: Mapping[Any, Any]) -> list[str]:
    mappings = [key for key, value in loaded.items() if isinstance(key, str) and isinstance(value, Mapping)]
    return [key for key in mappings if _named_tensors(loaded[key])]


def _named_tensors(value: Mapping[Any, Any]) -> bool:
    """Whether this holds tensors by name, itself or further in; an optimizer holds its by number."""
    return any(
        isinstance(name, str) and (isinstance(held, Tensor) or (isinstance(held, Mapping) and _named_tensors(held)))
        for name, held in value.items()
    )


def fitted_names(state: Mapping[str, Tensor], wanted: Sequence[str], notes: list[str]) -> State:
    """The state under the names of a network: what DataParallel, Lightning, torch.compile and others put before is undone.

    Tensors outside the part that is the network (a loss, a metric) are left out, and said.
    """
    names = set(wanted)
    if names & set(state) and not set(state) - names:
        return dict(state)
    plain = {name.replace(_COMPILED, ""): tensor for name, tensor in state.items()}
    inside = {re.sub(r"(?<=\.)module\.", "", name): tensor for name, tensor in plain.items()}
    found = max((_best(dict(one), names) for one in (state, plain, inside)), key=lambda fit: fit[0])
    matches, cut, added, chosen = found
    if not matches:
        return dict(state)
    if not cut and not added:
        return chosen
    if added:
        notes.append(_("The names in the file lack `{prefix}` before them, which was put there.").format(prefix=added))
        return {added + name: tensor for name, tensor in chosen.items()}
    inner = {name[len(cut) :]: tensor for name, tensor in chosen.items() if name.startswith(cut)}
    notes.append(_("The names in the file begin with `{prefix}`, which was taken off.").format(prefix=cut))
    if left := [name for name in chosen if not name.startswith(cut)]:
        text = plural(
            "{n} tensor of the file is no part of the network and was left out: {names}",
            "{n} tensors of the file are no part of the network and were left out: {names}",
            len(left),
        )
        notes.append(text.format(n=len(left), names=_few(left)))
    return inner


def _best(state: State, wanted: set[str]) -> tuple[int, str, str, State]:
    """How many names fit, and what is to be cut from them or put before them for that."""
    cuts = Counter(prefix for name in state for prefix, rest in _splits(name) if rest in wanted)
    adds = Counter(prefix for name in wanted for prefix, rest in _splits(name) if prefix and rest in state)
    cut, n_cut = max(cuts.items(), key=lambda item: (item[1], -len(item[0])), default=("", 0))
    add, n_add = max(adds.items(), key=lambda item: (item[1], -len(item[0])), default=("", 0))
    return (n_cut, cut, "", state) if n_cut >= n_add else (n_add, "", add, state)


def _splits(name: str) -> list[tuple[str, str]]:
    """("", "a.b.c"), ("a.", "b.c"), ("a.b.", "c")"""
    parts = name.split(".")
    return [("".join(f"{part}." for part in parts[:i]), ".".join(parts[i:])) for i in range(len(parts))]


def put_into(network: nn.Module, state: Mapping[str, Tensor], path: Path) -> None:
    """Load a state into a network; BadcaseError that names what is missing, what is too many and what has another shape."""
    own = network.state_dict()
    missing = [name for name in own if name not in state and not name.endswith("num_batches_tracked")]
    other = [name for name in state if name not in own]
    shapes = [
        _("{name} is {got} in the file and {own} in the network").format(
            name=name, got=tuple(state[name].shape), own=tuple(own[name].shape)
        )
        for name in own
        if name in state and own[name].shape != state[name].shape
    ]
    if not missing and not other and not shapes:
        network.load_state_dict(dict(state), strict=False)
        return
    said = [_("{n} missing: {names}").format(n=len(missing), names=_few(missing))] if missing else []
    said += [_("{n} not of this network: {names}").format(n=len(other), names=_few(other))] if other else []
    said += [_("{n} of another shape: {names}").format(n=len(shapes), names=_few(shapes))] if shapes else []
    raise BadcaseError(
        _("the weights do not belong to this network"),
        where=str(path),
        got="; ".join(said),
        hint=_("Give the file that was saved from a network of the same factory."),
    )


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:FEW]) + (", ..." if len(names) > FEW else "")
