"""What transformers says when it cannot load a model, told in words that name the remedy."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models.foreign.file_forms import ONNX, files_within, form_of_file, refuse
from badcase.models.foreign.hub_access import own_code
from badcase.models.foreign.weight_files import unreadable
from badcase.trust.gate import refusal

# Ways in which a library that is not installed is named.
_LIBRARY = (
    r"requires the ([\w.-]+) library",
    r"packages that were not found in your environment: ([\w.-]+)",
    r"No module named '?([\w.-]+)'?",
    r"requires `?([\w.-]+)`? to be installed",
    r"`?pip install (?:-U |--upgrade )?([\w.-]+)",
)
_INSTALLED_AS = {"PIL": "pillow", "sklearn": "scikit-learn", "cv2": "opencv-python", "yaml": "pyyaml", "google": "protobuf"}
_OLD_WEIGHTS = {"tf_model.h5": "TensorFlow", "flax_model.msgpack": "Flax"}


def refused(source: str, error: Exception, options: dict[str, Any]) -> BadcaseError:
    """The error of a model that transformers did not load.

    Args:
        source: The folder, or the id on the hub.
        error: What transformers raised.
        options: Those of `hub_options`.
    """
    said, folder = str(error), Path(source)
    if "trust_remote_code" in said and not options["trust_remote_code"] and (code := own_code(source, options)) is not None:
        return refusal(code, why=_("this model brings its own code, which is not run unless you say so"))
    if "torchvision::" in said:
        return _other_torchvision(source, said)
    if (library := missing_library(error)) is not None:
        return _without(source, library)
    if folder.is_dir() and (found := _other_weights(folder)) is not None:
        return found
    if "weights_only" in said or "Weights only load failed" in said:
        path = next(iter(sorted(folder.glob("*.bin"))), folder)
        return unreadable(path, error)
    hint = _("Check that the folder holds config.json and model.safetensors as `save_pretrained` writes them.")
    if not folder.is_dir():
        hint = _("Check the name, and that this machine reaches the hub; or give a folder saved by `save_pretrained`.")
    text = said.strip().splitlines()[0] if said.strip() else type(error).__name__
    return BadcaseError(_("transformers cannot load this model"), where=source, got=text, hint=hint)


def missing_library(error: BaseException) -> str | None:
    """The library that an error says is not installed, as pip calls it; None where it says no such thing."""
    while error.__cause__ is not None and not isinstance(error, ImportError):
        error = error.__cause__
    if not isinstance(error, ImportError) and "not found in your environment" not in str(error):
        return None
    for pattern in _LIBRARY:
        for found in re.finditer(pattern, str(error)):
            name = found[1].rstrip(".").split(".")[0]
            if not _is_here(name):
                return _INSTALLED_AS.get(name, name.lower())
    return None


def _is_here(name: str) -> bool:
    return find_spec(name) is not None or find_spec(name.lower().replace("-", "_")) is not None


def require_timm(source: str) -> None:
    """BadcaseError where timm, which a model of its own form needs, is not here."""
    if find_spec("timm") is None:
        raise _without(source, "timm")


def _without(source: str, library: str) -> BadcaseError:
    what = _("this model needs the library {name}, which is not installed").format(name=library)
    if library in ("timm", "torchvision"):
        hint = _(
            "Install it with `pip install 'badcase[timm]'` (pip install timm). timm brings torchvision, which has to be of the "
            "same build as torch, here {torch}: where torch is a CPU build, take torchvision from where that came from."
        ).format(torch=torch.__version__)
    else:
        hint = _("Install it with `pip install {name}`.").format(name=library)
    return BadcaseError(what, where=source, hint=hint)


def _other_torchvision(source: str, said: str) -> BadcaseError:
    return BadcaseError(
        _("the torchvision that is installed is of another build than torch"),
        where=source,
        expected=f"torch {torch.__version__}",
        got=said.strip().splitlines()[0],
        hint=_("Take torchvision from where torch came from; where no model needs it: pip uninstall torchvision."),
    )


def _other_weights(folder: Path) -> BadcaseError | None:
    """A folder whose weights are none that transformers 5 reads."""
    if any(folder.glob("*.safetensors")) or any(folder.glob("*.bin")):
        return None
    for name, library in _OLD_WEIGHTS.items():
        if (folder / name).is_file():
            return BadcaseError(
                _("the weights of this folder are those of {library}, which transformers no longer reads").format(
                    library=library
                ),
                where=str(folder / name),
                hint=_(
                    "Write them anew with transformers 4 and the Auto class of its task: "
                    "AutoModel.from_pretrained(PATH, from_{short}=True).save_pretrained(NEW)."
                ).format(short="tf" if library == "TensorFlow" else "flax"),
            )
    if any(form_of_file(path) is ONNX for path in files_within(folder)) or any(folder.glob("onnx/*.onnx")):
        return refuse(ONNX, folder)
    return None
