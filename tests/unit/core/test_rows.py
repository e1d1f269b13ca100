"""What makes a row one that holds something, and how far it is like another."""

from __future__ import annotations

import pytest

from crm_sync.core.rows import has_content, likeness
from crm_sync.core.values import Cell
from tests.unit.core.small_tab import ID, TAB, base, sheet, work


@pytest.mark.parametrize(
    ("cell", "filled"), [(None, False), (" ", False), (False, False), (True, True), (0, True)]
)
def test_box_that_nobody_ticked_fills_no_row(cell: Cell, filled: bool) -> None:
    made = work(sheet(("", None, None, cell), (ID, None, None, cell)))
    assert [row.number for row in made.rows] == ([1, 2] if filled else [2])
    assert has_content(TAB, made.rows[-1]) is filled


@pytest.mark.parametrize(
    ("cells", "share"),
    [
        (("Anna", None, None), 0.0),
        (("Anna", None, "Perm"), 1.0),
        (("Anna", None, "Omsk"), 0.5),
        (("Zoe", None, "Omsk"), 0.0),
        ((None, None, None), 0.0),
    ],
)
def test_one_cell_alone_makes_no_likeness(cells: tuple[Cell, ...], share: float) -> None:
    (row,) = work(sheet((ID, *cells))).rows
    known = base(name="Anna", phone=None, city="Perm" if cells[2] else None)
    assert likeness(TAB, row, known) == share
