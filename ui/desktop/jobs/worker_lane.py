"""All processes of the window: one lane of heavy jobs in a worker process.

Callbacks are given at start and run in the window's thread. A cancelled or superseded job never delivers.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Progress
from badcase.ui.desktop.jobs.job_state import JobError, JobState, Phase
from badcase.ui.desktop.jobs.running_job import RunningJob
from badcase.ui.desktop.jobs.stages import StepTimes, WholeJob
from badcase.ui.desktop.jobs.steps_here import StepsHere

__all__ = ["JobError", "JobState", "Phase", "WorkerLane"]

CANCEL_GRACE_MS = 1500
QUIT_GRACE_MS = 2000
# Verbs that run a model: they take the device that a person chose.
ON_A_DEVICE = frozenset({"check_model", "predict", "train", "resume", "repeat", "find", "recover", "accept", "tune"})
_STEP = ("name", "done", "total", "unit", "values", "stage")  # what an event of progress says
KILLED = 9  # the signal that nobody can answer


@dataclass(frozen=True, slots=True)
class _Quiet:
    number: int
    done: Callable[[dict[str, Any]], None]
    failed: Callable[[BadcaseError], None]


class WorkerLane(QObject):
    """One heavy job at a time, in `python -m badcase.training.worker`, which stays warm between jobs.

    Beside it there may be one quiet job, which nobody asked for: it shows no state, and gives way to any other.
    """

    state = Signal(object)  # JobState
    noticed = Signal(str, str)  # text, hint
    command = ("-P", "-m", "badcase.training.worker")  # -P: a folder of the person may have our names

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.device = ""  # what models are to run on; "" for the fastest
        self.times = StepTimes()  # how long the steps of jobs take here; the window has them kept
        self._took: list[tuple[str, str, WholeJob]] = []  # what was gone through of the chain that is on its way
        self._process: QProcess | None = None
        self._running: RunningJob | None = None
        self._quiet: _Quiet | None = None
        self._numbers = 0
        self._buffer = b""
        self._errors: deque[str] = deque(maxlen=60)
        self._grace = QTimer(self, singleShot=True, interval=CANCEL_GRACE_MS)
        self._grace.timeout.connect(self._end_process)

    @property
    def busy(self) -> bool:
        return self._running is not None

    @property
    def busy_here(self) -> bool:
        """Whether the job that runs takes its steps here."""
        return self._running is not None and self._running.here is not None

    @property
    def quiet(self) -> bool:
        """Whether a quiet job is on its way."""
        return self._quiet is not None

    @property
    def process_id(self) -> int:
        """The worker's process id, 0 where none runs."""
        return self._process.processId() if self._process is not None else 0

    def warm(self) -> None:
        """Start the worker and let it import what is slow, so that the first job starts at once."""
        self._send({"id": 0, "verb": "warm", "options": {}})

    def start(
        self,
        verb: str,
        *,
        title: str,
        options: Mapping[str, Any],
        done: Callable[[dict[str, Any]], None],
        failed: Callable[[BadcaseError], None],
        cancelled: Callable[[], None] = lambda: None,
        kind: str = "",
        chain: Sequence[str] = (),
    ) -> None:
        """Run one verb of the worker; exactly one of the three callbacks is called, and then the lane is free.

        kind: of the project. chain: the verbs that a person waits for as one, this one among them: they share a bar.
        """
        if self._refused(failed):
            return
        self._errors.clear()
        if verb not in chain[1:]:
            self._learn_times()
        self._begin(verb, title, done, failed, cancelled, kind, chain)
        self._ask(self._numbers, verb, options)

    def start_here(
        self,
        verb: str,
        job: Job[Any],
        *,
        title: str,
        done: Callable[[Any], None],
        failed: Callable[[BadcaseError], None],
        cancelled: Callable[[], None] = lambda: None,
    ) -> None:
        """The same of a job whose steps are taken here between what a person does, each of some milliseconds."""
        if self._refused(failed):
            return
        running = self._begin(verb, title, done, failed, cancelled)

        def on_done(value: Any) -> None:
            self._finish(Phase.DONE).done(value)

        def on_failed(error: BadcaseError) -> None:
            self._finish(Phase.FAILED).failed(error)

        running.here = StepsHere(job, partial(self._on_progress, running), on_done, on_failed, self)

    def _refused(self, failed: Callable[[BadcaseError], None]) -> bool:
        if self._running is None:
            self.cancel_background()
            return False
        title, hint = self._running.state.title, _("Wait for it to end, or stop it with Escape.")
        failed(BadcaseError(_("one job runs at a time"), got=title, hint=hint))
        return True

    def _begin(
        self,
        verb: str,
        title: str,
        done: Callable[[Any], None],
        failed: Callable[[BadcaseError], None],
        cancelled: Callable[[], None],
        kind: str = "",
        chain: Sequence[str] = (),
    ) -> RunningJob:
        self._numbers += 1
        whole = WholeJob(verb, kind, chain=chain, times=self.times)
        state = JobState(verb, title, whole=whole.share)
        running = self._running = RunningJob(self._numbers, kind, state, whole, done, failed, cancelled)
        self.state.emit(state)
        return running

    def run_in_background(
        self,
        verb: str,
        *,
        options: Mapping[str, Any],
        done: Callable[[dict[str, Any]], None],
        failed: Callable[[BadcaseError], None],
    ) -> None:
        """Run one verb that nobody waits for; refused while anything runs. Neither is called when it had to give way."""
        if self._running is not None or self._quiet is not None:
            return
        self._numbers += 1
        self._quiet = _Quiet(self._numbers, done, failed)
        self._ask(self._numbers, verb, options)

    def cancel_background(self) -> None:
        """Stop the quiet job, if there is one; it never delivers."""
        if self._quiet is not None:
            self._send({"cancel": self._quiet.number})
            self._quiet = None

    def cancel(self) -> None:
        """Ask the job to stop at a safe point; a worker that does not within the grace is ended."""
        if self._running is None or self._running.state.state is Phase.STOPPING:
            return
        if self._running.here is not None:
            self._running.here.stop()
            self._finish(Phase.CANCELLED).cancelled()
            return
        self._tell(replace(self._running.state, state=Phase.STOPPING, left=None))
        self._send({"cancel": self._running.number})
        self._grace.start()

    def close(self) -> None:
        """Let the worker leave, and wait for it; what it does not finish in time is ended."""
        if self._running is not None:
            if self._running.here is not None:
                self._running.here.stop()
            self._finish(Phase.CANCELLED)
        self._quiet = None
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)  # nobody waits for what it still says
        process.write(b'{"quit": true}\n')
        process.closeWriteChannel()
        if process.state() != QProcess.ProcessState.NotRunning and not process.waitForFinished(QUIT_GRACE_MS):
            process.kill()
            process.waitForFinished(QUIT_GRACE_MS)
        process.deleteLater()

    # --- the process --------------------------------------------------------------------------------------------

    def _ask(self, number: int, verb: str, options: Mapping[str, Any]) -> None:
        chosen = {"device": self.device} if self.device and verb in ON_A_DEVICE else {}
        self._send({"id": number, "verb": verb, "options": chosen | dict(options)})

    def _send(self, request: Mapping[str, Any]) -> None:
        if self._process is None:
            self._process = self._launch()
        self._process.write(json.dumps(request, ensure_ascii=False).encode() + b"\n")

    def _launch(self) -> QProcess:
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads starve the window
        environment.insert("PYTHONUTF8", "1")
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._read_events)
        process.readyReadStandardError.connect(self._read_errors)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_process_error)
        self._buffer = b""
        process.start(sys.executable, self.command)
        return process

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _on_process_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # the only error that no `finished` follows
            self._gone(_("the worker process could not be started"))

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read_events()
        self._read_errors()
        how = _("exit code {code}").format(code=code)
        if status == QProcess.ExitStatus.CrashExit:
            how = _("it was ended from outside or crashed")
            if code == KILLED and sys.platform != "win32":  # what Linux does with the process that holds the most memory
                how = _("the system ended it, perhaps because memory ran out")
        self._gone(_("the worker process stopped in the middle of its work ({how})").format(how=how))

    def _gone(self, what: str) -> None:
        """The process is no more: whoever waits for it hears so once; the next job starts a new one."""
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        quiet, self._quiet = self._quiet, None
        if quiet is not None:
            quiet.failed(JobError(what, detail="\n".join(self._errors)))
        if self._running is None or self._running.here is not None:
            return
        if self._running.state.state is Phase.STOPPING:
            self._finish(Phase.CANCELLED).cancelled()
            return
        hint = _("Nothing you decided is lost. Try again; where memory was short, with a smaller batch size.")
        detail = "\n".join(self._errors)
        self._finish(Phase.FAILED).failed(JobError(what, hint=hint, detail=detail))

    def _read_errors(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            self._errors.extend(text.splitlines())

    # --- its events ---------------------------------------------------------------------------------------------

    def _read_events(self) -> None:
        if self._process is None:
            return
        self._buffer += bytes(self._process.readAllStandardOutput().data())
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            if line.strip():
                self._on_event(json.loads(line))

    def _on_event(self, event: dict[str, Any]) -> None:
        if self._quiet is not None and event.get("id") == self._quiet.number:
            self._on_quiet_event(event)
            return
        running = self._running
        if running is None or event.get("id") != running.number:
            return  # "ready", the warm-up, or the rest of a job that nobody waits for
        kind = event["event"]
        stopping = running.state.state is Phase.STOPPING
        if kind == "progress":
            if not stopping:
                self._on_progress(running, Progress(**{name: event[name] for name in _STEP if event.get(name) is not None}))
        elif kind == "notice":
            self.noticed.emit(event["text"], event.get("hint", ""))
        elif kind == "cancelled" or stopping:  # a result or error that came while stopping was not wanted any more
            self._finish(Phase.CANCELLED).cancelled()
        elif kind == "error":
            error = JobError(
                event["text"], hint=event.get("hint", ""), detail=event.get("detail", ""), untrusted=event.get("untrusted")
            )
            self._finish(Phase.FAILED).failed(error)
        elif kind == "result":
            self._finish(Phase.DONE).done(event.get("value") or {})

    def _on_quiet_event(self, event: dict[str, Any]) -> None:
        quiet, kind = self._quiet, event["event"]
        if quiet is None or kind not in ("result", "error"):
            return
        self._quiet = None
        if kind == "result":
            quiet.done(event.get("value") or {})
        else:
            quiet.failed(JobError(event["text"], hint=event.get("hint", ""), detail=event.get("detail", "")))

    def _on_progress(self, running: RunningJob, step: Progress) -> None:
        self._tell(running.after(step))

    def _tell(self, state: JobState) -> None:
        assert self._running is not None
        self._running.state = state
        self.state.emit(state)

    def _learn_times(self) -> None:
        """Not while a chain is on its way: its bar would begin anew by other shares."""
        for verb, kind, whole in self._took:
            self.times.learn(verb, kind, whole.took)
        self._took.clear()

    def _finish(self, phase: Phase) -> RunningJob:
        """Free the lane before anybody hears, so that the callback may start the next job."""
        assert self._running is not None
        running, self._running = self._running, None
        self._grace.stop()
        if phase is Phase.DONE:
            running.whole.end()
            self._took.append((running.state.verb, running.kind, running.whole))
            if running.whole.last:
                self._learn_times()
        self.state.emit(replace(running.state, state=phase, left=None))
        return running
