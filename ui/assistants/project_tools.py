"""What an assistant may ask of a project. Nothing here changes a label: the one thing that is written is a proposal."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import Kind, Split
from badcase.project import Project
from badcase.store.verdicts import VerdictCode
from badcase.ui.command_line.comparing import compare
from badcase.ui.command_line.models import runs
from badcase.ui.command_line.printing import CommandOutput
from badcase.ui.command_line.ranking import rank

MOST = 200  # items of one answer
LETTERS = 2_000  # of one text
_SIDES = (16, 2_048)  # pixels of a picture


class ProjectTools:
    """One project, opened anew for each question, so that every answer is of that moment and beside the window.

    The answers are what the command line prints with `--json`, where a verb has the same answer.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        Project.open(path, read_only=True).close()  # says here, in words, what is wrong with it

    def schema(self) -> dict[str, Any]:
        """What the project is about: images or texts, its classes with how many items carry each, splits, columns."""
        with self._opened() as project:
            having = project.class_edits.counts()
            return {
                "name": project.name,
                "kind": str(project.kind),
                "task": project.task,
                "items": project.items_now,
                "classes": [{"name": one, "items": int(n)} for one, n in zip(project.label_names, having, strict=True)],
                "splits": {one.name.lower(): int(((project.split == one) & ~project.gone).sum()) for one in Split},
                "gold": int(project.gold.sum()),
                "columns": project.items.metadata_names,
                "revision": project.revision,
            }

    def counts(self) -> dict[str, Any]:
        """How the review stands: to review, reviewed and as what, and the wrong labels that are expected to be left."""
        with self._opened() as project:
            left, counts = project.errors_left(), project.counts()
            names = ("to_review", "reviewed", "fixed", "kept", "excluded", "unsure", "flagged", "of_no_class")
            return {name: getattr(counts, name) for name in names} | {"errors_left": None if left is None else left.words}

    def next_items(self, k: int = 10, reason: str = "") -> dict[str, Any]:
        """The items to look at next, the most suspect first, each with the reasons.

        Args:
            k: How many, up to 200.
            reason: Only items with this reason, by its name in the counts of `reasons`; "" for any.
        """
        return self._said(lambda out: rank(out, self._path, top=_most(k), reason=[reason] if reason else None))

    def find(
        self,
        words: str = "",
        given: str = "",
        label: str = "",
        suggested: str = "",
        split: str = "",
        judged: bool | None = None,
        flagged: bool | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> dict[str, Any]:
        """Items that fit all that is said, in the order of the project.

        Args:
            words: These letters stand in the key or the text, in any case.
            given: The class that the data set says.
            label: The class now.
            suggested: The class that the ranking suggests.
            split: train, validation or test.
            judged: Whether a person has given a verdict.
            flagged: Whether the ranking takes the label for wrong.
            limit: How many items to show, up to 200.
            offset: How many to leave out before them.
        """
        with self._opened() as project:
            fits = np.ones(len(project.items), np.bool_)
            if words:
                fits = np.isin(np.arange(len(fits)), project.items.containing(words))
            for name, ids in ((given, project.given), (label, project.labels)):
                if name:
                    fits &= ids == project.taxonomy.known_id(name)
            ranking = project.ranking
            if (suggested or flagged is not None) and ranking is None:
                raise BadcaseError(_("there is no ranking yet"), where=project.name, hint=_("Run `badcase rank PROJECT` first."))
            if suggested and ranking is not None:
                fits &= ranking.suggested_or_none == project.taxonomy.known_id(suggested)
            if flagged is not None and ranking is not None:
                fits &= ranking.flagged == flagged
            if split:
                if split.upper() not in Split.__members__:
                    known = ", ".join(one.name.lower() for one in Split)
                    raise BadcaseError(_("there is no such split"), where="split", expected=known, got=split)
                fits &= project.split == Split[split.upper()]
            if judged is not None:
                fits &= (project.verdicts != VerdictCode.NONE) == judged
            found = np.flatnonzero(fits)
            shown = found[max(0, offset) : max(0, offset) + _most(limit)]
            return {"total": len(found), "items": [self._row(project, int(i)) for i in shown]}

    def item(self, key: str) -> dict[str, Any]:
        """One item: its text, its columns, its labels, what speaks against the label, and what was decided."""
        with self._opened() as project:
            i, ranking = project.items.find(key), project.ranking
            reasons = [] if ranking is None else [one.text for one in ranking.reasons(i)]
            history = [
                {"verdict": str(one.verdict), "who": one.who, "at": one.at, "undone": one.undone}
                for one in project.journal.history(i)
            ]
            return self._row(project, i) | {
                "reasons": reasons,
                "columns": {name: _shown(value) for name, value in project.items.metadata(i).items()},
                "history": history,
            }

    def picture(self, key: str, max_side: int = 512) -> bytes:
        """The image of one item as PNG, reduced to so many pixels a side; BadcaseError where items are texts."""
        with self._opened() as project:
            if project.kind is not Kind.IMAGE:
                raise BadcaseError(_("the items are texts"), where=project.name, hint=_("Ask for the item instead."))
            image = project.items.image(project.items.find(key), max_side=min(max(max_side, _SIDES[0]), _SIDES[1]))
            image.thumbnail((max_side, max_side))
            file = io.BytesIO()
            image.save(file, "PNG")
            return file.getvalue()

    def runs(self) -> dict[str, Any]:
        """The trainings of the project, with their scores by the labels of today."""
        return self._said(lambda out: runs(out, self._path))

    def comparison(self, before: int, after: int) -> dict[str, Any]:
        """What one run gained over another on gold: fixed, broke, measures with intervals, and the verdict in words."""
        return self._said(lambda out: compare(out, self._path, before, after))

    def propose(self, by: str, proposals: Sequence[tuple[str, str, float | None]]) -> dict[str, Any]:
        """Put proposals in, for people to take or leave. No set of labels that nobody had is made a class.

        Args:
            by: Who proposes.
            proposals: The key of an item, a class by name, and how sure it is of it, 0 to 1 or None; one for an item. All of
                them come in, or none.

        Raises:
            BadcaseError: Where there is no such item or class, or another program has the project open.
        """
        with Project.open(self._path) as project, project.one_step():
            items = [project.items.find(key) for key, _label, _sure in proposals]
            labels = [project.taxonomy.known_id(label) for _key, label, _sure in proposals]
            n = project.proposals.add(by, items, labels, [sure for _key, _label, sure in proposals])
            return {"proposed": n, "by": by}

    def _opened(self) -> Project:
        return Project.open(self._path, read_only=True)

    def _said(self, ask: Callable[[CommandOutput], None]) -> dict[str, Any]:
        """What a verb gives as JSON."""
        out = CommandOutput(as_json=True, quiet=True)
        ask(out)
        return out.document()

    def _row(self, project: Project, i: int) -> dict[str, Any]:
        ranking, classes = project.ranking, project.classes
        row = {
            "key": project.items.key(i),
            "given": classes[int(project.given[i])],
            "label": classes[int(project.labels[i])],
            "split": Split(int(project.split[i])).name.lower(),
            "gold": bool(project.gold[i]),
            "verdict": VerdictCode(int(project.verdicts[i])).name.lower() if project.verdicts[i] else None,
        }
        if project.kind is Kind.TEXT:
            text = project.items.text(i)
            row["text"] = text if len(text) <= LETTERS else text[:LETTERS] + "…"
        if ranking is not None and np.isfinite(ranking.suspicion[i]):
            row["suggested"] = None if ranking.of_no_class[i] else classes[int(ranking.suggested[i])]
            row["suspicion"] = round(float(ranking.suspicion[i]), 4)
            row["flagged"] = bool(ranking.flagged[i])
        return row


def _most(n: int) -> int:
    return min(max(1, n), MOST)


def _shown(value: Any) -> Any:
    return value if isinstance(value, int | float | bool) or value is None else str(value)[:LETTERS]
