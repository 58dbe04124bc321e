"""Checkpoint selection: which epoch's weights are kept, by a measure, a rule that the user writes, or a function of theirs.

A rule is arithmetic over measures of the validation items, with conditions after `where`:
    0.5 * accuracy + 0.5 * macro_f1 - 0.1 * loss
    accuracy where recall["cat"] >= 0.9 and loss < 1
It is read here and never run as code. An epoch that fails a condition is worse than any that meets all of them.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.metrics.single_label import class_measures
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import SelectBy
from badcase.training.recipe.tasks import ONE
from badcase.training.run_folder.user_function import names_code, own_function

SCORE = "score"
MEASURES = {"loss": "validation_loss", "accuracy": "accuracy", "macro_f1": "macro_f1"}
OF_SEVERAL = {"micro_f1": "micro_f1", "mean_ap": "mean_ap"}  # where an item may have any number of labels
OF_CLASSES = ("recall", "precision", "f1")
FAILED = -1e6  # below every score that is not absurd; what a condition lacks comes off it, so that nearer is better

_ARITHMETIC: dict[type, Callable[[Any, Any], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARES: dict[type, int] = {ast.Gt: 1, ast.GtE: 1, ast.Lt: -1, ast.LtE: -1}

Measured = Mapping[str, Any]  # the measures by name, and for recall, precision and f1 a mapping of class to value


@dataclass(frozen=True, slots=True)
class Selection:
    """Scores what the validation items showed under one recipe; higher is better."""

    recipe: Recipe
    classes: tuple[str, ...]

    def require_function(self) -> None:
        """Refuse a function of the user's that cannot be imported."""
        if self.recipe.select_by == SelectBy.RULE and names_code(self.recipe.rule):
            own_function(self.recipe.rule, "rule")

    def score(self, measures: Mapping[str, float], logits: npt.NDArray[Any], labels: npt.NDArray[Any]) -> dict[str, float]:
        """{"score": number} by the rule; empty where a plain measure decides, which the record has already."""
        if self.recipe.select_by != SelectBy.RULE:
            return {}
        if names_code(self.recipe.rule):
            function = own_function(self.recipe.rule, "rule")
            return {SCORE: _number(function(dict(measures), logits, labels), self.recipe.rule)}
        known: dict[str, Any] = {name: measures[column] for name, column in (MEASURES | OF_SEVERAL).items() if column in measures}
        names = self.classes or tuple(map(str, range(logits.shape[1])))
        for name, values in zip(OF_CLASSES, class_measures(logits, labels), strict=True):
            known[name] = dict(zip(names, values.tolist(), strict=True))
        return {SCORE: _scored(self.recipe.rule, known)}


def check_rule(recipe: Recipe, classes: Sequence[str], task: str = ONE) -> None:
    """Refuse a rule that cannot be read; a function of the user's is not imported here, in whichever process that is."""
    if recipe.select_by != SelectBy.RULE or names_code(recipe.rule):
        return
    known: dict[str, Any] = dict.fromkeys(MEASURES | ({} if task == ONE else OF_SEVERAL), 0.5)
    _scored(recipe.rule, known | {name: dict.fromkeys(classes, 0.5) for name in OF_CLASSES})


def _scored(rule: str, known: Measured) -> float:
    wanted, _where, conditions = rule.partition(" where ")
    value = _value(_read(wanted, rule).body, known, rule)
    if not conditions:
        return value
    body = _read(conditions, rule).body
    parts = body.values if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And) else [body]
    lacking = sum(_lacks(part, known, rule) for part in parts)
    return value if lacking == 0 else FAILED - lacking


def _lacks(node: ast.expr, known: Measured, rule: str) -> float:
    """By how much a condition fails; 0 where it holds."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or type(node.ops[0]) not in _COMPARES:
        raise _unread(rule, ast.unparse(node), _("a condition such as recall[cat] >= 0.9"))
    left, right = (_value(side, known, rule) for side in (node.left, node.comparators[0]))
    gap = (left - right) * _COMPARES[type(node.ops[0])]
    strict = isinstance(node.ops[0], ast.Gt | ast.Lt)
    return 0.0 if gap > 0 or (gap == 0 and not strict) else max(-gap, 1e-9)


def _value(node: ast.expr, known: Measured, rule: str) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, known, rule)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
            over = _value(right, known, rule)
            if isinstance(sign, ast.Div) and over == 0:
                return FAILED
            return float(_ARITHMETIC[type(sign)](_value(left, known, rule), over))
        case ast.Name(id=name) if name in known and name not in OF_CLASSES:
            return float(known[name])
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=label) | ast.Constant(value=label)) if name in OF_CLASSES:
            if str(label) not in known[name]:
                raise _unread(rule, str(label), " | ".join(known[name]))
            return float(known[name][str(label)])
    raise _unread(rule, ast.unparse(node), " | ".join(f'{name}["class"]' if name in OF_CLASSES else name for name in known))


def _read(text: str, rule: str) -> ast.Expression:
    try:
        return ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise _unread(rule, text, _("arithmetic over measures, then conditions after `where`")) from error


def _number(value: Any, rule: str) -> float:
    try:
        number = float(value)
        return FAILED if math.isnan(number) else number  # beside which nothing would be better
    except (TypeError, ValueError) as error:
        raise _unread(rule, repr(value), _("a number")) from error


def _unread(rule: str, got: str, expected: str) -> BadcaseError:
    return BadcaseError(
        _("this rule for the best checkpoint cannot be read"),
        where=f"rule = {rule}",
        expected=expected,
        got=got,
        hint=_('Such as: accuracy where recall["cat"] >= 0.9'),
    )
