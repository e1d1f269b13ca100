"""Workbooks that are gone or closed to us, and servers that do not answer as they should."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from crm_sync.sheet_server.faults import StaffAction
from crm_sync.sheet_server.server import SheetServer
from tests.cli.command import Crm, contents
from tests.cli.test_bad_config import LANGUAGES, assert_refused

SOME_ID = "1AbCdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture
def served(demo: Path) -> Iterator[SheetServer]:
    """The demonstration's workbook, served as `crm-sync serve` does."""
    with SheetServer(demo / "workbook.db", token="owner") as server:
        yield server


def spreadsheet_id(crm: Crm, config: Path) -> str:
    (run,) = crm("sync", "--json", "-c", config).json["workbooks"]
    return str(run["address"]).split("/d/")[1].split("/")[0]


def as_the_owner(server: SheetServer, method: str, path: str, body: object = None) -> Any:
    owner = "crm-sync@crm-sync-local.iam.gserviceaccount.com"
    return server.act(StaffAction(method, path, body, owner))


def another_spreadsheet(server: SheetServer) -> str:
    """The id of one that is shared with nobody."""
    made = {"name": "Theirs", "mimeType": "application/vnd.google-apps.spreadsheet"}
    return str(as_the_owner(server, "POST", "/drive/v3/files", made)["id"])


def deleted(server: SheetServer, identity: str) -> None:
    as_the_owner(server, "DELETE", f"/drive/v3/files/{identity}")


def put_into_the_bin(server: SheetServer, identity: str) -> None:
    as_the_owner(server, "PATCH", f"/drive/v3/files/{identity}", {"trashed": True})


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("lose", [deleted, put_into_the_bin])
def test_workbook_that_is_gone_is_told_and_nothing_is_archived(
    crm: Crm,
    config: Path,
    served: SheetServer,
    lose: Callable[[SheetServer, str], None],
    lang: str,
) -> None:
    lose(served, spreadsheet_id(crm, config))
    before = crm("report", "followups", "--json", "-c", config).out
    assert_refused(crm("sync", "-c", config, "--lang", lang), 5, "E-BOOK-GONE", lang)
    assert crm("report", "followups", "--json", "-c", config).out == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_file_with_the_workbook_that_is_gone_is_told_and_no_new_one_made(
    crm: Crm, config: Path, lang: str
) -> None:
    config.with_name("workbook.db").unlink()
    before = contents(config.parent)
    assert_refused(crm("sync", "-c", config, "--lang", lang), 5, "E-BOOK-GONE", lang)
    assert contents(config.parent) == before


def test_lost_key_of_a_local_workbook_is_made_anew(crm: Crm, config: Path) -> None:
    config.with_name("workbook-key.json").unlink()
    assert "nothing has changed" in crm("sync", "-c", config).out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_file_that_holds_no_workbooks_is_told_and_left_alone(
    crm: Crm, config: Path, lang: str
) -> None:
    config.with_name("workbook.db").write_text("hello")
    before = contents(config.parent)
    assert_refused(crm("sync", "-c", config, "--lang", lang), 5, "E-CONFIG", lang)
    assert contents(config.parent) == before


OTHER = """
[[workbooks]]
name = "other"
kind = "local"
url = "{url}"
id = "{identity}"
key = "other-key.json"

[requests]
connect_timeout = 1
read_timeout = 0.5
budget = 1
"""


def with_other(
    config: Path, url: str, identity: str = "1AbCdefghijklmnopqrstuvwxyz0123456789"
) -> None:
    """Adds a workbook at another server, and the key to it."""
    text = config.read_text(encoding="utf-8").partition("[requests]")[0]
    config.write_text(text + OTHER.format(url=url, identity=identity), encoding="utf-8")
    key = config.with_name("other-key.json")
    if not key.exists():
        key.write_bytes(config.with_name("workbook-key.json").read_bytes())
    key.chmod(0o600)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_workbook_that_is_not_shared_with_us_is_told_with_the_address_to_share_it_with(
    crm: Crm, config: Path, served: SheetServer, lang: str
) -> None:
    identity = another_spreadsheet(served)
    served.create_service_account(config.with_name("other-key.json"), "branch@example.com")
    with_other(config, served.url, identity)
    said = crm("sync", "other", "-c", config, "--lang", lang)
    assert_refused(said, 5, "E-BOOK-GONE", lang)
    assert "branch@example.com" in said.err


def test_workbook_that_we_may_only_read_is_told(
    crm: Crm, config: Path, served: SheetServer
) -> None:
    identity = another_spreadsheet(served)
    served.create_service_account(config.with_name("other-key.json"), "branch@example.com")
    as_the_owner(
        served,
        "POST",
        f"/drive/v3/files/{identity}/permissions",
        {"type": "user", "role": "reader", "emailAddress": "branch@example.com"},
    )
    with_other(config, served.url, identity)
    said = crm("sync", "other", "-c", config)
    assert_refused(said, 5, "E-SHARE")
    assert "branch@example.com" in said.err


def test_binding_to_another_file_than_before_is_told(crm: Crm, config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    changed = text.replace(
        'kind = "local"', 'kind = "local"\nid = "1AbCdefghijklmnopqrstuvwxyz0123456789"', 1
    )
    config.write_text(changed, encoding="utf-8")
    before = contents(config.parent)
    assert_refused(crm("sync", "-c", config), 5, "E-WRONG-BOOK")
    assert contents(config.parent) == before


@contextmanager
def something_that_answers(answer: bytes | None) -> Iterator[str]:
    """A server at a port of its own that answers every request alike, or (None) never."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            held = []
            while not done.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                if answer is None:
                    held.append(connection)
                    continue
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)
            for connection in held:
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            done.set()
            # Wakes the thread that waits for the next caller.
            socket.create_connection(listener.getsockname()).close()
            thread.join()


def answer(status: str, kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body


PAGE = b"<html><body>Please sign in to this Wi-Fi</body></html>"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "said_back",
    [
        pytest.param(None, id="nothing"),
        pytest.param(answer("200 OK", "text/html", PAGE), id="a page"),
        pytest.param(answer("502 Bad Gateway", "text/html", PAGE), id="a page of a gateway"),
        pytest.param(answer("200 OK", "application/json", b"[1, 2"), id="half an answer"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="another protocol"),
    ],
)
def test_server_that_does_not_answer_as_it_should_is_told(
    crm: Crm, config: Path, said_back: bytes | None, lang: str
) -> None:
    with something_that_answers(said_back) as url:
        with_other(config, url)
        before = contents(config.parent)
        said = crm("sync", "other", "-c", config, "--lang", lang)
        assert_refused(said, 4, "E-UNREACHABLE", lang)
        assert contents(config.parent) == before


def test_server_that_is_not_there_is_told_without_a_word_from_the_libraries(
    crm: Crm, config: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with_other(config, f"http://127.0.0.1:{port}")
    said = crm("sync", "other", "-c", config)
    assert_refused(said, 4, "E-UNREACHABLE")
    assert said.err.count("\n") == 2


def test_one_workbook_that_fails_does_not_hold_up_the_others(crm: Crm, config: Path) -> None:
    with something_that_answers(answer("200 OK", "text/html", PAGE)) as url:
        with_other(config, url)
        said = crm("sync", "other", "office", "-c", config)
        assert (said.code, said.kind) == (4, "E-UNREACHABLE")
        assert said.err.startswith("E-UNREACHABLE other: ")
        assert "office: nothing has changed" in said.out
        runs = crm("sync", "--json", "-c", config).json["workbooks"]
    assert [(run["workbook"], run["outcome"]) for run in runs] == [
        ("office", "unchanged"),
        ("other", "failed"),
    ]
    assert runs[1]["error"]["code"] == "E-UNREACHABLE"
