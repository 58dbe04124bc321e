"""The backbones that come with the program's packages: names, kinds, and which one suits a project. No torch here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from badcase.items.kinds import Kind

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

PACKAGED: dict[str, Kind] = {"efficientnet-lite0": Kind.IMAGE, "minilm": Kind.TEXT, "chargrams": Kind.TEXT}
SAMPLE = 500
LATIN_ENDS = (0x24F, (0x1E00, 0x1EFF))


def default_backbone(project: ProjectData) -> str:
    """The packaged backbone for a project without a model: by kind, and for texts by their script."""
    if project.kind is Kind.IMAGE:
        return "efficientnet-lite0"
    n = len(project.items)
    rows = np.linspace(0, n - 1, min(n, SAMPLE)).astype(int)
    return "chargrams" if unreadable_share(project.items.text(int(row)) for row in rows) > 0.5 else "minilm"


def unreadable_share(texts: Iterable[str]) -> float:
    """Share of letters outside the Latin script, which is what MiniLM was trained to read."""
    letters = foreign = 0
    for text in texts:
        for letter in filter(str.isalpha, text):
            letters += 1
            code = ord(letter)
            foreign += code > LATIN_ENDS[0] and not LATIN_ENDS[1][0] <= code <= LATIN_ENDS[1][1]
    return foreign / letters if letters else 0.0
