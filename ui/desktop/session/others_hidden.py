"""What others decided is kept from a reviewer who has not judged the item, where that is wanted."""

from __future__ import annotations

from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.session.preferences import Preferences


class OthersHidden:
    """Whether what others decided of an item must not be shown to the one who reviews now."""

    def __init__(self, project: Project, preferences: Preferences) -> None:
        self._project, self._preferences = project, preferences
        self._kept: dict[int, bool] = {}
        self._kept_at = (-1, "")

    def __call__(self, item: int) -> bool:
        if self._project.verdicts[item] == VerdictCode.NONE or not self._preferences.others_hidden:
            return False
        journal = self._project.journal
        if self._kept_at != (journal.replay.revision, journal.me):
            self._kept_at = journal.replay.revision, journal.me
            self._kept.clear()
        if item not in self._kept:  # every frame of the grid asks
            self._kept[item] = all(entry.who != journal.me for entry in journal.history(item) if not entry.undone)
        return self._kept[item]
