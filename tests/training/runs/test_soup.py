"""Seeds become one model on accepting where the mean of their weights is better on the validation items, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from badcase.models import load_model
from badcase.progress import Event, Job, Notice, finish
from badcase.project import Project
from badcase.store.run_table import RunKind, RunRow
from badcase.training.data.run_spec import RunSpec
from badcase.training.diagnosis.diagnose import diagnose
from badcase.training.network.setups import setup_for
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.run_folder.run_files import META, read_json
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.notes import read_notes
from badcase.training.runs.train import train_in_steps
from badcase.training.tuning.run_titles import title_of
from tests.badcase.prediction.projects import predicted_images
from tests.training.projects import noisy_project

# Few, long steps end far from where they lead, each seed elsewhere: there the mean is better.
ROUGH = PRESETS["linear-head"].replace_from(
    {"epochs": 3, "patience": 0, "minimum_checks": 1, "learning_rate": 10, "schedule": "constant"}
)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project, _truth = noisy_project(tmp_path_factory.mktemp("texts"), 240)
    with project:
        yield project


def seeds(project: Project, recipe: Recipe, count: int) -> list[RunRow]:
    return [finish(train_in_steps(project, recipe, seed=seed)) for seed in range(count)]


def told(job: Job[object]) -> tuple[object, list[str]]:
    """What a job returns, and its notices."""
    said: list[str] = []
    while True:
        try:
            event: Event = next(job)
        except StopIteration as stop:
            return stop.value, said
        said += [event.text] if isinstance(event, Notice) else []


def test_the_mean_of_seeds_is_taken_as_a_run_of_its_own_where_it_is_better(texts: Project) -> None:
    runs = seeds(texts, ROUGH, 3)
    made, said = told(accept_in_steps(texts, runs[0].id))
    soup = texts.runs.current
    assert soup is not None and soup.kind is RunKind.SOUP and soup.parent == runs[0].id and made.meta["run"] == soup.id
    assert any("better on the validation items" in text for text in said)
    assert soup.metrics["validation_loss"] < runs[0].metrics["validation_loss"]
    parts = read_json(soup.folder / META)["made_of"]
    assert parts[0] == runs[0].id and len(parts) > 1 and title_of(texts, soup) == soup.title
    weights = [load_model(str(texts.runs.get(n).folder / "model")).network.head.weight for n in parts]
    mean = load_model(str(soup.folder / "model")).network.head.weight
    torch.testing.assert_close(mean, torch.stack(list(weights)).mean(0), atol=1e-5, rtol=1e-4)
    held = texts.split != 0
    np.testing.assert_allclose(np.load(soup.folder / "logits.npy")[held], made.logits[held], atol=0.02)
    assert "→" in read_notes(texts, soup.id) and diagnose(texts, soup.id) == []
    finish(accept_in_steps(texts, runs[0].id, alone=True))
    assert texts.runs.current.id == runs[0].id


def test_a_mean_that_is_no_better_leaves_the_run_as_it_is(texts: Project) -> None:
    """A second seed that has learnt nothing would only draw the first one back."""
    steady = PRESETS["linear-head"].replace_from({"epochs": 12, "patience": 0, "minimum_checks": 1})
    runs = seeds(texts, steady, 2)
    model = load_model(str(runs[1].folder / "model"))
    with torch.no_grad():
        model.network.head.weight.neg_()
    model.save(runs[1].folder / "model")
    count = len(texts.runs.all())
    _made, said = told(accept_in_steps(texts, runs[0].id))
    assert texts.runs.current.id == runs[0].id and len(texts.runs.all()) == count
    assert any("no better" in text for text in said)


def test_seeds_that_held_out_other_items_are_not_averaged(texts: Project) -> None:
    runs = seeds(texts, ROUGH.replace_from({"validation": "stratified"}), 2)
    _made, said = told(accept_in_steps(texts, runs[0].id))
    assert texts.runs.current.id == runs[0].id
    assert any("different items" in text for text in said)


def test_the_mean_of_networks_and_of_their_adapters_is_that_of_the_whole_weights(tmp_path: Path) -> None:
    with predicted_images(tmp_path, 45) as project:
        quick = Recipe(epochs=2, head_epochs=1, learning_rate=3e-3, batch_size=16)
        for recipe in (quick, quick.replace_from({"method": "lora", "learning_rate": 0.03})):
            runs = seeds(project, recipe, 2)
            spec = RunSpec.of(project, runs[0])
            setup = setup_for(spec, project, spec.training_set(project))
            models = [load_model(str(run.folder / "model"), classes=project.classes) for run in runs]
            setup.take(iter(models))
            setup.save(tmp_path / recipe.method)
            mean = load_model(str(tmp_path / recipe.method)).network.state_dict()
            for name, value in models[0].network.state_dict().items():
                torch.testing.assert_close(mean[name], (value + models[1].network.state_dict()[name]) / 2)
