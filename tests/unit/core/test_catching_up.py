"""A workbook or a store that was put back: what is old, what was typed, whose ids are whose."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crm_sync.core.catching_up import CaughtUp, adopt, catch_up
from crm_sync.core.ids import written
from crm_sync.core.merging import merge_row
from crm_sync.core.planner import survey
from crm_sync.core.records import Base, Record
from crm_sync.core.values import Cell, Scalar
from tests.unit.core.small_tab import ID, OTHER, TABLE, TYPED, base, record, sheet, work

HELD: dict[str, Sequence[Scalar]] = {"city": ("Perm", "Omsk", "Kazan"), "name": ("Anna",)}
NOW = record(version=5, city="Kazan")
GONE = record(version=5, city="Kazan", archived=True)


def caught(
    rows: Sequence[tuple[Cell, ...]], bases: Sequence[Base], records: Sequence[Record]
) -> CaughtUp:
    made = work(sheet(*rows), bases, records)
    return catch_up(made, survey(made).matched, lambda _, name: HELD.get(name, ()))


def counts(found: CaughtUp) -> tuple[int, int, int, int]:
    return found.older_cells, found.missing_rows, found.left_rows, found.edits


def row(city: Cell, name: Cell = "Anna", record_id: str = ID) -> tuple[Cell, ...]:
    return (record_id, name, TYPED[2], city)


@pytest.mark.parametrize("known", [[base(city="Kazan", version=5)], []])
def test_cell_that_shows_what_its_field_held_before_is_brought_up_to_date(
    known: list[Base],
) -> None:
    found = caught([row("Omsk")], known, [NOW])
    assert counts(found) == (1, 0, 0, 0)
    assert (found.bases[ID].values["city"], found.bases[ID].unsettled) == ("Omsk", True)
    made = work(sheet(row("Omsk")), [found.bases[ID]], [NOW])
    merged = merge_row(made, ID, made.rows[0])
    assert merged is not None
    assert (merged.change, [item.after for item in merged.writes]) == (None, ["Kazan"])


@pytest.mark.parametrize("typed", [row("Tver"), row("Kazan", "Anya"), row(None)])
def test_cell_that_shows_what_its_field_never_held_was_typed(typed: tuple[Cell, ...]) -> None:
    found = caught([typed], [base(city="Kazan", version=5)], [NOW])
    assert counts(found) == (0, 0, 0, 1)
    assert found.bases == {}


def test_edit_beside_an_older_cell_stays_one() -> None:
    found = caught([row("Omsk", "Anya")], [base(city="Kazan", version=5)], [NOW])
    assert counts(found) == (1, 0, 0, 1)
    assert found.bases[ID].values["name"] == "Anna"


def test_blank_cell_of_a_row_that_had_no_id_yet_is_half_typed_and_no_edit() -> None:
    found = caught([row(None, record_id="")], [base(city="Kazan", version=5)], [NOW])
    assert counts(found) == (1, 0, 0, 0)


def test_cell_that_cannot_be_read_is_no_older_one() -> None:
    bad: tuple[Cell, ...] = (ID, "Anna", "12-", "Kazan")
    found = caught([bad], [base(city="Kazan", version=5)], [NOW])
    assert (counts(found), found.bases) == ((0, 0, 0, 1), {})


def test_row_that_the_older_state_lacks_comes_back() -> None:
    found = caught([], [base(version=5)], [NOW])
    assert (counts(found), found.dropped) == ((0, 1, 0, 0), (ID,))
    assert caught([], [base(version=5)], [GONE]).dropped == ()


def test_row_of_a_record_that_has_left_since_goes_unless_somebody_typed_into_it() -> None:
    found = caught([row("Omsk")], [], [GONE])
    assert (counts(found), found.bases[ID].version) == ((0, 0, 1, 0), 5)
    made = work(sheet(row("Omsk")), [found.bases[ID]], [GONE])
    merged = merge_row(made, ID, made.rows[0])
    assert merged is not None
    assert merged.delete is not None
    found = caught([row("Tver")], [], [GONE])
    assert (counts(found), found.bases) == ((0, 0, 0, 0), {})


def test_rows_of_another_store_become_records_with_the_ids_that_they_bear() -> None:
    first, second, third = (written(TABLE, number) for number in (1, 2, 3))
    # No store gives out an id whose last digit is wrong.
    typed = (OTHER, "Dora")
    rows: list[tuple[Cell, ...]] = [(second, "Boris"), (first, "Anna"), ("", "Clara"), typed]
    known = record(third, name="Eve")
    found = adopt(work(sheet(*rows, (third, "Eve")), [], [known]))
    assert {item.record_id: item.values["name"] for item in found.changes} == {
        first: "Anna",
        second: "Boris",
    }
    assert found.bases.keys() == {first, second}
    # The id of a row that is known is given, too.
    assert found.last == 3


def test_id_that_means_another_record_here_is_a_clash() -> None:
    boris = record(OTHER, name="Boris")
    assert adopt(work(sheet((OTHER, "Anna")), [], [boris])).clashes == (OTHER,)
    assert adopt(work(sheet((OTHER, "Boris")), [], [boris])).clashes == ()
    assert adopt(work(sheet((OTHER, "Anna")), [base(OTHER)], [boris])).clashes == ()
