"""Folders that other computers see too are known by their mounts, names and marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from badcase.store.opening.shared_folders import cautions, network_among, synchronized_by

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:30 / /home rw shared:2 - nfs4 server:/home rw,vers=4.2
31 30 8:2 / /home/me/disk rw - xfs /dev/sdb1 rw
32 22 0:31 / /mnt/my\040share rw - cifs //server/share rw
33 22 0:32 / /mnt/ssh rw - fuse.sshfs me@host:/ rw
34 22 0:33 / /mnt/stick rw - fuseblk /dev/sdc1 rw
35 22 0:34 / /mnt/c rw - 9p C:\134 rw
36 22 0:35 / /mnt/twice rw - nfs server:/a rw
37 22 8:3 / /mnt/twice rw - ext4 /dev/sdd rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/data/project", None),
        ("/home/me/project", "nfs4"),
        ("/home/me/disk/project", None),
        ("/homes/project", None),
        ("/mnt/my share/project", "cifs"),
        ("/mnt/ssh/p", "fuse.sshfs"),
        ("/mnt/stick/p", None),
        ("/mnt/c/p", "9p"),
        ("/mnt/twice/p", None),
    ],
)
def test_a_network_folder_is_known_by_its_mount(folder: str, kind: str | None) -> None:
    assert network_among(MOUNTS, Path(folder)) == kind


def test_a_whole_system_on_9p_is_no_network_folder() -> None:
    assert network_among("22 1 0:1 / / rw - 9p none rw\n", Path("/data/project")) is None
    assert network_among("22 1 0:1 / / rw - nfs server:/ rw\n", Path("/data/project")) == "nfs"
    assert network_among("garbage\n - \n", Path("/data")) is None


@pytest.mark.parametrize(
    ("above", "program"),
    [
        ("Dropbox", "Dropbox"),
        ("Dropbox (Work)", "Dropbox"),
        ("OneDrive - Firm", "OneDrive"),
        ("Google Drive", "Google Drive"),
        ("Mobile Documents", "iCloud"),
        ("Nextcloud", "Nextcloud"),
        ("坚果云", "Nutstore"),
        ("my dropbox notes", None),
        ("boxes", None),
        ("sync", None),
    ],
)
def test_a_synchronized_folder_is_known_by_its_name(tmp_path: Path, above: str, program: str | None) -> None:
    assert synchronized_by(tmp_path / above / "deeper" / "project") == program


def test_a_synchronized_folder_is_known_by_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "files" / "project"
    project.mkdir(parents=True)
    (tmp_path / ".dropbox").mkdir()  # the home of a person who has the program
    assert cautions(project) == []
    (tmp_path / "files" / ".dropbox").write_text("{}")
    assert synchronized_by(project) == "Dropbox"
    (tmp_path / "files" / ".dropbox").unlink()
    (tmp_path / "files" / ".stfolder").mkdir()
    assert synchronized_by(project) == "Syncthing"
    (tmp_path / "files" / ".stfolder").rmdir()
    (tmp_path / "files" / ".sync_0a1b.db").touch()
    assert synchronized_by(project) == "Nextcloud"
    (tmp_path / "files" / ".sync_0a1b.db").unlink()
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "files"))
    assert synchronized_by(project) == "OneDrive"


@pytest.mark.parametrize(
    "name",
    [
        "project (Anna's conflicted copy 2026-01-02).db",
        "project.sync-conflict-20260102-120000-ABCDEFG.db",
        "project (1).db",
        "project-LAPTOP.db",
    ],
)
def test_another_copy_of_the_database_is_told(tmp_path: Path, name: str) -> None:
    for file in ("project.db", "project.db-wal", "project.lock", name):
        (tmp_path / file).touch()
    (told,) = cautions(tmp_path)
    assert name in told.text and told.hint


def test_a_link_into_a_synchronized_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "Dropbox" / "project").mkdir(parents=True)
    (tmp_path / "project").symlink_to(tmp_path / "Dropbox" / "project")
    (told,) = cautions(tmp_path / "project")
    assert "Dropbox" in told.text
