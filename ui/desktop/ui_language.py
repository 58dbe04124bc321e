"""The language of the window: what the person chose in it, else what the environment or the system says."""

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from badcase.i18n import CHOSEN, catalogue_for, of_environment, use_language
from badcase.ui.desktop.session.view_state import ViewState

NAMES = {"en": "English", "zh_CN": "中文"}  # each in its own words
SETTING = "language"


def speak() -> None:
    """Translate from now on, in the worker too."""
    saved = ViewState().get(SETTING, "")
    system = next(iter(QLocale.system().uiLanguages()), "en")
    code = saved if saved in NAMES else catalogue_for(os.environ.get(CHOSEN) or system)
    os.environ[CHOSEN] = code
    use_language(code)


def translate_qt(app: QCoreApplication) -> None:
    """What Qt itself says, in its dialogs."""
    translator = QTranslator(app)
    if translator.load(f"qtbase_{of_environment()}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)
