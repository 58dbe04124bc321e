"""The site: `make docs` fails on what is wrong with it, and its made pages say all that the program says of itself."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from badcase.training.recipe import KNOBS, PRESETS
from badcase.ui.cli import VERBS
from tests import ROOT

HOOKS = ROOT / "docs" / "hooks"


def built(folder: Path, page: str) -> subprocess.CompletedProcess[str]:
    """Build a site of one page by our settings, with the options that `make docs` gives."""
    options = re.search(r"mkdocs (build .*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert options is not None
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text(page, encoding="utf-8")
    config = (
        f"INHERIT: {(ROOT / 'mkdocs.yml').as_posix()}\ndocs_dir: docs\nsite_dir: site\nplugins: []\nhooks: []\nnav: [index.md]\n"
    )
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", *options[1].split()]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_page_without_a_fault_is_built(tmp_path: Path) -> None:
    done = built(tmp_path, "# One\n\n[here](#one)\n")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("link", ["nowhere.md", "#nowhere", "picture.png"])
def test_a_link_that_leads_nowhere_fails(tmp_path: Path, link: str) -> None:
    """With --quiet a broken link passed, because a warning that is not said is not counted."""
    done = built(tmp_path, f"# One\n\n[there]({link})\n")
    assert done.returncode != 0
    assert link in done.stderr


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Path:
    """As MkDocs loads them: their folder is on the path."""
    monkeypatch.syspath_prepend(str(HOOKS))
    return HOOKS


def test_the_page_of_the_recipe_has_every_knob_and_preset(hooks: Path) -> None:
    page = runpy.run_path(str(hooks / "recipe_page.py"))["recipe_page"]()
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| .+? \| .+? \| .+ \|$", page, re.MULTILINE)
    assert rows == [(name, knob.title) for name, knob in KNOBS.items()]
    assert [name for name in PRESETS if f"**{name}**" not in page] == []


def test_the_page_of_the_command_line_has_every_verb_and_option(hooks: Path) -> None:
    page = runpy.run_path(str(hooks / "command_line_page.py"))["command_line_page"]()
    verbs = [name for names in VERBS.values() for name in names]
    assert re.findall(r"^### badcase (\w+)$", page, re.MULTILINE) == verbs
    train = page.partition("### badcase train")[2].partition("### badcase")[0]
    for row in ("| `PROJECT` | required |", "| `--from` `VALUE` |  |", "| `--seed` `N` | `0` |", "| `--plan` |  |"):
        assert row in train, row
    assert "`current`, `pretrained`, `scratch`" in train
    assert "badcase new PROJECT --data PATH [OPTIONS]" in page
    assert "| `--json` |" in page.partition("## Options of every verb")[2]


@pytest.mark.parametrize(
    "tag", ['<script src="https://x.example/a.js">', "<link rel=x href=//x.example/a.css>", '<img src="http://x.example/a.png">']
)
def test_what_a_page_would_load_from_another_address_is_found(hooks: Path, tag: str) -> None:
    found = runpy.run_path(str(hooks / "site.py"))["ELSEWHERE"]
    assert found.search(f"<p>{tag}</p>")
    assert not found.search('<a href="https://x.example"><img src="pictures/review.png"></a><link href="assets/a.css">')
