"""What an import costs beside a plain reader in the same run: `make benchmark-imports`.

A project is made of a CSV of n short texts and of n small JPEGs in class folders; the plain reader takes the same files: the csv
module and a digest of each text, or a digest, the decoded image and a grey thumbnail of each file. Each measurement runs in a
process of its own. Seconds are those of the processor on all cores, which other work on the machine does not lengthen; memory is
the resident memory at its highest. Both are told with those of the processes that an import starts, their memory as if each took
as much as the largest. How they grow is told as the power of n.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import numpy as np
from PIL import Image

from badcase.parallel.all_cores import cores
from tests.benchmarks.made_projects import write_images, write_texts
from tests.benchmarks.scale import exponent

TEXTS, IMAGES = (10_000, 100_000, 1_000_000), (1_000, 10_000)
AIMS = {"texts": "1,000,000 in 20 s and 1,000 MB", "images": "100,000 in 1.5 times the plain reader"}
Figures = dict[str, float]


def imported(data: Path) -> None:
    from badcase.project import Project

    with tempfile.TemporaryDirectory() as folder, Project.create(Path(folder) / "project", data):
        pass


def plain_texts(data: Path) -> None:
    with data.open(newline="", encoding="utf-8") as file:
        kept = [(blake2b(text.encode(), digest_size=16).hexdigest(), text, label) for text, label in csv.reader(file)]
    assert kept


def plain_images(data: Path) -> None:
    kept = []
    for file in sorted(data.rglob("*.jpg")):
        raw = file.read_bytes()
        image = Image.open(io.BytesIO(raw))
        image.draft("RGB", (64, 64))
        thumbnail = image.convert("L").resize((16, 16), Image.Resampling.BOX)
        kept.append((blake2b(raw, digest_size=16).hexdigest(), image.size, np.asarray(thumbnail)))
    assert kept


WORK: dict[str, Callable[[Path], None]] = {"import": imported, "texts": plain_texts, "images": plain_images}


def measured(work: str, data: Path) -> Figures:
    """Processor seconds and MB of one piece of work, by a process that does nothing else."""
    command = [sys.executable, "-m", "tests.benchmarks.imports", "--work", work, str(data)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def work_on(work: str, data: Path) -> Figures:
    if work == "import":
        import badcase.project  # noqa: F401 (what it takes to load is no part of an import)
    before = sum(os.times()[:4])
    WORK[work](data)
    own, one = (resource.getrusage(of).ru_maxrss for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    most = (own + one * cores()) / (1e6 if sys.platform == "darwin" else 1e3)
    return {"processor": sum(os.times()[:4]) - before, "MB, most": most}


def data_of(kind: str, n: int, keep: Path) -> Path:
    """The file or folder of n items, made once."""
    place = keep / (f"{n}.csv" if kind == "texts" else f"{n} images")
    if not place.exists():
        keep.mkdir(parents=True, exist_ok=True)
        (write_texts if kind == "texts" else write_images)(place, n)
    return place


def compare(kind: str, n: int, keep: Path) -> Figures:
    data = data_of(kind, n, keep)
    ours, plain = measured("import", data), measured(kind, data)
    return ours | {"plain reader": plain["processor"], "ratio": ours["processor"] / plain["processor"]}


def main() -> None:
    parser = argparse.ArgumentParser(description="What an import costs beside a plain reader.")
    parser.add_argument("--texts", type=int, nargs="*", default=TEXTS)
    parser.add_argument("--images", type=int, nargs="*", default=IMAGES, help="100000 too, where there is time")
    parser.add_argument("--keep", type=Path, help="make the data in this folder, or take what is there")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        print(json.dumps(work_on(asked.work[0], Path(asked.work[1]))))
        return
    table: dict[str, dict[int, Figures]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for kind, sizes in (("texts", asked.texts), ("images", asked.images)):
            table[kind] = {n: compare(kind, n, asked.keep or Path(temporary)) for n in sizes}
    if asked.json:
        print(json.dumps(table, indent=1))
        return
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}; seconds of the processor")
    for kind, by_size in table.items():
        if not by_size:
            continue
        print(f"{kind} (aimed at: {AIMS[kind]})")
        print(f"{'':16}" + "".join(f"{n:>12,}" for n in by_size) + f"{'grows as n^':>13}")
        for what in ("processor", "plain reader", "ratio", "MB, most"):
            line = "".join(f"{figures[what]:12,.2f}" for figures in by_size.values())
            print(f"{what:16}{line}{exponent({n: figures[what] for n, figures in by_size.items()}):13.2f}")


if __name__ == "__main__":
    main()
