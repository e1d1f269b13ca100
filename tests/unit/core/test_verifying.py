"""What a write met is compared with what the plan saw; what it hit is found again and put right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_sync.core.batch import PreImage
from crm_sync.core.grid import TabRead
from crm_sync.core.repairs import CellRepair, typed_over, with_repairs
from crm_sync.core.rows import ID, OwnHit, SheetRow
from crm_sync.core.swap import Expected, ExpectedPut, RowRepair
from crm_sync.core.values import Cell
from crm_sync.core.verifying import in_place, to_return, verify

HEADINGS: tuple[Cell, ...] = ("ID", "Name", "Phone", "Mine")
ANNA: tuple[Cell, ...] = ("C-1", "Anna", "+1", "a")
BORIS: tuple[Cell, ...] = ("C-2", "Boris", "+2", "b")
PUT = ExpectedPut(2, "phone", "+1", "+9")
ROW = Expected("clients", 7, 1, "C-1", "C-1", 0, (PUT,), cells=ANNA)
TOP = Expected("clients", 7, 0, "", "", 0, cells=HEADINGS, heading=True)
SEEN = PreImage(7, 0, HEADINGS)


def met(*cells: Cell, row: int = 1, **formulas: str) -> tuple[PreImage, PreImage]:
    """The headings as they were, and one row as the write found it."""
    texts = {int(column[1:]): text for column, text in formulas.items()}
    return SEEN, PreImage(7, row, cells, texts)


def test_row_that_stood_as_the_plan_saw_it_is_clean() -> None:
    assert verify((TOP, ROW), met(*ANNA)).clean


def test_row_of_which_nothing_came_back_is_not_settled() -> None:
    verdict = verify((TOP, ROW), (SEEN,))
    assert verdict.unsettled == {("clients", "C-1")}
    assert verdict.repairs == ()


def test_edit_that_the_write_hit_is_to_be_put_back() -> None:
    verdict = verify((TOP, ROW), met("C-1", "Anna", "+5", "a"))
    left = ("C-1", "Anna", "+9", "a")
    assert verdict.unsettled == {("clients", "C-1")}
    hit = CellRepair(
        "clients", "C-1", 2, "+5", "+9", left, headings=("ID", "Name", "Phone", "Mine")
    )
    assert verdict.repairs == (hit,)


def test_other_cells_of_a_row_that_was_hit_hold() -> None:
    both = replace(ROW, puts=(PUT, ExpectedPut(1, "name", "Anna", "Annie")))
    verdict = verify((TOP, both), met("C-1", "Anna", "+5", "a"))
    assert not verdict.settles("clients", "C-1")
    assert [verdict.holds("clients", "C-1", column) for column in (1, 2)] == [True, False]
    # Where nothing was hit all hold, and none in a row of which nothing came back.
    assert verify((TOP, both), met(*ANNA)).holds("clients", "C-1", 2)
    assert not verify((TOP, both), (SEEN,)).holds("clients", "C-1", 2)
    # In another row that was hit none holds, whatever it held.
    verdict = verify((TOP, both), met("C-2", "Annie", "+5", "a"))
    assert [verdict.holds("clients", "C-1", column) for column in (1, 2)] == [False, False]


def test_edit_beside_the_cell_that_was_written_is_no_hit() -> None:
    assert verify((TOP, ROW), met("C-1", "Anya", "+1", "z")).clean


def test_edit_to_the_very_value_that_was_written_needs_no_repair() -> None:
    assert verify((TOP, ROW), met("C-1", "Anna", "+9", "a")).clean


def test_formula_that_shows_what_the_plan_saw_was_hit_all_the_same() -> None:
    verdict = verify((TOP, ROW), met(*ANNA, c2='="+" & 1'))
    (repair,) = verdict.repairs
    assert isinstance(repair, CellRepair)
    assert (repair.found, repair.formula) == ("+1", '="+" & 1')


@pytest.mark.parametrize("cells", [BORIS, ("", "Anna", "+1", "a"), ("C-2", "Anna", "+1", "a")])
def test_row_with_another_id_had_moved_whatever_else_it_holds(cells: tuple[Cell, ...]) -> None:
    verdict = verify((TOP, ROW), met(*cells))
    assert verdict.unsettled == {("clients", "C-1")}
    (repair,) = verdict.repairs
    assert isinstance(repair, CellRepair)
    assert (repair.row_id, repair.column, repair.found) == (str(cells[0]), 2, cells[2])


def test_other_row_that_held_the_very_value_is_no_settled_one_of_ours() -> None:
    verdict = verify((TOP, ROW), met("C-2", "Boris", "+9", "b"))
    assert verdict.unsettled == {("clients", "C-1")}
    assert len(verdict.repairs) == 1


def test_id_is_compared_in_capitals_and_without_blanks() -> None:
    assert verify((TOP, ROW), met(" c-1 ", "Anna", "+1", "a")).clean


def test_row_without_an_id_is_known_by_all_that_stands_in_it() -> None:
    new = replace(ROW, row_id="", cells=("", "Anna", "+1", "a"))
    assert verify((TOP, new), met("", "Anna", "+1", "a")).clean
    assert verify((TOP, new), met("", "Anna", "+1", "z")).unsettled == {("clients", "C-1")}


def test_cell_beyond_what_was_read_is_part_of_what_is_put_back() -> None:
    wide = replace(ROW, puts=(ExpectedPut(6, "city", None, "Omsk"),))
    (repair,) = verify((TOP, wide), met("C-2", "Boris")).repairs
    assert isinstance(repair, CellRepair)
    assert repair.left == ("C-2", "Boris", None, None, None, None, "Omsk")


DELETED = replace(ROW, puts=(), deleted=True)


def test_right_row_was_deleted() -> None:
    assert verify((TOP, DELETED), met(*ANNA)).clean


@pytest.mark.parametrize("cells", [BORIS, ("C-1", "Anna", "+1", "edited"), (*ANNA, "more")])
def test_other_or_edited_row_that_was_deleted_comes_back_whole(cells: tuple[Cell, ...]) -> None:
    verdict = verify((TOP, DELETED), met(*cells))
    assert verdict.unsettled == {("clients", "C-1")}
    assert verdict.repairs == (RowRepair("clients", str(cells[0]), cells, headings=HEADINGS),)


def test_tick_over_a_number_was_typed_into_a_row_that_was_deleted() -> None:
    row = replace(DELETED, cells=("C-1", "Anna", 1))
    assert verify((TOP, row), met("C-1", "Anna", 1)).clean
    assert not verify((TOP, row), met("C-1", "Anna", True)).clean


def test_formula_beyond_the_cells_of_a_deleted_row_was_typed_meanwhile() -> None:
    assert verify((TOP, DELETED), met(*ANNA, c3='="a"')).clean
    (repair,) = verify((TOP, DELETED), met(*ANNA, c5='=""')).repairs
    assert repair == RowRepair("clients", "C-1", ANNA, {5: '=""'}, HEADINGS)


def test_row_that_was_only_marked_is_not_settled_if_it_was_another() -> None:
    marked = replace(ROW, puts=())
    assert verify((TOP, marked), met("C-1", "Anya", "+5", "a")).clean
    verdict = verify((TOP, marked), met(*BORIS))
    assert (verdict.unsettled, verdict.repairs) == ({("clients", "C-1")}, ())


MOVED = PreImage(7, 0, ("ID", "Phone", "Name", "Mine"))


def test_nothing_is_settled_in_a_tab_whose_columns_had_moved() -> None:
    image = PreImage(7, 1, ("C-1", "+1", "Anna", "a"))
    verdict = verify((TOP, ROW), (MOVED, image))
    assert verdict.displaced == {"clients"}
    assert verdict.repairs == (
        CellRepair(
            "clients", "C-1", 2, "Anna", "+9", ("C-1", "+1", "+9", "a"), headings=MOVED.cells
        ),
    )


def test_cell_that_held_what_was_written_but_under_another_heading_is_not_settled() -> None:
    put = ExpectedPut(2, "phone", "+1", "Anna")
    image = PreImage(7, 1, ("C-1", "+1", "Anna", "a"))
    verdict = verify((TOP, replace(ROW, puts=(put,))), (MOVED, image))
    assert (verdict.repairs, verdict.settles("clients", "C-1")) == ((), False)
    # Nor if another cell of the row was hit.
    both = replace(ROW, puts=(put, ExpectedPut(1, "name", "Anna", "Annie")))
    verdict = verify((TOP, both), (MOVED, image))
    assert [item.column for item in verdict.repairs if isinstance(item, CellRepair)] == [1]
    assert not verdict.holds("clients", "C-1", 2)


def test_cell_of_a_column_that_is_gone_does_not_make_a_row_another() -> None:
    nameless = replace(ROW, row_id="", cells=("", "Anna", "+1", "a"))
    verdict = verify(
        (TOP, nameless), (PreImage(7, 0, HEADINGS[:3]), PreImage(7, 1, ("", "Anna", "+1")))
    )
    assert (verdict.repairs, verdict.settles("clients", "C-1")) == ((), True)


def test_record_whose_other_row_was_hit_is_not_settled_by_the_one_that_stood() -> None:
    stays = replace(ROW, puts=(ExpectedPut(3, "note", "a", "z"),))
    lower = replace(stays, row=2)
    images = (MOVED, PreImage(7, 1, ("C-1", "+1", "Anna", "a")), PreImage(7, 2, ("C-2",)))
    assert verify((TOP, stays), images).settles("clients", "C-1")
    assert not verify((TOP, stays, lower), images).settles("clients", "C-1")


def test_write_into_a_column_that_stayed_hit_nothing_though_others_had_moved() -> None:
    put = replace(ROW, puts=(ExpectedPut(3, "note", "a", "z"),))
    verdict = verify((TOP, put), (MOVED, PreImage(7, 1, ("C-1", "+1", "Anna", "a"))))
    assert (verdict.displaced, verdict.repairs) == ({"clients"}, ())
    assert verdict.settles("clients", "C-1")
    assert not verdict.settles("clients", "C-2")


def test_columns_of_one_tab_say_nothing_of_another() -> None:
    other = replace(ROW, table="contacts", sheet_id=8)
    image = PreImage(8, 1, ANNA)
    assert verify((TOP, other), (MOVED, image)).displaced == {"clients"}
    assert verify((TOP, other), (MOVED, image)).unsettled == frozenset()


def test_headings_that_went_with_their_row_are_no_moved_columns() -> None:
    assert verify((TOP, ROW), (PreImage(7, 0, BORIS), PreImage(7, 1, ANNA))).clean


GONE = RowRepair("clients", "C-1", (*ANNA, "beyond"), {3: "=1"}, HEADINGS)


@pytest.mark.parametrize(
    ("headings", "cells", "formulas"),
    [
        (HEADINGS, (*ANNA, "beyond"), {3: "=1"}),
        (("ID", "Mine", "Name", "Phone"), ("C-1", "a", "Anna", "+1", "beyond"), {1: "=1"}),
        # What stood in columns that are gone, or in one that is taken, stands behind the others.
        (("ID", "Name", "Phone"), ("C-1", "Anna", "+1", None, "beyond", "a"), {5: "=1"}),
        (("ID", "", "", "", "Name", "Phone", "Mine"), None, {6: "=1"}),
    ],
)
def test_row_that_is_added_again_stands_under_its_headings(
    headings: tuple[Cell, ...], cells: tuple[Cell, ...] | None, formulas: dict[int, str]
) -> None:
    cells = cells or ("C-1", None, None, None, "Anna", "+1", "a", "beyond")
    (found,) = to_return([GONE], headings)
    assert (found.cells, found.formulas) == (cells, formulas)


FIELDS = {0: ID, 1: "name", 2: "phone"}


def row(number: int, cells: tuple[Cell, ...]) -> SheetRow:
    fields = {"name": cells[1], "phone": cells[2]}
    return SheetRow(number, str(cells[0] or "").upper(), fields, id_cell=cells[0])


def reading(*rows: tuple[Cell, ...]) -> TabRead:
    return TabRead(7, "Clients", 100, 4, (HEADINGS, *rows))


def hit(column: int = 2, found: Cell = "+1", wrote: Cell = "+9", formula: str = "") -> CellRepair:
    left = list(ANNA)
    left[column] = wrote
    return CellRepair("clients", "C-1", column, found, wrote, tuple(left), formula)


def repaired(repair: CellRepair, *rows: tuple[Cell, ...]) -> dict[int, SheetRow]:
    read = reading(*rows)
    known = [row(number, cells) for number, cells in enumerate(rows, 1)]
    return {item.number: item for item in with_repairs(known, [repair], read, FIELDS)}


def test_hit_cell_is_put_right_wherever_its_row_stands_now() -> None:
    found = repaired(hit(), BORIS, ("C-1", "Anna", "+9", "a"))
    assert (found[2].cells["phone"], found[2].standing) == ("+1", {"phone": "+9"})
    assert (found[1].cells["phone"], found[1].standing) == ("+2", {})


def test_row_is_known_by_its_id_though_another_shows_the_same() -> None:
    found = repaired(hit(), ("C-2", "Anna", "+9", "a"), ("C-1", "Anya", "+9", "z"))
    assert found[1].standing == {}
    assert found[2].cells["phone"] == "+1"


def test_cell_that_staff_have_edited_since_stays_theirs() -> None:
    found = repaired(hit(), ("C-1", "Anna", "+7", "a"), ("C-2", "Boris", "+9", "b"))
    assert [item.standing for item in found.values()] == [{}, {}]


def test_formula_that_was_hit_comes_back_as_one() -> None:
    found = repaired(hit(formula='="+" & 1'), ("C-1", "Anna", "+9", "a"))
    assert found[1].lost_formulas == {"phone": '="+" & 1'}
    assert "phone" in found[1].formulas


def test_formula_of_ours_that_hit_a_cell_is_found_by_its_text() -> None:
    wrote = '="+" & 1'
    left = ("C-1", "Anna", wrote, "a")
    repair = CellRepair("clients", "C-1", 2, "+1", wrote, left)
    read = replace(reading(("C-1", "Anna", "+1", "a")), formulas={(1, 2): wrote})
    known = replace(row(1, read.rows[1]), formulas=frozenset({"phone"}))
    (found,) = with_repairs([known], [repair], read, FIELDS)
    assert (found.standing, found.formulas) == ({"phone": wrote}, frozenset())
    # One that staff typed is theirs, though it shows what we had written.
    typed = replace(reading(("C-1", "Anna", "+9", "a")), formulas={(1, 2): "=9"})
    (found,) = with_repairs([replace(known, cells={"phone": "+9"})], [hit()], typed, FIELDS)
    assert found.standing == {}


def test_id_that_was_hit_comes_back() -> None:
    wrong = replace(hit(0, "C-1", "C-9"), row_id="C-1")
    found = repaired(wrong, ("C-9", "Anna", "+1", "a"))
    assert (found[1].id, found[1].standing) == ("C-1", {ID: "C-9"})


def test_cell_of_the_staffs_own_that_was_hit_comes_back_with_its_formula() -> None:
    found = repaired(hit(3, "a", "+9", "=ROW()"), ("C-1", "Anna", "+1", "+9"))
    assert found[1].own_hits == {3: OwnHit("a", "+9", "=ROW()")}


def test_row_that_lost_its_id_is_known_by_the_rest() -> None:
    nameless = replace(hit(), row_id="")
    found = repaired(nameless, ("", "Anya", "+9", "a"), ("C-2", "Boris", "+9", "b"))
    assert (found[1].cells["phone"], found[2].standing) == ("+1", {})


def test_of_two_rows_that_are_equally_like_it_neither_is_touched() -> None:
    nameless = replace(hit(), row_id="")
    found = repaired(nameless, ("C-3", "Anna", "+9", "y"), ("C-4", "Anna", "+9", "z"))
    assert [item.standing for item in found.values()] == [{}, {}]


def test_row_that_was_blank_before_the_write_is_put_right_too() -> None:
    blank = CellRepair("clients", "", 2, None, "+9", (None, None, "+9"))
    read = reading((None, None, "+9"))
    (found,) = with_repairs([], [blank], read, FIELDS)
    assert (found.number, found.cells, found.standing) == (
        1,
        {"name": None, "phone": None},
        {"phone": "+9"},
    )


@pytest.mark.parametrize(
    ("cells", "is_over"),
    [
        (("C-1", "Anna", "+9", "a"), False),
        (("C-1", "Anna", "+7", "a"), True),
        (("C-1", "Anna", "+1", "a"), False),
        (("C-2", "Boris", "+2", "b"), True),
    ],
)
def test_hit_value_that_stands_nowhere_any_more_was_typed_over(
    cells: tuple[Cell, ...], is_over: bool
) -> None:
    assert bool(typed_over([row(1, cells)], [hit()], reading(cells), FIELDS)) is is_over


def test_hit_value_goes_that_was_put_back_over_what_staff_had_typed_meanwhile() -> None:
    cells: tuple[Cell, ...] = ("C-1", "Anna", "+1", "a")
    over = CellRepair("clients", "C-1", 2, "+7", "+1", cells)
    assert typed_over([row(1, cells)], [over, hit()], reading(cells), FIELDS) == (hit(),)


def test_of_a_blank_cell_that_was_hit_nothing_is_lost() -> None:
    cells: tuple[Cell, ...] = ("C-1", "Anna", "+7", "a")
    assert typed_over([row(1, cells)], [hit(found=None)], reading(cells), FIELDS) == ()


def test_row_is_found_by_its_cells_where_its_name_came_to_stand_in_another() -> None:
    hit = CellRepair("clients", "C-1", 0, "C-1", "C-2", ("C-2", "Anna", "+1", "a"))
    read = TabRead(
        7, "Clients", 9, 4, (TOP.cells, ("C-2", "Anna", "+5", "a"), ("C-1", "Boris", "+7", "b"))
    )
    fields = {0: ID, 1: "full_name", 2: "phone"}
    rows = (
        SheetRow(1, "C-2", {"full_name": "Anna", "phone": "+5"}),
        SheetRow(2, "C-1", {"full_name": "Boris", "phone": "+7"}),
    )
    assert [row.id for row in with_repairs(rows, (hit,), read, fields)] == ["C-1", "C-1"]


def test_row_that_only_shows_what_was_written_is_not_taken_for_one_that_staff_typed_over() -> None:
    found = repaired(hit(), ("C-1", "Anna", "+7", "a"), ("", "Anna", "+9", "z"))
    assert [item.standing for item in found.values()] == [{}, {}]


def test_column_without_a_heading_gives_way_to_one_that_moved_there() -> None:
    headings: tuple[Cell, ...] = ("ID", "Name", "Phone", None)
    repair = replace(hit(), headings=headings)
    (found,) = in_place([repair], ("ID", "Name", None, "Phone"))
    assert (found.column, found.left) == (3, ("C-1", "Anna", None, "+9"))


def test_id_that_came_where_it_belongs_is_not_the_one_that_hit_another_row() -> None:
    # C-2 was written over the id of Anna's row, which is gone since, and then into its own row.
    hit = CellRepair("clients", "C-1", 0, "C-1", "C-2", ("C-2", "Anna", "+1", "same"))
    read = TabRead(7, "Clients", 9, 4, (TOP.cells, ("C-2", "Boris", "+7", "same")))
    rows = (SheetRow(1, "C-2", {"full_name": "Boris", "phone": "+7"}),)
    fields = {0: ID, 1: "full_name", 2: "phone"}
    assert [row.id for row in with_repairs(rows, (hit,), read, fields)] == ["C-2"]
