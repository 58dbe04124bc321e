"""What an import sees of images: one decode of each tells all, in this process or, of many small ones, in some of its own.

Decoding a small image is mostly Python's work, of which threads do one at a time. Large ones decode outside of the interpreter's
lock, so that threads are as fast, and take longer to hand over.

Run as a program, it looks at images for another process.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Sequence
from queue import SimpleQueue
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.image_measures import Lines, lines_of, sharpness
from badcase.items.images import HEIF, THUMB, Examined, ending_of, examine
from badcase.items.lfs_pointers import is_pointer, never_fetched
from badcase.items.roots import fingerprint
from badcase.out_of_memory import OutOfMemory
from badcase.parallel import kept_process
from badcase.parallel.all_cores import cores
from badcase.parallel.kept_process import READY

SEEN = np.dtype(
    [
        ("fingerprint", "S32"),  # see `fingerprint`
        ("width", np.int32),  # pixels, as it is seen
        ("height", np.int32),
        ("format", "S16"),  # "JPEG"
        ("animated", np.bool_),
        ("thumb", np.uint8, (THUMB, THUMB)),  # grey
        ("sharpness", np.float32),  # see `sharpness`
    ]
)
_NOTHING = bytes(SEEN.itemsize)  # of an image that cannot be used
_MUCH = 100_000_000  # bytes: an image that needs more may be alone in being too large for the memory that is free
_MANY = 5_000  # images for which processes are started: what that takes is soon won back
_SMALL = 32_768  # bytes of an image, in the mean, that is handed over
_MOST = 8  # processes; this one reads no faster than so many look


def look(images: Sequence[tuple[str, bytes]]) -> list[bytes | BadcaseError]:
    """Look at images here.

    Args:
        images: The name and the bytes of each.

    Returns:
        Of each the bytes of a record of SEEN, or why it cannot be used.

    Raises:
        OutOfMemory: There is no memory for a small one: each further image would be set aside.
    """
    records, lines = np.zeros(len(images), SEEN), list[Lines]()
    errors = dict[int, BadcaseError]()
    for at, (name, raw) in enumerate(images):
        try:
            one, grey = _examined(name, raw)
        except BadcaseError as error:
            if isinstance(error, OutOfMemory) and error.needed < _MUCH:
                raise
            errors[at] = error
            continue
        records[at] = (fingerprint(raw), one.width, one.height, one.format, one.animated, one.thumb, 0)
        lines.append(lines_of(grey))
    if lines:  # many at a time: one by one would take as long as decoding them
        records["sharpness"][[at for at in range(len(images)) if at not in errors]] = sharpness(lines)
    return [errors.get(at, record) for at, record in enumerate(_parts(records.tobytes()))]


def _examined(name: str, raw: bytes) -> tuple[Examined, NDArray[np.uint8]]:
    if is_pointer(raw):
        raise never_fetched()
    try:
        return examine(raw)
    except BadcaseError as error:
        if raw and ending_of(name) in HEIF:
            raise BadcaseError(
                _("the file is called a HEIC photo and is none, or a damaged one"), hint=_("Export it again as JPEG.")
            ) from error
        raise


class Lookers:
    """Looks at images for any number of threads: at small ones of many by processes of its own, which end with it."""

    def __init__(self, n: int) -> None:
        """n: How many images there are."""
        self._number = min(cores(), _MOST) if n >= _MANY and cores() > 1 else 0
        self._free = SimpleQueue[subprocess.Popen[bytes] | None]()  # None for one that is not started yet
        for _process in range(self._number):
            self._free.put(None)
        self._failed = False

    def look(self, images: Sequence[tuple[str, bytes]]) -> list[bytes | BadcaseError]:
        """As `look`, which does it where no process can."""
        if self._failed or not self._number or sum(len(raw) for _name, raw in images) > _SMALL * len(images):
            return look(images)
        process, records = self._free.get(), None
        try:
            process = process or kept_process.start(__name__)
            records = None if process is None else _asked(process, [raw for _name, raw in images])
        finally:
            self._free.put(process)
        if records is None:  # one that died may have died of what all would: too little memory
            self._failed = True
            return look(images)
        # What a process could not use is looked at here, which tells why.
        return [one if one != _NOTHING else look([image])[0] for one, image in zip(records, images, strict=True)]

    def close(self) -> None:
        """End the processes; no thread may be looking any more."""
        for _process in range(self._number):
            if (process := self._free.get()) is not None:
                kept_process.end(process)
        self._number = 0


def _asked(process: subprocess.Popen[bytes], raws: Sequence[bytes]) -> list[bytes] | None:
    """The records that a process makes of images; None where it is no more."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(struct.pack(f"<{1 + len(raws)}I", len(raws), *map(len, raws)) + b"".join(raws))
        process.stdin.flush()
    except OSError:
        return None
    told = process.stdout.read(len(raws) * SEEN.itemsize)
    return _parts(told) if len(told) == len(raws) * SEEN.itemsize else None


def _parts(records: bytes) -> list[bytes]:
    return [records[start : start + SEEN.itemsize] for start in range(0, len(records), SEEN.itemsize)]


def _serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Look at one batch after another, until the input ends: how many images, the size of each, then the bytes of all."""
    Image.init()
    answers.write(READY)
    answers.flush()
    while head := requests.read(4):
        number = int.from_bytes(head, "little")
        sizes = struct.unpack(f"<{number}I", requests.read(4 * number))
        found = look([("", requests.read(size)) for size in sizes])
        answers.write(b"".join(_NOTHING if isinstance(one, BadcaseError) else one for one in found))
        answers.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
