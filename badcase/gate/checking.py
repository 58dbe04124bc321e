"""A data set or a project checked against limits, and against another project as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from badcase.errors import BadcaseError
from badcase.gate.limits import Limit
from badcase.gate.measures import GateMeasure, MeasureName, measure
from badcase.i18n import _, grouped, plural
from badcase.progress import Job, in_stage
from badcase.project import Project
from badcase.trust.named_places import forget_places

_NAMED = 5  # classes in a sentence


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One measure beside what is allowed.

    Attributes:
        measure: What was measured.
        limit: The most that was allowed; None where nobody set one.
        exceeded: Whether there is more; False without a limit.
        baseline: The same of the baseline; None without one.
    """

    measure: GateMeasure
    limit: Limit | None = None
    exceeded: bool = False
    baseline: GateMeasure | None = None


@dataclass(frozen=True, slots=True)
class GateReport:
    """What a gate found.

    Attributes:
        name: Of what was checked.
        items: How many items it has.
        checks: Each measure.
        notes: What else differs from the baseline, in sentences.
    """

    name: str
    items: int
    checks: tuple[GateCheck, ...]
    notes: tuple[str, ...] = ()

    @property
    def exceeded(self) -> list[GateCheck]:
        """The checks that failed."""
        return [one for one in self.checks if one.exceeded]

    @property
    def passed(self) -> bool:
        return not self.exceeded


def checking(
    path: Path, limits: Mapping[MeasureName, Limit], *, baseline: Path | None = None, model: str | None = None, **how: Any
) -> Job[GateReport]:
    """Check a project, or data that no project was made of; nothing is recorded in either.

    Args:
        path: The folder of a project, or what `Project.create` takes.
        limits: The most that is allowed, by measure.
        baseline: A project: what has no limit of its own must be no worse than there.
        model: What ranks the data; a packaged backbone without one. A project has its own.
        how: As for `Project.create`; a project knows.

    Raises:
        BadcaseError: Where the data cannot be read, or a project was not predicted yet and wrong labels are limited.
    """
    compared = None if baseline is None else (yield from _of_baseline(baseline))
    errors = MeasureName.ERRORS in limits or not limits or compared is not None
    if (path / "project.db").is_file():
        if said := [name for name, value in how.items() if value] + (["model"] if model else []):
            raise BadcaseError(
                _("this belongs to data that no project was made of yet"),
                where=str(path),
                got=", ".join(f"--{one}" for one in said),
            )
        with Project.open(path, read_only=True) as project:
            return (yield from _checked(project, limits, compared, errors=errors))
    with _for_now() as folder, (yield from in_stage("import", Project.creating(folder, path, **how))) as project:
        if errors:
            yield from in_stage("predict", project.predicting(model))
        return replace((yield from _checked(project, limits, compared, errors=errors)), name=path.name)


@contextmanager
def _for_now() -> Iterator[Path]:
    """A folder for a project that nobody keeps."""
    with TemporaryDirectory(prefix="badcase-", ignore_cleanup_errors=True) as place:
        folder = Path(place) / "check"
        try:
            yield folder
        finally:
            forget_places(folder)


@dataclass(frozen=True, slots=True)
class _Baseline:
    """What is kept of a project that another is compared with."""

    items: int
    measures: Mapping[MeasureName, GateMeasure]
    classes: frozenset[str]
    labels: Mapping[str, str]


def _of_baseline(path: Path) -> Job[_Baseline]:
    with Project.open(path, read_only=True) as project:
        measured = yield from _measured(project, errors=True)
        keys = project.items.keys
        return _Baseline(
            project.items_now,
            {one.name: one for one in measured},
            frozenset(project.label_names),
            {keys[item]: project.classes[int(project.labels[item])] for item in np.flatnonzero(~project.gone).tolist()},
        )


def _measured(project: Project, *, errors: bool) -> Job[list[GateMeasure]]:
    if errors and project.any_ranking is None:
        project.use_ranking((yield from project.ranking_anew()))
    return measure(project, errors=errors)


def _checked(
    project: Project, limits: Mapping[MeasureName, Limit], compared: _Baseline | None, *, errors: bool
) -> Job[GateReport]:
    n = project.items_now
    checks = []
    for one in (yield from _measured(project, errors=errors)):
        other = None if compared is None else compared.measures[one.name]
        limit = limits.get(one.name)
        if limit is None and other is not None and compared is not None:
            limit = _no_worse(other, compared.items)
        checks.append(GateCheck(one, limit, limit is not None and limit.exceeded_by(one.value, n), other))
    return GateReport(project.name, n, tuple(checks), tuple(() if compared is None else _differences(project, compared)))


def _no_worse(other: GateMeasure, items: int) -> Limit:
    """The limit that a baseline sets: of an estimate the upper end of its interval, as a share; else the number itself."""
    return Limit(other.high / items, share=True) if other.name is MeasureName.ERRORS else Limit(other.value)


def _differences(project: Project, compared: _Baseline) -> Iterator[str]:
    """Sentences on items and classes that the baseline has otherwise."""
    classes = frozenset(project.label_names)
    for words, names in (
        (_("Classes that the baseline does not have: {names}."), classes - compared.classes),
        (_("Classes of the baseline that are gone: {names}."), compared.classes - classes),
    ):
        if names:
            shown = sorted(names)
            yield words.format(names=", ".join(shown[:_NAMED]) + ", …" * (len(shown) > _NAMED))
    keys = project.items.keys
    known = [item for item in np.flatnonzero(~project.gone).tolist() if keys[item] in compared.labels]
    new, gone = project.items_now - len(known), len(compared.labels) - len(known)
    other = sum(compared.labels[keys[item]] != project.classes[int(project.labels[item])] for item in known)
    yield _("Beside the baseline: {new} new, {gone} gone, {other} with another label.").format(
        new=grouped(new), gone=grouped(gone), other=grouped(other)
    )


def gate_sentence(report: GateReport) -> str:
    """The outcome in one sentence."""
    n = len(report.exceeded)
    if n:
        return plural("{n} limit is exceeded.", "{n} limits are exceeded.", n).format(n=n)
    if any(one.limit is not None for one in report.checks):
        return _("No limit is exceeded.")
    return _("No limit was set.")
