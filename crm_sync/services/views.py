"""What a workbook shows: its scope and field rules, turned into tabs and views for the merge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from crm_sync.core.headings import heading_key
from crm_sync.core.leaving import suspects
from crm_sync.core.masking import masked
from crm_sync.core.merging import TabWork
from crm_sync.core.records import Base, Record
from crm_sync.core.rows import ID, SheetRow
from crm_sync.core.schema import Column, FilledBy, Kind, Tab
from crm_sync.core.values import is_blank
from crm_sync.core.view import View
from crm_sync.model.scope import FOLLOWERS, Scope
from crm_sync.ports import Binding
from crm_sync.services.application import Application, FieldRules
from crm_sync.services.scopes import scope_of, scopes_of
from crm_sync.services.world import World

MASKED = "*"
"""Behind the name of a field that was masked, in `Binding.fields`."""

AWAY = "-"
"""Behind the name of a field whose column staff had taken out, in `Binding.fields`."""

COMPANY_TABS = frozenset({"plans", "kpi", "sales_plan", "kpi_rules", "bonus_terms"})
"""Tabs that tell of everybody's plans, figures and salaries: workbooks for some have none."""


@dataclass(frozen=True)
class Scoping:
    """The scope and rules of the workbook that a run works on, and the scopes beside it."""

    scope: Scope = field(default_factory=Scope)
    others: Mapping[str, Scope] = field(default_factory=dict)
    rules: FieldRules = field(default_factory=FieldRules)
    changed: bool = False

    @property
    def applies(self) -> bool:
        """True unless the workbook shows everything to everybody."""
        return not self.scope.whole or bool(self.rules) or self.changed


def for_workbook(app: Application, name: str) -> Application:
    """The application as a run over this workbook sees it: tabs without hidden fields, guarded ones
    filled by the engine. Raises ScopeError.
    """
    if name not in app.bound:
        return app
    binding = app.store.bases.binding(name)
    app = with_own_headings(app, binding)
    scope_of(app, name)
    rules = _rules(app, name, binding)
    scoped = not app.bound[name].scope.whole
    if not rules and not scoped:
        return app
    digest = _fingerprint(app, name, rules)
    shown = [tab for tab in app.whole if not (scoped and tab.table.name in COMPANY_TABS)]
    tabs = tuple(_tab(tab, rules) for tab in shown)
    titles = {
        name: title for name, title in app.titles.items() if not scoped or name not in COMPANY_TABS
    }
    return replace(app, tabs=tabs, whole_tabs=app.whole, titles=titles, fingerprint=digest)


def seen_by(app: Application, binding: Binding) -> str:
    """The fingerprint of the application as a run over this workbook sees it."""
    rules = _rules(app, binding.workbook, binding)
    if not rules and app.bound[binding.workbook].scope.whole:
        return app.fingerprint
    return _fingerprint(app, binding.workbook, rules)


def _fingerprint(app: Application, name: str, rules: FieldRules) -> str:
    said = json.dumps([scope_text(app.bound[name].scope), _sorted(rules)])
    return hashlib.sha256(f"{app.fingerprint}{said}".encode()).hexdigest()


def with_own_headings(app: Application, binding: Binding | None) -> Application:
    """The application with the headings of sheets that were taken over: each means the field that
    it was taken for there, and nothing else.
    """
    if binding is None or not binding.headings:
        return app
    return replace(
        app,
        tabs=tuple(
            replace(
                tab,
                columns=tuple(
                    _known_by(column, binding.headings[tab.table.name]) for column in tab.columns
                ),
            )
            if tab.table.name in binding.headings
            else tab
            for tab in app.tabs
        ),
    )


def _known_by(column: Column, headings: Mapping[str, str]) -> Column:
    name = column.field.name
    kept = [item for item in column.aliases if headings.get(heading_key(item), name) == name]
    return replace(
        column, aliases=(*kept, *(key for key, field in headings.items() if field == name))
    )


def scoping(app: Application, name: str) -> Scoping:
    """The scope of a workbook and of those beside it; one of these that cannot be used counts as
    showing nothing. Raises ScopeError.
    """
    told = own_scoping(app, name)
    if told.scope.whole and not told.changed:
        return told
    others = scopes_of(app, app.bound)
    others.pop(name, None)
    return replace(told, others=others)


def own_scoping(app: Application, name: str) -> Scoping:
    """The same without the scopes beside it."""
    scope = scope_of(app, name)
    known = app.store.bases.binding(name)
    changed = known is not None and bool(known.day) and known.scope != scope_text(scope)
    return Scoping(scope, rules=_rules(app, name, known), changed=changed)


def scope_text(scope: Scope) -> str:
    """A scope as one text, the same for the same scope; "" for one that shows everything."""
    return "" if scope.whole else json.dumps(asdict(scope), sort_keys=True, ensure_ascii=False)


def columns_known(tab: Tab, rules: FieldRules, missing: Collection[str]) -> tuple[str, ...]:
    """The fields that have a column in this workbook, as `Binding.fields` keeps them; staff took
    out those that are `missing`.
    """

    def mark(name: str) -> str:
        if (tab.table.name, name) in rules.masked:
            return MASKED
        return AWAY if name in missing else ""

    names = (column.field.name for column in tab.columns)
    return tuple(name + mark(name) for name in names)


def known_names(names: Sequence[str]) -> tuple[str, ...]:
    """The same without marks."""
    return tuple(name.removesuffix(MASKED).removesuffix(AWAY) for name in names)


def away_names(names: Sequence[str]) -> frozenset[str]:
    """Those whose columns staff had taken out."""
    return frozenset(name.removesuffix(AWAY) for name in names if name.endswith(AWAY))


def with_away(names: Sequence[str], missing: Collection[str]) -> tuple[str, ...]:
    """The same once staff have taken out the columns of those that are `missing`."""
    return tuple(name + AWAY if name in missing and name != ID else name for name in names)


def bases_for(tab: Tab, bases: Mapping[str, Base], known: Sequence[str]) -> Mapping[str, Base]:
    """The bases without fields that have a column only from now on: what was agreed on before the
    column went is long past.
    """
    back = {column.field.name for column in tab.columns} - set(known_names(known)) if known else ()
    if not back:
        return bases
    return {record_id: base.without(back) for record_id, base in bases.items()}


def bases_of_rows(
    rows: Iterable[SheetRow], bases: Mapping[str, Base], returned: Collection[str]
) -> Mapping[str, Base]:
    """The bases without fields whose column came back blank: staff put the heading back, and did
    not empty the cells below it.
    """
    changed = {}
    for row in rows if returned else ():
        blank = {name for name in returned if is_blank(row.cells[name])}
        if blank and row.id in bases:
            changed[row.id] = bases[row.id].without(blank)
    return {**bases, **changed} if changed else bases


def with_view(app: Application, work: TabWork, world: World, told: Scoping) -> TabWork:
    """The work on a tab with what its workbook shows of it."""
    if not told.applies:
        return work
    whole = next(tab for tab in app.whole if tab.table.name == work.tab.table.name)
    table, records = whole.table, world.records
    here = {item.name for item in work.tab.table.staff_fields}
    codecs = world.codecs(whole)
    defaults = {item.name: item.default for item in table.staff_fields if item.default is not None}
    return replace(
        work,
        view=View(
            table,
            shows=lambda values: told.scope.shows(table.name, values, records),
            homes=lambda values: frozenset(
                name
                for name, scope in told.others.items()
                if scope.shows(table.name, values, records)
            ),
            claim=lambda values: told.scope.claim(table.name, values, records),
            entry={
                item.name: codecs[item.name] for item in table.staff_fields if item.name not in here
            },
            starts=told.scope.starts(table.name, defaults, records),
            masked=frozenset(name for owner, name in told.rules.masked if owner == table.name),
            overviews=frozenset(name for name, scope in told.others.items() if scope.whole),
            changed=told.changed and (table.name == "clients" or table.name in FOLLOWERS),
        ),
    )


def with_holders(
    app: Application, work: TabWork, known: Sequence[tuple[str, SheetRow]], told: Scoping
) -> TabWork:
    """The work with where else the records stand that may have to leave this workbook."""
    if work.view is None:
        return work
    ids = suspects(work, known)
    holders = app.store.bases.holders(work.tab.table.name, ids, tuple(told.others)) if ids else {}
    return replace(work, view=replace(work.view, holders=holders))


def shown_world(app: Application, world: World, told: Scoping) -> World:
    """The world as reports of this workbook may tell of it: its own records, masked where it masks
    them.
    """
    if not told.applies:
        return world
    return replace(
        world,
        records={
            table: _shown_records(app, table, records, world, told)
            for table, records in world.records.items()
        },
        _indexes={},
    )


def _shown_records(
    app: Application, table: str, records: Mapping[str, Record], world: World, told: Scoping
) -> dict[str, Record]:
    fields = next(tab.table for tab in app.whole if tab.table.name == table).by_name
    masks = {name: fields[name].kind for owner, name in told.rules.masked if owner == table}
    hidden = {name for owner, name in told.rules.hidden if owner == table}
    found = {}
    for record_id, record in records.items():
        if not told.scope.shows(table, record.values, world.records):
            continue
        if masks or hidden:
            values = {
                name: masked(masks[name], value) if name in masks else value
                for name, value in record.values.items()
                if name not in hidden
            }
            found[record_id] = replace(record, values=values)
        else:
            found[record_id] = record
    return found


def _rules(app: Application, name: str, binding: Binding | None) -> FieldRules:
    """The rules of the configuration. A column that was masked until now is filled in full by one
    run before staff may fill it: what stands there is a mask, not an edit.
    """
    rules = app.bound[name].rules
    were_masked = {
        (table, field_name.removesuffix(MASKED))
        for table, names in (binding.fields if binding else {}).items()
        for field_name in names
        if field_name.endswith(MASKED)
    }
    unmasked = were_masked - rules.masked - rules.hidden
    return replace(rules, read_only=rules.read_only | unmasked) if unmasked else rules


def _sorted(rules: FieldRules) -> list[list[str]]:
    return [
        sorted(f"{table}.{name}" for table, name in names)
        for names in (rules.read_only, rules.masked, rules.hidden)
    ]


def _tab(tab: Tab, rules: FieldRules) -> Tab:
    """A tab as the people of the workbook see it."""
    name = tab.table.name
    columns = tuple(
        _column(column, name, rules)
        for column in tab.columns
        if (name, column.field.name) not in rules.hidden
    )
    if columns == tab.columns:
        return tab
    seen = {column.field.name: column.field for column in columns}
    fields = tuple(seen[item.name] for item in tab.table.fields if item.name in seen)
    return replace(tab, table=replace(tab.table, fields=fields), columns=columns)


def _column(column: Column, table: str, rules: FieldRules) -> Column:
    key = (table, column.field.name)
    if key in rules.masked:
        text = replace(
            column.field, kind=Kind.TEXT, filled_by=FilledBy.ENGINE, many=False, max_length=None
        )
        return replace(column, field=text)
    if key in rules.read_only:
        return replace(column, field=replace(column.field, filled_by=FilledBy.ENGINE))
    return column
