"""A recipe says what it is, survives its file, and refuses by name what it cannot do."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.training.recipe import KNOBS, PRESETS, Recipe, changed, default_for, fields
from badcase.training.recipe.knobs import Knob
from badcase.training.tuning.quasi_random import Space


def values_of(knob: Knob) -> st.SearchStrategy[object]:
    if knob.choices:
        return st.sampled_from(list(knob.choices))
    if knob.type is bool:
        return st.booleans()
    if knob.example:
        return st.sampled_from(["", "package.module:function", 'with "quotes", \\ and 引号'])
    assert knob.low is not None and knob.high is not None
    if knob.type is int:
        return st.integers(int(knob.low), int(knob.high))
    numbers = st.floats(knob.low, knob.high)
    return st.none() | numbers if knob.optional else numbers


RECIPES = st.fixed_dictionaries({knob.name: values_of(knob) for knob in fields()}).map(lambda values: Recipe(**values))


@given(RECIPES)
def test_every_recipe_survives_its_file(recipe: Recipe) -> None:
    assert Recipe.from_toml(recipe.to_toml()) == recipe
    assert Recipe.from_toml(recipe.to_toml(explained=False)) == recipe


@given(RECIPES, RECIPES)
def test_the_difference_of_two_recipes_is_what_it_takes_to_get_from_one_to_the_other(a: Recipe, b: Recipe) -> None:
    changed = {knob.name for knob in fields() if getattr(a, knob.name) != getattr(b, knob.name)}
    assert len(a.difference(b)) == len(changed)
    text = {name: "" if getattr(b, name) is None else str(getattr(b, name)) for name in changed}
    assert a.replace_from(text) == b


@given(RECIPES, st.sampled_from(["image", "text"]), st.sampled_from(["multiclass", "multilabel"]))
def test_a_settled_recipe_has_no_idle_knob(recipe: Recipe, kind: str, task: str) -> None:
    settled = replace(recipe, epochs=10_000).settled(kind, task=task)
    settled.check(kind, task=task)
    assert not {name for name in settled.idle(kind, task=task) if getattr(settled, name) != getattr(Recipe(), name)}


def test_a_file_may_begin_with_the_mark_of_windows_editors(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text("epochs = 7\n", encoding="utf-8-sig")
    assert Recipe.load(tmp_path / "r.toml").epochs == 7


def test_every_knob_describes_itself() -> None:
    for knob in fields():
        assert knob.title and knob.group and knob.help.endswith("."), knob.name
        assert knob.choices or knob.example or knob.type is bool or (knob.low is not None and knob.high is not None), knob.name
        assert knob.help in Recipe().to_toml()


@pytest.mark.parametrize(
    ("changes", "where", "says"),
    [
        ({"los": "focal"}, "los", "loss"),
        ({"loss": "focl"}, "loss", "focal"),
        ({"epochs": "0"}, "epochs", "1 to 10000"),
        ({"epochs": "2.5"}, "epochs", "whole number, got 2.5"),
        ({"learning_rate": "fast"}, "learning_rate", "fast"),
        ({"learning_rate": math.nan}, "learning_rate", "nan"),
        ({"flip": "perhaps"}, "flip", "true | false"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_what_was_expected_and_what_came(
    changes: dict[str, object], where: str, says: str
) -> None:
    with pytest.raises(BadcaseError) as caught:
        Recipe().replace_from(changes)
    assert caught.value.where == where
    assert says in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("changes", "kind", "name"),
    [
        ({"flip": True}, "text", "flip"),
        ({"method": "linear_head", "crop": 0.1}, "image", "crop"),
        ({"focal_gamma": 3.0}, "image", "focal_gamma"),
        ({"step_every": 2}, "image", "step_every"),
        ({"minimum_checks": 4}, "image", "minimum_checks"),
        ({"freeze": "nothing", "head_epochs": 2}, "image", "head_epochs"),
        ({"epochs": 1}, "image", "head_epochs"),
    ],
)
def test_a_knob_that_cannot_act_is_refused_by_name(changes: dict[str, object], kind: str, name: str) -> None:
    with pytest.raises(BadcaseError) as caught:
        Recipe().replace_from(changes).check(kind)
    assert caught.value.where == name


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_can_be_used(name: str) -> None:
    PRESETS[name].check("text" if "text" in name else "image")


def test_the_default_suits_the_model() -> None:
    assert default_for({"kind": "linear_head"}).method == "linear_head"
    assert default_for({"kind": "hugging_face"}, "text").learning_rate < default_for({}, "image").learning_rate


def test_another_method_brings_its_preset_along_and_leaves_alone_what_any_method_has() -> None:
    head = PRESETS["linear-head"].replace_from({"validation": "grouped", "suspects": "out"})
    network = changed(head, {"method": "fine_tune", "epochs": 3}, "text")
    assert network == PRESETS["text-fine-tuning"].replace_from({"validation": "grouped", "suspects": "out", "epochs": 3})
    assert changed(network, {"method": "linear_head"}, "text") == head
    assert changed(head, {"learning_rate": 0.5}, "text") == replace(head, learning_rate=0.5)


def test_a_file_that_is_not_toml_is_refused_and_a_part_of_one_keeps_the_rest() -> None:
    with pytest.raises(BadcaseError, match="not TOML"):
        Recipe.from_toml("epochs = = 3")
    base = PRESETS["linear-head"]
    assert Recipe.from_toml("epochs = 3") == Recipe(epochs=3)
    assert "dropout" not in tomllib.loads(base.to_toml())


@pytest.mark.parametrize("kind", ["a pipe", "a device", "a huge file", "a deep one", "no text"])
@pytest.mark.parametrize("load", [Recipe.load, Space.load], ids=["recipe", "space"])
def test_a_hostile_file_of_a_recipe_is_refused_and_nobody_waits_for_it(
    load: Callable[[Path], object], kind: str, tmp_path: Path
) -> None:
    """A pipe was waited for, and a device read, without an end."""
    path = tmp_path / "r.toml"
    match kind:
        case "a pipe":
            os.mkfifo(path)
        case "a device":
            path.symlink_to("/dev/zero")
        case "a huge file":
            with path.open("wb") as file:
                file.truncate(1 << 40)
        case "a deep one":
            path.write_text("epochs = " + "[" * 100_000)
        case _:
            path.write_bytes(bytes(range(256)))
    with pytest.raises(BadcaseError, match=r"cannot be read|not TOML") as refused:
        load(path)
    assert refused.value.where == str(path)


def test_one_epoch_of_a_network_trains_all_of_it_unless_asked_otherwise() -> None:
    """The preset trains the head alone for an epoch first, and so refused a single one."""
    head = PRESETS["linear-head"]
    once = changed(head, {"method": "fine_tune", "epochs": "1", "checks": "20"}, "text")
    once.check("text", "pretrained")
    assert once.freeze == "nothing" and once.checks == 20
    asked = changed(head, {"method": "fine_tune", "epochs": 1, "freeze": "head_first"}, "text")
    with pytest.raises(BadcaseError, match="head"):
        asked.check("text", "pretrained")
    for name in ("patience", "minimum_checks"):  # what they count
        assert KNOBS[name].unit == "checks"


def test_a_switch_behind_the_end_is_refused() -> None:
    Recipe(optimizer="adam_then_sgd", epochs=5, switch_epoch=4).check("text")
    with pytest.raises(BadcaseError, match="switch_epoch"):
        Recipe(optimizer="adam_then_sgd", epochs=5, switch_epoch=5).check("text")
