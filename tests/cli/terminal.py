"""A command in a real terminal of a given width, with what it wrote there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from tests.cli.command import COMMAND, Said

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# A line that was erased, from its own end or from the beginning of the next line.
_ERASED = re.compile(r"[^\n]*\n(?:\x1b\[\?25h)?\x1b\[1A\x1b\[2K|[^\n]*\x1b\[2K")
HEIGHT = 50


def in_a_terminal(
    *arguments: str | Path,
    width: int = 80,
    keys: Sequence[tuple[str, str]] = (),
    **environment: str,
) -> Said:
    """What a command prints on a terminal, stdout and stderr together, escapes and all. Of `keys`
    (a text to wait for, what is typed then) each is typed once its text has been written anew.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, width, 0, 0))
    surroundings = {**os.environ, "TERM": "xterm-256color", **environment}
    command = [*COMMAND, *map(str, arguments)]
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=surroundings,
        # Nothing else can make the terminal its own; no thread runs in these tests at that moment.
        preexec_fn=_own_terminal,  # noqa: PLW1509
    ) as process:
        os.close(theirs)
        written = _all_of(ours, process, list(keys))
        if process.poll() is None and not _ends(process):
            process.kill()
            raise AssertionError(f"it waits for keys; so far: {written.decode()}")
        code = process.wait()
    os.close(ours)
    return Said(code, written.decode().replace("\r\n", "\n"))


def _ends(process: subprocess.Popen[bytes]) -> bool:
    """True if it comes to its end by itself in a few seconds."""
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        return False
    return True


def _own_terminal() -> None:
    """Makes the terminal that the process stands on its own: Ctrl-C reaches it, and what is typed
    in secret is not asked for on the developer's.
    """
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _all_of(terminal: int, process: subprocess.Popen[bytes], keys: list[tuple[str, str]]) -> bytes:
    parts, end, heard = [], time.monotonic() + 60, b""
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.1)
        if not ready:
            if process.poll() is not None:
                break
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:
            # Linux reports so that nobody writes any more.
            break
        if not part:
            break
        parts.append(part)
        heard += part
        while keys and (found := heard.find(keys[0][0].encode())) >= 0:
            heard = heard[found + len(keys[0][0].encode()) :]
            # The program takes the terminal over just after it has asked.
            time.sleep(0.2)
            os.write(terminal, keys.pop(0)[1].encode())
    return b"".join(parts)


def as_seen(written: str) -> str:
    """The text that stays on the terminal: progress lines erased, colours gone."""
    return _ESCAPES.sub("", _ERASED.sub("", written.replace("\r", "")))
