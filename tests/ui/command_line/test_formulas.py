"""Tables that are made for spreadsheets hold no formulas that data brought along, and what we read back finds its row."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from badcase.formula_guard import guarded, unguarded
from badcase.project import Project
from tests.projects import predict_from
from tests.ui.command_line.conftest import Badcase

FORMULAS = (
    "=1+1",
    "+cmd|'/C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=x",
    "\r=x",
    "＝1",
    "＋1",
    "－1+2",
    "＠x",
    "'=already",
    "=HYPERLINK(x)",
)
# What some program takes for the beginning of a cell, or for nothing before it, with what is written for it.
BURIED = {
    "a;=1+1": "a;'=1+1",
    "a\t=1": "a\t'=1",
    "a\n@x\n-y": "a\n'@x\n'-y",
    "a|+x": "a|'+x",
    "  =1": "  '=1",
    "\u200b\ufeff=1": "\u200b\ufeff'=1",
    "\x00=1": "\x00'=1",
    "a; '=1;b": "a; ''=1;b",
    "﹦1": "'﹦1",
    "\u2028＝1": "\u2028'＝1",
    "1;-2;+3.5e1 ;.5": "1;-2;+3.5e1 ;.5",
    "a = b; c - d": "a = b; c - d",
}


def begins_formula(cell: str) -> bool:
    return cell.strip()[:1] in set("=+-@＝＋－＠") and not re.fullmatch(r"[+-][\d.e]+", cell.strip())


def test_a_formula_is_guarded_wherever_some_program_would_find_it() -> None:
    assert {text: guarded(text) for text in BURIED} == BURIED
    assert {written: unguarded(written) for written in BURIED.values()} == {written: text for text, written in BURIED.items()}
    for text in BURIED:
        for border in ";\t|\n":
            assert not [cell for cell in guarded(text).split(border) if begins_formula(cell)]


@given(st.text("'=+-@\t＝1a.e; \n\u200b", max_size=8))
@example("-1")
@example("''-1")
def test_the_guard_is_undone_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not begins_formula(guarded(text)) or guarded(text) == text


def test_numbers_and_plain_texts_stay() -> None:
    for cell in ("-1", "+3.5", "-1e-7", "-.5", "a=b", "it's", "'quoted'", "", -1.5, None, True):
        assert guarded(cell) is cell
    assert [guarded(cell) for cell in FORMULAS] == [re.sub(r"^(\s*)", r"\1'", cell) for cell in FORMULAS]


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A predicted project whose keys, texts and classes begin like formulas."""
    rows = [[f"{FORMULAS[i % 4]}{i}", f"{FORMULAS[i % 10].strip()} words {i}", ("=cat", "-dog")[i % 2], -i] for i in range(24)]
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text", "label", "number"], *rows])
    with Project.create(tmp_path / "p", tmp_path / "t.csv", key="id", text="text", label="label") as project:
        import numpy as np

        predict_from(project, np.eye(2)[np.arange(24) % 2] + np.random.default_rng(0).normal(0, 0.3, (24, 2)))
    return tmp_path / "p"


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_no_cell_of_a_table_for_spreadsheets_begins_a_formula(odd: Path, tmp_path: Path, badcase: Badcase) -> None:
    ranked, out = tmp_path / "ranked.csv", tmp_path / "out.csv"
    assert badcase("rank", odd, "--csv", ranked).code == 0
    done = badcase("export", odd, out, "--format", "csv")
    assert "--no-formula-guard" in done.out
    for path in (ranked, out):
        whole = [cell for row in cells(path) for cell in row]
        assert not [cell for cell in whole if begins_formula(cell)] and [cell for cell in whole if cell.startswith("'")]
    assert [row[-1] for row in cells(out)[1:4]] == ["0", "-1", "-2"], "numbers stay"
    plain = tmp_path / "plain.csv"
    assert "--no-formula-guard" not in badcase("export", odd, plain, "--format", "csv", "--no-formula-guard").out
    assert cells(plain)[1][0] == "=1+10" and cells(out)[1][0] == "'=1+10"
    assert badcase("rank", odd, "--csv", ranked, "--no-formula-guard").code == 0
    assert not [cell for row in cells(ranked) for cell in row if cell.startswith("'")]
    assert badcase("export", odd, tmp_path / "same.csv").code == 0
    assert (tmp_path / "same.csv").read_bytes() == (tmp_path / "t.csv").read_bytes()


def test_a_ranking_that_went_through_a_spreadsheet_finds_its_items(odd: Path, tmp_path: Path, badcase: Badcase) -> None:
    assert badcase("rank", odd, "--csv", tmp_path / "ranked.csv").code == 0
    header, *rows = cells(tmp_path / "ranked.csv")
    at = {name: place for place, name in enumerate(header)}
    with (tmp_path / "judged.csv").open("w", newline="", encoding="utf-8") as file:
        judged = [[row[at["key"]], "relabel", row[at["given"]]] for row in rows]
        csv.writer(file).writerows([["key", "verdict", "label"], *judged])
    done = badcase("verdicts", odd, tmp_path / "judged.csv", "--json")
    assert done.code == 0, done.err
    assert done.json["recorded"] == len(rows) > 0 and done.json["reviewed"]["kept"] == len(rows)


def test_a_key_that_could_mean_two_items_is_refused(tmp_path: Path, badcase: Badcase) -> None:
    keys = ["=x", "'=x", *(f"k{i}" for i in range(8))]
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text", "label"], *[[key, f"words {key}", "ab"[i % 2]] for i, key in enumerate(keys)]])
    assert badcase("new", tmp_path / "p", "--data", tmp_path / "t.csv", "--key", "id").code == 0
    for key, right in (("'=x", False), ("''=x", True), ("=x", True)):
        (tmp_path / "v.csv").write_text(f"key,verdict,label\n{key},keep,\n")
        done = badcase("verdicts", tmp_path / "p", tmp_path / "v.csv")
        assert (done.code == 0) is right and (right or "two" in done.err)
