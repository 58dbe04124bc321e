"""Prints what `fit` takes against a bare loop of the same training: python -m tests.benchmarks.throughput.

Both train the same network on the same items in batches of the same size, on the same device and in the same precision,
with AdamW and clipping, look at the validation items after every epoch and keep the best weights. The bare loop is what
one writes by hand in plain torch. They take turns, so that other work on the machine touches both; the figures are the
medians of the ratios of wall time and of processor time, which other work touches less. Below 1.05 is within the promise.
"""

from __future__ import annotations

import argparse
import copy
import platform
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from badcase.models import choose_device
from badcase.progress import finish
from badcase.training.data.batches import Batches, Inputs, Splits
from badcase.training.data.training_set import TrainingRows
from badcase.training.loop.fit import fit
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import Recipe
from badcase.training.run_folder.run import Run

CLASSES, SIDE, LENGTH, VOCABULARY = 10, 32, 32, 2000
SIZES = {"cpu": (512, 64), "cuda": (16_384, 1024)}  # training and validation items
RECIPE = Recipe(epochs=2, batch_size=32, learning_rate=1e-3, freeze="nothing", patience=0).settled("image")


class Case:
    """A network and its data, which lie in memory: reading files is no part of the question."""

    def __init__(self, name: str, network: nn.Module, inputs: Inputs, device: torch.device) -> None:
        self.name, self.network, self.inputs, self.device = name, network.to(device), inputs, device
        n = len(next(iter(inputs.values())))
        self.train = SIZES[device.type][0]
        self.labels = np.random.default_rng(0).integers(0, CLASSES, n)
        self.before = copy.deepcopy(network.state_dict())

    def logits(self, inputs: Inputs) -> Tensor:
        made = self.network(**inputs)
        logits: Tensor = getattr(made, "logits", made)
        return logits

    def anew(self) -> None:
        self.network.load_state_dict(self.before)
        if self.device.type == "cuda":
            torch.cuda.synchronize()


class SmallConvNet(nn.Module):
    """Four convolutions: what trains fast, so that what surrounds it shows."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 32, 64, 128, 128)
        blocks = [
            nn.Sequential(nn.Conv2d(a, b, 3, 1 if a == 3 else 2, 1), nn.BatchNorm2d(b), nn.ReLU()) for a, b in pairwise(widths)
        ]
        self.body, self.head = nn.Sequential(*blocks), nn.Linear(widths[-1], CLASSES)

    def forward(self, pixel_values: Tensor) -> Tensor:
        logits: Tensor = self.head(self.body(pixel_values).mean((2, 3)))
        return logits


def images(device: torch.device) -> Case:
    n = sum(SIZES[device.type])
    pixels = torch.from_numpy(np.random.default_rng(1).normal(size=(n, 3, SIDE, SIDE)).astype(np.float32))
    return Case("images, four convolutions", SmallConvNet(), {"pixel_values": pixels}, device)


def texts(device: torch.device) -> Case:
    from transformers import BertConfig, BertForSequenceClassification

    size = {"hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 512}
    network = BertForSequenceClassification(BertConfig(vocab_size=VOCABULARY, num_labels=CLASSES, **size))
    n = sum(SIZES[device.type])
    words = torch.from_numpy(np.random.default_rng(1).integers(5, VOCABULARY, (n, LENGTH)))
    return Case("texts, BERT tiny", network, {"input_ids": words, "attention_mask": torch.ones_like(words)}, device)


def bare_loop(case: Case) -> None:
    """What one writes by hand."""
    device, network = case.device, case.network
    optimizer = torch.optim.AdamW(network.parameters(), RECIPE.learning_rate, weight_decay=RECIPE.weight_decay)
    labels, best, lowest = torch.from_numpy(case.labels), None, float("inf")
    rng = np.random.default_rng(0)

    def batch(places: np.ndarray) -> tuple[Inputs, Tensor]:
        given = {name: value[places] for name, value in case.inputs.items()}
        if device.type == "cuda":
            given = {name: value.pin_memory() for name, value in given.items()}
        return {name: value.to(device, non_blocking=True) for name, value in given.items()}, labels[places].to(device)

    def precision() -> torch.autocast:
        return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")

    for _epoch in range(RECIPE.epochs):
        network.train()
        shuffled = rng.permutation(case.train)
        for start in range(0, case.train, RECIPE.batch_size):
            inputs, target = batch(shuffled[start : start + RECIPE.batch_size])
            with precision():
                logits = case.logits(inputs).float()
            loss = functional.cross_entropy(logits, target)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), RECIPE.gradient_clip or torch.inf)
            optimizer.step()
            optimizer.zero_grad()
        network.eval()
        total = 0.0
        with torch.no_grad(), precision():
            for start in range(case.train, len(case.labels), RECIPE.batch_size):
                inputs, target = batch(np.arange(start, min(start + RECIPE.batch_size, len(case.labels))))
                total += float(functional.cross_entropy(case.logits(inputs).float(), target, reduction="sum"))
        if total < lowest:
            lowest, best = total, {name: value.detach().to("cpu", copy=True) for name, value in network.state_dict().items()}
    assert best is not None


def ours(case: Case) -> None:
    def fetch(items: np.ndarray) -> Inputs:
        return {name: value[items] for name, value in case.inputs.items()}

    def batches(start: int, end: int, seed: int | None) -> Batches:
        rows = TrainingRows(np.arange(start, end), case.labels[start:end])
        return Batches(rows, fetch, RECIPE.batch_size, case.device, seed=seed)

    head = getattr(case.network, "head", None) or case.network.classifier
    trainee = Trainee(case.network, head, case.logits, CLASSES, case.device)
    splits = Splits(batches(0, case.train, 0), batches(case.train, len(case.labels), None))
    with tempfile.TemporaryDirectory() as folder:
        finish(fit(trainee, splits, RECIPE, Run.begin(Path(folder) / "run", RECIPE)))


def seconds(work: Callable[[Case], None], case: Case) -> tuple[float, float]:
    """Wall time and processor time."""
    case.anew()
    start = time.perf_counter(), time.process_time()
    work(case)
    if case.device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def compare(case: Case, rounds: int) -> None:
    bare, fits = [], []
    for number in range(rounds + 1):
        order = (bare_loop, ours) if number % 2 else (ours, bare_loop)
        took = {work: seconds(work, case) for work in order}
        if number:  # the first of each only warms up
            bare.append(took[bare_loop])
            fits.append(took[ours])
    ratios = np.array(fits) / np.array(bare)
    rate = case.train * RECIPE.epochs / np.median(np.array(fits)[:, 0])
    wall, processor = np.median(ratios, axis=0)
    print(
        f"{case.name:26} {case.device.type:5} {rate:9.0f} items a second  against a bare loop: time {wall:.3f}"
        f" ({ratios[:, 0].min():.2f} to {ratios[:, 0].max():.2f}), processor time {processor:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--device")
    given = parser.parse_args()
    here = choose_device(given.device)
    print(platform.platform(), "torch", torch.__version__, here, torch.get_num_threads(), "threads", flush=True)
    for device in dict.fromkeys((torch.device("cpu"), here)):
        torch.manual_seed(0)
        compare(images(device), given.rounds)
        compare(texts(device), given.rounds)
