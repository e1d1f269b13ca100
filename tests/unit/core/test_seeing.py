"""What is new in a tab since a run left it settled, told by the bytes of its rows alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.grid import TabRead
from crm_sync.core.plan import CellWrite, RowDelete, RowInsert, TabPlan
from crm_sync.core.prints import UNKNOWN, foreseen
from crm_sync.core.records import Base
from crm_sync.core.seeing import Left, Seen, news, rows_to_read, seen_after
from crm_sync.core.values import Cell

Row = tuple[str, str]
"""The record of a row, "" for nobody's, and what stands in it."""


def prints(rows: list[tuple[Cell, ...]]) -> bytes:
    return b"".join(map(foreseen, rows))


def seen(rows: list[Row]) -> Seen:
    return Seen(
        prints([("heading",), *((text,) for _, text in rows)]),
        "\n".join(["", *(record_id for record_id, _ in rows)]),
        0,
        len(rows),
    )


ROWS: list[Row] = [("C-1", "a"), ("C-2", "b"), ("C-3", "c")]


def looked_at(before: list[Row], now: list[str]) -> tuple[set[str], set[str], tuple[int, ...]]:
    """The records whose row is as it was, those whose row is not, and the rows to read."""
    bytes_now = prints([("heading",), *((text,) for text in now)])
    found = news(seen(before), bytes_now)
    assert len(found.ids) == len(now) + 1
    return {key for key in found.ids if key}, found.gone, rows_to_read(found, bytes_now, 0)


@pytest.mark.parametrize(
    ("now", "gone", "read"),
    [
        ("abc", "", ()),
        ("ab", "3", ()),
        ("bc", "1", ()),
        ("", "123", ()),
        ("cab", "", ()),
        ("axc", "2", (2,)),
        ("abcx", "", (4,)),
        ("abb", "3", (3,)),
        ("xabc", "", (1,)),
    ],
)
def test_rows_that_came_changed_or_went_are_told(
    now: str, gone: str, read: tuple[int, ...]
) -> None:
    stays, went, rows = looked_at(ROWS, list(now))
    assert went == {f"C-{number}" for number in gone}
    assert stays == {"C-1", "C-2", "C-3"} - went
    assert rows == read


texts = st.sampled_from("abcd")


@given(st.lists(texts, max_size=6), st.lists(texts, max_size=6))
def test_each_record_stands_in_a_row_that_looks_as_it_did_or_is_gone(
    before: list[str], now: list[str]
) -> None:
    rows = [(f"C-{number}", text) for number, text in enumerate(before)]
    known = dict(rows)
    bytes_now = prints([("heading",), *((text,) for text in now)])
    found = news(seen(rows), bytes_now)
    placed = [(key, text) for key, text in zip(found.ids[1:], now, strict=True) if key]
    assert all(known[key] == text for key, text in placed)
    assert sorted([*(key for key, _ in placed), *found.gone]) == sorted(known)
    # None is gone while a row that looks like its own is anybody's.
    open_texts = {text for key, text in zip(found.ids[1:], now, strict=True) if not key}
    assert open_texts.isdisjoint(known[key] for key in found.gone)


READ = TabRead(
    7, "Clients", 9, 3, (("ID", "Name"), ("C-1", "Anna"), ("C-2", "Boris"), ("", "Clara"))
)
READ = replace(READ, prints=prints(list(READ.rows)))
PLACES = {"C-1": 1, "C-2": 2}


def left(plan: TabPlan, *, live: str = "12", bases: str = "12") -> Seen:
    found = seen_after(
        Left(READ, 0, plan, PLACES, {f"C-{x}" for x in bases}, {f"C-{x}" for x in live})
    )
    assert found is not None
    return found


def test_tab_is_remembered_as_the_plan_leaves_it() -> None:
    plan = TabPlan(
        "clients",
        writes=(CellWrite(2, 1, "Boris", "Boria", "name", "C-2", "C-2"),),
        inserts=(RowInsert("C-4", {0: "C-4", 1: "Dora"}),),
        deletes=(RowDelete(1, "C-1", ("C-1", "Anna")), RowDelete(3, "C-3", ("", "Clara"))),
        bases={"C-4": Base("C-4", {})},
        dropped=("C-1",),
    )
    found = seen_after(Left(READ, 0, plan, {"C-2": 2}, {"C-1", "C-2"}, {"C-2", "C-4"}))
    assert found is not None
    assert found.ids == ["", "C-2", "C-4"]
    assert found.prints == prints([("ID", "Name"), ("C-2", "Boria"), ("C-4", "Dora")])
    assert (found.known, found.loose) == (2, ())


def test_formula_that_is_written_cannot_be_foreseen() -> None:
    formula = CellWrite(1, 1, "Anna", "=A1", "name", "C-1", "C-1", formula=True)
    found = left(TabPlan("clients", writes=(formula,)))
    assert found.prints[16:32] == UNKNOWN


def test_record_without_a_row_or_without_a_base_is_looked_at_by_each_run() -> None:
    assert left(TabPlan("clients")).loose == ()
    assert left(TabPlan("clients"), live="123").loose == ("C-3",)
    assert left(TabPlan("clients"), bases="123").loose == ("C-3",)
    assert left(TabPlan("clients"), bases="123", live="123").loose == ("C-3",)


def test_bases_of_which_a_run_knows_only_the_number_are_counted() -> None:
    part = Left(READ, 0, TabPlan("clients"), {}, {"C-1"}, {"C-1"}, ("", "C-1", "C-2", ""), 5)
    found = seen_after(part)
    assert found is not None
    assert (found.known, found.ids) == (6, ["", "C-1", "C-2", ""])


def test_write_below_what_was_read_leaves_nothing_to_be_known() -> None:
    far = CellWrite(8, 1, None, "x", "name", "C-9", "")
    assert seen_after(Left(READ, 0, TabPlan("clients", writes=(far,)), {}, set(), set())) is None
