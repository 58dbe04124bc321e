"""`find` and `tune`: what a recipe should be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Notice
from badcase.project import Project
from badcase.store.run_table import RunRow
from badcase.training.metrics.written import written
from badcase.training.recipe import Recipe
from badcase.training.tuning.run_titles import title_of
from badcase.trust.gate import vouching_for
from badcase.ui.command_line.comparing import tell_gain
from badcase.ui.command_line.models import (
    Changes,
    Device,
    RecipeFile,
    Seed,
    StartFrom,
    TrustRemoteCode,
    as_plain,
    chosen_recipe,
    refuse_beside,
)
from badcase.ui.command_line.printing import Cancelled, CommandOutput
from badcase.ui.command_line.verb import ProjectPath, at_least, one_of, opened_project
from badcase.ui.wording import count

if TYPE_CHECKING:
    from badcase.training.tuning.tune import TuningResult


def _finders() -> list[str]:
    from badcase.training.tuning.finders import FINDERS

    return list(FINDERS)


def find(
    out: CommandOutput,
    project: ProjectPath,
    what: Annotated[
        str,
        typer.Argument(
            help=_("rate or batch; find batch first, because the rate depends on it."), metavar="WHAT", callback=one_of(_finders)
        ),
    ],
    recipe: RecipeFile = None,
    set: Changes = None,
    start: StartFrom = None,
    budget: Annotated[str, typer.Option(help=_("Most time to measure for, such as 90s or 5m."))] = "10m",
    seed: Seed = 0,
    device: Device = None,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Find the learning rate by sweeps and probes, or the batch size by a stopwatch; no model is kept."""
    from badcase.training.tuning.finders import FINDERS

    with opened_project(out, project) as opened, vouching_for(opened.path, trust_remote_code):
        chosen = chosen_recipe(opened, recipe, set or [], start)
        found = out.run(FINDERS[what](opened, chosen, start=start, seed=seed, device=device, seconds=_seconds(budget)))
    out.give(**{name: getattr(found, name) for name in found.__dataclass_fields__}, changes=found.changes)
    out.say(found.sentence)
    changes = " ".join(f"--set {name}={value:g}" for name, value in found.changes.items())
    out.say(_("To train with it: badcase train {path} {changes}").format(path=project, changes=changes))


def tune(
    out: CommandOutput,
    project: ProjectPath,
    budget: Annotated[str | None, typer.Option(help=_("Time budget, such as 30m, 2h or 90s."), show_default=False)] = None,
    trials: Annotated[
        int | None, typer.Option(callback=at_least(1), help=_("How many trials at most."), show_default=False)
    ] = None,
    recipe: RecipeFile = None,
    set: Changes = None,
    start: StartFrom = None,
    search: Annotated[
        str | None,
        typer.Option(
            help=_(
                "Instead of one change at a time, try points of a search space: FILE.toml, or `around` for a space around the "
                "recipe."
            ),
            metavar="SPACE",
            show_default=False,
        ),
    ] = None,
    folds: Annotated[int, typer.Option(callback=at_least(2), help=_("Number of folds that judge a trial."))] = 3,
    save: Annotated[
        Path | None, typer.Option(help=_("Also write the best recipe here."), metavar="FILE.toml", show_default=False)
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help=_(
                "Resume the last tuning, however it was stopped; judged trials are not trained again. --budget then counts "
                "from now, --trials counts all trials."
            ),
        ),
    ] = False,
    nested: Annotated[
        int | None,
        typer.Option(
            callback=at_least(2),
            help=_(
                "Keep no model, but measure the tuning by nested cross-validation: tune in each of this many outer folds and "
                "judge the result on items it never saw. Takes this many times as long; --budget and --trials apply to each "
                "tuning."
            ),
            show_default=False,
        ),
    ] = None,
    seed: Seed = 0,
    device: Device = None,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Look for a better recipe from the plainest up, one change at a time, and train by it."""
    from badcase.training.tuning.quasi_random import Space
    from badcase.training.tuning.tune import FOLDS, resume_tuning_in_steps, tune_in_steps

    seconds = None if budget is None else _seconds(budget)
    given = {
        "--recipe": recipe,
        "--set": set,
        "--from": start,
        "--search": search,
        "--seed": seed,
        "--folds": folds != FOLDS,
        "--nested": nested,
    }
    refuse_beside(given, "--resume", resume)
    if save is not None and not save.absolute().parent.is_dir():
        raise BadcaseError(_("there is no such folder to write to"), where="--save", got=str(save.parent))
    with opened_project(out, project) as opened, vouching_for(opened.path, trust_remote_code):
        if save is not None:
            from badcase.export import check_not_own

            check_not_own(opened, save)
        limits: dict[str, Any] = {"seconds": seconds, "trials": trials, "device": device}
        if resume:
            work = resume_tuning_in_steps(opened, **limits)
        else:
            begun = chosen_recipe(opened, recipe, set or [], start)
            space = None if search is None else Space.around(begun) if search == "around" else Space.load(Path(search))
            options = limits | {"recipe": begun, "start": start, "space": space, "folds": folds, "seed": seed}
            if nested is not None:
                _tell_nested(out, opened, nested, save, **options)
                return
            work = tune_in_steps(opened, **options)
        try:
            found = out.run(work)
        except Cancelled:
            out.notice(Notice(_("To go on with it later: badcase tune {path} --resume").format(path=project)))
            raise
        if save is not None:
            save.write_text(Recipe().replace_from(found.run.recipe).to_toml(), encoding="utf-8")
        _tell_tuned(out, opened, project, found)


def _tell_tuned(out: CommandOutput, project: Project, path: Path, found: TuningResult) -> None:
    """The trials, the training by the best recipe, and what to do next."""
    out.give(run=as_plain(found.run), tuning=found.tuning.id, best=found.best.id)
    out.give(trials=[as_plain(run) for run in found.trials])
    _list_trials(out, project, found.trials, found.best)
    out.say(_("Run {n}: {title}").format(n=found.run.id, title=title_of(project, found.run)), "bold")
    tell_gain(out, project, found.run)
    out.say(_("Why each trial went or stayed: badcase note {path} RUN").format(path=path))
    out.say(_("To make its model the current one: badcase accept {path} {n}").format(path=path, n=found.run.id))


def _tell_nested(out: CommandOutput, project: Project, outer: int, save: Path | None, **options: Any) -> None:
    """The whole tuning, measured in outer folds."""
    from badcase.training.tuning.nested_validation import tune_nested_in_steps

    if save is not None:
        raise BadcaseError(
            _("a tuning measured in outer folds has a recipe for each and none to save"),
            where="--save",
            got=str(save),
            hint=_("Leave --nested out to find one recipe and to train by it."),
        )
    found = out.run(tune_nested_in_steps(project, outer, **options))
    out.give(run=as_plain(found.run), folds=[asdict(one) for one in found.folds], sentence=found.sentence)
    rows = [
        (
            place,
            written("accuracy", one.inner_accuracy),
            written("accuracy", one.outer_accuracy),
            written("loss", one.inner_loss),
            written("loss", one.outer_loss),
            count(one.items),
            one.best,
        )
        for place, one in enumerate(found.folds, 1)
    ]
    titles = (_("outer fold"), _("accuracy, inner"), _("outer"), _("loss, inner"), _("outer"), _("items"), _("best trial"))
    out.table(titles, rows, right=[1, 2, 3, 4, 5])
    out.say(found.sentence, "bold")


def _list_trials(out: CommandOutput, project: Project, trials: Sequence[RunRow], best: RunRow) -> None:
    rows = []
    for run in trials:
        m = run.metrics
        gain = f"{m['gain']:+.4f} ± {m['gain_error']:.4f}" if m.get("gain_error") else ""
        stays = m.get("stays", run.parent is None)
        came = _("best") if run.id == best.id else _("stays") if stays else _("goes")
        rows.append((run.id, title_of(project, run), gain, count(int(m.get("parts", 0))), came, run.parent or ""))
    titles = (_("trial"), _("change"), _("gain"), _("folds"), _("result"), _("against"))
    out.table(titles, rows, right=[2, 3])


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|h|)", text.strip().lower())
    if not found or float(found[1]) <= 0:
        raise BadcaseError(_("this is not a length of time"), where="--budget", expected=_("30m, 2h or 90s"), got=text)
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600, "": 60}[found[2]]
