"""Lists of images, "images/0.jpg 3": the label of a line replaced in its place, lines of excluded items left out."""

from __future__ import annotations

from badcase.export.corrections import Corrections
from badcase.importing.image_layouts.image_lists import listed_images
from badcase.importing.text_files.encodings import read_text


def rewrite_image_list(name: str, raw: bytes, corrections: Corrections) -> bytes:
    """Every other byte stays as it was. The spellings of the classes are those of the list: numbers where it has numbers."""
    source = read_text(raw)
    text = source.text
    (spellings,) = corrections.written.values()
    made, done = [], 0
    for row, line in enumerate(listed_images(text), 1):
        if line is None:
            continue
        if row in corrections.dropped:
            start = text.rfind("\n", 0, line.start) + 1
            made.append(text[done:start])
            done = text.find("\n", line.end) + 1 or len(text)
        elif row in corrections.labels:
            label = spellings[corrections.labels[row]]
            labels = label if isinstance(label, list | tuple) else [label]
            between = "," if "," in text[line.start : line.end] else " "
            made += [text[done : line.start], source.encode(between.join(map(str, labels)))]
            done = line.end
    return source.to_bytes("".join([*made, text[done:]]))
