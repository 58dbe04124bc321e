"""The items of a project: a memory-mapped table whose row number is the item id."""

from __future__ import annotations

import difflib
import hashlib
import json
import mmap
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import image_measures, text_measures
from badcase.items.images import THUMB, decode
from badcase.items.item_table import EXTRA, MEASURE, META, check_table
from badcase.items.kinds import UNLABELLED, Kind, Split
from badcase.items.media import MediaRef
from badcase.items.places import MovablePlace
from badcase.items.roots import Root, open_root
from badcase.out_of_memory import is_out_of_memory
from badcase.shown_tables import Columns, ShownTable
from badcase.store.checks.damage import DamagedError, damaged
from badcase.store.mapped_pages import let_go

FILE = "items.arrow"
_RANGE = 50_000
_SAMPLE = 1000  # items that stand for all, of a project made before its items had a mark
_LARGE_SIDE = 4096  # an image beyond it is decoded at half that: no network looks at so much


class Items(ShownTable):
    """Items 0 to n-1 of one project; nothing here changes but by an update of the data, and where the images lie.

    Those of the labelled data are in place 0; what came from elsewhere is in place 1 and so on. An update only adds items: what
    an item shows stays as it is, and one that the data have no more is `gone` until they have it again.

    Attributes:
        given: (n,) class ids, -1 where there is no label, and of what is gone.
        gone: (n,) bool, the items that the data have no more.
        revision: Of the data: 1 after the import, one more with each update.
    """

    def __init__(self, folder: Path, table: pa.Table, mapped: mmap.mmap) -> None:
        """mapped: the file that the table lies in."""
        self.folder, self._mapped = folder, mapped
        self._table = table
        self._meta: dict[str, Any] = json.loads(table.schema.metadata[META])
        self._places = [_place(one) for one in (self._meta, *self._meta.get("more", []))]
        self._roots: dict[int, Root] = {}
        self.kind = Kind(self._meta["kind"])
        self.n = len(table)
        self.revision: int = self._meta.get("revision", 1)
        self.gone: npt.NDArray[np.bool_] = self._numbers("gone") if "gone" in table.column_names else np.zeros(self.n, np.bool_)
        self.given: npt.NDArray[np.int32] = np.where(self.gone, np.int32(UNLABELLED), self._numbers("given"))
        self.split: npt.NDArray[np.int8] = self._numbers("split")

    @classmethod
    def open(cls, folder: Path, name: str = FILE) -> Items:
        """The items of a project folder, in the file of this name."""
        path = folder / name
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            table = pa.ipc.open_file(pa.py_buffer(mapped)).read_all()
            check_table(table)
            let_go(mapped)
            return cls(folder, table, mapped)
        except (OSError, ValueError, LookupError, TypeError, RecursionError, pa.ArrowException) as error:
            if is_out_of_memory(error):
                raise
            if isinstance(error, PermissionError):  # they may be sound
                hint = _("Check the permissions of this file, or copy the project to a disk of this computer.")
                why = error.strerror or str(error)
                raise BadcaseError(_("the items of the project cannot be read"), where=str(path), got=why, hint=hint) from error
            raise _unreadable(path, error) from error

    @property
    def are_marked(self) -> bool:
        """Whether their file says whose they are, as those of newer projects do."""
        return bool(self._meta.get("identity"))

    @cached_property
    def identity(self) -> str:
        """What tells these items from those of every other project; of a file that does not say it, a digest of what is in it."""
        if self.are_marked:
            return str(self._meta["identity"])
        digest = hashlib.blake2b(f"{self.n} {self._table.schema.names}".encode(), digest_size=16)
        for i in np.linspace(0, self.n - 1, min(self.n, _SAMPLE)).astype(int).tolist():
            digest.update(f"{i} {self.fingerprint(i)} {self.given[i]}\0{self.key(i)}\n".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def require_classes(self, k: int) -> None:
        """DamagedError where an item is of none of k classes, and not of no class at all."""
        if not UNLABELLED <= self.given.min() <= self.given.max() < k:
            raise _unreadable(self.folder / FILE, _("labels that are no class of the project"))

    def __repr__(self) -> str:
        return f"<Items: {self.n} {self.kind}s>"

    def _columns(self, most: int | None) -> Columns:
        """Key, content, split, given class id, and the columns of the source that have no role."""
        n = self.n if most is None else min(most, self.n)
        columns: dict[str, Sequence[Any]] = {
            "key": self.keys[:n],
            str(self.kind): self.texts()[:n],
            "split": [Split(int(one)).name.lower() for one in self.split[:n]],
            "given": self.given[:n].tolist(),
        }
        more = {name: self.metadata_column(name)[:n].to_pylist() for name in self.metadata_names}
        return columns | {name: values for name, values in more.items() if name not in columns}

    def __len__(self) -> int:
        return self.n

    def _numbers(self, name: str) -> npt.NDArray[Any]:
        return _as_numpy(self._column(name))

    def _column(self, name: str) -> pa.Array:
        column = self._table.column(name)
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()

    # --- names --------------------------------------------------------------------------------------------------

    @cached_property
    def keys(self) -> Sequence[str]:
        """(n,) the key of every item."""
        keys: Sequence[str] = _TextColumn(self._column("key"))
        return keys

    def key(self, i: int) -> str:
        return self.keys[i]

    @cached_property
    def _by_key(self) -> dict[str, int]:
        keys = self._column("key").to_pylist()
        return {keys[i]: i for i in np.argsort(~self.gone, kind="stable").tolist()}  # one that is there before one that is gone

    def find(self, key: str) -> int:
        """The item with this key; BadcaseError with the nearest keys where there is none."""
        try:
            return self._by_key[key]
        except KeyError:
            close = difflib.get_close_matches(key, list(self._by_key)[:_RANGE], 3)
            near = _("Near it: {keys}.").format(keys=", ".join(close)) if close else _("`badcase rank` lists keys.")
            raise BadcaseError(_("there is no item with this key"), where="key", got=key, hint=near) from None

    def fingerprint(self, i: int) -> str:
        """BLAKE2b-128 of the image's bytes or the text's UTF-8, in hex."""
        return str(self._column("fingerprint")[i].as_py())

    @property
    def fingerprints(self) -> Sequence[str]:
        fingerprints: Sequence[str] = _TextColumn(self._column("fingerprint"))
        return fingerprints

    def row(self, i: int) -> int:
        """The item's row in the source, from 1."""
        return int(self.rows[i])

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """(n,) the row of every item in the source, from 1 over all parts."""
        return self._numbers("row")

    # --- what belongs together ----------------------------------------------------------------------------------

    @cached_property
    def twins(self) -> npt.NDArray[np.int64]:
        """(n,) the first item of the set of exact or near duplicates that each belongs to; its own id where alone."""
        return self._numbers("twins")

    @property
    def said(self) -> npt.NDArray[np.int32]:
        """(n,) class ids as the data said last, -1 of none; `given` keeps what stood there when an item was judged."""
        return self._numbers("said" if "said" in self._table.column_names else "given")

    @property
    def kept_given(self) -> npt.NDArray[np.int32]:
        """(n,) the same as `given`, of what is gone too."""
        return self._numbers("given")

    @property
    def thumbs(self) -> npt.NDArray[np.uint8] | None:
        """(n, 16, 16) grey, of images whose project keeps them; else None."""
        if "thumb" not in self._table.column_names:
            return None
        return np.frombuffer(self._column("thumb").buffers()[1], np.uint8)[: self.n * THUMB**2].reshape(-1, THUMB, THUMB)

    @property
    def table(self) -> pa.Table:
        """All columns, for an update of the data."""
        return self._table

    @property
    def meta(self) -> dict[str, Any]:
        """What the file notes of itself: kind, places, identity, revision."""
        return self._meta

    @cached_property
    def copies(self) -> npt.NDArray[np.int64]:
        """(n,) numbers from 0; items with the same number have the same bytes or text."""
        return _as_numpy(self._column("fingerprint").dictionary_encode().indices).astype(np.int64)

    @cached_property
    def groups(self) -> npt.NDArray[np.int64] | None:
        return self._numbers("group") if "group" in self._table.column_names else None

    @cached_property
    def time(self) -> npt.NDArray[np.float64] | None:
        return self._numbers("time") if "time" in self._table.column_names else None

    @cached_property
    def measures(self) -> npt.NDArray[np.void] | None:
        """(n,) records of what tells whether an item shows anything; None where it was not measured at its import."""
        record = (image_measures if self.kind is Kind.IMAGE else text_measures).RECORD
        names = list(record.names or ())
        if MEASURE + names[0] not in self._table.column_names:
            return None
        made = np.empty(self.n, record)
        for name in names:
            made[name] = self._numbers(MEASURE + name)
        return made

    # --- content ------------------------------------------------------------------------------------------------

    def text(self, i: int) -> str:
        """The text of an item; for an image, its path as the data set wrote it."""
        return str(self._column("content")[i].as_py())

    def texts(self) -> Sequence[str]:
        """(n,) all texts (or image paths), read one by one from the mapped file."""
        texts: Sequence[str] = _TextColumn(self._column("content"))
        return texts

    def media(self, i: int) -> MediaRef:
        """Where the bytes of image i are."""
        return MediaRef(self._root(self.place(i)), self.text(i))

    def image(self, i: int, max_side: int | None = None, *, least: int | None = None) -> Image.Image:
        """Image i as RGB, turned as EXIF says; with max_side a reduced copy, which is much faster for large JPEGs.

        least: As of `decode`.
        """
        return decode(self.media(i).open_bytes(), max_side, least=least)

    def for_model(self, i: int, *, least: int | None = None) -> Image.Image | str:
        """What a model is given of item i: its text, or its image, a huge one reduced.

        least: Pixels a side under which no image is reduced while it is decoded; None for decoding at full size.
        """
        if self.kind is Kind.TEXT:
            return self.text(i)
        size = self.size(i)
        huge = size is not None and max(size) > _LARGE_SIDE
        return self.image(i, max_side=_LARGE_SIDE // 2 if huge else None, least=least)

    @property
    def are_inside(self) -> bool:
        """Whether the images lie in the project itself, as those that a table held do."""
        return self.kind is Kind.IMAGE and not self._meta["root"]

    def move_media(self, place: MovablePlace) -> None:
        """The images lie elsewhere now."""
        self._places[0] = place
        self._roots.clear()

    @property
    def media_place(self) -> MovablePlace:
        """Where the images of the labelled data lie, or for texts their source."""
        return self._places[0]

    def place(self, i: int) -> int:
        """The place that item i came from: 0 for the labelled data."""
        return int(self.places[i])

    @cached_property
    def places(self) -> npt.NDArray[np.int16]:
        """(n,) the place of every item."""
        return self._numbers("place") if len(self._places) > 1 else np.zeros(self.n, np.int16)

    def every_place(self) -> list[Path]:
        """Where items lie, or lay, the labelled data first."""
        return [place.last(self.folder) for place in self._places]

    @property
    def missing_place(self) -> Path | None:
        """Where images were, if nothing is there any more; None where there is, and for texts, which are kept here."""
        gone = [place for place in self._places if place.found(self.folder) is None] if self.kind is Kind.IMAGE else []
        return gone[0].last(self.folder) if gone else None

    def _root(self, number: int) -> Root:
        if number in self._roots:
            return self._roots[number]
        place = self._places[number].found(self.folder)
        if place is None:
            raise BadcaseError(
                _("the project's data set is no longer at its path"),
                where=str(self._places[number].last(self.folder)),
                hint=_("Put it back there, or say where it is now: badcase relocate {project} PATH").format(project=self.folder),
            )
        self._roots[number] = open_root(place.resolve())
        return self._roots[number]

    def size(self, i: int) -> tuple[int, int] | None:
        """Width and height of image i in pixels as it is seen; None for a text."""
        if self.kind is Kind.TEXT:
            return None
        return int(self._column("width")[i].as_py()), int(self._column("height")[i].as_py())

    @property
    def sizes(self) -> npt.NDArray[np.int32] | None:
        """(n, 2) width and height of all images in pixels; None for texts."""
        if self.kind is Kind.TEXT:
            return None
        return np.stack([self._numbers("width"), self._numbers("height")], axis=1)

    @property
    def lengths(self) -> npt.NDArray[np.int64] | None:
        """(n,) characters of all texts; None for images."""
        if self.kind is Kind.IMAGE:
            return None
        return _as_numpy(pc.utf8_length(self._column("content"))).astype(np.int64)

    def format(self, i: int) -> str:
        """The image format's name ("JPEG"), "text" for a text."""
        return str(self._column("format")[i].as_py()) if self.kind is Kind.IMAGE else "text"

    # --- the other columns of the source ------------------------------------------------------------------------

    @property
    def metadata_names(self) -> list[str]:
        return [name.removeprefix(EXTRA) for name in self._table.column_names if name.startswith(EXTRA)]

    def metadata_column(self, name: str) -> pa.ChunkedArray:
        """(n,) one column of the source that has no role."""
        return self._table.column(EXTRA + name)

    def metadata(self, i: int) -> dict[str, Any]:
        return {name: self.metadata_column(name)[i].as_py() for name in self.metadata_names}

    def containing(self, words: str, *, pattern: bool = False, case: bool = False) -> npt.NDArray[np.int64]:
        """Ids of the items whose key or text has these words in it.

        Args:
            words: As they stand there.
            pattern: They are a regular expression of RE2, whose time grows with the texts alone; `require_pattern` checks it.
            case: Capital and small letters differ.

        """
        match = pc.match_substring_regex if pattern else pc.match_substring
        hits = match(self._column("key"), words, ignore_case=not case)
        if self.kind is Kind.TEXT:
            hits = pc.or_(hits, match(self._column("content"), words, ignore_case=not case))
        let_go(self._mapped)
        return np.flatnonzero(_as_numpy(hits))

    def occurrences(
        self, words: str, ids: npt.NDArray[np.int64], *, pattern: bool = False, case: bool = False
    ) -> npt.NDArray[np.int64]:
        """(ids,) how often the same stands in the texts of some items; of images in their keys."""
        count = pc.count_substring_regex if pattern else pc.count_substring
        name = "content" if self.kind is Kind.TEXT else "key"
        found = count(self._column(name).take(pa.array(ids)), words, ignore_case=not case)
        return _as_numpy(found).astype(np.int64)


def _place(said: dict[str, Any]) -> MovablePlace:
    return MovablePlace(Path(said["root"]) if said["root"] else None, said["beside"])


class _TextColumn(Sequence[str]):
    """A column of strings, each read from the mapped file when it is asked for."""

    def __init__(self, column: pa.Array) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return self._column[i].to_pylist()
        return self._column[int(i)].as_py()


def _as_numpy(column: pa.Array) -> npt.NDArray[Any]:
    """Numbers, or truth values, without an empty place; `to_numpy` would bring the whole of pandas where that is installed."""
    last = column.offset + len(column)
    if pa.types.is_boolean(column.type):
        bits = np.unpackbits(np.frombuffer(column.buffers()[1], np.uint8), count=last, bitorder="little")
        return bits[column.offset :].view(np.bool_)
    kind = "f" if pa.types.is_floating(column.type) else "i"
    return np.frombuffer(column.buffers()[1], f"{kind}{column.type.bit_width // 8}")[column.offset : last]


def _unreadable(path: Path, got: object) -> DamagedError:
    return damaged(path, "items.arrow", what=_("the items of the project cannot be read"), got=got)
