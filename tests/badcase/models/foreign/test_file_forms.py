"""Models of other libraries are told by what is in the file, each with a remedy."""

from __future__ import annotations

import io
import pickle
import struct
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest
import torch

from badcase.errors import BadcaseError
from badcase.models import load_model
from tests.badcase.models.networks import SmallNet

FACTORY = "tests.badcase.models.networks:small_net"


def field(number: int, content: bytes) -> bytes:
    """A field of a protobuf message that holds bytes."""
    tag, size = number << 3 | 2, len(content)
    return b"".join(bytes([v & 127 | 128, v >> 7]) if v > 127 else bytes([v]) for v in (tag, size)) + content


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, b"{}")
    return made.getvalue()


def scikit_learn() -> bytes:
    from sklearn.linear_model import LogisticRegression

    return pickle.dumps(LogisticRegression())


def whole_network() -> bytes:
    made = io.BytesIO()
    torch.save(SmallNet(3), made)
    return made.getvalue()


def script() -> bytes:
    made = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), made)
    return made.getvalue()


ONNX = b"\x08\x09" + field(2, b"pytorch") + field(7, b"graph") + field(8, b"\x10\x11")
FORMS = {
    "TorchScript": script,
    "ONNX": lambda: ONNX,
    "scikit-learn": scikit_learn,
    "scikit-learn, packed": lambda: zlib.compress(scikit_learn()),
    "whole network": whole_network,
    "Keras": lambda: zipped("metadata.json", "config.json", "model.weights.h5"),
    "Keras, HDF5": lambda: b"\x89HDF\r\n\x1a\n" + bytes(40),
    "TensorFlow Lite": lambda: b"\x1c\0\0\0TFL3" + bytes(20),
    "GGUF": lambda: b"GGUF" + struct.pack("<I", 3),
    "Core ML": lambda: b"\x08\x05" + field(2, b"description") + field(500, b"network"),
    "fastText": lambda: struct.pack("<ii", 793712314, 12),
    "TensorRT": lambda: b"ftrt" + bytes(20),
    "pickle": lambda: pickle.dumps({"a": [1, 2]}),
    "gradient-boosted": lambda: b"tree\nversion=v4\n",
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("ending", [".bin", ".pt"])
def test_a_file_of_another_library_is_named_whatever_its_ending(name: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{ending}"
    path.write_bytes(FORMS[name]())
    for named in ({"source": str(path)}, {"source": FACTORY, "weights": path}):
        with pytest.raises(BadcaseError, match=name.partition(",")[0]) as refused:
            load_model(**named)  # type: ignore[arg-type]
        assert "--from probs.csv" in refused.value.hint


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["saved_model.pb", "variables/x"], "TensorFlow"),
        (["config.cfg", "meta.json"], "spaCy"),
        (["Manifest.json", "Data/x"], "Core ML"),
        (["config.json", "tf_model.h5"], "TensorFlow"),
    ],
)
def test_a_folder_of_another_library_is_named(files: list[str], words: str, tmp_path: Path) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"model_type": "bert", "architectures": ["BertForSequenceClassification"]}')
    with pytest.raises(BadcaseError, match=words):
        load_model(tmp_path)


def test_a_folder_with_one_model_file_says_to_name_that(tmp_path: Path) -> None:
    (tmp_path / "best.onnx").write_bytes(ONNX)
    with pytest.raises(BadcaseError, match="no model") as refused:
        load_model(tmp_path)
    assert f"--model {tmp_path / 'best.onnx'}" in refused.value.hint


@pytest.mark.parametrize("content", [b"", b"\x80", b"PK\x03\x04broken", b"hello, this is a text", bytes(64)])
def test_a_file_that_is_nothing_of_the_kind_is_no_model(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(content)
    with pytest.raises(BadcaseError):
        load_model(tmp_path / "notes.txt")
