"""What a person set once for all projects on this computer: the look, who reviews and sees what, and what models run on."""

from __future__ import annotations

from badcase.ui.desktop.session.view_state import ViewState

THEMES = ("system", "light", "dark")
TEXT_SIZES = (90, 100, 115, 130)  # percent
DEVICES = ("cpu", "cuda", "mps")
_MOST_NAMES = 12
_LONGEST_NAME = 60


class Preferences:
    """Named settings of the view state. One that is damaged is as good as none. A change is on the disk at once."""

    def __init__(self, view: ViewState) -> None:
        self._view = view

    def _keep(self, name: str, value: object) -> None:
        self._view.set(name, value)
        self._view.save()

    @property
    def theme(self) -> str:
        """One of `THEMES`."""
        kept = self._view.get("theme", "system")
        return kept if kept in THEMES else "system"

    @theme.setter
    def theme(self, name: str) -> None:
        self._keep("theme", name)

    @property
    def text_size(self) -> int:
        """One of `TEXT_SIZES`, in percent."""
        kept = self._view.get("text-size", 100)
        return kept if kept in TEXT_SIZES else 100

    @text_size.setter
    def text_size(self, percent: int) -> None:
        self._keep("text-size", percent)

    @property
    def named(self) -> str:
        """The name that was chosen, "" for that of the account."""
        kept: str = self._view.get("reviewer", "")
        return kept

    @property
    def reviewer(self) -> str:
        """Who reviews: the name that was chosen, else that of the account."""
        return self.named or _account()

    @reviewer.setter
    def reviewer(self, name: str) -> None:
        name = " ".join(name.split())[:_LONGEST_NAME]
        known = [one for one in self.reviewers if one != name]
        self._view.set("reviewers", [name, *known][:_MOST_NAMES] if name else known)
        self._keep("reviewer", "" if name == _account() else name)

    @property
    def reviewers(self) -> list[str]:
        """Names to choose from, the newest first: those that were chosen on this computer, and that of the account."""
        kept = [name for name in self._view.get("reviewers", []) if isinstance(name, str) and name]
        return list(dict.fromkeys([*kept, _account()]))

    @property
    def device(self) -> str:
        """What models run on: one of `DEVICES`, "" for the fastest there is."""
        kept = self._view.get("device", "")
        return kept if kept in DEVICES else ""

    @device.setter
    def device(self, name: str) -> None:
        self._keep("device", name)

    @property
    def others_hidden(self) -> bool:
        """Whether the verdicts of others are kept from a reviewer who has not judged the item."""
        return bool(self._view.get("review.others-hidden", True))

    @others_hidden.setter
    def others_hidden(self, hidden: bool) -> None:
        self._keep("review.others-hidden", hidden)

    @property
    def mixes(self) -> bool:
        """Whether items drawn at random are mixed into the queue."""
        return bool(self._view.get("review.mix-in-random", True))

    @mixes.setter
    def mixes(self, wanted: bool) -> None:
        self._keep("review.mix-in-random", wanted)


def _account() -> str:
    from badcase.store.journal import user_name  # numpy comes with it: not needed to come up

    return user_name()
