"""How a run stands in the list: its change, its value, its state, made from what the project knows of it."""

from __future__ import annotations

import numpy as np

from badcase.i18n import _
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.metrics.single_label import titles
from badcase.training.recipe.enums import SelectBy
from badcase.training.recipe.tasks import ONE
from badcase.training.run_folder.run_files import STATE
from badcase.training.tuning.tuning_folder import SEARCHES
from badcase.ui.desktop.plots.curves import EpochMark
from badcase.ui.desktop.train.runs.history import RunHistory
from badcase.ui.desktop.train.runs.runs_panel import RunEntry


def chip_of(run: RunRow) -> tuple[str, str] | None:
    """The state of a run where it did not simply end, or what it is but a training; and the token of its colour."""
    if run.kind in SEARCHES and run.state is RunState.DONE:
        return _("tuning"), "text2"
    return {
        RunState.RUNNING: (_("tuning") if run.kind in SEARCHES else _("training"), "accent"),
        RunState.FAILED: (_("failed"), "error"),
        RunState.CANCELLED: (_("stopped"), "text2"),
    }.get(run.state)


def again_of(run: RunRow) -> str:
    """The worker's verb for what can be done with a run that is over: "resume", "repeat", or nothing."""
    if run.kind is not RunKind.TRAINING or run.state is RunState.RUNNING:
        return ""
    if run.state is RunState.DONE:
        return "repeat"
    return "resume" if (run.folder / STATE).exists() else ""


def measure_of(run: RunRow | None, task: str) -> tuple[str, str]:
    """The measure that a run's list value and second curve show: its name in the history, and its title."""
    names = titles(several=task != ONE)
    by = str(run.recipe.get("select_by")) if run is not None else ""
    name = by if by in names else "macro_f1" if task == ONE else next(iter(names))
    return name, names[name][:1].upper() + names[name][1:]


def run_entry(run: RunRow, history: RunHistory, value: float | None, measure: str, *, in_use: bool) -> RunEntry:
    """One run for the list: its value, None where it has none, and how `measure` rose on its validation items."""
    chip, ink = chip_of(run) or ("", "text2")
    change = run.title or (_("the model the project began with") if run.kind is RunKind.INITIAL else "")
    return RunEntry(run.id, change, value, chip, ink, in_use, run.error, history.values(measure))


def best_epoch(run: RunRow, history: RunHistory) -> float | None:
    """The epoch whose weights are kept by the run's own rule; None before the first look at the validation items."""
    by = run.recipe.get("select_by", SelectBy.LOSS)
    epochs, values = history.curve("validation_loss" if by == SelectBy.LOSS else str(by))
    if not len(values):
        return None
    return float(epochs[np.argmin(values) if by == SelectBy.LOSS else np.argmax(values)])


def best_mark(run: RunRow, history: RunHistory) -> EpochMark | None:
    """The dashed line at the best epoch."""
    best = best_epoch(run, history)
    if best is None:
        return None
    words = _("best so far, epoch {n}") if run.state is RunState.RUNNING else _("kept, epoch {n}")
    return EpochMark(best, words.format(n=f"{round(best, 2):g}"))
