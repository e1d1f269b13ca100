"""Puts are gathered into rectangles: all of them, each cell once."""

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.batch import Put
from crm_sync.workbooks.rectangles import rectangles

PUTS = st.lists(
    st.builds(
        Put,
        st.integers(0, 5),
        st.integers(0, 5),
        st.integers(0, 99),
        st.sampled_from([None, "@", "0"]),
    )
)


@given(PUTS)
def test_each_cell_is_in_one_rectangle_with_its_last_value(puts: list[Put]) -> None:
    last = {(put.row, put.column): put for put in puts}
    found = [
        (block.row + down, block.column + across, put)
        for block in rectangles(puts)
        for down, row in enumerate(block.rows)
        for across, put in enumerate(row)
    ]
    assert len(found) == len(last)
    assert {(row, column): put for row, column, put in found} == last


@given(PUTS)
def test_rectangle_formats_all_its_cells_or_none(puts: list[Put]) -> None:
    for block in rectangles(puts):
        assert {put.pattern is not None for row in block.rows for put in row} == {block.formatted}
        assert {len(row) for row in block.rows} == {block.width}


def test_column_of_many_rows_is_one_rectangle() -> None:
    puts = [Put(row, 0, f"C-{row}", "@") for row in range(1, 50_001)]
    (block,) = rectangles(puts)
    assert (block.row, block.column, len(block.rows)) == (1, 0, 50_000)
    assert block.pattern_of_column(0) == "@"


def test_same_columns_of_neighbouring_rows_grow_together_beside_other_cells() -> None:
    puts = [Put(1, 0, "a"), Put(1, 4, 1), Put(2, 0, "b"), Put(2, 4, 2), Put(4, 0, "c")]
    assert [(block.row, block.column, len(block.rows)) for block in rectangles(puts)] == [
        (1, 0, 2),
        (1, 4, 2),
        (4, 0, 1),
    ]
