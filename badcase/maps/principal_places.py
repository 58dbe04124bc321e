"""Where items lie on a plane at once: along the two principal axes of their embeddings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from badcase.store.mapped_pages import let_go

_SAMPLE = 20_000  # rows, evenly spaced, that the axes are found from
_EXTRA, _TURNS = 8, 6  # directions beside the two, and turns of the power iteration
_BLOCK = 1 << 24  # numbers that are read at once


def principal_places(embeddings: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """(n, 2) each row along the two axes in which the unit embeddings (n, d) spread most, the longer one across.

    The axes are found from an even sample by randomized subspace iteration, then all rows are read once, in blocks. The same
    embeddings give the same places. Rows that are not finite lie at the middle.
    Source: Halko, Martinsson and Tropp 2011, https://doi.org/10.1137/090771806
    """
    n, d = embeddings.shape
    places = np.zeros((n, 2), np.float32)
    if n == 0 or d == 0:
        return places
    sample = unit_rows(embeddings[:: max(1, -(-n // _SAMPLE))])
    middle = sample.mean(0)
    axes = principal_axes(sample - middle, 2)
    rows = max(1, _BLOCK // d)
    for start in range(0, n, rows):
        places[start : start + rows, : axes.shape[1]] = (unit_rows(embeddings[start : start + rows]) - middle) @ axes
    let_go(embeddings)
    return places


def unit_rows(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """(m, d) rows of length 1; what is not finite counts as 0."""
    values = np.nan_to_num(np.asarray(rows, np.float32), posinf=0.0, neginf=0.0)
    unit: npt.NDArray[np.float32] = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
    return unit


def principal_axes(rows: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
    """(d, count) orthonormal axes along which rows (m, d) reach farthest from zero, the longest first; fewer where d is less.

    Each has its largest part positive, so that no map lies mirrored.
    """
    d = rows.shape[1]
    basis = np.random.default_rng(0).normal(size=(d, min(d, count + _EXTRA))).astype(np.float32)
    for _turn in range(_TURNS):
        basis = np.linalg.qr(rows.T @ (rows @ basis))[0]
    _u, _s, turn = np.linalg.svd(rows @ basis, full_matrices=False)
    axes = basis @ turn.T[:, :count]
    largest = axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])]
    found: npt.NDArray[np.float32] = np.where(largest < 0, -axes, axes)
    return found
