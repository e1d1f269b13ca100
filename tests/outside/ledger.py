"""What was ever said of each row and record, and what a company at rest must therefore show."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.outside.company import Company, Tab

FIELDS = {"full_name": "Name", "phone": "Phone", "city": "City", "note": "Note"}
MARK, OWN = "Mark", "Mine"
Place = tuple[str, str]


def plain(name: str, cell: Any) -> str | None:
    """A cell or a stored value in the form in which they are compared."""
    text = "" if cell is None else str(cell).strip()
    if name == "phone" and text and not text.startswith("bad"):
        return "+" + "".join(sign for sign in text if sign.isdigit())
    return text or None


@dataclass
class Ledger:
    """Rows are known by the mark in a column of the staff's own, records by id."""

    said: dict[Place, set[str | None]] = field(default_factory=dict)
    """All that staff ever put into a row's cell, by mark and field."""
    stored: dict[Place, set[str | None]] = field(default_factory=dict)
    """All that programs ever put into a record, by id and field."""
    edited: set[Place] = field(default_factory=set)
    """Cells that staff, and fields that programs, changed since the last rest."""
    changed: set[Place] = field(default_factory=set)
    typed: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    """Values that staff themselves put an end to."""
    own: dict[str, str] = field(default_factory=dict)
    formulas: dict[Place, str] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    """Marks and ids of rows that were copied, deleted or whose id was spoiled."""
    decided: set[Place] = field(default_factory=set)
    """Cells of conflicts that somebody decided: a formula may have given way."""
    births: int = 0
    number: int = 0

    def token(self, name: str) -> str:
        """A value that nobody has typed before."""
        self.number += 1
        return f"+7912{self.number:07}" if name == "phone" else f"word{self.number:05}"

    def say(self, mark: str, name: str, value: str | None, before: Any) -> None:
        """Staff put a value into a cell that held another."""
        self.said.setdefault((mark, name), set()).add(value)
        self.edited.add((mark, name))
        self.formulas.pop((mark, name), None)
        if value is not None:
            self.typed.add(value)
        old = plain(name, before)
        if old is not None and old != value:
            self.replaced.add(old)

    def store(self, record_id: str, name: str, value: str | None) -> None:
        """A program put a value into a record."""
        self.stored.setdefault((record_id, name), set()).add(value)
        self.changed.add((record_id, name))

    def settle(self) -> None:
        """Both sides have agreed, but for what waits."""
        self.edited.clear()
        self.changed.clear()


@dataclass
class Sight:
    """Everything as it stands."""

    tab: Tab
    live: dict[str, dict[str, str | None]]
    archived: set[str]
    conflicts: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    kept: str

    @property
    def waiting(self) -> set[Place]:
        """Fields, and whole records as field "", that wait for a person."""
        return {(item["record_id"], item["field"] or "") for item in self.conflicts} | {
            (item["record_id"], item["field"] or "")
            for item in self.problems
            if item["severity"] != "warn"
        }


def seen(company: Company) -> Sight:
    names = ", ".join(FIELDS)
    live, archived = {}, set()
    for record_id, gone, *values in company.sql(f"select id, archived_at, {names} from clients"):
        if gone is None:
            pairs = zip(FIELDS, values, strict=True)
            live[record_id] = {name: plain(name, value) for name, value in pairs}
        else:
            archived.add(record_id)
    texts = [
        *company.sql(f"select {names} from clients"),
        *company.sql("select changes from history"),
        *company.sql("select ours, theirs from conflicts where closed_at is null"),
        *company.sql("select typed from problems where closed_at is null"),
    ]
    conflicts = _open(company, "conflicts", ("id", "record_id", "field", "clash"))
    problems = _open(company, "problems", ("record_id", "field", "code", "severity", "typed"))
    kept = _bare("|".join(str(cell) for row in texts for cell in row))
    return Sight(company.tab(), live, archived, conflicts, problems, kept)


def _open(company: Company, table: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = company.sql(
        f"select {', '.join(columns)} from {table}"
        " where closed_at is null and table_name = 'clients'"
    )
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _bare(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, " ()-"), None))


def wrongs(ledger: Ledger, sight: Sight) -> Iterator[str]:
    """What the promises forbid and the company shows."""
    sheet = _bare(json.dumps(sight.tab.rows, ensure_ascii=False))
    for value in sorted(ledger.typed - ledger.replaced):
        if value not in sheet and value not in sight.kept:
            yield f"lost: {value}"
    yield from _identities(ledger, sight)
    for row, formulas in zip(sight.tab.rows, sight.tab.formulas, strict=True):
        yield from _row(ledger, sight, row, formulas)
    for item in sight.conflicts:
        yield from _conflict(ledger, sight, item)


def _identities(ledger: Ledger, sight: Sight) -> Iterator[str]:
    held = {item["record_id"] for item in sight.problems} | {key for key, _ in sight.waiting}
    for heading in ("ID", MARK):
        counts = Counter(row[heading] for row in sight.tab.rows if heading in row)
        for text, count in counts.items():
            if count > 1 and text not in held:
                yield f"{heading} {text} stands in {count} rows"
    standing = {row["ID"] for row in sight.tab.rows if "ID" in row}
    for record_id in (sight.live.keys() ^ standing) - held:
        where = "store" if record_id in sight.live else "sheet"
        yield f"{record_id} is in the {where} alone"
    records = len(sight.live) + len(sight.archived)
    if records > ledger.births:
        yield f"{records} records, but only {ledger.births} were ever typed or inserted"


def _row(
    ledger: Ledger, sight: Sight, row: dict[str, Any], formulas: dict[str, str]
) -> Iterator[str]:
    mark, record_id = str(row.get(MARK, "")), str(row.get("ID", ""))
    if mark in ledger.own and row.get(OWN, "") != ledger.own[mark]:
        yield f"own cell of {mark}: {row.get(OWN)!r}, not {ledger.own[mark]!r}"
    record = sight.live.get(record_id)
    for name, heading in FIELDS.items():
        shown = plain(name, row.get(heading))
        said = ledger.said.get((mark, name), set()) | ledger.stored.get((record_id, name), set())
        told = f"{mark} {record_id}.{name}"
        known = mark in ledger.own or (record_id, "full_name") in ledger.stored
        if known and mark not in ledger.doubtful and shown not in said | {None}:
            yield f"{told}: {shown!r} was never said of this row, only {sorted(map(str, said))}"
        formula = ledger.formulas.get((mark, name))
        if formula != formulas.get(heading) and (mark, name) not in ledger.decided:
            yield f"{told}: formula {formulas.get(heading)}, not {formula}"
        waits = {(record_id, name), (record_id, "")} & sight.waiting
        if record is not None and not waits and record[name] != shown:
            yield f"{told}: sheet {shown!r}, store {record[name]!r}, and nothing says why"


def _conflict(ledger: Ledger, sight: Sight, item: dict[str, Any]) -> Iterator[str]:
    """A conflict needs two who changed the same."""
    record_id, name = item["record_id"], item["field"]
    marks = {str(row.get(MARK)) for row in sight.tab.rows if row.get("ID") == record_id}
    if not name or record_id in ledger.doubtful or marks & ledger.doubtful:
        return
    by_staff = any((mark, name) in ledger.edited for mark in marks)
    if item["clash"] == "formula" and (record_id, name) in ledger.changed:
        return
    if not (by_staff and (record_id, name) in ledger.changed):
        yield f"a conflict that nobody made: {item}"
