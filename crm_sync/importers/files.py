"""Reads tables from files: CSV in whatever encoding and with whatever delimiter, XLSX."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from crm_sync.core.grid import TabRead
from crm_sync.core.values import N_, Cell
from crm_sync.errors import NotFound, UserError
from crm_sync.importers.unpacking import (
    MOST_MEMORY,
    NoProcess,
    Protected,
    TooLarge,
    Unreadable,
    unpacked,
)

_EPOCH: Final = datetime.fromisoformat("1899-12-30")
_DELIMITERS: Final = (",", ";", "\t", "|")
_LOOKED_AT: Final = 50
_HEAD: Final = 4000
_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CYRILLIC: Final = re.compile("[а-яё]{2}", re.IGNORECASE)
_SHEETS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
LARGEST_CELL: Final = 10_000_000


@dataclass(frozen=True)
class FileForm:
    """How a file is to be read, where somebody knows better: "" for what is to be found out."""

    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""


def read_file(path: Path, form: FileForm) -> tuple[TabRead, ...]:
    """The tables of a file: one of a CSV file, each filled sheet of a workbook. Dates are numbers
    of days, as in a sheet. Raises UserError for a file that cannot be read, NotFound for a sheet
    that is not in it.
    """
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise UserError(
            N_("The file {file} cannot be read: {reason}."),
            N_("Name a file that is there and that you may read."),
            file=path,
            reason=exc.strerror or str(exc),
        ) from exc
    if path.suffix.lower() in _SHEETS or content.startswith(b"PK\x03\x04"):
        return _sheets(path, content, form.sheet)
    return (_table(path.stem, 0, _csv_rows(path, content, form)),)


def _sheets(path: Path, content: bytes, wanted: str) -> tuple[TabRead, ...]:
    try:
        found = unpacked(content, wanted)
    except Protected as exc:
        raise UserError(
            N_("{file} is protected by a password."),
            N_("Save it without one, and import that file."),
            file=path.name,
        ) from exc
    except NoProcess as exc:
        raise UserError(
            N_("{file} cannot be read: the computer starts no further process for that."),
            N_("Close other programs and try again, or save the file as CSV and import that."),
            file=path.name,
        ) from exc
    except TooLarge as exc:
        raise UserError(
            N_("{file} is too large: unpacked it takes more than {size} MB."),
            N_(
                "Perhaps something stands far below or far to the right in it. Copy the table into "
                "a new file, and import that."
            ),
            file=path.name,
            size=MOST_MEMORY // 1_000_000,
        ) from exc
    except Unreadable as exc:
        raise UserError(
            N_("{file} is no workbook that can be read: {reason}."),
            N_("Open it in a spreadsheet program and save it anew as XLSX or CSV."),
            file=path.name,
            reason=exc,
        ) from exc
    if wanted and wanted not in found.names:
        raise NotFound(
            N_("{file} has no sheet “{sheet}”."),
            N_("There are: {sheets}."),
            file=path.name,
            sheet=wanted,
            sheets=", ".join(found.names),
        )
    tables = (
        _table(name, found.names.index(name), [tuple(map(_cell, row)) for row in rows])
        for name, rows in found.rows.items()
    )
    return tuple(each for each in tables if any(each.rows))


def _cell(value: Any) -> Cell:
    match value:
        case "":
            return None
        case datetime():
            return _serial(value)
        case date():
            return _serial(datetime.combine(value, time()))
        case time():
            return _serial(datetime.combine(_EPOCH.date(), value))
        case timedelta():
            return value / timedelta(days=1)
        case float() if value.is_integer() and abs(value) < 1e15:
            return int(value)
        case str() | int() | float() | bool():
            return value
        case _:
            return str(value)


def _serial(moment: datetime) -> float | int:
    days = (moment - _EPOCH) / timedelta(days=1)
    return int(days) if days.is_integer() else days


def _csv_rows(path: Path, content: bytes, form: FileForm) -> list[tuple[Cell, ...]]:
    text = _decoded(path, content, form.encoding)
    told = re.match(r"sep=(.)\r?\n", text)
    if told:
        text = text[told.end() :]
    delimiter = form.delimiter or (told[1] if told else _delimiter(text))
    # A cell of a spreadsheet program holds more than csv takes by itself.
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [tuple(_harmful(cell) or None for cell in row) for row in reader]
    except csv.Error as exc:
        raise UserError(
            N_("{file} is no CSV file that can be read: {reason}."),
            N_("Say what parts its cells: --delimiter ';'"),
            file=path.name,
            reason=exc,
        ) from exc


def _harmful(text: str) -> str:
    """The cell as it was before an export made it harmless with an apostrophe."""
    if text.startswith("'") and text[1:2] in ("=", "+", "-", "@"):
        return text[1:]
    return text


def _decoded(path: Path, content: bytes, told: str) -> str:
    try:
        if told:
            return content.decode(told)
        return content.decode(_encoding(content)).replace("\0", "")
    except (LookupError, UnicodeDecodeError) as exc:
        raise UserError(
            N_("{file} is not written in {encoding}."),
            N_("Name its encoding: --encoding cp1251; or save it as CSV in UTF-8."),
            file=path.name,
            encoding=told or _encoding(content),
        ) from exc


def _encoding(content: bytes) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    head = content[:_HEAD]
    if b"\0" in head:
        # Blanks and delimiters in UTF-16 have a zero behind them, or before.
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251" if _CYRILLIC.search(content.decode("cp1251", "replace")) else "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """The sign that parts most lines into the same number of cells, more than one."""
    lines = text.splitlines()[:_LOOKED_AT]

    def worth(sign: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
        usual = max(set(widths), key=widths.count, default=0)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(_DELIMITERS, key=worth)


def _table(name: str, number: int, rows: Sequence[tuple[Cell, ...]]) -> TabRead:
    width = max((len(row) for row in rows), default=0)
    return TabRead(number, name, len(rows), width, tuple(rows))
