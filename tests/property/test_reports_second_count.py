"""Every figure a second time, by plain loops and by SQL that share nothing with the reports."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.reports.book import Book
from crm_sync.reports.comparison import comparison
from crm_sync.reports.comparison_grid import comparison_report
from crm_sync.reports.customers import client_base
from crm_sync.reports.customers_grid import customers_report
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.measures import Figures
from crm_sync.reports.periods import PeriodKind, Window
from crm_sync.reports.sales import Dimension
from tests.unit.reports.build import Rows, book, by_field, explained, sale, say

OWN_RHYTHM = (Dimension.PRODUCT_GROUP, Dimension.CAMPAIGN)
FIRST = date(2023, 11, 1)
DAYS = 900


def made(seed: int, sales: int, clients: int) -> tuple[Book, Rows]:
    """A seeded store with refunds in part and in full, some of them much later."""
    chance = random.Random(seed)
    rows: Rows = {}
    for number in range(sales):
        day = FIRST + timedelta(chance.randrange(DAYS))
        amount = Decimal(chance.randrange(0, 100_000)) / 100
        key = f"A{number:05}"
        rows[key] = sale(
            f"C{chance.randrange(clients):04}",
            day.isoformat(),
            str(amount),
            product_group=chance.choice([None, "G1", "G2", "G3"]),
            campaign=chance.choice([None, None, "P1", "P2"]),
            owner=chance.choice(["E1", "E2", None]),
        )
        if chance.random() < 0.05 and amount:
            back = amount if chance.random() < 0.5 else (amount / 2).quantize(Decimal("0.01"))
            later = (day + timedelta(chance.randrange(200))).isoformat()
            values = {name: rows[key][name] for name in ("product_group", "campaign", "owner")}
            client = str(rows[key]["client"])
            refund = sale(client, later, str(-back), status="refund", refund_of=key, **values)
            rows[f"R{number:05}"] = refund
    people: Rows = {f"C{n:04}": {"full_name": f"c{n}", "kind": "customer"} for n in range(clients)}
    return book(people, rows), rows


def known(rows: Rows, as_of: date) -> list[tuple[str, str, date, Decimal, bool, str, str, str]]:
    """id, client, day, amount, counts, group, campaign, owner of what was known on a day."""
    there = {k: v for k, v in rows.items() if str(v["fulfilled_at"]) <= as_of.isoformat()}
    back: dict[str, Decimal] = {}
    for values in there.values():
        if values.get("refund_of"):
            key = str(values["refund_of"])
            back[key] = back.get(key, Decimal(0)) - Decimal(str(values["amount"]))
    found = []
    for key, values in there.items():
        amount = Decimal(str(values["amount"]))
        gone = amount > 0 and back.get(key, Decimal(0)) >= amount
        counts = not values.get("refund_of") and not gone
        names = [str(values.get(n) or "") for n in ("product_group", "campaign", "owner")]
        day = date.fromisoformat(str(values["fulfilled_at"]))
        found.append((key, str(values["client"]), day, amount, counts, *names))
    return found


def plain(
    rows: Rows, as_of: date, window: Window, dimension: Dimension | None
) -> dict[str, Figures]:
    """The figures of a window from first principles."""
    column = {Dimension.PRODUCT_GROUP: 5, Dimension.CAMPAIGN: 6, Dimension.OWNER: 7}
    there = known(rows, as_of)

    def value(row: tuple[object, ...]) -> str:
        return str(row[column[dimension]]) if dimension else ""

    first: dict[str, date] = {}
    for row in there:
        if row[4]:
            first[row[1]] = min(first.get(row[1], row[2]), row[2])
    result = {}
    for own in {value(row) for row in there if row[2] in window}:
        inside = [row for row in there if row[2] in window and value(row) == own]
        counted = [row for row in inside if row[4]]
        gaps = []
        for client, day in sorted({(row[1], row[2]) for row in counted}):
            before = [
                row[2]
                for row in there
                if row[4]
                and row[1] == client
                and row[2] < day
                and (dimension not in OWN_RHYTHM or value(row) == own)
            ]
            if before:
                gaps.append((day - max(before)).days)
        result[own] = Figures(
            count=len(counted),
            sum=sum((row[3] for row in inside), Decimal(0)),
            buyers=len({row[1] for row in counted}),
            new=len({row[1] for row in counted if first[row[1]] == row[2]}),
            gaps=tuple(sorted(gaps)),
        )
    return result


SMALL = made(7, 250, 25)


@given(
    day=st.dates(FIRST, FIRST + timedelta(DAYS + 60)),
    kind=st.sampled_from(PeriodKind),
    dimension=st.sampled_from([None, *OWN_RHYTHM, Dimension.OWNER]),
    by_columns=st.booleans(),
)
def test_every_figure_is_that_of_plain_loops(
    day: date, kind: PeriodKind, dimension: Dimension | None, by_columns: bool
) -> None:
    of, rows = SMALL
    history = History(sales_of(by_field(of) if by_columns else of), day)
    for window in comparison(of, day, kind).windows.all:
        expected = plain(rows, day, window, dimension)
        assert history.figures_by(window, dimension) == expected


BIG = made(11, 6000, 700)


def loaded(rows: Rows, as_of: date) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE s (id, client, day, cents INTEGER, counts, grp, campaign, owner)")
    told = (
        (key, client, day.isoformat(), int(amount * 100), counts, *names)
        for key, client, day, amount, counts, *names in known(rows, as_of)
    )
    base.executemany("INSERT INTO s VALUES (?, ?, ?, ?, ?, ?, ?, ?)", told)
    return base


@pytest.fixture
def as_of() -> date:
    return date(2026, 2, 28)


@pytest.fixture
def base(as_of: date) -> Iterator[sqlite3.Connection]:
    connection = loaded(BIG[1], as_of)
    yield connection
    connection.close()


@pytest.mark.parametrize("kind", list(PeriodKind))
def test_totals_and_groups_are_those_of_sql(
    kind: PeriodKind, as_of: date, base: sqlite3.Connection
) -> None:
    found = comparison(BIG[0], as_of, kind)
    sides = {
        found.windows.current: "now",
        found.windows.previous: "previous",
        found.windows.whole_previous: "whole_previous",
    }
    if found.windows.last_year:
        sides[found.windows.last_year] = "last_year"
    query = (
        "SELECT grp, sum(counts), sum(cents), count(DISTINCT CASE WHEN counts THEN client END) "
        "FROM s WHERE day BETWEEN ? AND ? GROUP BY grp"
    )
    for window, side in sides.items():
        rows = base.execute(query, (window.start.isoformat(), window.end.isoformat())).fetchall()
        expected = {group: (n, Decimal(cents) / 100, buyers) for group, n, cents, buyers in rows}
        lines = {line.value: getattr(line, side) for line in found.lines}
        told = {k: (f.count, f.sum, f.buyers) for k, f in lines.items() if f.count or f.sum}
        assert told == {key: each for key, each in expected.items() if each[0] or each[1]}


def test_purchases_rhythm_and_scores_are_those_of_sql(
    as_of: date, base: sqlite3.Connection
) -> None:
    found = client_base(BIG[0], History(sales_of(BIG[0]), as_of)).by_client()
    since = (as_of - timedelta(364)).isoformat()
    rows = base.execute(
        "SELECT client, max(CASE WHEN counts THEN day END), sum(counts), sum(cents), "
        "sum(counts AND day >= ?), sum(CASE WHEN day >= ? THEN cents ELSE 0 END) "
        "FROM s GROUP BY client HAVING sum(counts)",
        (since, since),
    ).fetchall()
    assert {row[0] for row in rows} == found.keys()
    for client, last, count, cents, recent, recent_cents in rows:
        one = found[client]
        assert one.purchases is not None
        told = one.last.isoformat(), one.purchases.count, one.purchases.recent_count
        assert told == (last, count, recent)
        assert one.purchases.sum == Decimal(cents) / 100
        assert one.purchases.recent_sum == Decimal(recent_cents) / 100
        days = base.execute(
            "SELECT DISTINCT day FROM s WHERE client = ? AND counts ORDER BY day", (client,)
        ).fetchall()
        dates = [date.fromisoformat(day) for (day,) in days]
        gaps = [(later - earlier).days for earlier, later in pairwise(dates)]
        assert one.rhythm == (Decimal(str(median(gaps))) if len(dates) >= 3 else None)
    ranked = [(row[1], row[4], row[5], row[0]) for row in rows if row[4]]
    for last, recent, cents, client in ranked:
        worse = [
            sum(each[0] < last for each in ranked),
            sum(each[1] < recent for each in ranked),
            sum(each[2] < cents for each in ranked),
        ]
        expected = tuple(1 + int(5 * Fraction(each, len(ranked))) for each in worse)
        assert found[client].scores == expected
    assert sum(each.scores is not None for each in found.values()) == len(ranked)


@given(day=st.dates(FIRST, FIRST + timedelta(DAYS)), dimension=st.sampled_from(Dimension))
def test_every_explained_number_is_made_by_its_records(day: date, dimension: Dimension) -> None:
    of = SMALL[0]
    report = comparison_report([comparison(of, day, PeriodKind.MONTH, dimension)], say)
    explained(report)


def test_every_number_of_the_client_base_is_made_by_its_records() -> None:
    of = SMALL[0]
    history = History(sales_of(of), date(2026, 2, 28))
    assert explained(customers_report(client_base(of, history), say)) > 80
