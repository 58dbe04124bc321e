"""Places of items on a map that were found once, kept beside the prediction set that they come from.

They are a cache: ones that cannot be read, or that other code made, are as good as none.
"""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.maps.principal_places import principal_places
from badcase.out_of_memory import is_out_of_memory
from badcase.store.atomic_files import write_whole
from badcase.store.checks.stored_arrays import stored_array

if TYPE_CHECKING:
    from badcase.store.prediction_sets import PredictionSet

# Of how places are found. Raise it with every change of that: all maps are made again then.
VERSION = 1
_log = logging.getLogger(__name__)

Places = npt.NDArray[np.float32]


class MapLayout(StrEnum):
    """How the embeddings are laid out on a plane."""

    PCA = "pca"
    UMAP = "umap"


def kept_places(predictions: PredictionSet, layout: MapLayout) -> Places | None:
    """(n, 2) the places of all items under one layout; None where none are kept that can be read."""
    path = predictions.folder / f"map-{layout}-{VERSION}.npy"
    try:
        values = stored_array(path, kind="f", shape=(len(predictions.embeddings), 2), whole=True)
    except (OSError, EOFError, ValueError) as error:
        if is_out_of_memory(error):
            raise
        return None
    return np.array(values, np.float32)


def keep_places(predictions: PredictionSet, layout: MapLayout, places: Places) -> None:
    """Keep the places (n, 2) of all items; of an earlier version they make room. Where nothing can be written, nothing is."""
    path = predictions.folder / f"map-{layout}-{VERSION}.npy"
    try:
        with write_whole(path, durable=False) as making, making.open("wb") as file:
            np.save(file, places.astype(np.float32))
        for old in path.parent.glob(f"map-{layout}-*.npy"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError as error:
        _log.info("the map is not kept: %s", error)


def places_at_once(predictions: PredictionSet, *, keep: bool = True) -> Places:
    """(n, 2) along the principal axes, read where they are kept; keep: write them where they are not."""
    places = kept_places(predictions, MapLayout.PCA)
    if places is None:
        places = principal_places(predictions.embeddings)
        if keep:
            keep_places(predictions, MapLayout.PCA, places)
    return places
