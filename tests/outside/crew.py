"""Forks one process of `crm-sync` after another, since a fresh Python costs a second.

Run as a program; it talks JSON lines: {"home", "argv", "death"} is answered with {"pid"} for
`serve`, and with {"signal", "code", "said", "requests"} at the end of any other command. DEATH is
null, or {"request": N, "after": BOOL}: the process kills itself there, as kill -9 would; or
{"seconds": X}: it is killed after that time. "clock" sets the clock of the command, in seconds.
"""

import http.client
import json
import os
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crm_sync.cli import commands, main
from crm_sync.wiring import SystemClock


class Requests:
    """Counts the requests of this process and kills it at the one that is to be the last."""

    def __init__(self, death: dict[str, Any] | None) -> None:
        self.last = (death or {}).get("request", 0)
        self.after = (death or {}).get("after", False)
        self.count = 0
        self._send = http.client.HTTPConnection.putrequest
        self._receive = http.client.HTTPResponse.begin
        counter = self

        def send(connection: Any, *args: Any, **kwargs: Any) -> None:
            counter.count += 1
            if counter.count == counter.last and not counter.after:
                os.kill(os.getpid(), signal.SIGKILL)
            counter._send(connection, *args, **kwargs)

        def receive(response: Any) -> None:
            counter._receive(response)
            if counter.count == counter.last and counter.after:
                os.kill(os.getpid(), signal.SIGKILL)

        http.client.HTTPConnection.putrequest = send  # type: ignore[method-assign]
        http.client.HTTPResponse.begin = receive  # type: ignore[method-assign]


def wrong_clock(seconds: float) -> None:
    """Puts the clock of this process forward, or back."""
    right = SystemClock.now

    def now(clock: SystemClock) -> datetime:
        return right(clock) + timedelta(seconds=seconds)

    # This process works one order and ends: no other clock is left behind.
    SystemClock.now = now  # type: ignore[method-assign]


def work(order: dict[str, Any]) -> None:
    """One command, in a process of its own; ends it."""
    home = Path(order["home"])
    if order.get("clock"):
        wrong_clock(order["clock"])
    os.chdir(home)
    said = os.open(home / "said.txt", os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    requests = Requests(order.get("death"))
    code: object = 0
    try:
        main.main(order["argv"])
    except SystemExit as exc:
        code = exc.code
    finally:
        (home / "requests.txt").write_text(str(requests.count))
    sys.stdout.flush()
    os._exit(code if isinstance(code, int) else 1)


def fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if not pid:
        try:
            work(order)
        finally:
            os._exit(70)
    return pid


def kill_later(pid: int, seconds: float) -> None:
    """Kills a process after that time, unless it has ended by then."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        # Short beside a request, so that the death comes at any of its moments.
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)


def ended(home: Path, pid: int) -> dict[str, Any]:
    _, status = os.waitpid(pid, 0)
    count = home / "requests.txt"
    return {
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
        "said": (home / "said.txt").read_text(),
        "requests": int(count.read_text()) if count.exists() else 0,
    }


def answer(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def serve() -> None:
    """Does what the lines of standard input say."""
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            os.kill(order["wait"], signal.SIGTERM)
            os.waitpid(order["wait"], 0)
            answer({})
            continue
        home = Path(order["home"])
        (home / "requests.txt").unlink(missing_ok=True)
        pid = fork(order)
        if "seconds" in (order.get("death") or {}):
            kill_later(pid, order["death"]["seconds"])
        answer({"pid": pid} if order["argv"][0] == "serve" else ended(home, pid))


if __name__ == "__main__":
    assert commands
    serve()
