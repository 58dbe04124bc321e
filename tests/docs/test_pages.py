"""What the README and the docs tell a person to type or to look at is there. What runs is run by `make docs`."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
import typer

from badcase.training.recipe import Recipe
from badcase.ui.cli import VERBS, app
from tests import ROOT
from tests.docs.pages import NAMES, PAGES, TRANSLATIONS, blocks, command_lines, links, made_pages, prose

VERB_NAMES = {name for names in VERBS.values() for name in names}
LARGEST_PICTURE = 200_000  # bytes


def refused(words: list[str]) -> str:
    """Why the program would refuse this command line; "" where it would not."""
    group = typer.main.get_command(app)
    try:
        if words and words[0] in VERB_NAMES:
            group.commands[words[0]].make_context(words[0], words[1:])  # type: ignore[attr-defined]
        elif words:
            known = {flag for one in group.params for flag in one.opts}
            return "" if set(words) <= known else f"no verb or option: {' '.join(words)}"
    except Exception as error:  # of click, which each typer keeps elsewhere
        said = getattr(error, "format_message", None)
        return str(said() if said else error)
    return ""


@pytest.mark.parametrize("page", NAMES)
def test_the_program_takes_every_command_line_of_a_page(page: str) -> None:
    lines = [words[words.index("badcase") + 1 :] for words in command_lines(page) if "badcase" in words]
    assert {" ".join(words): why for words in lines if (why := refused(words))} == {}


def test_a_verb_an_option_or_an_argument_that_there_is_not_would_be_noticed() -> None:
    for wrong in (
        ["moon"],
        ["--moon"],
        ["rank", "my", "--moon"],
        ["compare", "my", "1"],
        ["export", "my", "x", "--format", "moon"],
    ):
        assert refused(wrong), wrong
    for right in ([], ["--version"], ["rank", "my", "--top", "3"], ["train", "my", "--from", "scratch"]):
        assert not refused(right), right


@pytest.mark.parametrize("page", NAMES)
def test_every_change_of_a_recipe_that_a_page_speaks_of_can_be_made(page: str) -> None:
    typed = [change for words in command_lines(page) for option, change in pairwise(words) if option == "--set"]
    spoken = re.findall(r"--set ([a-z_]+=[^`\s]+)", prose(page))
    for change in typed + spoken:
        name, _sign, value = change.partition("=")
        if name != "NAME":
            Recipe().replace_from({name: value})


@pytest.mark.parametrize("page", NAMES)
def test_every_verb_that_a_page_speaks_of_exists(page: str) -> None:
    assert set(re.findall(r"`badcase ([a-z]+)", prose(page))) <= VERB_NAMES


def test_the_pages_show_every_verb_in_use() -> None:
    lines = [words[words.index("badcase") + 1 :] for page in NAMES for words in command_lines(page) if "badcase" in words]
    assert {words[0] for words in lines if words} >= VERB_NAMES


@pytest.mark.parametrize("page", NAMES)
def test_every_goal_of_make_that_a_page_speaks_of_exists(page: str) -> None:
    goals = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    spoken = set(re.findall(r"`make ([a-z]+)`", prose(page)))
    typed = {words[1] for words in command_lines(page) if words[0] == "make"}
    assert spoken | typed <= goals


def test_the_page_of_tuning_shows_what_the_benchmark_of_the_rules_measures_of_all_22() -> None:
    from tests.benchmarks.rules import ROWS

    shown = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|", prose("docs/how-to/tune.md"), re.MULTILINE)
    assert shown == [(str(row.rule), row.words, row.measure) for row in ROWS]
    assert {row.rule for row in ROWS} == set(range(1, 23))


@pytest.mark.parametrize("page", NAMES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    here = (ROOT / page).parent
    assert [one for one in links(page) if not (here / one).exists() and (here / one).resolve() not in made_pages()] == []


def test_every_file_that_contributors_are_sent_to_is_there() -> None:
    """A path is one from the root; a bare name is that of a file of ours."""
    named = re.findall(r"`([\w./-]+\.(?:py|po|yml|toml|sh|md)|[\w./-]+/)`", prose("CONTRIBUTING.md"))
    ours = {path.name for folder in ("badcase", "training", "ui") for path in (ROOT / folder).rglob("*.py")}
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists() and name not in ours | {"tests/benchmarks/NAME.py"}] == []


def test_every_page_of_the_docs_has_its_place_in_the_site() -> None:
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    placed = re.findall(r"- (?:[^\n:]+: )?([\w./-]+\.md)$", nav, re.MULTILINE)
    mine = [page.relative_to(ROOT / "docs").as_posix() for page in (*PAGES, *made_pages()) if page.is_relative_to(ROOT / "docs")]
    assert sorted(name for name in placed if not name.startswith("project/")) == sorted(mine)


def test_the_pictures_are_small_and_all_of_them_are_shown_with_words_for_who_cannot_see_them() -> None:
    shown = [found for page in NAMES for found in re.findall(r"!\[([^\]]*)\]\([^)]*?([\w-]+\.png)\)", prose(page))]
    pictures = list((ROOT / "docs" / "pictures").glob("*"))
    assert {picture.name for picture in pictures} == {name for _words, name in shown}
    assert all(words.strip() for words, _name in shown)
    assert [picture.name for picture in pictures if picture.stat().st_size > LARGEST_PICTURE] == []


def test_what_make_docs_runs_is_marked_where_it_is() -> None:
    """The tutorial in a shell is of use only as a whole."""
    run = [block for block in blocks("docs/tutorial.md") if block.runs]
    assert [block.language for block in run].count("sh") >= 4 and any(block.language == "python" for block in run)


def outline(page: str) -> dict[str, list[object]]:
    """What a page and its translation have in common: all but the words, and the comments are words."""
    headings = re.findall(r"^(#+) ", prose(page), re.MULTILINE)
    pictures = re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", prose(page))
    code = [(block.language, block.runs, re.sub(r"(^|\s+)#.*$", "", block.text, flags=re.MULTILINE)) for block in blocks(page)]
    return {"headings": headings, "code": code, "pictures": pictures}


def test_the_readme_and_the_tutorial_are_there_in_chinese() -> None:
    assert TRANSLATIONS == {"README.zh-CN.md": "README.md", "docs/tutorial.zh-CN.md": "docs/tutorial.md"}


@pytest.mark.parametrize("page", TRANSLATIONS)
def test_a_translation_keeps_step_with_its_page(page: str) -> None:
    """Headings, commands and pictures, in their order; and each leads to the other."""
    assert outline(page) == outline(TRANSLATIONS[page])
    assert Path(page).name in links(TRANSLATIONS[page])
    assert Path(TRANSLATIONS[page]).name in links(page)
