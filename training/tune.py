"""The guided loop: from the plainest recipe up, one change at a time, each judged on the same validation items."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.language import _
from badcase.progress import Job, Notice
from badcase.runs import RunRow
from badcase.team import Lost
from training.choices import ClassWeights, Method, Start
from training.folding import fold_back
from training.metrics import item_losses
from training.plan import settle
from training.recipe import KNOBS, Recipe
from training.runs import LOGITS
from training.train import train

if TYPE_CHECKING:
    from badcase.project import Project

ONE_SIDED = 1.645  # standard errors of the mean gain that chance passes once in twenty


@dataclass(frozen=True, slots=True)
class Step:
    """One change to try on the best recipe so far; `ladder` says to go on in the same direction while it helps."""

    change: Callable[[Recipe], dict[str, Any]]
    why: str
    ladder: int = 1


def _scaled(name: str, factor: float) -> Callable[[Recipe], dict[str, Any]]:
    def change(recipe: Recipe) -> dict[str, Any]:
        knob = KNOBS[name]
        value = getattr(recipe, name) * factor
        return {name: knob.type(min(max(value, knob.low or 0.0), knob.high or value))}

    return change


def _to(**values: Any) -> Callable[[Recipe], dict[str, Any]]:
    return lambda _recipe: values


def steps(project: Project, recipe: Recipe) -> list[Step]:
    """What is tried, in order: batch size before learning rate, then length, then what holds the model back."""
    plan = [
        Step(_scaled("batch_size", 2), _("a larger batch is faster, and the rate is tuned after it")),
        Step(_scaled("learning_rate", 3), _("the rate matters most"), ladder=2),
        Step(_scaled("learning_rate", 1 / 3), _("the rate matters most"), ladder=2),
        Step(_to(dropout=0.3), _("dropout first against overfitting")),
        Step(_to(dropout=0.0), _("no dropout sometimes works wonders")),
        Step(_to(label_smoothing=0.1), _("softer targets forgive wrong labels")),
        Step(_scaled("weight_decay", 10), _("a stronger pull towards zero")),
        Step(_scaled("epochs", 2), _("some good plateaus come late")),
    ]
    sizes = np.bincount(fold_back(project, recipe).train.labels, minlength=len(project.classes))
    if sizes.min() * 3 < sizes.max():
        plan.append(Step(_to(class_weights=ClassWeights.BALANCED), _("some classes are rare")))
    if recipe.method == Method.FINE_TUNE:
        plan.append(Step(_to(freeze="nothing"), _("whether the head needs a start of its own")))
    return plan


def plainest(recipe: Recipe, kind: str) -> Recipe:
    """The recipe without anything that has yet to earn its place."""
    plain = recipe.replace_from({"label_smoothing": 0.0, "class_weights": "none", "loss": "cross_entropy",
                                 "flip": False, "crop": 0.0})  # fmt: skip
    return plain.settled(kind)


def tune(
    project: Project,
    *,
    recipe: Recipe | None = None,
    start: Start | str | None = None,
    seconds: float | None = None,
    trials: int | None = None,
    seed: int = 0,
    device: str | None = None,
) -> Job[list[RunRow]]:
    """Try one change at a time; a change stays where its gain is beyond the noise of the validation items.

    Every trial has the seed, the labels and the validation items of the first. Returns the runs, the best one first.
    """
    project.require_one_label(_("training"))
    for name, budget in (("seconds", seconds), ("trials", trials)):
        if budget is not None and budget <= 0:
            raise BadcaseError(_("a budget must be above zero"), where=name, got=budget)
    if seconds is None and trials is None:
        trials = 8
    ends = time.monotonic() + seconds if seconds is not None else None
    recipe, start = settle(project, recipe, start)
    recipe = plainest(recipe, project.kind)
    options: dict[str, Any] = {"start": start, "seed": seed, "device": device}
    began = time.monotonic()
    ranked = [(yield from train(project, recipe, why=_("the plain model comes first"), **options))]  # the best first
    slowest = time.monotonic() - began
    for change, why in _proposals(project, recipe, ranked):
        if len(ranked) == trials or (ends is not None and time.monotonic() + slowest > ends):
            break
        began, best = time.monotonic(), ranked[0]
        changed = Recipe(**best.recipe).replace_from(change)
        try:
            run = yield from train(project, changed, why=why, parent=best.id, **options)
        except Lost:  # no trial goes well any more
            raise
        except BadcaseError as error:  # a trial that blows up, or a knob that this network does not have, is a result
            yield Notice(_("Left out: {error}").format(error=error), error.hint)
            continue
        slowest = max(slowest, time.monotonic() - began)
        stays = gains(project, best, run)
        ranked.insert(0 if stays else len(ranked), run)
        came = _("better than run {best}: it stays") if stays else _("no gain over run {best} beyond the noise")
        yield Notice(_("Run {n}, {title}: {came}.").format(n=run.id, title=run.title, came=came.format(best=best.id)))
    return ranked


def _proposals(
    project: Project, first: Recipe, ranked: list[RunRow]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Changes of the recipe that is best when each is asked for; nothing is tried twice."""
    tried = {first}
    for step in steps(project, first):
        for _rung in range(step.ladder):
            before = ranked[0]
            recipe = Recipe(**before.recipe)
            change = step.change(recipe)
            changed = recipe.replace_from(change)
            if changed in tried or set(change) & set(changed.idle(project.kind)):
                break
            tried.add(changed)
            yield change, step.why
            if ranked[0].id == before.id:
                break


def gains(project: Project, before: RunRow, after: RunRow) -> bool:
    """Whether the validation loss of `after` is lower by more than chance explains, item by item."""
    rows = fold_back(project, Recipe(**before.recipe), seed=before.seed).validation
    losses = [_losses(run, rows.items, rows.labels) for run in (before, after)]
    gain = losses[0] - losses[1]
    return bool(gain.mean() > ONE_SIDED * gain.std() / np.sqrt(len(gain)))


def _losses(run: RunRow, items: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return item_losses(np.load(run.folder / LOGITS, mmap_mode="r")[items], labels)
