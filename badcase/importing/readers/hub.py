"""A data set by its hub id, through the optional `datasets` library: downloaded once, then read as saved on disk."""

from __future__ import annotations

import re
from pathlib import Path

from platformdirs import user_cache_path

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.network import asked_for
from badcase.store.atomic_files import write_folder_whole


def is_hub_id(data: str) -> bool:
    """Whether the text has the form of a hub id (owner/name) and no folder here makes it a path."""
    return re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", data) is not None and not Path(data).parent.exists()


def fetch(hub_id: str) -> Path:
    """The folder on this machine that holds the data set, downloaded where it is not there yet."""
    folder = user_cache_path("badcase") / "hub" / hub_id.replace("/", "--")
    if folder.is_dir():
        return folder
    try:
        with asked_for(True):  # what it reads of the environment, it reads when it is imported
            import datasets
    except ImportError as error:
        raise BadcaseError(
            _("a data set by hub id needs the library `datasets`"),
            where=hub_id,
            hint=_("Install it with `pip install 'badcase[hf]'`, or name a file or folder."),
        ) from error
    try:
        with asked_for(True):
            loaded = datasets.load_dataset(hub_id)
    except Exception as error:  # the library raises a dozen kinds for one meaning: not there, or no way there
        raise BadcaseError(
            _("the data set cannot be fetched, and there is no file or folder of this name"),
            where=hub_id,
            got=error,
            hint=_("Check the name and the connection."),
        ) from error
    with write_folder_whole(folder) as temporary:
        loaded.save_to_disk(str(temporary))
    return folder
