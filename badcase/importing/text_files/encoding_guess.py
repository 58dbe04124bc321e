"""Which encoding a text is in that is not UTF-8: the one in which its characters are the most probable ones.

Every candidate reads the text, and what it reads is priced: a character costs the more the rarer it is in the language that fits
best, and a change of script or case inside a word costs too. The cheapest reading wins, and those that come near are told.
What no candidate reads well is left to charset-normalizer, which knows every encoding of Python.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log

from badcase.importing.text_files.letters import ARABIC, CYRILLIC, GREEK, HANGUL, HANZI, HEBREW, LATIN, MARKS, QUOTES, THAI

_ENOUGH = 4_000  # bytes beyond ASCII that are priced; more change no answer
_BEFORE = 64  # letters of ASCII in front of the first other one that belong to its word
_HEAD = 100_000  # bytes that charset-normalizer looks at
_LOST = 16.0  # what a byte costs that the encoding does not have
_STRANGE = 9.0  # what a character costs that no text of the script has
_ODD = frozenset("|@[\\]^_`{}~€£©°®™§²³½•")  # marks that no word has inside
_OPENING, _CLOSING = "“‘«„", "”»"  # the former end no word, the latter begin none
_PLAIN = " ,.;:!?'\"()-/&%\t\r\n\x85"
_WELL = 9.0  # cost of a character on average, up to which a text is one of some language for sure
_POOR = 10.0  # cost of a character on average, above which no candidate reads the text well
_NEAR = 0.06  # share of the cheapest reading's cost within which another one is told

_ALPHABETS = frozenset("".join((*CYRILLIC.values(), *GREEK.values())))
_ALPHABETS |= {letter.upper() for letter in _ALPHABETS}

# Encoding -> its languages, and what it costs to assume it where nothing else tells.
_SINGLE: dict[str, tuple[Mapping[str, str], float]] = {
    "cp1252": (LATIN, -1),
    "cp1251": (CYRILLIC, 0),
    "cp1250": (LATIN, 1),
    "iso8859_2": (LATIN, 1),
    "koi8_r": (CYRILLIC, 1),
    "koi8_u": (CYRILLIC, 1.5),
    "cp1253": (GREEK, 1),
    "iso8859_7": (GREEK, 1.5),
    "cp1254": (LATIN, 1.5),
    "cp1255": (HEBREW, 1),
    "iso8859_8": (HEBREW, 1.5),
    "cp1256": (ARABIC, 1),
    "iso8859_6": (ARABIC, 1.5),
    "cp1257": (LATIN, 1.5),
    "cp1258": (LATIN, 2),
    "cp874": (THAI, 4),
    "iso8859_15": (LATIN, 1.5),
    "iso8859_16": (LATIN, 3),
    "iso8859_4": (LATIN, 3),
    "iso8859_10": (LATIN, 3),
    "iso8859_5": (CYRILLIC, 2),
    "cp866": (CYRILLIC, 2),
    "mac_cyrillic": (CYRILLIC, 2),
    "cp855": (CYRILLIC, 3),
    "mac_roman": (LATIN, 2),
    "mac_latin2": (LATIN, 3),
    "mac_turkish": (LATIN, 3),
    "mac_greek": (GREEK, 3),
    "cp850": (LATIN, 2),
    "cp852": (LATIN, 2),
    "cp437": (LATIN, 3),
    "cp857": (LATIN, 3),
    "cp737": (GREEK, 3),
    "cp862": (HEBREW, 3),
    "cp775": (LATIN, 4),
    "cp858": (LATIN, 4),
    "cp860": (LATIN, 4),
    "cp861": (LATIN, 4),
    "cp863": (LATIN, 4),
    "cp865": (LATIN, 4),
    "iso8859_3": (LATIN, 4),
    "iso8859_9": (LATIN, 4),
    "iso8859_13": (LATIN, 4),
    "iso8859_14": (LATIN, 4),
    "hp_roman8": (LATIN, 5),
    "mac_croatian": (LATIN, 4),
    "mac_iceland": (LATIN, 4),
    "mac_romanian": (LATIN, 4),
    "cp869": (GREEK, 4),
    "cp1125": (CYRILLIC, 4),
    "koi8_t": (CYRILLIC, 4),
    "kz1048": (CYRILLIC, 4),
    "ptcp154": (CYRILLIC, 4),
    "cp720": (ARABIC, 4),
    "cp1006": (ARABIC, 5),
    "cp856": (HEBREW, 4),
}
# Encodings of mainframes, in which no letter of ASCII has its usual byte, and their languages.
_EBCDIC = {"cp037": LATIN, "cp500": LATIN, "cp1140": LATIN, "cp273": LATIN, "cp1026": LATIN, "cp424": HEBREW, "cp875": GREEK}
_NAMES = {
    "cp932": "Shift_JIS",
    "cp949": "EUC-KR",
    "cp950": "Big5",
    "big5hkscs": "Big5-HKSCS",
    "euc_jp": "EUC-JP",
    "gb18030": "GB18030",
    "cp874": "TIS-620",
    "koi8_r": "KOI8-R",
    "koi8_u": "KOI8-U",
    "mac_roman": "Mac Roman",
    "mac_cyrillic": "Mac Cyrillic",
    "iso2022_jp": "ISO-2022-JP",
    "iso2022_kr": "ISO-2022-KR",
    "hz": "HZ",
    "johab": "Johab",
}


@dataclass(frozen=True, slots=True)
class Guess:
    """The likeliest encoding (Python's name), and others that read the text almost as well, otherwise."""

    encoding: str
    near: tuple[str, ...] = ()


def encoding_name(encoding: str) -> str:
    """The name that people know: "Shift_JIS" for cp932, "Windows-1252" for cp1252."""
    if encoding.startswith("cp125"):
        return "Windows-" + encoding.removeprefix("cp")
    if encoding.startswith("iso8859_"):
        return "ISO-8859-" + encoding.removeprefix("iso8859_")
    return _NAMES.get(encoding, encoding.upper().replace("_", "-"))


def guess_encoding(raw: bytes) -> Guess:
    """The encoding of bytes that are no UTF-8 and no UTF-16."""
    mainframe = _is_ebcdic(raw)
    sample = raw[:_HEAD] if mainframe else _sample(raw)
    readings: dict[str, float] = {}
    texts: dict[str, str] = {}
    for encoding, price, prior in _mainframe_candidates() if mainframe else _candidates():
        text = sample.decode(encoding, "replace")
        if text in texts.values():
            continue  # the same reading under another name
        texts[encoding] = text
        readings[encoding] = prior + price(text)
    order = sorted(readings, key=readings.__getitem__)
    whole = next((one for one in order if readings[one] < readings[order[0]] * (1 + _NEAR) + 3 and _decodes(raw, one)), order[0])
    foreign = sum(not character.isascii() for character in texts[whole])
    if readings[whole] > _POOR * max(foreign, 1) and (other := _by_charset_normalizer(raw)):
        return Guess(other)
    limit = readings[whole] * (1 + _NEAR) + 2
    near = tuple(one for one in order if one != whole and readings[one] <= limit and _decodes(raw, one))
    return Guess(whole, near[:3])


def _sample(raw: bytes) -> bytes:
    """The first words of the text that are not ASCII alone."""
    pieces, size = [], 0
    # Blanks and these marks are no second byte of a character in any candidate.
    for found in re.finditer(rb"""[\x80-\xff][^\s,;"]{0,%d}""" % _ENOUGH, raw):
        before = re.split(rb"""[\s,;"]""", raw[max(0, found.start() - _BEFORE) : found.start()])[-1]
        pieces.append(before + found[0])
        size += len(pieces[-1])
        if size > _ENOUGH:
            break
    return b" ".join(pieces)


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _by_charset_normalizer(raw: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:_HEAD]).best()
    try:
        exact = best is not None and raw.decode(best.encoding).encode(best.encoding) == raw
    except (UnicodeDecodeError, UnicodeEncodeError):
        exact = False
    return best.encoding if best is not None and exact else None


def _candidates() -> Iterator[tuple[str, Callable[[str], float], float]]:
    yield "gb18030", lambda text: _price_ideographs(text, _chinese), 0
    yield "cp932", lambda text: _price_ideographs(text, _japanese), 0
    yield "cp949", lambda text: _price_ideographs(text, _korean), 0
    yield "cp950", lambda text: _price_ideographs(text, _taiwanese), 0
    yield "euc_jp", lambda text: _price_ideographs(text, _japanese), 0.5
    yield "big5hkscs", lambda text: _price_ideographs(text, _taiwanese), 2
    yield "johab", lambda text: _price_ideographs(text, _korean), 3
    yield "euc_jis_2004", lambda text: _price_ideographs(text, _japanese), 4
    yield "shift_jis_2004", lambda text: _price_ideographs(text, _japanese), 4
    for encoding, (languages, prior) in _SINGLE.items():
        yield encoding, lambda text, languages=languages: _price_letters(text, languages), prior  # type: ignore[misc]


def reads_well(text: str) -> bool:
    """Whether the characters beyond ASCII are such as stand together in some language, not such as chance draws."""
    foreign = sum(not character.isascii() for character in text)
    return min(price(text) for _encoding, price, _prior in _candidates()) <= _WELL * foreign


def _is_ebcdic(raw: bytes) -> bool:
    """Whether a text has the blanks, line ends and letters of a mainframe, and neither blanks nor line ends of ASCII."""
    head = raw[:_HEAD]
    if b" " in head or b"\n" in head or 50 * head.count(b"\x40") < len(head) or not {0x15, 0x25} & set(head):
        return False
    return any(sum(one.isalnum() or one in _PLAIN for one in head.decode(page, "replace")) > 0.9 * len(head) for page in _EBCDIC)


def _mainframe_candidates() -> Iterator[tuple[str, Callable[[str], float], float]]:
    for encoding, languages in _EBCDIC.items():
        yield encoding, lambda text, languages=languages: _price_mainframe(text, languages), 0  # type: ignore[misc]


def _price_mainframe(text: str, languages: Mapping[str, str]) -> float:
    """Marks count too: where one page has a letter of some language, another has a mark of ASCII."""
    marks = sum(one.isascii() and not one.isalnum() and one not in _PLAIN for one in text)
    return _price_letters(text.replace("\x85", "\n"), languages) + _STRANGE * marks


def _foreign(text: str) -> dict[str, int]:
    """How often each character beyond ASCII occurs."""
    return {character: n for character, n in Counter(text).items() if not character.isascii()}


# --- alphabets --------------------------------------------------------------------------------------------------------


@cache
def _costs(letters: str) -> dict[str, float]:
    weights = {letter: 1 / (rank + 3) for rank, letter in enumerate(letters)}
    whole = sum(weights.values())
    return {letter: -log(0.85 * weight / whole) for letter, weight in weights.items()}


def _price_letters(text: str, languages: Mapping[str, str]) -> float:
    counts = _foreign(text)
    known = frozenset("".join(languages.values()))
    own = min(_price_in(counts, _costs(letters), known) for letters in languages.values())
    return own + _price_words(text, latin=languages is LATIN)


def _price_in(counts: Mapping[str, int], costs: Mapping[str, float], known: frozenset[str]) -> float:
    return sum(n * _price(character, costs, known) for character, n in counts.items())


def _price(character: str, costs: Mapping[str, float], known: frozenset[str]) -> float:
    if character == "�":
        return _LOST
    lower = character.lower()
    if (cost := costs.get(lower if len(lower) == 1 else character)) is not None:
        return cost
    if character in QUOTES:
        return 3.0
    if character in MARKS:
        return 5.0
    if lower in known:
        return 6.5
    return _LOST if "\x80" <= character <= "\x9f" else _STRANGE


def _price_words(text: str, *, latin: bool) -> float:
    """What the forms of the words cost: capitals behind small letters, two scripts in one word, accents side by side."""
    cost = 0.0
    for (one, other), n in Counter(pairwise(text)).items():
        plain = one.isascii() + other.isascii()
        if plain == 2 or not (one.isalpha() or other.isalpha()):
            continue
        if not (one.isalpha() and other.isalpha()):
            letter, mark, wrong = (one, other, _OPENING) if one.isalpha() else (other, one, _CLOSING)
            if not letter.isascii() and (mark.isdigit() or mark in _ODD or mark in wrong):
                cost += 4.0 * n
            continue
        if one.islower() and other.isupper():
            cost += 4.0 * n
        elif one.isupper():
            cost += (0.4 if other.isupper() else 1.5) * n
        if latin and plain == 0:
            cost += 2.0 * n
        if not latin and plain == 1:
            cost += 4.0 * n
    return cost


# --- ideographs -------------------------------------------------------------------------------------------------------


def _price_ideographs(text: str, price: Callable[[str], float]) -> float:
    return sum(n * price(one) for one, n in _foreign(text).items())


def _lead(character: str, encoding: str) -> int:
    try:
        raw = character.encode(encoding)
    except UnicodeEncodeError:
        return 0
    return raw[0] if len(raw) == 2 else 0


@cache
def _chinese(character: str) -> float:
    """The first level of GB 2312 holds the 3,755 characters of everyday Chinese."""
    if (cost := _any_ideograph(character)) is not None:
        return cost
    if _is_kana(character):
        return 7.0
    return 8.4 if 0xB0 <= _lead(character, "gb2312") <= 0xD7 else 13.0


@cache
def _taiwanese(character: str) -> float:
    """The first level of Big5 holds the 5,401 characters of everyday Chinese."""
    if (cost := _any_ideograph(character)) is not None:
        return cost
    return 8.6 if 0xA4 <= _lead(character, "big5") <= 0xC6 and not _is_kana(character) else 13.0


@cache
def _japanese(character: str) -> float:
    if _is_kana(character):
        return 5.0
    if "ｦ" <= character <= "ﾟ":
        return 6.5  # katakana of half width
    if (cost := _any_ideograph(character, frequent="")) is not None:
        return cost
    return 8.6 if 0xB0 <= _lead(character, "euc_jp") <= 0xCF else 13.0


@cache
def _korean(character: str) -> float:
    if (cost := _any_ideograph(character, frequent="")) is not None:
        return cost
    if "가" <= character <= "힣":
        return 6.0 if character in HANGUL else 9.0 if _lead(character, "euc_kr") else 13.0
    return 12.0


def _any_ideograph(character: str, frequent: str = HANZI) -> float | None:
    if character == "�":
        return _LOST
    if character in MARKS:
        return 5.0
    if character in frequent:
        return 5.6
    if "！" <= character <= "｝":
        return 7.5  # full-width forms of ASCII
    if character in _ALPHABETS:
        return 6.5  # which these encodings have too
    return None


def _is_kana(character: str) -> bool:
    return "ぁ" <= character <= "ヿ"
