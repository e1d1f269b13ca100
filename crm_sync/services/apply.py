"""Carries a plan out: journal first, then the store in one transaction, then the sheet in one
request.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from crm_sync.core.batch import UNMARKED, Batch, GeneratedTab, PreImage, SheetBatch
from crm_sync.core.locked import so_far
from crm_sync.core.plan import Op, TabPlan
from crm_sync.core.records import AWAITED, Base
from crm_sync.core.repairs import CellRepair, Repair, known_since, traced_back
from crm_sync.core.rows import ID
from crm_sync.core.stamp import Stamp
from crm_sync.core.swap import Added, Expected, ExpectedBlock, added_rows, sheet_batch
from crm_sync.core.values import N_, Cell
from crm_sync.core.verifying import Verdict, in_place, returning_right, verify
from crm_sync.errors import Overtaken, ShapeError, StoreMoved, UnknownOutcome, Unreachable
from crm_sync.ports import Operation, Workbook
from crm_sync.services.application import JOURNAL, Application
from crm_sync.services.charting import NO_CHARTS, Charting
from crm_sync.services.labels import lacking
from crm_sync.services.looks import list_looks, new_column_looks, places_of, with_lists
from crm_sync.services.own_columns import keep_of_leaving, with_own_cells
from crm_sync.services.planning import Planned
from crm_sync.services.reading import Reading


@dataclass(frozen=True)
class ListWatch:
    """The rows that a write watches of a `tab` that it writes anew, from the first on, and the
    tokens of what stood in its cells for answers or parameters when they were read; `shown` are
    those of the decisions or parameters that it puts there.
    """

    tab: str
    sheet_id: int
    rows: int
    width: int
    tokens: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intent:
    """What the journal keeps of an operation: the rows that it expects to meet, one by one and in
    blocks; what earlier ones hit in tabs that could not be read, which is still to be put right;
    the cells that it puts right itself; the tabs in which it would clear what is typed meanwhile;
    and the rows that it adds to tabs that stand.
    """

    expected: tuple[Expected, ...]
    owed: tuple[Repair, ...] = ()
    mending: tuple[CellRepair, ...] = ()
    lists: tuple[ListWatch, ...] = ()
    blocks: tuple[ExpectedBlock, ...] = ()
    added: tuple[Added, ...] = ()

    @property
    def rows(self) -> tuple[Expected, ...]:
        """All rows that it expects to meet, one by one."""
        return (*self.expected, *(row for item in self.blocks for row in item.each()))

    def verdict(self, images: Iterable[PreImage]) -> Verdict:
        """What became of it, by what it met."""
        return verify(self.expected, images, self.blocks, self.added)

    def debts(self, verdict: Verdict) -> tuple[Repair, ...]:
        """All that is to be put right after this operation. Where one of its own repairs missed its
        row they are all tried again: one that was done finds nothing to do.
        """
        # What the plan had to write anyway puts right as well what an earlier write had hit there.
        hit = {item.column for item in self.mending}
        missed = any(
            put.mends or put.column in hit
            for item in (self.rows if hit else self.expected)
            if item.table in verdict.displaced or (item.table, item.record_id) in verdict.unsettled
            for put in item.puts
        )
        if not missed:
            return (*verdict.repairs, *self.owed)
        # The columns may have moved once more.
        met = {found.table: found.headings for found in verdict.repairs}
        mending = [
            each
            for item in known_since(self.mending, self.expected)
            for each in in_place([item], met.get(item.table, ()))
        ]
        hits, tried = returning_right(*traced_back(verdict.repairs, mending))
        return (*hits, *self.owed, *tried)


INTENT: TypeAdapter[Intent] = TypeAdapter(Intent)


@dataclass(frozen=True)
class Prepared:
    """One atomic write, ready to be sent."""

    batch: Batch
    intent: Intent
    charting: Charting = NO_CHARTS


def prepare(app: Application, workbook: str, planned: Planned, reading: Reading) -> Prepared:
    """The plan's writes as places in the sheets, without the generated tabs."""
    sheets: list[SheetBatch] = []
    expected: list[Expected] = []
    blocks: list[ExpectedBlock] = []
    added: list[Added] = []
    made = {new.sheet_id for new in reading.attached.new_tabs}
    places = places_of(planned.readings)
    for plan in planned.plan.tabs:
        found = planned.readings.get(plan.table)
        if found is None:
            continue
        sheet_id = found.read.sheet_id
        whole = with_own_cells(app, workbook, found, plan)
        is_new = sheet_id in made
        batch, watched, together = sheet_batch(
            found.tab, found.columns, found.read, whole, found.revived, is_new=is_new
        )
        if batch is not None:
            sheets.append(replace(batch, column_count=found.read.column_count))
            expected.extend(watched)
            blocks.extend(together)
            added.extend(() if is_new else added_rows(sheet_id, whole, found.revived))
    return Prepared(
        Batch(
            secrets.token_hex(8),
            reading.attached.sheets[JOURNAL],
            tuple(sheets),
            with_lists(app, reading.attached, places),
            looks=(
                *new_column_looks(app, planned, places),
                *list_looks(app, reading.attached, places),
            ),
            after=reading.stamp.operation,
            labels=tuple(
                label
                for name, found in planned.readings.items()
                for label in lacking(reading.labels, name, found.read, found.columns)
            ),
        ),
        Intent(
            tuple(expected),
            tuple(item for item in reading.repairs if item.table not in planned.readings),
            mending=mending(planned, reading),
            blocks=tuple(blocks),
            added=tuple(added),
        ),
    )


def mending(planned: Planned, reading: Reading) -> tuple[CellRepair, ...]:
    """What the write puts right itself, in the columns of today. Should a later part never be sent,
    it is owed still.
    """
    hits = [item for item in reading.repairs if isinstance(item, CellRepair)]
    return tuple(
        placed
        for table, found in planned.readings.items()
        for placed in in_place(
            [item for item in hits if item.table == table],
            found.read.rows[found.columns.header_row],
        )
    )


def stamped(prepared: Prepared, stamp: Stamp, planned: Planned, reading: Reading) -> Prepared:
    """The same write with the stamp that it leaves. A run that took something over leaves one even
    if it has nothing else to write, so that a workbook or a store that goes back behind it is
    known; so does one that finds the stamp of another store or file.
    """
    found = reading.stamp
    foreign = bool(found.store) and (found.store, found.file) != (stamp.store, stamp.file)
    renews = foreign or bool(planned.plan.changes)
    return replace(prepared, batch=replace(prepared.batch, stamp=stamp, renews=renews))


def with_generated(
    prepared: Prepared, generated: tuple[GeneratedTab, ...], charting: Charting
) -> Prepared:
    """The same write with the generated tabs and their charts in it."""
    batch = replace(prepared.batch, generated=generated, drawings=charting.drawings)
    return replace(prepared, batch=batch, charting=charting)


def journal(
    app: Application, workbook: str, run: int, prepared: Prepared, *, again: bool = False
) -> None:
    """Writes the operation down before its first effect; `again` if it expects to meet more."""
    intent = INTENT.dump_json(prepared.intent, exclude_defaults=True).decode()
    operation = Operation(prepared.batch.operation, workbook, run, intent)
    if again:
        app.store.journal.amend(operation)
    else:
        app.store.journal.open(operation, app.clock.now())


def apply_to_store(
    app: Application, workbook: str, run: int, planned: Planned, sequence: int
) -> int:
    """Makes the plan's changes and records what was found, in one transaction; returns the store's
    sequence after it. Raises StoreMoved if anyone changed the store since the plan was made.
    """
    # The moment that the plan took its times from: what it shows is what the store will say.
    now = planned.world.now
    with app.store.transaction():
        if app.store.records.sequence() != sequence:
            raise StoreMoved
        app.store.records.apply(
            planned.plan.changes, source=f"sheet:{workbook}", by="", at=now, run=run
        )
        for plan in planned.plan.tabs:
            if plan.stop is None:
                known = planned.readings[plan.table].bases
                app.store.bases.put(workbook, plan.table, _provisional(plan, known))
                created = {key: plan.bases[key] for key in plan.bases if key in plan.created}
                app.store.bases.begin(workbook, plan.table, created, _stood(plan, planned))
                app.store.bases.drop(workbook, plan.table, _archived(plan))
                app.store.findings.put_problems(workbook, plan.table, plan.lasting_problems, now)
                app.store.findings.put_conflicts(workbook, plan.table, plan.conflicts, now)
        keep_of_leaving(app, workbook, planned)
        return app.store.records.sequence()


def _archived(plan: TabPlan) -> list[str]:
    """The records that this plan archives: a row that comes back now brings its record back."""
    return [change.record_id for change in plan.changes if change.op is Op.ARCHIVE]


def _provisional(plan: TabPlan, known: Mapping[str, Base]) -> Mapping[str, Base]:
    """The bases of records that are not new, as far as they can move before the sheet is written:
    fields that only the store had to take over are agreed on with its transaction, fields that are
    yet to be written keep their old base. Should the run die here, or staff go on typing, what they
    typed before is not taken for an edit of the store's.
    """
    pending = _pending(plan)
    inserted = {insert.record_id for insert in plan.inserts}
    found = {}
    for record_id, base in plan.bases.items():
        if record_id in inserted:
            found[record_id] = replace(base, version=AWAITED, unsettled=True)
        elif record_id in plan.created:
            continue
        elif record_id not in pending:
            found[record_id] = base
        else:
            old = known.get(record_id)
            kept = so_far(base, old, pending[record_id])
            if old is None or (kept.values, kept.cells) != (old.values, old.cells):
                found[record_id] = kept
    return found


def agreed_already(plan: TabPlan) -> Set[str]:
    """The records whose base moves to its end with the store's transaction."""
    return _known_before(plan) - _pending(plan).keys()


def _known_before(plan: TabPlan) -> Set[str]:
    """The records with a base that are not new in this plan, neither here nor in the sheet."""
    new = {insert.record_id for insert in plan.inserts}
    return plan.bases.keys() - new - plan.created


def _pending(plan: TabPlan) -> dict[str, set[str]]:
    """The fields that are yet to be written of each record that is not new, without those of which
    no base tells: what the engine fills anew in each run.
    """
    pending: dict[str, set[str]] = {}
    known = _known_before(plan)
    for write in plan.writes if known else ():
        if write.record_id in known and (
            write.field == ID or write.field in plan.bases[write.record_id].values
        ):
            pending.setdefault(write.record_id, set()).add(write.field)
    return pending


def _stood(plan: TabPlan, planned: Planned) -> dict[str, dict[str, Cell]]:
    """What stands in the row of each new record where its base says what is yet to be written, and
    in cells that could not be taken.
    """
    stood: dict[str, dict[str, Cell]] = {key: {} for key in plan.bases if key in plan.created}
    for write in plan.writes if stood else ():
        cells = stood.get(write.record_id)
        if cells is not None and write.field != ID:
            cells[write.field] = write.before
    rows = {row.number: row for row in planned.readings[plan.table].rows} if stood else {}
    places = planned.places[plan.table]
    for block in plan.block.whole() if plan.block else ():
        written = [item.field for item in block.fillings if item.field != ID]
        for key in block.record_ids:
            standing = rows[places[key]].cells
            stood[key] = {name: standing.get(name) for name in written}
    for key, before in stood.items():
        row, taken = rows[places[key]], plan.bases[key].cells
        if len(taken) < len(row.cells) or row.standing:
            names = {*before, *(row.cells.keys() - taken.keys())}
            stood[key] = {name: row.cells[name] for name in names}
    return stood


def apply_to_sheet(workbook: Workbook, prepared: Prepared) -> tuple[PreImage, ...]:
    """Sends the write once. If its answer is lost, the journal tab tells whether it was applied;
    raises UnknownOutcome when it was not, or not yet, or cannot be read, Overtaken when another
    write of ours came first. A ShapeError is the write's own: Google refused it whole.
    """
    batch = prepared.batch
    if batch.empty:
        return ()
    try:
        return workbook.swap(batch)
    except (UnknownOutcome, Overtaken) as lost:
        watched = watched_rows(prepared.intent)
        try:
            operation, images = workbook.journal(batch.journal_id, watched)
        except ShapeError as exc:
            raise lost from exc
        if operation == batch.operation:
            return images
        if isinstance(lost, Overtaken) and operation == batch.after:
            # Nothing has overtaken it: somebody took the mark in the journal tab away.
            return workbook.swap(replace(batch, after=UNMARKED))
        raise


def has_landed(workbook: Workbook, prepared: Prepared) -> bool:
    """True if the journal tab bears the write's id."""
    operation, _ = workbook.journal(prepared.batch.journal_id, ())
    return operation == prepared.batch.operation


def watched_rows(intent: Intent) -> tuple[tuple[int, int], ...]:
    """(sheet id, row) of each watched row, in the order in which a swap copies them."""
    rows: dict[tuple[int, int], None] = {}
    for item in intent.expected:
        rows.setdefault((item.sheet_id, item.row))
    for together in intent.blocks:
        rows.update(dict.fromkeys((together.sheet_id, row) for row in together.block.rows))
    for watch in intent.lists:
        for row in range(watch.rows):
            rows.setdefault((watch.sheet_id, row))
    return tuple(rows)


def answer_lost(workbook: str) -> Unreachable:
    """The error of a run whose write may or may not have been applied."""
    return Unreachable(
        N_("The answer to the last write to “{workbook}” was lost."),
        N_("Run crm-sync sync again: it finds out what became of it. Nothing is lost."),
        workbook=workbook,
    )


def gave_way(workbook: str) -> Unreachable:
    """The error of a run under whose hands the ground kept moving."""
    return Unreachable(
        N_("“{workbook}” is being edited so fast that the run gave way."),
        N_("Nothing is lost. Run crm-sync sync again in a minute."),
        workbook=workbook,
    )
