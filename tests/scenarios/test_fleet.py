"""The command over a whole fleet: one go agrees everything, and costs one request when idle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_sync.sheet_server.faults import FaultKind, StaffAction
from crm_sync.wiring.application import SystemClock
from tests.cli.command import Said, in_this_process
from tests.scenarios.fleet import THREE, Fleet, begin, copied, open_fleet
from tests.unit.store.builders import folder_in_memory

CLIENTS = {"Alfa": "Anna Ivanova", "Beta": "Anna Ivanova", "Gamma": "Pavel Petrov"}


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    with folder_in_memory() as folder:
        with open_fleet(folder, THREE) as opened:
            begin(opened, CLIENTS)
        yield folder


@pytest.fixture
def fleet(prepared: Path) -> Iterator[Fleet]:
    with copied(prepared) as folder, open_fleet(folder, THREE) as opened:
        yield opened


def crm(fleet: Fleet, *arguments: str) -> Said:
    return in_this_process(*arguments, "--config", fleet.folder / "config.toml")


def asked(fleet: Fleet) -> list[str]:
    """The requests since the last look, signing in apart."""
    paths = [seen.path for seen in fleet.server.requests if seen.path != "/token"]
    fleet.server.forget_requests()
    return paths


def test_one_command_brings_all_workbooks_to_agreement(fleet: Fleet) -> None:
    fleet.type("anna", "Alfa", "Owner", "Pavel Petrov")
    fleet.type("petrov", "Gamma", "City", "Perm")
    said = crm(fleet, "sync", "--json")
    assert said.code == 0
    runs = {run["workbook"]: run for run in said.json["workbooks"]}
    assert list(runs) == ["office", "anna", "petrov"]
    assert {run["waiting"] for run in runs.values()} == {0}
    assert set(fleet.clients("petrov")) == {"Alfa", "Gamma"}
    assert set(fleet.clients("anna")) == {"Beta"}
    assert fleet.clients("office")["Gamma"]["City"] == "Perm"
    again = crm(fleet, "sync", "--json").json["workbooks"]
    assert {run["outcome"] for run in again} == {"unchanged"}


def test_records_may_change_places_in_one_command(fleet: Fleet) -> None:
    fleet.type("anna", "Alfa", "Owner", "Pavel Petrov")
    fleet.type("petrov", "Gamma", "Owner", "Anna Ivanova")
    assert crm(fleet, "sync").code == 0
    assert set(fleet.clients("anna")) == {"Beta", "Gamma"}
    assert set(fleet.clients("petrov")) == {"Alfa"}


def test_one_broken_workbook_does_not_hold_up_the_others(fleet: Fleet) -> None:
    fleet.type("petrov", "Gamma", "City", "Perm")
    book = fleet.book("anna").id
    account = json.loads((fleet.folder / "workbook-key.json").read_text())["client_email"]
    fleet.server.act(StaffAction("DELETE", f"/drive/v3/files/{book}", email=account))
    said = crm(fleet, "sync")
    assert said.code == 5
    assert "anna" in said.err
    assert fleet.clients("office")["Gamma"]["City"] == "Perm"


def test_unknown_name_in_a_scope_stops_that_workbook_alone(prepared: Path) -> None:
    wrong = {**THREE, "anna": 'scope = { employee = "Ana Ivanowa", branch = ["North"] }'}
    with copied(prepared) as folder, open_fleet(folder, wrong) as fleet:
        fleet.type("petrov", "Gamma", "City", "Perm")
        before = fleet.texts("anna")
        said = crm(fleet, "sync")
        assert said.code == 5
        assert said.kind == "E-SCOPE"
        assert said.err.count("E-SCOPE") == 1
        assert "employee: “Ana Ivanowa” is not known. There are: Anna Ivanova, Pavel Petrov." in (
            said.err
        )
        assert "branch: “North” is not known. There are no branches yet" in said.err
        assert fleet.clients("office")["Gamma"]["City"] == "Perm"
        assert fleet.texts("anna") == before


def test_new_company_begins_with_the_office(tmp_path: Path) -> None:
    with open_fleet(tmp_path, {"anna": THREE["anna"], "office": ""}) as fleet:
        said = crm(fleet, "sync")
        assert (said.code, said.kind) == (5, "E-SCOPE")
        fleet.tab("office", "Employees").append(Name="Anna Ivanova")
        assert crm(fleet, "sync").code == 0
        assert fleet.clients("anna") == {}


def test_idle_workbooks_behind_one_account_cost_one_request(fleet: Fleet) -> None:
    crm(fleet, "sync")
    crm(fleet, "sync")
    asked(fleet)
    said = crm(fleet, "sync", "--json")
    assert {run["outcome"] for run in said.json["workbooks"]} == {"unchanged"}
    assert asked(fleet) == ["/drive/v3/changes"]


def test_only_the_workbook_that_changed_is_read(fleet: Fleet) -> None:
    crm(fleet, "sync")
    crm(fleet, "sync")
    fleet.type("anna", "Alfa", "City", "Perm")
    book = fleet.book("petrov").id
    asked(fleet)
    crm(fleet, "sync", "--json")
    assert not [path for path in asked(fleet) if book in path]


@pytest.mark.parametrize("token", ["0", "999999", "no token"])
def test_lost_token_costs_a_look_at_each_and_nothing_else(fleet: Fleet, token: str) -> None:
    crm(fleet, "sync")
    crm(fleet, "sync")
    fleet.sql("update feeds set token = ?", token)
    fleet.type("anna", "Alfa", "City", "Perm")
    assert crm(fleet, "sync").code == 0
    assert fleet.clients("office")["Alfa"]["City"] == "Perm"
    crm(fleet, "sync")
    asked(fleet)
    crm(fleet, "sync")
    assert asked(fleet) == ["/drive/v3/changes"]


def test_contact_is_taken_once_another_workbook_brings_the_client_it_names(fleet: Fleet) -> None:
    fleet.tab("anna", "Contacts").append(
        Client="Omega", When="2026-03-10", Reason="Cold call", Summary="rang"
    )
    crm(fleet, "sync")
    assert fleet.sql("select count(*) from contacts") == [(0,)]
    fleet.tab("petrov").append(Name="Omega", Phone="+79120000077")
    crm(fleet, "sync")
    assert fleet.sql("select summary, full_name from contacts join clients on clients.id = client")
    assert fleet.tab("anna", "Contacts").rows() == []
    assert [row["Summary"] for row in fleet.tab("petrov", "Contacts").rows()] == ["rang"]


@pytest.mark.parametrize("token", [None, "999999"])
def test_edit_made_before_the_list_began_is_not_missed_when_that_run_fails(
    fleet: Fleet, token: str | None
) -> None:
    crm(fleet, "sync")
    crm(fleet, "sync")
    fleet.type("anna", "Alfa", "City", "Perm")
    fleet.sql("update feeds set token = ?" if token else "delete from feeds where ? is null", token)
    file = fleet.book("anna").id
    fleet.server.fault(FaultKind.STATUS, path=file, status=400, times=9)
    assert crm(fleet, "sync").code
    fleet.server.clear_faults()
    assert crm(fleet, "sync").code == 0
    assert fleet.clients("office")["Alfa"]["City"] == "Perm"


@pytest.mark.parametrize("count", [6, pytest.param(50, marks=pytest.mark.soak)])
def test_fleet_costs_one_request_when_idle(prepared: Path, count: int) -> None:
    many = THREE | {f"anna{n}": THREE["anna"] for n in range(count - len(THREE))}
    with copied(prepared) as folder, open_fleet(folder, many) as fleet:
        crm(fleet, "sync")
        crm(fleet, "sync")
        asked(fleet)
        fleet.server.forget_requests()
        said = crm(fleet, "sync", "--json")
        assert [run["outcome"] for run in said.json["workbooks"]] == ["unchanged"] * count
        assert [seen.path for seen in fleet.server.requests] == ["/token", "/drive/v3/changes"]


def test_when_time_is_up_the_rest_comes_first_next_time(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm(fleet, "sync")
    crm(fleet, "sync")
    fleet.type("anna", "Alfa", "City", "Perm")
    fleet.type("petrov", "Gamma", "City", "Ufa")
    config = fleet.folder / "config.toml"
    config.write_text(config.read_text() + "\n[requests]\nrun_minutes = 1\n", encoding="utf-8")
    passed = timedelta()

    def now(_: SystemClock) -> datetime:
        nonlocal passed
        passed += timedelta(seconds=20)
        return datetime.now(UTC) + passed

    with monkeypatch.context() as patched:
        patched.setattr(SystemClock, "now", now)
        said = crm(fleet, "sync", "--json")
    outcomes = {run["workbook"]: run["outcome"] for run in said.json["workbooks"]}
    assert said.code == 0
    (late,) = {"anna", "petrov"} & {n for n, outcome in outcomes.items() if outcome == "postponed"}
    said = crm(fleet, "sync")
    assert f"{late}: synced" in said.out
    cities = {client: row["City"] for client, row in fleet.clients("office").items()}
    assert (cities["Alfa"], cities["Gamma"]) == ("Perm", "Ufa")


@pytest.mark.soak
def test_accounts_stay_within_their_quota(fleet: Fleet) -> None:
    fleet.type("anna", "Alfa", "City", "Perm")
    config = fleet.folder / "config.toml"
    config.write_text(config.read_text() + "\n[requests]\nper_minute = 3\n", encoding="utf-8")
    fleet.server.limit(per_user=3)
    asked(fleet)
    assert crm(fleet, "sync").code == 0
    assert {seen.status for seen in fleet.server.requests} == {200}
    fleet.server.limit()
    assert fleet.clients("office")["Alfa"]["City"] == "Perm"


def test_many_idle_workbooks_are_said_in_one_line(prepared: Path) -> None:
    many = THREE | {f"anna{n}": THREE["anna"] for n in range(9)}
    with copied(prepared) as folder, open_fleet(folder, many) as fleet:
        crm(fleet, "sync")
        crm(fleet, "sync")
        said = crm(fleet, "sync")
        assert said.out.strip().splitlines() == [
            "✓ Nothing has changed on either side in 12 workbooks."
        ]
