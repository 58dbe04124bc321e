"""The guard of proposals: none of the ways to training, gold, counts, comparisons or exports is open to one not yet taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.mending.check_up import Soundness, check_up
from badcase.progress import finish
from badcase.project import Project
from badcase.proposals.taking import plan_taking, take
from badcase.reviewers.of_project import reviewers_of
from badcase.training.comparison.gold import gold_labels
from badcase.training.data.run_spec import digest_of
from badcase.training.data.training_set import build_training_set
from badcase.training.recipe import PRESETS
from tests.projects import predict_from, write_texts


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    write_texts(tmp_path / "t.csv", 60, wrong=0)
    with Project.create(tmp_path / "p", data=tmp_path / "t.csv") as made:
        rng = np.random.default_rng(0)
        predict_from(made, rng.normal(size=(60, 8)) + 3 * np.eye(3, 8)[made.given])
        made.journal.record(np.flatnonzero(~made.gold)[:2].tolist(), "keep", who="ann")
        yield made


def everything(project: Project, out: Path) -> dict[str, Any]:
    """What the labels come to, wherever they go."""
    ranking = project.rank()
    project.export(out / "same.csv", overwrite=True)
    project.export(out / "all.jsonl", format="jsonl", overwrite=True)
    project.export(out / "p.patch", format="patch", overwrite=True)
    return {
        "labels": project.labels.tolist(),
        "verdicts": project.verdicts.tolist(),
        "checked": project.checked_labels.tolist(),
        "revision": project.revision,
        "undo": project.journal.undo_title,
        "gold": project.gold.tolist(),
        "gold labels": [one.tolist() for one in gold_labels(project)],
        "counts": project.counts(),
        "left": project.errors_left(),
        "order": None if ranking is None else ranking.order.tolist(),
        "suspicion": None if ranking is None else np.nan_to_num(ranking.suspicion).tolist(),
        "people": reviewers_of(project, project.ranking).names,
        "training": digest_of(build_training_set(project, PRESETS["linear-head"])),
        "files": [(out / name).read_bytes() for name in ("same.csv", "all.jsonl")],
        "patch lines": len((out / "p.patch").read_text(encoding="utf-8").splitlines()),
        "diff": project.diff("given").changed,
    }


def test_a_proposal_that_nobody_took_is_nowhere(project: Project, tmp_path: Path) -> None:
    before = everything(project, tmp_path)
    wrong = ((project.given + 1) % 3).tolist()
    project.proposals.add("machine", range(60), wrong, [1.0] * 60)
    assert everything(project, tmp_path) == before
    project.close()
    with Project.open(project.path) as again:
        assert everything(again, tmp_path) == before and again.proposals.authors() == ["machine"]


def test_taking_leaves_gold_and_what_people_said(project: Project) -> None:
    project.proposals.add("machine", range(60), ((project.given + 1) % 3).tolist())
    judged = np.flatnonzero(project.verdicts)
    plan = plan_taking(project, "machine")
    take(project, plan)
    assert (project.labels[project.gold] == project.given[project.gold]).all()
    assert (project.labels[judged] == project.given[judged]).all()
    assert (plan.gold, plan.judged) == (int(project.gold.sum()), 2) and len(plan.items) == 60 - plan.gold - 2
    assert plan_taking(project, "machine").judged == 2 + len(plan.items)


def test_what_is_no_proposal_is_refused_whole(project: Project) -> None:
    add = project.proposals.add
    for by, items, labels, sure in (
        ("", [0], [0], None),
        ("m", [0, 99], [0, 0], None),
        ("m", [0, 0], [0, 1], None),
        ("m", [0, 1], [0, 3], None),
        ("m", [0, 1], [0, -1], None),
        ("m", [0, 1], ["food", "plants"], None),
        ("m", [0, 1], [0, 1], [0.5, float("nan")]),
        ("m", [0, 1], [0], None),
    ):
        with pytest.raises(BadcaseError):
            add(by, items, labels, sure)
    assert project.proposals.authors() == []


def test_a_damaged_row_is_named_and_mended(project: Project) -> None:
    project.proposals.add("machine", [0], [0])
    with project._store.transaction() as connection:
        connection.execute("INSERT INTO proposals VALUES ('machine', 1000, 0, NULL, '')")
    with pytest.raises(BadcaseError, match="table proposals"):
        project.proposals.of("machine")
    found = finish(check_up(project.path))
    assert any(one.subject == "proposals" and one.state is Soundness.DAMAGED for one in found)
