"""The basic components of the window. They take data and give intent; they know no project and no page."""

from badcase.ui.desktop.widgets.buttons import Button, IconButton, PaintedButton, Segmented, ToolButton
from badcase.ui.desktop.widgets.cards import Card, CardPage, EmptyState, Hairline, Panel
from badcase.ui.desktop.widgets.dialog import Dialog, Scrim, Sheet, is_asking
from badcase.ui.desktop.widgets.fields import LineEdit, SearchField
from badcase.ui.desktop.widgets.list_rows import Bar, ListRow, ProgressRow
from badcase.ui.desktop.widgets.side_scroll import SideScroll, needed_height
from badcase.ui.desktop.widgets.text_labels import Chip, IconLabel, KeyCap, Label, SectionTitle

__all__ = [
    "Bar",
    "Button",
    "Card",
    "CardPage",
    "Chip",
    "Dialog",
    "EmptyState",
    "Hairline",
    "IconButton",
    "IconLabel",
    "KeyCap",
    "Label",
    "LineEdit",
    "ListRow",
    "PaintedButton",
    "Panel",
    "ProgressRow",
    "Scrim",
    "SearchField",
    "SectionTitle",
    "Segmented",
    "Sheet",
    "SideScroll",
    "ToolButton",
    "is_asking",
    "needed_height",
]
