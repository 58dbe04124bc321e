"""Each kind of bad case is found where it is planted, and is not seen where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from badcase import rank
from badcase.neighbours.search import Nearest, nearest
from badcase.ranking.of_no_class import of_no_class_odds
from badcase.scorers import SCORERS, Evidence, missing_needs, score_all, speaking
from badcase.scorers.training.forgetting import forgetting
from badcase.scorers.training.margin_area import margin_area
from badcase.scorers.training.wrong_epochs import wrong_epochs


def heard(name: str, evidence: Evidence) -> list[int]:
    """Items that one scorer speaks of."""
    return np.flatnonzero(speaking({name: SCORERS[name].score(evidence).astype(np.float32)})[name]).tolist()


def clouds(n: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, 16) around four centres, and the centre of each."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 4
    return (np.eye(16)[labels] * 4 + rng.normal(0, 0.5, (n, 16))).astype(np.float32), labels


def test_a_hard_case_is_one_that_the_model_misses_and_the_honest_evidence_does_not() -> None:
    probs = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.9, 0.1]], np.float32)
    answers = np.array([0, 1, 1, -1], np.int32)  # right; wrong; "wrong", but so is the label; silent
    assert heard("hard", Evidence(np.zeros(4, np.int64), probs=probs, answers=answers)) == [1]


def test_an_item_is_ambiguous_where_two_classes_are_about_equal_and_its_label_is_one_of_them() -> None:
    probs = np.array([[0.49, 0.46, 0.05], [0.05, 0.46, 0.49], [0.9, 0.1, 0], [0.34, 0.33, 0.33]], np.float32)
    assert heard("ambiguous", Evidence(np.zeros(4, np.int64), probs=probs)) == [0]


def test_copies_and_near_copies_speak_for_all_of_a_set_and_their_sentence_names_another() -> None:
    case = Evidence(
        np.array([0, 0, 1, 1, 0, 0]),
        copies=np.array([0, 0, 2, 3, 4, 5]),
        twins=np.array([0, 0, 2, 2, 4, 4]),
        split=np.array([0, 0, 0, 0, 0, 2], np.int8),
    )
    assert heard("copy", case) == [0, 1]
    assert heard("twin", case) == [2, 3, 4, 5]
    assert heard("conflict", case) == []
    assert heard("leak", case) == [4, 5]
    ranking = rank([0, 1, 0, 1, 0, 1], [[0.5, 0.5]] * 6).knowing(copies=case.copies, twins=case.twins, split=case.split)
    texts = [reason.text for reason in ranking.reasons(5)]
    assert "A duplicate of it, item 4, is in the train split" in texts
    assert "A duplicate of it, item 4, is labelled class 0" in texts


def test_equal_rows_of_features_are_duplicates_and_disagree_where_their_labels_do() -> None:
    features, labels = clouds()
    features[7], features[9] = features[3], features[5]
    labels[7], labels[9] = labels[3], (labels[5] + 1) % 4
    masks = rank(labels, features=features).reason_masks()
    assert np.flatnonzero(masks["copy"]).tolist() == [3, 7]
    assert np.flatnonzero(masks["conflict"]).tolist() == [5, 9]


def test_what_lies_far_from_everything_is_an_outlier_and_a_tight_pair_is_nearly_the_same() -> None:
    features, labels = clouds()
    features[:5] = np.eye(16)[10:15] * 6  # each in a direction of its own
    features[20] = features[40] + 1e-3
    ranking = rank(labels, features=features)
    masks = ranking.reason_masks()
    assert np.flatnonzero(masks["outlier"]).tolist() == [0, 1, 2, 3, 4]
    assert np.flatnonzero(masks["look_alike"] | masks["twin"] | masks["conflict"]).tolist() == [20, 40]
    assert labels[20] == labels[40]  # so nothing is to decide of the pair
    assert ranking.worth()[:5].all() and not ranking.worth()[[20, 40]].any()


def test_an_item_beside_a_dense_region_is_no_duplicate_of_what_lies_there() -> None:
    """Item 0 is much nearer to item 1 than to anything else; but item 1 has many that are as near."""
    indices = np.array([[(i + step) % 30 for step in range(1, 11)] for i in range(30)], np.int32)
    similarity = np.full((30, 10), 0.5, np.float32)
    similarity[0], similarity[0, 0], similarity[1] = 0.1, 0.96, 0.96
    assert heard("look_alike", Evidence(np.zeros(30, np.int64), nearest=Nearest(indices, similarity))) == []
    similarity[1, 1:] = 0.1
    indices[1, 0] = 0
    assert heard("look_alike", Evidence(np.zeros(30, np.int64), nearest=Nearest(indices, similarity))) == [0, 1]


def test_of_few_or_equal_items_nothing_is_called_an_outlier() -> None:
    features, _labels = clouds(12)
    few = Evidence(np.zeros(12, np.int64), np.full((12, 2), 0.5, np.float32), nearest(features, 11))
    assert np.isnan(SCORERS["outlier"].score(few)).all()
    same = Nearest(np.full((50, 3), 1, np.int32), np.ones((50, 3), np.float32))
    assert heard("outlier", Evidence(np.zeros(50, np.int64), np.full((50, 2), 0.5, np.float32), same)) == []


def test_news_among_bank_questions_are_outliers_and_clean_sets_have_next_to_none(shared_data: Path) -> None:
    bank = np.load(shared_data / "banking77_features.npz")["features"][:2000].astype(np.float32)
    news = np.load(shared_data / "agnews_test_features.npz")["features"][:20].astype(np.float32)
    found = masks_by_features(np.vstack([bank, news]))["outlier"]
    assert found[2000:].mean() >= 0.9
    assert found[:2000].mean() < 0.01  # the labels are by lot, so half of them are doubted, of which less is asked
    images = np.load(shared_data / "cifar10_test_features.npz")["features"][:2000].astype(np.float32)
    masks = masks_by_features(images)
    assert masks["outlier"].mean() < 0.001
    assert masks["look_alike"].mean() < 0.001


def test_items_labelled_as_if_by_chance_where_others_have_a_class_are_of_no_class() -> None:
    """A fifth kind of item under random labels; before, no kind of reason told them from items of one class under another."""
    features, labels = clouds()
    rng = np.random.default_rng(1)
    junk, wrong = np.arange(0, 400, 20), np.arange(7, 400, 40)
    features[junk] = np.eye(16)[9] * 4 + rng.normal(0, 0.5, (len(junk), 16))
    labels[junk] = rng.integers(0, 4, len(junk))
    labels[wrong] = (labels[wrong] + 1) % 4
    ranking = rank(labels, features=features)
    found = np.flatnonzero(ranking.of_no_class)
    assert np.isin(found, junk).all() and len(found) >= 5
    assert {one.scorer for one in ranking.reasons(int(found[0]))} & {"no_class", "outlier"}
    assert ranking.worth()[found].all()
    assert set(wrong) <= set(ranking.order[: len(junk) + len(wrong)].tolist())
    assert not rank(labels, ranking.probs).of_no_class.any()  # probabilities alone do not tell


def test_fewer_items_of_no_class_than_chance_tells_move_nothing() -> None:
    """Of 7,600 items that all had a class two were told so, and came ahead of the wrong labels."""
    scores = {"margin": np.full(1_000, 0.9, np.float32), "no_class": np.zeros(1_000, np.float32)}
    scores["no_class"][:5] = 0.9
    assert not of_no_class_odds(scores).any()
    scores["no_class"][:6] = 0.9
    assert np.flatnonzero(of_no_class_odds(scores)).tolist() == [0, 1, 2, 3, 4, 5]
    scores["margin"][0], scores["no_class"][6] = 0.2, 0.9  # the model believes the first one's label
    assert np.flatnonzero(of_no_class_odds(scores)).tolist() == [1, 2, 3, 4, 5, 6]
    assert not of_no_class_odds({"margin": scores["margin"]}).any()  # from probabilities alone


def test_of_three_classes_a_border_is_no_place_of_no_class_and_few_items_of_a_class_doubt_nothing() -> None:
    even = np.full((60, 3), 1 / 3, np.float32)
    near = Nearest(np.tile(np.arange(1, 11, dtype=np.int32), (60, 1)), np.ones((60, 10), np.float32))
    assert np.isnan(SCORERS["no_class"].score(Evidence(np.arange(60) % 3, even, near))).all()
    probs = np.zeros((60, 4), np.float32)
    probs[:, 0], probs[:20] = 1, 0.25
    labels = np.zeros(60, np.int64)
    labels[1:4], probs[1:4, 2] = 1, 0.26  # three items of a class: nobody has learnt it
    assert heard("no_class", Evidence(labels, probs, near)) == []


def masks_by_features(features: np.ndarray) -> dict[str, np.ndarray]:
    return rank(np.arange(len(features)) % 2, features=features).reason_masks()


def test_training_shows_what_was_never_learnt_and_what_was_forgotten() -> None:
    labels = np.zeros(4, np.int64)
    margins = np.array([[-1, 2, 3, 4], [-3, -2, -2, -1], [2, -1, 2, -1], [np.nan] * 4], np.float16)
    assert (margin_area(labels, margins) > 0.5).tolist() == [False, True, False, False]
    np.testing.assert_array_equal(wrong_epochs(labels, margins), [0.25, 1, 0.5, np.nan])
    forgot = forgetting(labels, margins)
    assert forgot[2] > 0.5 > forgot[0]
    assert np.isnan(forgot[[1, 3]]).all()


def test_a_scorer_is_silent_without_what_it_needs_and_the_ranking_says_what_that_is() -> None:
    ranking = rank([0, 1, 0, 1], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]])
    assert set(ranking.scores) == {"margin", "self_confidence", "ambiguous"}
    silent = missing_needs(ranking.scores, ranking.evidence)
    assert {name for lacking in silent.values() for name in (one.name for one in lacking)} == set(SCORERS) - set(ranking.scores)
    assert "outlier" in score_all(Evidence(ranking.labels, ranking.probs, nearest(np.eye(4, dtype=np.float32), 2)))


def test_what_other_kinds_say_moves_no_item_in_the_queue() -> None:
    features, labels = clouds()
    plain = rank(labels, features=features)
    more = plain.knowing(copies=np.arange(400) // 2, twins=np.arange(400) // 2)
    np.testing.assert_array_equal(more.order, plain.order)
    np.testing.assert_array_equal(more.suspicion, plain.suspicion)
    assert more.worth().all() and not plain.worth().all()
