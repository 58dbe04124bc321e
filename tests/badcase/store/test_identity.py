"""The files of a project belong together: a database, items or arrays of another one are told apart, however alike."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.mending.check_up import Soundness, check_up
from badcase.mending.mend import mending_in_steps
from badcase.mending.rescue import rescue
from badcase.mending.restore import restore_journal
from badcase.progress import finish
from badcase.project import Project
from badcase.store.checks.damage import DamagedError
from tests.badcase.mending.projects import copied, said
from tests.projects import predict_from, write_texts


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Path, Path]:
    """Two closed projects of the same table, with verdicts and predictions of their own."""
    write_texts(tmp_path / "texts.csv", 60)
    for name, item in (("one", 3), ("two", 40)):
        with Project.create(tmp_path / name, tmp_path / "texts.csv") as project:
            predict_from(project, np.random.default_rng(item).normal(size=(60, 3)))
            project.journal.record([item], "exclude")
    return tmp_path / "one", tmp_path / "two"


def change_databases(one: Path, other: Path) -> None:
    shutil.copyfile(other / "project.db", one / "project.db")


def test_the_database_of_another_project_of_the_same_data_is_refused_and_the_backup_leads_back(twins: tuple[Path, Path]) -> None:
    one, other = twins
    before = said(one)
    change_databases(one, other)
    with pytest.raises(DamagedError, match="of two projects"):
        Project.open(one)
    with pytest.raises(DamagedError, match="of two projects"):
        Project.open(one, read_only=True)
    found = finish(check_up(one))
    assert [part.state for part in found[:1]] == [Soundness.DAMAGED] and "two projects" in found[0].found
    assert finish(mending_in_steps(one))[0] == [], "rows of the other one are not dropped as bad"
    with pytest.raises(BadcaseError, match="of another project"):
        restore_journal(one, next((other / "backups").iterdir()))
    assert restore_journal(one).newer == 0, "no verdict of the other one is taken along"
    assert said(one) == before


def test_a_rescue_takes_no_verdicts_out_of_the_database_of_another_project(twins: tuple[Path, Path], tmp_path: Path) -> None:
    one, other = twins
    change_databases(one, other)
    assert rescue(one, tmp_path / "a.patch").verdicts == 1
    assert '"t3"' in (tmp_path / "a.patch").read_text() and '"t40"' not in (tmp_path / "a.patch").read_text()


def test_the_arrays_of_another_prediction_set_are_refused(twins: tuple[Path, Path]) -> None:
    one, other = twins
    shutil.rmtree(one / "predictions" / "1")
    shutil.copytree(other / "predictions" / "1", one / "predictions" / "1")
    with Project.open(one) as project, pytest.raises(BadcaseError, match="prediction set cannot be read"):
        project.rank()
    (found,) = (part for part in finish(check_up(one)) if part.state is not Soundness.SOUND)
    assert "another prediction set" in found.found and found.state is Soundness.MENDABLE


def test_a_project_made_before_notes_its_items_when_it_is_opened(tmp_path: Path, twins: tuple[Path, Path]) -> None:
    made = copied(tmp_path)
    with Project.open(made) as project:
        assert not project.items.are_marked and project.setting("identity") == project.items.identity
    shutil.copyfile(twins[0] / "project.db", made / "project.db")
    with pytest.raises(DamagedError, match="of two projects"):
        Project.open(made)
