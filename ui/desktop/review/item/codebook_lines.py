"""What a class means, in the lines of the panel beside the decision."""

from __future__ import annotations

import numpy as np

from badcase.i18n import _
from badcase.project import Project
from badcase.ui.desktop.look.theme import font
from badcase.ui.desktop.review.item.evidence_panel import EvidenceLine
from badcase.ui.desktop.review.state.review_state import ReviewState
from badcase.ui.desktop.widgets.painting import text_width

_WIDE, _MOST = 280.0, 2  # pixels of a line, and lines of the sentence; the tooltip has all of it


def is_described(project: Project) -> bool:
    """Whether anybody has said what some class means."""
    return any(one.meaning or one.pins or one.rulings for one in project.class_edits.all())


def first_label(reviewer: ReviewState, item: int) -> int:
    """The class of the first answer; of several labels the first of those that are suggested."""
    facts = reviewer.facts
    said = facts.given[item] if reviewer.blind(item) or not facts.ranked else facts.suggested[item]
    return int(np.argmax(said)) if facts.several else int(said)


def codebook_lines(project: Project, label: int) -> list[EvidenceLine]:
    """The sentence, then rulings, examples and counter-examples of a label; none where nobody has said anything."""
    one = project.class_edits.all()[label]
    lines = [EvidenceLine("", part, "") for part in _wrapped(one.meaning)]
    lines += [EvidenceLine("info", rule.text, rule.who) for rule in one.rulings]
    for pin in sorted(one.pins, key=lambda pin: not pin.fits):
        shown = project.items.text(pin.item) if project.kind == "text" else project.items.key(pin.item)
        what, how = pin.note or " ".join(shown.split()), "" if pin.fits else _("not this")
        lines.append(EvidenceLine("check" if pin.fits else "cross", what, how))
    return lines


def _wrapped(sentence: str) -> list[str]:
    """A sentence in lines, the last of which holds all that is left."""
    parts, face = [""], font(13)
    pieces = sentence.split(" ") if " " in sentence else list(sentence)
    joiner = " " if " " in sentence else ""
    for piece in pieces:
        longer = f"{parts[-1]}{joiner}{piece}" if parts[-1] else piece
        if parts[-1] and len(parts) < _MOST and text_width(longer, face) > _WIDE:
            parts.append(piece)
        else:
            parts[-1] = longer
    return [part for part in parts if part]
