"""The pages that a person reads, and what they ask that person to type."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests import ROOT

PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
# A translation, to the page that it translates: the language stands before the ending, as in README.zh-CN.md.
TRANSLATIONS = {name: original for name in NAMES if (original := re.sub(r"\.[a-z]{2}(-[A-Z]{2})?\.md$", ".md", name)) != name}
RUNS = "<!-- run -->"  # on the line before a shell block that `make docs` runs

_FENCE = re.compile(
    r"^(?P<mark>[^\n]*)\n(?P<indent> *)```(?P<language>\w+)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. runs: whether it is carried out, as all Python is and the shell's where it is marked."""

    language: str
    text: str
    runs: bool


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, named as in `NAMES`, in their order."""
    found = _FENCE.finditer("\n" + (ROOT / page).read_text(encoding="utf-8"))
    return [
        Block(one["language"], textwrap.dedent(one["text"]), one["language"] == "python" or one["mark"].strip() == RUNS)
        for one in found
    ]


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub(r"\g<mark>\n", "\n" + (ROOT / page).read_text(encoding="utf-8"))


def command_lines(page: str) -> Iterator[list[str]]:
    """The words of every command of its shell blocks, up to a comment, a pipe or a redirection; a backslash goes on."""
    for block in blocks(page):
        if block.language == "sh":
            for line in block.text.replace("\\\n", " ").splitlines():
                lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
                lexer.whitespace_split = True
                for joins, words in groupby(lexer, key=lambda word: set(word) <= set("();<>|&")):
                    if not joins:
                        yield list(words)


def links(page: str) -> list[str]:
    """The targets of links and pictures that lie in this checkout, as the page writes them, without their anchors."""
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]


def made_pages() -> set[Path]:
    """The pages that the site makes of the program."""
    text = (ROOT / "docs" / "hooks" / "site.py").read_text(encoding="utf-8")
    return {ROOT / "docs" / name for name in re.findall(r'"(reference/[a-z-]+\.md)":', text)}
