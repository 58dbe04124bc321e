"""Examples beside an item are settled ones: nothing that is itself in doubt is shown as what a class looks like."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.store.prediction_sets import PredictionSet
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.review.item import evidence_panel
from badcase.ui.desktop.review.state import nearest
from badcase.ui.desktop.review.state.facts import Facts
from badcase.ui.desktop.review.state.nearest import NearestFinder
from badcase.ui.desktop.review.state.nearest_wishes import Answers, NearestWishes, Wish
from tests.ui.desktop.review.conftest import Show
from tests.ui.desktop.review.test_worklist import make_facts


@dataclass(frozen=True)
class Made:
    """A finder and what it was made of."""

    finder: NearestFinder
    facts: Facts
    labels: np.ndarray
    suspected: np.ndarray


def make_finder(folder: Path) -> Made:
    """All 60 items on a half circle in the order of their ids, so that nearest means nearest id."""
    facts = make_facts()
    angle = np.linspace(0, np.pi, facts.n)
    np.save(folder / "embeddings.npy", np.stack([np.cos(angle), np.sin(angle)], 1).astype(np.float32))
    labels = facts.given.copy()
    suspected = np.zeros(facts.n, np.bool_)
    suspected[::7] = True
    return Made(NearestFinder(PredictionSet(1, folder, {}), facts, labels, suspected), facts, labels, suspected)


def settled(made: Made, item: int, label: int) -> list[int]:
    facts = made.facts
    fine = (made.labels == label) & ~facts.gold & (facts.verdicts != VerdictCode.EXCLUDE)
    fine &= ~(made.suspected & (facts.verdicts == VerdictCode.NONE))
    fine[item] = False
    ids = np.flatnonzero(fine)
    return [int(one) for one in ids[np.argsort(np.abs(ids - item), kind="stable")]]


def test_the_nearest_are_those_of_the_class_that_nobody_doubts(tmp_path: Path) -> None:
    made = make_finder(tmp_path)
    found = [item for item, _similarity in made.finder.nearest(30, 1, 4)]
    distances = [abs(item - 30) for item in found]
    assert distances == [abs(item - 30) for item in settled(made, 30, 1)[:4]]
    assert not made.suspected[found].any()


def test_a_relabelled_item_stands_for_its_new_class_and_an_excluded_one_for_none(tmp_path: Path) -> None:
    made = make_finder(tmp_path)
    finder, facts, labels = made.finder, made.facts, made.labels
    near = [item for item, _similarity in finder.nearest(30, 1, 2)]
    labels[near[0]] = 2
    facts.verdicts[near[0]] = VerdictCode.RELABEL
    facts.verdicts[near[1]] = VerdictCode.EXCLUDE
    assert not set(near) & {item for item, _similarity in finder.nearest(30, 1, 20)}
    assert near[0] in [item for item, _similarity in finder.nearest(30, 2, 3)]


def test_a_suspected_item_counts_again_once_a_person_has_kept_it(tmp_path: Path) -> None:
    made = make_finder(tmp_path)
    finder, facts, labels = made.finder, made.facts, made.labels
    doubted = int(np.flatnonzero(made.suspected & ~facts.gold)[1])
    label = int(labels[doubted])
    beside = doubted + 1
    assert doubted not in [item for item, _similarity in finder.nearest(beside, label, 30)]
    facts.verdicts[doubted] = VerdictCode.KEEP
    assert doubted in [item for item, _similarity in finder.nearest(beside, label, 30)]


def test_without_features_the_page_shows_no_nearest_items_and_works_on(show: Show, bare: Project) -> None:
    probs = 0.9 * np.eye(len(bare.classes))[bare.given] + 0.1 / len(bare.classes)
    probs[3] = np.roll(probs[3], 1)
    bare.bring_predictions(probs, trained_on="none")
    bare.rank()
    shown = show(bare)
    shown.settle()
    if shown.page.reviewer.order.drawn(3):
        shown.page.reviewer.toggle_random()  # what is drawn at random shows no suggestion to take
    shown.page.reviewer.open_item(3)
    shown.settle()
    detail = shown.page.detail
    assert not detail.nearest_given.isVisible() and not detail.nearest_suggested.isVisible()
    shown.key("Return")
    assert bare.verdicts[3] == VerdictCode.RELABEL
    found: list[object] = []
    shown.page.reviewer.find_nearest([Wish(3, 0, 5)], found.append)
    assert found == [[[]]]


def test_of_wide_embeddings_no_more_items_are_fetched_than_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = len(make_finder(tmp_path).finder.nearest(30, 1, 60))
    monkeypatch.setattr(nearest, "_MOST_BYTES", 4 * 2 * 5)  # five items of two numbers
    some = len(make_finder(tmp_path).finder.nearest(30, 1, 60))
    assert 0 < some <= 5 < every


def test_wishes_are_answered_beside_the_window_and_only_the_newest(tmp_path: Path, qtbot: QtBot) -> None:
    made, pool = make_finder(tmp_path), DecodingPool()
    threads, answers = set[int](), list[tuple[str, Answers]]()
    fetch = made.finder._directions_of

    def watched(items: np.ndarray) -> np.ndarray:
        threads.add(threading.get_ident())
        return fetch(items)

    made.finder._directions_of = watched
    wishes = NearestWishes(pool, made)
    for name, item in (("first", 10), ("second", 20), ("third", 30)):
        wishes.ask(made.finder, [Wish(item, 1, 3)], lambda found, name=name: answers.append((name, found)))
    qtbot.waitUntil(lambda: bool(answers))
    pool.close()
    assert answers == [("third", [make_finder(tmp_path).finder.nearest(30, 1, 3)])]
    assert threading.get_ident() not in threads and threads


def test_while_examples_are_fetched_it_is_not_said_that_there_are_none(
    show: Show, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine "none with a settled label" stood for seconds where five came then."""
    shown = show(project)
    answers: list[Answers] = []
    shown.page.reviewer.find_nearest([Wish(shown.current, 0, 5, having=False)], answers.append)
    assert answers == [[None]]
    shown.bot.waitUntil(lambda: len(answers) == 2)
    assert answers[1][0]
    said: list[str] = []
    monkeypatch.setattr(evidence_panel, "draw_text", lambda _painter, _rect, text, *rest: said.append(text))
    for found in (None, []):
        shown.page.detail.nearest_given.show_items("Nearest", found)
        shown.page.detail.nearest_given.grab()
    assert said == ["Nearest", "Nearest", "none with a settled label"]
