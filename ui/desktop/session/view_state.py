"""What the window remembers of itself: sizes, splitters, the last page. Never in a project, never in its undo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import platformdirs

from badcase.store.atomic_files import write_whole


def settings_folder() -> Path:
    return platformdirs.user_config_path("badcase")


class ViewState:
    """Named JSON values in one file of the user's settings folder. A damaged file is as good as none."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or settings_folder() / "window.json"
        self._values: dict[str, Any] = {}
        try:
            read = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(read, dict):
            self._values = read

    def get(self, name: str, default: Any = None) -> Any:
        """What is remembered under a name; the default where that is nothing, or something of another kind than it."""
        value = self._values.get(name, default)
        return value if default is None or isinstance(value, type(default)) else default

    def kept(self, name: str) -> dict[str, Any]:
        """The named values under a name, which may be changed as they are; empty where there are none yet."""
        values: dict[str, Any] = self.get(name, {})
        self._values[name] = values
        return values

    def set(self, name: str, value: Any) -> None:
        """Remember a value; on the disk with the next `save`."""
        self._values[name] = value

    def save(self) -> None:
        """Write what changed; a folder that cannot be written only costs the memory of it."""
        try:
            with write_whole(self._file, durable=False) as temporary:
                temporary.write_text(json.dumps(self._values, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError:
            return
