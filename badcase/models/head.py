"""A linear head on frozen embeddings: logistic regression, in seconds, always the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Progress, finish

MOST_ROWS = 200_000
_STEPS, _AT_ONCE = 200, 4  # of L-BFGS: at most, and between two points where the fit can be stopped
_FLAT = 1e-6  # largest slope at the minimum


@dataclass(frozen=True, slots=True)
class Head:
    """A linear layer for the embeddings as they are: weight (k, d) and bias (k,), float32."""

    weight: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def logits(self, embeddings: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """(n, k) from (n, d)."""
        return np.asarray(embeddings, np.float32) @ self.weight.T + self.bias


def fit_head(
    embeddings: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    k: int,
    *,
    sample_weight: npt.NDArray[Any] | None = None,
    strength: float = 3.0,
) -> Head:
    """The minimum of weighted cross-entropy with an L2 penalty; it is unique, so no seed is needed.

    Beyond 200,000 rows evenly spread ones are used.

    Args:
        embeddings: (n, d).
        labels: (n,) in [0, k) for a softmax over all, or a matrix (n, k) from 0 to 1 for a sigmoid each.
        k: How many classes or labels.
        sample_weight: (n,) mean 1 is usual.
        strength: The inverse of the penalty, scikit-learn's C, for embeddings that are centred and divided by their root mean
            squared length.
    """
    return finish(fit_head_in_steps(embeddings, labels, k, sample_weight=sample_weight, strength=strength))


def fit_head_in_steps(
    embeddings: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    k: int,
    *,
    sample_weight: npt.NDArray[Any] | None = None,
    strength: float = 3.0,
    shares: bool = False,
) -> Job[Head]:
    """`fit_head` as a job that can be stopped between a few steps.

    Args:
        embeddings: As for `fit_head`.
        labels: As for `fit_head`.
        k: As for `fit_head`.
        sample_weight: As for `fit_head`.
        strength: As for `fit_head`.
        shares: Whether labels are a matrix (n, k) whose rows sum to 1, for a softmax over all.
    """
    rows = np.arange(len(labels))[:: -(-len(labels) // MOST_ROWS) or 1]
    if not len(rows):
        raise BadcaseError(
            _("there is no item to fit the classifier on"),
            expected=_("items in the training split that are not excluded"),
            got=0,
            hint=_("Check the splits of the data, or take exclusions back."),
        )
    features = torch.from_numpy(np.asarray(embeddings[rows], np.float32))
    mean = features.mean(0)
    features = features - mean
    size = features.square().sum(1).mean().sqrt().clamp(min=1e-12)
    features /= size
    target = torch.from_numpy(np.asarray(labels[rows], np.int64 if labels.ndim == 1 else np.float32))
    weights = np.ones(len(labels)) if sample_weight is None else sample_weight
    counts = torch.from_numpy(np.asarray(weights[rows], np.float32))
    weight, bias = yield from _minimize(features, target, counts, k, 1.0 / (strength * len(rows)), shares)
    weight /= size
    return Head(weight.numpy(), (bias - weight @ mean).numpy())


def _minimize(
    features: torch.Tensor, target: torch.Tensor, weights: torch.Tensor, k: int, penalty: float, shares: bool
) -> Job[tuple[torch.Tensor, torch.Tensor]]:
    """L-BFGS on the whole data, from zero."""
    weight = torch.zeros(k, features.shape[1], requires_grad=True)
    bias = torch.zeros(k, requires_grad=True)
    # It keeps its memory from one call to the next, so that a few steps at a time lead where all at once would.
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=_AT_ONCE, tolerance_grad=_FLAT, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        losses = _losses(features @ weight.T + bias, target, shares)
        # the bias is penalized a little so that a class without items keeps a finite one
        loss = (losses * weights).mean() + 0.5 * penalty * (weight.square().sum() + 1e-2 * bias.square().sum())
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    for done in range(0, _STEPS, _AT_ONCE):
        yield Progress(_("Fitting a linear head on the features"), done, _STEPS)
        before = weight.detach().clone()
        with torch.enable_grad():
            optimizer.step(closure)  # type: ignore[no-untyped-call]
        if torch.equal(before, weight.detach()):
            break
    return weight.detach(), bias.detach()


def _losses(logits: torch.Tensor, target: torch.Tensor, shares: bool) -> torch.Tensor:
    """(n,): cross-entropy of class ids or of their shares, or of a matrix summed over its labels."""
    if target.ndim == 1 or shares:
        return torch.nn.functional.cross_entropy(logits, target, reduction="none")
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none").sum(1)
