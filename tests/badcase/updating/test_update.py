"""A project goes on with its data: what an update keeps, whatever became of the source."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from badcase.errors import BadcaseError
from badcase.mending.journal_backups import backup_files
from badcase.mending.restore import restore_journal
from badcase.project import Project
from badcase.ranking.saved_ranking import unreadable_rankings
from badcase.store.checks.identity import fresh_name
from badcase.updating.same_items import out_of_order
from tests.projects import SUBJECTS, write_texts

N = 60
CLASSES = list(SUBJECTS)
Row = list[str]  # id, text, label
_EDITS = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "edit", "rename", "relabel", "reorder"]), st.integers(0, 10**6)), max_size=12
)


def _read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def _write(path: Path, rows: list[Row], *, keyed: bool = True) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([row if keyed else row[1:] for row in [["id", "text", "label"], *rows]])


def _judge(project: Project) -> None:
    for i in np.flatnonzero(~project.gold)[:24].tolist():
        kind = ("relabel", "keep", "exclude", "unsure")[i % 4]
        project.journal.record(i, kind, (int(project.given[i]) + 1) % 3 if kind == "relabel" else None)
    project.journal.undo()


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A judged project of texts beside its table, by whether that has keys."""
    made = {}
    for keyed in (True, False):
        place = tmp_path_factory.mktemp("base")
        write_texts(place / "d.csv", N)
        rows = [[f"t{i}", f"{text} and no other than {i}", label] for i, (_id, text, label) in enumerate(_read(place / "d.csv"))]
        _write(place / "d.csv", rows, keyed=keyed)
        with Project.create(place / "p", place / "d.csv") as project:
            _judge(project)
        made[keyed] = place
    return made


@pytest.fixture
def place(bases: dict[bool, Path], tmp_path: Path) -> Path:
    """A copy of the one with keys."""
    return Path(shutil.copytree(bases[True], tmp_path / "copy"))


def _edited(rows: list[Row], edits: list[tuple[str, int]]) -> list[Row]:
    rows = [list(row) for row in rows]
    for kind, number in edits:
        at = number % len(rows)
        if kind == "insert":
            rows.insert(at, [f"new{number}-{len(rows)}", f"a row put in, {number} {len(rows)} {len(edits)}", CLASSES[number % 3]])
        elif kind == "delete" and len(rows) > N // 2:
            del rows[at]
        elif kind == "edit":
            rows[at][1] += f" edited {number}"
        elif kind == "rename":
            rows[at][0] = f"renamed{number}-{at}"
        elif kind == "relabel":
            rows[at][2] = CLASSES[number % 3]
        elif kind == "reorder":
            random.Random(number).shuffle(rows)
    return [row for at, row in enumerate(rows) if row[0] not in {other[0] for other in rows[:at]}]


def _by_text(project: Project) -> dict[str, tuple[int, str]]:
    """The verdict and label of each item that is there, by what it shows."""
    there = np.flatnonzero(~project.gone).tolist()
    return {project.items.text(i): (int(project.verdicts[i]), project.classes[int(project.labels[i])]) for i in there}


@settings(max_examples=15, deadline=None, derandomize=True)
@given(keyed=st.booleans(), edits=_EDITS, again=_EDITS)
def test_no_verdict_is_lost_or_moved_and_gold_stays(
    bases: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory, keyed: bool, edits: Any, again: Any
) -> None:
    place = Path(shutil.copytree(bases[keyed], tmp_path_factory.mktemp("example") / "copy"))
    first = [[f"t{i}", *row] for i, row in enumerate(_read(place / "d.csv"))] if not keyed else _read(place / "d.csv")
    with Project.open(place / "p") as project:
        before, gold = _by_text(project), project.drawn_gold.copy()
        labels, verdicts, history = project.labels.copy(), project.verdicts.copy(), [project.journal.history(i) for i in range(N)]
        for rows in (_edited(first, edits), _edited(_edited(first, edits), again)):
            _write(place / "d.csv", rows, keyed=keyed)
            planned = project.update(dry_run=True)
            made = project.update()
            assert made.counts == planned.counts
            now = _by_text(project)
            assert set(now) == {text for _id, text, _label in rows}
            for _id, text, label in rows:
                if before.get(text, (0, ""))[0]:
                    assert now[text] == before[text]
                elif not project.gold[i := project.items.texts()[:].index(text)]:
                    assert now[text] == (0, label) and project.given[i] == project.items.said[i]
            assert not project.verdicts[project.gone].any() and not project.labelled[project.gone].any()
            assert (project.drawn_gold[:N] == gold).all() and not project.drawn_gold[N:].any()
            assert [project.journal.history(i) for i in range(N)] == history
            assert not any(project.update().counts.values())
            assert project.items.revision == made.revision
        if made.revision > 1 and any(made.counts.values()):
            _write(place / "d.csv", first, keyed=keyed)
            project.update()  # the source as it was
            assert (project.labels[:N] == labels).all() and (project.verdicts[:N] == verdicts).all()
            assert project.gone[N:].all()


def test_an_update_is_seen_before_it_is_done_and_its_conflicts_are_settled(place: Path) -> None:
    rows = _read(place / "d.csv")
    with Project.open(place / "p") as project:
        fixed, kept = (int(np.flatnonzero(project.verdicts == verdict)[0]) for verdict in (1, 2))
        for item in (fixed, kept):
            rows[item][2] = next(
                name for name in CLASSES if name not in (rows[item][2], project.classes[int(project.labels[item])])
            )
        gone = int(np.flatnonzero((project.verdicts == 1) & ~project.gold)[-1])
        assert gone != fixed
        twin = ["twin", rows[int(np.flatnonzero(project.gold)[0])][1], "food"]
        _write(place / "d.csv", [*rows[:gone], *rows[gone + 1 :], twin, ["bare", "without any label", ""]])
        seen = project.update(dry_run=True).preview
        assert seen is not None and project.items.revision == 1
        assert [(row.key, row.text) for row in seen.rows["added"]] == [("twin", twin[1]), ("bare", "without any label")]
        assert [row.now for row in seen.rows["added"]] == ["food", ""] and seen.rows["gone"][0].item == gone
        told = {row.item: row for row in seen.rows["conflicts"]}
        assert set(told) == {fixed, kept} and told[fixed].before == project.classes[int(project.labels[fixed])]
        assert told[fixed].now == rows[fixed][2] and told[fixed].at and not told[fixed].locked
        assert (seen.there, seen.set_aside, seen.beside_gold) == (N + 1, 1, 1) and seen.same == N - 3
        assert project.update().preview is None
        labels = project.labels.copy()
        changes = project.settle(keep=[fixed], take=[kept])
        assert changes.items == {fixed, kept} and not project.conflicts
        assert project.labels[fixed] == labels[fixed] and project.classes[int(project.labels[kept])] == rows[kept][2]
        project.journal.undo()
        assert set(project.conflicts) == {fixed, kept} and (project.labels == labels).all()


def test_an_update_is_counted_listed_told_and_taken_back(place: Path) -> None:
    rows = _read(place / "d.csv")
    with Project.open(place / "p") as project:
        free = np.flatnonzero((project.verdicts == 0) & ~project.gold).tolist()
        kept = int(np.flatnonzero(project.verdicts == 2)[0])
        labels, verdicts = project.labels.copy(), project.verdicts.copy()
        other = next(name for name in CLASSES if name not in (rows[kept][2], rows[free[0]][2]))
        rows[kept][2] = rows[free[0]][2] = other
        rows[free[1]][1] = "wholly other words stand here now"
        rows[free[2]][0] = "called otherwise"
        del rows[free[3]]
        rows += [["new", "something that nobody has seen", "food"], ["bare", "and this one has no label", ""]]
        _write(place / "d.csv", rows)
        made = project.update()
        expected = {"added": 2, "changed": 1, "moved": 1, "gone": 1, "relabelled": 2, "conflicts": 1, "unlabelled": 1}
        assert made.counts == expected | {"reencoded": 0} and made.revision == 2
        assert made.listed["changed"] == [f"t{free[1]}"] and made.listed["added"] == ["new", "bare"]
        assert project.conflicts == [kept] and project.labels[kept] == labels[kept]
        assert project.data_revisions[-1]["counts"]["gone"] == 1
        project.journal.record(kept, "keep")
        assert project.conflicts == []
        project.journal.undo()
        assert project.undo_update() is not None
        assert (project.labels[:N] == labels).all() and (project.verdicts[:N] == verdicts).all() and project.gone[N:].all()
        assert project.undo_update() is not None
        assert project.conflicts == [kept] and int(project.gone.sum()) == 2
        judged = int(np.flatnonzero(project.verdicts == 1)[0])
        _write(place / "d.csv", [row for row in rows if row[0] != project.items.key(judged)])
        reviewed = project.counts().reviewed
        project.update()
        assert project.verdicts[judged] == 0 and project.labels[judged] == -1 and project.counts().reviewed == reviewed - 1


def test_a_label_that_was_undone_before_the_data_changed_does_not_come_back(place: Path) -> None:
    """The redo would keep a label that nobody had seen."""
    with Project.open(place / "p") as project:
        item = int(np.flatnonzero((project.verdicts == 0) & ~project.gold)[-1])
        project.journal.record(item, "keep")
        project.journal.undo()
        rows = _read(place / "d.csv")
        rows[item][2] = next(name for name in CLASSES if name != rows[item][2])
        _write(place / "d.csv", rows)
        project.update()
        assert project.journal.redo() is None
    with Project.open(place / "p") as project:
        assert project.journal.redo() is None and project.verdicts[item] == 0


def test_more_data_are_added_and_nothing_is_gone(place: Path) -> None:
    _write(place / "more.csv", [["t1", "the same key, another text", "food"], ["m2", "more of it", "weather"]])
    (place / "pool.txt").write_text("no label yet\nnor here\n", encoding="utf-8")
    with Project.open(place / "p") as project:
        made = project.update(place / "more.csv", unlabelled=place / "pool.txt")
        assert (made.counts["added"], made.counts["unlabelled"], made.counts["gone"]) == (4, 2, 0) and not made.again
        assert project.items.keys[N:] == ["more.csv/t1", "m2", "pool.txt/1", "pool.txt/2"]
        assert not any(project.update(place / "more.csv", unlabelled=place / "pool.txt").counts.values())
        assert not any(project.update().counts.values()), "the source lacks nothing that it had"


def test_what_is_new_beside_gold_is_not_learnt_from(place: Path) -> None:
    rows = _read(place / "d.csv")
    with Project.open(place / "p") as project:
        gold = int(np.flatnonzero(project.gold)[0])
        _write(place / "d.csv", [*rows, ["twin", rows[gold][1].upper(), rows[gold][2]]])
        project.update()
        assert project.items.twins[N] == gold
        assert project.split[N] == project.split[gold] and not project.gold[N]


def test_an_update_tells_before_how_much_gold_there_is_after(place: Path) -> None:
    rows = _read(place / "d.csv")
    with Project.open(place / "p") as project:
        gold = np.flatnonzero(project.gold)
        _write(place / "d.csv", [row for at, row in enumerate(rows) if at not in gold[:2]])
        seen = project.update(dry_run=True).preview
        assert seen is not None and seen.gold == len(gold) - 2
        project.update()
        assert project.gold.sum() == seen.gold


def test_predictions_cover_what_is_new_and_keep_what_they_said(place: Path) -> None:
    rows = _read(place / "d.csv")
    with Project.open(place / "p") as project:
        before = project.predict("chargrams")
        said = np.array(before.logits)
        _write(place / "d.csv", [*rows[1:], ["new", "rain and soup and dogs", "food"]])
        project.update()
        assert project.predictions.current is None, "one item has none yet"
        after = project.predict()
        assert after.meta["computed"] == 1 and (np.asarray(after.embeddings[:N]) == before.embeddings).all()
        assert np.abs(np.asarray(after.logits[:N], np.float32) - said).max() < 0.01
        assert 0 not in project.rank().order and N in project.rank().order


def test_a_ranking_of_the_data_or_classes_before_is_old_and_not_damaged(place: Path) -> None:
    with Project.open(place / "p") as project:
        project.predict("chargrams")
        project.rank()
        made = project.predictions.current
        assert made is not None and unreadable_rankings(project, made) == []
        project.class_edits.apply(project.class_edits.merge([project.classes[0]], into=project.classes[1]))
        assert unreadable_rankings(project, made) == [] and project.any_ranking is None
        project.journal.undo()
        _write(place / "d.csv", _read(place / "d.csv")[1:])
        project.update()
        assert unreadable_rankings(project, made) == [] and project.any_ranking is None


def test_an_update_that_was_noted_is_finished_and_one_that_was_not_is_forgotten(place: Path) -> None:
    rows = _read(place / "d.csv")
    old = (place / "p" / "items.arrow").read_bytes()
    _write(place / "d.csv", rows[:-1])
    with Project.open(place / "p") as project:
        project.update()
    new = (place / "p" / "items.arrow").read_bytes()
    (place / "p" / "items.arrow").write_bytes(old)  # killed before the new items had their place
    (place / "p" / fresh_name(2)).write_bytes(new)
    with Project.open(place / "p", read_only=True) as project:
        assert project.gone[N - 1]
    (place / "p" / fresh_name(3)).write_bytes(b"what was never noted")
    with Project.open(place / "p") as project:
        assert project.gone[N - 1]
    assert sorted(path.name for path in (place / "p").glob("*.arrow")) == ["before-2.arrow", "items.arrow"]
    (place / "p" / "items.arrow").write_bytes(old)
    with pytest.raises(BadcaseError, match="two revisions"):
        Project.open(place / "p")


def test_the_database_can_be_made_again_after_an_update(place: Path) -> None:
    with Project.open(place / "p") as project:
        project.journal.record(0, "exclude")
    _write(place / "d.csv", _read(place / "d.csv")[1:])
    with Project.open(place / "p") as project:
        older = backup_files(place / "p")[0]
        project.update()
        assert project.gone[0]
    (place / "p" / "project.db").unlink()
    with pytest.raises(BadcaseError, match="another revision of the data"):
        restore_journal(place / "p", older)
    restore_journal(place / "p")
    with Project.open(place / "p") as project:
        assert project.gone[0] and project.journal.history(0) and project.items.revision == 2


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("photographs")
    rng = np.random.default_rng(0)
    for number in range(12):
        path = folder / "images" / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8)).resize((64, 64), Image.Resampling.BICUBIC)
        noise.filter(ImageFilter.GaussianBlur(2)).save(path)
    yield folder


def test_images_that_are_encoded_anew_or_moved_keep_their_verdict(photographs: Path) -> None:
    images = photographs / "images"
    with Project.create(photographs / "p", images) as project:
        anew, moved, other = (project.items.find(f"{name}.png") for name in ("cat/0", "dog/1", "cat/2"))
        for item in (anew, moved, other):
            project.journal.record(item, "exclude")
        Image.open(images / "cat" / "0.png").save(images / "cat" / "0.png", compress_level=1)
        (images / "dog" / "1.png").rename(images / "dog" / "one.png")
        Image.open(images / "dog" / "3.png").rotate(90).save(images / "cat" / "2.png")
        counts = project.update().counts
        assert (counts["reencoded"], counts["moved"], counts["changed"], counts["added"], counts["gone"]) == (1, 1, 1, 0, 0)
        assert project.verdicts[anew] == project.verdicts[moved] == 3
        assert project.gone[other] and project.verdicts[project.items.find("cat/2.png")] == 0
        assert project.items.image(anew).size == (64, 64) and project.items.key(moved) == "dog/one.png"
        assert not any(project.update().counts.values())


def test_what_stayed_in_order_has_not_moved() -> None:
    assert out_of_order(np.array([0, 1, 5, 2, 3])).tolist() == [False, False, True, False, False]
    assert out_of_order(np.array([], np.int64)).tolist() == []
