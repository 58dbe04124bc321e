"""Several people on one project: who said what, what they agree on, and what another copy brings, by real keys and clicks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from badcase.project import Project
from badcase.reviewers.of_project import CONSENSUS
from badcase.store.judgments import Judgment
from badcase.store.verdicts import Verdict, VerdictCode
from badcase.ui.desktop.people.consensus_dialog import ConsensusDialog
from badcase.ui.desktop.people.patch_dialog import PatchDialog, open_patch
from badcase.ui.desktop.widgets import Label
from tests.ui.desktop.review.conftest import Shown, child, click

DAY = "2026-03-{:02}T00:00:00.000+00:00"


def say(project: Project, who: str, items: list[int], verdict: str, label: int | None = None, day: int = 1) -> None:
    project.journal.record_all([Judgment(item, Verdict(verdict), label, who, DAY.format(day)) for item in items])


def texts(dialog: QWidget) -> str:
    return "\n".join(label.full_text() for label in dialog.findChildren(Label))


def other(project: Project, item: int, by: int = 1) -> int:
    return (int(project.given[item]) + by) % 3


@pytest.fixture
def open_items(project: Project) -> list[int]:
    return np.flatnonzero(~project.gold).tolist()


# --- who said what ---------------------------------------------------------------------------------------------------


def test_who_said_what_stands_beside_the_decision_once_one_has_decided_oneself(
    shown: Shown, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = shown.current
    say(project, "ann", [item], "relabel", other(project, item))
    say(project, "bob", [item], "exclude", day=2)
    shown.page.reviewer.show_list([item], "one")
    said = shown.page.detail.said
    assert said.isHidden() or not said.parentWidget().isVisible(), "it would sway who has not judged yet"
    shown.key("Space", "Left")
    assert [line.what for line in said.lines()] == ["ann", "bob", "you"]
    names = [project.classes[other(project, item)], "excluded", project.classes[int(project.given[item])]]
    assert [line.how.split(",")[0] for line in said.lines()] == names
    assert [line.quiet for line in said.lines()] == [True, True, False], "what holds is told apart"
    assert said.isVisible()


def test_of_an_item_that_one_alone_has_judged_nothing_more_is_said(shown: Shown) -> None:
    shown.key("Space", "Left")
    assert not shown.page.detail.said.isVisible()


# --- agreement and consensus -----------------------------------------------------------------------------------------


def consensus_shown(shown: Shown) -> ConsensusDialog:
    shown.key("Alt+A")
    *_closed, dialog = shown.page.window().findChildren(ConsensusDialog)
    return dialog


def test_agreement_and_what_the_consensus_would_change_are_shown_before_anything_is_done(
    shown: Shown, project: Project, open_items: list[int]
) -> None:
    alike, divided, lone = open_items[:3]
    kept = open_items[3:9]
    for who in ("ann", "bob"):
        say(project, who, [alike], "relabel", other(project, alike))
        say(project, who, kept, "keep")
    say(project, "eve", [alike], "unsure", day=2)
    say(project, "ann", [divided], "exclude")
    say(project, "bob", [divided], "relabel", other(project, divided))
    say(project, "ann", [lone], "keep")
    shown.session.preferences.others_hidden = False
    dialog = consensus_shown(shown)
    told = texts(dialog)
    assert "ann and bob" in told and "kappa" in told and "Krippendorff's alpha 0." in told
    assert "1 item is left as it is: one reviewer alone has answered." in told
    assert dialog.rows is not None
    planned = dialog.rows.items
    assert alike in planned and lone not in planned
    said, stands, becomes = dialog.rows.words(planned.index(alike))
    name = project.classes[other(project, alike)]
    assert said == f"ann: {name}; bob: {name}" and (stands, becomes) == ("unsure", name)
    assert project.revision == len(kept) * 2 + 6, "nothing was recorded"
    shown.key("Esc")
    assert project.revision == len(kept) * 2 + 6


def test_the_consensus_is_adopted_with_enter_and_the_list_is_true_after_it(shown: Shown, project: Project) -> None:
    items = sorted(shown.page.reviewer.worklist.rows[:3].tolist())
    right = [int(shown.page.reviewer.facts.suggested[item]) for item in items]
    for who in ("ann", "bob"):
        for item, label in zip(items, right, strict=True):
            say(project, who, [item], "relabel", label)
    say(project, "eve", items, "exclude", day=2)
    shown.key("Alt+R")
    worklist = shown.page.reviewer.worklist
    assert sorted(worklist.rows.tolist()) == items and worklist.left() == 3, "asked for again, they wait"
    consensus_shown(shown)
    shown.key("Return")
    assert project.labels[items].tolist() == right
    assert project.journal.history(items[0])[-1].who == CONSENSUS
    assert worklist.left() == 0, "what was settled waits no longer"
    face = shown.page.faces.face(shown.current)
    shown.session.preferences.others_hidden = False
    shown.session.prefer()
    state = shown.page.faces.face(shown.current).state
    assert face.state is None and state is not None and state.words.startswith("the consensus set ")
    shown.key("Z")
    assert (project.verdicts[items] == VerdictCode.EXCLUDE).all() and worklist.left() == 3


def test_where_there_is_nothing_to_adopt_it_says_so_and_enter_does_nothing(shown: Shown, project: Project) -> None:
    dialog = consensus_shown(shown)
    assert "Nobody has reviewed yet." in texts(dialog)
    assert dialog.accept_button.why == "there is no consensus to adopt"
    shown.key("Return")
    assert project.revision == 0


# --- a patch ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def patch(project: Project, tmp_path: Path, open_items: list[int]) -> Iterator[Path]:
    """What Bob decided on a copy: the first item is new here, Ann has said something else of the next three."""
    shutil.copytree(project.path, tmp_path / "copy")
    first, *disputed = open_items[:4]
    with Project.open(tmp_path / "copy") as copy:
        say(copy, "bob", [first], "exclude", day=5)
        for item in disputed:
            say(copy, "bob", [item], "relabel", other(copy, item), day=5)
        copy.export(tmp_path / "bob.patch", format="patch")
    say(project, "ann", disputed[:2], "keep", day=1)
    say(project, "ann", disputed[2:], "exclude", day=9)
    yield tmp_path / "bob.patch"


def patch_shown(shown: Shown, patch: Path) -> PatchDialog:
    open_patch(shown.page, shown.session, patch)
    *_closed, dialog = shown.page.window().findChildren(PatchDialog)
    return dialog


def test_a_patch_is_told_before_it_is_applied_and_each_conflict_is_chosen_by_keys(
    shown: Shown, project: Project, patch: Path, open_items: list[int]
) -> None:
    first, *disputed = open_items[:4]
    shown.session.preferences.others_hidden = False
    dialog = patch_shown(shown, patch)
    told = texts(dialog)
    assert "1 verdict is taken over." in told and "3 verdicts contradict what stands." in told
    rows, name = dialog.conflicts, project.classes[other(project, disputed[0])]
    assert rows is not None and rows.items == disputed
    stood, said = rows.words(0)
    assert stood[0] == project.classes[int(project.given[disputed[0]])] and stood[1].startswith("ann, ")
    assert said[0] == name and said[1] == "bob, 5 March"
    assert project.revision == 3, "nothing was recorded"
    shown.key("2", "1", "Return")  # the first by the patch, the second as it stood; the third was left as it stood
    assert project.labels[disputed[0]] == other(project, disputed[0])
    assert project.verdicts[disputed[1]] == VerdictCode.KEEP and project.verdicts[disputed[2]] == VerdictCode.EXCLUDE
    assert project.verdicts[first] == VerdictCode.EXCLUDE
    times = {entry.at for item in open_items[:4] for entry in project.journal.history(item) if entry.who == "bob"}
    assert times == {DAY.format(5)}, "and not the time of applying"
    shown.key("Z")
    assert project.verdicts[first] == VerdictCode.NONE and project.verdicts[disputed[0]] == VerdictCode.KEEP


def test_all_conflicts_are_chosen_at_once_and_one_by_a_click(
    shown: Shown, project: Project, patch: Path, open_items: list[int]
) -> None:
    disputed = open_items[1:4]
    dialog = patch_shown(shown, patch)
    click(child(dialog, "all_newest"))
    assert dialog.conflicts is not None and dialog.conflicts.taken == [True, True, False]
    place = dialog.conflicts.answer_rect(0, 0).center().toPoint()
    QTest.mouseClick(dialog.conflicts.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert dialog.conflicts.taken == [False, True, False]
    click(dialog.accept_button)
    assert [int(project.verdicts[item]) for item in disputed] == [VerdictCode.KEEP, VerdictCode.RELABEL, VerdictCode.EXCLUDE]
    again = patch_shown(shown, patch)
    assert again.accept_button.why == "Everything in it is known here already"


def test_what_others_decided_is_not_shown_by_a_conflict_either(shown: Shown, patch: Path) -> None:
    dialog = patch_shown(shown, patch)
    assert dialog.conflicts is not None
    assert [what for what, _who in dialog.conflicts.words(0)] == ["shown when you have decided"] * 2


def test_what_is_no_patch_goes_to_the_error_bar(shown: Shown, tmp_path: Path) -> None:
    told: list[object] = []
    shown.session.failed.connect(told.append)
    (tmp_path / "no.patch").write_text("no", encoding="utf-8")
    open_patch(shown.page, shown.session, tmp_path / "no.patch")
    assert "this is not a patch" in str(told[0]) and shown.page.window().findChild(PatchDialog) is None
