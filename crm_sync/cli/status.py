"""`crm-sync status`: how things stand, on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.schedule import job_json
from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.config import Config
from crm_sync.config.settings import GOOGLE_PER_MINUTE
from crm_sync.core.values import N_
from crm_sync.services.noted import NotedRun
from crm_sync.services.report_json import status_json
from crm_sync.services.status import OLD_BACKUP, Status, WorkbookStatus, status
from crm_sync.wiring import StoreUse, open_application
from crm_sync.wiring.noted import noted_runs, requests_lately
from crm_sync.wiring.schedule import Found, found_jobs


@click.command("status", short_help="Show how things stand.")
@json_option
@common
def status_(settings: Settings, as_json: bool) -> None:
    """Show how things stand: the last run of each workbook, what waits for somebody, how many
    records there are, and how old the newest backup is. Asks nothing of the network.

    \b
    Example:  crm-sync status
    """
    config = settings.load()
    with open_application(config, StoreUse.KNOWN) as app:
        found = status(app)
        around = _Around.of(config, found)
        if as_json:
            settings.out.json({"status": {**status_json(found), **around.json()}})
            return
        teller = Teller(settings.spoken(app), settings.messages)
        _print_workbooks(settings, found, around)
        settings.out.gap()
        _print_records(settings, teller, found)
        _print_backup(settings, found)
        _print_around(settings, config, around)
        for text, command in _to_do(settings, found):
            settings.out.line(text, "yellow", mark=("•", "yellow"))
            settings.out.line(settings.typed(command), mark=("→", "bold"), indent=2, keep=True)


@dataclass(frozen=True)
class _Around:
    """What is known beside the store: the last looks, also those that found nothing to do or
    failed; how much was asked of late; and by what runs go by themselves.
    """

    runs: Mapping[str, NotedRun]
    requests: int
    jobs: tuple[Found, ...]

    @classmethod
    def of(cls, config: Config, found: Status) -> _Around:
        return cls(noted_runs(config), requests_lately(config, found.at), found_jobs(config.file))

    def json(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "last_looks": [_look_json(run) for _, run in sorted(self.runs.items())],
            "requests_last_minute": self.requests,
            "requests_allowed": GOOGLE_PER_MINUTE,
            "jobs": [job_json(job) for job in self.jobs],
        }


def _look_json(run: NotedRun) -> dict[str, object]:
    return {
        "workbook": run.workbook,
        "at": run.at,
        "succeeded_at": run.succeeded_at,
        "outcome": run.outcome,
        "error": run.error,
        "seconds": run.seconds,
        "requests": run.requests,
    }


def _print_workbooks(settings: Settings, found: Status, around: _Around) -> None:
    say, integer = settings.messages.text, settings.messages.integer
    lines = listing(
        say(N_("Workbook")),
        say(N_("Last look")),
        say(N_("How it ended")),
        say(N_("Conflicts")),
        say(N_("Problems")),
    )
    lines.align_right(3)
    lines.align_right(4)
    for item in found.workbooks:
        run = around.runs.get(item.name)
        at = run.at if run else item.last.started_at if item.last else ""
        age = found.at - datetime.fromisoformat(at) if at else None
        failed = run is not None and bool(run.error)
        lines.add(
            cell(item.name),
            cell(say(N_("{age} ago"), age=_span(settings, age)) if age is not None else "—"),
            cell(_outcome(settings, item, run), "red" if failed else ""),
            cell(integer(item.conflicts)),
            cell(integer(item.problems)),
        )
    settings.out.table(lines)


def _outcome(settings: Settings, item: WorkbookStatus, run: NotedRun | None) -> str:
    say = settings.messages.text
    if run is not None and run.error:
        return say(N_("failed ({code})"), code=run.error)
    if item.last is None:
        return say(N_("not synced yet"))
    if item.last.outcome == "stopped":
        return say(N_("a tab was left alone"))
    if not item.last.finished_at or item.unsettled:
        return say(N_("did not end; the next run goes on from there"))
    if item.pending:
        return say(N_("synced; the store has changed since"))
    return say(N_("synced"))


def _print_records(settings: Settings, teller: Teller, found: Status) -> None:
    say, integer = settings.messages.text, settings.messages.integer
    shown = ("clients", "contacts", "agreements")
    counts = [
        f"{teller.reader.tab(table)} {integer(found.records.get(table, 0))}" for table in shown
    ]
    text = say(
        N_("In the store: {counts}; archived {archived}."),
        counts=", ".join(counts),
        archived=integer(found.archived),
    )
    settings.out.line(text)


def _print_backup(settings: Settings, found: Status) -> None:
    say = settings.messages.text
    age = found.backup_age
    if found.backup is None:
        settings.out.line(say(N_("There is no backup yet.")))
        return
    text = say(
        N_("Backups: {count}; the newest is {age} old."),
        count=settings.messages.integer(found.backups),
        age=_span(settings, age) if age is not None else "?",
    )
    settings.out.line(text)


def _print_around(settings: Settings, config: Config, around: _Around) -> None:
    say, integer = settings.messages.text, settings.messages.integer
    text = N_("Requests in the last minute: {count}; Google allows {limit}.")
    settings.out.line(say(text, count=integer(around.requests), limit=GOOGLE_PER_MINUTE))
    for job in around.jobs:
        when = "?"
        if job.next_run:
            moment = datetime.fromisoformat(job.next_run).astimezone(config.zone)
            when = settings.messages.datetime(moment)
        text = N_("The next run by itself ({method}): {when}.")
        settings.out.line(say(text, method=job.method, when=when))
    if not around.jobs:
        settings.out.line(say(N_("Nothing runs by itself for this configuration.")))


def _to_do(settings: Settings, found: Status) -> list[tuple[str, str]]:
    """What somebody should look at, each with the command for it."""
    say = settings.messages.text
    todo = []
    conflicts = sum(item.conflicts for item in found.workbooks)
    problems = sum(item.problems for item in found.workbooks)
    if found.stopped:
        names = ", ".join(found.stopped)
        text = say(N_("A tab waits for a decision in: {names}."), names=names)
        todo.append((text, "crm-sync sync"))
    if conflicts:
        todo.append((say(N_("Conflicts wait for a decision.")), "crm-sync conflicts list"))
    if problems:
        todo.append((say(N_("Cells could not be taken.")), "crm-sync problems list"))
    if found.backup is None or (found.backup_age or timedelta()) > OLD_BACKUP:
        todo.append((say(N_("There is no backup of this week.")), "crm-sync backup make"))
    return todo


def _span(settings: Settings, span: timedelta) -> str:
    """A span in its largest unit: minutes, hours, days."""
    messages = settings.messages
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 120:
        return messages.plural(N_("{n} minute"), N_("{n} minutes"), minutes)
    if minutes < 60 * 48:
        return messages.plural(N_("{n} hour"), N_("{n} hours"), minutes // 60)
    return messages.plural(N_("{n} day"), N_("{n} days"), minutes // (60 * 24))
