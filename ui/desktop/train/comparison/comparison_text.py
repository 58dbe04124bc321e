"""A comparison of two runs, put into the words and rows of the comparison view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from badcase.i18n import _, plural
from badcase.items import Kind
from badcase.items.label_sets import set_name
from badcase.project import Project
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.store.temperature import read_temperature
from badcase.training.comparison.compare import Comparison, compare
from badcase.training.comparison.mcnemar import ComparisonOutcome
from badcase.training.comparison.paired_measures import Measure
from badcase.training.metrics.single_label import item_losses, probabilities, wrong
from badcase.training.run_folder.run_answers import run_logits, run_thresholds
from badcase.training.tuning.run_titles import title_of
from badcase.training.tuning.tuning_folder import SEARCHES
from badcase.ui import wording
from badcase.ui.desktop.gold.why_not import why_no_check
from badcase.ui.desktop.plots.intervals import IntervalRow
from badcase.ui.desktop.train.comparison.changed_items import Answer
from badcase.ui.desktop.train.comparison.comparison_view import ComparisonShown

MOST = 50  # items of which B is surer, or less sure
LEAST = 0.02  # of log loss: less is nothing to look at


def comparable(project: Project) -> list[RunRow]:
    """The runs that came to their end, oldest first; what looks for a recipe has no predictions of gold."""
    done = [run for run in project.runs.all() if run.state is RunState.DONE and run.kind not in SEARCHES]
    return [replace(run, title=title_of(project, run)) for run in done]


def usual_pair(project: Project, chosen: int | None) -> tuple[int, int] | None:
    """What Compare would compare: the chosen run, or the newest, against its parent, or the run before it."""
    done = [run.id for run in comparable(project)]
    if len(done) < 2:
        return None
    b = chosen if chosen in done and chosen != done[0] else done[-1]
    parent = project.runs.get(b).parent
    return (parent if parent in done and parent != b else done[done.index(b) - 1]), b


def comparison_shown(project: Project, a: int, b: int) -> ComparisonShown:
    """Compare two runs on gold and say everything that the view shows."""
    found, current = compare(project, a, b), project.runs.current
    gold = wording.count(found.gold)
    facts = [
        (_("Gold"), plural("{n} item, locked", "{n} items, locked", found.gold).format(n=gold)),
        (_("McNemar, mid-p") if found.labels is None else _("Paired resamples"), _p_value(found.mcnemar_p)),
    ]
    if found.labels is not None:
        fixed, broke = map(wording.count, found.labels)
        facts.append((_("Labels"), _("{fixed} fixed, {broke} broken").format(fixed=fixed, broke=broke)))
    return ComparisonShown(
        a=a,
        b=b,
        runs=[(run.id, _run_text(run)) for run in comparable(project)],
        title=found.title,
        sentence=_sentence(found, project.kind),
        caution=found.caution,
        stands_on=found.stands_on,
        why_no_check=why_no_check(project),
        better=True if found.better else False if found.worse else None,
        facts=facts,
        rows=[interval_row(measure) for measure in found.measures],
        counts=(found.both_right, len(found.broke), len(found.fixed), found.both_wrong),
        gold=plural("{n} gold item", "{n} gold items", found.gold).format(n=gold),
        fixed=_answers(project, found.fixed, a, b),
        broke=_answers(project, found.broke, a, b),
        **_beside(project, found),
        several=found.labels is not None,
        why_not_accept=_why_not_accept(project.runs.get(b), in_use=current is not None and current.id == b),
    )


def _why_not_accept(run: RunRow, *, in_use: bool) -> str:
    if in_use:
        return _("Run {n} is in use already").format(n=run.id)
    return _("A cross-validation keeps no model") if run.kind is RunKind.CROSS_VALIDATION else ""


def interval_row(measure: Measure) -> IntervalRow:
    """A measure as one row: shares in points, all else on a scale of its own, and right always better."""
    sign = 1 if measure.higher_is_better else -1
    low, high = sorted((sign * measure.low, sign * measure.high))
    unit = 100 if measure.higher_is_better else 1
    a, b, change, _span = measure.texts
    return IntervalRow(
        measure.title[:1].upper() + measure.title[1:],
        a,
        b,
        change,
        sign * unit * measure.difference,
        unit * low,
        unit * high,
        own_scale=not measure.higher_is_better,
    )


def _sentence(found: Comparison, kind: Kind) -> str:
    main = found.measures[0]
    points = _("{measure} on gold {difference} points, between {low} and {high}.").format(
        measure=main.title[:1].upper() + main.title[1:],
        difference=wording.signed(100 * main.difference),
        low=wording.signed(100 * main.low),
        high=wording.signed(100 * main.high),
    )
    fixed, broke = len(found.fixed), len(found.broke)
    flips = _flips(kind, fixed) if found.labels is None else _label_flips(kind, fixed)
    said = f"{points} {flips.format(fixed=wording.count(fixed), broke=wording.count(broke))}"
    if found.outcome in (ComparisonOutcome.PERHAPS_BETTER, ComparisonOutcome.PERHAPS_WORSE):
        return f"{said} " + _("That is not enough to call it.")
    if found.outcome is ComparisonOutcome.WITHIN_SEEDS:
        return f"{said} " + _("Other seeds differ as much: {over}.").format(over=found.seeds)
    return said


def _flips(kind: Kind, fixed: int) -> str:
    if kind is Kind.IMAGE:
        return plural("It fixes {fixed} image and breaks {broke}.", "It fixes {fixed} images and breaks {broke}.", fixed)
    return plural("It fixes {fixed} text and breaks {broke}.", "It fixes {fixed} texts and breaks {broke}.", fixed)


def _label_flips(kind: Kind, fixed: int) -> str:
    if kind is Kind.IMAGE:
        return plural(
            "Of {fixed} image it has fewer labels wrong, of {broke} more.",
            "Of {fixed} images it has fewer labels wrong, of {broke} more.",
            fixed,
        )
    return plural(
        "Of {fixed} text it has fewer labels wrong, of {broke} more.",
        "Of {fixed} texts it has fewer labels wrong, of {broke} more.",
        fixed,
    )


def _p_value(p: float) -> str:
    return _("p < 0.0001") if p < 1e-4 else _("p = {p}").format(p=f"{p:.4f}" if p < 0.01 else f"{p:.2f}")


def _run_text(run: RunRow) -> str:
    return _("Run {n}  ·  {title}").format(n=run.id, title=run.title)


def _answers(project: Project, items: Sequence[int], a: int, b: int, *, sort: bool = True) -> list[Answer]:
    """Both answers to each item; sort: those of which B is surest first."""
    if not len(items):
        return []
    rows = np.asarray(items, np.int64)
    runs, labels = [project.runs.get(run) for run in (a, b)], project.taxonomy.answers(project.checked_labels[rows])
    of_a, of_b = (run_logits(project, run)[rows] for run in runs)
    thresholds_a, thresholds_b = (run_thresholds(project, run) for run in runs)
    (said_a, _sure), (said_b, sure) = _said(project, of_a, runs[0]), _said(project, of_b, runs[1])
    right_a, right_b = wrong(of_a, labels, thresholds_a) == 0, wrong(of_b, labels, thresholds_b) == 0
    is_text = project.kind is Kind.TEXT
    answers = [
        Answer(
            int(item),
            " ".join(project.items.text(item).split()) if is_text else project.items.key(item),
            said_a[i],
            said_b[i],
            bool(right_a[i]),
            bool(right_b[i]),
            float(sure[i]),
        )
        for i, item in enumerate(rows.tolist())
    ]
    return sorted(answers, key=lambda answer: (-answer.sure, answer.item)) if sort else answers


def _beside(project: Project, found: Comparison) -> dict[str, list[Answer]]:
    """What there is to see where no answer changed sides: what both got wrong, and of what B is surer and less sure."""
    if found.fixed and found.broke:
        return {}
    rows = np.array(found.items, np.int64)
    labels, flipped = project.taxonomy.answers(project.checked_labels[rows]), np.isin(rows, [*found.fixed, *found.broke])
    runs = [project.runs.get(run) for run in (found.a, found.b)]
    logits = [run_logits(project, run)[rows] for run in runs]
    wrongs = [wrong(of, labels, run_thresholds(project, run)) for of, run in zip(logits, runs, strict=True)]
    gained = item_losses(logits[0], labels) - item_losses(logits[1], labels)
    both_wrong, settled = ~flipped & (wrongs[0] > 0), ~flipped & (wrongs[0] == 0)
    order = np.argsort(-gained, kind="stable")
    surer, less_sure = (order[settled[order] & (gained[order] > LEAST)], order[::-1][(settled & (gained < -LEAST))[order[::-1]]])
    chosen = {"both_wrong": np.flatnonzero(both_wrong), "surer": surer[:MOST], "less_sure": less_sure[:MOST]}
    return {
        name: _answers(project, rows[of].tolist(), found.a, found.b, sort=name == "both_wrong") for name, of in chosen.items()
    }


def _said(project: Project, logits: npt.NDArray[np.floating], run: RunRow) -> tuple[list[str], npt.NDArray[np.float64]]:
    """What a run answered, in words, and how surely (m,): of several labels, by the least sure."""
    several, names = project.task == "multilabel", project.label_names
    probs = probabilities(np.asarray(logits, np.float64) / read_temperature(run.folder), several=several)
    if not several:
        return [names[one] for one in logits.argmax(1)], probs.max(1)
    said = logits > run_thresholds(project, run)
    return [set_name(names[label] for label in np.flatnonzero(row)) for row in said], np.where(said, probs, 1 - probs).min(1)
