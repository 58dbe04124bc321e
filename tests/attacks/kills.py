"""SIGKILL at random moments of every action: nothing that was acknowledged is lost, and nothing is half done.

    python -m tests.attacks.kills [--count N] [--seed S] [--only ACTION]

Each action is a series of steps on a copy of a small project. A child does them and acknowledges each through a pipe once it is
done; the moment of the kill is drawn evenly over the time that it computes. Then the parent looks: the project must open,
and stand as after the last acknowledged step, or as after the next. The same action is done again without a kill, and must
leave nothing beside what it makes.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib
import os
import pickle
import random
import re
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.attacks.actions import ACTIONS, Action
from tests.attacks.bases import make_bases
from tests.attacks.isolated import MEMORY

COUNT = 1000
FAULTS = ("lost", "half done", "not opening", "missing", "leftovers", "failing")
LEFT = re.compile(r"^\.|\.tmp$|\.aside|-wal$|-shm$|-journal$")
LONGEST = 120.0  # seconds of any action; a next run that hangs is a fault


@dataclass
class Tally:
    """What came of the kills of one action."""

    kills: int = 0
    early: int = 0  # kills that came after the end, so that they hit nothing
    faults: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def fault(self, kind: str, what: str) -> None:
        self.faults[kind] += 1
        self.told.append(f"{kind}: {what}")


class Child:
    """A process of this one's kind that does the steps of an action, and is killed after so many seconds of its own time."""

    def __init__(self, action: Action, place: Path, *, after: float | None = None, watched: bool = False) -> None:
        reads, writes = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if not self.pid:
            os.close(reads)
            _be_child(action, place, writes, after=after, watched=watched)
        os.close(writes)
        self._reads = reads

    def end(self) -> tuple[int, bytes]:
        """How it ended, and what it told; one that hangs is killed."""
        ends, told = time.monotonic() + LONGEST, b""
        while select.select([self._reads], [], [], max(0.0, ends - time.monotonic()))[0]:
            if not (more := os.read(self._reads, 1 << 16)):
                break
            told += more
        else:
            os.killpg(self.pid, signal.SIGKILL)
            told += b"it hangs"
        os.close(self._reads)
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # what it had started itself
        return code, told

    def finish(self) -> bytes:
        """What it told, once it is through with all; RuntimeError where it fails or hangs."""
        code, told = self.end()
        if code:
            raise RuntimeError(told.decode(errors="replace")[-2000:])
        return told


def _be_child(action: Action, place: Path, writes: int, *, after: float | None, watched: bool) -> None:
    """Do the steps; watched: and tell the state after each, for which the parent waits."""
    os.setpgid(0, 0)
    code, states, began = 1, [], 0.0
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.chdir(place)
        for number, _done in enumerate(action.steps(place)):
            if watched:
                states.append(pickle.dumps(action.observe(place)))
            elif number:
                os.write(writes, b"\n")
            else:
                began = time.process_time()
                if after is not None:
                    kill_after(after)
        os.write(writes, pickle.dumps((states, _loaded())) if watched else b"took %f" % (time.process_time() - began))
        code = 0
    except BaseException:
        os.write(writes, traceback.format_exc().encode())
    finally:
        os._exit(code)


def _loaded() -> list[str]:
    return [name for name in sys.modules if not name.startswith("_")]


def kill_after(seconds: float) -> None:
    """Let the system send this process SIGKILL after so many seconds of its own computing, however busy the machine is."""
    library = ctypes.CDLL(None, use_errno=True)
    event, timer = (ctypes.c_int * 16)(0, 0, signal.SIGKILL, 0), ctypes.c_void_p()
    whole = int(seconds)
    when = (ctypes.c_long * 4)(0, 0, whole, max(1, int((seconds - whole) * 1e9)))
    clock = 2  # CLOCK_PROCESS_CPUTIME_ID
    if library.timer_create(clock, event, ctypes.byref(timer)) or library.timer_settime(timer, 0, when, None):
        raise OSError(ctypes.get_errno(), "no timer")


class Attack:
    """All kills of one action."""

    def __init__(self, action: Action, bases: Path, room: Path, draw: random.Random) -> None:
        self.action, self._bases, self._room, self._draw = action, bases, room, draw
        self.tally = Tally()
        place = self._fresh()
        states, modules = pickle.loads(Child(action, place, watched=True).finish())
        self.states = [pickle.loads(state) for state in states]
        for name in modules:  # loaded here once, and not by each child
            with suppress(Exception):
                importlib.import_module(name)
        self._usual = set(_listed(place))
        self.takes = min(self._time() for _turn in range(3))

    def _time(self) -> float:
        """Seconds of computing that the action takes by itself."""
        return float(Child(self.action, self._fresh()).finish().rpartition(b"took ")[2])

    def _fresh(self) -> Path:
        place = self._room / self.action.name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self._bases / self.action.base, place, symlinks=True)
        self.action.prepare(place)
        return place

    def kill(self) -> None:
        """One kill, and all that is looked at after it."""
        began = time.monotonic()
        place = self._fresh()
        code, told = Child(self.action, place, after=self._draw.random() * self.takes).end()
        hit = code == -signal.SIGKILL
        if code and not hit:
            self.tally.fault("failing", told.decode(errors="replace")[-500:])
        self._judge(place, told.count(b"\n"), hit)
        self.tally.kills += hit
        self.tally.early += not hit
        self.tally.seconds += time.monotonic() - began

    def _judge(self, place: Path, told: int, hit: bool) -> None:
        try:
            self.action.open(place)
            state = self.action.observe(place)
        except BaseException as error:
            self.tally.fault("not opening", f"after {told} steps: {type(error).__name__}: {error}")
            return
        allowed = self.states[told : told + 2] if hit else self.states[-1:]
        if state not in allowed:
            kind = "lost" if state in self.states[:told] else "half done"
            if state is None and self.states[0] is not None:
                kind = "missing"
            self.tally.fault(kind, f"after {told} steps: {_short(state)}, expected one of {[_short(one) for one in allowed]}")
        try:
            Child(self.action, place).finish()
            self.action.open(place)
        except RuntimeError as error:
            self.tally.fault("failing", f"next run: {error}")
            return
        left = sorted(set(_listed(place)) - self._usual)
        left = [name for name in left if any(LEFT.search(part) for part in name.split("/"))] + self.action.odd(place)
        if left:
            self.tally.fault("leftovers", ", ".join(left[:5]))


def _short(state: Any) -> str:
    text = repr(state)
    return text if len(text) < 300 else f"{text[:297]}..."


def _listed(place: Path) -> Iterator[str]:
    return (str(path.relative_to(place)) for path in place.rglob("*"))


def attack(names: list[str], count: int, seed: int, room: Path) -> dict[str, Tally]:
    """Kill each of these actions its share of `count` times, by weight."""
    bases = room / "bases"
    make_bases(bases, {ACTIONS[name].base for name in names})
    whole = sum(ACTIONS[name].weight for name in names)
    tallies = {}
    for name in names:
        draw = random.Random(f"{seed} {name}")
        one = Attack(ACTIONS[name], bases, room, draw)
        wanted = max(1, round(count * ACTIONS[name].weight / whole))
        while one.tally.kills < wanted and one.tally.early < 2 * wanted:
            one.kill()
        tallies[name] = one.tally
        _print_row(name, one.tally, one.takes)
    return tallies


def _print_row(name: str, tally: Tally, takes: float) -> None:
    faults = " ".join(f"{tally.faults[kind]:>11}" for kind in FAULTS)
    each = 1000 * tally.seconds / max(1, tally.kills + tally.early)
    print(f"{name:<24} {tally.kills:>6} {tally.early:>6} {faults} {1000 * takes:>9.0f} {each:>9.0f}", flush=True)
    for what, times in Counter(tally.told).most_common(4):
        print(f"    {times} x {what}"[:1500], flush=True)


def _get_ready() -> None:
    """Load what children would load each, and start no thread, which none of them would have."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "BADCASE_LANGUAGE": "en"}
    import torch._dynamo
    import transformers  # noqa: F401
    from PySide6.QtTest import QTest  # noqa: F401

    import badcase.training.network.setups
    import badcase.training.runs.train
    import badcase.ui.cli  # noqa: F401

    torch.set_num_threads(1)
    os.fsync = lambda _file: None  # no machine goes down here
    gc.freeze()


def main(arguments: list[str] | None = None) -> int:
    """Print a row for each action and the sums; 1 where anything was lost, half done or left."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.kills")
    parser.add_argument("--count", type=int, default=COUNT, help="kills in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", metavar="ACTION", help="; ".join(ACTIONS))
    said = parser.parse_args(arguments)
    names = [name for name in ACTIONS if not said.only or name in said.only]
    head = " ".join(f"{kind:>11}" for kind in FAULTS)
    print(f"{'action':<24} {'kills':>6} {'early':>6} {head} {'takes ms':>9} {'each ms':>9}")
    began = time.monotonic()
    _get_ready()
    with tempfile.TemporaryDirectory(prefix="badcase-kills-", dir=MEMORY if MEMORY.is_dir() else None) as room:
        tallies = attack(names, said.count, said.seed, Path(room))
    total = Tally(sum(one.kills for one in tallies.values()), sum(one.early for one in tallies.values()))
    for one in tallies.values():
        total.faults.update(one.faults)
        total.seconds += one.seconds
    _print_row("all", total, time.monotonic() - began)
    return int(total.faults.total() > 0)


if __name__ == "__main__":
    sys.exit(main())
