"""Files packed with gzip, bzip2, xz or Zstandard, of one member or several, unpacked and packed again."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, cast

import pyarrow as pa

from badcase.size_bounds import check_unpacked, most_unpacked

_PIECE = 1 << 20

UNPACKING_ERRORS = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)  # what a broken packed file raises


@dataclass(frozen=True, slots=True)
class Packing:
    """One way to pack a file: how it is opened to be unfolded piece by piece, and how bytes are packed."""

    open: Callable[[io.BytesIO], IO[bytes]]
    pack: Callable[[bytes], bytes]


def _unfolded(raw: bytes, packing: Packing, name: str, stored: int) -> bytes:
    """The bytes that `raw` unfolds to, which are counted as they come: what a file says of its own size may be a lie."""
    made, most = io.BytesIO(), most_unpacked(stored)
    with packing.open(io.BytesIO(raw)) as source:
        while piece := source.read(_PIECE):
            made.write(piece)
            if made.tell() > most:
                check_unpacked(made.tell(), stored, name, known=False)
    return made.getvalue()


def _open_zstd(file: io.BytesIO) -> IO[bytes]:
    return cast(IO[bytes], pa.CompressedInputStream(file, "zstd"))


def _pack_zstd(raw: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(raw)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


PACKINGS: Mapping[str, Packing] = {
    ".gz": Packing(lambda file: cast(IO[bytes], gzip.GzipFile(fileobj=file)), lambda raw: gzip.compress(raw, mtime=0)),
    ".bz2": Packing(bz2.BZ2File, bz2.compress),
    ".xz": Packing(lzma.LZMAFile, lzma.compress),
    ".zst": Packing(_open_zstd, _pack_zstd),
}


def plain_name(name: str) -> str:
    """The name without the ending of its packing: "t.csv" for "t.csv.gz"."""
    return name[: -len(ending)] if (ending := _ending(name)) else name


def unpacked(name: str, raw: bytes, stored: int | None = None) -> bytes:
    """The bytes of a file as its name says they are packed.

    Args:
        name: Of the file.
        raw: Its bytes.
        stored: The bytes that it takes where it lies, which may be packed once more.

    Raises:
        UNPACKING_ERRORS: One of them, where they are not packed so.
        BadcaseError: They unfold to more than `badcase.size_bounds` allows.
    """
    return _unfolded(raw, PACKINGS[ending], name, len(raw) if stored is None else stored) if (ending := _ending(name)) else raw


def packed(name: str, raw: bytes) -> bytes:
    """The bytes of a file packed as its name says."""
    return PACKINGS[ending].pack(raw) if (ending := _ending(name)) else raw


def _ending(name: str) -> str:
    return next((ending for ending in PACKINGS if name.lower().endswith(ending)), "")
