"""The guided loop: from the plainest recipe up, one change at a time, all judged by the same folds and seeds."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.progress import Job, Notice, OutOfTimeError
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.data.label_trust import ensure_ranked
from badcase.training.data.leakage import leaks
from badcase.training.data.run_spec import OuterFold
from badcase.training.diagnosis.remedies import Remedy
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Network, Start
from badcase.training.run_folder.failures import NO_RESULT, closing_run
from badcase.training.run_folder.run_files import STATE
from badcase.training.run_folder.user_function import admit
from badcase.training.runs.notes import write_trial_notes
from badcase.training.runs.plan import resolve_recipe
from badcase.training.runs.resume import resume_in_steps
from badcase.training.runs.single_run import close_abandoned
from badcase.training.runs.train import train_in_steps
from badcase.training.tuning.finders import find_batch, find_rate
from badcase.training.tuning.linear_probe import best_head, heads
from badcase.training.tuning.proposals import Guide, plainest
from badcase.training.tuning.quasi_random import Space
from badcase.training.tuning.trial_judge import ROOM, TrialJudge
from badcase.training.tuning.trials import Outcome, Trial
from badcase.training.tuning.tuning_folder import Tuning

if TYPE_CHECKING:
    from badcase.project import Project

TRIALS, FOLDS = 16, 3
FEW_CHANGES = 6  # below it a tuning that ran out of time says so
# Shares of the time: a finder looks no further after the first, and is given up after the second.
BATCH_SHARE, BATCH_LIMIT = 0.05, 0.15
RATE_SHARE, RATE_LIMIT = 0.05, 0.2


@dataclass(frozen=True, slots=True)
class TuningResult:
    """The training by the best recipe, the trial that was the best, all trials in their order, and their tuning."""

    run: RunRow
    best: RunRow
    trials: list[RunRow]
    tuning: RunRow


def tune_in_steps(
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
) -> Job[TuningResult]:
    """Tune a recipe: try changes of it, keep those that gain beyond the noise, and train by the recipe that is left.

    Each trial is a run of kind `RunKind.TRIAL`, which keeps no model; gold is not looked at. The stopwatch decides the batch
    size before anything is compared, since what it does to quality the rate that follows makes up for. Whatever ends the
    job, `resume_tuning_in_steps` goes on from the last part that was trained.

    Args:
        recipe: where the search begins; the default of the project where None.
        start: the first weights: "current", "pretrained" (where None) or "scratch".
        space: quasi-random points of it are tried, instead of one change at a time.
        seconds: for all of it, the last training too; no limit where None.
        trials: at most so many; 16 where neither this nor `seconds` is given.
        folds: parts of the items, two or more, on which trials are judged.
        seed: of the folds and of the trainings.
        device: the best there is where None.

    Raises:
        BadcaseError: a budget or `folds` is out of bounds, or the time was up before the first trial was trained.
    """
    project.require_writing()
    recipe, start, asked = yield from prepare_search(project, recipe, start, space, seconds, trials, folds)
    tuning = Tuning.begin(project, recipe, start, seed, **asked)
    return (yield from _carry_out(project, tuning, seconds, device))


def resume_tuning_in_steps(
    project: Project,
    number: int | None = None,
    *,
    seconds: float | None = None,
    trials: int | None = None,
    device: str | None = None,
) -> Job[TuningResult]:
    """Resume a tuning that was stopped or whose budget was spent; no trial that was judged is trained again.

    Args:
        number: of the tuning; the last one where None.
        seconds: from now on; what is left of its own where None.
        trials: in all, those before counted.
        device: the best there is where None.

    Raises:
        BadcaseError: labels, predictions or ranking have changed since, so that its trials would be no fair comparison.
    """
    project.require_writing()
    _require_budget(seconds, trials)
    close_abandoned(project)
    tuning = Tuning.reopen(project, number, more=seconds is not None or trials is not None)
    asked = tuning.asked
    if seconds is not None or trials is not None:
        tuning.keep(trials=trials or 0, seconds=None if seconds is None else asked["spent"] + seconds)
    elif asked["seconds"] is not None:
        seconds = max(0.0, asked["seconds"] - asked["spent"])
    return (yield from _carry_out(project, tuning, seconds, device))


def prepare_search(
    project: Project,
    recipe: Recipe | None,
    start: Start | str | None,
    space: Space | None,
    seconds: float | None,
    trials: int | None,
    folds: int,
) -> Job[tuple[Recipe, Start, dict[str, Any]]]:
    """Check the arguments of a tuning and rank the items: its recipe and start, and what else it is asked, as it is kept."""
    _require_budget(seconds, trials)
    if folds < 2:
        raise BadcaseError(_("judging trials needs at least two folds"), where="folds", expected=_("2 or more"), got=folds)
    recipe, start = resolve_recipe(project, recipe, start)
    admit(recipe, project.path)
    if recipe.folds > 1:
        raise BadcaseError(
            _("a tuning ends in one training and not in a cross-validation"),
            where="folds",
            expected=1,
            got=recipe.folds,
            hint=_(
                "Set folds to 1 in the recipe. The number of folds that judge a trial is not a knob: it is --folds of `badcase "
                "tune`."
            ),
        )
    if space is not None:
        space.require_points(recipe, project.kind, start, project.task)
    close_abandoned(project)
    yield from ensure_ranked(project)  # who is suspected has no say in the loss that judges
    asked = {"folds": folds, "trials": trials or (TRIALS if seconds is None else 0), "seconds": seconds}
    return recipe, start, asked | {"space": None if space is None else space.values()}


def _require_budget(seconds: float | None, trials: int | None) -> None:
    for name, budget in (("seconds", seconds), ("trials", trials)):
        if budget is not None and budget <= 0:
            raise BadcaseError(_("a budget must be above zero"), where=name, got=budget)


def _carry_out(project: Project, tuning: Tuning, seconds: float | None, device: str | None) -> Job[TuningResult]:
    """The search, from where it is; its run says how it ended. Then the training by what it found."""
    ends = time.monotonic() + (float("inf") if seconds is None else seconds)
    with closing_run(project, tuning.number):
        best = yield from find_best_trial(project, tuning, ends, device)
    late = max(part.seconds for part in best.parts) - max(0.0, ends - time.monotonic())
    if late > 0:  # a model that comes late is worth more than none
        yield Notice(
            _("The training by the best recipe takes longer than the time that is left, by about {late:.0f} s.").format(late=late)
        )
    run = yield from _trained(project, tuning, best, device)
    tuning.clear()
    return TuningResult(run, project.runs.get(best.run), tuning.trials(), tuning.row)


def find_best_trial(
    project: Project, tuning: Tuning, ends: float, device: str | None, outer_fold: OuterFold | None = None
) -> Job[Trial]:
    """The best trial of a tuning, which tries what it has left to try.

    Args:
        project: The project.
        tuning: The tuning.
        ends: When the time is up, by time.monotonic.
        device: The device by name; None for the fastest.
        outer_fold: All that may be seen; None for all items.
    """
    row, recipe, asked = tuning.row, tuning.recipe, tuning.asked
    start = Start(row.start)
    judge = TrialJudge(
        project,
        recipe,
        start,
        folds=asked["folds"],
        seed=row.seed,
        device=device,
        ends=ends,
        part_of=row.id,
        outer_fold=outer_fold,
    )
    tuning.require_same(judge.digest)
    for note in judge.notes:
        yield Notice(note)
    assert project.predictions.current is not None, "resolve_recipe() has seen to it"
    leak = leaks(project, recipe, start, project.predictions.current)
    if leak and outer_fold is None:
        yield Notice(leak, _("The scores of the trials are too optimistic; gold is not."))
    loop = _Search(project, tuning, judge, ends, device, outer_fold)
    if asked["space"] is None:
        best = yield from loop.guided(recipe)
    else:
        best = yield from loop.drawn(recipe, Space.of(asked["space"]))
    tried = sum("stays" in run.metrics for run in tuning.trials())
    if asked["seconds"] is not None and not loop.nothing_left and tried < FEW_CHANGES:
        words = plural(
            "There was time to try {n} change only: a fold takes about {seconds:.0f} s.",
            "There was time to try {n} changes only: a fold takes about {seconds:.0f} s.",
            tried,
        )
        yield Notice(
            words.format(n=tried, seconds=judge.seconds),
            _("Give more time with --budget, or begin with fewer epochs, fewer items or a smaller model."),
        )
    tuning.end(nothing_left=loop.nothing_left)
    return best


def _trained(project: Project, tuning: Tuning, best: Trial, device: str | None) -> Job[RunRow]:
    """The training by the best recipe, or what there is of it from before."""
    row, values = tuning.row, best.recipe.values()
    made = [run for run in project.runs.all() if run.part_of == row.id and run.kind is not RunKind.TRIAL and run.recipe == values]
    if made and made[-1].state is RunState.DONE:
        return made[-1]
    if made and (made[-1].folder / STATE).exists():
        return (yield from resume_in_steps(project, made[-1].id, device=device))
    n = len(tuning.trials())
    why = plural("The best of {n} trial, that of run {best}.", "The best of {n} trials, that of run {best}.", n)
    return (
        yield from train_in_steps(
            project,
            best.recipe,
            start=row.start,
            seed=row.seed,
            device=device,
            why=why.format(n=n, best=best.run),
            part_of=row.id,
        )
    )


class _Search:
    """One tuning as it happens; `nothing_left` says whether it came to the end of what there was to try."""

    def __init__(
        self, project: Project, tuning: Tuning, judge: TrialJudge, ends: float, device: str | None, outer_fold: OuterFold | None
    ) -> None:
        self._project, self._tuning, self._judge, self._ends, self._outer_fold = project, tuning, judge, ends, outer_fold
        row = tuning.row
        self._asked: dict[str, Any] = {"start": Start(row.start), "seed": row.seed, "device": device, "outer_fold": outer_fold}
        self._seconds = ends - time.monotonic()  # for all of it
        self._made = 0
        self.nothing_left = False
        self._best: Trial

    def guided(self, recipe: Recipe) -> Job[Trial]:
        """From the plainest up; where the network comes to less than a linear head on its features, that is the best."""
        head = yield from best_head(self._project, self._tuning.row, self._judge, recipe)
        try:
            yield from self._upwards(recipe)
        except BadcaseError as error:
            if head is None or isinstance(error, NO_RESULT):
                raise
            yield Notice(_("Without the network: {error}").format(error=error), error.hint)
            self._best = head
        if head is not None and head is not self._best and self._judge.gain(self._best, head) > 0:
            words = _(
                "The best network (run {run}) is worse than a linear head on its features (run {head}), so the head is trained."
            )
            yield Notice(words.format(run=self._best.run, head=head.run), _("With more time the network may overtake it."))
            self._best = head
        if head is self._best:  # what is left of the time is plenty for it
            self._judge.seconds, self.nothing_left = max(part.seconds for part in head.parts), False
            yield from self._try_all(self._guide(heads(head.recipe)).proposals(Remedy("", {}, ""), head.recipe))
        self._tuning.say_how_far(self._best.run)
        return self._best

    def _guide(self, tried: Iterable[Recipe] = ()) -> Guide:
        return Guide(self._project, Start(self._tuning.row.start), lambda: self._best, self._outer_fold, tried)

    def _upwards(self, recipe: Recipe) -> Job[None]:
        """The network, or what else the recipe trains, one change at a time."""
        project, tuning = self._project, self._tuning
        plain = plainest(recipe, project.kind, tuning.row.start, project.task)
        look = find_batch(project, plain, **self._asked, seconds=BATCH_SHARE * self._seconds)
        batch = yield from tuning.finding("batch", look, self._by(BATCH_LIMIT), once=True)
        plain = plain.replace_from(batch.changes)
        words = _("The plain model comes first. {batch}")
        if plain.network == Network.SMALL:
            words = _("The plain model comes first: no norm, no dropout, no weight decay, nothing varied, one rate. {batch}")
        yield from self._first(plain, words.format(batch=batch.why))
        sweep = find_rate(project, plain, **self._asked, seconds=RATE_SHARE * self._seconds)
        rate = yield from tuning.finding("rate", sweep, self._by(RATE_LIMIT))
        yield from self._try_all(self._guide().proposals(rate, recipe))

    def _by(self, share: float) -> float:
        """When a share of all the time will have passed from now; now where no trial could follow."""
        return time.monotonic() + (0 if self._spent else share * self._seconds)

    def drawn(self, recipe: Recipe, space: Space) -> Job[Trial]:
        yield from self._first(recipe, _("The recipe at the center of the space."))
        project, row = self._project, self._tuning.row
        yield from self._try_all(space.points(recipe, project.kind, row.start, row.seed, project.task))
        return self._best

    def _first(self, recipe: Recipe, why: str) -> Job[None]:
        self._best = self._begin(recipe, why, None)
        try:
            yield from self._judge.measure(self._best, parts=1)
        except OutOfTimeError:
            raise BadcaseError(
                _("the time ran out before the plain model was trained"),
                where=_("budget"),
                hint=_("Give more time, or begin with a smaller model or fewer epochs."),
            ) from None
        write_trial_notes(self._project, self._best, None)
        self._tuning.say_how_far(self._best.run)

    def _begin(self, recipe: Recipe, why: str, parent: int | None) -> Trial:
        trial = self._judge.begin(recipe, why, parent)
        self._made += 1
        return trial

    def _try_all(self, proposals: Iterator[Remedy]) -> Job[None]:
        said = self._judge.fit_into(self._ends - time.monotonic() - ROOM * self._judge.seconds)
        if said:
            yield Notice(said)
        for proposal in proposals:
            best = self._best
            recipe = best.recipe.replace_from(proposal.changes)
            if self._spent and not self._judge.knows(recipe, best.run):
                return
            try:
                rival = self._begin(recipe, proposal.why, best.run)
            except BadcaseError as error:  # these items leave no room for it
                yield Notice(_("Left out: {error}").format(error=error), error.hint)
                continue
            try:
                outcome = yield from self._judge.race(best, rival)
            except OutOfTimeError:
                write_trial_notes(self._project, rival, Outcome(False, _("The time ran out before it was judged.")))
                return
            self._best = rival if outcome.stays else best
            self._tuning.say_how_far(self._best.run)
            if rival.outcome is None:
                write_trial_notes(self._project, rival, outcome)
                said = _("Run {n}, {title}. {came}").format(n=rival.run, title=rival.planned.title, came=outcome.sentence)
                yield Notice(said)
        self.nothing_left = True

    @property
    def _spent(self) -> bool:
        """Whether there is no room for another trial."""
        tried = 0 < self._tuning.asked["trials"] <= self._made  # it may have more already than it is now asked to take
        return tried or time.monotonic() + (ROOM + 1) * self._judge.seconds > self._ends
