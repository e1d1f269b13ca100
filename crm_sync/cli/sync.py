"""`crm-sync sync`: bring the workbooks and the store to agreement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.result import ResultPrinter
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Usage
from crm_sync.core.values import N_
from crm_sync.errors import NotFound, RunInProgress, StoreError, UserError
from crm_sync.services.application import Application
from crm_sync.services.report_json import error_json, failed_json, result_json
from crm_sync.services.result import RunResult
from crm_sync.services.sync import sync as sync_workbook
from crm_sync.wiring import StoreUse, waiting_told

STOPPED = 3
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
        told = []
        codes = []
        for run in _runs(settings, app, names, dry_run=dry_run, allowed=frozenset(allow)):
            codes.append(run.code)
            if as_json:
                told.append(_json(settings, spoken, run))
            elif run.result is not None:
                printer.print(run.result)
            if run.error is not None:
                settings.show_error(run.error, run.name if len(names) > 1 else "")
        if as_json:
            settings.out.json({"workbooks": told})
    return next((code for code in codes if code), 0)


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


def _runs(
    settings: Settings,
    app: Application,
    names: Sequence[str],
    *,
    dry_run: bool,
    allowed: frozenset[str],
) -> Iterator[_Run]:
    """The runs in order. What is wrong with one workbook does not hold up the others."""
    say = settings.messages.text
    for name in names:
        with (
            settings.err.working(say(N_("Syncing {workbook} …"), workbook=name)) as status,
            waiting_told(partial(_tell_waiting, settings, status, name)),
        ):
            try:
                result = sync_workbook(app, name, dry_run=dry_run, allowed=allowed)
                found = _Run(name, _with_findings(app, result))
            except (StoreError, RunInProgress):
                raise
            except UserError as exc:
                found = _Run(name, error=exc)
        yield found


def _tell_waiting(
    settings: Settings, status: Callable[[str], None], name: str, seconds: float
) -> None:
    text = N_("{workbook}: no answer; asking again in {seconds} s …")
    status(settings.messages.text(text, workbook=name, seconds=round(seconds)))


def _with_findings(app: Application, result: RunResult) -> RunResult:
    """A run that found nothing changed, with what waits from before."""
    if result.outcome != "unchanged":
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
    if (
        found
        and table
        and found["what"] in (None, "delete", "scrambled", "put-back", *table.by_name)
    ):
        return
    raise Usage(
        N_("--allow: “{typed}” is no limit."),
        N_(
            "A run that stops names the limit, for example: crm-sync sync --allow clients:delete:12"
        ),
        typed=limit,
    )
