"""The way to files of records."""

from __future__ import annotations

from pathlib import Path

from crm_sync.core.grid import TabRead
from crm_sync.importers.files import FileForm, read_file


def tables_of(
    path: Path, *, sheet: str = "", encoding: str = "", delimiter: str = ""
) -> tuple[TabRead, ...]:
    """The tables of a file; see `importers.files.read_file`."""
    return read_file(path, FileForm(sheet, encoding, delimiter))
