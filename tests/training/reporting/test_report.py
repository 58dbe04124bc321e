"""The report is one file that needs nothing beside it, and says what the project says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from badcase.errors import BadcaseError
from badcase.i18n import use_language
from badcase.progress import finish
from badcase.project import Project
from badcase.store.run_table import RunKind, RunState
from badcase.training.reporting.report import report
from badcase.training.runs.train import train_in_steps
from tests.projects import write_texts

VOID = {"meta", "img", "br", "line", "circle", "polyline"}


class Balanced(HTMLParser):
    """Fails on a tag that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_texts(tmp_path / "texts.csv")
    return Project.create(tmp_path / "my", tmp_path / "texts.csv")


def check(page: str) -> None:
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert not re.search(r"https?://|<script|<link|url\(", page)


def test_a_project_without_a_model_has_a_report(project: Project, tmp_path: Path) -> None:
    with project:
        check(report(project, tmp_path / "r.html").read_text(encoding="utf-8"))


def test_it_shows_corrections_and_what_was_gained_and_escapes_what_people_wrote(tmp_path: Path) -> None:
    write_texts(tmp_path / "texts.csv")
    with (tmp_path / "texts.csv").open("a", encoding="utf-8") as file:
        file.write("evil,<script>alert(1)</script> the dog & the cat,food\n")
    with Project.create(tmp_path / "my", tmp_path / "texts.csv") as project:
        project.predict("chargrams")
        project.rank()
        project.journal.record([project.items.find("evil")], "relabel", project.classes.index("animals"))
        run = finish(train_in_steps(project))
        page = report(project, tmp_path / "r.html").read_text(encoding="utf-8")
        check(page)
        assert "food → animals" in page
        assert "&lt;script&gt;" in page
        assert run.title in page
        assert "McNemar" in page
        # A tuning that was stopped leaves trials, which have no predictions to compare.
        number = project.runs.add(kind=RunKind.TRIAL, title="a trial", recipe={}, start="current", revision=1, seed=0)
        project.runs.update(number, state=RunState.DONE)
        again = report(project, tmp_path / "again.html").read_text(encoding="utf-8")
        assert run.title in again
        assert "a trial" not in again
        with project._store.transaction() as connection:
            connection.execute("DELETE FROM gold")
    with Project.open(tmp_path / "my") as project:
        without = report(project, tmp_path / "without.html").read_text(encoding="utf-8")
    check(without)
    assert "no gold items to compare on" in without and "food → animals" in without


@pytest.fixture
def chinese() -> Iterator[None]:
    use_language("zh_CN")
    yield
    use_language("en")


def test_it_names_the_language_that_it_is_written_in(chinese: None, project: Project, tmp_path: Path) -> None:
    with project:
        project.predict("chargrams")
        finish(train_in_steps(project))
        page = report(project, tmp_path / "r.html").read_text(encoding="utf-8")
        use_language("en")
        english = report(project, tmp_path / "r.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page and '<html lang="en">' in english
    assert "<figcaption>损失</figcaption>" in page and "</i>验证</span>" in page
    assert "</i>validation</span>" in english and "</i>macro F1</span>" in english


def test_a_folder_is_no_report(project: Project, tmp_path: Path) -> None:
    with project, pytest.raises(BadcaseError, match="one file"):
        report(project, tmp_path)
