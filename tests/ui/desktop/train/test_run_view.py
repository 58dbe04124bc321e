"""The middle of the Train page in the sizes that the window may have."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from badcase.items import Kind
from badcase.ui.desktop.train.runs.diagnosis_card import DiagnosisCard, RemedyShown
from badcase.ui.desktop.train.runs.run_view import RunView
from badcase.ui.desktop.widgets import Label

TEXT = (
    "42 % of the training loss comes from 3 % of the items, and 47 of those 54 are suspected labels nobody has judged: "
    "review these first."
)
REMEDIES = [
    RemedyShown("Review the queue", "", "", "label errors matter more than any knob here"),
    RemedyShown("Weight averaging", "0", "0.99", "averaged weights follow noise less, and fewer items break"),
    RemedyShown("Suspects", "soft targets", "left out", "until the suspects are reviewed"),
]


def is_whole(card: DiagnosisCard) -> bool:
    parts: list[QWidget] = [part for part in card.findChildren(QWidget) if part.isVisible() and part.parent() is card]
    places = [QRect(part.mapTo(card, QPoint(0, 0)), part.size()) for part in parts]
    apart = not any(one.intersects(other) for i, one in enumerate(places) for other in places[:i])
    wrapped = [part for part in parts if isinstance(part, Label) and part.wordWrap()]
    whole = all(part.height() >= part.heightForWidth(part.width()) for part in wrapped)
    return len(wrapped) == 2 and apart and whole and all(card.rect().contains(place) for place in places)


@pytest.mark.parametrize(("wide", "high"), [(447, 550), (700, 700), (1000, 780)])
def test_a_diagnosis_is_whole_and_lies_over_nothing_however_small_the_window_is(wide: int, high: int, qtbot: QtBot) -> None:
    """At the smallest size its sentence lost its first and last line, and the note lay over the remedies."""
    view = RunView(Kind.IMAGE, "multiclass")
    qtbot.addWidget(view)
    view._stack.setCurrentIndex(0)
    view.show_finding(("Limited by label errors", TEXT, REMEDIES))
    view.resize(wide, high)
    view.show()
    qtbot.waitExposed(view)
    qtbot.waitUntil(lambda: is_whole(view.diagnosis), timeout=2000)  # layouts settle in turns
    view.close()
