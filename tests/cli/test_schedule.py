"""Runs by themselves: what systemd and cron are told."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from crm_sync.host.job import Job, cron_text, cron_times
from tests.cli.command import Crm, is_russian
from tests.cli.test_bad_config import LANGUAGES, assert_refused

CRONTAB = """#!/bin/sh
# A crontab that keeps its lines in a file, and has none at first.
case "$1" in
-l) [ -e "$CRONTAB_FILE" ] || { echo "no crontab for anna" >&2; exit 1; }; cat "$CRONTAB_FILE" ;;
-) cat > "$CRONTAB_FILE" ;;
esac
"""
SYSTEMCTL = """#!/bin/sh
# A systemd that writes down what it is told, and runs what was started last.
echo "$*" >> "$SYSTEMCTL_LOG"
case "$*" in
*is-active*) grep -q "restart crm-sync" "$SYSTEMCTL_LOG" && echo active ;;
*list-timers*) echo '[{"next": 1900000000000000}]' ;;
esac
exit 0
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer with nothing but what is put here, and /bin."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin")
    monkeypatch.setenv("CRONTAB_FILE", str(tmp_path / "crontab"))
    monkeypatch.setenv("SYSTEMCTL_LOG", str(tmp_path / "systemctl.log"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return folder


def has(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(script, encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.fixture
def cron(programs: Path, tmp_path: Path) -> Path:
    has(programs, "systemctl", "#!/bin/sh\nexit 1\n")
    has(programs, "crontab", CRONTAB)
    return tmp_path / "crontab"


@pytest.fixture
def systemd(programs: Path, tmp_path: Path) -> Path:
    has(programs, "systemctl", SYSTEMCTL)
    has(programs, "crontab", CRONTAB)
    return tmp_path / "xdg" / "systemd" / "user"


def job(folder: Path, minutes: int = 5) -> Job:
    return Job(("/opt/crm sync/crm-sync",), folder / "config.toml", minutes, 30, folder / "s.log")


def test_cron_gets_one_line_and_keeps_the_lines_of_others(
    crm: Crm, config: Path, cron: Path
) -> None:
    cron.write_text("0 1 * * * /usr/bin/backup", encoding="utf-8")
    for _ in range(2):
        assert crm("schedule", "install", "-c", config).code == 0
    lines = cron.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "0 1 * * * /usr/bin/backup"
    assert len(lines) == 4
    assert "sync --log-json --spread 30" in lines[2]
    assert crm("schedule", "install", "--every", "60", "-c", config).code == 0
    (found,) = crm("schedule", "status", "--json", "-c", config).json["jobs"]
    assert (found["method"], found["minutes"], found["active"]) == ("cron", 60, True)
    assert found["next_run"]
    assert crm("schedule", "remove", "-c", config).code == 0
    assert cron.read_text(encoding="utf-8") == "0 1 * * * /usr/bin/backup\n"
    assert crm("schedule", "status", "-c", config).code == 1


def test_line_of_cron_runs_whatever_stands_in_the_path(tmp_path: Path) -> None:
    """cron takes the backslash from each percent sign and hands the rest to sh."""
    folder = tmp_path / "it's 100% Юг"
    folder.mkdir()
    program = folder / "crm-sync"
    has(folder, "crm-sync", '#!/bin/sh\npwd\nfor word in "$@"; do echo "$word"; done\n')
    made = Job((str(program),), folder / "config.toml", 5, 30, folder / "s.log")
    (_, line, _) = cron_text(made).splitlines()
    command = line.split(None, 5)[5].replace("\\%", "%")
    subprocess.run(["sh", "-c", command], check=True, timeout=20)
    said = (folder / "s.log").read_text(encoding="utf-8").splitlines()
    assert said == [str(folder), "-c", str(made.config), "sync", "--log-json", "--spread", "30"]


@pytest.mark.parametrize(
    ("minutes", "times"),
    [
        (1, "* * * * *"),
        (5, "/5 * * * *"),
        (60, " * * * *"),
        (120, " */2 * * *"),
        (1440, " 0 * * *"),
    ],
)
def test_cron_counts_in_parts_of_an_hour_and_of_a_day(
    tmp_path: Path, minutes: int, times: str
) -> None:
    assert cron_times(job(tmp_path, minutes)).endswith(times)


@pytest.mark.parametrize("minutes", [7, 45, 90, 300])
def test_cron_refuses_what_it_cannot_count(
    crm: Crm, config: Path, cron: Path, minutes: int
) -> None:
    said = crm("schedule", "install", "--every", minutes, "-c", config)
    assert_refused(said, 1, "E-HOST")
    assert not cron.exists()


def test_systemd_gets_a_timer_that_is_started_and_taken_away(
    crm: Crm, config: Path, systemd: Path, tmp_path: Path
) -> None:
    said = crm("schedule", "install", "--every", "7", "-c", config)
    assert (said.code, said.err) == (0, "")
    assert "loginctl enable-linger" in said.out
    assert sorted(path.suffix for path in systemd.iterdir()) == [".service", ".timer"]
    (found,) = crm("schedule", "status", "--json", "-c", config).json["jobs"]
    assert (found["method"], found["minutes"], found["active"]) == ("systemd", 7, True)
    assert found["next_run"] == "2030-03-17T17:46:40+00:00"
    assert crm("schedule", "remove", "--json", "-c", config).json == {"removed": ["systemd"]}
    assert list(systemd.iterdir()) == []
    assert "disable --now" in (tmp_path / "systemctl.log").read_text()


def test_other_method_takes_the_place_of_the_first(
    crm: Crm, config: Path, systemd: Path, tmp_path: Path
) -> None:
    crm("schedule", "install", "--with", "cron", "-c", config)
    crm("schedule", "install", "--with", "systemd", "-c", config)
    found = crm("schedule", "status", "--json", "-c", config).json["jobs"]
    assert [item["method"] for item in found] == ["systemd"]
    assert (tmp_path / "crontab").read_text() == ""


def test_units_are_such_as_systemd_takes(crm: Crm, config: Path, tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("this system has no systemd-analyze")
    odd = tmp_path / "a b%c $d"
    shutil.copytree(config.parent, odd)
    said = crm(
        "schedule",
        "install",
        "--print",
        "--with",
        "systemd-system",
        "--json",
        "-c",
        odd / "config.toml",
    )
    units = tmp_path / "units"
    units.mkdir()
    for path, text in said.json["files"].items():
        (units / Path(path).name).write_text(text, encoding="utf-8")
    timer = next(units.glob("*.timer"))
    done = subprocess.run(
        [verify, "verify", str(timer)], capture_output=True, text=True, check=False, timeout=60
    )
    mine = [line for line in done.stderr.splitlines() if "crm-sync" in line]
    assert (done.returncode, mine) == (0, [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_computer_without_timers_is_told_what_else_there_is(
    crm: Crm, config: Path, programs: Path, lang: str
) -> None:
    has(programs, "systemctl", "#!/bin/sh\nexit 1\n")
    if shutil.which("crontab", path=os.environ["PATH"]):
        pytest.skip("this system has a crontab in /bin")
    assert_refused(crm("schedule", "install", "-c", config, "--lang", lang), 1, "E-HOST", lang)
    said = crm("schedule", "status", "-c", config, "--lang", lang)
    assert said.code == 1
    assert is_russian(said.out) == (lang == "ru")


def test_print_writes_nothing(crm: Crm, config: Path, cron: Path) -> None:
    said = crm("schedule", "install", "--print", "-c", config)
    assert (said.code, said.err) == (0, "")
    assert "sync --log-json" in said.out
    assert not cron.exists()
