"""New rows that are written by column come to the same as if each cell were written by itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.batch import PreImage, SheetBatch
from crm_sync.core.blocks import Block, Filling
from crm_sync.core.parting import MOST, Most, shares
from crm_sync.core.plan import CellWrite, TabPlan
from crm_sync.core.swap import Expected, ExpectedBlock, row_by_row
from crm_sync.core.values import Cell
from crm_sync.core.verifying import Verdict, verify

SMALL = Most(sent=3_000, back=2_000, requests=40)
TOP = Expected("t", 7, 0, "", "", 0, cells=("ID", "A", "B", "C"), heading=True)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    """Some rows of a tab, and what is written into some of their columns."""
    rows = sorted(draw(st.sets(st.integers(1, 30), min_size=1)))
    seen = [(None, f"a{row}", row, "x" * draw(st.sampled_from([1, 90]))) for row in rows]
    columns = sorted(draw(st.sets(st.integers(1, 5), max_size=3)))
    fillings = [
        Filling(
            column,
            f"f{column}",
            [f"new {row} {column}" for row in rows],
            draw(st.none() | st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))),
        )
        for column in columns
    ]
    ids = [f"R{row}" for row in rows]
    return Block(rows, ids, [""] * len(rows), seen).filled([Filling(0, "id", ids), *fillings])


def written(block: Block) -> dict[tuple[int, int], Cell]:
    """The cells of a block of which each is written."""
    return {
        (row, item.column): cell
        for item in block.fillings
        for row, cell in zip(block.rows, item.after, strict=True)
    }


def of_plan(block: Block) -> dict[tuple[int, int], Cell]:
    return {
        (write.row, write.column): write.after for write in TabPlan("t", block=block).every_write
    }


def batch_of(block: Block) -> tuple[SheetBatch, tuple[ExpectedBlock, ...]]:
    expected = tuple(ExpectedBlock("t", 7, 0, each) for each in block.whole())
    sheet = SheetBatch(
        7,
        40,
        6,
        watched=(0, *block.rows),
        blocks=tuple(item.block for item in expected),
        patterns={0: "@", 2: "0.00"},
        column_count=6,
    )
    return sheet, expected


@given(blocks())
def test_blocks_of_which_each_cell_is_written_hold_each_write_once(block: Block) -> None:
    whole = list(block.whole())
    assert sorted(row for each in whole for row in each.rows) == block.rows
    found = [(place, cell) for each in whole for place, cell in written(each).items()]
    assert len(found) == len(dict(found))
    assert dict(found) == of_plan(block)


@given(blocks(), st.sets(st.integers(1, 30)))
def test_rows_taken_out_of_a_plans_block_are_written_all_the_same(
    block: Block, rows: set[int]
) -> None:
    plan = TabPlan("t", block=block)
    apart = plan.cell_by_cell(rows)
    assert sorted(apart.every_write, key=_place) == sorted(plan.every_write, key=_place)
    assert {write.row for write in apart.writes} == rows & set(block.rows)
    assert apart.block is None or rows.isdisjoint(apart.block.rows)


@given(blocks(), st.sets(st.integers(1, 30)))
def test_rows_taken_out_of_a_batch_are_written_and_expected_all_the_same(
    block: Block, rows: set[int]
) -> None:
    sheet, expected = batch_of(block)
    batch, alone, left = row_by_row(sheet, expected, rows)
    puts = {(put.row, put.column): put.cell for put in batch.puts}
    rest = {place: cell for each in batch.blocks for place, cell in written(each).items()}
    assert puts | rest == of_plan(block)
    assert {row for row, _ in puts} == rows & set(block.rows)
    assert all(put.pattern == sheet.patterns.get(put.column) for put in batch.puts)
    each = [row for item in expected for row in item.each()]
    again = [*alone, *(row for item in left for row in item.each())]
    assert sorted(again, key=_row) == sorted(each, key=_row)


@given(blocks())
def test_parts_of_a_block_hold_each_row_once_and_expect_what_they_write(block: Block) -> None:
    sheet, expected = batch_of(block)
    cells: dict[tuple[int, int], Cell] = {}
    met: list[Expected] = []
    for share in shares([sheet], [TOP], SMALL, expected):
        (part,) = share.sheets
        assert part.blocks == tuple(item.block for item in share.blocks)
        mine = {place: cell for each in part.blocks for place, cell in written(each).items()}
        assert not mine.keys() & cells.keys()
        assert part.watched == tuple(sorted({0, *(row for row, _ in mine)}))
        cells |= mine
        met.extend(row for item in share.blocks for row in item.each())
    assert cells == of_plan(block)
    each = [row for item in expected for row in item.each()]
    assert sorted(met, key=_row) == sorted(each, key=_row)


def test_a_block_that_is_too_large_goes_out_in_parts_that_are_full() -> None:
    rows = list(range(1, 1001))
    ids = [f"R{row}" for row in rows]
    block = Block(rows, ids, [""] * 1000, [(None, "a")] * 1000, (Filling(0, "id", ids),))
    sheet, expected = batch_of(block)
    found = shares([sheet], [TOP], Most(sent=20_000), expected)
    counts = [len(item.block) for share in found for item in share.blocks]
    assert sum(counts) == 1000
    assert len(counts) == len(found) == 4
    assert shares([sheet], [TOP], MOST, expected)[0].sheets == (sheet,)


@given(blocks(), st.data())
def test_a_block_is_verified_as_its_rows_are_one_by_one(block: Block, data: st.DataObject) -> None:
    _, expected = batch_of(block)
    images = []
    for row, seen in zip(block.rows, block.seen, strict=True):
        cells = list(seen)
        if data.draw(st.booleans()):
            place = data.draw(st.integers(0, 3))
            cells[place] = data.draw(st.sampled_from(["edited", float(row), row, True, None]))
        formulas = data.draw(st.sampled_from([{}, {}, {1: "=1"}]))
        images.append(PreImage(7, row, tuple(cells), formulas))
    top = data.draw(st.sampled_from([TOP.cells, ("ID", "B", "A", "C")]))
    images = [image for image in images if data.draw(st.integers(0, 9))]
    met = [PreImage(7, 0, top), *images]
    each = tuple(row for item in expected for row in item.each())
    assert _sorted(verify((TOP,), met, expected)) == _sorted(verify((TOP, *each), met))


def test_row_of_a_block_that_somebody_edited_is_put_back() -> None:
    block = Block([1, 2], ["R1", "R2"], ["", ""], [(None, "a"), (None, "b")])
    block = block.filled([Filling(0, "id", ["R1", "R2"])])
    item = ExpectedBlock("t", 7, 0, block)
    met = [PreImage(7, 0, TOP.cells), PreImage(7, 1, (None, "a")), PreImage(7, 2, (None, "z"))]
    verdict = verify((TOP,), met, (item,))
    assert verdict.unsettled == {("t", "R2")}
    assert [(repair.found, repair.wrote) for repair in verdict.repairs] == [(None, "R2")]


def test_tick_over_a_number_in_a_row_of_a_block_was_typed() -> None:
    block = Block([1], ["R1"], [""], [(None, 1)], (Filling(0, "id", ["R1"]),))
    item = ExpectedBlock("t", 7, 0, block)
    assert verify((TOP,), [PreImage(7, 0, TOP.cells), PreImage(7, 1, (None, 1))], (item,)).clean
    met = [PreImage(7, 0, TOP.cells), PreImage(7, 1, (None, True))]
    assert verify((TOP,), met, (item,)).unsettled == {("t", "R1")}


def _sorted(verdict: Verdict) -> Verdict:
    return replace(verdict, repairs=tuple(sorted(verdict.repairs, key=repr)))


def _place(write: CellWrite) -> tuple[int, int]:
    return write.row, write.column


def _row(item: Expected) -> int:
    return item.row
