"""A report that is said to stand shows the same, whatever changed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from crm_sync.core.records import BEING, Record
from crm_sync.core.values import Scalar
from crm_sync.model.tables import TABLES
from crm_sync.reports.book import Book
from crm_sync.reports.catalogue import Beyond, Findings, Request, View, make_report
from crm_sync.reports.discipline import Quality
from crm_sync.reports.entries import OPEN_TYPES
from crm_sync.reports.followups_grid import ListView, fillable_list
from crm_sync.reports.names import REPORTS
from crm_sync.reports.needs import Changes, Concerned, standing
from crm_sync.reports.parameters import Question
from crm_sync.reports.report import Report
from crm_sync.reports.sales import Basis, Dimension
from tests.unit.reports.build import Rows, book, say
from tests.unit.reports.test_followup_groups import CLIENT_STATUSES

Tables = dict[str, dict[str, Record]]

NOW = datetime(2026, 3, 15, 12, tzinfo=ZoneInfo("Europe/Moscow"))
CLIENTS = [f"C{number:02}" for number in range(14)]
MOST = 6
ROUNDS, CHANGES = 10, 10
DAYS = [
    *("2025-02-10", "2025-03-10", "2025-12-20", "2026-01-12", "2026-02-11", "2026-02-28"),
    *("2026-03-05", "2026-03-13", "2026-03-15", "2026-03-16", "2026-03-20"),
]
WHO = [None, "E1", "E2", "E3"]
POOLS: Mapping[str, Mapping[str, list[Scalar]]] = {
    "clients": {
        "full_name": ["Anna", "Boris", "Clara"],
        "phone": [None, "+79120000001", "+79120000002"],
        "kind": [None, "customer", "supplier", "customer; supplier", "partner"],
        "status": [None, "inquired", "served", "lost"],
        "owner": WHO,
        "branch": [None, "B1", "B2"],
        "source": [None, "site", "call"],
        "touch_every_days": [None, 20, 90],
        "do_not_contact": [None, None, None, 1],
        "note": [None, "tea", "coffee"],
        "city": [None, "Perm"],
    },
    "contacts": {
        "client": CLIENTS[:8],
        "contact_at": [*DAYS, "2026-03-15 10:00", "2026-03-16 10:00"],
        "status": ["held", "held", "no_answer", "planned", "rescheduled"],
        "channel": ["call", "email"],
        "direction": ["in", "out"],
        "reason": [None, "inquiry"],
        "outcome": [None, "agreed", "refused"],
        "summary": [None, "about tea"],
        "agreement": [None, "A00", "A01"],
        "next_step": [None, "call"],
        "next_step_at": [None, None, *DAYS[-4:]],
        "employee": WHO,
        "campaign": [None, "P1"],
        "duration_s": [None, 60],
        "record_url": [None, "x"],
    },
    "agreements": {
        "client": CLIENTS[:8],
        "subject": ["tea", "coffee"],
        "status": ["fulfilled", "fulfilled", "fulfilled", "in_progress", "declined", "refund"],
        "obligor": [None, "us", "client"],
        "amount": [None, "100", "250.50", "-100"],
        "currency": ["RUB", "RUB", None, "USD"],
        "product_group": [None, "G1", "G2"],
        "campaign": [None, "P1"],
        "agreed_at": DAYS,
        "due_date": [None, None, *DAYS[-4:]],
        "next_call_at": [None, None, *DAYS[-4:]],
        "fulfilled_at": [*DAYS, None],
        "lost_reason": [None, "price"],
        "owner": WHO,
        "refund_of": [None, None, None, None, "A00"],
        "paid_amount": [None, "100"],
        "paid_at": [None, *DAYS[:3]],
        "quantity": [None, "2"],
        "unit": [None, "kg"],
    },
}
OTHERS: dict[str, Rows] = {
    "employees": {
        "E1": {"name": "Petrov", "branch": "B1"},
        "E2": {"name": "Ivanov", "branch": "B2"},
        "E3": {"name": "Sidorov"},
    },
    "branches": {"B1": {"name": "North"}, "B2": {"name": "South"}},
    "product_groups": {"G1": {"name": "Tea", "sleep_after_days": 20}, "G2": {"name": "Coffee"}},
    "campaigns": {"P1": {"name": "Spring", "budget": "100", "start": "2026-02-01"}},
    "sales_plan": {
        "L1": {"scope": "company", "period": "2026-03", "value": "1000", "metric": "sum"},
        "L2": {"scope": "employee", "scope_id": "E1", "period": "2026-03", "value": "3"}
        | {"metric": "reactivated"},
    },
    "kpi_rules": {"U1": {"metric": "no_next_step", "weight": "100"}},
}
QUESTIONS = (
    Question(),
    Question(dimensions=(Dimension.BRANCH, Dimension.SOURCE)),
    Question(dimensions=(Dimension.KIND, Dimension.OWNER), kind="customer"),
    Question(basis=Basis.PAID, dimensions=(Dimension.CAMPAIGN,)),
)


def made(chance: random.Random, table: str) -> dict[str, Scalar]:
    return {name: chance.choice(pool) for name, pool in POOLS[table].items()}


def first(chance: random.Random) -> Tables:
    clients = {key: made(chance, "clients") for key in CLIENTS}
    agreements = {f"A{number:02}": made(chance, "agreements") for number in range(30)}
    contacts = {f"K{number:02}": made(chance, "contacts") for number in range(15)}
    of = book(clients, agreements, contacts, archived=("C03", "C09"), **OTHERS)
    tables = {name: dict(records) for name, records in of.tables.items()}
    more = {key: Record(key, values) for key, values in CLIENT_STATUSES.items()}
    tables["statuses"].update(more)
    return tables


def changed(chance: random.Random, tables: Tables) -> tuple[Tables, Changes]:
    """The tables after some changes of one kind of record, and what the history says of them."""
    after = {name: dict(records) for name, records in tables.items()}
    found: dict[str, dict[str, dict[str, set[Scalar]]]] = {}
    table = chance.choice(["clients", "clients", "clients", "contacts", "agreements"])
    for _ in range(chance.choice([1, 1, 3])):
        key = chance.choice([*after[table], "new"])
        fields = found.setdefault(table, {}).setdefault(key, {})
        if key == "new":
            values = made(chance, table)
            after[table][key] = Record(key, values)
            fields |= {name: {None, value} for name, value in values.items() if value is not None}
            fields[BEING] = {key}
        elif chance.random() < 0.1:
            record = after[table][key]
            after[table][key] = replace(record, archived=not record.archived)
            fields["archived_at"] = {None, "2026-03-15"}
        else:
            name = chance.choice(list(POOLS[table]))
            old, new = after[table][key].values[name], chance.choice(POOLS[table][name])
            after[table][key] = replace(
                after[table][key], values={**after[table][key].values, name: new}
            )
            fields.setdefault(name, set()).update({old, new})
    return after, found


def reports_of(tables: Tables, question: Question) -> dict[str, Report]:
    rows = Counter(
        str(record.values.get("owner"))
        for record in tables["clients"].values()
        if record.values.get("owner") and not record.archived
    )
    beyond = Beyond(
        zones={"B1": ZoneInfo("Asia/Vladivostok")},
        quality=partial(Quality, {"E1": 1}, dict(rows)),
    )
    found = Findings(Book(tables, "RUB"), Request(NOW, question=question), beyond)
    made = {name: make_report(name, found, View(say, most=MOST)) for name in REPORTS}
    return made | {"followups": fillable_list(found.followups, say, ListView(most=MOST))}


def concerned_by(
    tables: Tables, after: Tables, changes: Changes, named: Mapping[str, set[str]]
) -> Concerned:
    known = {
        str(record.values["client"])
        for either in (tables, after)
        for table in ("contacts", "agreements")
        for record in either[table].values()
    }
    types = Book(after, "RUB").status_types("client")
    clients = changes.get("clients", {}).keys()
    return Concerned(
        alone=clients - known,
        open={
            key
            for key in clients
            for records in (tables["clients"], after["clients"])
            if key in records and types.get(str(records[key].values["status"])) in OPEN_TYPES
        },
        named=named,
    )


def test_reports_that_stand_show_the_same_after_any_change() -> None:
    chance = random.Random(20261126)
    stood, differed = Counter[str](), Counter[str]()
    for round_ in range(ROUNDS):
        question = QUESTIONS[round_ % len(QUESTIONS)]
        tables = first(chance)
        before = reports_of(tables, question)
        named = {name: set(each.clients.values()) for name, each in before.items()}
        for _ in range(CHANGES):
            after, changes = changed(chance, tables)
            found = reports_of(after, question)
            concerned = concerned_by(tables, after, changes, named)
            stand = standing(changes, concerned, question)
            for name in REPORTS:
                same = found[name] == before[name]
                assert same or name not in stand, (name, changes)
                stood[name] += name in stand
                differed[name] += not same
    assert all(stood[name] and differed[name] for name in REPORTS)


def test_a_change_of_any_other_table_concerns_all_reports() -> None:
    changes = {"employees": {"E1": {"name": {"Petrov", "Petrova"}}}}
    assert standing(changes, Concerned(), Question()) == frozenset()


def test_without_knowing_whom_a_report_names_any_name_may_be_in_it() -> None:
    changes = {"clients": {"C01": {"full_name": {"Anna", "Anya"}}}}
    assert "followups" not in standing(changes, Concerned(), Question())
    assert "followups" in standing(changes, Concerned(named={"followups": set()}), Question())


def test_every_field_that_changes_here_is_one_of_the_model() -> None:
    # Records have no `paid_at` yet; reports go by it once they do.
    for table in TABLES:
        own = {item.name for item in table.fields} | {"paid_at"}
        assert own >= POOLS.get(table.name, {}).keys()
