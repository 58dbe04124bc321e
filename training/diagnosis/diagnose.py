"""The diagnosis of a run from its history: over- and underfitting, the rate, the labels; with remedies. numpy only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _, percent
from badcase.store.run_table import RunKind, RunRow, RunState
from badcase.training.comparison.seed_spread import siblings
from badcase.training.data.run_spec import OuterFold, seen_by
from badcase.training.data.splitting import as_made
from badcase.training.data.training_set import TRAIN, build_training_set
from badcase.training.diagnosis.remedies import Remedy, against_overfitting, against_underfitting, plain_loss, rates, steadier
from badcase.training.metrics.single_label import item_losses, wrong
from badcase.training.recipe import Recipe, changed
from badcase.training.recipe.enums import LossName, OptimizerName, Suspects
from badcase.training.recipe.tasks import ONE
from badcase.training.run_folder.failures import BLEW_UP
from badcase.training.run_folder.item_dynamics import read_losses
from badcase.training.run_folder.run import BY_SGD
from badcase.training.run_folder.run_answers import run_logits, run_thresholds
from badcase.training.run_folder.run_files import LOGITS, META, STATE, glance_json, read_history

if TYPE_CHECKING:
    from badcase.project import Project

TOP, PART = 0.03, 0.3  # the share of items whose part in the loss is looked at, and the part that is remarkable
MANY_SUSPECTS = 0.05  # of the training items: above it a loss that lives on hard items lives on wrong labels
BLURRED = 0.03  # a standard error of the accuracy above it tells no two good recipes apart
History = list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a run shows, with the numbers behind it; `name` is one of the keys that `diagnose` lists."""

    name: str
    title: str
    text: str
    remedies: list[Remedy] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Case:
    """A run as the findings look at it. noise: what chance, or the seed, does to its validation loss."""

    project: Project
    row: RunRow
    recipe: Recipe
    history: History
    losses: npt.NDArray[np.float64]  # (m,) of the validation items; empty where the run has no predictions
    accuracy: float
    noise: float
    seeds: int
    guess: float  # the loss of one that knows nothing
    outer_fold: OuterFold | None

    def curve(self, name: str) -> npt.NDArray[np.float64]:
        return np.array([epoch[name] for epoch in self.history])

    @property
    def suspects(self) -> npt.NDArray[np.bool_]:
        """(n,) as far as an outer fold may know them."""
        return OuterFold.suspects(self.project, self.outer_fold)


def diagnose(project: Project, number: int, outer_fold: OuterFold | None = None) -> list[Finding]:
    """Diagnose one run from its history: its findings, the most useful first, with remedies that can act on this recipe.

    The names of findings: stopped, label_bound, focal_unwise, switch_went_wrong, rate_too_high, unstable, rate_too_low,
    overfitting, cut_short, underfitting, validation_small. Over- and underfitting are held against twice the spread over
    seeds where the recipe was run under several, else against the standard error of the validation loss.

    Args:
        number: of the run.
        outer_fold: the only items whose labels and suspects may be looked at; all where None.
    """
    row = project.runs.get(number)
    if not row.recipe or row.kind is RunKind.SOUP:  # it was not trained itself
        return []
    case = _case(project, row, outer_fold)
    found: dict[str, Finding] = {}
    for look in (
        _stopped,
        _label_bound,
        _focal,
        _switched,
        _too_high,
        _unstable,
        _too_low,
        _overfitting,
        _cut_short,
        _underfitting,
        _blurred,
    ):
        finding = look(case)
        if finding is not None and not _EXCLUDED_BY[finding.name] & set(found):
            found[finding.name] = finding
    return [_possible(finding, case) for finding in found.values()]


# What an earlier finding explains is not said again in other words.
_EXCLUDED_BY: dict[str, set[str]] = {
    "stopped": set(),
    "label_bound": set(),
    "focal_unwise": set(),
    "switch_went_wrong": set(),
    "rate_too_high": {"switch_went_wrong"},
    "unstable": {"rate_too_high", "switch_went_wrong"},
    "rate_too_low": {"rate_too_high", "unstable"},
    "overfitting": {"rate_too_high"},
    "cut_short": {"rate_too_high", "unstable", "rate_too_low", "overfitting", "stopped"},
    "underfitting": {"rate_too_high", "unstable", "rate_too_low", "overfitting", "cut_short", "stopped"},
    "validation_small": set(),
}


def _case(project: Project, row: RunRow, outer_fold: OuterFold | None) -> _Case:
    recipe = Recipe().replace_from(row.recipe)
    losses, accuracy = np.empty(0), 0.0
    if row.has(LOGITS) and row.kind is RunKind.TRAINING:
        rows = build_training_set(project, recipe, revision=row.revision, seed=row.seed, **seen_by(row.folder)).validation
        logits = run_logits(project, row)[rows.items]
        logit_thresholds = run_thresholds(project, row)
        losses, accuracy = item_losses(logits, rows.labels), float((wrong(logits, rows.labels, logit_thresholds) == 0).mean())
    noise = float(losses.std() / np.sqrt(len(losses))) if len(losses) > 1 else row.metrics.get("loss_error", 0.0)
    family = siblings(project, row)
    if len(family) > 1:
        noise = 2 * float(np.std([one.metrics["validation_loss"] for one in family], ddof=1))
    return _Case(
        project,
        row,
        recipe,
        read_history(row.folder),
        losses,
        accuracy,
        noise,
        len(family),
        _guess(project, outer_fold),
        outer_fold,
    )


def _guess(project: Project, outer_fold: OuterFold | None) -> float:
    """The loss of guessing: of one class in so many, or of each label as often as it is given."""
    if project.task != "multilabel":
        return float(np.log(len(project.classes)))
    seen = np.flatnonzero(~project.gold) if outer_fold is None else outer_fold.items
    share = project.taxonomy.matrix(project.labels[seen]).mean(0).clip(1e-6, 1 - 1e-6)
    return float(-(share * np.log(share) + (1 - share) * np.log(1 - share)).mean())


def _possible(finding: Finding, case: _Case) -> Finding:
    """The finding without the remedies that this recipe, or this network, has no use for."""
    kind, start, task = case.project.kind, case.row.start or None, case.project.task
    lacks = set(glance_json(case.row, META).get("lacks", ()))
    able = [one for one in finding.remedies if not lacks & set(one.changes) and can_act(one, case.recipe, kind, start, task)]
    return replace(finding, remedies=able)


def can_act(remedy: Remedy, recipe: Recipe, kind: str, start: str | None, task: str = ONE) -> bool:
    """Whether the remedy changes the recipe, and no knob of it would be refused on items of this kind and task."""
    try:
        made = changed(recipe, remedy.changes, kind, start, task)
        made.check(kind, start, task)
    except BadcaseError:
        return False
    return not remedy.changes or made != recipe


def _against(case: _Case) -> str:
    if case.seeds > 1:
        return _("twice the spread over {n} seeds is {noise:.3f}").format(n=case.seeds, noise=case.noise)
    return _("chance alone explains {noise:.3f}").format(noise=case.noise)


def _stopped(case: _Case) -> Finding | None:
    """It was stopped, and left what it can go on from: nothing else is known of its end."""
    row = case.row
    if row.state not in (RunState.CANCELLED, RunState.FAILED) or row.metrics.get(BLEW_UP) or not row.has(STATE):
        return None
    done = case.history[-1].get("epoch", len(case.history)) if case.history else 0
    text = _("It was stopped after epoch {done:g} of {all}. `badcase train PROJECT --resume {n}` goes on from there.")
    title = _("Stopped before its end")
    remedies = [Remedy(_("Resume the run"), {}, _("nothing that it learnt is lost"))]
    return Finding("stopped", title, text.format(done=round(done, 2), all=case.recipe.epochs, n=row.id), remedies)


def _label_bound(case: _Case) -> Finding | None:
    items, losses = read_losses(case.row.folder, len(case.project.items))
    if not len(losses):
        return None
    count = max(1, int(TOP * len(losses)))
    worst = np.argsort(-losses, kind="stable")[:count]
    share = float(losses[worst].sum() / max(losses.sum(), 1e-12))
    chosen = items[worst]
    suspects = int(case.suspects[chosen].sum())
    if share < PART or suspects < 0.5 * count:
        return None
    text = _(
        "{share} of the training loss comes from {top} of the items, and {n} of those {count} are "
        "suspected labels nobody has judged: review these first."
    )
    text = text.format(share=percent(share), top=percent(TOP), n=suspects, count=count)
    why = _("label errors matter more than any knob here")
    remedies = [
        Remedy(_("Review the queue"), {}, why),
        steadier(),
        Remedy(_("Suspects"), {"suspects": Suspects.OUT}, _("until the suspects are reviewed")),
    ]
    return Finding("label_bound", _("Limited by label errors"), text, remedies)


def _focal(case: _Case) -> Finding | None:
    project = case.project
    if case.recipe.loss != LossName.FOCAL:
        return None
    learnt = np.flatnonzero((project.split == TRAIN) & ~project.gold) if case.outer_fold is None else case.outer_fold.items
    suspects = int(case.suspects[learnt].sum())
    if suspects < MANY_SUSPECTS * len(learnt):
        return None
    text = _(
        "Focal loss focuses on hard items, and {n} of {all} training items ({share}) are suspected labels nobody "
        "has judged: the model would memorize them."
    )
    text = text.format(n=suspects, all=len(learnt), share=percent(suspects / len(learnt)))
    remedies = [
        Remedy(_("Loss"), plain_loss(project.task), _("until the labels are clean")),
        Remedy(_("Review the queue"), {}, _("then focal loss may help")),
    ]
    return Finding("focal_unwise", _("Focal loss on suspected labels"), text, remedies)


def _too_high(case: _Case) -> Finding | None:
    title, lower = _("The learning rate is too high"), rates(case.recipe, 1 / 3)
    if case.row.state is RunState.FAILED and case.row.metrics.get(BLEW_UP):
        return Finding("rate_too_high", title, _("The training blew up: {error}").format(error=case.row.error), lower)
    losses = case.curve("train_loss") if len(case.history) > 1 else np.ones(1)
    guess = case.guess
    if len(losses) < 3 or (losses[-1] < losses[0] and losses[1:].max() < max(losses[0], 1.02 * guess)):
        return None
    text = _("The training loss went from {first:.3f} up to {top:.3f} and ended at {last:.3f}, where guessing gives {guess:.3f}.")
    text = text.format(first=losses[0], top=losses.max(), last=losses[-1], guess=guess)
    return Finding("rate_too_high", title, text, lower)


def _switched(case: _Case) -> Finding | None:
    """The first epoch under SGD against the last under AdamW."""
    by_sgd = [epoch.get(BY_SGD, 0.0) > 0 for epoch in case.history]
    if True not in by_sgd[1:]:
        return None
    first = by_sgd.index(True)
    after = [epoch["validation_loss"] for epoch, sgd in zip(case.history, by_sgd, strict=True) if sgd]
    before, reached = case.history[first - 1]["validation_loss"], min(after)
    if first == 0 or reached <= before + max(case.noise, 0.02 * before):
        return None
    text = _("Validation loss was {before:.3f} before AdamW gave way to SGD, and no better than {reached:.3f} under SGD.")
    remedies = [
        Remedy(_("Optimizer"), {"optimizer": OptimizerName.ADAMW, "switch_epoch": 0}, _("no switch")),
        *(
            [Remedy(_("Switch after"), {"switch_epoch": 0}, _("not before validation stalls"))]
            if case.recipe.switch_epoch
            else []
        ),
    ]
    return Finding("switch_went_wrong", _("The switch to SGD went wrong"), text.format(before=before, reached=reached), remedies)


def _unstable(case: _Case) -> Finding | None:
    losses = case.curve("train_loss")
    floor = 0.01 * case.guess  # what happens below it is of no account
    rises = int((np.diff(losses) > np.maximum(0.05 * losses[:-1], floor)).sum())
    if len(losses) < 3 or rises < max(2, len(losses) // 4):
        return None
    text = _("The training loss rose by more than 5 % in {n} of {all} epochs, on its way from {first:.3f} to {last:.3f}.")
    text = text.format(n=rises, all=len(losses) - 1, first=losses[0], last=losses[-1])
    remedies = [
        steadier(),
        *rates(case.recipe, 1 / 3),
        Remedy(_("Warm-up"), {"warmup": min(0.9, case.recipe.warmup + 0.1)}, _("a gentler start")),
        Remedy(_("Gradient clipping"), {"gradient_clip": 1.0}, _("limits the length of each step")),
        Remedy(_("Batch size"), {"batch_size": min(65536, case.recipe.batch_size * 2)}, _("steadier gradients")),
    ]
    return Finding("unstable", _("Unstable"), text, remedies)


def _too_low(case: _Case) -> Finding | None:
    """The loss is nearly what guessing gives, and falls as fast as ever for the rate it has: it is only slow."""
    losses = case.curve("train_loss")
    if len(losses) < 4:
        return None
    guess, fall = case.guess, losses[0] - losses[-1]
    half = len(losses) // 2
    late, spent = losses[half] - losses[-1], np.array([epoch.get("learning_rate", 1.0) for epoch in case.history])
    # What a schedule leaves to the later epochs is all that they can be asked for.
    fair = spent[half + 1 :].sum() / max(spent[1:].sum(), 1e-12)
    if losses[-1] < 0.7 * guess or fall <= 0.002 * guess or late < 0.6 * fair * fall:
        return None
    text = _(
        "After {n} epochs the training loss is {last:.3f}, little below the {guess:.3f} of guessing, and it is still "
        "falling steadily: {late:.3f} of the total drop of {fall:.3f} came in the second half."
    )
    text = text.format(n=len(losses), last=losses[-1], guess=guess, late=late, fall=fall)
    remedies = [*rates(case.recipe, 10), *rates(case.recipe, 3)]
    return Finding("rate_too_low", _("The learning rate is too low"), text, remedies)


def _overfitting(case: _Case) -> Finding | None:
    if len(case.history) < 2:
        return None
    seen, learnt = case.curve("validation_loss"), case.curve("train_loss")
    best = int(np.argmin(seen))
    rise, fell = seen[-1] - seen[best], learnt[best] - learnt[-1]
    if best == len(seen) - 1 or fell <= 0 or rise <= max(case.noise, 0.02 * seen[best]):
        return None
    epoch = f"{round(case.history[best].get('epoch', best + 1), 2):g}"
    text = _(
        "Validation loss rose from {low:.3f} to {high:.3f} while training loss fell by {fell:.3f}; {against}. The "
        "checkpoint of epoch {epoch} is kept, so nothing is lost by stopping."
    )
    text = text.format(low=seen[best], high=seen[-1], fell=fell, against=_against(case), epoch=epoch)
    title = _("Overfitting since epoch {n}").format(n=epoch)
    return Finding("overfitting", title, text, against_overfitting(case.recipe, case.project.kind))


def _cut_short(case: _Case) -> Finding | None:
    if len(case.history) < 2 or (len(case.history) < case.recipe.epochs * case.recipe.checks and not case.recipe.patience):
        return None
    seen = case.curve("validation_loss")
    enough = max(0.1 * case.noise, 0.01 * seen[-2], 0.002 * case.guess)
    if int(np.argmin(seen)) != len(seen) - 1 or seen[-2] - seen[-1] <= enough:
        return None
    text = _("Validation loss was still falling in the last epoch, from {before:.3f} to {last:.3f}.")
    more = {"epochs": min(10_000, case.recipe.epochs * 2)}
    remedies = [Remedy(_("Epochs"), more, _("twice as many")), *rates(case.recipe, 2)]
    return Finding("cut_short", _("Stopped too early"), text.format(before=seen[-2], last=seen[-1]), remedies)


def _underfitting(case: _Case) -> Finding | None:
    if not case.history:
        return None
    guess = case.guess
    train, seen = case.history[-1]["train_loss"], case.history[-1]["validation_loss"]
    if train < 0.5 * guess or seen - train > max(case.noise, 0.3 * train):
        return None
    text = _(
        "Training loss {train:.3f} and validation loss {seen:.3f} are high and close ({against}); guessing gives {guess:.3f}."
    ).format(train=train, seen=seen, guess=guess, against=_against(case))
    return Finding("underfitting", _("Underfitting"), text, against_underfitting(case.recipe, case.project.task))


def _blurred(case: _Case) -> Finding | None:
    n = len(case.losses)
    error = float(np.sqrt(max(case.accuracy * (1 - case.accuracy), 0.01) / n)) if n else 0.0
    if error <= BLURRED:
        return None
    what = _("the accuracy") if case.project.task == ONE else _("the share with all labels right")
    text = _(
        "{n} validation items measure {what} only to within ±{points:.1f} points, so most recipe changes cannot be "
        "told from chance."
    ).format(n=n, what=what, points=196 * error)
    more = {"validation": as_made(case.project), "holdout_share": 0.3}
    remedies = [
        Remedy(_("Validation"), more, _("more validation items")),
        Remedy(_("Folds"), {"folds": 5}, _("every item is validated once")),
    ]
    return Finding("validation_small", _("Too few validation items"), text, remedies)
