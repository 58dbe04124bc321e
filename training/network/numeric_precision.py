"""The numeric precision that a training runs in: float32, or half precision where the device has it. What ran has a name."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.recipe.enums import Precision

_TYPES = {Precision.BF16: torch.bfloat16, Precision.FP16: torch.float16}
LEAST_SCALE = 1.0  # of a loss in float16; a gradient that is not finite at this scale is so by itself


class NumericPrecision:
    """Runs passes in a precision, and takes optimizer steps from them. `name` says which: float32, bf16 or fp16.

    bfloat16 has the range of float32, so no loss needs scaling; float16 has not, so the loss is scaled up, its gradient down
    again, and a step whose gradient left the range is left out (Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740).
    """

    def __init__(self, name: Precision = Precision.FLOAT32, device: torch.device | None = None) -> None:
        self.name, self._device = Precision(name), "cpu" if device is None else device.type
        self._scaler = torch.amp.GradScaler(self._device) if name is Precision.FP16 else None

    @classmethod
    def of(cls, wanted: str, device: torch.device) -> NumericPrecision:
        """What a knob asks for on this device; BadcaseError with the reason where it is not to be had there."""
        name = Precision(wanted)
        if name is Precision.AUTO:
            on_gpu = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
            return cls(Precision.BF16 if on_gpu else Precision.FLOAT32, device)
        if name in _TYPES and (why := _missing(name, device)):
            raise BadcaseError(
                _("this precision is not to be had here"),
                where="precision",
                expected=f"{Precision.AUTO} | {Precision.FLOAT32}",
                got=f"{name}, {device}: {why}",
                hint=_("Set precision = auto, which takes what this device is good at."),
            )
        return cls(name, device)

    def autocast(self) -> AbstractContextManager[object]:
        """Within it passes run in the precision."""
        return torch.autocast(self._device, _TYPES[self.name]) if self.name in _TYPES else nullcontext()

    def backward(self, objective: Tensor) -> None:
        """Add the gradient of an objective () to that of the weights, at the scale of the moment."""
        (objective if self._scaler is None else self._scaler.scale(objective)).backward()  # type: ignore[no-untyped-call]

    def clip(self, optimizer: Optimizer, parameters: Iterable[nn.Parameter], most: float) -> Tensor:
        """Bring the gradient back to its scale and shorten it to a norm of `most`; returns its norm () before that.

        Zero where it left the range of float16 and a smaller scale can help: `step` will leave that step out.
        """
        if self._scaler is not None:
            self._scaler.unscale_(optimizer)
        norm = torch.nn.utils.clip_grad_norm_(parameters, most)
        if self._scaler is not None and not norm.isfinite() and self._scaler.get_scale() > LEAST_SCALE:
            return torch.zeros_like(norm)
        return norm

    def step(self, optimizer: Optimizer) -> bool:
        """Take a step and forget the gradient; returns whether it was taken."""
        taken = True
        if self._scaler is None:
            optimizer.step()
        else:
            before = self._scaler.get_scale()
            self._scaler.step(optimizer)
            self._scaler.update()
            taken = self._scaler.get_scale() >= before
        optimizer.zero_grad()
        return taken

    def state_dict(self) -> dict[str, Any]:
        return {} if self._scaler is None else self._scaler.state_dict()

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        if self._scaler is not None and state:
            self._scaler.load_state_dict(state)


def _missing(name: Precision, device: torch.device) -> str:
    """Why a device cannot run in half precision, or would only do so slowly; empty where it can."""
    if name is Precision.FP16:
        return "" if device.type == "cuda" else _("float16 is for CUDA alone, where the loss can be scaled")
    if device.type == "cuda":
        has = torch.cuda.is_bf16_supported(including_emulation=False)
        return "" if has else _("this GPU has no bfloat16; older ones have float16")
    if device.type == "cpu":
        return "" if _processor_has_bf16() else _("this processor has no instructions for bfloat16 and would be slower at it")
    return _("on this device it has not been tried")


def _processor_has_bf16() -> bool:
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    except (AttributeError, RuntimeError):  # a torch that was built without the library
        return False
