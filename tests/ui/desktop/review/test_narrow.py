"""What stays in sight where the window is small, and how what does not is reached."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from badcase.ui.desktop.review.item.header import FocusHeader
from badcase.ui.desktop.review.queue.reason_list import ReasonList, ReasonTitle
from badcase.ui.desktop.widgets import ListRow
from tests.ui.desktop.review.conftest import child

COUNTS = {f"reason{n}": n + 1 for n in range(8)}
TITLES = {name: ReasonTitle(name, "bars") for name in COUNTS}


def low_list(qtbot: QtBot, picked: tuple[str, ...] = ()) -> ReasonList:
    reasons = ReasonList()
    qtbot.addWidget(reasons)
    reasons.fit_rows(5)
    reasons.show_reasons(COUNTS, TITLES, picked, ["needs a run"])
    reasons.show()
    return reasons


def seen(reasons: ReasonList) -> list[str]:
    return [row.text() for row in reasons.findChildren(ListRow) if row.isVisible()]


def test_where_there_is_no_room_for_all_reasons_the_largest_stay_and_one_row_unfolds_the_rest(qtbot: QtBot) -> None:
    reasons = low_list(qtbot)
    assert set(seen(reasons)) == {"reason4", "reason5", "reason6", "reason7", "4 more reasons"}
    more = reasons.findChild(ListRow, "reasons-more")
    assert more is not None
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    assert {*COUNTS, "Not looked for yet", "Fewer"} == set(seen(reasons))


def test_a_reason_that_is_picked_is_never_folded_away(qtbot: QtBot) -> None:
    assert "reason0" in seen(low_list(qtbot, ("reason0",)))


def test_no_row_moves_while_the_counts_fall(qtbot: QtBot) -> None:
    reasons = low_list(qtbot)
    before = set(seen(reasons))
    reasons.show_reasons(COUNTS | {"reason7": 2, "reason4": 1}, TITLES, (), ["needs a run"])
    assert set(seen(reasons)) == before


def test_in_a_narrow_window_the_name_of_the_item_keeps_its_room(qtbot: QtBot) -> None:
    """The story of a bug: at 1100 wide the name was "im…pg" and the suspicion was written over its own bar."""
    header = FocusHeader(is_text=False)
    qtbot.addWidget(header)
    header.show()
    header.show_zoom(4.02)
    for width in (560, 700, 1000):
        header.resize(width, header.height())
        header.show_item("images/02415.jpg", "train", 1, 1324, 0.99)
        qtbot.wait(1)
        assert child(header, "item-key").width() >= 110, width
        suspicion = child(header, "suspicion")
        assert suspicion.width() >= suspicion.sizeHint().width(), width


def test_that_an_item_is_gold_is_said_however_narrow_the_window(qtbot: QtBot) -> None:
    header = FocusHeader(is_text=False)
    qtbot.addWidget(header)
    header.resize(420, header.height())
    header.show()
    header.show_item("images/02415.jpg", "gold", 1, 1324, 0.99, gold=True)
    assert child(header, "split").isVisible()
