"""`predict`, `train`, `recipe`, `runs`, `note` and `accept`: models, and what is kept of their training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.project import Project
from badcase.store.run_table import RunKind, RunRow
from badcase.training.comparison.run_scores import RunScores, run_scores
from badcase.training.comparison.seed_spread import spread
from badcase.training.metrics.single_label import titles
from badcase.training.metrics.written import written
from badcase.training.recipe import PRESETS, Recipe, changed, default_for, load_values
from badcase.training.recipe.enums import Start
from badcase.training.run_folder.user_function import trust_typed
from badcase.training.tuning.run_titles import title_of
from badcase.training.tuning.tuning_folder import listed
from badcase.trust.gate import vouching_for
from badcase.ui.command_line.comparing import RunNumber, tell_gain
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, at_least, one_of, opened_project
from badcase.ui.wording import count, duration

Device = Annotated[str | None, typer.Option(help=_("cpu, cuda or mps; default: the best available."), show_default=False)]
RecipeFile = Annotated[Path | None, typer.Option(help=_("Starting recipe."), metavar="FILE.toml", show_default=False)]
Changes = Annotated[
    list[str] | None, typer.Option(help=_("Change one knob of the recipe; may be repeated."), metavar="NAME=VALUE")
]
StartFrom = Annotated[Start | None, typer.Option("--from", help=_("Starting weights; default: pretrained."), show_default=False)]
Seed = Annotated[int, typer.Option(callback=at_least(0), help=_("Random seed of the training."))]
TrustRemoteCode = Annotated[
    bool,
    typer.Option(
        "--trust-remote-code",
        help=_("Vouch for the code that the model, the project or the recipe brings; kept for this project and this code."),
    ),
]


def predict(
    out: CommandOutput,
    project: ProjectPath,
    model: Annotated[
        str | None,
        typer.Option(
            help=_(
                "A save_pretrained folder, hub id, .pt2 file, package.module:factory or packaged backbone; "
                "else the project's current model."
            ),
            show_default=False,
        ),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help=_("File of weights for a factory: safetensors, or tensors that torch saved."), show_default=False),
    ] = None,
    batch_size: Annotated[int | None, typer.Option(callback=at_least(1), help=_("Batch size."), show_default=False)] = None,
    device: Device = None,
    exact: Annotated[
        bool, typer.Option("--exact", help=_("Take none of the faster ways, which may change outputs by a few percent."))
    ] = False,
    trust_remote_code: TrustRemoteCode = False,
    probs: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help=_(
                "Run no model: take probabilities or logits from a file (.csv, .tsv, .parquet, .feather, .jsonl, .npy, .npz)."
            ),
            metavar="PROBS",
            show_default=False,
        ),
    ] = None,
    features: Annotated[
        Path | None, typer.Option(help=_("Embeddings to go with --from, a row for each item."), show_default=False)
    ] = None,
    trained_on: Annotated[
        str | None,
        typer.Option(
            help=_(
                "Items that the model of --from had trained on: a column, a file of keys, none or all; else the training split."
            ),
            metavar="COLUMN|FILE",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run a model over all items, or bring in its predictions. A run that was stopped goes on where it was."""
    of_model = {"--model": model, "--weights": weights, "--batch-size": batch_size, "--device": device}
    _refuse_mixed(
        of_model | {"--exact": exact, "--trust-remote-code": trust_remote_code},
        {"--features": features, "--trained-on": trained_on},
        probs,
    )
    with opened_project(out, project) as opened:
        if probs is not None:
            made = out.run(opened.bringing_predictions(probs, features=features, trained_on=trained_on))
        else:
            made = out.run(
                opened.predicting(
                    model, weights=weights, batch_size=batch_size, device=device, exact=exact, trust_remote_code=trust_remote_code
                )
            )
        out.give(prediction_set=made.id, **made.meta)
        out.say(
            _("Prediction set {n}: {items} items, {k} classes").format(
                n=made.id, items=count(len(opened.items)), k=count(len(opened.label_names))
            )
        )
        out.say(_("Next: badcase rank {path}").format(path=project))


def _refuse_mixed(of_model: Mapping[str, object], of_file: Mapping[str, object], probs: Path | None) -> None:
    """BadcaseError where options of a model stand beside a file of predictions, or those of a file stand without one."""
    odd = [name for name, value in (of_file if probs is None else of_model).items() if value]
    if odd and probs is None:
        what, hint = _("these options go with predictions from a file"), _("Name the file of predictions with --from.")
    else:
        what, hint = _("predictions from a file run no model"), _("Leave out either --from or the options of a model.")
    if odd:
        raise BadcaseError(what, where="predict", got=", ".join(odd), hint=hint)


def train(
    out: CommandOutput,
    project: ProjectPath,
    recipe: RecipeFile = None,
    set: Changes = None,
    start: StartFrom = None,
    seed: Seed = 0,
    seeds: Annotated[
        int,
        typer.Option(callback=at_least(1), help=_("Train with this many seeds, counting up from --seed, and report the spread.")),
    ] = 1,
    resume: Annotated[
        int | None, typer.Option(help=_("Resume a run that was stopped."), metavar="RUN", show_default=False)
    ] = None,
    repeat: Annotated[
        int | None,
        typer.Option(
            help=_("Train a run again, as it was, and say whether the numbers are the same."), metavar="RUN", show_default=False
        ),
    ] = None,
    device: Device = None,
    trust_remote_code: TrustRemoteCode = False,
    plan: Annotated[
        bool, typer.Option("--plan", help=_("Only say what the training would do, and what it can be expected to gain."))
    ] = False,
) -> None:
    """Train with the corrections, and compare with the previous model on gold."""
    from badcase.training.runs import resume as again
    from badcase.training.runs.train_seeds import train_seeds_in_steps

    given = {"--recipe": recipe, "--set": set, "--from": start, "--seed": seed, "--seeds": seeds - 1, "--plan": plan}
    refuse_beside(given | {"--repeat": repeat}, "--resume", resume)
    refuse_beside(given, "--repeat", repeat)
    with opened_project(out, project, reading=plan) as opened, vouching_for(opened.path, trust_remote_code):
        if resume is not None:
            made = [out.run(again.resume_in_steps(opened, resume, device=device))]
        elif repeat is not None:
            made = [out.run(again.repeat_in_steps(opened, repeat, device=device))]
            out.give(sameness=again.sameness(opened.runs.get(repeat), made[0]))
        else:
            chosen = chosen_recipe(opened, recipe, set or [], start)
            if plan:
                _tell_plan(out, opened, chosen, start, seeds)
                return
            made = out.run(train_seeds_in_steps(opened, chosen, seeds=seeds, start=start, seed=seed, device=device))
        run = made[-1]
        if seeds > 1:
            _tell_spread(out, opened, made)
        out.give(run=as_plain(run))
        out.say(_("Run {n}: {title}").format(n=run.id, title=title_of(opened, run)), "bold")
        tell_gain(out, opened, run)
        if run.kind is RunKind.TRAINING:
            out.say(_("To make its model the current one: badcase accept {path} {n}").format(path=project, n=run.id))
        else:
            _tell_folds(out, opened, run)


def refuse_beside(given: Mapping[str, object], name: str, run: int | bool | None) -> None:
    """A run that there is keeps its own recipe, start and seed."""
    set_too = [option for option, value in given.items() if value]
    if run and set_too:
        raise BadcaseError(
            _("a resumed or repeated run keeps its recipe, start and seed"),
            where=name,
            got=", ".join(set_too),
            hint=_("Leave {options} out, or train a new run with them.").format(options=", ".join(set_too)),
        )


def _tell_plan(out: CommandOutput, project: Project, chosen: Recipe, start: Start | None, seeds: int) -> None:
    """What the training would do, under each of the seeds; the expected gain is measured first, in seconds, by a linear head."""
    from badcase.training.comparison.measure_retrain_gain import expected_gain
    from badcase.training.runs.plan import plan as planned

    planned(project, chosen, start)  # what it would refuse is refused before anything is measured
    gain = out.run(expected_gain(project))
    made = planned(project, chosen, start)
    seconds = None if made.seconds is None else made.seconds * seeds
    counts = ("corrections", "confirmed", "exclusions", "unsure", "train_items", "validation_items")
    told = (
        None
        if gain is None
        else {"difference": gain.difference, "sure": gain.sure, "low": gain.low, "high": gain.high, **asdict(gain)}
    )
    out.give(
        title=made.title, sentences=made.sentences, gain=told, seconds=seconds, **{name: getattr(made, name) for name in counts}
    )
    for sentence in made.sentences:
        out.say(sentence)
    if gain is not None and not gain.sure:  # asked for, so that it is told; a plan in the window keeps silent
        out.say(gain.sentence)
    if seconds is not None:
        out.say(_("It should take {time}.").format(time=duration(seconds)))


def _tell_spread(out: CommandOutput, project: Project, runs: Sequence[RunRow]) -> None:
    """Mean and spread of each measure over runs that differ in their seed."""
    found = spread(project, runs)
    out.give(
        runs=[as_plain(run) for run in runs],
        spread={one.name: {"mean": one.mean, "spread": one.spread, "values": one.values} for one in found},
    )
    rows = [(one.title, written(one.name, one.mean), f"± {written(one.name, one.spread)}") for one in found]
    out.table((_("over {n} seeds").format(n=len(runs)), _("mean"), _("spread")), rows, right=[1, 2])


def _tell_folds(out: CommandOutput, project: Project, run: RunRow) -> None:
    """Mean and spread of each measure over the folds of a cross-validation, and what its predictions are good for."""
    m, made = run.metrics, project.predictions.current
    names = titles(several="micro_f1" in m)
    rows = [(title, written(name, m[name]), f"± {written(name, m[f'{name}_spread'])}") for name, title in names.items()]
    out.table((_("over {n:.0f} folds").format(n=m["folds"]), _("mean"), _("spread")), rows, right=[1, 2])
    n = 0 if made is None else int(made.trained_on.sum())
    if not n:
        out.say(_("Every item now has a prediction by a model that did not learn from it: badcase rank shows what it says."))
    else:
        words = plural(
            "{n} item is predicted by a model that may have learnt its label; the ranking knows which.",
            "{n} items are predicted by models that may have learnt their labels; the ranking knows which.",
            n,
        )
        out.say(words.format(n=count(n)))


def chosen_recipe(project: Project, file: Path | None, assignments: Sequence[str], start: Start | None = None) -> Recipe:
    recipe = default_for(project.model_spec or {}, project.kind, start, project.task)
    values = {} if file is None else load_values(file)
    typed = dict(map(_assignment, assignments))
    for changes in (values, typed):
        recipe = changed(recipe, changes, project.kind, start, project.task)
    trust_typed(typed, project.path)
    return recipe


def _assignment(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise BadcaseError(_("a change needs the name of a knob and its value"), where="--set", expected="NAME=VALUE", got=text)
    return name.strip(), value.strip()


def recipe(
    out: CommandOutput,
    project: Annotated[
        Path | None,
        typer.Argument(help=_("Folder of a project: the recipe that suits its model."), metavar="[PROJECT]", show_default=False),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help=" | ".join(PRESETS), callback=one_of(lambda: PRESETS), show_default=False)
    ] = None,
) -> None:
    """Print every knob of a training with its default, bounds, unit and help, as TOML."""
    chosen = Recipe() if preset is None else PRESETS[preset]
    if project is not None:
        if preset is not None:
            raise BadcaseError(
                _("a project has a preset of its own"), where="--preset", got=preset, hint=_("Leave out either of the two.")
            )
        with opened_project(out, project, reading=True) as opened:
            chosen = chosen_recipe(opened, None, [])
    out.give(recipe=chosen.values(), presets=list(PRESETS))
    out.page(chosen.to_toml().rstrip())


def runs(
    out: CommandOutput,
    project: ProjectPath,
    trials: Annotated[
        bool, typer.Option("--trials", help=_("Also list the trials of each tuning, which otherwise has one line."))
    ] = False,
) -> None:
    """List the runs of a project; the current model's is marked."""
    with opened_project(out, project, reading=True) as opened:
        current, made = opened.runs.current, opened.runs.all()
        shown = made if trials else listed(made)
        scores = run_scores(opened, shown)
        out.give(
            runs=[as_plain(run) | {"scores": scores.of.get(run.id)} for run in shown],
            current=current.id if current else None,
            scored_on={"gold": scores.on_gold, "items": scores.items, "revision": scores.revision},
        )
        list_runs(out, opened, shown, scores)
        hidden = len(made) - len(shown)
        if hidden:
            words = plural(
                "{n} trial of tunings is not shown; --trials lists it too.",
                "{n} trials of tunings are not shown; --trials lists them too.",
                hidden,
            )
            out.say(words.format(n=count(hidden)))


def as_plain(run: RunRow) -> dict[str, Any]:
    return {name: getattr(run, name) for name in run.__dataclass_fields__}


def list_runs(out: CommandOutput, project: Project, runs: Sequence[RunRow], scores: RunScores) -> None:
    """A row for each run; their scores are of one revision of the labels and on the same items."""
    rows, current = [], project.runs.current
    for run in runs:
        value = scores.value(run.id)
        mark = "*" if current and run.id == current.id else ""
        shown = "" if value is None else written(scores.measure, value)
        rows.append((f"{run.id}{mark}", title_of(project, run), run.state, shown, run.parent or "", run.started[:16], run.error))
    titles = (_("run"), _("title"), _("state"), scores.heading, _("from"), _("started"), _("error"))
    out.table(titles, rows, right=[3])
    if scores.of:
        words = _("Scored on {n} items by the labels of revision {revision}.")
        out.say(words.format(n=count(scores.items), revision=scores.revision))


def note(
    out: CommandOutput,
    project: ProjectPath,
    run: RunNumber,
    text: Annotated[
        list[str] | None, typer.Argument(help=_("Text to add; without it, the notes are shown."), metavar="TEXT")
    ] = None,
) -> None:
    """Show the notes of a run, or add a line to them."""
    from badcase.training.runs.notes import add_note, read_notes

    with opened_project(out, project, reading=not text) as opened:
        if text:
            add_note(opened, run, " ".join(text))
        notes = read_notes(opened, run)
        out.give(run=run, notes=notes)
        out.page(notes.rstrip() or _("This run has no notes."))


def accept(
    out: CommandOutput,
    project: ProjectPath,
    run: RunNumber,
    alone: Annotated[
        bool, typer.Option("--alone", help=_("Take this run, not the mean of its seeds where that is better on validation."))
    ] = False,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Make a run's model the current one and predict with it: the next round."""
    with opened_project(out, project) as opened, vouching_for(opened.path, trust_remote_code):
        opened.runs.get(run)  # refused before torch is loaded
        from badcase.training.runs.accept import accept_in_steps as job

        made = out.run(job(opened, run, alone=alone))
        taken = made.meta["run"]
        out.give(run=taken, prediction_set=made.id)
        out.say(_("Run {run} is current; prediction set {n} is ranked next.").format(run=taken, n=made.id))
