"""Where an export goes, and its images with it: beside the table, inside it, or left where they lie."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from badcase.errors import BadcaseError
from badcase.export.corrections import changed
from badcase.export.file_names import FreeNames, safe_path
from badcase.formula_guard import guarded
from badcase.i18n import _, plural
from badcase.items.images import examine
from badcase.items.kinds import Kind
from badcase.items.regular_files import read_regular
from badcase.items.roots import fingerprint, leads_into_archive
from badcase.progress import Job, Progress
from badcase.trust.named_places import is_named, not_named

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from badcase.store.project_data import ProjectData

_STEP = 200  # images between two signs of life


class Media(StrEnum):
    """What an export does with the image files."""

    NONE = "none"  # paths lead to where they lie
    COPY = "copy"
    LINK = "link"
    EMBED = "embed"  # their bytes stand in the file itself


def choose_media(project: ProjectData, offered: Sequence[Media], asked: str | None, title: str) -> Media | None:
    """What to do with the images: what was asked for, else the first that is offered and can be had.

    Args:
        project: Whose images.
        offered: What the format can do, the usual first; empty where there is nothing to choose.
        asked: A person's choice.
        title: The format's name.

    Returns:
        None for texts and for formats that offer nothing.

    Raises:
        BadcaseError: Where the format or the data cannot do what was asked.
    """
    choices = offered if project.kind is Kind.IMAGE else ()
    if asked is not None and asked not in choices:
        if project.kind is not Kind.IMAGE:
            what, hint = _("texts have no files to bring along"), _("Leave --media out.")
        elif not choices:
            what, hint = _("{format} leaves nothing to choose here").format(format=title), _("Leave --media out.")
        else:
            what, hint = _("{format} cannot do this with images").format(format=title), _("Choose one of these.")
        raise BadcaseError(what, where="--media", expected=" | ".join(choices), got=asked, hint=hint)
    if not choices:
        return None
    media = Media(asked) if asked is not None else choices[0]
    if media is Media.NONE and _in_archive(project):
        if asked is not None:
            raise BadcaseError(
                _("the images lie inside an archive, where no path leads"), where="--media", got=asked, hint=_("Choose copy.")
            )
        return Media.EMBED if Media.EMBED in choices else Media.COPY
    if asked is None and media is Media.NONE and _kept_by_project(project):
        return Media.EMBED if Media.EMBED in choices else Media.COPY
    return media


def media_choices(project: ProjectData, offered: Sequence[Media]) -> list[Media]:
    """What of the offered can be done with the images of this project."""
    if project.kind is not Kind.IMAGE:
        return []
    return [media for media in offered if media is not Media.NONE or not _in_archive(project)]


def _in_archive(project: ProjectData) -> bool:
    """Whether some of the images do: an archive may hold those that are not unpacked beside it."""
    texts = project.items.texts()[:]
    with suppress(BadcaseError, OSError):  # data that have gone are told when they are read
        return any(project.items.media(i).path is None for i in range(len(texts)) if not i or leads_into_archive(texts[i]))
    return False


def _kept_by_project(project: ProjectData) -> bool:
    """Whether the images came inside a table, so that their only files are the project's own."""
    with suppress(BadcaseError, OSError):
        path = project.items.media(0).path if len(project.items) else None
        return path is not None and path.is_relative_to(project.path.resolve())
    return False


class Destination:
    """One export on its way.

    Attributes:
        out: The path it will have.
        media: What becomes of the images, None for texts.
        beside: The folder that the images will have beside a table, None where there is none.
        folder: Where the image files are written until all is done.
        written: How many image files were.
        remarks: What else a person should know of how the format holds the data.
        served: The folder that the names of images begin in, for a program that serves them; None until it is known.
        formula_guard: Whether cells of a table for spreadsheets are guarded where they begin a formula.
    """

    def __init__(self, project: ProjectData, out: Path, media: Media | None, *, beside: bool) -> None:
        self._project, self.out, self.media = project, out, media
        files = media in (Media.COPY, Media.LINK)
        self.beside = media_folder(out) if beside and files else None
        self.folder: Path | None = None
        self._changed: set[int] = set()
        self._unlinked = 0
        self.written = 0
        self.remarks: list[str] = []
        self.served: Path | None = None
        self.formula_guard = True
        self._guarded = 0

    def names(self, items: Sequence[int]) -> Job[list[str]]:
        """(len(items),) what a table at `out` calls the image of each; writes the files that go beside it.

        A path is relative to the folder of `out`, or absolute where the image lies elsewhere.
        """
        if self.media is Media.NONE:
            home = Path(os.path.realpath(self.out.parent)).as_posix().rstrip("/") + "/"
            return [path.removeprefix(home) for path in (yield from self.paths(items))]
        texts = [self._project.items.text(i) for i in items]
        plain = [safe_path(text) for text in below_common(texts)]
        if self.media is Media.EMBED:
            return plain
        assert self.beside is not None
        free = FreeNames()
        names: dict[str, str] = {}
        for done, (i, text, name) in enumerate(zip(items, texts, plain, strict=True)):
            if done % _STEP == 0:
                yield Progress(_("Writing"), done, len(items), _("files"))
            if text not in names:  # several rows may name one file
                names[text] = free.take(name)
                while self._is_other(i, self.beside / names[text]):
                    names[text] = free.take(name)
                self.put(i, names[text])
            elif self._corrected[i]:
                self.read(i)  # for its errors alone
        return [f"{self.beside.name}/{names[text]}" for text in texts]

    def _is_other(self, i: int, old: Path) -> bool:
        """Whether an older export has another image under this name: its table names that until ours takes the place."""
        if not os.path.lexists(old):
            return False
        with suppress(OSError):
            return fingerprint(read_regular(old)) != self._project.items.fingerprint(i)
        return True

    def paths(self, items: Sequence[int]) -> Job[list[str]]:
        """(len(items),) the absolute path of each image where it lies."""
        paths = []
        for done, i in enumerate(items):
            if done % (_STEP * 10) == 0:
                yield Progress(_("Looking for the images"), done, len(items), _("files"))
            paths.append(Path(os.path.normpath(self.file(i))).as_posix())
        return paths

    def put(self, i: int, name: str) -> None:
        """Write the image of an item into `folder`, as a link where links are wanted and can be made."""
        assert self.folder is not None
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        self.written += 1
        if self.media is Media.LINK and self._link(i, target):
            return
        target.write_bytes(self.read(i))

    def _link(self, i: int, target: Path) -> bool:
        if self._project.items.media(i).path is not None:
            if not self._named[self._project.items.place(i)]:
                self.read(i)  # what nobody knows of is not linked either
            source = Path(os.path.realpath(self.file(i)))
            with suppress(OSError):  # another disk, or a file system without
                target.hardlink_to(source)
                return True
            with suppress(OSError):
                target.symlink_to(source)
                return True
        self._unlinked += 1
        return False

    def file(self, i: int) -> Path:
        """The file of an item's image; BadcaseError where it is no more, or empty, or another one than was corrected."""
        path = self._project.items.media(i).path
        try:
            if path is not None and path.stat().st_size:
                if self._corrected[i] and fingerprint(read_regular(path)) != self._project.items.fingerprint(i):
                    raise self._replaced(i)
                return path
            got: object = _("an empty file") if path is not None else _("an archive")
        except OSError as error:
            got = error.strerror
        raise self._lost(i, got)

    def read(self, i: int) -> bytes:
        """The bytes of an item's image; BadcaseError where they are no more, or no image any more.

        The bytes of an image that nobody corrected may be others by now; a corrected label is never written to such.
        """
        try:
            raw = self._project.items.media(i).open_bytes()
        except BadcaseError as error:
            raise self._lost(i, error.got) from error
        if fingerprint(raw) != self._project.items.fingerprint(i):
            try:
                examine(raw)
            except BadcaseError as error:
                raise self._lost(i, error.what) from error
            if self._corrected[i]:
                raise self._replaced(i)
            self._require_named(i)
            self._changed.add(i)
        return raw

    @cached_property
    def _named(self) -> list[bool]:
        """Of each place that items came from, whether a person named it."""
        return [is_named(self._project.path, place) for place in self._project.items.every_place()]

    def _require_named(self, i: int) -> None:
        if not self._named[self._project.items.place(i)]:
            ref = self._project.items.media(i)
            raise not_named(self._project.path, ref.root.location, f"{self._project.items.key(i)} ({ref.path or ref.name})")

    @cached_property
    def _corrected(self) -> npt.NDArray[np.bool_]:
        return changed(self._project)

    def _replaced(self, i: int) -> BadcaseError:
        lost = self._lost(i, "")
        return BadcaseError(_("its content was changed"), where=lost.where, hint=lost.hint)

    def _lost(self, i: int, got: object) -> BadcaseError:
        items = self._project.items
        ref = items.media(i)
        return BadcaseError(
            _("the image cannot be read any more"),
            where=f"{items.key(i)} ({ref.path or ref.name})",
            got=got,
            hint=_("Put it back as it was when the project was made, or exclude the item."),
        )

    def guarded(self, cell: Any) -> Any:
        """A cell as a spreadsheet may have it; how many were changed is told."""
        written = guarded(cell)
        self._guarded += written is not cell
        return written

    def notes(self) -> list[str]:
        """What a person should know once it is written."""
        notes = [*media_sentences(self._project, self.media, self.beside), *self.remarks]
        if n := self._unlinked:
            text = plural("{n} image could not be linked and is a copy.", "{n} images could not be linked and are copies.", n)
            notes.append(text.format(n=n))
        if n := self._guarded:
            text = plural(
                "{n} cell holds what may begin a formula and got an apostrophe; --no-formula-guard writes it as it is.",
                "{n} cells hold what may begin a formula and got an apostrophe; --no-formula-guard writes them as they are.",
                n,
            )
            notes.append(text.format(n=n))
        if n := len(self._changed):
            text = plural(
                "{n} image has changed since the import; it was taken as it is now.",
                "{n} images have changed since the import; they were taken as they are now.",
                n,
            )
            notes.append(text.format(n=n))
        return notes


def media_folder(out: Path) -> Path:
    """The folder of the images that go with a table; its whole name, so that out.csv and out.jsonl have each their own."""
    return out.parent / f"{out.name}_media"  # out may be "/", while it is being typed


def media_sentences(project: ProjectData, media: Media | None, beside: Path | None) -> list[str]:
    """Where the images of an export are, in words."""
    if media is None:
        return []
    place = _("the folder {name} beside it").format(name=beside.name) if beside is not None else _("the export")
    match media:
        case Media.COPY:
            return [_("The images are copied to {place}.").format(place=place)]
        case Media.LINK:
            return [_("The images are linked in {place}: who edits one there edits the original.").format(place=place)]
        case Media.EMBED:
            return [_("The images are held inside the export.")]
    if _kept_by_project(project):
        return [_("The image paths lead into the folder of the project; no image is copied.")]
    return [_("The image paths lead to where the images lie; no image is copied.")]


def below_common(texts: Sequence[str]) -> Iterable[str]:
    """Paths without the folders that all share, where one of them is absolute or leads upwards; else as they are."""
    plain = [text.replace("\\", "/") for text in texts]
    if not any(text.startswith(("/", "../")) or text[1:3] == ":/" for text in plain):
        return texts
    folders = [text.split("/")[:-1] for text in plain]
    first, last = min(folders), max(folders)  # what these two share, all share
    shared = 0
    while shared < len(first) and first[shared : shared + 1] == last[shared : shared + 1]:
        shared += 1
    return ["/".join(text.split("/")[shared:]) for text in plain]
