"""Every scorer keeps the contract: (n,) in [0, 1], 1 = most suspect, NaN = nothing to say, each item where it stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from badcase.neighbours import Nearest, nearest
from badcase.scorers import SCORERS, Needs
from badcase.scorers.neighbours import neighbours


@st.composite
def evidence(draw: st.DrawFn) -> dict[str, Any]:
    """Labels, probabilities (also exactly 0, 1 and even) and neighbours (also none) of the same items."""
    n, k = draw(st.integers(1, 30)), draw(st.integers(2, 8))
    labels = draw(hnp.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    weights = draw(hnp.arrays(np.float64, (n, k), elements=st.sampled_from([0, 1e-9, 0.3, 1, 1, 7])))
    weights[weights.sum(1) == 0] = 1
    features = draw(hnp.arrays(np.float32, (n, 3), elements=st.integers(-2, 2)))
    dtype = draw(st.sampled_from([np.float16, np.float32, np.float64]))
    return {
        "labels": labels,
        Needs.PROBS: (weights / weights.sum(1, keepdims=True)).astype(dtype),
        Needs.FEATURES: nearest(features, 5),
    }


def moved(part: Any, order: np.ndarray) -> Any:
    """The same evidence with its items in another order."""
    if not isinstance(part, Nearest):
        return part[order]
    place = np.argsort(order)
    ids = part.indices[order]
    return Nearest(np.where(ids >= 0, place[ids], -1).astype(np.int32), part.similarity[order])


@pytest.mark.parametrize("name", SCORERS)
@settings(max_examples=60, deadline=None)
@given(case=evidence(), seed=st.integers(0, 99))
def test_a_score_is_between_0_and_1_and_moves_with_its_item(name: str, case: dict[str, Any], seed: int) -> None:
    info = SCORERS[name]
    labels, known = case["labels"], case[info.needs]
    scores = info.function(labels, known)
    assert scores.shape == labels.shape
    assert ((scores >= 0) & (scores <= 1) | np.isnan(scores)).all()
    order = np.random.default_rng(seed).permutation(len(labels))
    np.testing.assert_allclose(info.function(labels[order], moved(known, order)), scores[order], atol=1e-6)


@pytest.mark.parametrize("name", SCORERS)
def test_a_wrong_label_is_more_suspect_than_a_right_one(name: str) -> None:
    features = np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)
    labels = np.repeat([0, 1], 10)
    labels[3] = 1
    probs = np.repeat([[0.9, 0.1], [0.1, 0.9]], 10, axis=0)
    info = SCORERS[name]
    scores = info.function(labels, probs if info.needs == Needs.PROBS else nearest(features, 5))
    assert scores.argmax() == 3


def test_an_item_without_neighbours_has_nothing_to_say() -> None:
    alone = Nearest(np.array([[-1], [0]], np.int32), np.array([[-np.inf], [0.5]], np.float32))
    scores = neighbours(np.array([0, 1]), alone)
    assert np.isnan(scores[0])
    assert scores[1] == 1
