"""Row rules: what each row of the database must be. SQLite lets any cell hold anything, so rows are checked as they are read."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked

_VERDICTS = "('relabel', 'keep', 'exclude', 'unsure')"


@dataclass(frozen=True, slots=True)
class RowRule:
    """A condition in SQL over one row, of n items and k classes, and the words for it."""

    condition: str
    expected: str


def _all(*conditions: str) -> str:
    return " AND ".join(f"({one})" for one in conditions)


def _is(kind: str, *columns: str) -> str:
    return _all(*(f"typeof({column}) = '{kind}'" for column in columns))


def _may_be(kind: str, *columns: str) -> str:
    return _all(*(f"typeof({column}) IN ('{kind}', 'null')" for column in columns))


RULES = {
    "settings": RowRule(_is("text", "name", "value"), marked("a name and a text of JSON")),
    "classes": RowRule(
        _all("id BETWEEN 0 AND (SELECT COUNT(*) FROM classes) - 1", _is("text", "name"), "name <> ''"),
        marked("a name for each class, numbered from 0"),
    ),
    "set_aside": RowRule(
        _all(_may_be("integer", "row"), _may_be("text", "key", "place", "what", "remedy")), marked("a row number and texts")
    ),
    "gold": RowRule("item BETWEEN 0 AND :n - 1", marked("items of the project")),
    "journal": RowRule(
        _all(
            _is("integer", "batch"),
            "batch BETWEEN 1 AND seq",
            _is("text", "who", "at"),
            _may_be("text", "shown"),
            "opinion IN (0, 1, 2)",
            "CASE WHEN classes IS NOT NULL THEN "
            + _all(
                _is("text", "classes"),
                "json_valid(classes)",
                "action = 'verdict'",
                "item IS NULL AND verdict IS NULL AND label IS NULL",
            )
            + " WHEN action = 'verdict' THEN "
            + _all(
                _is("integer", "item"),
                "item BETWEEN 0 AND :n - 1",
                f"verdict IN {_VERDICTS}",
                "CASE WHEN label IS NULL THEN verdict <> 'relabel' ELSE "
                + _is("integer", "label")
                + " AND label BETWEEN 0 AND :k - 1 END",
            )
            + " ELSE action IN ('undo', 'redo') AND item IS NULL AND verdict IS NULL AND label IS NULL END",
        ),
        marked("a verdict about an item and a class of the project, a change to the classes, an undo or a redo"),
    ),
    "prediction_sets": RowRule(
        _all("id > 0", "folder = CAST(id AS TEXT)", _is("text", "folder", "made", "meta")),
        marked("the number of a prediction set, which is its folder, a time, and a text of JSON"),
    ),
    "runs": RowRule(
        _all(
            "id > 0",
            "kind IN ('initial', 'training', 'soup', 'cross_validation', 'trial', 'tuning', 'nested_tuning')",
            "state IN ('running', 'done', 'failed', 'cancelled')",
            _is("text", "title", "recipe", "start", "started", "metrics", "error"),
            _is("integer", "revision", "seed"),
            "revision >= 0",
            _may_be("integer", "parent", "part_of"),
            "COALESCE(parent, 0) < id",  # nobody goes around in a circle of parents
            "COALESCE(part_of, 0) <> id",
            _may_be("text", "finished", "accepted"),
        ),
        marked("a run: its kind, state, texts, numbers and times"),
    ),
    "proposals": RowRule(
        _all(
            _is("text", "by", "at"),
            "by <> ''",
            _is("integer", "item", "label"),
            "item BETWEEN 0 AND :n - 1",
            "label BETWEEN 0 AND :k - 1",
            "confidence IS NULL OR (typeof(confidence) IN ('real', 'integer') AND confidence BETWEEN 0 AND 1)",
        ),
        marked("what a machine proposes: its name, an item and a class of the project, 0 to 1 for how sure it is, a time"),
    ),
}
