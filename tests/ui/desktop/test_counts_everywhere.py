"""One project, judged a little: every page, verb and report tells the same counts, and they add up."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from badcase.items.kinds import UNLABELLED, Split
from badcase.project import Project
from badcase.store.database import glance
from badcase.store.verdicts import VerdictCode
from badcase.training.reporting.report import report
from badcase.ui.cli import app
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.review.filtering.filters import GOLD_PART, Filter, Pile
from badcase.ui.desktop.review.page import ReviewPage
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.shell.project_facts import project_facts, review_facts
from badcase.ui.desktop.start.card import ProjectCard
from badcase.ui.desktop.start.page import StartPage
from badcase.ui.desktop.start.recent import RecentProjects
from badcase.ui.desktop.start.summary import summarize
from tests.projects import predict_from, write_texts


def follow(path: Path) -> None:
    """The data as they are later: rows without a label came, two of which get one, and of each kind some rows are gone."""
    table = path.parent / "data.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    more = [f"new{n},a cat sleeps beside the sea {n}," for n in range(9)]
    table.write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")
    with Project.open(path) as project:
        waits = project.to_review()[0]
        project.update()
        unlabelled = project.given == UNLABELLED
        new = np.flatnonzero(unlabelled)
        project.journal.record(new[:3], "relabel", [0, 1, 2])
        judged = np.flatnonzero((project.verdicts == VerdictCode.RELABEL) & ~unlabelled)
        of_gold = np.flatnonzero(project.gold)[-1]
        gone = {project.items.key(int(item)) for item in (judged[0], new[0], new[-1], waits, of_gold)}
        table.write_text("\n".join(line for line in [*lines, *more] if line.split(",")[0] not in gone) + "\n", encoding="utf-8")
        project.update()
        assert project.gone.sum() == len(gone) == 5
        rng = np.random.default_rng(2)
        sure = np.eye(3)[np.where(project.given < 0, 0, project.given)] * 3
        predict_from(project, sure + rng.normal(0, 0.9, sure.shape))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Texts with planted errors, some of them twice, under a model that sees the truth; six verdicts, one of them undone."""
    truth = write_texts(tmp_path / "data.csv", 90, wrong=12)
    with (tmp_path / "data.csv").open("a", encoding="utf-8") as file:
        rows = (tmp_path / "data.csv").read_text(encoding="utf-8").splitlines()[1:7]
        file.writelines(f"twin-{row.rsplit(',', 1)[0]},weather\n" for row in rows)
    with Project.create(tmp_path / "p", tmp_path / "data.csv", label="label", text="text", key="id") as project:
        names = list(project.classes)
        true = [names.index(truth[key.removeprefix("twin-")]) for key in project.items.keys]
        rng = np.random.default_rng(1)
        predict_from(project, np.eye(3)[true] * 3 + rng.normal(0, 0.5, (len(true), 3)))
        waits = project.to_review().tolist()
        suggested = project.ranking.suggested  # type: ignore[union-attr]
        project.journal.record(waits[:2], "relabel", [int(suggested[i]) for i in waits[:2]])
        for item, verdict in zip(waits[2:6], ("keep", "exclude", "unsure", "keep"), strict=True):
            project.journal.record(item, verdict)
        project.journal.undo()
        gold = int(np.flatnonzero(project.gold)[0])
        project.journal.record(gold, "keep")  # which is no step of the review
    return tmp_path / "p"


def told(*arguments: object) -> dict[str, object]:
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("followed", [False, True], ids=["as it began", "after updates"])
def test_every_place_tells_the_same_counts(
    path: Path, tmp_path: Path, qtbot: QtBot, pool: DecodingPool, lane: WorkerLane, followed: bool
) -> None:
    if followed:
        follow(path)
    by_rank = told("rank", path)
    with Project.open(path) as project:
        counts = project.counts()
        parts = (counts.fixed, counts.labelled, counts.kept, counts.excluded, counts.unsure)
        assert counts.reviewed == sum(parts) and parts == ((1, 2, 1, 1, 1) if followed else (2, 0, 1, 1, 1))
        assert counts.to_review > counts.flagged > 0
        assert by_rank["review"] == {name: getattr(counts, name) for name in counts.__dataclass_fields__}
        assert by_rank["flagged"] == counts.flagged

        view = ViewState()
        view.set("review.mix-in-random", False)  # an item that is drawn at random is in the list, and nothing speaks for it
        session = Session(project, lane, pool, view)
        page = ReviewPage(session)
        qtbot.addWidget(page)

        def passing(**asked: tuple[object, ...]) -> int:
            """How many items the pages Map and Data show of such a part or class."""
            return int(Filter(queue=Pile.ALL, **asked).passing(page.reviewer.facts).sum())  # type: ignore[arg-type]

        piles = page.reviewer.worklist.counts().piles
        assert (piles[Pile.TO_REVIEW], piles[Pile.REVIEWED], piles[Pile.UNSURE]) == (
            counts.to_review,
            counts.reviewed,
            counts.unsure,
        )
        assert page.reviewer.worklist.left() == counts.to_review
        strip = {fact.after: fact.bold for fact in review_facts(project, None)}
        assert (strip["reviewed"], strip["fixed"]) == (str(counts.reviewed), str(counts.fixed))

        matrix = page.reviewer.worklist.confusions().counts
        assert matrix.sum() == counts.to_review
        groups = project.groups("confusions")
        assert sum(len(group.items) for group in groups) == int(matrix.sum() - np.trace(matrix))

        card = summarize(project, session.learner.now())
        assert (card.to_review, card.reviewed, card.fixed) == (counts.to_review, counts.reviewed, counts.fixed)

        written = report(project, tmp_path / "report.html").read_text(encoding="utf-8")
        tiles = {name: int(n) for n, name in re.findall(r"<b>(\d+)</b>([^<]+)</div>", written)}
        answers = ("labels fixed", "labels given", "kept", "excluded", "unsure")
        assert tiles["reviewed"] == counts.reviewed == sum(tiles.get(name, 0) for name in answers)
        assert tiles["items"] == card.items == project.items_now == passing()
        assert tiles["to review"] == counts.to_review
        parts = [passing(splits=(part,)) for part in range(GOLD_PART + 1)]
        facts = {fact.after: fact.bold for fact in project_facts(project)}
        told_parts = [parts[Split.TRAIN], parts[Split.VALIDATION], parts[GOLD_PART]]
        assert [facts["train"], facts["validation"], facts["gold, locked"]] == [str(n) for n in told_parts]
        assert sum(parts) == project.items_now
        listed = [passing(kinds=(("label", name),)) for name in project.classes]
        assert listed == project.class_edits.counts().tolist()
        assert sum(listed) == np.count_nonzero(project.labelled) - counts.excluded
        reasons = told_reasons(page)
        for timer in page.findChildren(QTimer):
            timer.stop()
        session.close()
    assert by_rank["reasons"] == reasons


def told_reasons(page: ReviewPage) -> dict[str, int]:
    """How many items of the pile each reason speaks for, by the name that the window shows."""
    from badcase.ui.desktop.review.state.facts import reason_titles

    titles = reason_titles(page.reviewer.facts)
    return {titles[name].title: n for name, n in page.reviewer.worklist.counts().reasons.items() if n}


def test_the_start_page_tells_what_was_done_on_the_command_line_and_by_a_window_that_was_killed(
    path: Path, tmp_path: Path, qtbot: QtBot, pool: DecodingPool
) -> None:
    recent = RecentProjects(tmp_path / "recent.json")
    with Project.open(path) as project:
        recent.put(summarize(project, None))
    key = told("rank", path)["queue"][0]["key"]  # type: ignore[index]
    CliRunner().invoke(app, ["label", str(path), key, "food"])
    page = StartPage(recent, pool)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    assert page.findChildren(ProjectCard)[0].summary.reviewed == 5
    qtbot.waitUntil(lambda: page.findChildren(ProjectCard)[0].summary.reviewed == 6, timeout=20_000)
    assert recent.all()[0].reviewed == 6
    qtbot.keyClick(page, Qt.Key.Key_Down)  # the page goes on as it was


def test_a_glance_sees_each_verdict_and_touches_nothing(path: Path) -> None:
    before, bytes_before = glance(path), (path / "project.db").read_bytes()
    assert before == glance(path) != "" and (path / "project.db").read_bytes() == bytes_before
    with Project.open(path) as project:
        project.journal.undo()
        assert glance(path) != before
    with closing(sqlite3.connect(path / "project.db")) as database:
        database.execute("PRAGMA user_version = 99")
    assert glance(path) == ""
    (path / "project.db").write_bytes(b"no database")
    assert glance(path) == ""
