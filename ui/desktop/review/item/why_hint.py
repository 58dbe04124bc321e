"""A hint at why the model says what it says of the current item: asked for by a key, made in the worker, and named so."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QImage

from badcase.attribution.of_item import Hint, HintMethod, kept_hint
from badcase.i18n import _
from badcase.ui.desktop.look.theme import tokens
from badcase.ui.desktop.review.item.centre import Centre
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.review.state.word_marks import WordMark

_STRONGEST = 150  # of 255: the image stays visible beneath what weighs most
_LEAST, _WORDS = 0.15, 8  # of the largest weight: below it nothing is marked; words on each side


class WhyHint(QObject):
    """Off until it is asked for, and gone with the item."""

    def __init__(self, reviewer: ReviewState, centre: Centre, parent: QObject) -> None:
        super().__init__(parent)
        self._reviewer, self._centre = reviewer, centre
        self._asked: tuple[int, HintMethod] | None = None  # the item that a hint is shown of, or is on its way for
        for told in (reviewer.moved, reviewer.listed, reviewer.renewed):
            told.connect(self._follow)

    @property
    def shown(self) -> bool:
        """Whether a hint is asked for now."""
        return self._asked is not None

    def why_not(self) -> str:
        """Why nothing can be asked now."""
        reviewer, item = self._reviewer, self._reviewer.current
        predictions = reviewer.session.project.predictions.current
        if item is None or self._centre.in_grid:
            return _("No item is shown alone")
        if predictions is None or not predictions.has_model:
            return _("No model is there that could be asked: predict with one")
        if reviewer.facts.several:
            return _("Hints are for items with one label")
        return _("What the model says of this item is not shown yet") if reviewer.blind(item) else ""

    def toggle(self, method: HintMethod) -> None:
        """Ask what the answer hangs on, or take the hint away."""
        item = self._reviewer.current
        if item is None or self._asked == (item, method):
            self._forget()
            self._centre.show_item()
            return
        self._asked = item, method
        session, (first, second) = self._reviewer.session, self._sides(item)
        kept = kept_hint(session.project, item, method, first, second)
        if kept is not None:
            self._show(kept, first, second)
            return

        def on_done(value: dict[str, Any]) -> None:
            if self._asked == (item, method) and self._reviewer.current == item:
                self._show(Hint.read(value), first, second)

        options: dict[str, Any] = {"item": item, "method": str(method), "first": first, "second": second}
        session.start("hint", title=_("Look for a hint"), done=on_done, stopped=self._forget, **options)

    def _follow(self) -> None:
        """The list may be told anew without another item being shown, as when a job has ended."""
        if self._asked is not None and self._asked[0] != self._reviewer.current:
            self._forget()

    def _forget(self) -> None:
        self._asked = None

    def _sides(self, item: int) -> tuple[int, int]:
        """The class that is suggested and the given one; the same twice where they agree, or there is one alone."""
        facts = self._reviewer.facts
        suggested, given = int(facts.suggested[item]), int(facts.given[item])
        first = suggested if suggested >= 0 else max(given, 0)
        return first, given if given >= 0 else first

    def _show(self, hint: Hint, first: int, second: int) -> None:
        name, other = (self._reviewer.facts.classes[one] for one in (first, second))
        words = _("a hint, and no proof: blue speaks for {name}, brown for {other}").format(name=name, other=other)
        alone = _("a hint, and no proof: blue speaks for {name}, brown against it").format(name=name)
        said = alone if first == second else words
        if len(hint.words):
            speaks = _("hint, no proof: speaks for “{name}”").format(name=name)
            against = _("against it") if first == second else _("for “{name}”").format(name=other)
            legend = speaks, against, said
            self._centre.text.show_hint(marks_of(hint), legend)
        elif hint.heat.size:
            self._centre.image.show_hint(heat_image(hint.heat, tokens().accent, tokens().given), said)


def heat_image(heat: npt.NDArray[np.float32], above: QColor, below: QColor) -> QImage:
    """A pixel for each place of a grid (h, w), in one colour above zero and in another below, the stronger the less it is seen
    through."""
    most = max(float(np.abs(heat).max()), 1e-12)
    alpha = np.where(np.abs(heat) < _LEAST * most, 0, _STRONGEST * np.abs(heat) / most).astype(np.uint32)
    ink = np.where(heat > 0, above.rgb() & 0xFFFFFF, below.rgb() & 0xFFFFFF).astype(np.uint32)
    pixels = np.ascontiguousarray(alpha << 24 | ink)
    high, wide = heat.shape
    return QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32).copy()


def marks_of(hint: Hint) -> list[WordMark]:
    """The words that weigh most on each side, in the order of the text."""
    most = max((abs(weight) for _start, _end, weight in hint.words), default=0.0)
    marks = []
    for first in (True, False):
        side = [one for one in hint.words if (one[2] > 0) == first and abs(one[2]) >= max(_LEAST * most, 1e-12)]
        strongest = sorted(side, key=lambda one: (-abs(one[2]), one[0]))[:_WORDS]
        marks += [WordMark(start, end, first, abs(weight)) for start, end, weight in strongest]
    return sorted(marks, key=lambda mark: mark.start)
