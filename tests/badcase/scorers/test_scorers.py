"""Every scorer keeps the contract: (n,) in [0, 1], 1 = most suspect, NaN = nothing to say, each item where it stands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from badcase.items import image_measures, text_measures
from badcase.neighbours.search import Nearest, nearest
from badcase.scorers import SCORERS, BadCase, Evidence, Needs, missing_sentence, speaking
from badcase.scorers.evidence import NEIGHBOURS_SHOWN
from badcase.scorers.labels.neighbours import neighbours
from badcase.scorers.reasons import Names, Reason


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    """All evidence of the same items: probabilities exactly 0, 1 and even, no neighbours, all duplicates, one class."""
    n, k = draw(st.integers(1, 30)), draw(st.integers(2, 8))
    labels = draw(hnp.arrays(np.int64, n, elements=st.integers(0, draw(st.integers(0, k - 1)))))
    weights = draw(hnp.arrays(np.float64, (n, k), elements=st.sampled_from([0, 1e-9, 0.3, 1, 1, 7])))
    weights[weights.sum(1) == 0] = 1
    dtype = draw(st.sampled_from([np.float16, np.float32, np.float64]))
    features = draw(hnp.arrays(np.float32, (n, 3), elements=st.integers(-2, draw(st.integers(-2, 2)))))
    near = nearest(features, 5)
    copies = draw(hnp.arrays(np.int64, n, elements=st.integers(-1, draw(st.integers(0, n)))))
    epochs = draw(st.integers(1, 6))
    images = np.zeros(n, image_measures.RECORD)
    for name in image_measures.RECORD.names or ():
        images[name] = draw(hnp.arrays(np.float32, n, elements=st.sampled_from([0, 0.5, 1, 20, 200, 255])))
    words = st.text(st.sampled_from("abc de12!?\u00c3\u00bc\ufffd\u4e2d\u6587\u043f\u0440\x00\U0001f642"), max_size=12)
    texts = text_measures.text_measures(draw(st.lists(words, min_size=n, max_size=n)))
    unknown = draw(hnp.arrays(np.bool_, n, elements=st.sampled_from([False, False, True])))
    images[unknown], texts[unknown] = np.nan, np.nan
    return Evidence(
        labels,
        probs=(weights / weights.sum(1, keepdims=True)).astype(dtype),
        nearest=near,
        near_items=np.pad(near.indices, ((0, 0), (0, NEIGHBOURS_SHOWN - 5)), constant_values=-1),
        answers=draw(hnp.arrays(np.int32, n, elements=st.integers(-1, k - 1))),
        copies=copies,
        twins=np.where(copies < 0, -1, copies // 2),  # what is the same is also nearly the same
        split=draw(hnp.arrays(np.int8, n, elements=st.integers(-1, 2))),
        images=images,
        texts=texts,
        margins=draw(hnp.arrays(np.float16, (n, epochs), elements=st.sampled_from([-9, -0.5, 0, 0.5, 9, np.nan]))),
    )


def moved(case: Evidence, order: np.ndarray) -> Evidence:
    """The same evidence with its items in another order."""
    place = np.argsort(order)
    assert case.nearest is not None and case.near_items is not None

    def ids(old: np.ndarray) -> np.ndarray:
        return np.where(old[order] >= 0, place[old[order]], -1).astype(np.int32)

    parts = {name: array[order] for name, array in case.kept().items()}
    parts |= {"near_items": ids(case.near_items)}
    return Evidence(**parts, nearest=Nearest(ids(case.nearest.indices), case.nearest.similarity[order]))


@settings(max_examples=60, deadline=None)
@given(case=evidence(), seed=st.integers(0, 99))
def test_every_score_is_between_0_and_1_and_moves_with_its_item(case: Evidence, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(case.labels))
    elsewhere = moved(case, order)
    for name, scorer in SCORERS.items():
        assert not scorer.missing(case)
        scores = scorer.score(case)
        assert scores.shape == case.labels.shape, name
        assert ((scores >= 0) & (scores <= 1) | np.isnan(scores)).all(), name
        np.testing.assert_allclose(scorer.score(elsewhere), scores[order], atol=1e-6, err_msg=name)


@settings(max_examples=60, deadline=None)
@given(case=evidence())
def test_a_scorer_that_speaks_has_a_sentence_and_no_placeholder_is_left_in_it(case: Evidence) -> None:
    for name, scorer in SCORERS.items():
        scores = scorer.score(case)
        for item in np.flatnonzero(speaking({name: scores.astype(np.float32)})[name]):
            reason = scorer.explain(int(item), float(scores[item]), case, Names())
            assert isinstance(reason, Reason)
            assert reason.scorer == name
            assert len(reason.text) > 8 and reason.brief
            assert "{" not in reason.text + reason.brief


def test_every_need_has_a_sentence_that_says_what_would_help() -> None:
    assert all("needs" in missing_sentence(need) for need in Needs)


@pytest.mark.parametrize("name", ["margin", "neighbours", "self_confidence"])
def test_a_wrong_label_is_more_suspect_than_a_right_one(name: str) -> None:
    features = np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)
    labels = np.repeat([0, 1], 10)
    labels[3] = 1
    probs = np.repeat([[0.9, 0.1], [0.1, 0.9]], 10, axis=0)
    case = Evidence(labels, probs=probs, nearest=nearest(features, 5))
    assert SCORERS[name].finds is BadCase.MISLABELED
    assert SCORERS[name].score(case).argmax() == 3


def test_an_item_without_neighbours_has_nothing_to_say() -> None:
    alone = Nearest(np.array([[-1], [0]], np.int32), np.array([[-np.inf], [0.5]], np.float32))
    scores = neighbours(np.array([0, 1]), alone)
    assert np.isnan(scores[0])
    assert scores[1] == 1
