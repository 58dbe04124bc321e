"""Projects whose items may have any number of labels: the whole loop on the command line, and what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from badcase import BadcaseError, MultilabelRanking, Project
from badcase.export import export
from badcase.progress import finish
from tests.badcase.models.networks import save_text_model
from tests.badcase.ranking.multilabel.texts import TOPICS, write
from tests.ui.command_line.conftest import Badcase, badcase

__all__ = ["badcase"]
MISSING = 12  # the first texts lack one of their labels


def test_the_whole_loop_on_the_command_line(tmp_path: Path, badcase: Badcase) -> None:
    true = write(tmp_path / "texts.csv")
    my = tmp_path / "my"
    made = badcase("new", my, "--data", tmp_path / "texts.csv", "--label", "tags", "--task", "multilabel", "--json").json
    assert made["classes"] == sorted(TOPICS)
    done = badcase("predict", my, "--model", "chargrams", "--json")
    assert done.code == 0, done.err
    assert done.json["k"] == len(TOPICS)
    assert done.json["accuracy"] > 0.5
    queue = badcase("rank", my, "--json").json["queue"]
    missing = {f"t{i}" for i in range(MISSING)}
    assert len({row["key"] for row in queue[:MISSING]} & missing) >= MISSING - 3
    first = next(row for row in queue if row["key"] in missing)
    item = int(first["key"][1:])
    assert first["given"] == true[item][1:]
    assert first["suggested"] == true[item]
    assert f"Likely missing: {true[item][0]}" in " ".join(first["reasons"])

    said = badcase("label", my, first["key"], "; ".join(reversed(true[item])), "--json").json
    assert said["change"] == f"relabelled {';'.join(true[item])}"
    others = [key for key in sorted(missing) if key != first["key"]]
    rows = [f"{key},relabel,{';'.join(true[int(key[1:])])}" for key in others]
    rows += ["t50,keep,", "t51,exclude,", "t52,relabel,"]
    (tmp_path / "v.csv").write_text("key,verdict,label\n" + "\n".join(rows), encoding="utf-8")
    assert badcase("verdicts", my, tmp_path / "v.csv", "--json").json["reviewed"]["fixed"] == MISSING + 1
    again = badcase("rank", my, "--json").json
    assert not {row["key"] for row in again["queue"]} & {*missing, "t50", "t51", "t52"}

    for format in ("same", "csv", "jsonl", "parquet"):
        done = badcase("export", my, tmp_path / f"out.{format}", "--format", format)
        assert done.code == 0, done.err
    before = (tmp_path / "texts.csv").read_text(encoding="utf-8").splitlines()
    after = (tmp_path / "out.same").read_text(encoding="utf-8").splitlines()
    assert len(after) == len(before) - 1
    with (tmp_path / "out.same").open(newline="", encoding="utf-8") as file:
        labels = {row["id"]: row["tags"] for row in csv.DictReader(file)}
    assert all(labels[key] == ";".join(true[int(key[1:])]) for key in missing)
    assert labels["t52"] == ""
    assert [line for line in after if not line.startswith(tuple(f"t{i}," for i in (*range(MISSING), 52)))] == [
        line for line in before if not line.startswith(tuple(f"t{i}," for i in (*range(MISSING), 51, 52)))
    ]
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["key"] == "t52")
    assert (row["label"], row["verdict"]) == ("(none)", "relabel")

    assert badcase("export", my, tmp_path / "my.patch", "--format", "patch").code == 0
    copy = tmp_path / "copy"
    badcase("new", copy, "--data", tmp_path / "texts.csv", "--label", "tags", "--task", "multilabel")
    assert badcase("apply", copy, tmp_path / "my.patch", "--json").json["applied"] == MISSING + 3
    with Project.open(my) as one, Project.open(copy) as other:
        np.testing.assert_array_equal(one.taxonomy.matrix(one.labels), other.taxonomy.matrix(other.labels))


def test_what_takes_one_label_an_item_says_so(tmp_path: Path, badcase: Badcase) -> None:
    write(tmp_path / "texts.csv", 40)
    my = tmp_path / "my"
    badcase("new", my, "--data", tmp_path / "texts.csv", "--label", "tags", "--task", "multilabel")
    for verb in (
        ["export", my, tmp_path / "f", "--format", "folder"],
        ["export", my, tmp_path / "h", "--format", "hf"],
        ["groups", my],
    ):
        done = badcase(*verb)
        assert done.code == 1, verb
        assert "one label per item" in done.err
        assert "expected multiclass, got multilabel" in done.err
    assert badcase("label", my, "t3", "cooking;cars").err.startswith("Error: label: there is no such class")


def test_a_model_of_transformers_answers_with_a_logit_for_each_label(tmp_path: Path) -> None:
    write(tmp_path / "texts.csv", 40)
    save_text_model(tmp_path / "model", classes=sorted(TOPICS, reverse=True))
    config = json.loads((tmp_path / "model" / "config.json").read_text(encoding="utf-8"))
    config["problem_type"] = "multi_label_classification"
    (tmp_path / "model" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with Project.create(tmp_path / "my", tmp_path / "texts.csv", label="tags", task="multilabel") as project:
        made = project.predict(tmp_path / "model")
        assert made.logits.shape == (40, len(TOPICS))
        assert made.meta["preflight"]["class_map"] is None
        right = ((made.logits[:] > 0) == project.taxonomy.matrix(project.labels)).all(1)
        held = (project.split != 0) & ~project.gold
        assert made.meta["accuracy"] == pytest.approx(float(right[held].mean()))
        assert isinstance(project.rank(), MultilabelRanking)


def test_lists_and_other_separators_come_in_and_go_out_as_they_were(tmp_path: Path) -> None:
    texts = [f"text number {i} about nothing in particular" for i in range(30)]
    lists = [[2, 10] if i % 3 else [10] if i % 2 else [] for i in range(30)]
    pq.write_table(pa.table({"text": texts, "labels": lists}), tmp_path / "lists.parquet")
    lines = [json.dumps({"text": text, "tags": ["b", "a"] if i % 2 else ["c"]}) for i, text in enumerate(texts)]
    (tmp_path / "lists.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    spaced = "text,label\n" + "".join(f'{text},"{"b, a" if i % 2 else "c"}"\n' for i, text in enumerate(texts))
    (tmp_path / "commas.csv").write_text(spaced, encoding="utf-8")
    for name, labels, new in (
        ("lists.parquet", ("2", "10"), "2"),
        ("lists.jsonl", ("a", "b", "c"), "a;c"),
        ("commas.csv", ("a", "b", "c"), "a;c"),
    ):
        with Project.create(tmp_path / f"my-{name}", tmp_path / name, task="multilabel") as project:
            assert project.label_names == labels
            project.journal.record([0], "relabel", project.taxonomy.id_of(new))
            finish(export(project, tmp_path / f"out-{name}"))
            project.journal.undo()
            finish(export(project, tmp_path / f"same-{name}"))
        after = tmp_path / f"out-{name}"
        if name.endswith("parquet"):
            assert pq.read_table(after)["labels"].to_pylist() == [[2], *lists[1:]]
        elif name.endswith("jsonl"):
            assert json.loads(after.read_text(encoding="utf-8").splitlines()[0])["tags"] == ["a", "c"]
        else:
            assert after.read_text(encoding="utf-8").splitlines()[1].endswith('"a, c"')
        if not name.endswith("parquet"):
            assert (tmp_path / f"same-{name}").read_bytes() == (tmp_path / name).read_bytes()


def test_a_new_set_of_labels_is_a_class_from_then_on_and_after_opening_again(tmp_path: Path) -> None:
    write(tmp_path / "texts.csv", 40)
    with Project.create(tmp_path / "my", tmp_path / "texts.csv", label="tags", task="multilabel") as project:
        before = project.classes
        new = project.taxonomy.id_of("travel; cooking;garden;music")
        assert project.classes == (*before, "cooking;garden;music;travel")
        assert project.taxonomy.id_of("music;travel;garden;cooking") == new
        project.journal.record([3], "relabel", new)
        assert project.taxonomy.matrix(project.labels)[3].all()
    with Project.open(tmp_path / "my") as project:
        assert project.labels[3] == new
        assert project.taxonomy.matrix(project.labels)[3].all()
        assert project.journal.history(3)[0].label == new
        with pytest.raises(BadcaseError, match=r"label: there is no such class .*got cars"):
            project.taxonomy.id_of("cooking;cars")


def test_the_saved_ranking_is_the_one_that_was_made(tmp_path: Path) -> None:
    write(tmp_path / "texts.csv")
    with Project.create(tmp_path / "my", tmp_path / "texts.csv", label="tags", task="multilabel") as project:
        with pytest.raises(BadcaseError, match="nothing to rank by"):
            project.rank()
        project.predict("chargrams")
        first = project.rank()
        assert isinstance(first, MultilabelRanking)
        again = project.rank()
        np.testing.assert_array_equal(first.order, again.order)
        assert first.reasons(int(first.order[0])) == again.reasons(int(first.order[0]))
        assert not np.isin(np.flatnonzero(project.gold), first.order).any()


def test_there_is_no_other_task(tmp_path: Path) -> None:
    write(tmp_path / "texts.csv", 40)
    with pytest.raises(BadcaseError, match=r"task: there is no such task .*multiclass \| multilabel"):
        Project.create(tmp_path / "my", tmp_path / "texts.csv", task="regression")


def test_a_set_that_a_refused_verdict_named_is_no_class(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,text,label\n" + "".join(f"k{i},text {i},{'a;b' if i % 2 else 'c'}\n" for i in range(8)))
    with Project.create(tmp_path / "p", tmp_path / "t.csv", task="multilabel") as project:
        before = project.classes
        with pytest.raises(BadcaseError, match="no such class"):
            project.journal.record([0, 1], "relabel", ["a;c", "a;d"])
        assert project.classes == before and project.source.several == project.taxonomy.source.several
        project.journal.record([0], "relabel", "a;c")
        assert project.classes == (*before, "a;c") and project.classes[project.labels[0]] == "a;c"
    with Project.open(tmp_path / "p") as again:
        assert again.classes == (*before, "a;c")
