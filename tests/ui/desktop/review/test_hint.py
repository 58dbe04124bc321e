"""A hint at why: off until it is asked for, made in the worker, named a hint, kept, and gone with the item."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor

from badcase.project import Project
from badcase.ui.desktop.review.filtering.filters import Filter, Pile
from badcase.ui.desktop.review.item.why_hint import heat_image
from tests.badcase.prediction.projects import predicted_images, text_project
from tests.ui.desktop.review.conftest import Show, Shown, close_sessions

WAIT_MS = 60_000


@pytest.fixture
def images(tmp_path: Path) -> Iterator[Project]:
    with predicted_images(tmp_path, 30) as made:
        made.rank()
        yield made
        close_sessions(made)


@pytest.fixture
def texts(tmp_path: Path) -> Iterator[Project]:
    with text_project(tmp_path) as made:
        made.predict("chargrams")
        made.rank()
        yield made
        close_sessions(made)


def told_item(shown: Shown) -> None:
    """Stand at an item of which the model's view may be shown."""
    shown.page.reviewer.show(Filter(queue=Pile.ALL))
    blind = shown.page.reviewer.all_blind()
    rows = shown.page.reviewer.worklist.rows
    shown.page.reviewer.open_item(int(rows[~np.isin(rows, blind)][0]))


def test_parts_of_an_image_are_coloured_when_asked_for_and_the_hint_goes_with_the_item(show: Show, images: Project) -> None:
    shown = show(images)
    told_item(shown)
    view, item = shown.page.centre.image, shown.current
    assert view.hint == ""
    shown.key("H")
    shown.bot.waitUntil(lambda: view.hint != "", timeout=WAIT_MS)
    assert "no proof" in view.hint and view._over is not None and (view._over.width(), view._over.height()) == (8, 8)
    predictions = images.predictions.current
    assert predictions is not None and len(list(predictions.folder.glob(f"hint-occlusion-{item}-*"))) == 1
    shown.key("H")
    assert view.hint == "" and view._over is None
    shown.key("H")
    assert view.hint, "what was found is kept, and there at once"
    shown.key("Right")
    assert view.hint == "" and view._over is None


def test_words_of_a_text_are_marked_for_both_sides(show: Show, texts: Project) -> None:
    shown = show(texts)
    told_item(shown)
    sheet = shown.page.centre.text
    shown.key("H")
    shown.bot.waitUntil(lambda: sheet.hinted, timeout=WAIT_MS)
    assert sheet.shown_marks
    text = texts.items.text(shown.current)
    assert all(0 <= mark.start < mark.end <= len(text) for mark in sheet.shown_marks)
    assert "no proof" in sheet.toolTip()


def test_without_a_model_the_key_says_why(shown: Shown, project: Project) -> None:
    told: list[str] = []
    predictions = project.predictions.current
    assert predictions is not None
    predictions.meta["model"] = None  # as of predictions that were brought from a file
    shown.session.toast.connect(lambda text, _key: told.append(text))
    shown.key("H")
    assert told and "No model" in told[-1] and shown.page.centre.image.hint == ""


def test_what_weighs_little_is_left_clear_and_sides_have_their_colours() -> None:
    blue, brown = QColor("#1B5CBE"), QColor("#855600")
    image = heat_image(np.array([[1.0, 0.01], [-0.5, 0.0]], np.float32), blue, brown)
    assert image.pixelColor(1, 0).alpha() == image.pixelColor(1, 1).alpha() == 0
    assert image.pixelColor(0, 0).alpha() == 2 * image.pixelColor(0, 1).alpha() > 0
    assert image.pixelColor(0, 0).rgb() & 0xFFFFFF == blue.rgb() & 0xFFFFFF
    assert image.pixelColor(0, 1).rgb() & 0xFFFFFF == brown.rgb() & 0xFFFFFF
