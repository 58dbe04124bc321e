"""Measures of texts that tell whether they can be read, over whole blocks of texts at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from badcase.i18n import marked

RECORD = np.dtype(
    [
        ("length", np.float32),  # characters
        ("substance", np.float32),  # letters and digits; an ideograph counts three times, since it says as much
        ("damaged", np.float32),  # share of the characters that a wrong decoding left behind
        ("symbols", np.float32),  # share of all but spaces that is neither letter nor digit
        ("repeats", np.float32),  # share of the letters that stand in runs of five or more of one letter
        ("script", np.float32),  # number in SCRIPTS of the one that most letters are of; -1 = no letters
        ("script_share", np.float32),  # share of the letters that are of it
        ("mixed", np.float32),  # places in words where a Latin and a Cyrillic letter touch
    ]
)

# By the first words of a letter's name in Unicode. Chinese and Japanese share ideographs, so they count as one.
_NAMES = {
    "LATIN": marked("Latin"),
    "FULLWIDTH LATIN": marked("Latin"),
    "CYRILLIC": marked("Cyrillic"),
    "GREEK": marked("Greek"),
    "ARABIC": marked("Arabic"),
    "HEBREW": marked("Hebrew"),
    "CJK": marked("Chinese or Japanese"),
    "HIRAGANA": marked("Chinese or Japanese"),
    "KATAKANA": marked("Chinese or Japanese"),
    "HALFWIDTH KATAKANA": marked("Chinese or Japanese"),
    "HANGUL": marked("Korean"),
    "THAI": marked("Thai"),
    "DEVANAGARI": marked("Devanagari"),
    "BENGALI": marked("Bengali"),
    "TAMIL": marked("Tamil"),
    "TELUGU": marked("Telugu"),
    "GEORGIAN": marked("Georgian"),
    "ARMENIAN": marked("Armenian"),
    "ETHIOPIC": marked("Ethiopic"),
    "KHMER": marked("Khmer"),
    "MYANMAR": marked("Burmese"),
}
SCRIPTS = (*dict.fromkeys(_NAMES.values()), marked("another"))
LATIN, CYRILLIC, IDEOGRAPHS = SCRIPTS.index("Latin"), SCRIPTS.index("Cyrillic"), SCRIPTS.index("Chinese or Japanese")
_NONE, _SPACE, _SYMBOL, _DIGIT, _BROKEN = -1, -2, -3, -4, -5  # instead of a script
_RUN = 5
_BLOCK = 2_048  # texts

# What UTF-8 reads as when it is taken for Windows-1252 or Latin-1: a first byte, then bytes 80 to BF.
_LATER = np.array(sorted({*range(0x80, 0xC0), *(ord(c) for c in bytes(range(0x80, 0xA0)).decode("cp1252", "ignore"))}))
_FIRST_OF_TWO = np.array([0xC2, 0xC3, 0xCE, 0xCF, 0xD0, 0xD1])  # Latin, Greek, Cyrillic
_FIRST_OF_THREE = np.arange(0xE2, 0xF1)


def text_measures(texts: Sequence[str]) -> NDArray[np.void]:
    """(n,) records of RECORD."""
    made = np.zeros(len(texts), RECORD)
    for start in range(0, len(texts), _BLOCK):
        part = texts[start : start + _BLOCK]
        made[start : start + _BLOCK] = _block(part)
    return made


def _block(texts: Sequence[str]) -> NDArray[np.void]:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    owner = np.repeat(np.arange(len(texts)), lengths)
    kinds = _kinds(codes)
    letter = kinds >= 0

    filled = np.flatnonzero(lengths)  # a sum over no character would be that of the next text's first
    starts = (np.cumsum(lengths) - lengths)[filled]

    def count(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        counted = np.zeros(len(texts))
        if len(filled):
            counted[filled] = np.add.reduceat(mask, starts, dtype=np.int32)
        return counted

    made = np.zeros(len(texts), RECORD)
    letters, ideographs = count(letter), count(kinds == IDEOGRAPHS)
    together = (owner[1:] == owner[:-1]) if len(owner) else np.zeros(0, np.bool_)
    made["length"] = lengths
    made["substance"] = letters + count(kinds == _DIGIT) + 2 * ideographs
    made["damaged"] = _share(count((kinds == _BROKEN) | _misread(codes, owner)), lengths)
    made["symbols"] = _share(count((kinds == _SYMBOL) | (kinds == _BROKEN)), lengths - count(kinds == _SPACE))
    made["repeats"] = _share(count(letter & _in_runs(codes, owner)), letters)
    by_script = np.zeros((len(texts), len(SCRIPTS)))
    for script in np.flatnonzero(np.bincount(kinds[letter], minlength=len(SCRIPTS))).tolist():
        by_script[:, script] = count(kinds == script)
    made["script"] = np.where(letters > 0, by_script.argmax(1), -1)
    made["script_share"] = _share(by_script.max(1), letters)
    meets = together & (np.minimum(kinds[1:], kinds[:-1]) == LATIN) & (np.maximum(kinds[1:], kinds[:-1]) == CYRILLIC)
    made["mixed"] = np.bincount(owner[1:][meets], minlength=len(texts))
    return made


def _share(part: NDArray[np.floating], whole: NDArray[np.number]) -> NDArray[np.float64]:
    return np.where(whole > 0, part / np.maximum(whole, 1), 0)


def _kinds(codes: NDArray[np.uint32]) -> NDArray[np.int8]:
    """(characters,) what each is, by a table of all there can be in which only those are filled in that occur."""
    table = np.zeros(int(codes.max(initial=0)) + 1, np.int8)
    table[codes] = 1
    distinct = np.flatnonzero(table)
    table[distinct] = [_kind(int(code)) for code in distinct]
    return table[codes]


@cache
def _kind(code: int) -> int:
    """The script of a letter by its number; otherwise what else a character is."""
    character = chr(code)
    category = unicodedata.category(character)
    if category[0] == "Z" or character in "\t\n\r\v\f":
        return _SPACE
    if code == 0xFFFD or category in ("Cc", "Co", "Cs", "Cn"):
        return _BROKEN
    if category[0] == "N":
        return _DIGIT
    if category[0] not in "LM":
        return _SYMBOL if category != "Cf" else _NONE  # joins emoji, marks a direction: invisible and harmless
    name = unicodedata.name(character, "")
    known = [script for start, script in _NAMES.items() if name.startswith(start)]
    if not known and category[0] == "M":
        return _NONE  # an accent belongs to the letter before it
    return SCRIPTS.index(known[0]) if known else len(SCRIPTS) - 1


def _misread(codes: NDArray[np.uint32], owner: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(characters,) whether each is part of a sequence that only a wrong decoding makes."""
    misread = np.zeros(len(codes), np.bool_)
    if len(codes) < 2 or codes.max() < 0xC2:
        return misread
    later = np.isin(codes, _LATER)
    followed = np.flatnonzero(later[1:] & (owner[1:] == owner[:-1]))  # the place before a later byte
    two = followed[np.isin(codes[followed], _FIRST_OF_TWO)]
    misread[two] = misread[two + 1] = True
    three = followed[np.isin(codes[followed], _FIRST_OF_THREE) & (followed + 2 < len(codes))]
    three = three[later[three + 2] & (owner[three + 2] == owner[three])]
    for at in range(3):
        misread[three + at] = True
    return misread


def _in_runs(codes: NDArray[np.uint32], owner: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(characters,) whether each stands in a run of five or more of the same."""
    in_runs = np.zeros(len(codes), np.bool_)
    alike = (codes[1:] == codes[:-1]) & (owner[1:] == owner[:-1])
    last = len(codes) - _RUN
    if last < 0:
        return in_runs
    starts = np.flatnonzero(np.logical_and.reduce([alike[at : at + last + 1] for at in range(_RUN - 1)]))
    for at in range(_RUN):
        in_runs[starts + at] = True
    return in_runs
