"""Conversion of .xlsx files by LibreOffice, where this computer has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_PROGRAMS = ("soffice", "libreoffice")
_LONGEST = 120.0


class NotConverted(Exception):
    """LibreOffice is there but did not make the file."""


def find_program() -> str | None:
    """The path of LibreOffice, or None where it is not installed."""
    found = (shutil.which(name) for name in _PROGRAMS)
    return next((path for path in found if path is not None), None)


def converted(program: str, workbook: bytes, ending: str, locale: str) -> bytes:
    """The bytes of an .xlsx file as a file of another kind, such as `pdf` or `ods`.

    Numbers and dates are shown as in the locale (`ru_RU`), which an .xlsx file does not know.
    Takes some seconds. Raises NotConverted.
    """
    with tempfile.TemporaryDirectory(prefix="crm-sync-export-") as folder:
        source, result = Path(folder, "workbook.xlsx"), Path(folder, f"workbook.{ending}")
        source.write_bytes(workbook)
        # A profile of its own: the user's may be in use by a LibreOffice that is open.
        profile = Path(folder, "profile").as_uri()
        command = [
            program,
            "--headless",
            "--norestore",
            "--nologo",
            f"-env:UserInstallation={profile}",
            "--convert-to",
            ending,
            "--outdir",
            folder,
            str(source),
        ]
        try:
            subprocess.run(
                command,
                check=True,
                timeout=_LONGEST,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "HOME": folder, "LC_ALL": f"{locale}.UTF-8"},
            )
            return result.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise NotConverted(ending) from error
