"""How items are divided: no near-duplicate, group or moment on both sides, every class where it can be."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.training.data.splitting import Division, divide, hold_out
from badcase.training.data.training_set import build_training_set, outer_folds
from badcase.training.recipe import PRESETS
from badcase.training.recipe.enums import Start, Validation
from badcase.training.tuning.trial_judge import TrialJudge
from tests.training.projects import FILLER, WORDS, taught

ANEW = [Validation.STRATIFIED, Validation.GROUPED, Validation.TIME]


def write_dated_texts(path: Path, n: int, *, columns: tuple[str, ...] = ("group", "time")) -> None:
    """Texts in groups of seven, one a day; every ninth has a copy of another day and group."""
    rng = np.random.default_rng(0)
    names, rows = list(WORDS), []
    for i in range(n):
        name = names[int(rng.integers(3))]
        text = f"{i} {' '.join([*rng.choice(WORDS[name].split(), 2), *rng.choice(FILLER, 4)])}"
        split = "test" if i % 10 == 9 else "train"
        rows.append({"id": f"t{i}", "text": text, "label": name, "group": f"g{i // 7}", "time": 1000.0 + i // 2, "split": split})
    for i in range(0, n, 9):
        rows.append(rows[i] | {"id": f"copy{i}", "group": f"g{(i * 5 + 40) % n // 7}", "time": 1000.0 + (i * 5 + 40) % n})
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["id", "text", "label", *columns], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("dated")
    write_dated_texts(folder / "texts.csv", 260)
    made = Project.create(folder / "project", folder / "texts.csv", group="group", time="time")
    assert len(np.unique(made.items.twins)) < len(made.items)
    yield made
    made.close()


def parts(project: Project, how: Validation) -> list[Division]:
    items = np.flatnonzero(~project.gold)
    labels = project.labels[items].astype(np.int64)
    return [hold_out(project, items, labels, how, 0.2, 3), *divide(project, items, labels, how, 4, 3)]


@pytest.mark.parametrize("how", ANEW)
def test_near_duplicates_never_stand_on_both_sides(project: Project, how: Validation) -> None:
    twins = project.items.twins
    for part in parts(project, how):
        assert len(part.train) and len(part.held)
        assert not np.isin(twins[part.train], twins[part.held]).any()


def test_groups_stay_whole(project: Project) -> None:
    groups = project.items.groups
    assert groups is not None
    for part in parts(project, Validation.GROUPED):
        assert not np.isin(groups[part.train], groups[part.held]).any()


def test_groups_that_are_not_kept_whole_are_told(project: Project) -> None:
    for how, told in ((Validation.STRATIFIED, True), (Validation.GROUPED, False)):
        for part in parts(project, how):
            assert any("groups have items on both sides" in note for note in part.notes) == told


def test_nothing_is_learnt_from_the_future(project: Project) -> None:
    time = project.items.time
    assert time is not None
    whole, *folds = parts(project, Validation.TIME)
    for part in (whole, *folds):
        assert time[part.train].max() < time[part.held].min()
    assert [len(fold.train) for fold in folds] == sorted(len(fold.train) for fold in folds)  # the window grows
    held = np.concatenate([fold.held for fold in folds])
    assert len(np.unique(held)) == len(held)
    assert time[held].max() == time[~project.gold].max()


@pytest.mark.parametrize("column", ["group", "time"])
def test_what_judges_a_tuning_or_a_checkpoint_keeps_to_groups_and_times_unasked(tmp_path: Path, column: str) -> None:
    write_dated_texts(tmp_path / "texts.csv", 260, columns=(column, "split"))
    recipe = PRESETS["linear-head"]
    with Project.create(tmp_path / "project", tmp_path / "texts.csv", **{column: column}) as project:
        project.journal.record(np.flatnonzero(project.split == 1).tolist(), "exclude")  # so that a training sets some apart
        training_set = build_training_set(project, recipe)
        judge = TrialJudge(project, recipe, Start.PRETRAINED, folds=3, seed=0, device=None, ends=float("inf"))
        apart = Division(training_set.train.items, training_set.validation.items)
        groups, time, twins = project.items.groups, project.items.time, project.items.twins
        for part in (apart, *judge.parts):
            assert len(part.train) and len(part.held)
            assert groups is None or not np.isin(groups[part.train], groups[part.held]).any()
            if time is not None:  # a near-duplicate is as late as its latest copy
                latest = np.array([time[twins == twin].max() for twin in twins])
                assert latest[part.train].max() < latest[part.held].min()


@pytest.fixture
def longitudinal(tmp_path: Path) -> Iterator[Project]:
    """Items of 30 groups, each at its own times and one in five without any; and whose folds the split of the project deals."""
    rows = [f"t{i},a{i} b{i} c{i} d{i},{i % 3},g{i // 8},{'' if i % 5 == 0 else 1000 + i // 3 + i % 2}" for i in range(240)]
    (tmp_path / "texts.csv").write_text("\n".join(["id,text,label,group,time", *rows]), encoding="utf-8")
    with Project.create(tmp_path / "project", tmp_path / "texts.csv", group="group", time="time") as made:
        yield made


def test_as_made_keeps_groups_whole_in_time_and_items_without_a_time_in_the_past(longitudinal: Project) -> None:
    for part in parts(longitudinal, Validation.PROJECT):
        groups, time = longitudinal.items.groups, longitudinal.items.time
        assert groups is not None and time is not None
        latest = np.array([np.nanmax(time[groups == group]) for group in groups])
        assert latest[part.train].max() < latest[part.held].min()
        assert len(part.train) and len(part.held) and not np.isin(groups[part.train], groups[part.held]).any()
        assert np.isnan(time[part.train]).any() and not part.notes


@pytest.mark.parametrize("columns", [{"group": "which"}, {"time": "which"}])
def test_too_few_groups_or_times_are_dealt_by_class_where_nobody_asked_for_them(tmp_path: Path, columns: dict[str, str]) -> None:
    rows = [f"t{i},a{i} b{i} c{i} d{i},{i % 3},{2020 + i % 2}" for i in range(90)]
    (tmp_path / "texts.csv").write_text("\n".join(["id,text,label,which", *rows]), encoding="utf-8")
    with Project.create(tmp_path / "project", tmp_path / "texts.csv", **columns) as project:
        held = [part.held for part in parts(project, Validation.PROJECT)[1:]]
        assert sorted(np.concatenate(held)) == np.flatnonzero(~project.gold).tolist()
        assert all("too few different times or groups" in part.notes[0] for part in parts(project, Validation.PROJECT)[1:])
        how = Validation.GROUPED if "group" in columns else Validation.TIME
        with pytest.raises(BadcaseError):
            parts(project, how)


def test_of_groups_a_hold_out_takes_those_that_fit_and_says_where_a_class_goes_with_them(tmp_path: Path) -> None:
    rows = [f"t{i},a{i} b{i} c{i} d{i},{label},{label},train" for i, label in enumerate("a" * 80 + "b" * 8 + "c" * 14)]
    (tmp_path / "texts.csv").write_text("\n".join(["id,text,label,group,split", *rows, "last,none,a,d,test"]), encoding="utf-8")
    with Project.create(tmp_path / "project", tmp_path / "texts.csv", group="group") as project:
        items, labels = np.flatnonzero(project.split == 0), project.labels.astype(np.int64)
        for seed in range(20):
            part = hold_out(project, items, labels[items], Validation.GROUPED, 0.1, seed)
            assert {project.classes[label] for label in labels[part.held]} == {"b"}
            assert part.notes == ("All items of 1 class are held out, so that it cannot be learnt.",)


@pytest.mark.parametrize("how", [Validation.STRATIFIED, Validation.GROUPED])
def test_each_item_is_held_out_once(project: Project, how: Validation) -> None:
    whole, *folds = parts(project, how)
    items = np.flatnonzero(~project.gold)
    np.testing.assert_array_equal(np.sort(np.concatenate([fold.held for fold in folds])), items)
    for part in (whole, *folds):
        np.testing.assert_array_equal(np.union1d(part.train, part.held), items)
        assert len(part.held) == pytest.approx(len(items) * (0.2 if part is whole else 0.25), rel=0.3)


def test_a_stratified_part_has_the_shares_of_all(project: Project) -> None:
    items = np.flatnonzero(~project.gold)
    expected = np.bincount(project.labels[items], minlength=3) / len(items)
    for part in parts(project, Validation.STRATIFIED):
        shares = np.bincount(project.labels[part.held], minlength=3) / len(part.held)
        np.testing.assert_allclose(shares, expected, atol=0.06)


@pytest.mark.parametrize("how", ANEW)
def test_the_seed_decides_and_nothing_else(project: Project, how: Validation) -> None:
    for one, again in zip(parts(project, how), parts(project, how), strict=True):
        np.testing.assert_array_equal(one.held, again.held)
    items = np.flatnonzero(~project.gold)
    other = hold_out(project, items, project.labels[items].astype(np.int64), how, 0.2, 4)
    assert np.array_equal(other.held, parts(project, how)[0].held) == (how is Validation.TIME)


def test_a_class_of_one_item_trains_and_a_fold_that_must_hold_it_out_says_so(project: Project) -> None:
    items = np.flatnonzero(~project.gold)
    labels = project.labels[items].astype(np.int64)
    lonely = int(np.flatnonzero(np.bincount(project.items.twins)[project.items.twins[items]] == 1)[0])
    labels[lonely] = 7
    for seed in range(30):
        assert items[lonely] in hold_out(project, items, labels, Validation.STRATIFIED, 0.4, seed).train
    notes = [note for fold in divide(project, items, labels, Validation.STRATIFIED, 5, 0) for note in fold.notes]
    assert sum("all items of 1 class and cannot learn it" in note for note in notes) == 1


def test_what_cannot_be_divided_is_refused_with_a_remedy(project: Project, tmp_path: Path) -> None:
    items = np.flatnonzero(~project.gold)[:4]
    labels = project.labels[items].astype(np.int64)
    for how, what in (
        (Validation.STRATIFIED, "too few separate groups"),
        (Validation.GROUPED, "too few separate groups"),
        (Validation.TIME, "too few different times"),
    ):
        with pytest.raises(BadcaseError, match=what) as caught:
            divide(project, items, labels, how, 9, 0)
        assert "fewer folds" in caught.value.hint
    write_dated_texts(tmp_path / "texts.csv", 60, columns=())
    with Project.create(tmp_path / "project", tmp_path / "texts.csv") as plain:
        for how in (Validation.GROUPED, Validation.TIME):
            with pytest.raises(BadcaseError, match=r"no (group|time) column"):
                build_training_set(plain, PRESETS["linear-head"].replace_from({"validation": how}))


def test_items_without_a_time_take_no_part_and_are_counted(project: Project) -> None:
    items = np.flatnonzero(~project.gold)
    time = project.items.time
    assert time is not None
    kept = time.copy()
    try:
        project.items.__dict__["time"] = np.where(np.arange(len(time)) == items[0], np.nan, time)
        part = hold_out(project, items, project.labels[items].astype(np.int64), Validation.TIME, 0.2, 0)
    finally:
        project.items.__dict__["time"] = kept
    assert items[0] not in np.union1d(part.train, part.held)
    assert "1 item has no time" in part.notes[0]


@pytest.mark.parametrize("how", ANEW)
def test_what_is_fitted_inside_an_outer_fold_sees_no_outer_item(project: Project, how: Validation) -> None:
    recipe = PRESETS["linear-head"].replace_from({"validation": how, "folds": 4, "soft_labels": True, "unsure": "soft"})
    items = np.flatnonzero(~project.gold & (project.split < 2))
    project.journal.record(items[::10].tolist(), "unsure", who="ann")
    for who, verdict in (("ann", 0), ("bob", 1), ("cem", 1)):
        project.journal.record(items[1::6].tolist(), "relabel", verdict, who=who)
    for fold in outer_folds(project, recipe, seed=5):
        inner = build_training_set(project, recipe, seed=5, within=fold.train)
        seen = np.union1d(inner.train.items, inner.validation.items)
        assert inner.soft and set(seen) <= set(fold.train)
        assert not np.isin(project.items.twins[seen], project.items.twins[fold.held]).any()
        # Other verdicts on what is held out change nothing of what is learnt.
        project.journal.record(fold.held.tolist(), "relabel", 2, who="ann")
        project.journal.record(fold.held.tolist(), "relabel", 1, who="bob")
        again = build_training_set(project, recipe, seed=5, within=fold.train)
        project.journal.undo()
        project.journal.undo()
        for name in ("items", "labels", "weights"):
            np.testing.assert_array_equal(getattr(inner.train, name), getattr(again.train, name))
        np.testing.assert_array_equal(taught(inner.train), taught(again.train))
    for _batch in range(4):
        project.journal.undo()
