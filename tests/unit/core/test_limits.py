"""Nothing large happens by accident: the very numbers at which a run stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_sync.core.limits import Limits, empty_tab, over_limits
from crm_sync.core.plan import CellWrite, Op, RowDelete, RowInsert, StoreChange, TabPlan
from crm_sync.core.schema import Column, Field, Kind, Tab, Table

FIELDS = (Field("name"), Field("city"))
TAB = Tab(
    Table("clients", "C", 6, "name", FIELDS),
    "Clients",
    (Column(Field("id", Kind.ID), "ID"), Column(FIELDS[0], "Name"), Column(FIELDS[1], "City")),
)
LIMITS = Limits(delete_rows=5, delete_share=0.05, column_rows=10, column_share=0.30)


def archiving(count: int) -> TabPlan:
    changes = [StoreChange(Op.ARCHIVE, "clients", f"C-{number}") for number in range(count)]
    return TabPlan("clients", changes=tuple(changes))


def removing(count: int) -> TabPlan:
    return TabPlan("clients", deletes=tuple(RowDelete(row, f"C-{row}", ()) for row in range(count)))


def changing(count: int) -> TabPlan:
    changes = [
        StoreChange(Op.UPDATE, "clients", f"C-{number}", {"city": "Omsk"})
        for number in range(count)
    ]
    return TabPlan("clients", changes=tuple(changes))


def writing(count: int) -> TabPlan:
    writes = [
        CellWrite(row, 2, "Perm", "Omsk", "city", f"C-{row}", f"C-{row}") for row in range(count)
    ]
    return TabPlan("clients", writes=tuple(writes))


def allowed_by(plan: TabPlan, known: int) -> str | None:
    """The argument that goes ahead, None if the plan is within the limits."""
    found = over_limits(TAB, plan, known, LIMITS, frozenset())
    return found.allow if found else None


@pytest.mark.parametrize("make", [archiving, removing])
@pytest.mark.parametrize(
    ("count", "known", "stops"),
    [(5, 5, False), (6, 6, True), (6, 120, False), (7, 120, True), (250, 5000, False)],
)
def test_deletes_stop_above_both_number_and_share(
    make: type[TabPlan], count: int, known: int, stops: bool
) -> None:
    assert allowed_by(make(count), known) == (f"clients:delete:{count}" if stops else None)


@pytest.mark.parametrize("make", [changing, writing])
@pytest.mark.parametrize(
    ("count", "known", "stops"),
    [(10, 10, False), (11, 11, True), (30, 100, False), (31, 100, True), (1500, 5000, False)],
)
def test_changes_of_one_column_stop_above_both_number_and_share(
    make: type[TabPlan], count: int, known: int, stops: bool
) -> None:
    assert allowed_by(make(count), known) == (f"clients:city:{count}" if stops else None)


@pytest.mark.parametrize(("count", "stops"), [(10, False), (11, True)])
def test_row_whose_value_gives_way_is_counted_once(count: int, stops: bool) -> None:
    both = changing(count).changes * 2
    expected = f"clients:city:{count}" if stops else None
    assert allowed_by(TabPlan("clients", changes=both), 20) == expected


def test_new_records_are_no_changes() -> None:
    changes = [
        StoreChange(Op.CREATE, "clients", f"C-{number}", {"city": "Omsk"}) for number in range(50)
    ]
    writes = [CellWrite(row, 2, None, "Omsk", "city", f"C-{row}", "") for row in range(50)]
    plan = TabPlan("clients", changes=tuple(changes), writes=tuple(writes))

    assert allowed_by(plan, 60) is None


@pytest.mark.parametrize("op", [Op.RESTORE, Op.ARCHIVE])
def test_rows_of_records_that_come_back_or_go_are_no_changes(op: Op) -> None:
    changes = [StoreChange(op, "clients", f"C-{row}", {"city": "Omsk"}) for row in range(50)]
    plan = TabPlan("clients", changes=tuple(changes), writes=writing(50).writes)
    found = over_limits(TAB, plan, 60, LIMITS, frozenset({"clients:delete:50"}))
    assert found is None


def test_cells_that_show_the_same_value_by_its_new_name_are_no_changes() -> None:
    writes = tuple(replace(write, renames=True) for write in writing(50).writes)
    assert allowed_by(TabPlan("clients", writes=writes), 60) is None


def test_only_the_very_number_that_was_allowed_goes_ahead() -> None:
    plan = archiving(12)

    assert over_limits(TAB, plan, 20, LIMITS, frozenset({"clients:delete:12"})) is None
    assert over_limits(TAB, plan, 20, LIMITS, frozenset({"clients:delete:13"})) is not None
    assert over_limits(TAB, plan, 20, LIMITS, frozenset({"contacts:delete:12"})) is not None


def leaving(count: int, waiting: int = 0) -> TabPlan:
    ids = tuple(f"C-{row}" for row in range(count))
    deletes = tuple(RowDelete(row, key, ()) for row, key in enumerate(ids))
    return TabPlan(
        "clients",
        deletes=deletes,
        left=ids,
        waiting=tuple(f"C-9{number}" for number in range(waiting)),
    )


def test_rows_that_leave_the_scope_are_counted_with_those_that_are_still_to_leave() -> None:
    assert allowed_by(leaving(5), 20) is None
    assert allowed_by(leaving(6), 20) == "clients:leave:6"
    assert allowed_by(leaving(3, waiting=3), 20) == "clients:leave:6"


def test_rows_come_in_without_limit_unless_the_scope_was_changed() -> None:
    inserts = tuple(RowInsert(f"C-{number}", {}) for number in range(6))
    plan = TabPlan("clients", inserts=inserts)
    assert allowed_by(plan, 20) is None
    found = over_limits(TAB, plan, 20, LIMITS, frozenset(), scope_changed=True)
    assert found is not None
    assert found.allow == "clients:enter:6"


def test_emptied_tab_goes_ahead_for_its_own_number_alone() -> None:
    assert empty_tab(TAB, 9, frozenset({"clients:delete:9"})) is None
    for other in ("clients:delete:8", "contacts:delete:9", ""):
        found = empty_tab(TAB, 9, frozenset({other}))
        assert found is not None
        assert (found.code, found.allow) == ("E-EMPTY", "clients:delete:9")
