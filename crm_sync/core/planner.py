"""Plans one tab: every row and every record of it, then the cells that the engine itself fills.

Two steps, because new records need ids and ids are the store's to give:
`survey` says how many are needed, `plan_tab` uses them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from crm_sync.core.blocks import Block
from crm_sync.core.engine_cells import filling
from crm_sync.core.findings import Clash, Conflict, Notice, Problem, Side, Stop
from crm_sync.core.leaving import belongs, departed, in_scope, told
from crm_sync.core.limits import UNLIMITED, Limits, over_limits
from crm_sync.core.matching import Matched, match, replaced_id
from crm_sync.core.mending import mending_writes
from crm_sync.core.merging import Merged, TabWork, cell_write, merge_row
from crm_sync.core.newcomers import Newcomer, read_newcomers
from crm_sync.core.plan import CellWrite, Op, RowInsert, StoreChange, TabPlan
from crm_sync.core.records import AWAITED, ROW, Base, Record
from crm_sync.core.rows import ID, SheetRow
from crm_sync.core.schema import FilledBy
from crm_sync.core.scrambled import put_back, scrambled_stop, scrambles
from crm_sync.core.spots import Spot, cell_problem, rule_problem
from crm_sync.core.values import N_, Cell, Scalar, Unreadable, is_blank
from crm_sync.core.work import whole_row


@dataclass(frozen=True)
class Survey:
    """The rows of a tab sorted out, and which of the new ones are complete."""

    matched: Matched
    newcomers: tuple[Newcomer, ...]
    drafts: tuple[Newcomer, ...]


@dataclass
class _Sum:
    """The plan while it grows."""

    changes: list[StoreChange] = field(default_factory=list)
    writes: list[CellWrite] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    inserts: list[RowInsert] = field(default_factory=list)
    bases: dict[str, Base] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)


def survey(work: TabWork) -> Survey:
    """The rows matched with records; new rows read and parted into complete ones and drafts."""
    matched = match(work.tab, work.rows, work.bases, work.records)
    newcomers = read_newcomers(work, matched.new)
    return Survey(
        matched,
        tuple(item for item in newcomers if item.complete),
        tuple(item for item in newcomers if not item.complete),
    )


def plan_tab(
    work: TabWork,
    found: Survey,
    ids: Sequence[str],
    limits: Limits,
    allowed: frozenset[str] = frozenset(),
) -> TabPlan:
    """The plan of a tab but for the engine's own columns. `ids` are new ones, one for each
    newcomer; `allowed` are the limits that a person said may be passed. A tab over a limit gets a
    plan that holds the stop, and puts right what a write of ours has hit before.
    """
    notices = [*_renamed(work), *found.matched.notices]
    total = _Sum(problems=list(found.matched.problems), notices=notices)
    work, limits, stop = _merge_known(work, found.matched.known, total, limits, allowed)
    block = _add_newcomers(work, total, found.newcomers, ids)
    for draft in found.drafts:
        total.problems.extend(draft.problems)
        if draft.row.id in work.bases:
            # A copy that waits for its cells must not bear the id of the row it was copied from.
            total.writes.append(cell_write(work, draft.row, ID, draft.row.id, ""))
    returning = _vanished(work, found.matched, total)
    _arrivals(work, found.matched, total, returning)
    plan = replace(_plan(work, total), block=block)
    is_changed = work.view is not None and work.view.changed
    weighed = replace(
        plan, writes=tuple(item for item in plan.writes if not _only_fills(work, item)), stop=stop
    )
    stop = over_limits(work.tab, weighed, work.known, limits, allowed, scope_changed=is_changed)
    if stop is not None:
        plan = TabPlan(work.tab.table.name, stop=stop)
    known = {row.number: record_id for record_id, row in found.matched.known}
    return replace(
        plan,
        writes=(*plan.writes, *mending_writes(work, known, plan)),
        deletes=tuple(sorted(plan.deletes, key=lambda delete: delete.row)),
    )


def _renamed(work: TabWork) -> Iterator[Notice]:
    """Headings that were renamed and followed, told by a run that looks at the whole tab."""
    for name, heading in work.binding.renamed.items() if not work.others else ():
        column = work.tab.by_field[name]
        yield Notice(
            work.tab.table.name,
            "V12",
            N_("{tab}: the column “{now}” was “{heading}” before, and is still read as that."),
            {"tab": work.tab.title, "now": heading, "heading": column.heading},
        )


def _merge_known(
    work: TabWork,
    known: Sequence[tuple[str, SheetRow]],
    total: _Sum,
    limits: Limits,
    allowed: frozenset[str],
) -> tuple[TabWork, Limits, Stop | None]:
    """Merges all rows that have a record, into `total`. Scrambled columns stop the tab, unless a
    person said to go ahead with them or to put them back; they lift the limits for columns.
    """
    merged = [(record_id, row, _merged(work, record_id, row)) for record_id, row in known]
    touched = [(record_id, row) for record_id, row, item in merged if item is not None]
    found = scrambles(work, touched, known) if limits != UNLIMITED else ()
    stop = scrambled_stop(work, found, allowed)
    work, changed = put_back(work, found, allowed)
    for record_id, row, item in merged:
        _add(work, total, _merged(work, record_id, row) if record_id in changed else item)
    if found:
        limits = replace(limits, column_rows=UNLIMITED.column_rows)
    return work, limits, stop


def _merged(work: TabWork, record_id: str, row: SheetRow) -> Merged | None:
    return in_scope(work, record_id, row, merge_row(work, record_id, row))


def _plan(work: TabWork, total: _Sum) -> TabPlan:
    left = tuple(item.record_id for item in total.merged if item.left)
    return TabPlan(
        work.tab.table.name,
        changes=tuple(total.changes),
        writes=tuple(total.writes),
        inserts=tuple(total.inserts),
        deletes=tuple(item.delete for item in total.merged if item.delete is not None),
        bases=total.bases,
        dropped=tuple(total.dropped),
        conflicts=tuple(total.conflicts),
        problems=tuple(total.problems),
        notices=(*total.notices, *told(work, left, len(total.inserts))),
        left=left,
        waiting=(*(item.record_id for item in total.merged if item.waits), *total.strangers),
        held=frozenset(item.record_id for item in total.merged if item.held),
    )


def _add(work: TabWork, total: _Sum, merged: Merged | None) -> None:
    if merged is None:
        return
    total.merged.append(merged)
    if merged.passing is not None:
        total.changes.append(merged.passing)
    if merged.change is not None:
        total.changes.append(merged.change)
    total.notices.extend(merged.notices)
    total.writes.extend(merged.writes)
    total.conflicts.extend(merged.conflicts)
    total.problems.extend(merged.problems)
    if merged.forget:
        total.dropped.append(merged.record_id)
    elif merged.base is not None and merged.base != work.bases.get(merged.record_id):
        total.bases[merged.record_id] = merged.base


def _add_newcomers(
    work: TabWork, total: _Sum, newcomers: Sequence[Newcomer], ids: Sequence[str]
) -> Block | None:
    """Adds the records of the new rows. What is written into these comes by column; where cells of
    a row are to be put right as well, with the other writes.
    """
    together: list[tuple[Newcomer, str]] = []
    for unnamed, record_id in zip(newcomers, ids, strict=True):
        newcomer = _named(work, unnamed, record_id) if work.named_by_id else unnamed
        _add_newcomer(work, total, newcomer, record_id)
        row = newcomer.row
        if row.standing or row.own_hits:
            total.writes.append(cell_write(work, row, ID, record_id, record_id))
            for name, cell in newcomer.rewrites.items():
                total.writes.append(cell_write(work, row, name, record_id, cell))
        else:
            together.append((newcomer, record_id))
    return _block(work, together) if together else None


def _block(work: TabWork, newcomers: Sequence[tuple[Newcomer, str]]) -> Block:
    rows = [newcomer.row for newcomer, _ in newcomers]
    ids = [record_id for _, record_id in newcomers]
    rewrites = [newcomer.rewrites for newcomer, _ in newcomers]
    block = Block(
        [row.number for row in rows],
        ids,
        [row.id for row in rows],
        [whole_row(work, row) for row in rows],
    )
    names = {name for names in set(map(tuple, rewrites)) for name in names}
    return block.filled(
        [
            filling(work, ID, [*ids]),
            *(
                filling(
                    work,
                    name,
                    [cells.get(name) for cells in rewrites],
                    [name in cells for cells in rewrites],
                )
                for name in names
            ),
        ]
    )


def _named(work: TabWork, newcomer: Newcomer, record_id: str) -> Newcomer:
    """The newcomer with the fields that take the record's own id."""
    blank = {name: record_id for name in work.named_by_id if newcomer.values.get(name) is None}
    if not blank:
        return newcomer
    shown = {name: record_id for name in blank if name in work.binding.columns}
    return replace(
        newcomer,
        values={**newcomer.values, **blank},
        cells={**newcomer.cells, **shown},
        rewrites={**newcomer.rewrites, **shown},
    )


def _add_newcomer(work: TabWork, total: _Sum, newcomer: Newcomer, record_id: str) -> None:
    values = newcomer.values
    total.changes.append(StoreChange(Op.CREATE, work.tab.table.name, record_id, values))
    typed = newcomer.row.id
    if typed and not (newcomer.row.says_new or typed in work.bases or typed in work.records):
        total.notices.append(replaced_id(work.tab, newcomer.row))
    if newcomer.problems:
        total.problems.extend(replace(item, record_id=record_id) for item in newcomer.problems)
    if work.view is not None and not work.view.shows(values):
        total.strangers.append(record_id)
    agreed = values
    if work.unseen:
        agreed = {name: value for name, value in values.items() if name not in work.unseen}
    settled = not newcomer.problems
    total.bases[record_id] = Base(record_id, agreed, newcomer.cells, 1, not settled)


def _only_fills(work: TabWork, write: CellWrite) -> bool:
    """True for a cell of a column that this very run makes or that came back, and for one that a
    new row has left blank and a run that died did not fill: that changes nothing of anybody's.
    """
    if write.field in work.binding.added:
        return True
    base = work.bases.get(write.record_id)
    is_new = base is not None and not base.version
    return (is_new or write.field in work.binding.returned) and is_blank(write.before)


def _vanished(work: TabWork, matched: Matched, total: _Sum) -> set[str]:
    """Records whose row is gone: archived, unless the store was edited since the last agreement, or
    the owner has a say in it. Gives back those of which the row is to be added again.
    """
    waiting, returning = set(), set()
    for record_id in matched.vanished:
        record, base = work.records.get(record_id), work.bases[record_id]
        if record is None or record.archived or departed(work, record):
            total.dropped.append(record_id)
        elif work.unnamed_returns or _is_awaited(work, matched, record_id):
            continue
        elif edited := _edited_fields(work, record, base):
            total.conflicts.append(_edit_delete(work, record, edited))
            total.bases[record_id] = replace(base, unsettled=True)
            waiting.add(record_id)
        elif held := _held_up(work, record):
            if work.decided.get((record_id, ROW)) is not Side.STORE:
                total.problems.append(held)
                total.bases[record_id] = replace(base, unsettled=True)
                waiting.add(record_id)
            elif (row := matched.cleared.get(record_id)) is not None:
                _add(work, total, merge_row(replace(work, bases={}), record_id, row))
                waiting.add(record_id)
            else:
                returning.add(record_id)
        else:
            total.changes.append(
                StoreChange(Op.ARCHIVE, work.tab.table.name, record_id, version=record.version)
            )
            total.dropped.append(record_id)
    waiting |= matched.held
    emptied = [row for record_id, row in matched.cleared.items() if record_id not in waiting]
    for row in (*emptied, *matched.strays):
        _blank(work, row, total)
    return returning


def _held_up(work: TabWork, record: Record) -> Problem | None:
    """Why a record whose row is gone is not archived, unless the owner lets it go."""
    finding = work.archiving(record.values)
    if finding is None or not work.holds_up(finding, record.id):
        return None
    spot = Spot(work.tab.table.name, record.id, ROW, None, None)
    return rule_problem(spot, finding, finding.severity, "", None)


def _blank(work: TabWork, row: SheetRow, total: _Sum) -> None:
    """Clears what is left of a row that staff emptied: the id, and what the engine had filled."""
    total.writes.append(cell_write(work, row, ID, row.id, ""))
    for item in work.tab.table.fields:
        cell = row.cells.get(item.name)
        if item.filled_by is FilledBy.ENGINE and not is_blank(cell) and not row.formulas:
            total.writes.append(cell_write(work, row, item.name, row.id, None))


def _edited_fields(work: TabWork, record: Record, base: Base) -> tuple[str, ...]:
    return tuple(
        name
        for name, value in base.values.items()
        if name in work.codecs and work.codecs[name].normal(record.values.get(name)) != value
    )


def _edit_delete(work: TabWork, record: Record, edited: Sequence[str]) -> Conflict:
    ours = "; ".join(str(record.values.get(name) or "") for name in edited)
    return Conflict(work.tab.table.name, record.id, "", Clash.EDIT_DELETE, ours=ours)


def _is_awaited(work: TabWork, matched: Matched, record_id: str) -> bool:
    """True for a record whose row was to be added and is not there, not even emptied."""
    return work.bases[record_id].version == AWAITED and record_id not in matched.cleared


def _arrivals(work: TabWork, matched: Matched, total: _Sum, returning: Set[str]) -> None:
    """Records of the store that have no row yet, and those `returning` to the sheet."""
    placed = {record_id for record_id, _ in matched.known} | matched.held
    for record_id, record in work.records.items():
        known = (
            record_id in work.bases
            and record_id not in returning
            and not _is_awaited(work, matched, record_id)
        )
        if record.archived or known or record_id in placed or not belongs(work, record):
            continue
        cells: dict[str, Cell] = {}
        values: dict[str, Scalar] = {}
        for item in work.bound:
            value = work.codecs[item.name].normal(record.values.get(item.name))
            if isinstance(value, Unreadable):
                spot = Spot(work.tab.table.name, record.id, item.name, None, None)
                stored = record.values.get(item.name)
                total.problems.append(cell_problem(spot, value, stored))
                continue
            values[item.name] = value
            cells[item.name] = work.codecs[item.name].format(value)
        places: dict[int, Cell] = {work.binding.columns[ID]: record_id}
        for name, cell in cells.items():
            if cell is not None:
                places[work.binding.columns[name]] = cell
        unsettled = len(values) < len(work.bound)
        total.inserts.append(RowInsert(record_id, places))
        total.bases[record_id] = Base(record_id, values, cells, record.version, unsettled)


def placed_rows(found: Survey, plan: TabPlan, ids: Sequence[str]) -> dict[str, SheetRow]:
    """The rows that stand in the sheet after the plan, by record id."""
    leaving = {item.record_id for item in plan.deletes} | plan.held
    rows = {record_id: row for record_id, row in found.matched.known if record_id not in leaving}
    for newcomer, record_id in zip(found.newcomers, ids, strict=True):
        rows[record_id] = newcomer.row
    return rows
