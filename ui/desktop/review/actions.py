"""Every action of the review page, with its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from badcase.attribution.of_item import HintMethod, methods_for
from badcase.groups.of_project import GroupKind
from badcase.i18n import _
from badcase.ui import wording
from badcase.ui.desktop.pictures.item_faces import ProjectFaces
from badcase.ui.desktop.review.item.centre import Centre
from badcase.ui.desktop.review.item.codebook_lines import is_described
from badcase.ui.desktop.review.item.nothing_to_review import WayOut
from badcase.ui.desktop.review.item.why_hint import WhyHint
from badcase.ui.desktop.review.queue.group_lists import GroupLists
from badcase.ui.desktop.review.shortcuts import ReviewAction
from badcase.ui.desktop.review.state.class_choices import DIGITS
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.review.state.verdict_keys import Verdicts


@dataclass(frozen=True, slots=True)
class ReviewControls:
    """What the keys act on: the state and the parts of the page, and what only the page as a whole can do."""

    reviewer: ReviewState
    verdicts: Verdicts
    groups: GroupLists
    centre: Centre
    faces: ProjectFaces
    begin_filter: Callable[[], None]
    name_filter: Callable[[], None]
    type_class: Callable[[], None]
    class_of: Callable[[str], str | None]  # the name of the class that a digit gives now
    digit: Callable[[str], None]
    toggle_around: Callable[[], None]
    escape: Callable[[], object]
    toggle_book: Callable[[], None]
    new_class: Callable[[], None]
    hint: WhyHint
    compare: Callable[[], None]
    why_not_compare: Callable[[], str]


def review_actions(on: ReviewControls) -> list[ReviewAction]:
    """What the keys do, in the order of the palette."""
    looks = [*_views(on), *(_for_texts(on) if on.faces.is_text else _for_images(on))]
    return [
        *_under(_("Decide"), [*_verdicts(on), *_digits(on), *_class_keys(on)]),
        *_under(_("Move"), _moves(on)),
        *_under(_("Look closer"), looks),
        *_under(_("Find"), _finding(on)),
        *_under(_("Many at once"), _selecting(on)),
        *_under(_("Groups and reviewers"), _grouping(on)),
    ]


def _under(group: str, actions: Sequence[ReviewAction]) -> list[ReviewAction]:
    return [replace(action, group=group) for action in actions]


def _verdicts(on: ReviewControls) -> list[ReviewAction]:
    reviewer, verdicts, project = on.reviewer, on.verdicts, on.reviewer.session.project
    several = reviewer.facts.several

    def nothing() -> str:
        return "" if reviewer.targets() else _("There is no item to judge")

    def no_suggestion() -> str:
        known = reviewer.facts.ranked or bool(reviewer.edit)
        return nothing() or ("" if known else _("No model has looked at the items yet"))

    def no_new_class() -> str:
        if several:
            return _("Where items have several labels, a new one is added in Data, Classes, and then turned on")
        return nothing()

    def no_proposal() -> str:
        return nothing() or ("" if verdicts.first_proposals() else _("No machine proposes anything for this item"))

    def no_given() -> str:
        return nothing() or ("" if reviewer.with_given() else _("There is no label to keep"))

    def undo_why() -> str:
        return "" if project.journal.undo_title else _("There is nothing to undo")

    def redo_why() -> str:
        return "" if project.journal.redo_title else _("There is nothing to redo")

    return [
        ReviewAction(
            _("Write the labels") if several else _("Accept the suggestion"),
            ("Return", "Enter"),
            verdicts.accept,
            "check",
            why_not=no_suggestion,
        ),
        ReviewAction(
            _("Keep the given labels") if several else _("Keep the given label"),
            ("Space",),
            verdicts.keep,
            "ring",
            why_not=no_given,
        ),
        ReviewAction(
            _("Take what a machine proposes"),
            ("Shift+Return", "Shift+Enter"),
            verdicts.take_proposal,
            "model",
            why_not=no_proposal,
        ),
        ReviewAction(_("Exclude"), ("E",), verdicts.exclude, "barred", why_not=nothing),
        ReviewAction(_("Mark unsure"), ("U",), verdicts.mark_unsure, "question", why_not=nothing),
        ReviewAction(_("Undo"), ("Z", "Ctrl+Z"), verdicts.undo, "undo", why_not=undo_why),
        ReviewAction(_("Redo"), ("Shift+Z", "Ctrl+Shift+Z", "Ctrl+Y"), verdicts.redo, "redo", why_not=redo_why),
        ReviewAction(_("Type a label") if several else _("Type a class"), ("/",), on.type_class, "search", why_not=nothing),
        ReviewAction(_("Label as a new class…"), ("N",), on.new_class, "plus", why_not=no_new_class),
    ]


def _digits(on: ReviewControls) -> list[ReviewAction]:
    """A digit gives the class that it stands beside; the palette calls the class by its name."""
    several = on.reviewer.facts.several

    def why_not(digit: str) -> str:
        return "" if on.class_of(digit) else _("No class has this digit now")

    def named(digit: str) -> str:
        name = on.class_of(digit)
        words = _("Turn “{name}” on or off") if several else _("Label as “{name}”")
        return words.format(name=name) if name else ""

    title = _("Turn a label on or off with digit {digit}") if several else _("Label with digit {digit}")
    return [
        ReviewAction(
            title.format(digit=digit),
            (digit,),
            partial(on.digit, digit),
            why_not=partial(why_not, digit),
            named=partial(named, digit),
            series=_("Turn a label on or off") if several else _("Choose a class"),
        )
        for digit in DIGITS
    ]


def _class_keys(on: ReviewControls) -> list[ReviewAction]:
    """The keys that a person gave to classes in Data."""
    several = on.reviewer.facts.several
    words = _("Turn “{name}” on or off") if several else _("Label as “{name}”")
    return [
        ReviewAction(
            words.format(name=one.name),
            (one.key,),
            partial(on.verdicts.answer, label),
            why_not=lambda: "" if on.reviewer.targets() else _("There is no item to judge"),
        )
        for label, one in enumerate(on.reviewer.session.project.class_edits.all())
        if one.key
    ]


def _moves(on: ReviewControls) -> list[ReviewAction]:
    move, centre = on.reviewer.move, on.centre
    last = 1 << 40
    return [
        ReviewAction(_("Next item"), ("Right", "J"), lambda: move(lambda rows: rows.step(1)), repeats=True),
        ReviewAction(_("Previous item"), ("Left", "K"), lambda: move(lambda rows: rows.step(-1)), repeats=True),
        ReviewAction(_("First item"), ("Home",), lambda: move(lambda rows: rows.stand(0))),
        ReviewAction(_("Last item"), ("End",), lambda: move(lambda rows: rows.stand(last))),
        ReviewAction(_("A row down"), ("Down",), lambda: centre.step_line(1), repeats=True),
        ReviewAction(_("A row up"), ("Up",), lambda: centre.step_line(-1), repeats=True),
        ReviewAction(_("A page down"), ("PgDown",), lambda: centre.step_page(1), repeats=True),
        ReviewAction(_("A page up"), ("PgUp",), lambda: centre.step_page(-1), repeats=True),
    ]


def _views(on: ReviewControls) -> list[ReviewAction]:
    centre = on.centre

    def undescribed() -> str:
        said = is_described(on.reviewer.session.project)
        return "" if said else _("Nobody has said what the classes mean: Data, Classes")

    return [
        ReviewAction(_("Grid or focus"), ("G",), centre.toggle_grid, "grid"),
        ReviewAction(_("Compare with its twin or the nearest items"), ("C",), on.compare, "sheets", why_not=on.why_not_compare),
        ReviewAction(_("Show or fold away what the class means"), ("I",), on.toggle_book, "info", why_not=undescribed),
        ReviewAction(_("Fit"), ("F",), centre.fit, "focus"),
        ReviewAction(_("Zoom in"), ("+", "="), lambda: centre.zoom(1), "plus", repeats=True),
        ReviewAction(_("Zoom out"), ("-",), lambda: centre.zoom(-1), repeats=True),
        ReviewAction(_("Hide the panels around the item"), ("F11",), on.toggle_around, "focus"),
    ]


def _for_images(on: ReviewControls) -> list[ReviewAction]:
    centre, step = on.centre, 60

    def there() -> str:
        return "" if centre.missing is not None else _("The image is where it should be")

    return [
        *_hints(on),
        ReviewAction(_("Pixels as squares"), ("P",), centre.image.toggle_nearest, "image"),
        ReviewAction(
            _("Move the image left"), ("Shift+Left",), lambda: centre.pan(step, 0), repeats=True, series=_("Move the image")
        ),
        ReviewAction(
            _("Move the image right"), ("Shift+Right",), lambda: centre.pan(-step, 0), repeats=True, series=_("Move the image")
        ),
        ReviewAction(
            _("Move the image up"), ("Shift+Up",), lambda: centre.pan(0, step), repeats=True, series=_("Move the image")
        ),
        ReviewAction(
            _("Move the image down"), ("Shift+Down",), lambda: centre.pan(0, -step), repeats=True, series=_("Move the image")
        ),
        ReviewAction(_("Locate the data"), ("Ctrl+L",), lambda: centre.way_out.emit(WayOut.LOCATE), "folder", why_not=there),
    ]


def _hints(on: ReviewControls) -> list[ReviewAction]:
    """What the answer hangs on, by each method that there is for such items."""
    titles = {
        HintMethod.OCCLUSION: (_("Hint: which parts the answer hangs on"), "H"),
        HintMethod.GRAD_CAM: (_("Hint: where the convolutions looked"), "Shift+H"),
        HintMethod.LEFT_OUT_WORDS: (_("Hint: which words the answer hangs on"), "H"),
    }
    return [
        ReviewAction(title, (key,), lambda method=method: on.hint.toggle(method), "info", why_not=on.hint.why_not)  # type: ignore[misc]
        for method, (title, key) in titles.items()
        if method in methods_for(on.reviewer.session.project.kind)
    ]


def _for_texts(on: ReviewControls) -> list[ReviewAction]:
    centre, step = on.centre, 60
    marks = [ReviewAction(_("Mark words"), ("M",), centre.toggle_marks, "text")] if on.faces.counts_words else []
    return [
        *marks,
        *_hints(on),
        ReviewAction(_("Copy the text"), ("Ctrl+C",), centre.copy_text, "copy"),
        ReviewAction(
            _("Extend the selection left"),
            ("Shift+Left",),
            lambda: centre.pan(step, 0),
            repeats=True,
            series=_("Extend the selection"),
        ),
        ReviewAction(
            _("Extend the selection right"),
            ("Shift+Right",),
            lambda: centre.pan(-step, 0),
            repeats=True,
            series=_("Extend the selection"),
        ),
        ReviewAction(
            _("Extend the selection up"),
            ("Shift+Up",),
            lambda: centre.pan(0, step),
            repeats=True,
            series=_("Extend the selection"),
        ),
        ReviewAction(
            _("Extend the selection down"),
            ("Shift+Down",),
            lambda: centre.pan(0, -step),
            repeats=True,
            series=_("Extend the selection"),
        ),
    ]


def _finding(on: ReviewControls) -> list[ReviewAction]:
    session = on.reviewer.session

    def unranked() -> str:
        return "" if on.reviewer.facts.ranked else _("No model has looked at the items yet")

    def nothing_to_draw() -> str:
        left = session.errors_left
        return unranked() or ("" if left is not None and left.to_check else _("Every item is reviewed."))

    def check_named() -> str:
        left = session.errors_left
        return wording.random_check_title(left) if left is not None else ""

    def no_filter() -> str:
        shown = on.reviewer.worklist.filter
        return "" if shown.narrow and shown.listed is None else _("No filter is set")

    return [
        ReviewAction(_("Add a filter"), ("Ctrl+F",), on.begin_filter, "filter"),
        ReviewAction(_("Save this filter…"), ("Ctrl+S",), on.name_filter, "star", why_not=no_filter),
        ReviewAction(_("Mix in random items to estimate the errors"), (), on.reviewer.toggle_random, "plus", why_not=unranked),
        ReviewAction(
            _("Check items drawn at random"), (), session.check_random, "question", why_not=nothing_to_draw, named=check_named
        ),
        ReviewAction(_("Clear labels, selection or filter"), ("Esc",), on.escape, "cross"),
    ]


def _grouping(on: ReviewControls) -> list[ReviewAction]:
    groups, reviewer = on.groups, on.reviewer

    def unranked() -> str:
        if reviewer.facts.several:
            return _("Groups by class need projects with one label per item")
        return "" if reviewer.facts.ranked else _("No model has looked at the items yet")

    def no_item() -> str:
        return unranked() or ("" if reviewer.current is not None else _("There is no item to start from"))

    return [
        ReviewAction(_("Clusters of errors…"), ("Alt+C",), partial(groups.offer, GroupKind.CLUSTERS), "hub", why_not=unranked),
        ReviewAction(
            _("Slices with wrong labels…"), ("Alt+S",), partial(groups.offer, GroupKind.SLICES), "filter", why_not=unranked
        ),
        ReviewAction(
            _("Slices the model fails on…"), ("Alt+F",), partial(groups.offer, GroupKind.FAILURES), "model", why_not=unranked
        ),
        ReviewAction(_("Confusions…"), ("Alt+P",), partial(groups.offer, GroupKind.CONFUSIONS), "fork", why_not=unranked),
        ReviewAction(_("Duplicates…"), ("Alt+D",), partial(groups.offer, GroupKind.DUPLICATES), "sheets"),
        ReviewAction(_("Sweep this confusion"), ("Alt+W",), partial(groups.sweep, pair=True), "list", why_not=no_item),
        ReviewAction(_("Sweep this given class"), ("Alt+G",), partial(groups.sweep, pair=False), "list", why_not=no_item),
        ReviewAction(_("Disagreements between reviewers"), ("Alt+R",), groups.show_disagreements, "question"),
        ReviewAction(_("Items for a second reviewer"), ("Alt+2",), groups.show_for_second, "question"),
        ReviewAction(_("Agreement and consensus of the reviewers…"), ("Alt+A",), groups.show_consensus, "person"),
    ]


def _selecting(on: ReviewControls) -> list[ReviewAction]:
    select = on.reviewer.select

    def no_alike() -> str:
        item = on.reviewer.current
        if item is None or not new():
            return _("Only items without a label are labelled with all that are like them")
        return "" if len(on.reviewer.alike(item)) > 1 else _("Nothing else without a label is like this item")

    def not_in_grid() -> str:
        return "" if on.centre.in_grid else _("Items can be selected only in the grid (G)")

    def new() -> bool:
        item = on.reviewer.current
        return item is not None and on.reviewer.facts.waits_for_a_label(item)

    def x() -> None:
        (on.centre.toggle_card if on.centre.in_grid else on.verdicts.exclude)()

    def no_x() -> str:
        return "" if new() else not_in_grid()

    def named_x() -> str:
        return _("Select or deselect the card") if on.centre.in_grid or not new() else _("None of these")

    return [
        ReviewAction(
            _("Select all that are not reviewed"),
            ("Ctrl+A",),
            lambda: select(lambda rows: rows.select_all()),
            "check",
            why_not=not_in_grid,
        ),
        ReviewAction(_("Show all like this, to label them at once"), ("A",), partial(_show_alike, on), "hub", why_not=no_alike),
        ReviewAction(_("Select or deselect the card"), ("Ctrl+Space",), on.centre.toggle_card, "check", why_not=not_in_grid),
        ReviewAction(_("Select the card, or none of these"), ("X",), x, "check", why_not=no_x, named=named_x),
    ]


def _show_alike(on: ReviewControls) -> None:
    """The current item and all like it that wait for a label, selected in the grid: one key labels them, one takes it back."""
    reviewer, item = on.reviewer, on.reviewer.current
    assert item is not None
    title = _("All like {key}").format(key=reviewer.session.project.items.key(item))
    reviewer.show_list(reviewer.alike(item).tolist(), title)
    if not on.centre.in_grid:
        on.centre.toggle_grid()
    reviewer.select(lambda listed: listed.select_all())
