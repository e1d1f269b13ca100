"""Backups of the store: before runs and by hand, tried, and put back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from crm_sync.core.keeping import Backup, BackupCheck, KeepRule, outdated
from crm_sync.core.values import N_
from crm_sync.errors import NotFound
from crm_sync.services.application import Application

LARGE = 50_000_000
"""From this size on (bytes) a store is copied at most once an hour: of each hour only one is kept
anyway, and the copy would take longer than all the rest of a run.
"""

BY_HAND = "by hand"
BEFORE_RESTORE = "before a restore"


def back_up_before_run(app: Application, run: int) -> None:
    """Copies the store before a run changes it, unless it is as it was at the last copy, or is
    large and was copied within the hour; then drops the backups that are outdated. Raises
    StoreError: a run that cannot be undone does not begin.
    """
    if app.backup_rule is None:
        return
    newest = next(iter(app.store.backups.all()), None)
    if newest is not None and newest.sequence == app.store.records.sequence() and newest.digest:
        return
    now = app.clock.now()
    if newest is not None and newest.size > LARGE and newest.digest:
        age = now - datetime.fromisoformat(newest.made_at)
        if timedelta(0) <= age < timedelta(hours=1):
            return
    app.store.backups.make(now, f"run {run}")
    drop_outdated(app, app.backup_rule)


def back_up(app: Application) -> Backup:
    """A backup by hand. Raises RunInProgress, StoreError."""
    with app.store.lease():
        made = app.store.backups.make(app.clock.now(), BY_HAND)
        if app.backup_rule is not None:
            drop_outdated(app, app.backup_rule)
        return made


def drop_outdated(app: Application, rule: KeepRule) -> None:
    """Removes the backups that the rule does not keep; those made by hand are never among them."""
    by_moment = {
        datetime.fromisoformat(item.made_at): item.name
        for item in app.store.backups.all()
        if item.made_at and item.reason != BY_HAND
    }
    app.store.backups.drop([by_moment[moment] for moment in outdated(by_moment, rule)])


def check_backup(app: Application, name: str | None, key: Path | None) -> BackupCheck:
    """Restores a backup (the newest without a name) into a temporary store and compares."""
    return app.store.backups.check(name or newest_backup(app).name, key)


def put_back(app: Application, name: str | None, key: Path | None) -> Backup:
    """Makes the store what a backup holds, after a backup of the store as it is. A backup with
    faults is refused. Raises NotFound, RunInProgress, StoreError.
    """
    with app.store.lease():
        found = app.store.backups.check(name or newest_backup(app).name, key)
        if found.faults:
            template, facts = found.faults[0]
            raise NotFound(template, N_("Take another one: crm-sync backup list"), **facts)
        app.store.backups.make(app.clock.now(), BEFORE_RESTORE)
        app.store.backups.put_back(found.backup.name, key)
        return found.backup


def newest_backup(app: Application) -> Backup:
    """The last backup made. Raises NotFound if there is none."""
    for item in app.store.backups.all():
        return item
    raise NotFound(
        N_("There is no backup yet."),
        N_("crm-sync backup make makes one."),
    )
