"""Torch's random numbers: drawn from a seed for a while, and the caller's go on as if nothing had been.

Python's and numpy's global generators are left alone, for nothing here draws from them: generators are passed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class RandomState:
    """Where torch's generators stand, on every device that is in use."""

    cpu: Tensor
    cuda: list[Tensor] | None  # None where no GPU is in use yet: whoever trains on the CPU must not wake one
    mps: Tensor | None
    seed: int  # that the CPU's numbers came from

    @classmethod
    def now(cls) -> Self:
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None  # type: ignore[no-untyped-call]
        mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
        return cls(torch.get_rng_state(), cuda, mps, torch.initial_seed())

    def put_back(self) -> None:
        """Let every generator go on from here."""
        torch.set_rng_state(self.cpu)
        if self.cuda is not None:
            torch.cuda.set_rng_state_all(self.cuda)
        elif torch.cuda.is_available():  # what it would have begun with, or begins with yet
            torch.cuda.manual_seed_all(self.seed)
        if self.mps is not None:
            torch.mps.set_rng_state(self.mps)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within it every generator of torch draws from this seed; after it, whatever ends it, the caller's numbers go on."""
    before = RandomState.now()
    torch.manual_seed(seed)
    try:
        yield
    finally:
        before.put_back()
