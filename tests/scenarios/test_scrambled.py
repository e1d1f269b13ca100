"""Columns whose values ended in other rows are held, and put back or taken as a person says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from crm_sync.core.findings import Stop
from tests.scenarios.office import Office, office_after

CLIENTS = 14


def begin(opened: Office) -> None:
    """Fourteen clients in agreement, in no order of phone, city or name."""
    opened.sync()
    tab = opened.tab("Clients")
    rows = []
    for n in range(CLIENTS):
        row = [""] * 11
        row[3], row[5] = f"Client {(n * 5) % 14:02}", f"+7 912 000-00-{(n * 11) % 14:02}"
        row[10] = ("Perm", "Omsk", "Tver", "Kazan", "Ufa")[n % 5]
        rows.append(row)
    tab.sheet.update(rows, "A2", value_input_option="RAW")
    opened.sync()
    assert opened.disagreements() == []


@pytest.fixture
def office() -> Iterator[Office]:
    """The office after that."""
    with office_after(begin) as opened:
        yield opened


def column(office: Office, heading: str) -> list[object]:
    return [row[heading] for row in office.tab("Clients").rows()]


def fill(office: Office, heading: str, values: list[object], first: int = 2) -> None:
    tab = office.tab("Clients")
    letter = chr(ord("A") + tab.column(heading) - 1)
    last = first + len(values) - 1
    tab.sheet.update([[v] for v in values], f"{letter}{first}:{letter}{last}", raw=True)


def sort_phones(office: Office) -> None:
    fill(office, "Phone", sorted(column(office, "Phone"), key=str))


def sort_all_but_the_ids(office: Office) -> None:
    rows = sorted((row[1:] for row in office.tab("Clients").grid[1:]), key=lambda row: str(row[2]))
    office.tab("Clients").sheet.update(rows, "B2", raw=True)


def paste_one_row_off(office: Office) -> None:
    phones = column(office, "Phone")
    fill(office, "Phone", phones[2:10], first=3)


def drag_down(office: Office) -> None:
    fill(office, "Phone", [column(office, "Phone")[0]] * 4, first=3)


def drag_a_series(office: Office) -> None:
    dragged = int("".join(filter(str.isdecimal, str(column(office, "Phone")[0]))))
    fill(office, "Phone", [f"+{dragged + n}" for n in range(1, 6)], first=3)


def drag_a_long_series(office: Office) -> None:
    fill(office, "Phone", [f"+7912555000{n}" for n in range(6)], first=3)


MISHAPS = (
    drag_a_long_series,
    sort_phones,
    sort_all_but_the_ids,
    paste_one_row_off,
    drag_down,
    drag_a_series,
)


def stop_of(office: Office) -> Stop:
    (stop,) = office.sync().stops
    return stop


def settle(office: Office) -> None:
    for _ in range(2):
        assert office.sync().stops == ()
    assert office.disagreements() == []
    assert office.sync().outcome == "unchanged"


@pytest.mark.parametrize("mishap", MISHAPS)
def test_scrambled_column_is_held_with_samples_and_put_back_on_request(
    office: Office, mishap: Callable[[Office], None]
) -> None:
    before = office.tab("Clients").grid
    stored = office.sql("select id, phone, full_name, city from clients order by id")
    mishap(office)

    stop = stop_of(office)

    assert stop.code == "E-SCRAMBLED"
    assert " → " in stop.params["samples"]
    assert office.sql("select id, phone, full_name, city from clients order by id") == stored
    office.sync(allow=(stop.params["back"],))
    settle(office)
    assert office.tab("Clients").grid == before
    assert office.sql("select id, phone, full_name, city from clients order by id") == stored


def test_scrambled_column_is_taken_when_it_is_meant(office: Office) -> None:
    sort_phones(office)
    phones = column(office, "Phone")
    stop = stop_of(office)
    assert stop_of(office).allow == stop.allow

    office.sync(allow=(stop.allow,))

    settle(office)
    assert column(office, "Phone") == phones
    assert phones == sorted(phones, key=str)


@pytest.mark.parametrize("answer", ["allow", "back"])
def test_limit_that_is_passed_beside_a_scrambled_column_is_told_with_it(
    office: Office, answer: str
) -> None:
    drag_a_long_series(office)
    records = len(office.tab("Clients").rows())
    office.tab("Clients").sheet.delete_rows(records - 4, records + 1)

    stop = stop_of(office)

    assert (stop.code, *(each.code for each in stop.beside)) == ("E-SCRAMBLED", "E-MANY-DELETES")
    office.sync(allow=tuple(stop.params[answer].split(" --allow ")))
    settle(office)
    assert len(office.tab("Clients").rows()) == records - 6


def test_genuine_edit_among_scrambled_cells_stays_one(office: Office) -> None:
    sort_phones(office)
    fill(office, "Phone", ["+79990001122"], first=5)
    stop = stop_of(office)
    office.sync(allow=(stop.params["back"],))
    settle(office)
    assert column(office, "Phone").count("+79990001122") == 1


def test_other_tabs_go_on_and_undoing_it_in_the_sheet_ends_the_stop(office: Office) -> None:
    phones = column(office, "Phone")
    sort_phones(office)
    office.tab("Contacts").append(
        Client="Client 05", When="2026-03-10", Reason="Cold call", Summary="first"
    )
    stop_of(office)
    assert office.sql("select count(*) from contacts") == [(1,)]
    # What both sides change there is told as ever.
    office.sql("update contacts set summary = 'ours'")
    office.tab("Contacts").put(2, "Summary", "theirs")
    stop_of(office)
    (found,) = office.app.store.findings.conflicts("main")
    assert (found.conflict.ours, found.conflict.theirs) == ("ours", "theirs")
    office.tab("Contacts").put(2, "Summary", "ours")
    fill(office, "Phone", phones)
    settle(office)


def test_a_few_edits_of_one_column_are_edits(office: Office) -> None:
    fill(office, "Phone", ["+79995550001", "+79995550002", "+79995550003"])
    fill(office, "City", ["Omsk"] * 9)
    settle(office)


def test_a_few_phones_typed_one_after_the_other_are_edits_though_they_count_on(
    office: Office,
) -> None:
    fill(office, "Phone", [f"+7912555000{n}" for n in range(5)], first=3)
    settle(office)
