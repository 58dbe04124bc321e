"""Faster ways to predict on a processor, each of which is taken where a few items show that it is faster and says the same.

Decoding images near the size that the model reads, OpenVINO in place of torch, bfloat16, another number of items at once. What
each does to the outputs is measured against full decoding, torch and float32, and told with the bound that it kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import softmax

from badcase.i18n import _, percent
from badcase.items import Kind
from badcase.models.output import ModelOutput
from badcase.models.running import Runner, fast_precision
from badcase.out_of_memory import is_out_of_memory
from badcase.prediction import openvino_network
from badcase.progress import Job, Notice, Progress

# How far the outputs of any item may be from those of the plain way: of embeddings the relative distance, of probabilities the
# difference. Saving a photo as JPEG of quality 92 once more moves the embedding of the packaged network by .02.
BOUND = 0.05
_GAIN = 1.1  # times as fast, from which on a way is taken
_WORTH, _LONG = 60.0, 300.0  # seconds of the whole prediction: from the first on ways are looked for, from the second on proposed
_ITEMS = 32  # looked at
_TIMES = 2
_REDUCED = 2  # times the side that the model reads: what is resized from there by more than half is all but the same
_BATCHES = (4, 16, 32)
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ways:
    """How a runner is set up; what other processes need to do their part of its work alike."""

    batch_size: int
    precision: torch.dtype | None
    least: int | None
    compiled: bool

    @classmethod
    def of(cls, runner: Runner) -> Ways:
        return cls(runner.batch_size, runner.precision, runner.least, runner.compiled is not None)

    def set(self, runner: Runner) -> None:
        """Set a runner of the same model and items up like this."""
        runner.batch_size, runner.precision, runner.least = self.batch_size, self.precision, self.least
        if self.compiled:
            _compile(runner)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The outputs of some items, (items, k) and (items, d), and the seconds of the processor from their files to these."""

    logits: Floats
    embeddings: Floats
    seconds: float


def faster_ways(runner: Runner, ids: npt.NDArray[np.int64], told: Callable[[], Progress]) -> Job[None]:
    """Set the runner to every faster way that suits its model, these items and this processor, and tell of it.

    told: How far the prediction is that this is a part of.
    """
    yield told()
    few = ids[np.linspace(0, len(ids) - 1, min(_ITEMS, len(ids))).astype(int)]
    runner.precision = None
    whole = _look(runner, few).seconds / len(few) * len(ids)
    if whole < _WORTH:
        return
    plain = now = _shortest(runner, few)
    taken, farthest = dict[str, str](), 0.0
    for what, title, take in _ways(runner):
        yield told()
        before, network = Ways.of(runner), runner.compiled
        seen = _tried(runner, few, take)
        apart = np.inf if seen is None else difference(plain, seen)
        if seen is not None and apart <= BOUND and now.seconds > _GAIN * seen.seconds:
            taken[what] = title
            now, farthest = seen, apart
            continue
        replace(before, compiled=False).set(runner)
        runner.compiled = network
        if seen is not None and apart > BOUND:
            text = _("{way}: not used, for the outputs of an item differ by {share} ({bound} is allowed).")
            yield Notice(text.format(way=title, share=percent(apart, 1), bound=percent(BOUND)))
    if taken:
        text = _(
            "{ratio:.1f} times as fast as the plain way: {ways}. The outputs of {n} items differ by at most {share} "
            "({bound} is allowed)."
        )
        words = {"ways": ", ".join(taken.values()), "n": len(few), "share": percent(farthest, 2), "bound": percent(BOUND)}
        yield Notice(text.format(ratio=plain.seconds / now.seconds, **words), _("`badcase predict --exact` does without."))
    if whole > _LONG and runner.model.kind is Kind.IMAGE and not openvino_network.is_installed():
        text = _("OpenVINO may run this network a few times as fast on this processor.")
        yield Notice(text, _("Install it with `pip install 'badcase[openvino]'`."))


def _ways(runner: Runner) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """What each way changes, its title, and what sets the runner to it; each is asked for when those before it are settled."""
    half = fast_precision(runner.model.device)
    side = getattr(runner.model.inputs, "side", None)
    if runner.model.kind is Kind.IMAGE:
        if side is not None:
            title = _("JPEGs decoded near the size that the model reads")
            yield "decoding", title, partial(setattr, runner, "least", _REDUCED * side)
        if openvino_network.is_installed():
            yield "engine", "OpenVINO", partial(_compile, runner)
    if half is not None:
        yield "precision", str(half).removeprefix("torch."), partial(_halve, runner, half)
    if runner.asked_batch is None:
        for size in _BATCHES:
            yield "batch", _("{n} items at once").format(n=size), partial(setattr, runner, "batch_size", size)


def _compile(runner: Runner) -> None:
    runner.compiled = openvino_network.compiled(runner.model, runner.precision)


def _halve(runner: Runner, half: torch.dtype) -> None:
    runner.precision = half
    if runner.compiled is not None:
        _compile(runner)


def _tried(runner: Runner, ids: npt.NDArray[np.int64], take: Callable[[], None]) -> _Seen | None:
    """What comes of a way; None where the network cannot be run so."""
    try:
        take()
        wanted = Ways.of(runner)
        seen = _shortest(runner, ids)
    except Exception as error:  # a compiler meets any network, and fails on it in any way
        if is_out_of_memory(error):
            raise
        return None
    return seen if Ways.of(runner) == wanted else None  # else the runner has given it up on the way


def _shortest(runner: Runner, ids: npt.NDArray[np.int64]) -> _Seen:
    """The quickest of a few looks, by the time of the processor, which other work on the machine hardly lengthens."""
    return min((_look(runner, ids) for _time in range(_TIMES)), key=lambda seen: seen.seconds)


def _look(runner: Runner, ids: npt.NDArray[np.int64]) -> _Seen:
    began, size = time.process_time(), runner.batch_size
    made = [runner.forward(runner.load(ids[start : start + size]).batch) for start in range(0, len(ids), size)]
    logits, embeddings = (_joined(made, name) for name in ("logits", "embeddings"))
    return _Seen(logits, embeddings, time.process_time() - began)


def _joined(made: list[ModelOutput], name: str) -> Floats:
    rows: Floats = torch.cat([getattr(one, name).float() for one in made]).numpy()
    return rows


def difference(plain: _Seen, other: _Seen) -> float:
    """How far the farthest item is from its plain outputs: see `BOUND`. Infinite where an output is not finite."""
    lengths = np.linalg.norm(plain.embeddings, axis=1)
    apart = np.linalg.norm(plain.embeddings - other.embeddings, axis=1) / np.maximum(lengths, 1e-12)
    farthest = float(apart.max(initial=0.0))
    if plain.logits.shape[1]:
        farthest = max(farthest, float(np.abs(softmax(plain.logits, 1) - softmax(other.logits, 1)).max()))
    return farthest if np.isfinite(farthest) else np.inf
