"""The door to the exports: what each would write, and writing it without destroying anything."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from badcase.class_edits.codebook import export_codebook
from badcase.errors import BadcaseError
from badcase.export.coco_labels import export_coco
from badcase.export.corrections import by_gold_check, changed, corrections, excluded, for_source
from badcase.export.destination import Destination, Media, choose_media, media_choices
from badcase.export.fiftyone_folder import export_fiftyone, fiftyone_remarks
from badcase.export.folder import export_folder, folder_remarks
from badcase.export.hf import export_hf
from badcase.export.label_studio_tasks import export_label_studio, label_studio_remarks
from badcase.export.matching import SourceRows, Unmatched, match_rows
from badcase.export.own_data import check_not_own
from badcase.export.patch import export_patch, patch_remarks
from badcase.export.same import export_same
from badcase.export.tables import export_csv, export_jsonl, export_parquet, table_remarks
from badcase.formula_guard import guarded
from badcase.i18n import _, plural
from badcase.items.kinds import Kind
from badcase.items.roots import FolderRoot
from badcase.progress import Job, Progress
from badcase.store.atomic_files import replace_whole

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData


_TOLD = 3  # unmatched corrections that an error names


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format: how its file's name ends ("" for a folder), the job that writes it, and what it is called."""

    name: Callable[[], str]  # called when it is shown, so that it is in the language of that moment
    ending: str
    write: Callable[..., Job[int]]  # of the project, the path, and the Destination where it offers media
    several: bool = True  # whether it can hold items with any number of labels
    media: tuple[Media, ...] = ()  # what it can do with image files, the usual first
    texts: bool = True  # whether it can hold texts
    remarks: Callable[[ProjectData, Destination], list[str]] = lambda _project, _to: []  # how it holds the data, in words

    @property
    def title(self) -> str:
        return self.name()


def _same_remarks(project: ProjectData, to: Destination) -> list[str]:
    """A single table that is written elsewhere still names its images from the folder that it came from."""
    source = project.source
    with suppress(BadcaseError, OSError):  # data that have gone are told when they are read
        if source.lone and project.kind is Kind.IMAGE and len(project.items):
            image = project.items.media(0)
            if image.root.location == source.location and not FolderRoot(to.out.parent).has(image.name):
                return [_("Its image paths begin in {folder}, as those of the source.").format(folder=source.location)]
    return []


_TABLE = (Media.NONE, Media.COPY, Media.LINK)
_SET = (Media.COPY, Media.LINK, Media.NONE)

FORMATS: dict[str, Exporter] = {
    "same": Exporter(lambda: _("Same format as the source"), "", export_same, remarks=_same_remarks),
    "csv": Exporter(lambda: "CSV", ".csv", export_csv, media=_TABLE, remarks=table_remarks),
    "jsonl": Exporter(lambda: _("JSON lines"), ".jsonl", export_jsonl, media=_TABLE, remarks=table_remarks),
    "parquet": Exporter(lambda: "Parquet", ".parquet", export_parquet, media=(*_TABLE, Media.EMBED), remarks=table_remarks),
    "folder": Exporter(
        lambda: _("Class folders"), "", export_folder, several=False, media=(Media.COPY, Media.LINK), remarks=folder_remarks
    ),
    "hf": Exporter(
        lambda: _("Hugging Face data set"), "", export_hf, several=False, media=(Media.EMBED, Media.NONE), remarks=table_remarks
    ),
    "labelstudio": Exporter(
        lambda: "Label Studio", ".json", export_label_studio, media=(*_SET, Media.EMBED), remarks=label_studio_remarks
    ),
    "coco": Exporter(lambda: "COCO", ".json", export_coco, media=_SET, texts=False),
    "fiftyone": Exporter(
        lambda: "FiftyOne", "", export_fiftyone, several=False, media=_SET, texts=False, remarks=fiftyone_remarks
    ),
    "patch": Exporter(lambda: _("Patch"), ".patch", export_patch, remarks=patch_remarks),
    "codebook": Exporter(lambda: _("Codebook: what the classes mean"), ".md", export_codebook),
}


@dataclass(frozen=True, slots=True)
class ExportPreview:
    """What an export would do: counts, a name for it, and the same in words.

    `media` is what would be done with image files, `choices` what else could be, `places` all that would be written.
    """

    changed: int
    excluded: int
    set_aside: int
    name: str
    sentences: list[str]
    media: Media | None
    choices: list[Media]
    places: list[Path]


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


def preview(project: ProjectData, format: str = "same", *, media: str | None = None, out: Path | None = None) -> ExportPreview:
    """What `export` would write now; `out` tells where, for the names in the sentences."""
    exporter = _exporter(format)
    (labels, gone, gold), aside = _counts(project, exporter), len(project.set_aside)
    if format == "same":
        name = _same_name(project)
    else:
        name = f"{project.name}-corrected{exporter.ending}"
    sentences = [plural("{n} label is corrected.", "{n} labels are corrected.", labels).format(n=labels)]
    if exporter.write is not export_patch:  # which holds that an item is excluded
        sentences.append(plural("{n} item is left out.", "{n} items are left out.", gone).format(n=gone))
    sentences += _gold_notes(exporter, gold)
    if format == "same":
        sentences.append(_("Everything else stays as it is, byte for byte where the format allows it."))
    out = out or Path(name)
    to = _destination(project, exporter, out, media)
    sentences += to.notes()
    if aside:
        text = plural(
            "{n} item was set aside and is listed in {file}.", "{n} items were set aside and are listed in {file}.", aside
        )
        sentences.append(text.format(n=aside, file=_list_of(out).name))
    choices = media_choices(project, exporter.media)
    return ExportPreview(labels, gone, aside, name, sentences, to.media, choices, _places(to, aside=aside > 0))


def export(
    project: ProjectData,
    out: str | Path,
    *,
    format: str = "same",
    overwrite: bool = False,
    media: str | None = None,
    allow_changed: bool = False,
    formula_guard: bool = True,
) -> Job[Exported]:
    """Write the corrected data set, whole or not at all.

    Args:
        project: What is written.
        out: A path; what is there already stays unless `overwrite`.
        format: One of `FORMATS`.
        overwrite: Replace what is there.
        media: What to do with image files, one of those that the format offers; None for what is usual.
        formula_guard: With "csv": write an apostrophe before texts that a spreadsheet would take for formulas.
        allow_changed: With "same": leave out corrections whose rows the source has no more, and list them beside `out`.

    Raises:
        BadcaseError: Where there is something at the path, where it holds the data or the project, where an image cannot be
            read any more, where the source has changed so that corrections find no row, or where the format cannot hold this.
    """
    exporter = _exporter(format)
    if not exporter.several or (format == "same" and project.source.format == "folder"):
        project.require_one_label(exporter.title)
    out = Path(out).expanduser().absolute()
    to = _destination(project, exporter, out, media)
    to.formula_guard = formula_guard
    found = None
    if format == "same":
        yield Progress(_("Reading"))
        found = match_rows(project, for_source(project).tolist())
        if found.unmatched and not allow_changed:
            raise _unmatched_error(project, out, found.unmatched)
    aside, unmatched = project.set_aside, found.unmatched if found else ()
    places = [*_places(to, aside=bool(aside)), *([_list_of(out, "unmatched")] if unmatched else [])]
    _check_places(project, places, overwrite=overwrite)
    with replace_whole(*places) as (fresh, *beside):
        if to.beside is not None:
            to.folder = beside.pop(0)
            to.folder.mkdir()
        files = yield from exporter.write(project, fresh, *([found] if found else [to] if exporter.media else []))
        if aside:
            _write_list(beside.pop(0), ("row", "key", "where", "what", "remedy"), map(astuple, aside))
        if unmatched:
            rows = [(one.key, _wanted(project, one.item), one.what) for one in unmatched]
            _write_list(beside.pop(0), ("key", "label", "what"), rows)
    labels, gone, gold = _counts(project, exporter)
    if found:
        written = corrections(project, found)
        labels, gone = len(written.labels), len(written.dropped)
    notes = [*_gold_notes(exporter, gold), *to.notes(), *(_matching_notes(out, found) if found else [])]
    if found and (n := int((changed(project) & (project.items.places > 0)).sum())):
        text = plural(
            "{n} label is of an item that came from elsewhere and has no row in the source; every other format has it too.",
            "{n} labels are of items that came from elsewhere and have no row in the source; every other format has them too.",
            n,
        )
        notes.append(text.format(n=n))
    return Exported(out, files + bool(aside) + bool(unmatched), labels, gone, len(aside), unmatched, notes)


def _counts(project: ProjectData, exporter: Exporter) -> tuple[int, int, int]:
    """How many labels an export changes, how many items it leaves out, and of how many a check of gold said so."""
    if exporter.write is export_codebook:  # no label is in it
        return 0, 0, 0
    gold = by_gold_check(project)
    written = ~gold if exporter.write is export_patch else np.ones(len(gold), np.bool_)
    if exporter.write is export_same:
        written = project.items.places == 0
    labels, gone = (int((which(project) & written).sum()) for which in (changed, excluded))
    return labels, gone, int(gold.sum())


def _gold_notes(exporter: Exporter, gold: int) -> list[str]:
    """That labels which a blind check of gold found are among what is written, or, in a patch of verdicts, that they are not."""
    if not gold:
        return []
    if exporter.write is export_patch:
        return [_("A patch carries verdicts of the review; what the check of gold found is not in it.")]
    words = plural("Of these {n} is gold, as its blind check found.", "Of these {n} are gold, as their blind check found.", gold)
    return [words.format(n=gold)]


def _unmatched_error(project: ProjectData, out: Path, unmatched: Sequence[Unmatched]) -> BadcaseError:
    told = "; ".join(f"{one.key}: {one.what}" for one in unmatched[:_TOLD])
    return BadcaseError(
        plural(
            "the source has changed since the import, and {n} correction finds its row no more",
            "the source has changed since the import, and {n} corrections find their rows no more",
            len(unmatched),
        ).format(n=len(unmatched)),
        where=str(project.source.location),
        got=told + ("; …" if len(unmatched) > _TOLD else ""),
        hint=_("--allow-changed writes the others, and lists these in {file}.").format(file=_list_of(out, "unmatched").name),
    )


def _matching_notes(out: Path, found: SourceRows) -> list[str]:
    notes = []
    if found.changed:
        notes.append(_("The source has changed since the import; corrections were written to the rows of their items."))
    if n := len(found.unmatched):
        text = plural("{n} correction found no row: see {file}.", "{n} corrections found no row: see {file}.", n)
        notes.append(text.format(n=n, file=_list_of(out, "unmatched").name))
    return notes


def _destination(project: ProjectData, exporter: Exporter, out: Path, media: str | None) -> Destination:
    if project.kind is Kind.TEXT and not exporter.texts:
        raise BadcaseError(
            _("{format} holds images alone").format(format=exporter.title),
            where="format",
            expected=", ".join(name for name, one in FORMATS.items() if one.texts),
            got=exporter.title,
            hint=_("Choose another format for texts."),
        )
    chosen = choose_media(project, exporter.media, media, exporter.title)
    to = Destination(project, out, chosen, beside=bool(exporter.ending))
    to.remarks = exporter.remarks(project, to)
    return to


def _wanted(project: ProjectData, item: int) -> str:
    """What a correction would have written: a class, "" for an item that is left out."""
    return "" if excluded(project)[item] else project.classes[project.checked_labels[item]]


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


def _list_of(out: Path, what: str = "set_aside") -> Path:
    """The table beside an export of what is not in it."""
    return out.parent / f"{out.name}.{what}.csv"


def _places(to: Destination, *, aside: bool) -> list[Path]:
    """All that an export writes: the file or folder, the images beside it, and the list of what was set aside."""
    return [to.out, *([to.beside] if to.beside is not None else []), *([_list_of(to.out)] if aside else [])]


def _check_places(project: ProjectData, places: list[Path], *, overwrite: bool) -> None:
    """Refuse to write over the project, over the data it reads, or over anything without being asked."""
    for place in places:
        check_not_own(project, place, data_set=True)
    for place in places:
        if (place.exists() or place.is_symlink()) and not overwrite:
            raise BadcaseError(
                _("there is something at this path already"),
                where=str(place),
                hint=_("Choose another name, or allow overwriting (--overwrite)."),
            )


def _write_list(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(map(guarded, row) for row in rows)
