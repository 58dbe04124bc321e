"""Reproducible training: one seed decides every draw. Importing this loads no torch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from badcase.errors import BadcaseError
from badcase.i18n import _


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """One seed decides everything, on a GPU too."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    torch.manual_seed(seed)
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise BadcaseError(
            _("the device ran out of memory with a batch of one item"),
            where=_("training"),
            got=str(error).splitlines()[0],
            hint=_("Use --device cpu, a smaller model, or smaller inputs."),
        ) from error
    finally:
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = before
