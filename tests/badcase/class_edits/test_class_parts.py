"""What speaks for a change of classes: parts of one for a split, and how well classes are told apart before a merge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.class_edits.class_parts import parts_of_class, suspects_by_class, told_apart
from badcase.project import Project
from tests.projects import predict_from

EACH = 20


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two classes, the first of two clusters that lie apart; three items of it look like the second."""
    rows = [f"k{i},a {'red' if i % 2 else 'round'} thing {i},{'a' if i < 2 * EACH else 'b'}\n" for i in range(3 * EACH)]
    (tmp_path / "things.csv").write_text("key,text,label\n" + "".join(rows))
    with Project.create(tmp_path / "project", tmp_path / "things.csv", text="text", label="label", key="key") as made:
        number = np.array([int(made.items.key(i)[1:]) for i in range(len(made.items))])
        kind = np.where(number < 2 * EACH, number % 2, 2)
        kind[np.isin(number, (4, 8, 12))] = 2
        predict_from(made, np.eye(4)[kind] * 4 + np.random.default_rng(0).normal(0, 0.2, (len(kind), 4)))
        made.rank()
        yield made


def test_a_class_parts_into_its_clusters_and_what_is_suggested_otherwise(project: Project) -> None:
    small, large, swept = parts_of_class(project, "a")
    of_a = np.flatnonzero((project.labels == 0) & ~project.gold)
    assert sorted([*small.items, *large.items]) == of_a.tolist() and len(small.items) <= len(large.items)
    assert small.words.startswith("Cluster: ") and swept.words == "Suggested otherwise: b"
    numbers = {int(project.items.key(int(item))[1:]) for item in swept.items}
    assert numbers and numbers <= {4, 8, 12}
    assert int(suspects_by_class(project)[0]) == int((project.ranking.flagged[of_a]).sum()) > 0
    project.journal.record(int(swept.items[0]), "exclude")
    assert swept.items[0] not in [item for part in parts_of_class(project, "a") for item in part.items]


def test_what_people_tell_apart_is_counted_of_items_that_two_of_them_judged(project: Project) -> None:
    """An exclude or an unsure says nothing of the class."""
    first, second, third = np.flatnonzero((project.labels == 0) & ~project.gold)[:3].tolist()
    for item, label in ((first, 0), (second, 1), (third, 0)):
        project.journal.record(item, "keep", who="ann")
        project.journal.record(item, "relabel", label, who="ben")
    project.journal.record(third, "unsure", who="ben")
    found = told_apart(project, ["a", "b"])
    assert (found.people, found.judged) == (1, 2)
    assert 0 < found.model < found.items == int((~project.gold).sum())


def test_a_merge_may_say_what_the_classes_mean_together(project: Project) -> None:
    edits = project.class_edits
    edits.apply(edits.describe("a", "Things."))
    assert edits.merge(["b"], "a").edit.sets[0]["meaning"] == "Things."
    edits.apply(edits.merge(["b"], "a", meaning=" All  of them. "))
    assert edits.named("a").meaning == "All of them."
    project.journal.undo()
    assert edits.named("a").meaning == "Things."
