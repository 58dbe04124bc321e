"""The plan of a training: what it would do, in numbers and in words, before it does it. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _, grouped, plural
from badcase.store.run_table import RunRow
from badcase.training.comparison.retrain_gain import Gain, saved_gain
from badcase.training.data.label_trust import LabelTrust
from badcase.training.data.training_set import TrainingSet, build_training_set, suspected
from badcase.training.recipe import KNOBS, Recipe, default_for, network_of
from badcase.training.recipe.enums import ClassWeights, Method, Network, Sampling, Start, Suspects
from badcase.training.recipe.epoch_parts import parts
from badcase.training.run_folder.checkpoint_selection import check_rule
from badcase.training.run_folder.run_files import META, glance_json

if TYPE_CHECKING:
    from badcase.project import Project


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training would do.

    Attributes:
        recipe: The recipe.
        start: The first weights.
        parent: The run that it is compared with.
        corrections: Labels that a person changed, of items outside gold.
        confirmed: Labels that a person kept, the same.
        exclusions: Excluded items, the same.
        unsure: Items that a person could not judge, the same.
        train_items: How many items are learnt from.
        validation_items: How many are held out.
        seconds: How long it would take; None where nobody can know.
        differences: (title, old, new) of each knob against the parent run.
        new_verdicts: Items judged since it.
        title: Of the run.
        sentences: The plan in words.
        gain: What a linear head says, as it was measured last.
    """

    recipe: Recipe
    start: Start
    parent: int | None
    corrections: int
    confirmed: int
    exclusions: int
    unsure: int
    train_items: int
    validation_items: int
    seconds: float | None
    differences: list[tuple[str, str, str]]
    new_verdicts: int
    title: str
    sentences: list[str]
    gain: Gain | None = None  # what a linear head says, as it was measured last


def plan(
    project: Project,
    recipe: Recipe | None = None,
    start: Start | str | None = None,
    *,
    parent: int | None = None,
    revision: int | None = None,
    within: npt.NDArray[np.int64] | None = None,
    trust: LabelTrust | None = None,
) -> Plan:
    """Say what `train` would do with the same arguments, without torch and in a moment.

    Args:
        recipe: the default of the project where None.
        start: the first weights: "current", "pretrained" (where None) or "scratch".
        parent: the run that the plan is held against; the one in use where None.
        revision: of the labels; the present one where None.
        within: (m,) the only items that may be seen; all where None.
        trust: how far labels are trusted, as a training found it; None before it has, when suspects are those of the list.

    Raises:
        BadcaseError: `train` would refuse it: there is no model yet, or recipe, start and items do not go together.
    """
    recipe, start = resolve_recipe(project, recipe, start)
    against = project.runs.current if parent is None else project.runs.get(parent)
    training_set = build_training_set(project, recipe, revision=revision, within=within, trust=trust)
    parts(recipe, len(training_set.train))
    differences = knob_differences(recipe, start, against)
    fresh = new_verdicts(project, against, project.revision if revision is None else revision)
    learn, choose = (_of_a_fold(recipe, len(rows)) for rows in (training_set.train, training_set.validation))
    seconds, gain = _seconds(project, recipe, training_set), saved_gain(project)
    sentences = [
        *_sentences(training_set, recipe, start, sure=trust is not None),
        *_doubted(project, recipe, training_set, trust),
    ]
    sentences += [gain.sentence] if gain is not None and gain.sure else []
    return Plan(
        recipe,
        start,
        None if against is None else against.id,
        training_set.corrections,
        training_set.confirmed,
        training_set.exclusions,
        training_set.unsure,
        learn,
        choose,
        seconds,
        differences,
        fresh,
        changes_title(recipe, against, fresh, differences),
        sentences,
        gain,
    )


def resolve_recipe(project: Project, recipe: Recipe | None, start: Start | str | None) -> tuple[Recipe, Start]:
    """The recipe and the start with defaults filled in, checked against the project and each other."""
    model_spec, current = project.model_spec, project.predictions.current
    if current is not None and not current.has_model:
        raise BadcaseError(
            _("the predictions in use came from a file, and there is no model of theirs to train"),
            where=project.name,
            hint=_("Predict with a model that badcase loads: `badcase predict PROJECT --model MODEL`."),
        )
    if model_spec is None or current is None:
        raise BadcaseError(
            _("there is no model to train yet"),
            where=project.name,
            hint=_("Run the first prediction: `badcase predict PROJECT`, with --model for a model of your own."),
        )
    try:
        start = Start(start or Start.PRETRAINED)
    except ValueError:
        raise BadcaseError(_("there is no such start"), where="start", expected=" | ".join(Start), got=start) from None
    recipe = recipe or default_for(model_spec, project.kind, start, project.task)
    recipe = recipe.replace_from(network_of(recipe, project.predictions.first_model_spec, start))
    check_rule(recipe, project.label_names, project.task)
    recipe.check(project.kind, start, project.task)
    if start is Start.SCRATCH and recipe.method == Method.LINEAR_HEAD:
        raise BadcaseError(
            _("a linear head leaves the network unchanged, so no part of it can start from scratch"),
            where="start",
            expected="current | pretrained",
            got=start,
            hint=_("Set method = fine_tune to train the network itself."),
        )
    looks, usual = recipe.epochs * recipe.checks, default_for(model_spec, project.kind, start, project.task)
    if recipe.patience and recipe.minimum_checks > looks and recipe.minimum_checks != usual.minimum_checks:
        raise BadcaseError(
            _("early stopping could never act"),
            where="minimum_checks",
            expected=_("at most the {n} checks of the training").format(n=looks),
            got=recipe.minimum_checks,
            hint=_("Give more epochs or checks, or set patience = 0."),
        )
    return recipe, start


def new_verdicts(project: Project, parent: RunRow | None, revision: int) -> int:
    """How many items had been judged otherwise, or judged at all, since a run took the labels that it learnt."""
    (labels, verdicts), (after, judged) = (
        project.journal.labels_at(parent.revision if parent else 0),
        project.journal.labels_at(revision),
    )
    return int(((labels != after) | (verdicts != judged)).sum())


def _STARTS() -> dict[str, str]:
    return {
        Start.CURRENT: _("the weights in use"),
        Start.PRETRAINED: _("the weights the project began with"),
        Start.SCRATCH: _("new random weights"),
    }


def knob_differences(recipe: Recipe, start: str, against: RunRow | None) -> list[tuple[str, str, str]]:
    """(title, old, new) of each knob, and of the start, against the parent run."""
    if against is None or not against.recipe:
        return []
    found = Recipe().replace_from(against.recipe).difference(recipe)
    if against.start != start:
        before, now = (_STARTS().get(one, one) for one in (against.start, start))
        found.append((_("Start"), before, now))
    return found


def changes_title(recipe: Recipe, against: RunRow | None, fresh: int, differences: list[tuple[str, str, str]]) -> str:
    """What a run changes against its parent, in a few words."""
    parts = [KNOBS["method"].show(recipe.method)] if against is None or not against.recipe else []
    parts += [plural("{n} new verdict", "{n} new verdicts", fresh).format(n=fresh)] if fresh else []
    parts += [f"{title} {old} → {new}" for title, old, new in differences[:2]]
    if len(differences) > 2:
        parts.append(_("{n} more").format(n=len(differences) - 2))
    return ", ".join(parts) or _("an unchanged repeat")


def _doubted(project: Project, recipe: Recipe, training_set: TrainingSet, trust: LabelTrust | None) -> list[str]:
    """What a training by this recipe makes of labels that nobody has judged."""
    if recipe.suspects != Suspects.KEEP and project.any_ranking is None and trust is None:
        return [_("Nothing is ranked yet, so the training ranks first.")]
    if recipe.suspects != Suspects.SOFT:
        return []
    suspects = suspected(project) if trust is None else trust.suspects(len(project.items))
    n = int(suspects[training_set.train.items].sum())
    words = plural(
        "{n} suspected label that nobody has judged counts only as far as it is trusted.",
        "{n} suspected labels that nobody has judged count only as far as they are trusted.",
        n,
    )
    return [words.format(n=grouped(n))] if n else []


def _sentences(training_set: TrainingSet, recipe: Recipe, start: Start, *, sure: bool) -> list[str]:
    n = training_set.corrections
    corrected = plural("{n} corrected label is included.", "{n} corrected labels are included.", n).format(n=grouped(n))
    lines = [corrected if n else _("No label has been corrected yet.")]
    if training_set.exclusions or training_set.unsure:
        lines.append(_left_out(training_set.exclusions, training_set.unsure))
    if training_set.suspects:
        lines.append(_suspects_out(training_set.suspects, sure=sure))
    if training_set.soft:
        lines.append(
            plural("{n} item has a soft target.", "{n} items have soft targets.", training_set.soft).format(
                n=grouped(training_set.soft)
            )
        )
    lines += [*training_set.notes, *_of_batches(recipe)]
    if recipe.sampling != Sampling.SHUFFLED and recipe.class_weights != ClassWeights.NONE:
        lines.append(
            _("Sampling and class weights both favor rare classes, so these count twice over: one of the two is enough.")
        )
    if recipe.folds > 1:
        lines.append(
            _("{n} folds: one model each, validated on the fold it did not learn from; no model is kept.").format(n=recipe.folds)
        )
    trained = {Method.LINEAR_HEAD: _("the last layer"), Method.LORA: _("the last layer and adapters in the network")}
    what = trained.get(Method(recipe.method), _("the network"))
    what = _("a small network") if recipe.network == Network.SMALL else what
    lines.append(
        _("Trains {what} on {train} items, from {start}; {validation} items choose the checkpoint, gold stays unseen.").format(
            what=what,
            train=grouped(_of_a_fold(recipe, len(training_set.train))),
            start=_STARTS()[start],
            validation=grouped(_of_a_fold(recipe, len(training_set.validation))),
        )
    )
    return lines


def _of_batches(recipe: Recipe) -> list[str]:
    """How many items a step learns from, where that is not the batch; and a size that fits no processor well."""
    size, lines = recipe.batch_size, []
    if recipe.accumulate > 1:
        words = _("Each step learns from {n} items: {batches} batches of {size}. The last step of an epoch has what is left.")
        lines.append(words.format(n=grouped(size * recipe.accumulate), batches=recipe.accumulate, size=size))
    if size % 16 and size not in (1, 2, 4, 8):
        near = max(16, round(size / 16) * 16)
        lines.append(
            _("A batch of {size} is no multiple of 16, so some devices are slower at it than at {near}.").format(
                size=size, near=near
            )
        )
    return lines


def _of_a_fold(recipe: Recipe, n: int) -> int:
    """Of n items how many the model of each fold has, as far as it can be said before they are divided."""
    return n if recipe.folds == 1 else round(n * (1 - 1 / recipe.folds))


def _left_out(excluded: int, unsure: int) -> str:
    """What stays out; a kind of which there is none is not spoken of."""
    if not unsure:
        return plural("{n} excluded item is left out.", "{n} excluded items are left out.", excluded).format(n=grouped(excluded))
    if not excluded:
        return plural("{n} unsure item is left out.", "{n} unsure items are left out.", unsure).format(n=grouped(unsure))
    both = _("{excluded} excluded and {unsure} unsure items are left out.")
    return both.format(excluded=grouped(excluded), unsure=grouped(unsure))


def _suspects_out(n: int, *, sure: bool) -> str:
    """How many suspects stay out; before a ranking of the training items has told it, about as many as the list has."""
    words = plural("{n} suspect that nobody has judged is left out.", "{n} suspects that nobody has judged are left out.", n)
    about = plural(
        "About {n} suspect that nobody has judged is left out.", "About {n} suspects that nobody has judged are left out.", n
    )
    return (words if sure else about).format(n=grouped(n))


def _seconds(project: Project, recipe: Recipe, training_set: TrainingSet) -> float | None:
    """From the rate of the newest run of the same method; a linear head is fast enough to guess."""
    models, work = recipe.folds, recipe.folds * _of_a_fold(recipe, len(training_set.train)) * recipe.epochs
    for run in reversed(project.runs.all()):
        meta = glance_json(run, META)
        if run.recipe.get("method") == recipe.method and meta.get("items_seen"):
            return float(models * meta["seconds_overhead"] + work * meta["seconds_fit"] / meta["items_seen"])
    if recipe.method == Method.LINEAR_HEAD:
        steps = work / recipe.batch_size
        return float(np.ceil(3 * models + steps * 2e-3 + work * 2e-5))
    return None
