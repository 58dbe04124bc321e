"""The right of the map: what the keys do to the selection, what is like an item, or how to select."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from badcase.i18n import _
from badcase.ui.desktop.map.asking import AskField
from badcase.ui.desktop.map.larger import Larger
from badcase.ui.desktop.map.similar_panel import SimilarPanel
from badcase.ui.desktop.review.decision.batch_panel import BatchPanel
from badcase.ui.desktop.review.grid.item_cards import Faces
from badcase.ui.desktop.widgets import Label, SideScroll


class SelectionSide(QStackedWidget):
    """One of three panels; it keeps its width, so that the map does not move when another comes."""

    def __init__(self, faces: Faces, *, several: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.given = Label(ink="text2", px=12, wrap=True)
        self.given.setObjectName("selected-given")
        self.larger = Larger()
        self.batch = BatchPanel(faces, several=several, under=self.given, more=self.larger)
        self.similar = SimilarPanel(faces)
        self._hint = QWidget()
        hint = QVBoxLayout(self._hint)
        hint.setContentsMargins(16, 12, 16, 16)
        hint.setSpacing(8)
        hint.addWidget(Label(_("Nothing selected"), px=20, bold=True))
        hint.addWidget(Label(_("Draw around items with the lasso (L), or click one."), ink="text2", wrap=True))
        self.field = AskField(is_text=faces.is_text)
        hint.addWidget(self.field)
        hint.addStretch(1)
        self._scrolled = SideScroll(self.batch)
        for part in (self._hint, self._scrolled, self.similar):
            self.addWidget(part)

    def show_selection(self) -> None:
        self.setCurrentWidget(self._scrolled)

    def show_similar(self) -> None:
        self.setCurrentWidget(self.similar)

    def show_nothing(self, *, can_ask: bool) -> None:
        """can_ask: whether a model is there that could look at what is no item."""
        self.field.setVisible(can_ask)
        self.setCurrentWidget(self._hint)

    @property
    def in_similar(self) -> bool:
        """Whether results of a search are shown."""
        return self.currentWidget() is self.similar
