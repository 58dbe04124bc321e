"""The window on real projects, with real keys, clicks and the real worker."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from badcase.active_learning.refit_schedule import refit_at
from badcase.project import Project
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.session.live_learner import LiveLearner
from badcase.ui.desktop.start.card import ProjectCard
from badcase.ui.desktop.start.recent import RecentProjects
from badcase.ui.desktop.start.summary import summarize
from badcase.ui.desktop.widgets import Button, Dialog
from tests.projects import write_texts
from tests.ui.desktop.review.test_labels import made_labels

__all__ = ["made_labels"]
CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
WAIT_MS = 120_000


@pytest.fixture
def project(texts_project: Path, tmp_path: Path) -> Path:
    shutil.copytree(texts_project, tmp_path / "subjects")
    return tmp_path / "subjects"


def part(window: MainWindow, name: str) -> QWidget:
    found = [widget for widget in window.findChildren(QWidget, name) if widget.isVisible()]
    assert found, name
    return found[-1]


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(QApplication.focusWidget() or window, key, held)


def test_from_a_file_to_the_first_verdict_and_a_retrained_model(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """New project by the assistant, created and predicted in the worker; one verdict; one retrain; the comparison."""
    write_texts(tmp_path / "subjects.csv", 240, wrong=16)
    press(qtbot, window, Qt.Key.Key_N, CTRL)
    data, place = part(window, "data_path"), part(window, "project_path")
    assert isinstance(data, QLineEdit)
    assert isinstance(place, QLineEdit)
    qtbot.keyClicks(data, str(tmp_path / "subjects.csv"))
    create = part(window, "create_project")
    place.selectAll()
    qtbot.keyClicks(place, str(tmp_path / "made"))
    qtbot.waitUntil(create.isEnabled, timeout=WAIT_MS)
    press(qtbot, window, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.session is not None, timeout=WAIT_MS)
    session = window.session
    assert session is not None
    assert window.errors.isHidden(), window.errors.what.text()
    assert session.project.ranking is not None
    first = session.project.ranking.order[0]
    press(qtbot, window, Qt.Key.Key_Return)
    assert session.project.verdicts[first] != 0
    press(qtbot, window, Qt.Key.Key_R, CTRL)
    with qtbot.waitSignal(session.finished, timeout=WAIT_MS):
        press(qtbot, window, Qt.Key.Key_Return)
    assert [run.kind for run in session.project.runs.all()] == ["initial", "training"]
    qtbot.waitUntil(lambda: part(window, "comparison_accept").isVisible(), timeout=10_000)


def test_start_counts_by_a_ranking_that_was_learnt_and_not_shown_any_more(
    window: MainWindow, qtbot: QtBot, project: Path
) -> None:
    """The card told the count of the ranking before, while the command line told that of the new one."""
    with Project.open(project) as before:
        assert before.ranking is not None
        before.journal.record(before.ranking.order[::-1][: refit_at(len(before.items), 0) - 1].tolist(), "keep")
    window.open_project(project)
    assert window.session is not None
    with qtbot.waitSignal(window.session.refit.ready, timeout=WAIT_MS):
        press(qtbot, window, Qt.Key.Key_Space)
    window.close_project()
    with Project.open(project, attached=True) as other:
        newest = summarize(other, LiveLearner(other).now())
    cards = window.entrance.start_page.findChildren(ProjectCard)
    qtbot.waitUntil(lambda: cards[0].summary.left == newest.left, timeout=20_000)


def test_another_program_with_the_project_is_told_in_words(window: MainWindow, qtbot: QtBot, project: Path) -> None:
    hold = (
        "import sys; from pathlib import Path; from badcase.store.opening.lock import ProjectLock; "
        "lock = ProjectLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen([sys.executable, "-c", hold, str(project)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None and other.stdout.readline() == b"held\n"
    window.open_project(project)
    assert "another program" in window.errors.what.text()
    assert window.errors.isVisible()
    assert window.session is None
    other.communicate()  # its input ends, and so does it
    window.open_project(project)
    assert window.session is not None
    assert window.errors.isHidden()


def test_what_is_no_project_is_told_with_the_remedy(window: MainWindow, tmp_path: Path) -> None:
    window.open_project(tmp_path)
    assert "not a badcase project" in window.errors.what.text()
    assert "New project" in window.errors.hint.text()


def test_a_project_that_was_predicted_and_not_ranked_is_ranked_when_it_opens(
    window: MainWindow, qtbot: QtBot, project: Path
) -> None:
    for ranking in project.glob("predictions/*/ranking-*"):
        shutil.rmtree(ranking)
    window.open_project(project)
    assert window.session is not None
    assert window.session.project.ranking is None
    with qtbot.waitSignal(window.session.finished, timeout=WAIT_MS):
        pass
    assert window.session.project.ranking is not None
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.session.project.journal.counts().reviewed == 1


def test_a_project_with_several_labels_is_reviewed_and_opens_again(
    window: MainWindow, qtbot: QtBot, made_labels: Path, tmp_path: Path
) -> None:
    shutil.copytree(made_labels / "my", tmp_path / "my")
    for ranking in (tmp_path / "my").glob("predictions/*/ranking-*"):
        shutil.rmtree(ranking)
    window.open_project(tmp_path / "my")
    assert window.session is not None
    with qtbot.waitSignal(window.session.finished, timeout=WAIT_MS):
        pass
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.session.project.journal.counts().fixed == 1
    press(qtbot, window, Qt.Key.Key_R, CTRL)
    assert "no model" in window.errors.what.text() and not window.findChildren(Dialog)  # these predictions came as arrays
    press(qtbot, window, Qt.Key.Key_W, CTRL)
    window.open_project(tmp_path / "my")
    assert not window.lane.busy
    assert window.session is not None
    assert window.session.learner.now() is not None


def test_no_key_waits_for_a_look_through_all_that_stands_in_memory(window: MainWindow, qtbot: QtBot, project: Path) -> None:
    """The story of a bug: every few hundred verdicts Python's collector went through a hundred thousand objects."""
    window.open_project(project)
    qtbot.waitUntil(lambda: len(gc.get_objects()) < gc.get_freeze_count() / 5)
    window.close_project()
    qtbot.waitUntil(lambda: gc.get_freeze_count() == 0)  # and a closed project can be let go


def test_ctrl_and_digits_change_the_page_and_typing_does_not(window: MainWindow, qtbot: QtBot, project: Path) -> None:
    window.open_project(project)
    for key, page in ((Qt.Key.Key_2, "map"), (Qt.Key.Key_3, "train"), (Qt.Key.Key_4, "data"), (Qt.Key.Key_1, "review")):
        press(qtbot, window, key, CTRL)
        tab = part(window, f"tab_{page}")
        assert isinstance(tab, QWidget)
        assert tab.isChecked()  # type: ignore[attr-defined]
    qtbot.mouseClick(part(window, "tab_data"), Qt.MouseButton.LeftButton)
    assert part(window, "tab_data").isChecked()  # type: ignore[attr-defined]


def test_the_palette_goes_anywhere(window: MainWindow, qtbot: QtBot, project: Path) -> None:
    window.open_project(project)
    press(qtbot, window, Qt.Key.Key_K, CTRL)
    qtbot.keyClicks(part(window, "palette_field"), "go to train")
    press(qtbot, window, Qt.Key.Key_Return)
    assert part(window, "tab_train").isChecked()  # type: ignore[attr-defined]


def test_closing_a_project_leads_back_to_the_start_page_with_its_card(window: MainWindow, qtbot: QtBot, project: Path) -> None:
    window.open_project(project)
    press(qtbot, window, Qt.Key.Key_Return)
    press(qtbot, window, Qt.Key.Key_W, CTRL)
    assert window.session is None
    card = RecentProjects().all()[0]
    assert (card.name, card.items, card.classes, card.reviewed) == ("subjects", 240, 3, 1)
    assert card.next
    assert card.gold is not None
    assert card.gold > 0.5
    press(qtbot, window, Qt.Key.Key_1)
    assert window.session is not None


def test_closing_while_a_job_runs_asks_and_keeps_it_by_default(cold_window: MainWindow, qtbot: QtBot, project: Path) -> None:
    window = cold_window
    window.open_project(project)
    assert window.session is not None
    window.session.start("predict", title="Running the model")
    assert not window.close()
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.lane.busy
    assert window.isVisible()
    assert not window.close()
    qtbot.mouseClick(part(window, "dialog_accept"), Qt.MouseButton.LeftButton)
    assert not window.isVisible()
    assert not window.lane.busy
    with Project.open(project) as again:
        assert again.predictions.current is not None


def test_escape_stops_a_job_and_the_window_goes_on(window: MainWindow, qtbot: QtBot, project: Path) -> None:
    window.open_project(project)
    assert window.session is not None
    stopped: list[int] = []
    window.session.start("predict", title="Running the model", stopped=lambda: stopped.append(1))
    assert part(window, "progress_row").isVisible()
    press(qtbot, window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: bool(stopped), timeout=10_000)
    assert window.errors.isHidden()
    assert not window.lane.busy


def test_a_worker_that_dies_is_an_error_with_a_remedy_and_no_verdict_is_lost(
    cold_window: MainWindow, qtbot: QtBot, project: Path
) -> None:
    window = cold_window
    window.open_project(project)
    assert window.session is not None
    press(qtbot, window, Qt.Key.Key_Return)
    window.session.start("predict", title="Running the model")
    qtbot.waitUntil(lambda: window.lane.process_id != 0)
    os.kill(window.lane.process_id, signal.SIGKILL)
    qtbot.waitUntil(window.errors.isVisible, timeout=5000)
    assert "worker" in window.errors.what.text()
    assert window.session.project.journal.counts().reviewed == 1


def test_no_shortcut_of_the_window_works_behind_a_dialog(window: MainWindow, qtbot: QtBot, project: Path) -> None:
    window.open_project(project)
    dialog = Dialog(window, "Export?", "Export")
    dialog.open()
    for key in (Qt.Key.Key_2, Qt.Key.Key_W, Qt.Key.Key_R):
        press(qtbot, window, key, CTRL)
    assert part(window, "tab_review").isChecked()  # type: ignore[attr-defined]
    assert isinstance(part(window, "dialog_cancel"), Button)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="this system does not tell which files are mapped")
def test_a_project_that_was_left_lets_go_of_every_file_that_it_read(
    window: MainWindow, qtbot: QtBot, project: Path, tmp_path: Path
) -> None:
    """Each one opened left its arrays mapped for the life of the window, held by pages and by what the pool had run."""
    shutil.copytree(project, other := tmp_path / "other")

    def mapped() -> list[Path]:
        maps = Path("/proc/self/maps").read_text()
        return [path for path in (project, other) if f" {path}/" in maps]

    for path in (project, other):
        window.open_project(path)
        for page in ("train", "data", "review"):
            window.show_page(page)
            qtbot.wait(20)
        assert path in mapped()
    qtbot.waitUntil(lambda: mapped() == [other])
    slow = window.session
    slow.pool.submit(lambda: time.sleep(0.3), lambda _result, wanted=slow: None)  # a read that is still under way
    del slow
    window.close_project()
    qtbot.waitUntil(lambda: not mapped())


def test_the_process_of_the_window_imports_no_heavy_library(project: Path, tmp_path: Path) -> None:
    """Open, judge, look at every page: neither torch nor transformers nor scikit-learn is ever imported."""
    script = f"""
import sys
import time
from pathlib import Path
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.look.theme import apply_theme
app = QApplication([])
apply_theme(app)
window = MainWindow()
window.show()
light = sorted({{"numpy", "pyarrow", "pandas", "PIL"}} & set(sys.modules))
window.open_project(Path({str(project)!r}))
QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
assert window.session.project.journal.counts().reviewed == 1
window.session.project.rank()
for page in ("train", "data", "review"):
    window.show_page(page)
    QTest.qWait(50)
window.retrain()
print(light, sorted({{"torch", "transformers", "sklearn", "scipy"}} & set(sys.modules)))
window.close()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip().splitlines()[-1:] == ["[] []"], done.stderr


def test_a_killed_window_loses_no_verdict_and_leaves_no_worker_and_no_lock(project: Path, qtbot: QtBot) -> None:
    """Kill -9 in the middle of a job: every verdict that the screen had taken is there, and the project opens."""
    script = f"""
import sys
import time
from pathlib import Path
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from badcase.ui.desktop.main_window import MainWindow
app = QApplication([])
window = MainWindow()
window.show()
window.open_project(Path({str(project)!r}))
window.session.start("predict", title="Running the model")
while not window.lane.process_id:
    QTest.qWait(10)
print(window.lane.process_id, flush=True)
while True:
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    print(window.session.project.journal.counts().reviewed, flush=True)
"""
    window = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert window.stdout is not None
    worker = int(window.stdout.readline())
    told = [int(window.stdout.readline()) for _verdict in range(7)]
    window.kill()
    window.wait()
    window.stdout.close()
    assert told == list(range(1, 8))
    qtbot.waitUntil(lambda: not alive(worker), timeout=10_000)
    with Project.open(project) as again:
        assert again.journal.counts().reviewed >= 7
        assert again.predictions.current is not None


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
