"""Cells that a write of ours hit by mistake: which row it was, wherever that stands now, and what
it is to hold again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_sync.core.grid import TabRead
from crm_sync.core.rows import ID, OwnHit, SheetRow, id_in
from crm_sync.core.swap import Expected, ExpectedPut, RowRepair
from crm_sync.core.values import Cell, is_blank, same_cell

ALIKE = 0.5
"""From this share of equal cells on, a row that lost its id is the one that a write had hit."""

SURE = 0.8
"""From this share on it is that row though it bears an id that it did not bear then."""


@dataclass(frozen=True)
class CellRepair:
    """A cell that a write of ours hit: `found`, the value of the `formula` if there was one, stood
    there and `wrote`, a value or a formula, replaced it. `left` is the row as that write left it,
    to find it again wherever it stands now; `headings` are those above it then, since columns may
    move as well.
    """

    table: str
    row_id: str
    column: int
    found: Cell
    wrote: Cell
    left: tuple[Cell, ...]
    formula: str = ""
    headings: tuple[Cell, ...] = ()


Repair = CellRepair | RowRepair


def traced_back(
    hits: Sequence[Repair], mending: Sequence[CellRepair]
) -> tuple[tuple[Repair, ...], tuple[CellRepair, ...]]:
    """What a write hit and what it was to put right, of which some missed its row; both without
    what has come right. Where such a cell was hit all the same, since its row had come to bear
    another id, an earlier write of ours stood in it: what stood there before that is to come back.
    """
    found: list[Repair] = []
    tried = list(mending)
    stood = _stood(hits) if mending else {}
    for hit in hits:
        if not isinstance(hit, CellRepair):
            found.append(hit)
            continue
        earlier = _before(hit, stood.get((hit.table, hit.left), ()), tried)
        if earlier is None:
            found.append(hit)
            continue
        tried.remove(earlier)
        if not same_cell(earlier.formula or earlier.found, hit.wrote):
            found.append(replace(hit, found=earlier.found, formula=earlier.formula))
    return tuple(found), tuple(tried)


def known_since(tried: Sequence[CellRepair], rows: Sequence[Expected]) -> tuple[CellRepair, ...]:
    """The same repairs, by the ids of the records whose rows were to be put right: the write that
    missed a cell may have given its row an id, and filled more of it.
    """
    found = []
    for repair in tried:
        mended = {
            item.record_id: _likeness(item.cells, repair.left, None)
            for item in rows
            if item.table == repair.table and any(_mends(put, repair) for put in item.puts)
        }
        best = max(mended, key=mended.__getitem__, default="")
        found.append(replace(repair, row_id=best) if best else repair)
    return tuple(found)


def is_of(repair: CellRepair, row: RowRepair) -> bool:
    """True if this row, which is to return, is the one whose cell was hit, and shows in that cell
    still what was written.
    """
    cells = [row.formulas.get(column, cell) for column, cell in enumerate(row.cells)]
    if repair.column >= len(cells) or not same_cell(cells[repair.column], repair.wrote):
        return False
    is_named = bool(repair.row_id) and repair.row_id == row.row_id
    return is_named or _likeness(cells, repair.left, None) >= SURE


def _mends(put: ExpectedPut, repair: CellRepair) -> bool:
    return put.mends and put.column == repair.column and same_cell(put.before, repair.wrote)


def _stood(hits: Sequence[Repair]) -> dict[tuple[str, tuple[Cell, ...]], list[Cell]]:
    """The rows that a write hit as it met them, by table and by what it left."""
    rows: dict[tuple[str, tuple[Cell, ...]], list[Cell]] = {}
    for hit in hits:
        if isinstance(hit, CellRepair):
            rows.setdefault((hit.table, hit.left), list(hit.left))[hit.column] = hit.found
    return rows


def _before(
    hit: CellRepair, stood: Sequence[Cell], mending: Sequence[CellRepair]
) -> CellRepair | None:
    """The write of ours that had left in a cell what the next one met there, in a row that `stood`
    so.
    """
    met = hit.formula or hit.found
    row = (*stood[: hit.column], met, *stood[hit.column + 1 :])
    alike = {
        number: _likeness(row, earlier.left, None)
        for number, earlier in enumerate(mending)
        if (earlier.table, earlier.column) == (hit.table, hit.column)
        and same_cell(earlier.wrote, met)
    }
    best = max(alike, key=alike.__getitem__, default=None)
    return mending[best] if best is not None and alike[best] >= SURE else None


def with_repairs(
    rows: Sequence[SheetRow],
    repairs: Sequence[CellRepair],
    read: TabRead,
    fields: Mapping[int, str],
) -> tuple[SheetRow, ...]:
    """The rows with the cells that a write of ours hit put right: `cells` as they had been,
    `standing` as they stand. A cell that staff have edited since is theirs and stays. `fields` are
    those that the columns hold now. Rows that were blank before the write come in as well.
    """
    if not repairs:
        return tuple(rows)
    by_number = {row.number: row for row in rows}
    id_column = next((column for column, name in fields.items() if name == ID), None)
    found, missed = _found(repairs, by_number, read, id_column)
    _repair(by_number, found, read, fields)
    if found and missed:
        # A row that one write hit may have been hit by the next one as well: without what that
        # wrote, it is as the first one left it.
        again, _ = _found(missed, by_number, _without(found, read), id_column)
        _repair(
            by_number, {key: hit for key, hit in again.items() if key not in found}, read, fields
        )
    return tuple(by_number[number] for number in sorted(by_number))


Found = dict[tuple[int, int], CellRepair]
"""The repairs by the row and the column of the cell."""


def _found(
    repairs: Sequence[CellRepair],
    rows: Mapping[int, SheetRow],
    read: TabRead,
    id_column: int | None,
) -> tuple[Found, list[CellRepair]]:
    """The repairs whose cell is found, and the others."""
    # Of two that are for one cell that counts whose row is more like it; of equal ones the older.
    found: dict[tuple[int, int], tuple[float, CellRepair]] = {}
    taken: dict[tuple[int, tuple[Cell, ...]], set[int]] = {}
    missed = []
    places = _places(read)
    for repair in repairs:
        # Two writes may have left two rows that look the same.
        alike = taken.setdefault((repair.column, repair.left), set())
        number = _find(rows, repair, read, id_column, places)
        if number in alike:
            number = next((row for row in _left_so(repair, read) if row not in alike), None)
        if number is None:
            missed.append(repair)
            continue
        alike.add(number)
        share = _likeness(_row(read, number, repair.column), repair.left, None)
        if share >= found.get((number, repair.column), (0.0, repair))[0]:
            found[number, repair.column] = share, repair
    return {place: repair for place, (_, repair) in found.items()}, missed


def _repair(
    rows: dict[int, SheetRow], found: Found, read: TabRead, fields: Mapping[int, str]
) -> None:
    by_row: dict[int, list[CellRepair]] = {}
    for (number, _), repair in found.items():
        by_row.setdefault(number, []).append(repair)
    for number, hits in by_row.items():
        row = rows.get(number) or _blank_row(number, read, fields)
        rows[number] = _repaired(row, hits, fields)


def _without(found: Found, read: TabRead) -> TabRead:
    """The tab as it would stand with these cells put right."""
    rows = dict(enumerate(read.rows))
    formulas = dict(read.formulas)
    for (number, column), repair in found.items():
        cells = rows[number] + (None,) * (column + 1 - len(rows[number]))
        rows[number] = (*cells[:column], repair.found, *cells[column + 1 :])
        formulas[number, column] = repair.formula
    return replace(read, rows=tuple(rows.values()), formulas=formulas, prints=b"")


def named(repair: CellRepair, id_column: int) -> CellRepair:
    """The repair with the id that the write left in the row, if none stood there."""
    if repair.row_id or id_column >= len(repair.left):
        return repair
    return replace(repair, row_id=id_in(repair.left[id_column]))


def typed_over(
    rows: Sequence[SheetRow],
    repairs: Sequence[CellRepair],
    read: TabRead,
    fields: Mapping[int, str],
) -> tuple[CellRepair, ...]:
    """The hit cells that cannot be put right any more: staff have typed something else there, or
    taken the row away. What had stood in them stands in the sheet no longer, or goes with the next
    repair.
    """
    by_number = {row.number: row for row in rows}
    id_column = next((column for column, name in fields.items() if name == ID), None)
    mended = {row.id: row for row in with_repairs(rows, repairs, read, fields)}
    places = _places(read) if repairs else {}
    return tuple(
        repair
        for repair in repairs
        if not is_blank(repair.found)
        and _find(by_number, repair, read, id_column, places) is None
        and not same_cell(
            _shown(mended.get(repair.row_id), repair.column, read, fields), repair.found
        )
    )


def _shown(row: SheetRow | None, column: int, read: TabRead, fields: Mapping[int, str]) -> Cell:
    """What a cell of a row shows once all is put right."""
    if row is None:
        return None
    if column in row.own_hits:
        return row.own_hits[column].found
    name = fields.get(column, "")
    if name == ID:
        return row.id_cell
    return row.cells[name] if name in row.cells else read.cell(row.number, column)


Places = Mapping[tuple[Cell, ...], int]
"""The first row that holds just these cells."""


def _places(read: TabRead) -> Places:
    found: dict[tuple[Cell, ...], int] = {}
    for number, cells in enumerate(read.rows):
        found.setdefault(_filled(cells), number)
    return found


def _filled(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells without the blank ones at the end."""
    width = len(cells)
    while width and is_blank(cells[width - 1]):
        width -= 1
    return tuple(cells[:width])


def _find(
    rows: Mapping[int, SheetRow],
    repair: CellRepair,
    read: TabRead,
    id_column: int | None,
    places: Places,
) -> int | None:
    """The row that a write hit, wherever it stands now: it still shows what was written. Staff may
    have gone on typing in it; a row whose own id was overwritten is then known by the rest.
    """
    column = repair.column
    # Of a write that hit thousands of rows nearly all stand as it left them.
    just_so = places.get(_filled(repair.left))
    if just_so is not None and _stands_so(repair, read, just_so):
        return just_so
    candidates = [
        number
        for number in range(len(read.rows))
        if same_cell(_content(read, number, column), repair.wrote)
    ]
    # An id that we wrote by mistake may since stand where it belongs, so it is no likeness.
    but = id_column if column == id_column else None
    alike = {
        number: _likeness(_row(read, number, column), repair.left, but) for number in candidates
    }
    for number, share in alike.items():
        if share == 1.0:
            return number
    alike = {
        number: share
        for number, share in alike.items()
        if share >= SURE or not _is_another(rows.get(number), repair, id_column)
    }
    named = [number for number, row in rows.items() if repair.row_id and row.id == repair.row_id]
    if named and named[0] in alike:
        return named[0]
    # The row of that name may bear it by one more slip of ours: then another is more like it.
    rival = max((_likeness(read.rows[number], repair.left, but) for number in named), default=0.0)
    best = max(alike.values(), default=0.0)
    found = [number for number, share in alike.items() if share == best]
    return found[0] if best >= ALIKE and best > rival and len(found) == 1 else None


def _left_so(repair: CellRepair, read: TabRead) -> Iterator[int]:
    """The rows that stand just as the write left one."""
    for number in range(len(read.rows)):
        if _stands_so(repair, read, number):
            yield number


def _stands_so(repair: CellRepair, read: TabRead, number: int) -> bool:
    return _likeness(_row(read, number, repair.column), repair.left, None) == 1.0


def _content(read: TabRead, row: int, column: int) -> Cell:
    """What a cell holds: its formula, or its value."""
    return read.formulas.get((row, column)) or read.cell(row, column)


def _row(read: TabRead, number: int, column: int) -> Sequence[Cell]:
    """The row with what the cell in this column holds."""
    cells = read.rows[number]
    formula = read.formulas.get((number, column))
    return cells if not formula else (*cells[:column], formula, *cells[column + 1 :])


def _is_another(row: SheetRow | None, repair: CellRepair, id_column: int | None) -> bool:
    """True if the row bears an id that the row which was hit neither bore nor was given."""
    if row is None or not row.id or id_column is None:
        return False
    given = repair.left[id_column] if id_column < len(repair.left) else None
    return row.id not in (repair.row_id, id_in(given))


def _likeness(cells: Sequence[Cell], left: Sequence[Cell], but: int | None) -> float:
    """The share of equal cells among those that either row fills, in the columns of `left` other
    than `but`.
    """
    filled = [
        (cells[column] if column < len(cells) else None, cell)
        for column, cell in enumerate(left)
        if column != but
        and (not is_blank(cell) or (column < len(cells) and not is_blank(cells[column])))
    ]
    return sum(same_cell(*pair) for pair in filled) / len(filled) if filled else 1.0


def _blank_row(number: int, read: TabRead, fields: Mapping[int, str]) -> SheetRow:
    cells = {name: read.cell(number, column) for column, name in fields.items() if name != ID}
    return SheetRow(number, "", cells)


def _repaired(row: SheetRow, repairs: Sequence[CellRepair], fields: Mapping[int, str]) -> SheetRow:
    cells = dict(row.cells)
    standing = dict(row.standing)
    lost = dict(row.lost_formulas)
    own = dict(row.own_hits)
    id_cell = row.id_cell
    for repair in repairs:
        name = fields.get(repair.column)
        if name is None:
            own[repair.column] = OwnHit(repair.found, repair.wrote, repair.formula)
        elif name == ID:
            id_cell = repair.found
            standing[ID] = repair.wrote
        else:
            cells[name] = repair.found
            standing[name] = repair.wrote
            if repair.formula:
                lost[name] = repair.formula
    return replace(
        row,
        id=id_in(id_cell),
        cells=cells,
        formulas=row.formulas - standing.keys() | lost.keys(),
        standing=standing,
        lost_formulas=lost,
        id_cell=id_cell,
        own_hits=own,
    )
