"""The kernel that is walked in blocks says what the whole one says, wherever its blocks are held and wherever made anew."""

from __future__ import annotations

import numpy as np
import pytest

from badcase.probabilities import landmark_kernel
from badcase.probabilities.kernel_ridge import KernelRidge
from badcase.probabilities.landmark_kernel import LandmarkKernel
from badcase.progress import finish

N, MARKS = 700, 60


def points() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, groups of one to five items that do not stand side by side, and targets."""
    rng = np.random.default_rng(0)
    groups = np.unique(rng.integers(0, 300, N), return_inverse=True)[1].reshape(-1).astype(np.int64)
    return rng.normal(size=(N, 8)).astype(np.float32), groups, np.eye(3, dtype=np.float32)[rng.integers(0, 3, N)]


@pytest.fixture(params=[0, 20_000, 1 << 30], ids=["none held", "some held", "all held"])
def in_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landmark_kernel, "HELD", request.param)
    monkeypatch.setattr(landmark_kernel, "_ROWS", 64)


@pytest.mark.usefixtures("in_blocks")
def test_the_blocks_are_the_whole_kernel_and_no_group_is_divided() -> None:
    x, groups, targets = points()
    centred = targets - targets.mean(0)
    kernel = finish(LandmarkKernel.making(x, x[:MARKS], groups, centred))
    squares = ((x[:, None].astype(np.float64) - x[None, :MARKS]) ** 2).sum(2)
    width = np.median(squares[:MARKS][np.triu_indices(MARKS, 1)])
    whole = np.exp(-squares / (2 * width))
    whole -= whole.mean(0)

    found, seen = np.zeros_like(whole), []
    for items, block in kernel.blocks():
        found[items] = block
        seen.append(groups[items])
    np.testing.assert_allclose(found, whole, atol=1e-5)
    assert len(seen) > 8 and sum(len(np.unique(part)) for part in seen) == len(np.unique(groups))
    np.testing.assert_allclose(kernel.gram, whole.T @ whole, atol=1e-3)
    np.testing.assert_allclose(kernel.answers, whole.T @ centred, atol=1e-3)
    few = np.concatenate([block for _items, block in kernel.blocks(7)])
    assert few.shape == (N, 7)


@pytest.mark.usefixtures("in_blocks")
def test_leaving_a_group_out_of_the_closed_form_is_what_a_fit_without_it_says() -> None:
    x, groups, targets = points()
    order = np.random.default_rng(1).permutation(N)
    ridge = finish(KernelRidge.making(x, targets, groups, order))
    said = finish(ridge._left_out(targets))
    other = targets.copy()
    members = np.flatnonzero(groups == groups[order[0]])
    other[members] = np.eye(3, dtype=np.float32)[[0]]
    again = finish(ridge._left_out(other))
    np.testing.assert_allclose(again[members], said[members], atol=0.02)  # but for the mean and what is put on the diagonal
    assert np.abs(again - said).max() > 0.02
