"""A classifier of images or texts of any architecture that transformers has; `foreign.transformers_folder` loads it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from badcase.models.model import Model
from badcase.models.random_state import seeded


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Load without progress bars and remarks; whether transformers shows these is the user's own setting, and stays."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


class HuggingFaceModel(Model):
    """Any architecture that transformers' Auto classes load."""

    network: Any

    def with_classes(self, classes: Sequence[str], rng_seed: int) -> HuggingFaceModel:
        fresh = self._anew(classes, rng_seed)
        shapes = {name: tensor.shape for name, tensor in fresh.state_dict().items()}
        head = f"{self.last_layer.name}."
        kept = {
            name: tensor
            for name, tensor in self.network.state_dict().items()
            if shapes.get(name) == tensor.shape and not name.startswith(head)
        }
        fresh.load_state_dict(kept, strict=False)
        return self._around(fresh, classes)

    def scratch(self, seed: int) -> HuggingFaceModel:
        fresh = self._around(self._anew(self.own_classes or names_of(self.network.config), seed), self.own_classes)
        fresh.order, fresh.classes = self.order, self.classes
        return fresh

    def _anew(self, classes: Sequence[str], seed: int) -> Any:
        config = copy.deepcopy(self.network.config)
        config.id2label = dict(enumerate(classes))
        config.label2id = {name: number for number, name in enumerate(classes)}
        with seeded(seed):
            return type(self.network)(config).to(self.device)

    def _around(self, network: nn.Module, classes: Sequence[str] | None) -> HuggingFaceModel:
        return HuggingFaceModel(
            network, self.inputs, spec=self.spec, kind=self.kind, name=self.name, classes=classes, notes=self.notes
        )

    def take_any_labels(self) -> None:
        self.network.config.problem_type = "multi_label_classification"

    @quiet_transformers()
    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        if self.own_classes is not None:
            self.network.config.id2label = dict(enumerate(self.own_classes))
            self.network.config.label2id = {name: number for number, name in enumerate(self.own_classes)}
        self.network.save_pretrained(folder)
        self.inputs.save(folder)
        return {"kind": "hugging_face", "source": str(folder), "task": self.kind.value, "name": self.name}


def names_of(config: Any) -> list[str]:
    """The classes that a configuration names, in the order of the outputs."""
    return [str(config.id2label[number]) for number in sorted(config.id2label, key=int)]
