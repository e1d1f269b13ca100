"""Files that commands write, whole or not at all and for their owner alone, or read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from crm_sync.core.values import N_
from crm_sync.errors import UserError

_PRIVATE: Final = 0o600


def write_file(file: Path, content: bytes) -> None:
    """Puts the file in place in one step; others cannot read it: it names clients."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
            with os.fdopen(handle, "wb") as out:
                out.write(content)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as exc:
        raise UserError(
            N_("The file {file} cannot be written: {reason}."),
            N_("Name a file in a folder that exists and that you may write to."),
            file=file,
            reason=exc.strerror or str(exc),
        ) from exc


def read_file(file: Path) -> bytes:
    """What a file holds. Raises UserError."""
    try:
        return file.read_bytes()
    except OSError as exc:
        raise UserError(
            N_("The file {file} cannot be read: {reason}."),
            N_("Name a file that is there and that you may read."),
            file=file,
            reason=exc.strerror or str(exc),
        ) from exc
