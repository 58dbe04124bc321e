"""The judge of trials: all learn from the same parts of the data under the same seeds, until one is ahead."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.progress import Job, OutOfTimeError, Progress, until
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.store.verdicts import VerdictCode
from badcase.training.data.run_spec import OuterFold, RunSpec
from badcase.training.data.splitting import Division
from badcase.training.data.training_set import outer_folds
from badcase.training.metrics.single_label import bounded_losses, mean_and_error, wrong
from badcase.training.recipe import KNOBS, Recipe
from badcase.training.recipe.enums import SelectBy, Start
from badcase.training.run_folder.failures import NO_RESULT, closing_run
from badcase.training.run_folder.run_files import RECIPE, write_history, write_text
from badcase.training.runs.plan import plan
from badcase.training.runs.train_on_part import train_and_predict
from badcase.training.tuning.trials import Outcome, PartResult, Trial, is_judged, trials_of

if TYPE_CHECKING:
    from badcase.project import Project

SURE, ENOUGH = 2.33, 1.645  # standard errors of a mean gain that chance passes once in a hundred, once in twenty
HASTY = 1.0  # the same where one part judges: there a change that helps and is missed costs more than one that does nothing
LEAST = 0.001  # of the mean loss, or of the share of right answers: a gain below it is of no account, however sure
HOPE = 0.5  # standard errors of gain below which another part is not worth its time
WINS = 2  # parts, and so seeds, in which a change must gain: one seed says nothing
COST = 1.0  # standard errors of accuracy that a gain in loss may cost
AFFORDABLE = (12, 30)  # parts that there must be time for, for a second one to judge a trial, and for all
ROOM = 1.6  # parts whose time is kept for the training of the recipe that wins
FAR, HALFWAY = 3.0, 0.5  # standard errors behind, after so much of its epochs, that end a training


class TrialJudge:
    """Judges recipes on folds of the items, each with a seed of its own, the same for all of them.

    A part is trained when it is needed. It judges by log loss, or by accuracy where the recipe selects by it. A label that
    may be wrong has a bounded say in the loss, which a few would rule otherwise, see `bounded_losses`: to leave out those that
    a ranking suspects would flatter every model that is as blind as that ranking. `parts` are items to learn from and to
    judge by.
    """

    def __init__(
        self,
        project: Project,
        recipe: Recipe,
        start: Start,
        *,
        folds: int,
        seed: int,
        device: str | None,
        ends: float,
        part_of: int | None = None,
        outer_fold: OuterFold | None = None,
    ) -> None:
        """Divide the items into parts.

        Args:
            project: The project.
            recipe: Says how items are divided and what a recipe is judged by.
            start: The first weights of every trial.
            folds: How many parts.
            seed: Decides the parts.
            device: The device by name; None for the fastest.
            ends: When the time is up, by time.monotonic.
            part_of: The tuning whose trials these are; what is left of them from before is taken up.
            outer_fold: All that may be seen; None for all items.
        """
        self._project, self._start, self._seed, self._device, self._ends = project, start, seed, device, ends
        items = None if outer_fold is None else outer_fold.items
        dealt = outer_folds(project, recipe.replace_from({"folds": folds}), seed=seed, within=items)
        self.parts = [self._judging(fold) for fold in dealt]
        self._outer_fold = outer_fold
        self._selects_by = SelectBy(recipe.select_by)
        self._part_of = part_of
        self._left = [] if part_of is None else trials_of(project.runs.all(), part_of)
        self.depth = len(self.parts)  # how many of them judge a trial at most
        self.seconds = 0.0  # of the slowest part so far

    def _judging(self, fold: Division) -> Division:
        sure = self._project.verdicts[fold.held] != VerdictCode.UNSURE
        return Division(fold.train, fold.held[sure], fold.notes)

    @property
    def notes(self) -> list[str]:
        """What a person should know of the folds."""
        notes = [note for part in self.parts for note in part.notes]
        if self._selects_by not in (SelectBy.LOSS, SelectBy.ACCURACY):
            words = _("The trials are judged by their loss; {measure} chooses the checkpoint of each.")
            notes.append(words.format(measure=KNOBS["select_by"].show(self._selects_by)))
        return list(dict.fromkeys(notes))

    @property
    def digest(self) -> str:
        """Two judges share it exactly when they judge by the same items and labels."""
        labels, digest = self._project.labels, hashlib.blake2b(digest_size=8)
        for part in self.parts:
            for items in (part.train, part.held):
                digest.update(items.tobytes() + labels[items].tobytes())
        return digest.hexdigest()

    def fit_into(self, seconds: float) -> str:
        """Judge by so many parts as leave time for several trials; says so where these are fewer than there are.

        With little time, more changes tried on one part find more than few on three.

        Args:
            seconds: For all trials to come.
        """
        affordable = seconds / max(self.seconds, 1e-9)
        if affordable < 1:
            self.depth = 1
            return _("The time is spent before a change can be tried: a fold takes about {seconds:.0f} s.").format(
                seconds=self.seconds
            )
        depth = next((depth for depth, least in enumerate(AFFORDABLE, 1) if affordable < least), len(self.parts))
        self.depth = min(depth, len(self.parts))
        if self.depth == len(self.parts):
            return ""
        words = plural(
            "There is time for about {n:.0f} folds, so {depth} fold judges a trial: a change may stay by chance.",
            "There is time for about {n:.0f} folds, so {depth} folds judge a trial: a change may stay by chance.",
            self.depth,
        )
        return words.format(n=affordable, depth=self.depth)

    def begin(self, recipe: Recipe, why: str, parent: int | None) -> Trial:
        """A run for a recipe, with what it measured where it was begun before; BadcaseError where it cannot be."""
        project = self._project
        planned = plan(project, recipe, self._start, parent=parent, **OuterFold.parts(self._outer_fold))
        recipe = planned.recipe  # with the network that there is to build
        row = self._taken_up(recipe, parent)
        if row is not None:
            self._left.remove(row)
            trial = Trial(row.id, recipe, planned, why, PartResult.read_all(row.folder), Outcome.of(row))
            self.seconds = max([self.seconds, *(part.seconds for part in trial.parts)])
            if not is_judged(row):
                project.runs.update(row.id, state=RunState.RUNNING, error="", finished=None)
            return trial
        number = project.runs.add(
            kind=RunKind.TRIAL,
            title=planned.title,
            parent=parent,
            recipe=recipe.values(),
            start=self._start,
            revision=project.revision,
            seed=self._seed,
            part_of=self._part_of,
        )
        write_text(project.runs.get(number).folder / RECIPE, recipe.to_toml())
        return Trial(number, recipe, planned, why)

    def knows(self, recipe: Recipe, parent: int | None) -> bool:
        """Whether a trial of this recipe needs no more training: it was judged before."""
        row = self._taken_up(recipe, parent)
        return row is not None and is_judged(row)

    def _taken_up(self, recipe: Recipe, parent: int | None) -> RunRow | None:
        """The trial of this recipe that was begun before and has not been taken up yet."""
        wanted = recipe.values(), parent
        return next((row for row in self._left if (row.recipe, row.parent) == wanted), None)

    def measure(self, trial: Trial, parts: int | None = None) -> Job[None]:
        """Train a trial on the first parts, or on all of them, without a rival."""
        parts = parts or len(self.parts)
        if len(trial.parts) >= parts and self._project.runs.get(trial.run).state is RunState.DONE:
            return  # what it measured then is what was diagnosed
        with closing_run(self._project, trial.run):
            for place in range(parts):
                yield from self._bring(trial, place)
        metrics = self._project.runs.get(trial.run).metrics | trial.metrics
        self._project.runs.update(trial.run, state=RunState.DONE, metrics=metrics)

    def gain(self, one: Trial, other: Trial) -> float:
        """How much better the other is on the parts that both have, by the mean of what judges."""
        return mean_and_error(np.concatenate(self._gains(one, other)))[0]

    def _gains(self, one: Trial, other: Trial) -> list[npt.NDArray[np.float64]]:
        pairs = zip(one.parts, other.parts, strict=False)
        return [b.right - a.right if self._selects_by is SelectBy.ACCURACY else a.losses - b.losses for a, b in pairs]

    def race(self, best: Trial, rival: Trial) -> Job[Outcome]:
        """Train both part by part until one of them is ahead; the rival's run says how it ended."""
        if rival.outcome is not None:
            return rival.outcome
        try:
            with closing_run(self._project, rival.run):
                outcome = yield from self._race(best, rival)
        except NO_RESULT:
            raise
        except BadcaseError as error:  # a recipe that blows up, or that this network cannot have, is a result
            outcome = Outcome(False, _("It failed: {error}.").format(error=error))
            self._project.runs.update(rival.run, metrics=self._project.runs.get(rival.run).metrics | outcome.values)
            return outcome
        metrics = rival.metrics if rival.parts else {}
        self._project.runs.update(rival.run, state=RunState.DONE, metrics=metrics | outcome.values)
        return outcome

    def _race(self, best: Trial, rival: Trial) -> Job[Outcome]:
        for place in range(self.depth):
            try:
                yield from self._bring(best, place)
            except NO_RESULT:
                raise
            except BadcaseError as error:
                yield from self._bring(rival, place)
                sentence = _("It trains on fold {n}, where the best recipe so far failed ({error}): it stays.")
                return Outcome(True, sentence.format(n=place + 1, error=error))
            behind = yield from self._bring(rival, place, best)
            if behind:
                return Outcome(False, behind)
            outcome = self._outcome(best, rival, last=place + 1 == self.depth)
            if outcome is not None:
                return outcome
        raise AssertionError("the last part decides")

    def _outcome(self, best: Trial, rival: Trial, *, last: bool) -> Outcome | None:
        """What the parts that both have say; None while they do not say it clearly."""
        pairs = list(zip(best.parts, rival.parts, strict=False))
        right, gains = [b.right - a.right for a, b in pairs], self._gains(best, rival)
        gain, error = mean_and_error(np.concatenate(gains))
        points, blur = mean_and_error(np.concatenate(right))
        wins = sum(float(part.mean()) > 0 for part in gains)
        limit, asked = (ENOUGH if self.depth > 1 else HASTY, min(WINS, len(pairs))) if last else (SURE, len(pairs))
        stays = gain > max(limit * error, LEAST) and wins >= max(asked, min(WINS, self.depth)) and points >= -COST * blur
        if not stays and not last and gain > max(HOPE * error, LEAST):
            return None
        if not gain and not error:
            return Outcome(False, _("It made no difference at all: it goes."))
        what = _("accuracy") if self._selects_by is SelectBy.ACCURACY else _("loss")
        parts = plural("{n} fold", "{n} folds", len(pairs)).format(n=len(pairs))
        sentence = _(
            "Its {what} is {gain:.4f} ± {error:.4f} better, its accuracy {points:+.1f} ± {blur:.1f} points, on "
            "{n} items of {parts}: {came}."
        )
        if gain <= 0:
            sentence = _(
                "Its {what} is {loss:.4f} ± {error:.4f} worse, its accuracy {points:+.1f} ± {blur:.1f} points, on "
                "{n} items of {parts}: {came}."
            )
        came = _("it stays") if stays else _("it goes")
        sentence = sentence.format(
            what=what,
            gain=gain,
            loss=-gain,
            error=error,
            points=100 * points,
            blur=100 * blur,
            n=sum(map(len, gains)),
            parts=parts,
            came=came,
        )
        return Outcome(stays, sentence, gain, error)

    def _bring(self, trial: Trial, place: int, against: Trial | None = None) -> Job[str]:
        """Train a trial on a part that it has not; returns why it was given up, or nothing."""
        if place < len(trial.parts):
            return ""
        project, part, folder = self._project, self.parts[place], self._project.runs.get(trial.run).folder
        assert project.predictions.current is not None, "plan() has seen to it"
        recipe, ends = trial.recipe, self._ends - ROOM * self.seconds
        if time.monotonic() + self.seconds * (recipe.epochs / against.recipe.epochs if against else 1) > ends:
            raise OutOfTimeError
        spec = RunSpec(
            recipe, self._start, self._seed + place, project.revision, project.predictions.current, self._device, part.train
        )
        spec = yield from spec.weighed(project)  # not on the clock of the recipe: it is kept, for the other trials too
        began, seen = time.monotonic(), []
        name = _("Trial {run}, fold {n} of {all}").format(run=trial.run, n=place + 1, all=len(self.parts))
        yield Progress(name, place, len(self.parts), _("folds"))
        job = until(train_and_predict(project, spec, part.held, folder / "part", name), ends)
        try:
            while True:
                try:
                    event = next(job)
                except StopIteration as stop:
                    logits, logit_thresholds, history = stop.value
                    break
                if isinstance(event, Progress) and "validation_loss" in event.values:
                    seen.append(dict(event.values))
                    if against is not None and _far_behind(seen, recipe, against, place):
                        write_history(folder, seen)
                        return _("It was far behind after {n:g} of {all} epochs and was ended there.").format(
                            n=round(len(seen) / recipe.checks, 2), all=recipe.epochs
                        )
                yield event
        finally:
            job.close()
        labels = project.taxonomy.answers(project.labels[part.held])
        right = (wrong(logits, labels, logit_thresholds) == 0).astype(np.float64)
        if not place:
            write_history(folder, history)
        losses, seconds = bounded_losses(logits, labels), time.monotonic() - began
        trial.parts.append(PartResult(right, losses, history, seconds))
        trial.parts[-1].write(folder, place)
        self.seconds = max(self.seconds, seconds)
        return ""


def _far_behind(seen: list[dict[str, float]], recipe: Recipe, against: Trial, place: int) -> bool:
    """Whether the best loss so far is far above what the other had after the same share of its epochs."""
    share, other = len(seen) / (recipe.epochs * recipe.checks), against.parts[place]
    if share < HALFWAY:
        return False
    theirs = other.history[: max(1, int(share * against.recipe.epochs * against.recipe.checks))]
    lowest, best = (min(epoch["validation_loss"] for epoch in epochs) for epochs in (seen, theirs))
    return lowest > best + FAR * mean_and_error(other.losses)[1]
