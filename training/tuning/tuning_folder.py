"""A tuning's folder: what was asked of it and what its finders found, so that one that was stopped goes on."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.progress import Job, OutOfTimeError, until
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.diagnosis.remedies import Remedy
from badcase.training.metrics.written import written
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Start
from badcase.training.run_folder.run_files import read_json, write_json
from badcase.training.tuning.trials import PARTS, trials_of

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.training.tuning.finders import BatchFound, RateFound

SEARCHES = frozenset({RunKind.TUNING, RunKind.NESTED_TUNING, RunKind.TRIAL})  # they keep no model and no predictions
ASKED = "tuning.json"
MEASURED = "outer.json"  # of a tuning that is measured in outer folds: what was asked, and what each fold came to
ENDED = "ended"  # in the metrics of a tuning: nothing is left to try


class Tuning:
    """One tuning: a run of kind `RunKind.TUNING` whose folder says how far it is; its trials are part of that run.

    `asked` holds `folds`, `trials` (at most so many, 0 for no limit), `seconds` (for all of it, or None) and `space` (or None).
    """

    def __init__(self, project: Project, number: int) -> None:
        self._project, self.number = project, number
        self._path = project.runs.get(number).folder / ASKED
        self.asked: dict[str, Any] = read_json(self._path)
        self._began, self._spent = time.monotonic(), float(self.asked.get("spent", 0.0))

    @classmethod
    def begin(
        cls, project: Project, recipe: Recipe, start: Start, seed: int, *, part_of: int | None = None, **asked: Any
    ) -> Tuning:
        assert project.predictions.current is not None, "resolve_recipe() has seen to it"
        number = project.runs.add(
            kind=RunKind.TUNING,
            title=search_title(asked["space"], []),
            recipe=recipe.values(),
            start=start,
            revision=project.revision,
            seed=seed,
            part_of=part_of,
        )
        made = cls(project, number)
        made.keep(**asked, prediction_set=project.predictions.current.id, spent=0.0)
        return made

    @classmethod
    def reopen(cls, project: Project, number: int | None, *, more: bool) -> Tuning:
        """Go on with a tuning that was stopped; BadcaseError where it cannot go on.

        Args:
            project: The project.
            number: Which one; the last one where None.
            more: It is given more time or trials than it was asked to take.
        """
        known = [
            run for run in project.runs.all() if run.kind is RunKind.TUNING and run.part_of is None and number in (None, run.id)
        ]
        if not known:
            raise BadcaseError(
                _("there is no tuning to go on with"),
                where=project.name if number is None else _("run {n}").format(n=number),
                hint=_("Begin one: badcase tune PROJECT."),
            )
        row = known[-1]
        why = why_closed(project, row)
        if why:
            raise BadcaseError(
                _("this tuning cannot go on"),
                where=_("run {n}").format(n=row.id),
                got=why,
                hint=_("Begin a new one: badcase tune PROJECT."),
            )
        if row.state is RunState.DONE and not more and _trained(project, row):
            raise BadcaseError(
                _("this tuning has used up its budget"),
                where=_("run {n}").format(n=row.id),
                hint=_("Raise the budget: --budget 30m, or --trials for a larger total of trials."),
            )
        made = cls(project, row.id)
        project.runs.update(row.id, state=RunState.RUNNING, error="", finished=None)
        return made

    @property
    def row(self) -> RunRow:
        return self._project.runs.get(self.number)

    @property
    def recipe(self) -> Recipe:
        """The one that it began with."""
        return Recipe().replace_from(self.row.recipe)

    def keep(self, **values: Any) -> None:
        """Write down what is to be known when it goes on, and the time it has taken so far."""
        self.asked |= values | {"spent": self._spent + time.monotonic() - self._began}
        write_json(self._path, self.asked)

    def finding(self, name: str, look: Job[BatchFound | RateFound], ends: float, *, once: bool = False) -> Job[Remedy]:
        """What a finder found: now, or when this tuning asked it before; no change where the time was up before it did.

        Args:
            name: Under which it is kept.
            look: The finder's job.
            ends: When the time is up, by time.monotonic.
            once: It is not asked again after that, because all trials begin from what it said.
        """
        if name not in self.asked:
            try:
                found = yield from until(look, ends)
            except OutOfTimeError:
                silent = Remedy("", {}, _("There was no time to measure it."))
                if once:
                    self.keep(**{name: {"changes": silent.changes, "sentence": silent.why}})
                return silent
            self.keep(**{name: {"changes": found.changes, "sentence": found.sentence}})
        return Remedy("", self.asked[name]["changes"], self.asked[name]["sentence"])

    def require_same(self, digest: str) -> None:
        """BadcaseError where its trials were judged by other items or labels than these."""
        if self.asked.setdefault("digest", digest) != digest:
            raise BadcaseError(
                _("this tuning cannot go on"),
                where=_("run {n}").format(n=self.number),
                got=_("other items or labels than those that judged its trials"),
                hint=_("Begin a new one: badcase tune PROJECT."),
            )
        self.keep()

    def trials(self) -> list[RunRow]:
        return trials_of(self._project.runs.all(), self.number)

    def say_how_far(self, best: int) -> None:
        """Put the count of its trials, and what the best one measured, into its row."""
        trials = self.trials()
        metrics = self._project.runs.get(best).metrics
        measured = {name: metrics[name] for name in ("accuracy", "validation_loss")}
        title = search_title(self.asked["space"], trials)
        self._project.runs.update(self.number, title=title, metrics=measured | {"best": best, "trials": len(trials)})
        self.keep()

    def end(self, *, nothing_left: bool) -> None:
        """It was not stopped, whether or not its time was up."""
        self._project.runs.update(self.number, state=RunState.DONE, metrics=self.row.metrics | {ENDED: nothing_left})
        self.keep()

    def clear(self) -> None:
        """Remove what one that has nothing left to try does not need; not before its training is done."""
        if self.row.metrics[ENDED]:
            for trial in self.trials():
                for path in trial.folder.glob(PARTS):
                    path.unlink()


def search_title(space: Mapping[str, Any] | None, trials: Sequence[RunRow]) -> str:
    """What a tuning is called: how it searches, and once it has trials how many it has and how many of them stayed."""
    if not trials:
        return _("tuning, one change at a time") if space is None else _("tuning, points of a space")
    n, stays = len(trials), sum(bool(run.metrics.get("stays")) for run in trials)
    return plural("tuning, {n} trial, {stays} stayed", "tuning, {n} trials, {stays} stayed", n).format(n=n, stays=stays)


def nested_title(outer: int) -> str:
    """What a tuning is called that is measured in so many outer folds."""
    return plural("tuning in {n} outer fold", "tuning in {n} outer folds", outer).format(n=outer)


def listed(runs: list[RunRow]) -> list[RunRow]:
    """The runs that a list shows: a tuning is one of them, its trials, and tunings that are part of another, are not."""
    return [run for run in runs if run.kind not in SEARCHES or run.part_of is None]


def optimism(metrics: Mapping[str, float]) -> str:
    """In words, how the outer score of a measured tuning stands to the inner one; metrics: of its run."""
    hope = metrics["hope"]
    words = _(
        "Accuracy {accuracy} ± {accuracy_spread} on {folds:g} outer folds, which no part of the tuning had "
        "seen; the winners had {inner_accuracy} on the folds that chose them: {came}."
    )
    came = _("{points:.1f} points too optimistic") if hope > 0 else _("not too optimistic, but {points:.1f} points too low")
    shares = {name: written(name, metrics[name]) for name in ("accuracy", "accuracy_spread", "inner_accuracy")}
    return words.format(**shares, folds=metrics["folds"], came=came.format(points=100 * abs(hope)))


def why_closed(project: Project, row: RunRow) -> str:
    """Why a tuning that is not running cannot go on, in words; empty where it can."""
    try:
        asked = read_json(row.folder / ASKED)
    except BadcaseError as error:
        return str(error)
    if row.state is RunState.DONE and row.metrics.get(ENDED) and _trained(project, row):
        return _("it has tried every change it had")
    if row.revision != project.revision:
        return _("the labels are now at revision {now}, but its trials learnt those of revision {then}").format(
            now=project.revision, then=row.revision
        )
    if project.predictions.current is None or asked.get("prediction_set") != project.predictions.current.id:
        return _("the current model is not the one it began with")
    return ""


def _trained(project: Project, row: RunRow) -> bool:
    return any(
        run.part_of == row.id and run.kind is not RunKind.TRIAL and run.state is RunState.DONE for run in project.runs.all()
    )
