"""A verdict says something of the items around that carry the same label, and of no others."""

from __future__ import annotations

import numpy as np

from badcase import rank
from badcase.active_learning.candidates import Candidates
from badcase.active_learning.learner import Learner
from badcase.active_learning.neighbour_effects import NeighbourEffects
from badcase.ranking.ranking import Ranking


def two_places(*strangers: int) -> Ranking:
    """60 items of class 0 in two places, 120 of class 1 in a third; the strangers are of class 1 wherever they are."""
    rng = np.random.default_rng(0)
    places = np.repeat([0, 1, 2], [30, 30, 120])
    features = 4 * np.eye(3)[places] + rng.normal(0, 0.5, (180, 3))
    labels = (places == 2).astype(np.int64)
    labels[list(strangers)] = 1
    return rank(labels, features=features)


def moved(ranking: Ranking, item: int, wrong: float) -> np.ndarray:
    return NeighbourEffects(ranking, np.arange(180)).effects(np.array([item]), np.array([wrong]), np.array([0.5]))


def test_an_error_raises_the_items_around_of_its_class_and_a_right_label_lowers_them() -> None:
    ranking = two_places(2)
    item = next(int(near) for near in ranking.evidence.near_items[2] if ranking.labels[near] == 0)
    around = (ranking.evidence.near_items == item).any(1) & (ranking.labels == 0)
    assert around.any()
    for wrong, sign in ((1.0, 1), (0.0, -1)):
        effects = moved(ranking, item, wrong)  # item 2, of the other class, stays where it is
        assert (sign * effects[around] > 0.1).all()
        assert (effects[~around] == 0).all()


def test_a_verdict_says_nothing_of_itself() -> None:
    ranking = two_places()
    assert all(moved(ranking, item, 1.0)[item] == 0 for item in (3, 40, 100))


def test_errors_in_one_place_bring_up_the_rest_of_it() -> None:
    ranking = two_places()
    learner = Learner(ranking, random_sample=False)
    for item in range(20):
        learner.record(item, True)
        learner.record(30 + item, False)
    ahead = learner.chance_wrong(np.arange(20, 30)).mean() - learner.chance_wrong(np.arange(50, 60)).mean()
    assert ahead > 0.2


def test_rows_that_are_added_later_are_treated_alike() -> None:
    ranking = two_places()
    at_once, later = NeighbourEffects(ranking, np.arange(180)), NeighbourEffects(ranking, np.arange(100))
    later.add(np.arange(100, 180))
    judged, wrong, p = np.arange(0, 180, 7), np.arange(26) % 2.0, np.full(26, 0.3)
    np.testing.assert_array_equal(at_once.effects(judged, wrong, p), later.effects(judged, wrong, p))


def test_where_nothing_is_known_of_neighbours_nothing_is_said() -> None:
    probs = np.tile([[0.7, 0.3], [0.4, 0.6]], (20, 1))
    pool = Candidates(rank(np.arange(40) % 2, probs))
    assert (pool.effects_near.effects(np.arange(3), np.ones(3), np.full(3, 0.2)) == 0).all()
