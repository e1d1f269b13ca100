"""The write of a plan: where it puts what, and which rows it watches."""

from __future__ import annotations

from crm_sync.core.batch import Put, SheetBatch
from crm_sync.core.binding import Binding
from crm_sync.core.blocks import Block, Filling
from crm_sync.core.grid import TabRead
from crm_sync.core.plan import CellWrite, RowDelete, RowInsert, TabPlan
from crm_sync.core.schema import Column, Field, Kind, Tab, Table
from crm_sync.core.swap import Expected, RowRepair, sheet_batch, watch_rows
from crm_sync.core.values import Cell

NAME, SINCE = Field("name"), Field("since", Kind.DATE)
TAB = Tab(
    Table("clients", "C", 6, "name", (NAME, SINCE)),
    "Clients",
    (
        Column(Field("id", Kind.ID), "ID"),
        Column(NAME, "Name"),
        Column(SINCE, "Since", pattern="yyyy-mm-dd"),
    ),
)
BINDING = Binding(1, {"id": 0, "name": 1, "since": 2}, own={3: "Mine"})
HEADINGS: tuple[Cell, ...] = ("ID", "Name", "Since", "Mine")
ANNA: tuple[Cell, ...] = ("C-1", "Anna", 45000, "a", None, "far")
BORIS: tuple[Cell, ...] = ("C-2", "Boris")
READ = TabRead(7, "Clients", 50, 9, (("A title",), HEADINGS, ANNA, (), BORIS))


def write(row: int, column: int, after: Cell, *, mends: bool = False) -> CellWrite:
    name = ("id", "name", "since")[column]
    return CellWrite(row, column, READ.cell(row, column), after, name, "C-1", "C-1", mends=mends)


def batch_of(plan: TabPlan, *revived: RowRepair) -> tuple[SheetBatch, tuple[Expected, ...]]:
    batch, expected, _ = sheet_batch(TAB, BINDING, READ, plan, revived)
    assert batch is not None
    return batch, expected


def test_plan_without_writes_makes_no_batch() -> None:
    assert sheet_batch(TAB, BINDING, READ, TabPlan("clients")) == (None, (), ())


def test_written_rows_and_the_headings_are_watched_in_order() -> None:
    plan = TabPlan(
        "clients",
        writes=(write(4, 1, "B"), write(2, 2, 45001), write(2, 1, "A", mends=True)),
    )
    batch, expected = batch_of(plan)
    assert batch.watched == (1, 2, 4)
    assert [(item.row, item.heading) for item in expected] == [(1, True), (2, False), (4, False)]
    (since, name) = expected[1].puts
    assert (since.column, since.before, since.after, since.mends) == (2, 45000, 45001, False)
    assert (name.column, name.before, name.after, name.mends) == (1, "Anna", "A", True)
    assert expected[1].cells == ANNA
    assert Put(2, 2, 45001, "yyyy-mm-dd") in batch.puts


def test_watched_rows_are_kept_with_all_that_staff_have_beside_them() -> None:
    batch, _ = batch_of(TabPlan("clients", writes=(write(2, 1, "A"),)))
    assert batch.width >= len(ANNA)
    batch, _ = batch_of(TabPlan("clients", writes=(write(4, 1, "B"),)))
    assert batch.width >= len(HEADINGS)


def test_new_and_marked_rows_are_kept_with_all_that_staff_have_beside_them() -> None:
    block = Block([2], ["C-9"], [""], [ANNA], (Filling(0, "id", ["C-9"]),))
    batch, _ = batch_of(TabPlan("clients", block=block))
    assert batch.width >= len(ANNA)
    batch, _ = batch_of(TabPlan("clients", writes=(write(4, 1, "B"),)))
    more, _ = watch_rows(TAB, BINDING, READ, batch, {2: "?"}, {})
    assert more.width >= len(ANNA)


def test_row_that_goes_is_kept_in_its_whole_width() -> None:
    plan = TabPlan("clients", deletes=(RowDelete(4, "C-2", BORIS),))
    batch, expected = batch_of(plan)
    assert (batch.width, batch.deletes, batch.watched) == (READ.column_count, (4,), (1, 4))
    assert (expected[1].deleted, expected[1].row_id, expected[1].cells) == (True, "C-2", BORIS)


def test_new_rows_come_below_all_others_and_rows_put_back_below_those() -> None:
    plan = TabPlan("clients", inserts=(RowInsert("C-3", {0: "C-3", 1: "Clara"}),))
    repair = RowRepair("clients", "C-2", ("C-2", "", 45002, "b"), {3: "=1"})
    batch, _ = batch_of(plan, repair)
    assert (batch.insert_at, batch.inserted_rows) == (5, 2)
    assert batch.inserts == (
        Put(0, 0, "C-3"),
        Put(0, 1, "Clara"),
        Put(1, 0, "C-2"),
        Put(1, 2, 45002, "yyyy-mm-dd"),
        Put(1, 3, "=1", formula=True),
    )


def test_new_rows_never_come_above_the_headings() -> None:
    bare = TabRead(7, "Clients", 50, 4, (("A title",), HEADINGS))
    plan = TabPlan("clients", inserts=(RowInsert("C-3", {0: "C-3"}),))
    batch, _, _ = sheet_batch(TAB, BINDING, bare, plan)
    assert batch is not None
    assert batch.insert_at == 2


def test_formula_is_put_as_one() -> None:
    restored = CellWrite(2, 1, "x", "=A1", "name", "C-1", "C-1", formula=True)
    batch, _ = batch_of(TabPlan("clients", writes=(restored,)))
    assert batch.puts == (Put(2, 1, "=A1", formula=True),)


def test_rows_that_are_only_marked_are_watched_beside_the_others() -> None:
    batch, first = batch_of(TabPlan("clients", writes=(write(2, 1, "A"),)))
    more, expected = watch_rows(TAB, BINDING, READ, batch, {2: "C-1", 4: "C-2"}, {4: "C-2"})
    assert more.watched == (1, 2, 4)
    assert [(item.row, item.row_id, item.record_id) for item in expected] == [(4, "C-2", "C-2")]
    assert len(first) == 2
