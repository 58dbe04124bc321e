"""A damaged Arrow, Feather or Parquet file is refused by its name; the program lives."""

from __future__ import annotations

import io
import struct
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.importing import understand
from badcase.importing.readers.arrow import read_feather, read_parquet
from badcase.items.roots import FolderRoot


def written(*, stream: bool = False, compression: str | None = None) -> bytes:
    table = pa.table({"text": [f"some words {i * 7919} here" for i in range(40)], "label": ["cat", "dog"] * 20})
    sink = io.BytesIO()
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    return sink.getvalue()


def parquet_bytes() -> bytes:
    sink = io.BytesIO()
    parquet.write_table(pa.ipc.open_file(written()).read_all(), sink)
    return sink.getvalue()


@pytest.mark.parametrize("offset", [0x66666666, -5, 1 << 30])
@pytest.mark.parametrize("ending", ["arrow", "feather"])
def test_offsets_that_point_anywhere_are_refused(offset: int, ending: str, tmp_path: Path) -> None:
    """Looking at such a text ended the process with a signal."""
    raw = written()
    place = raw.index(struct.pack("<5i", 0, *_ends(4)))
    path = tmp_path / f"broken.{ending}"
    path.write_bytes(raw[: place + 8] + struct.pack("<i", offset) + raw[place + 12 :])
    with pytest.raises(BadcaseError, match=rf"broken\.{ending}: the table cannot be read") as refusal:
        understand(path)
    assert "write it again" in refusal.value.hint


def _ends(n: int) -> list[int]:
    ends, at = [], 0
    for i in range(n):
        at += len(f"some words {i * 7919} here")
        ends.append(at)
    return ends


@pytest.mark.parametrize("name", [b"label", b"field"])
def test_a_name_that_is_no_text_is_refused(name: bytes, tmp_path: Path) -> None:
    table = pa.ipc.open_file(written()).read_all().append_column("more", pa.array([{"field": i} for i in range(40)]))
    with pa.OSFile(str(tmp_path / "t.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    raw = (tmp_path / "t.arrow").read_bytes()
    (tmp_path / "t.arrow").write_bytes(raw.replace(name, name[:2] + b"\xff" + name[3:]))
    with pytest.raises(BadcaseError, match=r"t\.arrow: the table cannot be read"):
        understand(tmp_path / "t.arrow")


WHOLE = [written(), written(stream=True), written(compression="zstd"), parquet_bytes()]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(range(4)), st.data())
def test_any_damage_is_read_or_refused(which: int, data: st.DataObject) -> None:
    raw = bytearray(WHOLE[which])
    for _time in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.sampled_from([0, 1, 127, 128, 255]) | st.integers(0, 255))
    raw = raw[: data.draw(st.sampled_from([len(raw), len(raw) - 1, len(raw) // 2]))]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "t.x").write_bytes(raw)
        try:
            rows = (read_parquet if which == 3 else read_feather)(FolderRoot(Path(folder)), "t.x")
        except BadcaseError as refusal:
            assert "t.x" in refusal.where
            return
        rows.table.to_pylist()


def test_what_others_write_into_the_metadata_is_no_trouble(tmp_path: Path) -> None:
    table = pa.ipc.open_file(written()).read_all()
    for strange in (b"{not json", b"[]", b'{"info": null}', b'{"info": {"features": [1]}}'):
        parquet.write_table(table.replace_schema_metadata({b"huggingface": strange}), tmp_path / "t.parquet")
        assert understand(tmp_path / "t.parquet").classes == ("cat", "dog")
