"""A blind check of gold: kept after each answer, one batch of the journal at its end, met by nothing but judges and exports."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.gold_check.blind_check import (
    NONE_OF_THESE,
    UNSURE,
    BlindCheck,
    GoldChoice,
    Part,
    Rule,
    answer,
    back,
    begin_check,
    check_under_way,
    checks_under_way,
    conclude,
    drop_check,
)
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from tests.training.projects import write_noisy_texts


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_noisy_texts(tmp_path / "texts.csv", 100, wrong=0.2)
    made = Project.create(tmp_path / "project", tmp_path / "texts.csv")
    yield made
    made.close()


def begun(project: Project, who: str = "ann") -> BlindCheck:
    items = tuple(np.flatnonzero(project.gold)[::-1].tolist())
    return begin_check(project, GoldChoice(Rule.ALL, items, (Part.RANDOM,) * len(items), len(items)), who=who)


def other(project: Project, item: int) -> int:
    return int((project.given[item] + 1) % 3)


def answered(project: Project) -> BlindCheck:
    """The first item of another class, the second of none, the third unsure, the rest as given."""
    check = begun(project)
    for place, item in enumerate(check.choice.items):
        said = {0: other(project, item), 1: NONE_OF_THESE, 2: UNSURE}.get(place, int(project.given[item]))
        check = answer(project, check, said, 1.5)
    return check


def test_it_goes_on_where_it_stopped_also_in_another_process(project: Project) -> None:
    check = answer(project, answer(project, begun(project), 1, 2.0), UNSURE, 4.0)
    assert check.current == check.choice.items[2] and check.median_seconds == 3.0
    project.close()
    with Project.open(project.path) as again:
        assert check_under_way(again, "ann") == check
        check = back(again, check)
        assert check_under_way(again, "ann") == check and check.answers == (1,) and check.current == check.choice.items[1]
        drop_check(again, check)
        assert check_under_way(again, "ann") is None


def test_two_reviewers_check_at_the_same_time_and_neither_meets_the_check_of_the_other(project: Project) -> None:
    """One check was kept for a project: whoever sat down second went on with the answers of the first, in the first's name."""
    of_ann = answer(project, begun(project), 1, 2.0)
    project.journal.reviewer = "ben"
    assert check_under_way(project) is None
    of_ben = answer(project, answer(project, begun(project, "ben"), 0, 1.0), 2, 1.0)
    assert checks_under_way(project) == {"ann": of_ann, "ben": of_ben}
    for item in of_ben.choice.items[2:]:
        of_ben = answer(project, of_ben, int(project.given[item]), 1.0)
    conclude(project, of_ben)
    assert checks_under_way(project) == {"ann": of_ann}
    assert {one.who for one in project.journal.gold_opinions()} == {"ben"}


def test_before_its_end_it_changes_nothing(project: Project) -> None:
    check, revision = begun(project), project.revision
    for _item in check.choice.items[:-1]:
        check = answer(project, check, 0, 1.0)
    assert project.revision == revision and (project.checked_verdicts == VerdictCode.NONE).all()
    with pytest.raises(BadcaseError, match="not complete"):
        conclude(project, check)


def test_its_end_is_one_batch_that_undo_takes_back_and_redo_brings_back(project: Project) -> None:
    check = answered(project)
    first, second, third, *rest = check.choice.items
    changes = conclude(project, check)
    assert changes.title == f"gold check of {len(check.choice.items)} items" and changes.items == set(check.choice.items)
    assert check_under_way(project, "ann") is None

    def holds() -> bool:
        verdicts = project.checked_verdicts
        return (
            project.checked_labels[first] == other(project, first)
            and verdicts[[first, second, third]].tolist() == [VerdictCode.RELABEL, VerdictCode.EXCLUDE, VerdictCode.UNSURE]
            and bool((verdicts[rest] == VerdictCode.KEEP).all())
        )

    assert holds()
    assert (project.labels == project.given).all() and (project.verdicts == VerdictCode.NONE).all()
    assert project.journal.undo().title.startswith("Undo: gold check")
    assert project.checked_labels is project.labels and not holds()
    project.journal.redo()
    assert holds()
    entry = project.journal.history(first)[-1]
    assert entry.gold and not entry.decides and entry.who == "ann"
    assert entry.shown["blind"] and entry.shown["rule"] == "all" and entry.shown["seconds"] == 1.5
    project.close()
    with Project.open(project.path) as again:
        assert again.checked_labels[first] == other(again, first)


def test_a_second_check_holds_in_the_place_of_the_first(project: Project) -> None:
    conclude(project, answered(project))
    check = begun(project)
    for item in check.choice.items:
        check = answer(project, check, int(project.given[item]), 1.0)
    conclude(project, check)
    assert (project.checked_labels == project.given).all()
    project.journal.undo()
    assert project.checked_labels[check.choice.items[0]] == other(project, check.choice.items[0])


def test_only_gold_is_checked(project: Project) -> None:
    item = int(np.flatnonzero(~project.gold)[0])
    for items in ((), (item,)):
        with pytest.raises(BadcaseError, match="no gold to check"):
            begin_check(project, GoldChoice(Rule.ALL, items, (Part.RANDOM,) * len(items), 1))


@pytest.mark.parametrize("damage", [{}, {"ann": {"choice": {"rule": "best"}}}, [1], {"ann": 3, "ben": {"answers": []}}])
def test_a_check_that_cannot_be_read_is_none(project: Project, damage: object) -> None:
    project.set_setting("gold_check", damage)
    assert checks_under_way(project) == {}
    check = begun(project)
    assert checks_under_way(project) == {"ann": check}


def test_an_export_carries_what_the_check_found_and_a_patch_does_not(project: Project, tmp_path: Path) -> None:
    check = answered(project)
    conclude(project, check)
    first, second, third, *_rest = (project.items.key(item) for item in check.choice.items)
    done = project.export(tmp_path / "out.csv", format="csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["key"]: row for row in csv.DictReader(file)}
    assert rows[first]["label"] == project.classes[other(project, check.choice.items[0])] and rows[first]["verdict"] == "relabel"
    assert second not in rows, "of no class"
    assert rows[third]["label"] == project.classes[project.given[check.choice.items[2]]]
    assert len(rows) == len(project.items) - 1
    assert (done.changed, done.excluded) == (1, 1) and "Of these 2 are gold, as their blind check found." in done.notes
    project.export(tmp_path / "same.csv")
    text = (tmp_path / "same.csv").read_text(encoding="utf-8")
    assert project.classes[other(project, check.choice.items[0])] in next(
        line for line in text.splitlines() if line.startswith(f"{first},")
    )
    patch = project.export(tmp_path / "our.patch", format="patch")
    assert (patch.changed, patch.excluded) == (0, 0) and "not in it" in patch.notes[0]
    assert len((tmp_path / "our.patch").read_text(encoding="utf-8").splitlines()) == 1, "a header and no verdict"


def test_a_change_of_classes_in_between_changes_no_answer(project: Project) -> None:
    """Answers were kept as places in the classes of their day: after another order they named other classes."""
    said = project.classes[1]
    answer(project, answer(project, begun(project), 1, 2.0), UNSURE, 4.0)
    edits = project.class_edits
    edits.apply(edits.reorder([project.classes[2]]))
    check = check_under_way(project, "ann")
    assert check is not None and project.classes[check.answers[0]] == said and check.answers[1] == UNSURE
    check = answer(project, check, project.classes.index(said), 1.0)
    assert [project.classes[label] for label in (check.answers[0], check.answers[2])] == [said, said]
