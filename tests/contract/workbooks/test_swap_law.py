"""The law of the swap: the tab reads afterwards as the batch says, whatever the batch."""

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_sync.core.batch import Batch, PreImage, Put, SheetBatch
from crm_sync.core.blocks import Block, Filling
from crm_sync.core.values import Cell
from tests.contract.workbooks.conftest import JOURNAL, Office

ROWS, COLUMNS = 9, 4
CELLS = st.sampled_from([None, "", "a", "=b", "+7", 0, 1.5, True, False])
PUTS = st.lists(
    st.builds(
        Put,
        st.integers(0, ROWS - 1),
        st.integers(0, COLUMNS - 1),
        CELLS,
        st.sampled_from([None, "@", "0.00"]),
    ),
    max_size=6,
)
Grid = list[list[Cell]]


@st.composite
def batches(draw: st.DrawFn) -> SheetBatch:
    inserted = draw(st.integers(0, 3))
    inserts = [put for put in draw(PUTS) if put.row < inserted]
    some = st.sets(st.integers(0, ROWS - 1), max_size=4).map(lambda rows: tuple(sorted(rows)))
    puts = tuple(draw(PUTS))
    return SheetBatch(
        0,
        ROWS,
        COLUMNS,
        draw(some),
        puts,
        draw(st.integers(0, ROWS)),
        tuple(inserts),
        inserted,
        draw(some),
        blocks=draw(blocks({put.row for put in puts})),
        patterns={0: "@", 1: "0.00"},
    )


@st.composite
def blocks(draw: st.DrawFn, taken: set[int]) -> tuple[Block, ...]:
    """At most one, in rows that are not taken."""
    rows = sorted(draw(st.sets(st.integers(0, ROWS - 1))) - taken)
    columns = sorted(draw(st.sets(st.integers(0, COLUMNS - 1))))
    if not rows or not columns:
        return ()
    of_rows = st.lists(CELLS, min_size=len(rows), max_size=len(rows))
    fillings = tuple(Filling(column, "f", draw(of_rows)) for column in columns)
    ids = [str(row) for row in rows]
    return (Block(rows, ids, ids, [()] * len(rows), fillings),)


def written(before: Grid, batch: SheetBatch) -> Grid:
    """What the words of `SheetBatch` say."""
    grid: Grid = [list(row) for row in before]
    for put in batch.puts:
        grid[put.row][put.column] = put.cell
    for block in batch.blocks:
        for item in block.fillings:
            for row, cell in zip(block.rows, item.after, strict=True):
                grid[row][item.column] = cell
    fresh: Grid = [[None] * COLUMNS for _ in range(batch.inserted_rows)]
    for put in batch.inserts:
        fresh[put.row][put.column] = put.cell
    numbered = [(number, row) for number, row in enumerate(grid) if number not in batch.deletes]
    above = [row for number, row in numbered if number < batch.insert_at]
    below = [row for number, row in numbered if number >= batch.insert_at]
    return [*above, *fresh, *below]


def shown(grid: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """A grid as `TabRead.rows` gives it."""
    rows = [cut(row) for row in grid]
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def cut(row: Sequence[Cell]) -> tuple[Cell, ...]:
    cells = [None if cell == "" else cell for cell in row]
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=9, max_size=9), batches())
def test_tab_reads_after_a_swap_as_the_batch_says(
    office: Office, before: Grid, batch: SheetBatch
) -> None:
    fit_to(office, before)
    images = office.workbook.swap(Batch("op", JOURNAL, (batch,)))
    assert images == tuple(PreImage(0, row, cut(before[row])) for row in batch.watched)
    assert office.rows() == shown(written(before, batch))
    assert office.workbook.journal(JOURNAL, [(0, row) for row in batch.watched]) == ("op", images)


def fit_to(office: Office, grid: Grid) -> None:
    """Makes the tab hold just this grid."""
    office.staff.resize(1, COLUMNS)
    office.staff.resize(ROWS, COLUMNS)
    puts = [
        Put(row, column, cell) for row, line in enumerate(grid) for column, cell in enumerate(line)
    ]
    office.workbook.swap(
        Batch("before", JOURNAL, (SheetBatch(0, ROWS, COLUMNS, puts=tuple(puts)),))
    )
