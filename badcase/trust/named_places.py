"""The places of data that a person named on this computer: kept among the user's settings, and never in a project.

A project says itself where its data lie, and one that a stranger made may say that it is the person's home. What a place holds
beyond what the project can prove to know is therefore taken into an export only where a person named that place for it.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import platformdirs

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.store.atomic_files import write_whole

_MOST = 2000  # projects that are remembered
_log = logging.getLogger(__name__)


def name_places(project: Path, *places: Path) -> None:
    """Remember that a person named these places as the data of a project."""
    known, name = _read(), os.path.realpath(project)
    mine = known.pop(name, [])
    known[name] = list(dict.fromkeys([*(os.path.realpath(place) for place in places), *mine]))[:8]
    _keep(known)


def forget_places(project: Path) -> None:
    """Forget what was named for a project, which is gone."""
    known = _read()
    if known.pop(os.path.realpath(project), None) is not None:
        _keep(known)


def _keep(known: dict[str, list[str]]) -> None:
    try:
        with write_whole(_file()) as temporary:
            temporary.write_text(json.dumps(dict(list(known.items())[-_MOST:]), indent=1), encoding="utf-8")
    except OSError as error:
        _log.warning("the places of data cannot be remembered: %s", error)


def is_named(project: Path, place: Path) -> bool:
    """Whether a person named the place for this project, or it lies in the project's own folder."""
    real, home = os.path.realpath(place), os.path.realpath(project)
    return real.startswith(home + os.sep) or real in _read().get(home, [])


def not_named(project: Path, place: Path, where: str) -> BadcaseError:
    """What to say of a file that a project cannot prove to know, in a place that nobody named for it."""
    return BadcaseError(
        _("the project was not made from this file as it is, and on this computer nobody said that its data lie there"),
        where=where,
        hint=_("If these are its data, say so: badcase relocate {project} {path}").format(project=project, path=place),
    )


def _file() -> Path:
    return platformdirs.user_config_path("badcase") / "named_places.json"


def _read() -> dict[str, list[str]]:
    try:
        known = json.loads(_file().read_text(encoding="utf-8"))
        return {str(name): [str(place) for place in places] for name, places in known.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        _log.warning("the list of named places cannot be read and starts afresh: %s", error)
        return {}
