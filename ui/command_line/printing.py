"""What one command prints: text for people or one JSON document on stdout, progress and notices on stderr."""

from __future__ import annotations

import dataclasses
import json
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import numpy as np
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Notice, Progress
from badcase.ui.command_line.visible_text import visible, visible_json, visible_lines

T = TypeVar("T")
PIPE_WIDTH = 200  # columns, where no terminal says how wide it is
LINE_SECONDS = 5.0  # between two lines of progress where there is no terminal


class Cancelled(Exception):
    """The person pressed Ctrl-C; what was finished is kept."""


class CommandOutput:
    """Where a command says what it found. `give` collects the JSON document; `say` and `table` are for people."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json, self.quiet = as_json, quiet
        self._document: dict[str, Any] = {}
        self._notices: list[dict[str, str]] = []
        self._out = _console(sys.stdout)
        self._err = _console(sys.stderr)

    def give(self, **values: Any) -> None:
        """Add to the JSON document. Arrays, paths and dataclasses may be given as they are."""
        self._document |= values

    def say(self, text: str, style: str | None = None) -> None:
        """A sentence; a line break that data bring along is spelled out, so that no line of theirs passes for one of ours."""
        if not self.as_json:
            self._out.print(Text(visible(text), style=style or ""), soft_wrap=True)

    def page(self, text: str) -> None:
        """A text of several lines."""
        if not self.as_json:
            self._out.print(Text(visible_lines(text)), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> None:
        """Rows for people; `right` are the columns of numbers."""
        if self.as_json:
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for number, title in enumerate(columns):
            table.add_column(Text(visible(title)), justify="right" if number in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(visible(str(cell))) for cell in row))
        self._out.print(table)

    def notice(self, notice: Notice) -> None:
        """Say on stderr what does not stop the work, and keep it for the JSON document."""
        self._notices.append({"text": notice.text, "hint": notice.hint})
        self._complain(_("Note: {text}").format(text=notice.text), notice.hint, "yellow")

    def refuse(self, error: BadcaseError) -> None:
        """Say what went wrong and the remedy; with JSON, the document says it too."""
        self.give(error=str(error), hint=error.hint)
        self._complain(_("Error: {text}").format(text=error), error.hint, "red")

    def _complain(self, text: str, hint: str, style: str) -> None:
        self._err.print(Text(visible_lines(text, indent="  "), style=style), soft_wrap=True)
        if hint:
            self._err.print(Text(visible_lines(f"  {hint}", indent="  ")), soft_wrap=True)

    def close(self) -> None:
        """Print the JSON document, where one is wanted."""
        if self.as_json:
            print(visible_json(json.dumps(self._said(), ensure_ascii=False, indent=1, default=_plain)), flush=True)

    def document(self) -> dict[str, Any]:
        """The JSON document so far, of plain values alone."""
        plain: dict[str, Any] = json.loads(json.dumps(self._said(), ensure_ascii=False, default=_plain))
        return plain

    def _said(self) -> dict[str, Any]:
        return self._document | ({"notices": self._notices} if self._notices else {})

    def run(self, job: Job[T]) -> T:
        """Run a job to its end, showing progress. Ctrl-C closes it where it is safe to stop, and raises `Cancelled`."""
        shown = _Bars(self._err) if self._err.is_terminal and not self.quiet else _Lines(self._err, self.quiet)
        with shown, _interrupt() as interrupted:
            while True:
                try:
                    event = next(job)
                except StopIteration as stop:
                    result: T = stop.value
                    return result
                if isinstance(event, Notice):
                    self.notice(event)
                else:
                    shown.show(event)
                if interrupted():
                    job.close()
                    raise Cancelled


def _console(stream: Any) -> Console:
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def _plain(value: Any) -> Any:
    """What json cannot write itself."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value) if isinstance(value, Path) else list(value)


@contextmanager
def _interrupt() -> Iterator[Any]:
    """Turn the first Ctrl-C into a request to stop at a safe point; the second one interrupts at once."""
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        print(_("Stopping at a safe point; Ctrl-C again stops at once."), file=sys.stderr)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed, unit = task.finished_speed or task.speed, task.fields["unit"]
        return Text(f"{speed:,.0f} {unit}/s" if speed and unit else "", style="dim")


class _Bars(Bars):
    """A bar for the step that a job is at, with its rate and the time left."""

    def __init__(self, console: Console) -> None:
        named = TextColumn("{task.description}", markup=False)
        super().__init__(named, BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(), console=console)
        self._step: tuple[str, TaskID] | None = None

    def show(self, event: Progress) -> None:
        if self._step is None or self._step[0] != event.name:
            if self._step is not None:
                self.remove_task(self._step[1])
            self._step = event.name, self.add_task(visible(event.name), total=event.total, unit=visible(event.unit))
        self.update(self._step[1], total=event.total, completed=event.done)


class _Lines:
    """Where nobody watches: now and then a line that says how far the job is."""

    def __init__(self, console: Console, quiet: bool) -> None:
        self._console, self._quiet = console, quiet
        self._said = -LINE_SECONDS

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def show(self, event: Progress) -> None:
        if self._quiet or time.monotonic() - self._said < LINE_SECONDS:
            return
        self._said = time.monotonic()
        far = f" {event.done}/{event.total} {event.unit}".rstrip() if event.total else ""
        self._console.print(Text(visible(f"{event.name}{far}"), style="dim"), soft_wrap=True)
