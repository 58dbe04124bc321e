"""Reproducible training: one seed decides every draw. Importing this loads no torch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from badcase.errors import BadcaseError
from badcase.i18n import _


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """One seed decides everything, on a GPU too, wherever torch has a way to do it; `kept_apart` notes where it has none.

    What was set before is set again, and the caller's random numbers go on where they were.
    """
    import torch

    from badcase.models.random_state import seeded

    workspace = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = workspace or ":4096:8"
    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    strict = torch.are_deterministic_algorithms_enabled()  # then what cannot be repeated is an error, as somebody wished
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    if not strict:
        torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with seeded(seed):
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
        if not strict:
            torch.use_deterministic_algorithms(False)
        if workspace is None:
            del os.environ["CUBLAS_WORKSPACE_CONFIG"]
