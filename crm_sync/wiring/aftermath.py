"""What follows runs: notes of them, figures for Prometheus, messages to people."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Final

from crm_sync import __version__
from crm_sync.config import Config
from crm_sync.core.values import N_
from crm_sync.errors import HostError
from crm_sync.host.figures import Metric, write_figures
from crm_sync.host.notes import Notes
from crm_sync.host.telling import Told, tell_all
from crm_sync.messages import Messages
from crm_sync.services.application import Application
from crm_sync.services.noted import (
    BUSY,
    Matter,
    NotedRun,
    matters_of_conflicts,
    matters_of_runs,
)
from crm_sync.services.status import status
from crm_sync.wiring.noted import noted_runs

AGAIN_AFTER: Final = timedelta(days=1)
_NUMBERS: Final = {
    "last_run_duration_seconds": ("seconds", "How long the last run took."),
    "last_run_requests": ("requests", "Requests of the last run."),
    "last_run_exit_code": ("code", "0 if all was well; crm-sync --help lists the others."),
    "open_conflicts": ("conflicts", "Conflicts that wait for a decision."),
    "open_problems": ("problems", "Cells that could not be taken."),
}


def after_runs(
    config: Config, runs: Sequence[NotedRun], app: Application | None, now: datetime
) -> tuple[HostError, ...]:
    """Notes what came of runs, writes the figures, and tells people what they should know and were
    not told within a day. Without `app` the store was not open. Gives back what went wrong: a run
    does not fail by it.
    """
    notes = Notes.read(config.store.path)
    noted = [_with_success(run, notes.runs) for run in runs]
    if app is not None:
        notes.runs.pop("", None)
    requests = sum(run.requests for run in noted)
    looks = {run.workbook: asdict(run) for run in noted if run.error != BUSY}
    notes.note(looks, requests, now)
    failed: list[HostError] = []
    if config.metrics.file is not None and app is not None:
        try:
            write_figures(config.metrics.file, _metrics(app, noted_runs(config) | _by_name(noted)))
        except HostError as exc:
            failed.append(exc)
    told = dict(notes.told)
    if config.notify.is_on:
        failed += _tell(config, notes, matters(config, noted, app, now), now)
    # The run that is at work writes its own.
    if looks or notes.told != told:
        notes.write()
    return tuple(failed)


def matters(
    config: Config, runs: Sequence[NotedRun], app: Application | None, now: datetime
) -> tuple[Matter, ...]:
    """What somebody should know now, of the kinds that `[notify]` names."""
    conflicts = app.store.findings.conflicts() if app is not None else ()
    found = (*matters_of_runs(runs, now), *matters_of_conflicts(conflicts, now))
    return tuple(item for item in found if item.kind in config.notify.on)


def tell_due(
    config: Config, app: Application, now: datetime
) -> tuple[tuple[Matter, ...], tuple[HostError, ...]]:
    """Tells what is due by the notes of the last runs: what was told, and what went wrong."""
    notes = Notes.read(config.store.path)
    found = matters(config, list(noted_runs(config).values()), app, now)
    due = _due(notes, found, now)
    failed = _tell(config, notes, found, now)
    notes.write()
    return due, failed


def tell_test(config: Config) -> tuple[tuple[str, HostError | None], ...]:
    """Sends a message that says it is a test: each way, and what went wrong on it."""
    say = Messages(config.language).text
    subject = say(N_("crm-sync: a test"))
    text = say(N_("Messages of crm-sync come this way. Nothing has happened."))
    return tell_all(config.notify, Told(subject, f"{text}\n\n{_foot(config)}\n"))


def _due(notes: Notes, found: Sequence[Matter], now: datetime) -> tuple[Matter, ...]:
    keys = notes.untold([item.key for item in found], now, AGAIN_AFTER)
    return tuple(item for item in found if item.key in keys)


def _tell(
    config: Config, notes: Notes, found: Sequence[Matter], now: datetime
) -> tuple[HostError, ...]:
    due = _due(notes, found, now)
    if not due:
        return ()
    ways = tell_all(config.notify, _message(config, due))
    if any(error is None for _, error in ways):
        notes.note_told([item.key for item in due], now)
    return tuple(error for _, error in ways if error is not None)


def _message(config: Config, due: Sequence[Matter]) -> Told:
    messages = Messages(config.language)
    lines, told = [], []
    for item in due:
        what = messages.say(item.what)
        lines += [f"{item.workbook}: {what}" if item.workbook else what, f"  {item.command}", ""]
        told.append({"kind": item.kind, "workbook": item.workbook, "message": what})
    subject = messages.plural(
        N_("crm-sync: {n} matter needs you"), N_("crm-sync: {n} matters need you"), len(due)
    )
    return Told(subject, "\n".join([*lines, _foot(config), ""]), told)


def _foot(config: Config) -> str:
    say = Messages(config.language).text
    text = N_("Sent by {computer}, {file}. The same matter is told once a day.")
    return say(text, computer=platform.node(), file=config.file)


def _metrics(app: Application, runs: Mapping[str, NotedRun]) -> list[Metric]:
    found = status(app)
    info = Metric("info", "The program's version.", [({"version": __version__}, 1)])
    at = Metric("last_run_timestamp_seconds", "When the last run ended.")
    success = Metric("last_success_timestamp_seconds", "When the last run ended that did not fail.")
    moved = Metric("last_run_records", "What the last run moved, by side and kind.")
    numbers = {name: Metric(name, text) for name, (_, text) in _NUMBERS.items()}
    for name, run in sorted(runs.items()):
        labels = {"workbook": name}
        at.values.append((labels, _seconds(run.at)))
        if run.succeeded_at:
            success.values.append((labels, _seconds(run.succeeded_at)))
        for metric, (field, _) in _NUMBERS.items():
            numbers[metric].values.append((labels, float(getattr(run, field))))
        moved.values += [({**labels, "what": what}, n) for what, n in sorted(run.counts.items())]
    records = Metric("records", "Live records in the store.")
    records.values = [({"table": table}, n) for table, n in sorted(found.records.items())]
    backups = Metric("newest_backup_timestamp_seconds", "When the newest backup was made.")
    if found.backup is not None and found.backup.made_at:
        backups.values = [({}, _seconds(found.backup.made_at))]
    return [info, at, success, *numbers.values(), moved, records, backups]


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def _with_success(run: NotedRun, before: Mapping[str, Mapping[str, Any]]) -> NotedRun:
    """The run with the time of the last success: its workbook's, or any if it stands for all."""
    if not run.error:
        return replace(run, succeeded_at=run.at)
    same = [told for name, told in before.items() if run.workbook in ("", name)]
    return replace(
        run, succeeded_at=max((str(t.get("succeeded_at", "")) for t in same), default="")
    )


def _by_name(runs: Sequence[NotedRun]) -> dict[str, NotedRun]:
    return {run.workbook: run for run in runs if run.workbook}
