"""What MkDocs calls while it builds: pages that are made from the program, and a look at what was built.

Nothing on a page may come from another address when it is read, so that the site works without a network.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

os.environ["BADCASE_LANGUAGE"] = "en"  # before the titles of knobs are read

from command_line_page import command_line_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from recipe_page import recipe_page

MADE = {"reference/recipe.md": recipe_page, "reference/command-line.md": command_line_page}
# Files of the checkout that are pages too; between them and docs/ links are written as the checkout has them.
BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md")
ELSEWHERE = re.compile(r"""<(?:(?:script|img|iframe|source)\b[^>]*\bsrc|link\b[^>]*\bhref)=["']?(?:https?:)?//""")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the made pages, and those that lie beside docs/."""
    for path, make in MADE.items():
        files.append(File.generated(config, path, content=make()))
    root = Path(config.config_file_path).parent
    for name in BESIDE:
        text = (root / name).read_text(encoding="utf-8")
        files.append(File.generated(config, f"project/{name.lower()}", content=_as_page(text)))
    return files


def _as_page(text: str) -> str:
    """Links as seen from a page in project/; what the site does not have becomes plain text."""

    def link(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        if target.startswith("docs/"):
            return f"[{words}](../{target.removeprefix('docs/')})"
        if target in BESIDE:
            return f"[{words}]({target.lower()})"
        return found[0] if "://" in target or target.startswith("#") else words

    return re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", link, text)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A link out of docs/, to a file that is a page too, leads to that page."""
    up = "../" * page.file.src_uri.count("/")
    beside = "|".join(map(re.escape, BESIDE))
    return re.sub(rf"\]\((?:\.\./)+({beside})\)", lambda found: f"]({up}project/{found[1].lower()})", markdown)


def on_post_build(config: MkDocsConfig) -> None:
    """Fail where a page would load anything from another address."""
    for page in Path(config.site_dir).rglob("*.html"):
        found = ELSEWHERE.search(page.read_text(encoding="utf-8"))
        if found:
            raise PluginError(f"{page.name} loads something from another address: {found[0]}")
