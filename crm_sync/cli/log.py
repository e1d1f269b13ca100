"""`crm-sync log`, `undo` and `restore`: what runs changed, and the way back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from crm_sync.cli.findings import Teller
from crm_sync.cli.history import rows_of
from crm_sync.cli.screen import cell, listing
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.told import is_to_be_shown, kept_line, next_step
from crm_sync.cli.usage import Whole
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.undoing import Undoing
from crm_sync.core.values import N_
from crm_sync.ports import Run
from crm_sync.services.record_json import undoing_json
from crm_sync.services.report_json import exported_json, history_json, run_json
from crm_sync.services.store_json import erasure_json
from crm_sync.services.undo import find_run, restore, undo_run

LARGEST_NUMBER = 2**63 - 1
USUAL_LIMIT = 20
_OUTCOMES = {
    "synced": N_("synced"),
    "stopped": N_("a tab was left alone"),
    "unchanged": N_("nothing had changed"),
    "failed": N_("failed"),
    "": N_("did not end"),
}
_STORE = (
    ("created", N_("{count} new")),
    ("updated", N_("{count} changed")),
    ("archived", N_("{count} archived")),
    ("restored", N_("{count} restored")),
)
_SHEET = (
    ("rows_added", N_("{count} new")),
    ("rows_changed", N_("{count} changed")),
    ("rows_removed", N_("{count} taken out")),
)


@click.command(short_help="Show the runs, or what one of them changed.")
@click.argument("run", type=Whole(1, LARGEST_NUMBER), required=False)
@click.option(
    "--last",
    "limit",
    type=Whole(1, LARGEST_NUMBER),
    default=USUAL_LIMIT,
    show_default=True,
    help="How many runs to show.",
)
@click.option("--exports", is_flag=True, help="Show what was exported instead, and by whom.")
@click.option("--erasures", is_flag=True, help="Show who was erased instead, by id, and when.")
@json_option
@common
def log(
    settings: Settings, run: int | None, limit: int, exports: bool, erasures: bool, as_json: bool
) -> None:
    """Show the last runs that found something to do, or all that RUN brought into the store.

    \b
    Example:  crm-sync log 12
    """
    if exports:
        _show_exports(settings, limit, as_json=as_json)
        return
    if erasures:
        _show_erasures(settings, limit, as_json=as_json)
        return
    if run is not None:
        _show_run(settings, run, as_json=as_json)
        return
    say = settings.messages.text
    with settings.application() as app:
        found = app.store.journal.runs(limit)
        runs = [run_json(item) for item in found]
        nothing = N_("There has been no run yet.")
        if not is_to_be_shown(settings, "runs", runs, nothing, as_json=as_json):
            return
        teller = Teller(settings.spoken(app), settings.messages)
        lines = listing(
            say(N_("Run")),
            say(N_("When")),
            say(N_("Workbook")),
            say(N_("Into the store")),
            say(N_("Into the sheet")),
            say(N_("How it ended")),
        )
        lines.align_right(0)
        for item in found:
            store, sheet = _counted(settings, item, _STORE), _counted(settings, item, _SHEET)
            outcome = say(_OUTCOMES.get(item.outcome, item.outcome))
            texts = (str(item.number), teller.time(item.started_at), item.workbook)
            lines.add(*(cell(text) for text in (*texts, store, sheet, outcome)))
        settings.out.table(lines)


def _show_exports(settings: Settings, limit: int, *, as_json: bool) -> None:
    say, integer = settings.messages.text, settings.messages.integer
    with settings.application() as app:
        found = app.store.journal.exports(limit)
        exports = [exported_json(item) for item in found]
        nothing = N_("Nothing has been exported yet.")
        if not is_to_be_shown(settings, "exports", exports, nothing, as_json=as_json):
            return
        teller = Teller(settings.spoken(app), settings.messages)
        lines = listing(
            say(N_("When")), say(N_("Who")), say(N_("What")), say(N_("Records")), say(N_("File"))
        )
        lines.align_right(3)
        for item in found:
            count = integer(sum(item.records.values()))
            when = teller.time(item.at.isoformat())
            lines.add(*(cell(text) for text in (when, item.by, item.what, count, item.target)))
        settings.out.table(lines)


def _show_erasures(settings: Settings, limit: int, *, as_json: bool) -> None:
    say, integer = settings.messages.text, settings.messages.integer
    with settings.application() as app:
        found = app.store.erasing.done()[:limit]
        erasures = [erasure_json(item) for item in found]
        nothing = N_("Nobody has been erased.")
        if not is_to_be_shown(settings, "erasures", erasures, nothing, as_json=as_json):
            return
        teller = Teller(settings.spoken(app), settings.messages)
        lines = listing(
            say(N_("When")), say(N_("Who")), say(N_("Record")), say(N_("Entries of the history"))
        )
        lines.align_right(3)
        for item in found:
            entries = integer(item.counts.get("history", 0))
            texts = (teller.time(item.at), item.by, item.person[1], entries)
            lines.add(*(cell(text) for text in texts))
        settings.out.table(lines)


def _counted(settings: Settings, run: Run, names: tuple[tuple[str, str], ...]) -> str:
    counts = json.loads(run.summary or "{}")
    messages = settings.messages
    parts = [
        messages.text(text, count=messages.integer(counts[name]))
        for name, text in names
        if counts.get(name)
    ]
    return ", ".join(parts) or "·"


def _show_run(settings: Settings, number: int, *, as_json: bool) -> None:
    say = settings.messages.text
    with settings.application() as app:
        found = find_run(app, number)
        if as_json:
            changes = [history_json(entry) for entry in found.changes]
            settings.out.json({"run": run_json(found.run), "changes": changes})
            return
        teller = Teller(settings.spoken(app), settings.messages)
        head = say(
            N_("Run {number}, {workbook}, {time}"),
            number=number,
            workbook=found.run.workbook,
            time=teller.time(found.run.started_at),
        )
        settings.out.line(head, "bold")
        if not found.changes:
            settings.out.line(say(N_("It brought nothing into the store.")), indent=2)
            return
        lines = listing(say(N_("Record")), say(N_("Column")), say(N_("Was")), say(N_("Became")))
        for entry in found.changes:
            first = teller.record(entry.table, entry.record_id)
            for _, _, *texts in rows_of(settings, teller, entry):
                lines.add(cell(first), *(cell(text) for text in texts))
                first = ""
        settings.out.table(lines)
        next_step(settings, N_("To take it back: crm-sync undo {number}"), number=number)


@click.command(short_help="Take back what a run brought into the store.")
@click.argument("run", type=Whole(1, LARGEST_NUMBER))
@click.option("--dry-run", is_flag=True, help="Say what would be taken back, and do none of it.")
@json_option
@common
def undo(settings: Settings, run: int, dry_run: bool, as_json: bool) -> None:
    """Take back all that RUN brought from a workbook into the store; the next sync carries that to
    the sheets. What somebody has changed since stays, and is named. An undo is an ordinary change:
    crm-sync history shows it, and it can be changed again.

    \b
    Example:  crm-sync undo 12 --dry-run
    """
    say = settings.messages.text
    with settings.application() as app:
        found = undo_run(app, run, dry_run=dry_run)
        if as_json:
            settings.out.json({"undone": undoing_json(found), "dry_run": dry_run})
            return
        teller = Teller(settings.spoken(app), settings.messages)
        for text in _told(settings, teller, found):
            settings.out.line(text, mark=("•", ""), indent=2)
        for kept in found.kept:
            settings.out.line(kept_line(settings, teller, kept), "yellow", mark=("•", ""), indent=2)
        if not found.changes:
            settings.out.line(say(N_("Nothing of run {number} is to be taken back."), number=run))
            return
        if dry_run:
            next_step(settings, N_("To do it: crm-sync undo {number}"), number=run)
        else:
            settings.out.line(
                settings.messages.plural(
                    N_("{n} record is as before run {number}."),
                    N_("{n} records are as before run {number}."),
                    len(found.changes),
                    number=run,
                ),
                mark=("✓", "green"),
            )
            next_step(settings)


def _told(settings: Settings, teller: Teller, found: Undoing) -> Iterator[str]:
    for change in found.changes:
        yield _change(settings, teller, change)


def _change(settings: Settings, teller: Teller, change: StoreChange) -> str:
    say = settings.messages.text
    parts = []
    if change.op is Op.ARCHIVE:
        parts.append(say(N_("archive")))
    elif change.op is Op.RESTORE:
        parts.append(say(N_("restore")))
    for name, value in change.values.items():
        heading = teller.reader.heading(change.table, name)
        parts.append(f"{heading} → “{teller.value(change.table, name, value)}”")
    return f"{teller.record(change.table, change.record_id)}: {', '.join(parts)}"


@click.command("restore", short_help="Bring an archived record back.")
@click.argument("record")
@json_option
@common
def restore_(settings: Settings, record: str, as_json: bool) -> None:
    """Bring the archived RECORD back: a client, contact or agreement whose row was deleted. The
    next sync puts its row into the sheets again.

    \b
    Example:  crm-sync restore C-000017
    """
    say = settings.messages.text
    with settings.application() as app:
        change = restore(app, record)
        if as_json:
            settings.out.json({"restored": {"table": change.table, "record": change.record_id}})
            return
        teller = Teller(settings.spoken(app), settings.messages)
        text = say(N_("{record} is back."), record=teller.record(change.table, change.record_id))
        settings.out.line(text, mark=("✓", "green"))
        next_step(settings)
