"""`crm-sync sync`: bring the workbooks and the store to agreement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import click

from crm_sync.cli.failure_json import error_json
from crm_sync.cli.findings import Teller
from crm_sync.cli.result import ResultPrinter
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Usage
from crm_sync.core.values import N_
from crm_sync.errors import NotFound, RunInProgress, ScopeError, StoreError, UserError
from crm_sync.services.application import Application
from crm_sync.services.fleet import ROUNDS, at_rest, in_order, look, once_more, together
from crm_sync.services.report_json import failed_json, result_json
from crm_sync.services.result import RunResult
from crm_sync.services.sync import sync as sync_workbook
from crm_sync.wiring import StoreUse, waiting_told

STOPPED = 3
_SILENT = ("unchanged", "postponed")
_LIMIT = re.compile(r"(?P<table>\w+):(?:new-tab|(?P<what>[\w-]+):\d+)")


@click.command(short_help="Bring workbooks and store to agreement.")
@click.argument("workbooks", nargs=-1, metavar="[WORKBOOK]...")
@click.option("--dry-run", is_flag=True, help="Say what a run would do, and do none of it.")
@click.option(
    "--allow",
    multiple=True,
    metavar="LIMIT",
    help="Go beyond a limit that stopped a tab, as the stop says it: clients:delete:12.",
)
@json_option
@common
def sync(
    settings: Settings,
    workbooks: tuple[str, ...],
    dry_run: bool,
    allow: tuple[str, ...],
    as_json: bool,
) -> int:
    """Bring each WORKBOOK (all of them by default) and the store to agreement.

    \b
    Example:  crm-sync sync --dry-run
    """
    use = StoreUse.TRIAL if dry_run else StoreUse.MAKE
    with settings.application(use) as app:
        names = known_workbooks(app, workbooks)
        for limit in allow:
            _check_limit(app, limit)
        spoken = settings.spoken(app)
        printer = ResultPrinter(settings.out, settings, Teller(spoken, settings.messages))
        wish = _wish(app, names, dry_run=dry_run, allowed=frozenset(allow))
        versions = look(app, names) if wish.ends else {}
        resting = [_with_findings(app, item) for item in at_rest(app, versions).values()]
        if not as_json:
            printer.print_resting(resting)
        done = {item.workbook: _Run(item.workbook, item) for item in resting}
        for run in _rounds(settings, app, names, wish, versions, done):
            if not as_json and run.result is not None:
                printer.print(run.result, again=run.name in done)
            if run.error is not None:
                settings.show_error(run.error, run.name if wish.many else "")
        if as_json:
            told = [_json(settings, spoken, done[name]) for name in names]
            settings.out.json({"workbooks": told})
    return next((done[name].code for name in names if done[name].code), 0)


@dataclass(frozen=True)
class _Run:
    """One workbook's run: what came of it, or the error that ended it."""

    name: str
    result: RunResult | None = None
    error: UserError | None = None

    @property
    def code(self) -> int:
        """The exit code of this run alone."""
        if self.error is not None:
            return self.error.exit_code
        return STOPPED if self.result is not None and self.result.stops else 0


@dataclass(frozen=True)
class _Wish:
    """What the command asks of every run. A go over `many` workbooks `ends` some time: it begins no
    run after that.
    """

    dry_run: bool
    allowed: frozenset[str]
    many: bool
    ends: datetime | None


def _wish(
    app: Application, names: Sequence[str], *, dry_run: bool, allowed: frozenset[str]
) -> _Wish:
    many = len(names) > 1
    ends = app.clock.now() + timedelta(minutes=app.run_minutes)
    return _Wish(dry_run, allowed, many, ends if many and not dry_run else None)


def _rounds(
    settings: Settings,
    app: Application,
    names: Sequence[str],
    wish: _Wish,
    versions: Mapping[str, int],
    done: dict[str, _Run],
) -> Iterator[_Run]:
    """The runs of all rounds, in order; `done` has what came of each workbook so far."""
    moving = in_order(app, (name for name in names if name not in done))
    for run in _runs(settings, app, moving, wish, versions):
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


def _again(runs: Iterator[_Run], done: dict[str, _Run]) -> Iterator[_Run]:
    """The runs of a later round that have something to say."""
    for run in runs:
        before = done[run.name]
        # What a scope lacked may have come by another workbook; if not, it was said already.
        if isinstance(run.error, ScopeError) and before.error is not None:
            continue
        if run.error is not None or run.result is None or run.result.outcome not in _SILENT:
            yield run
        if before.result is not None and run.result is not None:
            done[run.name] = _Run(run.name, together(before.result, run.result))
        else:
            done[run.name] = run


def _runs(
    settings: Settings,
    app: Application,
    names: Sequence[str],
    wish: _Wish,
    versions: Mapping[str, int],
) -> Iterator[_Run]:
    """The runs in order. What is wrong with one workbook does not hold up the others."""
    for number, name in enumerate(names, start=1):
        if number > 1 and wish.ends is not None and app.clock.now() >= wish.ends:
            yield _Run(name, _with_findings(app, RunResult(name, "postponed")))
            continue
        with (
            settings.err.working(_working(settings, name, number, len(names))) as status,
            waiting_told(partial(_tell_waiting, settings, status, name)),
        ):
            try:
                result = sync_workbook(
                    app,
                    name,
                    dry_run=wish.dry_run,
                    allowed=wish.allowed,
                    version=versions.get(name),
                )
                found = _Run(name, _with_findings(app, result))
            except (StoreError, RunInProgress):
                raise
            except UserError as exc:
                found = _Run(name, error=exc)
        yield found


def _working(settings: Settings, name: str, number: int, count: int) -> str:
    say = settings.messages.text
    if count == 1:
        return say(N_("Syncing {workbook} …"), workbook=name)
    text = N_("Syncing {workbook} ({number} of {count}) …")
    return say(text, workbook=name, number=number, count=count)


def _tell_waiting(
    settings: Settings, status: Callable[[str], None], name: str, seconds: float
) -> None:
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


def _json(settings: Settings, app: Application, run: _Run) -> dict[str, object]:
    if run.result is not None:
        return result_json(app, run.result)
    assert run.error is not None
    return failed_json(run.name, error_json(run.error.code, *settings.told(run.error)))


def known_workbooks(app: Application, names: tuple[str, ...]) -> tuple[str, ...]:
    """The workbooks to sync, each once. Raises NotFound before anything is done for the others."""
    for name in names:
        if name not in app.bound:
            raise NotFound(
                N_("The configuration has no workbook named “{name}”."),
                N_("It names: {names}."),
                name=name,
                names=", ".join(app.bound),
            )
    return tuple(dict.fromkeys(names)) or tuple(app.bound)


def _check_limit(app: Application, limit: str) -> None:
    """Raises Usage for a limit that no stop has ever named."""
    found = _LIMIT.fullmatch(limit)
    tables = {tab.table.name: tab.table for tab in app.tabs}
    table = tables.get(found["table"]) if found else None
    kinds = (None, "delete", "leave", "enter", "scrambled", "put-back")
    if found and table and found["what"] in (*kinds, *table.by_name):
        return
    raise Usage(
        N_("--allow: “{typed}” is no limit."),
        N_(
            "A run that stops names the limit, for example: crm-sync sync --allow clients:delete:12"
        ),
        typed=limit,
    )
