"""The card of a trained model: what the hub reads, where the weights come from, and Python that runs as it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunRow
from badcase.training.recipe import PRESETS, Recipe
from badcase.training.run_folder.run_files import META, read_json
from badcase.training.runs.train import train_in_steps
from tests import warm
from tests.badcase.models.networks import save_text_model
from tests.badcase.prediction.projects import COLOURS, image_project, text_project, trained_image_model
from tests.training.projects import noisy_project

TOPICS = ("animals", "food", "weather")
QUICK = Recipe(epochs=2, head_epochs=1, learning_rate=3e-3, batch_size=16)


WITHOUT_BADCASE = """
import sys
for name in [name for name in sys.modules if name.partition(".")[0] == "badcase"]:
    sys.modules[name] = None  # importing it fails, as where it is not installed
"""


def own_texts(folder: Path) -> tuple[Project, Recipe]:
    return noisy_project(folder, 90)[0], PRESETS["linear-head"].replace_from({"epochs": 2})


def plain_texts(folder: Path) -> tuple[Project, Recipe]:
    project = text_project(folder)
    save_text_model(folder / "model", "Bert", list(TOPICS))
    project.predict(str(folder / "model"))
    return project, QUICK


def plain_images(folder: Path) -> tuple[Project, Recipe]:
    project = image_project(folder, 45)
    trained_image_model(folder / "model", folder / "data")
    project.predict(str(folder / "model"))
    return project, QUICK


def shaped_images(folder: Path) -> tuple[Project, Recipe]:
    project, recipe = plain_images(folder)
    return project, recipe.replace_from({"head_hidden": 8})


def own_images(folder: Path) -> tuple[Project, Recipe]:
    project = image_project(folder, 45)
    project.predict("tests.badcase.models.networks:small_net")
    return project, QUICK


def card_of(row: RunRow) -> ModelCard:
    return ModelCard.load(row.folder / "model" / "README.md")


def trained(folder: Path, make: Callable[[Path], tuple[Project, Recipe]]) -> tuple[Path, str]:
    """The folder of a model, and the Python of its card."""
    folder.mkdir()
    project, recipe = make(folder)
    with project:
        row = finish(train_in_steps(project, recipe))
    code = re.search(r"```python\n(.*?)```", card_of(row).text, re.S)
    assert code is not None and "._" not in code[1]
    return row.folder / "model", code[1]


def assert_classified(said: str, classes: tuple[str, ...]) -> None:
    name, share = said.split()
    assert name in classes and 1 / 3 <= float(share) <= 1


def test_a_network_of_transformers_needs_nothing_else(tmp_path: Path) -> None:
    made = [trained(tmp_path / name, make) for name, make in (("images", plain_images), ("texts", plain_texts))]
    parts = [f"import os; os.chdir({str(folder)!r})\n{code}" for folder, code in made]
    done = warm.run("-c", "\n".join([WITHOUT_BADCASE, *parts]))
    assert done.returncode == 0, done.stderr
    assert_classified(done.stdout.splitlines()[0], tuple(COLOURS))
    assert_classified(done.stdout.splitlines()[1], TOPICS)


@pytest.mark.parametrize(
    ("make", "classes"), [(shaped_images, tuple(COLOURS)), (own_images, tuple(COLOURS)), (own_texts, TOPICS)]
)
def test_any_other_network_is_loaded_with_badcase(
    make: Callable[[Path], tuple[Project, Recipe]],
    classes: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, code = trained(tmp_path / "made", make)
    monkeypatch.chdir(folder)
    exec(code, {})
    assert_classified(capsys.readouterr().out, classes)


def test_the_hub_reads_what_it_is_and_a_person_where_it_comes_from(tmp_path: Path) -> None:
    project, _recipe = plain_images(tmp_path)
    with project:
        project.journal.record([0], "exclude")
        row = finish(train_in_steps(project, QUICK, seed=4))
        meta = read_json(row.folder / META)
        gold = int(project.gold.sum())
        assert row.revision == project.revision == 1
    card = card_of(row)
    assert (card.data.library_name, card.data.pipeline_tag) == ("transformers", "image-classification")
    measured = {(one.dataset_split, one.metric_type): one.metric_value for one in card.data.eval_results or []}
    assert measured["validation", "accuracy"] == pytest.approx(row.metrics["accuracy"], abs=1e-6)
    assert {split for split, _name in measured} > {"validation"} if gold else {"validation"}
    assert meta["data"] in card.text and "Labels at revision 1" in card.text and "1 excluded" in card.text
    assert "seed 4" in card.text and "epochs = 2" in card.text and meta["versions"]["torch"] in card.text
