"""The figures as a table, for the terminal and for docs/performance.md."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BEGIN, END = "<!-- figures: {name} -->", "<!-- end of figures -->"
HEADINGS = (
    *("rows", "case", "CPU s", "in L", "peak MB", "in payloads", "payload MB", "sent MB"),
    "requests",
)


@dataclass(frozen=True)
class Measured:
    """One line. Times in seconds of processor time, sizes in bytes; `decode` is L; `peak` is what
    the work took beside the payload, None where nobody can tell.
    """

    rows: int
    case: str
    seconds: float
    decode: float
    peak: int | None
    payload: int
    requests: int
    sent: int = 0

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as it is shown."""
        return (
            f"{self.rows:,}",
            self.case,
            f"{self.seconds:.3f}",
            f"{self.seconds / self.decode:.2f}",
            "-" if self.peak is None else f"{self.peak / 1e6:.1f}",
            "-" if self.peak is None else f"{self.peak / self.payload:.2f}",
            f"{self.payload / 1e6:.1f}",
            f"{self.sent / 1e6:.2f}" if self.requests else "-",
            str(self.requests) if self.requests else "-",
        )


def machine() -> str:
    """Where and with what it was measured."""
    processor = platform.processor() or platform.machine()
    return (
        f"{time.strftime('%Y-%m-%d')}, {platform.system()} on {processor} with {os.cpu_count()} "
        f"processors, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}."
    )


def line(cells: Sequence[str]) -> str:
    """A line for the terminal."""
    first, case, *figures = cells
    return f"{first:>9}  {case:<34}" + "".join(f"{figure:>13}" for figure in figures)


def markdown(name: str, headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table between its marks in docs/performance.md."""
    rows = [headings, ("---:", "---", *["---:"] * (len(headings) - 2)), *lines]
    table = "\n".join("| " + " | ".join(cells) + " |" for cells in rows)
    return f"{BEGIN.format(name=name)}\n{machine()}\n\n{table}\n{END}"


def replaced(text: str, name: str, headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """The document with these figures in place of the old ones of this name."""
    head, _, rest = text.partition(BEGIN.format(name=name))
    return head + markdown(name, headings, lines) + rest.partition(END)[2]
