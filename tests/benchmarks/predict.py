"""How fast a model predicts, against a bare loop of the same network, and what the faster ways bring: `make benchmark-predict`.

bare: what one writes by hand, the same items read, prepared and run in the same batches in float32. plain: `Runner` as
`--exact` has it. faster: with the ways that `faster_ways.py` takes on this machine. They take turns, so that other work on the
machine touches all; the figures are medians, on the wall and of the processor, which other work touches less. plain is
promised within 1.10 of bare, faster aimed at 1.8 times as many images a second as plain. photos are 1600 x 1200.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from badcase.items import Items, Kind
from badcase.models import Model, choose_device, load_model
from badcase.models.running import Runner
from badcase.prediction import faster_ways
from badcase.progress import Notice, Progress
from badcase.project import Project
from tests import DATA
from tests.benchmarks.made_projects import make_images

ROUNDS, ITEMS = 5, 200
Ids = np.ndarray
Figures = dict[str, float | str]


def bare_loop(model: Model, items: Items, size: int, ids: Ids) -> None:
    """What one writes by hand: read, prepare, forward, keep."""
    outputs = []
    for start in range(0, len(ids), size):
        part = ids[start : start + size].tolist()
        raw = [items.image(i) if items.kind is Kind.IMAGE else items.text(i) for i in part]
        batch = {name: tensor.to(model.device) for name, tensor in model.prepare(raw).items()}
        if items.kind is Kind.IMAGE:
            batch = {name: tensor.contiguous(memory_format=torch.channels_last) for name, tensor in batch.items()}
        with torch.inference_mode():
            outputs.append(model.network(**batch).float().cpu())


def run(runner: Runner, ids: Ids) -> None:
    for _piece in runner.pieces(ids):
        pass


def seconds(work: Callable[[], None]) -> tuple[float, float]:
    """On the wall, and of the processor."""
    began = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began[0], time.process_time() - began[1]


def compare(name: str, items: Items, count: int, rounds: int) -> Figures:
    model = load_model(name, device=str(choose_device()))
    ids = np.arange(min(count, len(items)))
    if items.kind is Kind.TEXT:
        ids = np.array(sorted(ids.tolist(), key=lambda i: -len(items.text(i))))
    plain, faster = Runner(model, items), Runner(model, items)
    plain.precision = None
    told = []
    if not faster.on_gpu:
        look = faster_ways.faster_ways(faster, ids, lambda: Progress(name))
        told = [event.text for event in look if isinstance(event, Notice)]
    works = {
        "bare": lambda: bare_loop(model, items, plain.batch_size, ids),
        "plain": lambda: run(plain, ids),
        "faster": lambda: run(faster, ids),
    }
    took: dict[str, list[tuple[float, float]]] = {way: [] for way in works}
    for _round in range(rounds):
        for way, work in works.items():
            took[way].append(seconds(work))
    middle = {way: np.median(times, axis=0) for way, times in took.items()}
    figures: Figures = {"items": len(ids), "ways": " ".join(told)}
    for way, (wall, processor) in middle.items():
        figures |= {f"{way}, a second": len(ids) / wall, f"{way}, processor ms an item": 1000 * processor / len(ids)}
    for number, clock in enumerate(("wall", "processor")):
        figures[f"plain against bare, {clock}"] = float(middle["plain"][number] / middle["bare"][number])
        figures[f"times as fast as plain, {clock}"] = float(middle["plain"][number] / middle["faster"][number])
    return figures


@contextmanager
def signs() -> Iterator[Items]:
    with tempfile.TemporaryDirectory() as folder, Project.create(Path(folder) / "p", DATA / "signdigits_planted.zip") as project:
        yield project.items


@contextmanager
def photos() -> Iterator[Items]:
    with tempfile.TemporaryDirectory() as folder:
        make_images(Path(folder))
        with Project.open(Path(folder) / "project") as project:
            yield project.items


@contextmanager
def texts() -> Iterator[Items]:
    source = DATA / "banking77.csv.gz"
    with tempfile.TemporaryDirectory() as folder, Project.create(Path(folder) / "p", source, label="label") as project:
        yield project.items


PARTS = {"signs": ("efficientnet-lite0", signs), "photos": ("efficientnet-lite0", photos), "texts": ("minilm", texts)}


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast a model predicts.")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    asked = parser.parse_args()
    faster_ways._WORTH = 0.0  # a few items stand for very many
    if not asked.json:
        machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
        print(machine, "torch", torch.__version__, choose_device(), torch.get_num_threads(), "threads")
    figures = {}
    for part in asked.part:
        name, made = PARTS[part]
        if part != "photos" and not DATA.is_dir():
            continue
        with made() as items:
            figures[part] = compare(name, items, asked.items, asked.rounds)
        if not asked.json:
            print(f"{part}, {name}")
            for what, value in figures[part].items():
                print(f"  {what:34}{value if isinstance(value, str) else f'{value:10.2f}'}", flush=True)
    if asked.json:
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
