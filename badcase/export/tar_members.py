"""A tar with corrections in: tables replaced, files under the folder of their new class, excluded ones left out."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from badcase.i18n import _
from badcase.items.tar_root import TarRoot
from badcase.progress import Job, Progress
from badcase.store.atomic_files import write_whole

_STEP = 200


class Known(Protocol):
    """Knows what a project was made from."""

    def require(self, name: str, raw: bytes) -> None: ...


def write_tar(
    root: TarRoot, out: Path, tables: Mapping[str, bytes], moved: Mapping[str, str | None], known: Known | None = None
) -> Job[int]:
    """Every other member stays as it was, in its order and with what the tar says of it; returns the number of files.

    known: Refuses what it does not know, where that matters.
    """
    files = 0
    with (
        write_whole(out) as temporary,
        tarfile.open(root.location, "r:") as old,
        tarfile.open(temporary, "w", format=tarfile.PAX_FORMAT) as new,
    ):
        infos = old.getmembers()
        for done, info in enumerate(infos):
            if done % _STEP == 0:
                yield Progress(_("Writing"), done, len(infos), _("files"))
            name = info.name.removeprefix("./")
            target = moved.get(name, name)
            if target is None:
                continue
            content = tables.get(name)
            if known is not None and content is None and info.isreg():
                inner = old.extractfile(info)
                known.require(name, inner.read() if inner is not None else b"")
            if target != name:
                info.name = target
                info.pax_headers = {key: value for key, value in info.pax_headers.items() if key != "path"}
            if content is not None:
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
            else:
                new.addfile(info, old.extractfile(info) if info.isreg() else None)
            files += info.isreg()
    return files
