"""Classes change by entries of the journal: whatever is done, undone and redone, labels are told under the classes that stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.project import Project

WORDS = ("red", "blue", "green", "round", "square")
N = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("classes")
    rows = "".join(f"k{i},a {WORDS[i % 5]} thing number {i},{'abc'[i % 3]}\n" for i in range(N))
    (made / "things.csv").write_text("key,text,label\n" + rows)
    Project.create(made / "project", made / "things.csv", text="text", label="label", key="key").close()
    return made


@dataclass
class Plain:
    """A project as a person thinks of it: names in their order, and the name that each item has."""

    names: list[str] = field(default_factory=lambda: ["a", "b", "c"])
    given: list[str] = field(default_factory=lambda: ["abc"[i % 3] for i in range(N)])
    labels: list[str] = field(default_factory=lambda: ["abc"[i % 3] for i in range(N)])
    meanings: dict[str, str] = field(default_factory=dict)
    said: frozenset[str] = frozenset()  # names that some verdict says, whatever holds

    def copy(self) -> Plain:
        return Plain([*self.names], [*self.given], [*self.labels], dict(self.meanings), self.said)

    def called(self, old: list[str], new: str) -> None:
        """Everything that is called by one of these names is called by another."""
        self.given = [new if one in old else one for one in self.given]
        self.labels = [new if one in old else one for one in self.labels]
        self.said = frozenset(new if one in old else one for one in self.said)


number = st.integers(0, 5)
step = st.one_of(
    st.just(("undo",)),
    st.just(("redo",)),
    st.tuples(st.just("relabel"), st.lists(st.integers(0, N - 1), min_size=1, max_size=3, unique=True), number),
    st.tuples(st.just("keep"), st.integers(0, N - 1)),
    st.tuples(st.just("add"), st.sampled_from("xyzab"), st.lists(st.integers(0, N - 1), max_size=2, unique=True)),
    st.tuples(st.just("rename"), number, st.sampled_from("xyzab")),
    st.tuples(st.just("merge"), number, number),
    st.tuples(st.just("split"), number, st.sampled_from("xyzab"), st.integers(1, 3)),
    st.tuples(st.just("delete"), number),
    st.tuples(st.just("reorder"), number),
    st.tuples(st.just("describe"), number, st.sampled_from(["", "round things", "what is blue"])),
)


def done(project: Project, plain: Plain, one: tuple) -> Plain | None:  # type: ignore[type-arg]
    """Do one step to the project and to a copy of the model; None where both must refuse it."""
    after, edits = plain.copy(), project.class_edits
    pick = lambda at: plain.names[at % len(plain.names)]  # noqa: E731
    match one:
        case ("relabel", items, at):
            project.journal.record(items, "relabel", pick(at))
            for item in items:
                after.labels[item] = pick(at)
                after.said |= {pick(at)} if plain.given[item] != pick(at) else set()
        case ("keep", item):
            project.journal.record(item, "keep")
            after.labels[item] = plain.given[item]
        case ("add", name, items):
            if name in plain.names:
                return None
            edits.apply(edits.add(name, items))
            after.names.append(name)
            for item in items:
                after.labels[item] = name
            after.said |= {name} if items else set()
        case ("rename", at, name):
            if name in plain.names and name != pick(at):
                return None
            edits.apply(edits.rename(pick(at), name))
            after.called([pick(at)], name)
            after.names = [name if known == pick(at) else known for known in plain.names]
            after.meanings = {name if known == pick(at) else known: said for known, said in plain.meanings.items()}
        case ("merge", at, to):
            if pick(at) == pick(to):
                return None
            edits.apply(edits.merge([pick(at)], pick(to)))
            after.called([pick(at)], pick(to))
            after.names.remove(pick(at))
            lost = after.meanings.pop(pick(at), "")
            after.meanings[pick(to)] = plain.meanings.get(pick(to), "") or lost
        case ("split", at, name, count):
            items = [i for i, label in enumerate(plain.labels) if label == pick(at)]
            if name in plain.names or not items or len(items) <= count:
                return None
            edits.apply(edits.split(pick(at), name, items[:count]))
            after.names.append(name)
            for item in items[:count]:
                after.labels[item] = name
            after.said |= {name}
        case ("delete", at):
            if pick(at) in {*plain.given, *plain.labels, *plain.said} or len(plain.names) < 2:
                return None
            edits.apply(edits.delete(pick(at)))
            after.names.remove(pick(at))
            after.meanings.pop(pick(at), None)
        case ("reorder", at):
            edits.apply(edits.reorder([pick(at)]))
            after.names = [pick(at), *(known for known in plain.names if known != pick(at))]
        case ("describe", at, text):
            edits.apply(edits.describe(pick(at), text))
            after.meanings[pick(at)] = text
    return after


def require_same(project: Project, plain: Plain) -> None:
    told = [project.classes[label] for label in project.labels.tolist()]
    assert (list(project.classes), told) == (plain.names, plain.labels)
    assert [project.classes[label] for label in project.given.tolist()] == plain.given
    assert {one.name: one.meaning for one in project.class_edits.all() if one.meaning} == {
        name: said for name, said in plain.meanings.items() if said
    }
    relabels = [one for item in range(N) for one in project.journal.history(item) if one.verdict == "relabel"]
    assert all(one.name for one in relabels) and project.journal._repr_html_(), "a class whose adding was undone keeps its name"
    assert project.class_edits.counts().tolist() == [plain.labels.count(name) for name in plain.names]


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(step, max_size=14))
def test_any_history_of_classes_and_labels_is_what_a_person_would_write_down(steps: list[tuple], folder: Path) -> None:  # type: ignore[type-arg]
    with Project.open(folder / "project") as project:
        while project.journal.undo():
            pass
        base, states = project.revision, {}
        past, future = [Plain()], []
        for one in steps:
            if one == ("undo",):
                assert (project.journal.undo() is None) == (len(past) == 1)
                future += [past.pop()] if len(past) > 1 else []
            elif one == ("redo",):
                if future:
                    assert project.journal.redo() is not None
                    past.append(future.pop())
            else:
                before = project.revision
                try:
                    after = done(project, past[-1], one)
                except BadcaseError:
                    pytest.fail(f"{one} was refused")
                if after is None:
                    assert project.revision == before
                else:
                    past.append(after)
                    future.clear()
            require_same(project, past[-1])
            states[project.revision] = past[-1].copy()
        for revision, then in states.items():
            view = project.journal.view_at(revision)
            labels = view.told(project.journal.replay.at(revision)[0])
            assert [view.classes[label] for label in labels.tolist()] == then.labels, "told under the classes of that day"
        assert base >= 0
    with Project.open(folder / "project") as again:
        require_same(again, past[-1])


REFUSED = {
    "a name that is taken": lambda edits: edits.add("b"),
    "no name": lambda edits: edits.add("  "),
    "a class that has items": lambda edits: edits.delete("a"),
    "one class merged with itself": lambda edits: edits.merge(["a"], "a"),
    "items of another class": lambda edits: edits.split("a", "new", [1]),
    "all of a class": lambda edits: edits.split("a", "new", [0, 3, 6]),
    "a class that there is not": lambda edits: edits.rename("z", "y"),
    "a key that does something else": lambda edits: edits.key("a", "F2"),
    "no colour": lambda edits: edits.colour("a", "red"),
    "a ruling without a sentence": lambda edits: edits.rule("a", " "),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_before_anything_is_written(what: str, folder: Path) -> None:
    with Project.open(folder / "project") as project:
        while project.journal.undo():
            pass
        revision = project.revision
        with pytest.raises(BadcaseError):
            REFUSED[what](project.class_edits)
        assert project.revision == revision


def test_a_plan_that_is_older_than_the_labels_is_not_done(folder: Path) -> None:
    with Project.open(folder / "project") as project:
        plan = project.class_edits.add("late")
        project.journal.record(0, "keep")
        with pytest.raises(BadcaseError, match="changed since"):
            project.class_edits.apply(plan)
        assert "late" not in project.classes


def test_a_preview_tells_what_the_change_then_does(folder: Path) -> None:
    with Project.open(folder / "project") as project:
        while project.journal.undo():
            pass
        project.journal.record(0, "keep")
        edits = project.class_edits
        plan = edits.merge(["a"], "c")
        seen = edits.preview(plan)
        assert (seen.labels, seen.verdicts, seen.relabelled, seen.rows) == (3, 1, 0, 3)
        split = edits.split("b", "new", [1, 4])
        seen = edits.preview(split)
        assert (seen.labels, seen.relabelled, seen.rows) == (0, 2, 2)
        before = project.labels.copy()
        edits.apply(split)
        assert (project.labels != before).sum() == 2 and project.journal.undo_title == "split new off b"
        project.journal.undo()
        np.testing.assert_array_equal(project.labels, before)


def test_what_a_class_means_is_kept_with_who_said_it(folder: Path) -> None:
    with Project.open(folder / "project") as project:
        edits = project.class_edits
        edits.apply(edits.describe("a", "  what is   red "), who="ann")
        edits.apply(edits.pin("a", 0, note="as red as can be"), who="ann")
        edits.apply(edits.pin("a", 1, fits=False), who="ben")
        edits.apply(edits.rule("a", "If both, then red.", [1]), who="ben")
        one = edits.named("a")
        assert one.meaning == "what is red" and [(pin.item, pin.fits) for pin in one.pins] == [(0, True), (1, False)]
        assert (one.rulings[0].text, one.rulings[0].items) == ("If both, then red.", (1,))
        assert [change.who for change in edits.changes()[:4]] == ["ben", "ben", "ann", "ann"]
        project.journal.undo()
        assert edits.named("a").rulings == () and edits.changes()[0].undone
