"""Decides conflicts. To decide is to move the base: the next run then merges without a clash."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from crm_sync.core.findings import Clash
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import LET_GO, Base
from crm_sync.core.values import N_, Scalar, Unreadable
from crm_sync.errors import NotFound, UserError
from crm_sync.ports import Binding, OpenConflict
from crm_sync.services.application import Application
from crm_sync.services.setup import without_version
from crm_sync.services.world import load_world


class Side(StrEnum):
    """Whose value is to stand."""

    STORE = "store"
    SHEET = "sheet"


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
    """Decides a conflict for one side; the next run carries it out. Raises NotFound, and
    UserError if a formula stands in the way.
    """
    found = find_conflict(app, number)
    conflict = found.conflict
    if conflict.clash is Clash.FORMULA and side is Side.STORE:
        raise UserError(
            N_("A formula stands in that cell; crm-sync never overwrites one."),
            N_("Clear the cell in the sheet and sync, or take the sheet's value."),
        )
    base = _base(app, found)
    if conflict.clash is Clash.DELETE_EDIT:
        decided = None if side is Side.SHEET else replace(base, version=LET_GO)
    elif conflict.clash is Clash.EDIT_DELETE:
        decided = None if side is Side.STORE else replace(base, values=_ours(app, found))
    else:
        agreed = conflict.theirs if side is Side.STORE else _ours(app, found)[conflict.field]
        decided = replace(base, values={**base.values, conflict.field: agreed}, unsettled=True)
    _decide(app, found, decided, side.value)
    return found


def resolve_with(app: Application, number: int, text: str) -> OpenConflict:
    """Decides a conflict of one field with a third value, typed as in the sheet. Raises NotFound,
    and UserError if the value will not do.
    """
    found = find_conflict(app, number)
    conflict = found.conflict
    if not conflict.field:
        raise UserError(
            N_("This conflict is about a whole record, not about one value."),
            N_("Say --take store or --take sheet."),
        )
    world = load_world(app, Binding(found.workbook, ""))
    value = world.codecs(app.tab(conflict.table))[conflict.field].parse(text)
    if isinstance(value, Unreadable):
        raise UserError(value.reason, value.remedy, **value.params)
    record = world.records[conflict.table][conflict.record_id]
    base = _base(app, found)
    decided = replace(base, values={**base.values, conflict.field: conflict.theirs}, unsettled=True)
    change = StoreChange(
        Op.UPDATE, conflict.table, record.id, {conflict.field: value}, record.version
    )
    _decide(app, found, decided, "value", change)
    return found


def _base(app: Application, found: OpenConflict) -> Base:
    conflict = found.conflict
    bases = app.store.bases.all(found.workbook, conflict.table)
    return bases.get(conflict.record_id, Base(conflict.record_id, {}, unsettled=True))


def _ours(app: Application, found: OpenConflict) -> dict[str, Scalar]:
    """The record's values now, in canonical form where they can be read."""
    conflict = found.conflict
    world = load_world(app, Binding(found.workbook, ""))
    tab = app.tab(conflict.table)
    codecs = world.codecs(tab)
    values = world.records[conflict.table][conflict.record_id].values
    ours: dict[str, Scalar] = {}
    for item in tab.table.staff_fields:
        value = codecs[item.name].normal(values.get(item.name)) if item.name in codecs else None
        ours[item.name] = None if isinstance(value, Unreadable) else value
    return ours


def _decide(
    app: Application,
    found: OpenConflict,
    decided: Base | None,
    resolution: str,
    change: StoreChange | None = None,
) -> None:
    """Notes the decision and makes the next run look again, all in one transaction."""
    conflict, now = found.conflict, app.clock.now()
    with app.store.transaction():
        if change is not None:
            app.store.records.apply([change], source="cli", by="", at=now)
        if decided is None:
            app.store.bases.drop(found.workbook, conflict.table, [conflict.record_id])
        else:
            app.store.bases.put(found.workbook, conflict.table, {conflict.record_id: decided})
        app.store.findings.close_conflict(found.id, resolution, now)
        binding = app.store.bases.binding(found.workbook)
        if binding is not None:
            app.store.bases.bind(without_version(binding))
