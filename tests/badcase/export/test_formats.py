"""The other formats, the preview, and what an export refuses to write over."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from badcase.export import FORMATS, export, preview
from badcase.progress import finish
from badcase.project import Project
from tests.badcase.importing.importing import class_folders, write_tree


@pytest.fixture
def texts(tmp_path: Path) -> Project:
    rows = [f'k{i},"words, {i * 7919}",{"abc"[i % 3]},{i}' for i in range(30)]
    lines = ["id,text,label,page", *rows, "k30,,a,30"]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    project = Project.create(tmp_path / "p", tmp_path / "t.csv")
    project.journal.record([1], "relabel", 0)
    project.journal.record([2], "exclude")
    return project


@pytest.fixture
def images(tmp_path: Path) -> Project:
    project = Project.create(tmp_path / "p", class_folders(tmp_path / "d", 10))
    project.journal.record([1], "relabel", 1)
    project.journal.record([2], "exclude")
    return project


def labels_by_key(project: Project) -> dict[str, str]:
    return {key: project.classes[project.labels[i]] for i, key in enumerate(project.items.keys[:]) if project.verdicts[i] != 3}


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet", "hf"])
def test_an_export_of_texts_reads_back_with_labels_splits_and_other_columns(format: str, texts: Project, tmp_path: Path) -> None:
    with texts:
        out = tmp_path / f"out{FORMATS[format].ending}"
        done = finish(export(texts, out, format=format))
        assert (done.changed, done.excluded, done.set_aside) == (1, 1, 1)
        with Project.create(tmp_path / "again", out, key="key") as again:
            assert labels_by_key(again) == labels_by_key(texts)
            # Without a test split of its own a hold-out is divided anew, so only train is comparable.
            for i, key in enumerate(again.items.keys[:]):
                assert (again.split[i] == 0) == (texts.split[texts.items.find(key)] == 0)
                assert str(again.items.metadata(i)["page"]) == key[1:]


@pytest.mark.parametrize("format", ["folder", "hf"])
def test_an_export_of_images_reads_back_with_the_same_bytes(format: str, images: Project, tmp_path: Path) -> None:
    with images:
        finish(export(images, tmp_path / "out", format=format))
        wanted = {(images.items.fingerprint(i), images.classes[images.labels[i]]) for i in range(len(images.items)) if i != 2}
        with Project.create(tmp_path / "again", tmp_path / "out") as again:
            found = {(again.items.fingerprint(i), again.classes[again.given[i]]) for i in range(len(again.items))}
    assert found == wanted


def test_a_class_name_cannot_lead_out_of_the_export(tmp_path: Path) -> None:
    rows = [f"words {i * 7919},{('../../up', 'a/b', 'a_b')[i % 3]}" for i in range(30)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *rows]))
    with Project.create(tmp_path / "p", tmp_path / "t.csv") as project:
        finish(export(project, tmp_path / "deep" / "out", format="folder"))
    written = [path.relative_to(tmp_path / "deep" / "out") for path in (tmp_path / "deep").rglob("*.txt")]
    assert len(written) == 30 and len({path.parts[1] for path in written}) == 3


@pytest.mark.parametrize("format", [name for name, exporter in FORMATS.items() if exporter.texts])
def test_nothing_is_overwritten_without_being_asked(format: str, texts: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with texts:
        write_tree(out, {"precious.txt": b"mine"})
        with pytest.raises(BadcaseError, match="already") as refusal:
            finish(export(texts, out, format=format))
        assert refusal.value.hint and (out / "precious.txt").read_bytes() == b"mine"
        finish(export(texts, out, format=format, overwrite=True))
        assert not (out / "precious.txt").exists() and out.exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_data_and_the_project_are_never_written_over(texts: Project, tmp_path: Path) -> None:
    with texts:
        for out in (tmp_path / "t.csv", tmp_path / "p", tmp_path / "p" / "inside.csv"):
            with pytest.raises(BadcaseError, match=r"this path (holds the data|is the project)"):
                finish(export(texts, out, overwrite=True))


def test_a_cancelled_export_leaves_nothing_behind(images: Project, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    with images:
        job = export(images, tmp_path / "out", format="folder")
        next(job)
        job.close()
    assert set(tmp_path.iterdir()) == before


def test_the_items_that_were_set_aside_are_listed_beside_the_export(texts: Project, tmp_path: Path) -> None:
    with texts:
        finish(export(texts, tmp_path / "out.csv"))
    with (tmp_path / "out.csv.set_aside.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["row"], row["key"], row["what"]) == ("31", "k30", "the text is empty") and row["remedy"]


def test_a_preview_says_what_would_be_written(texts: Project) -> None:
    with texts:
        seen = preview(texts)
        assert (seen.changed, seen.excluded, seen.set_aside, seen.name) == (1, 1, 1, "t-corrected.csv")
        assert "1 label is corrected." in seen.sentences
        assert preview(texts, "hf").name == "p-corrected"
        with pytest.raises(BadcaseError, match="csv, jsonl"):
            preview(texts, "xls")


def test_data_that_has_gone_is_told_with_a_remedy(images: Project, tmp_path: Path) -> None:
    with images:
        (tmp_path / "d").rename(tmp_path / "elsewhere")
        with pytest.raises(BadcaseError) as refusal:
            finish(export(images, tmp_path / "out"))
        assert refusal.value.hint
