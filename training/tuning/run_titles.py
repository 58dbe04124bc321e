"""What runs are called, in the language in use now. The title that a run keeps is in that of the day it began."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from badcase.errors import BadcaseError
from badcase.i18n import _, current_language
from badcase.store.run_table import RunKind, RunRow
from badcase.training.recipe import Recipe
from badcase.training.run_folder.run_files import META, glance_json
from badcase.training.runs.plan import changes_title, knob_differences, new_verdicts
from badcase.training.runs.soup import MADE_OF, soup_title
from badcase.training.tuning.trials import trials_of
from badcase.training.tuning.tuning_folder import ASKED, MEASURED, nested_title, search_title

if TYPE_CHECKING:
    from badcase.project import Project

_titles: dict[tuple[Path, int, str, str], str] = {}


def title_of(project: Project, row: RunRow) -> str:
    """What a run changes against its parent, or how a search goes; a model that was brought is called as it was then."""
    if row.kind is RunKind.TUNING:
        return search_title(glance_json(row, ASKED).get("space"), trials_of(project.runs.all(), row.id))
    if row.kind is RunKind.NESTED_TUNING:
        outer = glance_json(row, MEASURED).get("asked", {}).get("outer")
        return row.title if outer is None else nested_title(outer)
    if row.kind is RunKind.SOUP:
        made_of = glance_json(row, META).get(MADE_OF)
        return soup_title(made_of) if made_of else row.title
    if row.kind is RunKind.INITIAL or not row.recipe:
        return row.title
    told = project.path, row.id, row.started, current_language()
    if told not in _titles:  # to count what was judged anew is to replay the journal
        _titles[told] = _told_anew(project, row)
    return _titles[told]


def _told_anew(project: Project, row: RunRow) -> str:
    try:
        recipe, against = Recipe().replace_from(row.recipe), _against(project, row)
    except BadcaseError:  # of another version, or the parent is gone
        return row.title
    if against is not None and _repeats(row, against):
        return _("run {n} again").format(n=against.id)
    fresh = new_verdicts(project, against, row.revision)
    return changes_title(recipe, against, fresh, knob_differences(recipe, row.start, against))


def _against(project: Project, row: RunRow) -> RunRow | None:
    """The run that a run is held against: its parent; of the first trial of a tuning, whose model was in use then."""
    number = row.parent
    if number is None and row.kind is RunKind.TRIAL and row.part_of is not None:
        wanted = glance_json(project.runs.get(row.part_of), ASKED).get("prediction_set")
        number = next((made.meta.get("run") for made in project.predictions.all() if made.id == wanted), None)
    return None if number is None else project.runs.get(number)


def _repeats(row: RunRow, first: RunRow) -> bool:
    same = ("kind", "recipe", "start", "seed", "revision")
    return row.kind is RunKind.TRAINING and all(getattr(row, name) == getattr(first, name) for name in same)
