"""What a prediction that was killed has left: gone with the next opening where its set is in the list, else gone on from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.project import Project
from badcase.store.array_shards import Shards
from tests.projects import predict_from, write_texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_texts(tmp_path / "texts.csv", 12)
    Project.create(tmp_path / "p", tmp_path / "texts.csv").close()
    left = tmp_path / "p" / "predictions" / ".partial-0123"
    left.mkdir(parents=True)
    (left / "shard-00000.npz").write_bytes(b"outputs")
    return tmp_path / "p"


def left(path: Path) -> list[str]:
    return [partial.name for partial in path.glob("predictions/.partial-*")]


def test_shards_whose_prediction_is_in_the_list_go_with_the_next_opening(path: Path) -> None:
    with Project.open(path) as project, project.one_step():
        predict_from(project, np.eye(3)[np.arange(12) % 3])
        project.predictions.void_unfinished(1)
    assert left(path), "killed before it came to remove them"
    Project.open(path).close()
    assert not left(path)


def test_shards_whose_prediction_was_not_recorded_stay(path: Path) -> None:
    with Project.open(path) as project, pytest.raises(KeyboardInterrupt), project.one_step():
        predict_from(project, np.eye(3)[np.arange(12) % 3])
        project.predictions.void_unfinished(1)
        raise KeyboardInterrupt
    Project.open(path).close()
    assert left(path)


def test_shards_are_never_written_where_a_link_leads(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = path / "predictions" / ".partial-4567"
    link.symlink_to(tmp_path / "elsewhere")
    with Project.open(path) as project:
        project.predictions.void_unfinished(1)
    shards = Shards(link, 12)
    shards.add(np.arange(3), np.zeros((3, 3)), np.zeros((3, 2)))
    shards.write()
    assert link.is_dir() and not link.is_symlink() and not list((tmp_path / "elsewhere").iterdir())
