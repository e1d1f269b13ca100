"""The rules that bind a record's fields together, one test a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from crm_sync.core.findings import HELD, Severity
from crm_sync.core.values import Scalar
from crm_sync.model import TABLES, table
from crm_sync.model.rules import RULES, Facts, archiving, check, status_rules, suspects

NOW = datetime.fromisoformat("2026-03-15 12:00")
STATUSES: tuple[dict[str, Scalar], ...] = (
    {"entity": "client", "key": "cold", "en": "Cold", "allowed_next": "offered"},
    {"entity": "client", "key": "offered", "en": "Offered", "allowed_next": "served"},
    {"entity": "client", "key": "served", "en": "Served"},
    {"entity": "client", "key": "blocked", "en": "Blocked", "final": 1},
    {"entity": "client", "key": "warranty", "en": "Warranty"},
    {"entity": "agreement", "key": "draft", "en": "Draft", "type": "open"},
    {
        "entity": "agreement",
        "key": "fulfilled",
        "en": "Fulfilled",
        "type": "won",
        "required_fields": "fulfilled_at",
    },
    {"entity": "contact", "key": "held", "en": "Held", "type": "won"},
    {"entity": "contact", "key": "planned", "en": "Planned", "type": "open"},
)
FACTS = Facts(NOW, status_rules(STATUSES, "en"))

CLIENT: dict[str, Scalar] = {
    "kind": "customer",
    "full_name": "Anna",
    "phone": "+79120000001",
    "status": "cold",
}
AGREEMENT: dict[str, Scalar] = {
    "client": "C-000013",
    "subject": "40 boxes",
    "status": "draft",
    "agreed_at": "2026-03-10",
    "due_date": "2026-03-20",
}
CONTACT: dict[str, Scalar] = {
    "client": "C-000013",
    "contact_at": "2026-03-14 10:00",
    "channel": "call",
    "reason": "offer",
    "status": "held",
}


def broken(
    name: str, values: dict[str, Scalar], before: dict[str, Scalar] | None = None
) -> list[tuple[str, Severity, str]]:
    """The rules that are broken: code, severity, the likeliest culprit."""
    found = check(table(name), values, before, FACTS)
    return [(item.code, item.severity, item.fields[0]) for item in found]


@pytest.mark.parametrize(
    ("name", "values"),
    [("clients", CLIENT), ("agreements", AGREEMENT), ("contacts", CONTACT)],
)
def test_sound_record_breaks_no_rule(name: str, values: dict[str, Scalar]) -> None:
    assert broken(name, values) == []


def test_required_field_must_be_filled() -> None:
    assert broken("clients", CLIENT | {"full_name": None}) == [
        ("V02", Severity.REJECT, "full_name")
    ]


@pytest.mark.parametrize("channel", ["phone", "email", "messenger"])
def test_client_can_be_reached_in_one_way_at_least(channel: str) -> None:
    unreachable = CLIENT | {"phone": None}

    assert broken("clients", unreachable) == [("V03", Severity.REJECT, "phone")]
    assert broken("clients", unreachable | {channel: "x"}) == []


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ("cold", "offered", True),
        ("cold", "cold", True),
        ("cold", "served", False),
        ("served", "cold", True),
        ("blocked", "cold", False),
        ("cold", "warranty", True),
        ("warranty", "served", True),
        ("gone", "served", True),
    ],
)
def test_status_follows_the_order_that_is_laid_down(old: str, new: str, allowed: bool) -> None:
    found = broken("clients", CLIENT | {"status": new}, CLIENT | {"status": old})

    assert found == ([] if allowed else [("V06", Severity.REJECT, "status")])


def test_new_record_may_begin_with_any_status() -> None:
    assert broken("clients", CLIENT | {"status": "blocked"}) == []


def test_status_may_ask_for_a_field() -> None:
    done = AGREEMENT | {"status": "fulfilled", "fulfilled_at": None}

    assert broken("agreements", done) == [("V02", Severity.WARN, "fulfilled_at")]
    assert broken("agreements", done | {"fulfilled_at": "2026-03-12"}) == []


def test_open_agreement_says_what_comes_next() -> None:
    assert broken("agreements", AGREEMENT | {"due_date": None}) == [
        ("V05", Severity.WARN, "due_date")
    ]
    assert broken("agreements", AGREEMENT | {"due_date": None, "next_call_at": "2026-03-18"}) == []


@pytest.mark.parametrize(
    ("changed", "culprit"),
    [
        ({"agreed_at": "2026-03-16"}, "agreed_at"),
        ({"fulfilled_at": "2026-03-16"}, "fulfilled_at"),
        ({"fulfilled_at": "2026-03-09"}, "fulfilled_at"),
        ({"due_date": "2026-03-09"}, "due_date"),
    ],
)
def test_dates_of_an_agreement_come_in_order(changed: dict[str, Scalar], culprit: str) -> None:
    assert broken("agreements", AGREEMENT | changed) == [("V08", Severity.REJECT, culprit)]


def test_same_day_is_not_before() -> None:
    same = {"due_date": "2026-03-10", "fulfilled_at": "2026-03-10"}

    assert broken("agreements", AGREEMENT | same) == []


def test_date_far_ahead_is_doubted_but_taken() -> None:
    assert broken("agreements", AGREEMENT | {"due_date": "2028-03-20"}) == [
        ("V08", Severity.WARN, "due_date")
    ]


@pytest.mark.parametrize(
    ("at", "sound"),
    [
        ("2026-03-15 12:04", True),
        ("2026-03-15 12:06", False),
        ("2026-03-15", True),
        ("2026-03-16", False),
    ],
)
def test_touch_that_was_held_lies_in_the_past(at: str, sound: bool) -> None:
    found = broken("contacts", CONTACT | {"contact_at": at})

    assert found == ([] if sound else [("V08", Severity.REJECT, "contact_at")])
    assert broken("contacts", CONTACT | {"contact_at": at, "status": "planned"}) == []


def test_next_step_follows_its_touch() -> None:
    assert broken("contacts", CONTACT | {"next_step_at": "2026-03-14 09:59"}) == [
        ("V08", Severity.REJECT, "next_step_at")
    ]
    assert broken("contacts", CONTACT | {"next_step_at": "2026-03-14"}) == []


def test_amount_below_zero_names_what_it_refunds() -> None:
    assert broken("agreements", AGREEMENT | {"amount": "-5"}) == [
        ("V09", Severity.REJECT, "amount")
    ]
    assert broken("agreements", AGREEMENT | {"amount": "-5", "refund_of": "A-000013"}) == []


def test_rules_name_only_fields_that_exist() -> None:
    names = {item.name: set(item.by_name) for item in TABLES}
    empty: dict[str, Scalar] = dict.fromkeys(names["agreements"] | names["contacts"])

    assert RULES.keys() <= names.keys()
    for name in RULES:
        for finding in check(table(name), empty, empty, FACTS):
            assert set(finding.fields) <= names[name]


def test_of_many_new_records_those_are_suspected_that_break_a_rule() -> None:
    sound = CLIENT | {"city": "Perm"}
    records = [
        sound,
        sound | {"full_name": "..."},
        sound | {"phone": None},
        sound | {"full_name": None},
        sound | {"city": "Пeрмь"},
        sound,
    ]
    assert suspects(table("clients"), records, FACTS) == {1, 2, 4}


@pytest.mark.parametrize(
    ("agreed", "fulfilled", "change", "held"),
    [
        ("2026-02-10", "2026-02-20", {"amount": "9"}, ["amount"]),
        ("2026-02-10", "2026-03-10", {"amount": "9"}, ["amount"]),
        ("2026-03-02", "2026-03-10", {"amount": "9"}, []),
        ("2026-02-10", None, {"fulfilled_at": "2026-03-10"}, []),
        ("2026-02-10", None, {"fulfilled_at": "2026-02-20"}, ["fulfilled_at"]),
        ("2026-02-10", None, {"subject": "more"}, []),
        ("2026-03-02", "2026-03-10", {"agreed_at": "2026-02-28"}, ["agreed_at"]),
        (
            "2026-02-10",
            "2026-02-20",
            {"agreed_at": "2026-03-01", "fulfilled_at": "2026-03-02", "amount": "9"},
            ["agreed_at", "fulfilled_at", "amount"],
        ),
    ],
)
def test_each_change_in_a_closed_period_is_held_once(
    agreed: str, fulfilled: str | None, change: dict[str, Scalar], held: list[str]
) -> None:
    before = AGREEMENT | {"agreed_at": agreed, "fulfilled_at": fulfilled, "amount": "5"}
    facts = replace(FACTS, closed_until=date(2026, 2, 28))
    found = check(table("agreements"), before | change, before, facts)
    assert [item.fields[0] for item in found if item.code == HELD] == held


def test_new_row_of_a_closed_period_is_held_once() -> None:
    facts = replace(FACTS, closed_until=date(2026, 2, 28))
    row = AGREEMENT | {"agreed_at": "2026-02-10", "fulfilled_at": "2026-02-20"}
    found = check(table("agreements"), row, None, facts)
    assert [item.fields[0] for item in found if item.code == HELD] == ["agreed_at"]


@pytest.mark.parametrize(
    ("table_name", "values", "is_held"),
    [
        ("agreements", {"agreed_at": "2026-02-10"}, True),
        ("agreements", {"agreed_at": "2026-03-10", "fulfilled_at": "2026-02-28"}, True),
        ("agreements", {"agreed_at": "2026-03-01"}, False),
        ("agreements", {"agreed_at": "soon"}, False),
        ("contacts", {"contact_at": "2026-02-28 23:59"}, True),
        ("contacts", {"contact_at": None, "next_step_at": "2026-02-10"}, False),
        ("clients", {"consent_at": "2026-02-10"}, False),
    ],
)
def test_record_of_a_closed_period_is_not_archived_unasked(
    table_name: str, values: dict[str, Scalar], is_held: bool
) -> None:
    found = archiving(table_name, values, date(2026, 2, 28))
    assert (found is not None and found.code == HELD) is is_held
    assert archiving(table_name, values, None) is None
