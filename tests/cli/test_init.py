"""From nothing to a configuration that works."""

from __future__ import annotations

import io
import json
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sync.config import load_config
from crm_sync.sheet_server.accounts import create_service_account
from crm_sync.sheet_server.server import SheetServer
from crm_sync.wiring.place import place_of
from tests.cli.command import Crm, contents, is_russian
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.docs.test_json_output import assert_described
from tests.scenarios.office import TOKEN, staff_client

ACCOUNT = "sync@crm.iam.gserviceaccount.com"


@pytest.fixture
def google(here: Path) -> Iterator[SheetServer]:
    """A server that stands in for Google, and the key of an account there."""
    create_service_account(here / "google.db", here / "key.json", ACCOUNT)
    with SheetServer(here / "google.db", token=TOKEN) as server:
        yield server


def answers(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def shared_book(google: SheetServer, *, role: str | None = "writer") -> str:
    book = staff_client(google.url).create("Sales of the south")
    if role:
        book.share(ACCOUNT, "user", role, notify=False)
    return str(book.id)


def test_yes_makes_a_configuration_and_a_workbook_that_work(crm: Crm, here: Path) -> None:
    said = crm("init", "--yes")
    assert (said.code, said.err) == (0, "")
    assert stat.S_IMODE((here / "config.toml").stat().st_mode) == 0o600
    assert "nothing has changed" in crm("sync").out
    assert "serve" in said.out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_answers_are_written_and_wrong_ones_asked_for_again(
    crm: Crm, here: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    answers(monkeypatch, lang, "Europe/Moskow", "Asia/Almaty", "", "XX", "KZ", "local", "Юг, Север")
    said = crm("init")
    config = load_config(here / "config.toml")
    assert said.code == 0
    assert (config.language, config.timezone, config.currency, config.phone_region) == (
        lang,
        "Asia/Almaty",
        "KZT",
        "KZ",
    )
    assert [item.name for item in config.workbooks] == ["Юг", "Север"]
    assert "Europe/Moscow" in said.err
    assert is_russian(said.out.replace("Юг", "").replace("Север", "")) == (lang == "ru")


def test_configuration_that_is_there_stays_unless_told_otherwise(
    crm: Crm, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(config.parent)
    assert_refused(crm("init", "--yes", "-c", config), 5, "E-CONFIG")
    answers(monkeypatch, "n")
    assert crm("init", "-c", config).code == 5
    assert contents(config.parent) == before
    assert crm("init", "--yes", "--replace", "-c", config, "--workbook", "x").code == 0
    assert (config.with_name("config.toml.old")).read_bytes() == before["config.toml"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--timezone", "Mars"], "Mars"),
        (["--currency", "rub"], "rub"),
        (["--country", "Russia"], "Russia"),
        (["--language", "de"], "de"),
        (["--google"], "--spreadsheet"),
        (["--spreadsheet", "here"], "here"),
        (["--workbook", "a", "--workbook", "A"], "name of its own"),
    ],
)
def test_wrong_option_writes_nothing(
    crm: Crm, here: Path, google: SheetServer, options: list[str], named: str
) -> None:
    before = contents(here)
    said = crm("init", "--yes", "--key", "key.json", *options)
    assert_refused(said, 2, "E-USAGE")
    assert named in said.err
    assert contents(here) == before


def test_without_anybody_to_answer_it_says_so(
    crm: Crm, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "en")
    assert "There is nobody to answer." in crm("init").err
    assert not (here / "config.toml").exists()


def online(google: SheetServer, book: str) -> list[str]:
    return ["--google", "--key", "key.json", "--server", google.url, "--spreadsheet", book]


def test_spreadsheet_that_is_shared_is_tried_and_then_synced(crm: Crm, google: SheetServer) -> None:
    said = crm("init", "--yes", *online(google, shared_book(google)), "--json")
    assert (said.code, said.err) == (0, "")
    assert_described(said.json, "Set-up")
    (tried,) = said.json["init"]["workbooks"]
    assert tried["title"] == "Sales of the south"
    assert crm("sync").code == 0


@pytest.mark.parametrize("role", [None, "reader"])
def test_spreadsheet_that_is_not_shared_is_told_with_the_address(
    crm: Crm, google: SheetServer, here: Path, role: str | None
) -> None:
    said = crm("init", "--yes", *online(google, shared_book(google, role=role)))
    assert said.code == 5
    assert ACCOUNT in said.err
    assert (here / "config.toml").exists()


def test_person_is_led_to_the_key_and_may_mend_it_on_the_way(
    crm: Crm, google: SheetServer, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = shared_book(google)
    (here / "key.json").chmod(0o644)

    class Person(io.StringIO):
        """Types a line at a time, and mends the mode when asked."""

        def readline(self, size: int = -1) -> str:
            line = super().readline(size)
            if line == "y\n":
                (here / "key.json").chmod(0o600)
            return line

    lines = ["en", "Europe/London", "", "", "google", "south", "key.json", "y", "rubbish", book]
    monkeypatch.setattr(sys, "stdin", Person("".join(f"{line}\n" for line in lines)))
    said = crm("init", "--server", google.url)
    assert said.code == 0
    assert "chmod 600" in said.err
    assert ACCOUNT in said.err
    assert "“Sales of the south” can be read and edited." in said.out


def test_key_that_is_none_is_refused_before_anything_is_written(
    crm: Crm, here: Path, google: SheetServer
) -> None:
    (here / "key.json").write_text(json.dumps({"installed": {}}), encoding="utf-8")
    said = crm("init", "--yes", *online(google, shared_book(google)))
    assert_refused(said, 5, "E-KEYFILE")
    assert not (here / "config.toml").exists()


def test_country_and_currency_follow_from_the_time_zone() -> None:
    assert place_of("Europe/Moscow").currency == "RUB"
    assert place_of("Europe/Berlin").country == "DE"
    assert place_of("Etc/UTC").country == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_the_shell(crm: Crm, shell: str) -> None:
    said = crm("completion", shell)
    assert (said.code, said.err) == (0, "")
    assert "_CRM_SYNC_COMPLETE" in said.out
    assert_refused(crm("completion", "csh"), 2, "E-USAGE")
