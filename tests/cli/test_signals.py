"""What ends a command from outside: it lets go of what it holds, and says nothing of its inside."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

BUSY = """
import time
from crm_sync.cli import commands, main
def run(arguments):
    try:
        print("at work", flush=True)
        time.sleep(60)
    finally:
        print("let go", flush=True)
commands.run = run
main.main(["sync"])
"""


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_command_that_is_ended_lets_go_of_what_it_holds(by: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BUSY], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.send_signal(by)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "let go\n", "")
