"""The process that does heavy jobs for the window: requests on standard input, one JSON event a line on the output.

A job is a generator, and between two of its steps this looks at standard input: that is where it can be cancelled.
End of input means that the window is gone, and ends the job and the process.
"""

from __future__ import annotations

import dataclasses
import json
import os
import select
import time
import traceback
from collections import deque
from collections.abc import Mapping
from typing import Any, TextIO

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.network import stay_offline
from badcase.progress import Event, Job, Progress
from badcase.shortages import shortage
from badcase.trust.gate import UntrustedCode

NICE = 5
EVERY = 0.05  # seconds between two reports of progress; a step takes less


class _Gone(Exception):
    """The window asked to quit, or is no more."""


class Requests:
    """Lines from standard input, without waiting for them unless there is nothing else to do."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._rest = descriptor, b""
        self._waiting: deque[dict[str, Any]] = deque()
        self._cancelled: set[Any] = set()

    def next(self) -> dict[str, Any]:
        """The next request with a verb; raises _Gone."""
        while not self._waiting:
            self._read(None)
        return self._waiting.popleft()

    def cancelled(self, number: Any) -> bool:
        """Whether this request was cancelled, by what has arrived until now; raises _Gone."""
        self._read(0)
        return number in self._cancelled

    def _read(self, timeout: float | None) -> None:
        while select.select([self._descriptor], [], [], timeout)[0]:
            piece = os.read(self._descriptor, 65536)
            if not piece:
                raise _Gone
            *lines, self._rest = (self._rest + piece).split(b"\n")
            for line in lines:
                self._take(line)
            if lines:
                return

    def _take(self, line: bytes) -> None:
        request = json.loads(line) if line.strip() else {}
        if request.get("quit"):
            raise _Gone
        if "cancel" in request:
            self._cancelled.add(request["cancel"])
        elif "verb" in request:
            self._waiting.append(request)


class Events:
    """Writes events; progress at most twenty times a second, but every one that ends an epoch."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._last, self._name = out, 0.0, ""

    def send(self, event: str, number: Any = None, **values: Any) -> None:
        line = {"event": event} | ({} if number is None else {"id": number}) | values
        self._out.write(json.dumps(line, ensure_ascii=False, default=plain) + "\n")
        self._out.flush()

    def report(self, number: Any, step: Event) -> None:
        if not isinstance(step, Progress):
            self.send("notice", number, text=step.text, hint=step.hint)
            return
        now = time.monotonic()
        if now - self._last < EVERY and step.name == self._name and "validation_loss" not in step.values:
            return
        self._last, self._name = now, step.name
        told = {"name": step.name, "done": step.done, "total": step.total, "unit": step.unit, "stage": step.stage}
        self.send("progress", number, **told, values=dict(step.values))


def plain(value: Any) -> Any:
    """What JSON cannot carry by itself, as something that it can."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def main() -> None:
    """Serve requests until the input ends."""
    _quieten()
    # Libraries print to standard output, so the events go to a copy of it and the rest to standard error.
    events = Events(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    requests = Requests(0)
    events.send("ready")
    try:
        while True:
            serve(requests.next(), requests, events)
    except (_Gone, BrokenPipeError, KeyboardInterrupt):
        return


def _quieten() -> None:
    """Leave room for the window; both must be said before torch is imported."""
    stay_offline()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 2) - 1)))
    if hasattr(os, "nice"):
        os.nice(NICE)


def serve(request: dict[str, Any], requests: Requests, events: Events) -> None:
    """Do one request to its end; every failure becomes an event."""
    number = request.get("id")
    try:
        value = _run(_job(request), number, requests, events)
    except _Cancelled:
        events.send("cancelled", number)
    except Exception as error:
        worded = error if isinstance(error, BadcaseError) else shortage(error)
        if worded is not None:
            asked = {"untrusted": worded.facts} if isinstance(worded, UntrustedCode) else {}
            events.send("error", number, text=str(worded), hint=worded.hint, detail=traceback.format_exc(), **asked)
            return
        text = _("something went wrong that should not: {error}").format(error=str(error) or type(error).__name__)
        hint = _("Your verdicts are safe. Copy the details into a bug report.")
        events.send("error", number, text=text, hint=hint, detail=traceback.format_exc())
    else:
        events.send("result", number, value=value)


class _Cancelled(Exception):
    pass


def _job(request: dict[str, Any]) -> Job[Any]:
    from badcase.training.worker.verbs import VERBS

    verb = request["verb"]
    if verb not in VERBS:
        raise BadcaseError(_("there is no such job"), where="verb", expected=" | ".join(VERBS), got=verb)
    return VERBS[verb](**request.get("options", {}))


def _run(job: Job[Any], number: Any, requests: Requests, events: Events) -> Any:
    try:
        while True:
            if requests.cancelled(number):
                raise _Cancelled
            events.report(number, next(job))
    except StopIteration as stop:
        return stop.value
    finally:
        job.close()


if __name__ == "__main__":
    main()
