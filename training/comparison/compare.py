"""The comparison of two runs on gold, which neither has touched: what differs, how surely, on which items. numpy only."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.thresholds import LogitThresholds, read_logit_thresholds
from badcase.training.comparison.gold import gold_items
from badcase.training.comparison.run_differences import differences
from badcase.training.comparison.seed_spread import Spread, inside_spread, siblings, spread
from badcase.training.metrics import multilabel as label_metrics
from badcase.training.metrics.single_label import Floats, item_losses, macro_f1, titles, wrong
from badcase.training.run_folder.run_files import LOGITS, read_logits

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.run_table import RunRow

RESAMPLES = 2000
CHUNK = 4_000_000  # numbers of resampled counts held at once
BELIEF = 0.95
Logits: TypeAlias = npt.NDArray[np.floating]
Labels: TypeAlias = npt.NDArray[Any]  # class ids (n,), or a matrix (n, k)


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
    """The first measure on gold of both recipes over their seeds; `inside`: the means differ by no more than seeds explain."""

    a: Spread
    b: Spread
    inside: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run b against run a on gold items under the labels that hold now.

    Attributes:
        a: The number of one run.
        b: The number of the other.
        gold: How many items they are compared on.
        measures: Of both, with intervals of the difference.
        mcnemar_p: Of the exact test of one against the other.
        fixed: Ids wrong in a and right in b; where an item may have any number of labels, those with fewer wrong labels.
        broke: The other way.
        both_right: How many items both answer rightly.
        both_wrong: How many neither does, or with as many wrong labels.
        changed: What differs between the runs, in words.
        verdict: The result in words.
        seeds: Where both recipes were run under several seeds.
        labels: How many labels were fixed and broken; None with one an item.
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
    labels: tuple[int, int] | None = None

    @property
    def caution(self) -> str:
        """Why it is no fair comparison, in words; empty where one thing at most changed, which then is the cause."""
        if len(self.changed) < 2:
            return ""
        what = ", ".join(self.changed)
        return _(
            "This is not a fair comparison. Several things changed: {what}. The difference comes from all of them together."
        ).format(what=what)

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
        return _loss_of(self.measures).high < 0


def compare(project: Project, a: int, b: int) -> Comparison:
    """Compare run b with run a on gold items, excluded and unsure ones left out; the same numbers every time.

    Args:
        a: number of the run before.
        b: number of the run after; differences are b - a.

    Raises:
        BadcaseError: there are no gold items, or a run has no predictions.
    """
    rows = gold_items(project)
    first, second = project.runs.get(a), project.runs.get(b)
    of_a, of_b = _logits(project, first)[rows], _logits(project, second)[rows]
    if not len(rows):
        raise BadcaseError(
            _("there are no gold items to compare on"),
            where=project.name,
            hint=_("Bring excluded gold items back, or make the project anew with more data held out."),
        )
    labels = project.taxonomy.answers(project.labels[rows])
    logit_thresholds = (
        read_logit_thresholds(first.folder, project.label_names),
        read_logit_thresholds(second.folder, project.label_names),
    )
    wrong_a, wrong_b = wrong(of_a, labels, logit_thresholds[0]), wrong(of_b, labels, logit_thresholds[1])
    fixed, broke = rows[wrong_b < wrong_a], rows[wrong_b > wrong_a]
    measures = paired_bootstrap(of_a, of_b, labels, logit_thresholds=logit_thresholds)
    p = mcnemar(len(fixed), len(broke))
    seeds = _seeds(project, first, second)
    return Comparison(
        a,
        b,
        len(rows),
        measures,
        p,
        fixed.tolist(),
        broke.tolist(),
        int((wrong_a + wrong_b == 0).sum()),
        int(((wrong_a == wrong_b) & (wrong_a > 0)).sum()),
        differences(project, first, second),
        _verdict(b, a, measures, p, len(rows), seeds),
        seeds,
        _flipped(of_a, of_b, labels, logit_thresholds),
    )


def _flipped(
    a: Logits, b: Logits, labels: Labels, logit_thresholds: tuple[LogitThresholds, LogitThresholds]
) -> tuple[int, int] | None:
    """How many labels of several an item are wrong in a and right in b, and the other way."""
    if labels.ndim == 1:
        return None
    right_a, right_b = (
        label_metrics.answered(logits, cut) == labels for logits, cut in zip((a, b), logit_thresholds, strict=True)
    )
    return int((~right_a & right_b).sum()), int((right_a & ~right_b).sum())


def _loss_of(measures: list[Measure]) -> Measure:
    return next(one for one in measures if one.name == "log_loss")


def _seeds(project: Project, a: RunRow, b: RunRow) -> Seeds | None:
    """Both recipes over their seeds; None where either has one run alone, which says nothing of chance."""
    of_a, of_b = siblings(project, a), siblings(project, b)
    if len(of_a) < 2 or len(of_b) < 2:
        return None
    first, second = spread(project, of_a)[0], spread(project, of_b)[0]
    return Seeds(first, second, inside_spread(first, second))


def _logits(project: Project, run: RunRow) -> Logits:
    if not (run.folder / LOGITS).exists():
        raise BadcaseError(
            _("this run has no predictions to compare"),
            where=_("run {n}").format(n=run.id),
            got=_("a run that is {state}").format(state=run.state),
            hint=_("Accept it to complete the run with its best checkpoint, or train again."),
        )
    return read_logits(run.folder, project.output_shape)


def paired_bootstrap(
    a: Logits,
    b: Logits,
    labels: Labels,
    *,
    logit_thresholds: tuple[npt.ArrayLike, npt.ArrayLike] = (0.0, 0.0),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[Measure]:
    """Measures of two sets of logits, with 95 % percentile intervals of b - a.

    Accuracy, macro-F1 and log loss; with several labels an item micro-F1 first, and accuracy where all are right.

    Both runs see the same resamples of the items, so what is hard for both cancels out.
    Source: Efron & Tibshirani 1993, chapter 13

    Args:
        a: (n, k) logits of one.
        b: (n, k) logits of the other.
        labels: (n,) or (n, k).
        logit_thresholds: Of each: see `wrong`.
        resamples: How many.
        seed: Decides the resamples.
    """
    n, of_a, of_b = len(labels), _resampled(a, labels, logit_thresholds[0]), _resampled(b, labels, logit_thresholds[1])
    # A resample is a row of multinomial counts, how often it holds each item; many rows are measured at once.
    whole = np.ones((1, n))
    differences: dict[str, list[Floats]] = {name: [] for name in of_a}
    rng = np.random.default_rng(seed)
    step = max(1, min(resamples, CHUNK // n))
    for start in range(0, resamples, step):
        counts = rng.multinomial(n, np.full(n, 1 / n), min(step, resamples - start)).astype(np.float64)
        for name in of_a:
            differences[name].append(of_b[name](counts) - of_a[name](counts))
    rows, names = [], titles(several=labels.ndim == 2)
    for name in of_a:
        low, high = np.quantile(np.concatenate(differences[name]), [(1 - BELIEF) / 2, (1 + BELIEF) / 2])
        first, second = float(of_a[name](whole)[0]), float(of_b[name](whole)[0])
        title = names.get(name, names["validation_loss"])
        rows.append(Measure(name, title, first, second, second - first, float(low), float(high), name != "log_loss"))
    return rows


def _resampled(logits: Logits, labels: Labels, logit_thresholds: npt.ArrayLike) -> dict[str, Callable[[Floats], Floats]]:
    """The measures of one run, the one that decides first, each (b,) from how often (b, n) resamples have each item."""
    n, k = logits.shape
    right, losses = (wrong(logits, labels, logit_thresholds) == 0).astype(np.float64), item_losses(logits, labels)
    accuracy, log_loss = (lambda counts: counts @ right / n), (lambda counts: counts @ losses / n)
    if labels.ndim == 2:
        said = label_metrics.answered(logits, logit_thresholds)
        return {
            "micro_f1": partial(label_metrics.micro_f1, said, labels),
            "macro_f1": partial(label_metrics.macro_f1, said, labels),
            "accuracy": accuracy,
            "log_loss": log_loss,
        }
    return {"accuracy": accuracy, "macro_f1": partial(macro_f1, logits.argmax(1), labels, k), "log_loss": log_loss}


def mcnemar(fixed: int, broke: int) -> float:
    """Exact two-sided p that items flip one way as readily as the other. Source: McNemar 1947, in its binomial form."""
    n = fixed + broke
    tail = sum(_binomial_half(n, i) for i in range(min(fixed, broke) + 1))
    return min(1.0, 2 * tail)


def _binomial_half(n: int, i: int) -> float:
    return math.exp(math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) - n * math.log(2))


def _verdict(b: int, a: int, measures: list[Measure], p: float, n: int, seeds: Seeds | None) -> str:
    main, loss = measures[0], _loss_of(measures)
    points = _("{difference:+.1f} points of {measure} ({low:+.1f} to {high:+.1f}) on {n} items").format(
        difference=100 * main.difference, measure=main.title, low=100 * main.low, high=100 * main.high, n=n
    )
    if main.beyond_noise and p < 1 - BELIEF and seeds is not None and seeds.inside:
        return _("Run {b} against run {a}: {points}. But this lies within the spread of {n} seeds: {over}.").format(
            b=b, a=a, points=points, n=min(len(seeds.a.values), len(seeds.b.values)), over=_over(seeds)
        )
    if main.beyond_noise and p < 1 - BELIEF:
        word = _("Run {b} is better than run {a}") if main.difference > 0 else _("Run {b} is worse than run {a}")
        return f"{word.format(a=a, b=b)}: {points}."
    verdict = _("No difference is visible on this gold set: {points}.").format(points=points)
    if loss.beyond_noise:
        surer = _("But run {b} is more confident in the right answers")
        sure = surer if loss.high < 0 else _("But run {b} is less confident in the right answers")
        verdict += f" {sure.format(b=b)}: " + _("log loss {old:.3f} → {new:.3f} ({low:+.3f} to {high:+.3f}).").format(
            old=loss.a, new=loss.b, low=loss.low, high=loss.high
        )
    return verdict


def _over(seeds: Seeds) -> str:
    return _("{measure} {a:.4f} ± {a_spread:.4f} before, {b:.4f} ± {b_spread:.4f} now").format(
        measure=seeds.a.title, a=seeds.a.mean, a_spread=seeds.a.spread, b=seeds.b.mean, b_spread=seeds.b.spread
    )
