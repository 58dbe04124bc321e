"""JSON records as the programs that people label with write them: read as plain columns, and written back."""

from badcase.importing.json_layouts.argilla import ARGILLA
from badcase.importing.json_layouts.label_studio import LABEL_STUDIO, LABEL_STUDIO_MIN
from badcase.importing.json_layouts.layout import JsonLayout
from badcase.importing.json_layouts.prodigy import PRODIGY
from badcase.importing.json_layouts.spacy_cats import SPACY

LAYOUTS: dict[str, JsonLayout] = {
    "label_studio": LABEL_STUDIO,
    "label_studio_min": LABEL_STUDIO_MIN,
    "argilla": ARGILLA,
    "prodigy": PRODIGY,
    "spacy": SPACY,
}
