"""Reads a row that is to become a record: complete, or a draft that lacks required cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import repeat, starmap
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeVar, cast

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

_T = TypeVar("_T")


@value_class(frozen=True)
class Newcomer:
    """A new row. `values` are what the store would hold, `cells` those that were taken, as they
    will stand, `rewrites` those of them that the sheet is to get (defaults, references by name).
    A row is `complete` when every required field has a value that was understood.
    """

    row: SheetRow
    values: Mapping[str, Scalar]
    cells: Mapping[str, Cell]
    rewrites: Mapping[str, Cell]
    problems: tuple[Problem, ...]
    complete: bool


def read_newcomers(work: TabWork, rows: Iterable[SheetRow]) -> list[Newcomer]:
    """The rows read with their defaults, column by column. What cannot be read is left out of a
    complete record, with a problem at its cell.
    """
    rows = list(rows)
    fields = work.view.whole.staff_fields if work.view else work.tab.table.staff_fields
    cells = _by_column(rows, [item.name for item in fields])
    columns = [_Column(work, item, rows, each) for item, each in zip(fields, cells, strict=True)]
    required = [item.name for item in _required(work)]
    values = _by_row(rows, {column.name: column.values for column in columns})
    kept = _by_row(rows, {column.name: column.left() for column in columns if column.kept})
    rewrites = _rewrites(rows, columns)
    problems: dict[int, list[Problem]] = {}
    for column in columns:
        for place, unread in column.unread.items():
            kept[place].pop(column.name, None)
            problem = _unread(work, rows[place], column.name, unread)
            problems.setdefault(place, []).append(problem)
    told = map(tuple, map(problems.get, range(len(rows)), repeat(()))) if problems else repeat(())
    found = list(map(Newcomer, rows, values, kept, rewrites, told, repeat(True)))
    by_name = {column.name: column.values for column in columns}
    blank = {
        place
        for name in required
        for place in _places_of_none(by_name.get(name, [None] * len(rows)))
    }
    for place in sorted(blank.union(work.suspects(values))):
        broken = work.check(found[place].values, None)
        if broken or place in blank:
            found[place] = _checked(work, found[place], broken, required)
    return found


def _places_of_none(values: Sequence[Scalar]) -> Iterator[int]:
    return (place for place, value in enumerate(values if None in values else ()) if value is None)


_NOTHING: Final[Mapping[str, Cell]] = {}
_TEXT: Final = frozenset({str, type(None)})


def _is_text(cell: Cell) -> bool:
    return isinstance(cell, str)


def _or(read: Scalar | Unreadable, default: Scalar) -> Scalar | Unreadable:
    return default if read is None else read


class _Column:
    """A field of all the new rows: the raw `cells`, which are `kept` if they stand in the sheet,
    and the `values` that they mean, defaults among them; by place in the list, what is `unread`
    and how cells are to be `shown` anew.
    """

    __slots__ = ("_of_texts", "cells", "kept", "name", "shown", "unread", "values")

    def __init__(
        self, work: TabWork, item: Field, rows: Sequence[SheetRow], cells: Sequence[Cell]
    ) -> None:
        name = self.name = item.name
        unseen = name in work.unseen
        default = _default(work, item)
        self.cells = cells
        self.kept = name in work.binding.columns and not unseen
        self.unread: dict[int, Unreadable] = {}
        self.shown: dict[int, Cell] = {}
        # As keys, 1 and True are the same: only texts are looked up.
        self._of_texts = set(map(type, cells)) <= _TEXT
        if self.cells.count(None) == len(rows):
            # Nearly half of all columns.
            self.values: list[Scalar] = [default] * len(rows)
        else:
            parse = partial(_entry, work, item) if unseen else work.codecs[name].parse
            self.values = self._read(parse, default)
        mangled = item.kind in TEXT_KINDS and not self._of_texts
        if self.kept and (default is not None or mangled or item.kind is Kind.REFERENCE):
            self._show(work, item, rows)

    def left(self) -> Sequence[Cell]:
        """The cells as they will stand."""
        if not self.shown:
            return self.cells
        if len(self.shown) == len(self.cells):
            return tuple(self.shown.values())
        return [self.shown.get(place, cell) for place, cell in enumerate(self.cells)]

    def _read(self, parse: Callable[[Cell], Scalar | Unreadable], default: Scalar) -> list[Scalar]:
        """What the cells mean: a text that stands in many of them is read once."""
        texts = set(self.cells if self._of_texts else filter(_is_text, self.cells)) - {None}
        known = {text: parse(text) for text in texts}
        if default is not None:
            known |= {text: default for text, read in known.items() if read is None}
        known[None] = default
        if self._of_texts:
            read = list(map(known.__getitem__, self.cells))
        else:
            read = [
                known[cell] if cell is None or isinstance(cell, str) else _or(parse(cell), default)
                for cell in self.cells
            ]
        if Unreadable not in set(map(type, read)):
            return cast("list[Scalar]", read)
        values: list[Scalar] = []
        for place, value in enumerate(read):
            if isinstance(value, Unreadable):
                self.unread[place] = value
            values.append(None if isinstance(value, Unreadable) else value)
        return values

    def _show(self, work: TabWork, item: Field, rows: Sequence[SheetRow]) -> None:
        """Cells that should not stand as typed: those that took the default, references, and text
        that the spreadsheet took for a number.
        """
        codec = work.codecs[item.name]
        always, text = item.kind is Kind.REFERENCE, item.kind in TEXT_KINDS

        def anew(value: Scalar, raw: Cell) -> Cell:
            """None for a cell that stays as it is."""
            if value is None or not (
                raw is None or always or (text and isinstance(raw, (int, float))) or is_blank(raw)
            ):
                return None
            after = codec.format(value)
            return None if same_cell(after, raw) else after

        pairs = list(zip(self.values, self.cells, strict=True))
        if self._of_texts:
            known = {pair: anew(*pair) for pair in set(pairs)}
            found = map(known.__getitem__, pairs) if any(known.values()) else iter(())
        else:
            found = starmap(anew, pairs)
        self.shown = {
            place: after
            for place, after in enumerate(found)
            if after is not None and item.name not in rows[place].formulas
        }


def _rewrites(rows: Sequence[SheetRow], columns: Iterable[_Column]) -> list[Mapping[str, Cell]]:
    """The cells that each row is to get; rows that get the same ones share them."""
    shown = {column.name: column.shown for column in columns if column.shown}
    if not shown:
        return [_NOTHING] * len(rows)
    everywhere = [
        list(cells.values()) if len(cells) == len(rows) else _spread(cells, len(rows))
        for cells in shown.values()
    ]
    known: dict[tuple[Cell, ...], Mapping[str, Cell]] = {}
    found = []
    for cells in zip(*everywhere, strict=True):
        rewrites = known.get(cells)
        if rewrites is None:
            pairs = zip(shown, cells, strict=True)
            rewrites = known[cells] = {name: cell for name, cell in pairs if cell is not None}
        found.append(rewrites)
    return found


def _spread(cells: Mapping[int, Cell], length: int) -> list[Cell]:
    return [cells.get(place) for place in range(length)]


def _by_column(rows: Sequence[SheetRow], names: Sequence[str]) -> list[Sequence[Cell]]:
    """The cells of these fields; None where the sheet has no such column."""
    bound = [name for name in names if rows and name in rows[0].cells]
    found: dict[str, Sequence[Cell]] = {}
    if bound:
        pick = itemgetter(*bound, bound[0])
        columns = zip(*(pick(row.cells) for row in rows), strict=True)
        found = dict(zip((*bound, bound[0]), columns, strict=True))
    return [found.get(name, (None,) * len(rows)) for name in names]


def _by_row(rows: Sequence[SheetRow], columns: Mapping[str, Sequence[_T]]) -> list[dict[str, _T]]:
    """Columns turned into rows, by name."""
    if not rows or not columns:
        return [{} for _ in rows]
    names = tuple(columns)
    return [dict(zip(names, each, strict=True)) for each in zip(*columns.values(), strict=True)]


def _checked(
    work: TabWork, new: Newcomer, findings: Sequence[Finding], required: Sequence[str]
) -> Newcomer:
    """The new row without the cells that a rule refuses; it may have to wait."""
    row, values, cells, rewrites = new.row, dict(new.values), dict(new.cells), dict(new.rewrites)
    broken = _broken_rules(work, row, findings)
    for name in _refused(work, broken):
        values[name] = None
        cells.pop(name, None)
        rewrites.pop(name, None)
    missing = [name for name in required if values.get(name) is None]
    waits = bool(missing) or any(_lets_wait(work, finding) for finding in broken)
    unread = {problem.field for problem in new.problems}
    problems = [
        *new.problems,
        *(
            _rule_problem(work, row, finding)
            for finding in broken
            if not (finding.code == "V03" and unread & set(finding.fields))
        ),
    ]
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


def _broken_rules(work: TabWork, row: SheetRow, findings: Sequence[Finding]) -> list[Finding]:
    """What is told of these findings: of blank cells is told once for all of them."""
    return [
        item
        for item in findings
        if item.code != "V02" and work.holds_up(item, "", _row_text(work, row))
    ]


def _refused(work: TabWork, findings: Iterable[Finding]) -> Iterator[str]:
    """The fields of which no cell is taken: the record comes without them."""
    required = {item.name for item in work.tab.table.fields if item.required}
    for finding in findings:
        if finding.severity is not Severity.REJECT or finding.code == "V03":
            continue
        name = next((name for name in finding.fields if name not in required), None)
        if name is not None:
            yield name


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
