"""Every kind of bad case of a project is counted, can be asked for by its name, and says why it is one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from badcase.project import Project
from tests.projects import write_texts
from tests.ui.command_line.conftest import Badcase

PLANTED = {
    "no_words": ("?? !! ??", "no letter and no digit"),
    "garbled": ("Ã¼ber die BrÃ¼cke geht es Ã¶fter", "decoded wrongly"),
    "copy": ("bowls of soup", "The same as"),
}


@pytest.fixture
def planted(tmp_path: Path, badcase: Badcase) -> Path:
    """A predicted project of texts in which each kind of junk stands eight times."""
    write_texts(tmp_path / "texts.csv", wrong=6)
    with (tmp_path / "texts.csv").open("a", encoding="utf-8") as file:
        for name, (text, _words) in PLANTED.items():
            for number in range(8):
                told = f"{number // 2} {text}" if name == "copy" else text + "!" * number  # four pairs of copies
                file.write(f"{name}{number},{told},food\n")
    assert badcase("new", tmp_path / "my", "--data", tmp_path / "texts.csv").code == 0
    assert badcase("predict", tmp_path / "my", "--model", "chargrams").code == 0
    return tmp_path / "my"


@pytest.mark.parametrize("name", PLANTED)
def test_each_planted_kind_can_be_asked_for_and_says_why(name: str, planted: Path, badcase: Badcase) -> None:
    queue = badcase("rank", planted, "--reason", name, "--json").json["queue"]
    assert {row["key"].rstrip("0123456789") for row in queue} == {name}
    assert all(any(PLANTED[name][1] in text for text in row["reasons"]) for row in queue)


def test_what_is_found_is_counted_for_people_and_a_wrong_name_is_answered_with_the_right_ones(
    planted: Path, badcase: Badcase
) -> None:
    said = badcase("rank", planted).out
    assert "Empty text" in said and "Garbled text" in said
    assert "Blank image" not in said
    wrong = badcase("rank", planted, "--reason", "junk")
    assert wrong.code == 1 and "no_words" in wrong.err


def test_a_project_whose_texts_were_not_measured_is_ranked_and_says_what_it_could_not_look_for(
    planted: Path, badcase: Badcase
) -> None:
    path = planted / "items.arrow"
    table = pa.ipc.open_file(pa.BufferReader(path.read_bytes())).read_all()
    table = table.select([name for name in table.column_names if not name.startswith("measure:")])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    for ranking in planted.glob("predictions/*/ranking-*/rest.json"):
        ranking.parent.rename(ranking.parent.parent / "old")
    document = badcase("rank", planted, "--json").json
    assert any("Garbled text" in line and "needs texts" in line for line in document["not_looked_for"])
    with Project.open(planted) as opened:
        assert opened.items.measures is None
