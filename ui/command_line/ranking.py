"""`rank` and `audit`: the most suspect labels first, of a project or of arrays from anywhere."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from badcase.files import write_whole
from badcase.items import Split
from badcase.journal import VerdictCode
from badcase.language import _
from badcase.project import Project
from badcase.ranking import Ranking
from ui.command_line.output import Output
from ui.command_line.verb import ProjectPath
from ui.wording import about, count

COLUMNS = ("rank", "key", "suspicion", "given", "suggested", "split", "reasons")
SHOWN = 20  # rows of the table for people; JSON and CSV hold the whole queue
Top = Annotated[int | None, typer.Option(min=1, help="Only the first N.", metavar="N", show_default=False)]
CsvFile = Annotated[Path | None, typer.Option("--csv", help="Write the queue here.", metavar="FILE")]


def rank(out: Output, project: ProjectPath, top: Top = None, csv_file: CsvFile = None) -> None:
    """Rank the items whose label looks wrong, those that wait for a verdict; the first is the most suspect."""
    with Project.open(project) as opened:
        ranking = opened.rank()
        waiting = [int(i) for i in ranking.order if opened.verdicts[i] == VerdictCode.NONE]
        wanted = top or (None if out.as_json or csv_file else SHOWN)
        _tell(out, ranking, list(_rows(opened, ranking, waiting[:wanted])), csv_file)


def _rows(project: Project, ranking: Ranking, items: Sequence[int]) -> Iterable[dict[str, Any]]:
    for place, i in enumerate(items, start=1):
        yield {
            "rank": place,
            "key": project.items.key(i),
            "suspicion": round(float(ranking.suspicion[i]), 4),
            "given": project.classes[project.given[i]],
            "suggested": project.classes[ranking.suggested[i]],
            "split": Split(int(project.split[i])).name.lower(),
            "reasons": [reason.text for reason in ranking.reasons(i)],
        }


def _tell(out: Output, ranking: Ranking, rows: list[dict[str, Any]], csv_file: Path | None) -> None:
    flagged, errors = int(ranking.flagged.sum()), ranking.expected_errors
    out.give(flagged=flagged, expected_errors=errors, queue=rows)
    if csv_file is not None:
        write_queue(csv_file, rows)
        out.give(csv=csv_file)
    cells = [[*list(row.values())[:-1], "; ".join(row["reasons"])] for row in rows[:SHOWN]]
    out.table(COLUMNS, cells, right=[0, 2])
    out.say(_("{flagged} flagged as wrong; about {errors} wrong labels expected").format(
        flagged=count(flagged), errors=about(errors.value, errors.low, errors.high)))  # fmt: skip
    if csv_file is not None:
        out.say(str(csv_file))


def write_queue(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with write_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(row | {"reasons": "; ".join(row["reasons"])} for row in rows)


def audit(
    out: Output,
    labels: Annotated[Path, typer.Argument(help="Given labels: .npy, .npz, .csv or .parquet.")],
    probs: Annotated[Path, typer.Argument(help="Out-of-sample class probabilities, a row for each label.")],
    features: Annotated[Path | None, typer.Option(help="Embeddings, a row for each label.", show_default=False)] = None,
    csv_file: CsvFile = None,
) -> None:
    """Rank arrays from anywhere: no project, no model."""
