"""`crm-sync serve`, and what else happens while a workbook is served."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.command import COMMAND, Crm, Said, contents, in_a_process
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.cli.test_bad_workbook import something_that_answers, with_other
from tests.scenarios.office import staff_client


@contextmanager
def serving(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A `crm-sync serve` that answers, and its address."""
    with subprocess.Popen(
        [*COMMAND, "serve", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            yield process, said.split()[-1]
        finally:
            if process.poll() is None:
                process.kill()


def ended(process: subprocess.Popen[str], by: signal.Signals) -> Said:
    process.send_signal(by)
    out, err = process.communicate(timeout=20)
    return Said(process.returncode, out, err)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_server_says_where_it_is_and_ends_cleanly(config: Path, by: signal.Signals) -> None:
    with serving("-c", config, "--port", "0") as (process, url):
        with urllib.request.urlopen(url, timeout=10) as page:
            assert b"crm-sync" in page.read()
        said = ended(process, by)
    assert (said.code, said.out) == (0, "")
    assert said.err == f"Open {url} in a browser to see how to connect. Ctrl-C ends it.\n"
    assert not config.with_name("workbook.db.serving").exists()


def test_token_lets_plain_gspread_in_and_a_sync_goes_through_the_server(
    crm: Crm, config: Path
) -> None:
    with serving("-c", config, "--port", "0", "--token", "let me in") as (_, url):
        client = staff_client(url, "let me in")
        (found,) = client.list_spreadsheet_files()
        tab = client.open_by_key(found["id"]).worksheet("Clients")
        place = tab.find("Manchester")
        assert place is not None
        tab.update_cell(place.row, place.col + 8, "typed while it is served")
        (run,) = crm("sync", "--json", "-c", config).json["workbooks"]
        assert run["outcome"] == "synced"
        assert run["address"].startswith(url)
        assert "nothing has changed" in crm("sync", "-c", config).out


def test_file_of_its_own_is_served_without_a_configuration(here: Path) -> None:
    with serving("--data", here / "new" / "book.db", "--port", "0", "--token", "t") as (_, url):
        assert staff_client(url, "t").create("Clients").sheet1.title == "Sheet1"
    assert oct((here / "new" / "book.db").stat().st_mode)[-3:] == "600"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_file_that_is_served_already_is_told_with_the_address(
    crm: Crm, config: Path, lang: str
) -> None:
    with serving("-c", config, "--port", "0") as (_, url):
        said = crm("serve", "-c", config, "--port", "0", "--lang", lang)
        assert_refused(said, 5, "E-CONFIG", lang)
        assert url in said.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_port_that_is_taken_is_told(crm: Crm, config: Path, lang: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = crm("serve", "-c", config, "--port", str(port), "--lang", lang)
    assert_refused(said, 5, "E-CONFIG", lang)
    assert str(port) in said.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_file_that_holds_no_workbooks_is_not_served(crm: Crm, here: Path, lang: str) -> None:
    data = here / "letter.txt"
    data.write_text("Dear Sir or Madam")
    before = contents(here)
    assert_refused(crm("serve", "--data", data, "--port", "0", "--lang", lang), 5, "E-CONFIG", lang)
    assert_refused(crm("serve", "--data", here, "--port", "0", "--lang", lang), 5, "E-CONFIG", lang)
    assert contents(here) == before


def test_config_without_a_local_workbook_has_nothing_to_serve(crm: Crm, config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    kind = 'kind = "google"\nid = "1AbCdefghijklmnopqrstuvwxyz0123456789"'
    text = text.replace('kind = "local"', kind).replace('data = "workbook.db"', "")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("title"))
    config.write_text(text, encoding="utf-8")
    assert_refused(crm("serve", "-c", config, "--port", "0"), 5, "E-CONFIG")


def test_ctrl_c_ends_a_sync_that_waits_for_a_server(config: Path) -> None:
    with something_that_answers(None) as url:
        with_other(config, url)
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace("read_timeout = 0.5", "read_timeout = 60"), encoding="utf-8")
        with subprocess.Popen(
            [*COMMAND, "sync", "other", "-c", str(config)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            wait_until_connected(process.pid, url)
            said = ended(process, signal.SIGINT)
    assert (said.code, said.out) == (130, "")
    assert said.err.strip() == "Stopped. Nothing is lost: the next run goes on from here."
    assert in_a_process("sync", "office", "-c", config).code == 0


def wait_until_connected(pid: int, url: str) -> None:
    """Returns once the process has a connection to the server."""
    port = int(url.rpartition(":")[2])
    wanted = f"0100007F:{port:04X}"
    for _ in range(3000):
        table = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
        if any(line.split()[2] == wanted and line.split()[3] == "01" for line in table):
            return
        os.sched_yield()
        signal.sigtimedwait([], 0.01)
    pytest.fail("the sync did not call the server")


def test_address_that_a_killed_server_left_behind_does_not_count(crm: Crm, config: Path) -> None:
    with serving("-c", config, "--port", "0") as (process, _):
        process.kill()
        process.wait()
    note = json.loads(config.with_name("workbook.db.serving").read_text())
    assert note["url"]
    assert "nothing has changed" in crm("sync", "-c", config).out
