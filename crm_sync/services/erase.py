"""Erases a person as the law asks (GDPR, article 17; 152-FZ, article 21), and says what still holds
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm_sync.core.erasing import ERASED
from crm_sync.core.records import Record
from crm_sync.core.schema import Table
from crm_sync.core.values import N_
from crm_sync.errors import UserError
from crm_sync.ports import Exported
from crm_sync.ports.erasing import Named
from crm_sync.services.application import Application
from crm_sync.services.around import look_around, meant
from crm_sync.services.backup import BY_HAND
from crm_sync.services.sync import sync
from crm_sync.services.uniting import merged_into

PEOPLE = "clients"
_MONTH = timedelta(days=31)


@dataclass(frozen=True)
class HeldIn:
    """A file that still holds them, and until when at most (UTC; "" for one that stays until it is
    removed by hand).
    """

    name: str
    until: str


@dataclass(frozen=True)
class Remains:
    """What still holds a person: texts of the store by table, workbooks that a run has yet to
    clear, or could not, those that no run comes to since the configuration names them no longer,
    backups, copies of the file, and exports since the person was known.
    """

    tables: tuple[str, ...]
    workbooks: tuple[str, ...]
    unreached: tuple[str, ...]
    backups: tuple[HeldIn, ...]
    copies: tuple[str, ...]
    exports: tuple[Exported, ...]


@dataclass(frozen=True)
class Erased:
    """A person erased, or to be erased: where they stood, what still holds them, and why a workbook
    could not be cleared at once.
    """

    named: Named
    label: str
    remains: Remains
    failed: tuple[tuple[str, UserError], ...] = ()


def look(app: Application, typed: str) -> Erased:
    """Where a person stands, and what would still hold them. Changes nothing. Raises NotFound,
    Ambiguous, UserError for one that is no client.
    """
    table, person, label = find_person(app, typed)
    named = app.store.erasing.find(table.name, person)
    return Erased(named, label, _remains(app, named))


def erase(app: Application, found: Erased, *, by: str, now: bool) -> Erased:
    """Takes the person out of the store for good; the next run takes their rows out of the
    workbooks, or this call does so at once (`now`). Raises RunInProgress, StoreError.
    """
    with app.store.lease():
        named = app.store.erasing.find(found.named.table, found.named.person)
        with app.store.transaction():
            app.store.erasing.erase(named, by=by, at=app.clock.now(), instead=app.say(ERASED))
    failed = _cleared(app, app.store.erasing.waiting()) if now else ()
    with app.store.lease():
        app.store.erasing.clean()
    return Erased(named, found.label, _remains(app, named), failed)


def find_person(app: Application, typed: str) -> tuple[Table, str, str]:
    """The table, id and name of the one person whom an id, a name, a phone or an e-mail means."""
    world = look_around(app)
    tabs = {tab.table.name: tab.table for tab in app.whole}
    for candidate in (typed, typed.upper()):
        if (record := world.records[PEOPLE].get(candidate)) is not None:
            _refuse_merged(app, record)
            return tabs[PEOPLE], candidate, world.name(PEOPLE, candidate)
    for other, records in world.records.items():
        if records.get(typed.upper()) is not None:
            raise UserError(
                N_("{record} is no client: only clients can be erased."),
                N_("Who else is named in {table}, is mended there by hand."),
                record=typed.upper(),
                table=other,
            )
    found = meant(world, PEOPLE, typed)
    return tabs[PEOPLE], found.id, world.name(PEOPLE, found.id)


def _refuse_merged(app: Application, record: Record) -> None:
    """One that was made one with another is erased with that one. Raises UserError."""
    kept = merged_into(app, record)
    if kept is not None:
        raise UserError(
            N_("{record} was merged into {kept}."),
            N_("Both go with: crm-sync erase {kept}. To part them first: crm-sync unmerge {kept}"),
            record=record.id,
            kept=kept,
        )


def _cleared(app: Application, workbooks: Sequence[str]) -> tuple[tuple[str, UserError], ...]:
    """Runs over the workbooks, without a backup: it would hold the person again."""
    failed = []
    for name in workbooks:
        if name not in app.bound:
            continue
        try:
            sync(replace(app, backup_rule=None), name)
        except UserError as exc:
            failed.append((name, exc))
            continue
        if name in app.store.erasing.standing():
            held = UserError(
                N_("A row of somebody erased could not be taken out."),
                N_("crm-sync sync and crm-sync problems show what holds it up."),
            )
            failed.append((name, held))
    return tuple(failed)


def _remains(app: Application, named: Named) -> Remains:
    history = app.store.records.history(named.person)
    since = history[0].at if history else ""
    store = app.store
    yet = {*store.erasing.waiting(), *store.erasing.standing()}
    return Remains(
        store.erasing.remains(named.traces),
        tuple(sorted(yet & app.bound.keys())),
        tuple(name for name in store.erasing.shown_in(named) if name not in app.bound),
        tuple(_backups(app, since)),
        store.erasing.copies(),
        tuple(
            item
            for item in store.journal.exports(_ALL)
            if any(item.records.values()) and item.at >= _moment(since)
        ),
    )


_ALL = 10**9


def _backups(app: Application, since: str) -> list[HeldIn]:
    """The backups that were made since the person was known."""
    rule = app.backup_rule
    found = []
    for item in app.store.backups.all():
        if item.made_at and item.made_at < since:
            continue
        until = ""
        if rule is not None and item.made_at and item.reason != BY_HAND:
            # The newest of a month stays longest.
            until = (_moment(item.made_at) + _MONTH * (rule.monthly + 1)).date().isoformat()
        found.append(HeldIn(item.name, until))
    return found


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text or "1970-01-01T00:00:00+00:00")
