"""Filters in plain words: the names that the window shows, counted as one types, with real keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.ui.desktop.review.filtering.filter_syntax import parse, tokens
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.queue.suggestion_list import ROW, SuggestionList
from badcase.ui.desktop.review.state.facts import facts_of, reason_titles
from badcase.ui.desktop.review.state.remembered_filter import saved_filters
from badcase.ui.desktop.review.state.worklist import Order, Worklist
from badcase.ui.desktop.shell.palette import Palette
from tests.projects import write_texts
from tests.ui.desktop.review.conftest import Show, Shown, click


class Typing:
    """The filter field of a page, in the window of the page, as the main window has it."""

    def __init__(self, shown: Shown) -> None:
        self.shown, self.field = shown, shown.page.filter_field
        self.field.setParent(shown.page)
        self.field.setGeometry(300, 8, 600, 28)
        self.field.show()

    def begin(self, text: str = "") -> None:
        self.shown.page.setFocus()
        self.shown.key("Ctrl+F")
        QTest.keyClicks(self.field.line, text)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.field.line, key)

    @property
    def list(self) -> SuggestionList:
        found = self.field.window().findChild(QWidget, "filter-suggestions")
        assert isinstance(found, SuggestionList)
        return found

    @property
    def words(self) -> list[str]:
        return [f"{row.kind} {row.text}".strip() for row in self.list.rows]

    @property
    def chips(self) -> list[str]:
        return [chip.text() for chip in self.field._chips]


@pytest.fixture
def typing(show: Show, project: Project) -> Typing:
    return Typing(show(project))


def test_what_is_typed_finds_the_names_that_the_window_shows_each_with_its_count(typing: Typing) -> None:
    typing.begin("disc")
    assert typing.words[:2] == ["given disc", "suggested disc"]
    reviewer = typing.shown.page.reviewer
    counts = [int(row.wanted.mask(reviewer.facts).sum()) for row in typing.list.rows if row.wanted]
    assert [row.count for row in typing.list.rows] == counts and counts[0] > 0
    typing.key(Qt.Key.Key_Down)
    typing.key(Qt.Key.Key_Return)
    assert reviewer.worklist.filter == Filter(suggested=(1,))
    assert typing.chips == ["suggested: disc"]
    assert not typing.list.isVisible() and typing.shown.page.hasFocus()


def test_a_reason_is_found_by_the_title_of_the_side_panel(typing: Typing) -> None:
    facts = typing.shown.page.reviewer.facts
    name, title = next((name, one.title) for name, one in reason_titles(facts).items())
    typing.begin(title[:6].lower())
    typing.key(Qt.Key.Key_Return)
    assert typing.shown.page.reviewer.worklist.filter.reasons == (name,)
    assert typing.chips == [title]


def test_an_unknown_word_says_so_and_enter_searches_the_texts(typing: Typing) -> None:
    typing.begin("crss")
    assert typing.words[:2] == ["Nothing here is called “crss”", "Search for “crss” in keys and texts"]
    assert "given cross" in typing.words  # what may have been meant
    for _letter in range(4):
        typing.key(Qt.Key.Key_Backspace)
    QTest.keyClicks(typing.field.line, "cross07")
    typing.key(Qt.Key.Key_Return)
    assert typing.shown.page.reviewer.worklist.filter.words == ("cross07",)


def test_what_is_written_out_is_taken_as_it_stands_and_a_mistake_is_told(typing: Typing) -> None:
    typing.begin("given:disc split:train")
    assert typing.words == ["given: disc  split: train"]
    typing.key(Qt.Key.Key_Return)
    assert typing.shown.page.reviewer.worklist.filter == Filter(given=(1,), splits=(0,))
    typing.begin("given:dsic")
    assert "there is no such class" in typing.words[0] and "disc" in typing.words[0]
    typing.key(Qt.Key.Key_Escape)
    assert not typing.list.isVisible()


def test_a_row_can_be_clicked_and_the_queues_come_with_nothing_typed(typing: Typing) -> None:
    typing.begin()
    assert [row.text for row in typing.list.rows] == ["To review", "Reviewed", "Unsure", "All items"]
    click(typing.list, QPoint(60, 6 + 3 * ROW + 10))
    assert typing.shown.page.reviewer.worklist.filter.queue is Pile.ALL


def test_a_filter_is_saved_taken_and_forgotten_by_its_name(typing: Typing, project: Project) -> None:
    typing.begin("disc")
    typing.key(Qt.Key.Key_Return)
    wanted, page = typing.shown.page.reviewer.worklist.filter, typing.shown.page
    typing.shown.key("Ctrl+S")
    QTest.keyClicks(typing.field.line, "round ones")
    typing.key(Qt.Key.Key_Return)
    typing.shown.key("Esc")
    assert not page.reviewer.worklist.filter.narrow
    assert any(command.title == "Filter: round ones" for command in page.commands())
    typing.begin("round")
    assert typing.words[0] == "saved round ones"
    typing.key(Qt.Key.Key_Return)
    assert page.reviewer.worklist.filter == wanted
    typing.begin()
    typing.key(Qt.Key.Key_Down)
    typing.key(Qt.Key.Key_Up)
    typing.key(Qt.Key.Key_Delete)
    assert saved_filters(page.reviewer) == {}


def test_a_picker_says_that_nothing_is_called_so_and_what_else(typing: Typing) -> None:
    typing.shown.page.setFocus()
    typing.shown.key("Alt+P")
    palette = typing.shown.page.window().findChild(Palette)
    assert palette is not None
    typing.shown.bot.waitUntil(lambda: "→" in palette.model.shown[0].title)
    QTest.keyClicks(palette.field, "disc xyz")
    titles = [command.title for command in palette.model.shown]
    assert titles[0] == "Nothing is called “disc xyz”" and "disc" in titles[1]
    assert palette.list.currentIndex().row() == 1
    typing.key(Qt.Key.Key_Escape)
    typing.key(Qt.Key.Key_Escape)


def test_a_sweep_begins_at_the_first_item_that_waits(typing: Typing) -> None:
    shown = typing.shown
    shown.page.setFocus()
    shown.key("Alt+G")
    first = shown.current
    shown.key("Space", "Space")
    waits = shown.current
    shown.page.reviewer.clear_filter()
    shown.page.reviewer.open_item(first)
    shown.key("Alt+G")
    assert shown.page.reviewer.worklist.rows[0] == first
    assert shown.current == waits


def test_a_pattern_and_exact_words_are_searched_typed_and_told_of_where_they_are_wrong(tmp_path: Path) -> None:
    write_texts(tmp_path / "t.csv", 30)
    with (tmp_path / "t.csv").open("a", encoding="utf-8") as file:
        file.write('a1,"Soup, soup and more soup",food\na2,"a soup after a long walk in the rain and the wind",food\n')
    with Project.create(tmp_path / "p", tmp_path / "t.csv") as project:
        facts, texts = facts_of(project, None, None), list(project.items.texts())

        def found(typed: str) -> set[int]:
            return set(np.flatnonzero(parse(typed, facts).passing(facts)).tolist())

        assert found("re:so+up") == {i for i, text in enumerate(texts) if "soup" in text.casefold()}
        assert found('re:"^a .* place"') == {i for i, text in enumerate(texts) if text.startswith("a ") and " place" in text}
        assert found("case:Soup") == {len(texts) - 2} != found("soup")
        wanted = parse("re:so+up case:Soup", facts)
        assert [(one.name, one.value) for one in tokens(wanted, facts)] == [("pattern", "so+up"), ("exactly", "Soup")]
        assert parse(" ".join(str(one) for one in tokens(wanted, facts)), facts) == wanted
        with pytest.raises(BadcaseError, match="no regular expression"):
            parse("re:(", facts)


def test_what_is_searched_comes_by_how_well_it_matches_until_nothing_is_searched(tmp_path: Path) -> None:
    write_texts(tmp_path / "t.csv", 30)
    with (tmp_path / "t.csv").open("a", encoding="utf-8") as file:
        file.write('a1,"a soup after a long walk in the rain and the wind",food\na2,"Soup, soup, more soup",food\n')
    with Project.create(tmp_path / "p", tmp_path / "t.csv") as project:
        facts = facts_of(project, None, None)
        assert facts.match is not None
        scores = facts.match(("soup",))
        long, short = (project.items.find(key) for key in ("a1", "a2"))
        assert scores[short] == scores.max() and scores[long] == scores[scores > 0].min()
        worklist = Worklist(facts)
        worklist.show(Filter(queue=Pile.ALL, words=("soup",)))
        rows = worklist.rows
        assert worklist.order is Order.MATCH and len(rows) > 2 and (np.diff(scores[rows]) <= 0).all() and (scores[rows] > 0).all()
        worklist.show(Filter(queue=Pile.ALL))
        assert worklist.order is Order.SUSPECT
