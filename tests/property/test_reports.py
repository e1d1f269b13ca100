"""Laws of the reports, whatever the records hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.values import Scalar
from crm_sync.reports.book import Book
from crm_sync.reports.cells import rounded
from crm_sync.reports.comparison import Comparison, Line, comparison
from crm_sync.reports.comparison_grid import comparison_grid
from crm_sync.reports.derived import derived_client_fields
from crm_sync.reports.followup_groups import Group, group_of
from crm_sync.reports.followups import followups
from crm_sync.reports.followups_grid import followups_grid
from crm_sync.reports.measures import Figures
from crm_sync.reports.periods import PeriodKind
from crm_sync.reports.sales import Dimension
from tests.unit.reports.build import Rows, book, say

Strategy = st.SearchStrategy[Scalar]

# Small alphabets, so that clients, days and groups meet.
CLIENTS = ("C1", "C2", "C3")
DAYS = """
    2025-01-31 2025-02-28 2025-03-01 2025-03-15 2025-12-31 2026-01-01 2026-02-01 2026-02-15
    2026-02-16 2026-02-28 2026-03-01 2026-03-09 2026-03-14 2026-03-15 2026-03-16 2026-03-31
"""
days = st.sampled_from(DAYS.split())
near_days = st.integers(0, 12).map(lambda number: f"2026-03-{number + 10:02}")
near_moments = st.one_of(
    near_days,
    st.builds("{} {:02}:{:02}".format, near_days, st.integers(0, 23), st.sampled_from([0, 30, 59])),
)


def maybe(strategy: Strategy) -> Strategy:
    return st.one_of(st.none(), strategy)


def rows(
    prefix: str, values: st.SearchStrategy[dict[str, Scalar]], most: int
) -> st.SearchStrategy[Rows]:
    return st.lists(values, max_size=most).map(
        lambda found: {f"{prefix}{number}": row for number, row in enumerate(found)}
    )


amounts = st.decimals(-5000, 5000, places=2).map(str)
sold = st.fixed_dictionaries(
    {
        "client": st.sampled_from([*CLIENTS, "gone"]),
        "subject": st.just("Tea"),
        "status": st.sampled_from(["fulfilled", "fulfilled", "refund", "draft", "declined"]),
        "amount": maybe(amounts),
        "currency": st.sampled_from(["RUB", "RUB", "RUB", None, "USD"]),
        "product_group": maybe(st.sampled_from(["G1", "G2", "unknown"])),
        "campaign": maybe(st.sampled_from(["P1"])),
        "owner": maybe(st.sampled_from(["E1", "E2"])),
        "fulfilled_at": maybe(days),
        "refund_of": st.sampled_from([None, None, None, "A0", "A1", "A2"]),
    }
)
clients: Rows = {
    "C1": {"full_name": "Anna", "kind": "customer", "source": "Site"},
    "C2": {"full_name": "Boris", "kind": "customer; supplier", "branch": "B1"},
    "C3": {"full_name": "Clara", "kind": "supplier"},
}
groups: Rows = {"G1": {"name": "Tea"}, "G2": {"name": "Tea"}}
employees: Rows = {"E1": {"name": "Petrov", "branch": "B1"}, "E2": {"name": "Ivanov"}}
sales_books = rows("A", sold, 25).map(
    lambda found: book(clients, found, product_groups=groups, employees=employees)
)
as_of_days = days.map(date.fromisoformat)


def sides(line: Line) -> tuple[Figures | None, ...]:
    return line.now, line.previous, line.last_year, line.whole_previous


@given(
    of=sales_books,
    as_of=as_of_days,
    kind=st.sampled_from(PeriodKind),
    dimension=st.sampled_from(Dimension),
)
def test_rows_of_a_dimension_add_up_to_the_total(
    of: Book, as_of: date, kind: PeriodKind, dimension: Dimension
) -> None:
    found = comparison(of, as_of, kind, dimension)
    for number, total in enumerate(sides(found.total)):
        parts = [sides(line)[number] for line in found.lines]
        if total is None:
            assert set(parts) <= {None}
        else:
            assert sum(part.count for part in parts if part) == total.count
            assert sum((part.sum for part in parts if part), Decimal(0)) == total.sum


@given(of=sales_books, as_of=as_of_days, kind=st.sampled_from(PeriodKind))
def test_figures_are_those_of_a_plain_count_over_the_records(
    of: Book, as_of: date, kind: PeriodKind
) -> None:
    found = comparison(of, as_of, kind)
    sold = plain_sales(of, as_of)
    back = {
        key: -sum(amount(each) for each in sold.values() if each["refund_of"] == key)
        for key in sold
    }
    windows = (found.windows.current, found.windows.previous, found.windows.last_year)
    for window, side in zip(windows, sides(found.total), strict=False):
        if side is None:
            continue
        assert window is not None
        inside = {
            key: values
            for key, values in sold.items()
            if window.start.isoformat() <= str(values["fulfilled_at"]) <= window.end.isoformat()
        }
        counted = [
            key
            for key, values in inside.items()
            if not values["refund_of"]
            and amount(values) >= 0
            and not (amount(values) > 0 and back[key] >= amount(values))
        ]
        assert side.count == len(counted)
        assert side.buyers == len({inside[key]["client"] for key in counted})
        assert side.sum == sum(map(amount, inside.values()))


def plain_sales(of: Book, as_of: date) -> dict[str, Mapping[str, Scalar]]:
    return {
        key: record.values
        for key, record in of.tables["agreements"].items()
        if record.values["status"] in ("fulfilled", "refund")
        and record.values["client"] != "C3"
        and str(record.values["fulfilled_at"] or "9999") <= as_of.isoformat()
        and (record.values["currency"] != "USD" or amount(record.values) == 0)
    }


def amount(values: Mapping[str, Scalar]) -> Decimal:
    return Decimal(values["amount"] or 0)


def reordered(of: Book) -> Book:
    turned = {name: dict(reversed(records.items())) for name, records in of.tables.items()}
    return Book(turned, of.base_currency)


@given(of=sales_books, as_of=as_of_days, dimension=st.sampled_from(Dimension))
def test_order_of_the_records_makes_no_difference_to_the_comparison(
    of: Book, as_of: date, dimension: Dimension
) -> None:
    def made(of: Book) -> Comparison:
        return comparison(of, as_of, dimension=dimension)

    assert comparison_grid(made(reordered(of)), say) == comparison_grid(made(of), say)


agreed = st.fixed_dictionaries(
    {
        "client": st.sampled_from(CLIENTS),
        "subject": st.just("Tea"),
        "status": st.sampled_from(["in_progress", "on_hold", "fulfilled", "declined"]),
        "amount": maybe(amounts),
        "agreed_at": maybe(near_days),
        "due_date": maybe(near_days),
        "next_call_at": maybe(near_moments),
    }
)
touched = st.fixed_dictionaries(
    {
        "client": st.sampled_from(CLIENTS),
        "contact_at": near_moments,
        "status": st.sampled_from(["held", "held", "planned", "no_answer", "rescheduled"]),
        "next_step_at": maybe(near_moments),
    }
)
listed: Rows = {
    "C1": {"full_name": "Anna"},
    "C2": {"full_name": "Boris"},
    "C3": {"full_name": "Clara", "do_not_contact": 1},
}
busy_books = st.builds(
    lambda agreements, contacts: book(listed, agreements, contacts),
    rows("A", agreed, 6),
    rows("K", touched, 6),
)
moments = st.datetimes(datetime(2026, 3, 9), datetime(2026, 3, 23))


def plain_next_action(of: Book, client: str, now: datetime) -> Scalar:
    """The next action by going through all pairs of a step and a contact."""

    def late(at: Scalar) -> str:
        return f"{at} 24:00" if len(str(at)) <= 10 else str(at)

    contacts = {
        key: record.values
        for key, record in of.tables["contacts"].items()
        if record.values["client"] == client
    }
    held = [
        (late(values["contact_at"]), key)
        for key, values in contacts.items()
        if values["status"] == "held" and str(values["contact_at"])[:10] <= now.date().isoformat()
    ]
    last = max(held, default=("", ""))
    asked: list[tuple[Scalar, tuple[str, str], str]] = []
    for number, record in of.tables["agreements"].items():
        values = record.values
        if values["client"] == client and values["status"] in ("in_progress", "on_hold"):
            day = values["agreed_at"]
            since = (late(day), "zzz") if day else ("", "")
            asked += [(values[name], since, number) for name in ("due_date", "next_call_at")]
    for key, values in contacts.items():
        asked.append((values["next_step_at"], (late(values["contact_at"]), key), key))
        if values["status"] == "planned":
            asked.append((values["contact_at"], ("", ""), key))

    def satisfied(at: str, since: tuple[str, str], asker: str) -> bool:
        exact = len(at) > len("2026-03-10") and not last[0].endswith("24:00")
        after = exact and last[0] >= at and last[1] != asker
        return last[0][:10] >= at[:10] and (last > since or after)

    waiting = [str(at) for at, since, asker in asked if at and not satisfied(str(at), since, asker)]
    return min(waiting, default=None)


@given(of=busy_books, now=moments)
def test_next_action_is_the_earliest_that_no_contact_satisfied(of: Book, now: datetime) -> None:
    found = derived_client_fields(of, now, {})
    assert {key: values["next_action_at"] for key, values in found.items()} == {
        client: plain_next_action(of, client, now) for client in CLIENTS
    }


@given(of=busy_books, now=moments)
def test_follow_ups_list_each_next_action_once_and_nobody_who_wants_none(
    of: Book, now: datetime
) -> None:
    lines = followups(of, now)
    clients = [line.client for line in lines]
    assert len(set(clients)) == len(clients)
    assert "C3" not in clients
    actions = derived_client_fields(of, now, {})
    for client in ("C1", "C2"):
        at = actions[client]["next_action_at"]
        mine = [(line.group, line.at) for line in lines if line.client == client]
        if at is not None:
            group = group_of(str(at), now)
            assert mine == ([(group, at)] if group else [])
        else:
            assert {group for group, _ in mine} <= {Group.NO_NEXT_STEP}


@given(of=busy_books, now=moments)
def test_order_of_the_records_makes_no_difference_to_the_follow_ups(
    of: Book, now: datetime
) -> None:
    def made(of: Book) -> object:
        return followups_grid(followups(of, now), say)

    assert made(reordered(of)) == made(of)


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=5), st.integers(0, 4))
def test_rounding_goes_half_away_from_zero(value: Decimal, places: int) -> None:
    found = rounded(value, places)
    assert abs(found - value) * 2 <= Decimal(1).scaleb(-places)
    assert rounded(-value, places) == -found
    if abs(found - value) * 2 == Decimal(1).scaleb(-places):
        assert abs(found) > abs(value)


@given(of=sales_books, as_of=as_of_days, dimension=st.sampled_from(Dimension))
def test_no_part_has_more_buyers_gaps_or_newcomers_than_it_could(
    of: Book, as_of: date, dimension: Dimension
) -> None:
    found = comparison(of, as_of, PeriodKind.YEAR, dimension)
    total = found.total.now
    for line in found.lines:
        assert line.now.buyers <= min(line.now.count, total.buyers)
        assert line.now.new <= min(line.now.buyers, total.new)
    assert max((line.now.buyers for line in found.lines), default=0) <= total.buyers
    assert sum(line.now.buyers for line in found.lines) >= total.buyers
    assert sum(line.now.new for line in found.lines) >= total.new
    assert total.new <= total.buyers <= total.count
