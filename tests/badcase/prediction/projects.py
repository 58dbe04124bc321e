"""Small projects with real images or texts, and models that fit them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from badcase.project import Project
from tests.badcase.models.networks import SIDE, WORDS, save_image_model, save_text_model
from tests.projects import write_texts

COLOURS = {"blue": (40, 60, 200), "green": (40, 190, 60), "red": (210, 50, 40)}


GREYS = {"bright": (215, 215, 215), "dark": (40, 40, 40), "middle": (128, 128, 128)}


def colour_images(folder: Path, n: int = 60, seed: int = 0, colours: dict[str, tuple[int, int, int]] = COLOURS) -> None:
    """Noisy one-colour images in class folders: a task that a tiny network learns in a second."""
    rng = np.random.default_rng(seed)
    names = list(colours)
    for i in range(n):
        name = names[i % 3]
        pixels = rng.normal(colours[name], 25, (SIDE, SIDE, 3)).clip(0, 255).astype(np.uint8)
        (folder / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name / f"{i:03d}.png")


def image_project(folder: Path, n: int = 60) -> Project:
    colour_images(folder / "data", n)
    return Project.create(folder / "project", folder / "data")


def text_project(folder: Path, n: int = 90) -> Project:
    write_texts(folder / "texts.csv", n)
    return Project.create(folder / "project", folder / "texts.csv")


def trained_image_model(folder: Path, data: Path, classes: list[str] | None = None) -> Any:
    """A tiny vision transformer that has learnt the colours, saved by `save_pretrained`."""
    names = classes or list(COLOURS)
    network = save_image_model(folder, "ViT", names)
    from transformers import AutoImageProcessor

    processor = AutoImageProcessor.from_pretrained(folder)
    paths = sorted(data.rglob("*.png"))
    images = [Image.open(path).convert("RGB") for path in paths]
    target = torch.tensor([names.index(path.parent.name) for path in paths])
    pixels = processor(images=images, return_tensors="pt")["pixel_values"]
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    network.train()
    for _epoch in range(25):
        loss = torch.nn.functional.cross_entropy(network(pixel_values=pixels).logits, target)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    network.eval().save_pretrained(folder)
    return network


def text_model(folder: Path) -> None:
    save_text_model(folder, "Bert", ["animals", "food", "weather"])
    assert "dog" in WORDS


def predicted_images(folder: Path, n: int = 60) -> Project:
    """Images that a model of its own folder, trained on them, has seen."""
    project = image_project(folder, n)
    trained_image_model(folder / "model", folder / "data")
    project.predict(str(folder / "model"))
    return project
