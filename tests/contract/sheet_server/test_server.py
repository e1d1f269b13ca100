"""Starting, stopping, and one server to a data file."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from crm_sync.sheet_server.accounts import create_service_account
from crm_sync.sheet_server.server import DataFileBusy, SheetServer, running_url
from tests.contract.sheet_server.local_client import Http

ROOT = Path(__file__).parents[3]
FOREGROUND = """
import sys
from pathlib import Path
from crm_sync.sheet_server.server import SheetServer
server = SheetServer(Path(sys.argv[1]), token="t")
server.serve_forever(lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "office.sheets"


@contextmanager
def foreground(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its url."""
    process = subprocess.Popen(
        [sys.executable, "-c", FOREGROUND, str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def test_files_are_private_and_say_where_the_server_is(data: Path) -> None:
    with SheetServer(data) as server:
        note = data.with_name("office.sheets.serving")
        content = json.loads(note.read_text())
        assert (content["url"], content["pid"]) == (server.url, os.getpid())
        assert content["admin_token"] == server.admin_token
        with closing(Http(server.url, server.token_for("ann@example.com"))) as ann:
            ann.create()
        for path in (data, note, Path(f"{data}.lock"), Path(f"{data}.last")):
            assert path.stat().st_mode & 0o777 == 0o600, path
        assert running_url(data) == server.url
    assert not note.exists()
    assert running_url(data) is None


def test_only_loopback_is_listened_on(data: Path) -> None:
    with SheetServer(data) as server:
        assert server.url.startswith("http://127.0.0.1:")


def test_second_server_on_a_data_file_is_told_who_has_it(data: Path) -> None:
    with SheetServer(data) as server:
        with pytest.raises(DataFileBusy, match="is already served at http://127") as caught:
            SheetServer(data).start()
        assert caught.value.url == server.url
        with closing(Http(server.url, server.token_for("ann@example.com"))) as ann:
            assert ann.create()
    with SheetServer(data):
        pass


def test_what_was_acknowledged_is_there_after_a_restart(data: Path) -> None:
    with SheetServer(data, token="t") as server, closing(Http(server.url, "t")) as http:
        book = http.create("Kept")
        http.json(
            "PUT",
            f"/v4/spreadsheets/{book}/values/A1?valueInputOption=RAW",
            {"values": [["kept"]]},
        )
        http.share(book, "bob@example.com", "reader")
        fields = {"fields": "*"}
        before = http.json("GET", f"/drive/v3/files/{book}", params=fields)
    with SheetServer(data, token="t") as server, closing(Http(server.url, "t")) as http:
        assert http.json("GET", f"/drive/v3/files/{book}", params=fields) == before
        values = http.json("GET", f"/v4/spreadsheets/{book}/values/A1")["values"]
        assert values == [["kept"]]
        assert before["permissions"][1]["emailAddress"] == "bob@example.com"


def test_data_file_that_is_put_back_gives_no_version_and_no_page_token_again(data: Path) -> None:
    kept = data.with_name("copy.sheets")
    versions, tokens = set(), set()
    for turn in range(3):
        with SheetServer(data, token="t") as server, closing(Http(server.url, "t")) as http:
            book = http.json("GET", "/drive/v3/files")["files"][0]["id"] if turn else http.create()
            for value in range(3):
                drive = f"/drive/v3/files/{book}?fields=version"
                versions.add(http.json("GET", drive)["version"])
                start = http.json("GET", "/drive/v3/changes/startPageToken")["startPageToken"]
                tokens.add(start)
                cell = f"/v4/spreadsheets/{book}/values/A1?valueInputOption=RAW"
                http.json("PUT", cell, {"values": [[f"{turn} {value}"]]})
                told = http.json("GET", f"/drive/v3/changes?pageToken={start}")["changes"]
                assert [each["fileId"] for each in told] == [book]
        if not turn:
            shutil.copy(data, kept)
        shutil.copy(kept, data)
    assert (len(versions), len(tokens)) == (9, 9)


def test_stopped_server_can_start_again(data: Path) -> None:
    server = SheetServer(data, token="t")
    for _ in range(2):
        server.start()
        with closing(Http(server.url, "t")) as http:
            assert http.ask("GET", "/drive/v3/files").status_code == 200
        server.stop()
        server.stop()
        with pytest.raises(RuntimeError, match="not running"):
            _ = server.url


def test_port_that_is_taken_is_an_error_and_leaves_nothing_locked(data: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            SheetServer(data, port=other.getsockname()[1]).start()
    with SheetServer(data) as server:
        assert running_url(data) == server.url


def test_given_port_is_used(data: Path) -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with SheetServer(data, port=port) as server:
        assert server.url == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_a_foreground_server_cleanly(data: Path, number: int) -> None:
    with foreground(data) as (process, url):
        assert running_url(data) == url
        with closing(Http(url, "t")) as http:
            book = http.create("Foreground")
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "ended\n", "")
    assert not data.with_name("office.sheets.serving").exists()
    with SheetServer(data, token="t") as server, closing(Http(server.url, "t")) as http:
        assert http.json("GET", f"/drive/v3/files/{book}")["name"] == "Foreground"


def test_killed_server_is_not_taken_for_a_running_one(data: Path) -> None:
    with foreground(data) as (process, url):
        with closing(Http(url, "t")) as http:
            book = http.create("Survives")
        process.kill()
        process.wait()
        assert data.with_name("office.sheets.serving").exists()
        assert running_url(data) is None
    with SheetServer(data, token="t") as server, closing(Http(server.url, "t")) as http:
        assert http.json("GET", f"/drive/v3/files/{book}")["name"] == "Survives"


def test_service_account_can_be_made_with_or_without_a_server(data: Path, tmp_path: Path) -> None:
    first = create_service_account(
        data, tmp_path / "1.json", "Robot@Example.iam.gserviceaccount.com"
    )
    assert first == "robot@example.iam.gserviceaccount.com"
    assert data.stat().st_mode & 0o777 == 0o600
    key = json.loads((tmp_path / "1.json").read_text())
    assert key["token_uri"] == "https://oauth2.googleapis.com/token"
    with SheetServer(data) as server:
        second = create_service_account(data, tmp_path / "2.json", first)
        assert second == first
        emails = server.in_worker(lambda desk: len(desk.office.accounts.keys(first)))
        assert emails == 2


def test_nothing_is_printed_while_serving(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with SheetServer(data, token="t") as server, closing(Http(server.url, "t")) as http:
        http.ask("GET", "/nowhere")
        http.ask("GET", "/drive/v3/files")
        http.ask("POST", "/v4/spreadsheets/x:batchUpdate", data=b"{")
    assert capfd.readouterr() == ("", "")
