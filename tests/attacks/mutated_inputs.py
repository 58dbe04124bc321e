"""Spoilt inputs for every reader: none may end the process, run code, take long, or fail without a true sentence.

    python -m tests.attacks.mutated_inputs --count 10000 --seed 0 --only parquet --keep FOLDER

A case is a reader, one of its sound inputs and a number that decides what is spoilt, so that each can be made again.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random

from tests.attacks.isolated import Outcome, in_a_child, run_isolated
from tests.attacks.mutations import MARKER
from tests.attacks.readers import READERS, prepared, spoil
from tests.attacks.valid_inputs import Files

Case = tuple[str, str, int]  # reader, input, number
Inputs = dict[str, dict[str, Files]]
ENDS = ("done", "refused", "internal error", "died", "too slow", "too large", "code run")


def main(arguments: Sequence[str] | None = None) -> int:
    """Attack, print a table, and return 1 where anything got through."""
    parser = argparse.ArgumentParser(prog="mutated_inputs")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=list(READERS), action="append")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="a folder for the inputs that got through")
    said = parser.parse_args(arguments)
    began = time.monotonic()
    counts: dict[str, Counter[str]] = {name: Counter() for name in said.only or READERS}
    slowest, kinds = 0.0, Counter[str]()
    for outcome, files in attacked(tuple(counts), said.count, said.seed, said.processes):
        counts[outcome.case[0]][outcome.end] += 1
        slowest = max(slowest, outcome.seconds)
        if outcome.end in ENDS[2:]:
            kind = f"{outcome.end}: {_last_line(outcome.told)}"
            kinds[kind] += 1
            if said.keep is not None and kinds[kind] <= 3:
                _keep(said.keep, outcome, files)
            if kinds[kind] == 1:
                print(f"{outcome.case}: {kind}", flush=True)
    _print_table(counts)
    print(f"{time.monotonic() - began:.0f} s; the slowest case took {slowest:.1f} s")
    return 1 if kinds else 0


def attacked(readers: Sequence[str], count: int, seed: int, processes: int) -> Iterator[tuple[Outcome[Case], Files]]:
    """Run so many cases, shared among the readers; with each outcome come the files that it was about."""
    inputs: Inputs = in_a_child(lambda: {name: READERS[name].inputs() for name in readers})
    shares = {name: READERS[name].share for name in readers}
    each = {name: max(1, round(count * share / sum(shares.values()))) for name, share in shares.items()}
    cases = [
        (name, list(inputs[name])[number % len(inputs[name])], seed * 1_000_000 + number)
        for name in readers
        for number in range(each[name])
    ]
    with tempfile.TemporaryDirectory(prefix="badcase-attack-") as place:
        for module in (module for name in readers for module in READERS[name].loads):
            importlib.import_module(module)
        in_a_child(lambda: prepared(Path(place) / "prepared"))
        for outcome in run_isolated(cases, partial(run, inputs=inputs, place=Path(place)), processes):
            yield outcome, spoilt(outcome.case, inputs)


def spoilt(case: Case, inputs: Inputs) -> Files:
    """The files of a case."""
    reader, name, number = case
    return spoil(Random(f"{reader} {name} {number}"), inputs[reader][name], READERS[reader].spoilt)


def run(case: Case, *, inputs: Inputs, place: Path) -> None:
    """Write the files of a case and let its reader have them."""
    here = place / f"case-{os.getpid()}"
    shutil.rmtree(here, ignore_errors=True)
    (here / "data").mkdir(parents=True)
    for name, raw in spoilt(case, inputs).items():
        (here / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "data" / name).write_bytes(raw)
    shutil.copytree(place / "prepared" / "p", here / "project")
    os.chdir(here)
    try:
        READERS[case[0]].read(here / "data", here / "project")
    finally:
        if MARKER.exists():
            raise RuntimeError("code run")


def _last_line(told: str) -> str:
    lines = told.strip().splitlines() or [""]
    places = [
        line.strip()
        for line in lines
        if line.strip().startswith("File ") and "/badcase/" in line.replace("/training/", "/badcase/")
    ]
    return f"{re.sub('[0-9]+', '0', lines[-1][:100])} {places[-1] if places else ''}".strip()


def _keep(folder: Path, outcome: Outcome[Case], files: Files) -> None:
    place = folder / " ".join(map(str, outcome.case)).replace("/", "-")
    for name, raw in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(raw)
    (place / "outcome.txt").write_text(f"{outcome.end}\n{outcome.told}", encoding="utf-8")


def _print_table(counts: dict[str, Counter[str]]) -> None:
    print(f"{'reader':22}" + "".join(f"{end:>16}" for end in ENDS))
    total = Counter[str]()
    for name, found in counts.items():
        print(f"{name:22}" + "".join(f"{found[end]:16}" for end in ENDS))
        total += found
    print(f"{'all ' + format(total.total(), ','):22}" + "".join(f"{total[end]:16}" for end in ENDS))


if __name__ == "__main__":
    raise SystemExit(main())
