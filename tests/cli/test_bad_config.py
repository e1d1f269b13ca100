"""Configurations, keys and stores that will not do: one message, the next step, nothing written."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.command import COMMAND, Crm, Said, contents, is_russian

LANGUAGES = ("en", "ru")


def assert_refused(said: Said, code: int, kind: str, lang: str = "en") -> None:
    """One message and one next step, in the right language, and nothing on stdout."""
    assert (said.code, said.kind, said.out) == (code, kind, "")
    message, hint = said.err.rsplit("\n→ ", 1)
    assert hint.strip()
    assert hint.count("\n") == 1
    assert "{" not in said.err
    assert (is_russian(message), is_russian(hint)) == ((lang == "ru"),) * 2


def no_config(path: Path) -> None:
    path.unlink()


def half_a_config(path: Path) -> None:
    path.write_text("language = [\n")


def unknown_key(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\nretries = 5\n", encoding="utf-8")


def wrong_value(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"Europe/Moscow"', '"Moskau"'), encoding="utf-8")


def not_utf8(path: Path) -> None:
    path.write_bytes(b'language = "\xff"\n')


def empty(path: Path) -> None:
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "spoil", [no_config, half_a_config, unknown_key, wrong_value, not_utf8, empty, a_folder]
)
def test_config_that_will_not_do_is_told_with_what_would_do(
    crm: Crm, config: Path, spoil: Callable[[Path], None], lang: str
) -> None:
    spoil(config)
    before = contents(config.parent)
    assert_refused(crm("sync", "-c", config, "--lang", lang), 5, "E-CONFIG", lang)
    assert contents(config.parent) == before


def test_all_faults_of_a_config_are_told_at_once_with_their_lines(crm: Crm, config: Path) -> None:
    unknown_key(config)
    wrong_value(config)
    said = crm("sync", "-c", config)
    assert "retries: there is no such key" in said.err
    assert "timezone: “Moskau” is no time zone" in said.err
    assert said.err.count("line ") == 2


def test_language_of_a_config_that_will_not_do_is_spoken(crm: Crm, config: Path) -> None:
    text = config.read_text(encoding="utf-8").replace('language = "en"', 'language = "ru"')
    config.write_text(text, encoding="utf-8")
    unknown_key(config)
    assert is_russian(crm("sync", "-c", config).err)


def test_config_is_found_by_the_environment_and_here(
    crm: Crm, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crm("problems", "list").kind == "E-CONFIG"
    monkeypatch.setenv("CRM_SYNC_CONFIG", str(config))
    assert crm("problems", "list").code == 0
    monkeypatch.delenv("CRM_SYNC_CONFIG")
    monkeypatch.chdir(config.parent)
    assert crm("problems", "list").code == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_spreadsheet_that_a_workbook_made_for_itself_is_not_named_a_second_time(
    crm: Crm, config: Path, lang: str
) -> None:
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        ((bound,),) = connection.execute("select spreadsheet_id from workbooks").fetchall()
    connection.close()
    text = config.read_text(encoding="utf-8")
    again = (
        f'\n[[workbooks]]\nname = "again"\nkind = "local"\ndata = "workbook.db"\nid = "{bound}"\n'
    )
    # Whichever of the two stands first in the file.
    top, section, rest = text.partition("[[workbooks]]")
    for changed in (text + again, top + again + section + rest):
        config.write_text(changed, encoding="utf-8")
        before = contents(config.parent)
        line = changed[: changed.index(f'id = "{bound}"')].count("\n") + 1
        for command in (["sync"], ["sync", "again"], ["sync", "--dry-run"], ["problems", "list"]):
            said = crm(*command, "-c", config, "--lang", lang)
            assert_refused(said, 5, "E-CONFIG", lang)
            assert str(line) in said.err
            assert "].id" in said.err
        assert contents(config.parent) == before


GOOGLE = """
[[workbooks]]
name = "sales"
kind = "google"
id = "1AbCdefghijklmnopqrstuvwxyz0123456789"
key = "key.json"
"""


def no_key(path: Path) -> None:
    assert not path.exists()


def no_json(path: Path) -> None:
    path.write_text("-----BEGIN PRIVATE KEY-----")


def another_json(path: Path) -> None:
    path.write_text("[]")


def an_oauth_client(path: Path) -> None:
    path.write_text(json.dumps({"installed": {"client_id": "1"}}))


def key_without_key(path: Path) -> None:
    path.write_text(json.dumps({"type": "service_account", "client_email": "a@b.c"}))


def readable_by_others(path: Path) -> None:
    path.write_bytes((path.parent / "workbook-key.json").read_bytes())
    path.chmod(0o644)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "make", [no_key, no_json, another_json, an_oauth_client, key_without_key, readable_by_others]
)
def test_key_file_that_will_not_do_is_told(
    crm: Crm, config: Path, make: Callable[[Path], None], lang: str
) -> None:
    config.write_text(config.read_text(encoding="utf-8") + GOOGLE, encoding="utf-8")
    key = config.with_name("key.json")
    make(key)
    if key.exists() and make is not readable_by_others:
        key.chmod(0o600)
    before = contents(config.parent)
    said = crm("sync", "sales", "-c", config, "--lang", lang)
    assert_refused(said, 5, "E-KEYFILE", lang)
    assert contents(config.parent) == before


def test_key_itself_is_never_printed(crm: Crm, config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8") + GOOGLE, encoding="utf-8")
    readable_by_others(config.with_name("key.json"))
    said = crm("sync", "sales", "-c", config)
    secret = json.loads(config.with_name("key.json").read_text())["private_key"]
    assert secret[40:80] not in said.out + said.err


def of_a_newer_version(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()


def no_database(store: Path) -> None:
    store.write_text("full_name;phone\n" * 100)


def damaged(store: Path) -> None:
    content = bytearray(store.read_bytes())
    content[100:8192] = b"\xff" * 8092
    store.write_bytes(content)


def a_folder_for_a_store(store: Path) -> None:
    store.unlink()
    store.mkdir()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (of_a_newer_version, "E-STORE-NEWER"),
        (no_database, "E-STORE"),
        (damaged, "E-STORE"),
        (a_folder_for_a_store, "E-STORE"),
    ],
)
def test_store_that_will_not_do_is_told_and_left_alone(
    crm: Crm, config: Path, spoil: Callable[[Path], None], kind: str, lang: str
) -> None:
    spoil(config.with_name("crm.db"))
    before = contents(config.parent)
    for command in (["sync"], ["problems", "list"]):
        assert_refused(crm(*command, "-c", config, "--lang", lang), 6, kind, lang)
    assert contents(config.parent) == before


@pytest.mark.parametrize(
    "command",
    [
        ["problems", "list"],
        ["conflicts", "list"],
        ["conflicts", "resolve", "1", "--take", "store"],
        ["report", "followups"],
        ["history", "C-000045"],
    ],
)
def test_command_that_needs_a_store_makes_none(crm: Crm, config: Path, command: list[str]) -> None:
    store = config.with_name("crm.db")
    store.unlink()
    before = contents(config.parent)
    assert_refused(crm(*command, "-c", config), 6, "E-STORE")
    assert contents(config.parent) == before


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another program that holds a lock."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "command",
    [
        ["sync"],
        ["sync", "--dry-run"],
        ["conflicts", "resolve", "1", "--take", "sheet"],
        ["conflicts", "resolve", "1", "--value", "Leeds"],
    ],
)
def test_command_that_would_meet_a_run_is_told_that_one_is_running_already(
    crm: Crm, config: Path, command: list[str], lang: str
) -> None:
    before = contents(config.parent)
    with held(config.with_name("crm.db.lock")):
        assert_refused(crm(*command, "-c", config, "--lang", lang), 6, "E-RUNNING", lang)
    assert contents(config.parent) == before


def test_reading_goes_on_while_a_run_works(crm: Crm, config: Path) -> None:
    with held(config.with_name("crm.db.lock")):
        assert crm("conflicts", "list", "-c", config).code == 0
        assert crm("report", "followups", "-c", config).code == 0


def without_rights() -> list[str]:
    """What to put before a command so that modes of files count for it, even if root runs it."""
    if os.getuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may write everywhere, and there is no setpriv to change that")
    rights = "-dac_override,-dac_read_search"
    return [setpriv, "--inh-caps", rights, "--bounding-set", rights]


def test_place_that_may_not_be_written_is_told(demo: Path) -> None:
    for path in demo.iterdir():
        path.chmod(0o444)
    demo.chmod(0o555)
    runs: dict[tuple[str | Path, ...], tuple[int, str]] = {
        ("sync", "-c", demo / "config.toml"): (6, "E-STORE"),
        ("demo", demo / "new"): (5, "E-CONFIG"),
        ("serve", "--port", "0", "--data", demo / "book.db"): (5, "E-CONFIG"),
    }
    before = contents(demo)
    for arguments, (code, kind) in runs.items():
        command = [*without_rights(), *COMMAND, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert_refused(Said(done.returncode, done.stdout, done.stderr), code, kind)
    assert contents(demo) == before
    demo.chmod(0o700)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 32 megabytes; where none can be mounted, the test is left out."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False).returncode
    except OSError:
        done = 1
    if done != 0:
        pytest.skip("this user may not mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


FULL = {"E-CONFIG": 5, "E-STORE": 6, "E-UNREACHABLE": 4}
"""What is told of a full disk: as the server of the workbook, the store, the workbook met it."""


@pytest.mark.parametrize("room", [0, 40_000, 120_000, 250_000])
def test_full_disk_loses_nothing_and_the_next_run_goes_on(
    crm: Crm, demo: Path, small_disk: Path, room: int
) -> None:
    for path in (path for path in demo.iterdir() if path.is_file()):
        (small_disk / path.name).write_bytes(path.read_bytes())
        (small_disk / path.name).chmod(0o600)
    config, store = small_disk / "config.toml", small_disk / "crm.db"
    with sqlite3.connect(store) as connection:
        connection.execute("update clients set note = hex(zeroblob(2000)) where id < 'C-000300'")
        rows = connection.execute("select * from clients").fetchall()
    connection.close()
    fill = small_disk / "fill"
    left = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    fill.write_bytes(b"\0" * (left - room))
    said = crm("sync", "-c", config)
    assert_refused(said, FULL[said.kind], said.kind)
    with sqlite3.connect(store) as connection:
        assert connection.execute("select * from clients").fetchall() == rows
    connection.close()
    fill.unlink()
    assert crm("sync", "-c", config).code == 0
    assert "nothing has changed" in crm("sync", "-c", config).out


def test_variable_of_the_environment_stands_above_the_file(
    crm: Crm, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SYNC_STORE", str(tmp_path / "elsewhere.db"))
    said = crm("problems", "list", "-c", config)
    assert_refused(said, 6, "E-STORE")
    assert "elsewhere.db" in said.err
