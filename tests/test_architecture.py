"""The layers and their direction: ui -> training -> badcase, no Qt below the window, no torch in its process."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

HEAVY = {"torch", "transformers", "sklearn", "accelerate", "datasets", "scipy"}


def imports(path: Path) -> list[tuple[str, bool]]:
    """Every module that a file imports, and whether it does so when it is itself imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        top = node in tree.body
        if isinstance(node, ast.Import):
            found += [(name.name, top) for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.append((node.module, top))
    return found


def breaches(layer: str, forbidden: set[str], *, only_at_import: bool = False) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / layer).rglob("*.py"))
        for name, top in imports(path)
        if name.split(".")[0] in forbidden and (top or not only_at_import)
    ]


def test_the_domain_knows_neither_training_nor_the_interfaces_nor_qt() -> None:
    assert breaches("badcase", {"training", "ui", "PySide6", "pyqtgraph"}) == []


def test_training_knows_neither_the_interfaces_nor_qt() -> None:
    assert breaches("training", {"ui", "PySide6", "pyqtgraph"}) == []


def test_no_module_of_the_interfaces_imports_a_heavy_library() -> None:
    assert breaches("ui", HEAVY) == []


def test_torch_stays_in_the_models_and_in_what_runs_them() -> None:
    rooms = ("badcase/models/", "badcase/prediction/", "badcase/distributed/")
    allowed = (*rooms, "badcase/doctor.py", "badcase/importing/readers/hub.py")
    assert [line for line in breaches("badcase", HEAVY) if not line.startswith(allowed)] == []


def test_threads_and_processes_of_the_window_live_in_one_file() -> None:
    found = breaches("ui/desktop", {"threading", "subprocess", "multiprocessing", "concurrent"})
    assert [line for line in found if not line.startswith("ui/desktop/jobs/worker_lane.py")] == []
    calls = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "ui" / "desktop").rglob("*.py")
        for word in ("QThread(", "QProcess(", "QThreadPool(", "processEvents(")
        if word in path.read_text(encoding="utf-8")
    ]
    assert [path for path in calls if path != "ui/desktop/jobs/worker_lane.py"] == []


LIGHT = ("badcase", "badcase.project", "badcase.training.recipe", "badcase.training.comparison.compare", "badcase.ui.cli")


@pytest.mark.parametrize("module", LIGHT)
def test_a_light_module_brings_no_heavy_library_and_no_qt(module: str) -> None:
    script = f"import sys, {module}\nprint(sorted(name for name in {HEAVY | {'PySide6', 'pyqtgraph'}!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_there_is_no_module_whose_name_says_nothing() -> None:
    vague = {"utils", "helpers", "common", "manager", "misc"}
    layers = ("badcase", "training", "ui")
    assert [str(path) for layer in layers for path in (ROOT / layer).rglob("*.py") if path.stem in vague] == []
