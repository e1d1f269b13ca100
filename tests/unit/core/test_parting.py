"""A write in parts leaves what the whole leaves, and each part speaks of the sheet as it is."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.batch import Put, SheetBatch
from crm_sync.core.parting import MOST, Most, shares
from crm_sync.core.swap import Expected, ExpectedPut
from crm_sync.core.values import Cell

Rows = list[dict[int, Cell]]
HEIGHT = 12
WIDTH = 4
SMALL = Most(sent=1_500, back=1_000, requests=25)


def carried_out(rows: Rows, height: int, sheet: SheetBatch) -> tuple[Rows, int]:
    """The rows of a sheet after a write, in the order in which a request does things."""
    left = [dict(row) for row in rows]
    for put in sheet.puts:
        left[put.row][put.column] = put.cell
    if sheet.inserted_rows:
        height = max(height, sheet.insert_at + 1)
        left.extend({} for _ in range(sheet.insert_at - len(left)))
        left[sheet.insert_at : sheet.insert_at] = [{} for _ in range(sheet.inserted_rows)]
        height += sheet.inserted_rows
        for put in sheet.inserts:
            assert put.row < sheet.inserted_rows
            left[sheet.insert_at + put.row][put.column] = put.cell
    for row in reversed(sheet.deletes):
        del left[row]
    return left, height - len(sheet.deletes)


def expected_row(row: int, cells: Rows, puts: list[Put], *, deleted: bool) -> Expected:
    saw = tuple(cells[row].get(column) for column in range(WIDTH))
    wrote = tuple(ExpectedPut(put.column, "f", saw[put.column], put.cell) for put in puts)
    return Expected("t", 7, row, f"R{row}", f"R{row}", 0, wrote, deleted, saw)


@st.composite
def writes(draw: st.DrawFn) -> tuple[Rows, SheetBatch, tuple[Expected, ...]]:
    """A sheet of named rows, and a write to it."""
    rows: Rows = [{column: f"r{row}c{column}" for column in range(WIDTH)} for row in range(HEIGHT)]
    touched = draw(st.lists(st.integers(1, HEIGHT - 1), unique=True))
    deletes = draw(st.lists(st.integers(1, HEIGHT - 1), unique=True, max_size=5))
    puts = [
        Put(row, column, f"new {row} {column}" + "x" * draw(st.sampled_from([0, 40])))
        for row in sorted(touched)
        for column in draw(st.sets(st.integers(0, WIDTH), min_size=1))
    ]
    added = draw(st.integers(0, 9))
    revived = draw(st.integers(0, min(added, 2)))
    sheet = SheetBatch(
        7,
        HEIGHT,
        WIDTH + 1,
        watched=tuple(sorted({0, *touched, *deletes})),
        puts=tuple(puts),
        insert_at=HEIGHT,
        inserts=tuple(Put(number, 1, f"added {number}") for number in range(added)),
        inserted_rows=added,
        deletes=tuple(sorted(deletes)),
        column_count=WIDTH,
        revived=revived,
    )
    expected = [Expected("t", 7, 0, "", "", 0, cells=("h",) * WIDTH, heading=True)]
    for row in sorted({*touched, *deletes}):
        mine = [put for put in puts if put.row == row]
        if mine:
            expected.append(
                expected_row(row, rows, [p for p in mine if p.column < WIDTH], deleted=False)
            )
        if row in deletes:
            expected.append(expected_row(row, rows, [], deleted=True))
    return rows, sheet, tuple(expected)


@given(writes())
def test_parts_one_after_the_other_leave_what_the_whole_write_leaves(
    write: tuple[Rows, SheetBatch, tuple[Expected, ...]],
) -> None:
    rows, sheet, expected = write
    whole, whole_height = carried_out(rows, HEIGHT, sheet)
    left, height = rows, HEIGHT
    order: list[int] = []
    met: list[Expected] = []
    for share in shares([sheet], expected, SMALL):
        (part,) = share.sheets
        assert part.row_count == height
        for item in share.expected:
            assert item.row in part.watched
            # What it expects there is what stands there when it is sent.
            assert item.heading or left[item.row][0] == f"r{item.row}c0" or item.puts
        met.extend(item for item in share.expected if not item.heading)
        assert any(item.heading for item in share.expected)
        order.extend(share.inserted.get(7, ()))
        left, height = carried_out(left, height, part)
    assert height == whole_height
    assert sorted(met, key=repr) == sorted((e for e in expected if not e.heading), key=repr)
    assert sorted(order) == list(range(sheet.inserted_rows))
    # Rows that are put back stand before the others, and were last in the whole.
    kept = HEIGHT - len(sheet.deletes)
    assert left[:kept] == whole[:kept]
    assert sorted(left[kept:], key=repr) == sorted(whole[kept:], key=repr)


@given(writes())
def test_a_row_is_never_torn(write: tuple[Rows, SheetBatch, tuple[Expected, ...]]) -> None:
    _, sheet, expected = write
    seen: set[int] = set()
    for share in shares([sheet], expected, SMALL):
        mine = {put.row for part in share.sheets for put in part.puts}
        assert not mine & seen
        seen |= mine


@given(writes())
def test_a_write_that_fits_stays_as_it_is(
    write: tuple[Rows, SheetBatch, tuple[Expected, ...]],
) -> None:
    _, sheet, expected = write
    (share,) = shares([sheet], expected, MOST)
    assert share.sheets == (sheet,)
    assert share.expected == expected


def test_a_long_column_is_parted_by_what_comes_back() -> None:
    cells = tuple("x" * 100 for _ in range(10))
    expected = tuple(
        Expected("t", 7, row, "", f"R{row}", 0, (ExpectedPut(0, "id", None, "R"),), cells=cells)
        for row in range(1, 1_001)
    )
    puts = tuple(Put(row, 0, f"R{row}") for row in range(1, 1_001))
    sheet = SheetBatch(7, 2_000, 10, tuple(range(1, 1_001)), puts, column_count=10)
    found = shares([sheet], expected, replace(MOST, back=300_000))
    assert [len(share.expected) for share in found[:2]] == [len(found[0].expected)] * 2
    assert sum(len(share.expected) for share in found) == 1_000
    assert len(found) == 10
