"""What the map is drawn from: the places of all items, their density, their clusters; made in a thread, kept with the project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QPainterPath, QPolygonF

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import Kind
from badcase.maps.density import density_of, levels_of, outlines
from badcase.maps.hills import Hill, clusters_of, with_words
from badcase.maps.kept_places import MapLayout, kept_places, places_at_once
from badcase.maps.point_field import PointField
from badcase.maps.umap_places import umap_is_there
from badcase.store.prediction_sets import PredictionSet
from badcase.ui.desktop.session.session import Session


@dataclass(frozen=True, slots=True)
class Ground:
    """All items as points, the lines of equal density from the lowest to the highest, and what lies together."""

    field: PointField
    lines: list[list[npt.NDArray[np.float64]]]
    clusters: list[Hill]


class GroundState(StrEnum):
    """Whether there is a map."""

    NONE = "none"  # no embeddings
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class MapSource:
    """One embedding of the items: of which prediction set, and how it is laid out."""

    predictions: int
    layout: MapLayout


class MapGround(QObject):
    """Holds the ground of one source at a time. `changed` when it is another, or its state is; until a new one is there the
    last one stands."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.ground: Ground | None = None
        self.source: MapSource | None = None
        self.state, self.failure = GroundState.NONE, ""
        self.computing = False  # by UMAP, in the worker
        self._ticket: int | None = None

    def sources(self) -> list[MapSource]:
        """The embeddings that can be shown now: those of the prediction set in use first, then older ones, newest first."""
        sets = self._session.project.predictions
        current = sets.current
        others = [one for one in reversed(sets.all()) if current is None or one.id != current.id]
        found = []
        for one in ([current] if current is not None else []) + others:
            if one.has_embeddings and one.folder.is_dir():
                found.append(MapSource(one.id, MapLayout.PCA))
                found += [MapSource(one.id, MapLayout.UMAP)] if kept_places(one, MapLayout.UMAP) is not None else []
        return found

    def can_compute(self) -> int | None:
        """The prediction set in use where it can be laid out by UMAP and is not yet; else None."""
        current = self._session.project.predictions.current
        there = current is not None and current.has_embeddings and umap_is_there() and self._session.project.read_only is None
        if not there or current is None or kept_places(current, MapLayout.UMAP) is not None:
            return None
        return current.id

    def compute(self) -> None:
        """Have the worker lay out the prediction set in use by UMAP, and show it then; what is shown stands meanwhile."""
        predictions = self.can_compute()
        if predictions is None:
            return
        if self._session.busy:
            self._session.toast.emit(_("A job is running; stop it or wait for it to end."), "")
            return

        def on_done(_value: dict[str, Any]) -> None:
            self.computing = False
            self.show(MapSource(predictions, MapLayout.UMAP))

        self.computing = True
        title = _("Lay out the map")
        self._session.start("lay_out", title=title, done=on_done, stopped=self._on_stopped, predictions=predictions)
        self.changed.emit()

    def _on_stopped(self) -> None:
        self.computing = False
        self.changed.emit()

    def name_of(self, predictions: int) -> str:
        """What a prediction set is called: the run that its model comes from, else its own name."""
        meta = self._session.project.predictions.get(predictions).meta
        if run := meta.get("run"):
            return _("run {n}").format(n=run)
        return str(meta.get("name") or _("prediction set {n}").format(n=predictions))

    def show(self, source: MapSource | None = None) -> None:
        """Make the ground of a source, else of the best one there is for the prediction set in use."""
        sources = self.sources()
        if source is None:
            first = [one for one in sources if one.predictions == sources[0].predictions]
            source = first[-1] if first else None
        self._session.pool.drop(ticket=self._ticket)
        self.source = source
        if source is None:
            self.ground = None
            self._tell(GroundState.NONE)
            return
        self._tell(GroundState.LOADING)
        project = self._session.project
        labels = project.labels.copy() if project.task == "multiclass" else np.full(len(project.items), -1)
        text = project.items.text if project.kind is Kind.TEXT else None
        work = partial(_made, project.predictions.get(source.predictions), source.layout, labels, text, project.read_only is None)
        self._ticket = self._session.pool.submit(work, self._on_made, failed=self._on_failed, owner=self._session)

    def _tell(self, state: GroundState, failure: str = "") -> None:
        self.state, self.failure = state, failure
        self.changed.emit()

    def _on_made(self, ground: Ground) -> None:
        self.ground = ground
        self._tell(GroundState.READY)

    def _on_failed(self, error: Exception) -> None:
        self.ground = None
        if not isinstance(error, BadcaseError | OSError | MemoryError):
            self._tell(GroundState.FAILED, type(error).__name__)
            raise error
        self._tell(GroundState.FAILED, str(error))


def _made(
    predictions: PredictionSet, layout: MapLayout, labels: npt.NDArray[np.integer], text: Callable[[int], str] | None, keep: bool
) -> Ground:
    """For another thread."""
    places = kept_places(predictions, layout) if layout is not MapLayout.PCA else None
    field = PointField(places_at_once(predictions, keep=keep) if places is None else places)
    density = density_of(field)
    clusters = clusters_of(field, density, labels)
    lines = [outlines(density, level) for level in levels_of(density)]
    return Ground(field, lines, clusters if text is None else with_words(clusters, text))


def paths_of(ground: Ground) -> list[QPainterPath]:
    """The lines of equal density as paths of the plane."""
    made = []
    for loops in ground.lines:
        path = QPainterPath()
        for loop in loops:
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in loop.tolist()]))
            path.closeSubpath()
        made.append(path)
    return made
