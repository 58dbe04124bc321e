"""The quick form of the attack by spoilt inputs: three of each reader, always the same, are read or refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from tests.attacks.mutated_inputs import Inputs, run
from tests.attacks.readers import READERS, prepared

QUICK = [name for name in READERS if name != "model"]  # which has to load torch


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("attack")
    prepared(made / "prepared")
    return made


@pytest.mark.filterwarnings("ignore")  # what libraries have to say of damaged files
@pytest.mark.parametrize("reader", QUICK)
def test_spoilt_inputs_are_read_or_refused(reader: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)  # each case goes into its own folder
    inputs: Inputs = {reader: READERS[reader].inputs()}
    names = list(inputs[reader])
    for number in range(3):
        try:
            run((reader, names[number % len(names)], number), inputs=inputs, place=place)
        except BadcaseError as refusal:
            assert refusal.what
