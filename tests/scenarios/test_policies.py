"""Conflicts that need no person, and fields that conflict together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from crm_sync.core.automatic import Policy
from crm_sync.core.findings import Side
from crm_sync.services.review import resolve
from tests.scenarios.office import Office, office_after


def begin(opened: Office) -> None:
    """A client with a long note, and an agreement."""
    opened.sync()
    opened.tab("Clients").append(
        Name="Ivanov", Phone="+79120000001", City="Perm", Note="Rang. Will pay. Likes tea."
    )
    opened.tab("Agreements").append(
        Client="Ivanov",
        What_was_agreed="Tyres",
        Amount=100,
        Currency="RUB",
        Agreed_on="2026-03-01",
    )
    opened.sync()
    assert opened.disagreements() == []


@pytest.fixture
def office() -> Iterator[Office]:
    """The office after that."""
    with office_after(begin) as opened:
        yield opened


def ask_nobody(office: Office, name: str, policy: Policy) -> None:
    office.app = replace(office.app, policies={("clients", name): policy})


def both_edit_the_city(office: Office) -> None:
    office.sql("update clients set city = 'Omsk'")
    office.tab("Clients").put(2, "City", "Tver")


def city(office: Office) -> tuple[object, object]:
    return office.sql("select city from clients")[0][0], office.tab("Clients").rows()[0]["City"]


def history(office: Office) -> list[object]:
    entries = office.app.store.records.history(office.sql("select id from clients")[0][0])
    return [entry.changes["city"] for entry in entries if "city" in entry.changes]


def settle(office: Office) -> None:
    for _ in range(2):
        office.sync()
    assert office.disagreements() == []
    assert office.sync().outcome == "unchanged"


@pytest.mark.parametrize(("policy", "kept"), [(Policy.SHEET, "Tver"), (Policy.STORE, "Omsk")])
def test_agreed_side_wins_and_both_values_are_in_the_history(
    office: Office, policy: Policy, kept: str
) -> None:
    ask_nobody(office, "city", policy)
    both_edit_the_city(office)

    (notice,) = office.sync().notices

    assert notice.code == "V16"
    assert {notice.params["kept"], notice.params["left"]} == {"Omsk", "Tver"}
    settle(office)
    assert city(office) == (kept, kept)
    known = {value for pair in history(office) for value in pair}
    assert {"Perm", "Omsk", "Tver"} <= known


def test_newest_wins_only_if_it_surely_is_the_store(office: Office) -> None:
    ask_nobody(office, "city", Policy.NEWEST)
    both_edit_the_city(office)
    assert len(office.sync().conflicts) == 1
    assert city(office) == ("Omsk", "Tver")
    # What else of the record changed later says nothing of its city.
    office.sql("update clients set note = 'VIP'")
    assert len(office.sync().conflicts) == 1

    office.sql("update clients set city = 'Ufa'")
    office.sync()

    settle(office)
    assert city(office) == ("Ufa", "Ufa")


def test_formula_is_not_overwritten_whatever_was_agreed(office: Office) -> None:
    ask_nobody(office, "city", Policy.STORE)
    office.sql("update clients set city = 'Omsk'")
    tab = office.tab("Clients")
    cell = {"userEnteredValue": {"formulaValue": '=UPPER("tver")'}}
    start = {"sheetId": tab.sheet.id, "rowIndex": 1, "columnIndex": tab.column("City") - 1}
    request = {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}
    office.staff.batch_update({"requests": [{"updateCells": request}]})
    result = office.sync()
    assert len(result.conflicts) == 1, result.problems
    assert city(office) == ("Omsk", "TVER")


def test_notes_changed_in_different_places_are_merged(office: Office) -> None:
    office.sql("update clients set note = 'Rang twice. Will pay. Likes tea.'")
    office.tab("Clients").put(2, "Note", "Rang. Will pay. Likes tea and cakes.")
    office.sync()
    settle(office)
    merged = "Rang twice. Will pay. Likes tea and cakes."
    assert office.sql("select note from clients") == [(merged,)]
    assert office.tab("Clients").rows()[0]["Note"] == merged


def test_notes_changed_in_the_same_place_are_a_conflict(office: Office) -> None:
    office.sql("update clients set note = 'Rang. Paid. Likes tea.'")
    office.tab("Clients").put(2, "Note", "Rang. Will never pay. Likes tea.")
    assert len(office.sync().conflicts) == 1


@pytest.mark.parametrize(
    ("side", "amount", "currency"), [(Side.STORE, "200", "RUB"), (Side.SHEET, "100", "USD")]
)
def test_amount_and_currency_conflict_and_are_decided_as_one(
    office: Office, side: Side, amount: str, currency: str
) -> None:
    office.sql("update agreements set amount = '200'")
    office.tab("Agreements").put(2, "Currency", "USD")
    office.sync()
    found = office.app.store.findings.conflicts("main")
    assert {item.conflict.field for item in found} == {"amount", "currency"}
    assert office.sql("select amount, currency from agreements") == [("200", "RUB")]

    resolve(office.app, found[0].id, side)
    assert office.app.store.findings.conflicts("main") == ()

    settle(office)
    assert office.sql("select amount, currency from agreements") == [(amount, currency)]


def test_decision_about_one_field_leaves_open_what_does_not_belong_to_it(office: Office) -> None:
    office.sql("update agreements set amount = '200', subject = 'Winter tyres'")
    office.tab("Agreements").put(2, "Amount", 300)
    office.tab("Agreements").put(2, "What was agreed", "Wheels")
    office.sync()
    found = {item.conflict.field: item.id for item in office.app.store.findings.conflicts("main")}
    assert found.keys() == {"amount", "subject"}

    resolve(office.app, found["amount"], Side.SHEET)

    (left,) = office.sync().conflicts
    assert left.conflict.field == "subject"
    assert office.sql("select amount, subject from agreements") == [("300", "Winter tyres")]


def test_amount_and_currency_edited_on_one_side_merge_with_the_rest(office: Office) -> None:
    office.sql("update agreements set amount = '200', currency = 'USD'")
    office.tab("Agreements").put(2, "What was agreed", "Winter tyres")
    office.sync()
    settle(office)
    assert office.sql("select amount, currency, subject from agreements") == [
        ("200", "USD", "Winter tyres")
    ]
