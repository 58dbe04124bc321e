"""What the program only remembers or could make again never keeps a project, or the window, from opening."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.store.opening.lock import ProjectLock
from badcase.training.comparison.retrain_gain import Gain, save_gain, saved_gain
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.session.live_learner import LiveLearner
from badcase.ui.desktop.session.view_state import ViewState
from badcase.ui.desktop.shell import opened
from badcase.ui.desktop.shell.pages import ProjectPages
from badcase.ui.desktop.start.card import ProjectCard
from badcase.ui.desktop.start.recent import NextItem, RecentProjects, Summary

WAIT_MS = 120_000


@pytest.fixture
def project(texts_project: Path, tmp_path: Path) -> Path:
    shutil.copytree(texts_project, tmp_path / "subjects")
    return tmp_path / "subjects"


def is_free(project: Path) -> bool:
    ProjectLock(project).release()
    return True


# --- opening in the window ----------------------------------------------------------------------------------------------


def test_a_ranking_that_cannot_be_read_is_made_again_when_the_project_opens(
    window: MainWindow, qtbot: QtBot, project: Path
) -> None:
    """The window stayed on the start page and held the project: its next try named the window itself as the other program."""
    for rest in project.glob("predictions/*/ranking-*/rest.json"):
        rest.write_text(json.dumps(json.loads(rest.read_text()) | {"expected_errors": {"mean": 3.0}}))
    window.open_project(project)
    assert window.errors.isHidden()
    assert window.session is not None
    with qtbot.waitSignal(window.session.finished, timeout=WAIT_MS):
        pass
    assert window.session.project.ranking is not None


def _no_pages(_monkeypatch: pytest.MonkeyPatch, project: Path) -> str:
    def fail(*_arguments: object) -> ProjectPages:
        raise BadcaseError("no page for this one")

    _monkeypatch.setattr(opened, "ProjectPages", fail)
    return "no page for this one"


def _broken_logits(_monkeypatch: pytest.MonkeyPatch, project: Path) -> str:
    for logits in project.glob("predictions/*/logits.npy"):
        logits.write_bytes(logits.read_bytes()[:50])
    return "a file of the prediction set cannot be read"


def _no_logits(_monkeypatch: pytest.MonkeyPatch, project: Path) -> str:
    for logits in project.glob("predictions/*/logits.npy"):
        logits.write_bytes(b"")
    return "a file of the prediction set cannot be read"


def _no_model_run(_monkeypatch: pytest.MonkeyPatch, project: Path) -> str:
    with Project.open(project) as held:
        save_gain(held, Gain(0, 0, 10, 2, 1))
    with sqlite3.connect(project / "project.db") as database:
        database.execute("INSERT OR REPLACE INTO settings VALUES ('current_run', '99')")
    return "current_run: this is damaged"


@pytest.mark.parametrize("fault", [_no_pages, _broken_logits, _no_logits, _no_model_run])
def test_a_project_that_cannot_be_opened_is_let_go_and_the_reason_is_told(
    window: MainWindow, project: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch, Path], str]
) -> None:
    """It was held on after the error, and every later try said that another program has it open."""
    reason = fault(monkeypatch, project)
    for _try in range(2):
        window.open_project(project)
        assert reason in window.errors.what.text().lower()
        assert window.session is None
        assert window.stack.currentWidget() is window.entrance
        assert is_free(project)


def test_a_fault_of_the_program_while_a_project_opens_lets_it_go_too(
    window: MainWindow, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(opened, "Session", fail)
    with pytest.raises(ZeroDivisionError):
        window.open_project(project)
    assert is_free(project) and window.session is None
    monkeypatch.undo()
    monkeypatch.setattr(window.strip, "set_device", fail)
    with pytest.raises(ZeroDivisionError):
        window.open_project(project)
    assert is_free(project) and window.session is None


def test_opening_the_project_that_is_open_shows_it(window: MainWindow, project: Path) -> None:
    """It was told that another program has it open."""
    window.open_project(project)
    session = window.session
    assert session is not None
    window.show_page("data")
    window.open_project(project)
    assert window.session is session and window.errors.isHidden()


def test_a_project_whose_last_facts_cannot_be_read_is_closed_all_the_same(
    window: MainWindow, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.open_project(project)
    assert window.session is not None

    def fail(*_arguments: object) -> None:
        raise BadcaseError("the facts are gone")

    monkeypatch.setattr(opened, "summarize", fail)
    window.close_project()
    assert window.session is None and window.stack.currentWidget() is window.entrance
    assert "the facts are gone" in window.errors.what.text().lower()
    assert is_free(project)


# --- what is only remembered ----------------------------------------------------------------------------------------------


def _learnt(project: Project) -> dict[str, Any]:
    learner = LiveLearner(project)
    now = learner.now()
    assert now is not None
    now.next(20)
    learner.save(closing=True)
    kept: dict[str, Any] = project.setting("drawn at random")
    assert kept["draws"]
    return kept


def _belief(**more: Any) -> Callable[[dict[str, Any]], object]:
    return lambda kept: kept | {"belief": kept["belief"] | more}


DAMAGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "a list": lambda kept: [kept],
    "another version": _belief(spread=2.0),
    "no points": _belief(points=[]),
    "points that are no numbers": _belief(points=["a"]),
    "an item that is not there": lambda kept: kept | {"judged": [[10_000, 0]]},
    "a draw of an item that is not there": lambda kept: kept | {"draws": [[-3, *kept["draws"][0][1:]]]},
    "a draw that is no number": lambda kept: kept | {"draws": [[3, "many", *kept["draws"][0][2:]]]},
    "half a draw": lambda kept: kept | {"draws": [kept["draws"][0][:1]]},
}


@pytest.mark.parametrize("damage", [*DAMAGES.values(), None], ids=[*DAMAGES, "no JSON"])
def test_what_was_drawn_at_random_is_drawn_anew_where_it_cannot_be_read(
    project: Path, damage: Callable[[dict[str, Any]], object] | None
) -> None:
    with Project.open(project) as held:
        kept = _learnt(held)
        if damage is not None:
            held.set_setting("drawn at random", damage(kept))
    if damage is None:
        with sqlite3.connect(project / "project.db") as database:
            database.execute("UPDATE settings SET value = '{\"belief' WHERE name = 'drawn at random'")
    with Project.open(project) as held:
        learner = LiveLearner(held).now()
        assert learner is not None and learner.drawn().tolist() == []
        assert learner.expected_errors().value > 0 and len(learner.next(20)) == 20


def test_what_is_remembered_of_verdicts_is_written_the_seldomer_the_more_there_are_and_whole_at_the_end(project: Path) -> None:
    """It was written whole every 25 verdicts, all of them each time."""
    with Project.open(project) as held:
        live, written, before = LiveLearner(held), [], None
        for turn in range(40):
            learner = live.now()
            assert learner is not None
            learner.next(1 + turn // 10)
            held.journal.record(list(range(turn % 20, 40, 2)), "keep" if turn % 3 else "unsure")
            live.now()
            live.save()
            if (kept := held.setting("judged before draws")) != before:
                written.append(held.revision)
                before = kept
        assert 5 < len(written) < 25 and written[-1] - written[-2] >= written[-2] // 20 > 20
        live.save(closing=True)
        state = learner.state()
        assert state.draws and dict(held.setting("judged before draws")) == state.judged
        assert "judged" not in held.setting("drawn at random")
    with Project.open(project) as held:
        learner = LiveLearner(held).now()
        assert learner is not None and learner.state().judged == state.judged
        held.set_setting("drawn at random", state.plain())  # as it was kept before, in one
        held.set_setting("judged before draws", "nothing")
        learner = LiveLearner(held).now()
        assert learner is not None and learner.state().judged == state.judged and len(learner.drawn()) == len(state.draws)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"base": 0}', '{"base": 0, "revision": 0, "items": 0, "fixed": 1, "broke": 0}', "folder"]
)
def test_a_gain_that_cannot_be_read_is_not_known(project: Path, text: str) -> None:
    with Project.open(project) as held:
        save_gain(held, Gain(0, 0, 10, 2, 1))
        assert saved_gain(held) is not None
        assert held.predictions.current is not None
        file = held.predictions.current.folder / "gain.json"
        file.unlink()
        if text == "folder":
            file.mkdir()
        else:
            file.write_text(text)
        assert saved_gain(held) is None


ODD: dict[str, Any] = {
    "geometry": [1, 2],
    "language": ["en"],
    "review.columns": "wide",
    "review.card": "large",
    "review.grid": {},
    "review.places": [None, 3, 4],
    "review.saved-filters": 4,
    "theme": 3,
    "text-size": "large",
    "reviewer": ["me"],
    "reviewers": "me",
    "export.folder": 7,
}


@pytest.mark.parametrize("columns", ["wide", [1, 2, 3], ["a", "b"], {"left": 2}])
def test_a_window_opens_by_remembered_values_of_any_kind(qtbot: QtBot, project: Path, columns: object) -> None:
    """A width that was no number kept the whole program from starting."""
    view = ViewState()
    for name, value in (ODD | {"review.columns": columns, "review.places": {str(project): ["to-review", 4]}}).items():
        view.set(name, value)
    view.save()
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.commands()
    window.open_project(project)
    assert window.session is not None
    window.show_page("data")
    page = window.stack.currentWidget()
    page.open_export()  # type: ignore[attr-defined]
    window.lane.close()
    window.close()


def test_a_row_of_another_version_costs_the_list_of_projects_one_row(tmp_path: Path) -> None:
    """One field that was not known emptied the whole list, and the next project that was opened overwrote it."""
    recent = RecentProjects(tmp_path / "recent.json")
    for name in ("one", "two", "three"):
        recent.put(Summary(str(tmp_path / name), "2026-01-01T00:00:00+00:00"))
    rows = json.loads((tmp_path / "recent.json").read_text())
    rows[0]["mood"] = "good"
    rows[1] = {"path": 3, "opened": ""}
    rows.append("four")
    (tmp_path / "recent.json").write_text(json.dumps(rows))
    assert [summary.name for summary in recent.all()] == ["three", "one"]
    recent.put(Summary(str(tmp_path / "new"), "2026-01-02T00:00:00+00:00"))
    assert [summary.name for summary in recent.all()] == ["new", "three", "one"]


def test_a_small_image_on_the_disk_that_is_no_image_leaves_its_card_without(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "start-0.png").write_bytes(b"no image")
    shown = Summary(
        str(tmp_path), "2026-01-01T00:00:00+00:00", "image", next=(NextItem(str(tmp_path / "start-0.png"), "a", "b"),)
    )
    card = ProjectCard(shown, 1)
    qtbot.addWidget(card)
    card.resize(800, 212)
    assert not card.grab().isNull()
