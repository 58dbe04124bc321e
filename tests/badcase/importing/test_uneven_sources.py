"""Sources that do not keep to one form: each is read as it is meant, and written back byte for byte but for the corrections."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.export import export
from badcase.progress import finish
from badcase.project import Project
from badcase.ranking.audit import audit_keyed
from tests.badcase.importing.importing import class_folders, imported, photo, write_tree


def text(at: int) -> str:
    return f"{['pear', 'plum', 'ripe'][at % 3]} number {at}, {'sweet' if at % 2 else 'sour'} and {at * 37}"


def label(at: int) -> str:
    return "ab"[at % 2]


def corrected(data: Path, folder: Path, key: str, name: str, **how: object) -> Path:
    """What an export in the same format writes after one correction."""
    with Project.create(folder / "p", data, **how) as project:
        project.journal.record([project.items.find(key)], "relabel", project.classes.index(name))
        return finish(export(project, folder / "out" / data.name)).path


# --- blanks behind delimiters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ('"id", "text", "label"', '"{n}", "{text}", "{label}"'),
        ("id, text, label", '{n}, "{text}", {label}'),
        ('id;  "text";  label', '{n};  "{text}";  {label}'),
    ],
)
def test_a_blank_before_a_quote_is_no_part_of_the_field(header: str, row: str, tmp_path: Path) -> None:
    lines = [header, *(row.format(n=at, text=text(at), label=label(at)) for at in range(12))]
    data = tmp_path / "t.csv"
    data.write_text("\n".join(lines) + "\n")
    items, made = imported(data, tmp_path / "i")
    assert made.classes == ("a", "b") and items.text(4) == text(4) and not made.set_aside
    out = corrected(data, tmp_path, "3", "a").read_text().splitlines()
    lines[4] = row.format(n=3, text=text(3), label="a")
    assert out == lines


def test_a_blank_in_some_fields_alone_stays_where_it_is(tmp_path: Path) -> None:
    data = tmp_path / "t.csv"
    data.write_text("text,label\n" + "".join(f'word{at} here, "quoted" thing,{label(at)}\n' for at in range(8)))
    with pytest.raises(BadcaseError):  # three fields below two names
        imported(data, tmp_path / "i")
    data.write_text("label,text\n" + "".join(f'{label(at)}, "Great" film {at}\n' for at in range(8)))
    assert imported(data, tmp_path / "j")[0].text(0) == ' "Great" film 0'


# --- headers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bare", ["test.csv", "train.csv"])
def test_a_table_without_a_header_has_the_columns_of_the_one_beside_it(bare: str, tmp_path: Path) -> None:
    other = {"test.csv": "train.csv", "train.csv": "test.csv"}[bare]
    rows = [f'"{text(at)}",{label(at)}\n' for at in range(20)]
    data = write_tree(tmp_path / "d", {bare: "".join(rows[:8]).encode(), other: ("text,label\n" + "".join(rows[8:])).encode()})
    items, made = imported(data, tmp_path / "i")
    assert items.n == 20 and made.classes == ("a", "b") and not made.set_aside
    assert any("called as those of" in note for note in made.notes)
    key = next(key for key in items.keys if items.text(items.find(key)) == text(2))
    out = corrected(data, tmp_path, key, "b")
    rows[2] = rows[2].replace(",a\n", ",b\n")
    assert (out / bare).read_text() == "".join(rows[:8])
    assert (out / other).read_bytes() == (data / other).read_bytes()


def numbered_rows(count: int, again: int) -> str:
    rows = [*range(1, count + 1), *range(1, again + 1)]
    return '"text","label"\n' + "".join(f'"{n}","{text(at)}","{label(at)}"\n' for at, n in enumerate(rows))


def test_row_names_of_two_tables_in_one_are_still_row_names(tmp_path: Path) -> None:
    data = tmp_path / "t.csv"
    data.write_text(numbered_rows(12, 6))
    items, made = imported(data, tmp_path / "i")
    assert items.n == 18 and items.text(13) == text(13) and made.classes == ("a", "b")


def test_row_names_that_repeat_after_the_import_do_not_shift_the_columns(tmp_path: Path) -> None:
    data = tmp_path / "t.csv"
    data.write_text(numbered_rows(12, 0))
    with Project.create(tmp_path / "p", data) as project:
        project.journal.record([3], "relabel", 0)
        lines = numbered_rows(12, 0).splitlines(keepends=True)
        changed = [line.replace(line.split(",")[0], '"7"') for line in lines[1:]]
        data.write_text("".join([lines[0], *changed]))
        out = finish(export(project, tmp_path / "out.csv")).path.read_text()
    changed[3] = changed[3].replace('"b"\n', '"a"\n')
    assert out == "".join([lines[0], *changed])


def test_labels_that_are_numbers_are_no_row_names(tmp_path: Path) -> None:
    data = tmp_path / "t.csv"
    data.write_text("label,text\n" + "".join(f"{at % 2},some words,more {at}\n" for at in range(12)))
    with pytest.raises(BadcaseError, match="fields where the header has 2"):
        imported(data, tmp_path / "i")


def test_a_question_about_columns_says_that_no_header_was_seen(tmp_path: Path) -> None:
    data = tmp_path / "train.csv"
    data.write_text("".join(f'"{1 + at % 4}","{text(at)}","{text(at + 50)} too"\n' for at in range(40)))
    with pytest.raises(BadcaseError, match="not clear which column is the text") as told:
        imported(data, tmp_path / "i")
    assert "train.csv has no header" in told.value.hint
    assert imported(data, tmp_path / "j", text="column 3")[0].n == 40  # the remedy works


# --- files of images ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folders", [["cat", "dog"], ["set\\train\\cat", "set\\train\\dog"]])
def test_a_zip_whose_names_have_backslashes_is_a_tree_of_folders(folders: list[str], tmp_path: Path) -> None:
    data = tmp_path / "d.zip"
    with zipfile.ZipFile(data, "w") as archive:
        for at in range(12):
            info = zipfile.ZipInfo("x")
            info.filename = f"{folders[at % 2]}\\{at}.jpg"  # a constructor would change it on Windows
            archive.writestr(info, photo(at))
        folder = zipfile.ZipInfo("x")
        folder.filename = "cat\\"
        archive.writestr(folder, b"")
    items, made = imported(data, tmp_path / "i")
    assert items.n == 12 and made.classes == ("cat", "dog")
    key = items.keys[0]
    out = corrected(data, tmp_path, key, "dog")
    with zipfile.ZipFile(out) as new:
        assert len(new.infolist()) == 13
        assert sum("dog" in info.filename for info in new.infolist()) == 7


@pytest.mark.parametrize(
    "labels",
    [
        {f"{at}.jpg": label(at) for at in range(12)},
        {f"pics/{at}.jpg": at % 2 for at in range(12)},
        {f"{at}.jpg": [label(at)] for at in range(12)},
    ],
)
def test_an_object_of_images_and_labels_is_read_and_written_back(labels: dict[str, object], tmp_path: Path) -> None:
    files = {f"pics/{at}.jpg": photo(at) for at in range(12)}
    raw = json.dumps(labels).encode()
    data = write_tree(tmp_path / "d", files | {"labels.json": raw})
    items, made = imported(data, tmp_path / "i")
    assert items.n == 12 and len(made.classes) == 2 and items.keys[3] == list(labels)[3]
    out = corrected(data, tmp_path, items.keys[3], made.classes[0])
    expected = dict(labels)
    expected[items.keys[3]] = labels[items.keys[2]]
    assert (out / "labels.json").read_bytes() == json.dumps(expected).encode()


def test_an_object_that_is_no_list_of_images_is_none(tmp_path: Path) -> None:
    data = write_tree(class_folders(tmp_path / "d"), {"info.json": b'{"name": "cats", "license": "free"}'})
    assert imported(data, tmp_path / "i")[1].classes == ("cat", "dog")


def test_empty_folders_beside_the_classes_are_told(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "d", split="train/")
    class_folders(data, 3, split="test/")
    for name in ("train/bird", "test/fish", "extra"):
        (data / name).mkdir()
    note = next(note for note in imported(data, tmp_path / "i")[1].notes if "empty" in note)
    assert note == "3 folders are empty, and no classes: extra, test/fish, train/bird."


def test_images_without_an_ending_are_found_behind_any_number_of_other_files(tmp_path: Path) -> None:
    others = {f"{name}/a{at:02}": b"no image" for name in ("cat", "dog") for at in range(15)}
    data = write_tree(tmp_path / "d", others | {f"{'cat' if at % 2 else 'dog'}/z{at}": photo(at) for at in range(12)})
    assert imported(data, tmp_path / "i")[0].n == 12


# --- data in memory, and labels from anywhere -----------------------------------------------------------------------


@pytest.mark.parametrize("how", [{"encoding": "cp1252"}, {"header": False}])
def test_what_is_said_of_the_text_of_a_file_is_refused_for_data_in_memory(how: dict[str, object], tmp_path: Path) -> None:
    rows = [{"text": text(at), "label": label(at)} for at in range(12)]
    with pytest.raises(BadcaseError, match="data in memory are no text of a file") as told:
        Project.create(tmp_path / "p", rows, **how)
    assert told.value.where == next(iter(how)) and not (tmp_path / "p").exists()


def test_an_audit_says_which_of_two_columns_is_the_label(tmp_path: Path) -> None:
    probs = np.tile([[0.4, 0.6], [0.7, 0.3]], (4, 1))
    np.savez(tmp_path / "l.npz", y=np.arange(8) % 2, target=np.zeros(8, int), id=np.arange(8))
    (tmp_path / "l.csv").write_text("id,y,label\n" + "".join(f"{at},{at % 2},{label(at)}\n" for at in range(8)))
    assert any("those of y; target" in note for note in audit_keyed(tmp_path / "l.npz", probs).notes)
    notes = audit_keyed(tmp_path / "l.csv", probs, class_names=["a", "b"]).notes
    assert "The labels are those of label; y could be labels too." in notes
