"""Commands typed wrongly, and a shell that is not what one is used to."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crm_sync.cli.commands import cli
from crm_sync.cli.index import Commands
from tests.cli.command import Crm, contents, in_a_process
from tests.cli.test_bad_config import LANGUAGES, assert_refused

WRONG = [
    (["frobnicate"], "frobnicate"),
    (["conflicts", "decide"], "decide"),
    (["sync", "--quiet"], "--quiet"),
    (["sync", "--dry-ran"], "--dry-run"),
    (["--lang", "de", "sync"], "de"),
    (["sync", "--lang", "de"], "en, ru"),
    (["sync", "--allow"], "--allow"),
    (["sync", "--allow", "everything"], "everything"),
    (["sync", "--allow", "clients:delete"], "clients:delete"),
    (["sync", "--allow", "clients:nothing:3"], "clients:nothing:3"),
    (["sync", "--allow", "friends:delete:3"], "friends:delete:3"),
    (["report"], "NAME"),
    (["report", "sales"], "followups, summary, comparison"),
    (["history"], "RECORD"),
    (["history", "C-000045", "C-000046"], "C-000046"),
    (["conflicts", "resolve"], "NUMBER"),
    (["conflicts", "resolve", "first"], "first"),
    (["conflicts", "resolve", "0"], "0"),
    (["conflicts", "resolve", "9" * 30, "--take", "store"], "9" * 30),
    (["conflicts", "resolve", "1"], "--take"),
    (["conflicts", "resolve", "1", "--take", "store", "--value", "x"], "--value"),
    (["conflicts", "resolve", "1", "--take", "neither"], "neither"),
    (["serve", "--port", "http"], "http"),
    (["serve", "--port", "65536"], "65536"),
]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("typed", "named"), WRONG, ids=[" ".join(typed) for typed, _ in WRONG])
def test_wrong_command_is_told_what_is_wrong_and_does_nothing(
    crm: Crm, config: Path, monkeypatch: pytest.MonkeyPatch, typed: list[str], named: str, lang: str
) -> None:
    monkeypatch.setenv("CRM_SYNC_CONFIG", str(config))
    if "--lang" not in typed:
        typed = [*typed, "--lang", lang] if typed[-1] != "--allow" else ["--lang", lang, *typed]
    else:
        monkeypatch.setenv("CRM_SYNC_LANGUAGE", lang)
    before = contents(config.parent)
    said = crm(*typed)
    assert_refused(said, 2, "E-USAGE", lang)
    assert named in said.err
    assert contents(config.parent) == before


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "typed",
    [
        ["sync", "branch"],
        ["sync", "office", "branch"],
        ["history", "C-999999"],
        ["conflicts", "resolve", "99", "--take", "store"],
        ["conflicts", "resolve", "99", "--value", "Leeds"],
    ],
    ids=" ".join,
)
def test_thing_that_is_not_there_is_told_before_anything_is_done(
    crm: Crm, config: Path, typed: list[str], lang: str
) -> None:
    before = contents(config.parent)
    assert_refused(crm(*typed, "-c", config, "--lang", lang), 2, "E-NOT-FOUND", lang)
    assert contents(config.parent) == before


def test_hint_names_the_command_that_was_probably_meant(crm: Crm) -> None:
    assert "Did you mean conflicts?" in crm("conflict").err
    assert "Did you mean --take?" in crm("conflicts", "resolve", "1", "--takes=store").err


def test_list_of_commands_says_of_each_what_it_says_of_itself(crm: Crm) -> None:
    told = dict(Commands().lines())
    assert told == {name: each.get_short_help_str(200) for name, each in cli.commands.items()}
    assert told.keys() <= set(crm("--help").out.split())


def test_command_loads_no_other_commands_module(config: Path) -> None:
    asked = "import sys; from crm_sync.cli.main import main; import atexit; atexit.register("
    asked += "lambda: print(sorted(name for name in sys.modules if name.startswith('crm_sync.'))))"
    script = f"{asked}; main(['conflicts', 'list', '-c', {str(config)!r}])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(re.findall(r"crm_sync\.[\w.]+", done.stdout))
    assert "crm_sync.cli.conflicts" in loaded
    assert not loaded & {"crm_sync.cli.sync", "crm_sync.cli.report", "crm_sync.cli.export"}


def test_without_a_command_help_is_shown(crm: Crm) -> None:
    said = crm()
    assert said.code == 2
    assert "Commands:" in said.err


def test_wrong_command_is_json_for_a_program_that_asked_for_it(crm: Crm) -> None:
    error = crm("report", "sales", "--json").json["error"]
    assert error["code"] == "E-USAGE"
    assert "sales" in error["message"]
    assert error["hint"]


@pytest.mark.parametrize(
    "surroundings",
    [
        pytest.param({"LC_ALL": "C", "LANG": "C"}, id="C"),
        pytest.param(
            {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, id="ascii"
        ),
        pytest.param({"PYTHONIOENCODING": "cp1251"}, id="cp1251"),
        pytest.param({"HOME": "", "COLUMNS": "10"}, id="no home and no room"),
    ],
)
def test_any_surroundings_get_an_answer(config: Path, surroundings: dict[str, str]) -> None:
    said = in_a_process("report", "comparison", "-c", config, "--lang", "ru", **surroundings)
    assert (said.code, said.err) == (0, "")
    assert "Meat/Poultry" in said.out


def test_json_keeps_every_letter_whatever_the_encoding(config: Path) -> None:
    command = ("problems", "list", "--json", "-c", config, "--lang", "ru")
    said = in_a_process(*command, PYTHONIOENCODING="ascii")
    assert any("не дата" in problem["message"] for problem in said.json["problems"])


def test_home_is_needed_only_by_those_who_name_it(
    crm: Crm, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME")
    assert crm("conflicts", "list", "-c", config).code == 0
    text = config.read_text(encoding="utf-8").replace('"crm.db"', '"~nobody-here/crm.db"')
    config.write_text(text, encoding="utf-8")
    assert_refused(crm("conflicts", "list", "-c", config), 5, "E-CONFIG")


@pytest.mark.parametrize("command", [["report", "followups"], ["sync"]], ids=" ".join)
def test_closed_pipe_ends_a_command_without_a_word(config: Path, command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    said = in_a_process(*command, "-c", config, stdout=writing)
    os.close(writing)
    assert (said.code, said.err) == (141, "")


def test_output_that_cannot_be_written_is_told(config: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w") as nowhere:
        said = in_a_process("problems", "list", "--json", "-c", config, stdout=nowhere.fileno())
    assert said.code == 1
    assert said.err.startswith("E-ERROR The output cannot be written: No space left on device.")


def test_fault_of_our_own_shows_no_details_unless_asked_for(crm: Crm, config: Path) -> None:
    """A store whose table was dropped by hand: nothing that we foresee."""
    with sqlite3.connect(config.with_name("crm.db")) as connection:
        connection.execute("drop table conflicts")
    connection.close()
    said = crm("conflicts", "list", "--json", "-c", config)
    assert said.code in (1, 6)
    assert said.json["error"]["code"] in ("E-UNEXPECTED", "E-STORE")
