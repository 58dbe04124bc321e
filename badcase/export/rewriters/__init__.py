"""Table files with corrections in, one file a format: every byte that nobody corrected stays where the format allows it."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from badcase.export.corrections import Corrections
from badcase.export.rewriters.arrow import rewrite_arrow, rewrite_parquet
from badcase.export.rewriters.coco import rewrite_coco
from badcase.export.rewriters.csv import rewrite_csv
from badcase.export.rewriters.fiftyone import rewrite_fiftyone
from badcase.export.rewriters.image_list import rewrite_image_list
from badcase.export.rewriters.jsonl import rewrite_jsonl
from badcase.export.rewriters.shard import rewrite_shard

TABLES: dict[str, Callable[[str, bytes, Corrections], bytes]] = {
    "csv": rewrite_csv,
    "jsonl": rewrite_jsonl,
    "parquet": rewrite_parquet,
    "arrow": rewrite_arrow,
    "hf": rewrite_arrow,
    "coco": rewrite_coco,
    "fiftyone": rewrite_fiftyone,
    "list": rewrite_image_list,
    "webdataset": rewrite_shard,
}


def rewrite(name: str, raw: bytes, format: str, corrections: Corrections) -> bytes:
    """The bytes of one table file with the corrections in; the very same bytes where there are none."""
    if not corrections:
        return raw
    if not name.lower().endswith(".gz"):
        return TABLES[format](name, raw, corrections)
    return gzip.compress(TABLES[format](name, gzip.decompress(raw), corrections), mtime=0)
