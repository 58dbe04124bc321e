"""The facts of the status strip: of the review while one reviews, of the project on the other pages."""

from __future__ import annotations

import numpy as np

from badcase.active_learning.errors_left import ErrorsLeft
from badcase.active_learning.learner import Learner
from badcase.gold_check.blind_check import check_under_way
from badcase.i18n import _, percent, plural
from badcase.items import Split
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.training.comparison.retrain_gain import Gain
from badcase.ui import wording
from badcase.ui.desktop.shell.status_strip import Fact, Offer

AHEAD = 50
_TRIED = 20  # verdicts from which on the share of errors among the next items is told in percent


def review_facts(project: Project, learner: Learner | None, gain: Gain | None = None) -> list[Fact]:
    """What was done, about how much is left, how rich the next items are, and what a retraining would gain."""
    counts = project.journal.counts()
    facts = [
        Fact("", wording.count(counts.reviewed), _("reviewed"), rank=2),
        Fact("", wording.count(counts.fixed), _("fixed"), rank=1),
    ]
    if counts.excluded:  # junk is no label error: it is counted apart
        facts.append(Fact("", wording.count(counts.excluded), _("excluded"), rank=3))
    if learner is None:
        return [*facts, Fact(_("not predicted yet"), "", "")]
    facts.append(_errors_left(learner.errors_left()))
    if strange := project.of_no_class_left():
        facts.append(Fact("", _("at least {n}").format(n=wording.count(strange)), _("of no class"), rank=1))
    ahead = learner.ranked(AHEAD)
    if len(ahead):
        share = float(learner.chance_wrong(ahead).mean())
        facts.append(Fact(_("next {n}:").format(n=len(ahead)), _richness(share, counts.reviewed), "", rank=3))
    if gain is not None and gain.expected:  # nothing where nothing can be seen: the button's tooltip has the numbers
        points = _("{points} points").format(points=wording.signed(100 * gain.difference))
        doubt = _("{low} to {high}").format(low=wording.signed(100 * gain.low), high=wording.signed(100 * gain.high))
        facts.append(Fact(_("retraining:"), points, f"({doubt})", rank=4))
    return facts


def _richness(share: float, reviewed: int) -> str:
    """How many of the next items are errors: in percent once verdicts have tried the scores, in words before."""
    if reviewed >= _TRIED:
        return _("{share} errors").format(share=percent(share))
    if share >= 2 / 3:
        return _("mostly errors")
    return _("about half errors") if share >= 1 / 3 else _("few errors")


def _errors_left(left: ErrorsLeft) -> Fact:
    """The number, or coarse words beside the button that draws the items which give a number."""
    if left.known:
        n = round(left.value)
        words = plural("about {n} error left", "about {n} errors left", n).format(n=wording.count(n))
        return Fact("", words, f"({wording.interval(left.low, left.high)})")
    if not left.to_check:
        return Fact(_("errors left:"), left.coarse, _("(not known yet)"))
    button = _("Check {n} at random: then ±{half}")
    button = button.format(n=wording.count(left.to_check), half=wording.count(round(left.then)))
    return Fact(_("errors left:"), left.coarse, _("(not known yet)"), offer=Offer(button, wording.random_check(left)))


def project_facts(project: Project) -> list[Fact]:
    """Which project, at which round and revision, and how its items are split."""
    of = np.bincount(project.split[~project.gold & ~project.gone], minlength=3)
    gold = int(project.gold.sum())
    return [
        Fact("", project.name, ""),
        Fact(_("round {n}").format(n=max(0, len(project.predictions.all()) - 1)), "", "", rank=2),
        Fact(_("revision {n}").format(n=wording.count(project.revision)), "", "", rank=1),
        *([Fact(_("data revision {n}").format(n=project.items.revision), "", "", rank=2)] if project.data_revisions else []),
        Fact("", wording.count(int(of[Split.TRAIN])), _("train")),
        Fact("", wording.count(int(of[Split.VALIDATION])), _("validation")),
        Fact("", wording.count(gold), _("gold, locked")),
    ]


def gold_facts(project: Project) -> list[Fact]:
    """While gold is checked: how much there is, how far the check is, and on which labels comparisons stand."""
    check = check_under_way(project)
    checked = bool((project.checked_verdicts[project.gold] != VerdictCode.NONE).any())
    facts = [Fact("", project.name, ""), Fact("", wording.count(int(project.gold.sum())), _("gold, locked"))]
    if check is not None:
        facts.append(Fact(_("answered blind:"), wording.count(len(check.answers)), "", rank=2))
    return [*facts, Fact(_("comparisons stand on the labels"), _("as checked") if checked else _("as given"), "", rank=1)]


def device_text(project: Project) -> str:
    """Where the model last ran."""
    predictions = project.predictions.current
    device = str(predictions.meta.get("device", "")) if predictions is not None else ""
    return {"cpu": _("CPU"), "mps": _("Apple GPU")}.get(device, device.upper().replace("CUDA", "GPU").replace(":", " "))
