"""Finds the part of a workbook and of the store that a run has to look at.

A row, its record and what both sides last agreed on need no second look while all three are as a
run left them settled. Whenever anything else than cells and records may have changed, everything is
looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Set
from dataclasses import dataclass, replace

from crm_sync.core.binding import Binding as Columns
from crm_sync.core.binding import bind
from crm_sync.core.codecs import Conventions
from crm_sync.core.findings import Stop
from crm_sync.core.grid import TabRead
from crm_sync.core.plan import Plan, TabPlan
from crm_sync.core.prints import SIZE
from crm_sync.core.recalculating import columns_read
from crm_sync.core.records import Base, Record
from crm_sync.core.rows import id_in
from crm_sync.core.schema import Tab
from crm_sync.core.seeing import Left, News, Seen, news, rows_to_read, seen_after
from crm_sync.ports import Binding, Touched
from crm_sync.services.application import Application, FieldRules
from crm_sync.services.labels import labels_of
from crm_sync.services.nearby import Nearby, NearWorld
from crm_sync.services.planning import Planned
from crm_sync.services.reading import Part, Reading, TabReading
from crm_sync.services.setup import DAILY
from crm_sync.services.views import columns_known, known_names, own_scoping, with_away

MOST_TOUCHED = 0.3
"""From this share of a tab's rows on, looking at all of them costs no more."""

FEW = 200
"""A tab with fewer rows to look at than this is never too much changed."""


@dataclass(frozen=True)
class Near:
    """What a run has to look at: the reading with its parts, and the records."""

    reading: Reading
    world: NearWorld


@dataclass(frozen=True)
class _Tab:
    """One tab while its part is found out. `asked` are the records to be looked at."""

    tab: Tab
    read: TabRead
    seen: Seen
    columns: Columns
    news: News
    asked: set[str]


def near(
    app: Application, binding: Binding, reading: Reading, allowed: frozenset[str]
) -> Near | None:
    """The part to be looked at, None if that is everything."""
    if (
        allowed
        or reading.repairs
        or reading.approved
        or reading.attached.new_tabs
        or reading.attached.gone
    ):
        return None
    # What a scope shows depends on records beside those that changed.
    if own_scoping(app, binding.workbook).applies:
        return None
    if not _same_day(app, binding) or binding.sequence is None:
        return None
    touched = app.store.records.touched(binding.sequence)
    if touched.keys() - set(DAILY):
        return None
    seen = app.store.sightings.last(binding.workbook)
    waiting = _waiting(app, binding.workbook)
    tabs = [_tab(app, tab, binding, reading, seen.get(tab.table.name)) for tab in app.tabs]
    found = [tab for tab in tabs if tab is not None]
    if len(found) < len(tabs) or any(_too_much(tab) for tab in found):
        return None
    for tab in found:
        name = tab.tab.table.name
        tab.asked.update(touched.get(name, {}), waiting.get(name, ()))
        _close(tab)
    if any(_too_much(tab) for tab in found):
        return None
    return _near(app, binding, reading, found, touched, waiting)


def holds(plan: Plan) -> bool:
    """True if the plan of a part may stand for that of the whole: nothing stops, and no table
    changes that everything else refers to.
    """
    return not plan.stops and all(
        tab.table in DAILY or not (tab.changes or tab.inserts or tab.deletes) for tab in plan.tabs
    )


def _waiting(app: Application, workbook: str) -> dict[str, set[str]]:
    """The records that a finding or a mark in a cell names, by table."""
    found: dict[str, set[str]] = {}
    for item in app.store.findings.problems(workbook):
        found.setdefault(item.problem.table, set()).add(item.problem.record_id)
    for conflict in app.store.findings.conflicts(workbook):
        found.setdefault(conflict.conflict.table, set()).add(conflict.conflict.record_id)
    for mark in app.store.marks.all(workbook):
        found.setdefault(mark.table, set()).add(mark.key.split("|")[1])
    return found


def _same_day(app: Application, binding: Binding) -> bool:
    return (
        binding.day == app.local_now().date().isoformat() and binding.fingerprint == app.fingerprint
    )


def _tab(
    app: Application, tab: Tab, binding: Binding, reading: Reading, seen: Seen | None
) -> _Tab | None:
    """What is new in one tab by its bytes, None if it is not known well enough."""
    name = tab.table.name
    read = reading.reads.get(name)
    if read is None or seen is None or not read.prints:
        return None
    columns = bind(tab, read, labels_of(reading.labels, name))
    if isinstance(columns, Stop) or columns.header_row != seen.header_row:
        return None
    end = (columns.header_row + 1) * SIZE
    if read.prints[:end] != seen.prints[:end]:
        return None
    found = news(seen, read.prints)
    asked = {*seen.loose, *found.gone, *app.store.bases.open(binding.workbook, name)}
    return _Tab(tab, read, seen, columns, found, asked)


def _close(tab: _Tab) -> None:
    """Looks at every row of the records in question, and at every record that such a row names."""
    column = tab.columns.columns[tab.tab.columns[0].field.name]
    rows = rows_to_read(tab.news, tab.read.prints, tab.columns.header_row)
    tab.asked.update(id_in(tab.read.cell(row, column)) for row in rows)
    tab.asked.discard("")
    tab.news.look_at(tab.asked)


def _too_much(tab: _Tab) -> bool:
    asked = max(len(tab.asked), len(tab.news.open))
    return asked > max(FEW, MOST_TOUCHED * len(tab.news.ids))


def _near(
    app: Application,
    binding: Binding,
    reading: Reading,
    tabs: list[_Tab],
    touched: Mapping[str, Mapping[str, Touched]],
    waiting: Mapping[str, Set[str]],
) -> Near:
    bases: dict[str, Mapping[str, Base]] = {}
    parts: dict[str, Part] = {}
    records: dict[str, MutableMapping[str, Record]] = {}
    nearby: dict[str, Nearby] = {}
    for tab in tabs:
        name, table = tab.tab.table.name, tab.tab.table
        bases[name] = app.store.bases.some(binding.workbook, name, tab.asked)
        rows = rows_to_read(tab.news, tab.read.prints, tab.columns.header_row)
        parts[name] = Part(rows, tab.asked, tab.news, tab.seen.known - len(bases[name]))
        if name in DAILY:
            records[name] = nearby[name] = Nearby(app.store.records, table, tab.asked)
        else:
            records[name] = app.store.records.all(table)
    world = NearWorld(
        app.tabs,
        records,
        Conventions(binding.locale or app.locale, app.region),
        app.language,
        app.currency,
        app.local_now(),
        app.closed_until,
        app.store.records.history,
        app.store.merges.of,
        store=app.store,
        clients_before=_clients_named(touched, nearby),
        agreed={
            name: {key: base for key, base in known.items() if key not in waiting.get(name, ())}
            for name, known in bases.items()
        },
    )
    known = app.store.bases.binding(binding.workbook)
    fields = known.fields if known else {}
    return Near(replace(reading, bases=bases, known_fields=fields, parts=parts), world)


def _clients_named(
    touched: Mapping[str, Mapping[str, Touched]], nearby: Mapping[str, Nearby]
) -> set[str]:
    """The clients whose contacts and agreements changed, those they belonged to before too."""
    return {
        str(value)
        for table in ("contacts", "agreements")
        for values in (
            *(fields.get("client", ()) for fields in touched.get(table, {}).values()),
            *((record.values.get("client"),) for record in nearby[table].near.values()),
        )
        for value in values
        if value
    }


def _live(records: Mapping[str, Record], plan: TabPlan, part: Part | None) -> set[str]:
    """The records in use, of those that the run looked at."""
    if part is None:
        return {key for key, record in records.items() if not record.archived}
    found = {key: records.get(key) for key in part.asked | plan.bases.keys()}
    return {key for key, record in found.items() if record is not None and not record.archived}


def left_behind(planned: Planned) -> dict[str, Seen]:
    """The tabs as the next run is to find them; none if a tab is not settled."""
    if planned.plan.stops:
        return {}
    seen = {}
    for plan in planned.plan.tabs:
        reading = planned.readings[plan.table]
        part = reading.part
        left = Left(
            reading.read,
            reading.columns.header_row,
            plan,
            planned.places[plan.table],
            reading.bases.keys(),
            _live(planned.world.records[plan.table], plan, part),
            part.news.ids if part else (),
            part.others if part else 0,
        )
        found = seen_after(left)
        if found is not None:
            seen[plan.table] = found
    return seen


def columns_left(
    planned: Planned, rules: FieldRules, before: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """The columns as the next run is to know them, in place of those `before`. In a tab that
    stopped, one that is new or came back still is for the next run: nothing was filled there.
    """
    left = dict(before)
    for plan in planned.plan.tabs:
        if plan.table not in planned.readings:
            if plan.stop is not None and plan.table in before:
                left[plan.table] = with_away(before[plan.table], plan.stop.missing)
            continue
        found = planned.readings[plan.table]
        missing = frozenset(found.columns.missing)
        if plan.stop is None:
            left[plan.table] = columns_known(found.tab, rules, missing)
            continue
        known = before.get(plan.table, ())
        names = columns_known(found.tab, rules, missing | found.columns.returned)
        left[plan.table] = tuple(
            name
            for name, plain in zip(names, known_names(names), strict=True)
            if plain in known_names(known)
        )
    return left


def may_recalculate(planned: Planned) -> bool:
    """True if what the plan writes may move what a formula gives that is read: nobody tells."""
    return any(
        _recalculates(planned.readings[plan.table], plan)
        for plan in planned.plan.tabs
        if plan.table in planned.readings
    )


def _recalculates(reading: TabReading, plan: TabPlan) -> bool:
    bound = frozenset(reading.columns.columns.values())
    texts = {text for (_, column), text in reading.read.formulas.items() if column in bound}
    if not texts:
        return False
    if plan.inserts or plan.deletes:
        return True
    written = {write.column for write in plan.writes}
    written |= {item.column for item in (plan.block.fillings if plan.block else ())}
    return any((read := columns_read(text)) is None or bool(read & written) for text in texts)
