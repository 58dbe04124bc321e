"""What a reviewer can rely on from the list: it stands still, counts right, and never loses the place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.distinctive_words import spans
from badcase.errors import BadcaseError
from badcase.ui.desktop.review.filtering.filter_syntax import parse, tokens
from badcase.ui.desktop.review.filtering.filters import Facts, Filter, Pile
from badcase.ui.desktop.review.state.class_choices import Choices, Role
from badcase.ui.desktop.review.state.word_marks import WordCounts
from badcase.ui.desktop.review.state.worklist import Order, Worklist

CLASSES = ("cat", "dog", "sea lion")


def make_facts(n: int = 60, seed: int = 0) -> Facts:
    rng = np.random.default_rng(seed)
    suspicion = rng.random(n).astype(np.float32)
    gold = rng.random(n) < 0.1
    order = np.argsort(-suspicion, kind="stable")
    return Facts(
        classes=CLASSES,
        given=rng.integers(0, 3, n),
        suggested=rng.integers(0, 3, n),
        suspicion=np.where(gold, np.nan, suspicion).astype(np.float32),
        verdicts=np.zeros(n, np.int8),
        split=rng.integers(0, 3, n).astype(np.int8),
        gold=gold,
        order=order[~gold[order]],
        worth=suspicion > 0.3,
        flagged=suspicion > 0.6,
        reasons={"margin": suspicion > 0.5, "neighbours": rng.random(n) < 0.3},
    )


def test_the_most_suspect_item_comes_first_and_gold_never_comes() -> None:
    facts = make_facts()
    listed = Worklist(facts)
    assert list(facts.suspicion[listed.rows]) == sorted(facts.suspicion[listed.rows], reverse=True)
    assert not facts.gold[listed.rows].any()
    assert len(listed) == np.count_nonzero(facts.worth & ~facts.gold)


def test_a_reviewed_item_stays_behind_in_the_list_but_counts_as_done() -> None:
    facts = make_facts()
    listed = Worklist(facts)
    first, rows = listed.current, listed.rows.copy()
    facts.verdicts[first] = 2
    assert listed.advance()
    assert listed.position == 1
    assert np.array_equal(listed.rows, rows)
    assert listed.left() == len(rows) - 1
    assert listed.counts().piles[Pile.REVIEWED] == 1
    assert listed.counts().piles[Pile.TO_REVIEW] == len(rows) - 1


def test_after_the_last_item_review_goes_back_to_what_was_left_out_and_then_ends() -> None:
    facts = make_facts()
    listed = Worklist(facts)
    listed.stand(len(listed) - 1)
    facts.verdicts[listed.current] = 1
    assert listed.advance()
    assert listed.position == 0
    facts.verdicts[listed.rows] = 1
    assert not listed.advance()


@given(st.integers(0, 1000), st.integers(0, 1499), st.sampled_from([0.0, 0.002, 0.5]))
@settings(max_examples=40, deadline=None)
def test_the_next_that_waits_is_found_as_a_look_at_all_rows_finds_it(seed: int, place: int, share: float) -> None:
    facts = make_facts(2_500)
    listed = Worklist(facts)
    listed.stand(place)
    facts.verdicts[:] = np.random.default_rng(seed).random(facts.n) >= share
    waiting = np.flatnonzero(facts.verdicts[listed.rows] == 0)
    ahead = waiting[waiting > place]
    assert listed.advance() == bool(len(waiting))
    assert listed.position == (ahead[0] if len(ahead) else waiting[0] if len(waiting) else place)


def test_going_to_an_item_that_is_not_listed_is_refused() -> None:
    facts = make_facts()
    listed = Worklist(facts)
    place = listed.position
    assert not listed.go(int(np.flatnonzero(facts.gold)[0]))
    assert listed.position == place


def test_one_role_is_joined_by_or_and_two_roles_by_and() -> None:
    facts = make_facts(300)
    found = parse("given:cat given:dog split:train is:all", facts).mask(facts)
    assert np.array_equal(found, ~facts.gold & (facts.given < 2) & (facts.split == 0))


def test_a_filter_survives_being_written_out_and_read_again() -> None:
    facts = make_facts()
    text = 'reason:margin pair:"cat→sea lion" given:cat pred:"sea lion" split:test'
    wanted = parse(text, facts)
    assert " ".join(str(token) for token in tokens(wanted, facts)) == text
    assert parse(" ".join(str(token) for token in tokens(wanted, facts)), facts) == wanted


def test_taking_a_token_away_leaves_the_others() -> None:
    facts = make_facts()
    wanted = parse("given:cat split:train", facts)
    assert tokens(wanted, facts)[0].without == parse("split:train", facts)


def test_a_wrong_class_in_a_filter_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(BadcaseError) as caught:
        parse("given:dgo", make_facts())
    assert "dog" in caught.value.hint


def test_an_explicit_list_shows_gold_and_nothing_else() -> None:
    facts = make_facts()
    gold = tuple(int(i) for i in np.flatnonzero(facts.gold)[:3])
    listed = Worklist(facts)
    listed.show(Filter(listed=gold, title="Broke in run 2"))
    assert sorted(listed.rows) == sorted(gold)
    assert [token.value for token in tokens(listed.filter, facts)] == ["Broke in run 2"]


def test_a_reason_is_chosen_by_a_click_and_let_go_by_a_second() -> None:
    shown = Filter().with_reason("margin", add=False)
    assert shown.reasons == ("margin",)
    assert shown.with_reason("neighbours", add=True).reasons == ("margin", "neighbours")
    assert shown.with_reason("margin", add=False).reasons == ()


def test_by_pair_the_largest_confusion_comes_first_and_inside_it_the_most_suspect() -> None:
    facts = make_facts(200)
    listed = Worklist(facts)
    listed.show(Filter(), Order.PAIR)
    cells = facts.given[listed.rows] * 3 + facts.suggested[listed.rows]
    starts = np.flatnonzero(np.r_[True, np.diff(cells) != 0])
    sizes = np.diff(np.r_[starts, len(cells)])
    assert len(starts) == len(np.unique(cells))
    assert list(sizes) == sorted(sizes, reverse=True)
    assert (np.diff(facts.suspicion[listed.rows[: sizes[0]]]) <= 0).all()


@given(st.lists(st.tuples(st.sampled_from(["one", "add", "to", "step"]), st.integers(0, 40)), max_size=25))
@settings(max_examples=60, deadline=None)
def test_whatever_is_clicked_the_place_is_in_the_list_and_selection_matches_it(clicks: list[tuple[str, int]]) -> None:
    listed = Worklist(make_facts())
    for what, row in clicks:
        row = min(row, len(listed) - 1)
        if what == "step":
            listed.step(row - 20)
        elif what == "to":
            listed.select_to(row)
            assert listed.selected[row]
        else:
            listed.select(row, add=what == "add")
        assert 0 <= listed.position < len(listed)
        assert listed.selected.shape == listed.rows.shape
        assert set(listed.selected_items()) <= set(listed.rows)


def test_selecting_all_takes_only_what_nobody_has_judged() -> None:
    facts = make_facts()
    listed = Worklist(facts)
    facts.verdicts[listed.rows[:3]] = 1
    listed.select_all()
    assert not listed.selected[:3].any()
    assert listed.selected[3:].all()


# --- choices -----------------------------------------------------------------------------------------------------


def test_suggestion_and_given_come_first_then_likelihood() -> None:
    choices = Choices(("a", "b", "c", "d"), np.array([0.1, 0.2, 0.4, 0.3], np.float32), suggested=1, given=0)
    assert [choices.choice(i).name for i in range(4)] == ["b", "a", "c", "d"]
    assert [head.role for head in choices.heads()] == [Role.SUGGESTION, Role.GIVEN]
    assert choices.by_digit("3") == 2
    assert choices.by_digit("9") is None


def test_where_the_model_agrees_there_is_one_decision() -> None:
    heads = Choices(("a", "b"), np.array([0.9, 0.1], np.float32), suggested=0, given=0).heads()
    assert [head.role for head in heads] == [Role.BOTH]


def test_where_classes_are_called_by_digits_the_digit_means_the_class() -> None:
    names = tuple("0123456789")
    choices = Choices(names, np.linspace(0, 0.2, 10, dtype=np.float32), suggested=9, given=6)
    assert choices.by_digit("4") == 4
    assert choices.choice(0).digit == "9"


def test_typing_finds_beginnings_before_middles() -> None:
    choices = Choices(("card lost", "lost_card", "cash", "a card"), None, suggested=None, given=2)
    found = [choices.choice(place).name for place in choices.matching("card")]
    assert found[0] == "card lost"
    assert set(found) == {"card lost", "lost_card", "a card"}


# --- marks -------------------------------------------------------------------------------------------------------


def test_words_of_a_class_are_marked_and_a_text_does_not_speak_for_itself() -> None:
    texts = ["the ball went in"] * 10 + ["the market fell"] * 10 + ["the ball and the market of quoits"]
    labels = np.array([0] * 10 + [1] * 11)
    words = WordCounts(lambda item: texts[item], labels, np.ones(21, np.bool_))
    assert words.marks(20, 0, 1) == []
    words.finish()
    marked = {texts[20][mark.start : mark.end]: mark.first for mark in words.marks(20, 0, 1)}
    assert marked["ball"] is True
    assert marked["market"] is False
    assert "quoits" not in marked
    assert "the" not in marked


def test_han_text_is_read_in_pairs_of_characters() -> None:
    assert [word for word, _start, _end in spans("券商看好A股")] == ["券商", "商看", "看好", "a", "股"]
    texts = ["券商看好股市"] * 6 + ["球队赢得比赛"] * 6 + ["券商比赛"]
    words = WordCounts(lambda item: texts[item], np.array([0] * 6 + [1] * 7), np.ones(13, np.bool_))
    words.finish()
    assert {texts[12][mark.start : mark.end] for mark in words.marks(12, 0, 1)} == {"券商", "比赛"}
