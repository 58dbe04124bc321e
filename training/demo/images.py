"""The demo's images: scikit-learn's handwritten digits, drawn large, and a small network trained on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from badcase.i18n import _
from badcase.progress import Job, Progress

CLASSES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SIDE = 112  # pixels of a drawn digit
INPUT = 32  # pixels that the network sees
EPOCHS, BATCH, RATE = 3, 64, 5e-4
PAPER, PEN = np.array([247.0, 245.0, 238.0]), np.array([28.0, 34.0, 58.0])


def digits() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """1,797 digits as (n, 8, 8) grey values from 0 to 16, and what each is."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return found.images, found.target.astype(np.int64)


def draw(pixels: npt.NDArray[np.float64]) -> Image.Image:
    """One digit of 8 x 8 pixels as smooth ink on paper."""
    scale = 12  # drawn pixels for one of the original; the paper reaches beyond its edge
    small = Image.fromarray(np.pad(pixels * 255 / 16, 2).astype(np.uint8))
    big = small.resize((12 * scale, 12 * scale), Image.Resampling.BICUBIC)
    margin = (12 * scale - SIDE) // 2
    grey = np.asarray(big.crop((margin, margin, margin + SIDE, margin + SIDE)), np.float64) / 255
    ink = 1 / (1 + np.exp(-10 * (grey - 0.5)))  # an edge as sharp as a pen's
    ink = (ink - ink.min()) / (ink.max() - ink.min())
    return Image.fromarray((PAPER + (PEN - PAPER) * ink[..., None]).astype(np.uint8))


def draw_all(folder: Path, images: npt.NDArray[np.float64]) -> Job[list[str]]:
    """Draw every digit into a folder; returns the file names."""
    folder.mkdir(parents=True)
    names = [f"{i:04d}.png" for i in range(len(images))]
    for i, name in enumerate(names):
        draw(images[i]).save(folder / name)
        if i % 50 == 0:
            yield Progress(_("Drawing digits"), i, len(names), _("images"))
    return names


def train_network(folder: Path, files: list[Path], labels: npt.NDArray[np.int64], seed: int) -> Job[None]:
    """Train a small ResNet on the labels as they are, wrong ones included, and save it as a user would."""
    import torch
    from torch.nn.functional import cross_entropy
    from transformers import ViTImageProcessor

    from badcase.models.hugging_face import quiet_transformers
    from badcase.models.random_state import seeded

    processor = ViTImageProcessor(size={"height": INPUT, "width": INPUT}, image_mean=[0.5, 0.5, 0.5], image_std=[0.5, 0.5, 0.5])
    pixels = processor([Image.open(file) for file in files], return_tensors="pt")["pixel_values"]
    with seeded(seed):
        network = _network()
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, EPOCHS * -(-len(labels) // BATCH))
    order = torch.Generator().manual_seed(seed)
    targets = torch.from_numpy(labels)
    network.train()
    for epoch in range(EPOCHS):
        yield Progress(_("Training a small network"), epoch, EPOCHS, _("epochs"))
        for batch in torch.split(torch.randperm(len(labels), generator=order), BATCH):
            loss = cross_entropy(network(pixel_values=pixels[batch]).logits, targets[batch])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    with quiet_transformers():
        network.eval().save_pretrained(folder)
        processor.save_pretrained(folder)


def _network() -> Any:
    from transformers import ResNetConfig, ResNetForImageClassification

    names = dict(enumerate(CLASSES))
    shape: dict[str, Any] = {"embedding_size": 32, "hidden_sizes": [32, 64, 128], "depths": [1, 1, 1]}
    config = ResNetConfig(**shape, layer_type="basic", id2label=names, label2id={v: k for k, v in names.items()})
    return ResNetForImageClassification(config)
