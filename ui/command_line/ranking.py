"""`rank` and `audit`: the most suspect labels first, of a project or of arrays from anywhere."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
import typer
from numpy.typing import NDArray

from badcase.auditing import audit as rank_files
from badcase.errors import BadcaseError
from badcase.files import write_whole
from badcase.items import Split
from badcase.journal import VerdictCode
from badcase.language import _
from badcase.project import Project
from badcase.ranking import Ranking
from ui.command_line.output import Output
from ui.command_line.verb import ProjectPath
from ui.reasons import reason_counts, silent_reasons
from ui.wording import about, count

SHOWN = 20  # rows of the table for people, where --top does not say; JSON and CSV then hold the whole queue
Row: TypeAlias = dict[str, Any]
Top = Annotated[int | None, typer.Option(min=1, help="Only the first N.", metavar="N", show_default=False)]
Reasons = Annotated[
    list[str] | None,
    typer.Option("--reason", help="Only items with this reason; may be repeated.", metavar="NAME", show_default=False),
]
CsvFile = Annotated[Path | None, typer.Option("--csv", help="Write the queue here.", metavar="FILE")]


def rank(
    out: Output, project: ProjectPath, top: Top = None, csv_file: CsvFile = None, reason: Reasons = None
) -> None:  # fmt: skip
    """Rank the items whose label looks wrong, those that wait for a verdict; the first is the most suspect."""
    with Project.open(project) as opened:
        ranking = opened.rank()
        waiting = [int(i) for i in _with_reason(ranking, reason) if opened.verdicts[i] == VerdictCode.NONE]
        items = _wanted(out, waiting, top, csv_file)
        rows = [_item_row(opened, ranking, *placed) for placed in enumerate(items, 1)]
        _tell(out, ranking, rows, csv_file, silent_reasons(ranking, opened.kind))


def audit(
    out: Output,
    labels: Annotated[Path, typer.Argument(help="Given labels: .npy, .npz, .csv or .parquet.")],
    probs: Annotated[Path, typer.Argument(help="Out-of-sample class probabilities, a row for each label.")],
    features: Annotated[Path | None, typer.Option(help="Embeddings, a row for each label.", show_default=False)] = None,
    top: Top = None,
    csv_file: CsvFile = None,
) -> None:
    """Rank arrays from anywhere: no project, no model. Rows are counted from 0."""
    ranking = rank_files(labels, probs, features)
    rows = _wanted(out, ranking.order.tolist(), top, csv_file)
    found = [_array_row(ranking, *placed) for placed in enumerate(rows, 1)]
    _tell(out, ranking, found, csv_file, silent_reasons(ranking))


def _with_reason(ranking: Ranking, names: list[str] | None) -> NDArray[np.int64]:
    """The queue, or of it the items that one of these reasons speaks for."""
    if not names:
        return ranking.order
    masks = ranking.reason_masks()
    for name in names:
        if name not in masks:
            known = ", ".join(masks)
            raise BadcaseError(_("there is no such reason here"), where="--reason", expected=known, got=name)
    speaks = np.logical_or.reduce([masks[name] for name in names])
    return ranking.order[speaks[ranking.order]]


def _wanted(out: Output, order: list[int], top: int | None, csv_file: Path | None) -> list[int]:
    return order[: top or (None if out.as_json or csv_file else SHOWN)]


def _item_row(project: Project, ranking: Ranking, place: int, i: int) -> Row:
    names = project.classes
    return {
        "rank": place,
        "key": project.items.key(i),
        "suspicion": round(float(ranking.suspicion[i]), 4),
        "given": names[project.given[i]],
        "suggested": names[ranking.suggested[i]],
        "split": Split(int(project.split[i])).name.lower(),
        "reasons": [reason.text for reason in ranking.reasons(i)],
    }


def _array_row(ranking: Ranking, place: int, i: int) -> Row:
    names = ranking.class_names or range(ranking.probs.shape[1])
    return {
        "rank": place,
        "row": i,
        "suspicion": round(float(ranking.suspicion[i]), 4),
        "given": names[ranking.labels[i]],
        "suggested": names[ranking.suggested[i]],
        "reasons": [reason.text for reason in ranking.reasons(i)],
    }


def _tell(out: Output, ranking: Ranking, rows: list[Row], csv_file: Path | None, silent: list[str]) -> None:
    flagged, errors = int(ranking.flagged.sum()), ranking.expected_errors
    found = reason_counts(ranking)
    out.give(flagged=flagged, expected_errors=errors, reasons=found, not_looked_for=silent, queue=rows)
    if csv_file is not None:
        _write(csv_file, rows)
        out.give(csv=csv_file)
        out.say(str(csv_file))
    elif rows:
        out.table(list(rows[0]), [list(_flat(row).values()) for row in rows], right=[0, 2])
    if found:
        out.say(_("Reasons: {list}").format(list=", ".join(f"{title} {count(n)}" for title, n in found.items())))
    for line in silent:
        out.say(_("Not looked for: {line}").format(line=line))
    out.say(_("{flagged} flagged as wrong; about {errors} wrong labels expected").format(
        flagged=count(flagged), errors=about(errors.value, errors.low, errors.high)))  # fmt: skip


def _write(path: Path, rows: list[Row]) -> None:
    with write_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(map(_flat, rows))


def _flat(row: Row) -> Row:
    return row | {"reasons": "; ".join(row["reasons"])}
