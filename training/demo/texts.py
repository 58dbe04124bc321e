"""The demo's texts: which library does this docstring come from? Read at run time from what is installed."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.progress import Job, Progress

LIBRARIES = {
    "networkx": "networkx",
    "numpy": "numpy",
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "scipy": "scipy",
    "sympy": "sympy",
    "torch": "torch",
    "transformers": "transformers",
}  # import name to class
PER_CLASS, ENOUGH = 250, 100  # texts of a library; with fewer it is left out
SHORTEST, LONGEST = 50, 320  # characters
# What would give the answer away.
NAMES = re.compile(
    r"\b(networkx|nx|numpy|np|pillow|pil|scikit-learn|sklearn|scipy|sympy|pytorch|torch|transformers|hugging ?face)\b",
    re.IGNORECASE,
)
# Where the prose of a docstring ends and its tables begin.
SECTIONS = re.compile(r"\n\s*(Parameters|Returns|Examples?|Args|Arguments|Notes|Attributes|See Also|>>>|\.\. )")


def harvest(rng: np.random.Generator) -> Job[tuple[list[str], list[str]]]:
    """Texts and the library of each, no text twice."""
    texts: list[str] = []
    labels: list[str] = []
    for number, (library, name) in enumerate(LIBRARIES.items()):
        yield Progress(_("Reading docstrings"), number, len(LIBRARIES), _("libraries"))
        found = sorted(set(_docstrings(library, rng)) - set(texts))
        if len(found) >= ENOUGH:
            chosen = rng.permutation(len(found))[:PER_CLASS]
            texts += [found[i] for i in chosen]
            labels += [name] * len(chosen)
    if len(set(labels)) < 3:
        raise BadcaseError(
            _("too few libraries with docstrings are installed"),
            got=", ".join(sorted(set(labels))),
            hint=_("Install badcase again: pip install -e ."),
        )
    return texts, labels


def _docstrings(library: str, rng: np.random.Generator) -> list[str]:
    """The prose of docstrings, read from the source files without importing them; more than enough, not all."""
    spec = importlib.util.find_spec(library)
    if spec is None or not spec.submodule_search_locations:
        return []
    root = Path(next(iter(spec.submodule_search_locations)))
    files = [file for file in sorted(root.rglob("*.py")) if "test" not in str(file.relative_to(root))]
    found: dict[str, None] = {}
    for i in rng.permutation(len(files)):
        found |= dict.fromkeys(_prose(files[i]))
        if len(found) >= 1.5 * PER_CLASS:
            break
    return list(found)


def _prose(file: Path) -> Iterator[str]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return  # a template, or a file for another Python
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            prose = SECTIONS.split(ast.get_docstring(node) or "", maxsplit=1)[0]
            text = " ".join(NAMES.sub("…", prose).split())
            if len(text) >= SHORTEST and text[0].isupper():  # else it is a list of parameters
                yield text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]} …"
