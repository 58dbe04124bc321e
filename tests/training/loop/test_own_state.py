"""A training draws and sets up for itself: the caller's random numbers and settings are not its business, nor its are theirs."""

from __future__ import annotations

import os
import random
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from badcase.models.small.networks import Layout
from badcase.models.small.small_model import small_model
from badcase.progress import Job, Notice, Progress, finish
from badcase.project import Project
from badcase.training.loop.own_state import kept_apart
from badcase.training.loop.reproducible import repeatable
from badcase.training.recipe import Recipe
from badcase.training.run_folder.run_files import META, read_json, read_logits
from badcase.training.runs.notes import read_notes
from badcase.training.runs.train import train_in_steps
from tests.training.projects import noisy_project

QUICK = Recipe(epochs=2, head_epochs=1, learning_rate=3e-3, batch_size=32)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _truth = noisy_project(tmp_path_factory.mktemp("own"))
    yield made
    made.close()


def seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)


def drawn() -> list[float]:
    """One number of each generator, which moves them on."""
    numbers = [random.random(), float(np.random.rand()), float(torch.rand(()))]  # noqa: NPY002
    if torch.cuda.is_available():
        numbers.append(float(torch.rand((), device="cuda")))
    return numbers


def settings() -> list[object]:
    torch_says = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    cudnn = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    return [torch_says, cudnn, os.environ.get("CUBLAS_WORKSPACE_CONFIG"), warnings.showwarning]


def expected(times: int) -> list[list[float]]:
    seed_all(7)
    numbers = [drawn() for _time in range(times)]
    seed_all(7)
    return numbers


def _to_the_end(job: Job[Any]) -> None:
    finish(job)


def _cancelled(job: Job[Any]) -> None:
    while getattr(next(job), "name", "") != "Epoch 1":
        pass
    job.close()


def _interrupted(job: Job[Any]) -> None:
    next(job)
    with pytest.raises(KeyboardInterrupt):
        job.throw(KeyboardInterrupt)


@pytest.mark.parametrize("end", [_to_the_end, _cancelled, _interrupted])
def test_a_training_leaves_the_callers_random_numbers_and_settings(project: Project, end: Callable[[Job[Any]], None]) -> None:
    """Whoever trained went on with the numbers of the training's seed."""
    [first, second], before = expected(2), settings()
    assert drawn() == first
    end(train_in_steps(project, QUICK, seed=3))
    assert drawn() == second
    assert settings() == before


def test_a_training_that_fails_leaves_them_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        torch.rand(())
        raise ZeroDivisionError

    [first], before = expected(1), settings()
    monkeypatch.setattr("badcase.training.run_folder.run.Run.keep_if_best", fail)
    with pytest.raises(ZeroDivisionError):
        finish(train_in_steps(project, QUICK, seed=3))
    assert drawn() == first
    assert settings() == before


def test_neither_disturbs_the_other_between_two_steps(project: Project) -> None:
    """A window, a notebook or a test that draws while it shows progress changed what was trained, and got its numbers."""
    alone = finish(train_in_steps(project, QUICK, seed=3))
    numbers, got, before = expected(12), list[list[float]](), settings()
    job = train_in_steps(project, QUICK, seed=3)
    while True:
        try:
            next(job)
        except StopIteration as stop:
            beside = stop.value
            break
        assert settings()[:2] == before[:2]
        if len(got) < 11:
            got.append(drawn())
    assert len(got) == 11
    assert [*got, drawn()] == numbers
    np.testing.assert_array_equal(read_logits(alone.folder), read_logits(beside.folder))


def test_two_trainings_side_by_side_do_not_disturb_each_other(project: Project) -> None:
    def together() -> Job[None]:
        jobs = [kept_apart(_draws(seed)) for seed in (1, 2)]
        got: list[list[float]] = [[], []]
        while jobs[0].gi_frame or jobs[1].gi_frame:  # type: ignore[attr-defined]
            for place, job in enumerate(jobs):
                try:
                    event = next(job)
                except StopIteration:
                    continue
                assert isinstance(event, Progress)
                got[place].append(event.values["drawn"])
        assert got == alone
        yield Progress("")

    alone = [[event.values["drawn"] for event in _draws(seed) if isinstance(event, Progress)] for seed in (1, 2)]
    finish(together())


def _draws(seed: int) -> Job[None]:
    with repeatable(seed):
        for _time in range(4):
            yield Progress("", values={"drawn": float(torch.rand(()))})


def test_what_is_thrown_in_reaches_the_job_and_its_last_numbers_are_its_own() -> None:
    def catching() -> Job[str]:
        try:
            yield Progress("first")
        except KeyError as error:
            yield Progress(str(error))
        return "done"

    job = kept_apart(catching())
    next(job)
    event = job.throw(KeyError("thrown"))
    assert isinstance(event, Progress) and event.name == "'thrown'"
    assert finish(job) == "done"


def test_what_torch_cannot_repeat_is_said_once_and_kept_in_the_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the words in which torch warns of it on a GPU."""
    from badcase.training.loop import fit

    real = fit.augmented

    def augmented(*arguments: Any) -> Any:
        assert torch.are_deterministic_algorithms_enabled() and torch.is_deterministic_algorithms_warn_only_enabled()
        _alert()
        return real(*arguments)

    monkeypatch.setattr(fit, "augmented", augmented)
    job, events = train_in_steps(project, QUICK, seed=3), []
    while True:
        try:
            events.append(next(job))
        except StopIteration as stop:
            run = stop.value
            break
    said = [event for event in events if isinstance(event, Notice) and "cannot be repeated exactly" in event.text]
    assert len(said) == 1 and "cumsum_cuda_kernel" in said[0].text
    assert read_json(run.folder / META)["not_repeatable"] == ["cumsum_cuda_kernel"]
    assert "cumsum_cuda_kernel" in read_notes(project, run.id)


def _alert() -> None:
    warnings.warn(
        "cumsum_cuda_kernel does not have a deterministic implementation, but you set "
        "'torch.use_deterministic_algorithms(True, warn_only=True)'.",
        UserWarning,
        stacklevel=2,
    )


def test_other_warnings_are_the_callers(project: Project) -> None:
    def warning() -> Job[None]:
        warnings.warn("look out", UserWarning, stacklevel=1)
        yield Progress("")

    with pytest.warns(UserWarning, match="look out"):
        finish(kept_apart(warning()))


def test_whoever_asks_for_errors_where_nothing_can_be_repeated_gets_them() -> None:
    torch.use_deterministic_algorithms(True)
    try:
        with repeatable(0):
            assert not torch.is_deterministic_algorithms_warn_only_enabled()
        assert torch.are_deterministic_algorithms_enabled()
    finally:
        torch.use_deterministic_algorithms(False)


def test_a_new_network_is_the_same_each_time_and_costs_the_caller_no_number(project: Project) -> None:
    [first] = expected(1)
    made = [
        small_model(project.items, [0, 1, 2], project.classes, Layout(1, 32, "relu", "model"), 5).network.state_dict()
        for _time in range(2)
    ]
    assert drawn() == first
    assert all(torch.equal(made[0][name], made[1][name]) for name in made[0])
