"""A workbook that is open to strangers gets nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crm_sync.errors import OpenToStrangers
from crm_sync.model import TABLES
from crm_sync.services.access import audit
from crm_sync.services.adopt import Asked, look_over, take_over
from crm_sync.services.application import AccessRule
from crm_sync.services.template import repair
from crm_sync.templates import load_synonyms
from crm_sync.wiring.local import LOCAL_ACCOUNT
from tests.scenarios.office import Office, open_office, staff_client

ANNA = "anna@company.com"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office whose workbook only the company may open, after its first run."""
    with open_office(tmp_path) as office:
        office.sync()
        office.app = with_rule(office, AccessRule(("@company.com",)))
        yield office


def with_rule(office: Office, rule: AccessRule | None) -> object:
    bound = {name: replace(item, access=rule) for name, item in office.app.bound.items()}
    return replace(office.app, bound=bound)


def add_client(office: Office) -> None:
    office.sql("insert into clients (full_name, phone) values ('Bob', '+79161234567')")


@pytest.mark.parametrize(
    "sharing",
    [
        ("", "anyone", "reader"),
        ("evil.com", "domain", "reader"),
        ("x@evil.com", "user", "writer"),
        ("all@evil.com", "group", "reader"),
    ],
)
def test_push_to_a_workbook_that_a_stranger_may_open_stops_before_it_writes(
    office: Office, sharing: tuple[str, str, str]
) -> None:
    who, kind, role = sharing
    office.staff.share(who or None, kind, role, notify=False)
    add_client(office)
    office.server.forget_requests()
    for dry_run in (True, False):
        with pytest.raises(OpenToStrangers):
            office.sync(dry_run=dry_run)
    assert {seen.method for seen in office.server.requests} == {"GET"}
    assert office.tab("Clients").rows() == []


def test_looks_are_not_written_either(office: Office) -> None:
    office.staff.worksheet("Clients").freeze(rows=0)
    office.staff.share("x@evil.com", "user", "reader", notify=False)
    office.server.forget_requests()
    with pytest.raises(OpenToStrangers, match="x@evil"):
        repair(office.app, "main")
    assert not [seen.path for seen in office.server.requests if "batchUpdate" in seen.path]


def test_spreadsheet_that_is_open_to_a_stranger_is_not_taken_over(tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        book = staff_client(office.server.url).create("Ours")
        book.share(LOCAL_ACCOUNT, perm_type="user", role="writer")
        book.sheet1.update([["Name", "Phone"], ["Ann", "+79161234567"]], "A1")
        office.app = with_rule(office, AccessRule(("@company.com",)))
        found = look_over(office.app, "main", book.id, load_synonyms(TABLES), Asked())
        with pytest.raises(OpenToStrangers):
            take_over(office.app, found)
        assert book.sheet1.get() == [["Name", "Phone"], ["Ann", "+79161234567"]]
        assert office.app.store.bases.binding("main") is None


def test_push_goes_on_once_the_stranger_is_out(office: Office) -> None:
    office.staff.share(ANNA, "user", "writer", notify=False)
    office.staff.share("x@evil.com", "user", "reader", notify=False)
    add_client(office)
    with pytest.raises(OpenToStrangers, match="x@evil"):
        office.sync()
    office.staff.remove_permissions("x@evil.com")
    assert office.sync().outcome == "synced"
    assert [row["Name"] for row in office.tab("Clients").rows()] == ["Bob"]


def test_list_costs_one_request_of_a_run_that_has_work_and_none_of_one_that_has_none(
    office: Office,
) -> None:
    add_client(office)
    _, asked = office.counted_sync()
    assert [path for _, path in asked if path.endswith("/permissions")] != []
    assert len([path for _, path in asked if path.endswith("/permissions")]) == 1
    office.sync()
    _, asked = office.counted_sync()
    assert [method for method, _ in asked] == ["GET"]


def test_more_people_than_a_page_holds_are_all_looked_at(office: Office) -> None:
    for number in range(101):
        office.staff.share(f"p{number:03}@company.com", "user", "reader", notify=False)
    office.staff.share("zz@evil.com", "user", "reader", notify=False)
    (found,) = audit(office.app, ["main"])
    assert len(found.shares) == 102
    assert [share.who for share in found.strangers] == ["zz@evil.com"]


def forbid_sharing(office: Office) -> None:
    """What an owner does under Share, the cog; our own account is a plain editor then."""
    book = office.staff
    url = f"https://www.googleapis.com/drive/v3/files/{book.id}"
    ask = book.client.request
    owner = {"type": "user", "role": "owner", "emailAddress": ANNA}
    ask("post", f"{url}/permissions", params={"transferOwnership": "true"}, json=owner)
    ask("patch", url, json={"writersCanShare": False})


def test_list_that_google_does_not_let_us_compare_stops_a_run_and_no_list_does_not(
    office: Office,
) -> None:
    forbid_sharing(office)
    add_client(office)
    with pytest.raises(OpenToStrangers, match="does not say who may open"):
        office.sync()
    office.app = with_rule(office, AccessRule())
    assert office.sync().outcome == "synced"


def test_without_a_list_only_a_link_for_everyone_is_strange(office: Office) -> None:
    office.app = with_rule(office, AccessRule())
    office.staff.share("x@evil.com", "user", "reader", notify=False)
    add_client(office)
    assert office.sync().outcome == "synced"
    office.staff.share(None, "anyone", "reader", notify=False)
    with pytest.raises(OpenToStrangers, match="Everyone who has the link"):
        office.sync()
