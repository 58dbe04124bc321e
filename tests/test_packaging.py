"""What is installed: one name, whole, from the checkout as from its sdist; a person's own packages are in nobody's way."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from badcase.models.factory import load_factory
from tests import ROOT

BUILD = "import sys; from setuptools import build_meta; print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"
FACTORY = """
from torch import nn


def tiny(num_classes=3):
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, num_classes))
"""
USE = """
import badcase.training, badcase.ui, badcase.project
from badcase.models.factory import load_factory
from badcase.training.run_folder.user_function import own_function
from badcase.trust.gate import vouching_for
with vouching_for(None):
    network = load_factory({"source": "training.models:tiny", "task": "image", "count": 3}).network
    print(own_function("tests.losses:mine", "loss_function")(1), end=" ")
import tests.losses, training, ui
print(training.__file__, ui.__file__)
"""


def build(kind: str, source: Path, out: Path) -> Path:
    out.mkdir(parents=True)
    done = subprocess.run([sys.executable, "-c", BUILD, kind, str(out)], cwd=source, capture_output=True, text=True, check=True)
    return out / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[set[str]]:
    """The files of the wheel that the checkout gives, and of the one that its sdist gives."""
    folder = tmp_path_factory.mktemp("packaging")
    copy = folder / "checkout"
    for name in ("badcase", "training", "ui"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    with tarfile.open(build("build_sdist", copy, folder / "sdist")) as file:
        file.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    made = [build("build_wheel", source, folder / "wheels" / source.name) for source in (copy, unpacked)]
    return [{name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")} for wheel in made]


def test_a_wheel_has_one_top_level_name_and_every_module_under_it(wheels: list[set[str]]) -> None:
    modules = {
        f"badcase/{path.relative_to(ROOT)}" if layer != "badcase" else str(path.relative_to(ROOT))
        for layer in ("badcase", "training", "ui")
        for path in (ROOT / layer).rglob("*.py")
    }
    for names in wheels:
        assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"badcase"}
        assert {name for name in names if name.endswith(".py")} == modules
        assert "badcase/py.typed" in names and "badcase/locales/zh_CN/LC_MESSAGES/badcase.mo" in names


def test_packages_of_a_person_called_training_ui_and_tests_are_theirs(tmp_path: Path) -> None:
    for name, module, text in (
        ("training", "models", FACTORY),
        ("ui", "app", "raise AssertionError('not asked for')"),
        ("tests", "losses", "def mine(x):\n    return x + 1\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / f"{module}.py").write_text(text)
    environment = {"PYTHONPATH": ".", "HF_HUB_OFFLINE": "1", "BADCASE_LANGUAGE": "en", "HOME": str(tmp_path)}

    def run(*words: str) -> str:
        done = subprocess.run([sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "compare" in run("-m", "badcase", "--help")
    assert run("-c", USE).split() == ["2", str(tmp_path / "training/__init__.py"), str(tmp_path / "ui/__init__.py")]


@pytest.mark.usefixtures("own_code")
def test_a_file_and_a_folder_without_init_of_a_person_are_theirs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ui").mkdir()
    for name in ("training.py", "ui/networks.py"):
        (tmp_path / name).write_text(FACTORY)
    monkeypatch.chdir(tmp_path)
    for source in ("training:tiny", "ui.networks:tiny"):
        assert len(load_factory({"source": source, "task": "image", "count": 3}).network) == 2
        assert Path(sys.modules.pop(source.partition(":")[0]).__file__ or "").is_relative_to(tmp_path)
