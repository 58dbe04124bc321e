"""Import a data set in a test, and make images to import."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from badcase.importing import Imported, import_items
from badcase.items import Items
from badcase.progress import finish


def imported(data: str | Path, into: Path, **named: str | None) -> tuple[Items, Imported]:
    into.mkdir(exist_ok=True)
    result = finish(import_items(data, into, **named))
    return Items.open(into), result


def photo(seed: int, *, size: tuple[int, int] = (40, 30), format: str = "JPEG") -> bytes:
    """The bytes of a picture that resembles no other seed's."""
    rough = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return encoded(Image.fromarray(rough).resize(size, Image.Resampling.BICUBIC), format)


def encoded(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)  # type: ignore[arg-type]
    return file.getvalue()


def write_tree(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def class_folders(root: Path, each: int = 6, *, split: str = "") -> Path:
    """Images in the folders cat and dog."""
    return write_tree(
        root,
        {
            f"{split}{name}/{i}.jpg": photo(1000 * at + i + 77 * len(split))
            for at, name in enumerate(("cat", "dog"))
            for i in range(each)
        },
    )
