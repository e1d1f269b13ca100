"""The tutorial, word for word: what stands in its blocks is saved, started and typed in order."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import COMMAND, Crm
from tests.docs.fenced import ROOT

BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PORT = "8765"


@pytest.fixture
def port() -> str:
    """A port that is free: the document's own may be taken on this computer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture
def server(here: Path, port: str) -> Iterator[list[subprocess.Popen[str]]]:
    """What was started in the second terminal; ended at the end."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def serve(words: list[str], port: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [*COMMAND, *words[1:], "--port", port],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def blocks(document: str) -> list[tuple[str, str]]:
    return BLOCK.findall((ROOT / document).read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("document", "person", "conflict"),
    [("docs/tutorial.md", "Brown Ann", "York"), ("docs/tutorial.ru.md", "Смирнова Анна", "Казань")],
)
def test_tutorial_does_what_it_says(
    crm: Crm,
    here: Path,
    server: list[subprocess.Popen[str]],
    port: str,
    document: str,
    person: str,
    conflict: str,
) -> None:
    said: list[tuple[str, str]] = []
    for kind, block in blocks(document):
        if kind == "python":
            (here / "staff.py").write_text(block.replace(PORT, port), encoding="utf-8")
            continue
        for line in block.splitlines():
            words = shlex.split(line)
            if kind == "text":
                server.append(serve(words, port))
            elif words[0] == "python":
                subprocess.run([sys.executable, *words[1:]], check=True, timeout=60)
            else:
                done = crm(*words[1:])
                assert done.code == 0, (line, done)
                said.append((line, done.out))
    told = dict(said)
    syncs = [out for line, out in said if line == "crm-sync sync"]
    assert len(syncs) == len([out for out in syncs if "office" in out])
    (problems, doubts) = [out for line, out in said if line == "crm-sync problems"]
    assert len(problems.splitlines()) == 2
    assert len(doubts.splitlines()) == 1
    assert conflict in told["crm-sync conflicts show 1"]
    assert conflict in told["crm-sync conflicts resolve 1 --take store"]
    assert told["crm-sync undo 9"].count("→") == 2
    assert (here / "comparison.html").stat().st_size > 1000
    assert (here / "clients.xlsx").stat().st_size > 1000
    assert person in told["crm-sync history C-000013"]
    assert told[f'crm-sync erase "{person}" --dry-run'].startswith(f"{person} (C-000013)\n")
    assert "nothing has changed" in crm("sync", "--lang", "en").out


def test_both_tutorials_take_the_same_steps() -> None:
    def steps(document: str) -> list[tuple[str, ...]]:
        lines = [
            line.split()
            for kind, block in blocks(document)
            if kind == "sh"
            for line in block.splitlines()
        ]
        # What follows the command itself is not the same in all languages, but for its options.
        return [(*words[:2], *(word for word in words if word[:2] == "--")) for words in lines]

    assert steps("docs/tutorial.md") == steps("docs/tutorial.ru.md")
