"""The runs of one go over several workbooks, as the command line makes them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from crm_sync.cli.settings import Settings
from crm_sync.core.values import N_
from crm_sync.errors import RunInProgress, ScopeError, StoreError, UserError
from crm_sync.services.application import Application
from crm_sync.services.fleet import ROUNDS, at_rest, in_order, look, once_more, together
from crm_sync.services.result import RunResult
from crm_sync.services.sync import sync as sync_workbook
from crm_sync.wiring import waiting_told

STOPPED = 3
_SILENT = ("unchanged", "postponed")


@dataclass(frozen=True)
class Run:
    """One workbook's run: what came of it, or the error that ended it; how long it took, and how
    many requests.
    """

    name: str
    result: RunResult | None = None
    error: UserError | None = None
    seconds: float = 0.0
    requests: int = 0

    @property
    def code(self) -> int:
        """The exit code of this run alone."""
        if self.error is not None:
            return self.error.exit_code
        return STOPPED if self.result is not None and self.result.stops else 0


@dataclass(frozen=True)
class Wish:
    """What the command asks of every run. A go over `many` workbooks `ends` some time: it begins no
    run after that. `waiting` is told before a run waits to ask a server again. `versions` are those
    of workbooks that nobody has touched.
    """

    dry_run: bool
    allowed: frozenset[str]
    many: bool = False
    ends: datetime | None = None
    waiting: Callable[[float], object] | None = None
    versions: dict[str, int] = field(default_factory=dict)

    def over(self, app: Application, names: Sequence[str]) -> Wish:
        """The same for a go over these workbooks that begins now."""
        many = len(names) > 1
        ends = app.clock.now() + timedelta(minutes=app.run_minutes)
        return replace(self, many=many, ends=ends if many and not self.dry_run else None)


def resting(app: Application, names: Sequence[str], wish: Wish) -> dict[str, Run]:
    """The workbooks that need no run, since nothing has changed on either side."""
    wish.versions.update(look(app, names) if wish.ends else {})
    found = at_rest(app, wish.versions).values()
    return {item.workbook: Run(item.workbook, _with_findings(app, item)) for item in found}


def rounds(
    settings: Settings,
    app: Application,
    names: Sequence[str],
    wish: Wish,
    done: dict[str, Run],
) -> Iterator[Run]:
    """The runs of all rounds, in order; `done` has what came of each workbook so far."""
    moving = in_order(app, (name for name in names if name not in done))
    for run in _runs(settings, app, moving, wish, wish.versions):
        yield run
        done[run.name] = run
    for _ in range(ROUNDS - 1):
        if wish.ends is None or app.clock.now() >= wish.ends:
            return
        results = {name: run.result for name, run in done.items() if run.result is not None}
        failed = {name for name, run in done.items() if isinstance(run.error, ScopeError)}
        names = once_more(app, results, failed)
        if not names:
            return
        yield from _again(_runs(settings, app, names, wish, {}), done)


def _again(runs: Iterator[Run], done: dict[str, Run]) -> Iterator[Run]:
    """The runs of a later round that have something to say."""
    for run in runs:
        before = done[run.name]
        # What a scope lacked may have come by another workbook; if not, it was said already.
        if isinstance(run.error, ScopeError) and before.error is not None:
            continue
        if run.error is not None or run.result is None or run.result.outcome not in _SILENT:
            yield run
        if before.result is not None and run.result is not None:
            done[run.name] = replace(
                run,
                result=together(before.result, run.result),
                seconds=before.seconds + run.seconds,
                requests=before.requests + run.requests,
            )
        else:
            done[run.name] = run


def _runs(
    settings: Settings,
    app: Application,
    names: Sequence[str],
    wish: Wish,
    versions: Mapping[str, int],
) -> Iterator[Run]:
    """The runs in order. What is wrong with one workbook does not hold up the others."""
    for number, name in enumerate(names, start=1):
        if number > 1 and wish.ends is not None and app.clock.now() >= wish.ends:
            yield Run(name, _with_findings(app, RunResult(name, "postponed")))
            continue
        begun, asked = time.monotonic(), app.workbooks.requests_made
        with (
            settings.err.working(_working(settings, name, number, len(names))) as status,
            waiting_told(partial(_tell_waiting, settings, wish, status, name)),
        ):
            try:
                result = sync_workbook(
                    app,
                    name,
                    dry_run=wish.dry_run,
                    allowed=wish.allowed,
                    version=versions.get(name),
                )
                found = Run(name, _with_findings(app, result))
            except (StoreError, RunInProgress):
                raise
            except UserError as exc:
                found = Run(name, error=exc)
        requests = app.workbooks.requests_made - asked
        yield replace(found, seconds=time.monotonic() - begun, requests=requests)


def _working(settings: Settings, name: str, number: int, count: int) -> str:
    say = settings.messages.text
    if count == 1:
        return say(N_("Syncing {workbook} …"), workbook=name)
    text = N_("Syncing {workbook} ({number} of {count}) …")
    return say(text, workbook=name, number=number, count=count)


def _tell_waiting(
    settings: Settings, wish: Wish, status: Callable[[str], None], name: str, seconds: float
) -> None:
    if wish.waiting is not None:
        wish.waiting(seconds)
    text = N_("{workbook}: no answer; asking again in {seconds} s …")
    status(settings.messages.text(text, workbook=name, seconds=round(seconds)))


def _with_findings(app: Application, result: RunResult) -> RunResult:
    """A run that found nothing changed, or was not made, with what waits from before."""
    if result.outcome not in _SILENT:
        return result
    findings = app.store.findings
    return replace(
        result,
        conflicts=findings.conflicts(result.workbook),
        problems=findings.problems(result.workbook),
    )
