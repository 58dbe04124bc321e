"""How numbers, times and intervals are written, in the window and on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from badcase.active_learning.errors_left import ErrorsLeft
from badcase.i18n import MINUS, _, grouped, pgettext, plural

if TYPE_CHECKING:
    from badcase.review_counts import ReviewCounts


def count(n: int) -> str:
    """10003 -> "10 003", the thousands set apart by a thin space."""
    return grouped(n).replace("-", MINUS)


def signed(value: float, digits: int = 1) -> str:
    """+2.8, or with a true minus."""
    return f"{value:+.{digits}f}".replace("-", MINUS)


def decimal(value: float) -> str:
    """0.583 -> "0.58", with a true minus, and no minus before a zero."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", MINUS)


def interval(low: float, high: float) -> str:
    """A range of counts: "31–60"."""
    return f"{count(round(low))}–{count(round(high))}"


def about(value: float, low: float, high: float) -> str:
    """A number with its interval: "45 (31–60)"."""
    return f"{count(round(value))} ({interval(low, high)})"


def random_check_title(left: ErrorsLeft) -> str:
    """What is done, how much of it, and what comes of it."""
    words = _("Check {n} items drawn at random: errors left known to about ±{half}")
    return words.format(n=count(left.to_check), half=count(round(left.then)))


def random_check(left: ErrorsLeft) -> str:
    """What checking items drawn at random takes, and what is known then."""
    return _(
        "{n} items drawn at random, shown without the model's view. When they are judged, the number of errors left is "
        "known to about ±{half}."
    ).format(n=count(left.to_check), half=count(round(left.then)))


def review_sentence(counts: ReviewCounts) -> str:
    """How a review stands: "83 reviewed, 61 fixed; 122 to review"."""
    words = _("{reviewed} reviewed, {fixed} fixed; {waiting} to review")
    return words.format(reviewed=count(counts.reviewed), fixed=count(counts.fixed), waiting=count(counts.to_review))


def duration(seconds: float) -> str:
    """A time to wait, rounded as a person says it: "25 s", "about 2 min", "about 1 h 20 min"."""
    if seconds < 60:
        return _("{n} s").format(n=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("about {n} min").format(n=minutes)
    hours, minutes = divmod(round(minutes / 10) * 10, 60)
    if minutes:
        return _("about {h} h {m} min").format(h=hours, m=minutes)
    return _("about {h} h").format(h=hours)


def pace(rate: float, unit: str) -> str:
    """Work done a second: "420 texts/s", "2.4 images/s"."""
    number = count(round(rate)) if rate >= 10 else f"{rate:.1f}"
    if unit:
        return _("{number} {unit}/s").format(number=number, unit=unit)
    return _("{number}/s").format(number=number)


def at_home(path: str) -> str:
    """A path as a person reads it: "~/pictures" for what lies in their home."""
    try:
        return str(Path("~") / Path(path).relative_to(Path.home()))
    except ValueError:
        return path


def with_hint(what: str, hint: str) -> str:
    """What happened, and the remedy where there is one."""
    return _("{what}. {remedy}").format(what=what, remedy=hint) if hint else what


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long since, as a person says it: "20 minutes ago", "yesterday", "20 November"."""
    now = (now or datetime.now(UTC)).astimezone()
    moment = moment.astimezone(now.tzinfo)
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return plural("{n} minute ago", "{n} minutes ago", minutes).format(n=minutes)
    days = (now.date() - moment.date()).days
    if days == 0:
        return plural("{n} hour ago", "{n} hours ago", minutes // 60).format(n=minutes // 60)
    if days == 1:
        return _("yesterday")
    if moment.year == now.year:
        return _("{day} {month}").format(day=moment.day, month=_months()[moment.month - 1])
    return _("{day} {month} {year}").format(day=moment.day, month=_months()[moment.month - 1], year=moment.year)


def _months() -> tuple[str, ...]:
    """In the language of the program, which need not be that of the process's locale."""
    return (
        pgettext("month", "January"),
        pgettext("month", "February"),
        pgettext("month", "March"),
        pgettext("month", "April"),
        pgettext("month", "May"),
        pgettext("month", "June"),
        pgettext("month", "July"),
        pgettext("month", "August"),
        pgettext("month", "September"),
        pgettext("month", "October"),
        pgettext("month", "November"),
        pgettext("month", "December"),
    )
