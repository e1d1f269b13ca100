"""What no plan may do, asked of small worlds before and after it."""

from __future__ import annotations

from collections.abc import Iterator

from crm_sync.core.plan import TabPlan
from tests.property.small_worlds import (
    FIELDS,
    IDS,
    NEW_IDS,
    Row,
    World,
    carried_out,
    plan_of,
)


def wrongs(world: World) -> Iterator[str]:
    """What the plan of a world does that it must not."""
    plan = plan_of(world)
    after = carried_out(world, plan)
    yield from wrongs_of_a_step(world, plan, after)
    again = plan_of(after)
    if again.changes or again.writes_sheet or again.dropped:
        yield f"never comes to rest: {again}"
    if again.conflicts != plan.conflicts:
        yield f"the conflicts change by themselves: {plan.conflicts}, {again.conflicts}"


def wrongs_of_a_step(world: World, plan: TabPlan, after: World) -> Iterator[str]:
    """What a plan does that it must not, whatever comes after it."""
    yield from _writes_into_other_rows(world, plan)
    yield from _lost(world, plan, after)
    yield from _ids(world, plan, after)
    yield from disagreements(after, plan)
    yield from _undecided(world, plan, after)


def _writes_into_other_rows(world: World, plan: TabPlan) -> Iterator[str]:
    bearers = [row.id for row in world.sheet]
    for write in plan.every_write:
        row = world.sheet[write.row - 2]
        known = row.id in world.store or row.id in world.bases
        if known and bearers.count(row.id) == 1 and write.record_id != row.id:
            yield f"writes {write} into the row of {row.id}"
    for delete in plan.deletes:
        row, base = world.sheet[delete.row - 2], world.bases.get(delete.record_id)
        # A row into which no id was written yet is known by its cells, whatever was typed there.
        nameless = base is not None and not base.version and row.cells == tuple(base.cells.values())
        if row.id not in (delete.record_id, "") and not nameless:
            yield f"deletes {delete} instead of {row}"


def _lost(world: World, plan: TabPlan, after: World) -> Iterator[str]:
    """A value that gives way was agreed before, and what was typed is somewhere."""
    kept = {(row.mine, name): cell for row in after.sheet for name, cell in _cells(row)}
    stored = {value for item in after.store.values() for value in item.values.values()}
    stored |= {value for _, _, value in after.history}
    stored |= {value for item in plan.conflicts for value in (item.ours, item.theirs)}
    for row in world.sheet:
        for name, cell in _cells(row):
            if cell is None or kept.get((row.mine, name)) == cell:
                continue
            if cell not in stored and not _agreed(world, row, name, cell):
                yield f"{cell} typed in {row} is lost"
            if not _agreed(world, row, name, cell):
                yield f"{cell} in {row} gives way though nobody had agreed to it"
    for record_id, record in world.store.items():
        now = after.store.get(record_id)
        for name, value in record.values.items():
            if now is None or (
                now.values[name] != value and (record_id, name, value) not in after.history
            ):
                yield f"{record_id}.{name} = {value} is lost from the store"


def _agreed(world: World, row: Row, name: str, cell: object) -> bool:
    """Whether this cell is what its record's base or store says: then it may be replaced. A row
    without an id of its own may be any record's.
    """
    own = [other.id for other in world.sheet].count(row.id) == 1
    return any(
        item.values.get(name) == cell
        for known in (world.bases, world.store)
        for key, item in known.items()
        if row.id == key or row.id not in known or not own
    )


def _cells(row: Row) -> Iterator[tuple[str, object]]:
    return zip(FIELDS, row.cells, strict=True)


def _ids(world: World, plan: TabPlan, after: World) -> Iterator[str]:
    held = {problem.record_id for problem in plan.problems}
    held |= {world.sheet[item.row - 2].id for item in plan.problems if item.row is not None}
    ids = [row.id for row in after.sheet if row.id in (*IDS, *NEW_IDS) and any(row.cells)]
    for text in set(ids):
        if ids.count(text) > 1 and text not in held:
            yield f"{text} stands in {ids.count(text)} rows"
        if text not in after.store and (text, "") not in _waiting(plan) and text not in held:
            yield f"{text} is no record"


def _waiting(plan: TabPlan) -> set[tuple[str, str]]:
    return {(item.record_id, item.field) for item in plan.conflicts}


def disagreements(after: World, plan: TabPlan) -> Iterator[str]:
    """Rows and records that differ though nothing says so."""
    waiting = _waiting(plan)
    held = {problem.record_id for problem in plan.problems}
    rows = {row.id: row for row in sorted(after.sheet, key=lambda row: any(row.cells)) if row.id}
    for record_id, record in after.store.items():
        if record_id in held or (record_id, "") in waiting:
            continue
        row = rows.get(record_id)
        if row is not None and record.archived and not any(row.cells):
            row = None
        if record.archived != (row is None):
            yield f"{record_id}: archived {record.archived}, row {row}"
        for name, cell in _cells(row) if row and not record.archived else ():
            if (record_id, name) not in waiting and cell != record.values[name]:
                yield f"{record_id}.{name}: {record.values[name]} against {cell}"


def _undecided(world: World, plan: TabPlan, after: World) -> Iterator[str]:
    """Fields of records that stand on both sides, by the table of the merge."""
    waiting, held = _waiting(plan), {problem.record_id for problem in plan.problems}
    sheet = {row.id: row for row in after.sheet}
    for record_id, record in world.store.items():
        rows = [row for row in world.sheet if row.id == record_id]
        base = world.bases.get(record_id)
        if record.archived or len(rows) != 1 or not any(rows[0].cells) or record_id in held:
            continue
        if base is not None and base.version < 0:
            continue
        for name, theirs in _cells(rows[0]):
            ours = record.values[name]
            agreed = base.values.get(name, MISSING) if base else MISSING
            wanted = _decision(agreed, ours, theirs)
            stored = after.store[record_id].values[name]
            shown = dict(_cells(sheet[record_id]))[name]
            found = (stored, shown, (record_id, name) in waiting)
            if found != wanted:
                yield f"{record_id}.{name}, {agreed}, {ours}, {theirs}: {found}, not {wanted}"


MISSING = object()


def _decision(agreed: object, ours: object, theirs: object) -> tuple[object, object, bool]:
    """What store and sheet hold then, and whether a person must decide."""
    if ours == theirs:
        return ours, theirs, False
    if theirs == agreed or (agreed is MISSING and theirs is None):
        return ours, ours, False
    if ours == agreed or (agreed is MISSING and ours is None):
        return theirs, theirs, False
    return ours, theirs, True
