"""Brings one side up to date when it was put back to an older state.

A workbook of yesterday differs from the store in a thousand cells, and none of them is an edit:
what stands there is what the store held before. What the store has never held was typed since, and
is taken as the edit that it is. A store of yesterday meets rows with ids that it does not know yet:
they are its own, given by its later self, and are taken in as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_sync.core.codecs import Codec
from crm_sync.core.codecs.links import StandingCodec
from crm_sync.core.erasing import PERSONAL_KINDS, Traces
from crm_sync.core.ids import number_of
from crm_sync.core.matching import Matched, match
from crm_sync.core.merging import TabWork
from crm_sync.core.newcomers import read_newcomers
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import FOR_GOOD, Base, Record
from crm_sync.core.rows import SheetRow, has_content
from crm_sync.core.schema import OWN_ID, Field, Kind
from crm_sync.core.values import Cell, Scalar, Unreadable, cell_text, same_cell

Formerly = Callable[[str, str], Collection[Scalar]]
"""The canonical values that a field of a record has had, by record id and field."""


@dataclass(frozen=True)
class Forgotten:
    """What an older state may show of people who were erased since, and what is not to be taken
    from it: `people` are their ids in the table `called`, `about` the records about them alone,
    `traces` what texts of others name them by, where the store now says `instead`.
    """

    called: str = ""
    people: Collection[str] = ()
    about: Collection[str] = ()
    traces: Traces = field(default_factory=Traces)
    instead: str = ""

    def is_one(self, work: TabWork, record_id: str) -> bool:
        """True for one of them."""
        return record_id in self.people and work.tab.table.name == self.called

    def shows(self, item: Field, cell: Cell, codec: Codec, ours: Scalar | Unreadable) -> bool:
        """True for a cell that refers to one of them by the name that they had."""
        if item.kind is not Kind.REFERENCE or item.refers_to != self.called:
            return False
        text = cell_text(cell)
        if not any(text.endswith(f"({record_id})") for record_id in self.people):
            return False
        return isinstance(ours, Unreadable) or not same_cell(cell, codec.format(ours))

    def held(self, item: Field, record_id: str, theirs: Scalar, known: Collection[Scalar]) -> bool:
        """True for a text that went with them, or that stood in the record with their name."""
        if item.kind not in PERSONAL_KINDS or not isinstance(theirs, str):
            return False
        if record_id in self.about:
            return True
        return self.traces.named_in(theirs) and self.traces.without(theirs, self.instead) in known


NOBODY = Forgotten()


@dataclass(frozen=True)
class CaughtUp:
    """What is to be agreed on before the next merge, so that it does the right thing by itself.

    `bases` replace those of their records, `dropped` ones are forgotten. The counts say what the
    merge will make of it: cells that show older values, rows that come back, rows of records that
    have left the store since, cells that hold what nobody knows.
    """

    bases: Mapping[str, Base] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    older_cells: int = 0
    missing_rows: int = 0
    left_rows: int = 0
    edits: int = 0


def catch_up(
    work: TabWork, matched: Matched, formerly: Formerly, forgotten: Forgotten = NOBODY
) -> CaughtUp:
    """The bases with which the merge brings an older state of a tab up to date. Its names are
    older, too: a StandingCodec reads them as this state has them, `before` as the store has them.
    """

    def is_older(item: Field, record_id: str, theirs: Scalar) -> bool:
        known = formerly(record_id, item.name)
        return theirs in known or forgotten.held(item, record_id, theirs, known)

    bases: dict[str, Base] = {}
    older = left = edits = 0
    for record_id, row in matched.known:
        record = work.records.get(record_id)
        if record is None:
            continue
        base, behind, typed = _row(work, record, row, is_older, forgotten)
        if record.archived and record_id in forgotten.about:
            typed = 0
        elif record.archived and record_id in work.bases:
            left += forgotten.is_one(work, record_id)
            continue
        if not record.archived:
            older += behind
            edits += typed
        elif not typed:
            left += 1
        is_asked = record_id in work.bases and len(base.values) < len(work.bases[record_id].values)
        if not typed if record.archived else behind or is_asked:
            bases[record_id] = base
    missing = [
        record_id
        for record_id in matched.vanished
        if record_id in work.records and not work.records[record_id].archived
    ]
    return CaughtUp(bases, tuple(missing), older, len(missing), left, edits)


def forget_again(
    work: TabWork, matched: Matched, formerly: Formerly, forgotten: Forgotten
) -> CaughtUp:
    """The bases with which the merge leaves an older state of a tab as it is, but for what it shows
    of people who were erased since.
    """

    def is_older(item: Field, record_id: str, theirs: Scalar) -> bool:
        return forgotten.held(item, record_id, theirs, formerly(record_id, item.name))

    bases: dict[str, Base] = {}
    older = left = 0
    for record_id, row in matched.known:
        record = work.records.get(record_id)
        if forgotten.is_one(work, record_id):
            left += 1
        if record is None or (record.archived and record_id not in forgotten.about):
            continue
        base, behind, _ = _row(work, record, row, is_older, forgotten)
        left += record.archived
        older += 0 if record.archived else behind
        if behind or record.archived:
            bases[record_id] = base
    return CaughtUp(bases, older_cells=older, left_rows=left)


_IsOlder = Callable[[Field, str, Scalar], bool]


def _row(
    work: TabWork, record: Record, row: SheetRow, is_older: _IsOlder, forgotten: Forgotten
) -> tuple[Base, int, int]:
    """The base under which each older cell counts as agreed on; how many there are, and how many
    cells hold what the record never held.
    """
    old = work.bases.get(record.id, Base(record.id, {}))
    values, cells = dict(old.values), dict(old.cells)
    behind = typed = 0
    for item in work.bound:
        codec, cell = work.codecs[item.name], row.cells[item.name]
        theirs, ours = codec.parse(cell), codec.normal(record.values.get(item.name))
        if forgotten.shows(item, cell, codec, ours):
            # Whoever it says, the cell is written anew, as if the store alone had changed it.
            behind += 1
            values[item.name], cells[item.name] = None, cell
            continue
        if isinstance(theirs, Unreadable) or isinstance(ours, Unreadable):
            typed += isinstance(theirs, Unreadable)
            continue
        agreed = (
            item.name in cells
            and same_cell(cell, cells[item.name])
            and values.get(item.name) == theirs
        )
        passed = isinstance(codec, StandingCodec) and not agreed and codec.has_passed(cell)
        if theirs == ours and not record.archived and not passed:
            continue
        half_typed = theirs is None and not row.id
        if theirs != ours and not half_typed and not is_older(item, record.id, theirs):
            typed += 1
            if passed:
                # The merge would take it for another: without a base, a person is asked.
                values.pop(item.name, None)
                cells.pop(item.name, None)
            continue
        behind += 1
        values[item.name], cells[item.name] = theirs, cell
    if record.archived:
        return Base(record.id, values, dict(row.cells), record.version), behind, typed
    return replace(old, values=values, cells=cells, unsettled=True), behind, typed


@dataclass(frozen=True)
class Adopted:
    """Rows whose ids the store does not know, as records of those ids. `last` is the highest number
    among the ids of the tab; `clashes` are ids that mean another record in the store.
    """

    changes: tuple[StoreChange, ...] = ()
    bases: Mapping[str, Base] = field(default_factory=dict)
    last: int = 0
    clashes: tuple[str, ...] = ()


def adopt(work: TabWork) -> Adopted:
    """The rows of a tab whose ids a store gave, though this one does not know them. Of a row that
    was copied with its id the original is that record; where nobody can say which one that is, no
    row equals what is agreed on, and all of them wait for a person.
    """
    changes: list[StoreChange] = []
    bases: dict[str, Base] = {}
    given = [
        (number, row)
        for row in work.rows
        if (number := number_of(work.tab.table, row.id)) is not None
    ]
    new = [
        (number, row)
        for number, row in given
        if row.id not in work.records and row.id not in work.bases and has_content(work.tab, row)
    ]
    originals, unclear = _originals(new, _in_order(given))
    for newcomer in read_newcomers(work, originals):
        row = newcomer.row
        if newcomer.complete:
            own = {item.name: row.id for item in work.tab.table.fields if item.default == OWN_ID}
            values = {**own, **{k: v for k, v in newcomer.values.items() if v is not None}}
            changes.append(StoreChange(Op.CREATE, work.tab.table.name, row.id, values))
            agreed = {name: values.get(name) for name in newcomer.cells}
            standing = {name: row.cells.get(name) for name in newcomer.cells}
            cells = {} if row.id in unclear else standing
            bases[row.id] = Base(row.id, agreed, cells, 1, unsettled=True)
    last = max((number for number, _ in given), default=0)
    return Adopted(tuple(changes), bases, last, tuple(_clashes(work)))


def said_of_known(work: TabWork) -> list[StoreChange]:
    """What a tab says of the records that the store knows, where it says otherwise than the store:
    not to be taken over, for both sides may have changed, but so are they called in this workbook.
    """
    table = work.tab.table.name
    changes: list[StoreChange] = []
    matched = match(work.tab, work.rows, work.bases, work.records)
    for record, row, _ in _standing(work, matched):
        said: dict[str, Scalar] = {}
        for item in work.bound:
            theirs = work.codecs[item.name].parse(row.cells[item.name])
            if isinstance(theirs, Unreadable) or (theirs is None and item.required):
                continue
            if theirs != record.values.get(item.name):
                said[item.name] = theirs
        if said or record.archived:
            op = Op.RESTORE if record.archived else Op.UPDATE
            changes.append(StoreChange(op, table, record.id, said, record.version))
    gone = (work.records[key] for key in matched.vanished if key in work.records)
    changes += [StoreChange(Op.ARCHIVE, table, item.id) for item in gone if not item.archived]
    return changes


def asked_again(work: TabWork) -> dict[str, Base]:
    """The bases of records in whose rows a name stands that was agreed on for one of the others
    that bore it: it may have stood there since, or been typed for the one who bears it now. Without
    the base of such a cell, the two sides clash, and a person is asked.
    """
    found = {}
    for record, row, base in _standing(work, match(work.tab, work.rows, work.bases, work.records)):
        unclear = [
            item.name
            for item in work.bound
            if item.kind is Kind.REFERENCE
            and item.name in base.values
            and item.name in base.cells
            and same_cell(row.cells[item.name], base.cells[item.name])
            and _means_another(work.codecs[item.name], row.cells[item.name], base.values[item.name])
        ]
        if unclear:
            found[record.id] = replace(base.without(unclear), unsettled=True)
    return found


def _means_another(codec: Codec, cell: Cell, agreed: Scalar) -> bool:
    theirs = codec.parse(cell)
    return theirs is not None and not isinstance(theirs, Unreadable) and theirs != agreed


def _standing(work: TabWork, matched: Matched) -> Iterator[tuple[Record, SheetRow, Base]]:
    """The records that the store knows and whose rows bear their ids, with what was agreed on."""
    for record_id, row in matched.known:
        record = work.records.get(record_id)
        base = work.bases.get(record_id, Base(record_id, {}))
        if record is not None and row.id == record_id and base.version not in FOR_GOOD:
            yield record, row, base


def _originals(
    rows: Iterable[tuple[int, SheetRow]], in_order: Collection[int]
) -> tuple[list[SheetRow], set[str]]:
    """One row of each id, in the order of the sheet, and the ids of which it may be another one. Of
    copies it is the one that stands in the order in which ids were given; if they all say the same,
    the first.
    """
    copies: dict[str, list[SheetRow]] = {}
    for _, row in rows:
        copies.setdefault(row.id, []).append(row)
    found, unclear = [], set()
    for record_id, group in copies.items():
        ordered = [row for row in group if row.number in in_order]
        first = ordered[0] if len(ordered) == 1 else group[0]
        found.append(first)
        if len(ordered) != 1 and any(row.cells != first.cells for row in group):
            unclear.add(record_id)
    return sorted(found, key=lambda row: row.number), unclear


def _in_order(rows: Sequence[tuple[int, SheetRow]]) -> set[int]:
    """The rows with the id given just before theirs next above them, or the one given just after
    next below; copies of a row itself are passed over.
    """
    found = set()
    for ordered, step in ((rows, -1), (rows[::-1], 1)):
        last = before = 0
        for number, row in ordered:
            if number != last:
                last, before = number, last
            if before == number + step:
                found.add(row.number)
    return found


def _clashes(work: TabWork) -> list[str]:
    """Ids that the store gave to a record of another name, and never agreed on with this tab."""
    label = work.tab.table.label
    found = []
    for row in work.rows:
        record = work.records.get(row.id)
        if record is None or row.id in work.bases or label not in row.cells:
            continue
        theirs = work.codecs[label].parse(row.cells[label])
        ours = work.codecs[label].normal(record.values.get(label))
        if theirs is not None and ours is not None and theirs != ours:
            found.append(row.id)
    return found
