"""A difference tells each label that is another, and nothing else, whatever was judged, taken back and brought back between."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.revisions.label_diff import ChangeKind, diff_markdown, label_diff
from badcase.store.verdicts import Verdict, VerdictCode
from tests.projects import write_texts


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("diff")
    write_texts(folder / "texts.csv", 30)
    return Project.create(folder / "my", data=folder / "texts.csv")


def free(project: Project) -> list[int]:
    """Items that may be judged."""
    return np.flatnonzero(~project.gold).tolist()


step = st.one_of(
    st.sampled_from(["undo", "redo"]),
    st.tuples(
        st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True),
        st.sampled_from(Verdict),
        st.integers(0, 2),
        st.sampled_from(["ann", "bob"]),
    ),
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(step, max_size=12), ends=st.tuples(st.integers(0, 1000), st.integers(0, 1000)))
def test_a_difference_is_what_two_states_show(steps: list[object], ends: tuple[int, int], made: Project) -> None:
    """A plain model keeps every state, and who touched an item last."""
    items = free(made)[:10]
    while made.journal.undo():
        pass
    begin = made.revision
    states = {begin: [(name, False) for name in (made.classes[made.labels[i]] for i in items)]}
    for one in steps:
        if isinstance(one, str):
            getattr(made.journal, one)()
        else:
            chosen, verdict, label, who = one  # type: ignore[misc]
            made.journal.record([items[at] for at in chosen], verdict, label, who=who)
        out = made.verdicts == VerdictCode.EXCLUDE
        states[made.revision] = [(made.classes[made.labels[i]], bool(out[i])) for i in items]
    known = sorted(states)
    first, second = (known[end % len(known)] for end in ends)
    found = made.diff(first, second)
    expected = {}
    for item, (before, gone_before), (after, gone_after) in zip(items, states[first], states[second], strict=True):
        pair = "" if gone_before else before, "" if gone_after else after
        if pair[0] != pair[1]:
            expected[item] = pair
    assert {one.item: (one.before, one.after) for one in found.changed} == expected
    assert sum(found.by.values()) == len(expected) == sum(n for *_pair, n in found.pairs)
    backwards = made.diff(second, first)
    assert {(one.item, one.after, one.before) for one in backwards.changed} == {
        (one.item, one.before, one.after) for one in found.changed
    }


def test_who_made_it_so_is_told_also_where_it_was_an_undo(made: Project) -> None:
    a, b, c = free(made)[10:13]
    start = made.revision
    made.journal.record([a, b], "exclude", who="ann")
    made.journal.record([c], "relabel", (int(made.given[c]) + 1) % 3, who="bob")
    assert [(one.item, one.kind, one.who) for one in made.diff(start).changed] == [
        (a, ChangeKind.EXCLUDED, "ann"),
        (b, ChangeKind.EXCLUDED, "ann"),
        (c, ChangeKind.RELABELLED, "bob"),
    ]
    middle = made.revision
    made.journal.reviewer = "eve"
    made.journal.undo()
    (one,) = made.diff(middle, "now").changed
    assert (one.item, one.who) == (c, "eve") and one.after == made.classes[made.given[c]]
    made.journal.record([a], "keep", who="bob")
    assert made.diff(middle, "now").of_kind(ChangeKind.RETURNED) == 1


def test_names_of_revisions(made: Project) -> None:
    assert (made.diff("given").first, made.diff(0, "NOW").second) == (0, made.revision)
    for wrong in ("yesterday", made.revision + 1, -1, "run:"):
        with pytest.raises(BadcaseError, match="no such revision"):
            made.diff(wrong)
    with pytest.raises(BadcaseError, match="run"):
        made.diff("run:99")


def test_markdown_shows_names_letter_for_letter(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text,label\n" + "".join(f'{i},t {i},"<b>|x"\n{i}b,u {i},y\n' for i in range(9)), "utf-8")
    with Project.create(tmp_path / "my", data=tmp_path / "a.csv") as project:
        item = next(i for i in free(project) if project.classes[project.given[i]] == "y")
        project.journal.record([item], "relabel", "<b>|x", who="[ann](http://x)")
        written = diff_markdown(project.name, label_diff(project, "given"))
    assert "\\<b\\>\\|x" in written and "<b>" not in written.replace("\\<b\\>", "") and "\\[ann\\]" in written
    assert len({line.count(" | ") for line in written.splitlines() if line.startswith("| ") and "T" in line}) == 1
