"""What a run's history says, in words: over- and underfitting, the rate, the labels; with remedies. numpy only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from badcase.language import _
from training.choices import Method
from training.metrics import item_losses
from training.recipe import Recipe
from training.runs import ITEM_LOSS, LOGITS, read_history

if TYPE_CHECKING:
    from badcase.project import Project

TOP = 0.03  # the share of items whose part in the loss is looked at


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change of the recipe, as `Recipe.replace_from` takes it; empty where the remedy is not a knob."""

    title: str
    changes: dict[str, Any]
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a run shows; `name` is overfitting, underfitting, rate_too_high, cut_short or label_bound."""

    name: str
    title: str
    text: str
    remedies: list[Remedy] = field(default_factory=list)


def diagnose(project: Project, number: int) -> list[Finding]:
    """What stands out in one run, the most useful first; nothing where nothing does."""
    row = project.run(number)
    history = read_history(row.folder)
    if not history or not row.recipe:
        return []
    recipe = Recipe(**row.recipe)
    noise = _noise(project, number)
    found = [_label_bound(project, number), _too_high(history, recipe), _overfitting(history, recipe, noise)]
    found += [_cut_short(history, recipe, noise)]
    if not any(finding and finding.name in ("overfitting", "rate_too_high") for finding in found):
        found.append(_underfitting(history, recipe, len(project.classes)))
    idle = recipe.idle(project.kind, row.start or None)
    return [_possible(finding, idle) for finding in found if finding is not None]


def _possible(finding: Finding, idle: dict[str, str]) -> Finding:
    remedies = [remedy for remedy in finding.remedies if not set(remedy.changes) & set(idle)]
    return Finding(finding.name, finding.title, finding.text, remedies)


def _noise(project: Project, number: int) -> float:
    """Standard error of the validation loss: what one finite validation set can tell apart."""
    path = project.run(number).folder / LOGITS
    if not path.exists():
        return 0.0
    logits = np.load(path, mmap_mode="r")
    rows = np.flatnonzero((project.split == 1) & ~project.gold)
    losses = item_losses(logits[rows], project.labels[rows])
    losses = losses[np.isfinite(losses)]
    return float(losses.std() / np.sqrt(len(losses))) if len(losses) > 1 else 0.0


def _label_bound(project: Project, number: int) -> Finding | None:
    path = project.run(number).folder / ITEM_LOSS
    if not path.exists():
        return None
    items, losses = np.load(path)
    count = max(1, int(TOP * len(losses)))
    worst = np.argsort(-losses, kind="stable")[:count]
    share = float(losses[worst].sum() / max(losses.sum(), 1e-12))
    ranking = project.ranking
    if share < 0.3 or ranking is None:
        return None
    unseen = project.verdicts[items[worst].astype(np.int64)] == 0
    suspects = int((ranking.flagged[items[worst].astype(np.int64)] & unseen).sum())
    if suspects < 0.5 * count:
        return None
    text = _("{share:.0%} of the training loss comes from {top:.0%} of the items, and {n} of those {count} are "
             "suspected labels nobody has judged: review these first.")  # fmt: skip
    text = text.format(share=share, top=TOP, n=suspects, count=count)
    why = _("labels weigh more than any knob here")
    return Finding("label_bound", _("Bound by its labels"), text, [Remedy(_("Review the queue"), {}, why)])


def _too_high(history: list[dict[str, float]], recipe: Recipe) -> Finding | None:
    losses = np.array([epoch["train_loss"] for epoch in history])
    rises = int((np.diff(losses) > 0.05 * losses[:-1]).sum())
    if len(losses) < 3 or (losses[-1] < losses[0] and rises < max(2, len(losses) // 3)):
        return None
    text = _("The training loss went from {first:.3f} to {last:.3f} and rose in {n} of {all} epochs.")
    text = text.format(first=losses[0], last=losses[-1], n=rises, all=len(losses) - 1)
    lower = {"learning_rate": recipe.learning_rate / 3}
    remedies = [Remedy(_("Learning rate"), lower, _("a third of it")),
                Remedy(_("Warm-up"), {"warmup": min(0.9, recipe.warmup + 0.1)}, _("a gentler beginning"))]  # fmt: skip
    return Finding("rate_too_high", _("Unstable: the learning rate may be too high"), text, remedies)


def _overfitting(history: list[dict[str, float]], recipe: Recipe, noise: float) -> Finding | None:
    seen = [epoch["validation_loss"] for epoch in history]
    best = int(np.argmin(seen))
    rise = seen[-1] - seen[best]
    fell = history[best]["train_loss"] - history[-1]["train_loss"]
    if best == len(seen) - 1 or fell <= 0 or rise <= max(noise, 0.02 * seen[best]):
        return None
    text = _("Validation loss rose from {low:.3f} to {high:.3f} while training loss fell by {fell:.3f}. The checkpoint "
             "of epoch {epoch} is kept, so nothing is lost by stopping.")  # fmt: skip
    text = text.format(low=seen[best], high=seen[-1], fell=fell, epoch=best + 1)
    dropout = min(0.8, (recipe.dropout or 0.0) + 0.2)
    remedies = [
        Remedy(_("Dropout"), {"dropout": dropout}, _("most often helps")),
        Remedy(_("Weight decay"), {"weight_decay": max(0.05, min(10.0, recipe.weight_decay * 3))}, _("next in order")),
        Remedy(_("Mirror images"), {"flip": True}, _("where left and right mean the same")),
        Remedy(_("Label smoothing"), {"label_smoothing": min(0.5, recipe.label_smoothing + 0.05)}, _("mild")),
    ]
    return Finding("overfitting", _("Overfitting since epoch {n}").format(n=best + 1), text, remedies)


def _cut_short(history: list[dict[str, float]], recipe: Recipe, noise: float) -> Finding | None:
    seen = [epoch["validation_loss"] for epoch in history]
    if len(seen) < 2 or int(np.argmin(seen)) != len(seen) - 1:
        return None
    if seen[-2] - seen[-1] <= max(0.1 * noise, 0.01 * seen[-2]):
        return None
    text = _("Validation loss was still falling in the last epoch, from {before:.3f} to {last:.3f}.")
    more = {"epochs": min(10_000, recipe.epochs * 2)}
    faster = {"learning_rate": min(10.0, recipe.learning_rate * 2)}
    remedies = [Remedy(_("Epochs"), more, _("twice as many")), Remedy(_("Learning rate"), faster, _("twice of it"))]
    return Finding("cut_short", _("Stopped too early"), text.format(before=seen[-2], last=seen[-1]), remedies)


def _underfitting(history: list[dict[str, float]], recipe: Recipe, k: int) -> Finding | None:
    train, seen = history[-1]["train_loss"], history[-1]["validation_loss"]
    if train < 0.5 * np.log(k) or seen > 1.3 * train:
        return None
    text = _("Training loss {train:.3f} and validation loss {seen:.3f} are high and close; guessing gives {guess:.3f}.")
    remedies = [Remedy(_("Learning rate"), {"learning_rate": min(10.0, recipe.learning_rate * 3)}, _("three times"))]
    if recipe.method == Method.LINEAR_HEAD:
        remedies.append(Remedy(_("Train the network"), {"method": "fine_tune"}, _("more than a linear layer can")))
    if recipe.dropout:
        remedies.append(Remedy(_("Dropout"), {"dropout": 0.0}, _("less regularisation")))
    remedies.append(Remedy(_("Epochs"), {"epochs": min(10_000, recipe.epochs * 2)}, _("twice as many")))
    return Finding("underfitting", _("Underfitting"), text.format(train=train, seen=seen, guess=np.log(k)), remedies)
