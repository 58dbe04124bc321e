"""Every action of the map page, with its keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from badcase.i18n import _
from badcase.ui.desktop.map.canvas import MapCanvas, Tool
from badcase.ui.desktop.review.shortcuts import ReviewAction
from badcase.ui.desktop.review.state.class_choices import DIGITS
from badcase.ui.desktop.review.state.review_desk import ReviewDesk

_STEP = 80  # pixels of an arrow key


@dataclass(frozen=True, slots=True)
class MapControls:
    """What the keys act on, and what only the page as a whole can do."""

    desk: ReviewDesk
    canvas: MapCanvas
    use: Callable[[Tool], None]
    similar: Callable[[], None]
    why_not_similar: Callable[[], str]
    grow: Callable[[], None]
    paste: Callable[[], None]
    why_not_paste: Callable[[], str]
    fill: Callable[[], None]
    why_not_fill: Callable[[], str]
    select_near: Callable[[], None]
    to_grid: Callable[[], None]
    type_class: Callable[[], None]
    digit: Callable[[str], None]
    escape: Callable[[], object]
    begin_filter: Callable[[], None]


def map_actions(on: MapControls) -> list[ReviewAction]:
    """What the keys do, in the order of the palette."""
    groups = {_("Decide"): _deciding(on), _("Select"): _selecting(on), _("Move"): _moving(on)}
    return [replace(action, group=group) for group, actions in groups.items() for action in actions]


def _deciding(on: MapControls) -> list[ReviewAction]:
    """The keys of Review, on the selection alone: no other item is seen here."""
    reviewer, verdicts, project = on.desk.reviewer, on.desk.verdicts, on.desk.session.project

    def nothing() -> str:
        return "" if reviewer.worklist.selected.any() else _("Nothing is selected")

    def no_suggestion() -> str:
        return nothing() or ("" if reviewer.facts.ranked or reviewer.edit else _("No model has looked at the items yet"))

    def no_proposal() -> str:
        return nothing() or ("" if verdicts.first_proposals() else _("No machine proposes anything for this item"))

    def undo_why() -> str:
        return "" if project.journal.undo_title else _("There is nothing to undo")

    def redo_why() -> str:
        return "" if project.journal.redo_title else _("There is nothing to redo")

    def named(digit: str) -> str:
        label = on.desk.label_of(digit) if not nothing() else None
        return _("Label as “{name}”").format(name=reviewer.facts.classes[label]) if label is not None else ""

    def digit_why(digit: str) -> str:
        return nothing() or ("" if on.desk.label_of(digit) is not None else _("No class has this digit now"))

    digits = [
        ReviewAction(
            _("Give the class with the digit {digit}").format(digit=digit),
            (digit,),
            lambda digit=digit: on.digit(digit),  # type: ignore[misc]
            why_not=lambda digit=digit: digit_why(digit),  # type: ignore[misc]
            named=lambda digit=digit: named(digit),  # type: ignore[misc]
            series=_("Give a class"),
        )
        for digit in DIGITS
    ]
    return [
        ReviewAction(_("Accept the suggestions"), ("Return", "Enter"), verdicts.accept, "check", why_not=no_suggestion),
        ReviewAction(_("Keep the given labels"), ("Space",), verdicts.keep, "ring", why_not=nothing),
        ReviewAction(
            _("Take what machines propose"), ("Shift+Return", "Shift+Enter"), verdicts.take_proposal, "model", why_not=no_proposal
        ),
        ReviewAction(_("Exclude"), ("E",), verdicts.exclude, "barred", why_not=nothing),
        ReviewAction(_("Mark unsure"), ("U",), verdicts.mark_unsure, "question", why_not=nothing),
        ReviewAction(_("Undo"), ("Z", "Ctrl+Z"), verdicts.undo, "undo", why_not=undo_why),
        ReviewAction(_("Redo"), ("Shift+Z", "Ctrl+Shift+Z", "Ctrl+Y"), verdicts.redo, "redo", why_not=redo_why),
        ReviewAction(_("Type a class"), ("/",), on.type_class, "search", why_not=nothing),
        *digits,
    ]


def _selecting(on: MapControls) -> list[ReviewAction]:
    selected = on.desk.reviewer.worklist

    def no_map() -> str:
        return "" if on.canvas.field is not None else _("There is no map yet")

    def nothing() -> str:
        return no_map() or ("" if selected.selected.any() else _("Nothing is selected"))

    return [
        ReviewAction(_("Select with a lasso"), ("L",), lambda: on.use(Tool.LASSO), "lasso", why_not=no_map),
        ReviewAction(_("Select with a box"), ("B",), lambda: on.use(Tool.BOX), "box", why_not=no_map),
        ReviewAction(_("Find similar items"), ("S",), on.similar, "similar", why_not=on.why_not_similar),
        ReviewAction(_("Find what is like the clipboard"), ("Ctrl+V",), on.paste, "similar", why_not=on.why_not_paste),
        ReviewAction(_("Grow the selection by nearest"), ("W",), on.grow, "hub", why_not=nothing),
        ReviewAction(_("Select all like these"), ("A",), on.fill, "similar", why_not=on.why_not_fill),
        ReviewAction(_("Select the cluster, or all in view"), ("Ctrl+A",), on.select_near, "check", why_not=no_map),
        ReviewAction(_("Show in the grid"), ("G",), on.to_grid, "grid"),
        ReviewAction(_("Add a filter"), ("Ctrl+F",), on.begin_filter, "filter"),
        ReviewAction(_("Leave the tool, clear the selection or the filter"), ("Esc",), on.escape, "cross"),
    ]


def _moving(on: MapControls) -> list[ReviewAction]:
    canvas = on.canvas
    ways = {
        "Left": (_("Move the map left"), (_STEP, 0)),
        "Right": (_("Move the map right"), (-_STEP, 0)),
        "Up": (_("Move the map up"), (0, _STEP)),
        "Down": (_("Move the map down"), (0, -_STEP)),
    }
    pans = [
        ReviewAction(title, (key,), lambda by=by: canvas.pan(*by), repeats=True, series=_("Move the map"))  # type: ignore[misc]
        for key, (title, by) in ways.items()
    ]
    return [
        *pans,
        ReviewAction(_("Zoom in"), ("+", "="), canvas.zoom_in, "plus", repeats=True),
        ReviewAction(_("Zoom out"), ("-",), canvas.zoom_out, "minus", repeats=True),
        ReviewAction(_("Show the whole map"), ("F",), canvas.fit, "empty"),
        ReviewAction(_("Go to the next cluster"), ("Tab",), lambda: canvas.step_cluster(1), "map", repeats=True),
        ReviewAction(_("Go to the cluster before"), ("Shift+Tab",), lambda: canvas.step_cluster(-1), "map", repeats=True),
    ]
