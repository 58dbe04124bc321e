"""The projects that were open lately, with what their cards show. Starting the program opens none of them."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field
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

    kind: "image" or "text"; left: errors left with their interval; gold: accuracy, where it was measured.
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
    gold: float | None = None
    next: tuple[NextItem, ...] = field(default_factory=tuple)

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
            rows = json.loads(self._file.read_text(encoding="utf-8"))
            return [_summary(row) for row in rows]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, AttributeError) as error:
            _log.warning("the list of recent projects cannot be read and starts afresh: %s", error)
            return []

    def put(self, summary: Summary) -> None:
        """Add a project at the top, or replace what was known of it."""
        self._write([summary, *(row for row in self.all() if row.path != summary.path)][:_KEPT])

    def remove(self, path: str) -> None:
        """Forget a project; its folder stays."""
        self._write([row for row in self.all() if row.path != path])

    def _write(self, rows: list[Summary]) -> None:
        try:
            with write_whole(self._file) as temporary:
                temporary.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            _log.warning("the list of recent projects cannot be written: %s", error)


def _summary(row: dict[str, Any]) -> Summary:
    left = row.pop("left", None)
    following = tuple(NextItem(**one) for one in row.pop("next", ()))
    return Summary(**row, left=tuple(left) if left else None, next=following)
