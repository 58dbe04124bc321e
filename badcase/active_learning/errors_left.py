"""What is told of the wrong labels that nobody has found yet: a number where chance has checked it, else coarse words."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import _, grouped


@dataclass(frozen=True, slots=True)
class ErrorsLeft:
    """The wrong labels among the items without a verdict. Excluded items are no label errors and are not among them.

    Attributes:
        value: The middle.
        low: The lower end of the 90 % interval.
        high: Its upper end.
        known: Whether the number rests on a random sample; without one only `words` should be told.
        checked: How many items of the random sample have been judged.
        to_check: How many more to draw; 0 where nothing is left to draw.
        then: About half of the interval that is to be expected when these are judged.
    """

    value: float
    low: float
    high: float
    known: bool
    checked: int = 0
    to_check: int = 0
    then: float = 0.0

    @property
    def coarse(self) -> str:
        """The interval by its orders of magnitude: "some hundreds", "some tens to some thousands"."""
        least, most = _magnitude(self.low), _magnitude(self.high)
        if least == most:
            return most
        if round(self.low) < 1:
            return _("up to {most}").format(most=most)
        return _("{least} to {most}").format(least=least, most=most)

    @property
    def number(self) -> str:
        """ "45 (31–60)"."""
        return f"{grouped(round(self.value))} ({grouped(round(self.low))}–{grouped(round(self.high))})"

    @property
    def words(self) -> str:
        """What a person is told: the number with its interval, or the coarse words and what would give a number."""
        if self.known:
            return self.number
        if not self.to_check:
            return _("{coarse}, not known yet").format(coarse=self.coarse)
        return _("{coarse}, not known yet: check {n} items drawn at random to know").format(coarse=self.coarse, n=self.to_check)


def _magnitude(count: float) -> str:
    """The order of magnitude of a count, in words."""
    n = round(count)
    if n < 1:
        return _("none")
    if n < 10:
        return _("a few")
    if n < 100:
        return _("some tens")
    if n < 1_000:
        return _("some hundreds")
    if n < 10_000:
        return _("some thousands")
    return _("tens of thousands") if n < 100_000 else _("hundreds of thousands")
