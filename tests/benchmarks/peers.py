"""What ranking costs at scale, cleanlab beside ours: `make benchmark-peers`.

Each measurement runs in a process of its own. rank: 10,000 x 256 features, 10 classes, one thread, median of 3. million:
1,000,000 x 100 probabilities in a file that is mapped, one thread; ours ranks and tells the reasons of the top 1,000,
cleanlab finds and orders label issues. embeddings: 100,000 and 1,000,000 x 64 features, one thread, ours alone: how time and
memory grow. features: 50,000 x 384 features, clusters with planted copies and outliers, as many threads as there are cores;
ours finds neighbours, outliers and duplicates, as cleanlab's Datalab does. Seconds are on the wall; beside them stand those of
the processor, which other work on the machine does not lengthen. Peak: the process's resident memory at its highest, pages of
the mapped file counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PARTS = ("rank", "million", "embeddings", "features")
SIZES = (100_000, 1_000_000)
Figures = dict[str, float]
Tell = Callable[[str, Figures], None]
_CLOCK = "s of the processor"
_CHUNK = 50_000
_NEAR = 10  # neighbours, as many as Datalab asks for


def make_rank(folder: Path) -> None:
    """Ten overlapping clusters, a tenth of the labels drawn anew."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 10_000)
    features = rng.normal(size=(10, 256))[labels] + 2.5 * rng.normal(size=(10_000, 256)) * 0.98 ** np.arange(256)
    np.save(folder / "features.npy", features.astype(np.float32))
    np.save(folder / "labels.npy", np.where(rng.random(10_000) < 0.1, rng.integers(0, 10, 10_000), labels))


def make_million(folder: Path) -> None:
    """Rows like a trained network's: most of the mass on one class; 5 % of the labels are another one."""
    rng, n, k = np.random.default_rng(0), 1_000_000, 100
    probs = np.lib.format.open_memmap(folder / "probs.npy", "w+", np.float32, (n, k))
    labels = rng.integers(0, k, n)
    for start in range(0, n, _CHUNK):
        rows = rng.standard_gamma(0.1, (_CHUNK, k), np.float32) + np.float32(1e-6)
        rows[np.arange(_CHUNK), labels[start : start + _CHUNK]] += rng.standard_gamma(8.0, _CHUNK, np.float32)
        probs[start : start + _CHUNK] = rows / rows.sum(1, keepdims=True)
    probs.flush()
    np.save(folder / "labels.npy", np.where(rng.random(n) < 0.05, rng.integers(0, k, n), labels))


def make_features(folder: Path) -> None:
    """200 clusters in 384 dimensions; 500 items are near copies of others, 100 lie where nothing else does."""
    rng, n, d = np.random.default_rng(0), 50_000, 384
    of = rng.integers(0, 200, n)
    x = rng.normal(size=(200, d))[of] + rng.normal(size=(n, d)) * 1.5 * 0.99 ** np.arange(d)
    odd, copies = np.split(rng.permutation(n)[:600], [100])
    x[odd] = 3 * rng.normal(size=(100, d))
    x[copies] = x[rng.choice(np.setdiff1d(np.arange(n), np.r_[odd, copies]), 500, replace=False)]
    x[copies] += 1e-3 * rng.normal(size=(500, d))
    np.save(folder / "features.npy", x.astype(np.float32))
    np.save(folder / "labels.npy", of % 10)
    np.save(folder / "odd.npy", odd)
    np.save(folder / "copies.npy", copies)


def make_embeddings(folder: Path, sizes: Sequence[int] = SIZES) -> None:
    """Ten overlapping clusters, a tenth of the labels drawn anew."""
    for n in sizes:
        rng = np.random.default_rng(0)
        true = rng.integers(0, 10, n)
        features = (0.6 * rng.normal(size=(10, 64))).astype(np.float32)[true]
        for start in range(0, n, _CHUNK):
            features[start : start + _CHUNK] += rng.standard_normal((min(_CHUNK, n - start), 64), np.float32)
        (folder / str(n)).mkdir()
        np.save(folder / str(n) / "features.npy", features)
        np.save(folder / str(n) / "labels.npy", np.where(rng.random(n) < 0.1, rng.integers(0, 10, n), true))


def rank_features(folder: Path) -> None:
    from badcase import rank

    rank(np.load(folder / "labels.npy"), features=np.load(folder / "features.npy"))


def rank_million(folder: Path) -> None:
    from badcase import rank

    ranking = rank(np.load(folder / "labels.npy"), np.load(folder / "probs.npy", mmap_mode="r"))
    for item in ranking.order[:1_000]:
        ranking.reasons(int(item))


def cleanlab_exact(folder: Path) -> None:
    from cleanlab.filter import find_label_issues

    probs = np.load(folder / "probs.npy", mmap_mode="r")
    find_label_issues(np.load(folder / "labels.npy"), probs, return_indices_ranked_by="self_confidence", n_jobs=1)


def cleanlab_batched(folder: Path) -> None:
    from cleanlab.experimental.label_issues_batched import find_label_issues_batched

    find_label_issues_batched(
        labels_file=str(folder / "labels.npy"),
        pred_probs_file=str(folder / "probs.npy"),
        batch_size=10_000,
        n_jobs=1,
        verbose=False,
    )


def look_at_features(folder: Path) -> None:
    """What a ranking by features tells of neighbours, outliers and duplicates."""
    from badcase.neighbours.near_duplicates import twin_sets
    from badcase.neighbours.search import nearest
    from badcase.scorers.duplicates.look_alike import look_alike
    from badcase.scorers.labels.outlier import outlier

    features, labels = np.load(folder / "features.npy"), np.load(folder / "labels.npy")
    near = nearest(features, _NEAR)
    sets = twin_sets(near, np.arange(len(features)))
    twins = np.bincount(sets, minlength=len(sets))[sets] > 1
    alike = (look_alike(labels, near) > 0.5) | twins
    believed = np.eye(int(labels.max()) + 1, dtype=np.float32)[labels]  # by nothing but features, as theirs
    np.savez(folder / "ours.npz", near=near.indices, outlier=outlier(labels, near, believed) > 0.5, duplicate=alike)


def datalab(folder: Path) -> None:
    from cleanlab import Datalab

    lab = Datalab({"label": np.load(folder / "labels.npy")}, label_name="label", verbosity=0)
    lab.find_issues(features=np.load(folder / "features.npy"), issue_types={"outlier": {}, "near_duplicate": {}})
    graph = lab.get_info("statistics")["weighted_knn_graph"]
    near = graph.indices.reshape(graph.shape[0], -1)
    issues = lab.get_issues()
    np.savez(folder / "theirs.npz", near=near, outlier=issues["is_outlier_issue"], duplicate=issues["is_near_duplicate_issue"])


WORK: dict[str, Callable[[Path], None]] = {
    work.__name__: work for work in (rank_features, rank_million, cleanlab_exact, cleanlab_batched, look_at_features, datalab)
}


def peak() -> float:
    """Highest resident memory of this process so far, in GB; that of `getrusage` would include the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1e6


def measure(name: str, folder: Path, threads: int) -> Figures:
    """What one piece of work costs, in a process of its own; imports and start do not count."""
    limits = {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "OPENBLAS", "MKL")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.peers", "--work", name, "--folder", str(folder)],
        env=os.environ | limits,
        stdout=subprocess.PIPE,
        check=True,
    )
    told: Figures = json.loads(done.stdout.splitlines()[-1])
    return told


def work(name: str, folder: Path) -> None:
    for module in ("cleanlab", "cleanlab.experimental.label_issues_batched", "badcase.ranking.ranking"):
        import_module(module)  # so that importing is no part of what is measured
    wall, processor = time.perf_counter(), time.process_time()
    WORK[name](folder)
    took = {"s": time.perf_counter() - wall, "s of the processor": time.process_time() - processor}
    print(json.dumps(took | {"peak GB": peak()}))


def report_rank(folder: Path, tell: Tell) -> None:
    seconds = sorted(measure("rank_features", folder, 1)["s"] for _round in range(3))
    tell("rank, 10,000 x 256 features, 10 classes, one thread, median of 3", {"s": seconds[1], "s, aimed at most": 4.0})


def report_million(folder: Path, tell: Tell) -> None:
    """Aimed at: no slower than cleanlab's exact path."""
    for name in ("rank_million", "cleanlab_exact", "cleanlab_batched"):
        tell(f"1,000,000 x 100 probabilities, one thread, {name}", measure(name, folder, 1))


def report_embeddings(folder: Path, tell: Tell, sizes: Sequence[int] = SIZES) -> None:
    taken = {n: measure("rank_features", folder / str(n), 1) for n in sizes}
    for n, took in taken.items():
        tell(f"{n:,} x 64 features, one thread", took | {"GB, aimed at most": 3.0})
    if len(sizes) > 1:
        (few, first), (many, last) = sorted(taken.items())[-2:]
        power = {"exponent": float(np.log(last[_CLOCK] / first[_CLOCK]) / np.log(many / few)), "exponent, aimed at most": 1.1}
        tell("how the time of ranking grows with the number of items", power)


def report_features(folder: Path, tell: Tell) -> None:
    """Aimed at: 5 times as fast as Datalab, the same neighbours."""
    threads = os.cpu_count() or 1
    taken = {name: measure(name, folder, threads) for name in ("look_at_features", "datalab")}
    for name, took in taken.items():
        tell(f"50,000 x 384 features, {threads} threads, {name}", took)
    ours, theirs = np.load(folder / "ours.npz"), np.load(folder / "theirs.npz")
    same = 100 * shared(ours["near"], theirs["near"])
    ratio = taken["datalab"]["s"] / taken["look_at_features"]["s"]
    tell("beside Datalab", {"times as fast": ratio, "% of its neighbours that are ours": same})
    odd, copies = np.load(folder / "odd.npy"), np.load(folder / "copies.npy")
    for whose, found in (("badcase", ours), ("Datalab", theirs)):
        for kind, planted in (("outlier", odd), ("duplicate", copies)):
            hits = {"found": int(found[kind][planted].sum()), "planted": len(planted), "told in all": int(found[kind].sum())}
            tell(f"{kind}s by {whose}", hits)


def shared(ours: NDArray[np.integer], theirs: NDArray[np.integer]) -> float:
    """The share of their neighbours that are among ours."""
    return float((theirs[:, :, None] == ours[:, None, :]).any(2).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description="What ranking costs at scale.")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=PARTS, help="which parts to run; all of them without")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of the embeddings")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    parser.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        work(asked.work, asked.folder)
        return
    told: dict[str, Figures] = {}

    def tell(title: str, figures: Figures) -> None:
        told[title] = figures
        if not asked.json:
            print(f"{title:72}" + "   ".join(f"{name} {value:,.2f}" for name, value in figures.items()), flush=True)

    if not asked.json:
        tools = ", ".join(f"{name} {version(name)}" for name in ("numpy", "cleanlab"))
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {tools}", flush=True)
    sizes = tuple(asked.sizes)
    make = {
        "rank": make_rank,
        "million": make_million,
        "embeddings": partial(make_embeddings, sizes=sizes),
        "features": make_features,
    }
    report = {
        "rank": report_rank,
        "million": report_million,
        "embeddings": partial(report_embeddings, sizes=sizes),
        "features": report_features,
    }
    for part in asked.part:
        with tempfile.TemporaryDirectory() as folder:
            make[part](Path(folder))
            report[part](Path(folder), tell)
    if asked.json:
        print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
