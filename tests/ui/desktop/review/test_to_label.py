"""The piles of what has no label: what teaches most comes first, one key an answer, and all like it at once with one undo."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.labelling.label_queue import Why
from badcase.prediction.kept_outputs import write_neighbours
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.review.compare.compare_view import CompareView
from badcase.ui.desktop.review.decision.new_class_dialog import NewClassDialog
from badcase.ui.desktop.review.filtering.filters import Pile
from badcase.ui.desktop.review.queue.label_lists import SuggestedRow
from tests.projects import predict_from
from tests.ui.desktop.review.conftest import Show, Shown, child, click, close_sessions

CLASSES, EACH = ("animals", "food", "weather"), 30


@pytest.fixture
def half(tmp_path: Path) -> Iterator[Project]:
    """Texts of three classes, a fourth kind that has no class; two thirds have no label."""
    rng, rows, truth = np.random.default_rng(0), [], []
    for number in range(4 * EACH):
        kind = number % 4
        label = CLASSES[kind] if kind < 3 and number < 40 else ""
        rows.append([f"t{number}", f"text {number} of kind {kind}", label])
        truth.append(kind)
    with (tmp_path / "texts.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text", "label"], *rows])
    project = Project.create(tmp_path / "half", tmp_path / "texts.csv")
    by_key = {f"t{number}": kind for number, kind in enumerate(truth)}
    kinds = np.array([by_key[project.items.key(i)] for i in range(len(project.items))])
    predict_from(project, np.eye(4)[kinds] * 3 + rng.normal(0, 0.3, (len(kinds), 4)))
    yield project
    close_sessions(project)
    project.close()


def kind_of(project: Project, item: int) -> int:
    return int(project.items.text(item)[-1])


@pytest.fixture
def labelling(show: Show, half: Project) -> Shown:
    """The page on the pile of what has no label, once it is known what comes first."""
    shown = show(half)
    shown.bot.waitUntil(lambda: shown.session.to_label.now() is not None)
    click(child(shown.page, f"queue-{Pile.TO_LABEL}"))
    shown.settle()
    return shown


def test_until_it_is_known_what_a_label_teaches_no_item_is_said_to_look_right(show: Show, half: Project) -> None:
    shown = show(half)
    shown.page.reviewer.open_item(int(np.flatnonzero(half.given < 0)[-1]))
    assert child(shown.page, "why").accessibleDescription() not in ("", "no sign of a wrong label")


def test_what_is_unlike_anything_labelled_comes_up_early_and_says_why(labelling: Shown, half: Project) -> None:
    reviewer = labelling.page.reviewer
    assert (half.given[reviewer.worklist.rows] < 0).all()
    assert kind_of(half, labelling.current) == 3
    gain = child(labelling.page, "suspicion")
    assert gain.words == "gain" and gain.known and not gain.isHidden()
    detail = labelling.page.detail
    assert [line.what for line in detail.why.lines()] == ["Unlike anything labelled"]
    assert detail.nearest_given.isHidden() and not detail.nearest_suggested.isHidden()


def test_enter_takes_the_suggestion_of_the_labels_so_far_and_x_is_none_of_these(labelling: Shown, half: Project) -> None:
    reviewer = labelling.page.reviewer
    kinds = {}
    while len(kinds) < 2:
        item = labelling.current
        known = kind_of(half, item) < 3
        labelling.key("Return" if known else "X")
        kinds[known] = item
    assert half.labels[kinds[True]] == CLASSES.index(CLASSES[kind_of(half, kinds[True])])
    assert half.verdicts[kinds[False]] == VerdictCode.EXCLUDE
    assert not reviewer.facts.waits_for_a_label(kinds[False])
    left = reviewer.worklist.counts().piles[Pile.TO_LABEL]
    labelling.key("Z")
    assert reviewer.worklist.counts().piles[Pile.TO_LABEL] == left + 1


def test_space_keeps_nothing_where_there_is_no_label_and_says_so(labelling: Shown, half: Project) -> None:
    said: list[str] = []
    labelling.session.toast.connect(lambda words, _key: said.append(words))
    labelling.key("Space")
    assert said == ["There is no label to keep"] and half.counts().reviewed == 0
    click(child(labelling.page, f"queue-{Pile.ALL}"))
    labelling.settle()
    labelling.key("G", "Ctrl+A", "Space")  # some have one
    kept = np.flatnonzero(half.verdicts == VerdictCode.KEEP)
    assert len(kept) and (half.given[kept] >= 0).all() and len(kept) == half.counts().reviewed


def test_side_by_side_no_class_is_empty_and_nothing_is_kept_where_there_is_no_label(labelling: Shown, half: Project) -> None:
    said: list[str] = []
    labelling.session.toast.connect(lambda words, _key: said.append(words))
    predictions = half.predictions.current
    assert predictions is not None
    write_neighbours(predictions.folder)
    labelling.key("C")
    labelling.settle()
    view = labelling.page.findChild(CompareView)
    assert view is not None and view.choices is not None and half.given[view.pair[0]] < 0
    assert "no label" in view.words.names(view.pair)
    answers = view.words.answers(view.choices, view.pair)
    assert answers and {one.title for one in answers} <= {f"Both are {name}" for name in CLASSES}
    labelling.key("Space")
    assert said == ["There is no label to keep"] and half.counts().reviewed == 0
    pair, label = view.pair, view.choices.accepted
    labelling.key("Return")
    assert half.labels[list(pair)].tolist() == [label, label]


def test_a_digit_and_a_typed_class_label_too(labelling: Shown, half: Project) -> None:
    item, choices = labelling.current, labelling.page.reviewer.choices()
    assert choices is not None
    labelling.key("2")
    assert half.labels[item] == choices.order[1]
    item = labelling.current
    labelling.key("/", "W", "E", "Return")
    assert half.classes[int(half.labels[item])] == "weather"


def test_all_like_an_item_are_labelled_at_once_after_a_look_and_one_undo_takes_it_back(labelling: Shown, half: Project) -> None:
    before = half.labels.copy()
    while kind_of(half, labelling.current) == 3:
        labelling.key("Right")
    kind = kind_of(half, labelling.current)
    labelling.key("A")
    chosen = labelling.page.reviewer.worklist.selected_items()
    assert len(chosen) > 1 and labelling.page.centre.in_grid
    assert {kind_of(half, int(item)) for item in chosen} == {kind}
    assert np.array_equal(half.labels, before)  # a look, and nothing else
    labelling.key("Return")
    assert (half.labels[chosen] == kind).all()
    labelling.key("Z")
    assert np.array_equal(half.labels, before)


def test_both_by_gain_holds_what_waits_for_a_label_and_what_looks_wrong(labelling: Shown, half: Project) -> None:
    click(child(labelling.page, f"queue-{Pile.BOTH}"))
    piles = labelling.page.reviewer.worklist.counts().piles
    assert len(labelling.page.reviewer.worklist) == piles[Pile.TO_LABEL] + piles[Pile.TO_REVIEW] == piles[Pile.BOTH]


def test_a_project_where_all_have_labels_shows_no_such_piles(shown: Shown) -> None:
    assert child(shown.page, f"queue-{Pile.TO_LABEL}").isHidden()
    assert child(shown.page, f"queue-{Pile.BOTH}").isHidden()


def test_the_left_tells_why_and_what_is_suggested_and_a_row_lists_its_items(labelling: Shown, half: Project) -> None:
    """Its numbers are those of the items that wait, and a label takes one away."""
    panel = labelling.page.queue
    waits = labelling.page.reviewer.worklist.counts().piles[Pile.TO_LABEL]
    rows = {why: child(panel, f"why-{why}") for why in Why}
    assert not panel.labels.isHidden()
    assert sum(int(row.count) for row in rows.values()) == waits
    suggested = [row for row in panel.findChildren(SuggestedRow) if not row.isHidden()]
    assert {row.text() for row in suggested} <= set(CLASSES) and suggested
    new = int(rows[Why.NEW].count)
    assert new > 0
    click(rows[Why.NEW])
    labelling.settle()
    listed = labelling.page.reviewer.worklist.rows
    assert len(listed) == new and sum(kind_of(half, int(item)) == 3 for item in listed) == EACH, "all that has no class"
    assert not panel.labels.isHidden(), "the lists stay while one of them is looked at"
    labelling.key("X")
    labelling.settle()
    assert int(rows[Why.NEW].count) == new - 1
    click(child(panel, f"queue-{Pile.TO_REVIEW}"))
    labelling.settle()
    assert panel.labels.isHidden()


def test_a_new_class_and_none_of_these_stand_beside_the_classes(labelling: Shown, half: Project) -> None:
    decide = labelling.page.detail.decide
    item = labelling.current
    click(decide.new)
    dialog = labelling.page.window().findChildren(NewClassDialog)[-1]
    assert dialog.isVisible()
    dialog.close()
    click(decide.none)
    assert half.verdicts[item] == VerdictCode.EXCLUDE


def test_what_is_suggested_for_an_item_without_a_label_is_a_question_on_its_card(labelling: Shown, half: Project) -> None:
    item, faces = labelling.current, labelling.page.faces
    assert faces.face(item).new
    labelling.key("1")
    assert not faces.face(item).new and faces.face(item).state is not None
