"""Which part of a large write settles which record."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.batch import Batch, Put, SheetBatch
from crm_sync.core.parting import Most
from crm_sync.core.plan import CellWrite, Plan, RowInsert, TabPlan
from crm_sync.core.records import Base
from crm_sync.core.swap import Expected, ExpectedPut, added_rows
from crm_sync.services.apply import Intent, Prepared
from crm_sync.services.parts import parted

ROWS = 8
OWNERS = st.lists(st.sampled_from(["R1", "R2", "R3", "R4", "R5"]), min_size=1, max_size=ROWS)


def expected(row: int, owner: str) -> Expected:
    put = ExpectedPut(1, "name", "a", "b")
    return Expected("t", 7, row, owner, owner, 0, (put,), cells=(owner, "a"))


@given(OWNERS, st.lists(st.sampled_from(["R6", "R7", "R1"]), unique=True))
def test_record_is_settled_once_by_the_last_part_that_writes_to_it(
    owners: list[str], added: list[str]
) -> None:
    rows = list(enumerate(owners, 1))
    sheet = SheetBatch(
        7,
        ROWS + 2,
        2,
        watched=tuple(range(len(owners) + 1)),
        puts=tuple(Put(row, 1, "b" * 40) for row, _ in rows),
        insert_at=ROWS + 1,
        inserts=tuple(Put(number, 0, key) for number, key in enumerate(added)),
        inserted_rows=len(added),
    )
    top = Expected("t", 7, 0, "", "", 0, cells=("ID", "Name"), heading=True)
    met = (top, *(expected(row, owner) for row, owner in rows))
    ids = {*owners, *added}
    plan = TabPlan(
        "t",
        writes=tuple(CellWrite(row, 1, "a", "b", "name", key, key) for row, key in rows),
        inserts=tuple(RowInsert(key, {0: key}) for key in added),
        bases={key: Base(key, {"name": "b"}) for key in (*sorted(ids), "IDLE", "AGREED")},
        dropped=("R1", "GONE"),
    )
    read: Any = SimpleNamespace(
        read=SimpleNamespace(sheet_id=7, rows=[()]), columns=SimpleNamespace(header_row=0)
    )
    planned: Any = SimpleNamespace(plan=Plan((plan,)), readings={"t": read})
    reading: Any = SimpleNamespace(repairs=())
    new = tuple(added_rows(7, plan, ()))
    prepared = Prepared(Batch("op", 9, (sheet,), after="before"), Intent(met, added=new))

    parts = parted(prepared, planned, reading, Most(sent=900, back=700, requests=12))

    settled: dict[str, int] = {}
    for number, part in enumerate(parts):
        moved, dropped = map(list, part.settles(plan))
        assert not settled.keys() & set(moved)
        settled |= dict.fromkeys(moved, number)
        assert ("R1" in dropped) == ("R1" in moved or ("R1" not in ids and part.is_last))
    # Their base moves with the store's transaction: nothing is to be written for them.
    assert settled.keys() == ids
    for number, part in enumerate(parts):
        for item in part.prepared.intent.expected:
            assert item.heading or settled[item.record_id] >= number
        mine = [item.record_id for item in part.prepared.intent.added]
        inserted = [put.cell for batch in part.prepared.batch.sheets for put in batch.inserts]
        assert mine == inserted
    after = [part.prepared.batch.after for part in parts]
    assert after == ["before", *(part.prepared.batch.operation for part in parts[:-1])]
