"""The whole loop on real data, on the command line: new, predict, rank, verdicts, train, compare, accept, export."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from badcase.project import Project
from tests.part_of_data import part_of_table, part_of_zip
from tests.ui.command_line.conftest import Badcase

REVIEWED = 0.12  # share of the queue that the simulated reviewer judges


@dataclass(frozen=True)
class Loop:
    """What one pass of the loop measured."""

    found: int
    wrong: int
    before: float
    after: float
    p: float
    truly_before: float
    truly_after: float

    @property
    def recall(self) -> float:
        return self.found / self.wrong


def run_loop(badcase: Badcase, folder: Path, truth: Mapping[str, str], *new: object, out: str) -> tuple[Loop, Path]:
    """truth: key to the true class. The reviewer corrects the first 12 % of the queue; returns figures and export."""
    project, queue, decisions = folder / "my", folder / "queue.csv", folder / "decisions.csv"

    def done(*arguments: object) -> Any:
        ended = badcase(*arguments, "--json")
        assert ended.code == 0, ended.err
        return ended.json

    done("new", project, *new)
    done("predict", project)
    ranked = done("rank", project, "--csv", queue)
    with queue.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["key"] for row in rows] == [row["key"] for row in ranked["queue"]]
    wrong = {row["key"] for row in rows if truth[row["key"]] != row["given"]}
    seen = rows[: round(REVIEWED * len(rows))]
    with decisions.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "verdict", "label"])
        for row in seen:
            right = truth[row["key"]]
            writer.writerow([row["key"], *(("relabel", right) if right != row["given"] else ("keep", ""))])
    assert done("verdicts", project, decisions)["recorded"] == len(seen)
    run = done("train", project)["run"]["id"]
    compared = done("compare", project, 1, run)
    measures = {one["name"]: one for one in compared["measures"]}
    accuracy = next(one for name, one in measures.items() if "ccuracy" in name)
    assert set(compared["fixed"]) | set(compared["broke"]) <= set(truth)
    assert done("accept", project, run)["prediction_set"] == 2
    assert done("runs", project)["current"] == run
    exported = done("export", project, folder / out)
    found = sum(row["key"] in wrong for row in seen)
    assert exported["changed"] == found
    truly = true_accuracy(project, truth, [1, run])
    loop = Loop(found, len(wrong), accuracy["a"], accuracy["b"], compared["mcnemar_p"], *truly)
    return loop, folder / out


def true_accuracy(path: Path, truth: Mapping[str, str], runs: list[int]) -> list[float]:
    """Accuracy of runs on gold by the truth; gold's own labels are in part wrong, as nobody reviewed them."""
    with Project.open(path) as project:
        gold = np.flatnonzero(project.gold)
        true = np.array([project.classes.index(truth[project.items.key(i)]) for i in gold])
        return [float(np.mean(np.load(project.runs.get(n).folder / "logits.npy")[gold].argmax(1) == true)) for n in runs]


def figures(loop: Loop, name: str) -> str:
    return (
        f"{name}: {loop.found} of {loop.wrong} wrong labels in the first 12 % of the queue ({loop.recall:.1%}); "
        f"gold accuracy {loop.before:.4f} before, {loop.after:.4f} after (p = {loop.p:.2g}); "
        f"by the truth {loop.truly_before:.4f} before, {loop.truly_after:.4f} after"
    )


def test_signdigits_from_zip_to_corrected_zip(
    shared_data: Path, tmp_path: Path, badcase: Badcase, record_property: Callable[[str, object], None]
) -> None:
    source = part_of_zip(shared_data / "signdigits_planted.zip", tmp_path / "signs.zip", every=3)
    with zipfile.ZipFile(source) as archive:
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("truth.csv"), encoding="utf-8")))
    truth = {row["file"]: row["label_true"] for row in rows}
    loop, exported = run_loop(badcase, tmp_path, truth, "--data", source, out="corrected.zip")
    record_property("figure", figures(loop, "a third of signdigits"))
    assert loop.recall >= 0.9
    assert loop.after > loop.before
    assert loop.truly_after > loop.truly_before
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(exported) as new:
        assert old.namelist() == new.namelist()
        changed = [name for name in old.namelist() if old.read(name) != new.read(name)]
        assert changed == ["labels.csv"]
        before, after = (archive.read("labels.csv").splitlines() for archive in (old, new))
    assert len(before) == len(after)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == loop.found


def test_banking77_from_csv_to_corrected_csv(
    shared_data: Path, tmp_path: Path, badcase: Badcase, record_property: Callable[[str, object], None]
) -> None:
    source = part_of_table(shared_data / "banking77.csv.gz", tmp_path / "banking.csv.gz", every=13)
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    truth = {row["id"]: row["label"] for row in rows}
    columns = ("--label", "label_sym10", "--text", "text", "--split", "split")
    loop, exported = run_loop(badcase, tmp_path, truth, "--data", source, *columns, out="corrected.csv.gz")
    record_property("figure", figures(loop, "a thirteenth of banking77 (label_sym10)"))
    assert loop.recall >= 0.8
    assert loop.after > loop.before
    assert loop.truly_after > loop.truly_before
    with gzip.open(exported, "rt", encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert [row | {"label_sym10": ""} for row in written] == [row | {"label_sym10": ""} for row in rows]
    assert sum(a["label_sym10"] != b["label_sym10"] for a, b in zip(written, rows, strict=True)) == loop.found
