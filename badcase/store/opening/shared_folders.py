"""Folders that other computers see too: on a network, or kept the same by a program. Two machines may then write at once."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from badcase.i18n import _
from badcase.progress import Notice

_NETWORK = re.compile(
    r"(fuse\.)?(nfs\d*|cifs|smb\d*|smbfs|9p|afp(fs)?|afs|ceph|gluster(fs)?|lustre|gpfs|beegfs|davfs2?|webdav|sshfs|rclone|s3fs|goofys"
    r"|gcsfuse|juicefs|encfs-reverse|ncpfs|coda|orangefs|moosefs|ocfs2|gfs2|vboxsf|vmhgfs(-fuse)?|prl_fs|virtiofs)"
)
_OF_THE_MACHINE = {"9p", "virtiofs"}  # where the whole system lies on it, as in some containers, nobody shares it
# What programs call the folders that they keep the same, and what they lay into them.
_NAMES = {
    "Dropbox": r"dropbox( \(.+\))?|dropbox-.+",
    "OneDrive": r"(onedrive|skydrive)( ?- ?.+)?",
    "Google Drive": r"google ?drive(-.+)?|my drive|\.shortcut-targets-by-id",
    "iCloud": r"icloud ?drive|mobile documents|com~apple~clouddocs",
    "Nextcloud": r"nextcloud\d*",
    "ownCloud": r"owncloud\d*",
    "Syncthing": r"syncthing",
    "Resilio Sync": r"resilio ?sync|btsync",
    "MEGA": r"mega(sync)?( downloads)?",
    "pCloud": r"p ?cloud ?drive",
    "Box": r"box( sync|-box)",
    "Yandex.Disk": r"yandex\.?disk",
    "Seafile": r"seafile|seadrive",
    "Nutstore": r"nutstore(files)?|我的坚果云|坚果云",
    "Baidu": r"baidusyncdisk|百度网盘同步空间",
}
_MARKS = {
    "Dropbox": (".dropbox.cache",),
    "Google Drive": (".tmp.drivedownload", ".tmp.driveupload"),
    "Nextcloud": (".nextcloudsync.log", ".sync_*.db", "._sync_*.db"),
    "ownCloud": (".owncloudsync.log",),
    "Syncthing": (".stfolder", ".stignore", ".stversions"),
    "Resilio Sync": (".sync/ID",),
    "Yandex.Disk": (".yandex_disk",),
    "Seafile": (".seafile-data",),
}


def cautions(project: Path) -> list[Notice]:
    """What endangers a project where it lies, each with its remedy; nothing for a folder of this computer alone."""
    found = []
    place = Path(os.path.realpath(project))
    if (kind := network_of(place)) is not None:
        found.append(
            Notice(
                _("The project lies on a network folder ({kind}), where its database is not safe.").format(kind=kind),
                _("Copy it to a disk of this computer to work on it; never open it on two computers at once."),
            )
        )
    if (program := synchronized_by(place)) is not None:
        found.append(
            Notice(
                _("{program} keeps this folder the same on several computers.").format(program=program),
                _("Open the project on one of them at a time, or move it to a folder that is not synchronized."),
            )
        )
    if copies := sorted(path.name for path in place.glob("project*.db") if path.name != "project.db"):
        found.append(
            Notice(
                _("Beside the project's database lies another copy of it: {names}.").format(names=", ".join(copies[:3])),
                _("Two computers may have written at once: what is in the copy alone is missing here. Keep it until you know."),
            )
        )
    return found


def network_of(folder: Path) -> str | None:
    """What a network folder is mounted as, "nfs4" say; None for a disk of this computer, or where nobody can tell."""
    try:
        if sys.platform == "win32":
            root = folder.anchor
            return "SMB" if root.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(root) == 4 else None  # DRIVE_REMOTE
        if sys.platform == "darwin":
            return _network_of_mac(folder)
        return network_among(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"), folder)
    except (OSError, AttributeError, ValueError):
        return None


def network_among(mounts: str, folder: Path) -> str | None:
    """The same by the text of Linux' /proc/self/mountinfo: the mount that lies deepest above the folder, of several the last."""
    depth, kind = -1, ""
    for line in mounts.splitlines():
        before, dash, after = line.partition(" - ")
        words = before.split(" ")
        if not dash or len(words) < 5:
            continue
        point = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), words[4]))
        if folder.is_relative_to(point) and len(point.parts) >= depth:
            depth, kind = len(point.parts), after.split(" ")[0]
    own = depth == 1 and kind in _OF_THE_MACHINE
    return kind if _NETWORK.fullmatch(kind) and not own else None


def _network_of_mac(folder: Path) -> str | None:
    state = ctypes.create_string_buffer(4096)  # struct statfs: flags at 64, the name of the kind at 72
    library = ctypes.CDLL(None, use_errno=True)
    ask = getattr(library, "statfs$INODE64", None) or library.statfs
    if ask(os.fsencode(folder), state) != 0:
        return None
    local = int.from_bytes(state.raw[64:68], sys.byteorder) & 0x1000  # MNT_LOCAL
    return None if local else state.raw[72:88].split(b"\0")[0].decode("ascii", "replace")


def synchronized_by(folder: Path) -> str | None:
    """The program that keeps a folder the same on several computers, by the names and the marks of it and those above it."""
    for one in (folder, *folder.parents):
        for program, names in _NAMES.items():
            if re.fullmatch(names, one.name, re.IGNORECASE):
                return program
        for program, marks in _MARKS.items():
            if any(_marks(one, marks)):
                return program
        if (one / ".dropbox").is_file():  # in the home folder it is a folder, of the program itself
            return "Dropbox"
        if one != Path(one.anchor) and str(one) in {value for name, value in os.environ.items() if name.startswith("OneDrive")}:
            return "OneDrive"
    return None


def _marks(folder: Path, marks: tuple[str, ...]) -> Iterator[bool]:
    for mark in marks:
        yield any(folder.glob(mark)) if "*" in mark else (folder / mark).exists()
