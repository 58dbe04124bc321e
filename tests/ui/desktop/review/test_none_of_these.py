"""An item that seems to be of no class is suggested to be excluded, and Enter does it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.active_learning.learner import Learner
from badcase.project import Project
from badcase.store.verdicts import NONE_OF_THESE, VerdictCode
from badcase.training.reporting.report import report
from badcase.ui import operations
from badcase.ui.assistants.project_tools import ProjectTools
from badcase.ui.desktop.review.state.class_choices import Choices, Role
from badcase.ui.desktop.shell.project_facts import review_facts
from tests.projects import predict_from, write_texts
from tests.ui.desktop.review.conftest import Show, close_sessions

STRANGE = 8  # items of no kind that the others are of


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    truth = write_texts(tmp_path / "data.csv", 90, wrong=3)
    rng = np.random.default_rng(0)
    with Project.create(tmp_path / "p", tmp_path / "data.csv", label="label", text="text", key="id") as made:
        features = 4 * np.eye(16)[[made.classes.index(truth[key]) for key in made.items.keys]] + rng.normal(0, 0.4, (90, 16))
        features[:STRANGE] = 6 * np.eye(16)[-STRANGE:]
        predict_from(made, features)
        yield made
        close_sessions(made)


def test_none_of_these_stands_where_a_class_is_suggested_and_enter_excludes(project: Project, show: Show) -> None:
    """Before, the likeliest of classes that do not fit was suggested, and Enter gave it."""
    ranking = project.ranking
    assert ranking is not None
    strange = np.flatnonzero(ranking.of_no_class)
    assert len(strange) >= 3 and (strange < STRANGE).all()
    shown = show(project)
    page, reviewer = shown.page, shown.page.reviewer
    assert (reviewer.facts.suggested == NONE_OF_THESE).nonzero()[0].tolist() == strange.tolist()
    reviewer.open_item(int(strange[0]))
    shown.settle()
    choices = reviewer.choices()
    assert isinstance(choices, Choices)
    given = project.classes[int(project.given[strange[0]])]
    assert [(head.name, head.role, head.digit) for head in choices.heads()] == [
        ("None of these", Role.SUGGESTION, "1"),
        (given, Role.GIVEN, "2"),
    ]
    assert page.faces.face(int(strange[0])).suggested == "None of these"
    assert choices.matching("none")[0] == 0 and page.class_of("1") == "None of these"
    assert not page.detail.nearest_suggested.isVisible()  # no item is labelled so
    shown.key("Return")
    assert project.verdicts[strange[0]] == VerdictCode.EXCLUDE
    assert project.journal.undo_title == "excluded"


def test_a_selection_gets_the_classes_and_the_exclusions_that_are_suggested_as_one_step(project: Project) -> None:
    ranking = project.ranking
    assert ranking is not None
    strange = int(np.flatnonzero(ranking.of_no_class)[0])
    told = ProjectTools(project.path).next_items(200)
    assert told["of_no_class"] == project.counts().of_no_class == int(ranking.of_no_class.sum())
    queue = {row["key"]: row for row in told["queue"]}
    assert queue[project.items.key(strange)]["suggested"] == "-"
    assert "none of the classes" in " ".join(queue[project.items.key(strange)]["reasons"])
    assert ranking.suggested[strange] >= 0  # what is the likeliest of the classes stays
    wrong = int(next(i for i in ranking.order if ranking.suggested_or_none[i] not in (NONE_OF_THESE, project.given[i])))
    operations.relabel(project, items=[strange, wrong], label=ranking.suggested_or_none[[strange, wrong]].tolist())
    assert project.verdicts[[strange, wrong]].tolist() == [VerdictCode.EXCLUDE, VerdictCode.RELABEL]
    project.journal.undo()
    assert not project.verdicts.any()


def test_how_many_are_of_no_class_is_told_as_a_least_number_in_the_strip_and_the_report(project: Project, tmp_path: Path) -> None:
    """Before, only the queue of the command line told it, as if these were all."""
    ranking = project.ranking
    assert ranking is not None
    strange = np.flatnonzero(ranking.of_no_class)

    def told() -> tuple[str | None, list[str]]:
        facts = {fact.after: fact.bold for fact in review_facts(project, Learner(ranking))}
        written = report(project, tmp_path / "report.html").read_text(encoding="utf-8")
        return facts.get("of no class"), re.findall(r"Of none of the classes among them: (at least \d+)", written)

    n = len(strange)
    assert told() == (f"at least {n}", [f"at least {n}"])
    operations.exclude(project, items=strange[:2].tolist())
    assert told() == (f"at least {n - 2}", [f"at least {n - 2}"]) and project.counts().of_no_class == n - 2
    operations.keep(project, items=strange[2:].tolist())
    assert told() == (None, [])


def test_two_side_by_side_are_suggested_what_the_queue_suggests_and_enter_excludes_both_where_they_are_of_no_class(
    project: Project, show: Show
) -> None:
    """Before, the comparison suggested the likeliest class of two items of which the queue said that none fits."""
    ranking = project.ranking
    assert ranking is not None
    shown, strange = show(project), np.flatnonzero(ranking.of_no_class).tolist()
    view, facts = shown.page.compare, shown.page.reviewer.facts
    shown.page.reviewer.open_item(strange[0])
    shown.key("C")
    twins, others = np.split(np.array(view.walk.partners.items), [view.walk.partners.twins])
    assert view.halves[0].facts.suggested == "None of these" and np.isnan(view.halves[0].facts.likelihood)
    view.open_at(strange[0], next(one for one in others.tolist() if one not in strange))
    assert view.halves[1].facts.suggested == project.classes[facts.suggested[view.pair[1]]]
    assert view.choices is not None and view.choices.suggested is None  # of one none, of the other a class
    view.open_at(strange[0], next(one for one in twins.tolist() if one not in strange))
    first = view.side.rows.rows[0]
    assert (first.title, first.sets, first.keys) == ("Neither is of any class", "excludes A, excludes B", "Enter")
    pair = view.pair
    shown.key("Return")
    assert project.verdicts[list(pair)].tolist() == [VerdictCode.EXCLUDE] * 2
    became = view.words.became(pair)
    assert became is not None and became.words == "both excluded"
    shown.key("Z")
    assert not project.verdicts.any()
