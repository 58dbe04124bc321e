"""A few dozen of the damages that `python -m tests.attacks.damaged_projects` does by the thousand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks.damaged_projects import VERBS, damages, faults_of, template

QUICK = ("runs", "reviewers", "export same", "look")


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
def test_a_damaged_project_is_answered_or_refused_in_words(
    task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    monkeypatch.setattr("tests.attacks.damaged_projects.VERBS", {name: VERBS[name] for name in QUICK})
    (tmp_path / "work").mkdir()
    project = template(tmp_path / "work", task)
    every = list(damages(project))
    wrong, ends = [], Counter[str]()
    for name, damage in random.Random(7).sample(every, 24):
        faults, ended = faults_of(project, tmp_path, damage)
        wrong += [f"{name}: {fault}" for fault in faults]
        ends += ended
    assert wrong == []
    assert ends["refused"] and ends["done"]
    record_property("figure", f"{task}: 24 of {len(every)} damages, {dict(ends)}")


def test_every_verb_of_the_attack_works_on_a_sound_project(tmp_path: Path) -> None:
    """One that fails there finds nothing: what it says of a damage is always the same."""
    (tmp_path / "work").mkdir()
    faults, ends = faults_of(template(tmp_path / "work", "multiclass"), tmp_path, lambda _project: None)
    assert faults == [] and ends["done"] >= len(VERBS) - 1, "what does not suit the project is refused"
