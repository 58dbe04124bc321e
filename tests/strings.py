"""The texts of the program that are translated; python -m tests.strings prints those that a catalogue lacks, as entries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from badcase.i18n import LOCALES, Catalogue
from tests import ROOT


def strings() -> dict[str, str]:
    """Each text, and its plural or "", in the order of the files."""
    found: dict[str, str] = {}
    for package in ("badcase", "training", "ui"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for text, many in _of_file(file):
                found[text] = many or found.get(text, "")
    return found


def _of_file(file: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == "plural":
            one, many = (_constants(argument) for argument in node.args[:2])
            yield from zip(one, many, strict=True)
        elif node.func.id in ("_", "marked", "m"):
            yield from ((text, "") for text in _constants(node.args[0]))


def _constants(node: ast.expr) -> list[str]:
    """The texts that an argument may be; none where it is a variable, whose texts are marked elsewhere."""
    if isinstance(node, ast.IfExp):
        return _constants(node.body) + _constants(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def entry(text: str, many: str, translated: str = "") -> str:
    plural = f"msgid_plural {_quoted(many)}\n" if many else ""
    return f"msgid {_quoted(text)}\n{plural}msgstr{'[0]' * bool(many)} {_quoted(translated)}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def main() -> None:
    for file in sorted(LOCALES.glob("*.po")):
        known = Catalogue(file).words
        lacks = {text: many for text, many in strings().items() if text not in known}
        print(f"# {file.name}: {len(lacks)} of {len(strings())} texts to translate\n")
        for text, many in lacks.items():
            print(entry(text, many))


if __name__ == "__main__":
    main()
