"""Out-of-sample class probabilities in seconds from frozen features: no item's label has a part in its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.arrays import Features, Groups, Labels, Probs, check_features, check_groups, check_labels
from badcase.classifiers.kernel import KernelFolds
from badcase.classifiers.linear import LinearFolds
from badcase.classifiers.vote import vote_probs
from badcase.errors import BadcaseError
from badcase.folds import row_keys, stratified_folds
from badcase.language import _
from badcase.neighbours import Nearest, nearest
from badcase.noise import cleaned

FOLDS = 5
NEIGHBOURS = 50
# Above this many items the vote asks a fixed random part of them, so that time grows with n and not with its square.
_ELECTORATE = 20_000
_FIRST_STEPS, _MORE_STEPS = 25, 8
_COMPONENTS = 512
_TINY = float(np.finfo(np.float32).tiny)
_LEAST_VARIANCE = 1e-6  # of the largest: weaker directions are rounding, not to be blown up


@dataclass(frozen=True, slots=True)
class Honest:
    """Honest probabilities and what else fell out of making them."""

    mean: Probs  # (n, k) mean of the classifiers
    sharp: Probs  # (n, k) their normalised geometric mean
    nearest: Nearest  # (n, 50)
    lonely: NDArray[np.bool_]  # (n,) no other group has an item of this class, so nothing can be said for the label
    keys: NDArray[np.uint64]  # (n,) the same for rows that are the same


def out_of_sample(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    seed: int = 0,
    classes: int | None = None,
) -> Probs:
    """Class probabilities (n, k) float32 for every item, from classifiers that saw neither its label nor its group's.

    features (n, d), of any scale; labels (n,) in [0, k); groups (n,): items of one group (near-duplicates, frames of
    one video) are never on both sides; without them, exact copies of a row are one group. k is `classes`, or the
    largest label + 1. The mean of softmax regression and of kernel ridge regression over five stratified folds and of
    a vote of the nearest items. A class whose items are all in one group gets next to no probability there. Where all
    rows are alike, the shares of the classes among the other items. The same rows in another order give the same
    probabilities up to rounding. Needs at least 5 items of at least 2 classes; BadcaseError otherwise.
    """
    x, y, together = check_evidence(features, labels, groups, classes)
    return honest(x, y, together, seed=seed, classes=classes or int(y.max()) + 1, refit=False).mean


def check_evidence(
    features: ArrayLike, labels: ArrayLike, groups: ArrayLike | None, classes: int | None
) -> tuple[Features, Labels, Groups | None]:
    y = check_labels(labels, k=classes)
    x = check_features(features, n=len(y))
    if len(y) < FOLDS:
        raise BadcaseError(_("too few items"), where="labels", expected=_("at least {n}").format(n=FOLDS), got=len(y))
    if (y == y[0]).all():
        raise BadcaseError(_("only one class"), where="labels", expected=_("at least 2"), got=int(y[0]))
    return x, y, check_groups(groups, len(y))


def honest(
    features: Features, labels: Labels, groups: Groups | None, *, seed: int, classes: int, refit: bool
) -> Honest:
    """The same on checked arrays. With `refit` a second pass learns from what the first believes of each label.

    That pass removes what the classifiers learnt from systematic noise; an item's own label then has a small indirect
    part (its neighbours' beliefs), so it serves the ranking and not `out_of_sample`.
    """
    keys = row_keys(features, seed)
    together = np.unique(keys if groups is None else groups, return_inverse=True)[1].reshape(-1).astype(np.int64)
    folds = stratified_folds(labels, together, keys, FOLDS)
    by_key = np.argsort(keys, kind="stable")
    x = _balanced(features)
    single = int(together.max()) + 1 == len(labels)
    near = nearest(
        x, min(NEIGHBOURS, len(labels) - 1), among=by_key[:_ELECTORATE] if len(labels) > _ELECTORATE else None,
        groups=None if single else together,
    )  # fmt: skip
    targets = np.eye(classes, dtype=np.float32)[labels]
    if folds.max() == 0:  # one group, or so few that they met in one fold: nothing to train on
        members = [vote_probs(near, targets)]
    else:
        linear, kernel = LinearFolds(x, folds, classes), KernelFolds(x, folds, by_key)
        members = [linear.probs(targets, _FIRST_STEPS), vote_probs(near, targets), kernel.probs(targets)]
        if refit:
            targets = cleaned(_mean(members), labels)
            members = [linear.probs(targets, _MORE_STEPS), vote_probs(near, targets), kernel.probs(targets)]
    return Honest(_mean(members), _geometric_mean(members), near, _lonely(labels, together, classes), keys)


def _balanced(features: Features) -> Features:
    """Principal components divided by the fourth root of their variance, then by the root mean squared length.

    This is half-way to whitening: a few strong directions, brightness say, no longer drown the others. Mean AP +.009 on
    image features, -.004 on texts. One ridge suits every backbone afterwards, and 512 columns are enough of any.
    """
    x = features / max(float(np.abs(features).max()), _TINY)  # squares of any scale stay within float32
    x -= x.mean(0, dtype=np.float64).astype(np.float32)
    variances, directions = np.linalg.eigh((x.T @ x).astype(np.float64) / len(x))
    variances, directions = variances[-_COMPONENTS:], directions[:, -_COMPONENTS:]
    least = max(_LEAST_VARIANCE * float(variances[-1]), _TINY)
    x = x @ (directions / np.maximum(variances, least) ** 0.25).astype(np.float32)
    length = np.sqrt(np.einsum("ij,ij->", x, x, dtype=np.float64) / len(x))
    return x / np.float32(length if length > 0 else 1)


def _mean(members: list[Probs]) -> Probs:
    total: Probs = np.add.reduce(members)
    return total / total.sum(1, keepdims=True)


def _geometric_mean(members: list[Probs]) -> Probs:
    logs = np.add.reduce([np.log(probs + np.float32(1e-9)) for probs in members]) / np.float32(len(members))
    powers: Probs = np.exp(logs - logs.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def _lonely(labels: Labels, groups: Groups, classes: int) -> NDArray[np.bool_]:
    pairs = np.unique(np.stack([labels, groups]), axis=1)
    groups_of_class = np.bincount(pairs[0], minlength=classes)
    return groups_of_class[labels] == 1
