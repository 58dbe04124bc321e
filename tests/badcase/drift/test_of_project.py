"""What is new about the items that an update brought, in a real project."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from badcase.drift.drift_words import drift_sentences, stands_out
from badcase.drift.of_project import DataDrift
from badcase.errors import BadcaseError
from badcase.project import Project
from tests.projects import SUBJECTS, predict_from, write_texts

N, NEW = 240, 120
CLASSES = list(SUBJECTS)


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def _words(seed: int) -> str:
    """Some that no other text has: near-duplicates count once."""
    letters = np.random.default_rng(seed).integers(97, 123, (4, 6))
    return " ".join("".join(map(chr, word)) for word in letters.tolist())


def _write_old(path: Path) -> list[list[str]]:
    write_texts(path, N, wrong=0)
    head, *rows = _rows(path)
    rows = [head, *([key, f"{text} {_words(at)}", label] for at, (key, text, label) in enumerate(rows, 5000))]
    _write(path, rows)
    return rows


def _embeddings(project: Project, rng: np.random.Generator) -> np.ndarray:
    """Each class about a direction of its own; what speaks of boats about another."""
    where = np.array(
        [3 if "boat" in text else CLASSES.index(SUBJECT_OF[text.split(",")[0]]) for text in project.items.texts()[:]]
    )
    return (np.eye(8)[where] + rng.normal(size=(len(where), 8)) / 5).astype(np.float32)


SUBJECT_OF = {phrase: name for name, phrases in SUBJECTS.items() for phrase in phrases}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose data have grown: by a cluster that nobody had seen, by much more food, by a twin that disagrees."""
    place = tmp_path_factory.mktemp("grown")
    rows = _write_old(place / "d.csv")
    project = Project.create(place / "p", place / "d.csv")
    judged = int(np.flatnonzero(~project.gold)[5])
    project.journal.record(judged, "keep")
    rng = np.random.default_rng(2)
    with pytest.raises(BadcaseError, match="no update"):
        project.drift()
    for row in rows:
        if row[0] == project.items.key(judged):
            row[1] = f"{row[1]}, edited since by somebody"
    other = next(row for row in rows[1:] if row[2] == "weather" and row[0] != project.items.key(judged))
    rows.append(["twin", other[1], "food"])
    for i in range(NEW):
        phrase = SUBJECTS["food"][i % 5] if i % 4 else SUBJECTS["animals"][i % 5]
        rows.append([f"n{i}", f"{phrase}, {_words(1000 + i)}", "food" if i % 4 else "animals"])
    rows += [[f"boat{i}", f"a boat, {_words(2000 + i)}", ""] for i in range(30)]
    _write(place / "d.csv", rows)
    project.update()
    with pytest.raises(BadcaseError, match="no features yet") as caught:
        project.drift()
    assert "badcase predict" in caught.value.hint
    predict_from(project, _embeddings(project, rng))
    return project


@pytest.fixture(scope="module")
def found(grown: Project) -> DataDrift:
    return grown.drift()


def test_the_cluster_that_training_never_saw_is_found_with_its_words(grown: Project, found: DataDrift) -> None:
    (cluster,) = found.clusters
    assert all("boat" in grown.items.text(int(i)) for i in cluster.items) and len(cluster.items) >= 15
    assert "boat" in cluster.words and cluster.old <= 1
    assert found.whole.differs


def test_the_share_that_moved_is_found_and_classes_like_the_old_are_not_called_far(grown: Project, found: DataDrift) -> None:
    classes = {one.title: one for one in found.classes}
    assert classes["food"].moved and classes["food"].new_share > 1.5 * classes["food"].old_share
    assert classes["weather"].moved and stands_out(classes["weather"]) != "like the old"
    assert not classes["animals"].differs and not classes["food"].differs
    assert set(classes["food"].items) <= set(np.flatnonzero(grown.labels == grown.classes.index("food")))


def test_what_contradicts_is_found(grown: Project, found: DataDrift) -> None:
    assert [grown.items.key(int(i)) for i in found.twins] == ["twin"]
    (edited,) = found.edited.tolist()
    assert "edited since" in grown.items.text(edited)
    sentences = " ".join(drift_sentences(found))
    assert "1 new twin" in sentences and "1 item was edited" in sentences and "1 cluster" in sentences


def test_the_same_data_give_the_same_findings(grown: Project, found: DataDrift) -> None:
    again = grown.drift(2)
    assert [one.title for one in again.classes] == [one.title for one in found.classes]
    assert again.whole.distance == found.whole.distance
    with pytest.raises(BadcaseError, match="no such revision"):
        grown.drift(3)


def test_unlabelled_data_are_compared_by_the_nearest_class(tmp_path: Path) -> None:
    """Items told by one rule in both samples: the labels of the old against guesses for the new would differ by themselves."""
    _write_old(tmp_path / "d.csv")
    with Project.create(tmp_path / "p", tmp_path / "d.csv") as project:
        pool = tmp_path / "pool.txt"
        pool.write_text("".join(f"{SUBJECTS[CLASSES[i % 3]][i % 5]}, {_words(i)}\n" for i in range(NEW)), encoding="utf-8")
        project.update(unlabelled=pool)
        predict_from(project, _embeddings(project, np.random.default_rng(1)))
        found = project.drift()
        assert found.by_nearest and {one.title for one in found.classes} == set(CLASSES)
        assert not any(one.differs or one.moved for one in found.classes) and not found.clusters
        project.undo_update()
        with pytest.raises(BadcaseError, match="no update"):
            project.drift()


def test_what_the_model_was_trained_on_is_not_compared_with_what_it_was_not(tmp_path: Path) -> None:
    """A network draws apart what it has learnt by heart: all new data would look far from that."""
    _write_old(tmp_path / "d.csv")
    with Project.create(tmp_path / "p", tmp_path / "d.csv") as project:
        pool = tmp_path / "pool.txt"
        pool.write_text("".join(f"{SUBJECTS[CLASSES[i % 3]][i % 5]}, {_words(i)}\n" for i in range(60)), encoding="utf-8")
        project.update(unlabelled=pool)
        trained = np.arange(len(project.items)) < 100
        embeddings = _embeddings(project, np.random.default_rng(1)) + 3 * trained[:, None] * np.eye(8)[5]
        predict_from(project, embeddings)
        made = project.predictions.current
        assert made is not None
        np.save(made.folder / "trained_on.npy", trained)
        made.__dict__.pop("trained_on", None)
        found = project.drift()
        assert not found.whole.differs and any("140 old items" in note for note in found.notes)
        made.__dict__.pop("trained_on", None)
        np.save(made.folder / "trained_on.npy", np.arange(len(project.items)) < N)
        with pytest.raises(BadcaseError, match="trained on nearly all"):
            project.drift()
