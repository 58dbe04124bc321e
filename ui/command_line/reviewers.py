"""`reviewers`: how far several people agree, how good each is, and what they say together."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer

from badcase.i18n import _, percent
from badcase.project import Project
from badcase.reviewers.adopting import plan_consensus
from badcase.reviewers.of_project import Reviewers
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.verb import ProjectPath, opened_project
from badcase.ui.reviewer_words import answer_name, answers_given
from badcase.ui.wording import count

SHOWN = 20  # rows of a table for people; JSON holds all


def reviewers(
    out: CommandOutput,
    project: ProjectPath,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept-consensus", help=_("Record the consensus of two or more reviewers where the label differs from it.")
        ),
    ] = False,
) -> None:
    """Compare the reviewers: agreement, quality, disagreements, and which items a second one should judge."""
    with opened_project(out, project, reading=not accept) as opened:
        found = opened.reviewers()
        document = _document(opened, found)
        out.give(**document)
        _tell(out, document)
        if accept:
            left = plan_consensus(opened, found).left_out
            changes = opened.accept_consensus()
            out.give(change=changes.title, accepted=len(changes.items), left_out=left, revision=opened.revision)
            for words in (changes.title, *left):
                out.say(words)


def _document(project: Project, found: Reviewers) -> dict[str, Any]:
    made, key = found.consensus, project.items.key
    if made is None:
        return {"reviewers": [], "shared": 0, "alpha": None, "pairs": [], "disagreements": [], "for_second": []}
    return {
        "reviewers": [
            {"name": name, "judged": int(found.seen[:, j].sum()), "quality": _number(made.quality[j])}
            for j, name in enumerate(found.names)
        ],
        "shared": made.agreement.items,
        "alpha": _number(made.agreement.alpha),
        "pairs": [
            {
                "first": found.names[one.first],
                "second": found.names[one.second],
                "items": one.items,
                "alike": _number(one.alike),
                "kappa": _number(one.kappa),
            }
            for one in made.agreement.pairs
        ],
        "disagreements": [_row(project, found, int(i)) for i in found.disagreements()],
        "for_second": [key(int(i)) for i in found.for_second()],
    }


def _row(project: Project, found: Reviewers, i: int) -> dict[str, Any]:
    made = found.consensus
    assert made is not None
    return {
        "key": project.items.key(i),
        "answers": answers_given(project, found, i),
        "consensus": answer_name(project, found, int(made.label[i])),
        "confidence": _number(made.confidence[i]),
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 4)


def _tell(out: CommandOutput, document: dict[str, Any]) -> None:
    if not document["reviewers"]:
        out.say(_("Nobody has reviewed yet."))
        return
    people = [(one["name"], count(one["judged"]), _share(one["quality"])) for one in document["reviewers"]]
    out.table((_("reviewer"), _("judged"), _("quality")), people, right=[1, 2])
    if not document["shared"]:
        out.say(_("No two have judged the same item: there is nothing to compare yet."))
    else:
        pairs = [
            (f"{one['first']}, {one['second']}", count(one["items"]), _share(one["alike"]), _decimal(one["kappa"]))
            for one in document["pairs"]
        ]
        out.table((_("two reviewers"), _("shared items"), _("alike"), _("kappa")), pairs, right=[1, 2, 3])
        out.say(
            _("Krippendorff's alpha {alpha} over {n} shared items").format(
                alpha=_decimal(document["alpha"]), n=count(document["shared"])
            )
        )
    _tell_items(out, document)


def _tell_items(out: CommandOutput, document: dict[str, Any]) -> None:
    rows = [
        (
            one["key"],
            "; ".join(f"{name}: {answer}" for name, answer in one["answers"].items()),
            one["consensus"],
            _decimal(one["confidence"]),
        )
        for one in document["disagreements"][:SHOWN]
    ]
    if rows:
        out.table((_("disagreement"), _("answers"), _("consensus"), _("confidence")), rows, right=[3])
    if document["for_second"]:
        out.say(_("Next for a second reviewer: {keys}").format(keys=", ".join(document["for_second"][:SHOWN])))


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
