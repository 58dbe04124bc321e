"""What can be seen of a project and its exports after a kill: the same for the same state, however it came about."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from badcase.project import Project
from badcase.store.run_table import RunState


def _look(place: Path) -> Project:
    return Project.open(place / "project", read_only=True)


def journal(place: Path) -> Any:
    """Labels, verdicts and the length of the journal."""
    with _look(place) as project:
        return project.labels.tolist(), project.verdicts.tolist(), project.revision, project.classes


def proposed(place: Path) -> Any:
    """What machines propose, and the journal that it may be taken into."""
    with _look(place) as project:
        made = [project.proposals.of(by) for by in project.proposals.authors()]
        return [(one.by, one.items.tolist(), one.labels.tolist()) for one in made], journal(place)


def tree(place: Path) -> Any:
    """All files below a path by name, with a digest of each; None where there is nothing."""
    if not place.exists():
        return None
    paths = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    return {str(path.relative_to(place.parent)): hashlib.sha256(path.read_bytes()).hexdigest()[:8] for path in paths}


def exported(format: str, place: Path) -> Any:
    """What an export wrote; of images beside a table those that it names: others come before it and go after it."""
    out = place / "out"
    if not (out / format).exists():
        return None
    shown = [path for path in sorted(out.glob(f"{format}*")) if not path.name.startswith(".")]
    found = {name: digest for path in shown for name, digest in (tree(path) or {}).items()}
    return {name: digest for name, digest in found.items() if name not in unnamed(format, place)}, journal(place)


def unnamed(format: str, place: Path) -> list[str]:
    """The images in the folder beside an exported table that it does not name."""
    table, folder = place / "out" / format, place / "out" / f"{format}_media"
    if not table.is_file() or not folder.is_dir():
        return []
    named = table.read_bytes()
    inside = [path.relative_to(folder.parent).as_posix() for path in folder.rglob("*") if path.is_file()]
    return [name for name in inside if f"/{name.partition('/')[2]}".encode() not in named]


def models(place: Path) -> Any:
    """Prediction sets, runs that are done, what is in use, and whether all their files can be read."""
    with _look(place) as project:
        sets = project.predictions.all()
        for one in sets:
            assert one.logits.shape[0] == len(project.items) == one.trained_on.shape[0]
            assert not one.has_embeddings or one.embeddings.shape[0] == len(project.items)
        current, run = project.predictions.current, project.runs.current
        done = [(row.id, bool(row.accepted)) for row in project.runs.all() if row.state is RunState.DONE]
        for row in project.runs.all():
            assert row.state is not RunState.DONE or row.folder.is_dir()
        spec = project.model_spec
        return [one.id for one in sets], current and current.id, run and run.id, done, spec and str(spec.get("source"))


def created(place: Path) -> Any:
    if not (place / "made").exists():
        return None
    with Project.open(place / "made") as project:
        return len(project.items), project.classes, project.labels.tolist(), len(project.set_aside)


def updated(place: Path) -> Any:
    """The items that there are, in the state of one revision of the data, and the journal; nothing else of theirs lies about."""
    with _look(place) as project:
        assert project.items.revision == len(project.data_revisions) + 1
        seen = [(project.items.key(i), project.items.fingerprint(i)) for i in (~project.gone).nonzero()[0].tolist()]
        return seen, project.drawn_gold.tolist(), journal(place)


def found_data(place: Path) -> Any:
    with _look(place) as project:
        return str(project.source.location.relative_to(place)), project.source.parts[0].name


def ranked(place: Path) -> Any:
    """A saved ranking is whole or none: the journal alone is what counts, and its order can be read."""
    with _look(place) as project:
        ranking = project.any_ranking
        assert ranking is None or len(ranking.order) > 0
    return journal(place)


def strays(place: Path) -> list[str]:
    """Folders of prediction sets, rankings and runs that the database does not know."""
    with _look(place) as project:
        sets = {one.folder.name for one in project.predictions.all()}
        runs = {row.folder.name for row in project.runs.all()}
        found = [path.name for path in (place / "project" / "predictions").glob("*") if path.name not in sets]
        found += [f"run {path.name}" for path in (place / "project" / "runs").glob("*") if path.name not in runs]
        for one in project.predictions.all():
            rankings = [path.name for path in one.folder.glob("ranking-*")]
            found += rankings[1:]
        for row in project.runs.all():
            if row.state is RunState.DONE:
                found += [
                    f"run {row.id}: {name}" for name in ("state.pt", "checkpoint.safetensors") if (row.folder / name).exists()
                ]
    return found
