"""`badcase mcp` over the official SDK: an assistant reads what the command line tells; all that it can write is a proposal."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from PIL import Image

from badcase.errors import BadcaseError
from badcase.project import Project
from badcase.ui.assistants.mcp_server import made_server
from tests.projects import predict_from, write_texts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("mcp")
    write_texts(place / "t.csv", 60, wrong=4)
    with Project.create(place / "p", data=place / "t.csv") as made:
        rng = np.random.default_rng(0)
        predict_from(made, rng.normal(size=(60, 8)) + 3 * np.eye(3, 8)[made.given])
    return place / "p"


@pytest.fixture
def ask(folder: Path) -> Iterator[Any]:
    """`ask(tool, **arguments)`: what a tool answers, as an assistant gets it; an error as its words."""

    async def call(tool: str, arguments: dict[str, Any]) -> Any:
        async with Client(made_server(folder)) as client:
            found = await client.call_tool(tool, arguments)
            (content,) = found.content
            if content.type == "image":
                return base64.b64decode(content.data)
            return content.text if found.is_error else json.loads(content.text)

    yield lambda tool, **arguments: asyncio.run(call(tool, arguments))


def test_an_assistant_reads_what_the_project_says(folder: Path, ask: Any) -> None:
    schema = ask("schema")
    assert schema["items"] == sum(one["items"] for one in schema["classes"]) == 60
    with Project.open(folder, read_only=True) as project:
        assert project.counts().to_review == ask("counts")["to_review"]
        first = ask("next_items", k=3)["queue"]
        assert [row["key"] for row in first] == [project.items.key(int(i)) for i in project.ranking.order[:3]]
        item = ask("item", key=first[0]["key"])
        assert item["text"] == project.items.text(project.items.find(first[0]["key"])) and item["suggested"]
        found = ask("find", given="food", words="soup", limit=200)
        given = [i for i in range(60) if project.classes[project.given[i]] == "food" and "soup" in project.items.text(i)]
        assert [row["key"] for row in found["items"]] == [project.items.key(i) for i in given] and found["total"] == len(given)
        assert ask("find", offset=58)["total"] == 60 and len(ask("find", offset=58)["items"]) == 2
        flagged = int(project.ranking.flagged.sum())
        assert ask("find", flagged=True, judged=False)["total"] == flagged
    assert ask("runs")["current"] == 1 or ask("runs")["runs"] == []


def test_errors_come_back_in_words(ask: Any) -> None:
    for tool, arguments, said in (
        ("item", {"key": "nobody"}, "no item with this key"),
        ("find", {"given": "plants"}, "plants"),
        ("find", {"split": "holdout"}, "train"),
        ("picture", {"key": "t0"}, "texts"),
        ("comparison", {"before": 1, "after": 99}, "no such run"),
        ("next_items", {"reason": "astrology"}, "no such reason"),
        ("propose", {"by": "bot", "proposals": [{"key": "t0", "label": "plants"}]}, "plants"),
    ):
        answer = ask(tool, **arguments)
        assert isinstance(answer, str) and said in answer, (tool, answer)


def test_all_that_is_written_is_a_proposal(folder: Path, ask: Any) -> None:
    with Project.open(folder) as project:
        before = project.labels.tolist(), project.revision, project.counts()
    proposals = [{"key": "t1", "label": "food", "confidence": 0.8}, {"key": "t2", "label": "weather"}]
    assert ask("propose", by="bot", proposals=proposals)["proposed"] == 2
    bad = ask("propose", by="bot", proposals=[{"key": "t3", "label": "food"}, {"key": "t4", "label": "plants"}])
    assert "plants" in bad
    with Project.open(folder) as project:
        assert (project.labels.tolist(), project.revision, project.counts()) == before
        assert len(project.proposals.of("bot").items) == 2, "all of them come in, or none"
        busy = ask("propose", by="bot", proposals=proposals)
        assert ask("schema")["items"] == 60, "reading stands beside a program that has it open"
        assert isinstance(busy, dict) or "in use" in busy


def test_only_tools_that_read_and_one_that_proposes(folder: Path) -> None:
    async def listed() -> dict[str, Any]:
        async with Client(made_server(folder)) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    tools = asyncio.run(listed())
    writes = {name for name, tool in tools.items() if not tool.annotations.read_only_hint}
    assert writes == {"propose"} and all(tool.description for tool in tools.values()) and len(tools) == 9


def test_a_picture_is_shown_reduced(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(4):
            Image.new("RGB", (300, 200), (i * 60, 0, 90)).save(tmp_path / "data" / name / f"{i}.png")
    Project.create(tmp_path / "p", data=tmp_path / "data").close()

    async def call() -> Any:
        async with Client(made_server(tmp_path / "p")) as client:
            return (await client.call_tool("picture", {"key": "a/1.png", "max_side": 64})).content[0]

    content = asyncio.run(call())
    assert content.mime_type == "image/png" and Image.open(io.BytesIO(base64.b64decode(content.data))).size == (64, 43)


def test_the_verb_answers_on_standard_input_and_output(folder: Path) -> None:
    """A process of its own, as an assistant starts it: nothing but the protocol stands on its standard output."""

    async def call() -> Any:
        server = StdioServerParameters(command=sys.executable, args=["-m", "badcase", "mcp", str(folder)])
        async with Client(stdio_client(server)) as client:
            return json.loads((await client.call_tool("counts", {})).content[0].text)

    assert asyncio.run(call())["reviewed"] == 0


def test_what_is_no_project_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadcaseError, match="not a badcase project"):
        made_server(tmp_path)
