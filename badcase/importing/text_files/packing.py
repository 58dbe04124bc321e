"""Files packed with gzip, bzip2, xz or Zstandard, of one member or several, unpacked and packed again."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa

UNPACKING_ERRORS = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)  # what a broken packed file raises


@dataclass(frozen=True, slots=True)
class Packing:
    """One way to pack a file."""

    unpack: Callable[[bytes], bytes]
    pack: Callable[[bytes], bytes]


def _unpack_zstd(raw: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(raw), "zstd") as stream:
        unpacked: bytes = stream.read()
    return unpacked


def _pack_zstd(raw: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(raw)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


PACKINGS: Mapping[str, Packing] = {
    ".gz": Packing(gzip.decompress, lambda raw: gzip.compress(raw, mtime=0)),
    ".bz2": Packing(bz2.decompress, bz2.compress),
    ".xz": Packing(lzma.decompress, lzma.compress),
    ".zst": Packing(_unpack_zstd, _pack_zstd),
}


def plain_name(name: str) -> str:
    """The name without the ending of its packing: "t.csv" for "t.csv.gz"."""
    return name[: -len(ending)] if (ending := _ending(name)) else name


def unpacked(name: str, raw: bytes) -> bytes:
    """The bytes of a file as its name says they are packed; one of `UNPACKING_ERRORS` where they are not."""
    return PACKINGS[ending].unpack(raw) if (ending := _ending(name)) else raw


def packed(name: str, raw: bytes) -> bytes:
    """The bytes of a file packed as its name says."""
    return PACKINGS[ending].pack(raw) if (ending := _ending(name)) else raw


def _ending(name: str) -> str:
    return next((ending for ending in PACKINGS if name.lower().endswith(ending)), "")
