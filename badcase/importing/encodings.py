"""The encoding of a text file, kept so that every byte which nobody corrects can be written back as it was."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text file as one string whose pieces turn back into exactly the bytes they came from.

    For UTF-16 the string is the decoded text. For every other encoding it holds one character a byte (Latin-1), because
    commas, quotes and newlines are single ASCII bytes there; `decode` gives the meaning of a piece. So an undecodable
    byte spoils the one field it stands in, not the file.
    """

    text: str
    encoding: str
    bom: bytes

    @property
    def _wide(self) -> bool:
        return self.encoding.startswith("utf-16")

    def decode(self, piece: str) -> str:
        """The meaning of a piece of the text; UnicodeDecodeError where its bytes are broken."""
        if self._wide or piece.isascii():
            return piece
        return piece.encode("latin-1").decode(self.encoding)

    def encode(self, meaning: str) -> str:
        """The piece that means this; UnicodeEncodeError where the encoding has no such character."""
        if self._wide or meaning.isascii():
            return meaning
        return meaning.encode(self.encoding).decode("latin-1")

    def to_bytes(self, text: str) -> bytes:
        """The file that a (changed) text makes."""
        return self.bom + (text.encode(self.encoding, "surrogatepass") if self._wide else text.encode("latin-1"))


def read_text(raw: bytes, encoding: str | None = None) -> SourceText:
    """Recognize UTF-8 (with or without BOM), UTF-16, GB18030 and Windows-1252, in that order; or take the one that is named."""
    for bom, marked in _BOMS:
        if raw.startswith(bom):
            return _text(raw[len(bom) :], marked, bom)
    return _text(raw, encoding or _guess(raw), b"")


def read_texts(files: Sequence[bytes], encoding: str | None = None) -> Iterator[SourceText]:
    """Files of one data set: those that are neither marked nor UTF-8 have one encoding, which they tell together.

    A short one alone could be read in several.
    """
    alone = [read_text(raw, encoding) for raw in files]
    told = [one.bom or one.encoding == "utf-8" for one in alone]
    encoding = encoding or _guess(b"\n".join(raw for raw, plain in zip(files, told, strict=True) if not plain))
    for raw, one, plain in zip(files, alone, told, strict=True):
        yield one if plain else _text(raw, encoding, b"")


def _text(raw: bytes, encoding: str, bom: bytes) -> SourceText:
    if encoding.startswith("utf-16"):
        return SourceText(raw[: len(raw) // 2 * 2].decode(encoding, "surrogatepass"), encoding, bom)
    return SourceText(raw.decode("latin-1"), encoding, bom)


def _guess(raw: bytes) -> str:
    sample = raw[:1_000_000]
    if sample.count(0) > len(sample) // 10:
        return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    try:
        raw.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass  # some other encoding, or UTF-8 with a few broken bytes
    loose = raw.decode("utf-8", "replace")
    broken = loose.count("�")
    if broken * 10 <= sum(1 for character in loose if not character.isascii()):
        return "utf-8"
    try:
        chinese = raw.decode("gb18030")
    except UnicodeDecodeError:
        return "cp1252"
    foreign = [character for character in chinese if not character.isascii()]
    cjk = sum("　" <= character <= "鿿" or "＀" <= character <= "￯" for character in foreign)
    return "gb18030" if cjk * 10 >= len(foreign) * 8 else "cp1252"
