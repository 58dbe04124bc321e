"""The notes of a run, which write themselves: what changed against which parent, why, and what came of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.temperature import FILE as TEMPERATURE
from badcase.store.temperature import read_temperature
from badcase.training.diagnosis.diagnose import diagnose
from badcase.training.metrics.single_label import titles
from badcase.training.metrics.written import written
from badcase.training.run_folder.run_answers import run_thresholds
from badcase.training.run_folder.run_files import META, NOTES, read_history, read_json, reading, write_text
from badcase.training.runs.plan import Plan

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.training.tuning.trials import Outcome, Trial

PRECISION = "precision"  # in meta.json: what the training ran in
NOT_REPEATABLE = "not_repeatable"  # in meta.json: operations that torch warned of
BY_HAND = "\n---\n"  # what people add follows it; it stays when the rest is written anew


def write_training_notes(project: Project, number: int, plan: Plan, why: str) -> None:
    """Write notes.md of a finished training, with what it measured and what its diagnosis finds."""
    m, names = project.runs.get(number).metrics, titles(several=project.task == "multilabel")
    came = [
        _("Best in epoch {best:g} of {epochs:g}: {measures} on the validation items.").format(
            best=round(m["best_epoch"], 2),
            epochs=round(m["epochs"], 2),
            measures=", ".join(f"{title} {written(name, m[name])}" for name, title in names.items()),
        )
    ]
    came += _thresholds(project, number) + _confidence(project, number)
    meta = read_json(project.runs.get(number).folder / META)
    if PRECISION in meta:  # not in that of a run from before
        came.append(_("It ran in {precision} on {device}.").format(precision=meta[PRECISION], device=meta["device"]))
    if NOT_REPEATABLE in meta:
        text = _("It cannot be repeated exactly: torch has no deterministic form of {operations} on this device.")
        came.append(text.format(operations=", ".join(meta[NOT_REPEATABLE])))
    measured = meta.get("columns", {})
    came += [
        _("Column {name}: accuracy {accuracy} on {items} validation items.").format(
            name=name, accuracy=written("accuracy", column["accuracy"]), items=column["items"]
        )
        for name, column in measured.items()
    ]
    came += [f"{finding.title}. {finding.text}" for finding in diagnose(project, number)]
    write_notes(project, number, plan, why, came)


def _thresholds(project: Project, number: int) -> list[str]:
    """From where on labels are answered, in words; nothing where it is one half."""
    row, names = project.runs.get(number), project.label_names
    logit_thresholds = run_thresholds(project, row)
    if not logit_thresholds.any():
        return []
    low, high = int(logit_thresholds.argmin()), int(logit_thresholds.argmax())
    shares = 1 / (1 + np.exp(-logit_thresholds))
    best = max(read_history(row.folder), key=lambda epoch: epoch["epoch"] == row.metrics["best_epoch"])
    return [
        _(
            "The threshold of a label is the probability from which it is predicted. Thresholds run from {low:.2f} "
            "({lowest}) to {high:.2f} ({highest}), chosen for the best F1 on the validation items; here each item is "
            "measured by the thresholds of the others. With a threshold of one half, micro F1 is {f1}."
        ).format(
            low=shares[low], lowest=names[low], high=shares[high], highest=names[high], f1=written("micro_f1", best["micro_f1"])
        )
    ]


def _confidence(project: Project, number: int) -> list[str]:
    """The temperature of the confidence that people are shown, in words; nothing where an item has several labels."""
    row = project.runs.get(number)
    if project.task == "multilabel" or not (row.folder / TEMPERATURE).exists():
        return []
    said = _(
        "Confidence is shown at temperature {value:.2f}, fitted on the validation items; answers and rankings do not use it."
    )
    return [said.format(value=read_temperature(row.folder))]


def write_trial_notes(project: Project, trial: Trial, outcome: Outcome | None) -> None:
    """Write notes.md of a trial; `outcome` is that of its race, None for the first, which had no rival."""
    came = [outcome.sentence] if outcome is not None else []
    for number, part in enumerate(trial.parts, 1):
        line = _("Fold {n}: loss {loss}, accuracy {accuracy} on {items} held-out items, after {epochs} epochs.")
        came.append(
            "- "
            + line.format(
                n=number,
                loss=written("loss", part.losses.mean()),
                accuracy=written("accuracy", part.right.mean()),
                items=len(part.right),
                epochs=len(part.history),
            )
        )
    write_notes(project, trial.run, trial.planned, trial.why, came)


def add_note(project: Project, number: int, text: str) -> None:
    """Add what a person has to say to the notes of a run, under today's date."""
    project.require_writing()
    if not text.strip():
        raise BadcaseError(_("there is nothing to note"), where=_("run {n}").format(n=number), expected=_("a text"))
    path = project.runs.get(number).folder / NOTES
    before = read_notes(project, number)
    if BY_HAND not in before:
        before = before.rstrip("\n") + "\n" + BY_HAND
    write_text(path, f"{before}\n{datetime.now(UTC):%Y-%m-%d}: {text.strip()}\n")


def read_notes(project: Project, number: int) -> str:
    """The notes of a run as they are on the disk; empty where there are none."""
    path = project.runs.get(number).folder / NOTES
    with reading(path):
        return path.read_text(encoding="utf-8") if path.exists() else ""


def write_notes(project: Project, number: int, plan: Plan, why: str, came: list[str]) -> None:
    """Write notes.md of a run; `came` holds what came of it, in lines. What people added to the notes stays."""
    row, added = project.runs.get(number), read_notes(project, number).partition(BY_HAND)[1:]
    lines = ["# " + _("Run {n}: {title}").format(n=number, title=row.title), ""]
    lines.append(_("Parent: run {parent}.").format(parent=plan.parent) if plan.parent else _("No parent."))
    lines.append(_("Labels at revision {revision}, seed {seed}.").format(revision=row.revision, seed=row.seed))
    lines += plan.sentences
    if plan.parent:  # else there is nothing that anything could have changed from
        lines += ["", "## " + _("What changed")]
        lines += [f"- {title}: {old} → {new}" for title, old, new in plan.differences]
    if plan.parent and plan.new_verdicts:
        lines.append("- " + _("{n} verdicts since the parent run").format(n=plan.new_verdicts))
    if plan.parent and not plan.differences and not plan.new_verdicts:
        lines.append("- " + _("nothing"))
    if len(plan.differences) + bool(plan.new_verdicts) > 1:
        lines.append("- " + _("More than one thing changed: the difference has no single cause."))
    lines += ["", "## " + _("Why"), why or _("Not said."), "", "## " + _("Result"), *came]
    write_text(row.folder / NOTES, "\n".join(lines) + "\n" + "".join(added))
