"""The /admin addresses: what tests in another process ask of a running server."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests

from tests.contract.sheet_server.local_client import Http


@pytest.fixture
def admin(server: Any) -> Iterator[Http]:
    with closing(Http(server.url, server.admin_token)) as client:
        yield client
        client.ask("DELETE", "/admin/faults")


@pytest.mark.parametrize("token", [None, "", "nonsense", "owner-token"])
def test_admin_needs_its_own_token(server: Any, token: str | None) -> None:
    with closing(Http(server.url, token)) as stranger:
        for method, path in [("GET", "requests"), ("POST", "tokens"), ("GET", "nowhere")]:
            assert stranger.ask(method, f"/admin/{path}").status_code == 401


def test_admin_token_opens_nothing_else(admin: Http) -> None:
    assert admin.ask("GET", "/drive/v3/files").status_code == 401


def test_requests_are_listed_and_forgotten(admin: Http, ann: Http) -> None:
    admin.json("DELETE", "/admin/requests")
    ann.ask("GET", "/v4/spreadsheets/none")
    assert admin.json("GET", "/admin/requests") == {
        "requests": [{"method": "GET", "path": "/v4/spreadsheets/none", "status": 404}]
    }


def test_fault_is_set_listed_and_taken_back(admin: Http, ann: Http) -> None:
    fault = {"kind": "status", "method": "GET", "path": "/drive/", "status": 500, "times": None}
    number = admin.json("POST", "/admin/faults", fault)["id"]
    assert admin.json("GET", "/admin/faults") == {
        "faults": [{"id": number, "kind": "status", "method": "GET", "path": "/drive/"}]
    }
    assert ann.ask("GET", "/drive/v3/files").status_code == 500
    admin.json("DELETE", "/admin/faults")
    assert ann.ask("GET", "/drive/v3/files").status_code == 200


def test_staff_action_rides_on_a_fault(admin: Http, ann: Http) -> None:
    book = ann.create("Admin")
    action = {
        "method": "PUT",
        "path": f"/v4/spreadsheets/{book}/values/A1?valueInputOption=RAW",
        "body": {"values": [["by staff"]]},
        "email": "ann@example.com",
    }
    fault = {"kind": "staff", "path": "/values/", "actions": [action]}
    admin.json("POST", "/admin/faults", fault)
    assert ann.json("GET", f"/v4/spreadsheets/{book}/values/A1")["values"] == [["by staff"]]
    assert admin.json("POST", "/admin/actions", action)["status"] == 200
    assert [each["status"] for each in admin.json("GET", "/admin/actions")["answers"]][-2:] == [
        200,
        200,
    ]


def test_token_of_any_account_can_be_had(server: Any, admin: Http) -> None:
    token = admin.json("POST", "/admin/tokens", {"email": "new@example.com"})["token"]
    with closing(Http(server.url, token)) as client:
        assert client.json("GET", "/drive/v3/files")["files"] == []
    gone = admin.json("POST", "/admin/tokens", {"email": "new@example.com", "lifetime": 0})["token"]
    with closing(Http(server.url, gone)) as client:
        assert client.ask("GET", "/drive/v3/files").status_code == 401


def test_closed_account_loses_its_tokens(server: Any, admin: Http) -> None:
    token = admin.json("POST", "/admin/tokens", {"email": "leaver@example.com"})["token"]
    admin.json("POST", "/admin/accounts", {"email": "leaver@example.com", "disabled": True})
    with closing(Http(server.url, token)) as client:
        assert client.ask("GET", "/drive/v3/files").status_code == 401


def test_quota_is_set_for_a_minute(admin: Http, ann: Http) -> None:
    book = ann.create("Quota")
    admin.json("PUT", "/admin/quota", {"perUser": 0})
    assert ann.ask("GET", f"/v4/spreadsheets/{book}").status_code == 429
    admin.json("PUT", "/admin/quota", {})
    assert ann.ask("GET", f"/v4/spreadsheets/{book}").status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("faults", {"kind": "flood"}, "kind"),
        ("faults", {"kind": "status", "nth": 0}, "nth"),
        ("faults", {"kind": "status", "colour": 1}, "colour"),
        ("faults", {"kind": "status", "path": "("}, "path"),
        ("faults", None, "dictionary"),
        ("actions", {"method": "LOOK", "path": "/"}, "method"),
        ("tokens", {}, "email"),
    ],
)
def test_admin_body_that_cannot_be_read_is_a_400_with_a_sentence(
    admin: Http, path: str, body: Any, word: str
) -> None:
    answer: requests.Response = admin.ask("POST", f"/admin/{path}", body)
    assert answer.status_code == 400
    assert word in answer.json()["error"]["message"]


def test_admin_body_that_is_not_json_is_a_400(admin: Http) -> None:
    assert admin.ask("POST", "/admin/faults", data=b"{").status_code == 400
    assert admin.ask("GET", "/admin/nowhere").status_code == 404
