"""The hub, or a folder of the same form: which files are there, and whether the hub can be reached, asked once and shortly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models.foreign.own_files import inside, require_readable
from badcase.trust.foreign_code import ForeignCode, code_within
from badcase.trust.gate import trusts

_CONFIGURATIONS = ("config.json", "tokenizer_config.json", "preprocessor_config.json", "processor_config.json")
_INDICES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
_REFERENCE = re.compile(r"([^\0]+--)?\w+\.\w+")  # [owner/name--]module.Class
SECONDS = 5.0  # for one answer of the hub


def hub_options(source: str) -> dict[str, Any]:
    """What every `from_pretrained` is given: no connection for a folder, nor where the hub gives no answer.

    transformers would try each file for half a minute. BadcaseError where the hub is needed and cannot be reached.

    Args:
        source: A folder or the id of a model. Code that comes with it may run where the person trusts it.
    """
    local = Path(source).is_dir()
    if not local and Path(source).is_absolute():
        raise BadcaseError(
            _("the folder of this model is not there"),
            where=source,
            hint=_("Put it back, or name the model where it is now: badcase predict PROJECT --model FOLDER"),
        )
    if not local:
        local = not _reached()
        if local and not cached(source):
            raise BadcaseError(
                _("this model is not on this machine, and the hub cannot be reached"),
                where=source,
                hint=_(
                    "Connect to the network, or name a folder that `save_pretrained` wrote. A packaged backbone needs no "
                    "network: chargrams for texts, efficientnet-lite0 for images, minilm for English texts."
                ),
            )
    options = {"trust_remote_code": False, "local_files_only": local}
    require_readable(source)
    for path in _configurations(source, options):
        _refuse_kernels(path)
    for path in _files(source, "*.index.json", _INDICES, options):
        _require_own_parts(path)
    code = own_code(source, options)
    return options | {"trust_remote_code": code is not None and trusts(code)}


def own_code(source: str, options: dict[str, Any]) -> ForeignCode | None:
    """The Python files that the configurations of a model name; None where they name none, or none is to be had.

    Args:
        source: A folder or the id of a model.
        options: Those of `hub_options`.
    """
    named = [name for path in _configurations(source, options) for name in _auto_map(path)]
    models = {name.rpartition("--")[0] or source for name in named}  # "owner/name--module.Class" is of another model
    places = [_python_of(model, options) for model in sorted(models)]
    return code_within(source, [place for place in places if place is not None])


def _configurations(source: str, options: dict[str, Any]) -> list[Path]:
    return _files(source, "*config.json", _CONFIGURATIONS, options)


def _files(source: str, pattern: str, names: Sequence[str], options: dict[str, Any]) -> list[Path]:
    """The files of a folder, at any depth, whose names are of a pattern; of a model on the hub those of these names."""
    folder = Path(source)
    if folder.is_dir():
        return sorted(folder.rglob(pattern))
    return [path for name in names if (path := file_in(source, name, options)) is not None]


def _require_own_parts(path: Path) -> None:
    """BadcaseError where the index of weights in several files names one outside of its folder."""
    said = _json(path)
    parts = said.get("weight_map") if isinstance(said, dict) else None
    for name in set(map(str, parts.values())) if isinstance(parts, dict) else ():
        inside(path.parent, name)


def _refuse_kernels(path: Path) -> None:
    """BadcaseError where a configuration has transformers fetch machine code from the hub, for attention say."""
    for name, value in _entries(path):
        if "implementation" in name and not isinstance(value, dict | list) and "/" in str(value):
            raise BadcaseError(
                _("this model wants a kernel from the hub, which is machine code and is not fetched"),
                where=str(path),
                got=f"{name}: {value}",
                hint=_("Take this entry out of the file; the model does the same without it."),
            )


def _entries(path: Path) -> Iterator[tuple[str, Any]]:
    """What a configuration says at any depth, each with its name."""
    waiting = [_json(path)]
    while waiting:
        here = waiting.pop()
        for name, value in here.items() if isinstance(here, dict) else enumerate(here):
            yield str(name), value
            if isinstance(value, dict | list):
                waiting.append(value)


def _json(path: Path) -> dict[str, Any] | list[Any]:
    """Empty where it is none: whoever needs it says so."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict | list) else {}


def _auto_map(path: Path) -> list[str]:
    """What transformers would import for a configuration, or for one inside it.

    BadcaseError where that lies outside of what can be asked for: transformers joins it to the folder, and a path leaves that.
    """
    said = [value for name, value in _entries(path) if name == "auto_map"]
    values = [value for one in said for value in (one.values() if isinstance(one, dict) else [one])]
    names = [name for value in values for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)]
    if odd := next((name for name in names if not _REFERENCE.fullmatch(name)), None):
        raise BadcaseError(
            _("this model names code outside of its folder, which is not run"),
            where=str(path),
            expected="auto_map: module.Class",
            got=odd,
            hint=_("Put the file into the model's folder, or name the code yourself: --model package.module:factory."),
        )
    return names


def _python_of(model: str, options: dict[str, Any]) -> Path | None:
    """The folder of a model with its Python files, fetched where it lies on the hub."""
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns="*.py", local_files_only=options["local_files_only"]))
    except Exception:  # not there, or not on this machine: transformers says what it lacks
        return None


def cached(source: str) -> bool:
    """Whether the configuration of this model of the hub lies on this machine, and so most likely all of it."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return any(isinstance(try_to_load_from_cache(source, name), str) for name in ("config.json", "modules.json"))
    except HFValidationError:
        return False


def file_in(source: str, name: str, options: dict[str, Any]) -> Path | None:
    """A file of the model, fetched where it lies on the hub; None where the model has none of this name."""
    folder = Path(source)
    if folder.is_dir():
        return folder / name if (folder / name).is_file() else None
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(source, name, local_files_only=options["local_files_only"]))
    except Exception:  # not there, or not on this machine: the same here
        return None


def _reached() -> bool:
    from huggingface_hub import constants, get_session

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        get_session().head(constants.ENDPOINT, timeout=SECONDS)
    except Exception:  # the client's own kinds of errors differ from version to version; any answer would do
        return False
    return True
