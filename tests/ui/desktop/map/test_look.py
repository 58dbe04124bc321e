"""What the map shows: its view, its colours and legend, the hovered item, and why there is no map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from badcase.maps.raster import Mark
from badcase.project import Project
from badcase.ui.desktop.look.theme import apply_theme, tokens
from badcase.ui.desktop.map.colouring import Colouring, Sort, colouring, colourings
from badcase.ui.desktop.map.legend import MOST_ROWS, Legend
from badcase.ui.desktop.map.map_ground import GroundState
from badcase.ui.desktop.map.map_layers import Marked, ink_names, layers_of
from badcase.ui.desktop.review.filtering.filters import Filter
from tests.ui.desktop.map.conftest import OnMap, Show, child

NONE = np.empty(0, np.int64)


def alike(one: QColor, other: QColor) -> bool:
    """Whether two colours are the same but for rounding."""
    parts = [(one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue())]
    return all(abs(here - there) <= 3 for here, there in parts)


def wheel(shown: OnMap, at: QPoint, turned: int) -> None:
    canvas = shown.page.canvas
    event = QWheelEvent(
        QPointF(at),
        QPointF(canvas.mapToGlobal(at)),
        QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_the_wheel_zooms_about_the_pointer_and_a_drag_moves_the_map(shown: OnMap) -> None:
    canvas, item = shown.page.canvas, 11
    before = canvas.place(item)
    wheel(shown, before.toPoint(), 240)
    assert canvas.zoom == pytest.approx(1.25**2)
    assert (canvas.place(item) - before).manhattanLength() < 2
    shown.drag([QPoint(200, 200), QPoint(230, 190), QPoint(260, 180)])
    moved = canvas.place(item) - before
    assert abs(moved.x() - 60) < 2 and abs(moved.y() + 20) < 2
    assert shown.selected == set()


def test_keys_move_zoom_and_show_all(shown: OnMap) -> None:
    canvas = shown.page.canvas
    whole, at = canvas.view, canvas.place(3)
    shown.key("Right", "Down")
    assert canvas.place(3) == at - QPointF(80, 80)
    shown.key("+", "+", "-")
    assert canvas.zoom == pytest.approx(1.25)
    shown.key("F")
    assert canvas.view == whole
    QTest.mouseClick(child(shown.page, "zoom-stack").nearer, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert canvas.zoom == pytest.approx(1.25)


def test_tab_goes_through_the_clusters_and_then_on_to_the_rest_of_the_page(shown: OnMap) -> None:
    canvas, seen = shown.page.canvas, []
    assert len(canvas.clusters) > 1
    for _time in canvas.clusters:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert canvas.at_cluster is not None
        seen.append(canvas.at_cluster)
        assert canvas.accessibleDescription() == shown.page.centre.names.name_of(canvas.at_cluster)
    assert len({id(one) for one in seen}) == len(canvas.clusters)
    shown.key("Ctrl+A")
    passing = shown.page.points.choosable
    assert shown.selected == {item for item in seen[-1].items.tolist() if passing[item]}
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert canvas.at_cluster is None and QApplication.focusWidget() is not shown.page


def test_the_pointer_shows_the_item_under_it(shown: OnMap) -> None:
    canvas = shown.page.canvas
    shown.point(20)
    assert (canvas.place(canvas.hover) - canvas.place(20)).manhattanLength() < 4
    assert shown.session.project.items.key(canvas.hover) in canvas.accessibleDescription()
    assert canvas.grab().toImage() != _without_hover(shown)


def _without_hover(shown: OnMap) -> object:
    shown.page.canvas._set_hover(-1)
    return shown.page.canvas.grab().toImage()


def test_a_point_has_the_colour_of_its_class_in_both_themes(shown: OnMap, qapp: QApplication) -> None:
    page = shown.page
    facts = page.reviewer.facts
    page.reviewer.facts = replace(facts, flagged=np.zeros(facts.n, np.bool_))  # else rings lie over them
    page._on_listed()
    for theme in ("light", "dark"):
        apply_theme(qapp, theme)
        image = page.canvas.draw_points()
        for item in (0, 30, 60):
            at = page.canvas.place(item)
            wanted = tokens().classes[int(page.reviewer.facts.given[item])]
            found = QColor(image.pixelColor(int(at.x()), int(at.y())))
            near = [image.pixelColor(int(at.x()) + dx, int(at.y()) + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
            assert any(one.alpha() > 90 and alike(one, wanted) for one in [found, *near]), (theme, item)
    apply_theme(qapp, "light")


def test_a_class_has_the_colour_that_a_person_gave_it(show: Show, project: Project) -> None:
    """Of six that are given five are shown: a picture has room for no more beside those of the places."""
    given = [f"#0000{number}0" for number in range(1, 7)]
    facts = replace(show(project).page.reviewer.facts, classes=[*"abcdefgh"], colours=["", *given, given[0]])
    made = colouring("given", facts, NONE)
    assert [one.ink for one in made.sorts[:8]] == ["classes.0", *given[:5], "classes.6", given[0]]
    project.class_edits.apply(project.class_edits.colour(project.classes[0], "#ff00aa"))
    shown = show(project)
    shown.wait_ready()
    at, image = shown.page.canvas.place(0), shown.page.canvas.draw_points()
    near = [image.pixelColor(int(at.x()) + dx, int(at.y()) + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    assert project.given[0] == 0 and any(one.alpha() > 90 and alike(one, QColor("#ff00aa")) for one in near)


def test_a_click_on_the_legend_filters_and_ctrl_adds(shown: OnMap) -> None:
    row = child(shown.page, "legend-1")
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert shown.page.reviewer.worklist.filter.given == (1,)
    given = shown.page.reviewer.facts.given
    assert np.array_equal(shown.page.points.passing, given == 1)
    QTest.mouseClick(child(shown.page, "legend-2"), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
    assert shown.page.reviewer.worklist.filter.given == (1, 2)
    n = int(np.isin(given, (1, 2)).sum())
    assert child(shown.page, "map-count").text().startswith(f"{n} of {len(given)} images pass")  # type: ignore[attr-defined]
    child(shown.page, "legend-1").setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(child(shown.page, "legend-1"), Qt.Key.Key_Space)
    assert shown.page.reviewer.worklist.filter.given == (1,)


def test_every_colouring_tells_its_items_and_its_sorts_ask_for_them(shown: OnMap) -> None:
    facts = shown.page.reviewer.facts
    names = colourings(facts)
    assert {"given", "suggested", "label", "status", "suggestion", "split", "reason", "suspicion", "confidence"} <= set(names)
    for name in names:
        made = colouring(name, facts, NONE)
        assert made.of.shape == (facts.n,) and made.of.max() < len(made.sorts)
        for place, sort in enumerate(made.sorts):
            if sort.choose is not None:
                wanted = sort.choose(Filter(), False)
                assert sort.chosen(wanted), (name, sort.name)
                passing = wanted.passing(facts)
                here = made.of == place
                assert (passing == here).all() if name not in ("split", "reason") else (passing >= here)[~facts.gold].all()
        shown.page.points.colour(name)
        assert shown.page.canvas.draw_points().width() > 100


def test_what_was_drawn_at_random_shows_nothing_of_what_the_model_says(shown: OnMap) -> None:
    facts = shown.page.reviewer.facts
    differs = np.flatnonzero(facts.suggested != facts.given)[:3]
    assert (colouring("suggested", facts, differs).of[differs] == facts.given[differs]).all()
    for name in ("suspicion", "suggestion"):
        assert (colouring(name, facts, differs).of[differs] == -1).all()


def test_what_has_no_label_is_a_hollow_ring_and_never_the_last_class(shown: OnMap) -> None:
    facts = shown.page.reviewer.facts
    given = facts.given.copy()
    given[:7] = -1
    made = colouring("given", replace(facts, given=given), NONE)
    assert made.sorts[-1].shape is Mark.RING and (made.of[:7] == len(made.sorts) - 1).all()
    every = np.ones(facts.n, np.bool_)
    assert shown.page.canvas.field is not None
    layers = layers_of(shown.page.canvas.field, made, Marked(every, ~every, ~every))
    assert sum(len(layer.field) for layer in layers if layer.shape is Mark.RING) == 7


def test_above_forty_classes_only_those_that_are_asked_for_have_a_colour() -> None:
    sorts = [Sort(f"class {n}", f"classes.{n % 8}") for n in range(60)]
    made = Colouring(sorts, np.arange(60), grey=True)
    assert ink_names(made, ()) == ["line2", "given", "accent"]
    assert ink_names(made, {7, 31}) == ["line2", "given", "accent", "classes.0", "classes.1"]


def test_without_a_prediction_the_page_says_what_to_do(show: Show, bare: Project) -> None:
    on = show(bare)
    assert on.page.ground.state is GroundState.NONE
    button = child(on.page, "empty_state_button")
    assert button.isVisible()
    assert on.page.canvas.isHidden()


def test_a_map_that_cannot_be_made_says_why_and_is_tried_again(show: Show, project: Project) -> None:
    assert project.predictions.current is not None
    file = project.predictions.current.folder / "embeddings.npy"
    whole = file.read_bytes()
    file.write_bytes(b"damaged")
    on = show(project)
    on.bot.waitUntil(lambda: on.page.ground.state is GroundState.FAILED)
    assert "cannot be read" in on.page.ground.failure
    file.write_bytes(whole)
    QTest.mouseClick(child(on.page, "empty_state_button"), Qt.MouseButton.LeftButton)
    on.bot.waitUntil(lambda: on.page.ground.state is GroundState.READY)
    assert on.page.canvas.isVisible()


def test_similar_items_come_nearest_first_and_are_a_selection_with_one_key(shown: OnMap) -> None:
    canvas = shown.page.canvas
    shown.point(20)
    asked = canvas.hover
    shown.key("S")
    shown.bot.waitUntil(lambda: shown.page.search.asked.tolist() == [asked])
    similar = shown.page.side.similar
    assert similar.isVisible() and similar.title == "24 like this one"
    results = similar.shown
    predictions = shown.session.project.predictions.current
    assert predictions is not None
    cosines = predictions.directions(results) @ predictions.directions(np.array([asked]))[0]
    assert (np.diff(cosines) <= 1e-6).all() and asked not in results
    assert np.array_equal(canvas.found, results)
    similar.slider.setValue(100)
    assert len(similar.shown) == 0 and not similar.take.isEnabled()
    similar.slider.setValue(int(100 * cosines[9]))
    chosen = set(similar.shown.tolist())
    shown.key("A")
    assert shown.selected == chosen and len(chosen) >= 10
    assert not len(shown.page.search.asked) and not len(canvas.found)
    shown.key("Escape", "S")
    canvas._set_hover(-1)


def test_the_view_stays_where_it_is_when_the_window_grows(shown: OnMap) -> None:
    canvas = shown.page.canvas
    canvas.zoom_by(3)
    middle = canvas.view.point(canvas.width() / 2, canvas.height() / 2)
    shown.page.window().resize(1600, 900)
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    assert canvas.view.point(canvas.width() / 2, canvas.height() / 2) == pytest.approx(middle, abs=1e-6)


class Windows(QObject):
    """The widgets that come up as windows."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


def test_a_legend_of_many_classes_is_no_window_that_takes_the_focus(qtbot: QtBot, qapp: QApplication) -> None:
    """It came up as one for a moment, and after it no key reached the map."""
    page, legend, seen = QWidget(), Legend(), Windows()
    qtbot.addWidget(page)
    QVBoxLayout(page).addWidget(legend)
    page.show()
    qapp.installEventFilter(seen)
    try:
        for many in (MOST_ROWS + 3, 2, MOST_ROWS + 1):
            legend.show_sorts([Sort(f"class {n}", "classes.0") for n in range(many)], np.ones(many, np.int64))
    finally:
        qapp.removeEventFilter(seen)
    more = legend.findChild(QLabel, "legend-more")
    assert seen.shown == [] and more is not None and more.text() == "1 more"
