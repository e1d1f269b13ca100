"""The demo company: what it consists of, and that the engine takes every value as it stands."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal

import phonenumbers
import pytest

from crm_sync.core.codecs import Conventions, codec_for
from crm_sync.core.records import Record
from crm_sync.core.references import Entry, ReferenceIndex
from crm_sync.core.schema import Kind
from crm_sync.demo_data import DemoData, load
from crm_sync.demo_data.load import CURRENCY, TABLES
from crm_sync.model import TABLES as MODEL_TABLES
from crm_sync.model import table
from crm_sync.model.rules import Facts, check, status_rules
from crm_sync.reports.book import Book
from crm_sync.reports.comparison import comparison
from crm_sync.reports.followups import Group, followups
from crm_sync.resources import resource
from crm_sync.templates import default_statuses, load_tabs

TODAY = date(2026, 3, 18)
NOW = datetime(2026, 3, 18, 9, 30)


def of_kind(data: DemoData, name: str, kind: Kind) -> list[tuple[str, str, str]]:
    """(key, field, value) of every value of this kind in a table."""
    fields = table(name).by_name
    return [
        (row.key, field, str(value))
        for row in data.rows[name]
        for field, value in row.values.items()
        if fields[field].kind is kind
    ]


def demo_book(data: DemoData) -> Book:
    tables = {
        name: {row.key: Record(row.key, row.values) for row in rows}
        for name, rows in data.rows.items()
    }
    statuses = {str(number): values for number, values in enumerate(default_statuses())}
    tables["statuses"] = {key: Record(key, values) for key, values in statuses.items()}
    return Book(tables, CURRENCY)


def test_company_has_its_clients_agreements_and_staff() -> None:
    rows = load(TODAY).rows
    assert {name: len(found) for name, found in rows.items()} == {
        "branches": 2,
        "employees": 9,
        "product_groups": 8,
        "campaigns": 2,
        "clients": 126,
        "agreements": 830,
        "contacts": 867,
    }
    kinds = Counter(row.values["kind"] for row in rows["clients"])
    assert kinds == {"customer": 91, "supplier": 29, "partner": 6}


def test_sum_is_that_of_the_orders_of_the_source_each_rounded_to_cents() -> None:
    agreements = load(TODAY).rows["agreements"]
    assert sum(Decimal(str(row.values["amount"])) for row in agreements) == Decimal("1265793.22")
    groups: Counter[object] = Counter()
    for row in agreements:
        groups[row.values["product_group"]] += 1
    assert sum(groups.values()) == 830
    assert set(groups) == {f"G{number}" for number in range(1, 9)}


def test_statuses_follow_from_the_dates() -> None:
    for row in load(TODAY).rows["agreements"]:
        shipped = "fulfilled_at" in row.values
        assert row.values["status"] == ("fulfilled" if shipped else "in_progress")
    waiting = [row for row in load(TODAY).rows["agreements"] if "fulfilled_at" not in row.values]
    assert len(waiting) == 21


@pytest.mark.parametrize(
    "today", [date(2026, 3, 18), date(2028, 2, 29), date(1999, 1, 1), date(2026, 12, 31)]
)
def test_dates_are_moved_as_a_whole_so_that_the_last_order_is_of_yesterday(today: date) -> None:
    data, other = load(today), load(TODAY)
    ordered = [str(row.values["agreed_at"]) for row in data.rows["agreements"]]
    assert max(ordered) == (today - timedelta(days=1)).isoformat()
    moved = timedelta(days=(today - TODAY).days)
    assert data.shift - other.shift == moved
    for name in TABLES:
        for kind in (Kind.DATE, Kind.DATETIME):
            before, after = of_kind(other, name, kind), of_kind(data, name, kind)
            assert [entry[:2] for entry in before] == [entry[:2] for entry in after]
            for (_, _, was), (_, _, now) in zip(before, after, strict=True):
                assert datetime.fromisoformat(now) - datetime.fromisoformat(was) == moved
                assert len(now) == len(was)


def test_dates_of_the_source_are_kept_but_for_the_shift() -> None:
    data = load(TODAY)
    first = data.rows["agreements"][0].values
    kept = [str(first[name]) for name in ("agreed_at", "due_date", "fulfilled_at")]
    source = [(date.fromisoformat(day) - data.shift).isoformat() for day in kept]
    assert source == ["1996-07-04", "1996-08-01", "1996-07-16"]


def test_names_stay_as_they_are_in_the_source() -> None:
    names = {str(row.values["full_name"]) for row in load(TODAY).rows["clients"]}
    assert {
        "Alfreds Futterkiste",
        "Antonio Moreno Taquería",
        "Wilman Kala",
        "Forêts d'érables",
        "Federal Shipping",
    } <= names


def test_references_hold_keys_of_rows_that_come_before() -> None:
    data = load(TODAY)
    statuses = {(row["entity"], row["key"]) for row in default_statuses()}
    seen: set[tuple[str, str]] = set()
    for name in TABLES:
        for row in data.rows[name]:
            for field, value in row.values.items():
                spec = table(name).by_name[field]
                if spec.refers_to == "statuses":
                    assert (spec.entity, value) in statuses
                elif spec.refers_to:
                    assert (spec.refers_to, value) in seen
            assert (name, row.key) not in seen
            seen.add((name, row.key))


def test_every_client_has_a_phone_that_can_be_dialled() -> None:
    for row in load(TODAY).rows["clients"]:
        number = phonenumbers.parse(str(row.values["phone"]))
        assert phonenumbers.is_valid_number(number), row.values["phone"]


def test_no_rule_finds_fault_with_any_row() -> None:
    data = load(TODAY)
    facts = Facts(NOW, status_rules(default_statuses(), "en"))
    for name in TABLES:
        of = table(name)
        for row in data.rows[name]:
            values = {field: row.values.get(field) for field in of.by_name}
            assert check(of, values, None, facts) == (), (name, row.key)


@pytest.mark.parametrize(("language", "locale"), [("en", "en_US"), ("ru", "ru_RU")])
def test_every_value_comes_back_from_its_cell_as_it_was(language: str, locale: str) -> None:
    data = load(TODAY)
    indexes = {
        name: ReferenceIndex(
            [
                Entry(row.key, str(row.values[table(name).label]))
                for row in data.rows[name]
                if table(name).label in row.values
            ],
            show_id=name in ("clients", "agreements"),
        )
        for name in TABLES
    }
    for entity in {row["entity"] for row in default_statuses()}:
        mine = [row for row in default_statuses() if row["entity"] == entity]
        entries = [Entry(str(row["key"]), str(row[language])) for row in mine]
        indexes[f"statuses:{entity}"] = ReferenceIndex(entries, show_id=False)
    for tab in load_tabs(language, MODEL_TABLES):
        for column in tab.columns[1:]:
            codec = codec_for(column, Conventions(locale, "US"), indexes)
            for row in data.rows.get(tab.table.name, ()):
                value = row.values.get(column.field.name)
                assert codec.normal(value) == value, (tab.table.name, row.key)
                assert codec.parse(codec.format(value)) == value, (tab.table.name, row.key)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("day", [1, 2, 3, 15, 28])
def test_follow_ups_and_comparison_are_never_empty(month: int, day: int) -> None:
    today = date(2026, month, day)
    book = demo_book(load(today))
    groups = {line.group for line in followups(book, datetime.combine(today, NOW.time()))}
    assert {Group.OVERDUE, Group.TODAY, Group.TOMORROW} <= groups
    for as_of in (today - timedelta(days=1), today):
        found = comparison(book, as_of)
        if as_of.day > 1 or as_of < today:
            assert found.total.now.count > 0
        # The first days of the month before may have been a weekend.
        assert found.total.whole_previous is not None
        assert found.total.whole_previous.count > 0


def test_texts_that_are_not_the_companys_own_are_said_in_the_readers_language() -> None:
    said: list[str] = []

    def say(text: str) -> str:
        said.append(text)
        return f"<{text}>"

    rows = load(TODAY, say).rows
    assert [row.values["name"] for row in rows["campaigns"]] == [
        "<Discounts up to 10 %>",
        "<Discounts above 10 %>",
    ]
    steps = {row.values["next_step"] for row in rows["contacts"] if "next_step" in row.values}
    assert steps == {"<Confirm the day of delivery>"}
    assert len(set(said)) == 3


def test_data_is_small() -> None:
    sizes = [path.stat().st_size for path in resource("demo_data").glob("*.csv")]
    assert len(sizes) == len(TABLES)
    assert sum(sizes) < 200_000
