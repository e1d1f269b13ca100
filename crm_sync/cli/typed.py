"""Commands as they can be typed at this place, whether crm-sync is on the PATH or not."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

NAME = "crm-sync"
# What is named here is a command; "crm-sync never overwrites" is not.
COMMANDS = (
    "sync",
    "serve",
    "conflicts",
    "problems",
    "report",
    "explain",
    "kpi",
    "history",
    "log",
    "undo",
    "restore",
    "backup",
    "recover",
    "status",
    "export",
    "client",
    "contact",
    "agreement",
    "find",
    "duplicates",
    "merge",
    "unmerge",
    "import",
    "card",
    "done",
    "template",
    "branch",
    "adopt",
    "audit",
    "init",
    "completion",
    "schedule",
    "doctor",
    "notify",
    "watch",
    "verify",
    "erase",
    "as-of",
    "review",
)
_COMMAND = re.compile(rf"\b{NAME} (?=(?:{'|'.join(COMMANDS)})\b|(?P<alone>demo\b|--))")


def program() -> str:
    """What starts this program, from this folder: its name, or the path that leads to it."""
    started = Path(sys.argv[0])
    if started.name != NAME:
        return f"{shlex.quote(sys.executable)} -m crm_sync.cli.main"
    found = shutil.which(NAME)
    if found is not None and _same(Path(found), started):
        return NAME
    return shlex.quote(_from_here(started))


def command_start(config: Path | None) -> str:
    """The beginning of every command: the program, and the configuration if it is not the usual
    one (None).
    """
    return program() if config is None else f"{program()} -c {shlex.quote(str(config))}"


def as_typed(text: str, config: Path | None) -> str:
    """The text with each command in it as it can be typed here."""

    def start(found: re.Match[str]) -> str:
        return f"{program() if found['alone'] else command_start(config)} "

    return _COMMAND.sub(start, text)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _from_here(path: Path) -> str:
    absolute = path.absolute()
    try:
        inside = absolute.relative_to(Path.cwd())
    except (ValueError, OSError):
        return str(absolute)
    return str(inside) if len(inside.parts) > 1 else f"./{inside}"
