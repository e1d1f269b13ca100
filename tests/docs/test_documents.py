"""README and docs against the program: what stands there works as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crm_sync.cli.commands import cli
from crm_sync.cli.usage import Usage
from crm_sync.errors import UserError
from tests.cli.command import COMMAND, Crm
from tests.docs.fenced import ROOT, commands, fenced, inline
from tests.docs.reference import REFERENCE, reference
from tests.docs.test_json_output import subclasses

DOCUMENTS = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
# What installs or builds is tested where it can be undone: tests/test_package.py, and by hand.
ELSEWHERE = ("git ", "make ", "python3 -m venv ", ". crm/")


class Shell:
    """A person at a shell who types what a document says. What is crm-sync alone is run in this
    process, which is faster.
    """

    def __init__(self, folder: Path, crm: Crm) -> None:
        self.folder = folder
        self.crm = crm

    def type(self, command: str) -> str:
        words = shlex.split(command)
        if words[0] == "crm-sync" and not set(command) & set("|>&;"):
            said = self.crm(*words[1:])
            assert (said.code, said.err) == (0, ""), command
            return said.out
        done = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), command
        return done.stdout


@pytest.fixture
def shell(crm: Crm, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A folder with the sample configuration, and crm-sync on the PATH."""
    shutil.copy(ROOT / "config.toml", here)
    programs = tmp_path / "bin"
    programs.mkdir()
    start = programs / "crm-sync"
    start.write_text(f'#!/bin/sh\nexec "{COMMAND[0]}" -m {COMMAND[2]} "$@"\n')
    start.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return Shell(here, crm)


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"this system has no {program}")


def test_commands_of_the_readme_work_in_order(shell: Shell) -> None:
    needs("sqlite3")
    said = {
        command: shell.type(command)
        for command in commands("README.md")
        if not command.startswith(ELSEWHERE)
    }
    assert "what a run would do" in said["crm-sync sync --dry-run"]
    assert said["crm-sync sync"] == (
        "✓ office: nothing has changed on either side; nothing was written.\n"
    )
    assert (shell.folder / "data" / "crm.db").exists()


def test_dry_run_of_the_readme_changes_nothing(shell: Shell) -> None:
    shell.type("crm-sync sync --dry-run")
    assert [path.name for path in shell.folder.rglob("*")] == ["config.toml"]


def test_commands_of_the_recovery_guide_do_what_it_says(shell: Shell) -> None:
    """A client is made, backed up and archived; the store breaks; the client comes back."""
    needs("sqlite3")
    add = "insert into clients (full_name, phone) values ('Ivanov Ivan', '+79161234567')"
    archive = "update clients set archived_at = '2026-01-01'"
    shell.type("crm-sync sync")
    shell.type(f'sqlite3 data/crm.db "{add}"')
    shell.type("crm-sync sync")
    said = []
    for command in commands("docs/recovery.md"):
        if command.startswith("crm-sync restore"):
            shell.type(f'sqlite3 data/crm.db "{archive}"')
            assert "1 taken out" in shell.type("crm-sync sync")
        said.append(shell.type(command))
    assert any("Ivanov Ivan (C-000013) is back." in item for item in said)
    assert "nothing has changed" in shell.type("crm-sync sync")
    with sqlite3.connect(shell.folder / "data" / "crm.db") as connection:
        rows = connection.execute("select full_name, archived_at from clients").fetchall()
    connection.close()
    assert rows == [("Ivanov Ivan", None)]


@pytest.mark.parametrize("guide", ["docs/google.md", "docs/schedule.md"])
def test_commands_of_the_guides_to_a_set_up_company_work(shell: Shell, guide: str) -> None:
    shell.type("crm-sync sync")
    assert [shell.type(command) for command in commands(guide)] != []


def test_commands_of_the_guide_to_the_store_work_in_order(
    shell: Shell, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(config.parent)
    assert [shell.type(command) for command in commands("docs/desk.md")] != []


def test_line_for_cron_is_one_and_its_command_works(shell: Shell) -> None:
    (block,) = fenced("README.md", "crontab")
    fields = block.split(None, 5)
    assert fields[:5] == ["*/5", "*", "*", "*", "*"]
    shell.type("crm-sync sync")
    here = fields[5].replace("/home/anna/crm", str(shell.folder)).replace("crm/bin/", "")
    assert shell.type(here.strip()) == ""
    assert "nothing has changed" in (shell.folder / "data" / "sync.log").read_text()


@contextmanager
def served(shell: Shell, token: str) -> Iterator[str]:
    command = [*COMMAND, "serve", "--port", "0", "--token", token]
    with subprocess.Popen(command, cwd=shell.folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.send_signal(signal.SIGINT)


def test_gspread_example_of_the_readme_opens_the_workbook(shell: Shell) -> None:
    (code,) = fenced("README.md", "python")
    shell.type("crm-sync sync")
    with served(shell, "SECRET") as url:
        script = code.replace("http://127.0.0.1:8765", url) + "\nprint(clients.row_values(1))\n"
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
        )
    assert "'Name'" in done.stdout, done.stderr


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_within_sentences_exist_with_their_options(document: str) -> None:
    for typed in inline(document):
        words = typed.replace("|", " ").split()[1:]
        command = cli
        while words and not words[0].startswith("-") and hasattr(command, "commands"):
            assert words[0] in command.commands, typed
            command = command.commands[words.pop(0)]
        known = {name for item in (*command.params, *cli.params) for name in item.opts}
        known |= {"--help"}
        used = {word for word in words if word.startswith("--")}
        assert used <= known, typed


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_what_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (ROOT / document).parent.joinpath(target).exists(), target


def test_make_targets_that_documents_name_exist() -> None:
    targets = set(
        re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for document in DOCUMENTS:
        text = (ROOT / document).read_text(encoding="utf-8")
        named = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
        assert named <= targets, document


def test_readme_leads_to_every_document() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\((docs/[\w.-]+\.md)\)", text))
    assert linked == {name for name in DOCUMENTS if name.startswith("docs/")}


def test_reference_of_the_commands_is_as_help_says() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference(), "run: make reference"


def test_error_codes_of_the_recovery_guide_have_their_exit_codes() -> None:
    codes = {error.code: error.exit_code for error in (*subclasses(UserError), Usage)}
    text = (ROOT / "docs" / "recovery.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`E-[A-Z-]+`(?:, )?)+) \| (\d+) \|", text, re.MULTILINE)
    told = {
        code: int(exit_code)
        for names, exit_code in rows
        for code in re.findall(r"E-[A-Z-]+", names)
    }
    assert told.pop("E-UNEXPECTED") == 1
    assert told == {code: codes[code] for code in told}
    assert set(codes) - set(told) == {"E-ERROR", "E-SHAPE"}
