"""The grids of Follow-ups and Comparison, cell by cell."""

from __future__ import annotations

from datetime import date, datetime

from crm_sync.core.grid import Grid, Shown, Style
from crm_sync.core.values import Cell, Scalar
from crm_sync.reports import cells
from crm_sync.reports.comparison import comparison
from crm_sync.reports.comparison_grid import comparison_grid
from crm_sync.reports.followups import followups
from crm_sync.reports.followups_grid import followups_grid
from crm_sync.reports.periods import PeriodKind
from tests.unit.reports.build import agreement, book, contact, golden, sale, say

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


def test_comparison_grid_of_the_golden_sales() -> None:
    grid = comparison_grid(comparison(golden(), date(2026, 3, 15)), say)
    few = "previous: few sales; year ago: few sales"
    assert values(grid)[:11] == [
        ["Comparison of periods: month"],
        ["Period", "From", "To", "Days"],
        ["Now", 46082, 46096, 15],
        ["Previous", 46054, 46068, 15],
        ["Year ago", 45717, 45731, 15],
        ["Previous in full", 46054, 46081, 28],
        [],
        ["Sum of sales, RUB"],
        [
            "Product group",
            "Now",
            "Previous",
            "Change",
            "Change, %",
            "Year ago",
            "Change in a year",
            "Change in a year, %",
            "Previous in full",
            "Share",
            "Part in growth",
            "Remarks",
        ],
        ["Total", 2700, 1500, 1200, 0.8, 1200, 1500, 1.25, 1500, 1, 0.8, few],
        ["(not specified)", 2700, 1500, 1200, 0.8, 1200, 1500, 1.25, 1500, 1, 0.8, few],
    ]
    titles = [row[0] for row in values(grid) if len(row) == 1]
    assert titles[1:] == ["Sum of sales, RUB", "Number of sales", "Average sale, RUB"]


def test_numbers_bear_their_styles() -> None:
    grid = comparison_grid(comparison(golden(), date(2026, 3, 15)), say)
    assert [shown.style for shown in grid.rows[2]] == [
        Style.TEXT,
        Style.DATE,
        Style.DATE,
        Style.INTEGER,
    ]
    total = grid.rows[9]
    assert (total[0].style, total[1].style, total[4].style, total[11].style) == (
        Style.TOTAL,
        Style.MONEY,
        Style.PERCENT,
        Style.TEXT,
    )
    counts = grid.rows[14]
    assert (counts[0].value, counts[1].style) == ("Total", Style.INTEGER)


def test_window_that_does_not_exist_has_no_dates() -> None:
    grid = comparison_grid(comparison(golden(), date(2027, 1, 1), PeriodKind.WEEK), say)
    assert values(grid)[4] == ["Year ago", "that year had no such week"]


def test_what_is_left_out_is_counted_below() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-02", "10", currency="USD"),
        "A2": sale("C1", "2026-03-02", "10", fulfilled_at=None),
        "A3": sale("C1", "2026-03-02", "10", fulfilled_at=None),
    }
    grid = comparison_grid(comparison(book(agreements=agreements), date(2026, 3, 15)), say)
    assert values(grid)[-3:] == [
        [],
        ["Not included, in other currencies: 1"],
        ["Not included, done but without a date: 2"],
    ]


def test_cents_and_percents_are_rounded_half_away_from_zero() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-02", "0.125"),
        "A2": sale("C1", "2026-02-02", "2000"),
        "A3": sale("C1", "2025-03-02", "-0.125"),
    }
    grid = comparison_grid(comparison(book(agreements=agreements), date(2026, 3, 15)), say)
    total = values(grid)[9]
    assert (total[1], total[5]) == (0.13, -0.13)
    assert total[4] == -1.0
