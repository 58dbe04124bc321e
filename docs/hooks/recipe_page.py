"""Every knob of a recipe as a page, from the fields that describe themselves."""

from __future__ import annotations

from itertools import groupby

from badcase.training.recipe import KNOBS, PRESETS
from badcase.training.recipe.knobs import Condition, Either, Knob

HEAD = """# Every knob of a recipe

A recipe is everything that decides a training besides the data, the starting weights and the seed. This page is made from
the program's own fields, the same that the form on the Train page, `--set NAME=VALUE` and a recipe file are made from.

```sh
badcase recipe                                   # all of this as a TOML file
badcase recipe my > my.toml                      # with the values that suit the model of a project
badcase recipe --preset image-fine-tuning        # with the values of a preset
badcase train my --set epochs=20 --set patience=5
badcase train my --recipe my.toml
```

A knob that cannot act on this model or beside the other values is refused by name and not ignored. With
`--set method=fine_tune`, `--set method=lora` or `--set method=linear_head` the preset of that method comes along.
"""
PRESET_HEAD = """## Presets

What each preset sets; every other knob is at its default. Without a recipe the preset that suits the model is used.
"""


def recipe_page() -> str:
    """The page as Markdown."""
    parts = [HEAD]
    for group, knobs in groupby(KNOBS.values(), key=lambda knob: knob.group):
        parts += [f"## {group}\n", "| knob | title | default | allowed | what it does |\n|---|---|---|---|---|"]
        parts += [*map(_row, knobs), ""]
    return "\n".join([*parts, PRESET_HEAD, *map(_preset, PRESETS)])


def _row(knob: Knob) -> str:
    cells = [f"`{knob.name}`", knob.title, _default(knob), _allowed(knob), knob.help + _conditions(knob)]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _default(knob: Knob) -> str:
    if knob.default is None or knob.default == "":
        return knob.show(knob.default)
    if isinstance(knob.default, bool):
        return f"`{str(knob.default).lower()}`"
    return f"`{knob.default:g}`" if isinstance(knob.default, int | float) else f"`{knob.default}`"


def _allowed(knob: Knob) -> str:
    if knob.raw_choices:
        return ", ".join(f"`{value}`" for value in knob.raw_choices)
    if knob.type is bool:
        return "`true`, `false`"
    if knob.type is str:
        return f"a text, such as `{knob.example}`"
    whole = ", whole" if knob.type is int else ""
    return f"{knob.bounds}{whole}{f'; {knob.unit}' if knob.unit else ''}"


def _conditions(knob: Knob) -> str:
    """What else has to be for the knob to act; without bars, which a table would take for its own."""
    if not knob.only_with:
        return ""
    return f" Acts only with {', and '.join(map(_condition, knob.only_with))}."


def _condition(one: Condition | Either) -> str:
    if isinstance(one, Either):
        return " (or ".join(" and ".join(map(_condition, way)) for way in one.ways) + ")" * (len(one.ways) - 1)
    return f"`{one.name}` = {' or '.join(f'`{value}`' for value in one.values)}" if one.values else f"`{one}`"


def _preset(name: str) -> str:
    values = PRESETS[name].values()
    changed = [f"`{knob} = {value}`" for knob, value in values.items() if value != KNOBS[knob].default]
    return f"- **{name}**: {', '.join(changed) or 'the defaults'}"
