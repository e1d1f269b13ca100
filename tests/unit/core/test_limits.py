"""Nothing large happens by accident: the very numbers at which a run stops."""

from __future__ import annotations

import pytest

from crm_sync.core.limits import Limits, over_limits
from crm_sync.core.plan import CellWrite, Op, RowDelete, StoreChange, TabPlan
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


def test_new_records_are_no_changes() -> None:
    changes = [
        StoreChange(Op.CREATE, "clients", f"C-{number}", {"city": "Omsk"}) for number in range(50)
    ]
    writes = [CellWrite(row, 2, None, "Omsk", "city", f"C-{row}", "") for row in range(50)]
    plan = TabPlan("clients", changes=tuple(changes), writes=tuple(writes))

    assert allowed_by(plan, 60) is None


def test_only_the_very_number_that_was_allowed_goes_ahead() -> None:
    plan = archiving(12)

    assert over_limits(TAB, plan, 20, LIMITS, frozenset({"clients:delete:12"})) is None
    assert over_limits(TAB, plan, 20, LIMITS, frozenset({"clients:delete:13"})) is not None
    assert over_limits(TAB, plan, 20, LIMITS, frozenset({"contacts:delete:12"})) is not None
