"""`check` stops a script where labels are worse than allowed, and says the same on the screen, in JSON and in each file."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badcase.errors import BadcaseError
from badcase.gate.limits import read_limit
from tests.projects import write_texts
from tests.ui.command_line.conftest import Badcase


@given(n=st.integers(0, 10**6), items=st.integers(1, 10**6))
def test_a_limit_holds_up_to_itself(n: int, items: int) -> None:
    limit = read_limit(f" {n} ", "--max-errors")
    assert not limit.exceeded_by(n, items) and limit.exceeded_by(n + 1, items)
    share = read_limit(f"{100 * min(n, items) / items:.9f} %", "--max-errors")
    assert not share.exceeded_by(min(n, items) * (1 - 1e-6) - 1e-6, items)


@pytest.mark.parametrize("written", ["", "2.5", "-1", "101%", "2 percent", "nan", "٣"])
def test_what_is_no_limit_is_refused(written: str) -> None:
    with pytest.raises(BadcaseError, match="no limit"):
        read_limit(written, "--max-errors")


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    """Texts of which one stands in two splits, one has two labels, and one has none."""
    write_texts(tmp_path / "t.csv", 60, wrong=0)
    lines = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{line},{'test' if i % 3 == 0 else 'train'}" for i, line in enumerate(lines[1:])]
    fields = [row.rsplit(",", 2) for row in rows]  # key and text, label, split
    text = [field[0].split(",", 1)[1] for field in fields]
    rows += [f"leak,{text[0]},{fields[0][1]},train", f"odd,{text[1]},{fields[2][1]},{fields[1][2]}", "none,a lone text,,train"]
    (tmp_path / "t.csv").write_text("\n".join(["id,text,label,split", *rows]) + "\n", encoding="utf-8")
    return tmp_path / "t.csv"


def test_duplicates_and_conflicts_are_checked_without_a_model(twice: Path, tmp_path: Path, badcase: Badcase) -> None:
    limits = ["--max-duplicates-across-splits", "0", "--max-conflicts", "0", "--max-set-aside", "1"]
    files = ["--markdown", tmp_path / "c.md", "--junit", tmp_path / "c.xml"]
    done = badcase("check", twice, *limits, *files, "--json")
    assert done.code == 1, done.err
    checks = {one["name"]: one for one in done.json["checks"]}
    assert not done.json["passed"] and set(checks) == {"duplicates-across-splits", "conflicts", "set-aside"}
    across = checks["duplicates-across-splits"]
    assert across["exceeded"] and any("leak" in key for key in across["keys"])
    assert checks["conflicts"]["exceeded"] and any("odd" in key for key in checks["conflicts"]["keys"])
    assert not checks["set-aside"]["exceeded"]
    suite = ElementTree.parse(tmp_path / "c.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    assert "exceeded" in (tmp_path / "c.md").read_text(encoding="utf-8")
    assert badcase("check", twice, "--max-conflicts", "1").code == 0
    kept = platformdirs.user_config_path("badcase") / "named_places.json"
    remembered = [name for name in json.loads(kept.read_text(encoding="utf-8")) if name.endswith("/check")]
    assert remembered == []
    assert not list(tmp_path.glob("*/project.db"))


def test_wrong_labels_of_data_and_of_a_project(tmp_path: Path, badcase: Badcase) -> None:
    write_texts(tmp_path / "texts.csv", 90, wrong=20)
    found = badcase("check", tmp_path / "texts.csv", "--max-errors", "1%", "--json")
    assert found.code == 1 and "1 limit is exceeded" in found.json["error"]
    errors = next(one for one in found.json["checks"] if one["name"] == "errors")
    assert errors["low"] <= errors["value"] <= errors["high"] and errors["keys"] and errors["limit"] == 0.9
    assert badcase("new", tmp_path / "my", "--data", tmp_path / "texts.csv").code == 0
    early = badcase("check", tmp_path / "my", "--max-errors", "1%")
    assert early.code == 1 and "badcase predict" in early.err
    assert badcase("predict", tmp_path / "my").code == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "my").rglob("*") if path.is_file() and path.suffix != ".lock"}
    done = badcase("check", tmp_path / "my", "--max-errors", "90%", "--baseline", tmp_path / "my", "--json")
    assert done.code == 0, done.err
    assert all(one["limit"] is not None and one["baseline"] is not None for one in done.json["checks"])
    assert {path: path.stat().st_mtime_ns for path in before} == before
    own = badcase("check", tmp_path / "my", "--markdown", tmp_path / "my" / "project.db")
    assert own.code == 1 and "inputs" in own.err
    over = badcase("check", tmp_path, "--junit", tmp_path / "texts.csv")
    assert over.code == 1 and "inputs" in over.err and (tmp_path / "texts.csv").read_text(encoding="utf-8").startswith("id,")
    said = badcase("check", tmp_path / "my", "--text", "text")
    assert said.code == 1 and "--text" in said.err


def test_what_differs_from_a_baseline_is_said(tmp_path: Path, badcase: Badcase) -> None:
    write_texts(tmp_path / "a.csv", 45, wrong=0)
    assert badcase("new", tmp_path / "my", "--data", tmp_path / "a.csv").code == 0
    assert badcase("predict", tmp_path / "my").code == 0
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].rsplit(",", 1)[0] + ",plants"
    (tmp_path / "b.csv").write_text("\n".join([*lines[:-2], *(f"n{i},a new plant {i},plants" for i in range(5))]) + "\n", "utf-8")
    done = badcase("check", tmp_path / "b.csv", "--max-errors", "100%", "--baseline", tmp_path / "my", "--json")
    notes = " ".join(one["text"] for one in done.json["notices"])
    assert "does not have: plants" in notes and "5 new, 2 gone, 1 with another label" in notes
