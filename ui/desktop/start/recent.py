"""The projects that were open lately, with what their cards show. Starting the program opens none of them."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from badcase.store.atomic_files import write_whole
from badcase.ui.desktop.session.view_state import settings_folder

NEXT_IMAGES, NEXT_TEXTS, THUMB = 8, 3, 112
_KEPT = 40
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NextItem:
    """One of the next bad cases: a text or the file of a small image, and what it is called now and should be."""

    content: str
    given: str
    suggested: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What the card of one project shows.

    kind: "image" or "text"; left: errors left with their interval, and whether a random sample says so (`left_known`);
    gold: accuracy, where it was measured; stamp: of the state that this tells, as `glance` has it; predicted: whether a
    model has looked at it.
    """

    path: str
    opened: str
    kind: str = ""
    items: int = 0
    classes: int = 0
    reviewed: int = 0
    to_review: int = 0
    fixed: int = 0
    round: int = 0
    left: tuple[float, float, float] | None = None
    left_known: bool = False
    gold: float | None = None
    next: tuple[NextItem, ...] = field(default_factory=tuple)
    stamp: str = ""
    predicted: bool = False

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def there(self) -> bool:
        return (Path(self.path) / "project.db").is_file()


class RecentProjects:
    """The list, newest first, in one file of the user's settings. A damaged file is as good as an empty one."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or settings_folder() / "recent.json"

    def all(self) -> list[Summary]:
        try:
            rows = list(json.loads(self._file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            _log.warning("the list of recent projects cannot be read and starts afresh: %s", error)
            return []
        return [summary for row in rows if (summary := _summary(row)) is not None]

    def put(self, summary: Summary) -> None:
        """Add a project at the top, or replace what was known of it."""
        self._write([summary, *(row for row in self.all() if row.path != summary.path)][:_KEPT])

    def correct(self, summary: Summary) -> None:
        """What was known of a project is out of date; it stays where it stands."""
        self._write([summary if row.path == summary.path else row for row in self.all()])

    def remove(self, path: str) -> None:
        """Forget a project; its folder stays."""
        self._write([row for row in self.all() if row.path != path])

    def _write(self, rows: list[Summary]) -> None:
        try:
            with write_whole(self._file, durable=False) as temporary:
                temporary.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            _log.warning("the list of recent projects cannot be written: %s", error)


def _summary(row: Any) -> Summary | None:
    """One row as it was written, without what this version does not know; None where it is no such row."""
    try:
        known = {field.name: row[field.name] for field in fields(Summary) if field.name in row}
        left, following = known.pop("left", None), known.pop("next", ())
        made = Summary(
            **known,
            left=None if left is None else (float(left[0]), float(left[1]), float(left[2])),
            next=tuple(NextItem(str(one["content"]), str(one["given"]), str(one["suggested"])) for one in following),
        )
        numbers = (made.items, made.classes, made.reviewed, made.to_review, made.fixed, made.round, made.gold or 0.0)
        texts = (made.path, made.opened, made.kind, made.stamp)
        if not (all(isinstance(one, int | float) for one in numbers) and all(isinstance(one, str) for one in texts)):
            raise TypeError(row)
    except (TypeError, ValueError, KeyError, IndexError) as error:
        _log.warning("a row of the list of recent projects is passed over: %r", error)
        return None
    return made
