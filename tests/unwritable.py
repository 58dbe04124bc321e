"""Folders that cannot be written to, also by root, and disks that are full."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """The folder under a path where nothing can be written: mounted so, or without permission; else the test is skipped."""
    if os.getuid():
        places = [folder, *(path for path in folder.rglob("*") if not path.is_symlink())]
        for place in places:
            place.chmod(place.stat().st_mode & ~0o222)
        try:
            yield folder
        finally:
            for place in places:
                place.chmod(place.stat().st_mode | 0o200)
        return
    shown = folder.with_name(f"{folder.name}-read-only")
    shown.mkdir()
    with _mounted(shown, "--bind", str(folder)):
        if subprocess.run(["mount", "-o", "remount,ro,bind", str(shown)], capture_output=True).returncode:
            pytest.skip("this machine lets nobody mount a folder for reading alone")
        yield shown


@contextmanager
def small_disk(place: Path, size: str = "2m") -> Iterator[Path]:
    """A disk of this size; the test is skipped where none can be mounted."""
    place.mkdir()
    with _mounted(place, "-t", "tmpfs", "-o", f"size={size}", "tmpfs"):
        yield place


@contextmanager
def _mounted(place: Path, *how: str) -> Iterator[None]:
    try:
        failed = subprocess.run(["mount", *how, str(place)], capture_output=True).returncode
    except FileNotFoundError:
        failed = 1
    if failed:
        pytest.skip("nothing can be mounted on this machine")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
