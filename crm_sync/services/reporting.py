"""Reports made from the store: the records, what history says of them, and what is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_sync.core.columns import Columns
from crm_sync.core.records import Record
from crm_sync.core.schema import Table
from crm_sync.core.values import Scalar
from crm_sync.ports import Binding
from crm_sync.reports import fields
from crm_sync.reports.as_of import closed_with, rewound
from crm_sync.reports.book import READ, Book, not_won
from crm_sync.reports.catalogue import USUAL, Beyond, Findings, Request, View, make_report
from crm_sync.reports.discipline import Quality
from crm_sync.reports.entries import OPEN_TYPES
from crm_sync.reports.followup_groups import USUAL_LIST, FollowUp
from crm_sync.reports.parameters import Asked, Question
from crm_sync.reports.report import Report
from crm_sync.reports.status_days import status_days
from crm_sync.services.application import Application
from crm_sync.services.nearby import Nearby, far_world
from crm_sync.services.world import World, load_world

Tables = Mapping[str, Mapping[str, Record]]
_Moves = dict[tuple[str, str], list[tuple[str, Scalar]]]
"""What stood in a field before each change, with the day of the change, by record id and field."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to see. `known_on`: by the store as it stood at the end of that day;
    `since` tells what has changed after the fact since the end of another.
    """

    question: Question = USUAL
    as_of: date | None = None
    known_on: date | None = None
    since: date | None = None
    employee: str = ""
    months: int = 3


@dataclass(frozen=True)
class Desk:
    """Makes reports for one reader from the same records."""

    app: Application
    world: World
    found: Findings
    asked: Asked | None = None
    most: int | None = None

    def report(self, name: str) -> Report:
        """The report of this name. Raises KeyError for an unknown one."""
        titles = {tab.table.name: tab.title for tab in self.app.tabs} | dict(self.app.all_titles)
        view = View(self.app.say, self.world.show, titles, self.asked, self.most)
        return make_report(name, self.found, view)


def open_desk(app: Application, wish: Wish | None = None, asked: Asked | None = None) -> Desk:
    """A desk over the records of the store; with `asked` its comparison is laid out as in a tab."""
    wish = wish or Wish()
    if wish.known_on or wish.since:
        return desk_over(app, load_world(app, Binding("", "")), wish, asked)
    return desk_over(app, far_world(app), wish, asked)


def desk_over(app: Application, world: World, wish: Wish, asked: Asked | None = None) -> Desk:
    """A desk over records that are at hand. Tables of which the world has a part alone are read
    from the store, by field: they may have a million records, of which reports read some fields.
    """
    known = {tab.table.name: tab.table for tab in app.whole}
    tables = {
        name: _by_field(app, known[name], world) if isinstance(records, Nearby) else records
        for name, records in world.records.items()
    }
    return _desk(app, world, with_lists(app, tables), wish, asked)


def _by_field(app: Application, table: Table, world: World) -> Columns:
    columns = app.store.records.columns(table, READ[table.name])
    if table.name == "agreements":
        ids = not_won(columns, world.book().status_types("agreement"))
        columns.whole = app.store.records.some(table, ids)
    return columns


def _desk(app: Application, world: World, tables: Tables, wish: Wish, asked: Asked | None) -> Desk:
    earlier = None
    if wish.since is not None:
        earlier = _book(app, rewound(tables, app.store.past.after(_end_of(wish.since, app))))
    if wish.known_on is not None:
        tables = rewound(tables, app.store.past.after(_end_of(wish.known_on, app)))
    book = _book(app, tables)
    beyond = Beyond(
        zones=_zones(book),
        status_since=_status_since(app, book),
        quality=lambda: _quality(app, book),
        earlier=earlier,
        since=wish.since,
    )
    request = Request(
        now=world.now,
        as_of=wish.as_of or wish.known_on,
        question=wish.question,
        employee=wish.employee,
        months=wish.months,
        first_month=app.year_begins,
        terms=app.terms() or USUAL_LIST,
    )
    return Desk(app, world, Findings(book, request, beyond), asked)


def followups_among(app: Application, world: World, tables: Tables) -> tuple[FollowUp, ...]:
    """The follow-ups of these records alone, the most urgent first."""
    book = Book(with_lists(app, tables), app.currency, app.zone)
    beyond = Beyond(zones=_zones(book), status_since=_status_since(app, book))
    return Findings(book, Request(now=world.now), beyond).followups


def with_lists(app: Application, tables: Tables) -> dict[str, Mapping[str, Record]]:
    """The records with those of the lists that have no tab."""
    rest = (table for table in app.lists if table.name not in tables)
    at_hand = {
        name: records if isinstance(records, dict | Columns) else dict(records)
        for name, records in tables.items()
    }
    return {**at_hand, **{table.name: app.store.records.all(table) for table in rest}}


def _book(app: Application, tables: Tables) -> Book:
    stamped = {**tables, "agreements": _stamped(app, tables)}
    return Book(stamped, app.currency, app.zone)


def _stamped(app: Application, tables: Tables) -> Mapping[str, Record]:
    """The agreements with the values of the day on which they were closed, where those have
    changed since.
    """
    agreements = tables.get("agreements", {})
    past = app.store.past
    moved = past.touching("agreements", ("owner", "product_group"))
    stamps: dict[str, dict[str, Scalar]] = {}
    if moved:
        names = {each.record_id for each in moved}
        every = past.touching("agreements", ("owner", "product_group", "status"))
        own = (each for each in every if each.record_id in names)
        stamps = closed_with(agreements, own, _won(tables))
    for key, branch in _branches_at_close(app, tables, stamps):
        stamps.setdefault(key, {})["branch_at_close"] = branch
    if not stamps:
        return agreements
    if isinstance(agreements, Columns):
        return agreements.having_set(stamps)
    found = dict(agreements)
    for key, values in stamps.items():
        found[key] = replace(found[key], values={**found[key].values, **values})
    return found


def _won(tables: Tables) -> frozenset[str]:
    types = Book(tables, "").status_types("agreement")
    return frozenset(key for key, type_ in types.items() if type_ == "won")


def _branches_at_close(
    app: Application, tables: Tables, stamps: Mapping[str, Mapping[str, Scalar]]
) -> list[tuple[str, Scalar]]:
    """The branch of each sale whose employee, or else the client, or the client's employee, has
    moved to another one since.
    """
    moves = {
        **_moves(app, "employees", ("branch",)),
        **_moves(app, "clients", ("owner", "branch")),
    }
    found: list[tuple[str, Scalar]] = []
    moved = {key for key, _ in moves}
    if not moved:
        return found
    employees, clients = tables.get("employees", {}), tables.get("clients", {})
    owners_of_clients = _by_id(clients, "owner")
    sales = Columns.of(tables.get("agreements", {}), ("client", "owner", "fulfilled_at"))
    columns = map(sales.column, ("client", "owner", "fulfilled_at"))
    for key, *values in zip(sales.ids, *columns, strict=True):
        client, owner, done = (str(value or "") for value in values)
        owner = str(stamps.get(key, {}).get("owner_at_close") or owner)
        if moved.isdisjoint((owner, client, owners_of_clients.get(client))):
            continue
        closed = fields.wall(done, app.zone)[:10]
        then = str(_on(closed, (client, "owner"), moves, clients) or "")
        branch = (
            _on(closed, (owner, "branch"), moves, employees)
            or _on(closed, (then, "branch"), moves, employees)
            or _on(closed, (client, "branch"), moves, clients)
        )
        if branch:
            found.append((key, branch))
    return found


def _by_id(records: Mapping[str, Record], name: str) -> dict[str, Scalar]:
    """A field of all records."""
    columns = Columns.of(records, (name,))
    return dict(zip(columns.ids, columns.column(name), strict=True))


def _moves(app: Application, table: str, names: tuple[str, ...]) -> _Moves:
    found: _Moves = {}
    for change in app.store.past.touching(table, names):
        day = datetime.fromisoformat(change.at).astimezone(app.zone).date().isoformat()
        for name in change.changes.keys() & names:
            own = found.setdefault((change.record_id, name), [])
            own.append((day, change.changes[name][0]))
    return found


def _on(day: str, what: tuple[str, str], moves: _Moves, records: Mapping[str, Record]) -> Scalar:
    """A field of a record at the end of a day; one that was filled in later, as it was filled."""
    for moved, before in moves.get(what, ()) if day else ():
        if day < moved and before:
            return before
    key, name = what
    return records[key].values.get(name) if key in records else None


def _end_of(day: date, app: Application) -> datetime:
    return datetime.combine(day, time.max, app.zone)


def _zones(book: Book) -> dict[str, ZoneInfo]:
    found = {}
    for key, record in book.records("branches").items():
        name = fields.text(record.values, "timezone")
        try:
            if name:
                found[key] = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return found


def _status_since(app: Application, book: Book) -> dict[tuple[str, str], date]:
    """The day of the last change of status of what is open or lost."""
    types = book.status_types("agreement")
    wanted = {key for key, type_ in types.items() if type_ in OPEN_TYPES or type_ == "lost"}
    agreements = _with_status(book.records("agreements"), wanted)
    statuses = book.statuses("client").values()
    timed = {each.key for each in statuses if each.max_days and each.type != "lost"}
    clients = _with_status(book.records("clients"), timed)
    found = []
    for table, ids in (("agreements", agreements), ("clients", clients)):
        stamps = app.store.past.last_changes(table, "status", ids)
        found += [(table, key, at) for key, at in stamps.items()]
    return status_days(found, app.zone)


def _with_status(records: Mapping[str, Record], wanted: Set[str]) -> Iterator[str]:
    """The records that are not archived and have one of these statuses."""
    columns = Columns.of(records, ("status",))
    statuses = columns.column("status")
    chosen = {status for status in set(statuses) if str(status) in wanted}
    rows = zip(columns.ids, statuses, columns.archived, strict=True)
    return (key for key, status, archived in rows if status in chosen and not archived)


def _quality(app: Application, book: Book) -> Quality:
    """Open problems and rows by employee."""
    rows: Counter[Scalar] = Counter()
    owners: dict[str, Mapping[str, Scalar]] = {}
    for table, name in (("clients", "owner"), ("contacts", "employee"), ("agreements", "owner")):
        live = Columns.of(book.records(table), (name,)).live((name,))
        rows.update(live.column(name))
        owners[table] = dict(zip(live.ids, live.column(name), strict=True))
    problems = Counter(
        owners.get(each.problem.table, {}).get(each.problem.record_id)
        for each in app.store.findings.problems()
    )
    return Quality(problems=_named(problems), rows=_named(rows))


def _named(counted: Mapping[Scalar, int]) -> dict[str, int]:
    """The numbers without that of nobody."""
    return {str(owner): number for owner, number in counted.items() if owner}
