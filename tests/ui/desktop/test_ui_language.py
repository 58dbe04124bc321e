"""The window speaks the language of the system, or the one that was chosen in it, of whatever catalogs there are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from badcase.i18n import LOCALES
from tests import ROOT
from tests.badcase.test_i18n import POLISH, add_catalog

SCRIPT = """
import json, pathlib, sys
import badcase.i18n
badcase.i18n.LOCALES = pathlib.Path(sys.argv[2])
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


class Spoken(NamedTuple):
    commands: list[str]
    pages: list[str]
    cancel: str  # a word of Qt itself


def spoken(settings: Path, language: str, then: str, locales: Path = LOCALES) -> Spoken:
    """What a window says that starts where the system speaks `language`, and is then told to speak another one."""
    known = {name: value for name, value in os.environ.items() if name not in ("BADCASE_LANGUAGE", "LANGUAGE", "LC_ALL")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, then, str(locales)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
        env=known | {"LANG": language, "LC_MESSAGES": language, "XDG_CONFIG_HOME": str(settings)},
    )
    return Spoken(*json.loads(done.stdout.splitlines()[-1]))


def test_it_starts_as_the_system_speaks_and_next_time_as_it_was_told(tmp_path: Path) -> None:
    first = spoken(tmp_path, "zh_CN.UTF-8", "English")
    assert "复核" in first.pages[0] and "退出" in first.commands[-1] and "取消" in first.cancel
    second = spoken(tmp_path, "zh_CN.UTF-8", "中文")
    assert second.pages[0] == "Review" and second.commands[-1] == "Quit" and "Cancel" in second.cancel
    assert "复核" in spoken(tmp_path, "en_US.UTF-8", "English").pages[0]


def test_it_offers_each_catalog_by_its_own_name_and_qt_speaks_along(tmp_path: Path) -> None:
    locales = tmp_path / "locales"
    add_catalog(locales, "pl", POLISH)
    add_catalog(locales, "pt_BR")
    first = spoken(tmp_path, "pl_PL.UTF-8", "pt_BR", locales)
    assert [title for title in first.commands if title.startswith("Language")] == ["Language: English", "Language: pt_BR"]
    assert first.cancel == "Anuluj"
    second = spoken(tmp_path, "pl_PL.UTF-8", "polski", locales)
    assert [title for title in second.commands if title.startswith("Language")] == ["Language: English", "Language: polski"]
    assert second.cancel.replace("&", "") == "Cancelar"
