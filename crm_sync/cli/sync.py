"""`crm-sync sync`: bring the workbooks and the store to agreement."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.markup import escape

from crm_sync.cli.findings import conflict_line, problem_line
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.show import table
from crm_sync.core.values import N_
from crm_sync.messages import Messages
from crm_sync.services.application import Application
from crm_sync.services.report_json import result_json
from crm_sync.services.result import RunResult
from crm_sync.services.sync import sync as sync_workbook

STOPPED = 3
SHOWN_FINDINGS = 10


@click.command()
@click.argument("workbooks", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Say what a run would do, and do none of it.")
@click.option(
    "--allow",
    multiple=True,
    metavar="LIMIT",
    help="Go beyond a limit that stopped a tab, e.g. clients:delete:12.",
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
    """Bring WORKBOOKS (all of them by default) and the store to agreement.

    \b
    Example:  crm-sync sync --dry-run
    """
    with settings.application() as app:
        results = []
        for name in workbooks or tuple(app.bound):
            result = sync_workbook(app, name, dry_run=dry_run, allowed=frozenset(allow))
            results.append(result)
            if not as_json:
                print_result(settings.out, settings.messages, app, result)
        if as_json:
            click.echo(
                json.dumps(
                    {"workbooks": [result_json(app, result) for result in results]},
                    ensure_ascii=False,
                    indent=2,
                )
            )
    return STOPPED if any(result.stops for result in results) else 0


def print_result(console: Console, messages: Messages, app: Application, result: RunResult) -> None:
    """Prints one run as people read it: what moved which way, then what waits for them."""
    say = messages.text
    if result.outcome == "unchanged":
        text = say(
            N_("{workbook}: nothing has changed on either side; nothing was written."),
            workbook=result.workbook,
        )
        console.print(f"[green]✓[/] {escape(text)}")
        return
    moved = [tab for tab in result.tabs if not tab.quiet and tab.stop is None]
    title = {
        "planned": N_("{workbook}: what a run would do (nothing was done)"),
        "stopped": N_("{workbook}: synced, but for the tabs named below"),
    }.get(result.outcome, N_("{workbook}: synced"))
    mark = "[yellow]■[/]" if result.outcome == "stopped" else "[green]✓[/]"
    console.print(f"{mark} [bold]{escape(say(title, workbook=result.workbook))}[/]")
    if moved:
        _print_counts(console, messages, result)
    elif not result.stops:
        console.print("  " + escape(say(N_("Nothing to carry over in either direction."))))
    _print_rest(console, messages, app, result)


def _print_counts(console: Console, messages: Messages, result: RunResult) -> None:
    say = messages.text
    counts = table(
        say(N_("Tab")),
        say(N_("Store: new")),
        say(N_("changed")),
        say(N_("archived")),
        say(N_("Sheet: new")),
        say(N_("changed")),
        say(N_("removed")),
    )
    for column in counts.columns[1:]:
        column.justify = "right"
    for tab in result.tabs:
        if tab.quiet or tab.stop is not None:
            continue
        numbers = (
            tab.created + tab.restored,
            tab.updated,
            tab.archived,
            tab.rows_added,
            tab.rows_changed,
            tab.rows_removed,
        )
        counts.add_row(escape(tab.title), *(str(number) if number else "·" for number in numbers))
    console.print(counts)


def _print_rest(console: Console, messages: Messages, app: Application, result: RunResult) -> None:
    say = messages.text
    for stop in result.stops:
        console.print(f"  [bold red]{stop.code}[/] {escape(say(stop.message, **stop.params))}")
        console.print(f"  [bold]→[/] {escape(say(stop.hint, **stop.params))}")
    for notice in result.notices:
        console.print(f"  [cyan]•[/] {escape(say(notice.message, **notice.params))}")
    for conflict in result.conflicts[:SHOWN_FINDINGS]:
        console.print(f"  [blue]{escape(conflict_line(app, messages, conflict))}[/]")
    for problem in result.problems[:SHOWN_FINDINGS]:
        console.print(f"  [yellow]{escape(problem_line(app, messages, problem))}[/]")
    more = (
        max(0, len(result.conflicts) - SHOWN_FINDINGS),
        max(0, len(result.problems) - SHOWN_FINDINGS),
    )
    if any(more):
        text = say(
            N_("… and {conflicts} more conflicts, {problems} more problems."),
            conflicts=more[0],
            problems=more[1],
        )
        console.print("  " + escape(text))
    if result.published:
        text = say(N_("Rewritten: {tabs}."), tabs=", ".join(result.published))
        console.print("  [dim]" + escape(text) + "[/]")
