"""The verbs of training as a program calls them: each does its work and returns the result, in this process.

Beside each there is a job of the same name with `_in_steps`, in the room that does it, which tells how far it is and can be
stopped. Importing this loads no torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from badcase.progress import finish_telling
from badcase.training.comparison.gold_answers import check_gold as check_gold
from badcase.training.comparison.gold_answers import draw_gold as draw_gold
from badcase.training.recipe import Recipe, changed, default_for
from badcase.training.run_folder.user_function import trust_typed
from badcase.trust.gate import vouching_for

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.prediction_sets import PredictionSet
    from badcase.store.run_table import RunRow
    from badcase.training.comparison.compare import Comparison
    from badcase.training.tuning.tune import TuningResult


def recipe_for(project: Project, knobs: Mapping[str, Any] | None = None, *, start: str | None = None) -> Recipe:
    """The recipe that suits a project and its model, with some knobs changed.

    Args:
        project: What is to be trained on.
        knobs: Values by the names of the knobs, as `badcase recipe` lists them.
        start: "current", "pretrained" or "scratch".

    Raises:
        BadcaseError: For an unknown knob, with the nearest name, or a value out of its bounds.
    """
    usual = default_for(project.model_spec or {}, project.kind, start, project.task)
    return changed(usual, knobs or {}, project.kind, start, project.task)


def _recipe(project: Project, recipe: Recipe | Mapping[str, Any] | None, start: str | None) -> Recipe:
    """A mapping is what the caller typed, and its functions are trusted; a `Recipe` may come from anybody's file."""
    if isinstance(recipe, Recipe):
        return recipe
    chosen = recipe_for(project, recipe, start=start)
    trust_typed(recipe or {}, project.path)
    return chosen


def train(
    project: Project,
    recipe: Recipe | Mapping[str, Any] | None = None,
    *,
    start: str | None = None,
    seed: int = 0,
    device: str | None = None,
    why: str = "",
    trust_remote_code: bool = False,
) -> RunRow:
    """Train a model on the labels as they are now; the model in use does not change before `accept`.

    Args:
        project: What to train on, after a prediction.
        recipe: A recipe, or the knobs that differ from the usual one, such as {"epochs": 3}. Whoever names a function in these
            knobs trusts it; one that a `Recipe` names has to be trusted already.
        start: "current", "pretrained" (where None) or "scratch".
        seed: Decides every draw.
        device: "cpu", "cuda", ...; the best there is where None.
        why: Goes into the notes of the run.
        trust_remote_code: Whether you vouch for the code that the model and the recipe name, which is kept.

    Returns:
        The run, with its measures and its folder.
    """
    from badcase.training.runs.train import train_in_steps

    chosen = _recipe(project, recipe, start)
    with vouching_for(project.path, trust_remote_code):
        return finish_telling(train_in_steps(project, chosen, start=start, seed=seed, device=device, why=why))


def resume(project: Project, run: int, *, device: str | None = None, trust_remote_code: bool = False) -> RunRow:
    """Go on with a training that was stopped, from its last checkpoint."""
    from badcase.training.runs.resume import resume_in_steps

    with vouching_for(project.path, trust_remote_code):
        return finish_telling(resume_in_steps(project, run, device=device))


def repeat(project: Project, run: int, *, device: str | None = None, trust_remote_code: bool = False) -> RunRow:
    """Train a run again as it was, as a new run."""
    from badcase.training.runs.resume import repeat_in_steps

    with vouching_for(project.path, trust_remote_code):
        return finish_telling(repeat_in_steps(project, run, device=device))


def tune(
    project: Project,
    recipe: Recipe | Mapping[str, Any] | None = None,
    *,
    seconds: float | None = None,
    trials: int | None = None,
    start: str | None = None,
    seed: int = 0,
    device: str | None = None,
    trust_remote_code: bool = False,
) -> TuningResult:
    """Look for a better recipe and train by it.

    Args:
        project: What to train on, after a prediction.
        recipe: Where the search begins, as for `train`.
        seconds: For all of it; no limit where None.
        trials: At most so many; 16 where neither this nor `seconds` is given.
        start: As for `train`.
        seed: As for `train`.
        device: As for `train`.
        trust_remote_code: As for `train`.

    Returns:
        The run of the best recipe, and the trials.
    """
    from badcase.training.tuning.tune import tune_in_steps

    chosen = _recipe(project, recipe, start)
    budget = {"seconds": seconds, "trials": trials}
    with vouching_for(project.path, trust_remote_code):
        return finish_telling(tune_in_steps(project, recipe=chosen, start=start, seed=seed, device=device, **budget))  # type: ignore[arg-type]


def accept(
    project: Project, run: int, *, alone: bool = False, device: str | None = None, trust_remote_code: bool = False
) -> PredictionSet:
    """Make the model of a run the one in use: it predicts all items, and the next ranking goes by it.

    Args:
        project: What it was trained on.
        run: Its number.
        alone: Take this very run; else the mean of it and its other seeds where that is better on the validation items.
        device: As for `train`.
        trust_remote_code: As for `train`.
    """
    from badcase.training.runs.accept import accept_in_steps

    with vouching_for(project.path, trust_remote_code):
        return finish_telling(accept_in_steps(project, run, alone=alone, device=device))


def compare(project: Project, before: int, after: int) -> Comparison:
    """Compare two runs on gold, which no training and no ranking has touched."""
    from badcase.training.comparison.compare import compare as measure

    return measure(project, before, after)


def report(project: Project, out: str | Path) -> Path:
    """Write what was found, corrected and gained as one HTML file, and return its path."""
    from badcase.training.reporting.report import report as write

    return write(project, out)
