"""What a plan leaves out under protected ranges, and how it is remembered until they are opened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_sync.core.blocks import Block, Filling
from crm_sync.core.locked import Ground, LockedRange, Locks, Span, within_locks
from crm_sync.core.plan import CellWrite, RowDelete, RowInsert, TabPlan
from crm_sync.core.records import Base
from tests.unit.core.small_tab import ID, OTHER, TYPED, base

NEW = "C-000034"
GROUND = Ground(1, "Clients", 5)
INSIDE = Span(2, 4, 1, 3)


@pytest.mark.parametrize(
    ("row", "column", "holds"),
    [
        (2, 1, True),
        (3, 2, True),
        (1, 1, False),
        (4, 1, False),
        (2, 0, False),
        (2, 3, False),
    ],
)
def test_range_ends_before_its_last_row_and_column(row: int, column: int, holds: bool) -> None:
    assert INSIDE.holds(row, column) is holds
    assert LockedRange(1, INSIDE).holds(row, column) is holds
    assert not LockedRange(1, INSIDE, (Span(),)).holds(row, column)
    assert Span().holds(row, column)


@pytest.mark.parametrize(
    ("span", "name"),
    [
        (Span(), ""),
        (Span(1, 40, 3, 4), "D2:D40"),
        (Span(1, 2, 3, 4), "D2"),
        (Span(left=3, right=4), "D:D"),
        (Span(1, 5), "2:5"),
    ],
)
def test_range_is_called_as_people_call_it(span: Span, name: str) -> None:
    assert span.name == name


def write(row: int, column: int, field: str, record_id: str = ID) -> CellWrite:
    return CellWrite(row, column, None, "x", field, record_id, record_id)


def within(plan: TabPlan, span: Span, known: Base | None = None, sheet: int = 1) -> TabPlan:
    bases = {known.record_id: known} if known else {}
    return within_locks(plan, Locks("me", (LockedRange(sheet, span),)), GROUND, bases)


CHANGED = TabPlan(
    "clients",
    writes=(write(2, 3, "city"), write(2, 1, "name")),
    bases={ID: base(version=3, city="Omsk", name="Anya")},
)


def test_cell_that_is_protected_waits_with_its_base_and_all_others_are_written() -> None:
    found = within(CHANGED, Span(left=3, right=4), base())
    assert [item.field for item in found.writes] == ["name"]
    (problem,) = found.problems
    assert (problem.record_id, problem.field, problem.row, problem.column) == (ID, "city", 2, 3)
    assert problem.params == {"cells": "Clients!D:D", "account": "me"}
    left = found.bases[ID]
    assert (left.values["city"], left.values["name"], left.unsettled) == ("Perm", "Anya", True)
    assert (left.cells["city"], left.version) == ("Perm", 3)


def test_ranges_beside_the_plan_or_of_another_sheet_change_nothing() -> None:
    assert within(CHANGED, Span(left=5, right=6), base()) == CHANGED
    assert within(CHANGED, Span(), base(), sheet=2) == CHANGED


def test_new_row_whose_id_cannot_be_written_is_not_seen_yet() -> None:
    block = Block([2], [NEW], [""], [TYPED], (Filling(0, "id", [NEW]),))
    plan = TabPlan("clients", block=block, bases={NEW: base(NEW, version=1)})
    found = within(plan, Span(left=0, right=1))
    assert (found.every_write, found.bases[NEW].version) == ((), 0)
    found = within(plan, Span(left=3, right=4))
    assert ([item.after for item in found.every_write], found.bases[NEW].version) == ([NEW], 1)


@pytest.mark.parametrize(
    ("span", "waits"),
    [
        (Span(), True),
        (Span(2, 9), True),
        (Span(2, 9, left=1), True),
        (Span(2, 9, left=6), False),
        (Span(2, 5), False),
        (Span(5, 9), False),
    ],
)
def test_row_is_added_unless_the_range_grows_over_it(span: Span, waits: bool) -> None:
    plan = TabPlan("clients", inserts=(RowInsert(NEW, {0: NEW, 1: "x"}),), bases={NEW: base(NEW)})
    found = within(plan, span)
    assert (found.inserts, found.bases) == (((), {}) if waits else (plan.inserts, plan.bases))
    assert [item.record_id for item in found.problems] == [NEW] * waits


def test_row_that_is_to_go_stays_with_its_base_while_any_of_it_is_protected() -> None:
    plan = TabPlan(
        "clients",
        deletes=(RowDelete(2, ID, TYPED), RowDelete(7, OTHER, ())),
        dropped=(ID, OTHER),
    )
    found = within(plan, INSIDE)
    assert [item.record_id for item in found.deletes] == [OTHER]
    assert found.dropped == (OTHER,)
    assert [(item.record_id, item.row) for item in found.problems] == [(ID, 2)]
    assert within(replace(plan, deletes=plan.deletes[1:]), INSIDE).dropped == (ID, OTHER)
