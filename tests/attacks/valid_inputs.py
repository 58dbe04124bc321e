"""Small sound inputs for every reader, which attacks begin with: the names and bytes of the files of each."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
from PIL import Image

Files = Mapping[str, bytes]
CLASSES = ("cat", "dog")
TEXTS = [f"some words {row} about {CLASSES[row % 2]}s" for row in range(12)]
LABELS = [CLASSES[row % 2] for row in range(12)]
RECORDS = [{"id": f"t{row}", "text": TEXTS[row], "label": LABELS[row], "n": row / 3, "more": {"a": [row]}} for row in range(12)]


def picture(number: int, format: str = "PNG", mode: str = "RGB", **how: Any) -> bytes:
    """A small picture unlike the others, as the bytes of a file."""
    pixels = np.random.default_rng(number).integers(0, 255, (24, 20, 3), np.uint8)
    sink = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(sink, format, **how)
    return sink.getvalue()


def pictures() -> Files:
    """One picture or more in each format that is read, in class folders."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x8769] = 6, "a description", {0x9003: "2020:01:01 00:00:00", 0xA002: 20}
    frames = [Image.new("P", (20, 24), at) for at in range(3)]
    several = {"save_all": True, "append_images": frames}
    kinds: list[tuple[str, str, str, dict[str, Any]]] = [
        ("jpg", "JPEG", "RGB", {"exif": exif}),
        ("jpg", "JPEG", "CMYK", {"progressive": True}),
        ("png", "PNG", "RGBA", {"exif": exif}),
        ("png", "PNG", "P", {"transparency": 3}),
        ("png", "PNG", "I", {}),
        ("gif", "GIF", "P", several),
        ("bmp", "BMP", "RGB", {}),
        ("webp", "WEBP", "RGB", {"exif": exif}),
        ("webp", "WEBP", "RGBA", {"lossless": True}),
        ("tif", "TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("tif", "TIFF", "L", {"compression": "jpeg"}),
        ("tif", "TIFF", "1", {"compression": "group4"}),
        ("tif", "TIFF", "RGB", {"compression": "tiff_adobe_deflate"}),
        ("tif", "TIFF", "F", {}),
        ("jp2", "JPEG2000", "RGB", {}),
        ("avif", "AVIF", "RGB", {}),
        ("tga", "TGA", "RGB", {"compression": "tga_rle"}),
        ("ico", "ICO", "RGBA", {}),
        ("ppm", "PPM", "RGB", {}),
        ("pgm", "PPM", "L", {}),
        # formats that Pillow knows by their bytes, whatever a file is called
        ("png", "PCX", "P", {}),
        ("png", "SGI", "RGB", {}),
        ("jpg", "ICNS", "RGBA", {}),
        ("png", "DDS", "RGBA", {}),
        ("jpg", "IM", "RGB", {}),
        ("png", "MSP", "1", {}),
        ("png", "XBM", "1", {}),
        ("png", "QOI", "RGB", {}),
    ]
    made = {}
    for at, (ending, format, mode, how) in enumerate(kinds):
        try:
            made[f"{CLASSES[at % 2]}/{at:02}.{ending}"] = picture(at, format, mode, **how)
        except (OSError, KeyError, ValueError):  # a build of Pillow that does not write this
            continue
    return made


def written_csv(header: Sequence[str], rows: Sequence[Sequence[Any]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A delimited table."""
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter).writerows([header, *rows])
    return sink.getvalue().encode(encoding)


def _lines(records: Sequence[Any]) -> bytes:
    return "\n".join(json.dumps(one) for one in records).encode()


def _table() -> pa.Table:
    return pa.Table.from_pylist(RECORDS)


def _arrow(table: pa.Table, *, stream: bool = False, **options: Any) -> bytes:
    sink = io.BytesIO()
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _into(write: Callable[[Any], Any]) -> bytes:
    sink = io.BytesIO()
    write(sink)
    return sink.getvalue()


def zipped(files: Files) -> bytes:
    """A zip of files."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), raw, zipfile.ZIP_DEFLATED)
    return sink.getvalue()


def tarred(files: Files) -> bytes:
    """A tar of files."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, raw in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return sink.getvalue()


def _workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in [["id", "text", "label", "n"], *([f"t{at}", TEXTS[at], LABELS[at], at / 3] for at in range(12))]:
        book.active.append(row)
    return _into(book.save)


def _few() -> Files:
    return {f"{LABELS[at]}/{at}.png": picture(at) for at in range(8)}


def _saved_dataset() -> Files:
    info = {"features": {"text": {"_type": "Value"}, "label": {"_type": "ClassLabel", "names": list(CLASSES)}}}
    table = pa.table({"text": TEXTS, "label": [CLASSES.index(one) for one in LABELS]})
    files = {"dataset_dict.json": json.dumps({"splits": ["train", "test"]}).encode()}
    for split in ("train", "test"):
        files[f"{split}/dataset_info.json"] = json.dumps(info).encode()
        files[f"{split}/state.json"] = json.dumps({"_data_files": [{"filename": "data.arrow"}]}).encode()
        files[f"{split}/data.arrow"] = _arrow(table, stream=True)
    return files


def json_layouts() -> dict[str, Files]:
    """JSON as programs for labelling write it."""
    studio = [
        {
            "id": at,
            "data": {"text": TEXTS[at]},
            "annotations": [{"result": [{"value": {"choices": [LABELS[at]]}, "from_name": "c"}]}],
        }
        for at in range(12)
    ]
    small = [
        {"id": at, "text": TEXTS[at], "c": LABELS[at], "annotator": 1, "annotation_id": at, "lead_time": 1.5} for at in range(12)
    ]
    argilla = [
        {"fields": {"text": TEXTS[at]}, "responses": {"label": [{"value": LABELS[at], "status": "submitted", "user_id": "u"}]}}
        for at in range(12)
    ]
    flat = [
        {
            "text": TEXTS[at],
            "label.responses": [LABELS[at]],
            "label.responses.status": ["submitted"],
            "label.responses.users": ["u"],
        }
        for at in range(12)
    ]
    prodigy = [
        {"text": TEXTS[at], "options": [{"id": c} for c in CLASSES], "accept": [LABELS[at]], "answer": "accept", "_task_hash": at}
        for at in range(12)
    ]
    spacy = [{"text": TEXTS[at], "cats": {c: float(c == LABELS[at]) for c in CLASSES}} for at in range(12)]
    coco = {
        "images": [{"id": at, "file_name": f"{LABELS[at]}/{at}.png"} for at in range(8)],
        "annotations": [{"image_id": at, "category_id": at % 2, "bbox": [1, 2, 3, 4]} for at in range(8)],
        "categories": [{"id": at, "name": name} for at, name in enumerate(CLASSES)],
    }
    fiftyone = {"classes": list(CLASSES), "labels": {str(at): at % 2 for at in range(8)}}
    return {
        "list": {"data.json": json.dumps(RECORDS).encode()},
        "splits": {"data.json": json.dumps({"train": RECORDS[:8], "test": RECORDS[8:]}).encode()},
        "studio": {"data.json": json.dumps(studio).encode()},
        "studio_min": {"data.json": json.dumps(small).encode()},
        "argilla": {"data.json": json.dumps(argilla).encode()},
        "argilla_flat": {"data.json": json.dumps(flat).encode()},
        "prodigy": {"data.jsonl": _lines(prodigy)},
        "spacy": {"data.json": json.dumps(spacy).encode()},
        "coco": {"annotations.json": json.dumps(coco).encode(), **_few()},
        "fiftyone": {"labels.json": json.dumps(fiftyone).encode(), **{f"data/{at}.png": picture(at) for at in range(8)}},
    }


def tables() -> dict[str, dict[str, Files]]:
    """The inputs of each reader of tables, in several forms."""
    rows = [[one["id"], one["text"], one["label"], one["n"]] for one in RECORDS]
    head = ("id", "text", "label", "n")
    dates = [[*row, f"2024-01-{at + 1:02}T00:00:00Z", ("train", "test")[at % 2], f"g{at % 3}"] for at, row in enumerate(rows)]
    plain = written_csv(head, rows)
    several = [[row[0], row[1], ("cat;dog", "cat", "")[at % 3]] for at, row in enumerate(rows)]
    hot = [[row[0], row[1], at % 2, (at + 1) % 2] for at, row in enumerate(rows)]
    named = [[f"{LABELS[at]}/{at}.png", LABELS[at]] for at in range(8)]
    images = pa.table({"image": [{"bytes": picture(at), "path": f"{at}.png"} for at in range(8)], "label": LABELS[:8]})
    shard = {f"{at:04}.{end}": raw for at in range(8) for end, raw in (("png", picture(at)), ("cls", str(at % 2).encode()))}
    return {
        "csv": {
            "plain": {"data.csv": plain},
            "more columns": {"data.csv": written_csv((*head, "time", "split", "group"), dates)},
            "semicolons": {"data.csv": written_csv(head, rows, ";", "utf-16")},
            "packed": {"data.csv.gz": gzip.compress(plain, mtime=0)},
            "foreign": {"data.csv": written_csv(head, [[a, f"Größe {b} 言葉", c, d] for a, b, c, d in rows], encoding="gb18030")},
        },
        "tsv": {
            "plain": {"data.tsv": written_csv(head, rows, "\t")},
            "no header": {"data.tsv": written_csv(rows[0], rows[1:], "\t")},
        },
        "label sets": {
            "in a column": {"data.csv": written_csv(head[:3], several)},
            "a column each": {"data.csv": written_csv((*head[:2], *CLASSES), hot)},
            "lists": {"data.jsonl": _lines([{**one, "label": [one["label"]]} for one in RECORDS])},
        },
        "fasttext": {"plain": {"train.txt": "\n".join(f"__label__{c} {t}" for c, t in zip(LABELS, TEXTS, strict=True)).encode()}},
        "jsonl": {"plain": {"data.jsonl": _lines(RECORDS)}, "packed": {"data.jsonl.gz": gzip.compress(_lines(RECORDS), mtime=0)}},
        "json": json_layouts(),
        "parquet": {
            "plain": {"data.parquet": _into(lambda sink: parquet.write_table(_table(), sink))},
            "zstd": {"data.parquet": _into(lambda sink: parquet.write_table(_table(), sink, compression="zstd", version="1.0"))},
            "delta": {
                "data.parquet": _into(
                    lambda sink: parquet.write_table(
                        _table(),
                        sink,
                        use_dictionary=False,
                        column_encoding={"text": "DELTA_BYTE_ARRAY", "id": "DELTA_LENGTH_BYTE_ARRAY"},
                    )
                )
            },
            "images": {"data.parquet": _into(lambda sink: parquet.write_table(images, sink))},
        },
        "arrow": {
            "file": {"data.arrow": _arrow(_table())},
            "stream": {"data.arrow": _arrow(_table(), stream=True)},
            "packed": {"data.arrow": _arrow(_table(), compression="zstd")},
            "dictionary": {"data.arrow": _arrow(pa.table({"text": TEXTS, "label": pa.array(LABELS).dictionary_encode()}))},
            "views": {"data.arrow": _arrow(pa.table({"text": pa.array(TEXTS, pa.string_view()), "label": LABELS}))},
            "images": {"data.arrow": _arrow(images)},
        },
        "feather": {"second": {"data.feather": _into(lambda sink: feather.write_feather(_table(), sink, compression="lz4"))}},
        "xlsx": {"plain": {"data.xlsx": _workbook()}},
        "zip": {
            "folders": {"data.zip": zipped(_few())},
            "table": {"data.zip": zipped({"labels.csv": written_csv(("file", "label"), named), **_few()})},
        },
        "tar": {"folders": {"data.tar": tarred(_few())}, "shards": {"shards/shard-000.tar": tarred(shard)}},
        "table of images": {"csv": {"labels.csv": written_csv(("file", "label"), named), **_few()}},
        "hf": {"saved": _saved_dataset()},
    }


def arrays() -> dict[str, Files]:
    """Predictions of the twelve texts, in each format that they are read from."""
    probs = np.random.default_rng(0).dirichlet((1, 1), 12).astype(np.float32)
    keys = [f"t{row}" for row in range(12)]
    table = pa.table({"id": keys, **{name: probs[:, at] for at, name in enumerate(CLASSES)}})
    listed = [{"id": key, "probs": row.tolist()} for key, row in zip(keys, probs, strict=True)]
    scored = {key: dict(zip(CLASSES, row.tolist(), strict=True)) for key, row in zip(keys, probs, strict=True)}
    return {
        "npy": {"p.npy": _into(lambda sink: np.save(sink, probs))},
        "npz": {"p.npz": _into(lambda sink: np.savez(sink, probs=probs, id=np.array(keys), classes=np.array(CLASSES)))},
        "csv": {"p.csv": written_csv(("id", *CLASSES), [[key, *row.tolist()] for key, row in zip(keys, probs, strict=True)])},
        "parquet": {"p.parquet": _into(lambda sink: parquet.write_table(table, sink))},
        "feather": {"p.feather": _into(lambda sink: feather.write_feather(table, sink))},
        "jsonl": {"p.jsonl": _lines(listed)},
        "json": {"p.json": json.dumps(scored).encode()},
    }


def small_model() -> dict[str, Files]:
    """A tiny classifier of texts as `save_pretrained` writes it, with its weights as safetensors and as torch's own file."""
    import torch
    import transformers

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "some", "words", "about", "cats", "dogs"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "vocab.txt").write_text("\n".join(words))
        transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
        sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
        named = {"id2label": dict(enumerate(CLASSES)), "label2id": {name: at for at, name in enumerate(CLASSES)}}
        config = transformers.BertConfig(vocab_size=len(words), max_position_embeddings=32, **sizes, **named)
        model = transformers.BertForSequenceClassification(config)
        model.save_pretrained(folder)
        files = {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
        old = {name: raw for name, raw in files.items() if name != "model.safetensors"}
        old["pytorch_model.bin"] = _into(lambda sink: torch.save(model.state_dict(), sink))
    return {"safetensors": files, "bin": old}
