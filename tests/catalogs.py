"""The texts of the program and the catalogs that translate them, by Babel.

`python -m tests.catalogs` brings every catalog in step with the texts and compiles it; with codes, such as `pl pt_BR`, it
begins theirs first. What a catalog lacks is then an empty entry in it, or one marked fuzzy where a text has changed.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from badcase.i18n import COMPILED, LOCALES
from badcase.ui.cli import VERBS
from tests import ROOT

PACKAGES = ("badcase", "training", "ui")
# What is called with texts, as Babel wants it: which arguments are the text, its plural, its context.
KEYWORDS = {"_": None, "marked": None, "plural": (1, 2), "pgettext": ((1, "c"), 2)}


def template() -> Catalog:
    """Each text that the program says, in the order of the files."""
    texts = Catalog(project="badcase", header_comment="")
    for package in PACKAGES:
        for found in extract_from_dir(ROOT / package, [("**.py", "python")], keywords=KEYWORDS, comment_tags=["Translators:"]):
            _file, _line, text, comments, context = found
            texts.add(text, auto_comments=comments, context=context)
    for verbs in VERBS.values():
        for verb in verbs.values():
            texts.add(verb.__doc__)  # the help of a command, which Babel does not see
    return without_percents(texts)


def without_percents(texts: Catalog) -> Catalog:
    """The same, and "95 % of" is taken for no placeholder: the program has those in braces only."""
    for message in texts:
        message.flags.discard("python-format")
    return texts


def key(message: Message) -> tuple[str | None, str]:
    """What a text is known by: its context and its singular."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def sources() -> list[Path]:
    """The catalogs that translators edit."""
    return sorted(LOCALES.glob(f"*/{Path(COMPILED).with_suffix('.po')}"))


def read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return without_percents(read_po(file, locale=source.parent.parent.name, abort_invalid=True))


def compiled(catalog: Catalog) -> bytes:
    """What the program reads: all but the fuzzy entries and the empty ones."""
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def begun(code: str) -> Path:
    """The empty catalog of a language; one that is there already stays."""
    source = LOCALES / code / Path(COMPILED).with_suffix(".po")
    if not source.exists():
        source.parent.mkdir(parents=True)
        _write(Catalog(code, project="badcase", header_comment=f"# {code}"), source)
    return source


def _write(catalog: Catalog, source: Path) -> None:
    catalog.project, catalog.version, catalog.msgid_bugs_address = "badcase", version("badcase"), ""
    with source.open("wb") as file:
        write_po(file, catalog, width=0, no_location=True, ignore_obsolete=True, include_previous=True)


def main(new: list[str]) -> None:
    texts = template()
    for source in [*map(begun, new), *sources()]:
        catalog = read(source)
        catalog.update(texts, update_creation_date=False)
        without_percents(catalog)
        _write(catalog, source)
        source.with_suffix(".mo").write_bytes(compiled(catalog))
        left = sum(not message.string or message.fuzzy for message in catalog if message.id)
        print(f"{source.relative_to(ROOT)}: {left} of {len(catalog)} texts to translate")


if __name__ == "__main__":
    main(sys.argv[1:])
