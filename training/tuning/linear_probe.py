"""Where a guided tuning of a pretrained network begins: a linear head on the features that there are, which it has to pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Notice, OutOfTimeError
from badcase.store.run_table import RunRow
from badcase.training.data.leakage import learnt_here
from badcase.training.recipe import PRESETS, Recipe, preset_for
from badcase.training.recipe.enums import Method, Start
from badcase.training.run_folder.failures import NO_RESULT
from badcase.training.runs.notes import write_trial_notes
from badcase.training.tuning.proposals import plainest
from badcase.training.tuning.trial_judge import TrialJudge
from badcase.training.tuning.trials import Trial

if TYPE_CHECKING:
    from badcase.project import Project

RATES = (1.0, 3.0, 1 / 3)  # times that of the preset


def best_head(project: Project, tuning: RunRow, judge: TrialJudge, recipe: Recipe) -> Job[Trial | None]:
    """The best of a few linear heads, which take a moment; None where there is none, or the folds could not judge it.

    Source: Kumar et al. 2022, https://arxiv.org/abs/2202.10054: a linear probe before fine-tuning, which out of distribution
    it often beats. On few items it may in it too: `python -m tests.benchmarks.tuning_networks --sets noisyag_minilm`.
    """
    start = Start(tuning.start)
    assert project.predictions.current is not None, "resolve_recipe() has seen to it"
    if recipe.method == Method.LINEAR_HEAD or start is Start.SCRATCH or recipe.extra_columns:  # a head answers one column
        return None
    plain, *others = heads(_head_of(recipe, project.kind, project.task))
    if learnt_here(project, plain, start, project.predictions.current):  # of labels that the network does not know
        return None
    why = _("The plainest model comes first: a linear head.")
    best: Trial | None = None
    try:
        best = judge.begin(plain, why, None)
        yield from judge.measure(best)
        write_trial_notes(project, best, None)
        for other in others:
            rival = judge.begin(other, why, best.run)
            outcome = yield from judge.race(best, rival)
            if rival.outcome is None:
                write_trial_notes(project, rival, outcome)
            best = rival if outcome.stays else best
        yield from judge.measure(best)
    except NO_RESULT:
        raise
    except OutOfTimeError:
        pass
    except BadcaseError as error:  # no features, say
        yield Notice(_("Left out: {error}").format(error=error), error.hint)
    return best if best is not None and best.parts else None


def heads(recipe: Recipe) -> list[Recipe]:
    """The same linear head with each of the rates that it is tried with."""
    preset = PRESETS["linear-head"].learning_rate
    return [recipe.replace_from({"learning_rate": factor * preset}) for factor in RATES]


def _head_of(recipe: Recipe, kind: str, task: str) -> Recipe:
    """A plain linear head in the place of the network of a recipe."""
    preset, unset = preset_for("linear-head", task).values(), Recipe().values()
    own = {name: value for name, value in preset.items() if value != unset[name]}
    return plainest(recipe.replace_from(own), kind, task=task)
