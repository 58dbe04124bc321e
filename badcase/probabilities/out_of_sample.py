"""Out-of-sample class probabilities in seconds from frozen features: no item's label has a part in its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from badcase.array_checks import Features, Groups, Labels, Probs, check_features, check_groups, check_labels, whole
from badcase.errors import BadcaseError
from badcase.given_arrays import read_given
from badcase.i18n import _
from badcase.neighbours.search import Nearest, bounded_in_steps, nearest_in_steps
from badcase.plain_arrays import collected
from badcase.probabilities.kernel_ridge import KernelRidge
from badcase.probabilities.linear_head import LinearFolds
from badcase.probabilities.neighbour_vote import vote_probs
from badcase.probabilities.noise_matrix import cleaned, systematic
from badcase.probabilities.stratified_folds import row_keys, stratified_folds
from badcase.progress import Job, Progress, finish

FOLDS = 5
NEIGHBOURS = 50
# Above this many items the vote asks a fixed random part of them, so that time grows with n and not with its square:
# half of 10,000 items gave the same mean AP, a quarter .001 less. But near copies are seen only where all are asked,
# which is done up to the second number where bounds make that no slower.
_ELECTORATE, _ALL_BOUNDED = 20_000, 100_000
_FIRST_STEPS, _MORE_STEPS = 16, 6
_COMPONENTS = 512
_TINY = float(np.finfo(np.float32).tiny)
_LEAST_VARIANCE = 1e-6  # of the largest: weaker directions are rounding, not to be blown up
# Linear head, vote and kernel count 1 : 2 : 2 where head and vote are equally right about the given labels (even weights
# lose .006 of mean AP), and the one that is right more often by a point counts a little more (`_TILT`: +.002). Weights
# by the likelihood of all three lose .01: the likeliest is the one that learnt the noise.
_HEAD_SHARE, _HEAD_AND_VOTE, _KERNEL, _TILT = 1 / 3, 3.0, 2.0, 60.0
# Leaving single items out makes the kernel the least deceived by systematic noise: it counts this much more there.
_KERNEL_MORE = 3.0


@dataclass(frozen=True, slots=True)
class OutOfSampleProbs:
    """Out-of-sample probabilities, and what else was computed on the way."""

    mean: Probs  # (n, k) mean of the classifiers
    first: Probs  # (n, k) the mean before any refit: of what was learnt from the labels as they are
    nearest: Nearest  # (n, 50)
    together: Groups  # (n,) items that were no evidence for each other: the given groups, or exact copies
    lonely: NDArray[np.bool_]  # (n,) no other group has an item of this class, so nothing can be said for the label
    keys: NDArray[np.uint64]  # (n,) the same for rows that are the same


def out_of_sample(
    *arrays: Any,
    labels: ArrayLike | None = None,
    features: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    seed: int = 0,
    classes: int | None = None,
    class_names: Sequence[str] | None = None,
) -> Probs:
    """Class probabilities for every item, from classifiers that saw neither its label nor its group's.

    The weighted mean of softmax regression over five stratified folds, of a vote of the nearest items, and of kernel ridge
    regression that leaves each group out; only the three weights, the ridge and the folds' cuts, a few numbers for all
    items, have seen every label. A class whose items are all in one group gets next to no probability there. Where all
    rows are alike, the shares of the classes among the other items. The same rows in another order give the same
    probabilities up to rounding.

    Args:
        *arrays: labels and features in this order, as `rank` has them, or features and labels: the one with one dimension
            is the labels.
        labels: (n,) class ids in [0, k) or class names, in whatever `rank` takes; at least 5 items of at least 2 classes.
        features: (n, d), of any scale, in whatever `rank` takes.
        groups: (n,) items of one group (near-duplicates, frames of one video) are never on both sides; without it, exact
            copies of a row are one group.
        seed: Decides the folds.
        classes: k; else as many as there are names, else the largest label + 1.
        class_names: (k,) the order of the columns where labels are names; else that of their categories, else sorted.

    Returns:
        (n, k) float32, rows sum to 1.

    Raises:
        BadcaseError: For bad input; it names the argument and the first bad row.
    """
    labels, features = _told_apart(arrays, labels, features)
    classes = None if classes is None else whole("classes", classes, least=2)
    given = read_given(labels, features=features, class_names=class_names, task="multiclass")
    if classes is None and given.class_names is not None:
        classes = len(given.class_names)
    assert given.features is not None
    x, y, together = check_evidence(given.features, given.labels, groups, classes)
    return finish(
        out_of_sample_in_steps(x, y, together, seed=whole("seed", seed), classes=classes or int(y.max()) + 1, refit=False)
    ).mean


def _told_apart(arrays: tuple[Any, ...], labels: Any, features: Any) -> tuple[Any, Any]:
    """Labels and features; two arrays by their place, unless only the second has one dimension."""
    if len(arrays) > 2 or len(arrays) + (labels is not None) + (features is not None) != 2:
        raise BadcaseError(
            _("it takes labels and features"), where="out_of_sample", expected=_("out_of_sample(labels, features)")
        )
    if not arrays:
        return labels, features
    if len(arrays) == 1:
        return (arrays[0], features) if labels is None else (labels, arrays[0])
    first, second = map(collected, arrays)
    return (second, first) if _is_column(second) and not _is_column(first) else (first, second)


def _is_column(given: Any) -> bool:
    """Whether this has one dimension, or one column."""
    shape = getattr(given, "shape", None)
    if shape is None:
        first = list(given)[:1] if hasattr(given, "__iter__") else [()]
        return not any(hasattr(one, "__len__") and not isinstance(one, str | bytes) for one in first)
    return len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)


def one_label_hint() -> str:
    """What to do where all items have the same label."""
    return _("Nothing can be told apart where all items have one label. Add items of another class, or take back exclusions.")


def too_few(n: int) -> BadcaseError:
    """The error for n items, which cannot be told apart into folds."""
    return BadcaseError(
        _("too few items"),
        where="labels",
        expected=_("at least {n}").format(n=FOLDS),
        got=n,
        hint=_(
            "The items are judged in {n} parts, each by what the others teach. Add items to the data set, take some out of "
            "gold, or take back exclusions, until there are {n} or more."
        ).format(n=FOLDS),
    )


def check_evidence(
    features: ArrayLike, labels: ArrayLike, groups: ArrayLike | None, classes: int | None
) -> tuple[Features, Labels, Groups | None]:
    y = check_labels(labels, k=classes)
    x = check_features(features, n=len(y))
    if len(y) < FOLDS:
        raise too_few(len(y))
    if (y == y[0]).all():
        raise BadcaseError(_("only one class"), where="labels", expected=_("at least 2"), got=int(y[0]), hint=one_label_hint())
    return x, y, check_groups(groups, len(y))


def out_of_sample_in_steps(
    features: Features,
    labels: Labels,
    groups: Groups | None,
    *,
    seed: int,
    classes: int,
    refit: bool,
    verified: Labels | None = None,
) -> Job[OutOfSampleProbs]:
    """`out_of_sample` on checked arrays, as a job that also keeps what was computed on the way.

    Args:
        features: (n, d).
        labels: (n,) class ids in [0, classes).
        groups: (n,) items of one group are never on both sides; without it, exact copies of a row are one group.
        seed: Decides the folds, the landmarks and the voters.
        classes: How many classes there are.
        refit: Whether a second pass learns soft targets that the first one's noise matrix gives (`cleaned`). It removes
            what the classifiers learnt from systematic noise; an item's own label then has a small indirect part, through
            its neighbours' targets, so it serves the ranking and not `out_of_sample`.
        verified: (n,) the true class of an item where it is known, else -1; the classifiers learn it in both passes.
    """
    yield Progress(_("Preparing the features"))
    keys = row_keys(features, seed)
    yield Progress(_("Preparing the features"))
    together = np.unique(keys if groups is None else groups, return_inverse=True)[1].reshape(-1).astype(np.int64)
    folds = stratified_folds(labels, together, keys, FOLDS)
    by_key = np.argsort(keys, kind="stable")
    plain, x = components(features)
    single = int(together.max()) + 1 == len(labels)
    near = yield from voters(x, by_key, None if single else together)
    trusted = labels if verified is None else np.where(verified >= 0, verified, labels)
    targets = np.eye(classes, dtype=np.float32)[trusted]
    if folds.max() == 0:  # one group, or so few that they met in one fold: nothing to train on
        first = vote_probs(near, targets)
        members, weights = [first], np.ones(1)
    else:
        yield Progress(_("Learning from the labels"))
        linear = LinearFolds(x, folds, classes)
        kernel = yield from KernelRidge.making(plain, targets, together, by_key)
        said = yield from linear.probs_in_steps(targets, _FIRST_STEPS)
        members = [said, vote_probs(near, targets), (yield from kernel.probs_in_steps(targets))]
        weights = _weights(members, trusted)
        first = _mean(members, weights)
        if refit:
            targets = cleaned(first, labels, verified)
            said = yield from linear.probs_in_steps(targets, _MORE_STEPS)
            members = [said, vote_probs(near, targets), (yield from kernel.probs_in_steps(targets))]
            weights[2] += _KERNEL_MORE * systematic(first, labels, verified)
    lonely = _lonely(labels, together, classes)
    return OutOfSampleProbs(_mean(members, weights), first, near, together, lonely, keys)


def voters(features: Features, order: NDArray[np.int64], groups: Groups | None) -> Job[Nearest]:
    """The 50 nearest of each item outside its group, among all or, where they are many, the first of `order` (n,)."""
    n = len(features)
    if n <= _ELECTORATE:
        return (yield from nearest_in_steps(features, min(NEIGHBOURS, n - 1), groups=groups))
    if n <= _ALL_BOUNDED:
        found = yield from bounded_in_steps(features, NEIGHBOURS, groups)
        if found is not None:
            return found
    return (yield from nearest_in_steps(features, NEIGHBOURS, among=order[:_ELECTORATE], groups=groups))


def _weights(members: list[Probs], labels: Labels) -> NDArray[np.float64]:
    head, vote = (float((probs.argmax(1) == labels).mean()) for probs in members[:2])
    odds = _HEAD_SHARE / (1 - _HEAD_SHARE) * np.exp(_TILT * (head - vote))
    share = _HEAD_AND_VOTE * odds / (1 + odds)
    return np.array([share, _HEAD_AND_VOTE - share, _KERNEL])


def components(features: Features) -> tuple[Features, Features]:
    """Principal components (n, at most 512) as they are, and balanced; both of root mean squared length 1.

    Balanced: divided by the fourth root of their variance, half-way to whitening, so that a few strong directions,
    brightness say, do not drown the others. Mean AP of the linear head and the vote +.009 on images, -.004 on texts;
    the kernel is better without.
    """
    x = features / max(float(np.abs(features).max()), _TINY)  # squares of any scale stay within float32
    x -= x.mean(0, dtype=np.float64).astype(np.float32)
    few = len(x) < x.shape[1]  # then the rows among each other tell the same, in a small part of the time
    exact = x.astype(np.float64) if few else x  # there a root is drawn of what should be 0
    variances, directions = np.linalg.eigh((exact @ exact.T if few else x.T @ x).astype(np.float64) / len(x))
    variances, directions = variances[-_COMPONENTS:], directions[:, -_COMPONENTS:]
    if few:
        plain = (directions * np.sqrt(len(x) * np.maximum(variances, 0))).astype(np.float32)
    else:
        plain = x @ directions.astype(np.float32)
    del x, exact
    least = max(_LEAST_VARIANCE * float(variances[-1]), _TINY)
    balanced = plain / (np.maximum(variances, least) ** 0.25).astype(np.float32)
    return _scaled(plain), _scaled(balanced)


def _scaled(x: Features) -> Features:
    """The same array, its rows of root mean squared length 1."""
    length = np.sqrt(np.einsum("ij,ij->", x, x, dtype=np.float64) / len(x))
    x /= np.float32(length if length > 0 else 1)
    return x


def _mean(members: list[Probs], weights: NDArray[np.float64]) -> Probs:
    """The weighted mean of probabilities (n, k) each."""
    shares = (weights / weights.sum()).astype(np.float32)
    total: Probs = np.add.reduce([share * probs for share, probs in zip(shares, members, strict=True)])
    return total / total.sum(1, keepdims=True)


def _lonely(labels: Labels, groups: Groups, classes: int) -> NDArray[np.bool_]:
    pairs = np.unique(np.stack([labels, groups]), axis=1)
    groups_of_class = np.bincount(pairs[0], minlength=classes)
    return groups_of_class[labels] == 1
