"""The guided loop: from the plainest recipe up, one change at a time, all judged by the same folds and seeds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.language import _, plural
from badcase.progress import Job, Notice
from badcase.runs import RunRow
from training.choices import Start
from training.finders import find_batch, find_rate
from training.guide import Guide, plainest
from training.notes import write_trial_notes
from training.plan import settle
from training.recipe import Recipe
from training.remedies import Remedy
from training.search import Space
from training.train import close_abandoned, train
from training.trials import Outcome, OutOfTimeError, Panel, Trial

if TYPE_CHECKING:
    from badcase.project import Project

TRIALS, FOLDS = 16, 3
ROOM = 2.0  # parts whose time is kept for the training of the recipe that wins


@dataclass(frozen=True, slots=True)
class Tuned:
    """The training by the best recipe, the trial that was the best, and all trials in their order."""

    run: RunRow
    best: RunRow
    trials: list[RunRow]


def tune(
    project: Project,
    *,
    recipe: Recipe | None = None,
    start: Start | str | None = None,
    space: Space | None = None,
    seconds: float | None = None,
    trials: int | None = None,
    folds: int = FOLDS,
    seed: int = 0,
    device: str | None = None,
) -> Job[Tuned]:
    """Try changes of a recipe, keep those that gain beyond the noise, and train by the recipe that is left.

    Each trial is a run of kind "trial", which keeps no model; gold is not looked at. space: instead of one change at a
    time, quasi-random points of it are tried. seconds: for all of it, the last training too. Of the batch size the
    stopwatch decides before anything is compared, since what it does to quality the rate that follows makes up for.
    """
    for name, budget in (("seconds", seconds), ("trials", trials)):
        if budget is not None and budget <= 0:
            raise BadcaseError(_("a budget must be above zero"), where=name, got=budget)
    if folds < 2:
        raise BadcaseError(_("trials are judged on two folds or more"), where="folds", expected=_("2 or more"), got=folds)
    ends = time.monotonic() + (seconds or float("inf"))
    recipe, start = settle(project, recipe, start)
    close_abandoned(project)
    panel = Panel(project, recipe, start, folds=folds, seed=seed, device=device, ends=ends)
    for note in panel.notes:
        yield Notice(note)
    loop = _Loop(project, panel, start, seed, device, ends, trials or (TRIALS if seconds is None else 0))
    plain = plainest(recipe, project.kind, start, project.task)
    best = yield from (loop.guided(plain) if space is None else loop.drawn(recipe, space))
    n = len(loop.made)
    why = plural("The best of {n} trial, that of run {best}.", "The best of {n} trials, that of run {best}.", n)
    run = yield from train(
        project, best.recipe, start=start, seed=seed, device=device, why=why.format(n=n, best=best.run)
    )
    return Tuned(run, project.run(best.run), [project.run(number) for number in loop.made])


class _Loop:
    """One tuning as it happens."""

    def __init__(
        self, project: Project, panel: Panel, start: Start, seed: int, device: str | None, ends: float, trials: int
    ) -> None:
        self._project, self._panel, self._ends, self._trials = project, panel, ends, trials
        self._start, self._seed, self._device = start, seed, device
        self.made: list[int] = []
        self._best: Trial

    def guided(self, plain: Recipe) -> Job[Trial]:
        found = yield from find_batch(self._project, plain, start=self._start, seed=self._seed, device=self._device)
        plain = plain.replace_from(found.changes)
        yield from self._first(plain, _("The plain model comes first. {batch}").format(batch=found.sentence))
        ends = self._ends - ROOM * self._panel.seconds
        rate = yield from find_rate(
            self._project, plain, start=self._start, seed=self._seed, device=self._device, ends=ends
        )  # fmt: skip
        guide = Guide(self._project, self._start, lambda: self._best)
        yield from self._try_all(guide.proposals(Remedy("", rate.changes, rate.sentence)))
        return self._best

    def drawn(self, recipe: Recipe, space: Space) -> Job[Trial]:
        yield from self._first(recipe, _("The recipe that the space lies around."))
        project = self._project
        yield from self._try_all(space.points(recipe, project.kind, self._start, self._seed, project.task))
        return self._best

    def _first(self, recipe: Recipe, why: str) -> Job[None]:
        self._best = self._panel.begin(recipe, why, None)
        self.made.append(self._best.run)
        try:
            yield from self._panel.first(self._best)
        except OutOfTimeError:
            raise BadcaseError(
                _("the time was up before the plain model was trained"), where="seconds",
                hint=_("Give more time, or begin with a smaller model or fewer epochs."),
            ) from None  # fmt: skip
        write_trial_notes(self._project, self._best, None)

    def _try_all(self, proposals: Iterator[Remedy]) -> Job[None]:
        for proposal in proposals:
            if len(self.made) == self._trials or time.monotonic() + ROOM * self._panel.seconds > self._ends:
                return
            best = self._best
            try:
                rival = self._panel.begin(best.recipe.replace_from(proposal.changes), proposal.why, best.run)
            except BadcaseError as error:  # these items leave no room for it
                yield Notice(_("Left out: {error}").format(error=error), error.hint)
                continue
            self.made.append(rival.run)
            try:
                outcome = yield from self._panel.race(best, rival)
            except OutOfTimeError:
                write_trial_notes(self._project, rival, Outcome(False, _("The time was up before it was judged.")))
                return
            self._best = rival if outcome.stays else best
            write_trial_notes(self._project, rival, outcome)
            said = _("Run {n}, {title}. {came}").format(n=rival.run, title=rival.planned.title, came=outcome.sentence)
            yield Notice(said)
