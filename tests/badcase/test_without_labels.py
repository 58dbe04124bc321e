"""Items without a label: they are predicted, shown and labelled, and nothing learns from them or is measured on them before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.progress import finish
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.training.data.training_set import build_training_set
from badcase.training.recipe import Recipe
from tests.badcase.importing.importing import photo

WORDS = {"food": "bread cheese soup oven", "law": "court judge appeal trial", "sport": "match goal team league"}
N, EVERY = 90, 3  # each third item has no label


def text(i: int) -> str:
    words = list(WORDS.values())[i % 3].split()
    return " ".join(words[(i * step) % 4] for step in (1, 2, 3, 5)) + f" {i}"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "t.csv"
    rows = [f"k{i},{text(i)},{'' if i // 3 % EVERY == 0 else list(WORDS)[i % 3]}" for i in range(N)]
    path.write_text("\n".join(["id,text,label", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Predicted and ranked, without a verdict."""
    with Project.create(tmp_path_factory.mktemp("whole") / "p", data) as project:
        project.predict("chargrams")
        project.rank()
        yield project


def test_they_are_predicted_and_no_part_of_the_ranking_the_count_gold_or_a_training(whole: Project) -> None:
    new = whole.given == -1
    assert new.sum() == N // EVERY and (whole.labels[new] == -1).all() and not whole.gold[new].any()
    assert whole.classes == tuple(sorted(WORDS)) and whole.predictions.current is not None
    ranking = whole.ranking
    assert ranking is not None and not new[ranking.order].any() and len(ranking.order) == (~new & ~whole.gold).sum()
    assert np.isnan(ranking.suspicion[new]).all() and not ranking.flagged[new].any() and not new[whole.to_review()].any()
    learnt = build_training_set(whole, Recipe())
    assert not new[learnt.train.items].any() and not new[learnt.validation.items].any()
    assert not whole.predictions.current.trained_on[new].any()


def test_a_label_that_a_person_gives_joins_training_and_is_no_error_found(whole: Project, tmp_path: Path, data: Path) -> None:
    with Project.create(tmp_path / "p", data) as project:
        project.predict("chargrams")
        project.rank()
        before = project.errors_left()
        item = int(np.flatnonzero(project.given == -1)[0])
        project.journal.record(item, "relabel", "law")
        counts = project.counts()
        assert (counts.labelled, counts.fixed, counts.reviewed) == (1, 0, 1)
        learnt = build_training_set(project, Recipe())
        assert item in learnt.train.items and project.classes[project.labels[item]] == "law"
        project.rank()
        after, ranking = project.errors_left(), project.ranking
        assert ranking is not None and np.isnan(ranking.suspicion[item]) and item not in ranking.order
        assert before is not None and after is not None and after.words == before.words
        project.journal.undo()
        assert project.labels[item] == -1 and item not in build_training_set(project, Recipe()).train.items


def test_there_is_no_label_to_keep(whole: Project) -> None:
    item = int(np.flatnonzero(whole.given == -1)[0])
    with pytest.raises(BadcaseError, match="none to keep") as refusal:
        whole.journal.record([item], "keep")
    assert "exclude" in refusal.value.hint and whole.revision == 0


def test_the_source_gets_the_labels_in_the_empty_cells_and_other_formats_say_none(tmp_path: Path, data: Path) -> None:
    with Project.create(tmp_path / "p", data) as project:
        new = np.flatnonzero(project.given == -1).tolist()
        project.journal.record(new[:2], "relabel", ["law", "sport"])
        assert finish(export(project, tmp_path / "o.csv")).changed == 2
        was, now = (file.read_text(encoding="utf-8").splitlines() for file in (data, tmp_path / "o.csv"))
        changed = [(a, b) for a, b in zip(was, now, strict=True) if a != b]
        assert changed == [(a, a + name) for (a, _b), name in zip(changed, ("law", "sport"), strict=True)]
        finish(export(project, tmp_path / "o.parquet", format="parquet"))
        labels = parquet.read_table(tmp_path / "o.parquet")["label"].to_pylist()
        assert [labels[i] for i in new[:3]] == ["law", "sport", ""]
        done = finish(export(project, tmp_path / "folders", format="folder"))
        assert len(list((tmp_path / "folders").rglob("*.txt"))) == N - len(new) + 2
        assert any("without a label" in note for note in done.notes)


def test_patches_carry_labels_of_items_that_had_none(tmp_path: Path, data: Path) -> None:
    with Project.create(tmp_path / "p", data) as project, Project.create(tmp_path / "q", data) as other:
        new = np.flatnonzero(project.given == -1).tolist()
        project.journal.record(new[:3], ["relabel", "exclude", "unsure"], "law")
        finish(export(project, tmp_path / "a.patch", format="patch"))
        other.apply(tmp_path / "a.patch")
        assert (other.labels == project.labels).all() and (other.verdicts == project.verdicts).all()
        assert other.verdicts[new[1]] == VerdictCode.EXCLUDE and other.labels[new[1]] == -1


def test_more_items_come_from_tables_lines_files_and_folders(tmp_path: Path, data: Path) -> None:
    (tmp_path / "pool.csv").write_text("id,text\nk1,another text of that key\nz1,goal of the team\n")
    (tmp_path / "lines.txt").write_text("one text\n\nanother one\n")
    (tmp_path / "files" / "deep").mkdir(parents=True)
    (tmp_path / "files" / "deep" / "x.txt").write_text("a text in a file")
    pools = [tmp_path / name for name in ("pool.csv", "lines.txt", "files")]
    with Project.create(tmp_path / "p", data, unlabelled=pools) as project:
        assert project.items.keys[N:] == ["pool.csv/k1", "z1", "lines.txt/1", "lines.txt/3", "deep/x.txt"]
        assert (project.given[N:] == -1).all() and project.items.places.tolist() == [0] * N + [1, 1, 2, 2, 3]
        assert not project.gold[N:].any() and any("2 items without a label from pool.csv" in note for note in project.notes)
        project.journal.record([N], "relabel", "sport")
        done = finish(export(project, tmp_path / "o.csv"))
        assert done.changed == 0 and any("came from elsewhere" in note for note in done.notes)
        assert (tmp_path / "o.csv").read_bytes() == data.read_bytes()


def test_images_of_a_folder_are_read_where_they_lie_and_not_taken_twice(tmp_path: Path) -> None:
    for i in range(12):
        for folder, name in (("d/cat" if i % 2 else "d/dog", f"{i}.jpg"), ("pool/sub", f"n{i}.jpg")):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).write_bytes(photo(i + 100 * folder.startswith("pool")))
    with Project.create(tmp_path / "p", tmp_path / "d", unlabelled=[tmp_path / "pool", tmp_path / "pool"]) as project:
        assert len(project.items) == 24 and any("12 items of pool are among the data already" in note for note in project.notes)
        assert project.items.media(12).open_bytes() == (tmp_path / "pool" / project.items.key(12)).read_bytes()
    (tmp_path / "pool").rename(tmp_path / "elsewhere")
    with Project.open(tmp_path / "p") as project:
        assert project.items.image(0).size and project.items.missing_place == tmp_path / "pool"


def test_a_pool_that_holds_nothing_of_the_kind_is_refused_and_leaves_nothing(tmp_path: Path, data: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.jpg").write_bytes(photo(1))
    for place in (tmp_path / "pictures", tmp_path / "not there"):
        with pytest.raises(BadcaseError) as refusal:
            Project.create(tmp_path / "p", data, unlabelled=place)
        assert str(place) in str(refusal.value) and refusal.value.hint and not (tmp_path / "p").exists()


def test_a_twin_of_what_is_held_out_is_held_out_with_it(tmp_path: Path) -> None:
    rows = [f"{text(i)} {i * 7919},{list(WORDS)[i % 3]}" for i in range(N)]
    rows += [f"{row.rsplit(',', 1)[0]}," for row in rows]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    with Project.create(tmp_path / "p", tmp_path / "t.csv") as project:
        assert project.gold[:N].any() and not project.gold[N:].any()
        assert (project.split[N:] == project.split[:N]).all()


def test_with_no_label_at_all_a_first_one_can_be_given(tmp_path: Path) -> None:
    """Predicting and asking what to label work before anybody has said anything; looking for wrong labels says what to do."""
    rows = [f"{text(i)},{'food' if i == 0 else ''}" for i in range(30)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    with Project.create(tmp_path / "p", tmp_path / "t.csv") as project:
        assert project.classes == ("food",)
        project.predict("chargrams")
        assert len(project.queue("label", top=5)) == 5
        with pytest.raises(BadcaseError, match="too few items have a label") as refusal:
            project.rank()
        assert "--queue label" in refusal.value.hint
