"""Where a store must not lie: on a disk of another computer, or in a folder that is copied to the
cloud. Locks do not hold there, or the file is put back to an older state behind our back; either
damages a SQLite database: https://www.sqlite.org/howtocorrupt.html (2.1, 1.4).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from crm_sync.core.values import N_
from crm_sync.errors import StoreError

MOUNTS: Final = Path("/proc/self/mounts")

_NETWORK: Final = frozenset(
    {"afpfs", "cifs", "davfs", "nfs", "nfs4", "smb", "smb2", "smb3", "smbfs", "webdav"}
    | {"fuse.davfs2", "fuse.gcsfuse", "fuse.google-drive-ocamlfuse", "fuse.rclone", "fuse.s3fs"}
    | {"fuse.smbnetfs", "fuse.sshfs"}
)
_CLOUD: Final = re.compile(
    r"dropbox(?: \(.*\))?|onedrive(?: -.*)?|google ?drive|googledrive-.*|my drive|icloud ?drive"
    r"|mobile documents|yandex\.?disk|яндекс\.?диск|nextcloud|owncloud|cloud mail\.ru|pcloud"
    r"|box sync|mega(?:sync)?",
    re.IGNORECASE,
)


def refuse_bad_place(path: Path, mounts: Path = MOUNTS) -> None:
    """Raises StoreError for a file in such a place."""
    whole = Path(os.path.realpath(path))
    cloud = next((part for part in whole.parts[:-1] if _CLOUD.fullmatch(part)), None)
    if cloud is not None:
        raise StoreError(
            N_("The store {path} lies in a folder that is copied to the cloud ({folder})."),
            N_(
                "Move it to a folder of this computer alone; another copy of it is a backup's work."
            ),
            path=str(path),
            folder=cloud,
        )
    if str(path).startswith(("\\\\", "//")) or _filesystem(whole, mounts) in _NETWORK:
        raise StoreError(
            N_("The store {path} lies on a disk of another computer."),
            N_("Move it to a disk of this computer: over a network the locks of SQLite fail."),
            path=str(path),
        )


def _filesystem(path: Path, mounts: Path) -> str:
    """The kind of file system that a path lies on, "" where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found, kind = -1, ""
    for words in (line.split() for line in lines):
        if len(words) < 3:
            continue
        point = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), words[1]))
        if path.is_relative_to(point) and len(point.parts) >= found:
            found, kind = len(point.parts), words[2]
    return kind
