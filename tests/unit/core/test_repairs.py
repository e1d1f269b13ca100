"""Hits of several writes on one row, and repairs that missed theirs."""

from __future__ import annotations

from dataclasses import replace

from crm_sync.core.repairs import CellRepair, known_since, traced_back, with_repairs
from crm_sync.core.rows import ID, OwnHit, SheetRow
from crm_sync.core.swap import Expected, ExpectedPut, RowRepair
from crm_sync.core.values import Cell
from crm_sync.core.verifying import in_place, returning_right
from tests.unit.core.test_verifying import ANNA, BORIS, FIELDS, HEADINGS, hit, reading, row


def stood(column: int, cell: Cell) -> tuple[Cell, ...]:
    """Anna's row with this cell."""
    return (*ANNA[:column], cell, *ANNA[column + 1 :])


def test_what_stood_before_both_of_two_writes_comes_back() -> None:
    later = CellRepair("clients", "C-1", 2, "+9", "+5", stood(2, "+5"))
    found, tried = traced_back([later], [hit()])
    assert (found, tried) == ((replace(later, found="+1"),), ())
    formula, _ = traced_back([later], [hit(formula="=1")])
    assert formula == (replace(later, found="+1", formula="=1"),)


def test_cells_of_a_row_that_both_writes_hit_all_come_back() -> None:
    left: tuple[Cell, ...] = ("C-1", "Zoe", "+5", "z")
    values = zip((1, 2, 3), ("Anna", "+9", "a"), left[1:], strict=True)
    later = [CellRepair("clients", "C-1", column, *each, left) for column, *each in values]
    name, phone, own = later
    found, tried = traced_back(later, [hit()])
    assert (found, tried) == ((name, replace(phone, found="+1"), own), ())


def test_cell_that_the_later_write_put_right_by_chance_is_owed_no_more() -> None:
    later = CellRepair("clients", "C-1", 2, "+9", "+1", stood(2, "+1"))
    assert traced_back([later], [hit()]) == ((), ())


def test_repair_that_missed_its_row_is_tried_again_beside_what_was_hit_elsewhere() -> None:
    other = CellRepair("clients", "C-2", 2, "+9", "+5", ("C-2", "Boris", "+5", "b"))
    assert traced_back([other], [hit()]) == ((other,), (hit(),))


def test_row_that_got_its_id_from_the_write_that_missed_a_cell_is_known_by_it() -> None:
    nameless = replace(hit(), row_id="", left=("", "Anna", "+9", "a"))
    put = ExpectedPut(2, "phone", "+9", "+1", mends=True)
    rows = [
        Expected("clients", 7, 1, "C-2", "C-2", 0, (put,), cells=BORIS),
        Expected("clients", 7, 2, "", "C-5", 0, (put,), cells=("", "Anna", "+9", "a")),
    ]
    assert known_since([nameless], rows) == (replace(nameless, row_id="C-5"),)
    plain = replace(put, mends=False)
    assert known_since([nameless], [replace(item, puts=(plain,)) for item in rows]) == (nameless,)


def test_row_that_two_writes_hit_is_as_it_was_before_the_first() -> None:
    first = replace(hit(), row_id="", left=("", "Anna", "+9", "a"))
    left = ("", "Zoe", "+9", "z")
    name = CellRepair("clients", "", 1, "Anna", "Zoe", left)
    own = CellRepair("clients", "", 3, "a", "z", left)
    (found,) = with_repairs([row(1, left)], [name, own, first], reading(left), FIELDS)
    assert found.cells == {"name": "Anna", "phone": "+1"}
    assert found.standing == {"name": "Zoe", "phone": "+9"}
    assert found.own_hits == {3: OwnHit("a", "z")}


def test_rows_that_writes_left_alike_are_all_put_right() -> None:
    left = (None, "Anna", "+9", "a")
    hits = [replace(hit(found=f"+{number}"), row_id="", left=left) for number in (1, 2, 3)]
    read = reading(left, left, left)
    rows = [row(number, left) for number in (1, 2, 3)]
    found = with_repairs(rows, hits, read, FIELDS)
    assert sorted(str(item.cells["phone"]) for item in found) == ["+1", "+2", "+3"]


def test_of_two_hits_of_one_cell_whose_rows_are_equally_like_it_the_older_comes_back() -> None:
    later = replace(hit(found="+5"), left=("C-1", "Anna", "+9", "b"))
    stands = ("C-1", "Anna", "+9", "c")
    (found,) = with_repairs([row(1, stands)], [later, hit()], reading(stands), FIELDS)
    assert found.cells["phone"] == "+1"


def test_formula_of_ours_in_a_cell_that_was_hit_is_not_the_staffs() -> None:
    wrote = '="+" & 1'
    repair = CellRepair("clients", "C-1", 2, "+1", wrote, stood(2, wrote))
    read = replace(reading(ANNA), formulas={(1, 2): wrote})
    known = SheetRow(1, "C-1", {"name": "Anna", "phone": "+1"}, frozenset({"phone"}), id_cell="C-1")
    (found,) = with_repairs([known], [repair], read, {0: ID, 1: "name", 2: "phone"})
    assert found.formulas == frozenset()


def test_column_whose_heading_stands_twice_is_not_guessed() -> None:
    repair = replace(hit(), headings=HEADINGS)
    twice: tuple[Cell, ...] = ("ID", "Phone", "Name", "Phone")
    assert in_place([repair], twice) == [repair]


def test_row_returns_with_the_cells_right_that_an_earlier_write_had_hit() -> None:
    right, other = RowRepair("clients", "C-1", ANNA), RowRepair("clients", "C-2", BORIS)
    gone = RowRepair("clients", "C-1", stood(2, "+9"))
    assert returning_right([other, gone], [hit()]) == ((other, right), ())
    formula = replace(right, formulas={2: "=1"})
    assert returning_right([gone], [hit(formula="=1")]) == ((formula,), ())
    # Staff have typed over it since.
    assert returning_right([right], [hit()]) == ((right,), (hit(),))


def test_row_returns_with_its_cells_right_though_the_columns_have_moved() -> None:
    moved: tuple[Cell, ...] = ("ID", "Phone", "Name", "Mine")
    gone = RowRepair("clients", "C-1", ("C-1", "+9", "Anna", "a"), headings=moved)
    tried = replace(hit(), headings=HEADINGS)
    right = replace(gone, cells=("C-1", "+1", "Anna", "a"))
    assert returning_right([gone], [tried]) == ((right,), ())


def test_row_whose_id_was_hit_returns_with_its_own() -> None:
    wrong = replace(hit(0, "C-1", "C-9"), row_id="C-1")
    gone = RowRepair("clients", "C-9", stood(0, "C-9"))
    assert returning_right([gone], [wrong]) == ((RowRepair("clients", "C-1", ANNA),), ())
