"""The language of the window: what the person chose in it, else what the environment or the system says."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from badcase.i18n import CHOSEN, _, catalog_for, codes, current_language, languages, use_language
from badcase.ui.desktop.commands import Command
from badcase.ui.desktop.session.view_state import ViewState

SETTING = "language"
_asked = os.environ.get(CHOSEN)  # what whoever started the program asked for


def speak() -> None:
    """Translate from now on, in the worker too."""
    saved = ViewState().get(SETTING, "")
    code = saved if saved in codes() else catalog_for(os.environ.get(CHOSEN) or ":".join(QLocale.system().uiLanguages()))
    os.environ[CHOSEN] = code
    use_language(code)


def translate_qt(app: QCoreApplication) -> None:
    """What Qt itself says, in its dialogs: by the nearest that it has to the language in use."""
    translator, folder = QTranslator(app), QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(QLocale(current_language()), "qtbase", "_", folder):
        app.installTranslator(translator)


def language_commands(view: ViewState, tell: Callable[[str], object]) -> list[Command]:
    """The languages that the window could speak from the next start on; tell: says so."""

    def choose(code: str, name: str) -> None:
        view.set(SETTING, code)
        view.save()
        tell(_("The window uses {name} from the next start on.").format(name=name))

    return [
        Command(_("Language: {name}").format(name=name), "", partial(choose, code, name))
        for code, name in languages().items()
        if code != view.get(SETTING, current_language())
    ]


def start_again(arguments: Sequence[str]) -> None:
    """Start the program anew in the place of this one, which has ended: it speaks the language that was chosen meanwhile."""
    around = {name: value for name, value in os.environ.items() if name != CHOSEN}
    if _asked is not None:
        around[CHOSEN] = _asked
    os.execve(sys.executable, [sys.executable, "-m", "badcase", *arguments], around)
