"""Temperature: what the logits of a model are divided by before a person reads them as confidence; a file beside its weights.

Where an item has one label. A ranking never reads it. No torch.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.atomic_files import write_whole

FILE = "temperature.json"


def write_temperature(folder: Path, temperature: float) -> None:
    with write_whole(folder / FILE) as path:
        path.write_text(json.dumps({"temperature": temperature}), encoding="utf-8")


def read_temperature(folder: Path) -> float:
    """What is kept in a folder; 1, which changes nothing, where nothing is. BadcaseError where it is no positive number."""
    path = folder / FILE
    if not path.exists():
        return 1.0
    try:
        temperature = float(json.loads(path.read_text(encoding="utf-8"))["temperature"])
        if not 0 < temperature < np.inf:
            raise ValueError(temperature)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadcaseError(
            _("the temperature of the model cannot be read"),
            where=str(path),
            got=str(error),
            expected=_("a number above 0, by which logits are divided"),
            hint=_("Delete the file to show the model's confidence as it is."),
        ) from error
    return temperature
