"""What was decided on an item, in words that say by whom. No Qt."""

from __future__ import annotations

from badcase.i18n import _
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.reviewer_words import reviewer_name


def verdict_words(project: Project, item: int) -> str:
    """The verdict that stands on an item: "you set seven"; "" where there is none."""
    verdict = VerdictCode(int(project.verdicts[item]))
    if verdict is VerdictCode.NONE:
        return ""
    who = project.journal.judge_of(item)
    mine = {
        VerdictCode.RELABEL: _("you set {name}"),
        VerdictCode.KEEP: _("you kept {name}"),
        VerdictCode.EXCLUDE: _("you excluded it"),
        VerdictCode.UNSURE: _("you are unsure"),
    }
    theirs = {
        VerdictCode.RELABEL: _("{who} set {name}"),
        VerdictCode.KEEP: _("{who} kept {name}"),
        VerdictCode.EXCLUDE: _("{who} excluded it"),
        VerdictCode.UNSURE: _("{who} is unsure"),
    }
    words = (mine if who == project.journal.me else theirs)[verdict]
    return words.format(who=reviewer_name(who), name=project.classes[int(project.labels[item])])
