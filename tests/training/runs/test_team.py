"""Several processes that share a command: the same numbers as one, and a killed one ends in a message and a resumed run."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunState
from badcase.training.run_folder.run_files import read_history, read_json
from badcase.training.run_folder.user_function import trust_typed
from badcase.training.runs.resume import resume_in_steps
from tests import ROOT, warm
from tests.badcase.models.networks import save_image_model
from tests.badcase.prediction.projects import COLOURS, image_project, trained_image_model
from tests.training import shared_work
from tests.training.projects import noisy_project

TORCHRUN = ("torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "tests.warm", "-m")
PAIR = ("tests.training.pair",)


def launch(*command: str, launcher: tuple[str, ...] = TORCHRUN, **environment: str) -> subprocess.CompletedProcess[str]:
    """Two processes of this command, as torchrun starts them, or sooner."""
    return warm.run("-m", *launcher, *command, **{"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)} | environment)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Project, dict[str, Any]], tuple[Project, dict[str, Any]]]:
    """The same project after the same work, by one process and by two, and what each said."""
    folder = tmp_path_factory.mktemp("team")
    one, two = folder / "one", folder / "two"
    image_project(one, 60).close()
    trained_image_model(one / "model", one / "data")
    save_image_model(one / "normed", "ResNet", list(COLOURS))
    shutil.copytree(one, two)
    done = launch("tests.training.shared_work", str(two), launcher=PAIR)
    assert done.returncode == 0, done.stderr
    with Project.open(one / "project") as alone, Project.open(two / "project") as shared:
        yield (alone, shared_work.trained(alone, one)), (shared, json.loads((two / "told.json").read_text()))


def test_two_processes_predict_what_one_does_in_the_same_order(both: Any) -> None:
    (alone, _), (shared, told) = both
    made = [project.predictions.all()[0] for project in (alone, shared)]
    assert [one.meta["processes"] for one in made] == [1, 2] and told["predictions"] == 1
    for name in ("logits", "embeddings"):
        np.testing.assert_allclose(getattr(made[1], name), getattr(made[0], name), atol=2e-3)


def test_two_processes_train_to_the_numbers_of_one(both: Any) -> None:
    """Accumulation, clipping, weights of classes and stages among them: each batch is split, its gradient is not."""
    runs = [project.runs.get(made["network"]) for project, made in both]
    assert [read_json(run.folder / "meta.json")["processes"] for run in runs] == [1, 2]
    histories = [read_history(run.folder) for run in runs]
    assert len(histories[0]) == len(histories[1]) == 3
    for before, after in zip(*histories, strict=True):
        for name in ("train_loss", "validation_loss", "gradient_norm", "learning_rate", "step"):
            assert after[name] == pytest.approx(before[name], rel=1e-3), name
    logits, dynamics, losses = (
        [np.load(run.folder / name) for run in runs] for name in ("logits.npy", "dynamics.npz", "item_loss.npy")
    )
    np.testing.assert_allclose(logits[1], logits[0], atol=1e-2)
    np.testing.assert_allclose(losses[1], losses[0], atol=1e-3)
    for name in dynamics[0].files:
        np.testing.assert_allclose(dynamics[1][name], dynamics[0][name], atol=1e-2)


def test_two_processes_look_at_the_validation_items_within_an_epoch_as_one_does(both: Any) -> None:
    runs = [project.runs.get(made["checked"]) for project, made in both]
    histories = [read_history(run.folder) for run in runs]
    assert [round(look["epoch"], 2) for look in histories[0]] == [round(n / 3, 2) for n in (1, 2, 3)]
    assert len(histories[1]) == 3 and runs[1].metrics["best_epoch"] == pytest.approx(runs[0].metrics["best_epoch"])
    for before, after in zip(*histories, strict=True):
        for name in ("epoch", "train_loss", "validation_loss", "step"):
            assert after[name] == pytest.approx(before[name], rel=1e-3), name


def test_batch_norm_over_shares_stays_within_noise_of_one_process(both: Any) -> None:
    runs = [project.runs.get(made["normed"]) for project, made in both]
    first, second = (run.metrics for run in runs)
    assert second["train_loss"] == pytest.approx(first["train_loss"], abs=0.05)
    assert second["accuracy"] == pytest.approx(first["accuracy"], abs=0.15)
    weights = [load_file(run.folder / "model" / "model.safetensors") for run in runs]
    statistics = [name for name in weights[0] if "running" in name]
    assert statistics
    for name in statistics:
        spread = weights[0][name.replace("mean", "var")] ** 0.5
        np.testing.assert_allclose(weights[1][name] / spread, weights[0][name] / spread, atol=0.15, err_msg=name)


def test_two_processes_cross_validate_to_the_numbers_of_one(both: Any) -> None:
    runs = [project.runs.get(made["folds"]) for project, made in both]
    for name in ("validation_loss", "accuracy", "macro_f1", "accuracy_spread"):
        assert runs[1].metrics[name] == pytest.approx(runs[0].metrics[name], abs=1e-3), name
    made = [project.predictions.all()[1].logits for project, _made in both]
    np.testing.assert_allclose(made[1], made[0], atol=1e-2)


def test_a_training_that_fails_in_any_process_is_told_by_the_first_and_the_next_one_goes_well(both: Any) -> None:
    (_alone, _), (shared, told) = both
    assert "not finite" in told["blown"]
    assert "no gradient here" in told["fault"] and "process 1" in told["fault"]
    assert "batch_size" in told["small"] and "2 processes" in told["small"]
    assert told["cancelled"] == RunState.CANCELLED
    assert [run.state for run in shared.runs.all() if run.error] == [RunState.FAILED] * 3


def test_a_killed_process_ends_the_command_with_the_remedy_and_the_run_goes_on_in_two_or_in_one(tmp_path: Path) -> None:
    noisy_project(tmp_path, 200)[0].close()
    path = tmp_path / "project"
    knobs = {
        "method": "linear_head",
        "epochs": 6,
        "loss": "own",
        "loss_function": "tests.training.shared_work:second_dies",
        "label_smoothing": 0,
    }
    changes = [word for name, value in knobs.items() for word in ("--set", f"{name}={value}")]
    died = launch("badcase.ui.cli", "train", str(path), *changes, DIES_AT="6")
    assert died.returncode != 0 and "process 0 of 2" in died.stderr and "--resume 2" in died.stderr
    assert died.stderr.count("\nError: ") == 1 and "fault of the program" not in died.stderr
    with Project.open(path) as project:
        row = project.runs.get(2)
        assert row.state is RunState.FAILED and (row.folder / "state.pt").exists()
        assert 1 <= len(read_history(row.folder)) < 6
    shutil.copytree(path, tmp_path / "copy")

    went_on = launch("badcase.ui.cli", "train", str(path), "--resume", "2", "--json", launcher=PAIR)
    assert went_on.returncode == 0, went_on.stderr
    assert json.loads(went_on.stdout)["run"]["state"] == RunState.DONE  # one document: the other process prints nothing
    with Project.open(tmp_path / "copy") as project:
        trust_typed(knobs, project.path)  # a copy elsewhere is another project
        alone = finish(resume_in_steps(project, 2))
    with Project.open(path) as project:
        shared = project.runs.get(2)
    assert len(read_history(shared.folder)) == len(read_history(alone.folder)) == 6
    assert shared.metrics["validation_loss"] == pytest.approx(alone.metrics["validation_loss"], rel=1e-3)


def verb(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """One process of a command, as a launcher starts it."""
    return warm.run("-m", "badcase.ui.cli", *words, **environment)


def test_a_verb_that_is_not_shared_is_done_by_the_first_process_while_the_others_leave_quietly() -> None:
    first, second = (verb("recipe", RANK=str(rank), WORLD_SIZE="2") for rank in range(2))
    assert first.returncode == 0 and "batch_size" in first.stdout
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_it_is_said_where_accelerate_made_one_process_of_the_two_that_were_asked_for(tmp_path: Path) -> None:
    told = verb("train", str(tmp_path), ACCELERATE_MIXED_PRECISION="no", MASTER_ADDR="127.0.0.1").stderr
    assert "one process only" in told and "torchrun" in told
