"""What moves with the store, what waits for the sheet, and what a write still owes."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from crm_sync.core.batch import Batch
from crm_sync.core.plan import CellWrite, Op, Plan, RowInsert, StoreChange, TabPlan
from crm_sync.core.records import Base
from crm_sync.core.repairs import CellRepair
from crm_sync.core.stamp import NO_STAMP, Stamp
from crm_sync.core.swap import Expected, ExpectedPut
from crm_sync.core.verifying import Verdict
from crm_sync.services.apply import Intent, Prepared, agreed_already, stamped
from crm_sync.services.planning import Planned
from crm_sync.services.reading import Reading
from crm_sync.services.setup import Attached
from crm_sync.services.world import World

BASE = Base("C-1", {"city": "Omsk"}, {"city": "Omsk"}, 3)


def write(field: str) -> CellWrite:
    return CellWrite(1, 2, None, "x", field, "C-1", "")


@pytest.mark.parametrize(
    ("writes", "agreed"),
    [
        ((), {"C-1"}),
        ((write("city"),), set()),
        ((write("id"),), set()),
        # What the program fills anew in each run is in no base.
        ((write("seen"),), {"C-1"}),
    ],
)
def test_base_moves_with_the_store_unless_its_row_is_yet_to_be_written(
    writes: tuple[CellWrite, ...], agreed: set[str]
) -> None:
    plan = TabPlan("clients", bases={"C-1": BASE}, writes=writes)
    assert set(agreed_already(plan)) == agreed


def test_records_that_are_new_here_or_in_the_store_wait_for_their_rows() -> None:
    bases = {"C-1": BASE, "C-2": replace(BASE, record_id="C-2")}
    plan = TabPlan(
        "clients",
        bases=bases,
        inserts=(RowInsert("C-1", {}),),
        changes=(StoreChange(Op.CREATE, "clients", "C-2"),),
    )
    assert agreed_already(plan) == set()


OURS = Stamp("op", "ours", "file", "2026-03-10T09:00:00.000+00:00")


@pytest.mark.parametrize(
    ("found", "renews"),
    [
        (NO_STAMP, False),
        (OURS, False),
        (replace(OURS, store="another"), True),
        (replace(OURS, file="another"), True),
    ],
)
def test_stamp_of_another_store_or_file_is_replaced_though_nothing_else_is_written(
    found: Stamp, renews: bool
) -> None:
    batch = Batch("next", 1, after=found.operation)
    unchanged = Planned(Plan(()), {}, cast(World, None), {})
    reading = Reading(Attached({}), {}, stamp=found)
    made = stamped(Prepared(batch, Intent(())), OURS, unchanged, reading)
    assert (made.batch.renews, made.batch.empty) == (renews, not renews)
    assert made.batch.stamp == OURS


LEFT = ("C-1", "Anna", "+9", "a")
MENDED = CellRepair("clients", "C-1", 2, "+1", "+9", LEFT)
HIT = CellRepair("clients", "C-2", 1, "Boris", "Anna", ("C-2", "Anna", "+2", "b"))
FOR_A_STOPPED_TAB = replace(MENDED, table="contacts")
PUT = ExpectedPut(2, "phone", "+9", "+1", mends=True)
ROW = Expected("clients", 7, 1, "C-1", "C-1", 0, (PUT,), cells=LEFT)
INTENT = Intent((ROW,), owed=(FOR_A_STOPPED_TAB,), mending=(MENDED,))
NONE: frozenset[tuple[str, str]] = frozenset()


def test_write_that_went_as_planned_owes_what_it_could_not_do_alone() -> None:
    assert INTENT.debts(Verdict(NONE, frozenset(), ())) == (FOR_A_STOPPED_TAB,)
    other = Verdict(frozenset({("clients", "C-2")}), frozenset(), (HIT,))
    assert INTENT.debts(other) == (HIT, FOR_A_STOPPED_TAB)


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(frozenset({("clients", "C-1")}), frozenset(), ()),
        # Its column had moved, and by chance that cell showed the right thing there.
        Verdict(NONE, frozenset({"clients"}), ()),
    ],
    ids=["row", "columns"],
)
@pytest.mark.parametrize("mends", [True, False])
def test_repair_that_missed_its_cell_is_owed_still(verdict: Verdict, mends: bool) -> None:
    # What the plan had to write anyway puts right as well what had been hit there.
    row = replace(ROW, puts=(replace(PUT, mends=mends),))
    found = replace(INTENT, expected=(row,)).debts(verdict)
    assert found == (FOR_A_STOPPED_TAB, MENDED)
