"""What a person reads is translated, whole and in every catalog; `make languages` mends most of what fails here."""

from __future__ import annotations

import ast
import gettext
import re
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from tests import ROOT
from tests.catalogs import KEYWORDS, PACKAGES, compiled, key, read, sources, template

# What is called with words that a person reads: the place or the name of each argument that they come in.
SHOWN = {
    "Progress": (0, 3, "name", "unit"),
    "Notice": (0, 1, "text", "hint"),
    "BadcaseError": (0, "expected", "hint"),
    "JobError": (0, "expected", "hint"),
    "SetAside": (2, 3, 4),
    "Command": (0, 3),
    "Button": (0,),
    "Label": (0,),
    "Option": ("help",),
    "Argument": ("help",),
    "Typer": ("help",),
    "BadParameter": (0,),
    "ask": (0,),
    "notice": (0,),
    "tell": (0,),
    "say": (0,),
    "setText": (0,),
    "setToolTip": (0,),
    "setStatusTip": (0,),
    "setWindowTitle": (0,),
    "setPlaceholderText": (0,),
    "setAccessibleName": (0,),
    "setAccessibleDescription": (0,),
}
# What is the same in every language: names of files, values and options, and of the program.
NAMES = {
    "umap-learn",
    "badcase",
    "config.json, model.safetensors",
    "model.safetensors",
    "torch",
    "Transformer, Pooling, Dense, Normalize",
    "cpu | cuda",
    "current | pretrained",
    "learning_rate = [1e-5, 1e-3]",
    "[low, high]",
    "multiclass",
    "NAME=VALUE",
    "package.module:function",
    "KB",
    "auto_map: module.Class",
    "pair:cat→dog",
    "became:cat→dog",
    "preprocessor_config.json",
    "torch.nn.Module",
}


@pytest.fixture(scope="module")
def said() -> Catalog:
    return template()


@pytest.fixture(params=sources(), ids=lambda source: source.parent.parent.name)
def source(request: pytest.FixtureRequest) -> Path:
    file: Path = request.param
    return file


def forms(message: Message) -> list[str]:
    """The translations of a text: one, or one for each plural form of the language."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_a_share_is_written_in_one_way(said: Catalog) -> None:
    """By `percent`: here stood "42%" beside "84.0 %". What a person types, "2%", is no share that is told."""
    texts = (text for message in said for text in (message.id if isinstance(message.id, tuple) else (message.id,)))
    assert not [text for text in texts if re.search(r"%\}|[0-9]%", text.replace("2%", ""))]


def placeholders(text: str) -> set[str]:
    return {f"{name}:{spec}" for _before, name, spec, _how in string.Formatter().parse(text) if name is not None}


def faults(said: Catalog, catalog: Catalog) -> list[str]:
    """What a catalog lacks or has too much, and where it does not say what the text says."""
    texts = {key(message): message for message in said if message.id}
    known = {key(message): message for message in catalog if message.id}
    found = [f"stale: {text}" for text in known.keys() - texts.keys()]
    for text, message in texts.items():
        entry = known.get(text)
        if entry is None or entry.fuzzy or not all(forms(entry)):
            found.append(f"missing: {text}")
        elif isinstance(message.id, str) is not isinstance(entry.id, str):
            found.append(f"plural: {text}")
        else:
            found += _mismatches(message, entry, catalog.num_plurals)
    return found


def _mismatches(message: Message, entry: Message, wanted: int) -> Iterator[str]:
    plain = isinstance(message.id, str)
    texts = [message.id] if plain else list(message.id)
    allowed = [placeholders(text) for text in texts]
    if not plain and len(forms(entry)) != wanted:
        yield f"plural: {key(message)} has {len(forms(entry))} forms of {wanted}"
    for form in forms(entry):
        ends = (form[:1].isspace(), form[-1:].isspace())
        if placeholders(form) not in allowed or ends != (texts[0][:1].isspace(), texts[0][-1:].isspace()):
            yield f"mismatch: {key(message)}"


def test_a_catalog_says_all_that_the_program_says_and_nothing_else(said: Catalog, source: Path) -> None:
    assert faults(said, read(source)) == []


def test_the_compiled_catalog_is_what_its_source_says(source: Path) -> None:
    kept = []
    for data in (source.with_suffix(".mo").read_bytes(), compiled(read(source))):
        entries = dict(gettext.GNUTranslations(BytesIO(data))._catalog)  # type: ignore[attr-defined]
        entries.pop("")  # the header names the version of Babel
        kept.append(entries)
    assert kept[0] == kept[1], "make languages"


def test_a_catalog_that_falls_behind_is_found_out() -> None:
    said, catalog = Catalog(), Catalog("pl")
    for text in ("gone on", "left", "{n:g} of {all}", ("{n} item", "{n} items"), ("a cat", "{n} cats"), "ends "):
        said.add(text)
    said.add("May", context="month")
    assert faults(said, catalog) == [f"missing: {key(message)}" for message in said if message.id]
    catalog.add("gone on", "dalej", flags=["fuzzy"])
    catalog.add("left", "")
    catalog.add("{n:g} of {all}", "{n} z {all}")
    catalog.add(("{n} item", "{n} items"), ("{n} element", "{n} elementy"))
    catalog.add(("a cat", "{n} cats"), ("kot", "{n} koty", "{n} kotów"))
    catalog.add("ends ", "kończy")
    catalog.add("May", "maj")
    assert [fault.partition(" ")[0] for fault in faults(said, catalog)] == [
        "stale:",  # without its context it is another text
        "missing:",
        "missing:",
        "mismatch:",
        "plural:",
        "mismatch:",
        "missing:",
    ]


@pytest.fixture(scope="module")
def calls() -> list[tuple[str, str, ast.Call, bool]]:
    """Each call in the program: its place, the name of what is called, itself, and whether it stands in an f-string."""
    found = []
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    found.append((f"{file.relative_to(ROOT)}:{node.lineno}", name, node, id(node) in inside))
    return found


def test_every_text_is_written_so_that_babel_sees_it(calls: list[tuple[str, str, ast.Call, bool]]) -> None:
    """In Python 3.11 it sees nothing in an f-string, and of `_("a" if x else "b")` it makes "ab"."""
    unseen = [
        place
        for place, name, call, in_f_string in calls
        if name in KEYWORDS
        and (in_f_string or any(isinstance(one, ast.IfExp | ast.JoinedStr | ast.BinOp) for one in call.args[:2]))
    ]
    assert unseen == []


def literals(node: ast.expr) -> Iterator[str]:
    """The words in an expression that nothing translates, without those in braces of an f-string."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield from (part.value for part in parts if isinstance(part, ast.Constant))
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            yield from (*literals(one), *literals(other))
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from literals(part)
        case ast.Call(func=ast.Attribute(attr="format" | "join", value=text)):
            yield from literals(text)


def is_word(text: str) -> bool:
    """Whether two letters stand together in it, tags of markup left out: " x " is none."""
    return re.search(r"[^\W\d_]{2}", re.sub("<[^>]*>", "", text)) is not None


def test_what_a_person_reads_is_translated(calls: list[tuple[str, str, ast.Call, bool]]) -> None:
    plain = [
        f"{place}: {text}"
        for place, name, call, _in_f_string in calls
        for where, argument in [*enumerate(call.args), *((keyword.arg, keyword.value) for keyword in call.keywords)]
        if where in SHOWN.get(name, ())
        for text in literals(argument)
        if is_word(text) and text.strip(" –-") not in NAMES
    ]
    assert plain == []
