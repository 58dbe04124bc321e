"""What a reviewer can rely on from the page, by real keys and clicks on a real project."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.store.judgments import Judgment
from badcase.store.verdicts import Verdict, VerdictCode
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.state import review_state
from tests.ui.desktop.review.conftest import Show, Shown, child, click

# --- filters --------------------------------------------------------------------------------------------------------


def test_a_click_on_a_reason_filters_and_a_second_lets_go(shown: Shown) -> None:
    everything = len(shown.page.reviewer.worklist)
    name = next(iter(shown.page.reviewer.facts.reasons))
    row = child(shown.page, f"reason-{name}")
    click(row)
    assert shown.page.reviewer.worklist.filter.reasons == (name,)
    click(row)
    assert len(shown.page.reviewer.worklist) == everything


def test_only_reasons_that_occur_have_a_row_and_one_row_says_what_was_not_looked_for(shown: Shown) -> None:
    panel, facts = shown.page.queue, shown.page.reviewer.facts
    counts = shown.page.reviewer.worklist.counts().reasons
    assert "blank" not in facts.reasons
    for name, n in counts.items():
        assert child(panel, f"reason-{name}").isVisibleTo(panel) == (n > 0), name
    silent = child(panel, "reasons-silent")
    assert silent.isVisibleTo(panel) and not silent.isEnabled()
    assert "train once" in silent.toolTip()
    assert "text" not in silent.toolTip().lower()  # these are images


def test_a_reason_that_is_chosen_keeps_its_row_where_nothing_has_it(shown: Shown) -> None:
    reviewer = shown.page.reviewer
    name = next(iter(reviewer.facts.reasons))
    reviewer.show(Filter(queue=Pile.REVIEWED).with_reason(name, add=False))
    shown.settle()
    assert child(shown.page.queue, f"reason-{name}").isVisibleTo(shown.page.queue)


def test_a_cell_of_the_matrix_shows_its_pair_and_ctrl_adds_another(shown: Shown) -> None:
    matrix, facts = shown.page.queue.matrix, shown.page.reviewer.facts
    place = matrix.cell_rect(0, 1)
    assert place is not None
    click(matrix, place.center().toPoint())
    rows = shown.page.reviewer.worklist.rows
    assert (facts.given[rows] == 0).all()
    assert (facts.suggested[rows] == 1).all()
    other = matrix.cell_rect(1, 2)
    assert other is not None
    click(matrix, other.center().toPoint(), Qt.KeyboardModifier.ControlModifier)
    assert shown.page.reviewer.worklist.filter.pairs == ((0, 1), (1, 2))


def test_a_filter_is_typed_shown_as_a_chip_and_cleared_with_escape(shown: Shown) -> None:
    shown.page.filter_field.show()
    shown.key("Ctrl+F")
    shown.page.filter_field.line.setText("given:disc split:train")
    QTest.keyClick(shown.page.filter_field.line, Qt.Key.Key_Return)
    rows = shown.page.reviewer.worklist.rows
    assert (shown.page.reviewer.facts.given[rows] == 1).all()
    names = [part.objectName() for part in shown.page.filter_field.findChildren(QWidget)]
    chips = [name for name in names if name.startswith("token")]
    assert chips == ["token-given", "token-split"]
    shown.page.setFocus()
    shown.key("Escape")
    assert shown.page.reviewer.worklist.filter == Filter()


def test_the_filter_of_last_time_is_taken_up_again(show: Show, project: Project) -> None:
    before = show(project)
    before.page.reviewer.add_filter("given:disc")
    before.page.close()
    before.session.view.save()
    rows = show(project).page.reviewer.worklist.rows
    assert (project.given[rows] == 1).all()


def test_a_wrong_filter_goes_to_the_error_bar_with_a_remedy(shown: Shown) -> None:
    errors: list[BadcaseError] = []
    shown.session.failed.connect(errors.append)
    shown.page.reviewer.add_filter("given:dsic")
    assert "disc" in errors[0].hint


def test_a_list_from_another_page_is_shown_with_its_title(shown: Shown) -> None:
    shown.session.navigate.emit("review", {"items": [5, 3, 8], "title": "Fixed by run 2"})
    assert sorted(shown.page.reviewer.worklist.rows) == [3, 5, 8]
    shown.key("Escape")
    assert shown.page.reviewer.worklist.filter == Filter()


def test_gold_is_looked_at_and_not_judged(shown: Shown, project: Project) -> None:
    gold = int(np.flatnonzero(project.gold)[0])
    shown.session.navigate.emit("review", {"items": [gold], "title": "Broke in run 2"})
    assert shown.current == gold
    shown.key("Return", "Space", "E", "1")
    assert project.journal.counts().reviewed == 0
    bar = child(shown.page, "gold-bar")
    assert bar.isVisible() and "Gold is locked" in bar.findChild(QLabel).full_text()
    assert not any(child(shown.page.detail, name).isVisible() for name in ("exclude", "unsure", "undo", "class-field"))
    went: list[tuple[str, object]] = []
    shown.session.navigate.connect(lambda page, what: went.append((page, what)))
    click(child(bar, "check_gold"))
    assert went == [("gold", None)]
    shown.session.navigate.emit("review", {"items": [int(np.flatnonzero(~project.gold)[0])], "title": "another"})
    assert not bar.isVisible() and child(shown.page.detail, "exclude").isVisible()


def test_an_empty_list_says_why_and_has_a_way_out(shown: Shown) -> None:
    click(child(shown.page, "queue-unsure"))
    assert shown.page.reviewer.current is None
    button = child(shown.page.centre, "empty_state_button")
    click(button)
    assert shown.page.reviewer.worklist.filter.queue is Pile.ALL
    assert shown.page.reviewer.current is not None


def test_after_the_last_item_the_page_says_that_it_is_done(shown: Shown, project: Project) -> None:
    facts, item = shown.page.reviewer.facts, shown.current
    shown.page.reviewer.show(Filter(pairs=((int(facts.given[item]), int(facts.suggested[item])),)))
    for _item in range(len(shown.page.reviewer.worklist)):
        shown.key("Space" if shown.page.reviewer.blind(shown.current) else "Return")
    assert shown.page.reviewer.current is None
    assert shown.page.reviewer.finished
    shown.key("Z")
    assert shown.page.reviewer.current is not None


def test_without_a_prediction_the_page_offers_to_predict(show: Show, bare: Project) -> None:
    shown = show(bare)
    assert shown.page.reviewer.current is None
    started: list[str] = []
    shown.session.start = lambda verb, **options: started.append(verb)  # type: ignore[method-assign]
    click(child(shown.page.centre, "empty_state_button"))
    assert started == ["predict"]


def test_without_a_prediction_all_items_can_be_judged_by_hand(show: Show, bare: Project) -> None:
    shown = show(bare)
    click(child(shown.page, "queue-all"))
    item = shown.current
    shown.key("Return")
    assert bare.journal.counts().reviewed == 0
    shown.key("Space")
    assert bare.verdicts[item] == VerdictCode.KEEP


# --- evidence -------------------------------------------------------------------------------------------------------


def test_the_nearest_items_have_the_two_labels_and_a_click_opens_one(shown: Shown, project: Project) -> None:
    item = shown.current
    shown.bot.waitUntil(lambda: bool(shown.page.detail.nearest_suggested.items()))
    given, suggested = shown.page.detail.nearest_given.items(), shown.page.detail.nearest_suggested.items()
    assert given
    assert {int(project.labels[one]) for one in given} == {int(project.given[item])}
    assert {int(project.labels[one]) for one in suggested} == {int(shown.page.reviewer.facts.suggested[item])}
    assert not project.gold[given + suggested].any()
    nearest = shown.page.detail.nearest_suggested
    click(nearest, nearest.place(0).center().toPoint())
    assert shown.current == suggested[0]


def test_the_history_tells_what_was_decided_and_what_was_undone(shown: Shown) -> None:
    shown.key("Return", "Z")
    lines = shown.page.detail.history.lines()
    assert lines[0].what.startswith("given")
    assert lines[1].how == "undone"


def test_an_opinion_that_the_label_does_not_follow_is_told_as_one(shown: Shown, project: Project) -> None:
    assert shown.current is not None
    lost = Judgment(shown.current, Verdict.EXCLUDE, who="bob", decides=False)
    shown.page.session.tell(project.journal.record_all([lost]))
    line = shown.page.detail.history.lines()[-1]
    assert line.what == "excluded" and line.how.startswith("opinion of bob") and line.quiet
    assert not project.verdicts[shown.current]


# --- the image ------------------------------------------------------------------------------------------------------


def test_the_image_is_zoomed_by_wheel_and_keys_and_fitted_again(shown: Shown) -> None:
    image = shown.page.centre.image
    fitted = image.scale
    shown.key("+")
    assert image.scale > fitted
    shown.key("-", "-")
    assert image.scale < fitted
    shown.key("F")
    assert image.scale == fitted
    shown.key("P")
    assert image.scale == int(fitted)


def test_the_next_images_are_decoded_before_they_are_asked_for(shown: Shown) -> None:
    ahead = shown.page.reviewer.worklist.upcoming(3)
    shown.bot.waitUntil(lambda: all(shown.page.faces.pictures.full(item) is not None for item in ahead))
    shown.key("Return")
    assert shown.page.centre.image.image is not None


# --- the rest -------------------------------------------------------------------------------------------------------


def test_every_action_is_in_the_palette_with_its_key(shown: Shown) -> None:
    commands = {command.title: command for command in shown.page.commands()}
    assert commands["Accept the suggestion"].keys == "Enter"
    assert commands["Undo"].why_not
    shown.key("Return")
    commands = {command.title: command for command in shown.page.commands()}
    assert not commands["Undo"].why_not
    keys = [key for action in shown.page.keyboard.actions for key in action.keys]
    assert len(keys) == len(set(keys))


def test_the_palette_calls_the_classes_of_the_digits_by_name(shown: Shown, project: Project) -> None:
    choices = shown.page.reviewer.choices()
    assert choices is not None
    commands = {command.keys: command for command in shown.page.commands()}
    for digit, place in (("1", 0), ("2", 1), ("3", 2)):
        assert commands[digit].title == f"Label as “{project.classes[choices.order[place]]}”"
    assert commands["4"].why_not  # there are three classes
    item = shown.current
    commands["3"].run()
    assert project.labels[item] == choices.order[2]


def test_the_palette_calls_the_classes_of_each_selection_in_its_own_order(shown: Shown, project: Project) -> None:
    reviewer, ranking, told = shown.page.reviewer, project.ranking, set()
    assert ranking is not None
    for first in range(0, len(reviewer.worklist) - 1, 2):
        reviewer.select(lambda worklist, row=first: (worklist.select(row), worklist.select(row + 1, add=True)))
        likeliest = int(np.nan_to_num(ranking.probs[reviewer.worklist.selected_items()]).mean(0).argmax())
        assert shown.page.class_of("1") == project.classes[likeliest]
        told.add(likeliest)
    assert len(told) > 1


def test_f11_leaves_only_the_item_and_the_keys_go_on(shown: Shown, project: Project) -> None:
    shown.key("F11")
    assert not shown.page.queue.isVisible()
    assert not shown.page.centre.strip.isVisible()
    shown.key("Return")
    assert project.journal.counts().reviewed == 1


@pytest.mark.parametrize("size", [(1280, 720), (1440, 820), (2560, 1360)])
def test_nothing_is_wider_than_the_right_panel(show: Show, project: Project, size: tuple[int, int]) -> None:
    page = show(project, size).page
    for part in page.detail.findChildren(QWidget):
        if part.isVisible():
            assert part.mapTo(page, QPoint(part.width(), 0)).x() <= page.width(), part.objectName()


def test_words_are_looked_for_beside_the_window_where_items_are_many_and_only_the_last_ones(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = shown.page.reviewer
    wanted = Filter(queue=Pile.ALL, words=("0",))
    reviewer.show(wanted)
    found = reviewer.worklist.rows.tolist()
    reviewer.show(Filter(queue=Pile.ALL))
    monkeypatch.setattr(review_state, "_MANY", 0)
    every = len(reviewer.worklist)
    assert 0 < len(found) < every
    reviewer.show(Filter(queue=Pile.ALL, words=("nothing has this",)))
    reviewer.show(wanted)
    assert reviewer.searching and len(reviewer.worklist) == every, "the list stays until they are found"
    shown.bot.waitUntil(lambda: not reviewer.searching)
    assert reviewer.worklist.filter == wanted and reviewer.worklist.rows.tolist() == found
    reviewer.show(Filter(queue=Pile.ALL, words=("nothing has this",)))
    reviewer.show(Filter(queue=Pile.REVIEWED))
    shown.settle()
    assert reviewer.worklist.filter == Filter(queue=Pile.REVIEWED), "a search that nobody waits for any more changes nothing"


def test_confusions_and_header_count_what_the_queue_counts_after_each_verdict(shown: Shown, project: Project) -> None:
    """Fourteen confusions stood beside "To review 4", and "1 of 16" over a queue of thirteen."""
    page, reviewer = shown.page, shown.page.reviewer
    for key in ("", "Space", "1", "E", "Z"):
        if key:
            shown.key(key)
        shown.settle()
        waiting = reviewer.worklist.counts().piles[Pile.TO_REVIEW]
        assert waiting == len(project.to_review())
        assert page.queue.matrix._matrix.sum() == waiting
        for row in page.queue._pairs:
            assert row.isHidden() or row.count == str(int(page.queue.matrix._matrix[row.pair]))
        of = page.centre.focus_header.position.text().split(" of ")[1].split(" + ")
        rows = reviewer.worklist.rows
        done = np.count_nonzero((project.verdicts[rows] != VerdictCode.NONE) & reviewer.facts.worth[rows])
        assert int(of[0]) - done == waiting
        assert len(reviewer.worklist) == sum(map(int, of))
