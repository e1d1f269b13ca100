"""The number of the last change of a data file, kept beside it.

A data file that is put back from a copy knows nothing of what was changed after the copy was made,
and would give the same versions once more, to other contents. What stands beside it stays.
"""

import os
from pathlib import Path

_DIGITS = 20


class LastNumber:
    """The number in `<data>.last` (0600). It is never ahead of what was given by more than a change
    that failed, and may be behind after a power cut.
    """

    def __init__(self, data: Path) -> None:
        self._path = data.with_name(f"{data.name}.last")

    def read(self) -> int:
        """The number, 0 if none was noted."""
        try:
            return int(self._path.read_bytes())
        except (FileNotFoundError, ValueError):
            return 0

    def note(self, number: int) -> None:
        """Puts a number in the place of the one before."""
        descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.write(descriptor, b"%0*d" % (_DIGITS, number))
        finally:
            os.close(descriptor)
