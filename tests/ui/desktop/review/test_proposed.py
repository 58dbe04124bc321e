"""Proposals of machines stand beside the decision, and count for nothing until a person takes one by its key."""

from __future__ import annotations

import numpy as np
import pytest

from badcase.proposals.taking import PROPOSED_BY, machine_agreements
from badcase.store.changes import Area, Changes
from badcase.store.verdicts import VerdictCode
from tests.ui.desktop.review.conftest import Shown, child, click


@pytest.fixture
def item(shown: Shown) -> int:
    """An item that is shown and of which two machines propose something; one of them has been measured."""
    project = shown.session.project
    free = np.flatnonzero(~project.gold & (project.verdicts == VerdictCode.NONE)).tolist()
    judged, one = free[:3], free[3]
    project.proposals.add("never seen", [one], [1])
    project.proposals.add("rules", [*judged, one], [*project.given[judged].tolist(), 2])
    for other in judged:
        project.journal.record(other, "keep")
    shown.session.tell(Changes("", frozenset({Area.LABELS})))
    shown.page.reviewer.show_list([one, free[4]], "")
    return int(one)


def test_what_machines_propose_is_told_with_how_often_they_agree_and_counts_for_nothing(shown: Shown, item: int) -> None:
    project, part = shown.session.project, shown.page.detail.proposed
    lines = part.lines()
    assert part.isVisible()
    assert [line.what for line in lines] == [f"rules: {project.classes[2]}", f"never seen: {project.classes[1]}"]
    assert "3 of 3" in lines[0].how and "no item judged" in lines[1].how
    assert project.verdicts[item] == VerdictCode.NONE and project.labels[item] == project.given[item]
    shown.key("Right")
    assert not part.isVisible()


def test_its_key_takes_the_first_as_a_verdict_and_undo_takes_it_back(shown: Shown, item: int) -> None:
    project = shown.session.project
    shown.key("Shift+Return")
    assert project.labels[item] == 2 and project.verdicts[item] in (VerdictCode.RELABEL, VerdictCode.KEEP)
    assert next(one for one in machine_agreements(project) if one.by == "rules").judged == 3, "it was seen: it measures nobody"
    shown.key("Z")
    assert project.verdicts[item] == VerdictCode.NONE


def test_a_verdict_beside_a_proposal_does_not_measure_the_machine(shown: Shown, item: int) -> None:
    project = shown.session.project
    shown.key("Space")
    assert project.verdicts[item] == VerdictCode.KEEP
    assert item not in {one.item for one in project.journal.unprompted(PROPOSED_BY)}
    shown.key("Shift+Return")
    assert project.verdicts[shown.current] == VerdictCode.NONE, "nothing is proposed of the next one"


def test_of_many_each_is_told_on_its_card_and_one_key_takes_them_all(shown: Shown, item: int) -> None:
    """One drawn at random has none: nobody is to be told of it what a machine says."""
    project, page = shown.session.project, shown.page
    free = np.flatnonzero(~project.gold & (project.verdicts == VerdictCode.NONE) & (project.given != 0)).tolist()
    several = [one for one in free if one != item][:2]
    project.proposals.add("rules", several, [0, 0])
    page.desk.proposed.forget()
    page.reviewer.show_list([item, *several, *[one for one in free if one not in (item, *several)][:3]], "")
    shown.key("G")
    shown.key("Ctrl+A")
    row = child(page.batch, "take-proposals")
    assert row.isVisible() and f"for 3 items: 2 {project.classes[0]}, 1 {project.classes[2]}" in row.toolTip()
    assert page.faces.face(item).proposed == project.classes[2] and page.faces.face(free[-1]).proposed == ""
    click(row)
    assert project.labels[[item, *several]].tolist() == [2, 0, 0]
    assert page.faces.face(item).proposed == "", "it was judged"
    assert not {item, *several} & {one.item for one in project.journal.unprompted(PROPOSED_BY)}
    shown.key("Z")
    assert (project.labels[[item, *several]] == project.given[[item, *several]]).all()
