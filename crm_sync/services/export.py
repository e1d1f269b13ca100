"""Hands records out as files, and writes down who took what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import assert_never

from crm_sync.core.grid import Grid, Shown, Style
from crm_sync.core.records import Record
from crm_sync.core.schema import Column, Field, Kind, Tab
from crm_sync.core.values import N_, Absent, Scalar, Unreadable
from crm_sync.errors import NotFound, UserError
from crm_sync.exports.cards import Appointment, Card, calendar, vcards
from crm_sync.exports.sqlite import PlainTable, sqlite_bytes
from crm_sync.exports.texts import csv_for_people, csv_for_programs, json_lines
from crm_sync.exports.xlsx import Patterns, xlsx_bytes
from crm_sync.ports import Binding, Exported
from crm_sync.reports import cells
from crm_sync.reports.followups_grid import what_to_do
from crm_sync.reports.report import Report
from crm_sync.services.application import Application
from crm_sync.services.entry import column_of, no_column
from crm_sync.services.reporting import Wish, open_desk
from crm_sync.services.scopes import scope_of
from crm_sync.services.world import World, load_world
from crm_sync.templates import load_language

USUAL = ("clients", "contacts", "agreements")


class Format(StrEnum):
    """What kind of file is made."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    SQLITE = "db"
    VCARD = "vcf"
    CALENDAR = "ics"


@dataclass(frozen=True)
class Order:
    """What is to be handed out. `tables` are those that are named; `workbook` limits it to what
    that workbook shows, `only` to records whose field has a value, as people type it; `columns` are
    names of fields or headings, all for none. `raw`: canonical values, for programs.
    """

    tables: tuple[str, ...]
    format: Format
    workbook: str = ""
    only: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    archived: bool = False
    raw: bool = False
    delimiter: str = ","


@dataclass(frozen=True)
class Parcel:
    """A file that is ready, and how many records of each table are in it."""

    content: bytes
    records: Mapping[str, int]


@dataclass(frozen=True)
class _Selection:
    """One table of an order: its columns and the records that pass."""

    tab: Tab
    columns: tuple[Column, ...]
    records: tuple[Record, ...]


def export(app: Application, order: Order, world: World | None = None) -> Parcel:
    """The file that an order asks for, of the records now or of a `world` of another time. Reads
    the store alone; `note_export` writes it down.

    Raises NotFound for unknown tables, workbooks and columns, UserError for what does not go
    together.
    """
    world = world or load_world(app, Binding("", ""))
    selections = [_select(app, world, order, table) for table in order.tables]
    counts = {item.tab.table.name: len(item.records) for item in selections}
    match order.format:
        case Format.CSV:
            content = _csv(world, order, _one(order, selections))
        case Format.JSONL:
            content = json_lines(
                _named(item, record, several=len(selections) > 1)
                for item in selections
                for record in item.records
            )
        case Format.XLSX:
            content = _xlsx(app, world, selections)
        case Format.SQLITE:
            content = sqlite_bytes(_plain(item) for item in selections)
        case Format.VCARD:
            content = vcards(_card(app, record) for record in _clients(order, selections))
        case Format.CALENDAR:
            raise UserError(
                N_("A calendar is made of follow-ups."),
                N_("For example: crm-sync export followups --out calls.ics"),
            )
        case _:
            assert_never(order.format)
    return Parcel(content, counts)


def export_calendar(app: Application, employee: str) -> Parcel:
    """The follow-ups that have a date, of one employee or of all, for a calendar program."""
    desk = open_desk(app, Wish(employee=employee))
    appointments = [
        Appointment(
            f"{line.client}-{line.record or line.group}",
            _moment(app, line.at),
            f"{line.client_name}: {what_to_do(line, app.say, desk.world.show)}".strip(": "),
            "; ".join(filter(None, (line.phone, line.client))),
        )
        for line in desk.found.followups
        if line.at
    ]
    content = calendar(appointments, app.clock.now())
    return Parcel(content, {"followups": len(appointments)})


def note_export(app: Application, parcel: Parcel, what: str, target: str, by: str) -> Exported:
    """Writes down that records were handed out: call it before the file is there."""
    digest = hashlib.sha256(parcel.content).hexdigest()
    noted = Exported(app.clock.now(), by, what, target, dict(parcel.records), digest)
    app.store.journal.note_export(noted)
    return noted


def _moment(app: Application, at: str) -> date | datetime:
    found = datetime.fromisoformat(at)
    return found.date() if len(at) <= len("2026-03-10") else found.replace(tzinfo=app.zone)


def _select(app: Application, world: World, order: Order, table: str) -> _Selection:
    tab = _tab(app, table)
    columns = _columns(tab, order.columns, several=len(order.tables) > 1)
    wanted = [_condition(world, tab, name, typed) for name, typed in order.only]
    if order.workbook and order.workbook not in app.bound:
        raise NotFound(
            N_("The configuration has no workbook named “{name}”."),
            N_("It names: {names}."),
            name=order.workbook,
            names=", ".join(app.bound),
        )
    scope = scope_of(app, order.workbook) if order.workbook else None
    records = tuple(
        record
        for record in world.records[table].values()
        if (order.archived or not record.archived)
        and (scope is None or scope.shows(table, record.values, world.records))
        and all(_holds(record, field, value) for field, value in wanted)
    )
    return _Selection(tab, columns, records)


def _tab(app: Application, table: str) -> Tab:
    for tab in app.tabs:
        if tab.table.name == table:
            return tab
    raise NotFound(
        N_("There is no table “{table}”."),
        N_("There are: {tables}."),
        table=table,
        tables=", ".join(tab.table.name for tab in app.tabs),
    )


def _columns(tab: Tab, names: Sequence[str], *, several: bool) -> tuple[Column, ...]:
    """The columns that are asked for, in the order of the question; all of them for none."""
    if not names:
        return tab.columns
    if several:
        raise UserError(N_("--columns is for one table."), N_("Export one table at a time."))
    found = []
    for name in names:
        column = column_of(tab, name)
        if column is None:
            raise no_column(tab, name, (item.field for item in tab.columns))
        found.append(column)
    return tuple(found)


def _condition(world: World, tab: Tab, name: str, typed: str) -> tuple[Field, Scalar]:
    """A field and the value that it must have, as people type it in its column."""
    (column,) = _columns(tab, (name,), several=False)
    value = world.codecs(tab)[column.field.name].parse(typed)
    if isinstance(value, Unreadable):
        raise UserError(value.reason, value.remedy, **value.params)
    assert not isinstance(value, Absent)
    return column.field, value


def _holds(record: Record, field: Field, value: Scalar) -> bool:
    held = record.values.get(field.name)
    if field.many and held is not None:
        return value in str(held).split("; ")
    return held == value


def _value(record: Record, column: Column) -> Scalar:
    return record.id if column.field.kind is Kind.ID else record.values.get(column.field.name)


def _one(order: Order, selections: Sequence[_Selection]) -> _Selection:
    if len(selections) != 1:
        raise UserError(
            N_("A CSV file holds one table."),
            N_("For example: crm-sync export clients --out clients.csv"),
        )
    return selections[0]


def _stored(selection: _Selection) -> tuple[Column, ...]:
    """The columns that the store itself holds: what is worked out anew each day is left out."""
    return tuple(item for item in selection.columns if not item.field.derived)


def _csv(world: World, order: Order, selection: _Selection) -> bytes:
    if order.raw:
        columns = _stored(selection)
        names = [item.field.name for item in columns]
        rows = ([_value(record, item) for item in columns] for record in selection.records)
        return csv_for_programs(names, rows)
    columns = _stored(selection)
    headings = [item.heading for item in columns]
    table = selection.tab.table.name
    texts = (
        [
            "" if (cell := _text(world, table, record, item)) is None else str(cell)
            for item in columns
        ]
        for record in selection.records
    )
    return csv_for_people(headings, texts, order.delimiter)


def _text(world: World, table: str, record: Record, column: Column) -> Scalar:
    """A value as text for people: labels and names; dates, sums and numbers as they are stored."""
    value = _value(record, column)
    if column.field.kind in _AS_STORED or value is None:
        return value
    shown = world.show(table, column.field.name, value)
    return None if shown is None else str(shown)


def _named(selection: _Selection, record: Record, *, several: bool) -> dict[str, Scalar]:
    named: dict[str, Scalar] = {"table": selection.tab.table.name} if several else {}
    named |= {item.field.name: _value(record, item) for item in _stored(selection)}
    return named


def _plain(selection: _Selection) -> PlainTable:
    columns = _stored(selection)
    return PlainTable(
        selection.tab.table.name,
        [(item.field.name, item.field.kind in _WHOLE) for item in columns],
        ([_value(record, item) for item in columns] for record in selection.records),
    )


def _xlsx(app: Application, world: World, selections: Sequence[_Selection]) -> bytes:
    reports = {item.tab.title: Report(_grid(world, item)) for item in selections}
    found = load_language(app.language).patterns
    patterns = Patterns(found["date"], found["datetime"])
    return xlsx_bytes(reports, patterns, app.clock.now().astimezone(UTC))


def _grid(world: World, selection: _Selection) -> Grid:
    columns = _stored(selection)
    headings = tuple(Shown(item.heading, Style.HEADER) for item in columns)
    rows = [
        tuple(_shown(world, selection, record, item) for item in columns)
        for record in selection.records
    ]
    return Grid((headings, *rows), tuple(item.width for item in columns))


def _shown(world: World, selection: _Selection, record: Record, column: Column) -> Shown:
    value = _value(record, column)
    if column.field.kind is Kind.ID:
        return cells.text(str(value))
    cell = world.show(selection.tab.table.name, column.field.name, value)
    return cells.shown(cell, column.field.kind)


def _clients(order: Order, selections: Sequence[_Selection]) -> Iterator[Record]:
    if order.tables != ("clients",):
        raise UserError(
            N_("Cards are made of clients."),
            N_("For example: crm-sync export clients --out clients.vcf"),
        )
    yield from selections[0].records


def _card(app: Application, record: Record) -> Card:
    def text(name: str) -> str:
        return str(record.values.get(name) or "")

    def items(name: str) -> tuple[str, ...]:
        return tuple(filter(None, text(name).split("; ")))

    return Card(
        record.id,
        text("full_name"),
        text("is_company") == "company",
        text("contact_person"),
        items("phone"),
        items("email"),
        text("city"),
        text("address"),
        text("note"),
        record.updated_at,
        family_first=app.language == "ru",
    )


_WHOLE = frozenset({Kind.INTEGER, Kind.BOOLEAN})
_AS_STORED = frozenset({Kind.DATE, Kind.DATETIME, Kind.DECIMAL, Kind.INTEGER, Kind.ID})
