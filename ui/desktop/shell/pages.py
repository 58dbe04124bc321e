"""The pages of a project: made when they are first shown, told of changes when they are seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from badcase.i18n import _
from badcase.store.changes import Changes
from badcase.ui.desktop.commands import Command

if TYPE_CHECKING:
    from badcase.ui.desktop.session.session import Session


class Page(Protocol):
    """What the window asks of a page, which is also a QWidget. It may have a `filter_field` for the top bar."""

    id: str

    def refresh(self, changes: Changes) -> None: ...

    def commands(self) -> list[Command]: ...


def _review(session: Session) -> QWidget:
    from badcase.ui.desktop.review.page import ReviewPage

    return ReviewPage(session)


def _map(session: Session) -> QWidget:
    from badcase.ui.desktop.map.page import MapPage

    return MapPage(session)


def _train(session: Session) -> QWidget:
    from badcase.ui.desktop.train.page import TrainPage

    return TrainPage(session)


def _data(session: Session) -> QWidget:
    from badcase.ui.desktop.data.page import DataPage

    return DataPage(session)


def _gold(session: Session) -> QWidget:
    from badcase.ui.desktop.gold.page import GoldPage

    return GoldPage(session)


def _update(session: Session) -> QWidget:
    from badcase.ui.desktop.update.page import UpdatePage

    return UpdatePage(session)


def _classes(session: Session) -> QWidget:
    from badcase.ui.desktop.classes.page import ClassesPage

    return ClassesPage(session)


# To add a page: one function above and one line here.
PAGES: dict[str, tuple[str, Callable[[Session], QWidget]]] = {
    "review": (_("Review"), _review),
    "map": (_("Map"), _map),
    "train": (_("Train"), _train),
    "data": (_("Data"), _data),
}


# Pages that other pages lead to: without a tab, beside the tab that is named.
BESIDE: dict[str, tuple[str, Callable[[Session], QWidget]]] = {
    "gold": ("review", _gold),
    "update": ("data", _update),
    "classes": ("data", _classes),
}


class ProjectPages:
    """The pages of one session. A page that is not seen gathers what it missed."""

    def __init__(self, session: Session, stack: QStackedWidget) -> None:
        self._session, self._stack = session, stack
        self._made: dict[str, QWidget] = {}
        self._missed: dict[str, Changes] = {}
        self.current = ""

    def made(self, page: str) -> bool:
        return page in self._made

    def _make(self, page: str) -> None:
        if page not in self._made:
            self._made[page] = (PAGES | BESIDE)[page][1](self._session)
            self._stack.addWidget(self._made[page])

    def show(self, page: str) -> QWidget:
        """Bring a page up, as it is now."""
        self._make(page)
        missed = self._missed.pop(page, None)
        if missed is not None:
            self.page(page).refresh(missed)
        self.current = page
        self._stack.setCurrentWidget(self._made[page])
        self._made[page].setFocus()
        return self._made[page]

    def page(self, page: str) -> Page:
        return cast(Page, self._made[page])

    def refresh(self, changes: Changes) -> None:
        """Tell the page that is seen; the others hear it when they come up. The page that began it has shown it."""
        for page in self._made:
            if page == changes.origin:
                continue
            if page == self.current:
                self.page(page).refresh(changes)
            else:
                before = self._missed.get(page)
                self._missed[page] = changes if before is None else _both(before, changes)

    def commands(self) -> list[Command]:
        return self.page(self.current).commands() if self.current else []

    def elsewhere(self) -> list[Command]:
        """What can be done on the other pages, which come up first; not Review's, which is about the item that one sees."""
        found = []
        for page in PAGES:
            if page not in (self.current, "review"):
                self._make(page)
                found += [self._there(page, command) for command in self.page(page).commands()]
        return found

    def _there(self, page: str, command: Command) -> Command:
        def run() -> None:
            self._session.navigate.emit(page, None)
            command.run()

        return replace(command, keys="", also=(), run=run)  # its keys work there alone

    def close(self) -> None:
        """Take all pages away, and what they shared."""
        from badcase.ui.desktop.review.state.review_desk import leave_desk

        leave_desk(self._session)
        for widget in self._made.values():
            for timer in widget.findChildren(QTimer):  # what was to follow would find the project closed
                timer.stop()
            self._stack.removeWidget(widget)
            for part in (widget, getattr(widget, "filter_field", None)):  # which lives in the top bar, not in the page
                if part is not None:
                    part.deleteLater()
        self._made.clear()
        self.current = ""


def _both(first: Changes, then: Changes) -> Changes:
    """Two changes as one; no items means that too many to name were touched."""
    items = first.items | then.items if first.items and then.items else frozenset[int]()
    return Changes(then.title, first.areas | then.areas, items)
