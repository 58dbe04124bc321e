"""Outputs of a network, as logits and embeddings, and the order of its classes against a project's."""

from __future__ import annotations

import re
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
    """The place in `own` of each wanted class.

    Where exact names fail, letter case, outer blanks, and `_` or `-` for a blank do not count, then ids are read as numbers:
    "3", "3.0" and "LABEL_3" are one.
    """
    for same in (str, lambda text: text.strip().casefold(), _words, _number):
        places = {same(text): place for place, text in enumerate(own) if same(text) is not None}
        asked = {same(text) for text in wanted}
        if len(places) == len(own) == len(wanted) == len(asked) and asked <= set(places):
            return [places[same(text)] for text in wanted]
    missing = [text for text in wanted if text not in own]
    unknown = [text for text in own if text not in wanted]
    raise BadcaseError(
        _("the model's classes are not the project's"),
        where=name,
        expected=_("{n} classes: {names}").format(n=len(wanted), names=few(missing or list(wanted))),
        got=_("{n} classes: {names}").format(n=len(own), names=few(unknown or list(own))),
        hint=_("Choose the model that was trained for these classes, or write the project's names into its config.json."),
    )


def numbered(names: Sequence[str]) -> list[int] | None:
    """The numbers of classes that are called by number ("3", "3.0", "LABEL_3"); None where one of them is not."""
    numbers = [_number(name) for name in names]
    whole = [number for number in numbers if number is not None]
    return whole if len(whole) == len(names) == len(set(whole)) else None


def in_output_order(classes: Sequence[str]) -> list[str]:
    """The project's classes in the order of outputs that have no names: by number where all are numbers, else as they are."""
    numbers = numbered(classes)
    if numbers is None:
        return list(classes)
    return [text for _n, text in sorted(zip(numbers, classes, strict=True))]


def _words(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


def _number(text: str) -> int | None:
    found = re.fullmatch(r"(?:label_)?(-?\d+)(?:\.0*)?", text.strip(), re.IGNORECASE)
    return int(found[1]) if found else None


def few(names: Sequence[str]) -> str:
    """The first five, and that there are more."""
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
