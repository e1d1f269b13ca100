"""Says which row is which record: by id first, by content when the id was copied, erased or
mangled.

Never by row number. A row and a record that might belong together but need not are held: neither
is touched until a person says which it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm_sync.core.findings import Notice, Problem, Severity
from crm_sync.core.records import FOR_GOOD, RETURNED, Base, Record
from crm_sync.core.rows import (
    SheetRow,
    equals_base,
    fingerprint,
    has_content,
    likeness,
    looks_like_id,
)
from crm_sync.core.schema import Tab
from crm_sync.core.values import N_, cell_text, is_blank

SAME = 0.8
"""From this likeness on, a row without its id is taken for the record that vanished."""

PERHAPS = 0.5
"""From this likeness on, a row without its id is held rather than called new."""

MOST_RIVALS = 100
"""Of more records that vanished at once none is looked for by likeness behind another's id."""

MOST_PAIRS = 250_000
"""Comparing every nameless row with every vanished record stops being sensible beyond this."""


@dataclass(frozen=True)
class Matched:
    """The rows of a tab, sorted out.

    `known` are rows with their record's id (put right where the cell lost it); `new` rows become
    records; `vanished` are ids with a base but no row, or only a cleared one (its row stands in
    `cleared`); `strays` are rows with nothing but the id of a row that stands elsewhere; `held`
    are ids that this run must not touch.
    """

    known: tuple[tuple[str, SheetRow], ...]
    new: tuple[SheetRow, ...]
    vanished: tuple[str, ...]
    cleared: Mapping[str, SheetRow]
    strays: tuple[SheetRow, ...]
    held: frozenset[str]
    problems: tuple[Problem, ...]
    notices: tuple[Notice, ...]


class _Sorter:
    """The state of one matching; `match` is the way in."""

    def __init__(self, tab: Tab, bases: Mapping[str, Base], records: Mapping[str, Record]) -> None:
        self.tab = tab
        self.bases = bases
        self.records = records
        self.known: list[tuple[str, SheetRow]] = []
        self.nameless: list[SheetRow] = []
        self.fresh: list[tuple[SheetRow, str]] = []
        self.doubled: dict[str, Sequence[SheetRow]] = {}
        self.new: list[SheetRow] = []
        self.strays: list[SheetRow] = []
        self.cleared: dict[str, SheetRow] = {}
        self.held: set[str] = set()
        self.problems: list[Problem] = []
        self.notices: list[Notice] = []

    def by_id(self, rows: Iterable[SheetRow]) -> None:
        """Sorts out the rows whose id says which record they are."""
        groups: dict[str, list[SheetRow]] = {}
        for row in rows:
            if row.id and (row.id in self.bases or row.id in self.records):
                groups.setdefault(row.id, []).append(row)
            elif row.says_new:
                self.fresh.append((row, ""))
            elif has_content(self.tab, row):
                self.nameless.append(row)
        for record_id, group in groups.items():
            full = [row for row in group if has_content(self.tab, row)]
            blank = [row for row in group if row not in full]
            if full and self._is_erased(record_id):
                self.fresh.extend((row, record_id) for row in full)
                self.strays.extend(blank)
                continue
            if not full and self._may_be_blank(record_id, blank[0]):
                full = [blank.pop(0)]
            if not full:
                self.cleared[record_id] = blank.pop(0)
            elif len(full) == 1:
                self.known.append((record_id, full[0]))
            else:
                self._copies(record_id, full)
            self.strays.extend(blank)

    def _is_erased(self, record_id: str) -> bool:
        base = self.bases.get(record_id)
        return base is not None and base.version in FOR_GOOD

    def _may_be_blank(self, record_id: str, row: SheetRow) -> bool:
        """True for a row that nobody emptied: it was blank before, or was never filled."""
        base, record = self.bases.get(record_id), self.records.get(record_id)
        if base is None:
            return record is not None and not record.archived
        return equals_base(self.tab, row, base)

    def _copies(self, record_id: str, rows: Sequence[SheetRow]) -> None:
        """A row copied with its id: the one that equals the base keeps it, the others are new."""
        base = self.bases.get(record_id)
        originals = [row for row in rows if base and equals_base(self.tab, row, base)]
        if not originals:
            self.doubled[record_id] = rows
            return
        self.known.append((record_id, originals[0]))
        self.fresh.extend((row, record_id) for row in rows if row is not originals[0])

    def by_content(self) -> None:
        """Recognises rows that lost their id among the records whose row is gone. A record that was
        archived before its id came into the sheet is known by all the cells alone.
        """
        vanished, undone = self._vanished()
        left = self._exact(self.nameless, vanished)
        left = self._exact(left, undone)
        self._typed_over(vanished, undone)
        self._erased_rows()
        self._fresh_rows(vanished, undone)
        left = self._unique_keys(left, vanished)
        for row in left:
            self._alike(row, vanished)

    def _typed_over(self, vanished: set[str], undone: set[str]) -> None:
        """Rows over whose ids that of another row was typed or dragged: they are no copies. Only
        their whole content tells that: a copy may share its name with a record that vanished.
        """
        copies = [row for row, original in self.fresh if original]
        left = {row.number for row in self._exact(self._exact(copies, vanished), undone)}
        self.fresh = [
            (row, of)
            for row, of in self.fresh
            if not of or (row.number in left and not self._is_another(row, of, vanished))
        ]
        for record_id, rows in self.doubled.items():
            mine = self._exact(self._exact(rows, vanished), undone)
            mine = [row for row in mine if not self._is_another(row, record_id, vanished)]
            if len(mine) == 1:
                self.known.append((record_id, mine[0]))
            elif mine:
                self.held.add(record_id)
                self.problems.extend(self._ambiguous(record_id, row) for row in mine)

    def _is_another(self, row: SheetRow, record_id: str, vanished: set[str]) -> bool:
        """Whether a row that bears this id is mostly one vanished record, and hardly this one."""
        if not vanished or len(vanished) > MOST_RIVALS or record_id not in self.bases:
            return False
        scores = sorted(
            ((likeness(self.tab, row, self.bases[other]), other) for other in vanished),
            reverse=True,
        )
        best, other = scores[0]
        second = scores[1][0] if len(scores) > 1 else 0.0
        own = likeness(self.tab, row, self.bases[record_id])
        if best <= PERHAPS or best == second or 2 * own >= best:
            return False
        self._recognised(other, row, vanished)
        return True

    def _erased_rows(self) -> None:
        """Rows with the id of somebody who was erased, all of them, but for those that are another
        record's.
        """
        erased = [(row, of) for row, of in self.fresh if of and self._is_erased(of)]
        self.known.extend((of, row) for row, of in erased)
        self.notices.extend(
            self._back(of, row) for row, of in erased if self.bases[of].version == RETURNED
        )
        self.fresh = [pair for pair in self.fresh if pair not in erased]

    def _fresh_rows(self, vanished: set[str], undone: set[str]) -> None:
        """Copies, and rows that say that they are new: each is a new record, unless a run that did
        not come to its end has made it one already.
        """
        begun = {record_id for record_id in vanished if not self.bases[record_id].version}
        rows = [row for row, _ in self.fresh]
        left = self._unique_keys(self._exact(self._exact(rows, begun), undone), begun)
        vanished -= {record_id for record_id, _ in self.known}
        self.new.extend(left)
        self.notices.extend(
            self._copied(original, row) for row, original in self.fresh if original and row in left
        )

    def _vanished(self) -> tuple[set[str], set[str]]:
        """The records whose row is gone, or of which only the id is left: those that live, and
        those that were archived or deleted before their id came into the sheet.
        """
        present = {record_id for record_id, _ in self.known} | self.doubled.keys()
        live: set[str] = set()
        undone: set[str] = set()
        for record_id in self.bases.keys() - present:
            record = self.records.get(record_id)
            if record is not None and not record.archived:
                live.add(record_id)
            elif not self.bases[record_id].version:
                undone.add(record_id)
        return live, undone

    def _exact(self, rows: Sequence[SheetRow], vanished: set[str]) -> list[SheetRow]:
        if not vanished:
            return list(rows)
        fields = frozenset().union(*(row.cells.keys() for row in rows[:1]))
        prints: dict[tuple[str, ...], list[str]] = {}
        for record_id in sorted(vanished) if rows else ():
            key = fingerprint(self.tab, self.bases[record_id].cells, fields)
            prints.setdefault(key, []).append(record_id)
        left = []
        for row in rows:
            found = prints.get(fingerprint(self.tab, row.cells, fields))
            if found:
                self._recognised(found.pop(0), row, vanished)
            else:
                left.append(row)
        return left

    def _unique_keys(self, rows: list[SheetRow], vanished: set[str]) -> list[SheetRow]:
        """What one nameless row and one vanished record alone hold. A record that two rows claim,
        one by its name and one by its phone, is the row that is more like it.
        """
        while claims := self._claims(rows, vanished):
            taken = set()
            for *_, number, record_id, row in sorted(claims, key=lambda claim: claim[:4]):
                if record_id in vanished and number not in taken:
                    taken.add(number)
                    self._recognised(record_id, row, vanished)
            rows = [row for row in rows if row.number not in taken]
        return rows

    def _claims(
        self, rows: Sequence[SheetRow], vanished: set[str]
    ) -> list[tuple[float, bool, int, str, SheetRow]]:
        """Rows with the record that they alone may be by one key; of equal likeness a phone comes
        before a name.
        """
        found = []
        for item in self.tab.table.fields if rows and vanished else ():
            if not item.key:
                continue
            mine = Counter(cell_text(row.cells.get(item.name)) for row in rows)
            known: dict[str, list[str]] = {}
            for record_id in sorted(vanished):
                text = cell_text(self.bases[record_id].cells.get(item.name))
                known.setdefault(text, []).append(record_id)
            for row in rows:
                text = cell_text(row.cells.get(item.name))
                same = known.get(text, [])
                if not is_blank(text) and mine[text] == 1 and len(same) == 1:
                    alike = likeness(self.tab, row, self.bases[same[0]])
                    found.append((-alike, item.required, row.number, same[0], row))
        return found

    def _alike(self, row: SheetRow, vanished: set[str]) -> None:
        if not vanished or len(vanished) * len(self.nameless) > MOST_PAIRS:
            self.new.append(row)
            return
        scores = sorted(
            ((likeness(self.tab, row, self.bases[record_id]), record_id) for record_id in vanished),
            reverse=True,
        )
        best, record_id = scores[0] if scores else (0.0, "")
        second = scores[1][0] if len(scores) > 1 else 0.0
        if best >= SAME and second < best:
            self._recognised(record_id, row, vanished)
        elif best >= PERHAPS:
            vanished.discard(record_id)
            self.held.add(record_id)
            self.problems.append(self._perhaps(record_id, row))
        else:
            self.new.append(row)

    def _recognised(self, record_id: str, row: SheetRow, vanished: set[str]) -> None:
        vanished.discard(record_id)
        self.known.append((record_id, row))
        if self.bases[record_id].version and not self.records[record_id].archived:
            self.notices.append(self._put_back(record_id, row))

    def _put_back(self, record_id: str, row: SheetRow) -> Notice:
        return Notice(
            self.tab.table.name,
            "V12",
            N_("{tab}, row {row}: the row is {id} by its content; its id was put back."),
            {"tab": self.tab.title, "row": str(row.number + 1), "id": record_id},
        )

    def _copied(self, record_id: str, row: SheetRow) -> Notice:
        return Notice(
            self.tab.table.name,
            "V12",
            N_("{tab}, row {row} is a copy of {id}: it becomes a record of its own with a new id."),
            {"tab": self.tab.title, "row": str(row.number + 1), "id": record_id},
        )

    def _back(self, record_id: str, row: SheetRow) -> Notice:
        return Notice(
            self.tab.table.name,
            "V12",
            N_(
                "{tab}, row {row}: {id} was erased, as the law asks; the row was taken out again. "
                "If the client is with you again, enter them anew, without the id."
            ),
            {"tab": self.tab.title, "row": str(row.number + 1), "id": record_id},
        )

    def _ambiguous(self, record_id: str, row: SheetRow) -> Problem:
        return Problem(
            self.tab.table.name,
            "V12",
            Severity.REJECT,
            N_("The id {id} stands in several rows, and all of them were changed."),
            N_("Leave {id} in the row that is this record and clear the id cell of the others."),
            record_id=record_id,
            row=row.number,
            typed=f"{record_id}@{row.number + 1}",
            params={"id": record_id},
        )

    def _perhaps(self, record_id: str, row: SheetRow) -> Problem:
        return Problem(
            self.tab.table.name,
            "V12",
            Severity.REJECT,
            N_("This row has no id of its own and looks much like {id}, whose row is gone."),
            N_("Type {id} into the id cell if it is the same record, or “new” if it is not."),
            record_id=record_id,
            row=row.number,
            params={"id": record_id},
        )


def replaced_id(tab: Tab, row: SheetRow) -> Notice:
    """What is said of an id that staff typed into a row that becomes a record under another."""
    message = (
        N_("{tab}, row {row}: no record has the id {typed}; the row gets a new one.")
        if looks_like_id(row.id)
        else N_("{tab}, row {row}: ids are given by crm-sync; “{typed}” was replaced.")
    )
    params = {"tab": tab.title, "row": str(row.number + 1), "typed": row.id}
    return Notice(tab.table.name, "V12", message, params)


def match(
    tab: Tab,
    rows: Iterable[SheetRow],
    bases: Mapping[str, Base],
    records: Mapping[str, Record],
) -> Matched:
    """The rows sorted out. `rows` come in the order of the sheet; `new` keeps that order."""
    sorter = _Sorter(tab, bases, records)
    sorter.by_id(rows)
    sorter.by_content()
    present = {record_id for record_id, _ in sorter.known} | sorter.held
    return Matched(
        known=tuple(sorted(sorter.known, key=lambda pair: pair[1].number)),
        new=tuple(sorted(sorter.new, key=lambda row: row.number)),
        vanished=tuple(sorted(key for key in bases if key not in present)),
        cleared=sorter.cleared,
        strays=tuple(sorter.strays),
        held=frozenset(sorter.held),
        problems=tuple(sorter.problems),
        notices=tuple(sorter.notices),
    )
