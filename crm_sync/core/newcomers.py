"""Reads a row that is to become a record: complete, or a draft that lacks required cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from crm_sync.core.findings import HELD, Finding, Problem, Severity
from crm_sync.core.merging import TEXT_KINDS, TabWork
from crm_sync.core.rows import SheetRow
from crm_sync.core.schema import OWN_ID, Field, Kind
from crm_sync.core.values import (
    N_,
    Cell,
    Scalar,
    Unreadable,
    cell_text,
    is_blank,
    same_cell,
)

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from crm_sync.core.value_class import value_class


@value_class(frozen=True)
class Newcomer:
    """A new row. `values` are what the store would hold, `cells` the raw cells that were taken,
    `rewrites` the cells that the sheet is to get beside the id (defaults, references by name).
    A row is `complete` when every required field has a value that was understood.
    """

    row: SheetRow
    values: Mapping[str, Scalar]
    cells: Mapping[str, Cell]
    rewrites: Mapping[str, Cell]
    problems: tuple[Problem, ...]
    complete: bool


def read_newcomers(work: TabWork, rows: Iterable[SheetRow]) -> list[Newcomer]:
    """The rows read with their defaults. What cannot be read is left out of a complete record, with
    a problem at its cell.
    """
    fields = work.view.whole.staff_fields if work.view else work.tab.table.staff_fields
    entries = [_Entry(work, item) for item in fields]
    required = [item.name for item in _required(work)]
    return [_read_newcomer(work, row, entries, required) for row in rows]


class _Entry:
    """How a field of new rows is read. `plain` text stays in its cell as it was typed."""

    __slots__ = ("default", "item", "name", "parse", "plain", "unseen")

    def __init__(self, work: TabWork, item: Field) -> None:
        self.item = item
        self.name = item.name
        self.unseen = item.name in work.unseen
        self.default = _default(work, item)
        self.parse: Callable[[Cell], Scalar | Unreadable] = (
            partial(_entry, work, item) if self.unseen else work.codecs[item.name].parse
        )
        self.plain = item.kind is not Kind.REFERENCE and not self.unseen


def _read_newcomer(
    work: TabWork, row: SheetRow, entries: Sequence[_Entry], required: Sequence[str]
) -> Newcomer:
    values: dict[str, Scalar] = {}
    cells: dict[str, Cell] = {}
    rewrites: dict[str, Cell] = {}
    problems: list[Problem] = []
    mine = row.cells
    for entry in entries:
        name = entry.name
        raw = mine.get(name)
        if raw is None and entry.default is None and not entry.unseen:
            # Nearly half of all cells.
            values[name] = None
            if name in mine:
                cells[name] = None
            continue
        reading = entry.parse(raw)
        if isinstance(reading, Unreadable):
            problems.append(_unread(work, row, name, reading))
            values[name] = None
            continue
        if reading is None:
            reading = entry.default
        elif entry.plain and isinstance(raw, str):
            values[name] = reading
            cells[name] = raw
            continue
        values[name] = reading
        if name in mine and not entry.unseen:
            cells[name] = raw
            shown = _shown(work, row, entry.item, reading)
            if not same_cell(shown, raw):
                rewrites[name] = shown
    broken = _broken_rules(work, row, values, cells, rewrites)
    missing = [name for name in required if values.get(name) is None]
    waits = bool(missing) or any(_lets_wait(work, finding) for finding in broken)
    if not broken and not missing:
        return Newcomer(row, values, cells, rewrites, tuple(problems), True)
    unread = {problem.field for problem in problems}
    problems.extend(
        _rule_problem(work, row, finding)
        for finding in broken
        if not (finding.code == "V03" and unread & set(finding.fields))
    )
    # Of a cell that cannot be read is told already what would do.
    blank = [name for name in missing if name not in unread]
    if blank:
        problems.append(_missing(work, row, blank, draft=not problems))
    return Newcomer(row, values, cells, rewrites, tuple(problems), not waits)


def _required(work: TabWork) -> Iterator[Field]:
    return (
        item for item in work.tab.table.fields if item.required and item.name in work.tab.by_field
    )


def _entry(work: TabWork, item: Field, raw: Cell) -> Scalar | Unreadable:
    """What a new row says in a field that staff cannot fill here later."""
    assert work.view is not None
    return work.view.entry[item.name].parse(work.view.typed(item, raw))


def _lets_wait(work: TabWork, finding: Finding) -> bool:
    """True if no record can be made before this is mended: it leaves no cell to do without."""
    if finding.severity is not Severity.REJECT:
        return False
    by_name = work.tab.table.by_name
    return finding.code == "V03" or all(by_name[name].required for name in finding.fields)


def _default(work: TabWork, item: Field) -> Scalar:
    """What a blank cell takes: what makes the record one of this workbook's, else the default."""
    if work.view is not None and item.name in work.view.starts:
        return work.view.starts[item.name]
    if item.default is None or item.default == OWN_ID:
        return None
    codec = work.view.entry[item.name] if item.name in work.unseen and work.view else None
    value = (codec or work.codecs[item.name]).normal(item.default)
    return None if isinstance(value, Unreadable) else value


def _shown(work: TabWork, row: SheetRow, item: Field, value: Scalar) -> Cell:
    """The cell as it should stand: as typed, but for defaults, references and mangled text."""
    raw = row.cells[item.name]
    if value is None or item.name in row.formulas:
        return raw
    mangled = isinstance(raw, (int, float)) and item.kind in TEXT_KINDS
    if is_blank(raw) or mangled or item.kind is Kind.REFERENCE:
        return work.codecs[item.name].format(value)
    return raw


def _broken_rules(
    work: TabWork,
    row: SheetRow,
    values: dict[str, Scalar],
    cells: dict[str, Cell],
    rewrites: dict[str, Cell],
) -> list[Finding]:
    """The rules that the new record breaks. A refused cell is not taken: the record comes without
    it.
    """
    findings = [
        item
        for item in work.check(values, None)
        if item.code != "V02" and work.holds_up(item, "", _row_text(work, row))
    ]
    if not findings:
        return findings
    required = {item.name for item in work.tab.table.fields if item.required}
    for finding in findings:
        if finding.severity is not Severity.REJECT or finding.code == "V03":
            continue
        name = next((name for name in finding.fields if name not in required), None)
        if name is not None:
            values[name] = None
            cells.pop(name, None)
            rewrites.pop(name, None)
    return findings


def _missing(work: TabWork, row: SheetRow, missing: Sequence[str], *, draft: bool) -> Problem:
    """One problem that names every required column that is blank."""
    headings = [work.tab.by_field[name].heading for name in missing]
    return Problem(
        work.tab.table.name,
        "V02",
        Severity.DRAFT if draft else Severity.REJECT,
        N_("The new row waits: {columns} must be filled."),
        N_("Then the next sync takes it over."),
        field=missing[0],
        row=row.number,
        column=work.binding.columns.get(missing[0]),
        typed=_row_text(work, row),
        params={"columns": ", ".join(headings)},
    )


def _unread(work: TabWork, row: SheetRow, name: str, unread: Unreadable) -> Problem:
    return Problem(
        work.tab.table.name,
        unread.code,
        Severity.REJECT,
        unread.reason,
        unread.remedy,
        field=name,
        row=row.number,
        column=work.binding.columns.get(name),
        typed=unread.typed,
        params=unread.params,
    )


def _rule_problem(work: TabWork, row: SheetRow, finding: Finding) -> Problem:
    name = finding.fields[0] if finding.fields else ""
    return Problem(
        work.tab.table.name,
        finding.code,
        finding.severity,
        finding.message,
        finding.remedy,
        field=name,
        row=row.number,
        column=work.binding.columns.get(name),
        # A whole row waits for the owner, not the day alone: many rows may have that.
        typed=(finding.code != HELD and work.typed(row, name)) or _row_text(work, row),
        params=finding.params,
    )


def _row_text(work: TabWork, row: SheetRow) -> str:
    """The row in a few words: its first filled cells, dates as such."""
    texts = []
    for name, cell in row.cells.items():
        if is_blank(cell):
            continue
        read = work.codecs[name].parse(cell) if isinstance(cell, float | int) else cell
        texts.append(cell_text(cell if isinstance(read, Unreadable) else read))
    return " · ".join(texts[:3])
