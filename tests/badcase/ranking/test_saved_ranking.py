"""A saved ranking is a cache: one that cannot be read, or that other code made, is dropped and made again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from badcase.importing import TASKS
from badcase.project import Project
from badcase.ranking import saved_ranking
from tests.projects import predict_from, write_texts


def _more_fields(folder: Path) -> None:
    rest = json.loads((folder / "rest.json").read_text())
    rest["expected_errors"]["spread"] = 1.0
    (folder / "rest.json").write_text(json.dumps(rest))


def _empty(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(b"")


def _cut(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-40])


def _removed(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _listed(folder: Path) -> None:
    (folder / "rest.json").write_text("[1, 2]")


def _few_rows(folder: Path) -> None:
    np.save(folder / "suspicion.npy", np.zeros(3, np.float32))


def _far_items(folder: Path) -> None:
    np.save(folder / "order.npy", np.load(folder / "order.npy") + 1000)


def _unknown_score(folder: Path) -> None:
    rest = json.loads((folder / "rest.json").read_text())
    (folder / "score_margin.npy").rename(folder / "score_of_tomorrow.npy")
    rest["scores"] = ["of_tomorrow" if name == "margin" else name for name in rest["scores"]]
    (folder / "rest.json").write_text(json.dumps(rest))


def _scores(value: float) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for file in folder.glob("score_*.npy"):
            np.save(file, np.full_like(np.load(file), value))

    return damage


def _names_gone(folder: Path) -> None:
    rest = json.loads((folder / "rest.json").read_text())
    (folder / "rest.json").write_text(json.dumps(rest | {"scores": []}))


def _huge_number(folder: Path) -> None:
    rest = json.loads((folder / "rest.json").read_text())
    rest["expected_errors"]["high"] = 1 << 80
    if rest.get("belief"):
        rest["belief"]["points"][1] = 1 << 80
    (folder / "rest.json").write_text(json.dumps(rest))


def _no_belief(folder: Path) -> None:
    rest = json.loads((folder / "rest.json").read_text())
    if not rest.get("belief"):  # as of several labels
        shutil.rmtree(folder)
        return
    rest["belief"]["points"] = []
    (folder / "rest.json").write_text(json.dumps(rest))


def _shares(value: float) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for file in folder.glob("*probs.npy"):
            np.save(file, np.full_like(np.load(file), value))

    return damage


DAMAGES = {
    "a field of another version": _more_fields,
    "a score of another version": _unknown_score,
    "an empty array": _empty("suspicion.npy"),
    "an array cut short": _cut("order.npy"),
    "an array that is gone": _removed("flagged.npy"),
    "an array of other rows": _few_rows,
    "items that are not there": _far_items,
    "infinite scores": _scores(np.inf),
    "scores beyond one": _scores(1.5),
    "infinite probabilities": _shares(-np.inf),
    "probabilities below zero": _shares(-1e30),
    "scores without names": _names_gone,
    "a number beyond 64 bits": _huge_number,
    "a belief without points": _no_belief,
    "no text": _empty("rest.json"),
    "half a text": _cut("rest.json"),
    "another text": _listed,
    "no file": shutil.rmtree,
}


@pytest.fixture(scope="module", params=TASKS)
def ranked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ranked")
    write_texts(folder / "texts.csv", 60)
    with Project.create(folder / "project", folder / "texts.csv", task=request.param, label="label") as project:
        rng = np.random.default_rng(0)
        predict_from(project, np.eye(len(project.classes))[project.given] * 3 + rng.normal(0, 0.6, (len(project.items), 3)))
    return folder


@pytest.fixture
def path(ranked: Path, tmp_path: Path) -> Path:
    shutil.copytree(ranked, tmp_path / "copy")
    return tmp_path / "copy" / "project"


def saved(project: Project) -> list[Path]:
    assert project.predictions.current is not None
    return sorted(project.predictions.current.folder.glob("ranking-*"))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_ranking_that_cannot_be_read_is_dropped_and_made_again(path: Path, damage: Callable[[Path], None]) -> None:
    """It was an error that no way of the window led out of."""
    with Project.open(path) as project:
        assert project.any_ranking is not None
        order = np.array(project.any_ranking.order)
        damage(saved(project)[0])
    with Project.open(path) as project:
        assert project.any_ranking is None
        assert project.verdicts_ranked == 0
        np.testing.assert_array_equal(project.rank().order, order)
        assert len(saved(project)) == 1
    with Project.open(path) as project:
        assert project.any_ranking is not None


def test_scores_that_nothing_bears_out_give_no_reason(path: Path) -> None:
    """An item without a duplicate, scored as one whose duplicates disagree, ended `rank`."""
    with Project.open(path) as project:
        _scores(1.0)(saved(project)[0])
        ranking = project.newest_ranking()
        assert ranking is not None
        said = [{reason.scorer for reason in ranking.reasons(item)} for item in range(len(project.items))]
        assert any("conflict" not in scorers for scorers in said)


def test_whatever_bytes_are_damaged_opening_a_project_never_fails(path: Path) -> None:
    rng = np.random.default_rng(0)
    with Project.open(path) as project:
        folder = saved(project)[0]
        whole = {file: file.read_bytes() for file in folder.iterdir()}
        for file, raw in whole.items():
            for _time in range(12):
                bad = bytearray(raw)
                for place in rng.integers(0, min(len(bad), 160), 3):
                    bad[place] = rng.integers(0, 256)
                file.write_bytes(bad)
                project.newest_ranking()
                assert project.verdicts_ranked >= 0
            file.write_bytes(raw)
        assert project.newest_ranking() is not None


def test_a_ranking_of_another_version_of_the_algorithm_is_not_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_ranking, "VERSION", saved_ranking.VERSION + 1)
    with Project.open(path) as project:
        before = saved(project)
        assert project.any_ranking is None
        project.rank()
        assert len(saved(project)) == 1 and saved(project) != before


def test_a_ranking_saved_before_there_were_versions_is_made_anew_and_a_folder_of_the_user_stays(path: Path) -> None:
    with Project.open(path) as project:
        folder = saved(project)[0]
        revision, run = folder.name.split("-")[1:3]
        folder.rename(folder.with_name(f"ranking-{revision}-{run}"))
        mine = folder.parent / "ranking-copy of mine"
        mine.mkdir()
    with Project.open(path) as project:
        assert project.any_ranking is None
        project.rank()
        assert project.any_ranking is not None and mine.exists()


def test_what_a_killed_ranking_had_no_time_to_remove_goes_with_the_next(path: Path) -> None:
    with Project.open(path) as project:
        project.rank()
        (newest,) = saved(project)
        shutil.copytree(newest, newest.with_name("ranking-0-0-0"))
        project.rank()
        assert saved(project) == [newest]
