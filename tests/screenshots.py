"""Pictures of every page, light and dark, from real projects, into screenshots/: `make screenshots`.

Uses the benchmark data where it is, else the embedded demos. The projects are made anew in a temporary folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from tests import ROOT

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from badcase.errors import BadcaseError
from badcase.progress import Job, Progress, T
from badcase.project import Project
from badcase.store.verdicts import Verdict
from badcase.training.demo.make_demo import make_demo
from badcase.training.runs.train import train_in_steps
from badcase.ui.desktop.look.theme import apply_theme
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.screenshots import ALL, shoot

OUT = ROOT / "screenshots"
DATA = Path(os.environ.get("BADCASE_DATA", ROOT.parent / "shared" / "data"))
SIGNS = DATA / "signdigits_planted.zip"
TEXT_SHOTS = tuple(shot for shot in ALL if shot.page == "review" and shot.width != 2560)


def say(job: Job[T]) -> T:
    """Run a job to its end, naming its steps."""
    last = ""
    try:
        while True:
            step = next(job)
            if isinstance(step, Progress) and step.name != last:
                last = step.name
                print("  ", last, flush=True)
    except StopIteration as stop:
        result: T = stop.value
        return result


def make(path: Path, data: Path, demo: str) -> Path:
    """A project in the middle of its first round: predicted, partly reviewed, trained once."""
    print(path.name, flush=True)
    project = say(Project.creating(path, data)) if data.exists() else say(make_demo(path, demo))
    with project:
        if project.predictions.current is None:
            say(project.predicting())
        ranking = project.rank()
        first = ranking.order[ranking.flagged[ranking.order]][:90]
        rng = np.random.default_rng(0)
        for item in first:
            kind = rng.choice(list(Verdict), p=[0.8, 0.12, 0.04, 0.04])
            project.journal.record([int(item)], str(kind), int(ranking.suggested[item]) if kind == Verdict.RELABEL else None)
        say(train_in_steps(project))
        project.rank()
    return path


def run_command(window: MainWindow, page: str, keys: str) -> None:
    window.show_page(page)
    next(command for command in window.commands() if command.keys == keys).run()


def failure(window: MainWindow) -> None:
    hint = "Take a smaller batch, or choose another device."
    window.errors.show_error(BadcaseError("the model does not fit into memory", where="predict", hint=hint))
    window.toast.tell("7 relabelled", "Z")


def assistant(window: MainWindow) -> None:
    window.close_project()
    window.entrance.show_assistant(SIGNS if SIGNS.exists() else None)


# What no plain page shows: each leaves itself on screen.
SCENES: dict[str, Callable[[MainWindow], object]] = {
    "comparison": partial(run_command, page="train", keys="Ctrl+D"),
    "export": partial(run_command, page="data", keys="Ctrl+E"),
    "clusters": partial(run_command, page="review", keys="Alt+C"),
    "palette": MainWindow.show_commands,
    "retrain": MainWindow.retrain,
    "error": failure,
    "assistant": assistant,
}


def shoot_scenes(app: QApplication, project: Path) -> None:
    """One window for each scene, so that none stands over another."""
    for theme in ("light", "dark"):
        for name, scene in SCENES.items():
            apply_theme(app, theme)
            window = MainWindow()
            window.resize(1440, 900)
            window.show()
            window.open_project(project)
            scene(window)
            settle()
            window.grab().save(str(OUT / f"{name}-{theme}-1440x900.png"))
            window.lane.close()
            window.close()


def settle(ms: int = 2000) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def main() -> int:
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = str(Path(folder) / "config")
        signs = make(Path(folder) / "sign digits", SIGNS, "image")
        news = make(Path(folder) / "新闻标题", DATA / "thucnews_zh.csv.gz", "text")
        app = QApplication(sys.argv[:1])
        shoot(news, OUT / "texts", TEXT_SHOTS)
        shoot(signs, OUT, (*(shot for shot in ALL if shot.page != "start"), *(s for s in ALL if s.page == "start")))
        shoot_scenes(app, signs)
    pictures = sorted(OUT.rglob("*.png"))
    print(f"{len(pictures)} pictures in {OUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
