"""Using badcase as a library changes nothing of the process around it: what a program had set stays set."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
from PIL import Image

from badcase.errors import BadcaseError
from badcase.items.images import decode, examine
from tests import ROOT

LOOK = """
import csv, json, locale, logging, os, pkgutil, random, signal, sys, threading, warnings
import numpy as np, torch, transformers, PIL.Image, PIL.ImageFile, pyarrow, sklearn, scipy, datasets
import torch.distributed, torch.export, transformers.models.auto.modeling_auto, platformdirs, rich, sklearn.linear_model

def look():
    return {
        "environment": dict(os.environ), "path": list(sys.path), "folder": os.getcwd(), "locale": locale.setlocale(locale.LC_ALL),
        "warnings": [str(one) for one in warnings.filters], "showwarning": warnings.showwarning is SHOW,
        "logging": [logging.root.level, logging.root.manager.disable, len(logging.root.handlers)],
        "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGTERM)],
        "excepthook": sys.excepthook is HOOK, "recursion": sys.getrecursionlimit(), "csv": csv.field_size_limit(),
        "random": [str(hash(random.getstate())), str(np.random.get_state()), torch.get_rng_state().tolist()],
        "threads": [torch.get_num_threads(), torch.get_num_interop_threads(), threading.active_count()],
        "torch": [torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.deterministic, torch.is_grad_enabled(),
                  str(torch.get_default_dtype()), torch.backends.cudnn.benchmark, torch.get_float32_matmul_precision()],
        "numpy": [str(np.geterr()), str(np.get_printoptions())],
        "pillow": [PIL.Image.MAX_IMAGE_PIXELS, PIL.ImageFile.LOAD_TRUNCATED_IMAGES],
        "transformers": [transformers.logging.get_verbosity(), transformers.utils.logging.is_progress_bar_enabled()],
    }

SHOW, HOOK = warnings.showwarning, sys.excepthook

def told(before):
    after = look()
    print(json.dumps({name: [before[name], after[name]] for name in before if before[name] != after[name]}))
"""
ALL = """
before = look()
import badcase
for name in badcase.__all__:
    getattr(badcase, name)
for package in ("badcase", "badcase.training"):
    for module in pkgutil.walk_packages(sys.modules[package].__path__, package + "."):
        if ".ui" not in module.name and not module.name.endswith("__main__"):
            __import__(module.name)
    import badcase.training
told(before)
"""
USE = """
from pathlib import Path
from badcase.models import load_model
from tests.badcase.models.networks import save_text_model
save_text_model(Path(sys.argv[1]) / "model", classes=["a", "b"])
logging.disable(logging.INFO)
before = look()
load_model({"kind": "packaged", "source": "minilm"})
load_model({"kind": "hugging_face", "source": str(Path(sys.argv[1]) / "model"), "task": "text"}).scratch(3)
try:
    load_model({"kind": "exported", "source": __file__})
except Exception as error:
    assert "cannot be loaded" in str(error), error
told(before)
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], dict[str, object]]:
    """What a process finds changed after it has imported every module, and then after it has loaded models."""
    folder = tmp_path_factory.mktemp("looks")
    (folder / "look.py").write_text(LOOK + ALL + USE)
    done = subprocess.run(
        [sys.executable, str(folder / "look.py"), str(folder)],
        env={"PATH": "", "HOME": str(folder), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    imported, loaded = map(json.loads, done.stdout.splitlines()[-2:])
    return imported, loaded


def test_importing_every_module_changes_nothing_of_the_process(changed: tuple[dict[str, object], dict[str, object]]) -> None:
    """Importing the one that reads images switched Pillow's check for decompression bombs off for the whole program."""
    assert changed[0] == {}


def test_loading_models_leaves_logs_and_progress_bars_as_they_were(changed: tuple[dict[str, object], dict[str, object]]) -> None:
    assert changed[1] == {}


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.zeros((height, width), np.uint8)).save(file, "PNG")
    return file.getvalue()


def test_our_own_bound_holds_and_pillows_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    monkeypatch.setenv("BADCASE_MAX_IMAGE", "40000")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode(png(80, 90)).size == (80, 90)  # three times what the user lets Pillow open
        assert examine(png(80, 90))[0].width == 80
    with pytest.raises(BadcaseError, match="too large to decode"):
        decode(png(90, 90))
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(png(80, 90)))
    assert Image.MAX_IMAGE_PIXELS == 1000


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "ICO", "JPEG2000", "TGA"])
def test_every_kind_of_image_is_known_as_before(kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "green").save(file, kind)
    assert decode(file.getvalue()).size == (32, 32)
    assert examine(file.getvalue())[0].format == Image.open(io.BytesIO(file.getvalue())).format


@pytest.mark.parametrize("raw", [b"no image", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\x00" + b"\xff" * 60, b"\xff\xd8\xff"])
def test_what_is_no_image_is_said_so(raw: bytes) -> None:
    with pytest.raises(BadcaseError, match="does not decode"):
        decode(raw)
