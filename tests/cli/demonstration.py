"""The command line as its users meet it, as fixtures: in this process where that will do, to be
fast.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.command import Crm, in_this_process

OF_THE_DEVELOPER = (
    "CRM_SYNC_CONFIG",
    "CRM_SYNC_DEBUG",
    "CRM_SYNC_LANGUAGE",
    "CRM_SYNC_STORE",
    "COLUMNS",
    "FORCE_COLOR",
    "NO_COLOR",
)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A shell in an empty folder, in English, with nothing of the developer's own."""
    for name in OF_THE_DEVELOPER:
        monkeypatch.delenv(name, raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def crm() -> Crm:
    """Return a function that runs a command in this process."""
    return in_this_process


@dataclass(frozen=True)
class Played:
    """A demonstration after its day, and what it printed. Not to be changed: `demo` is a copy."""

    folder: Path
    said: str


def play(folder: Path, *arguments: str) -> Played:
    done = in_this_process("demo", folder, *arguments)
    assert (done.code, done.err) == (0, "")
    return Played(folder, done.out)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A demonstration in English."""
    return play(tmp_path_factory.mktemp("played") / "demo")


@pytest.fixture
def demo(played: Played, tmp_path: Path) -> Path:
    """A demonstration to work with: one conflict, one problem."""
    return Path(shutil.copytree(played.folder, tmp_path / "demo"))


@pytest.fixture
def config(demo: Path) -> Path:
    """The configuration of `demo`."""
    return demo / "config.toml"
