"""The encoding of a text file, kept so that every byte which nobody corrects can be written back as it was."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing.text_files.encoding_guess import Guess, encoding_name, guess_encoding

# The marks of UTF-32 first: that of UTF-16 is the beginning of one of them.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What a byte of ASCII does not always mean: it can be a part of another character, or stand for another.
_SHIFTED = ("utf-16", "utf-32", "utf-7", "iso2022", "hz", "johab")
# Where a bar can be the second byte of a character; a comma, a semicolon, a tab and a quote cannot.
_BAR_INSIDE = ("gb18030", "gbk", "big5", "cp950", "cp932", "shift_jis")
_WITHOUT_ORDER = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_ESCAPES = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$B", "iso2022_jp"), (b"\x1b$@", "iso2022_jp"), (b"~{", "hz"))


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text file as one string whose pieces turn back into exactly the bytes they came from.

    Where bytes of ASCII stand for themselves, the string holds one character a byte (Latin-1): commas, quotes and newlines
    are found in it, and `decode` gives the meaning of a piece, so that an undecodable byte spoils the one field it stands
    in, not the file. For every other encoding (`wide`: UTF-16, ISO-2022-JP, EBCDIC) the string is the decoded text.

    Attributes:
        bom: The mark at the start of the file.
        tail: The bytes at its end that are no whole character.
        near: Encodings that fit almost as well, and read the text otherwise.
        wide: Whether the string is the decoded text.
    """

    text: str
    encoding: str
    bom: bytes
    tail: bytes = b""
    near: tuple[str, ...] = ()
    wide: bool = False

    @property
    def bar_hides(self) -> bool:
        """Whether a bar in the string may be a part of a character."""
        return not self.wide and self.encoding.startswith(_BAR_INSIDE)

    def decode(self, piece: str) -> str:
        """The meaning of a piece of the text; UnicodeDecodeError where its bytes are broken."""
        if self.wide or piece.isascii():
            return piece
        return piece.encode("latin-1").decode(self.encoding)

    def decode_loosely(self, piece: str) -> str:
        """The same with a mark in the place of each broken byte."""
        return piece if self.wide else piece.encode("latin-1").decode(self.encoding, "replace")

    def encode(self, meaning: str) -> str:
        """The piece that means this; BadcaseError where the encoding has no such character."""
        if meaning.isascii() and not self.wide:
            return meaning
        try:
            raw = meaning.encode(self.encoding, "surrogatepass" if self.encoding.startswith("utf") else "strict")
        except UnicodeEncodeError as error:
            raise BadcaseError(
                _("the encoding of the file, {encoding}, has no such character").format(encoding=encoding_name(self.encoding)),
                got=f"{meaning[error.start : error.end]} ({meaning})",
                hint=_("Export to another format, such as csv, which is UTF-8, or rename the class."),
            ) from error
        return meaning if self.wide else raw.decode("latin-1")

    def to_bytes(self, text: str) -> bytes:
        """The file that a (changed) text makes."""
        if not self.wide:
            return self.bom + text.encode("latin-1")
        errors = "surrogatepass" if self.encoding.startswith("utf") else "strict"
        return self.bom + text.encode(self.encoding, errors) + self.tail

    def decoded(self) -> SourceText | None:
        """The same with the decoded text as its string, where that turns back into the same bytes; else None."""
        if self.wide:
            return self
        try:
            text = self.decode(self.text)
            whole = replace(self, text=text, wide=True)
            return whole if whole.to_bytes(text) == self.to_bytes(self.text) else None
        except (UnicodeDecodeError, UnicodeEncodeError):
            return None

    def notes(self, name: str) -> list[str]:
        """What a person should know of how it was recognized: nothing where it is UTF-8."""
        if self.encoding == "utf-8":
            return []
        values = {"name": name, "encoding": encoding_name(self.encoding)}
        if not self.near:
            return [_("{name} is read as {encoding}.").format(**values)]
        others = ", ".join(f"{encoding_name(one)} ({one})" for one in self.near)
        said = _("{name} is read as {encoding}; where texts look wrong, say --encoding with another that fits: {others}.")
        return [said.format(**values, others=others)]


def known_encoding(name: str) -> str:
    """Python's name of an encoding; BadcaseError where there is none of this name."""
    try:
        found = codecs.lookup(name)
        if not found._is_text_encoding:  # base64 and the like
            raise LookupError(name)
        "".encode(found.name)
    except (LookupError, ValueError) as error:
        raise BadcaseError(
            _("there is no such encoding"),
            where="--encoding",
            expected=_("a name such as utf-8, cp1252, shift_jis, gb18030, euc_kr or koi8-r"),
            got=name,
            hint=_("Leave it out to have the encoding recognized."),
        ) from error
    plain = found.name.replace("_", "-") if found.name.startswith(("utf_", "utf-")) else found.name
    return _WITHOUT_ORDER.get(plain, plain)


def read_text(raw: bytes, encoding: str | None = None) -> SourceText:
    """The text of a file in the encoding that its mark says, else the one that is named, else the one that it looks like."""
    for bom, marked in _BOMS:
        if raw.startswith(bom):
            return _text(raw[len(bom) :], Guess(marked), bom)
    return _text(raw, Guess(known_encoding(encoding)) if encoding else _guess(raw), b"")


def read_texts(files: Sequence[bytes], encoding: str | None = None) -> Iterator[SourceText]:
    """Files of one data set: those that are neither marked nor UTF-8 have one encoding, which they tell together.

    A short one alone could be read in several.
    """
    if encoding is not None:
        yield from (read_text(raw, encoding) for raw in files)
        return
    plain = [raw.startswith(tuple(bom for bom, _name in _BOMS)) or _unicode(raw) is not None for raw in files]
    together = b"\n".join(raw for raw, one in zip(files, plain, strict=True) if not one)
    guess = guess_encoding(together) if together else Guess("utf-8")
    for raw, one in zip(files, plain, strict=True):
        yield read_text(raw) if one else _text(raw, guess, b"")


def files_notes(names: Sequence[str], sources: Sequence[SourceText]) -> list[str]:
    """What a person should know of the encodings of many files: one sentence for each that is not UTF-8."""
    found: dict[str, list[int]] = {}
    for at, source in enumerate(sources):
        if source.encoding != "utf-8":
            found.setdefault(source.encoding, []).append(at)
    notes = []
    for encoding, places in found.items():
        one = _("{name} is read as {encoding}.")
        many = _("{name} and {n} other files are read as {encoding}; where texts look wrong, say --encoding.")
        values = {"name": names[places[0]], "n": len(places) - 1, "encoding": encoding_name(encoding)}
        notes.append((one if len(places) == 1 else many).format(**values))
    return notes


@cache
def _is_wide(encoding: str) -> bool:
    ascii_bytes = bytes(range(128))
    return encoding.startswith(_SHIFTED) or ascii_bytes.decode(encoding, "replace") != ascii_bytes.decode("ascii")


def _text(raw: bytes, guess: Guess, bom: bytes) -> SourceText:
    encoding = guess.encoding
    if not _is_wide(encoding):
        return SourceText(raw.decode("latin-1"), encoding, bom, near=guess.near)
    unit = 2 if encoding.startswith("utf-16") else 4 if encoding.startswith("utf-32") else 1
    whole = len(raw) // unit * unit
    try:
        text = raw[:whole].decode(encoding, "surrogatepass" if unit > 1 else "strict")
    except UnicodeDecodeError as error:
        raise BadcaseError(
            _("a byte that is not {encoding}").format(encoding=encoding_name(encoding)),
            where=_("line {n}").format(n=raw[: error.start].count(b"\n") + 1),
            hint=_("Name the encoding that the file has with --encoding."),
        ) from error
    return SourceText(text, encoding, bom, raw[whole:], guess.near, True)


def _unicode(raw: bytes) -> str | None:
    """UTF-8, UTF-16 or UTF-32 without a mark, or a text that switches its characters by escapes; None where it is none."""
    sample = raw[:1_000_000]
    zeros = [sample[at::4].count(0) for at in range(4)]
    if sum(zeros) > len(sample) // 10:
        most = len(sample) / 4 * 0.9
        if min(zeros[2:]) >= most or min(zeros[:2]) >= most:
            return "utf-32-le" if zeros[3] >= zeros[0] else "utf-32-be"
        return "utf-16-le" if zeros[1] + zeros[3] >= zeros[0] + zeros[2] else "utf-16-be"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        pass  # some other encoding, or UTF-8 with a few broken bytes
    else:
        return _escaped(raw) or "utf-8"
    loose = raw.decode("utf-8", "replace")
    broken = loose.count("�")
    return "utf-8" if broken * 10 <= sum(1 for character in loose if not character.isascii()) else None


def _escaped(raw: bytes) -> str | None:
    if not raw.isascii():
        return None
    for mark, encoding in _ESCAPES:
        if mark in raw:
            try:
                return encoding if raw.decode(encoding).encode(encoding) == raw else None
            except (UnicodeDecodeError, UnicodeEncodeError):
                continue
    return None


def _guess(raw: bytes) -> Guess:
    told = _unicode(raw)
    return Guess(told) if told is not None else guess_encoding(raw)
