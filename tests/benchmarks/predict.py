"""Prints how fast `Runner` predicts against a bare loop of the same network: python -m tests.benchmarks.predict [n].

Both load, prepare and run the same items in the same batches and precision, in turns, so that other work on the machine
touches both. The figure is the median of the ratios of wall time; below 1.10 is within the promise.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch

from badcase.items import Items, Kind
from badcase.models import Model, choose_device, load_model
from badcase.models.running import BATCH, Runner, fast_precision
from badcase.project import Project
from tests import DATA

ROUNDS = 5


def bare_loop(model: Model, items: Items, ids: list[int]) -> None:
    """What one writes by hand: read, prepare, forward, keep."""
    size = BATCH["cpu" if model.device.type == "cpu" else "gpu", model.kind]
    precision = fast_precision(model.device)
    outputs = []
    for start in range(0, len(ids), size):
        part = ids[start : start + size]
        raw = [items.image(i) if items.kind is Kind.IMAGE else items.text(i) for i in part]
        batch = {name: tensor.to(model.device) for name, tensor in model.prepare(raw).items()}
        if items.kind is Kind.IMAGE:
            batch = {name: tensor.contiguous(memory_format=torch.channels_last) for name, tensor in batch.items()}
        half = torch.autocast(model.device.type, precision) if precision else nullcontext()
        with torch.inference_mode(), half:
            outputs.append(model.network(**batch).float().cpu())


def runner(model: Model, items: Items, ids: list[int]) -> None:
    for _piece in Runner(model, items).pieces(np.array(ids, np.int64)):
        pass


def seconds(work: Callable[[Model, Items, list[int]], None], model: Model, items: Items, ids: list[int]) -> float:
    start = time.perf_counter()
    work(model, items, ids)
    return time.perf_counter() - start


def compare(name: str, data: str, n: int, **columns: str) -> None:
    model = load_model(name, device=str(choose_device()))
    with tempfile.TemporaryDirectory() as folder, Project.create(Path(folder) / "p", DATA / data, **columns) as project:
        items = project.items
        ids = list(range(min(n, len(items))))
        if items.kind is Kind.TEXT:
            ids.sort(key=lambda i: -len(items.text(i)))
        runner(model, items, ids[:64])
        ratios, rates = [], []
        for _round in range(ROUNDS):
            bare, ours = seconds(bare_loop, model, items, ids), seconds(runner, model, items, ids)
            ratios.append(ours / bare)
            rates.append(len(ids) / ours)
    print(
        f"{name:20} {len(ids):6} items  {np.median(rates):8.1f} a second"
        f"  time against a bare loop {np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        flush=True,
    )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(platform.platform(), "torch", torch.__version__, choose_device(), torch.get_num_threads(), "threads")
    compare("efficientnet-lite0", "signdigits_planted.zip", count)
    compare("minilm", "banking77.csv.gz", count * 4, label="label")
