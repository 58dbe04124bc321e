"""The codebook: drafted from what a class shows of itself, edited by people, and taken along."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.training import report
from tests.projects import predict_from, write_texts


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("codebook")
    write_texts(folder / "texts.csv", 90, wrong=0)
    made = Project.create(folder / "my", data=folder / "texts.csv")
    with pytest.raises(BadcaseError, match="nothing to draft from"):
        made.class_edits.draft()
    rng = np.random.default_rng(0)
    predict_from(made, np.eye(3)[made.given] * 4 + rng.normal(size=(90, 3)))
    return made


def test_a_draft_says_what_a_class_shows_and_never_replaces_what_somebody_wrote(project: Project) -> None:
    edits = project.class_edits
    edits.apply(edits.describe("weather", "What falls from the sky."))
    cats = np.flatnonzero((project.given == 0) & ~project.gold)[:2].tolist()
    project.journal.record(cats, "relabel", "food")
    edits.apply(edits.draft())
    animals, food, weather = edits.all()
    assert animals.meaning.startswith("Draft:") and animals.meaning.endswith("Often mixed up with food.")
    words = {word for name in ("dog", "cat", "bird", "horses", "fish", "barks", "sleeps", "swim") for word in [name]}
    assert words & set(animals.meaning.replace(",", " ").replace(".", " ").split())
    assert weather.meaning == "What falls from the sky." and not weather.pins
    assert len(food.pins) == 3 and all(project.labels[pin.item] == 1 for pin in food.pins)
    with pytest.raises(BadcaseError, match="nothing to draft"):
        edits.draft()
    project.journal.undo()
    assert edits.named("animals").meaning == "" and edits.named("food").pins == ()
    project.journal.redo()


def test_what_the_classes_mean_is_in_the_codebook_and_in_the_report(project: Project, tmp_path: Path) -> None:
    edits = project.class_edits
    edits.apply(edits.describe("food", "What is eaten <by people>."))
    edits.apply(edits.pin("food", 0, fits=False, note="it eats"))
    edits.apply(edits.rule("food", "A pet is no food.", [0]))
    project.export(tmp_path / "codebook.md", format="codebook")
    text = (tmp_path / "codebook.md").read_text(encoding="utf-8")
    assert text.count("## ") == 3 and "A pet is no food." in text and "it eats" in text and "`t0`" in text
    page = report(project, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "What is eaten &lt;by people&gt;." in page and "A pet is no food." in page and "it eats" in page
