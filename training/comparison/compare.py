"""The comparison of two runs on gold, which neither has touched: what differs, how surely, on which items. numpy only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.thresholds import LogitThresholds
from badcase.training.comparison.gold import GoldStanding, gold_labels, gold_standing
from badcase.training.comparison.mcnemar import ComparisonOutcome, decide
from badcase.training.comparison.paired_measures import Labels, Logits, Measure, paired_bootstrap
from badcase.training.comparison.run_differences import differences, unlearnt
from badcase.training.comparison.seed_spread import Spread, inside_spread, siblings, spread
from badcase.training.metrics import multilabel as label_metrics
from badcase.training.metrics.single_label import wrong
from badcase.training.run_folder.run_answers import run_logits, run_thresholds
from badcase.training.run_folder.run_files import LOGITS

if TYPE_CHECKING:
    from badcase.project import Project
    from badcase.store.run_table import RunRow


@dataclass(frozen=True, slots=True)
class Seeds:
    """The first measure on gold of both recipes over their seeds; `inside`: the means differ by no more than seeds explain."""

    a: Spread
    b: Spread
    inside: bool

    @property
    def n(self) -> int:
        """How many seeds the recipe with fewer of them has."""
        return min(len(self.a.values), len(self.b.values))

    def __str__(self) -> str:
        return _("{measure} {a:.4f} ± {a_spread:.4f} before, {b:.4f} ± {b_spread:.4f} now").format(
            measure=self.a.title, a=self.a.mean, a_spread=self.a.spread, b=self.b.mean, b_spread=self.b.spread
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run b against run a on gold items, under their labels as checked.

    Attributes:
        a: The number of one run.
        b: The number of the other.
        gold: How many items they are compared on.
        measures: Of both, with intervals of the difference.
        mcnemar_p: Of the test that decides, with the interval of the first measure: McNemar's in its mid-p form; where an
            item may have any number of labels, that of the paired resamples.
        fixed: Ids wrong in a and right in b; where an item may have any number of labels, those with fewer wrong labels.
        broke: The other way.
        both_right: How many items both answer rightly.
        both_wrong: How many neither does, or with as many wrong labels.
        changed: What differs between the runs, in words.
        verdict: The result in words.
        outcome: The result, as one of the few things that it can be.
        seeds: Where both recipes were run under several seeds.
        items: Ids of the gold items.
        standing: What is known of the labels of gold.
        meanwhile: What was decided while either was trained, and it has not learnt, in words.
        as_given: The same two runs under the labels that gold was given; None where nobody has checked any.
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
    outcome: ComparisonOutcome
    standing: GoldStanding
    seeds: Seeds | None = None  # where both recipes were run under several seeds
    labels: tuple[int, int] | None = None
    items: tuple[int, ...] = ()
    meanwhile: tuple[str, ...] = ()
    as_given: Comparison | None = None

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
    def stands_on(self) -> str:
        """On which labels the figures stand, in words: of gold, and what they are on those as given; which neither run learnt."""
        if self.as_given is None:
            return " ".join([*self.standing.sentences, *self.meanwhile])
        other = self.as_given.measures[0]
        words = _(
            "The figures are for gold as checked. As given: {measure} {a:.1f} → {b:.1f} %, {difference:+.1f} points "
            "({low:+.1f} to {high:+.1f}) on {n} items. {title}."
        )
        told = words.format(
            measure=other.title,
            a=100 * other.a,
            b=100 * other.b,
            difference=100 * other.difference,
            low=100 * other.low,
            high=100 * other.high,
            n=self.as_given.gold,
            title=self.as_given.title,
        )
        return " ".join([told, *self.standing.sentences, *self.meanwhile])

    @property
    def better(self) -> bool:
        """Beyond what chance and seeds explain."""
        return self.outcome is ComparisonOutcome.BETTER

    @property
    def worse(self) -> bool:
        return self.outcome is ComparisonOutcome.WORSE

    @property
    def title(self) -> str:
        """The result in a few words."""
        return {
            ComparisonOutcome.BETTER: _("Run {n} is better"),
            ComparisonOutcome.PERHAPS_BETTER: _("Run {n} is perhaps better"),
            ComparisonOutcome.NO_DIFFERENCE: _("No difference is visible on this gold set"),
            ComparisonOutcome.PERHAPS_WORSE: _("Run {n} is perhaps worse"),
            ComparisonOutcome.WORSE: _("Run {n} is worse"),
            ComparisonOutcome.WITHIN_SEEDS: _("The difference is within the spread of the seeds"),
        }[self.outcome].format(n=self.b)

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
    first, second, standing = project.runs.get(a), project.runs.get(b), gold_standing(project)
    found = _compared(project, first, second, standing)
    if not standing.checked:
        return found
    return replace(found, as_given=_compared(project, first, second, standing, as_given=True))


def _compared(project: Project, first: RunRow, second: RunRow, standing: GoldStanding, *, as_given: bool = False) -> Comparison:
    rows, held = gold_labels(project, as_given=as_given)
    of_a, of_b = _logits(project, first)[rows], _logits(project, second)[rows]
    if not len(rows):
        raise BadcaseError(
            _("there are no gold items to compare on"),
            where=project.name,
            hint=_("Bring excluded gold items back, or make the project anew with more data held out."),
        )
    labels = project.taxonomy.answers(held)
    logit_thresholds = run_thresholds(project, first), run_thresholds(project, second)
    wrong_a, wrong_b = wrong(of_a, labels, logit_thresholds[0]), wrong(of_b, labels, logit_thresholds[1])
    fixed, broke = rows[wrong_b < wrong_a], rows[wrong_b > wrong_a]
    measures = paired_bootstrap(of_a, of_b, labels, logit_thresholds=logit_thresholds)
    seeds = _seeds(project, first, second, as_given=as_given)
    outcome = decide(measures[0].difference, measures[0].p, seeds_explain=seeds is not None and seeds.inside)
    return Comparison(
        first.id,
        second.id,
        len(rows),
        measures,
        measures[0].p,
        fixed.tolist(),
        broke.tolist(),
        int((wrong_a + wrong_b == 0).sum()),
        int(((wrong_a == wrong_b) & (wrong_a > 0)).sum()),
        differences(project, first, second),
        _verdict(second.id, first.id, measures, len(rows), (len(fixed), len(broke)), outcome, seeds),
        outcome,
        standing,
        seeds,
        _flipped(of_a, of_b, labels, logit_thresholds),
        tuple(rows.tolist()),
        tuple(filter(None, (unlearnt(project, run) for run in (first, second)))),
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


def _seeds(project: Project, a: RunRow, b: RunRow, *, as_given: bool) -> Seeds | None:
    """Both recipes over their seeds; None where either has one run alone, which says nothing of chance."""
    of_a, of_b = siblings(project, a), siblings(project, b)
    if len(of_a) < 2 or len(of_b) < 2:
        return None
    first, second = (spread(project, of, as_given=as_given)[0] for of in (of_a, of_b))
    return Seeds(first, second, inside_spread(first, second))


def _logits(project: Project, run: RunRow) -> Logits:
    if not (run.folder / LOGITS).exists():
        raise BadcaseError(
            _("this run has no predictions to compare"),
            where=_("run {n}").format(n=run.id),
            got=_("a run that is {state}").format(state=run.state),
            hint=_("Accept it to complete the run with its best checkpoint, or train again."),
        )
    return run_logits(project, run)


def _verdict(
    b: int, a: int, measures: list[Measure], n: int, flips: tuple[int, int], outcome: ComparisonOutcome, seeds: Seeds | None
) -> str:
    main, loss = measures[0], _loss_of(measures)
    points = _("{difference:+.1f} points of {measure} ({low:+.1f} to {high:+.1f}) on {n} items").format(
        difference=100 * main.difference, measure=main.title, low=100 * main.low, high=100 * main.high, n=n
    )
    said = {
        ComparisonOutcome.BETTER: _("Run {b} is better than run {a}: {points}."),
        ComparisonOutcome.WORSE: _("Run {b} is worse than run {a}: {points}."),
        ComparisonOutcome.PERHAPS_BETTER: _(
            "Run {b} is perhaps better than run {a}: {fixed} fixed, {broke} broke, p = {p:.3f}; not enough to call it. {points}."
        ),
        ComparisonOutcome.PERHAPS_WORSE: _(
            "Run {b} is perhaps worse than run {a}: {fixed} fixed, {broke} broke, p = {p:.3f}; not enough to call it. {points}."
        ),
        ComparisonOutcome.NO_DIFFERENCE: _("No difference is visible on this gold set: {points}."),
        ComparisonOutcome.WITHIN_SEEDS: _(
            "Run {b} against run {a}: {points}. But this lies within the spread of {n} seeds: {over}."
        ),
    }[outcome]
    verdict = said.format(
        a=a, b=b, points=points, fixed=flips[0], broke=flips[1], p=main.p, n=seeds.n if seeds else 0, over=seeds or ""
    )
    if outcome is ComparisonOutcome.NO_DIFFERENCE and loss.beyond_noise:
        surer = _("But run {b} is more confident in the right answers")
        sure = surer if loss.high < 0 else _("But run {b} is less confident in the right answers")
        verdict += f" {sure.format(b=b)}: " + _("log loss {old:.3f} → {new:.3f} ({low:+.3f} to {high:+.3f}).").format(
            old=loss.a, new=loss.b, low=loss.low, high=loss.high
        )
    return verdict
