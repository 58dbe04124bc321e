"""How the data set is to be read, where that is not to be noticed: folded away until somebody wants it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.start.path_field import PathField
from badcase.ui.desktop.widgets import Button, Label
from badcase.ui.desktop.window_words import in_window

# What people meet; any other that Python knows can be typed.
_ENCODINGS = (
    "utf-8",
    "utf-16",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
    "cp1252",
    "iso8859_2",
    "cp1250",
    "cp1251",
    "koi8_r",
)
# What stands in the window for an option of the command line.
_CONTROLS: dict[str, Callable[[], str]] = {
    "--encoding": lambda: _("Encoding"),
    "--no-header": lambda: _("First line"),
    "--header": lambda: _("First line"),
    "--missing": lambda: _("No label"),
    "--images": lambda: _("Image folder"),
    "--join-spellings": lambda: _("Join labels that differ in case or blanks alone"),
    "--task": lambda: _("Labels"),
    "--data": lambda: _("Data"),
} | dict.fromkeys(("--text", "--image", "--label", "--split", "--key", "--group", "--time"), lambda: _("Which columns"))


def as_controls(text: str) -> str:
    """A sentence with the names of controls in the place of commands and options of the command line."""

    def named(option: re.Match[str]) -> str:
        control = _CONTROLS.get(option[1])
        return f"“{control()}”" if control is not None else option[0]

    return re.sub(r"(--[a-z-]+)(?: [A-Z]+\b)?", named, in_window(text))


class ReadingChoices(QWidget):
    """Encoding, header, what means "no label", where images lie, spellings; `changed` comes when one is another."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._opener = Button(_("How to read it"), height=28, icon="chevron")
        self._opener.setObjectName("reading_options")
        self._opener.setToolTip(_("Encoding, header, missing labels, image folder, spellings"))
        self._opener.clicked.connect(self._fold)
        self._encoding = QComboBox(editable=True)
        self._encoding.setObjectName("encoding")
        self._encoding.addItems([_("recognize it"), *_ENCODINGS])
        self._header = QComboBox()
        self._header.setObjectName("header")
        for words, value in ((_("notice it"), None), (_("names the columns"), True), (_("is the first item"), False)):
            self._header.addItem(words, value)
        self._missing = QLineEdit()
        self._missing.setObjectName("missing")
        self._missing.setPlaceholderText(_("values that mean it, such as -1, NA"))
        self._images = PathField("images_path", file=False, folder=True)
        self._join = QCheckBox(_("Join labels that differ in case or blanks alone"))
        self._join.setObjectName("join_spellings")
        self._fields = self._lay_out()
        self._encoding.currentTextChanged.connect(self.changed)
        self._header.currentIndexChanged.connect(self.changed)
        self._missing.textChanged.connect(self.changed)
        self._images.changed.connect(self.changed)
        self._join.toggled.connect(self.changed)

    def _lay_out(self) -> QWidget:
        fields = QWidget()
        rows = QFormLayout(fields)
        rows.setContentsMargins(0, 4, 0, 0)
        rows.setHorizontalSpacing(16)
        for words, field in (
            (_("Encoding"), self._encoding),
            (_("First line"), self._header),
            (_("No label"), self._missing),
            (_("Image folder"), self._images),
        ):
            field.setAccessibleName(words)
            rows.addRow(Label(words), field)
        rows.addRow(self._join)
        fields.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._opener)
        column.addWidget(fields)
        return fields

    def _fold(self) -> None:
        self._fields.setVisible(self._fields.isHidden())

    def open_for(self, hint: str) -> None:
        """Show the fields where a remedy speaks of one of them."""
        if any(option in hint for option in ("--encoding", "header", "--missing", "--images", "--join-spellings")):
            self._fields.show()

    def chosen(self) -> dict[str, Any]:
        """What a person said, as `badcase.importing.ReadOptions` has it; what was left to be noticed is not in it."""
        said: dict[str, Any] = {}
        if self._encoding.currentText().strip() not in ("", self._encoding.itemText(0)):
            said["encoding"] = self._encoding.currentText().strip()
        if self._header.currentData() is not None:
            said["header"] = self._header.currentData()
        if self._missing.text().strip():
            said["missing"] = [value.strip().strip("'\"") for value in self._missing.text().split(",")]  # '' for none at all
        if self._images.text():
            said["images"] = self._images.text()
        if self._join.isChecked():
            said["join_spellings"] = True
        return said

    def clear(self) -> None:
        """Leave everything to be noticed, for another data set."""
        self.blockSignals(True)
        self._encoding.setCurrentIndex(0)
        self._header.setCurrentIndex(0)
        self._missing.clear()
        self._images.set_text("")
        self._join.setChecked(False)
        self.blockSignals(False)
