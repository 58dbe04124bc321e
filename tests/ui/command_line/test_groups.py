"""`badcase groups`: what the bad cases of a real project have in common, as tables and as JSON."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from tests.projects import predict_from
from tests.ui.command_line.conftest import Badcase

CLASSES = ("card", "loan", "rate")
VOCABULARY = [a + b for a in ("ba", "do", "ki", "lu", "me", "po", "ra", "su") for b in ("ben", "kor", "lim", "nas", "tur")]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Three topics in 600 texts; texts on refunds that came by mail are given loan instead of card; some twins."""
    rng = np.random.default_rng(0)
    rows, features = [], []
    for i in range(600):
        topic, source = i % 3, ("web", "mail", "shop")[int(rng.integers(3))]
        refund = topic == 0 and i % 2 == 0
        wrong = refund and source == "mail"
        words = "please refund it" if refund else "how does it work"
        own = " ".join(rng.choice(VOCABULARY, 8))
        rows.append([f"k{i}", f"{CLASSES[topic]} {words} {own}", CLASSES[1 if wrong else topic], source])
        features.append(np.eye(8)[topic] * 3 + np.eye(8)[5] * 3 * refund + rng.normal(0, 0.3, 8))
    rows += [[f"twin{i}", rows[i][1], CLASSES[2], *rows[i][3:]] for i in (1, 4)]
    features += [features[1], features[4]]
    with (tmp_path / "mixed.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "text", "label", "source"], *rows])
    with Project.create(tmp_path / "mixed", tmp_path / "mixed.csv", text="text", label="label", key="id") as project:
        predict_from(project, np.array(features))
    return tmp_path / "mixed"


def test_every_kind_finds_what_was_planted(mixed: Path, badcase: Badcase) -> None:
    done = badcase("groups", mixed, "--json")
    assert done.code == 0, done.err
    first = done.json["confusions"][0]
    assert first["title"] == "loan → card" and first["count"] == len(first["keys"]) >= first["expected_errors"] > 5
    twins = {frozenset(one["keys"]): one for one in done.json["duplicates"]}
    assert twins[frozenset({"k1", "twin1"})]["note"].startswith("labelled loan, rate")
    assert twins[frozenset({"k1", "twin1"})]["conflict"]
    cluster = done.json["clusters"][0]
    assert cluster["title"].startswith("loan → card: ") and "refund" in cluster["title"]
    assert cluster["note"] == "source = mail" and 0 < cluster["cohesion"] <= 1
    titles = [one["title"] for one in done.json["slices"]]
    assert "label = loan and source = mail" in titles
    assert not any("source = web" in title for title in titles)


def test_where_the_model_fails_is_told_apart_from_where_labels_are_wrong(mixed: Path, badcase: Badcase) -> None:
    with Project.open(mixed) as project:
        ranking = project.ranking
        assert ranking is not None
        probs = np.array(ranking.probs)
        web = np.array([project.items.metadata(i)["source"] == "web" for i in range(len(project.items))])
        missed = np.flatnonzero(web & ~ranking.flagged & np.isfinite(ranking.suspicion))[::2]
        probs[missed] = np.roll(np.eye(3)[project.labels[missed]], 1, axis=1)  # a model that is blind to half of the web
        project.use_ranking(replace(ranking, evidence=replace(ranking.evidence, probs=probs)))
        found = project.groups("failures")
        assert found[0].title == "source = web" and found[0].facts["low"] < 0.5 < found[0].facts["high"]
        assert found[0].items[: len(missed)].tolist() == missed.tolist(), "the failures come first"
        assert "source = web" not in [one.title for one in project.groups("slices")]


def test_one_kind_is_printed_as_a_table(mixed: Path, badcase: Badcase) -> None:
    done = badcase("groups", mixed, "--by", "slices")
    assert done.code == 0
    assert "label = loan and source = mail" in done.out and "times the average" in done.out
    assert "Duplicates" not in done.out
    assert badcase("groups", mixed, "--by", "nothing").code == 2


def test_what_was_judged_no_longer_waits_in_a_confusion_but_still_counts_in_a_slice(mixed: Path, badcase: Badcase) -> None:
    with Project.open(mixed) as project:
        before = project.groups("confusions")[0]
        slice_before = next(one for one in project.groups("slices") if one.title == "label = loan and source = mail")
        project.journal.record(before.items.tolist(), "relabel", project.classes.index("card"))
        assert before.title not in [one.title for one in project.groups("confusions")]
        slice_now = next(one for one in project.groups("slices") if one.title == "label = loan and source = mail")
        assert slice_now.facts["rate"] >= slice_before.facts["rate"]
        assert slice_now.expected < slice_before.expected / 2
        assert (project.verdicts[before.items] == VerdictCode.RELABEL).all()


def test_without_a_ranking_duplicates_are_there_and_the_rest_says_what_to_do(project: Path, badcase: Badcase) -> None:
    assert badcase("groups", project, "--by", "duplicates", "--json").json["duplicates"] is not None
    done = badcase("groups", project, "--by", "clusters")
    assert done.code == 1 and "badcase rank" in done.err
