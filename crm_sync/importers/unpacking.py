"""Reads spreadsheet files in a process of its own.

A few kilobytes can unpack to more than a computer holds, by accident too: one cell at the far end
of a sheet is enough. The library that reads them then ends the process it is in, and that must not
be the one that holds the store.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Final

MOST_MEMORY: Final = 4 << 30
"""Bytes that reading a file may take."""


class TooLarge(Exception):
    """The file unpacks to more than `MOST_MEMORY`."""


class Unreadable(Exception):
    """It is no spreadsheet, or a damaged one: the text says why."""


class NoProcess(Exception):
    """The computer lets this program start no further process."""


class Protected(Exception):
    """It asks for a password."""


@dataclass(frozen=True)
class Unpacked:
    """All `names` of sheets, and the rows of those that were asked for, by name: texts, numbers,
    dates and times as the library gives them, "" for blank.
    """

    names: tuple[str, ...]
    rows: dict[str, Sequence[Sequence[Any]]]


def unpacked(content: bytes, wanted: str) -> Unpacked:
    """The sheet of this name, all of them for "".

    Raises TooLarge, Unreadable, Protected, NoProcess.
    """
    # A fresh process: a copy of this one would have the store open.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh, initializer=_confine) as pool:
        try:
            pool.submit(int).result()
        except BrokenProcessPool as exc:
            raise NoProcess from exc
        try:
            return pool.submit(_read, content, wanted).result()
        except (BrokenProcessPool, MemoryError) as exc:
            raise TooLarge from exc


def _confine() -> None:
    """Bounds the memory of this process, and keeps to itself what its library says at its end."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _read(content: bytes, wanted: str) -> Unpacked:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = tuple(book.sheet_names)
        return Unpacked(
            names,
            {
                name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in names
                if wanted in ("", name)
            },
        )
    except PasswordError:
        raise Protected from None
    except (CalamineError, OSError, ValueError) as exc:
        raise Unreadable(str(exc)) from None
