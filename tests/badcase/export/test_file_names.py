"""Names that an export gives its files: safe, below their folder, and each once whatever the file system makes of case."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.export.destination import below_common
from badcase.export.file_names import FreeNames, safe_name, safe_path


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text("aA.é\u0301/\\:* -0\U0001f600", max_size=6), max_size=12), st.booleans())
def test_any_paths_become_different_ones_below_the_folder(written: list[str], stems: bool) -> None:
    names = FreeNames(stems=stems)
    taken = [names.take(safe_path(path)) for path in written]
    for path in taken:
        assert all(part and part not in (".", "..") and part == part.rstrip(". ") for part in path.split("/"))
        assert not set(path) & set('\\:*?"<>|') and not path.startswith(("/", "."))
    plain = [unicodedata.normalize("NFC", path).casefold() for path in taken]
    assert len(set(plain)) == len(written)
    assert stems or not {folder for path in plain for folder in map(str, PurePosixPath(path).parents)} & set(plain)


def test_a_folder_called_like_a_file_gets_another_name() -> None:
    for stems in (False, True):
        names = FreeNames(stems=stems)
        assert [names.take("a.b"), names.take("a.b/c"), names.take("a.b/c")] == ["a.b", "a.b_/c", "a.b_/c-2"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../up.png", ".._.._up.png".lstrip(".")),
        ("NUL.txt", "_NUL.txt"),
        ("nulls.txt", "nulls.txt"),
        ("  .hidden ", "hidden"),
        ("", "_"),
        ("...", "_"),
        ("é" * 200 + ".jpeg", "é" * 72 + ".jpeg"),
        ("x" * 400, "x" * 150),
    ],
)
def test_a_name_is_made_safe_and_keeps_its_ending(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert len(safe.encode()) <= 150


def test_paths_from_all_over_lose_the_folders_that_all_share() -> None:
    assert list(below_common(["/data/x/cat/1.jpg", "/data/x/dog/1.jpg"])) == ["cat/1.jpg", "dog/1.jpg"]
    assert list(below_common(["C:\\x\\cat\\1.jpg", "D:\\x\\1.jpg"])) == ["C:/x/cat/1.jpg", "D:/x/1.jpg"]
    assert list(below_common(["/data/x/1.jpg"])) == ["1.jpg"]
    assert list(below_common(["x/cat/1.jpg", "x/dog/1.jpg"])) == ["x/cat/1.jpg", "x/dog/1.jpg"]
    assert list(below_common(["../x/cat/1.jpg", "../x/1.jpg"])) == ["cat/1.jpg", "1.jpg"]
