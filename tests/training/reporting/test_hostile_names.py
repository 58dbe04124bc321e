"""What data say is text in the report and in a model's card: no tag, no link, no cell of a table, nothing that runs."""

from __future__ import annotations

import csv
from html.parser import HTMLParser
from pathlib import Path

from badcase.project import Project
from badcase.shown_tables import plain_markdown
from badcase.training.reporting.report import report
from badcase.training.reporting.svg_charts import bars, curves, intervals

HOSTILE = (
    "</style><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</title><b>&lt;i&gt;",
)
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "section",
    "div",
    "b",
    "p",
    "h1",
    "h2",
    "h3",
    "small",
    "details",
}
TAGS |= {"summary", "table", "thead", "tbody", "tr", "th", "td", "i", "span", "figure", "figcaption", "svg", "text", "line"}
TAGS |= {"polyline", "circle", "rect"}


class Seen(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_report_of_hostile_names_has_no_tag_but_its_own(tmp_path: Path) -> None:
    rows = [[f"{HOSTILE[i % 4]}{i}", f"{HOSTILE[i % 4]} words {i}", HOSTILE[i % 3], HOSTILE[i % 2]] for i in range(24)]
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text", "label", HOSTILE[0]], *rows, ["lone", "", HOSTILE[0], ""]])
    with Project.create(tmp_path / "p<script>", tmp_path / "t.csv", key="id", text="text", label="label") as project:
        project.journal.record([0, 1], "relabel", HOSTILE[2], who=HOSTILE[0])
        page = report(project, tmp_path / "r.html").read_text(encoding="utf-8")
    seen = Seen(page)
    assert seen.tags <= TAGS and not [name for name in seen.attributes if name.startswith("on")]
    assert all(name in seen.text for name in HOSTILE[:3])
    assert "Content-Security-Policy" in page and "default-src 'none'" in page


def test_the_plots_of_hostile_names_have_no_tag_but_their_own() -> None:
    for name in HOSTILE:
        plots = [curves({name: [0.1, 0.2]}, name), intervals([(name, "+10.0", 0.1, 0.0, 0.2)]), bars([(name, 3)])]
        seen = Seen("".join(plots))
        assert seen.tags <= TAGS and name in seen.text


def test_a_name_in_a_card_is_neither_markdown_nor_html() -> None:
    assert plain_markdown("[x](javascript:alert(1))") == r"\[x\](javascript:alert(1))"
    assert plain_markdown("a | b\n\n# c ![](http://x)") == r"a \| b \# c !\[\](http://x)"
    assert plain_markdown("<img src=x>`code`*b*_i_&amp;") == r"\<img src=x\>\`code\`\*b\*\_i\_\&amp;"
    assert plain_markdown("cat dog-2 Größe 猫") == "cat dog-2 Größe 猫"
