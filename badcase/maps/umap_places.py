"""Where items lie on a plane so that near ones stay near: UMAP, where its library is installed. A job for the worker."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.maps.kept_places import MapLayout, Places, keep_places, places_at_once
from badcase.maps.principal_places import principal_axes, unit_rows
from badcase.progress import Job, Progress

if TYPE_CHECKING:
    from badcase.store.prediction_sets import PredictionSet

_WIDTH = 50  # numbers of each item that are laid out: what is left of an embedding without its noise
_NEAR = 15  # neighbours that stay near
_SAMPLE = 20_000
_BLOCK = 1 << 24


def umap_is_there() -> bool:
    """Whether the library is installed; it is not imported for that."""
    return find_spec("umap") is not None


def laying_out(predictions: PredictionSet) -> Job[Places]:
    """(n, 2) the places of all items by UMAP from their principal axes on, kept beside the prediction set.

    The same embeddings give the same places.
    Source: McInnes, Healy and Melville 2018, https://arxiv.org/abs/1802.03426

    Raises:
        BadcaseError: The library is not installed, or there are too few items.
    """
    if not umap_is_there():
        raise BadcaseError(
            _("UMAP is not installed"), expected="umap-learn", hint=_("Install it with pip install 'badcase[map]', or use PCA.")
        )
    embeddings = predictions.embeddings
    n = len(embeddings)
    if n <= _NEAR:
        raise BadcaseError(_("too few items for UMAP"), got=str(n), expected=str(_NEAR + 1), hint=_("PCA shows them as well."))
    yield Progress(_("Loading {name}").format(name="UMAP"))
    with warnings.catch_warnings():  # of Tensorflow, which a part that we do not use would need
        warnings.simplefilter("ignore")
        from umap import UMAP

    yield Progress(_("Reading the embeddings"))
    axes = principal_axes(unit_rows(embeddings[:: max(1, -(-n // _SAMPLE))]), _WIDTH)
    rows = np.empty((n, axes.shape[1]), np.float32)
    step = max(1, _BLOCK // embeddings.shape[1])
    for start in range(0, n, step):
        rows[start : start + step] = unit_rows(embeddings[start : start + step]) @ axes
        yield Progress(_("Reading the embeddings"), min(start + step, n), n, _("items"))
    begin = places_at_once(predictions, keep=False)
    begin = 10 * (begin - begin.mean(0)) / max(float(np.abs(begin).max()), 1e-9)
    yield Progress(_("Laying out {n} items").format(n=n))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = UMAP(n_neighbors=_NEAR, init=begin, random_state=0, n_jobs=1).fit_transform(rows)
    places = np.nan_to_num(np.asarray(made, np.float32))
    keep_places(predictions, MapLayout.UMAP, places)
    return places
