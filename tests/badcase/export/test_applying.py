"""A patch is one action: what contradicts it is told and left, it is applied once, and one undo takes it back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.export import OnConflict, preview_patch
from badcase.project import Project
from badcase.store.judgments import Judgment
from badcase.store.verdicts import Verdict, VerdictCode
from tests.badcase.export.test_patch import project as make

N = 12
DAY = "2026-03-{:02}T00:00:00.000+00:00"


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Project]]:
    """Three copies of one project."""
    make(tmp_path / "one", list(range(N))).close()
    with ExitStack() as stack:
        for name in ("two", "three"):
            shutil.copytree(tmp_path / "one", tmp_path / name)
        yield [stack.enter_context(Project.open(tmp_path / name)) for name in ("one", "two", "three")]


def say(project: Project, who: str, day: int, verdict: str, items: list[int], label: int | None = None) -> None:
    project.journal.record_all([Judgment(item, Verdict(verdict), label, who, DAY.format(day)) for item in items])


def patch(project: Project, name: str = "c.patch") -> Path:
    project.export(project.path.parent / name, format="patch", overwrite=True)
    return project.path.parent / name


def said(project: Project) -> dict[tuple[int, str], tuple[str, int, str]]:
    return {(one.item, one.who): (str(one.verdict), one.label, one.at) for one in project.journal.by_reviewer()}


def stands(project: Project) -> tuple[list[int], list[int]]:
    return project.labels.tolist(), project.verdicts.tolist()


def test_verdicts_of_several_reviewers_keep_their_names_and_times_and_are_one_undo(three: list[Project]) -> None:
    one, two, _three = three
    say(one, "ann", 1, "relabel", [0, 3], 2)
    say(one, "bob", 2, "exclude", [1, 3])
    say(one, "ann", 3, "unsure", [2])
    made = two.apply(patch(one))
    assert (made.applied, made.already, made.missing, made.conflicts) == (5, 0, 0, ())
    assert said(two) == said(one) and stands(two) == stands(one)
    assert [entry.at for entry in two.journal.history(3)] == [DAY.format(1), DAY.format(2)]
    assert two.journal.undo() is not None and not two.verdicts.any() and said(two) == {}
    assert two.journal.undo() is None


def test_what_contradicts_is_listed_and_left_and_known_as_what_its_reviewer_says(three: list[Project]) -> None:
    one, two, _three = three
    say(two, "ann", 5, "relabel", [0], 2)
    say(two, "ann", 5, "exclude", [1])
    say(two, "ann", 5, "unsure", [2])
    say(two, "ann", 5, "keep", [3])
    before = stands(two)
    say(one, "bob", 6, "relabel", [0], 1)
    say(one, "bob", 6, "keep", [1, 2, 3])
    made = two.apply(patch(one))
    assert stands(two) == before
    assert made.applied == 1 and [one.key for one in made.conflicts] == ["k0", "k1", "k2"]
    first = made.conflicts[0]
    assert (first.stood.verdict, first.stood.label, first.stood.who, first.stood.at) == ("relabel", "c", "ann", DAY.format(5))
    assert (first.patch.verdict, first.patch.label, first.patch.who, first.patch.at) == ("relabel", "b", "bob", DAY.format(6))
    assert made.title == "1 verdict applied, 3 contradict what stands and were left"
    assert two.reviewers().answers.tolist()[:4] == [[2, 1], [3, 1], [-1, 2], [0, 0]], "both are compared all the same"
    assert [entry.decides for entry in two.journal.history(0)] == [True, False]


@pytest.mark.parametrize(("way", "holds"), [("keep", [2, 2]), ("take", [1, 1]), ("newest", [2, 1])])
def test_who_wins_a_conflict_is_chosen_and_twice_changes_nothing(way: str, holds: list[int], three: list[Project]) -> None:
    one, two, _three = three
    say(two, "ann", 5, "relabel", [0, 3], 2)
    say(one, "bob", 4, "relabel", [0], 1)
    say(one, "bob", 6, "relabel", [3], 1)
    file = patch(one)
    made = two.apply(file, conflicts=way)
    assert [two.labels[0], two.labels[3]] == holds and len(made.conflicts) == 2
    assert [one.taken for one in made.conflicts] == [label == 1 for label in holds]
    after, revision, known = stands(two), two.revision, said(two)
    assert known[0, "bob"][1] == known[3, "bob"][1] == 1 and known[0, "ann"][1] == 2
    again = two.apply(file, conflicts=way)
    assert (again.applied, again.items, two.revision) == (0, frozenset(), revision)
    two.journal.undo()
    assert [two.labels[0], two.labels[3]] == [2, 2]
    two.journal.redo()
    assert stands(two) == after and said(two) == known


@pytest.mark.parametrize("way", OnConflict)
def test_patches_in_either_order_give_the_same_comparison(way: OnConflict, three: list[Project]) -> None:
    """Copies that learnt of each other before, so that a patch carries old words of people who said something else since."""
    one, two, three_ = three
    rng = np.random.default_rng(3)
    for day, who, project in [(1, "ann", one), (2, "bob", two)]:
        for item in rng.permutation(N)[:8].tolist():
            say(project, who, day, "relabel", [item], int(rng.integers(3)))
    one.apply(patch(two, "early.patch"))
    say(two, "bob", 7, "exclude", [0, 1, 2])  # which "one" does not know of
    say(one, "ann", 8, "relabel", [3, 4, 5], 1)
    files = [patch(one, "one.patch"), patch(two, "two.patch")]
    for file in files:
        three_.apply(file, conflicts=way)
    found, compared = said(three_), three_.reviewers()
    while three_.journal.undo():
        pass
    for file in reversed(files):
        three_.apply(file, conflicts=way)
    assert said(three_) == found and np.array_equal(three_.reviewers().answers, compared.answers)
    revision = three_.revision
    for file in files:
        three_.apply(file)
    assert three_.revision == revision, "and all of it is known by now"


def test_opinions_come_through_a_patch_as_what_they_are(three: list[Project]) -> None:
    one, two, last = three
    say(two, "ann", 5, "relabel", [0, 3], 2)
    say(one, "bob", 6, "relabel", [0], 1)
    say(one, "ann", 7, "exclude", [3])  # herself, on the other copy
    two.apply(patch(one))
    file = patch(two)
    assert json.loads(file.read_text().split("\n")[0])["badcase_patch"] == 2, "which earlier programs refuse"
    last.apply(file)
    assert stands(last) == stands(two) and said(last) == said(two)
    assert said(last)[3, "ann"][0] == "exclude" and last.labels[3] == 2


def test_a_patch_without_opinions_is_as_earlier_programs_know_it_and_theirs_is_read(three: list[Project]) -> None:
    one, two, _three = three
    say(one, "ann", 1, "relabel", [0], 2)
    say(one, "bob", 2, "exclude", [0])
    file = patch(one)
    header, *lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert header["badcase_patch"] == 1
    for line in lines:
        del line["at"]
    file.write_text("\n".join(json.dumps(line) for line in [header, *lines]))
    made = two.apply(file)
    assert made.applied == 2 and stands(two) == stands(one)
    assert two.apply(file).already == 2
    say(two, "bob", 9, "keep", [0])
    again = two.apply(file)
    assert (again.applied, again.conflicts[0].patch.at, two.verdicts[0]) == (0, "", VerdictCode.KEEP)


def test_a_keep_says_the_label_where_the_given_one_is_another(tmp_path: Path) -> None:
    with make(tmp_path / "one", list(range(9))) as one, make(tmp_path / "two", list(range(9)), classes="bca") as two:
        say(one, "ann", 1, "keep", [0])
        say(one, "ann", 1, "exclude", [1])
        say(one, "ann", 1, "relabel", [2], 1)
        file = patch(one)
        assert two.apply(file).applied == 3
        names = [two.classes[label] for label in two.labels[:3]]
        assert names == ["a", "c", "b"] and two.verdicts[:3].tolist() == [VerdictCode.RELABEL, VerdictCode.EXCLUDE, 1]
        assert two.apply(file).already == 3


def test_what_was_undone_is_no_verdict_and_may_be_applied_again(three: list[Project]) -> None:
    one, two, _three = three
    say(two, "ann", 5, "relabel", [0], 2)
    two.journal.undo()
    say(one, "ann", 4, "relabel", [0], 1)
    file = patch(one)
    for _again in range(2):
        made = two.apply(file)
        assert (made.applied, made.conflicts, two.labels[0]) == (1, (), 1)
        two.journal.undo()


def test_a_patch_that_fails_leaves_the_project_and_its_memory_as_they_were(
    three: list[Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _three = three
    say(two, "ann", 5, "relabel", [0], 2)
    say(one, "bob", 4, "relabel", [0, 1, 2], 1)
    before = stands(two), two.revision, said(two), two.journal.undo_title

    def full(*_what: object) -> None:
        raise BadcaseError("no room")

    with monkeypatch.context() as broken:
        broken.setattr(type(two.journal), "_title", full)  # the last step of recording, when all is written
        with pytest.raises(BadcaseError, match="no room"):
            two.apply(patch(one))
    assert (stands(two), two.revision, said(two), two.journal.undo_title) == before
    assert two.apply(patch(one)).applied == 2, "and the next one works"


def test_a_key_with_a_line_end_of_its_own_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,text,label\n" + "".join(f'"k\u2028{i}",t {i},{"ab"[i % 2]}\n' for i in range(6)))
    with Project.create(tmp_path / "p", tmp_path / "t.csv") as project:
        project.journal.record([1, 2], "exclude")
        file = patch(project)
        project.journal.undo()
        assert project.apply(file).applied == 2


LINE = '{"badcase_patch": 1}\n{"fingerprint": "f", "key": "k", "label": "a", "verdict": "keep"'


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "[" * 5000,
        '{"badcase_patch": "x"}',
        '{"badcase_patch": 1}\n7',
        LINE + ', "who": 3}',
        LINE + ', "who": "\\ud800"}',
        LINE + ', "at": "yesterday"}',
        LINE + ', "at": 5}',
        LINE + ', "at": "9999-12-31T23:59:59-23:00"}',
        LINE + ', "opinion": "yes"}',
    ],
    ids=range(10),
)
def test_what_is_no_patch_is_refused(content: str, three: list[Project], tmp_path: Path) -> None:
    (tmp_path / "x.patch").write_text(content)
    with pytest.raises(BadcaseError, match="not a patch") as refusal:
        three[0].apply(tmp_path / "x.patch")
    assert refusal.value.hint and three[0].revision == 0


def test_a_way_that_there_is_not_is_refused(three: list[Project]) -> None:
    with pytest.raises(BadcaseError, match="no such way") as refusal:
        three[0].apply(patch(three[1]), conflicts="mine")
    assert "keep | take | newest" in str(refusal.value)


def test_each_conflict_can_be_chosen_by_itself(three: list[Project]) -> None:
    one, two, _three = three
    say(two, "ann", 5, "relabel", [0, 1, 3], 2)
    say(one, "bob", 6, "relabel", [0, 3], 1)
    say(one, "bob", 4, "exclude", [1])
    file = patch(one)
    with pytest.raises(BadcaseError, match="says nothing of this item"):
        two.apply(file, chosen={"k0": "take", "k7": "take"})
    with pytest.raises(BadcaseError, match="no such way"):
        two.apply(file, chosen={"k0": "both"})
    seen = preview_patch(two, file)
    assert not any(one.taken for one in seen.conflicts) and two.revision == 3, "nothing is recorded by looking"
    made = two.apply(file, "newest", chosen={"k0": "keep", "k1": "take"})
    assert {one.key: one.taken for one in made.conflicts} == {"k0": False, "k1": True, "k3": True}
    assert (two.labels[0], two.verdicts[1], two.labels[3]) == (2, VerdictCode.EXCLUDE, 1)
    assert two.apply(file, "newest", chosen={"k0": "keep", "k1": "take"}).items == frozenset(), "and twice is once"


def test_what_has_no_time_gets_none_from_applying(three: list[Project]) -> None:
    one, two, last = three
    say(one, "bob", 6, "relabel", [0], 1)
    file = patch(one)
    header, line = file.read_text().splitlines()
    told = {name: value for name, value in json.loads(line).items() if name != "at"}
    file.write_text(f"{header}\n{json.dumps(told)}\n")
    two.apply(file)
    assert said(two)[0, "bob"] == ("relabel", 1, "")
    last.apply(patch(two))
    assert said(last) == said(two), "nor from the next patch"
    say(two, "ann", 1, "exclude", [0])
    assert two.apply(file, "newest").conflicts[0].taken is False, "it is older than all that has a time"
