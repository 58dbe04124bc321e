"""The hub, or a folder of the same form: which files are there, and whether the hub can be reached, asked once and shortly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.i18n import _

SECONDS = 5.0  # for one answer of the hub


def hub_options(source: str, trust: bool) -> dict[str, Any]:
    """What every `from_pretrained` is given: no connection for a folder, nor where the hub gives no answer.

    transformers would try each file for half a minute. BadcaseError where the hub is needed and cannot be reached.

    Args:
        source: A folder or the id of a model.
        trust: Whether code that comes with the model may run.
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
    return {"trust_remote_code": trust, "local_files_only": local}


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
