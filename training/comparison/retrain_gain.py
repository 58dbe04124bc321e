"""The gain to expect from retraining now, as the last refit measured it; kept beside the prediction set. No torch."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from badcase.i18n import _, plural
from badcase.store.atomic_files import write_whole
from badcase.training.comparison.mcnemar import ComparisonOutcome, decide, interval, mid_p

if TYPE_CHECKING:
    from pathlib import Path

    from badcase.project import Project

_FILE = "gain.json"


@dataclass(frozen=True, slots=True)
class Gain:
    """A linear head under the labels of `revision` against one under those of `base`, which the model in use learnt from.

    Attributes:
        base: The revision that the model in use learnt.
        revision: The revision now.
        items: Validation items that both were asked about, and neither had seen.
        fixed: Only the new head is right.
        broke: Only the old one is.
    """

    base: int
    revision: int
    items: int
    fixed: int
    broke: int

    @property
    def difference(self) -> float:
        """Of accuracy, new less old."""
        return (self.fixed - self.broke) / self.items

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval of the difference."""
        return interval(self.fixed, self.broke, self.items)[0]

    @property
    def high(self) -> float:
        return interval(self.fixed, self.broke, self.items)[1]

    @property
    def sure(self) -> bool:
        """Beyond what chance explains."""
        return decide(self.difference, mid_p(self.fixed, self.broke)) in (ComparisonOutcome.BETTER, ComparisonOutcome.WORSE)

    @property
    def expected(self) -> bool:
        return self.sure and self.difference > 0

    @property
    def sentence(self) -> str:
        """For people; it promises nothing where the interval says nothing."""
        points = _("{difference:+.1f} points ({low:+.1f} to {high:+.1f})").format(
            difference=100 * self.difference, low=100 * self.low, high=100 * self.high
        )
        if not self.sure:
            return plural(
                "Retraining shows no gain yet: {points} on {n} validation item.",
                "Retraining shows no gain yet: {points} on {n} validation items.",
                self.items,
            ).format(points=points, n=self.items)
        if self.difference < 0:
            return _("Retraining now may cost about {n} of {items} validation items: {points}.").format(
                n=self.broke - self.fixed, items=self.items, points=points
            )
        return _("Retraining now is expected to fix about {n} of {items} validation items: {points}.").format(
            n=self.fixed - self.broke, items=self.items, points=points
        )


def measured(base: int, revision: int, before: np.ndarray, after: np.ndarray) -> Gain:
    """From whether each item (n,) was answered rightly by the old head and by the new one."""
    return Gain(base, revision, len(before), int((~before & after).sum()), int((before & ~after).sum()))


def base_revision(project: Project) -> int:
    """The journal's revision that the model in use has learnt from."""
    run = project.runs.current
    return 0 if run is None else run.revision


def save_gain(project: Project, gain: Gain) -> None:
    """Keep it beside the prediction set, where that can be written to."""
    assert project.predictions.current is not None
    with suppress(OSError), project.caching() as may_keep:
        if may_keep:
            with write_whole(project.predictions.current.folder / _FILE, durable=False) as temporary:
                temporary.write_text(json.dumps(asdict(gain)), encoding="utf-8")


def saved_gain(project: Project) -> Gain | None:
    """As it was measured last for the model in use; None where it was not."""
    path: Path | None = None if project.predictions.current is None else project.predictions.current.folder / _FILE
    if path is None or not path.exists():
        return None
    try:
        gain = Gain(**json.loads(path.read_text(encoding="utf-8")))
        said = gain.sentence if gain.items > 0 else ""
    except (OSError, ValueError, TypeError):  # a damaged file says nothing; the next refit writes it anew
        return None
    return gain if said and gain.base == base_revision(project) else None
