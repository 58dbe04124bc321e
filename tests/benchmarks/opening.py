"""How long until a person can work: `make benchmark-opening`.

Each line starts the program anew, in a process of its own, and takes the time from its start until the window has drawn
itself and waits for a key: on the start page, and on ranked projects of texts with the first item of the queue to judge.
`open` is the part from the window that waits to the project that does, as one opens it from the start page.
"""

from __future__ import annotations

import argparse
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

SIZES, TIMES = (100_000, 1_000_000), 5


def start(project: Path | None) -> None:
    """The program as `badcase open` starts it; prints the clock when the window waits, and when the project does."""
    app = QApplication([])
    Collector(app)
    apply_theme(app)
    window = MainWindow()
    window.show()
    drawn(window)
    if project is not None:
        window.open_project(project)
        from badcase.ui.desktop.review.page import ReviewPage  # imported by now, and not before a project is opened

        page = window.findChild(ReviewPage)
        assert page is not None and page.reviewer.current is not None
        drawn(window)
    os._exit(0)  # what closing takes is no part of it


def drawn(window: QWidget) -> None:
    QApplication.processEvents()
    window.repaint()
    print(time.time(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="How long until a person can work.")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--start", nargs="?", const="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.start is not None:
        start(Path(asked.start) if asked.start else None)
    from tests.benchmarks.verdict import make_texts  # what it imports is no part of a start

    print(f"{os.cpu_count()} cores; medians of {TIMES} starts, the slowest in brackets")
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["XDG_CONFIG_HOME"] = str(Path(temporary) / "config")
        for n in (0, *asked.sizes):
            project, folder = "", Path(temporary, str(n))
            if n:
                folder.mkdir()
                make_texts(folder, n)
                project = str(folder / "project")
            clocks = []
            for _n in range(TIMES):
                began = time.time()
                command = [sys.executable, "-m", "tests.benchmarks.opening", f"--start={project}"]
                printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
                clocks.append([float(clock) - began for clock in printed])
            whole = [clock[-1] for clock in clocks]
            line = f"{f'{n:,} items' if n else 'start page':16}{statistics.median(whole):6.2f} s ({max(whole):.2f})"
            if n:
                opened = [clock[1] - clock[0] for clock in clocks]
                line += f"   open {statistics.median(opened):6.2f} s ({max(opened):.2f})"
            print(line, flush=True)


if __name__ == "__main__":
    main()
