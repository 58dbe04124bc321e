"""`demo`: the whole loop on real data that is already on this machine, in the window or with a simulated reviewer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from badcase.errors import BadcaseError
from badcase.i18n import _, percent
from badcase.items import Kind, Split
from badcase.project import Project
from badcase.training.demo.make_demo import NAMES, SETTING, free_folder, make_demo, read_truth, simulate_review
from badcase.ui.command_line.comparing import tell_comparison
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.window import has_screen, start_window
from badcase.ui.wording import count

REVIEWED = 0.12  # share of the queue that the simulated reviewer judges


def demo(
    out: CommandOutput,
    text: Annotated[bool, typer.Option("--text", help=_("Use docstrings instead of handwritten digits."))] = False,
    headless: Annotated[bool, typer.Option("--headless", help=_("Use a simulated reviewer instead of the window."))] = False,
    folder: Annotated[
        Path | None,
        typer.Option("--out", help=_("Headless: the folder to make; default: one in your data folder."), show_default=False),
    ] = None,
) -> None:
    """The whole loop on a real embedded data set, offline: in the window, or headless with a simulated reviewer."""
    kind = Kind.TEXT if text else Kind.IMAGE
    if not headless and has_screen():
        start_window(demo=kind)
        return
    if not headless:
        out.say(_("There is no screen here, so a simulated reviewer goes through the loop instead of you."))
    folder = Path(folder or free_folder(kind)).absolute()
    place = folder / NAMES[kind]
    with out.run(make_demo(place, kind)) as project:
        out.say(project.setting(SETTING)["sentence"], "bold")
        _loop(out, project, folder)
    shots = _screenshots(place, folder / "screenshots")
    out.give(screenshots=shots)
    for shot in shots:
        out.say(f"{'screenshot':<12}{shot}")


def _loop(out: CommandOutput, project: Project, folder: Path) -> None:
    """Everything a person would do, each step with what it did."""
    from badcase.export import export, preview
    from badcase.training.reporting.report import report
    from badcase.training.runs.accept import accept_in_steps
    from badcase.training.runs.train import train_in_steps

    _review(out, project)
    out.say(_("3. Retrain with the corrections"), "bold")
    run = out.run(train_in_steps(project))
    first = run.parent or 1
    tell_comparison(out, project, first, run.id)
    out.run(accept_in_steps(project, run.id))
    out.say(_("4. Export the results"), "bold")
    exported = out.run(export(project, folder / preview(project).name))
    project.rank()
    paths = {"report": report(project, folder / "report.html"), "data": exported.path, "project": project.path}
    out.give(**paths)
    for name, path in paths.items():
        out.say(f"{name:<12}{path}")


def _review(out: CommandOutput, project: Project) -> None:
    predictions, truth = project.predictions.current, read_truth(project)
    assert predictions is not None
    test = project.split == Split.TEST
    right = float(np.mean(predictions.logits[test].argmax(1) == truth[test]))
    planted = int(np.sum(project.given != truth))
    out.say(_("1. Predict and rank"), "bold")
    out.say(
        _("The model is right on {share} of the test split. {n} of {all} labels are wrong.").format(
            share=percent(right, 1), n=count(planted), all=count(len(truth))
        )
    )
    ranking = project.rank()
    errors = project.errors_left()
    assert errors is not None
    out.say(
        _("The ranking flags {n}. Wrong labels that it expects: {words}.").format(
            n=count(int(ranking.flagged.sum())), words=errors.words
        )
    )
    n = round(REVIEWED * len(ranking.order))
    seen = simulate_review(project, truth, n)
    found = int(np.sum(project.given[seen] != truth[seen]))
    out.say(
        _("2. Review: a simulated person judges the first {n}, {share} of the queue").format(n=count(n), share=percent(REVIEWED)),
        "bold",
    )
    out.say(
        _("Found and fixed {found} of the {n} wrong labels: {share}.").format(
            found=count(found), n=count(planted), share=percent(found / planted, 1)
        )
    )
    out.give(wrong_labels=planted, flagged=int(ranking.flagged.sum()), expected_errors=errors, reviewed=n, found=found)


def _screenshots(project: Path, folder: Path) -> list[str]:
    """Pictures of the real window on this project, drawn off screen by a process of its own."""
    command = [sys.executable, "-P", "-m", "badcase.ui.desktop.screenshots", str(project), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BadcaseError(
            _("the window could not be drawn"),
            got=done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode,
            hint=_("badcase doctor says what it needs."),
        )
    shots: list[str] = json.loads(done.stdout)
    return shots
