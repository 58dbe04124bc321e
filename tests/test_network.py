"""No verb and no window speaks to another machine, but for a hub id that a person names in that call."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from badcase import network
from badcase.models import load_model
from badcase.network import asked_for, stay_offline
from badcase.prediction import openvino_network
from badcase.project import Project
from badcase.ui.cli import main
from tests.badcase.models.networks import save_image_model
from tests.projects import write_texts

_SPOKEN: list[str] = []
_LISTENING = [False]
_WATCHED = {"socket." + name for name in ("connect", "getaddrinfo", "gethostbyname", "gethostbyaddr", "sendto", "sendmsg")}


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _LISTENING[0] and event in _WATCHED:
        here = arguments[0] if arguments else None
        if not (isinstance(here, socket.socket) and here.family == getattr(socket, "AF_UNIX", None)):
            _SPOKEN.append(f"{event} {arguments[1:]}")


sys.addaudithook(_hear)  # for the life of the process: there is no way to take one away


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was said to other machines in a test, by whatever library; as a person has it, who has set nothing."""
    before = dict(os.environ)
    monkeypatch.setattr(network, "_lifted", None)
    for name in (*network._OFFLINE, *network._SILENT):
        os.environ.pop(name, None)
    _SPOKEN.clear()
    _LISTENING[0] = True
    yield _SPOKEN
    _LISTENING[0] = False
    network._set(offline=True)
    os.environ.clear()
    os.environ.update(before)


def test_the_audit_hears_a_connection_and_a_name_that_is_looked_up(spoken: list[str]) -> None:
    with socket.socket() as one, pytest.raises(OSError):
        one.settimeout(0.2)
        one.connect(("127.0.0.1", 9))
    socket.getaddrinfo("localhost", 80)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(b"x", ("127.0.0.1", 9))
    assert [said.split()[0] for said in spoken] == ["socket.connect", "socket.getaddrinfo", "socket.sendto"]


def verb(*arguments: object) -> int:
    sys.argv = ["badcase", *map(str, arguments)]
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_no_verb_speaks_to_another_machine(
    spoken: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)
    write_texts(tmp_path / "t.csv", 60)
    here = tmp_path / "p"
    assert verb("new", here, "--data", tmp_path / "t.csv") == 0
    assert verb("predict", here, "--model", "chargrams") == 0
    assert verb("rank", here) == 0
    assert verb("label", here, "t3", "food") == 0
    assert verb("train", here, "--set", "epochs=1") == 0, capsys.readouterr().err
    for format in ("csv", "hf", "same", "patch"):
        assert verb("export", here, tmp_path / format, "--format", format) == 0
    assert verb("report", here, tmp_path / "out.html") == 0
    assert spoken == []
    assert all(os.environ[name] == "1" for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"))


def test_a_model_that_a_project_names_is_not_fetched_and_one_that_a_person_names_is_asked_for(
    spoken: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    write_texts(tmp_path / "t.csv", 30)
    with Project.create(tmp_path / "p", tmp_path / "t.csv") as project:
        project.set_setting("model_spec", {"kind": "hugging_face", "source": "owner/made-up"})
        assert project.model_spec is not None
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    assert verb("predict", tmp_path / "p") == 1
    assert "not on this machine" in capsys.readouterr().err
    assert spoken == []
    assert verb("predict", tmp_path / "p", "--model", "owner/made-up") == 1
    assert spoken != [], "the control: what a person names is asked for"
    said = len(spoken)
    assert verb("predict", tmp_path / "p") == 1
    assert len(spoken) == said, "and only in that call"


def test_who_has_switched_the_network_off_is_not_overruled(spoken: list[str]) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    stay_offline()
    with asked_for(True):
        assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_libraries_that_are_imported_already_hear_of_it_too(spoken: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    kept = SimpleNamespace(HF_HUB_OFFLINE=False)
    monkeypatch.setitem(sys.modules, "huggingface_hub.constants", kept)
    with asked_for(True):
        assert not kept.HF_HUB_OFFLINE, "in somebody's own program nothing is switched"
    assert "HF_HUB_OFFLINE" not in os.environ
    stay_offline()
    assert kept.HF_HUB_OFFLINE
    with asked_for(True):
        assert not kept.HF_HUB_OFFLINE
    assert kept.HF_HUB_OFFLINE
    with asked_for(False):
        assert kept.HF_HUB_OFFLINE


def test_the_window_speaks_to_nobody(spoken: list[str], tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    from badcase.ui.desktop.main_window import MainWindow

    monkeypatch.setattr("badcase.ui.desktop.main_window.WARM_MS", 1_000_000)
    write_texts(tmp_path / "t.csv", 30)
    Project.create(tmp_path / "p", tmp_path / "t.csv").close()
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.open_project(tmp_path / "p")
    for page in ("review", "train", "data"):
        window.show_page(page)
        qtbot.wait(20)
    window.close()
    assert spoken == []


@pytest.mark.skipif(not openvino_network.is_installed(), reason="the extra `openvino` is not installed")
def test_a_network_is_compiled_without_a_word_to_the_maker_of_the_compiler(
    spoken: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes down a number of the person and reports, from its import on, where nobody has told it not to."""
    monkeypatch.setenv("HOME", str(tmp_path))  # nobody has
    monkeypatch.delenv("CI", raising=False)
    save_image_model(tmp_path / "model", "ViT", ["cat", "dog"])
    model = load_model(tmp_path / "model", device="cpu")
    run = openvino_network.compiled(model)
    assert run(model.example()).logits.shape == (2, 2)
    assert spoken == []
    assert not (tmp_path / "intel").exists()
