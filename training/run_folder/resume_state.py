"""All that a training needs to go on after an epoch as if nothing had been, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import torch

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.atomic_files import write_whole
from badcase.training.run_folder.run_files import reading


class Stateful(Protocol):
    """A network, an optimizer, a schedule, or whatever else changes from step to step."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any], /) -> Any: ...


def state_of(values: dict[str, Any], parts: dict[str, Stateful]) -> dict[str, Any]:
    """Plain values, the state of each part, and where the random numbers are; no copy, so it lasts until the next step."""
    return values | {"parts": {name: part.state_dict() for name, part in parts.items()}, "random": _random()}


def copied(state: Any) -> Any:
    """A copy of a state in main memory, which lasts."""
    if isinstance(state, torch.Tensor):
        return state.detach().to("cpu", copy=True)
    if isinstance(state, dict):
        return {name: copied(value) for name, value in state.items()}
    return [copied(value) for value in state] if isinstance(state, list) else state


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Keep what `state_of` gave, whole or not at all."""
    with write_whole(path) as temporary, temporary.open("wb") as file:
        torch.save(state, file)


def read_state(path: Path) -> dict[str, Any]:
    """What `write_state` kept; BadcaseError where there is none."""
    if not path.exists():
        raise BadcaseError(
            _("this run left no checkpoint to resume from"),
            where=path.parent.name,
            hint=_(
                "It ended before its first epoch was complete, or it is finished. Train again: `badcase train PROJECT --repeat "
                "{n}`."
            ).format(n=path.parent.name),
        )
    with reading(path):
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def put_back(state: dict[str, Any], parts: dict[str, Stateful]) -> None:
    """Give each part the state that it had, and the random numbers theirs."""
    for name, part in parts.items():
        part.load_state_dict(state["parts"][name])
    torch.set_rng_state(state["random"]["cpu"])
    if torch.cuda.is_available() and len(state["random"]["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["random"]["cuda"])


def _random() -> dict[str, Any]:
    return {"cpu": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []}
