"""Runs `crm-sync sync` in one forked process after another, and kills those that are to die.

Run as a program; it talks JSON lines. A line {"home": FOLDER, "death": DEATH} forks a process for
the office in that folder and is answered with {"pid": PID}; the next line, whatever it says, lets
it go, and at its end comes {"signal": NUMBER, "code": NUMBER, "said": TEXT, "commits": NUMBER,
"statements": NUMBER, "syncs": NUMBER}. DEATH is null, {"commit": N, "after": BOOL},
{"statement": N} or {"sync": N}; the last needs the environment of `syncs.watching`.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crm_sync.cli import commands, main
from tests.crash.store_victim import trace
from tests.crash.syncs import LIBRARY, before_each_sync

SAID = "said.txt"
COUNTS = "counts.json"


class Counter:
    """Counts the statements of SQLite and kills at the one that is to be the last."""

    def __init__(self, death: dict[str, Any] | None) -> None:
        self.death = death or {}
        self.commits = 0
        self.statements = 0
        self.syncs = 0

    def sync(self, file: int) -> None:
        """Counts the fsync that is about to be made, and kills at the last one."""
        self.syncs += 1
        if self.syncs == self.death.get("sync"):
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, statement: str) -> None:
        self.statements += 1
        if self._is_last(statement == "COMMIT"):
            os.kill(os.getpid(), signal.SIGKILL)

    def _is_last(self, commit: bool) -> bool:
        if self.death.get("after") and self.commits == self.death["commit"]:
            return True
        self.commits += commit
        if commit and not self.death.get("after") and self.commits == self.death.get("commit"):
            return True
        return self.statements == self.death.get("statement")


def sync(home: Path, death: dict[str, Any] | None) -> None:
    """One run of the command line; ends the process."""
    said = os.open(home / SAID, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    counter = Counter(death)
    trace(counter)
    if LIBRARY in os.environ:
        before_each_sync(counter.sync)
    try:
        main.main(["--config", str(home / "config.toml"), "sync"])
    finally:
        counts = {
            "commits": counter.commits,
            "statements": counter.statements,
            "syncs": counter.syncs,
        }
        (home / COUNTS).write_text(json.dumps(counts))


def fork(work: Callable[[], None]) -> tuple[int, int]:
    """Forks a process that waits for a byte on the pipe that is given back, then works."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(reader)
        return pid, writer
    code = 70
    try:
        os.close(writer)
        os.read(reader, 1)
        work()
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else 0
    finally:
        os._exit(code)


def say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def serve() -> None:
    """Does what the lines of standard input say."""
    for line in sys.stdin:
        order = json.loads(line)
        home = Path(order["home"])
        (home / COUNTS).unlink(missing_ok=True)
        pid, writer = fork(lambda home=home, order=order: sync(home, order["death"]))  # type: ignore[misc]
        say({"pid": pid})
        sys.stdin.readline()
        os.write(writer, b".")
        os.close(writer)
        _, status = os.waitpid(pid, 0)
        counts = json.loads((home / COUNTS).read_text()) if (home / COUNTS).exists() else {}
        told = {
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
            "said": (home / SAID).read_text(),
        }
        say(told | counts)


if __name__ == "__main__":
    assert commands
    serve()
