"""The form of a model's file or folder, told by what is in it: forms that the program does not run are named, never loaded.

Nothing is unpickled here: of a pickle the first bytes are searched for the names of libraries.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _, marked

HEAD = 1 << 20  # bytes of a file that are looked at
FROM_OUTSIDE = marked("Run it with its own library and bring its probabilities: badcase predict PROJECT --from probs.csv")
TO_PT2 = marked(
    "Bring its probabilities: badcase predict PROJECT --from probs.csv. Or write the torch network that it came from with "
    "torch.export.save and name that .pt2 file."
)
STATE_DICT = marked(
    "Save its weights alone: safetensors.torch.save_file(network.state_dict(), path), and name the code that builds it: "
    "--model package.module:factory --weights path. Or bring its probabilities: badcase predict PROJECT --from probs.csv"
)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that is not run here: the sentence that says so, and what to do."""

    what: str
    hint: str = FROM_OUTSIDE


TORCH_SCRIPT = Form(marked("this is a TorchScript program, which is not run here"), TO_PT2)
ONNX = Form(marked("this is an ONNX network, which is not run here"), TO_PT2)
SCIKIT_LEARN = Form(marked("this is a scikit-learn model, which is not run here; pickles are never read"))
PICKLED_NETWORK = Form(marked("this is a whole network that was pickled, and pickles are never read"), STATE_DICT)
PICKLE = Form(marked("this is a pickle, and pickles are never read"))
KERAS = Form(marked("this is a Keras model, which is not run here"))
TENSORFLOW = Form(marked("this is a TensorFlow model, which is not run here"))
TFLITE = Form(marked("this is a TensorFlow Lite model, which is not run here"))
GGUF = Form(marked("this is a GGUF file, a model for llama.cpp, which is not run here"))
CORE_ML = Form(marked("this is a Core ML model, which is not run here"))
FASTTEXT = Form(marked("this is a fastText model, which is not run here"))
SPACY = Form(marked("this is a spaCy pipeline, which is not run here"))
TENSOR_RT = Form(marked("this is a TensorRT engine, which is not run here"), TO_PT2)
OPEN_VINO = Form(marked("this is an OpenVINO model, which is not run here"), TO_PT2)
BOOSTED = Form(marked("this is a model of gradient-boosted trees, which is not run here"))
DIFFUSERS = Form(
    marked("this is a pipeline that makes images, and no classifier"), marked("Name a classifier of images or of texts.")
)

# What a pickle names, the most telling first.
_PICKLED = (
    (b"ultralytics", PICKLED_NETWORK),
    (b"sklearn", SCIKIT_LEARN),
    (b"xgboost", BOOSTED),
    (b"lightgbm", BOOSTED),
    (b"catboost", BOOSTED),
    (b"torch.nn", PICKLED_NETWORK),
    (b"fastai", PICKLED_NETWORK),
    (b"keras", KERAS),
)
# A file that begins so.
_BEGINS = (
    (b"\x89HDF\r\n\x1a\n", KERAS),
    (b"GGUF", GGUF),
    (b"\xba\x16\x4f\x2f", FASTTEXT),
    (b"ftrt", TENSOR_RT),
    (b"ptrt", TENSOR_RT),
    (b"CBM1", BOOSTED),
    (b"tree\nversion=", BOOSTED),
)
_TORCH_LEGACY = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."  # the number that files of torch before 1.6 begin with
# Endings for what has no mark of its own inside.
_ENDINGS = {
    ".onnx": ONNX,
    ".engine": TENSOR_RT,
    ".plan": TENSOR_RT,
    ".trt": TENSOR_RT,
    ".tflite": TFLITE,
    ".mlmodel": CORE_ML,
    ".h5": KERAS,
    ".keras": KERAS,
    ".pb": TENSORFLOW,
    ".gguf": GGUF,
    ".joblib": SCIKIT_LEARN,
    ".skops": SCIKIT_LEARN,
    ".pkl": PICKLE,
    ".pickle": PICKLE,
}
_ONNX_FIELDS = {1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26}
_CORE_ML_FIELDS = {1, 2, 10}
_MOST_FIELDS = 10_000  # of an outermost message; the fields of zeros would be as many as there are bytes


def form_of_file(path: Path) -> Form | str:
    """The form of a file: "exported" (.pt2), "safetensors", "torch" (tensors saved by torch), a form that is refused, or "".

    Args:
        path: A file.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(b"PK\x03\x04") and zipfile.is_zipfile(path):
        return _form_of_zip(path)
    if path.suffix == ".safetensors" or _is_safetensors(head):
        return "safetensors"
    for beginning, form in _BEGINS:
        if head.startswith(beginning):
            return form
    if head[4:8] == b"TFL3":
        return TFLITE
    opened = _decompressed(head)
    if opened[:1] == b"\x80" and opened[1:2] in b"\x02\x03\x04\x05":
        if opened[2:].startswith(_TORCH_LEGACY):
            return _form_of_torch(opened)
        return next((form for name, form in _PICKLED if name in opened), PICKLE)
    if opened[:1] in (b"(", b"c") and b"sklearn" in opened:  # the oldest protocol, all text
        return SCIKIT_LEARN
    if path.suffix == ".xml" and b"<net " in head[:2000]:
        return OPEN_VINO
    if b'"learner"' in head[:4000] and b"gradient_booster" in head:
        return BOOSTED
    found = _protobuf(path)
    return found if found is not None else _ENDINGS.get(path.suffix.lower(), "")


def form_of_folder(folder: Path) -> Form | None:
    """The form of a folder that this program does not run; None for all others."""
    if (folder / "saved_model.pb").is_file() or (folder / "keras_metadata.pb").is_file():
        return TENSORFLOW
    if (folder / "config.cfg").is_file() and (folder / "meta.json").is_file():
        return SPACY
    if (folder / "Manifest.json").is_file() and (folder.suffix == ".mlpackage" or (folder / "Data").is_dir()):
        return CORE_ML
    if (folder / "model_index.json").is_file():
        return DIFFUSERS
    return None


def refuse(form: Form, path: Path) -> BadcaseError:
    """What is said of a form that is not run."""
    return BadcaseError(_(form.what), where=str(path), hint=_(form.hint))


def adapter_in(folder: Path) -> BadcaseError | None:
    """What is said of a folder that holds an adapter (LoRA and its kin) and not the network that it changes."""
    path = folder / "adapter_config.json"
    if not path.is_file() or any((folder / name).is_file() for name in ("model.safetensors", "pytorch_model.bin")):
        return None
    kept = _json(path)
    auto = {"SEQ_CLS": "AutoPeftModelForSequenceClassification", "FEATURE_EXTRACTION": "AutoPeftModelForFeatureExtraction"}
    name = auto.get(str(kept.get("task_type")), "AutoPeftModel")
    return BadcaseError(
        _("this folder holds an adapter ({kind}) for the model {base}, not the model itself").format(
            kind=kept.get("peft_type") or "PEFT", base=kept.get("base_model_name_or_path") or "?"
        ),
        where=str(folder),
        hint=_(
            "Merge the two in Python and name the new folder: peft.{auto}.from_pretrained({folder!r}).merge_and_unload()"
            ".save_pretrained(NEW), and save the tokenizer or image processor there too."
        ).format(auto=name, folder=str(folder)),
    )


def files_within(folder: Path) -> list[Path]:
    """Files of a folder that may be models, for a folder that is none itself."""
    known = {".pt", ".pth", ".ckpt", ".bin", ".joblib", ".pkl", ".pt2", ".safetensors", ".xml", *_ENDINGS}
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in known and path.is_file())


def _json(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _is_safetensors(head: bytes) -> bool:
    size = int.from_bytes(head[:8], "little")
    return 2 <= size < 100_000_000 and head[8:9] == b"{" and b'"' in head[9:16]


def _form_of_zip(path: Path) -> Form | str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            inner = [name.partition("/")[2] or name for name in names]
            if "constants.pkl" in inner and any(name.startswith("code/") for name in inner):
                return TORCH_SCRIPT
            if any(name.endswith("serialized_exported_program.json") or "/models/" in f"/{name}" for name in names):
                return "exported"
            if "model.weights.h5" in names:
                return KERAS
            if "schema.json" in names:
                return SCIKIT_LEARN
            pickled = next((name for name, own in zip(names, inner, strict=True) if own == "data.pkl"), None)
            if pickled is not None:
                with archive.open(pickled) as file:
                    return _form_of_torch(file.read(HEAD))
    except (zipfile.BadZipFile, OSError, RuntimeError):
        return ""
    return "exported" if path.suffix == ".pt2" else ""


def _form_of_torch(pickled: bytes) -> Form | str:
    """Of what torch saved: tensors, maybe beside other things, or a network with its code."""
    states = re.search(rb"[^_a-z](model_)?state_dict[^_a-z]", pickled)
    whole = b"ultralytics" in pickled or (b"torch.nn.modules" in pickled and states is None)
    return PICKLED_NETWORK if whole else "torch"


def _decompressed(head: bytes) -> bytes:
    """The beginning of what joblib packed with zlib or gzip, else as it is."""
    if head[:1] == b"\x78" or head[:2] == b"\x1f\x8b":
        try:
            return zlib.decompressobj(wbits=47).decompress(head, HEAD)
        except zlib.error:
            return head
    return head


def _protobuf(path: Path) -> Form | None:
    """ONNX and Core ML by the fields of their outermost message, which no mark announces."""
    try:
        fields = set(_fields(path))
    except (ValueError, OSError):
        return None
    if fields <= _ONNX_FIELDS and {1, 7} <= fields:
        return ONNX
    if {1, 2} <= fields and any(field >= 200 for field in fields) and all(f >= 200 or f in _CORE_ML_FIELDS for f in fields):
        return CORE_ML
    return None


def _fields(path: Path) -> Iterator[int]:
    size = path.stat().st_size
    with path.open("rb") as file:

        def varint() -> int:
            value, shift = 0, 0
            while True:
                byte = file.read(1)
                if not byte or shift > 63:
                    raise ValueError
                value |= (byte[0] & 127) << shift
                shift += 7
                if byte[0] < 128:
                    return value

        for _number in range(_MOST_FIELDS):
            if file.tell() >= size:
                break
            tag = varint()
            yield tag >> 3
            if tag & 7 == 0:
                varint()
            elif tag & 7 == 2:
                file.seek(varint(), 1)
            else:
                raise ValueError
        if file.tell() != size:
            raise ValueError
