"""Model: what every model offers, whatever it is made of: prepare raw items, run them, say how it can be loaded again."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from badcase.distributed.process_group import several
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.inputs import Batch, Inputs, Raw
from badcase.models.last_layer import LastLayer, find_last_layer
from badcase.models.output import ModelOutput, few, in_output_order, logits_of, matching, numbered
from badcase.out_of_memory import is_out_of_memory


class Model(ABC):
    """A network with its own preparation of inputs.

    Attributes:
        spec: JSON-able; it gives the same model back through `load_model`.
        classes: None where the model does not name them.
        notes: Sentences about what had to be assumed while loading it.
    """

    trainable = True

    def __init__(
        self,
        network: nn.Module,
        inputs: Inputs,
        *,
        spec: dict[str, Any],
        kind: Kind,
        name: str,
        classes: Sequence[str] | None,
        notes: Sequence[str] = (),
    ) -> None:
        self.network, self.inputs, self.spec, self.kind, self.name = network, inputs, spec, kind, name
        self.classes: tuple[str, ...] | None = None if classes is None else tuple(classes)
        self.own_classes = self.classes  # in the order of the network's outputs
        self.order: list[int] | None = None  # own output number of each class, where `align` had to reorder
        self.notes: list[str] = list(notes)
        self._last: LastLayer | None = None
        network.eval()

    def prepare(self, raw: Sequence[Raw]) -> Batch:
        """Tensors on the CPU for some PIL images or texts; safe to call from several threads."""
        try:
            return self.inputs(raw)
        except BadcaseError:
            raise
        except Exception as error:  # a person's own `prepare`, or a processor, may raise anything
            if is_out_of_memory(error):
                raise
            raise BadcaseError(
                _("items could not be made into one batch for the model"),
                where=self.name,
                got=error if isinstance(error, ValueError) else f"{type(error).__name__}: {error}",
                hint=_("Let the model's image processor resize to one fixed size.")
                if self.kind is Kind.IMAGE
                else _("Check the tokenizer beside the model."),
            ) from error

    def align(self, classes: Sequence[str], column: str | None = None) -> None:
        """Give outputs in the order of these classes; BadcaseError where they are not the model's.

        `column` is the one of the data that they come from, for a network that has learnt several.
        """
        if self.own_classes is None:
            self._count_fits(classes)
            self.own_classes = tuple(in_output_order(classes))
            self.notes.append(self._nameless(classes))
        self.order = matching(self.own_classes, classes, self.name)
        self.classes = tuple(classes)
        if self.order == list(range(len(classes))):
            self.order = None
        elif numbered(self.own_classes) is None or numbered(classes) is None:
            self.notes.append(_("The model has its classes in another order; its outputs are put in the project's."))

    def _nameless(self, classes: Sequence[str]) -> str:
        """How the outputs of a model without names were taken."""
        numbers = numbered(classes)
        if numbers is None:
            return _("The model does not name its classes; they are taken in the order of the project's.")
        if sorted(numbers) == list(range(len(classes))):
            return _("The model numbers its classes, and so does the project: they are matched by number.")
        return _("The model does not name its classes; they are taken in the order of the project's numbers: {names}.").format(
            names=few(in_output_order(classes))
        )

    def _count_fits(self, classes: Sequence[str]) -> None:
        if self.classes_count != len(classes):
            raise BadcaseError(
                _("the model has another number of classes than the project"),
                where=self.name,
                expected=_("{n} classes: {names}").format(n=len(classes), names=few(classes)),
                got=self.classes_count,
                hint=_("Choose the model that was trained for these classes, or a packaged backbone."),
            )

    def forward(self, batch: Batch) -> ModelOutput:
        """Run a prepared batch that lies on the model's device; gradients flow where they are enabled."""
        last = self.last_layer
        return self._ordered(last.read(logits_of(self.network(**batch))))

    def _ordered(self, output: ModelOutput) -> ModelOutput:
        return output if self.order is None else ModelOutput(output.logits[:, self.order], output.embeddings)

    def head_logits(self, embeddings: npt.NDArray[Any]) -> npt.NDArray[np.float32] | None:
        """(n, k) logits from (n, d) embeddings without running the network; None where that cannot be done."""
        if not self.last_layer.exact:
            return None
        with torch.no_grad():
            given = torch.from_numpy(np.asarray(embeddings, np.float32)).to(self.device)
            logits: npt.NDArray[np.float32] = self.last_layer.logits(given).cpu().numpy()
        return logits if self.order is None else logits[:, self.order]

    @property
    def last_layer(self) -> LastLayer:
        """The layer whose output is the logits, found by running the network once."""
        if self._last is None:
            self._last = find_last_layer(self.network, self.example(), self.name)
        return self._last

    def example(self) -> Batch:
        """A prepared batch of two items, on the model's device."""
        from PIL import Image

        noise: list[Raw] = [Image.effect_noise((64, 64), 60).convert("RGB") for _copy in range(2)]
        raw: list[Raw] = ["a b", "c"] if self.kind is Kind.TEXT else noise
        return {name: tensor.to(self.device) for name, tensor in self.prepare(raw).items()}

    @property
    def head(self) -> nn.Module:
        """What is trained where all below it is frozen."""
        layer: nn.Module = self.last_layer.layer
        return layer

    @property
    def classes_count(self) -> int:
        return self.last_layer.outputs

    @property
    def embedding_id(self) -> str:
        """A digest that two models share exactly when they turn the same item into the same embedding."""
        head = f"{self.last_layer.name}."
        return digest_of(self.network, self.inputs, leave_out=head)

    @property
    def device(self) -> torch.device:
        return next((tensor.device for tensor in self.network.parameters()), torch.device("cpu"))

    def to(self, device: torch.device) -> Self:
        self.network.to(device)
        return self

    def take_any_labels(self) -> None:  # noqa: B027 - most forms cannot
        """An item may have any number of these classes: where the form of what is saved can say so, it does."""

    @abstractmethod
    def with_classes(self, classes: Sequence[str], rng_seed: int) -> Model:
        """A copy for these classes: the same weights below the last layer, which is new and random."""

    @abstractmethod
    def scratch(self, seed: int) -> Model:
        """A copy with every weight drawn anew."""

    @abstractmethod
    def save(self, folder: Path) -> dict[str, Any]:
        """Write the model as it is now into a folder that `load_model` reads; returns the spec of that folder."""


def digest_of(network: nn.Module, inputs: Inputs, *, leave_out: str | None = None) -> str:
    """Digest of weights and input preparation; parameters below the module named `leave_out` do not count."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(type(network).__name__.encode())
    digest.update(json.dumps(inputs.describe(), sort_keys=True, default=str).encode())
    for name, tensor in sorted(network.state_dict().items()):
        if leave_out is not None and name.startswith(leave_out):
            continue
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def choose_device(name: str | None = None) -> torch.device:
    """The named device, or the fastest one that is here; BadcaseError where the named one is not.

    Where a launcher started several processes each has a GPU of its own, so one by number is refused.
    """
    here = ["cpu"]
    if torch.backends.mps.is_available():
        here.insert(0, "mps")
    if torch.cuda.is_available():
        here.insert(0, "cuda")
    if name is None:
        return torch.device(here[0])
    if several() and ":" in name:
        raise BadcaseError(
            _("several processes cannot share one GPU chosen by number"),
            where="device",
            expected="cpu | cuda",
            got=name,
            hint=_(
                "Use --device cuda, which gives each process a GPU of its own; CUDA_VISIBLE_DEVICES sets which GPUs are "
                "available."
            ),
        )
    if name.split(":")[0] not in here:
        raise BadcaseError(
            _("this device is not available"),
            where="device",
            expected=", ".join(here),
            got=name,
            hint=_("Leave the device out to use the fastest one; `badcase doctor` says why a GPU is not seen."),
        )
    return torch.device(name)
