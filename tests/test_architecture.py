"""The house: layers and their direction, no circle, rooms of a size to know by heart, one meaning a name."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import ROOT

LAYERS = ("badcase", "training", "ui")  # each may import those before it
HEAVY = {"torch", "transformers", "sklearn", "accelerate", "datasets", "scipy"}
QT = {"PySide6", "pyqtgraph"}
MOST_MODULES = 20

# What the interfaces may use of the domain beside `badcase.project`: words that a project's answers are told in, and
# whole rooms that need no project. ARCHITECTURE.md says what each is for.
SURFACE = {
    "badcase.attribution.of_item",
    "badcase.active_learning.errors_left",
    "badcase.active_learning.learner",
    "badcase.active_learning.learner_view",
    "badcase.active_learning.of_project",
    "badcase.active_learning.refit_schedule",
    "badcase.class_edits.class_edits",
    "badcase.class_edits.class_parts",
    "badcase.distinctive_words",
    "badcase.distributed.process_group",
    "badcase.distributed.team",
    "badcase.doctor",
    "badcase.drift.drift_words",
    "badcase.drift.of_project",
    "badcase.drift.plain_drift",
    "badcase.errors",
    "badcase.export",
    "badcase.formula_guard",
    "badcase.gate.checking",
    "badcase.gate.gate_files",
    "badcase.gate.limits",
    "badcase.gate.measures",
    "badcase.gold_check.blind_check",
    "badcase.groups.confusions",
    "badcase.groups.of_project",
    "badcase.groups.reliability",
    "badcase.i18n",
    "badcase.importing",
    "badcase.items",
    "badcase.items.label_sets",
    "badcase.labelling.label_queue",
    "badcase.labelling.label_reasons",
    "badcase.labelling.mixed_queue",
    "badcase.labelling.of_project",
    "badcase.labelling.sample",
    "badcase.maps.density",
    "badcase.maps.hills",
    "badcase.maps.kept_places",
    "badcase.maps.lasso",
    "badcase.maps.likeness",
    "badcase.maps.point_field",
    "badcase.maps.raster",
    "badcase.maps.umap_places",
    "badcase.mending.check_up",
    "badcase.mending.journal_backups",
    "badcase.mending.late_check",
    "badcase.mending.mend",
    "badcase.mending.rescue",
    "badcase.mending.restore",
    "badcase.mending.whole_copy",
    "badcase.multilabel_matrix",
    "badcase.network",
    "badcase.progress",
    "badcase.project",
    "badcase.proposals.taking",
    "badcase.ranking.any_ranking",
    "badcase.ranking.audit",
    "badcase.ranking.multilabel.ranking",
    "badcase.ranking.ranking",
    "badcase.reviewers.adopting",
    "badcase.reviewers.of_project",
    "badcase.revisions.label_diff",
    "badcase.revisions.named_revision",
    "badcase.scorers",
    "badcase.review_counts",
    "badcase.shortages",
    "badcase.store.classes.class_edit",
    "badcase.store.classes.class_state",
    "badcase.store.atomic_files",
    "badcase.store.changes",
    "badcase.store.database",
    "badcase.store.journal",
    "badcase.store.journal_reader",
    "badcase.store.prediction_sets",
    "badcase.store.run_table",
    "badcase.store.temperature",
    "badcase.store.verdicts",
    "badcase.text_search",
    "badcase.trust.gate",
    "badcase.updating.update",
    "badcase.updating.update_preview",
}

# One name for several files or classes, where the room says the rest.
ALIKE_FILES = {
    "__main__": "what `python -m` starts",
    "page": "a page is found by its folder",
    "of_project": "what a room makes of a project",
    "folder": "a format, read in one room and written in the other",
    "arrow": "a format, read in one room and written in the other",
    "csv": "a format, read in one room and written in the other",
    "fasttext": "a format, read in one room and written in the other",
    "jsonl": "a format, read in one room and written in the other",
    "xlsx": "a format, read in one room and written in the other",
    "hf": "a format, read in one room and written in the other",
    "images": "pictures: of items, and of the demo",
    "single_label": "losses and metrics of one label an item",
    "multilabel": "losses and metrics of any number of labels an item",
    "ranking": "the ranking of one label an item, of any number, and the command that prints it",
    "doctor": "what it finds, and the command that prints it",
    "verdicts": "what they are, and the command that records them",
    "error_count": "of one label an item, and of any number",
    "learner_features": "of one label an item, and of any number",
    "out_of_sample": "of one label an item, and of any number",
    "reasons": "of one label an item, and of any number",
    "project_ranking": "of one label an item, and of any number",
    "coco": "a format, read in one room and written in the other",
    "fiftyone": "a format, read in one room and written in the other",
}


@cache
def modules() -> dict[str, Path]:
    """Every module of ours by the name that it is imported by."""
    found = {}
    for layer in LAYERS:
        for path in (ROOT / layer).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name if layer == "badcase" else f"badcase.{name}"] = path
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every module that a file imports, annotations and lazy imports too, and whether it does so when it is imported."""
    tree, known = tree_of(path), modules()
    for node in ast.walk(tree):
        top = node in tree.body
        if isinstance(node, ast.Import):
            yield from ((name.name, top) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path}: relative import"
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if inner in known else node.module, top


def layer_of(name: str) -> str:
    first, _, rest = name.partition(".")
    inner = rest.split(".")[0]
    return inner if first == "badcase" and inner in LAYERS else first


def breaches(layer: str, forbidden: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / layer).rglob("*.py"))
        for name, _top in imports(path)
        if layer_of(name) in forbidden
    ]


def test_the_domain_knows_neither_training_nor_the_interfaces_nor_qt() -> None:
    start = "badcase/__main__.py"  # `python -m badcase` is the command line
    assert [line for line in breaches("badcase", {"training", "ui", *QT}) if not line.startswith(start)] == []


def test_training_knows_neither_the_interfaces_nor_qt() -> None:
    assert breaches("training", {"ui", *QT}) == []


def test_no_module_of_the_interfaces_imports_a_heavy_library() -> None:
    assert breaches("ui", HEAVY) == []


def test_everything_of_ours_is_imported_under_one_name() -> None:
    names = {name.split(".")[0] for path in modules().values() for name, _top in imports(path)}
    assert names.isdisjoint({"training", "ui", "tests"})


def test_torch_stays_in_the_models_and_in_what_runs_them() -> None:
    rooms = ("badcase/models/", "badcase/prediction/", "badcase/attribution/", "badcase/distributed/")
    allowed = (*rooms, "badcase/doctor.py", "badcase/importing/readers/hub.py")
    assert [line for line in breaches("badcase", HEAVY) if not line.startswith(allowed)] == []


def test_no_module_imports_in_a_circle_not_even_for_an_annotation() -> None:
    known = modules()
    graph = {name: {other for other, _top in imports(path) if other in known} for name, path in known.items()}
    while ends := {name for name, others in graph.items() if not others}:  # what imports nothing is on no circle
        graph = {name: others - ends for name, others in graph.items() if name not in ends}
    while ends := set(graph) - {other for others in graph.values() for other in others}:  # nor what nobody imports
        graph = {name: others for name, others in graph.items() if name not in ends}
    assert {name: sorted(others) for name, others in graph.items()} == {}


def test_a_room_has_no_more_modules_than_one_knows_by_heart() -> None:
    rooms: dict[Path, int] = defaultdict(int)
    for path in modules().values():
        rooms[path.parent] += path.name != "__init__.py"
    assert {str(room.relative_to(ROOT)): n for room, n in rooms.items() if n > MOST_MODULES} == {}


def test_every_room_says_what_it_is_for() -> None:
    rooms = {path.parent for path in modules().values()}
    silent = [str(room) for room in rooms if not ast.get_docstring(tree_of(room / "__init__.py"))]
    assert silent == []


def test_a_name_has_one_meaning() -> None:
    files, classes = defaultdict(list), defaultdict(list)
    for name, path in modules().items():
        if path.name != "__init__.py":
            files[path.stem].append(name)
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes[node.name].append(name)
    assert {stem for stem, where in files.items() if len(where) > 1} == set(ALIKE_FILES)
    assert {name: where for name, where in classes.items() if len(where) > 1} == {}


def test_no_name_that_a_package_hands_on_is_also_a_module_in_it() -> None:
    """Importing the module would put itself in the place of the function."""
    clashes = []
    for name, path in modules().items():
        if path.name == "__init__.py":
            taken = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ImportFrom)]
            handed = {f"{name}.{alias.name}" for node in taken if node.module != name for alias in node.names}
            clashes += sorted(handed & set(modules()))
    assert clashes == []


def test_the_interfaces_use_no_more_of_the_domain_than_its_surface() -> None:
    used = {name for path in (ROOT / "ui").rglob("*.py") for name, _top in imports(path) if layer_of(name) == "badcase"}
    assert used - SURFACE == set()
    assert SURFACE - used == set(), "the surface is no wider than what is used"


def test_processes_and_threads_of_the_window_live_in_one_file_each() -> None:
    lane, pool = "ui/desktop/jobs/worker_lane.py", "ui/desktop/jobs/decoding_pool.py"
    assert breaches("ui/desktop", {"threading", "subprocess", "multiprocessing", "concurrent"}) == []
    calls = {
        (word, str(path.relative_to(ROOT)))
        for path in (ROOT / "ui" / "desktop").rglob("*.py")
        for word in ("QThread(", "QProcess(", "QThreadPool(", "processEvents(")
        if word in path.read_text(encoding="utf-8")
    }
    assert calls == {("QProcess(", lane), ("QThreadPool(", pool)}


def test_one_module_opens_a_map_for_writing() -> None:
    """What else writes through a map of a file with holes dies by a signal where the disk is full."""
    writing = re.compile(r"\bmemmap\(|open_memmap\(|mmap_mode=[\"'](r\+|w\+)|ACCESS_WRITE|PROT_WRITE|create_memory_map\(")
    found = [name for name, path in modules().items() if writing.search(path.read_text(encoding="utf-8"))]
    assert found == ["badcase.store.new_arrays"]


LIGHT = ("badcase", "badcase.project", "badcase.training.recipe", "badcase.training.comparison.compare", "badcase.ui.cli")


@pytest.mark.parametrize("module", LIGHT)
def test_a_light_module_brings_no_heavy_library_and_no_qt(module: str) -> None:
    script = f"import sys, {module}\nprint(sorted(name for name in {HEAVY | QT!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_there_is_no_module_whose_name_says_nothing() -> None:
    vague = {"utils", "helpers", "common", "manager", "misc"}
    assert [str(path) for path in modules().values() if path.stem in vague] == []
