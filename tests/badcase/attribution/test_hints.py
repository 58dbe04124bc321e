"""Hints: they find what a model is known to go by, they are kept, and say where a method does not suit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from torch import nn

from badcase.attribution.grad_cam import grad_cam
from badcase.attribution.occlusion import GRID, occlusion
from badcase.attribution.of_item import HintMethod, hinting, kept_hint
from badcase.errors import BadcaseError
from badcase.items.kinds import Kind
from badcase.models import Model
from badcase.models.factory import FactoryModel
from badcase.models.inputs import OwnInputs
from badcase.progress import finish
from tests.badcase.prediction.projects import predicted_images, text_project

Method = Callable[[Model, Image.Image, int, int], npt.NDArray[np.float32]]


class RedAgainstBlue(nn.Module):
    """Convolutions that go by how red and how blue an image is, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = nn.Conv2d(3, 2, 4, stride=4, bias=False)
        self.head = nn.Linear(2, 2, bias=False)
        with torch.no_grad():
            self.seen.weight.zero_()
            self.seen.weight[0, 0] = self.seen.weight[1, 2] = 1 / 16
            self.head.weight.copy_(torch.eye(2))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(torch.relu(self.seen(image)).mean((2, 3)))


class Flat(nn.Module):
    """A network that sees no places."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 2)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(image.mean((2, 3)))


def prepare(images: Sequence[Image.Image]) -> torch.Tensor:
    return torch.stack([torch.from_numpy(np.array(one.resize((32, 32)), np.float32) / 255).permute(2, 0, 1) for one in images])


def made_of(network: nn.Module) -> FactoryModel:
    inputs = OwnInputs(prepare, "image")
    return FactoryModel(network, inputs, spec={}, kind=Kind.IMAGE, name="colours", classes=["red", "blue"])


@pytest.fixture
def colours() -> FactoryModel:
    return made_of(RedAgainstBlue())


def spotted(x: int, y: int) -> Image.Image:
    """Grey, with a red spot in one corner and a blue one in the other."""
    pixels = np.full((64, 64, 3), 90, np.uint8)
    pixels[y : y + 8, x : x + 8] = (255, 0, 0)
    pixels[56 - y : 64 - y, 56 - x : 64 - x] = (0, 0, 255)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("method", [occlusion, grad_cam])
def test_the_spots_that_a_model_goes_by_are_found_and_their_sides(colours: FactoryModel, method: Method) -> None:
    for x, y in ((0, 0), (48, 16)):
        heat = method(colours, spotted(x, y), 0, 1)
        assert heat.shape == (GRID, GRID)
        red, blue = (y // 8, x // 8), ((56 - y) // 8, (56 - x) // 8)
        assert np.unravel_index(heat.argmax(), heat.shape) == red and np.unravel_index(heat.argmin(), heat.shape) == blue
        assert heat[red] > 0 > heat[blue]
        turned = method(colours, spotted(x, y), 1, 0)
        assert np.unravel_index(turned.argmax(), turned.shape) == blue
    assert not colours.network.seen._forward_hooks, "nothing stays in the network"


def test_words_that_a_text_model_goes_by_are_found_kept_and_read_again(tmp_path: Path) -> None:
    with text_project(tmp_path) as project:
        project.predict("chargrams")
        item = next(i for i in range(len(project.items)) if "soup" in project.items.text(i))
        food, weather = project.classes.index("food"), project.classes.index("weather")
        made = finish(hinting(project, item, HintMethod.LEFT_OUT_WORDS, food, weather))
        text = project.items.text(item)
        words = {text[start:end]: weight for start, end, weight in made.words}
        assert max(words, key=lambda one: words[one]) not in ("a", "of", "in", "place") and max(words.values()) > 0
        again = kept_hint(project, item, HintMethod.LEFT_OUT_WORDS, food, weather)
        assert again is not None and again.words == made.words
        assert kept_hint(project, item, HintMethod.LEFT_OUT_WORDS, weather, food) is None
        kept = next(project.predictions.current.folder.glob("hint-*"))  # type: ignore[union-attr]
        kept.write_text('{"version": 1, "heat": [], "words": [[5, 2, 1]]}')
        assert kept_hint(project, item, HintMethod.LEFT_OUT_WORDS, food, weather) is None


def test_a_network_without_convolutions_says_so_and_hiding_parts_works_with_it(tmp_path: Path) -> None:
    with predicted_images(tmp_path, 30) as project:
        heat = finish(hinting(project, 0, HintMethod.OCCLUSION, 0, 1)).heat
        assert heat.shape == (GRID, GRID) and np.abs(heat).max() > 0
        model = made_of(Flat())
        with pytest.raises(BadcaseError, match="no convolution"):
            grad_cam(model, spotted(0, 0), 0, 1)
        project.bring_predictions(np.full((30, 3), 1 / 3), features=np.eye(30, 8, dtype=np.float32) + 1, trained_on="none")
        with pytest.raises(BadcaseError, match="no model is there"):
            finish(hinting(project, 0, HintMethod.OCCLUSION, 0, 1))
