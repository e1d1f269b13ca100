"""What goes wrong on the way is said in words, with what to do, and says nothing it should not."""

import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import stamina
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crm_sync.core.batch import Put
from crm_sync.errors import (
    AccessError,
    KeyFileError,
    QuotaExhausted,
    ShapeError,
    Unreachable,
    UserError,
    WorkbookGone,
)
from crm_sync.sheet_server.faults import FaultKind
from crm_sync.sheet_server.server import SheetServer
from crm_sync.workbooks import Connection, GoogleWorkbook, GoogleWorkbooks, SheetsClient, load_key
from crm_sync.workbooks.transport import NotGoogle, open_session
from tests.contract.sheet_server.local_client import Http
from tests.contract.workbooks.conftest import OWNER_TOKEN, Office


def client_of(office: Office) -> SheetsClient:
    return office.workbook._client


def opened(office: Office, **changes: Any) -> GoogleWorkbook:
    """The same workbook behind another connection."""
    connection = replace(client_of(office).connection, **changes)
    workbooks = GoogleWorkbooks({"office": connection})
    return workbooks.open("office", office.workbook.spreadsheet_id)


def said(error: UserError) -> str:
    """Message and hint as a person reads them."""
    return f"{error} {error.hint.format(**error.facts)}"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": FaultKind.STATUS, "status": 503},
        {"kind": FaultKind.STATUS, "status": 500},
        {"kind": FaultKind.STATUS, "status": 429},
        {"kind": FaultKind.STATUS, "status": 408},
        {"kind": FaultKind.HTML, "status": 502},
        {"kind": FaultKind.CUT},
        {"kind": FaultKind.TRUNCATE},
        {"kind": FaultKind.EMPTY},
    ],
    ids=str,
)
def test_read_outlives_faults_that_pass(office: Office, fault: dict[str, Any]) -> None:
    office.server.fault(path="batchGetByDataFilter$", times=4, **fault)
    made = office.workbook.requests_made
    assert len(office.rows()) == 4
    assert office.workbook.requests_made == made + 5


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ({"kind": FaultKind.STATUS, "status": 503}, Unreachable, "fault of its own (HTTP 503)"),
        ({"kind": FaultKind.HTML, "status": 502}, Unreachable, "fault of its own (HTTP 502)"),
        ({"kind": FaultKind.CUT}, Unreachable, "cut short"),
        ({"kind": FaultKind.TRUNCATE}, Unreachable, "cut short"),
        ({"kind": FaultKind.EMPTY}, Unreachable, "cannot be read"),
        ({"kind": FaultKind.STATUS, "status": 429}, QuotaExhausted, "asks for a pause"),
    ],
    ids=str,
)
def test_read_gives_up_after_five_tries(
    office: Office, fault: dict[str, Any], error: type[UserError], words: str
) -> None:
    office.server.fault(path="batchGetByDataFilter$", times=None, **fault)
    made = office.workbook.requests_made
    with pytest.raises(error) as caught:
        office.rows()
    assert words in said(caught.value)
    assert office.workbook.requests_made == made + 5


def test_run_that_has_waited_long_enough_stops_waiting(office: Office) -> None:
    office.server.fault(FaultKind.STATUS, path="/spreadsheets/", status=429, times=None)
    workbook = opened(office, budget_seconds=5)
    with pytest.raises(QuotaExhausted):
        workbook.outline()
    assert workbook.requests_made <= 2
    with pytest.raises(QuotaExhausted):
        workbook.outline()
    assert workbook.requests_made <= 3


def test_page_of_the_network_in_place_of_google_is_said_at_once(office: Office) -> None:
    office.server.fault(FaultKind.HTML, path="batchGetByDataFilter$", status=200, times=None)
    made = office.workbook.requests_made
    with pytest.raises(Unreachable, match="Something else"):
        office.rows()
    assert office.workbook.requests_made == made + 1


def test_redirect_is_not_followed_and_no_token_leaves(office: Office) -> None:
    with answering() as (url, seen):
        office.server.fault(FaultKind.REDIRECT, path="batchGetByDataFilter$", location=f"{url}/x")
        with pytest.raises(Unreachable, match="Something else"):
            office.rows()
    assert seen == []


@contextmanager
def answering(
    wrap: Callable[[HTTPServer], None] = lambda server: None,
) -> Iterator[tuple[str, list[str]]]:
    """A server that answers everything with a page; gives its address and the paths asked."""
    seen: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>Sign in</html>")

        do_POST = do_GET  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    wrap(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_address_where_something_else_listens_is_said(office: Office) -> None:
    with answering() as (url, _):
        for key in (OWNER_TOKEN, client_of(office).connection.key):
            workbook = opened(office, base_url=url, key=key)
            with pytest.raises(Unreachable, match="Something else") as caught:
                workbook.probe()
            assert url in said(caught.value)
        with pytest.raises(Unreachable):
            workbook.swap(office.batch(1, puts=(Put(1, 1, "x"),)))


def test_server_that_is_not_there_is_said_with_its_address(office: Office) -> None:
    url = "http://127.0.0.1:9"
    workbook = opened(office, base_url=url, key="token")
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9 cannot be reached") as caught:
        workbook.probe()
    assert url in caught.value.hint.format(**caught.value.facts)
    with pytest.raises(Unreachable):
        workbook.swap(office.batch(1, puts=(Put(1, 1, "x"),)))


def test_sign_in_that_cannot_reach_the_server_is_said_alike(office: Office) -> None:
    workbook = opened(office, base_url="http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="cannot be reached"):
        workbook.probe()
    with pytest.raises(Unreachable, match="cannot be reached"):
        workbook.swap(office.batch(1, puts=(Put(1, 1, "x"),)))


def test_certificate_that_nobody_vouches_for_is_refused(office: Office, tmp_path: Path) -> None:
    def wrap(server: HTTPServer) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(tmp_path))
        server.socket = context.wrap_socket(server.socket, server_side=True)

    with answering(wrap) as (url, seen):
        workbook = opened(office, base_url=url.replace("http:", "https:"), key="token")
        with pytest.raises(Unreachable, match="is not safe"):
            workbook.probe()
    assert seen == []


def certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_answer_that_does_not_come_is_waited_for_no_longer_than_said(office: Office) -> None:
    office.server.fault(FaultKind.SLOW, path="/drive/v3/files/", delay=0.4, times=None)
    with pytest.raises(Unreachable, match="did not answer in time"):
        opened(office, read_seconds=0.05, key=OWNER_TOKEN).probe()


def test_answer_that_drips_is_not_waited_for(office: Office) -> None:
    office.server.fault(FaultKind.DRIP, path="/drive/v3/files/", delay=0.02, times=None)
    with pytest.raises(Unreachable, match="cut short"):
        opened(office, answer_seconds=0.1, key=OWNER_TOKEN).probe()


@pytest.mark.parametrize("role", ["reader", None])
def test_account_without_the_right_to_write_is_told_whom_to_share_with(
    office: Office, server: SheetServer, tmp_path: Path, role: str | None
) -> None:
    path = tmp_path / "other.json"
    account = server.create_service_account(path, f"other-{role}@x.iam.gserviceaccount.com")
    if role:
        http = Http(server.url, OWNER_TOKEN)
        http.share(office.workbook.spreadsheet_id, account, role)
        http.close()
    workbook = opened(office, key=load_key(path))
    with pytest.raises(AccessError) as caught:
        workbook.swap(office.batch(1, puts=(Put(1, 1, "x"),)))
    assert account in said(caught.value)
    assert caught.value.exit_code == 5


def test_workbook_that_is_not_there_is_never_read_as_empty(office: Office) -> None:
    workbooks = GoogleWorkbooks({"office": client_of(office).connection})
    workbook = workbooks.open("office", "1" * 44)
    for ask in (workbook.probe, workbook.outline, lambda: workbook.read([0])):
        with pytest.raises(WorkbookGone) as caught:
            ask()
        assert client_of(office).connection.account in said(caught.value)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("SERVICE_DISABLED", "switched off"),
        ("storageQuotaExceeded", "own no files"),
    ],
)
def test_reason_of_a_refusal_is_told_apart(office: Office, reason: str, words: str) -> None:
    office.server.fault(
        FaultKind.STATUS, path="/spreadsheets/", status=403, reason=reason, times=None
    )
    with pytest.raises(AccessError) as caught:
        office.workbook.outline()
    assert words in said(caught.value)


@pytest.mark.parametrize("status", [502, 503])
def test_sign_in_outlives_a_gateway_that_is_down_for_a_moment(office: Office, status: int) -> None:
    office.server.fault(FaultKind.HTML, path="/token", status=status, times=4)
    assert opened(office).probe() > 0


def test_sign_in_at_a_page_of_the_network_is_no_write(office: Office) -> None:
    office.server.fault(FaultKind.HTML, path="/token", status=200, times=None)
    with pytest.raises(Unreachable, match="Something else"):
        opened(office).swap(office.batch(1, puts=(Put(1, 1, "x"),)))


def test_sign_in_that_reaches_too_short_is_told(office: Office, server: SheetServer) -> None:
    narrow = frozenset({"https://www.googleapis.com/auth/drive.metadata.readonly"})
    workbook = opened(office, key=server.token_for("owner@crm-sync.localhost", narrow))
    with pytest.raises(AccessError, match="does not reach far enough") as caught:
        workbook.outline()
    assert "spreadsheets, drive.metadata.readonly" in said(caught.value)


@pytest.mark.parametrize("reason", ["userRateLimitExceeded", "rateLimitExceeded"])
def test_drive_asks_for_a_pause_by_403(office: Office, reason: str) -> None:
    office.server.fault(
        FaultKind.STATUS, path="/drive/v3/files/", status=403, reason=reason, times=4
    )
    assert office.workbook.probe() > 0


def test_token_that_is_not_known_is_refused(office: Office) -> None:
    with pytest.raises(AccessError, match="does not accept the sign-in"):
        opened(office, key="not-a-token").probe()


@pytest.mark.parametrize("what", ["key", "account"])
def test_key_that_was_revoked_is_told_by_its_number(
    office: Office, server: SheetServer, tmp_path: Path, what: str
) -> None:
    path = tmp_path / "revoked.json"
    account = server.create_service_account(path, f"{what}@x.iam.gserviceaccount.com")
    key = load_key(path)
    server.in_worker(
        lambda desk: (
            desk.office.accounts.disable_key(key["private_key_id"])
            if what == "key"
            else desk.office.accounts.disable_account(account)
        )
    )
    with pytest.raises(KeyFileError) as caught:
        opened(office, key=key).probe()
    assert account in said(caught.value)
    assert ("deleted or disabled" if what == "account" else key["private_key_id"][:8]) in said(
        caught.value
    )


@pytest.mark.parametrize(("minutes", "words"), [(90, "90 minutes slow"), (-90, "90 minutes fast")])
def test_wrong_clock_is_told_from_a_wrong_key(tmp_path: Path, minutes: int, words: str) -> None:
    def elsewhere() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=minutes)

    with SheetServer(tmp_path / "office.sheets", clock=elsewhere) as server:
        server.create_service_account(tmp_path / "key.json")
        connection = Connection(load_key(tmp_path / "key.json"), server.url)
        workbook = GoogleWorkbooks({"a": connection}).open("a", "x" * 44)
        with pytest.raises(KeyFileError, match=words):
            workbook.probe()


def test_uploaded_excel_file_is_no_workbook(office: Office) -> None:
    http = Http(office.server.url, OWNER_TOKEN)
    file_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    file_id = http.create("Clients.xlsx", mimeType=file_type)
    http.close()
    workbooks = GoogleWorkbooks({"a": Connection(OWNER_TOKEN, office.server.url)})
    workbook = workbooks.open("a", file_id)
    with pytest.raises(ShapeError, match="Excel file"):
        workbook.probe()


def test_refusal_does_not_repeat_what_stood_in_cells(office: Office) -> None:
    with pytest.raises(ShapeError) as caught:
        office.swap(1, puts=(Put(1, 1, "x" * 50_001),))
    assert "x" * 20 not in said(caught.value)


def test_only_known_hosts_are_spoken_to() -> None:
    session, _ = open_session(Connection("secret", None))
    for url in (
        "https://sheets.googleapis.com.example.com/v4",
        "https://example.com/v4",
        "http://sheets.googleapis.com/v4",
    ):
        with pytest.raises(NotGoogle):
            session.get(url)


def test_local_server_is_the_only_host_beside_those_that_stand_for_google(office: Office) -> None:
    for url in ("http://127.0.0.1:9/v4", "https://example.com/v4"):
        with pytest.raises(NotGoogle):
            client_of(office).session.get(url)


def test_key_of_a_local_server_is_not_shown_to_google(office: Office) -> None:
    with pytest.raises(KeyFileError, match="was made by a local server"):
        opened(office, base_url=None)


def test_environment_does_not_lead_requests_elsewhere(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert opened(office).probe() > 0


def test_plain_gspread_on_our_client_works_and_raises_our_errors(office: Office) -> None:
    import gspread

    plain = gspread.Client(
        client_of(office).auth, session=client_of(office).session, http_client=mapped(office)
    )
    book = plain.open_by_key(office.workbook.spreadsheet_id)
    assert book.sheet1.acell("B2").value == "Anna"
    book.sheet1.update([["Anya"]], "B2")
    assert office.rows()[1][1] == "Anya"
    with pytest.raises(ShapeError):
        book.values_get("Nowhere!A1")


def mapped(office: Office) -> Any:
    """gspread asks for a class and makes the client by itself."""
    return lambda auth, session: SheetsClient(client_of(office).connection)


def test_nothing_personal_or_secret_is_logged(
    office: Office, key: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    workbook = opened(office)
    office.server.fault(FaultKind.STATUS, path="batchGetByDataFilter$", status=503, times=2)
    workbook.read([0])
    workbook.swap(office.batch(1, puts=(Put(1, 1, "Very Private"),)))
    office.server.fault(FaultKind.HTML, path="batchGetByDataFilter$", status=502, times=None)
    with pytest.raises(Unreachable):
        workbook.read([0])
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    token = client_of(office).session.headers.get("Authorization", "")
    assert "retry_scheduled" in logged
    for secret in ("Very Private", "Anna", "+7916", "<html", "assertion", "ya29.", str(token)):
        assert secret == "" or secret not in logged
    assert key["private_key"].splitlines()[1] not in logged


def test_waiting_is_real_outside_of_tests(office: Office) -> None:
    office.server.fault(FaultKind.STATUS, path="/drive/v3/files/", status=503)
    stamina.set_testing(False)
    started = datetime.now(UTC)
    office.workbook.probe()
    assert datetime.now(UTC) - started > timedelta(seconds=0.3)


def test_errors_have_the_foreign_one_as_their_cause(office: Office) -> None:
    office.server.fault(FaultKind.CUT, path="/drive/v3/files/", times=None)
    with pytest.raises(Unreachable) as caught:
        office.workbook.probe()
    assert isinstance(caught.value.__cause__, requests.RequestException)
