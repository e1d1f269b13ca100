"""Backups of the store: before runs and by hand, tried, and put back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from crm_sync.core.erasing import ERASED
from crm_sync.core.keeping import Backup, BackupCheck, KeepRule, Opener, outdated
from crm_sync.core.values import N_
from crm_sync.errors import BackupDamaged, NotFound
from crm_sync.ports.erasing import Erasure
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
    if any(name in app.bound for name in app.store.erasing.waiting()):
        # Until this run is done the store knows what an erased person's rows look like.
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


def back_up(app: Application, passphrase: str = "") -> Backup:
    """A backup by hand, encrypted with the passphrase if there is one. Raises RunInProgress,
    StoreError.
    """
    with app.store.lease():
        made = app.store.backups.make(app.clock.now(), BY_HAND, passphrase)
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


def check_backup(app: Application, name: str | None, opener: Opener) -> BackupCheck:
    """Restores a backup (the newest without a name) into a temporary store and compares."""
    return app.store.backups.check(name or newest_backup(app).name, opener)


def put_back(app: Application, name: str | None, opener: Opener) -> tuple[Backup, tuple[str, ...]]:
    """Makes the store what a backup holds, after a backup of the store as it is, unless nothing was
    ever written there. Who was erased since the backup is erased again: their ids come with the
    backup. One with faults is refused. Raises NotFound, RunInProgress, StoreError.
    """
    with app.store.lease():
        found = app.store.backups.check(name or newest_backup(app).name, opener)
        if found.faults:
            template, facts = found.faults[0]
            raise BackupDamaged(template, N_("Take another one: crm-sync backup list"), **facts)
        erased = app.store.erasing.done()
        if app.store.records.sequence():
            app.store.backups.make(app.clock.now(), BEFORE_RESTORE)
        app.store.backups.put_back(found.backup.name, opener)
        again = _erased_again(app, erased)
        app.store.take_place(app.clock.now())
        return found.backup, again


def _erased_again(app: Application, erased: Sequence[Erasure]) -> tuple[str, ...]:
    """Erases those whom the store that was put back does not know as erased."""
    known = {(item.at, item.by) for item in app.store.erasing.done()}
    again = []
    for item in reversed(erased):
        table, person = item.person
        if (item.at, item.by) in known or not person:
            continue
        named = app.store.erasing.find(table, person)
        with app.store.transaction():
            app.store.erasing.erase(
                named, by=item.by, at=datetime.fromisoformat(item.at), instead=app.say(ERASED)
            )
        again.append(person)
    if again:
        app.store.erasing.clean()
    return tuple(again)


def newest_backup(app: Application) -> Backup:
    """The last backup made. Raises NotFound if there is none."""
    for item in app.store.backups.all():
        return item
    raise NotFound(
        N_("There is no backup yet."),
        N_("crm-sync backup make makes one."),
    )
