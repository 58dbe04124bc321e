"""A backup by another process, while the window holds the project and a person judges in it."""

from __future__ import annotations

import os
from pathlib import Path
from subprocess import PIPE

import numpy as np

from badcase.mending.check_up import Soundness, check_up
from badcase.mending.whole_copy import backing_up, restoring
from badcase.progress import finish
from badcase.project import Project
from tests.projects import predict_from, write_texts
from tests.warm import Python

N = 60
WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from badcase.ui.desktop import main_window
from badcase.ui.desktop.session import background_refit
main_window.WARM_MS = background_refit.OPENED_MS = 10**6
app = QApplication([])
window = main_window.MainWindow()
window.show()
window.open_project(Path(sys.argv[1]))
app.processEvents()
keys = [Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_E]
for turn, line in enumerate(sys.stdin):
    for number in range(3):
        QTest.keyClick(QApplication.focusWidget() or window, keys[(turn + number) % 3])
        app.processEvents()
    print(window.session.project.revision, flush=True)
window.close()
"""


def test_a_backup_made_while_the_window_is_open_holds_all_that_it_has_shown(tmp_path: Path) -> None:
    write_texts(tmp_path / "texts.csv", N, wrong=4)
    path = tmp_path / "p"
    with Project.create(path, tmp_path / "texts.csv") as project:
        predict_from(project, np.random.default_rng(0).normal(size=(N, 3)))
    own = {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}
    window = Python("-c", WINDOW, str(path), stdin=PIPE, stdout=PIPE, env=os.environ | own)
    assert window.stdin is not None and window.stdout is not None
    shown = 0
    for turn in range(2):
        window.stdin.write(b"judge\n")
        window.stdin.flush()
        before, shown = shown, int(window.stdout.readline())
        assert shown > before, "the window has recorded"
        window.stdin.write(b"judge\n")  # these may come at any moment of the backup
        window.stdin.flush()
        finish(backing_up(path, tmp_path / f"{turn}.zip"))
        at_last = int(window.stdout.readline())
        restored = finish(restoring(tmp_path / f"{turn}.zip", tmp_path / f"restored {turn}"))
        with Project.open(restored) as project:
            assert shown <= project.revision <= at_last
        assert all(part.state is Soundness.SOUND for part in finish(check_up(restored)))
        shown = at_last
    window.communicate(60)
    assert window.returncode == 0
    with Project.open(path) as project:
        assert project.revision == shown
