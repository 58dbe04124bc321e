"""Faster ways to predict are taken where they say the same, and told with what they change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from badcase.items import Items
from badcase.models import load_model
from badcase.models.running import Runner
from badcase.prediction import faster_ways, inference, openvino_network
from badcase.prediction.faster_ways import Ways
from badcase.progress import Notice, Progress
from badcase.project import Project
from tests.badcase.models.networks import SIDE
from tests.badcase.prediction.projects import COLOURS, colour_images, trained_image_model

needs_openvino = pytest.mark.skipif(not openvino_network.is_installed(), reason="the extra `openvino` is not installed")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of large JPEGs, one colour with noise each, and in model/ a network that tells small ones of them apart."""
    folder = tmp_path_factory.mktemp("photos")
    colour_images(folder / "small")
    trained_image_model(folder / "model", folder / "small")
    rng = np.random.default_rng(0)
    for number, (name, colour) in enumerate([*COLOURS.items()] * 4):
        (folder / "data" / name).mkdir(parents=True, exist_ok=True)
        pixels = rng.normal(colour, 40, (18 * SIDE, 18 * SIDE, 3)).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / "data" / name / f"{number}.jpg", quality=92)
    Project.create(folder / "project", folder / "data").close()
    return folder


@pytest.fixture
def runner(photos: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Of those photos, under a stopwatch that finds every way worth it."""
    monkeypatch.setattr(faster_ways, "_WORTH", 0.0)
    monkeypatch.setattr(faster_ways, "_GAIN", 0.0)
    items = Items.open(photos / "project")
    return Runner(load_model(photos / "model", device="cpu"), items, 4)


def taken(runner: Runner) -> list[str]:
    """What is told while the runner looks for faster ways."""
    job = faster_ways.faster_ways(runner, np.arange(len(runner.items)), lambda: Progress("Predicting"))
    return [event.text for event in job if isinstance(event, Notice)]


def outputs(runner: Runner) -> np.ndarray:
    return np.concatenate([piece.logits for piece in runner.pieces(np.arange(len(runner.items)))])


def test_large_jpegs_are_decoded_near_the_size_that_the_model_reads(photos: Path) -> None:
    items = Items.open(photos / "project")
    full, reduced = items.for_model(0), items.for_model(0, least=2 * SIDE)
    assert isinstance(full, Image.Image) and isinstance(reduced, Image.Image)
    assert full.size == (18 * SIDE, 18 * SIDE)
    assert 2 * SIDE <= reduced.size[0] < 4 * SIDE
    assert items.for_model(0, least=18 * SIDE).size == full.size, "never under what is asked for"  # type: ignore[union-attr]


def test_a_way_that_says_the_same_is_taken_and_told_with_its_bound(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_network, "is_installed", lambda: False)
    plain = outputs(runner)
    told = taken(runner)
    assert runner.least == 2 * SIDE
    assert len(told) == 1 and "JPEGs decoded near the size" in told[0] and "5\u202f% is allowed" in told[0]
    faster = outputs(runner)
    assert not np.array_equal(faster, plain) and (faster.argmax(1) == plain.argmax(1)).all()


def test_a_way_that_says_something_else_is_not_taken_and_why_is_told(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faster_ways, "BOUND", 1e-9)
    plain, before = outputs(runner), Ways.of(runner)
    told = taken(runner)
    assert Ways.of(runner) == before
    assert "not used" in told[0] and "JPEGs" in told[0]
    assert np.array_equal(outputs(runner), plain)


def test_a_short_prediction_goes_the_plain_way(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faster_ways, "_WORTH", 60.0)
    before = Ways.of(runner)
    assert taken(runner) == [] and Ways.of(runner) == before


def test_half_precision_is_taken_only_within_the_bound(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_network, "is_installed", lambda: False)
    monkeypatch.setattr(faster_ways, "fast_precision", lambda _device: torch.bfloat16)  # as on a processor that has it
    assert "bfloat16" in taken(runner)[0] and runner.precision is torch.bfloat16
    monkeypatch.setattr(faster_ways, "BOUND", 1e-9)
    assert any(told.startswith("bfloat16: not used") for told in taken(runner)) and runner.precision is None


def test_the_batch_size_follows_the_stopwatch_unless_a_person_has_set_it(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_network, "is_installed", lambda: False)
    taken(runner)
    assert runner.batch_size == 4
    free = Runner(runner.model, runner.items)
    told = taken(free)[0]
    assert "32 items at once" in told and "16 items" not in told and free.batch_size == 32


def test_an_exact_prediction_takes_no_faster_way_and_nothing_that_came_of_one(
    runner: Runner, photos: Path, tmp_path: Path
) -> None:
    plain = outputs(runner)
    with Project.create(tmp_path / "project", photos / "data") as project:
        faster = project.predict(str(photos / "model"), device="cpu")
        assert faster.meta["reduced"] and faster.meta["computed"] == len(plain)
        exact = project.predict(str(photos / "model"), exact=True, device="cpu")
        assert (exact.meta["reduced"], exact.meta["engine"], exact.meta["precision"]) == (False, "torch", "float32")
        assert not np.array_equal(exact.logits, faster.logits)
        assert np.abs(exact.logits.astype(np.float32) - plain).max() < 2e-3  # they are kept in half precision


@needs_openvino
def test_openvino_runs_a_network_as_torch_does(runner: Runner) -> None:
    plain = outputs(runner)
    told = taken(runner)
    assert runner.compiled is not None and "OpenVINO" in told[0]
    runner.least = None
    assert np.abs(outputs(runner) - plain).max() < 1e-4


@needs_openvino
def test_a_network_that_openvino_cannot_read_goes_on_in_torch(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    forward = runner.model.forward

    def odd(batch):  # type: ignore[no-untyped-def]
        if torch.jit.is_tracing():
            raise RuntimeError("no operation of that kind")
        return forward(batch)

    monkeypatch.setattr(runner.model, "forward", odd)
    assert not any("OpenVINO" in told for told in taken(runner))
    assert runner.compiled is None and len(outputs(runner)) == len(runner.items)


def test_who_waits_for_the_first_items_gets_them_before_faster_ways_are_looked_for(
    runner: Runner, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "early_sizes", lambda _n, _classes: [6])
    with Project.create(tmp_path / "project", photos / "data") as project:
        done, at = 0, []
        for event in project.predicting(str(photos / "model"), batch_size=2, device="cpu", early=True):
            if isinstance(event, Progress) and event.name == "Predicting":
                done = event.done
            elif isinstance(event, Notice) and "times as fast as the plain way" in event.text:
                at.append(done)
        assert at == [6]
        made = project.predictions.current
        assert made is not None and made.meta["reduced"] and len(made.logits) == len(runner.items)
