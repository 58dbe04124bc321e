"""`rank --queue`: what to label, what to look at again, and both."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from badcase.project import Project
from tests.projects import write_texts
from tests.ui.command_line.conftest import Badcase


@pytest.fixture
def half(tmp_path: Path, badcase: Badcase) -> Path:
    """A predicted project of texts of which every other one has no label."""
    write_texts(tmp_path / "texts.csv", wrong=6)
    with (tmp_path / "texts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for row in rows[2::2]:
        row[2] = ""
    with (tmp_path / "texts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    assert badcase("new", tmp_path / "my", "--data", tmp_path / "texts.csv").code == 0
    done = badcase("predict", tmp_path / "my", "--model", "chargrams")
    assert done.code == 0, done.err
    return tmp_path / "my"


def written(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_queue_is_written_with_key_given_suggested_and_queue(half: Path, tmp_path: Path, badcase: Badcase) -> None:
    for kind in ("label", "relabel", "mixed"):
        done = badcase("rank", half, "--queue", kind, "--csv", tmp_path / f"{kind}.csv")
        assert done.code == 0, done.err
    label, relabel, mixed = (written(tmp_path / f"{kind}.csv") for kind in ("label", "relabel", "mixed"))
    with Project.open(half, read_only=True) as project:
        without = {project.items.key(i) for i in range(len(project.items)) if project.given[i] < 0}
        assert {row["suggested"] for row in label} <= set(project.classes)
    assert {row["key"] for row in label} == without
    assert {(row["given"], row["queue"]) for row in label} == {("", "label")}
    assert without.isdisjoint(row["key"] for row in relabel)
    assert {row["queue"] for row in relabel} == {"relabel"}
    assert "" not in {row["given"] for row in relabel}
    assert sorted(row["key"] for row in mixed) == sorted(row["key"] for row in [*label, *relabel])
    gains = [float(row["gain"]) for row in mixed]
    assert gains == sorted(gains, reverse=True)


def test_the_first_few_are_told_for_people_with_a_reason_and_as_json(half: Path, badcase: Badcase) -> None:
    told = badcase("rank", half, "--queue", "label", "--top", 3, "--json").json
    assert len(told["queue"]) == 3 and told["to_label"] == 45
    assert all(row["reasons"][0] for row in told["queue"])
    said = badcase("rank", half, "--queue", "label", "--top", 3).out
    assert all(row["key"] in said for row in told["queue"]) and "45 items wait for a label" in said
    assert badcase("rank", half, "--queue", "other").code == 2
    assert badcase("rank", half, "--queue", "label", "--reason", "copy").code == 1


def test_what_was_labelled_or_excluded_is_asked_for_no_more(half: Path) -> None:
    with Project.open(half) as project:
        first = project.queue("label", top=4)
        items = [one.item for one in first]
        project.journal.record(items[:2], "relabel", label=[one.suggested for one in first[:2]])
        project.journal.record(items[2:], "exclude")
        left = [one.item for one in project.queue("label")]
        assert len(left) == 41 and not set(left) & set(items)
        with pytest.raises(BadcaseError, match="no such queue"):
            project.queue("other")
