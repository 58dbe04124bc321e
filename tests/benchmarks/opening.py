"""How long until a person can work: `make benchmark-opening`.

Each line starts the program anew, in a process of its own, and takes the time from its start until the window has drawn
itself and waits for a key: on the start page, and on ranked projects of texts with 0, 5,000 and 100,000 verdicts, or all that
there can be. `open` is the part from the window that waits to the project that does, as one opens it from the start page;
beside the time on the wall stands that of the processor, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from badcase.ui.desktop.garbage_collection import Collector
from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.main_window import MainWindow

SIZES, VERDICTS, TIMES = (100_000, 1_000_000), (0, 5_000, 100_000), 5


def start(project: Path | None) -> None:
    """The program as `badcase open` starts it; prints the clocks when the window waits, and when the project does."""
    app = QApplication([])
    Collector(app)
    apply_theme(app)
    window = MainWindow()
    window.show()
    drawn(window)
    if project is not None:
        window.open_project(project)
        from badcase.ui.desktop.review.page import ReviewPage  # imported by now, and not before a project is opened

        assert window.findChild(ReviewPage) is not None  # where all is judged it shows no item
        drawn(window)
    os._exit(0)  # what closing takes is no part of it


def drawn(window: QWidget) -> None:
    QApplication.processEvents()
    window.repaint()
    print(time.time(), time.process_time(), flush=True)


def measure(project: str) -> dict[str, float]:
    """Medians of several starts, in seconds; project: its path, "" for the start page."""
    whole, wall, processor = [], [], []
    for _n in range(TIMES):
        began = time.time()
        command = [sys.executable, "-m", "tests.benchmarks.opening", f"--start={project}"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        clocks = [float(clock) for clock in printed]
        whole.append(clocks[-2] - began)
        wall.append(clocks[-2] - clocks[0])
        processor.append(clocks[-1] - clocks[1])
    figures = {"start": statistics.median(whole)}
    opened = {"open": statistics.median(wall), "open, processor": statistics.median(processor)}
    return figures | (opened if project else {})


def main() -> None:
    parser = argparse.ArgumentParser(description="How long until a person can work.")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--verdicts", type=int, nargs="*", default=VERDICTS, help="ascending")
    parser.add_argument("--keep", type=Path, help="make the projects in this folder, or take those that are there")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    parser.add_argument("--start", nargs="?", const="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.start is not None:
        start(Path(asked.start) if asked.start else None)
    from tests.benchmarks.made_projects import judge, texts  # what it imports is no part of a start

    figures = {}

    def tell(title: str, project: str) -> None:
        figures[title] = measure(project)
        if not asked.json:
            print(f"{title:36}" + "".join(f"{name} {value:6.2f} s   " for name, value in figures[title].items()), flush=True)

    if not asked.json:
        print(f"{os.cpu_count()} cores; medians of {TIMES} starts")
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["XDG_CONFIG_HOME"] = str(Path(temporary) / "config")
        tell("start page", "")
        for n in asked.sizes:
            with texts(n, asked.keep) as folder:
                for verdicts in asked.verdicts:
                    judge(folder / "project", verdicts)
                    tell(f"{n:,} items, {verdicts:,} verdicts", str(folder / "project"))
    if asked.json:
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
