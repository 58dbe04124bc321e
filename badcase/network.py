"""No network but what was asked for: the switches of the libraries, set in one place before any of them is imported.

They are set for the process of a verb, of the window and of its worker; where badcase is a library in somebody's program, their
environment is theirs. A hub id that a person names in a call lifts them for its download alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
_SILENT = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "WANDB_MODE": "disabled",
    "COMET_MODE": "disabled",
    "GRADIO_ANALYTICS_ENABLED": "False",
}
# Where these libraries keep what they read of the environment when they were imported.
_CONSTANTS = {"huggingface_hub.constants": ("HF_HUB_OFFLINE",), "datasets.config": ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")}
_YES = {"1", "ON", "YES", "TRUE"}

_lifted: bool | None = None  # whether a download may lift the switches; None where this process has not set them


def stay_offline() -> None:
    """Set the switches for this process and those that it starts. A person who has set them keeps them in every case."""
    global _lifted
    if _lifted is None:
        _lifted = not any(os.environ.get(name, "").upper() in _YES for name in _OFFLINE)
    os.environ.update(_SILENT)
    _set(offline=True)


@contextmanager
def asked_for(named: bool) -> Iterator[None]:
    """Lift the switches for what a person named in this call; without effect where nothing is named or nothing was set."""
    if not (named and _lifted):
        yield
        return
    _set(offline=False)
    try:
        yield
    finally:
        _set(offline=True)


def silence(module: str) -> None:
    """Keep a module out that speaks to its maker as soon as it is imported; those who would import it do without."""
    sys.modules.setdefault(module, None)  # type: ignore[arg-type]  # what stands for "there is none"


def _set(*, offline: bool) -> None:
    for name in _OFFLINE:
        os.environ[name] = "1" if offline else "0"
    for module, names in _CONSTANTS.items():
        if module in sys.modules:
            for name in names:
                setattr(sys.modules[module], name, offline)
