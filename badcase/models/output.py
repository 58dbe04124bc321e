"""Outputs of a network, as logits and embeddings, and the order of its classes against a project's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from badcase.errors import BadcaseError
from badcase.i18n import _


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """Logits (b, k), float, and embeddings (b, d), what the last linear layer was given."""

    logits: Tensor
    embeddings: Tensor


def matching(own: Sequence[str], wanted: Sequence[str], name: str) -> list[int]:
    """The place in `own` of each wanted class; where exact names fail, letter case and outer blanks do not count.

    Where those fail too, numbers are the same that are equal: "11.0" is class 11.
    """
    for same in (str, lambda text: text.strip().casefold(), _number):
        places = {same(text): place for place, text in enumerate(own)}
        if len(places) == len(own) == len(wanted) and all(same(text) in places for text in wanted):
            return [places[same(text)] for text in wanted]
    missing = [text for text in wanted if text not in own]
    unknown = [text for text in own if text not in wanted]
    raise BadcaseError(
        _("the model's classes are not the project's"),
        where=name,
        expected=_("{n} classes: {names}").format(n=len(wanted), names=_few(missing or list(wanted))),
        got=_("{n} classes: {names}").format(n=len(own), names=_few(unknown or list(own))),
        hint=_("Choose the model that was trained for these classes, or write the project's names into its config.json."),
    )


def _number(text: str) -> str:
    """A whole number without its point; every other text as it is."""
    digits, _point, rest = text.strip().partition(".")
    return digits if digits.lstrip("-").isdecimal() and not rest.strip("0") else text


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def logits_of(result: Any) -> Tensor:
    """The (b, k) logits in whatever a classification network returned."""
    if isinstance(result, dict) or hasattr(result, "logits"):
        result = result["logits"] if isinstance(result, dict) else result.logits
    elif isinstance(result, tuple | list):
        result = result[0]
    if not isinstance(result, Tensor) or result.ndim != 2:
        came = f"a tensor of shape {tuple(result.shape)}" if isinstance(result, Tensor) else type(result).__name__
        raise BadcaseError(
            _("the network does not give one row of logits for each item"),
            expected=_("a tensor (items, classes), or an object with such `logits`"),
            got=came,
            hint=_("Wrap the network so that it returns its logits before softmax."),
        )
    return result
