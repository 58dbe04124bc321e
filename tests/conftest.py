"""What every test may use: the real benchmark data where it is, and a Qt that needs no screen."""

from __future__ import annotations

import atexit
import faulthandler
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from badcase.trust.gate import vouching_for
from tests import DATA, warm

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ["BADCASE_LANGUAGE"] = "en"  # whatever this machine speaks; before the program is imported
_SETTINGS = tempfile.mkdtemp(prefix="badcase-settings-")
atexit.register(shutil.rmtree, _SETTINGS, ignore_errors=True)
os.environ["HF_MODULES_CACHE"] = f"{_SETTINGS}/modules"
os.environ["XDG_CONFIG_HOME"] = _SETTINGS  # the person's own are neither read nor written, in no process of the tests
settings.register_profile("thorough", max_examples=5000, deadline=None)  # --hypothesis-profile=thorough

settings.register_profile("any machine", deadline=None)  # an example that takes long on a busy one is no failure
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real benchmark data; the test is skipped where it is not on this machine."""
    if not DATA.is_dir():
        pytest.skip(f"the benchmark data is not here ({DATA}); name its folder with BADCASE_DATA")
    return DATA


@pytest.fixture
def own_code() -> Iterator[None]:
    """Functions that the test itself names, in no project, may run."""
    with vouching_for(None):
        yield


_CRASHES = pytest.StashKey[tempfile.TemporaryDirectory[str]]()
_RUNNER = ("/_pytest/", "/pluggy/", "/xdist/", "/execnet/")


LONGEST = ("test_whole_loop.py", "test_demo.py", "test_tuning.py", "test_team.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: at the end no process then waits for another's."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish() -> None:
    """The libraries and the tests outlive every test: no collection of garbage looks through them again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)  # pytest's own writes a crash far above the summary
def pytest_configure(config: pytest.Config) -> None:
    # No machine goes down in a test, and what a kill leaves does not depend on it.
    pytest.MonkeyPatch().setattr(os, "fsync", lambda _file: None)
    if worker := getattr(config, "workerinput", None):
        crash = Path(worker["crashes"], worker["workerid"]).open("w")  # noqa: SIM115 - for the life of the process
        faulthandler.enable(crash)
    else:
        warm.belong()
        config.stash[_CRASHES] = tempfile.TemporaryDirectory(prefix="badcase-crashes-")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["crashes"] = node.config.stash[_CRASHES].name


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what crashed test processes were at, and the figures that tests measured (`record_property("figure", text)`)."""
    for crash in sorted(Path(terminalreporter.config.stash[_CRASHES].name).iterdir()):
        for line in crash.read_text().splitlines():
            if not any(part in line for part in _RUNNER):
                terminalreporter.write_line(line)
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, text in report.user_properties:
            if name == "figure":
                terminalreporter.write_line(str(text))
