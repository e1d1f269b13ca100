"""What became of a write: what it met, compared with what the plan saw. What it hit by mistake is
put right in the next plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_sync.core.batch import PreImage
from crm_sync.core.repairs import CellRepair, Repair, is_of
from crm_sync.core.rows import id_in
from crm_sync.core.swap import Added, Expected, ExpectedBlock, ExpectedPut, RowRepair
from crm_sync.core.values import Cell, cell_text, is_blank, same_cell


@dataclass(frozen=True)
class Verdict:
    """What became of a batch: records whose row was not as the plan saw it, by table; tables whose
    columns were not where the plan saw them, so that nothing in them is settled but the records
    that were `met` in place all the same; what must be put back; and the columns that were `struck`
    of the records whose row was not, or not in all cells, as the plan saw it.
    """

    unsettled: frozenset[tuple[str, str]]
    displaced: frozenset[str]
    repairs: tuple[Repair, ...]
    met: frozenset[tuple[str, str]] = frozenset()
    struck: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)

    def holds(self, table: str, record_id: str, column: int) -> bool:
        """True if this cell of a record took over what was written as planned."""
        if table in self.displaced or (table, record_id) not in self.struck:
            return self.settles(table, record_id)
        return column not in self.struck[table, record_id]

    def settles(self, table: str, record_id: str) -> bool:
        """True if the row of a record was as the plan saw it."""
        row = (table, record_id)
        return row in self.met if table in self.displaced else row not in self.unsettled

    @property
    def clean(self) -> bool:
        """True if everything stood as the plan had seen it."""
        return not (self.unsettled or self.displaced or self.repairs)


@dataclass(frozen=True)
class _Columns:
    """Where the columns that the plan saw stood when the write landed; None for one that was gone
    or whose heading was not to be told from others.
    """

    places: Mapping[int, int | None]

    def place(self, column: int) -> int | None:
        return self.places.get(column, column)

    def stays(self, column: int) -> bool:
        return self.place(column) == column

    @property
    def stand(self) -> bool:
        """True if none of them has moved or gone."""
        return all(self.stays(column) for column in self.places)

    def all_stay(self, puts: Sequence[ExpectedPut]) -> bool:
        """True if none of these cells has moved."""
        return all(self.stays(put.column) for put in puts)

    def taken(self, width: int) -> dict[int, int]:
        """Where each of the first columns stands, but for those whose place is unknown, or that of
        another one.
        """
        held = set(self.places.values())
        return {
            column: to
            for column in range(width)
            if (to := self.place(column)) is not None and (column in self.places or to not in held)
        }

    def seen(self, image: PreImage, expected: Sequence[Cell]) -> tuple[Cell, ...]:
        """The row in the order of the columns that the plan saw. What stood in a column that cannot
        be told is taken for what was expected.
        """
        if not self.places:
            return image.cells
        width = max(len(expected), *self.places) + 1
        places = [self.place(column) for column in range(width)]
        return tuple(
            _at(expected, column) if place is None else _at(image.cells, place)
            for column, place in enumerate(places)
        )


_IN_PLACE = _Columns({})


def verify(
    expected: Sequence[Expected],
    found: Iterable[PreImage],
    blocks: Sequence[ExpectedBlock] = (),
    added: Sequence[Added] = (),
) -> Verdict:
    """Compares what was met with what was expected. A row missing in `found` is unsettled. Cells of
    `added` rows are to be put right where columns were not in their places.
    """
    images = {(item.sheet_id, item.row): item for item in found}
    columns = _moved_columns(expected, images)
    expected = (*expected, *_unlike(blocks, images, columns))
    headings = _headings(expected, images)
    unsettled: set[tuple[str, str]] = set()
    met: set[tuple[str, str]] = set()
    repairs: list[Repair] = []
    struck: dict[tuple[str, str], frozenset[int]] = {}
    for item in expected:
        image = images.get((item.sheet_id, item.row))
        if item.heading:
            continue
        if image is None:
            unsettled.add((item.table, item.record_id))
            continue
        stood = columns.get(item.sheet_id, _IN_PLACE)
        hit: tuple[Repair, ...]
        if item.deleted:
            hit = _deleted_wrongly(item, image, stood)
        else:
            hit = _hit(item, image, stood)
        if hit:
            above = headings.get(item.sheet_id, ())
            hit = tuple(replace(found, headings=above) for found in hit)
        if hit or _painted_wrongly(item, image, stood):
            unsettled.add((item.table, item.record_id))
            repairs.extend(hit)
            struck[item.table, item.record_id] = _struck(item, image, stood, hit)
        elif stood is not _IN_PLACE and item.puts and stood.all_stay(item.puts):
            met.add((item.table, item.record_id))
    for row in added:
        repairs.extend(_astray(row, columns, headings))
    displaced = {item.table for item in expected if item.sheet_id in columns}
    return Verdict(
        frozenset(unsettled),
        frozenset(displaced),
        tuple(repairs),
        frozenset(met - unsettled),
        struck,
    )


def _unlike(
    blocks: Iterable[ExpectedBlock],
    images: Mapping[tuple[int, int], PreImage],
    columns: Mapping[int, _Columns],
) -> Iterator[Expected]:
    """The rows of blocks that were not to the last cell what the plan saw: nearly always none."""
    for item in blocks:
        block, sheet_id = item.block, item.sheet_id
        rows = None
        if sheet_id not in columns:
            met = [images.get((sheet_id, row)) for row in block.rows]
            rows = frozenset(
                row
                for row, image, seen in zip(block.rows, met, block.seen, strict=True)
                if image is None
                or image.formulas
                or image.cells != seen
                or list(map(type, image.cells)) != list(map(type, seen))
            )
            if not rows:
                continue
        yield from replace(item, block=block if rows is None else block.of_rows(rows)).each()


def _moved_columns(
    expected: Iterable[Expected], images: Mapping[tuple[int, int], PreImage]
) -> dict[int, _Columns]:
    """The sheets whose columns were not where the plan saw them."""
    found = {}
    for item in expected:
        image = images.get((item.sheet_id, item.row)) if item.heading else None
        if image is not None:
            columns = _columns_between(item.cells, image.cells)
            if not columns.stand:
                found[item.sheet_id] = columns
    return found


def _columns_between(before: Sequence[Cell], after: Sequence[Cell]) -> _Columns:
    standing: dict[str, list[int]] = {}
    for column, heading in enumerate(after):
        standing.setdefault(cell_text(heading), []).append(column)
    places: dict[int, int | None] = {}
    for column, heading in enumerate(before):
        if cell_text(heading):
            now = standing.get(cell_text(heading), [])
            stays = column in now
            places[column] = column if stays else now[0] if len(now) == 1 else None
    # A row without any of the headings is another row: rows moved, and ids tell that.
    return _IN_PLACE if set(places.values()) <= {None} else _Columns(places)


def _deleted_wrongly(item: Expected, image: PreImage, stood: _Columns) -> tuple[RowRepair, ...]:
    seen = stood.seen(image, item.cells)
    if _same(item.cells, seen) and all(column < len(item.cells) for column in image.formulas):
        return ()
    row_id = id_in(_at(seen, item.id_column))
    return (RowRepair(item.table, row_id, image.cells, image.formulas),)


def _struck(
    item: Expected, image: PreImage, stood: _Columns, hit: Sequence[Repair]
) -> frozenset[int]:
    """The columns in which a write met what it did not expect: all, if it met another row."""
    if _moved(item, stood.seen(image, item.cells)):
        return frozenset(put.column for put in item.puts)
    return frozenset(found.column for found in hit if isinstance(found, CellRepair))


def _hit(item: Expected, image: PreImage, stood: _Columns) -> tuple[CellRepair, ...]:
    seen = stood.seen(image, item.cells)
    moved = _moved(item, seen)
    cells, width = image.cells, len(image.cells)
    hits = []
    for put in item.puts:
        cell = cells[put.column] if put.column < width else None
        if image.formulas:
            # Over a formula goes only what puts right what a formula of ours had hit.
            cell = image.formulas.get(put.column, cell)
        if (
            moved
            or not (cell is put.before or same_cell(cell, put.before))
            or (stood is not _IN_PLACE and not stood.stays(put.column))
        ) and not same_cell(cell, put.after):
            hits.append(put)
    if not hits and not moved:
        return ()
    row_id = id_in(_at(seen, item.id_column))
    left = list(image.cells)
    for put in item.puts:
        left.extend([None] * (put.column + 1 - len(left)))
        left[put.column] = put.after
    # Though the cells of another row held the very values written, its record is not settled.
    return tuple(
        CellRepair(
            item.table,
            row_id,
            put.column,
            _at(image.cells, put.column),
            put.after,
            tuple(left),
            image.formulas.get(put.column, ""),
        )
        for put in hits or (item.puts[:1] if moved else ())
    )


def _headings(
    expected: Iterable[Expected], images: Mapping[tuple[int, int], PreImage]
) -> dict[int, tuple[Cell, ...]]:
    """What stood in the rows of headings, by sheet."""
    return {
        item.sheet_id: images[item.sheet_id, item.row].cells
        for item in expected
        if item.heading and (item.sheet_id, item.row) in images
    }


def _astray(
    row: Added, columns: Mapping[int, _Columns], headings: Mapping[int, tuple[Cell, ...]]
) -> Iterator[CellRepair]:
    """The cells of an added row that hold what belongs under another heading."""
    stood = columns.get(row.sheet_id)
    if stood is None:
        return
    above = headings[row.sheet_id]
    places = stood.taken(len(row.cells))
    right = {to: column for column, to in places.items()}
    width = max(len(row.cells), max(right, default=-1) + 1)
    left = [_at(row.cells, column) for column in range(width)]
    for column in range(width):
        wrote = row.formulas.get(column, left[column])
        source = right.get(column, width)
        found, formula = _at(row.cells, source), row.formulas.get(source, "")
        if not same_cell(formula or found, wrote):
            whole = (*left[:column], wrote, *left[column + 1 :])
            yield CellRepair(row.table, row.record_id, column, found, wrote, whole, formula, above)


def _moved(item: Expected, seen: Sequence[Cell]) -> bool:
    """True if another row stood there: it bore another id, or is known by its cells alone."""
    row_id = id_in(_at(seen, item.id_column))
    return row_id != item.row_id or (item.row_id != item.record_id and not _same(item.cells, seen))


def _painted_wrongly(item: Expected, image: PreImage, stood: _Columns) -> bool:
    """True if a row that was only marked, not written to, was another one."""
    if item.puts or item.deleted:
        return False
    return _moved(item, stood.seen(image, item.cells))


def _same(left: Sequence[Cell], right: Sequence[Cell]) -> bool:
    if left == right and list(map(type, left)) == list(map(type, right)):
        return True
    width = max(len(left), len(right))
    return all(same_cell(_at(left, column), _at(right, column)) for column in range(width))


def _at(cells: Sequence[Cell], column: int) -> Cell:
    return cells[column] if column < len(cells) else None


def in_place(repairs: Sequence[CellRepair], headings: Sequence[Cell]) -> list[CellRepair]:
    """The repairs with the columns where they stand now, under these headings."""
    found = []
    for repair in repairs:
        columns = _columns_between(repair.headings, headings)
        place = columns.place(repair.column)
        if place is None or columns.stand:
            found.append(repair)
            continue
        left = {to: repair.left[column] for column, to in columns.taken(len(repair.left)).items()}
        row = tuple(left.get(column) for column in range(max(left, default=-1) + 1))
        found.append(replace(repair, column=place, left=row, headings=tuple(headings)))
    return found


def returning_right(
    hits: Sequence[Repair], tried: Sequence[CellRepair]
) -> tuple[tuple[Repair, ...], tuple[CellRepair, ...]]:
    """What a write hit, and what it was to put right and missed. A row that it took away with such
    a cell returns with that cell put right: no later write would find it there.
    """
    found: list[Repair] = []
    left = list(tried)
    for hit in hits:
        if isinstance(hit, RowRepair):
            mine = [each for each in left if is_of(in_place([each], hit.headings)[0], hit)]
            left = [each for each in left if each not in mine]
            found.append(_with_cells(hit, in_place(mine, hit.headings)))
        else:
            found.append(hit)
    return tuple(found), tuple(left)


def _with_cells(row: RowRepair, repairs: Sequence[CellRepair]) -> RowRepair:
    cells, formulas, row_id = list(row.cells), dict(row.formulas), row.row_id
    for repair in repairs:
        if row_id and id_in(cells[repair.column]) == row_id:
            row_id = id_in(repair.found)
        cells[repair.column] = repair.found
        formulas.pop(repair.column, None)
        if repair.formula:
            formulas[repair.column] = repair.formula
    return replace(row, row_id=row_id, cells=tuple(cells), formulas=formulas)


def to_return(repairs: Sequence[RowRepair], headings: Sequence[Cell]) -> list[RowRepair]:
    """The rows to be added again, with their cells in the columns of today."""
    return [_under(repair, headings) for repair in repairs]


def _under(repair: RowRepair, headings: Sequence[Cell]) -> RowRepair:
    columns = _columns_between(repair.headings, headings)
    if columns.stand:
        return repair
    places = columns.taken(len(repair.cells))
    # What stood in a column that is gone stands behind all others, so that nothing is lost.
    end = max((*places.values(), len(headings) - 1)) + 1
    for column, cell in enumerate(repair.cells):
        if column not in places and not is_blank(cell):
            places[column], end = end, end + 1
    cells = {to: repair.cells[column] for column, to in places.items()}
    return replace(
        repair,
        cells=tuple(cells.get(column) for column in range(max(cells, default=-1) + 1)),
        formulas={
            places[column]: formula
            for column, formula in repair.formulas.items()
            if column in places
        },
        headings=tuple(headings),
    )
