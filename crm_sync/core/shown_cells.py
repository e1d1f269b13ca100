"""Numbers that are not what was typed: a spreadsheet makes 0.15 of "15%", 500 of "$500" and a day's
serial number of "1.5" or "1/2". Only what the cell shows tells them from plain numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from crm_sync.core.binding import Binding
from crm_sync.core.codecs import Codec
from crm_sync.core.plan import Op, TabPlan
from crm_sync.core.rows import SheetRow
from crm_sync.core.schema import Kind, Tab
from crm_sync.core.values import Unreadable

NUMBERS: Final = frozenset({Kind.DECIMAL, Kind.INTEGER})
TELLING: Final = frozenset({"PERCENT", "DATE", "TIME", "DATE_TIME", "CURRENCY", "SCIENTIFIC"})
"""Formats under which a number may mean something else than itself."""

# "1.00E+03" is 1000 and means nothing else: a cell in which 1e3 was typed shows all numbers so.
_POWER: Final = re.compile(r"(?<=[0-9])E[+-]?[0-9]+")
_LETTER: Final = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class ShownCell:
    """What a cell shows, and the type of its number format as Sheets names it."""

    text: str
    format: str


Shown = Mapping[tuple[int, int], ShownCell]


def doubtful_rows(
    tab: Tab, plan: TabPlan, rows: Sequence[SheetRow], places: Mapping[str, int]
) -> Iterator[int]:
    """The rows in which the plan takes a number over from a cell of numbers, or would."""
    numbers = [item.name for item in tab.table.staff_fields if item.kind in NUMBERS]
    if not numbers:
        return
    taken = [
        (change, told)
        for change in plan.changes
        if change.op is not Op.ARCHIVE
        and (told := [name for name in numbers if change.values.get(name) is not None])
    ]
    by_number = {row.number: row for row in rows} if taken else {}
    for change, told in taken:
        row = by_number.get(places.get(change.record_id, -1))
        if row is not None and any(_is_number(row, name) for name in told):
            yield row.number


def _is_number(row: SheetRow, name: str) -> bool:
    cell = row.cells.get(name)
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def as_shown(
    tab: Tab, binding: Binding, rows: Sequence[SheetRow], shown: Shown, codecs: Mapping[str, Codec]
) -> tuple[SheetRow, ...]:
    """The rows with what people see in place of a number that means something else: its codec then
    says why that will not do. A number that is shown as one of its own stays.
    """
    if not shown:
        return tuple(rows)
    found = []
    for row in rows:
        cells = dict(row.cells)
        for item in tab.table.staff_fields:
            if item.kind not in NUMBERS or not _is_number(row, item.name):
                continue
            seen = shown.get((row.number, binding.columns[item.name]))
            if seen is None or seen.format not in TELLING or _is_bare_power(seen):
                continue
            if isinstance(codecs[item.name].parse(seen.text), Unreadable):
                cells[item.name] = seen.text
        found.append(replace(row, cells=cells))
    return tuple(found)


def _is_bare_power(seen: ShownCell) -> bool:
    """True for a number that is shown as a power of ten, with no words beside it."""
    return seen.format == "SCIENTIFIC" and not _LETTER.search(_POWER.sub("", seen.text))
