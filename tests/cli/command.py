"""What a command says, and the files around it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crm_sync.cli.main import main

COMMAND = (sys.executable, "-m", "crm_sync.cli.main")
CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюя")


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def kind(self) -> str:
        """The code of the error, E-CONFIG and the like, "" without one."""
        return self.err.split(" ", 1)[0] if self.err.startswith("E-") else ""


Crm = Callable[..., Said]


def in_this_process(*arguments: str | Path) -> Said:
    """What a command says, without the cost of a new process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as exited:
        main([str(item) for item in arguments])
    code = exited.value.code
    assert isinstance(code, int)
    assert "Traceback" not in err.getvalue()
    return Said(code, out.getvalue(), err.getvalue())


def in_a_process(*arguments: str | Path, stdout: int = subprocess.PIPE, **environment: str) -> Said:
    """What a command says in a process of its own; `stdout` is where its results go instead."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        timeout=60,
        env={**os.environ, **environment},
        check=False,
    )
    assert "Traceback" not in done.stderr
    return Said(done.returncode, done.stdout or "", done.stderr)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for locks and notes of runs, which may come and stay."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock" and not path.name.endswith(".notes.json")
    }


def is_russian(text: str) -> bool:
    return bool(CYRILLIC & set(text.lower()))
