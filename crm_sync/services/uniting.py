"""Makes one record of several, and several again of one: the same for the command line and for what
staff decide in the Problems tab.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import Record
from crm_sync.core.schema import Table
from crm_sync.core.undoing import Undoing, undoing
from crm_sync.core.uniting import Rival, united
from crm_sync.core.values import N_, Scalar
from crm_sync.errors import NotFound, UserError
from crm_sync.model.rules import archiving
from crm_sync.ports import Merged
from crm_sync.services.application import Application
from crm_sync.services.entry import Author
from crm_sync.services.erased import gone_for_good


@dataclass(frozen=True)
class Choice:
    """Whose value stays where the records differ: the id of a record by field, and `usual` for all
    other fields ("" for none: they are asked).
    """

    takes: Mapping[str, str] = field(default_factory=dict)
    usual: str = ""


@dataclass(frozen=True)
class Merge:
    """What merging would do: the fields of the record that stays which change, the fields that are
    undecided, how many references move by table, and all the changes.
    """

    table: Table
    kept: Record
    gone: tuple[Record, ...]
    values: Mapping[str, Scalar]
    rivals: tuple[Rival, ...]
    moved: Mapping[str, int]
    changes: tuple[StoreChange, ...]


def plan_merge(
    app: Application, table: Table, kept: Record, gone: Sequence[Record], choice: Choice
) -> Merge:
    """What comes of merging these records. Raises UserError for records that cannot be merged."""
    for each in (kept, *gone):
        if each.archived:
            raise UserError(
                N_("{record} is archived and cannot be merged."),
                N_("crm-sync restore {record} brings it back."),
                record=each.id,
            )
    for each in gone:
        if archiving(table.name, each.values, app.closed_until) is not None:
            raise UserError(
                N_("{record} lies in the period up to {day}, which is closed: it is not archived."),
                N_("If it must be: set closed_until in config.toml to an earlier day, and merge."),
                record=each.id,
                day=app.closed_until,
            )
    ids = [each.id for each in (kept, *gone)]
    if len(set(ids)) < len(ids):
        raise UserError(
            N_("{record} is named twice."), N_("Name each record once."), record=_twice(ids)
        )
    for name, record_id in choice.takes.items():
        if record_id not in ids:
            raise NotFound(
                N_("“{field}”: {record} is none of the records that are merged."),
                N_("They are: {records}."),
                field=name,
                record=record_id,
                records=", ".join(ids),
            )
    found = united(table, kept, gone, choice.takes, choice.usual)
    settings = _references(app, table, kept.id, ids[1:])
    moved: dict[str, int] = {}
    for name, record_id in settings:
        if record_id != kept.id:
            moved[name] = moved.get(name, 0) + 1
    changes = _changes(app, table, kept, gone, dict(found.values), settings)
    return Merge(table, kept, tuple(gone), found.values, found.rivals, moved, changes)


def merge(app: Application, plan: Merge, author: Author, run: int | None = None) -> Merged:
    """Carries out what is decided in full; the next run takes it to the sheets. Raises StoreMoved
    if a record has been changed since.
    """
    assert not plan.rivals
    now = app.clock.now()
    records = app.store.records
    with app.store.transaction():
        first = records.sequence() + 1
        records.apply(plan.changes, source=author.source, by=author.by, at=now, run=run)
        gone = tuple(each.id for each in plan.gone)
        merged = Merged(
            plan.table.name, plan.kept.id, gone, first, records.sequence(), by=author.by
        )
        app.store.merges.note(merged, now)
    return merged


def unmerge(
    app: Application, record_id: str, author: Author, *, dry_run: bool = False
) -> tuple[Merged, Undoing]:
    """Takes the last merge of a record back: all is as it was before, but for what somebody has
    changed since. Raises NotFound for a record that was not merged, UserError for one that was
    erased, RunInProgress.
    """
    with app.store.lease():
        merged = app.store.merges.of(record_id)
        if merged is None:
            raise NotFound(
                N_("{record} was not merged with any other."),
                N_("crm-sync history {record} shows what happened to it."),
                record=record_id,
            )
        gone_for_good(app, merged.table, merged.kept, *merged.gone)
        entries = app.store.records.changes_between(merged.first, merged.last)
        tables = {tab.table.name: tab.table for tab in app.whole}
        named: dict[str, set[str]] = {}
        for entry in entries:
            named.setdefault(entry.table, set()).add(entry.record_id)
        records = {name: app.store.records.some(tables[name], ids) for name, ids in named.items()}
        found = undoing(entries, records)
        if not dry_run:
            now = app.clock.now()
            with app.store.transaction():
                app.store.records.apply(found.changes, source=author.source, by=author.by, at=now)
                app.store.merges.undone(merged, now)
        return merged, found


def merged_into(app: Application, record: Record) -> str | None:
    """The id of the record that this one went into, None if it stands for itself."""
    merged = app.store.merges.of(record.id) if record.archived else None
    return merged.kept if merged and record.id in merged.gone else None


def _references(
    app: Application, table: Table, kept: str, gone: Sequence[str]
) -> dict[tuple[str, str], dict[str, Scalar]]:
    """What has to be set in each record that refers to one that goes, by table and id."""
    found: dict[tuple[str, str], dict[str, Scalar]] = {}
    for tab in app.whole:
        other = tab.table
        for item in other.stored_fields:
            if item.refers_to == table.name:
                for record_id in app.store.records.referring(other, item.name, gone):
                    # A record does not refer to itself.
                    value = None if record_id == kept else kept
                    found.setdefault((other.name, record_id), {})[item.name] = value
    return found


def _changes(
    app: Application,
    table: Table,
    kept: Record,
    gone: Sequence[Record],
    values: dict[str, Scalar],
    settings: Mapping[tuple[str, str], Mapping[str, Scalar]],
) -> tuple[StoreChange, ...]:
    tables = {tab.table.name: tab.table for tab in app.whole}
    going = {each.id for each in gone}
    values |= settings.get((table.name, kept.id), {})
    changes = [StoreChange(Op.UPDATE, table.name, kept.id, values, kept.version)] if values else []
    for name, other in tables.items():
        ids = [key for of, key in settings if of == name]
        for record_id, record in app.store.records.some(other, ids).items():
            if name != table.name or record_id not in {kept.id, *going}:
                moved = settings[name, record_id]
                changes.append(StoreChange(Op.UPDATE, name, record_id, moved, record.version))
    changes += [StoreChange(Op.ARCHIVE, table.name, each.id, version=each.version) for each in gone]
    return tuple(changes)


def _twice(ids: Sequence[str]) -> str:
    return next(each for number, each in enumerate(ids) if each in ids[:number])
