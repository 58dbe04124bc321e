"""The page on items with any number of labels: each a toggle, Enter writes the set, and what needs one label is named."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from badcase import BadcaseError
from badcase.export import export
from badcase.progress import finish
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.data.classes_list import COUNT_ROLE
from badcase.ui.desktop.data.page import DataPage
from badcase.ui.desktop.review.decision.label_toggles import LabelList, LabelPairs
from badcase.ui.desktop.review.filtering.filter_syntax import parse
from badcase.ui.desktop.review.state.label_choices import BatchLabels, LabelChoices, LabelEdit
from badcase.ui.desktop.start.summary import summarize
from badcase.ui.desktop.widgets.buttons import PaintedButton
from tests.badcase.ranking.multilabel.planted import planted
from tests.ui.desktop.review.conftest import Shown, opened_copy

NAMES = ("boat", "cat", "dog", "house", "tree")
N, WRONG = 120, 12
Show = Callable[..., Shown]


@pytest.fixture(scope="session")
def made_labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of texts, the first of which lack one of their labels, under a prediction set that is mostly right."""
    folder, data = tmp_path_factory.mktemp("labels"), planted(N, missing=WRONG, extra=0)
    with (folder / "texts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "tags"])
        for i, row in enumerate(data.given):
            writer.writerow([f"t{i}", f"text number {i}", ";".join(NAMES[label] for label in np.flatnonzero(row))])
    with Project.create(folder / "my", folder / "texts.csv", label="tags", text="text", task="multilabel") as project:
        made = project.path / "made"
        made.mkdir()
        order = [int(project.items.key(item)[1:]) for item in range(N)]
        np.save(made / "logits.npy", np.where(data.true[order], 4, -4).astype(np.float16))
        np.save(made / "embeddings.npy", data.features[order].astype(np.float16))
        np.save(made / "trained_on.npy", np.zeros(N, np.bool_))
        project.predictions.add(made, {"k": len(NAMES), "d": data.features.shape[1]})
        project.rank()
    return folder


@pytest.fixture
def labels_project(made_labels: Path, tmp_path: Path) -> Iterator[Project]:
    yield from opened_copy(made_labels, "my", tmp_path / "my")


@pytest.fixture
def shown(show: Show, labels_project: Project) -> Shown:
    page = show(labels_project)
    if page.page.reviewer.order.mixes:
        page.page.reviewer.toggle_random()
    return page


def standing(project: Project, item: int) -> list[str]:
    return [NAMES[label] for label in np.flatnonzero(project.taxonomy.matrix(project.labels[[item]])[0])]


def given(project: Project, item: int) -> list[str]:
    return [NAMES[label] for label in np.flatnonzero(project.taxonomy.matrix(project.given[[item]])[0])]


def suggested(shown: Shown, item: int) -> list[str]:
    return [NAMES[label] for label in np.flatnonzero(shown.page.reviewer.facts.suggested[item])]


def choices(shown: Shown) -> LabelChoices:
    found = shown.page.reviewer.choices()
    assert isinstance(found, LabelChoices)
    return found


def test_enter_writes_the_suggested_set_and_goes_on_and_z_brings_it_back(shown: Shown, labels_project: Project) -> None:
    item = shown.current
    assert suggested(shown, item) != given(labels_project, item)
    before = labels_project.classes
    shown.key("Return")
    assert standing(labels_project, item) == suggested(shown, item)
    assert shown.current != item
    shown.key("Z")
    assert (shown.current, standing(labels_project, item)) == (item, given(labels_project, item))
    assert len(labels_project.classes) <= len(before) + 1, "only what was judged became a class"


def test_digits_turn_labels_of_a_set_that_nothing_holds_until_enter(shown: Shown, labels_project: Project) -> None:
    item, first = shown.current, choices(shown)
    last = first.order[-1]
    shown.key(first.digit(len(first) - 1), "1")
    now = choices(shown)
    assert now.order == first.order, "rows stay in their places"
    assert now.wanted[last] != first.wanted[last]
    assert now.wanted[first.order[0]] != first.wanted[first.order[0]]
    assert labels_project.revision == 0
    shown.key("Return")
    assert standing(labels_project, item) == [NAMES[label] for label in np.flatnonzero(now.wanted)]
    assert not shown.page.reviewer.edit


def test_a_set_that_no_item_had_can_be_written(shown: Shown, labels_project: Project) -> None:
    item, found = shown.current, choices(shown)
    shown.key(*(found.digit(place) for place, label in enumerate(found.order) if not found.wanted[label]), "Return")
    assert standing(labels_project, item) == list(NAMES)
    assert labels_project.journal.undo_title == "relabelled boat;cat;dog;house;tree"
    state = shown.page.faces.face(item).state
    assert state is not None
    assert state.words == "you set boat;cat;dog;house;tree"


def test_typing_turns_a_label_and_clicks_do(shown: Shown, labels_project: Project) -> None:
    item, before = shown.current, choices(shown).wanted.copy()
    shown.key("H", "O", "U", "Return")
    assert choices(shown).wanted[NAMES.index("house")] != before[NAMES.index("house")]
    answers = shown.page.detail.decide.answers
    assert isinstance(answers, LabelList)
    place = answers.row_rect(NAMES.index("house"))
    assert place is not None
    QTest.mouseClick(answers, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert (choices(shown).wanted == before).all()
    QTest.mouseClick(answers, Qt.MouseButton.LeftButton, pos=answers.head_rect("keep").center().toPoint())
    assert labels_project.verdicts[item] == VerdictCode.KEEP


def test_space_keeps_the_given_set_whatever_was_turned_and_e_and_u_judge(shown: Shown, labels_project: Project) -> None:
    items = []
    for keys in (("2", "Space"), ("E",), ("U",)):
        items.append(shown.current)
        shown.key(*keys)
    assert labels_project.verdicts[items].tolist() == [VerdictCode.KEEP, VerdictCode.EXCLUDE, VerdictCode.UNSURE]
    assert standing(labels_project, items[0]) == given(labels_project, items[0])


def test_what_was_turned_is_dropped_by_escape_and_by_another_item(shown: Shown, labels_project: Project) -> None:
    before = choices(shown).wanted.copy()
    shown.key("1")
    assert (choices(shown).wanted != before).any()
    shown.key("Esc")
    assert (choices(shown).wanted == before).all()
    shown.key("1", "Right", "Left")
    assert (choices(shown).wanted == before).all()
    assert labels_project.revision == 0


def test_each_label_shows_what_speaks_for_it_the_doubtful_ones_first(shown: Shown) -> None:
    found = choices(shown)
    rows = [found.choice(place) for place in range(len(found))]
    changes = [row.suggested != row.given for row in rows]
    assert changes[0]
    assert changes == sorted(changes, reverse=True)
    assert rows[0].suspicion > 0.5
    ranking = shown.page.reviewer.ranking
    assert ranking is not None
    assert all(row.probability == pytest.approx(float(ranking.probs[shown.current, row.label])) for row in rows)
    assert shown.page.detail.why.lines()
    shown.bot.waitUntil(lambda: bool(shown.page.detail.nearest_given.items()))
    label, has = found.order[0], rows[0].given
    matrix = shown.session.project.taxonomy.matrix(shown.session.project.labels)
    assert shown.page.detail.nearest_given.items()
    assert all(matrix[item, label] == has for item in shown.page.detail.nearest_given.items())
    assert all(matrix[item, label] != has for item in shown.page.detail.nearest_suggested.items())


def test_gold_shows_independent_probabilities_of_the_model(shown: Shown, labels_project: Project) -> None:
    gold = int(np.flatnonzero(labels_project.gold)[0])
    shown.page.reviewer.show_list([gold], "gold")
    assert shown.page.reviewer.locked
    probs = choices(shown).probability
    np.testing.assert_allclose(probs, 1 / (1 + np.exp(-labels_project.predictions.current.logits[gold].astype(float))), atol=1e-3)
    shown.key("1", "Return")
    assert labels_project.revision == 0


def test_of_an_item_drawn_at_random_nothing_is_told_and_enter_waits_for_a_label(shown: Shown, labels_project: Project) -> None:
    reviewer = shown.page.reviewer
    reviewer.toggle_random()
    learner = shown.session.learner.now()
    assert learner is not None
    learner.next(60)
    item = next(item for item in range(N) if learner.in_random_sample(item))
    reviewer.show_list([item], "drawn")
    assert choices(shown).suggested is None
    assert (choices(shown).wanted == choices(shown).given).all()
    shown.key("Return")
    assert labels_project.revision == 0
    shown.key("1", "Return")
    assert labels_project.verdicts[item] == VerdictCode.RELABEL


def test_a_label_turned_on_many_is_one_entry_and_one_undo(shown: Shown, labels_project: Project) -> None:
    shown.key("G", "X", "Shift+Right", "Shift+Right", "Shift+Right")
    items = shown.page.reviewer.targets()
    assert len(items) == 4
    label = shown.page.reviewer.batch_choices().by_digit("1")
    assert label is not None
    before = labels_project.taxonomy.matrix(labels_project.labels[items])
    assert not before[:, label].all()
    shown.key("1")
    assert labels_project.revision == 0
    shown.key("Return")
    after = labels_project.taxonomy.matrix(labels_project.labels[items])
    assert after[:, label].all()
    assert (np.delete(after, label, 1) == np.delete(before, label, 1)).all()
    shown.key("Z")
    assert not labels_project.verdicts.any()
    assert (labels_project.taxonomy.matrix(labels_project.labels[items]) == before).all()


def test_accepting_many_gives_each_its_own_suggestion(shown: Shown, labels_project: Project) -> None:
    shown.key("G", "X", "Shift+Right", "Shift+Right")
    items = shown.page.reviewer.targets()
    shown.key("Return")
    assert [standing(labels_project, item) for item in items] == [suggested(shown, item) for item in items]


def test_the_queue_learns_and_the_piles_count(shown: Shown) -> None:
    learner = shown.session.learner.now()
    assert learner is not None
    left, waiting = learner.expected_errors(), shown.page.reviewer.worklist.left()
    for _n in range(5):
        shown.key("Return")
    assert shown.page.reviewer.worklist.left() == waiting - 5
    assert learner.expected_errors().value < left.value


def shown_tokens(shown: Shown) -> list[PaintedButton]:
    return [chip for chip in shown.page.filter_field.findChildren(PaintedButton) if not chip.isHidden()]


def test_filters_ask_for_items_that_have_a_label(shown: Shown, labels_project: Project) -> None:
    reviewer = shown.page.reviewer
    matrix = labels_project.taxonomy.matrix(labels_project.given)
    reviewer.add_filter("is:all given:cat")
    assert set(reviewer.worklist.rows) == set(np.flatnonzero(matrix[:, 1] & ~labels_project.gold))
    reviewer.add_filter("pred:dog")
    assert len(reviewer.worklist.rows)
    assert reviewer.facts.suggested[reviewer.worklist.rows, 2].all()
    assert [chip.text() for chip in shown_tokens(shown)] == ["given: cat", "suggested: dog"]
    with pytest.raises(BadcaseError, match="one label"):
        parse("pair:cat→dog", reviewer.facts)


def test_what_needs_one_label_an_item_says_so_or_is_not_there(shown: Shown, labels_project: Project) -> None:
    why = {command.title: command.why_not for command in shown.page.commands()}
    assert "one label" in why["Confusions…"]
    assert "one label" in why["Sweep this given class"]
    assert "Mark words" not in why
    assert shown.page.queue.matrix.isHidden()
    shown.page.centre.toggle_grid()
    order = shown.page.centre.grid_header.order
    assert "Largest confusion first" not in [order.itemText(place) for place in range(order.count())]


def test_labels_are_counted_on_the_data_page_and_the_card(shown: Shown, labels_project: Project) -> None:
    page = DataPage(shown.session)
    shown.bot.addWidget(page)
    names = [page.classes_model.data(page.classes_model.index(row)) for row in range(page.classes_model.rowCount())]
    assert tuple(names) == NAMES
    index = page.classes_model.index(1)
    QTest.mouseClick(page.classes.viewport(), Qt.MouseButton.LeftButton, pos=page.classes.visualRect(index).center())
    cats = range(page.model.rowCount())
    assert (
        page.classes_model.index(1).data(COUNT_ROLE)
        == len(cats)
        == labels_project.taxonomy.matrix(labels_project.labels)[:, 1].sum()
    )
    card = summarize(labels_project, None)
    assert (card.classes, card.to_review > 0) == (len(NAMES), True)
    assert all(";" in one.suggested or one.suggested in NAMES for one in card.next)


def test_what_was_judged_here_opens_again_and_is_exported(shown: Shown, labels_project: Project, tmp_path: Path) -> None:
    item = shown.current
    shown.key("5", "4", "Return")
    expected, key = standing(labels_project, item), labels_project.items.key(item)
    finish(export(labels_project, tmp_path / "out.csv", format="csv"))
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["key"] == key)
    assert row["label"] == (";".join(expected) or "(none)")
    with Project.open(labels_project.path, attached=True) as again:
        assert again.any_ranking is not None
        assert standing(again, item) == expected


def test_a_matrix_of_labels_makes_each_new_set_one_class(labels_project: Project) -> None:
    before = labels_project.classes
    sets = np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], np.bool_)
    ids = labels_project.taxonomy.ids_of(sets)
    assert ids[0] == ids[2] != ids[1]
    assert (labels_project.taxonomy.matrix(ids) == sets).all()
    assert len(labels_project.classes) == len(before) + len({"boat;cat;dog;house;tree", "(none)"} - set(before))


def test_a_label_of_one_changes_sides_and_of_many_comes_goes_and_is_left() -> None:
    edit, one, many = LabelEdit(), np.array([True]), np.array([True, False])
    edit.turn(0, one)
    assert edit.turned(0) is False
    edit.turn(0, one)
    assert not edit
    turned = []
    for _n in range(3):
        edit.turn(1, many)
        turned.append(edit.turned(1))
    assert turned == [True, False, None]


def test_the_strip_shows_the_set_as_it_stands_what_was_added_and_removed_apart(shown: Shown, labels_project: Project) -> None:
    item, found = shown.current, choices(shown)
    change = shown.page.faces.face(item).labels
    assert (
        change is not None
        and bool(change)
        and set(change.added) == set(suggested(shown, item)) - set(given(labels_project, item))
    )
    added = next(place for place, label in enumerate(found.order) if not found.wanted[label])
    removed = next(place for place, label in enumerate(found.order) if found.given[label] and found.wanted[label])
    shown.key(found.digit(added), found.digit(removed))
    names = [found.names[found.order[place]] for place in (added, removed)]
    change = shown.page.faces.face(item).labels
    assert change is not None and names[0] in change.added and names[1] in change.removed, "before it is written"
    assert shown.page.faces.face(int(shown.page.reviewer.worklist.rows[-1])).labels != change
    shown.key("Return")
    assert shown.page.faces.face(item).labels == change, "and after it was"
    assert set(change.kept) | set(change.added) == set(standing(labels_project, item))


MANY = tuple(f"label {number:02}" for number in range(14))


def test_a_label_beyond_the_rows_is_brought_into_sight_when_it_is_turned(shown: Shown) -> None:
    rows, nothing = LabelList(shown.page), np.zeros(len(MANY), np.bool_)
    rows.resize(320, rows.sizeHint().height())
    rows.show_choices(LabelChoices(MANY, 3, nothing, nothing))
    assert rows.row_rect(12) is None
    wanted = nothing.copy()
    wanted[12] = True
    rows.show_choices(LabelChoices(MANY, 3, nothing, wanted))
    assert rows.row_rect(12) is not None and rows.row_rect(0) is None
    wanted = wanted.copy()
    wanted[0] = True
    rows.show_choices(LabelChoices(MANY, 3, nothing, wanted))
    assert rows.row_rect(0) is not None
    rows.show_choices(LabelChoices(MANY, 4, nothing, nothing))
    assert rows.row_rect(0) is not None, "another item begins at its first"


def test_a_label_that_is_turned_for_many_is_in_sight_too(shown: Shown) -> None:
    pairs, edit, has = LabelPairs(shown.page), LabelEdit(), np.zeros((3, len(MANY)), np.bool_)
    pairs.show_choices(BatchLabels(MANY, has, None, edit))
    assert 12 not in pairs.in_sight()
    edit.turn(12, has[:, 12])
    pairs.show_choices(BatchLabels(MANY, has, None, edit))
    assert pairs.in_sight() == [0, 1, 2, 3, 4, 12]
