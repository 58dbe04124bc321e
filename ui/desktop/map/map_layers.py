"""The layers of the map: what lies outside the filter, inside it, what is suspected and what is selected, each with its marks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from badcase.maps.point_field import PointField
from badcase.maps.raster import COVERS, Layer, Mark
from badcase.ui.desktop.look.theme import tokens
from badcase.ui.desktop.map.colouring import COLOURS, Colouring, Sort

OUTSIDE, GIVEN, ACCENT = 0, 1, 2  # inks of every map; those of the sorts follow
_FIXED = ("line2", "given", "accent")

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Marked:
    """What of the items (n,) passes the filter, is suspected, and is selected."""

    passing: Mask
    suspected: Mask
    selected: Mask


def ink_names(made: Colouring, lit: Collection[int]) -> list[str]:
    """The token of every ink of a colouring: those of every map, then each that a sort needs once."""
    return list(dict.fromkeys([*_FIXED, *(_ink(made, place, one, lit) for place, one in enumerate(made.sorts))]))


def _ink(made: Colouring, place: int, one: Sort, lit: Collection[int]) -> str:
    """Of many sorts all are grey but those that are lit, which take the colours of classes in their order."""
    if not made.grey:
        return one.ink
    return f"classes.{sorted(lit).index(place) % COLOURS}" if place in lit else "line2"


def colour_of(name: str) -> QColor:
    """The colour of an ink in force now; one that a person chose is itself, in both themes."""
    if name.startswith("#"):
        return QColor(name)
    group, _dot, number = name.partition(".")
    if not number:
        return tokens().ink(group)
    return (tokens().classes if group == "classes" else tokens().ramp)[int(number)]


def colour_table(names: Sequence[str]) -> npt.NDArray[np.uint32]:
    """(256,) the colour of each code of a raster, premultiplied: each ink at each cover, and nothing."""
    table = np.zeros(256, np.uint32)
    for ink, name in enumerate(names):
        colour = colour_of(name)
        parts = np.array([255, colour.red(), colour.green(), colour.blue()])
        for cover in range(1, COVERS + 1):
            alpha, red, green, blue = np.rint(parts * (cover / COVERS)).astype(np.uint32)
            table[16 * ink + cover] = alpha << 24 | red << 16 | green << 8 | blue
    return table


def layers_of(field: PointField, made: Colouring, marked: Marked, lit: Collection[int] = ()) -> list[Layer]:
    """What is drawn of all items but the selected ones, the lowest layer first. lit: sorts that a person asks for."""
    names = ink_names(made, lit)
    inks = np.array([names.index(_ink(made, place, one, lit)) for place, one in enumerate(made.sorts)] + [OUTSIDE], np.uint8)
    suspected = marked.suspected & marked.passing if not made.marks else np.zeros(len(marked.passing), np.bool_)
    layers = [Layer(field.only(~marked.passing), OUTSIDE, Mark.DISC, 2.6, 0.45)]
    inside = field.only(marked.passing & ~suspected)
    sorts = np.asarray(made.of)[inside.items]
    looks = [(one.shape, one.size, one.opacity) for one in made.sorts]
    if made.grey:  # what is lit lies over what is grey
        looks = [(*look, place in lit) for place, look in enumerate(looks)]  # type: ignore[misc]
    if (sorts < 0).any():
        rest = inside.at(np.flatnonzero(sorts < 0))
        layers.append(Layer(rest, OUTSIDE, Mark.DISC, 3.0, 0.75))
    for look in sorted(dict.fromkeys(looks), key=lambda one: one[1:]):
        of_look = np.array([one == look for one in looks] + [False], np.bool_)
        whole = of_look[:-1].all() and not (sorts < 0).any()
        part = inside if whole else inside.at(np.flatnonzero(of_look[sorts]))
        layers.append(Layer(part, inks[np.asarray(made.of)[part.items]], look[0], look[1], look[2], 1.3))
    if suspected.any():
        doubted = field.only(suspected)
        layers.append(Layer(doubted, GIVEN, Mark.RING, 8.4))
        layers.append(Layer(doubted, inks[np.asarray(made.of)[doubted.items]], Mark.DISC, 4.8))
    return [layer for layer in layers if len(layer.field)]


def selected_layers(field: PointField, made: Colouring, marked: Marked, lit: Collection[int] = ()) -> list[Layer]:
    """What is drawn of the selected items, over all others: a ring that tells whether each is suspected."""
    if not marked.selected.any():
        return []
    names = ink_names(made, lit)
    inks = np.array([names.index(_ink(made, place, one, lit)) for place, one in enumerate(made.sorts)] + [OUTSIDE], np.uint8)
    chosen = field.only(marked.selected)
    rings = np.where(marked.suspected[chosen.items], GIVEN, ACCENT).astype(np.uint8)
    return [
        Layer(chosen, rings, Mark.RING, 9.6, 1.0, 1.3),
        Layer(chosen, inks[np.asarray(made.of)[chosen.items]], Mark.DISC, 5.6),
    ]
