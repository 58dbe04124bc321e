"""Many verdicts at once teach what they teach one by one, and cost one step of learning."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from badcase.active_learning import candidates
from badcase.active_learning.candidates import Candidates
from badcase.active_learning.fitted_model import _some
from badcase.active_learning.learner import Learner
from badcase.ranking.any_ranking import rank
from badcase.ranking.ranking import Ranking
from badcase.store.verdicts import VerdictCode

N = 240


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    """Three blobs with wrong labels; the ids of some sets of near-duplicates are no sequence, and some items are in none."""
    rng = np.random.default_rng(0)
    truth = np.arange(N) % 3
    features = np.eye(3)[truth] * 3 + rng.normal(0, 1, (N, 3))
    made = rank(np.where(rng.random(N) < 0.1, (truth + 1) % 3, truth), features=features)
    assert isinstance(made, Ranking)
    twins = np.where(rng.random(N) < 0.3, rng.integers(0, 12, N), 20 + rng.permutation(N))
    twins[rng.random(N) < 0.1] = -1
    return replace(made, evidence=replace(made.evidence, twins=twins))


def verdicts_of(rng: np.random.Generator, judged: int) -> np.ndarray:
    verdicts = np.zeros(N, np.int8)
    verdicts[rng.permutation(N)[:judged]] = rng.integers(1, 5, judged)
    return verdicts


def one_by_one(learner: Learner, before: np.ndarray, after: np.ndarray) -> None:
    """The plain way: first the verdicts that hold no more go, then the new ones come, each by itself, by the order of items."""
    told = {VerdictCode.RELABEL: True, VerdictCode.KEEP: False}
    changed = np.flatnonzero(before != after).tolist()
    for item in [item for item in changed if before[item]]:
        learner.forget(item)
    for item in [item for item in changed if after[item]]:
        learner.record(item, told.get(VerdictCode(int(after[item]))))


def plain_twins(ranking: Ranking, judged: list[int], verdicts: np.ndarray) -> list[int]:
    """Which items come first, by a look at all items for each verdict, the last one first."""
    found: list[int] = []
    for item in judged:
        same = np.flatnonzero((ranking.twins == ranking.twins[item]) & (verdicts == 0)) if ranking.twins[item] >= 0 else []
        found = list(dict.fromkeys([*map(int, same), *found]))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_teaches_what_its_verdicts_teach_one_by_one(ranking: Ranking, seed: int) -> None:
    rng = np.random.default_rng(seed)
    batch, plain, before = Learner(ranking, random_sample=False), Learner(ranking, random_sample=False), np.zeros(N, np.int8)
    for judged in (40, 150, 25, 0, 90):
        after = verdicts_of(rng, judged)
        batch.update(after)
        one_by_one(plain, before, after)
        assert batch.next(60).tolist() == plain.next(60).tolist()
        assert batch.ranked().tolist() == plain.ranked().tolist()
        assert batch.expected_errors() == plain.expected_errors()
        assert batch.state().judged == plain.state().judged
        before = after


def test_the_twins_of_a_batch_come_first_as_a_look_at_all_items_would_find_them(ranking: Ranking) -> None:
    learner, verdicts = Learner(ranking, random_sample=False), verdicts_of(np.random.default_rng(1), 30)
    learner.update(verdicts)
    wanted = plain_twins(ranking, np.flatnonzero(verdicts).tolist(), verdicts)
    assert len(wanted) > 10
    assert learner.next(len(wanted)).tolist() == wanted


def test_draws_that_nobody_judged_are_forgotten_and_the_others_keep_their_place(ranking: Ranking) -> None:
    learner, verdicts = Learner(ranking), np.zeros(N, np.int8)
    for _n in range(30):
        verdicts[learner.next(5)[-1]] = VerdictCode.KEEP
        learner.update(verdicts)
    before = learner.state()
    kept = [one for one in before.draws if verdicts[one.item]]
    wanted = {item: sum(one in kept for one in before.draws[:made]) for item, made in before.judged.items()}
    learner.drop_waiting()
    assert len(kept) < len(before.draws)
    assert learner.state().draws == kept and learner.state().judged == wanted


def test_of_a_long_queue_so_much_is_looked_at_that_the_same_number_is_open(
    ranking: Ranking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reached four times as far as there were verdicts, and each cost the more."""
    for name, value in {"_ALL": 100, "_HEAD": 40, "_SAMPLE": 10}.items():
        monkeypatch.setattr(candidates, name, value)
    judged = np.zeros(N, np.bool_)
    judged[ranking.order[:90:2]] = True
    pool = Candidates(ranking, judged)
    assert (~judged[ranking.order[: pool.head]]).sum() == 40 and not judged[ranking.order[pool.head - 1]]
    assert set(ranking.order[: pool.head]) <= set(pool.items) and pool.weights.sum() == pytest.approx(N)
    assert not pool.spent(judged, ranking.order)
    judged[ranking.order[:70]] = True
    assert pool.spent(judged, ranking.order)


def test_what_was_looked_at_ahead_of_many_verdicts_is_what_would_be_after_them(
    ranking: Ranking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took most of the time for which the window stood still after 100,000 verdicts."""
    for name, value in {"_ALL": 100, "_HEAD": 40, "_SAMPLE": 10}.items():
        monkeypatch.setattr(candidates, name, value)
    there, here = Learner(ranking), Learner(ranking)
    verdicts = np.zeros(N, np.int8)
    for learner in (there, here):
        learner.next(5)
    look = there.look_ahead(ranking.order[:90])()
    assert there.next(5).tolist() == here.next(5).tolist(), "until they are known nothing is other"
    verdicts[ranking.order[:90]] = np.where(np.arange(90) % 4, VerdictCode.KEEP, VerdictCode.RELABEL)
    for learner in (there, here):
        learner.update(verdicts)
    there.take(look)
    with monkeypatch.context() as without:
        without.setattr("badcase.active_learning.learner_view.Candidates", None)  # nothing is chosen again
        coming = there.next(30).tolist()
    assert coming == here.next(30).tolist()
    assert there.errors_left() == here.errors_left() and there.precision(20) == here.precision(20)


def test_of_many_verdicts_the_same_part_is_learnt_from_whenever_they_came() -> None:
    rng = np.random.default_rng(0)
    items = rng.permutation(1_000_000)[:50_000]
    some, each = _some(items)
    assert each == 8 and 0.9 < each * some.sum() / len(items) < 1.1
    order = rng.permutation(len(items))
    assert (_some(items[order])[0] == some[order]).all()
    all_of_few, once = _some(items[:10_000])
    assert once == 1 and all_of_few == slice(None)
