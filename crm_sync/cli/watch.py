"""`crm-sync watch`: run again and again, until it is told to stop."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import click

from crm_sync.cli.aftermath import failure_line
from crm_sync.cli.rounds import Wish
from crm_sync.cli.settings import Settings, common
from crm_sync.cli.sync import one_go
from crm_sync.cli.usage import Whole
from crm_sync.core.values import N_
from crm_sync.errors import ConfigError, UserError

USUAL_MINUTES = 5
LONGEST_MINUTES = 60
SHARE_OF_JITTER = 0.1
FAILED = frozenset({1, 4, 5, 6})


@dataclass
class Pace:
    """How long to wait between the runs, in seconds: longer and longer while they fail."""

    usual: float
    failures: int = 0

    def after(self, *, failed: bool) -> float:
        """The pause after a run, without what chance adds."""
        self.failures = self.failures + 1 if failed else 0
        longest = max(self.usual, LONGEST_MINUTES * 60)
        return min(self.usual * 2.0 ** min(self.failures, 10), longest)


@dataclass
class Ending:
    """Whether somebody asked to stop. The first time the run under way is finished; asked a second
    time, or while it only waits for a server, it ends at once: the next run heals that.
    """

    asked: threading.Event = field(default_factory=threading.Event)

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Takes in a signal."""
        if self.asked.is_set():
            raise KeyboardInterrupt
        self.asked.set()

    def on_waiting(self, seconds: float) -> None:
        """Nothing is on its way while a run waits to ask again."""
        if self.asked.is_set():
            raise KeyboardInterrupt


@click.command("watch", short_help="Sync every few minutes until Ctrl-C.")
@click.argument("workbooks", nargs=-1, metavar="[WORKBOOK]...")
@click.option(
    "--every",
    default=USUAL_MINUTES,
    metavar="MINUTES",
    type=Whole(1, 1440),
    help=f"How often. [default: {USUAL_MINUTES}]",
)
@click.option("--runs", metavar="COUNT", type=Whole(1), help="End after so many runs.")
@common
def watch(settings: Settings, workbooks: tuple[str, ...], every: int, runs: int | None) -> int:
    """Sync each WORKBOOK (all of them by default) every few minutes, until Ctrl-C or SIGTERM; the
    run under way is finished first. It prints one line of JSON for each run over a workbook, as
    `sync --log-json` does. While runs fail it waits longer, an hour at most.

    \b
    Example:  crm-sync watch --every 5
    """
    # What is wrong with the configuration is told at once, not again and again.
    settings.load()
    pace, ending = Pace(every * 60.0), Ending()
    left = runs
    code = 0
    with _signals(ending):
        while not ending.asked.is_set():
            code = _one(settings, workbooks, ending)
            left = None if left is None else left - 1
            if left == 0:
                break
            pause = pace.after(failed=code in FAILED)
            ending.asked.wait(pause * random.uniform(1, 1 + SHARE_OF_JITTER))
    if ending.asked.is_set():
        settings.err.line(settings.messages.text(N_("Stopped; the last run is whole.")))
        return 0
    return code


def _one(settings: Settings, workbooks: tuple[str, ...], ending: Ending) -> int:
    """One go over the workbooks; its exit code."""
    try:
        wish = Wish(False, frozenset(), waiting=ending.on_waiting)
        runs = one_go(settings, workbooks, wish, log_json=True)
    except ConfigError as exc:
        # Somebody is perhaps just editing the file.
        failure_line(settings, exc)
        return exc.exit_code
    except UserError as exc:
        if exc.exit_code == 2:
            raise
        failure_line(settings, exc)
        return exc.exit_code
    return next((run.code for run in runs if run.code), 0)


@contextmanager
def _signals(ending: Ending) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, ending.on_signal)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
