"""Run the examples of the README and the docs, as `make docs` does: `python -m tests.docs.run_examples [PAGE ...]`.

Every page gets an empty folder and one Python, in which its Python blocks run in their order and share their names; shell
blocks that are marked run in between. What a page prints is shown where it fails. A translation has the same examples, which a
test holds, so they are not run again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.docs.pages import NAMES, TRANSLATIONS, blocks

SHELL = "import subprocess; subprocess.run(['bash', '-euo', 'pipefail', '-c', {text!r}], check=True)\n"


def script(page: str) -> str:
    """All that runs of a page, as one program; empty where nothing does."""
    return "".join(
        f"exec(compile({block.text!r}, {page!r}, 'exec'))\n" if block.language == "python" else SHELL.format(text=block.text)
        for block in blocks(page)
        if block.runs
    )


def run(page: str) -> bool:
    """Run a page's examples in a folder of their own; says how it went."""
    with tempfile.TemporaryDirectory(prefix="examples-") as folder:
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script(page)],
            cwd=folder,
            env=_environment(Path(folder)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
    print(f"{'ok' if done.returncode == 0 else 'FAILED':<7}{page} ({time.monotonic() - started:.0f} s)", flush=True)
    if done.returncode != 0:
        print(done.stdout, flush=True)
    return done.returncode == 0


def _environment(folder: Path) -> dict[str, str]:
    """No screen, no network, this program first, and nothing of the person's own."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config"), "XDG_DATA_HOME": str(folder / ".data")}
    quiet = {"QT_QPA_PLATFORM": "offscreen", "HF_HUB_OFFLINE": "1", "BADCASE_LANGUAGE": "en", "OMP_WAIT_POLICY": "PASSIVE"}
    return os.environ | own | quiet | {"PATH": path}


def main() -> int:
    every = [page for page in NAMES if page not in TRANSLATIONS]
    pages = [page for page in sys.argv[1:] or every if script(page)]
    went = [run(page) for page in pages]  # all of them, so that one failure hides no other
    return 0 if all(went) else 1


if __name__ == "__main__":
    sys.exit(main())
