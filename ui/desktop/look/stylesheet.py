"""The one style sheet: what Qt's own controls look like. Made from the tokens, so it holds no colour of its own."""

from __future__ import annotations

from string import Template

from badcase.ui.desktop.look.colours import Tokens
from badcase.ui.desktop.look.icons import icon_file

_INKS = ("text", "text2", "text3", "accent", "given", "fixed", "excluded", "unsure", "error", "white", "disabled")

_SHEET = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $control; padding: 4px 6px; }
QWidget[panel="surface"] { background: $surface; }
QWidget[panel="window"] { background: $window; }
QWidget[panel="sunken"] { background: $sunken; }

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QTextEdit {
    background: $field; color: $text; border: 1px solid $control; border-radius: 6px; padding: 0 8px;
    selection-background-color: $accentfill; selection-color: #FFFFFF;
}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { min-height: 26px; }
QPlainTextEdit, QTextEdit { padding: 6px 8px; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
    border: 1px solid $accent;
}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
    color: $disabled; border-color: $line; background: $surface;
}
QLineEdit[changed="true"], QSpinBox[changed="true"], QDoubleSpinBox[changed="true"], QComboBox[changed="true"] {
    border: 1px solid $accent;
}
QLineEdit[bare="true"], QPlainTextEdit[bare="true"], QTextEdit[bare="true"] {
    border: none; background: transparent; padding: 0;
}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; }
QComboBox { padding-right: 24px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$chevron"); width: 12px; height: 12px; }
QComboBox QAbstractItemView, QMenu {
    background: $raised; color: $text; border: 1px solid $control; padding: 4px; outline: 0;
    selection-background-color: $softaccent; selection-color: $text;
}
QComboBox QAbstractItemView::item, QMenu::item { min-height: 24px; padding: 2px 8px; border-radius: 4px; }
QMenu::item:selected { background: $softaccent; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QCheckBox, QRadioButton { color: $text; spacing: 8px; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $control; border-radius: 4px; background: $field; }
QCheckBox::indicator:checked { background: $accentfill; border-color: $accentfill; image: url("$tick"); }
QCheckBox::indicator:focus, QCheckBox::indicator:hover { border-color: $accent; }

QTableView, QListView, QTreeView {
    background: $surface; color: $text; border: none; outline: 0; gridline-color: $line;
    selection-background-color: $softaccent; selection-color: $text;
}
QTableView::item { padding: 0 8px; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section {
    background: $surface; color: $text2; border: none; border-bottom: 1px solid $line; padding: 0 8px; height: 30px;
}
QTableCornerButton::section { background: $surface; border: none; }

QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QAbstractScrollArea { border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $control; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $line2; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: transparent; border: none; width: 0; height: 0;
}
QSplitter::handle { background: $line; }
QSplitter::handle:hover { background: $line2; }

QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $track; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $line2; }
QSlider::handle:horizontal {
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: $raised; border: 1px solid $line2;
}
QSlider::handle:horizontal:focus { border: 2px solid $accent; }
""")


def stylesheet(t: Tokens) -> str:
    """The style sheet of the whole program under one theme."""
    names = ("window", "surface", "raised", "hover", "sunken", "track", "line", "line2", "text", "text2", "text3")
    colors = {name: getattr(t, name).name() for name in (*names, "accent", "accentfill", "control", "disabled")}
    colors["softaccent"] = t.soft(t.accent).name()
    colors["field"] = (t.sunken if t.dark else t.surface).name()
    files = {"chevron": icon_file("chevron", t.text2, 12), "tick": icon_file("check", t.ink("white"), 12)}
    inks = "\n".join(f'QLabel[ink="{name}"] {{ color: {t.ink(name).name()}; }}' for name in _INKS)
    return _SHEET.substitute(colors | files) + inks
