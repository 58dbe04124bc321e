"""A few of the kills of `python -m tests.attacks.kills`, in the suite."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from badcase.project import Project
from tests.attacks import actions
from tests.attacks.actions import ACTIONS, Action
from tests.attacks.kills import attack

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")


def test_what_is_killed_loses_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    tallies = attack(["record", "apply", "export texts csv"], 18, 0, tmp_path)
    assert sum(one.kills for one in tallies.values()) >= 9
    assert sum((one.faults for one in tallies.values()), Counter()) == Counter(), [one.told for one in tallies.values()]


def test_the_attack_notices_what_is_lost_half_done_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An action that acknowledges before it records, records in two parts and leaves a file."""

    def careless(place: Path):
        with Project.open(place / "project") as project:
            (place / "project" / f".{os.getpid()}.tmp").touch()
            yield
            for item in range(20):
                yield
                project.journal.record(item, "keep")
                project.journal.record(item, "unsure")

    monkeypatch.setitem(ACTIONS, "careless", Action("careless", "plain", careless, actions.journal))
    found = attack(["careless"], 4, 0, tmp_path)["careless"]
    assert {"leftovers"} < set(found.faults), found.told
