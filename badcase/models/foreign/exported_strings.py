"""What stands in a `.pt2` beside its tensors, read before torch reads it: torch evaluates some of these strings as Python.

Sizes and guards are expressions that sympy and Python evaluate; names are written into source that is compiled; operators and
types are looked up by name. So each string has to be what it says it is: a number, a name, arithmetic, an operator of ATen.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch._export.serde.union import _Union

from badcase.errors import BadcaseError
from badcase.i18n import _

_KNOWN = re.compile(
    r"archive_format|archive_version|byteorder|\.data/\w+|\.format_version|\.storage_alignment|models/model\.json|extra/.*|"
    r"data/weights/(weight_\d+|model_weights_config\.json|model\.pt)|data/sample_inputs/model\.pt|"
    r"data/constants/(tensor_\d+|model_constants_config\.json|model\.pt)",
    re.ASCII,
)
NAME = re.compile(r"[A-Za-z_]\w{0,500}", re.ASCII)
_PATH = re.compile(r"([A-Za-z_0-9]\w*(\.\w+)*)?", re.ASCII)  # of a module or a weight; "" is the whole
_PATHS = {"fqn", "parameter_name", "buffer_name", "tensor_constant_name", "config"}
_TOLD = {"metadata", "treespec_namedtuple_fields"}  # of where a node came from; not even names of these are used
_SIZES = {"range_constraints"}
_PLAIN = {
    "torch_version": re.compile(r"[\w.+<=-]{0,60}"),
    "type": re.compile(r"[a-z]{1,20}"),
    "path_name": re.compile(r"(weight|tensor)_\d+"),
}
_OPERATOR = re.compile(
    r"torch\.ops\.aten\.(?!(from_file|save|load)\b)\w+\.\w+|torch\.ops\.higher_order\.wrap_with_(set_grad_enabled|autocast)"
    r"|_operator\.(add|sub|mul|truediv|floordiv|mod|neg|pow|eq|ne|lt|le|gt|ge|and_|or_|not_|getitem)"
    r"|torch\.(_?sym_[a-z]+)|math\.(trunc|ceil|floor|sqrt)",
    re.ASCII,
)
# Arguments of these operators that are words: how they round, pad, reduce.
_WITH_WORDS = re.compile(
    r"torch\.ops\.(aten\.(_?einsum|gelu|_?conv|div|scatter|index_reduce|pad|meshgrid|n?a?n?quantile|searchsorted|stft|fft_|"
    r"_?linalg|_assert|_upsample)\w*\.\w+|higher_order\.wrap_with_autocast)"
)
_WORD = re.compile(r"[\w ,.>()<=!:'-]{0,300}")
_CONTAINERS = {"builtins.tuple", "builtins.list", "builtins.dict", "collections.OrderedDict", "torch.Size", None}
_OUTPUT = re.compile(r"transformers\.modeling_outputs\.\w+", re.ASCII)

# What sizes may call; those that could grow without bound by a few characters, such as shifts, are not among them.
_CALLS = re.compile(
    "Symbol|Integer|Float|Rational|Add|Mul|Pow|Max|Min|Mod|PythonMod|FloorDiv|CeilDiv|CleanDiv|ModularIndexing|CeilToInt|"
    "FloorToInt|TruncToInt|TruncToFloat|RoundToInt|ToFloat|IntTrueDiv|FloatTrueDiv|Identity|Where|And|Or|Not|Eq|Ne|Lt|Le|Gt|Ge|"
    "Equality|Unequality|StrictLessThan|LessThan|StrictGreaterThan|GreaterThan|floor|ceiling|Abs"
)
_ALPHABET = re.compile(r"[A-Za-z0-9_ .,()'\[\]=<>!+*/%&|~-]{1,2000}")  # no line breaks and comments, which sympy reads otherwise
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{0,40})?(e[+-]?\d{1,3})?")
_LARGEST_POWER = 8


def odd_strings(path: Path) -> Iterator[str]:
    """What is none of that in an archive, each with its place; nothing where all is.

    Raises:
        BadcaseError: The archive holds what is never loaded: pickled objects, or machine code.
    """
    try:
        from torch._export.serde.schema import ExportedProgram, PayloadConfig
        from torch._export.serde.serialize import _bytes_to_dataclass
        from torch.export.pt2_archive._package import PT2ArchiveReader
    except ImportError:  # before torch 2.8
        yield _("it is read by an older torch")
        return
    with PT2ArchiveReader(str(path)) as archive:
        names = archive.get_file_names()
        if refused := [name for name in names if not _KNOWN.fullmatch(name)]:
            raise BadcaseError(
                _("the exported program carries pickled objects or machine code, which are never loaded"),
                where=str(path),
                got=", ".join(refused[:3]),
                hint=_("Export the network with torch.export.save, without custom objects."),
            )
        for name in names:
            if name.endswith(".json"):
                kind = ExportedProgram if name.startswith("models/") else PayloadConfig
                # torch's own reading: what it makes of the text is what it goes on with, and nothing is evaluated yet
                yield from (f"{name}: {odd}" for odd in _odd(_bytes_to_dataclass(kind, archive.read_bytes(name)), "", ""))


def _odd(value: Any, field: str, operator: str) -> Iterator[str]:
    """`field` is the one of the schema that holds the value, `operator` that of the node that it belongs to."""
    if field in _TOLD:
        return
    if hasattr(value, "__dataclass_fields__"):
        operator = getattr(value, "target", operator) if type(value).__name__ == "Node" else operator
        # A union has its one value alone; to ask it for another raises.
        names = [str(value.type)] if isinstance(value, _Union) else list(value.__dataclass_fields__)
        for name in names:
            yield from _odd(getattr(value, name), name, operator)
    elif isinstance(value, dict):
        for name, content in value.items():
            if not ((_PATH if field in _PATHS else NAME).fullmatch(name) or (field in _SIZES and is_arithmetic(name))):
                yield f"{field}: {name}"
            yield from _odd(content, field, operator)
    elif isinstance(value, list | tuple):
        for content in value:
            yield from _odd(content, field, operator)
    elif isinstance(value, str) and not _fits(value, field, operator):
        yield f"{field}: {value}"
    elif field == "use_pickle" and value:
        yield field
    elif not isinstance(value, str | int | float | None):  # bool and the enumerations are int
        yield f"{field}: {type(value).__name__}"


def _fits(text: str, field: str, operator: str) -> bool:
    if field == "expr_str":
        return is_arithmetic(text)
    if field == "guards_code":
        return is_arithmetic(text, of_inputs=True)
    if field == "target":
        return _OPERATOR.fullmatch(text) is not None
    if field in ("in_spec", "out_spec"):
        return _is_tree(text)
    if field in ("as_string", "as_strings"):
        return _WITH_WORDS.fullmatch(operator) is not None and _WORD.fullmatch(text) is not None
    if field in ("as_operator", "class_fqn", "custom_obj_name"):
        return False  # functions and objects as arguments
    if field == "name" and text == "":
        return True  # of an argument
    return (_PLAIN.get(field) or (_PATH if field in _PATHS else NAME)).fullmatch(text) is not None


def _is_tree(text: str) -> bool:
    """How arguments and results are nested: in plain containers, by names."""

    def plain(node: dict[str, Any]) -> bool:
        kind, context = node["type"], json.loads(node["context"]) if node["context"] is not None else None
        names = context if isinstance(context, list) else [] if context is None else [context]
        known = kind in _CONTAINERS or (isinstance(kind, str) and _OUTPUT.fullmatch(kind) is not None)
        named = all(isinstance(name, str) and NAME.fullmatch(name) for name in names)
        return known and named and all(map(plain, node["children_spec"]))

    try:
        version, tree = json.loads(text)
        return version == 1 and plain(tree)
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


# --- expressions -------------------------------------------------------------------------------------------------


def is_arithmetic(text: str, *, of_inputs: bool = False) -> bool:
    """Whether an expression is made of numbers, names, arithmetic, comparisons and functions of sizes.

    Args:
        text: The expression.
        of_inputs: Whether it may ask for sizes of the inputs: L['x'].size()[0].
    """
    if not _ALPHABET.fullmatch(text):
        return False
    try:
        return _is_value(ast.parse(text, mode="eval").body, of_inputs)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _is_value(node: ast.expr, of_inputs: bool) -> bool:
    def all_are(*nodes: ast.expr) -> bool:
        return all(_is_value(one, of_inputs) for one in nodes)

    match node:
        case ast.Constant(value=bool() | None):
            return True
        case ast.Constant(value=int() | float() as number):
            return abs(number) < 1e20
        case ast.Name(id=name):
            return NAME.fullmatch(name) is not None and "__" not in name
        case ast.UnaryOp(operand=inner):
            return all_are(inner)
        case ast.BinOp(left=base, op=ast.Pow(), right=power):
            return _is_power(base, power) and all_are(base)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv() | ast.Mod(), right=right):
            return all_are(left, right)
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr(), right=right):
            return all_are(left, right)
        case ast.BoolOp(values=values):
            return all_are(*values)
        case ast.Compare(left=left, ops=ops, comparators=others):
            return all(isinstance(op, ast.Eq | ast.NotEq | ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in ops) and all_are(
                left, *others
            )
        case ast.Call(func=ast.Name(id="Symbol"), args=[ast.Constant(value=str() as name)], keywords=said):
            return NAME.fullmatch(name) is not None and "__" not in name and _are_flags(said)
        case ast.Call(func=ast.Name(id="Float" | "Integer"), args=[ast.Constant(value=str() as number)], keywords=said):
            return _NUMBER.fullmatch(number) is not None and _are_flags(said)
        case ast.Call(func=ast.Name(id="Pow"), args=[base, power], keywords=[]):
            return _is_power(base, power) and all_are(base)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _CALLS.fullmatch(name) is not None and all_are(*arguments)
        case ast.Subscript() | ast.Call() if of_inputs:
            return _is_of_input(node)
    return False


def _is_power(base: ast.expr, power: ast.expr) -> bool:
    """A small power, and none of a power: 9**9**9**9 would be evaluated."""
    if isinstance(power, ast.Call) and isinstance(power.func, ast.Name) and power.func.id == "Integer" and len(power.args) == 1:
        power = power.args[0]
    if isinstance(power, ast.UnaryOp) and isinstance(power.op, ast.USub):
        power = power.operand
    small = isinstance(power, ast.Constant) and isinstance(power.value, int) and 0 <= power.value <= _LARGEST_POWER
    within = ast.walk(base)
    return small and not any(isinstance(part, ast.Pow) or (isinstance(part, ast.Name) and part.id == "Pow") for part in within)


def _are_flags(said: list[ast.keyword]) -> bool:
    """positive=True, precision=53."""
    return all(
        one.arg is not None and isinstance(one.value, ast.Constant) and isinstance(one.value.value, bool | int) for one in said
    )


def _is_of_input(node: ast.expr) -> bool:
    """L['x'], with items and sizes of it."""
    match node:
        case ast.Name(id="L"):
            return True
        case ast.Subscript(value=inner, slice=ast.Constant(value=int())):
            return _is_of_input(inner)
        case ast.Subscript(value=inner, slice=ast.Constant(value=str() as name)):
            return NAME.fullmatch(name) is not None and _is_of_input(inner)
        case ast.Call(func=ast.Attribute(value=inner, attr="size" | "stride" | "storage_offset" | "dim"), args=[], keywords=[]):
            return _is_of_input(inner)
    return False
