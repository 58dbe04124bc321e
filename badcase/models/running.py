"""A model over many items: loading ahead in threads, half precision where it is fast, batches that shrink to fit."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import Items, Kind
from badcase.models.foreign.first_pass import explained
from badcase.models.inputs import Batch, Raw
from badcase.models.model import Model
from badcase.models.output import ModelOutput
from badcase.out_of_memory import is_out_of_memory

Ids: TypeAlias = npt.NDArray[np.int64]
Network: TypeAlias = Callable[[Batch], ModelOutput]
BATCH = {("cpu", Kind.IMAGE): 8, ("cpu", Kind.TEXT): 32, ("gpu", Kind.IMAGE): 64, ("gpu", Kind.TEXT): 128}
STAND_IN = (64, 64)


@dataclass(frozen=True, slots=True)
class Piece:
    """Outputs of items ids (b,): logits (b, k) and embeddings (b, d) float32; `unread` names what could not be loaded."""

    ids: Ids
    logits: npt.NDArray[np.float32]
    embeddings: npt.NDArray[np.float32]
    unread: dict[int, str]


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """A prepared batch of items ids (b,), and why some of them are only stood in for."""

    ids: Ids
    batch: Batch
    unread: dict[int, str]


class Runner:
    """Runs one model. `batch_size` is halved when memory runs out, and stays so; `precision` is what it settled on.

    Attributes:
        asked_batch: The batch size that a person asked for.
        least: Images whose format can be decoded smaller are, as far as no side gets under so many pixels; None for full size.
        compiled: What runs the network in place of torch; None where torch does.
    """

    def __init__(self, model: Model, items: Items, batch_size: int | None = None) -> None:
        self.model, self.items = model, items
        self.on_gpu = model.device.type != "cpu"
        self.asked_batch = batch_size
        self.batch_size = batch_size or BATCH["gpu" if self.on_gpu else "cpu", model.kind]
        self.precision = fast_precision(model.device)
        self.least: int | None = None
        self.compiled: Network | None = None
        self.halved = 0
        if model.kind is Kind.IMAGE:
            model.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def pieces(self, ids: Ids) -> Iterator[Piece]:
        """Outputs of these items, a batch at a time; the next batches load meanwhile."""
        workers = min(16 if self.on_gpu else 2, os.cpu_count() or 1)
        waiting: deque[Future[PreparedBatch]] = deque()
        running: deque[tuple[PreparedBatch, ModelOutput]] = deque()
        start = 0
        training = self.model.network.training
        self.model.network.eval()
        pool = ThreadPoolExecutor(workers, thread_name_prefix="load")
        try:
            while start < len(ids) or waiting:
                while start < len(ids) and len(waiting) < workers + 2:
                    waiting.append(pool.submit(self.load, ids[start : start + self.batch_size]))
                    start += self.batch_size
                loaded = waiting.popleft().result()
                running.append((loaded, self.forward(loaded.batch)))
                if len(running) > 1:  # fetch a batch while the next one runs on the GPU
                    yield self._fetch(*running.popleft())
            while running:
                yield self._fetch(*running.popleft())
        finally:
            self.model.network.train(training)
            pool.shutdown(wait=True, cancel_futures=True)

    def load(self, ids: Ids) -> PreparedBatch:
        """These items as a batch on the CPU; what cannot be read is stood in for, and named."""
        raw: list[Raw] = []
        unread: dict[int, str] = {}
        for i in ids.tolist():
            try:
                raw.append(self.items.for_model(i, least=self.least))
            except (BadcaseError, OSError) as error:
                if is_out_of_memory(error):  # says nothing of the item, and what is done is kept
                    raise
                unread[i] = str(error)
                raw.append(Image.new("RGB", STAND_IN, "gray") if self.items.kind is Kind.IMAGE else "")
        batch = self.model.prepare(raw)
        if self.model.device.type == "cuda":
            batch = {name: tensor.pin_memory() for name, tensor in batch.items()}
        return PreparedBatch(ids, batch, unread)

    def forward(self, batch: Batch) -> ModelOutput:
        """One batch through the network, in parts where memory is short, in full precision where half fails."""
        n, start = len(next(iter(batch.values()))), 0
        parts: list[ModelOutput] = []
        while start < n:
            rows = slice(start, start + self.batch_size)
            part = {name: tensor[rows] for name, tensor in batch.items()}
            try:
                parts.append(self._once(part))
                start = rows.stop
            except BadcaseError:
                raise
            except Exception as error:  # a person's network may raise anything
                if is_out_of_memory(error):
                    self._shrink(min(n, rows.stop) - start, error)
                else:
                    self._go_plainer(part, error)
        if len(parts) == 1:
            return parts[0]
        return ModelOutput(torch.cat([part.logits for part in parts]), torch.cat([part.embeddings for part in parts]))

    def _shrink(self, failed: int, error: Exception) -> None:
        if failed == 1:
            raise BadcaseError(
                _("one item alone does not fit into the memory of the device"),
                where=str(self.model.device),
                hint=_("Use --device cpu, or a smaller model."),
            ) from error
        if self.model.device.type == "cuda":
            torch.cuda.empty_cache()
        self.batch_size = failed // 2
        self.halved += 1

    def _go_plainer(self, batch: Batch, error: Exception) -> None:
        """Networks with fixed types inside refuse half precision; what fails in full precision and torch too is an error."""
        if self.compiled is not None:
            self.compiled = None
            return
        if self.precision is not None:
            self.precision = None
            return
        raise explained(self.model.name, self.model.network, batch, error) from error

    def _once(self, batch: Batch) -> ModelOutput:
        if self.compiled is not None:
            return self.compiled(batch)
        device = self.model.device
        moved = {}
        for name, tensor in batch.items():
            tensor = tensor.to(device, non_blocking=True)
            moved[name] = tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor
        with torch.inference_mode(), self._autocast():
            return self.model.forward(moved)

    def _autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.model.device.type, self.precision) if self.precision is not None else nullcontext()

    def _fetch(self, loaded: PreparedBatch, output: ModelOutput) -> Piece:
        logits, embeddings = _arrays(output)
        if self.precision is not None and not (np.isfinite(logits).all() and np.isfinite(embeddings).all()):
            kept, self.precision = self.precision, None  # this batch is beyond what half precision holds
            logits, embeddings = _arrays(self.forward(loaded.batch))
            self.precision = kept
        return Piece(loaded.ids, logits, embeddings, loaded.unread)


def _arrays(output: ModelOutput) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    return output.logits.float().cpu().numpy(), output.embeddings.float().cpu().numpy()


def fast_precision(device: torch.device) -> torch.dtype | None:
    """The half precision that this device computes faster than float32, if it has one."""
    if device.type == "cuda":
        return torch.float16
    flags = Path("/proc/cpuinfo")
    if device.type == "cpu" and flags.exists():
        words = set(flags.read_text(errors="replace").partition("flags")[2].partition("\n")[0].split())
        return torch.bfloat16 if words & {"avx512_bf16", "amx_bf16"} else None
    return None
