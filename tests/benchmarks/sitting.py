"""Whether 50,000 verdicts in one sitting stay as quick and as small as the first: `make benchmark-sitting`.

journal: each verdict recorded by itself, durably: milliseconds a verdict of the first and the last thousand, what the process
holds in memory on the way, and then undo, redo, an item's history, the labels of earlier revisions, and opening the project.
remember: what is kept of the items that were drawn at random: milliseconds and bytes a verdict, of each fifth of all.
learner: milliseconds from a verdict to the next twelve items and the count of errors left, after a thousand and after all.
With --json the figures are one JSON document.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from badcase.active_learning.learner import Learner
from badcase.project import Project
from badcase.store.verdicts import VerdictCode

VERDICTS, CLASSES, WIDTH, SOME = 50_000, 10, 32, 1000
STEP = 25  # verdicts between two looks at what is to be remembered, as a person gives them in a minute
Figures = dict[str, float]


def make(folder: Path, n: int) -> Path:
    """A project of n texts in ten overlapping classes, ranked, with a tenth of the labels drawn anew."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, CLASSES, n)
    given = np.where(rng.random(n) < 0.1, rng.integers(0, CLASSES, n), true)
    lines = [f"text {i} of some words,class {label}" for i, label in enumerate(given)]
    (folder / "texts.csv").write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    centers = rng.normal(size=(CLASSES, WIDTH)) * 0.6
    embeddings = centers[true] + rng.normal(size=(n, WIDTH))
    with Project.create(folder / "project", folder / "texts.csv") as project:
        made = project.path / "made"
        made.mkdir()
        np.save(made / "logits.npy", (embeddings @ centers.T).astype(np.float16))
        np.save(made / "embeddings.npy", embeddings.astype(np.float16))
        np.save(made / "trained_on.npy", project.split == 0)
        project.predictions.add(made, {"k": CLASSES, "d": WIDTH})
        project.rank()
    return folder / "project"


def memory() -> float:
    """MB that this process holds now; where the system does not tell, the most that it held."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def milliseconds(work: Callable[[], object], times: int = 5) -> float:
    took = []
    for _time in range(times):
        start = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - start))
    return float(np.median(took))


def judge(path: Path, verdicts: int) -> Figures:
    """Record verdicts one by one as a person does, and look back."""
    figures: Figures = {}
    took = np.zeros(verdicts)
    rng = np.random.default_rng(1)
    with Project.open(path) as project:
        journal, n = project.journal, len(project.items)
        labels = rng.integers(0, CLASSES, verdicts).tolist()
        for number, item in enumerate(rng.permutation(n)[:verdicts].tolist()):
            start = time.perf_counter()
            journal.record([item], "relabel", labels[number], shown={"suggested": "class 1", "suspicion": 0.5})
            took[number] = 1000 * (time.perf_counter() - start)
            if number + 1 in (verdicts // 5, verdicts):
                figures[f"MB after {number + 1}"] = memory()
        figures["ms a verdict, first"] = float(np.median(took[:SOME]))
        figures["ms a verdict, last"] = float(np.median(took[-SOME:]))
        figures["ms undo"] = milliseconds(journal.undo)
        figures["ms redo"] = milliseconds(journal.redo)
        figures["ms history of an item"] = milliseconds(lambda: journal.history(item))
        for part in (1, 2, 4):
            revision = verdicts * part // 4
            figures[f"ms labels_at({revision})"] = milliseconds(lambda revision=revision: journal.labels_at(revision))
    start = time.perf_counter()
    Project.open(path).close()
    figures["ms opening"] = 1000 * (time.perf_counter() - start)
    return figures


def learn(path: Path, verdicts: int) -> Figures:
    """What follows a verdict, with few and with many before it."""
    figures: Figures = {}
    with Project.open(path) as project:
        ranking = project.any_ranking
        assert ranking is not None
        learner, known = Learner(ranking), np.zeros(len(project.items), np.int8)
        order = ranking.order.tolist()
        for before in (SOME, verdicts):
            judged = np.array(order[:before])
            known[judged] = np.where(judged % 3 == 0, VerdictCode.RELABEL, VerdictCode.KEEP)
            learner.update(known)

            def step() -> None:
                item = int(learner.next(12)[0])
                known[item] = VerdictCode.KEEP
                learner.update(known)
                learner.next(12)
                learner.expected_errors()

            figures[f"ms to learn, after {before}"] = milliseconds(step, 15)
            figures[f"MB of learning, after {before}"] = memory()
    return figures


def remember(path: Path, verdicts: int) -> Figures:
    """What the window keeps of what was drawn at random, as the verdicts grow: time and bytes a verdict of each fifth."""
    from badcase.ui.desktop.session.live_learner import LiveLearner

    figures: Figures = {}
    with Project.open(path) as project:
        live = LiveLearner(project)
        learner = live.now()
        assert learner is not None
        order, fifth = learner.ranking.order.tolist(), verdicts // 5
        for part in range(5):
            took, written = 0.0, 0
            for start in range(part * fifth, (part + 1) * fifth, STEP):
                learner.next(12)
                project.journal.record(order[start : start + STEP], "keep")
                live.now()
                before = project.setting("judged before draws"), project.setting("drawn at random")
                began = time.process_time()
                live.save()
                took += time.process_time() - began
                after = project.setting("judged before draws"), project.setting("drawn at random")
                written += sum(len(json.dumps(new)) for old, new in zip(before, after, strict=True) if new != old)
            figures[f"ms to remember a verdict, {(part + 1) * fifth}"] = 1000 * took / fifth
            figures[f"bytes kept a verdict, {(part + 1) * fifth}"] = written / fifth
            figures[f"MB of remembering, {(part + 1) * fifth}"] = memory()
    return figures


PARTS = {"learner": learn, "remember": remember, "journal": judge}


def main() -> None:
    parser = argparse.ArgumentParser(description="Whether many verdicts in one sitting stay as quick as the first.")
    parser.add_argument("--verdicts", type=int, default=VERDICTS)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = make(Path(temporary), asked.verdicts * 6 // 5)
        figures = {"verdicts": float(asked.verdicts)}
        for part, measure in PARTS.items():
            if part in asked.part:
                figures |= measure(path, asked.verdicts)
    if asked.json:
        print(json.dumps(figures, indent=1))
    else:
        for name, value in figures.items():
            print(f"{name:32}{value:12,.2f}")


if __name__ == "__main__":
    main()
