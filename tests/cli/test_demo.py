"""`crm-sync demo`: what it shows, what it suggests, and what it never touches."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crm_sync.sheet_server.server import SheetServer
from tests.cli.command import Crm, contents, in_a_process, is_russian
from tests.cli.demonstration import Played
from tests.cli.terminal import as_seen, in_a_terminal
from tests.cli.test_bad_config import LANGUAGES, assert_refused

INSTALLED = Path(sys.executable).parent / "crm-sync"
CONFLICT = "Conflict 1: Clients, Around the Horn (C-000045), City"
PROBLEM = '"tomorrow" is not a date. Type it like 12/31/2026.'


def test_day_ends_with_a_conflict_a_problem_the_followups_and_the_comparison(
    played: Played, crm: Crm
) -> None:
    titles = ("Evening.", "Whom to call", "How this month", "Everything is in")
    places = [played.said.index(title) for title in titles]
    assert places == sorted(places)
    waiting, calls, compared, following = (
        played.said[start:end] for start, end in zip(places, [*places[1:], None], strict=True)
    )
    assert CONFLICT in waiting
    assert PROBLEM in waiting
    assert "Overdue" in calls
    assert "Sum of sales, USD" in compared
    assert "Number of sales" in compared
    assert "Average" not in compared
    more = re.search(r"… and (\d+) more", calls)
    assert more is not None
    listed = crm("-c", played.folder / "config.toml", "report", "followups", "--json").json
    people = [row for row in listed["rows"] if row[0]["style"] != "header"]
    assert len(people) - int(more[1]) == 12
    lines = [line for line in (calls + compared).splitlines() if not line.startswith("…")]
    assert max(map(len, lines)) < 120
    assert following.startswith(f"Everything is in the folder {played.folder}.")


def test_third_run_of_the_day_writes_nothing_and_says_so(played: Played) -> None:
    runs = [line for line in played.said.splitlines() if line.startswith("✓ ")]
    assert runs == [
        "✓ office: synced",
        "✓ office: synced",
        "✓ office: nothing has changed on either side; nothing was written.",
    ]


def test_day_on_a_narrow_terminal_fits_but_for_commands(here: Path) -> None:
    said = in_a_terminal("demo", "--lang", "ru")
    assert said.code == 0
    text = as_seen(said.out)
    lines = text.split("Что посмотреть дальше")[0].splitlines()
    commands = [line for line in lines if "crm_sync.cli.main" in line]
    assert [line for line in lines if len(line) > 80 and line not in commands] == []
    assert "… и ещё" in text
    assert "Идёт показ" in said.out
    assert "Идёт показ" not in text
    followups = text[text.index("Кому звонить") : text.index("Этот месяц")]
    assert 5 <= len(re.findall(r"^\d\d\.\d\d\.\d{4}", followups, re.MULTILINE)) <= 12
    english = {"staff", "manager", "synced", "Overdue", "Conflict", "Tab", "Sum", "Everything"}
    assert not english & set(re.findall(r"[A-Za-z]+", text))


def suggested(said: str) -> list[str]:
    """The commands that the demonstration ends with."""
    following = said[said.index("To look further:") :]
    return [line.strip() for line in following.splitlines() if re.match(r"  \S", line)]


@pytest.mark.slow
def test_each_suggestion_works_as_typed_where_the_demonstration_was_played(here: Path) -> None:
    """crm-sync is not on the PATH, as after `make demo`; the folder's name has a blank."""
    if not INSTALLED.exists() or shutil.which("sqlite3") is None:
        pytest.skip("crm-sync or sqlite3 is not installed here")
    programs = here / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "crm-sync").symlink_to(INSTALLED)
    commands = suggested(typed(".venv/bin/crm-sync demo 'my demo'"))
    assert commands[0] == ".venv/bin/crm-sync -c 'my demo/config.toml' conflicts list"
    answers = {}
    for command in commands[:-1]:
        answers[command] = typed(command)
    said = list(answers.values())
    assert CONFLICT in said[0]
    assert "“Manchester” stays" in said[1]
    assert "1 changed" in said[2]
    assert PROBLEM in said[3]
    assert "LINO-Delicateses" in said[4]
    assert "Sum of sales" in said[5]
    assert said[6].count("\n") == 5
    assert "City “Bern” → “Basel”" in said[8]
    assert commands[-1].endswith(" serve")
    with subprocess.Popen(
        ["sh", "-c", f"exec {commands[-1]} --port 0"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert "http://127.0.0.1:" in server.stdout.readline()
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0


def typed(command: str) -> str:
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), command
    return done.stdout


def test_name_alone_is_suggested_where_the_path_leads_to_it(
    here: Path, monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    if not INSTALLED.exists():
        pytest.skip("crm-sync is not installed here")
    monkeypatch.setenv("PATH", f"{INSTALLED.parent}:{os.environ['PATH']}")
    said = typed(f"crm-sync -c {config} conflicts list")
    assert f"→ crm-sync -c {config} conflicts resolve 1 " in said
    monkeypatch.chdir(config.parent)
    assert "→ crm-sync conflicts resolve 1 " in typed("crm-sync conflicts list")


def test_second_demonstration_in_the_same_place_is_played_anew_and_touches_nothing_else(
    crm: Crm, demo: Path, played: Played, here: Path
) -> None:
    (demo / "notes.txt").write_text("mine")
    assert crm("conflicts", "resolve", "1", "--take", "store", "-c", demo / "config.toml").code == 0
    said = in_a_process("demo", demo, CRM_SYNC_STORE=str(here / "real.db"), CRM_SYNC_LANGUAGE="ru")
    assert (said.code, said.err) == (0, "")
    assert said.out.count(CONFLICT) == played.said.count(CONFLICT)
    assert not is_russian(said.out)
    assert (demo / "notes.txt").read_text() == "mine"
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_folder_with_other_files_is_left_alone(crm: Crm, here: Path, lang: str) -> None:
    folder = here / "letters"
    folder.mkdir()
    (folder / "config.toml").write_text("precious")
    before = contents(here)
    assert_refused(crm("demo", folder, "--lang", lang), 5, "E-CONFIG", lang)
    assert contents(here) == before
    assert [path.name for path in folder.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_place_where_no_folder_can_be_made_is_told(crm: Crm, here: Path, lang: str) -> None:
    (here / "file").write_text("x")
    for place in (here / "file", here / "file" / "demo", Path("/proc/demo")):
        assert_refused(crm("demo", place, "--lang", lang), 5, "E-CONFIG", lang)
    assert contents(here) == {"file": b"x"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_demonstration_that_is_in_use_is_left_alone(crm: Crm, demo: Path, lang: str) -> None:
    before = contents(demo)
    for name in (".crm-sync-demo", "crm.db.lock"):
        with (demo / name).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert_refused(crm("demo", demo, "--lang", lang), 6, "E-RUNNING", lang)
    with SheetServer(demo / "workbook.db") as server:
        said = crm("demo", demo, "--lang", lang)
        assert server.url in said.err
    assert_refused(said, 5, "E-CONFIG", lang)
    assert contents(demo) == before


def test_files_of_a_demonstration_are_its_owners_alone(demo: Path) -> None:
    for name in ("crm.db", "workbook.db", "workbook-key.json"):
        assert oct((demo / name).stat().st_mode)[-2:] == "00", name
    assert (demo / ".gitignore").read_text() == "*\n"
