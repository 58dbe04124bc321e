"""Inputs, from raw items to tensors: an image processor or a tokenizer, behind one small interface."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.out_of_memory import is_out_of_memory
from badcase.store.atomic_files import write_whole

Raw: TypeAlias = Image.Image | str
Batch: TypeAlias = dict[str, Tensor]
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class Inputs(Protocol):
    """How one model wants its items."""

    def __call__(self, raw: Sequence[Raw]) -> Batch: ...
    def save(self, folder: Path) -> None: ...
    def describe(self) -> dict[str, Any]: ...  # JSON-able; equal where the tensors would be equal


class ImageInputs:
    """Resize, crop, scale and normalize as a preprocessor_config.json says, with Pillow and numpy only."""

    def __init__(self, config: dict[str, Any], *, key: str = "pixel_values") -> None:
        unknown = [name for name, value in config.items() if value not in (None, False) and name not in _KNOWN]
        if unknown:
            raise BadcaseError(
                _("this image preparation has a step that is not known here"),
                where="preprocessor_config.json",
                got=", ".join(unknown),
                hint=_("Load the model with `package.module:factory` and let the factory's `prepare` do the step."),
            )
        self.config, self.key = dict(config), key
        mean, std = config.get("image_mean", IMAGENET_MEAN), config.get("image_std", IMAGENET_STD)
        normalize = config.get("do_normalize", True)
        self.normalization = (tuple(mean), tuple(std)) if normalize else ((0.0,) * 3, (1.0,) * 3)
        scale = config.get("rescale_factor", 1 / 255) if config.get("do_rescale", True) else 1.0
        # (x * scale - mean) / std as one multiplication and one addition
        self._gain = np.asarray(scale / np.asarray(self.normalization[1]), np.float32)
        self._shift = np.asarray(-np.asarray(self.normalization[0]) / self.normalization[1], np.float32)

    def __call__(self, raw: Sequence[Raw]) -> Batch:
        pixels = np.stack([self._one(image) for image in raw if isinstance(image, Image.Image)])
        return {self.key: torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()}

    @property
    def side(self) -> int | None:
        """Pixels a side that images are resized to, the shorter side where they keep their shape; None where they are not."""
        return _side(self.config.get("size", 224)) if self.config.get("do_resize", True) else None

    def _one(self, image: Image.Image) -> np.ndarray[Any, np.dtype[np.float32]]:
        if self.config.get("do_resize", True):
            image = image.resize(_resized(image.size, self.config), self.config.get("resample", 2))
        if self.config.get("do_center_crop", False):
            image = _centre(image, *_pair(self.config.get("crop_size", 224)))
        return np.asarray(image.convert("RGB"), np.float32) * self._gain + self._shift

    def save(self, folder: Path) -> None:
        with write_whole(folder / "preprocessor_config.json") as temporary:
            temporary.write_text(json.dumps(self.config, indent=1), encoding="utf-8")

    def describe(self) -> dict[str, Any]:
        return self.config


_KNOWN = {
    *("do_resize", "size", "resample", "default_to_square", "do_center_crop", "crop_size", "do_convert_rgb"),
    *("do_rescale", "rescale_factor", "do_normalize", "image_mean", "image_std"),
    *("image_processor_type", "feature_extractor_type", "processor_class", "_processor_class"),
    *("data_format", "input_data_format", "return_tensors", "disable_grouping"),
}


def _side(size: Any) -> int | None:
    """The side that a processor's size asks an image to have, the longer of two; None where it says nothing of that kind."""
    if isinstance(size, int):
        return size
    sides = [size[name] for name in ("shortest_edge", "height", "width") if isinstance(size.get(name), int)]
    return max(sides, default=None)


def _pair(size: Any) -> tuple[int, int]:
    """(width, height)"""
    return (size["width"], size["height"]) if isinstance(size, dict) else (int(size), int(size))


def _resized(now: tuple[int, int], config: dict[str, Any]) -> tuple[int, int]:
    size = config.get("size", 224)
    if isinstance(size, dict) and "shortest_edge" in size:
        factor = size["shortest_edge"] / min(now)
        return max(1, round(now[0] * factor)), max(1, round(now[1] * factor))
    return _pair(size)


def _centre(image: Image.Image, width: int, height: int) -> Image.Image:
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


class ProcessorInputs:
    """The image processor that transformers made for this model."""

    def __init__(self, processor: Any) -> None:
        self.processor = processor

    @property
    def normalization(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        mean, std = getattr(self.processor, "image_mean", None), getattr(self.processor, "image_std", None)
        if not getattr(self.processor, "do_normalize", False) or mean is None or std is None:
            return None
        return tuple(mean), tuple(std)

    @property
    def side(self) -> int | None:
        """As of `ImageInputs`."""
        size = getattr(self.processor, "size", None)
        return _side(dict(size)) if getattr(self.processor, "do_resize", False) and size else None

    def __call__(self, raw: Sequence[Raw]) -> Batch:
        return {"pixel_values": self.processor(images=list(raw), return_tensors="pt")["pixel_values"]}

    def save(self, folder: Path) -> None:
        self.processor.save_pretrained(folder)

    def describe(self) -> dict[str, Any]:
        return {name: value for name, value in self.processor.to_dict().items() if not name.startswith("_")}


class TextInputs:
    """A tokenizer and the number of tokens beyond which a text is cut.

    `names` are the inputs that the network takes, None for all that the tokenizer makes. Where `fixed`, every row is padded
    to max_length, for programs exported with one length.
    """

    def __init__(self, tokenizer: Any, max_length: int, *, names: Sequence[str] | None = None, fixed: bool = False) -> None:
        self.tokenizer, self.max_length, self.names = tokenizer, max_length, names
        self._padding = "max_length" if fixed else True
        # A fast tokenizer keeps its padding inside and refuses two callers at once; it runs on all cores by itself.
        self._lock = threading.Lock()

    def __call__(self, raw: Sequence[Raw]) -> Batch:
        with self._lock:
            made = self.tokenizer(
                list(raw), padding=self._padding, truncation=True, max_length=self.max_length, return_tensors="pt"
            )
        return {name: tensor for name, tensor in made.items() if self.names is None or name in self.names}

    def unknown_share(self, texts: Sequence[str]) -> float:
        """Share of tokens that the tokenizer does not know."""
        unknown = self.tokenizer.unk_token_id
        with self._lock:
            rows = self.tokenizer(list(texts), truncation=True, max_length=self.max_length, add_special_tokens=False)
        ids = [token for row in rows["input_ids"] for token in row]
        return ids.count(unknown) / len(ids) if ids and unknown is not None else 0.0

    def cut_share(self, texts: Sequence[str]) -> float:
        """Share of texts that are longer than the model reads."""
        return float(np.mean(self.cuts(texts))) if len(texts) else 0.0

    def cuts(self, texts: Sequence[str]) -> list[bool]:
        """Which texts are longer than the model reads."""
        with self._lock:
            rows = self.tokenizer(list(texts), truncation=False, verbose=False)["input_ids"]
        return [len(row) > self.max_length for row in rows]

    def save(self, folder: Path) -> None:
        self.tokenizer.save_pretrained(folder)

    def describe(self) -> dict[str, Any]:
        kind = type(self.tokenizer).__name__
        return {"tokenizer": kind, "words": len(self.tokenizer), "max_length": self.max_length}


class OwnInputs:
    """The `prepare` that a user's own network brings: from a list of raw items to a tensor or a dict of tensors."""

    def __init__(self, prepare: Callable[[list[Raw]], Any], key: str) -> None:
        self._prepare, self._key = prepare, key

    def __call__(self, raw: Sequence[Raw]) -> Batch:
        made = self._prepare(list(raw))
        return dict(made) if isinstance(made, dict) else {self._key: made}

    def save(self, folder: Path) -> None:
        """Nothing to save: it lives in the user's code."""

    def describe(self) -> dict[str, Any]:
        return {"prepare": getattr(self._prepare, "__qualname__", type(self._prepare).__name__)}


def inputs_beside(folder: Path, kind: Kind, *, names: Sequence[str], size: Any, length: int | None, notes: list[str]) -> Inputs:
    """Preparation for a network that brings none: from the files in its folder, for images else a stated assumption.

    Args:
        folder: Where the files lie.
        kind: Whether it reads images or texts.
        names: The network's inputs.
        size: Of its images where known.
        length: Of its texts where fixed.
        notes: Gets a sentence for each assumption.
    """
    if kind is Kind.TEXT:
        return _tokenizer_beside(folder, names, length, notes)
    path = folder / "preprocessor_config.json"
    if path.is_file():
        return ImageInputs(json.loads(path.read_text(encoding="utf-8")), key=names[0])
    size = size or {"width": 224, "height": 224}
    notes.append(
        _(
            "The model does not say how to preprocess images. Assumed: resize to {width} x {height}, divide by 255, "
            "normalize with ImageNet's mean and standard deviation. Put a preprocessor_config.json beside the weights to "
            "say otherwise."
        ).format(**size)
    )
    config = {"size": size, "resample": 2, "image_mean": list(IMAGENET_MEAN), "image_std": list(IMAGENET_STD)}
    return ImageInputs(config, key=names[0])


def _tokenizer_beside(folder: Path, names: Sequence[str], length: int | None, notes: list[str]) -> TextInputs:
    if not (folder / "tokenizer_config.json").is_file():
        raise BadcaseError(
            _("a network for texts needs its tokenizer"),
            where=str(folder),
            expected=_("tokenizer files in the same folder"),
            hint=_("tokenizer.save_pretrained(folder), or give the network a `prepare(texts)` method."),
        )
    from transformers import AutoTokenizer

    try:
        # Said outright: left open, transformers would ask whoever types whether to run code of the folder.
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # configuration and files fail in many ways, and all mean the same here
        if is_out_of_memory(error):
            raise
        raise BadcaseError(
            _("the tokenizer of the model cannot be loaded"),
            where=str(folder),
            got=str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__,
            hint=_("tokenizer.save_pretrained(folder), or give the network a `prepare(texts)` method."),
        ) from error
    longest = length or min(tokenizer.model_max_length, 512)
    if length is None and tokenizer.model_max_length > 512:
        notes.append(_("Texts are cut at 512 tokens."))
    return TextInputs(tokenizer, longest, names=names, fixed=length is not None)
