"""Further tasks of one network: columns of the project's source, each a class that a head of its own learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models.shaped import ExtraColumn

if TYPE_CHECKING:
    from badcase.project import Project

MOST_CLASSES = 1000
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Task:
    """A further column and the class (n,) that every item of the project has in it; -1 where it is empty."""

    column: ExtraColumn
    labels: npt.NDArray[np.int64]


def names_of(columns: str) -> list[str]:
    """The names in a text "col1,col2"."""
    return list(dict.fromkeys(name.strip() for name in columns.split(",") if name.strip()))


def tasks_of(project: Project, columns: str) -> list[Task]:
    """Each named column, with its sorted values as its classes.

    Refuses a column that is not there, or whose values are no classes: one alone, or so many that they name items.
    """
    most = min(MOST_CLASSES, len(project.items) // 2)
    known, made = project.items.metadata_names, []
    for name in names_of(columns):
        if name not in known:
            raise BadcaseError(
                _("the project has no such column"),
                where="extra_columns",
                expected=", ".join(known) or _("none"),
                got=name,
                hint=_("A further column is a source column without another role."),
            )
        values = [
            None if value is None or value == "" else str(value) for value in project.items.metadata_column(name).to_pylist()
        ]
        classes = sorted({value for value in values if value is not None})
        if not 1 < len(classes) <= most:
            raise BadcaseError(
                _("the values of this column are not classes"),
                where="extra_columns",
                expected=_("2 to {n} different values").format(n=most),
                got=f"{name}: {len(classes)}",
                hint=_("Leave this column out, or name one with classes to learn."),
            )
        numbers: dict[str | None, int] = {value: number for number, value in enumerate(classes)}
        labels = np.array([numbers.get(value, UNKNOWN) for value in values], np.int64)
        made.append(Task(ExtraColumn(name, tuple(classes)), labels))
    return made


def tasks_loss(logits: Sequence[Tensor], labels: Sequence[Tensor]) -> Tensor:
    """(b,) the cross-entropies of the tasks, summed; an item whose class is not known adds nothing to that task.

    logits (b, k) and labels (b,) of each task. Source: Caruana 1997, https://doi.org/10.1023/A:1007379606734
    """
    return torch.stack(
        [
            functional.cross_entropy(made.float(), wanted, reduction="none", ignore_index=UNKNOWN)
            for made, wanted in zip(logits, labels, strict=True)
        ]
    ).sum(0)
