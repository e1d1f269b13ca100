"""Faults on demand: each kind, as a real client sees it, and what is on disk afterwards."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gspread
import pytest
import requests

from crm_sync.sheet_server.faults import FaultKind, StaffAction, When
from tests.contract.sheet_server.local_client import Http, gspread_by_token

RAW = {"valueInputOption": "RAW"}


@pytest.fixture(autouse=True)
def clean(server: Any) -> Iterator[None]:
    yield
    server.clear_faults()
    server.limit()
    server.check_staff()


class Book:
    """A book with a helper to write and read its first cell."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.id = http.create("Faults")
        self.path = f"/v4/spreadsheets/{self.id}"

    def write(self, value: Any) -> requests.Response:
        return self.http.ask("PUT", f"{self.path}/values/A1", {"values": [[value]]}, params=RAW)

    def ask(self) -> requests.Response:
        return self.http.ask("GET", f"{self.path}/values/A1")

    def read(self) -> Any:
        values = self.ask().json().get("values")
        return None if values is None else values[0][0]

    def version(self) -> int:
        fields = {"fields": "version"}
        return int(self.http.json("GET", f"/drive/v3/files/{self.id}", params=fields)["version"])


@pytest.fixture
def book(ann: Http) -> Book:
    return Book(ann)


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (429, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL"),
        (503, "UNAVAILABLE"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (504, "DEADLINE_EXCEEDED"),
    ],
)
@pytest.mark.parametrize("when", list(When))
def test_error_status_comes_before_or_after_the_work(
    server: Any, book: Book, status: int, name: str, when: When
) -> None:
    server.fault(FaultKind.STATUS, method="PUT", status=status, when=when)
    answer = book.write("new")
    assert answer.status_code == status
    assert (answer.json()["error"]["code"], answer.json()["error"]["status"]) == (status, name)
    assert book.read() == ("new" if when is When.AFTER else None)
    assert book.write("next").status_code == 200


def test_quota_answer_names_the_limit_that_was_hit(server: Any, book: Book) -> None:
    server.fault(FaultKind.STATUS, path="/values/", status=429, times=2)
    write, read = book.write("x").json()["error"], book.ask().json()["error"]
    assert write["message"].startswith(
        "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per"
        " user' of service 'sheets.googleapis.com' for consumer 'project_number:"
    )
    details = read["details"][0]
    assert details["reason"] == "RATE_LIMIT_EXCEEDED"
    assert details["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
    assert details["metadata"]["quota_metric"] == "sheets.googleapis.com/read_requests"


@pytest.mark.parametrize(
    ("status", "reason", "domain"),
    [
        (403, "userRateLimitExceeded", "usageLimits"),
        (429, "rateLimitExceeded", "usageLimits"),
        (500, "internalError", "global"),
        (503, "backendError", "global"),
    ],
)
def test_drive_fails_in_its_own_shape(
    server: Any, ann: Http, status: int, reason: str, domain: str
) -> None:
    server.fault(FaultKind.STATUS, path="/drive/v3/files", status=status)
    error = ann.ask("GET", "/drive/v3/files").json()["error"]
    assert (error["code"], error["errors"][0]["reason"], error["errors"][0]["domain"]) == (
        status,
        reason,
        domain,
    )


def test_special_refusals_bear_google_s_reasons(server: Any, book: Book) -> None:
    server.fault(FaultKind.STATUS, method="GET", path="/v4/", status=403, reason="SERVICE_DISABLED")
    disabled = book.ask().json()["error"]
    assert disabled["details"][0]["reason"] == "SERVICE_DISABLED"
    assert "it is disabled. Enable it by visiting" in disabled["message"]
    server.fault(
        FaultKind.STATUS,
        method="POST",
        path="/drive/v3/files$",
        status=403,
        reason="storageQuotaExceeded",
    )
    full = book.http.ask("POST", "/drive/v3/files", {"name": "x"}).json()["error"]
    assert full["errors"][0]["reason"] == "storageQuotaExceeded"
    assert full["errors"][0]["domain"] == "usageLimits"


@pytest.mark.parametrize("status", [200, 408, 502])
def test_html_page_comes_with_its_status(server: Any, book: Book, status: int) -> None:
    server.fault(FaultKind.HTML, path="/values/", status=status)
    answer = book.ask()
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_gspread_has_no_code_for_an_html_error(server: Any, book: Book) -> None:
    client = gspread_by_token(server.url, server.token_for("ann@example.com"))
    server.fault(FaultKind.HTML, path=book.id, status=502)
    with pytest.raises(gspread.exceptions.APIError) as caught:
        client.open_by_key(book.id)
    client.http_client.session.close()
    assert (caught.value.code, caught.value.response.status_code) == (-1, 502)


@pytest.mark.parametrize(("when", "written"), [(When.BEFORE, None), (When.AFTER, "new")])
def test_connection_is_cut_before_or_after_the_commit(
    server: Any, book: Book, when: When, written: str | None
) -> None:
    server.fault(FaultKind.CUT, method="PUT", when=when)
    with pytest.raises(requests.ConnectionError):
        book.write("new")
    assert book.read() == written
    assert [seen.status for seen in server.requests if seen.method == "PUT"][-1] == 0


def test_late_write_arrives_after_the_client_gave_it_up(server: Any, book: Book) -> None:
    server.fault(FaultKind.LATE, method="PUT", lag=3)
    with pytest.raises(requests.ConnectionError):
        book.write("late")
    assert book.read() is None
    assert book.write("again").status_code == 200
    assert [book.read(), book.read()] == ["late", "late"]


@pytest.mark.parametrize("keep", [None, 1, 30])
def test_truncated_body_breaks_off_in_the_middle(server: Any, book: Book, keep: int | None) -> None:
    server.fault(FaultKind.TRUNCATE, path="/values/", keep=keep)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        book.ask()
    assert book.ask().status_code == 200


def test_truncated_write_was_committed(server: Any, book: Book) -> None:
    server.fault(FaultKind.TRUNCATE, method="PUT")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        book.write("new")
    assert book.read() == "new"


def test_slow_answer_runs_into_the_client_s_timeout(server: Any, book: Book) -> None:
    server.fault(FaultKind.SLOW, method="PUT", delay=5)
    url = f"{server.url}{book.path}/values/A1"
    begun = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        book.http.session.put(url, json={"values": [["new"]]}, params=RAW, timeout=0.2)
    assert time.monotonic() - begun < 2
    assert book.read() == "new"


def test_slow_answer_holds_nobody_else_up(server: Any, book: Book) -> None:
    server.fault(FaultKind.SLOW, path="/values/", delay=0.2)
    begun = time.monotonic()
    assert book.ask().status_code == 200
    assert time.monotonic() - begun >= 0.2


def test_drip_sends_one_byte_at_a_time(server: Any, book: Book) -> None:
    server.fault(FaultKind.DRIP, path="/values/", delay=0.003)
    begun = time.monotonic()
    answer = book.ask()
    assert answer.json() == {"range": "Sheet1!A1", "majorDimension": "ROWS"}
    assert time.monotonic() - begun >= 0.003 * len(answer.content)


def test_empty_answer_is_a_success_without_values(server: Any, book: Book) -> None:
    book.write("x")
    server.fault(FaultKind.EMPTY, path="/values/")
    answer = book.ask()
    assert (answer.status_code, answer.json()) == (200, {})


def test_short_answer_lacks_its_last_rows(server: Any, book: Book) -> None:
    rows = {"values": [[number] for number in range(10)]}
    book.http.json("PUT", f"{book.path}/values/A1", rows, params=RAW)
    server.fault(FaultKind.SHORT, path="/values/", keep=7)
    short = book.http.json("GET", f"{book.path}/values/A1:A10")
    assert (short["range"], len(short["values"])) == ("Sheet1!A1:A10", 7)


def test_redirect_leads_away(server: Any, book: Book) -> None:
    server.fault(FaultKind.REDIRECT, path="/values/", location="http://127.0.0.1:9/steal")
    answer = book.ask()
    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.1:9/steal")


def test_stale_version_hides_the_last_change(server: Any, book: Book) -> None:
    before = book.version()
    book.write("x")
    server.fault(FaultKind.STALE_VERSION, path="/drive/v3/files")
    assert book.version() == before
    assert book.version() == before + 1


def test_stale_read_shows_the_book_before_its_last_change(server: Any, book: Book) -> None:
    book.write("old")
    book.write("new")
    server.fault(FaultKind.STALE_READ, method="GET", path="/values", times=2)
    assert [book.read(), book.read(), book.read()] == ["old", "old", "new"]


def test_dropped_write_answers_as_if_it_had_happened(server: Any, book: Book) -> None:
    book.write("old")
    version = book.version()
    server.fault(FaultKind.DROP_WRITE, method="PUT")
    answer = book.write("new")
    assert (answer.status_code, answer.json()["updatedCells"]) == (200, 1)
    assert (book.read(), book.version()) == ("old", version)
    request = {"addSheet": {"properties": {"title": "Lost"}}}
    server.fault(FaultKind.DROP_WRITE, method="POST")
    done = book.http.json("POST", f"{book.path}:batchUpdate", {"requests": [request]})
    assert done["replies"][0]["addSheet"]["properties"]["title"] == "Lost"
    assert len(book.http.json("GET", book.path)["sheets"]) == 1


def test_permission_is_revoked_in_that_moment(server: Any, ann: Http, bob: Http) -> None:
    shared = Book(ann)
    ann.share(shared.id, "bob@example.com", "writer")
    server.fault(FaultKind.REVOKE, method="PUT")
    assert bob.ask("GET", shared.path).status_code == 200
    cell = f"{shared.path}/values/A1"
    assert bob.ask("PUT", cell, {"values": [[1]]}, params=RAW).status_code == 403
    assert bob.ask("GET", shared.path).status_code == 403
    assert ann.ask("GET", shared.path).status_code == 200


def test_owner_can_lose_the_file_too(server: Any, book: Book, owner: Http) -> None:
    server.fault(FaultKind.REVOKE, method="PUT")
    assert book.write("x").status_code == 403
    whole = owner.json("GET", f"/drive/v3/files/{book.id}", params={"fields": "ownedByMe"})
    assert whole == {"ownedByMe": True}


def test_file_is_trashed_in_that_moment(server: Any, book: Book) -> None:
    server.fault(FaultKind.TRASH, path="/drive/v3/files", nth=2)
    fields = {"fields": "trashed"}
    path = f"/drive/v3/files/{book.id}"
    assert book.http.json("GET", path, params=fields) == {"trashed": False}
    assert book.http.json("GET", path, params=fields) == {"trashed": True}


def test_fault_waits_for_its_request_and_then_holds_as_long_as_told(
    server: Any, book: Book
) -> None:
    server.fault(FaultKind.STATUS, method="GET", path="/values/", nth=2, times=2)
    assert book.write("x").status_code == 200
    assert [book.ask().status_code for _ in range(5)] == [200, 503, 503, 200, 200]


def test_fault_without_end_holds_until_it_is_taken_back(server: Any, book: Book) -> None:
    number = server.fault(FaultKind.STATUS, path="/values/", times=None)
    assert {book.ask().status_code for _ in range(20)} == {503}
    server.clear_fault(number)
    assert book.ask().status_code == 200


def test_token_endpoint_can_fail_as_well(server: Any, tmp_path: Path) -> None:
    server.fault(FaultKind.HTML, path="^/token$", status=502)
    answer = requests.post(f"{server.url}/token", data={}, timeout=5)
    assert (answer.status_code, answer.headers["content-type"][:9]) == (502, "text/html")
    server.fault(FaultKind.STATUS, path="^/token$", status=503)
    assert requests.post(f"{server.url}/token", data={}, timeout=5).status_code == 503


def staff_writes(book: Book, cell: str, value: str) -> StaffAction:
    return StaffAction(
        "PUT",
        f"{book.path}/values/{cell}",
        {"values": [[value]]},
        "ann@example.com",
        {"valueInputOption": ("RAW",)},
    )


def test_staff_act_before_and_after_a_request(server: Any, book: Book) -> None:
    server.before(staff_writes(book, "A1", "early"), method="GET", path="/values/")
    server.after(staff_writes(book, "A1", "late"), method="GET", path="/values/")
    server.forget_requests()
    assert [book.read(), book.read()] == ["early", "late"]
    assert len(server.requests) == 2


def test_staff_action_is_done_as_the_person_named(server: Any, ann: Http, bob: Http) -> None:
    shared = Book(ann)
    ann.share(shared.id, "bob@example.com", "writer")
    action = StaffAction(
        "POST",
        f"{shared.path}:batchUpdate",
        {"requests": [{"addSheet": {"properties": {"title": "Вкладка"}}}]},
        "bob@example.com",
    )
    reply = server.act(action)["replies"][0]
    assert reply["addSheet"]["properties"]["title"] == "Вкладка"
    fields = {"fields": "lastModifyingUser(emailAddress)"}
    assert ann.json("GET", f"/drive/v3/files/{shared.id}", params=fields) == {
        "lastModifyingUser": {"emailAddress": "bob@example.com"}
    }


def test_refused_staff_action_is_not_passed_over(server: Any, book: Book) -> None:
    from crm_sync.sheet_server.server import StaffActionFailed

    bad = StaffAction("POST", f"{book.path}:batchUpdate", {"requests": []}, "ann@example.com")
    with pytest.raises(StaffActionFailed, match="400"):
        server.act(bad)
    server.before(bad, path="/values/")
    book.ask()
    with pytest.raises(StaffActionFailed):
        server.check_staff()
    server.forget_staff()


def test_something_of_the_test_s_own_runs_at_that_moment(server: Any, book: Book) -> None:
    happened: list[str] = []
    server.fault(FaultKind.STAFF, path="/values/", run=lambda: happened.append("now"))
    book.ask()
    book.ask()
    assert happened == ["now"]


def test_quota_of_a_minute_is_kept_per_user_and_kind(tmp_path: Path) -> None:
    from crm_sync.sheet_server.server import SheetServer

    moment = [datetime(2024, 5, 1, 12, 0, 30, tzinfo=UTC)]
    with SheetServer(tmp_path / "q.sheets", clock=lambda: moment[0]) as server:
        ann = Http(server.url, server.token_for("ann@example.com"))
        bob = Http(server.url, server.token_for("bob@example.com"))
        book = Book(ann)
        ann.share(book.id, "bob@example.com", "reader")
        server.limit(per_user=2)
        assert [book.ask().status_code for _ in range(3)] == [200, 200, 429]
        assert book.write("x").status_code == 200
        assert bob.ask("GET", book.path).status_code == 200
        assert ann.ask("GET", "/drive/v3/files").status_code == 200
        moment[0] += timedelta(seconds=30)
        assert book.ask().status_code == 200
        server.limit(per_user=60, per_project=1)
        assert [book.ask().status_code, bob.ask("GET", book.path).status_code] == [429, 429]
        ann.close()
        bob.close()
