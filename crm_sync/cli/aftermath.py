"""Runs with what follows them: a line of a log, notes, figures, messages to people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crm_sync.cli.rounds import Run
from crm_sync.cli.screen import OutputLost
from crm_sync.cli.settings import Settings
from crm_sync.cli.usage import Usage
from crm_sync.config import Config
from crm_sync.errors import NotFound, UserError
from crm_sync.messages import Messages
from crm_sync.services.application import Application
from crm_sync.services.noted import NotedRun
from crm_sync.wiring.aftermath import after_runs

UNEXPECTED = "E-UNEXPECTED"


@dataclass
class Aftermath:
    """What follows the runs of one go. A dry run (`real` False) has nothing follow it."""

    settings: Settings
    config: Config
    real: bool = True
    noted: list[NotedRun] = field(default_factory=list)

    def settle(self, app: Application, runs: Sequence[Run]) -> None:
        """Notes and tells what came of these runs, while the store is open."""
        noted = [self.note(run) for run in runs]
        # One that was put off was no look at its workbook.
        self.noted = [run for run in noted if run.outcome != "postponed"]
        if self.real:
            self._follow(app)

    def failed(self, code: str, message: str, exit_code: int) -> None:
        """The same for a failure before the store was open, or of the store itself."""
        self.noted = [NotedRun("", _now(), "failed", exit_code, code, message)]
        if self.real:
            self._follow(None)

    def note(self, run: Run) -> NotedRun:
        """What is noted of a run."""
        error, result = run.error, run.result
        seconds = round(run.seconds, 3)
        if result is None:
            assert error is not None
            message = self._message(error)
            return NotedRun(
                run.name, _now(), "failed", run.code, error.code, message, seconds, run.requests
            )
        return NotedRun(
            run.name,
            _now(),
            result.outcome,
            run.code,
            seconds=seconds,
            requests=run.requests,
            counts=result.counts,
            conflicts=len(result.conflicts),
            problems=len(result.problems),
            stops=tuple(stop.code for stop in result.stops),
        )

    def _follow(self, app: Application | None) -> None:
        for error in after_runs(self.config, self.noted, app, datetime.now(UTC)):
            self.settings.show_error(error)

    def _message(self, error: UserError) -> str:
        return Messages(self.config.language).text(error.message, **error.facts)


@contextmanager
def aftermath(settings: Settings, config: Config, *, real: bool = True) -> Iterator[Aftermath]:
    """Notes and tells also of what ends the go. Another run at work is no failure, unless it has
    been for long; nor is what was typed wrongly.
    """
    after = Aftermath(settings, config, real)
    try:
        yield after
    except (NotFound, Usage, OutputLost, BrokenPipeError):
        raise
    except UserError as exc:
        after.failed(exc.code, after._message(exc), exc.exit_code)
        raise
    except BaseException as exc:
        if isinstance(exc, Exception):
            after.failed(UNEXPECTED, type(exc).__name__, 1)
        raise


def log_line(settings: Settings, noted: NotedRun) -> None:
    """Prints one run in a line of JSON, in ASCII, whatever the log's encoding."""
    told = {
        "at": noted.at,
        "workbook": noted.workbook,
        "outcome": noted.outcome,
        "code": noted.code,
        "seconds": noted.seconds,
        "requests": noted.requests,
        "counts": dict(noted.counts),
        "conflicts": noted.conflicts,
        "problems": noted.problems,
        "stops": list(noted.stops),
        "error": noted.error,
        "message": noted.message,
    }
    settings.out.line(json.dumps(told), keep=True)


def failure_line(settings: Settings, error: UserError) -> None:
    """Prints what ended a go before its runs, in such a line."""
    message, _ = settings.told(error)
    log_line(settings, NotedRun("", _now(), "failed", error.exit_code, error.code, message))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
