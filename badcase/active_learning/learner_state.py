"""The state of a learner beside the verdicts: its first belief, and what was drawn at random when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from badcase.active_learning.random_sample import Draw
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.probabilities.error_count import CountBelief


@dataclass(frozen=True, slots=True)
class LearnerState:
    """What another learner of the same labels needs beside the verdicts.

    Attributes:
        belief: The prior of the number of errors, from before any verdict.
        draws: The random sample, in the order of the draws.
        judged: For each judged item, how many draws were made before its verdict.
    """

    belief: CountBelief
    draws: list[Draw]
    judged: dict[int, int]

    def plain(self) -> dict[str, Any]:
        """As JSON can carry it."""
        belief = asdict(self.belief) | {"points": self.belief.points.tolist()}
        return {"belief": belief, "draws": [(one.item, one.scale) for one in self.draws], "judged": list(self.judged.items())}

    @classmethod
    def of(cls, plain: dict[str, Any], n: int) -> LearnerState:
        """The same from what `plain` gave, of n items."""
        try:
            belief = CountBelief(**plain["belief"] | {"points": np.array(plain["belief"]["points"], np.float64)})
            draws = [Draw(int(one[0]), *map(float, one[1:])) for one in plain["draws"]]
            judged = {int(item): int(before) for item, before in plain["judged"]}
            if not len(belief.points) or not all(0 <= item < n for item in (*judged, *(one.item for one in draws))):
                raise ValueError(_("no such item"))
            return cls(belief, draws, judged)
        except (KeyError, TypeError, ValueError) as error:
            raise BadcaseError(
                _("the record of random items cannot be read"),
                where="settings",
                got=str(error),
                hint=_("Random items are drawn anew; verdicts and labels are not affected."),
            ) from error
