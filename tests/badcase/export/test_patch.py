"""A patch carries verdicts to another copy of the data, whatever its order or names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.export import apply_patch, export, preview
from badcase.progress import finish
from badcase.project import Project


def project(path: Path, order: list[int], *, classes: str = "abc") -> Project:
    rows = [f"k{at},words {i * 7919},{classes[i % 3]}" for at, i in enumerate(order)]
    path.with_suffix(".csv").write_text("\n".join(["id,text,label", *rows]), encoding="utf-8")
    return Project.create(path, path.with_suffix(".csv"))


def test_a_patch_finds_the_same_content_in_another_order(tmp_path: Path) -> None:
    order = np.random.default_rng(0).permutation(30).tolist()
    with project(tmp_path / "one", list(range(30))) as one, project(tmp_path / "two", order) as two:
        one.journal.record([4, 7], "relabel", [2, 0])
        one.journal.record([5], "exclude")
        one.journal.record([6], "unsure")
        finish(export(one, tmp_path / "c.patch", format="patch"))
        changes = apply_patch(two, tmp_path / "c.patch")
        for at, i in enumerate(order):
            assert two.verdicts[at] == one.verdicts[i] and two.labels[at] == one.labels[i]
        assert changes.items == {order.index(i) for i in (4, 5, 6, 7)} and changes.title == "4 verdicts applied"
        assert apply_patch(two, tmp_path / "c.patch").items == frozenset(), "what stands already is not said again"


def test_verdicts_without_a_match_are_counted(tmp_path: Path) -> None:
    with project(tmp_path / "one", list(range(30))) as one, project(tmp_path / "two", list(range(20))) as two:
        one.journal.record([2, 25], "keep")
        finish(export(one, tmp_path / "c.patch", format="patch"))
        assert apply_patch(two, tmp_path / "c.patch").title == "1 verdict applied, 1 without a match"


def test_a_class_that_the_project_lacks_is_no_match(tmp_path: Path) -> None:
    with project(tmp_path / "one", list(range(30))) as one, project(tmp_path / "two", list(range(30)), classes="abd") as two:
        one.journal.record([0], "relabel", 2)
        finish(export(one, tmp_path / "c.patch", format="patch"))
        assert "1 without a match" in apply_patch(two, tmp_path / "c.patch").title and not two.verdicts.any()


@pytest.mark.parametrize("content", ["", "words", "{}", '{"badcase_patch": 99}', '{"badcase_patch": 1}\n{"verdict": "eat"}'])
def test_a_broken_patch_is_refused_and_nothing_is_recorded(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.patch").write_text(content)
    with project(tmp_path / "one", list(range(12))) as one:
        with pytest.raises(BadcaseError) as refusal:
            apply_patch(one, tmp_path / "x.patch")
        assert refusal.value.hint and not one.verdicts.any()


def test_what_a_patch_will_hold_is_told_before_it_is_written(tmp_path: Path) -> None:
    """Keeping and being unsure change no label, so that three verdicts were told as one label and one item left out."""
    with project(tmp_path / "one", list(range(30))) as one:
        one.journal.record([4], "relabel", [2])
        one.journal.record([5], "exclude")
        one.journal.record([6], "keep")
        told = preview(one, "patch").sentences
        assert told == ["1 label is corrected.", "3 verdicts are written, each with its reviewer and time."]
        finish(export(one, tmp_path / "c.patch", format="patch"))
        assert len((tmp_path / "c.patch").read_text(encoding="utf-8").splitlines()) == 1 + 3
