"""`rank` and `audit`: the most suspect labels first, of a project or of arrays from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from badcase.active_learning.errors_left import ErrorsLeft
from badcase.errors import BadcaseError
from badcase.groups.confusions import confusion_matrix, confusion_pairs
from badcase.i18n import _, plural
from badcase.importing import TASKS
from badcase.items import Kind, Split
from badcase.labelling.of_project import Queued
from badcase.labelling.sample import SampleFor, SampleKind, sampled_from
from badcase.progress import Notice
from badcase.project import Project
from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.audit import audit_keyed
from badcase.ranking.multilabel.ranking import MultilabelRanking
from badcase.ranking.ranking import Ranking
from badcase.store.verdicts import VerdictCode
from badcase.ui.command_line.csv_file import CsvFile, Guard, Row, flat, write_csv
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, at_least, one_of, opened_project
from badcase.ui.reason_sentences import reason_counts, silent_reasons
from badcase.ui.wording import count, review_sentence

SHOWN = 20  # rows of the table for people, where --top does not say; JSON and CSV then hold the whole queue
QUEUES = ("label", "relabel", "mixed")
SNIPPET = 60  # letters of a text
PAIRS_SHOWN = 10
Top = Annotated[int | None, typer.Option(callback=at_least(1), help=_("Only the first N."), metavar="N", show_default=False)]
Reasons = Annotated[
    list[str] | None,
    typer.Option("--reason", help=_("Only items with this reason; may be repeated."), metavar="NAME", show_default=False),
]


def rank(
    out: CommandOutput,
    project: ProjectPath,
    queue: Annotated[
        str,
        typer.Option(
            help=_(
                "label: items without a label, those first that teach most; relabel: labels that look wrong; mixed: both by gain."
            ),
            callback=one_of(lambda: QUEUES),
            metavar="QUEUE",
        ),
    ] = "relabel",
    top: Top = None,
    csv_file: CsvFile = None,
    reason: Reasons = None,
    formula_guard: Guard = True,
) -> None:
    """Rank the items whose label looks wrong and that have no verdict yet; the most suspect comes first."""
    with opened_project(out, project, reading=True) as opened:
        if csv_file is not None:
            from badcase.export import check_not_own

            check_not_own(opened, csv_file)
        if queue != "relabel":
            if reason:
                raise BadcaseError(_("only labels that look wrong have such reasons"), where="--reason", got=reason[0])
            _tell_queue(out, opened, queue, top, csv_file, formula_guard)
            return
        ranking = out.run(opened.ranking_anew())
        waiting = [int(i) for i in _with_reason(ranking, reason) if opened.verdicts[i] == VerdictCode.NONE]
        items = _wanted(out, waiting, top, csv_file)
        strange = _strange(ranking)
        rows = (_item_row(opened, ranking, strange, *placed) for placed in enumerate(items, 1))
        counts = opened.counts()
        out.give(review=counts)
        _tell(out, ranking, rows, csv_file, formula_guard, opened)
        out.say(review_sentence(counts))


def _tell_queue(
    out: CommandOutput, project: Project, kind: str, top: int | None, csv_file: Path | None, formula_guard: bool
) -> None:
    """What to label, or to label and to look at again: on the screen or in a file."""
    if kind == "mixed":
        out.run(project.ranking_anew())
    shown = top or (None if out.as_json or csv_file else SHOWN)
    rows = [_queued_row(project, *placed) for placed in enumerate(out.run(project.queueing(kind, shown)), 1)]
    out.give(queue=rows)
    if csv_file is not None:
        write_csv(csv_file, rows, formula_guard, head=[] if rows else ["key", "given", "suggested", "queue"])
        out.give(csv=csv_file)
        out.say(str(csv_file))
    elif rows:
        out.table(list(rows[0]), [list(flat(row).values()) for row in rows], right=[0])
    waiting = int(((project.labels < 0) & (project.verdicts == VerdictCode.NONE) & ~project.gold).sum())
    out.give(to_label=waiting)
    out.say(plural("{n} item waits for a label", "{n} items wait for a label", waiting).format(n=count(waiting)))


def _queued_row(project: Project, place: int, one: Queued) -> Row:
    given, suggested = (project.classes[label] if label >= 0 else "" for label in (one.given, one.suggested))
    text = {"text": _beginning(project.items.text(one.item))} if project.kind is Kind.TEXT else {}
    return {
        "rank": place,
        "key": project.items.key(one.item),
        "given": given,
        "suggested": suggested,
        "queue": str(one.queue),
        "gain": round(one.gain, 6),
        **text,
        "reasons": [one.reason],
    }


def sample(
    out: CommandOutput,
    project: ProjectPath,
    size: Annotated[int, typer.Option(help=_("How many items."), callback=at_least(1), metavar="N")] = 50,
    by: Annotated[
        str,
        typer.Option(
            help=_("random; balanced by class; diverse, as unlike each other as can be; typical of their classes; stratified."),
            callback=one_of(lambda: list(SampleKind)),
            metavar="WAY",
        ),
    ] = "random",
    purpose: Annotated[
        str,
        typer.Option(
            "--for",
            help=_("review: labelled items that nobody has judged; label: items without a label; check: judged ones."),
            callback=one_of(lambda: list(SampleFor)),
            metavar="PURPOSE",
        ),
    ] = "review",
    column: Annotated[
        str | None,
        typer.Option(help=_("Of a stratified sample: a column of the data, split or class."), metavar="NAME", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help=_("The same project and seed give the same items."), metavar="N")] = 0,
    csv_file: CsvFile = None,
    formula_guard: Guard = True,
) -> None:
    """Draw a sample of items to review, to label or to check, and list it."""
    with opened_project(out, project, reading=True) as opened:
        if csv_file is not None:
            from badcase.export import check_not_own

            check_not_own(opened, csv_file)
        drawn = opened.sample(size, by, purpose=purpose, column=column, seed=seed)
        rows = [_sampled_row(opened, *placed) for placed in enumerate(drawn, 1)]
        out.give(sample=rows, of=len(sampled_from(opened, SampleFor(purpose))))
        if csv_file is not None:
            write_csv(csv_file, rows, formula_guard, head=[] if rows else ["place", "key", "label", "split"])
            out.give(csv=csv_file)
            out.say(str(csv_file))
        elif rows:
            out.table(list(rows[0]), [list(row.values()) for row in rows], right=[0])
        out.say(plural("{n} item drawn", "{n} items drawn", len(rows)).format(n=count(len(rows))))


def _sampled_row(project: Project, place: int, i: int) -> Row:
    text = {"text": _beginning(project.items.text(i))} if project.kind is Kind.TEXT else {}
    label = project.classes[project.labels[i]] if project.labels[i] >= 0 else ""
    return {
        "place": place,
        "key": project.items.key(i),
        "label": label,
        "split": Split(int(project.split[i])).name.lower(),
    } | text


def audit(
    out: CommandOutput,
    labels: Annotated[Path, typer.Argument(help=_("Given labels: .npy, .npz, .csv, .tsv, .parquet, .feather or .jsonl."))],
    probs: Annotated[
        Path | None, typer.Argument(help=_("Out-of-sample class probabilities, a row for each label."), show_default=False)
    ] = None,
    features: Annotated[Path | None, typer.Option(help=_("Embeddings, a row for each label."), show_default=False)] = None,
    task: Annotated[
        str | None,
        typer.Option(
            help=_("multiclass or multilabel; found where the labels show it."),
            callback=one_of(lambda: TASKS),
            show_default=False,
        ),
    ] = None,
    top: Top = None,
    csv_file: CsvFile = None,
    formula_guard: Guard = True,
) -> None:
    """Rank arrays from anywhere, by PROBS, --features or both: no project, no model. Rows are counted from 0.

    Files that share a column of keys are matched by it.
    """
    if csv_file is not None and csv_file.resolve() in {path.resolve() for path in (labels, probs, features) if path is not None}:
        raise BadcaseError(_("this file is one of the inputs"), where="--csv", got=str(csv_file), hint=_("Choose another name."))
    found = audit_keyed(labels, probs, features=features, task=task)
    for note in found.notes:
        out.notice(Notice(note))
    ranking = found.ranking
    rows = _wanted(out, ranking.order.tolist(), top, csv_file)
    strange = _strange(ranking)
    told = (_array_row(ranking, strange, found.keys, *placed) for placed in enumerate(rows, 1))
    _tell(out, ranking, told, csv_file, formula_guard)
    _tell_confusions(out, ranking)


def _with_reason(ranking: AnyRanking, names: list[str] | None) -> NDArray[np.int64]:
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


def _wanted(out: CommandOutput, order: list[int], top: int | None, csv_file: Path | None) -> list[int]:
    if csv_file is not None and top is not None and top < len(order):
        words = _("The file has the first {n} of {all} items only.").format(n=count(top), all=count(len(order)))
        out.notice(Notice(words, _("Leave --top out for all of them.")))
    return order[: top or (None if out.as_json or csv_file else SHOWN)]


def _item_row(project: Project, ranking: AnyRanking, strange: NDArray[np.bool_], place: int, i: int) -> Row:
    text = {"text": _beginning(project.items.text(i))} if project.kind is Kind.TEXT else {}
    return {
        "rank": place,
        "key": project.items.key(i),
        "suspicion": round(float(ranking.suspicion[i]), 4),
        "given": _label(ranking, ranking.labels[i]),
        "suggested": "-" if strange[i] else _label(ranking, ranking.suggested[i]),
        "split": Split(int(project.split[i])).name.lower(),
        "queue": "relabel",
        **text,
        "reasons": [reason.text for reason in ranking.reasons(i)],
    }


def _beginning(text: str) -> str:
    """The first words of a text, on one line: enough to know it again."""
    words = " ".join(text[: 4 * SNIPPET].split())
    return words if len(words) <= SNIPPET else words[: SNIPPET - 1].rstrip() + "…"


def _array_row(ranking: AnyRanking, strange: NDArray[np.bool_], keys: Sequence[str] | None, place: int, i: int) -> Row:
    called = {} if keys is None else {"key": keys[i]}
    return {
        "rank": place,
        **called,
        "row": i,
        "suspicion": round(float(ranking.suspicion[i]), 4),
        "given": _label(ranking, ranking.labels[i]),
        "suggested": "-" if strange[i] else _label(ranking, ranking.suggested[i]),
        "reasons": [reason.text for reason in ranking.reasons(i)],
    }


def _label(ranking: AnyRanking, label: Any) -> Any:
    """A class id or name, or the list of them where a row holds any number of labels."""
    names = ranking.class_names or range(ranking.probs.shape[1])
    return [names[int(one)] for one in np.flatnonzero(label)] if np.ndim(label) else names[label]


def _strange(ranking: AnyRanking) -> NDArray[np.bool_]:
    """(n,) the items of none of the classes, which a queue suggests "-" as a file of gold does; found once for all its rows."""
    return ranking.of_no_class if isinstance(ranking, Ranking) else np.zeros(len(ranking.suggested), np.bool_)


def _tell(
    out: CommandOutput,
    ranking: AnyRanking,
    rows: Iterable[Row],
    csv_file: Path | None,
    formula_guard: bool,
    project: Project | None = None,
) -> None:
    """The queue on the screen or, row by row so that millions fit, in a file; then the counts of what waits for a verdict."""
    kind = None if project is None else project.kind
    flagged = int(ranking.flagged.sum()) if project is None else project.counts().flagged
    if isinstance(ranking, Ranking):
        out.give(of_no_class=_of_no_class(ranking, project))
    errors = errors_told(ranking, project)
    out.give(flagged=flagged, expected_errors=errors, known=errors.known, words=errors.words)
    if csv_file is not None and not out.as_json:
        write_csv(csv_file, rows, formula_guard)
    else:
        kept = list(rows)
        out.give(queue=kept)
        if csv_file is not None:
            write_csv(csv_file, kept, formula_guard)
        elif kept:
            out.table(list(kept[0]), [list(flat(row).values()) for row in kept], right=[0, 2])
    if csv_file is not None:
        out.give(csv=csv_file)
        out.say(str(csv_file))
    if isinstance(ranking, Ranking):
        _tell_reasons(out, ranking, kind, None if project is None else project.to_review())
    out.say(_("{flagged} flagged as wrong; wrong labels expected: {errors}").format(flagged=count(flagged), errors=errors.words))
    if isinstance(ranking, Ranking) and (strange := _of_no_class(ranking, project)):
        words = plural("at least {n} item of no class", "at least {n} items of no class", strange)
        out.say(words.format(n=count(strange)))


def _of_no_class(ranking: Ranking, project: Project | None) -> int:
    """How many items without a verdict seem to be of no class; of arrays, how many of all."""
    return int(ranking.of_no_class.sum()) if project is None else project.counts().of_no_class


def errors_told(ranking: AnyRanking, project: Project | None) -> ErrorsLeft:
    """The errors among the items without a verdict; of arrays, which nobody has judged, those of all."""
    left = None if project is None else project.errors_left()
    if left is None:
        all_items = ranking.expected_errors
        left = ErrorsLeft(all_items.value, all_items.low, all_items.high, known=False)
    return left


def _tell_reasons(out: CommandOutput, ranking: Ranking, kind: Kind | None, among: NDArray[np.int64] | None) -> None:
    """How many items each reason speaks for, and which could not be looked for."""
    found, silent = reason_counts(ranking, among), silent_reasons(ranking, kind)
    out.give(reasons=found, not_looked_for=silent)
    if found:
        out.say(_("Reasons: {list}").format(list=", ".join(f"{title} {count(n)}" for title, n in found.items())))
    for line in silent:
        out.say(_("Not looked for: {line}").format(line=line))


def _tell_confusions(out: CommandOutput, ranking: AnyRanking) -> None:
    """Among the flagged: which class is written for which, or which labels are missing and which wrong, most first."""
    if isinstance(ranking, MultilabelRanking):
        title, confusions = _("Flagged labels"), _flagged_labels(ranking)
    else:
        title, confusions = _("Flagged pairs"), _flagged_pairs(ranking)
    out.give(confusions=confusions)
    if confusions:
        out.say(title)
        shown = confusions[:PAIRS_SHOWN]
        out.table(list(shown[0]), [list(row.values()) for row in shown], right=[len(shown[0]) - 1])


def _flagged_pairs(ranking: Ranking) -> list[Row]:
    flagged = np.flatnonzero(ranking.flagged)
    counts = confusion_matrix(ranking.labels[flagged], ranking.suggested_or_none[flagged], ranking.probs.shape[1])
    pairs = confusion_pairs(counts, counts)
    return [
        {"given": _label(ranking, pair.given), "suggested": _label(ranking, pair.suggested), "count": pair.count}
        for pair in pairs
    ]


def _flagged_labels(ranking: MultilabelRanking) -> list[Row]:
    missing = (ranking.label_flagged & ~ranking.labels).sum(0)
    wrong = (ranking.label_flagged & ranking.labels).sum(0)
    most_first = np.argsort(-(missing + wrong), kind="stable")
    return [
        {"label": _label(ranking, int(label)), "missing": int(missing[label]), "wrong": int(wrong[label])}
        for label in most_first
        if missing[label] + wrong[label]
    ]
