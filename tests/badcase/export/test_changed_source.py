"""A source that changed after the import: each correction goes to the row that it was made on, or is said to find none."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.export import Exported, export
from badcase.progress import finish
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from tests.badcase.importing.importing import class_folders, photo, write_tree


@dataclass(frozen=True)
class Row:
    id: str
    text: str
    label: str
    note: str


Table = list[Row]
ROWS = [Row(f"k{i}", f"words {i * 7919}", "xyz"[i % 3], f"n{i % 4}") for i in range(12)]


def written_csv(path: Path, rows: Table, *, delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(("id", "text", "label", "note"))
        writer.writerows((row.id, row.text, row.label, row.note) for row in rows)


def read_csv(path: Path, *, delimiter: str = ",") -> Table:
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")), delimiter=delimiter)
    return [Row(**row) for row in reader]


def written_jsonl(path: Path, rows: Table) -> None:
    path.write_text("".join(json.dumps(vars(row)) + "\n" for row in rows), encoding="utf-8")


def read_jsonl(path: Path) -> Table:
    return [Row(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def arrow_table(rows: Table) -> pa.Table:
    return pa.table({name: pa.array([getattr(row, name) for row in rows], pa.string()) for name in Row.__annotations__})


FORMATS: dict[str, tuple[Callable[[Path, Table], None], Callable[[Path], Table]]] = {
    ".csv": (written_csv, read_csv),
    ".tsv": (lambda path, rows: written_csv(path, rows, delimiter="\t"), lambda path: read_csv(path, delimiter="\t")),
    ".jsonl": (written_jsonl, read_jsonl),
    ".parquet": (
        lambda path, rows: parquet.write_table(arrow_table(rows), path),
        lambda path: [Row(**row) for row in parquet.read_table(path).to_pylist()],
    ),
    ".arrow": (
        lambda path, rows: feather.write_feather(arrow_table(rows), path),
        lambda path: [Row(**row) for row in feather.read_table(path).to_pylist()],
    ),
}


@pytest.mark.parametrize("key", ["note", "id", None])
@pytest.mark.parametrize("ending", FORMATS)
def test_rows_that_moved_are_corrected_where_they_stand_now(ending: str, key: str | None, tmp_path: Path) -> None:
    write, read = FORMATS[ending]
    rows = [replace(row, note=f"n{at}") for at, row in enumerate(ROWS)]
    rows = rows if key != "note" else [replace(row, id="0") for row in rows]
    data = tmp_path / f"t{ending}"
    write(data, rows)
    with Project.create(tmp_path / "p", data, text="text", label="label", key=key) as project:
        project.journal.record([4], "relabel", (int(project.given[4]) + 1) % 3)
        project.journal.record([7], "exclude")
        now = [rows[9], *rows[2:9], replace(rows[0], id="new", text="another", note="new"), *rows[10:]]
        write(data, now)
        done = finish(export(project, tmp_path / f"o{ending}"))
        assert (done.changed, done.excluded, list(done.unmatched)) == (1, 1, []) and done.notes
    label = "xyz"[(4 % 3 + 1) % 3]
    assert read(done.path) == [replace(row, label=label) if row == rows[4] else row for row in now if row != rows[7]]


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("key", ["id", None])
def test_a_row_that_is_gone_is_named_and_nothing_is_written_unless_told_to_go_on(
    ending: str, key: str | None, tmp_path: Path
) -> None:
    write, read = FORMATS[ending]
    rows = ROWS if key else [replace(row, id="0") for row in ROWS]
    data = tmp_path / f"t{ending}"
    write(data, rows)
    with Project.create(tmp_path / "p", data, text="text", label="label", key=key) as project:
        project.journal.record([1], "relabel", (int(project.given[1]) + 1) % 3)
        project.journal.record([2], "exclude")
        project.journal.record([11], "relabel", (int(project.given[11]) + 1) % 3)
        now = [row for at, row in enumerate(rows) if at not in (1, 2)]
        write(data, now)
        with pytest.raises(BadcaseError, match=project.items.key(1)) as caught:
            finish(export(project, tmp_path / f"o{ending}"))
        assert "--allow-changed" in caught.value.hint and not (tmp_path / f"o{ending}").exists()
        done = finish(export(project, tmp_path / f"o{ending}", allow_changed=True))
        assert [one.item for one in done.unmatched] == [1, 2] and (done.changed, done.excluded) == (1, 0)
        listed = (tmp_path / f"o{ending}.unmatched.csv").read_text(encoding="utf-8").splitlines()
        assert len(listed) == 3 and listed[1].startswith(project.items.key(1) + ",")
    assert read(done.path) == [replace(row, label="x") if row.text == rows[11].text else row for row in now]


def test_a_row_whose_content_or_label_was_edited_is_not_overwritten(tmp_path: Path) -> None:
    data = tmp_path / "t.csv"
    written_csv(data, ROWS)
    with Project.create(tmp_path / "p", data, key="id", text="text", label="label") as project:
        for i in (1, 2, 3):
            project.journal.record([i], "relabel", (int(project.given[i]) + 1) % 3)
        now = [*ROWS]
        now[1] = replace(ROWS[1], text="edited since")
        now[2] = replace(ROWS[2], label="y")  # neither as it was nor as the correction says
        now[3] = replace(ROWS[3], label=project.classes[project.labels[3]])  # corrected there already
        written_csv(data, now)
        done = finish(export(project, tmp_path / "o.csv", allow_changed=True))
    assert [one.item for one in done.unmatched] == [1, 2] and done.changed == 0
    assert read_csv(done.path) == now


@pytest.mark.parametrize("packed", [False, True])
def test_files_in_class_folders_are_known_by_their_bytes(packed: bool, tmp_path: Path) -> None:
    data = class_folders(tmp_path / "d")
    place = tmp_path / "d.zip" if packed else data

    def pack() -> None:
        if packed:
            with zipfile.ZipFile(place, "w") as archive:
                for file in sorted(data.rglob("*.jpg")):
                    archive.write(file, file.relative_to(data).as_posix())

    pack()
    with Project.create(tmp_path / "p", place) as project:
        at = {name: project.items.find(name) for name in ("cat/0.jpg", "cat/1.jpg", "cat/2.jpg", "dog/3.jpg", "dog/4.jpg")}
        for name in ("cat/0.jpg", "cat/1.jpg", "cat/2.jpg"):
            project.journal.record([at[name]], "relabel", 1)
        project.journal.record([at["dog/3.jpg"]], "exclude")
        project.journal.record([at["dog/4.jpg"]], "exclude")
        (data / "cat/0.jpg").rename(data / "cat/renamed.jpg")
        (data / "cat/1.jpg").write_bytes(photo(991))  # another picture under its name
        (data / "cat/2.jpg").unlink()
        (data / "dog/3.jpg").write_bytes(photo(992))
        pack()
        out = tmp_path / ("o.zip" if packed else "o")
        with pytest.raises(BadcaseError, match="3 corrections"):
            finish(export(project, out))
        done = finish(export(project, out, allow_changed=True))
        assert {one.key for one in done.unmatched} == {"cat/1.jpg", "cat/2.jpg", "dog/3.jpg"}
        assert (done.changed, done.excluded) == (1, 1)
    if packed:
        shutil.unpack_archive(out, tmp_path / "o")
    kept = {file.relative_to(tmp_path / "o").as_posix() for file in (tmp_path / "o").rglob("*.jpg")}
    assert "dog/renamed.jpg" in kept and {"cat/1.jpg", "dog/3.jpg"} <= kept and "dog/4.jpg" not in kept


def test_a_table_of_images_is_corrected_by_path_and_bytes(tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", {f"{i}.jpg": photo(i) for i in range(8)})
    lines = [f"{i}.jpg,{'ab'[i % 2]}" for i in range(8)]
    (data / "labels.csv").write_text("\n".join(["file,label", *lines]))
    with Project.create(tmp_path / "p", data) as project:
        project.journal.record([2], "relabel", 1)
        project.journal.record([5], "relabel", 0)
        (data / "labels.csv").write_text("\n".join(["file,label", *reversed(lines)]))
        (data / "5.jpg").write_bytes(photo(55))
        done = finish(export(project, tmp_path / "o", allow_changed=True))
    assert [one.key for one in done.unmatched] == ["5.jpg"] and done.changed == 1
    expected = [line if line != "2.jpg,a" else "2.jpg,b" for line in reversed(lines)]
    assert (tmp_path / "o/labels.csv").read_text().splitlines() == ["file,label", *expected]


def test_a_saved_data_set_is_corrected_where_its_rows_stand_now(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"])})
    rows = {"text": [f"words {i * 7919}" for i in range(12)], "label": [i % 2 for i in range(12)]}
    made = datasets.Dataset.from_dict(rows, features)
    made.save_to_disk(str(tmp_path / "d"))
    with Project.create(tmp_path / "p", tmp_path / "d") as project:
        project.journal.record([5], "relabel", 0)
        project.journal.record([6], "exclude")
        shutil.rmtree(tmp_path / "d")
        made.select([8, 7, 6, 5, 4, 3]).save_to_disk(str(tmp_path / "d"))
        done = finish(export(project, tmp_path / "o"))
    again = datasets.load_from_disk(str(done.path))
    assert again["text"][:] == [rows["text"][i] for i in (8, 7, 5, 4, 3)] and again["label"][:] == [0, 1, 0, 0, 1]


# --- any change ---------------------------------------------------------------------------------------------------------

texts = st.sampled_from([row.text for row in ROWS] + ["new one", "new two"])
new_rows = st.builds(Row, st.sampled_from([row.id for row in ROWS] + ["m1", "m2"]), texts, st.sampled_from("xyz"), st.just("n0"))
edits = st.one_of(
    st.tuples(st.just("delete"), st.integers(0, 30), st.none()),
    st.tuples(st.just("insert"), st.integers(0, 30), new_rows),
    st.tuples(st.just("move"), st.integers(0, 30), st.integers(0, 30)),
    st.tuples(st.just("copy"), st.integers(0, 30), st.integers(0, 30)),
    st.tuples(st.just("text"), st.integers(0, 30), texts),
    st.tuples(st.just("label"), st.integers(0, 30), st.sampled_from("xyz")),
    st.tuples(st.just("note"), st.integers(0, 30), st.sampled_from(["n0", "edited"])),
)


def edited(rows: Table, changes: list[tuple[str, int, object]]) -> Table:
    now = [*rows]
    for what, where, value in changes:
        at = where % (len(now) or 1)
        match what, value:
            case "insert", Row():
                now.insert(at, value)
            case _ if not now:
                continue
            case "delete", _:
                now.pop(at)
            case "move", int():
                now.insert(value % len(now), now.pop(at))
            case "copy", int():
                now.insert(value % len(now), now[at])
            case name, str():
                now[at] = replace(now[at], **{name: value})
    return now


@pytest.fixture(scope="module", params=[("id", ".csv"), (None, ".csv"), (None, ".jsonl"), ("id", ".parquet")])
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Table, Path]]:
    """A project with every second row corrected or excluded; without a key, some rows are alike in text, some in all."""
    key, ending = request.param
    rows = [*ROWS] if key else [replace(row, id="0") for row in [*ROWS, ROWS[1], ROWS[2], replace(ROWS[3], label="y")]]
    folder = tmp_path_factory.mktemp("judged")
    FORMATS[ending][0](folder / f"t{ending}", rows)
    with Project.create(folder / "p", folder / f"t{ending}", text="text", label="label", key=key) as project:
        for i in range(1, len(rows), 2):
            project.journal.record([i], "relabel" if i % 4 == 1 else "exclude", (int(project.given[i]) + 1) % 3)
        yield project, rows, folder


@given(st.lists(edits, max_size=8))
def test_after_any_change_a_correction_is_on_its_own_row_or_told_as_unmatched(
    judged: tuple[Project, Table, Path], changes: list[tuple[str, int, object]]
) -> None:
    project, rows, folder = judged
    ending = Path(project.source.parts[0].name).suffix
    write, read = FORMATS[ending]
    now = edited(rows, changes)
    if not now:
        return
    write(folder / f"t{ending}", now)
    try:
        done: Exported = finish(export(project, folder / f"o{ending}", overwrite=True, allow_changed=True))
    finally:
        write(folder / f"t{ending}", rows)
    unmatched = {one.item for one in done.unmatched}
    changed, excluded = 0, 0
    keyed = project.source.columns["key"]

    def told(row: Row) -> tuple[str, str]:
        return (row.id if keyed else "", row.text)

    wanted = {i: project.classes[project.labels[i]] for i in range(len(rows)) if project.verdicts[i]}
    gone = {i for i in range(len(rows)) if project.verdicts[i] == VerdictCode.EXCLUDE}
    after = iter(read(done.path))
    written: set[int] = set()
    following = next(after, None)
    for row in now:
        # The items that this row can be: of its key, content and label; and alike in all else where that alone tells it.
        sole = [told(other) for other in (*rows, *now)].count(told(row)) == 2
        mine = {i for i in wanted if (sole and told(row) == told(rows[i]) and row.label == rows[i].label) or row == rows[i]}
        mine -= unmatched | written
        if following == row:
            following = next(after, None)
            continue
        relabeled = [i for i in mine - gone if following == replace(row, label=wanted[i])]
        if relabeled:
            written.add(relabeled[0])
            changed += 1
            following = next(after, None)
        else:
            assert mine & gone, (row, following)
            written.add(min(mine & gone))
            excluded += 1
    assert following is None and (changed, excluded) == (done.changed, done.excluded)


@pytest.mark.parametrize(
    ("labels", "right", "now", "how"),
    [
        (["0.0", "1.0", "2.0"], "2", "other", {}),
        (["0.0", "1.0", "2.0"], "2", "1.5", {}),
        (["1", "0", "1.0"], "0", "none of them", {}),
        (["true", "1", "0", "false"], "0", "0", {"join_spellings": True}),
        (["Sport", "sport", "sport", "local"], "local", "Sport", {"join_spellings": True}),
    ],
)
def test_a_label_elsewhere_that_changes_how_all_are_called_hides_no_row(
    labels: list[str], right: str, now: str, how: dict[str, bool], tmp_path: Path
) -> None:
    data, out = tmp_path / "t.csv", tmp_path / "o.csv"
    n = 3 * len(labels)
    rows = [Row(f"k{i}", f"words {i * 7919}", labels[i % len(labels)], "") for i in range(n)]
    written_csv(data, rows)
    with Project.create(tmp_path / "p", data, **how) as project:
        project.journal.record([0], "relabel", project.taxonomy.id_of(right))
        rows = rows[::-1]
        for i in range(n // 2):
            rows[i] = replace(rows[i], label=now)
        written_csv(data, rows)
        assert finish(export(project, out)).changed == 1
        wrote = project.source.written["label"][project.taxonomy.id_of(right)]
    assert read_csv(out) == [*rows[:-1], replace(rows[-1], label=wrote)]


def test_labels_in_a_column_each_are_corrected_where_their_row_stands_now(tmp_path: Path) -> None:
    lines = [f"words {i * 7919},{i % 2},{int(i % 3 == 0)}" for i in range(12)]
    data = tmp_path / "t.csv"
    data.write_text("\n".join(["text,toxic,rude", *lines]))
    with Project.create(tmp_path / "p", data, task="multilabel", label=["toxic", "rude"]) as project:
        project.journal.record([4], "relabel", int(project.given[3]))
        data.write_text("\n".join(["text,toxic,rude", *reversed(lines)]))
        done = finish(export(project, tmp_path / "o.csv"))
    assert done.changed == 1
    expected = [line if line != lines[4] else f"words {4 * 7919},1,1" for line in reversed(lines)]
    assert done.path.read_text().splitlines() == ["text,toxic,rude", *expected]


def test_class_names_beside_a_list_that_were_put_in_another_order_are_minded(tmp_path: Path) -> None:
    data = write_tree(tmp_path / "d", {f"{i}.jpg": photo(i) for i in range(9)})
    lines = [f"{i}.jpg {i % 3}" for i in range(9)]
    write_tree(data, {"train.txt": "\n".join(lines).encode(), "classes.txt": b"cat\ndog\nfox\n"})
    with Project.create(tmp_path / "p", data) as project:
        assert project.classes == ("cat", "dog", "fox")
        project.journal.record([project.items.find("3.jpg")], "relabel", 2)
        assert finish(export(project, tmp_path / "same")).changed == 1
        (data / "classes.txt").write_text("dog\nfox\ncat\n")  # each number means another class now
        with pytest.raises(BadcaseError, match=r"3\.jpg: its label was changed"):
            finish(export(project, tmp_path / "o"))
        (data / "train.txt").write_text("\n".join(f"{i}.jpg {(i + 2) % 3}" for i in range(9)))  # and the list says so too
        done = finish(export(project, tmp_path / "o"))
    assert done.changed == 1 and (tmp_path / "o/train.txt").read_text().splitlines()[3] == "3.jpg 1"
