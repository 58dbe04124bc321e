"""What is to be recorded, checked before anything is written."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import whole
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import UNLABELLED
from badcase.store.verdicts import CODES, ItemLabels, Verdict, VerdictCode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judgment:
    """One verdict to record.

    Attributes:
        item: Its id.
        verdict: What was decided. A relabel to the given label is a keep.
        label: For a relabel, the class id.
        who: The reviewer; None for the one who judges in the journal.
        at: When, as ISO 8601 in UTC; None for now, "" where nobody knows.
        shown: What was on screen.
        decides: Whether the label follows it; else it is only known what this reviewer says.
        gold: What a blind check of gold found: no label follows it, and only comparisons and exports look at it.
    """

    item: int
    verdict: Verdict
    label: int | None = None
    who: str | None = None
    at: str | None = None
    shown: dict[str, Any] | None = None
    decides: bool = True
    gold: bool = False

    def checked(self, given: ItemLabels, k: int) -> tuple[int, Verdict, int | None]:
        """Item, verdict and label as they are written, for given labels (n,) and k classes; BadcaseError where that cannot be."""
        item = self.item
        if type(item) is not int or not 0 <= item < len(given):
            item = whole("items", item, most=len(given) - 1, what=_("there is no such item"))
        if self.verdict is not Verdict.RELABEL:
            if self.verdict is Verdict.KEEP and given[item] == UNLABELLED:
                raise BadcaseError(
                    _("an item without a label has none to keep"),
                    where="verdict",
                    got=Verdict.KEEP,
                    hint=_("Give it a label (relabel), or say that none fits (exclude) or that you cannot tell (unsure)."),
                )
            return item, self.verdict, None
        if self.label is None or not 0 <= self.label < k:
            raise BadcaseError(_("a relabel needs a class of the project"), where="label", expected=_to(k - 1), got=self.label)
        if self.label == given[item]:
            return item, Verdict.KEEP, None
        return item, self.verdict, int(self.label)


def checked_all(
    items: Sequence[int], verdicts: Sequence[Verdict], labels: Sequence[int | None], given: ItemLabels, k: int
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """The same of many at once.

    Args:
        items: Their ids.
        verdicts: What was decided of each.
        labels: For a relabel, the class id.
        given: (m,) the given labels of these items.
        k: How many classes there are.

    Returns:
        (m,) VerdictCodes, and (m,) class ids, -1 but for a relabel. BadcaseError where one cannot be.
    """
    codes = np.fromiter((CODES[one] for one in verdicts), np.int8, len(items))
    said = np.fromiter((-1 if one is None else one for one in labels), np.int64, len(items))
    relabels = codes == VerdictCode.RELABEL
    wrong = np.flatnonzero(np.where(relabels, (said < 0) | (said >= k), (codes == VerdictCode.KEEP) & (given == UNLABELLED)))
    for at in wrong[:1].tolist():
        Judgment(0, verdicts[at], labels[at]).checked(given[at : at + 1], k)
    codes[relabels & (said == given)] = VerdictCode.KEEP
    return codes, np.where(codes == VerdictCode.RELABEL, said, -1)


def item_ids(items: int | Sequence[int], n: int) -> list[int]:
    """The items of a call as ids, of n in all."""
    asked = [items] if isinstance(items, int) else list(items)
    require_some(asked)
    if set(map(type, asked)) == {int} and 0 <= min(asked) <= max(asked) < n:  # nothing to complain of
        return asked
    return [whole("items", item, most=n - 1, what=_("there is no such item")) for item in asked]


def require_some(judged: Sequence[object]) -> None:
    """BadcaseError where nothing is judged."""
    if not len(judged):
        raise BadcaseError(_("there is nothing to judge"), hint=_("Select at least one item."))


def for_each(name: str, value: Any, n: int, read: Callable[[Any], T]) -> list[T]:
    """One value for each of n items, as `read` takes it."""
    if _is_single(value):
        return [read(value)] * n
    if len(value) != n:
        raise BadcaseError(_("there must be one {name} for each item").format(name=name), where=name, expected=n, got=len(value))
    return [read(one) for one in value]


def has_names(value: Any) -> bool:
    """Whether this is a name, or names one for some item."""
    return isinstance(value, str) or (not _is_single(value) and any(isinstance(one, str) for one in value))


def _is_single(value: Any) -> bool:
    """Whether this is one value for all items, a text among them, and not one for each."""
    return value is None or isinstance(value, str) or not hasattr(value, "__len__") or np.ndim(value) == 0


def named_verdict(value: Any) -> Verdict:
    """A verdict by its word."""
    try:
        return Verdict(value)
    except ValueError as error:
        near = get_close_matches(str(value), list(Verdict), 1)
        hint = _("Did you mean {name}?").format(name=near[0]) if near else ""
        words = " | ".join(Verdict)
        raise BadcaseError(_("there is no such verdict"), where="verdict", expected=words, got=value, hint=hint) from error


def user_name() -> str:
    """Who reviews where nobody says otherwise: the account's name."""
    said = next(filter(None, map(os.environ.get, ("LOGNAME", "USER", "LNAME", "USERNAME"))), None)  # as `getpass` asks
    return said or _account_name() or _("me")


@cache
def _account_name() -> str:
    """Looked up once, and not with each verdict; "" where there is no account behind this user id, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _to(last: int) -> str:
    return _("0 to {last}").format(last=last)
