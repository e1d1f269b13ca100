"""Looks over all that can be wrong around a store and its workbooks."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from crm_sync.config import Config, GoogleWorkbook
from crm_sync.config.settings import GOOGLE_PER_MINUTE
from crm_sync.core.access import strangers
from crm_sync.core.values import N_
from crm_sync.errors import ConfigError, UserError
from crm_sync.services.application import Application
from crm_sync.services.checkup import (
    Check,
    failed,
    fault,
    ok,
    store_checks,
    template_checks,
    warning,
)
from crm_sync.wiring.application import StoreUse, open_application
from crm_sync.wiring.noted import noted_runs, requests_lately
from crm_sync.wiring.schedule import found_jobs
from crm_sync.wiring.trying import Tried, account_of, try_workbook

OLD_KEY: Final = timedelta(days=365)
_SKEW_SEEN, _SKEW_REFUSED = 60, 240
_ROOM: Final = 200_000_000
_OLDEST_SQLITE: Final = (3, 37, 0)
_LATE: Final = timedelta(hours=3)


def look_over(config: Config, *, online: bool) -> Iterator[Check]:
    """Every check, in order; those of the network only `online`."""
    now = datetime.now(UTC)
    yield from _program()
    yield from _files(config)
    yield from _disk(config)
    yield from _lock(config)
    yield from _keys(config, now)
    try:
        with open_application(config, StoreUse.KNOWN) as app:
            yield from store_checks(app, now)
            if online:
                for name in app.bound:
                    yield from _workbook(config, app, name)
    except UserError as exc:
        yield failed("config" if isinstance(exc, ConfigError) else "store", exc)
    yield from _schedule(config, now)
    yield from _surroundings(config, now)


def _program() -> Iterator[Check]:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        yield fault(
            N_("SQLite {version} is too old."),
            N_("Use a Python with SQLite 3.37 or newer."),
            version=sqlite3.sqlite_version,
        ).on("sqlite")
    else:
        yield ok("sqlite", N_("SQLite {version}."), version=sqlite3.sqlite_version)


def _files(config: Config) -> Iterator[Check]:
    """Files that others should not read, or write."""
    yield ok("config", N_("{file} can be used."), file=config.file)
    private = [config.store.path, config.store.path.parent / "backups"]
    private += [config.backup.folder] if config.backup.folder else []
    private += [item.data for item in config.workbooks if item.kind == "local" and not item.url]
    private += [config.file] if config.notify.webhook else []
    private += [config.notify.webhook_file] if config.notify.webhook_file else []
    email = config.notify.email
    private += [email.password_file] if email and email.password_file else []
    for path in private:
        if _mode(path) & 0o077:
            yield warning(
                N_("Other users of this computer can read {path}."),
                N_("chmod go-rwx {path}"),
                path=path,
            ).on("files")
    if _mode(config.file) & 0o022:
        yield fault(
            N_("Other users of this computer can change {path}."),
            N_("chmod go-w {path}"),
            path=config.file,
        ).on("files")


def _mode(path: Path) -> int:
    """The rights of a file; 0 where there is none, or where rights are kept elsewhere."""
    try:
        return stat.S_IMODE(path.stat().st_mode) if os.name == "posix" else 0
    except OSError:
        return 0


def _disk(config: Config) -> Iterator[Check]:
    """Room for the store, the copy that a run makes first, and the journal of a transaction."""
    path = config.store.path
    folder = next((place for place in path.parents if place.exists()), Path("/"))
    try:
        free = shutil.disk_usage(folder).free
        size = path.stat().st_size if path.exists() else 0
    except OSError:
        return
    facts = {"free": free // 1_000_000, "folder": folder}
    remedy = N_("Free some space on the disk.")
    if free < size * 2:
        yield fault(
            N_("{free} MB are free in {folder}: too little for a run."), remedy, **facts
        ).on("disk")
    elif free < max(_ROOM, size * 5):
        yield warning(N_("Only {free} MB are free in {folder}."), remedy, **facts).on("disk")
    else:
        yield ok("disk", N_("{free} MB are free in {folder}."), **facts)


def _lock(config: Config) -> Iterator[Check]:
    path = config.store.path
    if not path.exists():
        return
    lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=0, mode=0o600)
    try:
        with lock:
            return
    except Timeout:
        yield warning(
            N_("A run is at work on the store at this moment."),
            N_("Wait until it is done. If it never is: look for it with ps, and end it."),
        ).on("lock")
    except OSError:
        # Whatever is wrong with the folder, opening the store says it.
        return


def _keys(config: Config, now: datetime) -> Iterator[Check]:
    keys = {item.key for item in config.workbooks if isinstance(item, GoogleWorkbook)}
    keys |= {item.key for item in config.workbooks if item.kind == "local" and item.key}
    for key in sorted(filter(None, keys)):
        try:
            account = account_of(key)
        except UserError as exc:
            yield failed("key", exc)
            continue
        age = now - datetime.fromtimestamp(key.stat().st_mtime, UTC)
        if age > OLD_KEY:
            yield warning(
                N_("The key {path} is {days} days old."),
                N_("Make a new one in Google Cloud (docs/google.md), and delete the old one."),
                path=key,
                days=age.days,
            ).on("key")
        else:
            yield ok("key", N_("The key of {account} can be used."), account=account)


def _workbook(config: Config, app: Application, name: str) -> Iterator[Check]:
    """Is it there, is it shared, is it open to strangers, does it look as it should."""
    binding = app.store.bases.binding(name)
    tried = try_workbook(config, name, binding.spreadsheet_id if binding else "")
    if not tried.made:
        yield warning(N_("There is no such workbook yet."), N_("crm-sync sync")).on("reach", name)
        return
    if tried.error is not None:
        yield failed("reach", tried.error, name)
        return
    yield ok("reach", N_("“{title}” can be read and edited."), name, title=tried.title)
    yield from clock_checks(tried)
    rule = app.bound[name].access
    strange = strangers(tried.shares, rule.allow if rule else None)
    if strange:
        yield fault(
            N_("It is open to somebody who must not see it: {who}."),
            N_("crm-sync audit access shows all; runs stop at it until then."),
            who=", ".join(share.who for share in strange[:5]),
        ).on("access", name)
    if not tried.told:
        yield warning(
            N_("Google does not say who may open it: its editors may not share it."),
            N_("Look by hand now and then, in the workbook under Share."),
        ).on("access", name)
    if binding is not None:
        yield from template_checks(app, name)


def clock_checks(tried: Tried) -> Iterator[Check]:
    """Whether this computer's clock is that of the server: Google refuses what is signed with
    another time.
    """
    off = round(abs(tried.skew))
    if off > _SKEW_SEEN:
        make = fault if off > _SKEW_REFUSED else warning
        yield make(
            N_("The clock of this computer is {seconds} s off."),
            N_("Switch on the time service: timedatectl set-ntp true"),
            seconds=off,
        ).on("clock", tried.workbook)


def _schedule(config: Config, now: datetime) -> Iterator[Check]:
    try:
        jobs = found_jobs(config.file)
    except UserError as exc:
        yield failed("schedule", exc)
        return
    if not jobs:
        yield warning(
            N_("Nothing runs by itself for this configuration."), N_("crm-sync schedule install")
        ).on("schedule")
    for job in jobs:
        if job.active:
            yield ok("schedule", N_("Runs go by themselves, by {method}."), method=job.method)
        else:
            yield fault(
                N_("The timer is written down, but does not run."),
                N_("crm-sync schedule install"),
            ).on("schedule")
    last = max((run.at for run in noted_runs(config).values()), default="")
    if jobs and last and now - datetime.fromisoformat(last) > _LATE:
        yield fault(
            N_("The last run was at {at}, though runs should go by themselves."),
            N_("crm-sync schedule status, and the log of the timer or of cron"),
            at=last,
        ).on("runs")


def _surroundings(config: Config, now: datetime) -> Iterator[Check]:
    for name, run in sorted(noted_runs(config).items()):
        if run.error:
            yield fault(
                N_("The last run failed ({code}): {message}"),
                N_("crm-sync sync"),
                code=run.error,
                message=run.message,
            ).on("runs", name)
    asked = requests_lately(config, now)
    if asked > GOOGLE_PER_MINUTE:
        yield warning(
            N_("{count} requests in the last minute; Google allows {limit}."),
            N_("Let runs go less often: crm-sync schedule install --every 15"),
            count=asked,
            limit=GOOGLE_PER_MINUTE,
        ).on("quota")
    if config.notify.is_on:
        yield _notify(config)
    else:
        yield warning(
            N_("Nobody is told when a run fails."),
            N_("Write [notify] in config.toml; docs/schedule.md has an example."),
        ).on("notify")
    figures = config.metrics.file
    if figures is not None and not os.access(figures.parent, os.W_OK):
        yield fault(
            N_("The figures cannot be written to {file}."),
            N_("Correct file in [metrics] of config.toml, or see who may write to its folder."),
            file=figures,
        ).on("metrics")


def _notify(config: Config) -> Check:
    from crm_sync.host.telling import check_secrets

    try:
        check_secrets(config.notify)
    except UserError as exc:
        return failed("notify", exc)
    return ok("notify", N_("People are told of what needs them."))
