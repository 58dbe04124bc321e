"""Ways of spoiling a file, by a random generator: its bytes, its words, and what its format holds, written soundly again."""

from __future__ import annotations

import io
import json
import pickle
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

Bytes = Callable[[Random, bytes], bytes]

MARKER = Path("code-was-run")  # what a file that gets its code run leaves in the folder of its case
_NUMBERS = (0, 1, -1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, -(2**63), 0x66666666)
_CODE = f'__import__("pathlib").Path("{MARKER}").touch()'
_WORDS = [
    *("", "0", "-0", "1e999", "-1e999", "NaN", "Infinity", "9" * 400, "-" + "9" * 30, "1_000", "0x10", "true", "null", "None"),
    *("\x00", "a\x00b", "\u202e", "\ufeff", "\ufffe", "\U0010ffff", "e\u0301" * 400, "\r", "\n\n", "\t", '"', "'", '""', "\\"),
    *("\\ud800", "\\udfff\\ud800", "\\u0000", "\\x", "../../etc/passwd", "/etc/passwd", "C:\\nul", "con", "a/" * 300, "x" * 5000),
    *(
        "0000-00-00",
        "99999-12-31",
        "0001-01-01T00:00:00Z",
        "-1-1-1",
        "=1+1",
        "<b>",
        "%s%n",
        "{0}",
        "$(id)",
        "[" * 3000,
        "{" * 300,
    ),
    *('[{"a":' * 500, '{"a":{"a":{"a":1}}}', "[1,", "{}", "[]", '"\\ud83d"', ",", ";", "|", "#", "__label__", "(" * 300, _CODE),
]
_RAW = [
    b"\xff",
    b"\x00",
    b"\x80\x80",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\x1a",
    b"\x1b[2J",
]
_TOKEN = re.compile(rb'"[^"\n]{0,200}"|-?\d+(?:\.\d+)?|[A-Za-z_]+')


class Payload:
    """An object whose pickle leaves the marker where somebody loads it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (MARKER,))


def spoil_bytes(random: Random, raw: bytes) -> bytes:
    """Flipped, cut, doubled, moved or overwritten bytes, as transport and strangers do it."""
    made = bytearray(raw)
    for _time in range(random.choice((1, 1, 1, 2, 3, 8))):
        if not made:
            break
        at, other = random.randrange(len(made)), random.randrange(len(made))
        size = random.choice((1, 2, 4, 8, 16, 64, 300))
        match random.randrange(10):
            case 0 | 1:
                made[at] ^= 1 << random.randrange(8)
            case 2:
                made[at] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
            case 3:
                width, order = random.choice((2, 4, 8)), random.choice("<>")
                number = random.choice(_NUMBERS) % 2 ** (8 * width)
                made[at : at + width] = struct.pack(order + {2: "H", 4: "I", 8: "Q"}[width], number)
            case 4:
                del made[at:]
            case 5:
                del made[at : at + size]
            case 6:
                made[at:at] = made[other : other + size] * random.choice((1, 1, 2, 50))
            case 7:
                made[at : at + size] = made[other : other + size]
            case 8:
                made[at : at + size] = bytes(size)
            case _:
                made[at:at] = random.choice(
                    (random.randbytes(size), b"\xff" * size, b"A" * 20_000, b"A" * 300_000, b"a," * 100_000)
                )
    return bytes(made)


def spoil_words(random: Random, raw: bytes) -> bytes:
    """Words and numbers of a text made absurd, lines and cells swapped, doubled or lost."""
    made = raw
    for _time in range(random.choice((1, 1, 2, 3))):
        tokens = list(_TOKEN.finditer(made))
        lines = made.splitlines(keepends=True)
        one = random.choice(tokens).span() if tokens else (0, 0)
        two = random.choice(tokens).span() if tokens else (0, 0)
        quoted = made[one[0] : one[0] + 1] == b'"' and random.random() < 0.7
        at, other = (random.randrange(len(lines)), random.randrange(len(lines))) if lines else (0, 0)
        match random.randrange(8):
            case 0 | 1 | 2:
                word = random.choice(_WORDS).encode("utf-8", "surrogatepass")
                made = made[: one[0]] + (b'"' + word + b'"' if quoted else word) + made[one[1] :]
            case 3:
                made = made[: one[0]] + random.choice(_RAW) + made[one[0 if random.random() < 0.5 else 1] :]
            case 4:
                made = made[: one[0]] + made[slice(*two)] + made[one[1] :]
            case 5 if lines:
                lines[at], lines[other] = lines[other], lines[at]
                made = b"".join(lines)
            case 6 if lines:
                lines[at : at + 1] = [lines[at]] * random.choice((0, 0, 2, 40))
                made = b"".join(lines)
            case _:
                made = spoil_bytes(random, made)
    return made


def spoil_values(random: Random, raw: bytes) -> bytes:
    """A JSON document, or JSON lines, of which some values have become others of whatever kind."""
    try:
        whole = [json.loads(raw)]
    except ValueError:
        try:
            whole = [json.loads(line) for line in raw.splitlines() if line.strip()]
        except ValueError:
            return spoil_words(random, raw)
    for _time in range(random.choice((1, 1, 2, 4))):
        _spoil_one(random, whole)
    return "\n".join(json.dumps(one, ensure_ascii=random.random() < 0.8) for one in whole).encode("utf-8", "surrogatepass")


def strange_value(random: Random) -> Any:
    """A value of any kind that JSON has."""
    deep: Any = 1
    for _level in range(200):
        deep = [deep] if random.random() < 0.5 else {"a": deep}
    plain: list[Any] = [
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**30,
        -(2**63),
        float("nan"),
        float("inf"),
        [],
        {},
        [None],
        [[]],
        {"": ""},
    ]
    odd = [
        deep,
        ["a", 1, None],
        {"a": [1, {"b": None}]},
        "\ud800",
        "a\x00b",
        "",
        " ",
        [1] * 1000,
        ["x"] * 300,
        random.choice(_WORDS),
    ]
    return random.choice([*plain, *odd])


def _spoil_one(random: Random, value: Any) -> None:
    """One place in lists and objects, reached by chance, gets another value, name or number of elements."""
    while True:
        places = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not places:
            return
        place = random.choice(places)
        if isinstance(value[place], dict | list) and random.random() < 0.8:
            value = value[place]
            continue
        break
    other = random.choice(places)
    match random.randrange(6):
        case 0:
            del value[place]
        case 1 if isinstance(value, dict):
            value[random.choice([*_WORDS, "\ud800"])] = value.pop(place)
        case 2:
            value[place], value[other] = value[other], value[place]
        case 3 if isinstance(value, list):
            value.extend([value[place]] * 30)
        case _:
            value[place] = strange_value(random)


def spoil_member(inner: Bytes) -> Bytes:
    """A way to spoil a zip: one member is spoilt and all are packed again, so that lengths and checksums are right."""

    def spoil(random: Random, raw: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [(info.filename, archive.read(info)) for info in archive.infolist()]
        which = random.randrange(len(members))
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for at, (name, body) in enumerate(members):
                if at == which:
                    body = inner(random, body)
                    name = random.choice((name,) * 8 + ("../" + name, "/" + name, name + "\x01", "a/" * 90 + name, ""))
                with suppress(ValueError):
                    archive.writestr(zipfile.ZipInfo(name), body)
        return sink.getvalue()

    return spoil


def spoil_npy(random: Random, raw: bytes) -> bytes:
    """An array file with another header: shapes, types and orders that the bytes behind it do not have."""
    size = struct.unpack_from("<H", raw, 8)[0]
    if random.random() < 0.1:
        header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
        return raw[:8] + struct.pack("<H", len(header)) + header + pickle.dumps(Payload())
    kinds = ("|O", "<f8", ">f4", "<c16", "<M8[ns]", "<U5", "|S3", "|V8", "<i8", "|b1", "<f2", [("a", "<i4"), ("b", "|O")], "[", 7)
    shapes: tuple[Any, ...] = (
        (0,),
        (),
        (2**40,),
        (-1,),
        (10**30, 10),
        (3, 0),
        (1,) * 70,
        (2.5,),
        None,
        (2**31, 2**31),
        (True, 3),
    )
    header = repr(
        {"descr": random.choice(kinds), "fortran_order": random.random() < 0.5, "shape": random.choice(shapes)}
    ).encode()
    if random.random() < 0.4:
        header = spoil_words(random, raw[10 : 10 + size])
    header = (header + b"\n")[:60_000]
    return raw[:8] + struct.pack("<H", len(header)) + header + raw[10 + size :]


def spoil_tar(random: Random, raw: bytes) -> bytes:
    """A tar one of whose headers is spoilt and has the right checksum."""
    made = bytearray(raw)
    at = 512 * random.randrange(max(1, len(made) // 512))
    for start, length in random.choices(((0, 100), (124, 12), (156, 1), (157, 100), (345, 155)), k=2):
        made[at + start : at + start + length] = spoil_bytes(random, bytes(made[at + start : at + start + length]))[
            :length
        ].ljust(length, b"\0")
    made[at + 148 : at + 156] = b" " * 8
    made[at + 148 : at + 156] = b"%06o\0 " % (sum(made[at : at + 512]) % 0o777777)
    return bytes(made)


def spoil_png(random: Random, raw: bytes) -> bytes:
    """A PNG one of whose chunks is spoilt and has the right checksum, so that its content reaches the decoder."""
    made, at = [raw[:8]], 8
    chunks = []
    while at + 12 <= len(raw):
        size = struct.unpack_from(">I", raw, at)[0]
        chunks.append((raw[at + 4 : at + 8], raw[at + 8 : at + 8 + size]))
        at += 12 + size
    which = random.randrange(len(chunks))
    for place, (kind, body) in enumerate(chunks):
        if place == which:
            body = spoil_bytes(random, body)
            kind = random.choice(
                (kind, kind, kind, random.choice(chunks)[0], b"tRNS", b"iCCP", b"eXIf", b"fdAT", b"acTL", b"zTXt")
            )
        made.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
    return b"".join(made)


def either(*ways: Bytes) -> Bytes:
    """One of several ways, by chance."""

    def spoil(random: Random, raw: bytes) -> bytes:
        return random.choice(ways)(random, raw)

    return spoil
