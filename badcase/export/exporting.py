"""The door to the exports: what each would write, and writing it without destroying anything."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from badcase.errors import BadcaseError
from badcase.export.corrections import changed, corrections, excluded
from badcase.export.folder import export_folder
from badcase.export.hf import export_hf
from badcase.export.matching import Unmatched, match_rows
from badcase.export.patch import export_patch
from badcase.export.same import export_same
from badcase.export.tables import export_csv, export_jsonl, export_parquet
from badcase.i18n import _, plural
from badcase.items.kinds import Kind, SetAside
from badcase.progress import Job, Progress
from badcase.store.atomic_files import replace_whole, write_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData


_TOLD = 3  # unmatched corrections that an error names


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format: how its file's name ends ("" for a folder), the job that writes it, and what it is called."""

    name: Callable[[], str]  # called when it is shown, so that it is in the language of that moment
    ending: str
    write: Callable[[ProjectData, Path], Job[int]]
    several: bool = True  # whether it can hold items with any number of labels

    @property
    def title(self) -> str:
        return self.name()


FORMATS: dict[str, Exporter] = {
    "same": Exporter(lambda: _("Same format as the source"), "", export_same),
    "csv": Exporter(lambda: "CSV", ".csv", export_csv),
    "jsonl": Exporter(lambda: _("JSON lines"), ".jsonl", export_jsonl),
    "parquet": Exporter(lambda: "Parquet", ".parquet", export_parquet),
    "folder": Exporter(lambda: _("Class folders"), "", export_folder, several=False),
    "hf": Exporter(lambda: _("Hugging Face data set"), "", export_hf, several=False),
    "patch": Exporter(lambda: _("Patch"), ".patch", export_patch),
}


@dataclass(frozen=True, slots=True)
class ExportPreview:
    """What an export would do: counts, a name for it, and the same in words."""

    changed: int
    excluded: int
    set_aside: int
    name: str
    sentences: list[str]


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did.

    Attributes:
        path: What was written.
        files: How many files.
        changed: How many labels were written anew.
        excluded: How many items were left out.
        set_aside: How many rows of the source are no items, and are listed beside it.
        unmatched: Corrections and exclusions that were not written, because the source has their row no more.
        notes: What else a person should know.
    """

    path: Path
    files: int
    changed: int
    excluded: int
    set_aside: int
    unmatched: Sequence[Unmatched] = ()
    notes: Sequence[str] = ()


def preview(project: ProjectData, format: str = "same") -> ExportPreview:
    """What `export` would write now."""
    exporter = _exporter(format)
    labels, gone, aside = int(changed(project).sum()), int(excluded(project).sum()), len(project.set_aside)
    if format == "same":
        name = _same_name(project)
    else:
        name = f"{project.name}-corrected{exporter.ending}"
    sentences = [
        plural("{n} label is corrected.", "{n} labels are corrected.", labels).format(n=labels),
        plural("{n} item is left out.", "{n} items are left out.", gone).format(n=gone),
    ]
    if format == "same":
        sentences.append(_("Everything else stays as it is, byte for byte where the format allows it."))
    elif format in ("csv", "jsonl", "parquet") and project.kind is Kind.IMAGE:
        sentences.append(_("Images are named by their path inside the data, and not copied."))
    if aside:
        text = plural(
            "{n} item was set aside and is listed in {file}.", "{n} items were set aside and are listed in {file}.", aside
        )
        sentences.append(text.format(n=aside, file=_list_of(Path(name)).name))
    return ExportPreview(labels, gone, aside, name, sentences)


def export(
    project: ProjectData, out: str | Path, *, format: str = "same", overwrite: bool = False, allow_changed: bool = False
) -> Job[Exported]:
    """Write the corrected data set to `out`, whole or not at all.

    Args:
        project: What was corrected.
        out: The file or folder to write.
        format: One of `FORMATS`.
        overwrite: Whether what is there already is replaced.
        allow_changed: Whether corrections whose rows the source has no more are left out, and listed beside `out`.

    Raises:
        BadcaseError: Where `out` may not be written, or the source has changed so that corrections find no row.
    """
    exporter = _exporter(format)
    if not exporter.several or (format == "same" and project.source.format == "folder"):
        project.require_one_label(exporter.title)
    out = Path(out).expanduser().absolute()
    aside = project.set_aside
    listing = _list_of(out)
    _check_place(project, out, [out, *([listing] if aside else [])], overwrite=overwrite)
    if format == "same":
        return (yield from _export_same(project, out, listing, overwrite=overwrite, allow_changed=allow_changed))
    with replace_whole(out) as fresh:
        files = yield from exporter.write(project, fresh)
    if aside:
        _write_aside(listing, aside)
    return Exported(out, files + bool(aside), int(changed(project).sum()), int(excluded(project).sum()), len(aside))


def _export_same(project: ProjectData, out: Path, listing: Path, *, overwrite: bool, allow_changed: bool) -> Job[Exported]:
    """Write the source with its corrections in, where their rows are now."""
    yield Progress(_("Reading"))
    wanted = np.flatnonzero(changed(project) | excluded(project)).tolist()
    found = match_rows(project, wanted)
    unmatched, aside = found.unmatched, project.set_aside
    missing = out.with_name(f"{out.name}.unmatched.csv")
    if unmatched and not allow_changed:
        told = "; ".join(f"{one.key}: {one.what}" for one in unmatched[:_TOLD])
        raise BadcaseError(
            plural(
                "the source has changed since the import, and {n} correction finds its row no more",
                "the source has changed since the import, and {n} corrections find their rows no more",
                len(unmatched),
            ).format(n=len(unmatched)),
            where=str(project.source.location),
            got=told + ("; …" if len(unmatched) > _TOLD else ""),
            hint=_("--allow-changed writes the others, and lists these in {file}.").format(file=missing.name),
        )
    if unmatched:
        _check_place(project, out, [missing], overwrite=overwrite)
    with replace_whole(out) as fresh:
        files = yield from export_same(project, fresh, found)
    if aside:
        _write_aside(listing, aside)
    if unmatched:
        _write_list(missing, ("key", "label", "what"), [(one.key, _wanted(project, one.item), one.what) for one in unmatched])
    written = corrections(project, found)
    notes = []
    if found.changed:
        notes.append(_("The source has changed since the import; corrections were written to the rows of their items."))
    if unmatched:
        text = plural("{n} correction found no row: see {file}.", "{n} corrections found no row: see {file}.", len(unmatched))
        notes.append(text.format(n=len(unmatched), file=missing.name))
    return Exported(
        out, files + bool(aside) + bool(unmatched), len(written.labels), len(written.dropped), len(aside), unmatched, notes
    )


def _wanted(project: ProjectData, item: int) -> str:
    """What a correction would have written: a class, "" for an item that is left out."""
    return "" if excluded(project)[item] else project.classes[project.labels[item]]


def _exporter(format: str) -> Exporter:
    if format not in FORMATS:
        raise BadcaseError(
            _("there is no such format"), where="format", expected=", ".join(FORMATS), got=format, hint=_("Choose one of these.")
        )
    return FORMATS[format]


def _same_name(project: ProjectData) -> str:
    source = project.source
    name = source.parts[0].name if source.lone else source.location.name
    stem, dot, endings = name.partition(".")
    return f"{stem}-corrected{dot}{endings}"


def _list_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.set_aside.csv")


def _check_place(project: ProjectData, out: Path, places: list[Path], *, overwrite: bool) -> None:
    """Refuse to write over the project, over the data it reads, or over anything without being asked."""
    source = project.source
    location = source.location
    own = location / source.parts[0].name if source.lone else location
    for holy, what in (
        (own, _("this path holds the data that the project reads")),
        (project.path, _("this path is the project folder")),
    ):
        real, target = holy.resolve(), out.resolve()
        if target == real or real in target.parents or target in real.parents:
            raise BadcaseError(what, where=str(out), hint=_("Choose another place for the export."))
    for place in places:
        if (place.exists() or place.is_symlink()) and not overwrite:
            raise BadcaseError(
                _("there is something at this path already"),
                where=str(place),
                hint=_("Choose another name, or allow overwriting (--overwrite)."),
            )


def check_not_own(project: ProjectData, out: Path) -> None:
    """Refuse to write a table or a report over a file of the project or of the data that it reads.

    Raises:
        BadcaseError: `out` is such a file; other files are replaced.
    """
    source, target = project.source, out.resolve()
    read = {(source.location / part.name).resolve() for part in source.parts}
    kept = {(project.path / name).resolve() for name in ("project.db", "items.arrow", "project.lock")}
    rooms = [(project.path / name).resolve() for name in ("predictions", "runs", "thumbs")]
    data = [] if source.lone else [source.location.resolve()]
    for found, what in (
        (target in read or any(room in target.parents for room in data), _("this path holds the data that the project reads")),
        (target in kept or any(room in target.parents for room in rooms), _("this path is the project folder")),
    ):
        if found and target.exists():
            raise BadcaseError(what, where=str(out), hint=_("Choose another place for the export."))


def _write_aside(path: Path, aside: Sequence[SetAside]) -> None:
    _write_list(path, ("row", "key", "where", "what", "remedy"), [astuple(one) for one in aside])


def _write_list(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with write_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
