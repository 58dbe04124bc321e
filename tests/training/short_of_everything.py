"""Trainings on a disk that is full or read-only, and without memory: run by test_faults.py in a process of its own.

It holds a small file system of its own, which is gone when this process is:
    python -m tests.training.short_of_everything PROJECT MOUNT
What happened is printed as JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from badcase.errors import BadcaseError
from badcase.progress import finish
from badcase.project import Project
from badcase.training.recipe import Recipe
from badcase.training.run_folder import run as run_folder
from badcase.training.runs.resume import resume_in_steps, sameness
from badcase.training.runs.train import train_in_steps

RECIPE = Recipe(epochs=6, head_epochs=1, learning_rate=3e-3, batch_size=16)
SIZE = 48  # MiB of the disk
NEW_MOUNTS, NEW_USERS = 0x20000, 0x10000000  # CLONE_NEWNS, CLONE_NEWUSER


def apart() -> None:
    """What `unshare --map-root-user --mount` does, to this process: what it mounts is seen by nobody else."""
    user, group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_MOUNTS | NEW_USERS):
        raise OSError(ctypes.get_errno(), "no file system of its own")
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        Path("/proc/self", name).write_text(text, encoding="ascii")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def main(source: Path, mount: Path) -> None:
    apart()
    run_folder.WRITING = float("inf")  # each epoch leaves its state, so that each may meet the fault
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(mount)], check=True)
    shutil.copytree(source, mount / "project")
    with Project.open(mount / "project") as project:
        whole = finish(train_in_steps(project, RECIPE))
    told: dict[str, Any] = {}
    for name, fault in (("full", full_disk), ("read_only", read_only), ("memory", no_memory)):
        with Project.open(mount / "project") as project:
            told[name] = struck(project, lambda fault=fault: fault(mount))
        with Project.open(mount / "project") as project:  # another program, when the fault is mended
            left = project.runs.all()[-1]
            told[name] |= {
                "state": left.state,
                "kept": (left.folder / "best.safetensors").exists(),
                "half": [path.name for path in left.folder.glob(".*tmp")],
            }
            told[name]["sameness"] = sameness(whole, finish(resume_in_steps(project, left.id)))
    print(json.dumps(told))


def struck(project: Project, fault: Callable[[], Any]) -> dict[str, Any]:
    """Train until two epochs are over, let the fault strike, and tell what the training said to it."""
    job = train_in_steps(project, RECIPE)
    while getattr(next(job), "values", {}).get("epoch", 0) <= 2.2:
        pass
    try:
        with fault():
            finish(job)
    except BadcaseError as error:
        return {"said": str(error), "hint": error.hint}
    return {"said": "", "hint": ""}


@contextmanager
def full_disk(mount: Path) -> Iterator[None]:
    filler = mount / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(mount: Path) -> Iterator[None]:
    # Nothing may be open for writing when it is remounted, and the project's database is; a cover over runs/ is enough.
    runs = mount / "project" / "runs"
    subprocess.run(["mount", "--bind", str(runs), str(runs)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(runs)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(runs)], check=True)


@contextmanager
def no_memory(_mount: Path) -> Iterator[None]:
    """What is taken already is all there is."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize(), before[1]))
    hoard = []
    try:
        with suppress(MemoryError):
            while True:
                hoard.append(bytearray(64 << 10))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
