"""The window speaks the language of the system, or the one that was chosen in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests import ROOT

SCRIPT = """
import json, sys
from badcase.ui.desktop.ui_language import speak
speak()
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from badcase.ui.desktop.ui_language import translate_qt
app = QApplication([])
translate_qt(app)
from badcase.ui.desktop.main_window import MainWindow
from badcase.ui.desktop.shell.pages import PAGES
window = MainWindow()
said = [command.title for command in window.commands()]
[other] = [command for command in window.commands() if command.title.endswith(sys.argv[1])]
other.run()
box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
cancel = box.buttons()[0].text()
print(json.dumps([said, [title for title, _make in PAGES.values()], cancel]))
window.close()
"""


def spoken(settings: Path, language: str, then: str) -> tuple[list[str], list[str], str]:
    """Titles of commands and pages, and Qt's word on a button, of a window that starts and is then told another language."""
    known = {name: value for name, value in os.environ.items() if name not in ("BADCASE_LANGUAGE", "LANGUAGE", "LC_ALL")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, then],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
        env=known | {"LANG": language, "LC_MESSAGES": language, "XDG_CONFIG_HOME": str(settings)},
    )
    commands, pages, cancel = json.loads(done.stdout.splitlines()[-1])
    return commands, pages, cancel


def test_it_starts_as_the_system_speaks_and_next_time_as_it_was_told(tmp_path: Path) -> None:
    commands, pages, cancel = spoken(tmp_path, "zh_CN.UTF-8", "English")
    assert "复核" in pages[0] and "退出" in commands[-1] and "取消" in cancel
    commands, pages, cancel = spoken(tmp_path, "zh_CN.UTF-8", "中文")
    assert pages[0] == "Review" and commands[-1] == "Quit" and "Cancel" in cancel
    _commands, pages, _cancel = spoken(tmp_path, "en_US.UTF-8", "English")
    assert "复核" in pages[0]
