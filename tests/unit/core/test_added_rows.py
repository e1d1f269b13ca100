"""Rows that a write added just when columns moved: each cell is put right, whatever staff typed."""

from __future__ import annotations

from crm_sync.core.batch import PreImage
from crm_sync.core.grid import TabRead
from crm_sync.core.plan import RowInsert, TabPlan
from crm_sync.core.repairs import CellRepair, with_repairs
from crm_sync.core.rows import ID, OwnHit, SheetRow, id_in
from crm_sync.core.swap import Added, RowRepair, added_rows
from crm_sync.core.values import Cell
from crm_sync.core.verifying import verify
from tests.unit.core.test_verifying import BORIS, GONE, HEADINGS, ROW, TOP

MOVED: tuple[Cell, ...] = ("ID", "Phone", "Name", "Mine")
CLARA: tuple[Cell, ...] = ("C-3", "Clara", "+3")
NEW = Added("clients", 7, "C-3", CLARA)
FIELDS = {0: ID, 1: "phone", 2: "name"}


def astray(*rows: Added, under: tuple[Cell, ...] = MOVED) -> list[CellRepair]:
    """What is to be put right of these rows, of which a write met such headings."""
    found = verify((TOP,), (PreImage(7, 0, under),), (), rows)
    return [item for item in found.repairs if isinstance(item, CellRepair)]


def right(
    repairs: list[CellRepair], cells: tuple[Cell, ...], under: tuple[Cell, ...] = MOVED
) -> SheetRow:
    """Clara's row put right, where it stands so below Boris's."""
    read = TabRead(7, "Clients", 9, 9, (under, BORIS, cells))
    fields = {
        column: name
        for heading, name in {"ID": ID, "Name": "name", "Phone": "phone"}.items()
        for column in [under.index(heading)]
    }
    id_cell = cells[under.index("ID")]
    named = {name: read.cell(2, column) for column, name in fields.items() if name != ID}
    row = SheetRow(2, id_in(id_cell), named, id_cell=id_cell)
    (found,) = with_repairs([row], repairs, read, fields)
    return found


def test_rows_are_known_in_the_order_in_which_the_write_adds_them() -> None:
    plan = TabPlan("clients", inserts=(RowInsert("C-3", {0: "C-3", 2: "+3"}),))
    again = RowRepair("clients", "C-1", ("C-1", "Anna"), {1: "=1"})
    assert list(added_rows(7, plan, [again])) == [
        Added("clients", 7, "C-3", ("C-3", None, "+3")),
        Added("clients", 7, "C-1", ("C-1", "Anna"), {1: "=1"}),
    ]


def test_row_whose_columns_were_in_their_places_is_as_it_is_to_be() -> None:
    assert astray(NEW, under=HEADINGS) == []
    assert astray(Added("contacts", 8, "P-1", CLARA)) == []


def test_cells_of_a_row_that_was_added_come_under_their_headings() -> None:
    found = right(astray(NEW), CLARA)
    assert (found.id, found.cells) == ("C-3", {"name": "Clara", "phone": "+3"})
    assert found.standing == {"name": "+3", "phone": "Clara"}


def test_cell_that_staff_typed_there_stays_theirs_and_the_others_come_right() -> None:
    found = right(astray(NEW), ("C-3", "Clara", "Klara"))
    assert (found.cells, found.standing) == (
        {"name": "Klara", "phone": "+3"},
        {"phone": "Clara"},
    )


def test_value_that_came_under_a_heading_of_staff_leaves_it() -> None:
    moved: tuple[Cell, ...] = ("ID", "Mine", "Name", "Phone")
    found = right(astray(NEW, under=moved), CLARA, moved)
    assert found.cells == {"name": "Clara", "phone": "+3"}
    assert found.own_hits == {1: OwnHit(None, "Clara")}


def test_id_that_came_under_another_heading_comes_back() -> None:
    moved: tuple[Cell, ...] = ("Name", "ID", "Phone", "Mine")
    for name in ("+3", "+4"):
        found = right(astray(NEW, under=moved), ("C-3", "Clara", name), moved)
        assert (found.id, found.cells) == ("C-3", {"name": "Clara", "phone": name})
        assert found.standing == {ID: "Clara", "name": "C-3"}


def test_value_of_a_column_that_is_gone_is_taken_out_of_the_one_that_came_there() -> None:
    shorter: tuple[Cell, ...] = ("ID", "Phone", "Mine")
    read = TabRead(7, "Clients", 9, 9, (shorter, CLARA))
    row = SheetRow(1, "C-3", {"phone": "Clara"}, id_cell="C-3")
    fields = {0: ID, 1: "phone"}
    (found,) = with_repairs([row], astray(NEW, under=shorter), read, fields)
    assert (found.cells, found.own_hits) == ({"phone": "+3"}, {2: OwnHit(None, "+3")})


def test_formula_of_a_row_that_was_added_again_comes_under_its_heading() -> None:
    row = Added("clients", 7, "C-1", GONE.cells, GONE.formulas)
    moved: tuple[Cell, ...] = ("ID", "Mine", "Name", "Phone")
    found = {item.column: item for item in astray(row, under=moved)}
    assert (found[1].formula, found[1].wrote) == ("=1", "Anna")
    assert (found[3].found, found[3].wrote) == ("+1", "=1")
    read = TabRead(7, "Clients", 9, 9, (moved, ("C-1", "Anna", "+1", 1, "beyond")), {(1, 3): "=1"})
    cells: dict[str, Cell] = {"name": "+1", "phone": 1}
    known = SheetRow(1, "C-1", cells, frozenset({"phone"}), id_cell="C-1")
    fields = {0: ID, 2: "name", 3: "phone"}
    (mended,) = with_repairs([known], list(found.values()), read, fields)
    assert mended.cells == {"name": "Anna", "phone": "+1"}
    assert mended.own_hits[1].formula == "=1"


def test_rows_that_were_written_to_are_put_right_beside_those_that_were_added() -> None:
    images = (PreImage(7, 0, MOVED), PreImage(7, 1, ("C-1", "+1", "Anna", "a")))
    found = verify((TOP, ROW), images, (), (NEW,))
    assert [item.row_id for item in found.repairs] == ["C-1", "C-3", "C-3"]
    assert found.displaced == {"clients"}
