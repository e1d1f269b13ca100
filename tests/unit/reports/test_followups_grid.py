"""The grid of Follow-ups, cell by cell."""

from __future__ import annotations

from datetime import datetime

from crm_sync.core.grid import Grid, Shown, Style
from crm_sync.core.values import Cell, Scalar
from crm_sync.reports import cells
from crm_sync.reports.followup_groups import fair_share
from crm_sync.reports.followups import followups
from crm_sync.reports.followups_grid import Kept, ListView, fillable_list, followups_grid
from tests.unit.reports.build import agreement, book, contact, say

NOW = datetime(2026, 3, 18, 12, 0)


def values(grid: Grid) -> list[list[Cell]]:
    return [[shown.value for shown in row] for row in grid.rows]


def russian(message: str, **params: object) -> str:
    return "<" + message.format(**params) + ">"


def show(table: str, field: str, value: Scalar) -> Cell:
    return None if value is None else f"{table}.{field}: {value}"


def test_followups_grid_shows_dates_as_numbers_and_values_as_people_read_them() -> None:
    of = book(
        {"C1": {"full_name": "Anna", "phone": "+79123456789"}},
        {"A1": agreement(amount="48500.5", next_call_at="2026-03-16 18:00")},
        {"K1": contact("2026-03-13", outcome="callback")},
    )
    heading, row = followups_grid(followups(of, NOW), say, show, "RUB").rows
    assert [shown.style for shown in heading] == [Style.HEADER] * 12
    assert row == (
        Shown("Overdue", Style.TEXT),
        Shown(2, Style.INTEGER),
        Shown(46097.75, Style.DATETIME),
        Shown("Anna", Style.TEXT),
        Shown("clients.phone: +79123456789", Style.TEXT),
        Shown("Call about: Tea", Style.TEXT),
        Shown("A1", Style.TEXT),
        Shown(48500.5, Style.MONEY),
        Shown(46094, Style.DATE),
        Shown("contacts.outcome: callback", Style.TEXT),
        cells.BLANK,
        Shown("C1", Style.TEXT),
    )


def test_followups_grid_has_as_many_widths_as_columns() -> None:
    grid = followups_grid((), say)
    assert len(grid.widths) == grid.width


def test_empty_followups_say_so() -> None:
    grid = followups_grid((), say)
    assert values(grid)[1:] == [["Nobody waits for a call or for a promise this week."]]


def test_every_text_of_the_followups_is_said_in_the_readers_language() -> None:
    of = book(agreements={"A1": agreement(due_date="2026-03-18")})
    heading, row = values(followups_grid(followups(of, NOW), russian))
    assert all(str(cell).startswith("<") for cell in heading)
    assert (row[0], row[5]) == ("<Today>", "<Due: Tea>")


def test_amount_in_another_currency_names_it() -> None:
    of = book(agreements={"A1": agreement(amount="10.5", currency="USD", due_date="2026-03-18")})
    _, row = followups_grid(followups(of, NOW), say, show, "RUB").rows
    assert row[7] == Shown("10.50 USD", Style.TEXT)


def test_contact_without_words_shows_its_reason() -> None:
    of = book(contacts={"K1": contact("2026-03-18", status="planned", reason="offer")})
    _, row = values(followups_grid(followups(of, NOW), say, show))
    assert row[5] == "Planned contact: contacts.reason: offer"


def test_too_long_list_keeps_small_groups_whole_and_counts_the_rest() -> None:
    overdue = {"A1": agreement(client="C0", next_call_at="2026-03-16")}
    open_ = {f"B{number}": agreement(client=f"C{number}") for number in range(1, 6)}
    clients = {f"C{number}": {"full_name": f"Anna {number}"} for number in range(6)}
    lines = followups(book(clients, overdue | open_), NOW)
    report = fillable_list(lines, say, ListView(most=3))
    assert [row[3] for row in values(report.grid)[1:4]] == ["Anna 0", "Anna 1", "Anna 2"]
    assert values(report.grid)[4:] == [["… and 3 more; all of them: crm-sync report followups"]]
    assert report.clients == {1: "C0", 2: "C1", 3: "C2"}


def test_line_in_which_somebody_typed_stays_however_long_the_list() -> None:
    clients = {f"C{number}": {"full_name": f"Anna {number}"} for number in range(6)}
    open_ = {f"B{number}": agreement(client=f"C{number}") for number in range(6)}
    kept = Kept("C5|no_next_step", "Anna 5", "No next step", {"comment": "later"})
    view = ListView(most=2, kept=(kept,))
    report = fillable_list(followups(book(clients, open_), NOW), say, view)
    assert list(report.clients.values()) == ["C0", "C1", "C5"]


def test_fair_share_gives_what_small_groups_leave_to_the_large_ones() -> None:
    assert fair_share([10, 10], 20) == 10
    assert fair_share([1, 50, 50], 21) == 10
    assert fair_share([3, 2, 1], 100) == 3
    assert fair_share([], 5) == 0
