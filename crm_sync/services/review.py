"""Decides conflicts. To decide is to move the base: the next run then merges without a clash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import assert_never

from crm_sync.core.findings import Clash, Conflict, Severity, Side
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import LET_GO, ROW, Base, Record
from crm_sync.core.schema import Tab
from crm_sync.core.values import N_, Cell, Scalar, Unreadable
from crm_sync.errors import NotFound, UserError
from crm_sync.ports import OpenConflict
from crm_sync.reports.filled import filled_headings
from crm_sync.reports.findings import Reader
from crm_sync.services.application import Application
from crm_sync.services.around import look_around
from crm_sync.services.setup import without_version
from crm_sync.services.world import World


def reader(app: Application) -> Reader:
    """How people read values, records and times of this store; a record is loaded when its name is
    asked for.
    """
    world = look_around(app)
    tabs = {tab.table.name: tab for tab in app.tabs}
    return Reader(
        tabs,
        app.say,
        world.show,
        app.zone,
        world.name,
        titles={**app.all_titles, **app.titles},
        headings=filled_headings(app.say),
    )


def find_conflict(app: Application, number: int) -> OpenConflict:
    """The open conflict with this number. Raises NotFound."""
    for item in app.store.findings.conflicts():
        if item.id == number:
            return item
    raise NotFound(
        N_("There is no open conflict number {number}."),
        N_("crm-sync conflicts list shows those that are open."),
        number=number,
    )


def resolve(app: Application, number: int, side: Side) -> OpenConflict:
    """Decides a conflict for one side; the next run carries it out.

    Raises NotFound, UserError if a formula stands in the way, RunInProgress while a run works.
    """
    with app.store.lease():
        return take_side(app, number, side, look_around(app))


def take_side(app: Application, number: int, side: Side, world: World) -> OpenConflict:
    """The same as `resolve` within a run that holds the lease already."""
    found = find_conflict(app, number)
    with app.store.transaction():
        decide_side(app, found, side, world)
    return found


def take_value(
    app: Application, number: int, value: Cell, world: World, *, source: str
) -> OpenConflict:
    """Decides with a value of one's own within a run, for a conflict of one field."""
    found = find_conflict(app, number)
    with app.store.transaction():
        decide_value(app, found, value, world, source=source)
    return found


def decide_side(
    app: Application, found: OpenConflict, side: Side, world: World
) -> tuple[OpenConflict, ...]:
    """Decides an open conflict for one side within a transaction; those that are decided with it,
    because their fields belong together, are given back with it. Raises NotFound, UserError.
    """
    case = _case(app, found, world)
    _note(case, _decided(case, side), side.value)
    return (found, *case.siblings)


def decide_value(
    app: Application, found: OpenConflict, value: Cell, world: World, *, source: str
) -> tuple[OpenConflict, ...]:
    """The same with a value of one's own, for a conflict of one field."""
    case = _case(app, found, world)
    conflict, record = found.conflict, case.record
    change = StoreChange(
        Op.UPDATE,
        conflict.table,
        record.id,
        {conflict.field: _value(case, value)},
        record.version,
    )
    app.store.records.apply([change], source=source, by="", at=app.clock.now())
    _note(case, _agreed(case, Side.STORE), "value")
    return (found, *case.siblings)


def value_of(app: Application, found: OpenConflict, value: Cell, world: World) -> Scalar:
    """What a typed value would be in the store. Raises UserError for one that will not do."""
    return _value(_case(app, found, world), value)


@dataclass(frozen=True)
class _Case:
    """A conflict with all that its decision needs."""

    app: Application
    found: OpenConflict
    world: World
    tab: Tab
    record: Record
    base: Base

    @cached_property
    def ours(self) -> Mapping[str, Scalar]:
        """The record's values now, in canonical form where they can be read."""
        codecs = self.world.codecs(self.tab)
        values: dict[str, Scalar] = {}
        for item in self.tab.table.staff_fields:
            if item.name in codecs:
                value = codecs[item.name].normal(self.record.values.get(item.name))
                values[item.name] = None if isinstance(value, Unreadable) else value
        return values

    @cached_property
    def siblings(self) -> tuple[OpenConflict, ...]:
        """The other open conflicts of fields that belong together with this one: decided alike."""
        found = self.found.conflict
        group = {name for group in self.tab.table.groups if found.field in group for name in group}
        return tuple(
            item
            for item in self.app.store.findings.conflicts(self.found.workbook)
            if item.id != self.found.id
            and (item.conflict.table, item.conflict.record_id) == (found.table, found.record_id)
            and item.conflict.field in group
        )


def _case(app: Application, found: OpenConflict, world: World) -> _Case:
    table, record_id = found.conflict.table, found.conflict.record_id
    record = world.records[table].get(record_id)
    if record is None:
        raise NotFound(
            N_("The record {record} of this conflict is no longer in the store."),
            N_("Type crm-sync sync: it closes what has settled itself."),
            record=record_id,
        )
    bases = app.store.bases.some(found.workbook, table, [record_id])
    base = bases.get(record_id, Base(record_id, {}, unsettled=True))
    return _Case(app, found, world, app.tab(table), record, base)


def _decided(case: _Case, side: Side) -> Base | None:
    """The base that makes the next run follow the decision; None: there is none any more, and the
    record or the row counts as new.
    """
    conflict, base = case.found.conflict, case.base
    match conflict.clash:
        case Clash.DELETE_EDIT:
            return None if side is Side.SHEET else _let_go(base, conflict)
        case Clash.EDIT_DELETE:
            return None if side is Side.STORE else _moved(base, case.ours)
        case Clash.FORMULA if side is Side.STORE:
            raise _formula()
        case Clash.EDIT_EDIT | Clash.FORMULA:
            return _agreed(case, side)
        case _:
            assert_never(conflict.clash)


def _let_go(base: Base, conflict: Conflict) -> Base:
    """The base whose row goes, as long as it says what the conflict tells."""
    return replace(base, version=LET_GO, values={**base.values, ROW: conflict.theirs})


def _agreed(case: _Case, side: Side) -> Base:
    """The base as if both sides had agreed on the other side's value, for the field and those of
    its group. It is the value that the conflict showed: what came after it is asked about anew.
    """
    clashing = [item.conflict for item in (case.found, *case.siblings)]
    values = {item.field: item.theirs if side is Side.STORE else item.ours for item in clashing}
    return _moved(case.base, values)


def _moved(base: Base, values: Mapping[str, Scalar]) -> Base:
    """The base as if both sides had agreed on these values. What the cells held then is forgotten:
    one that looks as before must be read anew.
    """
    differing = {name for name, value in values.items() if value != base.values.get(name)}
    cells = {name: cell for name, cell in base.cells.items() if name not in differing}
    return replace(base, values={**base.values, **values}, cells=cells, unsettled=True)


def _formula() -> UserError:
    return UserError(
        N_("A formula stands in that cell; crm-sync never overwrites one."),
        N_("Clear the cell in the sheet, sync and decide again, or take the sheet's value."),
    )


def _value(case: _Case, text: Cell) -> Scalar:
    """The canonical value of what was typed. Raises UserError for one that cannot be read, that
    breaks a rule, or that cannot stand here at all.
    """
    conflict = case.found.conflict
    if not conflict.field:
        raise UserError(
            N_("This conflict is about a whole record, not about one value."),
            N_("Say --take store or --take sheet."),
        )
    if conflict.clash is Clash.FORMULA:
        raise _formula()
    value = case.world.codecs(case.tab)[conflict.field].parse(text)
    if isinstance(value, Unreadable):
        raise UserError(value.reason, value.remedy, **value.params)
    for broken in case.world.check(case.tab)({**case.ours, conflict.field: value}, case.ours):
        if broken.severity is Severity.REJECT and conflict.field in broken.fields:
            raise UserError(broken.message, broken.remedy, **broken.params)
    return value


def _note(case: _Case, decided: Base | None, resolution: str) -> None:
    """Notes the decision and makes the next run look again."""
    app, found, now = case.app, case.found, case.app.clock.now()
    table, record_id = found.conflict.table, found.conflict.record_id
    if decided is None:
        app.store.bases.drop(found.workbook, table, [record_id])
    else:
        app.store.bases.put(found.workbook, table, {record_id: decided})
    for item in (found, *case.siblings):
        app.store.findings.close_conflict(item.id, resolution, now)
    binding = app.store.bases.binding(found.workbook)
    if binding is not None:
        app.store.bases.bind(without_version(binding))
