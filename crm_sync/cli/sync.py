"""`crm-sync sync`: bring the workbooks and the store to agreement."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence

import click

from crm_sync.cli.aftermath import aftermath, failure_line, log_line
from crm_sync.cli.failure_json import error_json
from crm_sync.cli.findings import Teller
from crm_sync.cli.result import ResultPrinter
from crm_sync.cli.rounds import Run, Wish, resting, rounds
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Usage, Whole
from crm_sync.core.values import N_
from crm_sync.errors import NotFound, UserError
from crm_sync.services.application import Application
from crm_sync.services.report_json import failed_json, result_json
from crm_sync.wiring import StoreUse, open_application

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
@click.option("--log-json", is_flag=True, help="Print one line of JSON for each run, for a log.")
@click.option(
    "--spread",
    default=0,
    metavar="SECONDS",
    type=Whole(0, 3600),
    help="Begin after up to so many seconds, at random.",
)
@json_option
@common
def sync(
    settings: Settings,
    workbooks: tuple[str, ...],
    dry_run: bool,
    allow: tuple[str, ...],
    log_json: bool,
    spread: int,
    as_json: bool,
) -> int:
    """Bring each WORKBOOK (all of them by default) and the store to agreement.

    \b
    Example:  crm-sync sync --dry-run
    """
    if log_json and as_json:
        raise Usage(N_("--json and --log-json exclude each other."), N_("Leave one of them out."))
    # Many computers that sync at the same minute must not ask Google all at once.
    time.sleep(random.uniform(0, spread))
    wish = Wish(dry_run, frozenset(allow))
    if not log_json:
        return _code(one_go(settings, workbooks, wish, as_json=as_json))
    try:
        return _code(one_go(settings, workbooks, wish, log_json=True))
    except UserError as exc:
        failure_line(settings, exc)
        return exc.exit_code


def one_go(
    settings: Settings,
    workbooks: tuple[str, ...],
    wish: Wish,
    *,
    as_json: bool = False,
    log_json: bool = False,
) -> Sequence[Run]:
    """A run over each of these workbooks, said as they go, with what follows them. Raises UserError
    for what ends them all.
    """
    config = settings.load()
    use = StoreUse.TRIAL if wish.dry_run else StoreUse.MAKE
    with (
        aftermath(settings, config, real=not wish.dry_run) as after,
        open_application(config, use) as app,
    ):
        names = known_workbooks(app, workbooks)
        for limit in sorted(wish.allowed):
            _check_limit(app, limit)
        spoken = settings.spoken(app)
        printer = ResultPrinter(settings.out, settings, Teller(spoken, settings.messages))
        wish = wish.over(app, names)
        done = resting(app, names, wish)
        if log_json:
            for run in done.values():
                log_line(settings, after.note(run))
        elif not as_json:
            printer.print_resting([run.result for run in done.values() if run.result])
        for run in rounds(settings, app, names, wish, done):
            if log_json:
                log_line(settings, after.note(run))
                continue
            if not as_json and run.result is not None:
                printer.print(run.result, again=run.name in done)
            if run.error is not None:
                settings.show_error(run.error, run.name if wish.many else "")
        if as_json:
            told = [_json(settings, spoken, done[name]) for name in names]
            settings.out.json({"workbooks": told})
        runs = [done[name] for name in names]
        after.settle(app, runs)
    return runs


def _code(runs: Sequence[Run]) -> int:
    return next((run.code for run in runs if run.code), 0)


def _json(settings: Settings, app: Application, run: Run) -> dict[str, object]:
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
