"""A small real project of drawn images under a real prediction set, and the page on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from badcase.project import Project
from badcase.ui.desktop.jobs.decoding_pool import DecodingPool
from badcase.ui.desktop.jobs.worker_lane import WorkerLane
from badcase.ui.desktop.review.page import ReviewPage
from badcase.ui.desktop.session.session import Session
from badcase.ui.desktop.session.view_state import ViewState

CLASSES = ("cross", "disc", "square")
NO_KEY = Qt.KeyboardModifier.NoModifier
N, WRONG = 30, 4  # images a class; images a class that lie in a wrong folder


def _draw(name: str, rng: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", (48, 48), tuple(int(v) for v in rng.integers(0, 60, 3)))
    pen, ink = ImageDraw.Draw(image), tuple(int(v) for v in rng.integers(160, 255, 3))
    x, y, r = (int(v) for v in (*rng.integers(18, 30, 2), rng.integers(10, 14)))
    box = (x - r, y - r, x + r, y + r)
    if name == "disc":
        pen.ellipse(box, fill=ink)
    elif name == "square":
        pen.rectangle(box, fill=ink)
    else:
        pen.line((*box[:2], *box[2:]), fill=ink, width=6)
        pen.line((box[0], box[3], box[2], box[1]), fill=ink, width=6)
    return image


def write_images(folder: Path) -> None:
    """Class folders; the last few of each class lie in the next class's folder."""
    rng = np.random.default_rng(0)
    for place, name in enumerate(CLASSES):
        for number in range(N):
            given = CLASSES[(place + 1) % 3] if number >= N - WRONG else name
            (folder / given).mkdir(parents=True, exist_ok=True)
            _draw(name, rng).save(folder / given / f"{name}{number:02}.png")


def true_class(project: Project, item: int) -> int:
    """The class that the image shows: its file is called by it."""
    return CLASSES.index(project.items.key(item).rsplit("/", 1)[-1].split(".")[0].rstrip("0123456789"))


def predict_from_shape(project: Project, folder: Path) -> None:
    """A prediction set of a model that is mostly right: features are the truth with noise."""
    rng = np.random.default_rng(1)
    n = len(project.items)
    truth = np.array([true_class(project, item) for item in range(n)])
    features = (np.eye(3)[truth] * 3 + rng.normal(0, 0.6, (n, 3))).astype(np.float16)
    folder.mkdir()
    np.save(folder / "logits.npy", features * 2)
    np.save(folder / "embeddings.npy", np.hstack([features, rng.normal(0, 0.3, (n, 5))]).astype(np.float16))
    np.save(folder / "trained_on.npy", project.split == 0)
    project.predictions.add(folder, {"k": 3, "d": 8})
    project.rank()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two projects on the same images, to be copied: one bare, one with a prediction set and its ranking."""
    folder = tmp_path_factory.mktemp("shapes")
    write_images(folder / "data")
    Project.create(folder / "bare", folder / "data").close()
    shutil.copytree(folder / "bare", folder / "predicted")
    with Project.open(folder / "predicted") as project:
        predict_from_shape(project, project.path / "made")
    return folder


_sessions: list[Session] = []  # those that a project of this module is open in


def opened_copy(made: Path, name: str, to: Path) -> Iterator[Project]:
    shutil.copytree(made / name, to)
    project = Project.open(to)
    yield project
    close_sessions(project)
    project.close()


def close_sessions(project: Project) -> None:
    """Close what tests opened on a project, which would else hear of other projects after it was closed."""
    *earlier, last = [one for one in _sessions if one.project is project] or [None]
    for session in earlier:  # a test of a restart: the project is closed once
        session.refit.close()
        session.deleteLater()
    if last is not None:
        last.close()
    _sessions.clear()


@pytest.fixture
def bare(made: Path, tmp_path: Path) -> Iterator[Project]:
    """The project before any model has looked at it."""
    yield from opened_copy(made, "bare", tmp_path / "bare")


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Iterator[Project]:
    yield from opened_copy(made, "predicted", tmp_path / "shapes")


@dataclass
class Shown:
    """A page in a window, as the main window would hold it."""

    page: ReviewPage
    session: Session
    bot: QtBot

    def key(self, *names: str) -> None:
        """Press keys where the focus is, as a person does."""
        for name in names:
            combination = QKeySequence(name)[0]
            target = QApplication.focusWidget() or self.page
            QTest.keyClick(target, combination.key(), combination.keyboardModifiers())

    @property
    def current(self) -> int:
        item = self.page.reviewer.current
        assert item is not None
        return item

    def settle(self) -> None:
        """Let what follows an item be shown: neighbours, counts, pictures."""
        self.bot.wait(30)


@pytest.fixture
def show(qtbot: QtBot, qapp: QApplication, tmp_path: Path, lane: WorkerLane) -> Iterator[object]:
    """Opens the page on a project, in a window of the usual size."""
    pool = DecodingPool()
    pages: list[ReviewPage] = []  # qtbot holds its widgets weakly: a page could be collected while it paints

    def open_page(project: Project, size: tuple[int, int] = (1440, 820)) -> Shown:
        session = Session(project, lane, pool, ViewState(tmp_path / "view.json"))
        _sessions.append(session)
        page = ReviewPage(session)
        pages.append(page)
        session.changed.connect(lambda changes: page.refresh(changes) if changes.origin != page.id else None)
        qtbot.addWidget(page)
        qtbot.addWidget(page.filter_field)
        page.resize(*size)
        page.show()
        qtbot.waitExposed(page)
        page.activateWindow()
        page.setFocus()
        shown = Shown(page, session, qtbot)
        shown.settle()
        return shown

    yield open_page
    pool.close()


Show = Callable[..., Shown]


@pytest.fixture
def shown(show: Show, project: Project) -> Shown:
    return show(project)


def click(widget: QWidget, at: QPoint | None = None, held: Qt.KeyboardModifier = NO_KEY) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, held, at or widget.rect().center())


def child(page: QWidget, name: str) -> QWidget:
    found = page.findChild(QWidget, name)
    assert found is not None, name
    return found
