"""Trials: recipes that learn from the same parts of the data under the same seeds, until it is plain which is better."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.files import write_whole
from badcase.journal import VerdictCode
from badcase.language import _, plural
from badcase.progress import Job, Progress
from badcase.runs import RunState
from badcase.team import Lost
from training.apart import fit_apart
from training.choices import SelectBy, Start, Validation
from training.division import Division
from training.faults import close_run
from training.folding import outer_folds, suspected
from training.metrics import item_losses, wrong
from training.plan import Plan, plan
from training.recipe import Recipe
from training.runs import HISTORY, RECIPE
from training.terms import Terms

if TYPE_CHECKING:
    from badcase.project import Project

KIND = "trial"
SURE, ENOUGH = 2.33, 1.645  # standard errors of a mean gain that chance passes once in a hundred, once in twenty
LEAST = 0.001  # of the mean loss, or of the share of right answers: a gain below it is of no account, however sure
WINS = 2  # parts, and so seeds, in which a change must gain: one seed says nothing
COST = 1.0  # standard errors of accuracy that a gain in loss may cost
FAR, HALFWAY = 3.0, 0.5  # standard errors behind, after so much of its epochs, that end a training


class OutOfTimeError(Exception):
    """The budget is spent; what is being trained is not needed any more."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A part: whether its held-out items (m,) were answered right, the log loss of those no one suspects, the history."""

    right: npt.NDArray[np.float64]
    losses: npt.NDArray[np.float64]
    history: list[dict[str, float]]


@dataclass(slots=True)
class Trial:
    """A recipe, its run, and what it measured on the first few parts."""

    run: int
    recipe: Recipe
    planned: Plan
    why: str
    parts: list[Judged] = field(default_factory=list)

    @property
    def metrics(self) -> dict[str, float]:
        """Means over all items that have judged it."""
        losses, right = (np.concatenate([getattr(part, name) for part in self.parts]) for name in ("losses", "right"))
        loss, error = _mean(losses)
        return {"validation_loss": loss, "loss_error": error, "accuracy": float(right.mean()), "parts": len(self.parts)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a change stays, in words too. gain (and its standard error) is what it took off the mean of the measure."""

    stays: bool
    sentence: str
    gain: float = 0.0
    error: float = 0.0


class Panel:
    """Judges recipes on folds of the items, each with a seed of its own, the same for all of them.

    A part is trained when it is needed. It judges by log loss, or by accuracy where the recipe selects by it. Labels that
    the ranking flags and nobody has judged have no say in the loss, which a few wrong ones would rule; in accuracy they
    hit all recipes alike.
    """

    def __init__(
        self, project: Project, recipe: Recipe, start: Start, *, folds: int, seed: int, device: str | None, ends: float
    ) -> None:
        self._project, self._start, self._seed, self._device, self._ends = project, start, seed, device, ends
        how = Validation.STRATIFIED if recipe.validation == Validation.PROJECT else recipe.validation
        divided = recipe.replace_from({"validation": how, "folds": folds})
        self._parts = [self._judging(fold) for fold in outer_folds(project, divided, seed=seed)]
        self._suspects = suspected(project, project.verdicts)
        self._by_accuracy = recipe.select_by == SelectBy.ACCURACY
        self.seconds = 0.0  # of the slowest part so far

    def _judging(self, fold: Division) -> Division:
        sure = self._project.verdicts[fold.held] != VerdictCode.UNSURE
        return Division(fold.train, fold.held[sure], fold.notes)

    @property
    def notes(self) -> list[str]:
        """What a person should know of the folds."""
        return list(dict.fromkeys(note for part in self._parts for note in part.notes))

    def begin(self, recipe: Recipe, why: str, parent: int | None) -> Trial:
        """A new run for a recipe; BadcaseError where it cannot be."""
        project = self._project
        planned = plan(project, recipe, self._start, parent=parent)
        number = project.add_run(
            kind=KIND, title=planned.title, parent=parent, recipe=recipe.values(), start=self._start,
            revision=project.revision, seed=self._seed,
        )  # fmt: skip
        with write_whole(project.run(number).folder / RECIPE) as path:
            path.write_text(recipe.to_toml(), encoding="utf-8")
        return Trial(number, recipe, planned, why)

    def first(self, trial: Trial) -> Job[None]:
        """Train a trial that has no rival on the first part."""
        with self._closed(trial.run):
            yield from self._bring(trial, 0)
        self._project.update_run(trial.run, state=RunState.DONE, metrics=trial.metrics)

    def race(self, best: Trial, rival: Trial) -> Job[Outcome]:
        """Train both part by part until one of them is ahead; the rival's run says how it ended."""
        try:
            with self._closed(rival.run):
                outcome = yield from self._race(best, rival)
        except Lost:  # no trial goes well any more
            raise
        except BadcaseError as error:  # a recipe that blows up, or that this network cannot have, is a result
            return Outcome(False, _("It failed: {error}.").format(error=error))
        found = {"gain": outcome.gain, "gain_error": outcome.error, "stays": outcome.stays}
        metrics = rival.metrics if rival.parts else {}
        self._project.update_run(rival.run, state=RunState.DONE, metrics=metrics | found)
        return outcome

    @contextmanager
    def _closed(self, run: int) -> Iterator[None]:
        """Whatever ends a trial before it is judged, its row says so."""
        try:
            yield
        except (GeneratorExit, KeyboardInterrupt, OutOfTimeError):
            close_run(self._project, run, state=RunState.CANCELLED)
            raise
        except BaseException as error:
            close_run(self._project, run, state=RunState.FAILED, error=str(error) or type(error).__name__)
            raise

    def _race(self, best: Trial, rival: Trial) -> Job[Outcome]:
        for place in range(len(self._parts)):
            yield from self._bring(best, place)
            behind = yield from self._bring(rival, place, best)
            if behind:
                return Outcome(False, behind)
            outcome = self._outcome(best, rival, last=place + 1 == len(self._parts))
            if outcome is not None:
                return outcome
        raise AssertionError("the last part decides")

    def _outcome(self, best: Trial, rival: Trial, *, last: bool) -> Outcome | None:
        """What the parts that both have say; None while they do not say it clearly."""
        pairs = list(zip(best.parts, rival.parts, strict=False))
        right = [b.right - a.right for a, b in pairs]
        gains = right if self._by_accuracy else [a.losses - b.losses for a, b in pairs]
        gain, error = _mean(np.concatenate(gains))
        points, blur = _mean(np.concatenate(right))
        wins = sum(float(part.mean()) > 0 for part in gains)
        limit, asked = (ENOUGH, min(WINS, len(pairs))) if last else (SURE, len(pairs))
        stays = gain > max(limit * error, LEAST) and wins >= max(asked, min(WINS, len(self._parts))) and points >= -COST * blur
        if not stays and not last and gain > LEAST:
            return None
        if not gain and not error:
            return Outcome(False, _("It made no difference at all: it goes."))
        what = _("accuracy") if self._by_accuracy else _("loss")
        parts = plural("{n} part", "{n} parts", len(pairs)).format(n=len(pairs))
        sentence = _("Its {what} is {gain:.4f} ± {error:.4f} better, its accuracy {points:+.1f} ± {blur:.1f} points, on "
                     "{n} items of {parts}: {came}.")  # fmt: skip
        if gain <= 0:
            sentence = _("Its {what} is {loss:.4f} ± {error:.4f} worse, its accuracy {points:+.1f} ± {blur:.1f} points, on "
                         "{n} items of {parts}: {came}.")  # fmt: skip
        came = _("it stays") if stays else _("it goes")
        sentence = sentence.format(what=what, gain=gain, loss=-gain, error=error, points=100 * points, blur=100 * blur,
                                   n=sum(map(len, gains)), parts=parts, came=came)  # fmt: skip
        return Outcome(stays, sentence, gain, error)

    def _bring(self, trial: Trial, place: int, against: Trial | None = None) -> Job[str]:
        """Train a trial on a part that it has not; returns why it was given up, or nothing."""
        if place < len(trial.parts):
            return ""
        project, part, folder = self._project, self._parts[place], self._project.run(trial.run).folder
        assert project.predictions is not None, "plan() has seen to it"
        recipe, began, seen = trial.recipe.replace_from({"folds": 1}), time.monotonic(), []
        terms = Terms(recipe, self._start, self._seed + place, project.revision, project.predictions, self._device, part.train)
        name = _("Trial {run}, part {n} of {all}").format(run=trial.run, n=place + 1, all=len(self._parts))
        yield Progress(name, place, len(self._parts), _("parts"))
        job = fit_apart(project, terms, part.held, folder / "part", name)
        try:
            while True:
                try:
                    event = next(job)
                except StopIteration as stop:
                    logits, cuts, history = stop.value
                    break
                if time.monotonic() > self._ends:
                    raise OutOfTimeError
                if isinstance(event, Progress) and "validation_loss" in event.values:
                    seen.append(dict(event.values))
                    if against is not None and _far_behind(seen, recipe, against, place):
                        self._write_history(trial, seen)
                        return _("It was far behind after {n:g} of {all} epochs and was ended there.").format(
                            n=round(len(seen) / recipe.checks, 2), all=recipe.epochs)  # fmt: skip
                yield event
        finally:
            job.close()
        labels = project.answers(project.labels[part.held])
        right = (wrong(logits, labels, cuts) == 0).astype(np.float64)
        if not place:
            self._write_history(trial, history)
        trusted = ~self._suspects[part.held]
        trial.parts.append(Judged(right, item_losses(logits[trusted], labels[trusted]), history))
        self.seconds = max(self.seconds, time.monotonic() - began)
        return ""

    def _write_history(self, trial: Trial, history: list[dict[str, float]]) -> None:
        with write_whole(self._project.run(trial.run).folder / HISTORY) as path:
            path.write_text("".join(json.dumps(values) + "\n" for values in history), encoding="utf-8")


def _mean(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The mean and its standard error."""
    return float(values.mean()), float(values.std() / np.sqrt(len(values)))


def _far_behind(seen: list[dict[str, float]], recipe: Recipe, against: Trial, place: int) -> bool:
    """Whether the best loss so far is far above what the other had after the same share of its epochs."""
    share, other = len(seen) / (recipe.epochs * recipe.checks), against.parts[place]
    if share < HALFWAY:
        return False
    theirs = other.history[: max(1, int(share * against.recipe.epochs * against.recipe.checks))]
    lowest, best = (min(epoch["validation_loss"] for epoch in epochs) for epochs in (seen, theirs))
    return lowest > best + FAR * _mean(other.losses)[1]
