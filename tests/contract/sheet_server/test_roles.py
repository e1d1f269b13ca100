"""Who may do what: every role against every kind of request."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.sheet_server.local_client import Http

NONE, READER, COMMENTER, WRITER, OWNER = range(5)
ROLES = ["none", "reader", "commenter", "writer", "owner"]

# What is asked (method, path, body), and the least role that may.
REQUESTS: list[tuple[str, str, Any, int]] = [
    ("GET", "/v4/spreadsheets/{}", None, READER),
    ("GET", "/v4/spreadsheets/{}/values/A1", None, READER),
    ("GET", "/v4/spreadsheets/{}/values:batchGet?ranges=A1", None, READER),
    ("POST", "/v4/spreadsheets/{}:getByDataFilter", {}, READER),
    ("POST", "/v4/spreadsheets/{}/values:batchGetByDataFilter", {}, READER),
    ("POST", "/v4/spreadsheets/{}/developerMetadata:search", {}, READER),
    ("PUT", "/v4/spreadsheets/{}/values/A1?valueInputOption=RAW", {"values": [[1]]}, WRITER),
    (
        "POST",
        "/v4/spreadsheets/{}/values/A1:append?valueInputOption=RAW",
        {"values": [[1]]},
        WRITER,
    ),
    ("POST", "/v4/spreadsheets/{}/values/A1:clear", {}, WRITER),
    ("POST", "/v4/spreadsheets/{}/values:batchClear", {"ranges": ["A1"]}, WRITER),
    ("POST", "/v4/spreadsheets/{}/values:batchUpdate", {"valueInputOption": "RAW"}, WRITER),
    ("POST", "/v4/spreadsheets/{}:batchUpdate", {"requests": [{"addSheet": {}}]}, WRITER),
    ("GET", "/drive/v3/files/{}", None, READER),
    ("GET", "/drive/v3/files/{}/export?mimeType=text/csv", None, READER),
    ("POST", "/drive/v3/files/{}/copy", {}, READER),
    ("PATCH", "/drive/v3/files/{}", {"name": "Other"}, WRITER),
    ("GET", "/drive/v3/files/{}/permissions", None, WRITER),
    (
        "POST",
        "/drive/v3/files/{}/permissions",
        {"type": "user", "role": "reader", "emailAddress": "zoe@example.com"},
        WRITER,
    ),
    ("PATCH", "/drive/v3/files/{}", {"trashed": True}, OWNER),
    ("DELETE", "/drive/v3/files/{}", None, OWNER),
]


@pytest.fixture
def shared(ann: Http) -> Callable[[str, int], str]:
    """Makes a book of Ann's on which somebody has a role."""

    def make(email: str, role: int) -> str:
        book = ann.create("Roles")
        if role == OWNER:
            body = {"type": "user", "role": "owner", "emailAddress": email}
            ann.json("POST", f"/drive/v3/files/{book}/permissions?transferOwnership=true", body)
        elif role != NONE:
            ann.share(book, email, ROLES[role])
        return book

    return make


@pytest.mark.parametrize(("method", "path", "body", "least"), REQUESTS)
def test_each_role_may_do_what_it_says_and_no_more(
    bob: Http, shared: Callable[[str, int], str], method: str, path: str, body: Any, least: int
) -> None:
    for role in range(5):
        book = shared("bob@example.com", role)
        answer = bob.ask(method, path.format(book), body)
        if role >= least:
            assert answer.ok, (ROLES[role], answer.text)
            continue
        hidden = role == NONE and path.startswith("/drive")
        assert answer.status_code == (404 if hidden else 403), (ROLES[role], answer.text)
        error = answer.json()["error"]
        if path.startswith("/v4"):
            assert (error["status"], error["message"]) == (
                "PERMISSION_DENIED",
                "The caller does not have permission",
            )
        else:
            reason = "notFound" if hidden else "insufficientFilePermissions"
            assert error["errors"][0]["reason"] == reason


def test_fixed_token_is_an_owner_of_every_file(ann: Http, owner: Http) -> None:
    book = ann.create("Office")
    assert owner.ask("GET", f"/v4/spreadsheets/{book}").status_code == 200
    assert book in [file["id"] for file in owner.json("GET", "/drive/v3/files")["files"]]
    assert owner.ask("DELETE", f"/drive/v3/files/{book}").status_code == 204


def test_link_that_anyone_may_use_opens_but_is_not_found_by_search(ann: Http, bob: Http) -> None:
    book = ann.create("Linked")
    body = {"type": "anyone", "role": "reader"}
    line = ann.json("POST", f"/drive/v3/files/{book}/permissions?fields=*", body)
    assert (line["id"], line["allowFileDiscovery"]) == ("anyoneWithLink", False)
    assert bob.ask("GET", f"/v4/spreadsheets/{book}").status_code == 200
    assert book not in [file["id"] for file in bob.json("GET", "/drive/v3/files")["files"]]
    ann.json("DELETE", f"/drive/v3/files/{book}/permissions/anyoneWithLink")
    assert bob.ask("GET", f"/v4/spreadsheets/{book}").status_code == 403


def test_domain_permission_covers_its_addresses_only(
    ann: Http, bob: Http, person: Callable[[str], Http]
) -> None:
    book = ann.create("Domain")
    body = {"type": "domain", "role": "writer", "domain": "example.com"}
    ann.json("POST", f"/drive/v3/files/{book}/permissions", body)
    assert bob.ask("GET", f"/v4/spreadsheets/{book}").status_code == 200
    stranger = person("bob@sub.example.com")
    assert stranger.ask("GET", f"/v4/spreadsheets/{book}").status_code == 403


def test_permission_ends_with_its_time(ann: Http, bob: Http) -> None:
    book = ann.create("Until")
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    body = {
        "type": "user",
        "role": "reader",
        "emailAddress": "bob@example.com",
        "expirationTime": past,
    }
    line = ann.json("POST", f"/drive/v3/files/{book}/permissions", body)
    assert bob.ask("GET", f"/v4/spreadsheets/{book}").status_code == 403
    path = f"/drive/v3/files/{book}/permissions/{line['id']}?removeExpiration=true"
    ann.json("PATCH", path, {"role": "reader"})
    assert bob.ask("GET", f"/v4/spreadsheets/{book}").status_code == 200


def test_address_counts_in_any_case(ann: Http, bob: Http) -> None:
    book = ann.create("Case")
    ann.share(book, "BOB@Example.com", "reader")
    assert bob.ask("GET", f"/v4/spreadsheets/{book}").status_code == 200


def test_role_is_changed_in_its_place(ann: Http, bob: Http) -> None:
    book = ann.create("Change")
    line = ann.share(book, "bob@example.com", "writer")
    ann.json("PATCH", f"/drive/v3/files/{book}/permissions/{line}", {"role": "reader"})
    assert bob.ask("POST", f"/v4/spreadsheets/{book}/values/A1:clear", {}).status_code == 403
    fields = {"fields": "permissions(id,role)"}
    listed = ann.json("GET", f"/drive/v3/files/{book}/permissions", params=fields)["permissions"]
    assert [each["role"] for each in listed] == ["owner", "reader"]
    again = ann.share(book, "bob@example.com", "commenter")
    assert again == line


def test_everybody_may_leave_but_the_owner(ann: Http, bob: Http) -> None:
    book = ann.create("Leave")
    line = ann.share(book, "bob@example.com", "reader")
    assert bob.ask("DELETE", f"/drive/v3/files/{book}/permissions/{line}").status_code == 204
    assert bob.ask("GET", f"/drive/v3/files/{book}").status_code == 404
    own = ann.json("GET", f"/drive/v3/files/{book}/permissions")["permissions"][0]["id"]
    assert ann.ask("DELETE", f"/drive/v3/files/{book}/permissions/{own}").status_code == 403


def test_writers_share_unless_the_owner_forbids_it(ann: Http, bob: Http) -> None:
    book = ann.create("Sharing", writersCanShare=False)
    ann.share(book, "bob@example.com", "writer")
    body = {"type": "user", "role": "reader", "emailAddress": "eve@example.com"}
    refused = bob.ask("POST", f"/drive/v3/files/{book}/permissions", body)
    assert refused.status_code == 403
    ann.json("PATCH", f"/drive/v3/files/{book}", {"writersCanShare": True})
    assert bob.ask("POST", f"/drive/v3/files/{book}/permissions", body).status_code == 200


def test_readers_copy_unless_that_is_for_writers(ann: Http, bob: Http) -> None:
    book = ann.create("Copying", copyRequiresWriterPermission=True)
    ann.share(book, "bob@example.com", "reader")
    refused = bob.ask("POST", f"/drive/v3/files/{book}/copy", {})
    assert refused.json()["error"]["errors"][0]["reason"] == "cannotCopyFile"
    export = bob.ask("GET", f"/drive/v3/files/{book}/export", params={"mimeType": "text/csv"})
    assert export.status_code == 403


def test_ownership_passes_only_when_it_is_meant(ann: Http, bob: Http) -> None:
    book = ann.create("Hand over")
    body = {"type": "user", "role": "owner", "emailAddress": "bob@example.com"}
    path = f"/drive/v3/files/{book}/permissions"
    error = ann.ask("POST", path, body).json()["error"]
    assert (error["code"], error["errors"][0]["location"]) == (403, "transferOwnership")
    ann.json("POST", f"{path}?transferOwnership=true", body)
    fields = {"fields": "owners(emailAddress),ownedByMe,capabilities(canDelete)"}
    assert bob.json("GET", f"/drive/v3/files/{book}", params=fields) == {
        "owners": [{"emailAddress": "bob@example.com"}],
        "ownedByMe": True,
        "capabilities": {"canDelete": True},
    }
    assert ann.ask("DELETE", f"/drive/v3/files/{book}").status_code == 403
    assert ann.ask("POST", f"/v4/spreadsheets/{book}/values/A1:clear", {}).status_code == 200


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"role": "reader", "emailAddress": "x@example.com"}, "required"),
        ({"type": "user", "emailAddress": "x@example.com"}, "required"),
        ({"type": "user", "role": "reader"}, "badRequest"),
        ({"type": "user", "role": "reader", "emailAddress": "nobody"}, "invalidSharingRequest"),
        ({"type": "robot", "role": "reader"}, "badRequest"),
        ({"type": "user", "role": "king", "emailAddress": "x@example.com"}, "badRequest"),
        ({"type": "anyone", "role": "owner"}, "badRequest"),
        ({"type": 5, "role": "reader"}, "badRequest"),
    ],
)
def test_impossible_permission_is_refused(ann: Http, body: dict[str, Any], reason: str) -> None:
    answer = ann.ask("POST", f"/drive/v3/files/{ann.create()}/permissions", body)
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (400, reason)


def test_long_sharing_lists_come_in_pages(ann: Http) -> None:
    book = ann.create("Many")
    for number in range(4):
        ann.share(book, f"reader{number}@example.com", "reader")
    path, found, token = f"/drive/v3/files/{book}/permissions", [], ""
    while token is not None:
        answer = ann.json("GET", path, params={"pageSize": 2, "pageToken": token})
        found.append(len(answer["permissions"]))
        token = answer.get("nextPageToken")
    assert found == [2, 2, 1]


def test_shared_copy_to_needs_a_writer_of_the_destination(ann: Http, bob: Http) -> None:
    source, target = ann.create("Source"), ann.create("Target")
    ann.share(source, "bob@example.com", "reader")
    ann.share(target, "bob@example.com", "reader")
    path, body = f"/v4/spreadsheets/{source}/sheets/0:copyTo", {"destinationSpreadsheetId": target}
    assert bob.ask("POST", path, body).status_code == 403
    ann.share(target, "bob@example.com", "writer")
    assert bob.json("POST", path, body)["title"] == "Copy of Sheet1"
    versions = {"fields": "version,lastModifyingUser(emailAddress)"}
    assert bob.json("GET", f"/drive/v3/files/{target}", params=versions)["lastModifyingUser"] == {
        "emailAddress": "bob@example.com"
    }


def test_every_scope_of_sheets_reads_but_only_some_write(server: Any, ann: Http) -> None:
    book = ann.create("Scopes")
    root = "https://www.googleapis.com/auth/"
    for name, may_write in [
        ("spreadsheets", True),
        ("drive", True),
        ("drive.file", True),
        ("spreadsheets.readonly", False),
        ("drive.readonly", False),
    ]:
        token = server.token_for("ann@example.com", frozenset({root + name}))
        with closing(Http(server.url, token)) as client:
            assert client.ask("GET", f"/v4/spreadsheets/{book}").status_code == 200
            cleared = client.ask("POST", f"/v4/spreadsheets/{book}/values/A1:clear", {})
            assert (cleared.status_code == 200) is may_write, name
