"""Items that the data have no more: no list shows them, and nobody is asked to label them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.labelling.of_project import waiting_for_a_label
from badcase.project import Project
from badcase.ui.desktop.review.filtering.filter_syntax import parse
from badcase.ui.desktop.review.filtering.filters import Filter, Pile, pile
from badcase.ui.desktop.review.state.facts import facts_of
from tests.projects import write_texts


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_texts(tmp_path / "t.csv", 60)
    made = Project.create(tmp_path / "p", tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].rsplit(",", 1)[0] + ","  # has no label any more
    (tmp_path / "t.csv").write_text("\n".join([*lines[:1], *lines[3:]]) + "\n", encoding="utf-8")
    made.update()
    return made


def test_what_is_gone_lies_on_no_pile_and_in_no_table(project: Project) -> None:
    with project:
        gone = np.flatnonzero(project.gone)
        assert gone.tolist() == [0, 1] and (project.labels[gone] == -1).all()
        facts = facts_of(project, None, None)
        assert not pile(Pile.ALL, facts)[gone].any() and not np.isin(gone, facts.order).any()
        assert np.flatnonzero(pile(Pile.TO_LABEL, facts)).tolist() == np.flatnonzero(waiting_for_a_label(project)).tolist() == [2]
        shown = np.flatnonzero(Filter().passing(facts))
        assert not np.isin(gone, shown).any() and len(shown) == 58
        assert sum(int(Filter(splits=(part,)).passing(facts).sum()) for part in range(4)) == 58


def test_every_item_is_of_the_revision_of_the_data_that_brought_it(project: Project, tmp_path: Path) -> None:
    with project:
        fields = facts_of(project, None, None).fields
        assert fields is not None and "revision" not in fields.kind_names(), "an update that brought nothing is no kind"
        with (tmp_path / "t.csv").open("a", encoding="utf-8") as file:
            file.write("new1,a train whistles,animals\nnew2,a boat sails,animals\n")
        project.update()
        facts = facts_of(project, None, None)
        assert facts.fields is not None
        kinds = facts.fields.kinds("revision")
        assert list(kinds.names) == ["1", "2"]
        assert [project.items.key(i) for i in np.flatnonzero(kinds.of == 1)] == ["new1", "new2"]
        assert np.flatnonzero(parse("revision:2", facts).passing(facts)).tolist() == np.flatnonzero(kinds.of == 1).tolist()
