"""What a reviewer can rely on from the page, by real keys and clicks on a real project."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from badcase.errors import BadcaseError
from badcase.journal import VerdictCode
from badcase.project import Project
from ui.desktop.review.filters import Filter, Queue

from .conftest import Shown, true_class

Show = Callable[..., Shown]


@pytest.fixture
def shown(show: Show, project: Project) -> Shown:
    return show(project)


NO_KEY = Qt.KeyboardModifier.NoModifier


def click(widget: QWidget, at: QPoint | None = None, held: Qt.KeyboardModifier = NO_KEY) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, held, at or widget.rect().center())


def child(page: QWidget, name: str) -> QWidget:
    found = page.findChild(QWidget, name)
    assert found is not None, name
    return found


# --- the keys -----------------------------------------------------------------------------------------------------


def test_the_planted_wrong_labels_come_first(shown: Shown, project: Project) -> None:
    first = shown.page.reviewer.worklist.rows[:6]
    assert all(true_class(project, int(item)) != project.given[item] for item in first)


def test_enter_takes_the_suggestion_durably_and_the_next_item_is_there_at_once(shown: Shown, project: Project) -> None:
    item = shown.current
    suggested = int(shown.page.reviewer.facts.suggested[item])
    shown.key("Return")
    assert project.labels[item] == suggested
    assert shown.current != item
    assert project.history(item)[0].shown["suggested"] == project.classes[suggested]


def test_space_keeps_the_given_label(shown: Shown, project: Project) -> None:
    item = shown.current
    shown.key("Space")
    assert project.verdicts[item] == VerdictCode.KEEP
    assert project.labels[item] == project.given[item]


def test_e_excludes_and_u_is_unsure(shown: Shown, project: Project) -> None:
    first = shown.current
    shown.key("E")
    second = shown.current
    shown.key("U")
    assert project.verdicts[first] == VerdictCode.EXCLUDE
    assert project.verdicts[second] == VerdictCode.UNSURE


def test_a_digit_chooses_the_class_with_that_cap(shown: Shown, project: Project) -> None:
    item, choices = shown.current, shown.page.reviewer.choices()
    assert choices is not None
    shown.key("3")
    assert project.labels[item] == choices.order[2]


def test_a_free_letter_begins_typing_a_class_and_enter_takes_it(shown: Shown, project: Project) -> None:
    item = shown.current
    shown.key("D")
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    assert field.objectName() == "class-field"
    shown.key("I", "S")
    assert field.text().lower() == "dis"  # the first letter was marked once, so that the second took its place
    shown.key("Return")
    assert project.labels[item] == project.classes.index("disc")
    assert QApplication.focusWidget() is shown.page


def test_while_typing_no_verdict_key_acts_and_escape_leaves(shown: Shown, project: Project) -> None:
    shown.key("/", "E", "U", "Z", "Space", "Escape")
    assert project.counts().reviewed == 0
    assert QApplication.focusWidget() is shown.page
    shown.key("E")
    assert project.counts().excluded == 1


def test_a_held_key_judges_one_item_only(shown: Shown, project: Project) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent

    for repeat in (False, True, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", repeat)
        QApplication.sendEvent(shown.page, event)
    assert project.counts().reviewed == 1


def test_undo_returns_to_its_item_and_redo_goes_on(shown: Shown, project: Project) -> None:
    first = shown.current
    shown.key("Return", "Space", "E")
    third_gone = shown.current
    shown.key("Z", "Z", "Z")
    assert shown.current == first
    assert project.counts().reviewed == 0
    shown.key("Shift+Z", "Ctrl+Shift+Z", "Shift+Z")
    assert project.counts().reviewed == 3
    assert shown.current == third_gone


def test_undo_works_on_what_was_judged_before_a_restart(show: Show, project: Project) -> None:
    before = show(project)
    item = before.current
    before.key("Return")
    before.page.close()
    after = show(project)
    assert after.current != item
    after.key("Z")
    assert after.current == item
    assert project.verdicts[item] == VerdictCode.NONE


def test_arrows_j_and_k_move_without_a_verdict(shown: Shown, project: Project) -> None:
    rows = shown.page.reviewer.worklist.rows
    shown.key("Right", "J", "Left", "Right", "K", "End")
    assert shown.current == rows[-1]
    shown.key("Home")
    assert shown.current == rows[0]
    assert project.counts().reviewed == 0


def test_a_reviewed_item_is_done_behind_and_no_more_to_review(shown: Shown, project: Project) -> None:
    before = shown.page.reviewer.worklist.counts().piles[Queue.TO_REVIEW]
    item = shown.current
    shown.key("Return")
    shown.settle()
    assert shown.page.reviewer.worklist.counts().piles[Queue.TO_REVIEW] == before - 1
    rows = [int(shown.page.reviewer.worklist.rows[row]) for row, _place in shown.page.centre.strip.places()]
    assert item in rows
    assert shown.page.faces.state(item) is not None


# --- filters ------------------------------------------------------------------------------------------------------


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
    reviewer.show(Filter(queue=Queue.REVIEWED).with_reason(name, add=False))
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
    shown.session.went.emit("review", {"items": [5, 3, 8], "title": "Fixed by run 2"})
    assert sorted(shown.page.reviewer.worklist.rows) == [3, 5, 8]
    shown.key("Escape")
    assert shown.page.reviewer.worklist.filter == Filter()


def test_gold_is_looked_at_and_not_judged(shown: Shown, project: Project) -> None:
    gold = int(np.flatnonzero(project.gold)[0])
    shown.session.went.emit("review", {"items": [gold], "title": "Broke in run 2"})
    assert shown.current == gold
    shown.key("Return", "Space", "E", "1")
    assert project.counts().reviewed == 0
    assert child(shown.page, "locked").isVisible()


def test_an_empty_list_says_why_and_has_a_way_out(shown: Shown) -> None:
    click(child(shown.page, "queue-unsure"))
    assert shown.page.reviewer.current is None
    button = child(shown.page.centre, "empty_state_button")
    click(button)
    assert shown.page.reviewer.worklist.filter.queue is Queue.ALL
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
    assert bare.counts().reviewed == 0
    shown.key("Space")
    assert bare.verdicts[item] == VerdictCode.KEEP


# --- evidence -----------------------------------------------------------------------------------------------------


def test_the_nearest_items_have_the_two_labels_and_a_click_opens_one(shown: Shown, project: Project) -> None:
    item = shown.current
    given, suggested = shown.page.detail.nearest_given.items(), shown.page.detail.nearest_suggested.items()
    assert given
    assert suggested
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


# --- the grid -----------------------------------------------------------------------------------------------------


def test_a_batch_is_previewed_judged_at_once_and_undone_at_once(shown: Shown, project: Project) -> None:
    shown.key("G", "Home", "Shift+Right", "Shift+Right")
    chosen = [int(item) for item in shown.page.reviewer.worklist.selected_items()]
    assert len(chosen) == 3
    suggested = shown.page.reviewer.facts.suggested
    shown.key("Return")
    assert [int(project.labels[item]) for item in chosen] == [int(suggested[item]) for item in chosen]
    assert not shown.page.reviewer.worklist.selected.any()
    shown.key("Z")
    assert project.counts().reviewed == 0


def test_the_mouse_selects_one_adds_with_ctrl_and_stretches_with_shift(shown: Shown) -> None:
    shown.key("G")
    shown.settle()
    grid, worklist = shown.page.centre.grid, shown.page.reviewer.worklist

    def press(row: int, held: Qt.KeyboardModifier = NO_KEY) -> None:
        click(grid.viewport(), grid.card(row).center().toPoint(), held)

    press(1)
    assert list(np.flatnonzero(worklist.selected)) == [1]
    press(3, Qt.KeyboardModifier.ControlModifier)
    assert list(np.flatnonzero(worklist.selected)) == [1, 3]
    press(5, Qt.KeyboardModifier.ShiftModifier)
    assert list(np.flatnonzero(worklist.selected)) == [3, 4, 5]
    shown.key("Escape")
    assert not worklist.selected.any()


def test_a_class_for_all_by_its_digit(shown: Shown, project: Project) -> None:
    shown.key("G", "Ctrl+A")
    choices = shown.page.reviewer.batch_choices()
    chosen = shown.page.reviewer.worklist.selected_items()
    shown.key("2")
    assert (project.labels[chosen] == choices.order[1]).all()


def test_a_double_click_opens_a_card(shown: Shown) -> None:
    shown.key("G")
    shown.settle()
    grid = shown.page.centre.grid
    QTest.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.card(4).center().toPoint())
    assert not shown.page.centre.in_grid
    assert shown.current == shown.page.reviewer.worklist.rows[4]


def test_only_cards_in_sight_are_painted(shown: Shown) -> None:
    shown.key("G")
    assert len(shown.page.centre.grid.in_sight()) < 60


# --- the image ----------------------------------------------------------------------------------------------------


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
    assert shown.page.centre.image._image is not None


# --- the rest -----------------------------------------------------------------------------------------------------


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
    assert project.counts().reviewed == 1


@pytest.mark.parametrize("size", [(1280, 720), (1440, 820), (2560, 1360)])
def test_nothing_is_wider_than_the_right_panel(show: Show, project: Project, size: tuple[int, int]) -> None:
    page = show(project, size).page
    for part in page.detail.findChildren(QWidget):
        if part.isVisible():
            assert part.mapTo(page, QPoint(part.width(), 0)).x() <= page.width(), part.objectName()
