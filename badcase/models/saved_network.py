"""What a network of ours wrote into its folder, read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from badcase.errors import BadcaseError
from badcase.i18n import _


def read_saved(folder: Path, weights: str) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """What stands in badcase.json, and the tensors of the file of weights.

    Raises:
        BadcaseError: One of the two cannot be read.
    """
    try:
        kept: dict[str, Any] = json.loads((folder / "badcase.json").read_text(encoding="utf-8"))
        return kept, load_file(folder / weights)
    except OSError as error:
        raise BadcaseError(
            _("the model's folder cannot be read"),
            where=str(folder),
            got=error,
            hint=_("Accept another run, or train this one again."),
        ) from error
