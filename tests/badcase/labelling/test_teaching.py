"""What a label more teaches beside what a wrong one spoils, as the labels themselves tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from badcase.labelling.teaching import Teaching, measure_teaching


def overlapping(classes: int, each: int, wrong: float = 0.0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Classes that lie over each other in part, centred and of mean squared length 1, and their labels, some of them wrong."""
    rng = np.random.default_rng(3)
    of = np.repeat(np.arange(classes), each)
    features = 2.5 * rng.standard_normal((classes, 40))[of] + 3 * rng.standard_normal((len(of), 40))
    features -= features.mean(0)
    given = np.where(rng.random(len(of)) < wrong, rng.integers(classes, size=len(of)), of)
    return (features / np.sqrt((features**2).sum(1).mean())).astype(np.float32), given


def measured(features: NDArray[np.float32], labels: NDArray[np.int64]) -> Teaching:
    found = measure_teaching(features, labels, int(labels.max()) + 1, np.random.default_rng(0))
    assert found is not None
    return found


def test_labels_more_teach_where_classes_have_few_and_mending_does_where_they_have_many() -> None:
    few, many = measured(*overlapping(40, 6)), measured(*overlapping(4, 150, wrong=0.2))
    assert few.more > 10 * many.more
    assert few.worth_of_mending(0.1) < 2 < 1.2 * many.worth_of_mending(0.1)


def test_the_more_labels_are_wrong_the_less_mending_one_is_worth_beside_a_right_one() -> None:
    teaching = Teaching(more=0.001, wrong=0.004)
    assert teaching.worth_of_mending(0) == 4
    assert teaching.worth_of_mending(0.5) < teaching.worth_of_mending(0.1) < 4


def test_what_cannot_be_told_is_not_told_and_what_teaches_nothing_keeps_within_bounds() -> None:
    features, labels = overlapping(3, 10)
    some = np.where(np.arange(30) % 2, -1, labels)
    assert measure_teaching(features, some, 3, np.random.default_rng(0)) is None
    assert measure_teaching(features, np.zeros(30, np.int64), 3, np.random.default_rng(0)) is None
    for more, wrong in ((0.0, 0.0), (-0.1, 0.2), (0.1, -0.2)):
        assert 0.5 <= Teaching(more, wrong).worth_of_mending(0.1) <= 10


def test_noise_as_features_tells_of_no_label_that_it_teaches() -> None:
    rng = np.random.default_rng(5)
    features = rng.standard_normal((300, 20)).astype(np.float32) / np.float32(20**0.5)
    assert abs(measured(features, rng.integers(4, size=300)).more) < 0.0005
