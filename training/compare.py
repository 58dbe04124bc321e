"""Two runs on gold, which neither has touched: what differs, how surely, and which items. numpy only."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.journal import VerdictCode
from badcase.language import _, plural
from training.metrics import Floats, Ints, item_losses, macro_f1
from training.recipe import Recipe
from training.runs import LOGITS
from training.seeds import Spread, inside_spread, siblings, spread

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.runs import RunRow

RESAMPLES = 2000
CHUNK = 4_000_000  # numbers of resampled counts held at once
BELIEF = 0.95
Logits: TypeAlias = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of both runs, the difference b - a, and its 95 % interval over paired resamples of the items."""

    name: str
    title: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    higher_is_better: bool = True

    @property
    def beyond_noise(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Seeds:
    """Accuracy on gold of both recipes over their seeds; inside: the means differ by no more than the seeds explain."""

    a: Spread
    b: Spread
    inside: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run b against run a on gold items under the labels that hold now.

    fixed: ids wrong in a and right in b; broke: the other way; changed: what differs between the runs, in words.
    """

    a: int
    b: int
    gold: int
    measures: list[Measure]
    mcnemar_p: float
    fixed: list[int]
    broke: list[int]
    both_right: int
    both_wrong: int
    changed: list[str]
    verdict: str
    seeds: Seeds | None = None  # where both recipes were run under several seeds

    @property
    def caution(self) -> str:
        """Why it is no fair comparison, in words; empty where one thing at most changed, which then is the cause."""
        if len(self.changed) < 2:
            return ""
        what = ", ".join(self.changed)
        return _("This is no fair comparison. Several things changed: {what}. The difference is theirs together.").format(
            what=what)  # fmt: skip

    @property
    def better(self) -> bool:
        """Beyond what chance explains: the interval leaves out zero, and so do the exact test and the seeds."""
        return self.measures[0].low > 0 and self.mcnemar_p < 1 - BELIEF and not self._seeds_explain

    @property
    def worse(self) -> bool:
        return self.measures[0].high < 0 and self.mcnemar_p < 1 - BELIEF and not self._seeds_explain

    @property
    def _seeds_explain(self) -> bool:
        return self.seeds is not None and self.seeds.inside

    @property
    def surer(self) -> bool:
        """Its probabilities of the right answers are higher beyond the noise, whether or not answers changed."""
        return self.measures[2].high < 0


def compare(project: Project, a: int, b: int) -> Comparison:
    """Compare run b with run a on gold, excluded and unsure items left out; the same numbers every time."""
    project.require_one_label(_("a comparison"))
    usable = project.gold & (project.verdicts != VerdictCode.EXCLUDE) & (project.verdicts != VerdictCode.UNSURE)
    rows = np.flatnonzero(usable)
    first, second = project.run(a), project.run(b)
    of_a, of_b = _logits(first)[rows], _logits(second)[rows]
    if not len(rows):
        raise BadcaseError(
            _("there are no gold items to compare on"),
            where=project.name,
            hint=_("Bring excluded gold items back, or make the project anew with more data held out."),
        )
    labels = project.labels[rows].astype(np.int64)
    right_a, right_b = of_a.argmax(1) == labels, of_b.argmax(1) == labels
    fixed, broke = rows[~right_a & right_b], rows[right_a & ~right_b]
    measures = paired_bootstrap(of_a, of_b, labels)
    p = mcnemar(len(fixed), len(broke))
    seeds = _seeds(project, first, second)
    return Comparison(
        a, b, len(rows), measures, p, fixed.tolist(), broke.tolist(), int((right_a & right_b).sum()),
        int((~right_a & ~right_b).sum()), _changed(project, first, second),
        _verdict(b, a, measures, p, len(rows), seeds), seeds,
    )  # fmt: skip


def _seeds(project: Project, a: RunRow, b: RunRow) -> Seeds | None:
    """Both recipes over their seeds; None where either has one run alone, which says nothing of chance."""
    of_a, of_b = siblings(project, a), siblings(project, b)
    if len(of_a) < 2 or len(of_b) < 2:
        return None
    first, second = spread(project, of_a)[0], spread(project, of_b)[0]
    return Seeds(first, second, inside_spread(first, second))


def _logits(run: RunRow) -> Logits:
    path = run.folder / LOGITS
    if not path.exists():
        raise BadcaseError(
            _("this run has no predictions to compare"),
            where=_("run {n}").format(n=run.id),
            got=_("a run that is {state}").format(state=run.state),
            hint=_("Accept it to make a whole run of its best checkpoint, or train again."),
        )
    logits: Logits = np.load(path, mmap_mode="r")
    return logits


def paired_bootstrap(a: Logits, b: Logits, labels: Ints, *, resamples: int = RESAMPLES, seed: int = 0) -> list[Measure]:
    """Accuracy, macro-F1 and log loss of logits (n, k) on labels (n,), with 95 % percentile intervals of b - a.

    Both runs see the same resamples of the items, so what is hard for both cancels out.
    Source: Efron & Tibshirani 1993, chapter 13
    """
    n, k = a.shape
    guess_a, guess_b, loss_a, loss_b = a.argmax(1), b.argmax(1), item_losses(a, labels), item_losses(b, labels)
    right_a, right_b = (guess_a == labels).astype(float), (guess_b == labels).astype(float)
    measures: list[tuple[str, str, bool, Callable[[Floats], Floats], Callable[[Floats], Floats]]] = [
        ("accuracy", _("accuracy"), True, lambda c: c @ right_a / n, lambda c: c @ right_b / n),
        ("macro_f1", _("macro F1"), True, partial(macro_f1, guess_a, labels, k), partial(macro_f1, guess_b, labels, k)),
        ("log_loss", _("log loss"), False, lambda c: c @ loss_a / n, lambda c: c @ loss_b / n),
    ]
    whole = np.ones((1, n))
    differences: dict[str, list[Floats]] = {measure[0]: [] for measure in measures}
    rng = np.random.default_rng(seed)
    step = max(1, min(resamples, CHUNK // n))
    for start in range(0, resamples, step):
        counts = rng.multinomial(n, np.full(n, 1 / n), min(step, resamples - start)).astype(np.float64)
        for name, _title, _higher, first, second in measures:
            differences[name].append(second(counts) - first(counts))
    rows = []
    for name, title, higher, first, second in measures:
        low, high = np.quantile(np.concatenate(differences[name]), [(1 - BELIEF) / 2, (1 + BELIEF) / 2])
        value_a, value_b = float(first(whole)[0]), float(second(whole)[0])
        rows.append(Measure(name, title, value_a, value_b, value_b - value_a, float(low), float(high), higher))
    return rows


def mcnemar(fixed: int, broke: int) -> float:
    """Exact two-sided p that items flip one way as readily as the other. Source: McNemar 1947, in its binomial form."""
    n = fixed + broke
    tail = sum(_binomial_half(n, i) for i in range(min(fixed, broke) + 1))
    return min(1.0, 2 * tail)


def _binomial_half(n: int, i: int) -> float:
    return math.exp(math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) - n * math.log(2))


def _changed(project: Project, a: RunRow, b: RunRow) -> list[str]:
    """What differs between two runs; more than one entry means that the difference has no single cause."""
    lines = []
    (labels_a, verdicts_a), (labels_b, verdicts_b) = project.labels_at(a.revision), project.labels_at(b.revision)
    judged = int(((labels_a != labels_b) | (verdicts_a != verdicts_b)).sum())
    if judged:
        lines.append(plural("{n} verdict", "{n} verdicts", judged).format(n=judged))
    if a.recipe and b.recipe:
        difference = Recipe(**a.recipe).difference(Recipe(**b.recipe))
        lines += [_("{knob} {old} → {new}").format(knob=knob, old=old, new=new) for knob, old, new in difference]
    if a.recipe and a.start != b.start:
        lines.append(_("starting weights"))
    if a.recipe and a.seed != b.seed:
        lines.append(_("seed {old} → {new}").format(old=a.seed, new=b.seed))
    return lines


def _verdict(b: int, a: int, measures: list[Measure], p: float, n: int, seeds: Seeds | None) -> str:
    accuracy, _f1, loss = measures
    points = _("{difference:+.1f} points of accuracy ({low:+.1f} to {high:+.1f}) on {n} items").format(
        difference=100 * accuracy.difference, low=100 * accuracy.low, high=100 * accuracy.high, n=n
    )
    if accuracy.beyond_noise and p < 1 - BELIEF and seeds is not None and seeds.inside:
        return _("Run {b} against run {a}: {points}. But that lies inside the spread of {n} seeds: {over}.").format(
            b=b, a=a, points=points, n=min(len(seeds.a.values), len(seeds.b.values)), over=_over(seeds)
        )
    if accuracy.beyond_noise and p < 1 - BELIEF:
        word = _("Run {b} is better than run {a}") if accuracy.difference > 0 else _("Run {b} is worse than run {a}")
        return f"{word.format(a=a, b=b)}: {points}."
    verdict = _("No difference that this gold can show: {points}.").format(points=points)
    if loss.beyond_noise:
        surer = _("But run {b} is surer of the right answers")
        sure = surer if loss.high < 0 else _("But run {b} is less sure of the right answers")
        verdict += f" {sure.format(b=b)}: " + _("log loss {old:.3f} → {new:.3f} ({low:+.3f} to {high:+.3f}).").format(
            old=loss.a, new=loss.b, low=loss.low, high=loss.high
        )
    return verdict


def _over(seeds: Seeds) -> str:
    return _("accuracy {a:.4f} ± {a_spread:.4f} before, {b:.4f} ± {b_spread:.4f} now").format(
        a=seeds.a.mean, a_spread=seeds.a.spread, b=seeds.b.mean, b_spread=seeds.b.spread
    )
