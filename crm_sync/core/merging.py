"""Merges one row with its record, field by field, and says what follows for both sides."""

from __future__ import annotations

from dataclasses import replace
from itertools import repeat
from typing import Literal

from crm_sync.core.automatic import Outcome, decide, divided
from crm_sync.core.codecs import Codec
from crm_sync.core.findings import Clash, Conflict, Finding, Notice, Severity, Side
from crm_sync.core.merge import Decision, merge
from crm_sync.core.plan import Op, RowDelete, StoreChange
from crm_sync.core.records import FOR_GOOD, LET_GO, ROW, Base, Record
from crm_sync.core.rows import ID, SheetRow, equals_base
from crm_sync.core.schema import Field, Kind
from crm_sync.core.spots import Spot, cell_problem, rule_problem, store_problem
from crm_sync.core.values import (
    ABSENT,
    Absent,
    Cell,
    Reading,
    Scalar,
    Unreadable,
    cell_text,
    same_cell,
)
from crm_sync.core.work import (
    Check,
    Merged,
    TabWork,
    Values,
    cell_write,
    last_words,
    said_since,
    untouched,
    whole_row,
)

__all__ = ["TEXT_KINDS", "Check", "Merged", "TabWork", "Values", "cell_write", "merge_row"]


def merge_row(work: TabWork, record_id: str, row: SheetRow) -> Merged | None:
    """The merge of a row with its record; None when neither side changed."""
    record = work.records.get(record_id)
    base = work.bases.get(record_id)
    if record is None or record.archived:
        return _merge_gone(work, record_id, row, base)
    if base is not None and untouched(work, record, row, base):
        return None
    return _RowMerge(work, record, row, base).run()


def _merge_gone(work: TabWork, record_id: str, row: SheetRow, base: Base | None) -> Merged | None:
    """The record left the store: its row goes too, unless someone worked on it since."""
    merged = Merged(record_id)
    if base is None:
        return _merge_returned(work, record_id, row)
    said = said_since(work, row, base)
    let_go = base.version == LET_GO and base.values.get(ROW, said) == said
    if let_go and record_id in work.records:
        merged.change = last_words(work, row, work.records[record_id])
    if let_go or base.version in FOR_GOOD or equals_base(work.tab, row, base):
        merged.delete = RowDelete(row.number, record_id, whole_row(work, row))
        merged.forget = True
        return merged
    table = work.tab.table.name
    merged.conflicts.append(Conflict(table, record_id, ROW, Clash.DELETE_EDIT, theirs=said))
    values = {name: value for name, value in base.values.items() if name != ROW}
    merged.base = Base(record_id, values, base.cells, max(base.version, 0), unsettled=True)
    return merged


def _merge_returned(work: TabWork, record_id: str, row: SheetRow) -> Merged | None:
    """A row that came back with the id of an archived record: the record comes back with it."""
    archived = work.records.get(record_id)
    if archived is None:
        return None
    live = Record(record_id, archived.values, archived.version, False, archived.updated_at)
    merged = _RowMerge(work, live, row, Base(record_id, dict(archived.values))).run()
    values = merged.change.values if merged.change else {}
    merged.change = StoreChange(
        Op.RESTORE, work.tab.table.name, record_id, values, archived.version
    )
    if merged.base is not None:
        merged.base = Base(
            record_id,
            merged.base.values,
            merged.base.cells,
            archived.version + 1,
            merged.base.unsettled,
        )
    return merged


class _RowMerge:
    """The merge of one live record with its row; `run` is the way in."""

    def __init__(self, work: TabWork, record: Record, row: SheetRow, base: Base | None) -> None:
        self.work = work
        self.record = record
        self.row = row
        self.base = base
        self.merged = Merged(record.id)
        self.values: dict[str, Scalar] = dict(base.values) if base else {}
        self.cells: dict[str, Cell] = {}
        self.changes: dict[str, Scalar] = {}
        self.ours: dict[str, Scalar] = {}
        self.junk: set[str] = set()
        self.gave_way: dict[str, Scalar] = {}
        self.divided = self._divided()

    def run(self) -> Merged:
        for item in self._moved():
            self._field(item)
        self._apply_rules()
        version = self.record.version
        if self.gave_way:
            self.merged.passing = self._update(self.gave_way, version)
            self.changes |= {name: self.ours[name] for name in self.gave_way}
            version += 1
        if self.changes:
            self.merged.change = self._update(self.changes, version)
        self._identify()
        self.merged.base = Base(
            self.record.id,
            self.values,
            self.cells,
            version + bool(self.changes),
            unsettled=bool(self.merged.conflicts or self.merged.problems),
        )
        return self.merged

    def _moved(self) -> list[Field]:
        """The fields of which more is to be asked; those that stand, nearly all, are settled."""
        work, base = self.work, self.base
        fields, names = work.tab.table.staff_fields, work.tab.table.staff_names
        if base is None:
            return list(fields)
        theirs = map(self.row.cells.get, names, repeat(ABSENT))
        seen = map(base.cells.get, names, repeat(ABSENT))
        agreed = map(base.values.get, names, repeat(ABSENT))
        ours = tuple(map(self.record.values.get, names))
        self.ours.update(zip(names, ours, strict=True))
        self.cells = dict(base.cells)
        for gone in base.cells.keys() - work.bound_names:
            del self.cells[gone]
        meant, apart = work.meant_names, self.divided
        left = []
        for item, cell, known, value, mine in zip(fields, theirs, seen, agreed, ours, strict=True):
            name = item.name
            if (
                mine == value
                and cell is not ABSENT
                and known is not ABSENT
                and (cell == known or same_cell(cell, known))
                and name not in apart
                and (
                    (
                        (cell is None or isinstance(cell, str))
                        and (value is None or name not in meant)
                    )
                    or (bool(base.version) and self._still_means(item, cell, known, mine))
                )
            ):
                continue
            left.append(item)
            self.cells.pop(name, None)
        return left

    def _still_means(self, item: Field, cell: Cell, known: Cell, ours: Scalar) -> bool:
        """True for what is no plain text and was agreed on, if it will do as before: what a
        reference or a choice means, or is called, may have changed beside it.
        """
        if cell.__class__ is not known.__class__ and not same_cell(cell, known):
            return False
        if item.kind in TEXT_KINDS and not (cell is None or isinstance(cell, str)):
            return False
        return self.work.still_means(item.name, ours) and not self._is_renamed(item, cell, ours)

    def _is_renamed(self, item: Field, cell: Cell, value: Scalar) -> bool:
        is_name = item.name in self.work.meant_names and value is not None
        return is_name and not self.work.names(item, cell, value)

    def _update(self, values: Values, version: int) -> StoreChange:
        table = self.work.tab.table.name
        return StoreChange(Op.UPDATE, table, self.record.id, dict(values), version)

    def _divided(self) -> frozenset[str]:
        names = self.work.grouped
        if self.base is None or not names:
            return frozenset()
        read = {name: self.work.codecs[name].normal(self.record.values.get(name)) for name in names}
        ours = {name: value for name, value in read.items() if not isinstance(value, Unreadable)}
        theirs = {name: self._theirs(name, self.work.codecs[name]) for name in names}
        return divided(self.work.tab.table, self.base.values, ours, theirs)

    def _field(self, item: Field) -> None:
        name = item.name
        codec = self.work.codecs[name]
        ours = codec.normal(self.record.values.get(name))
        side = self.work.decided.get((self.record.id, name))
        if isinstance(ours, Unreadable) and side is Side.SHEET and self._taken(name, codec):
            return
        if isinstance(ours, Unreadable):
            self.merged.problems.append(
                store_problem(self._spot(name), ours, self.record.values.get(name))
            )
            self.ours[name] = self.record.values.get(name)
            self.junk.add(name)
            return
        self.ours[name] = ours
        theirs = self._theirs(name, codec)
        if side is Side.STORE and name in self.row.cells:
            readable = None if isinstance(theirs, (Unreadable, Absent)) else theirs
            self._to_sheet(name, codec, ours, readable)
            return
        base: Scalar | Literal[Absent.ABSENT] = self.values.get(name, ABSENT)
        decision = merge(base, ours, theirs)
        if decision is Decision.UNREAD or isinstance(theirs, (Unreadable, Absent)):
            if isinstance(theirs, Unreadable):
                self.merged.problems.append(cell_problem(self._spot(name), theirs, self.ours[name]))
        elif decision is Decision.CONFLICT or name in self.divided:
            self._clash(item, codec, base, theirs)
        elif decision is Decision.TO_SHEET:
            self._to_sheet(name, codec, ours, theirs)
        else:
            if decision is Decision.TO_STORE:
                self.changes[name] = theirs
            self._settle(name, theirs, self.row.cells[name])
            self._tidy(item, codec, theirs)

    def _clash(
        self, item: Field, codec: Codec, base: Scalar | Literal[Absent.ABSENT], theirs: Scalar
    ) -> None:
        """Both sides changed the field: decided by what was agreed on, or by a person."""
        name, ours = item.name, self.ours[item.name]
        outcome = decide(self.work.automatic, item, self.record.id, base, ours, theirs)
        if outcome is None or (name in self.row.formulas and outcome.value != theirs):
            self._conflict(name, Clash.EDIT_EDIT, theirs)
            return
        if outcome.value == theirs:
            self.changes[name] = theirs
            self._settle(name, theirs, self.row.cells[name])
            self._tidy(item, codec, theirs)
        else:
            if outcome.value == ours:
                self.gave_way[name] = theirs
            else:
                self.changes[name] = outcome.value
            self._to_sheet(name, codec, outcome.value, theirs)
        left = ours if outcome.value == theirs else theirs
        self.merged.notices.append(self._told(name, outcome, codec.format(left)))

    def _told(self, name: str, outcome: Outcome, left: Cell) -> Notice:
        tab = self.work.tab
        facts = {
            "tab": tab.title,
            "id": self.record.id,
            "heading": tab.by_field[name].heading,
            "kept": cell_text(self.work.codecs[name].format(outcome.value)),
            "left": cell_text(left),
        }
        return Notice(tab.table.name, "V16", outcome.told, facts)

    def _taken(self, name: str, codec: Codec) -> bool:
        """Takes the sheet's value, if it will do, in place of the store's that will not."""
        theirs = codec.parse(self.row.cells[name]) if name in self.row.cells else ABSENT
        if isinstance(theirs, (Unreadable, Absent)):
            return False
        self.ours[name] = None
        self.changes[name] = theirs
        self._settle(name, theirs, self.row.cells[name])
        return True

    def _theirs(self, name: str, codec: Codec) -> Reading:
        """What the sheet says. A cell that was settled and has not changed still means what it
        meant, even if a label that it shows was renamed since.
        """
        if name not in self.row.cells:
            return ABSENT
        cell = self.row.cells[name]
        base = self.base
        if (
            base is not None
            and name in base.cells
            and name in base.values
            and same_cell(cell, base.cells[name])
        ):
            return base.values[name]
        return codec.parse(cell)

    def _to_sheet(self, name: str, codec: Codec, ours: Scalar, theirs: Scalar) -> None:
        if name in self.row.formulas:
            self._conflict(name, Clash.FORMULA, theirs)
            return
        after = codec.format(ours)
        self._write(name, after)
        self._settle(name, ours, after)

    def _settle(self, name: str, value: Scalar, cell: Cell) -> None:
        self.values[name] = value
        self.cells[name] = cell

    def _tidy(self, item: Field, codec: Codec, value: Scalar) -> None:
        """Rewrites what a person typed only where it would mislead: a name that stands for a record
        without its id or that the record bears no more, or text that the spreadsheet took for a
        number.
        """
        name, cell = item.name, self.row.cells[item.name]
        if name in self.row.formulas or value is None:
            return
        base = self.base
        fresh = not base or not base.version or not same_cell(cell, base.cells.get(name))
        mangled = isinstance(cell, (int, float)) and item.kind in TEXT_KINDS
        renamed = not fresh and self._is_renamed(item, cell, value)
        if mangled or renamed or (fresh and item.kind is Kind.REFERENCE):
            after = codec.format(value)
            if not same_cell(after, cell):
                self._write(name, after, renames=True)
                self.cells[name] = after

    def _apply_rules(self) -> None:
        """Takes back what the sheet changed against a rule; the cell stays as typed, with a
        problem.
        """
        before = self.ours
        if self.work.unseen or self.junk:
            before = {name: self.record.values.get(name) for name in self.work.unseen}
            before |= {name: value for name, value in self.ours.items() if name not in self.junk}
        typed = frozenset(self.changes)
        for finding in self.work.check({**before, **self.changes}, before):
            if not self.work.holds_up(finding, self.record.id):
                continue
            if finding.fields and self.junk.issuperset(finding.fields):
                # What the store holds there and nobody can read is told as that.
                continue
            culprits = [name for name in finding.fields if name in typed]
            if finding.severity is Severity.REJECT and culprits:
                # One that another rule has taken back already is not taken by this one either.
                left = [name for name in culprits if name in self.changes]
                self._refuse((left or culprits)[0], finding)
            else:
                # Of what the sheet did not change, the store is at fault.
                self._tell(finding, Severity.WARN)

    def _refuse(self, name: str, finding: Finding) -> None:
        self.changes.pop(name, None)
        self.values.pop(name, None)
        if self.base is not None and name in self.base.values:
            self.values[name] = self.base.values[name]
        self.cells.pop(name, None)
        self.merged.writes = [item for item in self.merged.writes if item.field != name]
        self._tell(finding, Severity.REJECT, name)

    def _identify(self) -> None:
        """Puts the id into a row that lost it or bears another."""
        row, record_id = self.row, self.record.id
        if (row.standing or row.id != record_id) and row.standing_id != record_id:
            self._write(ID, self.record.id)

    def _write(self, name: str, after: Cell, *, renames: bool = False) -> None:
        write = cell_write(self.work, self.row, name, self.record.id, after)
        self.merged.writes.append(replace(write, renames=True) if renames else write)

    def _conflict(self, name: str, clash: Clash, theirs: Scalar) -> None:
        known = self.values.get(name)
        self.merged.conflicts.append(
            Conflict(
                self.work.tab.table.name,
                self.record.id,
                name,
                clash,
                known,
                self.ours[name],
                theirs,
            )
        )

    def _tell(self, finding: Finding, severity: Severity, name: str = "") -> None:
        name = name or (finding.fields[0] if finding.fields else "")
        typed, ours = self.work.typed(self.row, name), self.ours.get(name)
        problem = rule_problem(self._spot(name), finding, severity, typed, ours)
        self.merged.problems.append(problem)

    def _spot(self, name: str) -> Spot:
        return Spot(
            self.work.tab.table.name,
            self.record.id,
            name,
            self.row.number,
            self.work.binding.columns.get(name),
        )


TEXT_KINDS = frozenset({Kind.TEXT, Kind.PHONE, Kind.EMAIL, Kind.DIGITS})
