"""The features that new and old are compared by: of one making, whichever sample an item is in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from badcase.array_checks import Features
from badcase.store.prediction_sets import PredictionSet

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

FITTED = "chargrams"  # the packaged features that are fitted on the texts of a project
_FITTED_ON = 20_000
Ids = NDArray[np.int64]
Directions: TypeAlias = Callable[[Ids], Features]  # ids (m,) -> (m, d) of length 1


def compared_features(project: ProjectData, predictions: PredictionSet, among: Ids, rng: np.random.Generator) -> Directions:
    """Features of length 1 of any items.

    Features that were fitted on the old texts alone describe these better than any other text: all new ones would lie apart from
    them. They are fitted once more on texts of both samples, which do not know which they are in.

    Args:
        project: The project.
        predictions: Those in use.
        among: Ids of the items of both samples.
        rng: Where the randomness comes from.
    """
    if predictions.meta.get("name") != FITTED or not project.predictions.features_are_untaught:
        return predictions.directions
    from badcase.models.chargrams import CharGrams  # torch: not where predictions need none

    texts = project.items.texts()
    drawn = among if len(among) <= _FITTED_ON else np.sort(rng.choice(among, _FITTED_ON, replace=False))
    grams = CharGrams.fit([texts[int(i)] for i in drawn])

    def directions(items: Ids) -> Features:
        return np.asarray(grams([texts[int(i)] for i in items])["features"], np.float32)

    return directions
