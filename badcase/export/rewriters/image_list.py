"""Lists of images, "images/0.jpg 3": the label of a line replaced in its place, lines of excluded items left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from badcase.export.corrections import Corrections
from badcase.importing.encodings import read_text
from badcase.importing.layouts.image_lists import listed_images


def rewrite_image_list(
    name: str, raw: bytes, corrections: Corrections, *, names: Sequence[str], encoding: str | None = None
) -> bytes:
    """Every other byte stays as it was; a label is written as its place in the class names where the line had a number."""
    source = read_text(raw, encoding)
    text = source.text
    place = {one: at for at, one in reversed(list(enumerate(names)))}
    (spellings,) = corrections.written.values()
    spoken: Callable[[str, bool], str] = lambda label, number: str(place[label]) if number and label in place else label
    made, done = [], 0
    for row, line in enumerate(listed_images(text), 1):
        if line is None:
            continue
        if row in corrections.dropped:
            start = text.rfind("\n", 0, line.start) + 1
            end = text.find("\n", line.end) + 1 or len(text)
            made.append(text[done:start])
            done = end
        elif row in corrections.labels:
            label = spellings[corrections.labels[row]]
            labels = [label] if isinstance(label, str) else label
            number = all(one.lstrip("-").isdecimal() for one in line.labels)
            between = "," if "," in text[line.start : line.end] and number else " "
            made += [text[done : line.start], source.encode(between.join(spoken(one, number) for one in labels))]
            done = line.end
    return source.to_bytes("".join([*made, text[done:]]))
