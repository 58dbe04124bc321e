"""Table files with corrections in, one file a format: every byte that nobody corrected stays where the format allows it."""

from __future__ import annotations

from collections.abc import Callable

from badcase.errors import BadcaseError
from badcase.export.corrections import Corrections
from badcase.export.rewriters.arrow import rewrite_arrow, rewrite_parquet
from badcase.export.rewriters.coco import rewrite_coco
from badcase.export.rewriters.csv import rewrite_csv
from badcase.export.rewriters.fasttext import rewrite_fasttext
from badcase.export.rewriters.fiftyone import rewrite_fiftyone, rewrite_image_map
from badcase.export.rewriters.image_list import rewrite_image_list
from badcase.export.rewriters.jsonl import rewrite_jsonl
from badcase.export.rewriters.shard import rewrite_shard
from badcase.export.rewriters.xlsx import rewrite_xlsx
from badcase.i18n import _
from badcase.importing.read_options import ReadOptions
from badcase.importing.text_files.packing import packed, unpacked
from badcase.items.source import Source

SettledRewriter = Callable[[str, bytes, Corrections, ReadOptions], bytes]
TABLES: dict[str, Callable[[str, bytes, Corrections], bytes]] = {
    "parquet": rewrite_parquet,
    "arrow": rewrite_arrow,
    "hf": rewrite_arrow,
    "coco": rewrite_coco,
    "fiftyone": rewrite_fiftyone,
    "list": rewrite_image_list,
    "map": rewrite_image_map,
    "webdataset": rewrite_shard,
}
# These are read as the import settled it; those that are text may be packed.
SETTLED: dict[str, SettledRewriter] = {
    "csv": rewrite_csv,
    "jsonl": rewrite_jsonl,
    "fasttext": rewrite_fasttext,
    "xlsx": rewrite_xlsx,
}


def rewrite(name: str, raw: bytes, source: Source, corrections: Corrections) -> bytes:
    """The bytes of one table file with the corrections in; the very same bytes where there are none."""
    if not corrections:
        return raw
    if source.format in TABLES:
        return TABLES[source.format](name, raw, corrections)
    if source.format not in SETTLED:
        raise BadcaseError(
            _("the project names a format of its source that there is not"),
            where="project.db, settings, source",
            expected=" | ".join(sorted({*TABLES, *SETTLED})),
            got=source.format,
            hint=_("`badcase doctor PROJECT` says the way back; export as csv, jsonl or parquet needs no source."),
        )
    written = SETTLED[source.format](name, unpacked(name, raw), corrections, ReadOptions.settled(source))
    return packed(name, written)
