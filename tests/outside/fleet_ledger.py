"""What was ever typed in a company with several workbooks, and what it must show when at rest.

A row is known by its mark, in a column of the staff's own; a record by its id. Both are names of
one client, and so is the mark of the same client in another workbook: that is learnt at each rest.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.outside.fleet import EMPLOYEES, Fleet, View
from tests.outside.ledger import plain

STOCK = {
    "full_name": ("Иван Петров", "Anna", "ООО «Ромашка»", "Client 1", "Client 2"),
    "phone": ("+79110000001", "+79110000002", "+79119999999"),
    "city": ("Москва", "Тверь", "City 1", "City 2", "1/2", "007"),
    "address": ("Ленина, 1", "5", "TRUE"),
    "note": ("ok", "перезвонить", "-", "+", "0"),
}
ORDINARY = frozenset(value for values in STOCK.values() for value in values)
FIELDS = ("full_name", "phone", "city", "address", "note")


@dataclass
class Ledger:
    """`said` tells of each value whose it is: marks and ids."""

    said: dict[str, set[str]] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    """Values that staff themselves put an end to, or that went with what was put back."""
    known: set[str] = field(default_factory=set)
    """Values that the store once knew: whatever staff do now, they are kept."""
    own: dict[str, str] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    """Marks and ids of rows that were copied, or whose id was spoiled."""
    births: int = 0
    number: int = 0
    pool: random.Random | None = None
    """If given, many values come from a small stock, as the names of people and cities do."""
    _same: dict[str, str] = field(default_factory=dict)

    def token(self, name: str) -> str:
        """A value that nobody has typed before, or an ordinary one."""
        self.number += 1
        if self.pool and name in STOCK and self.pool.random() < 0.6:
            return self.pool.choice(STOCK[name])
        return f"+7912{self.number:07}" if name == "phone" else f"слово{self.number:05}"

    def mark(self) -> str:
        self.number += 1
        return f"m{self.number:05}"

    def say(self, whose: str, name: str, value: str | None, before: Any) -> None:
        """Somebody put a value into a cell that held another."""
        if value is not None:
            self.said.setdefault(value, set()).add(whose)
        old = plain(name, before)
        if old is not None and old != value:
            self.replaced.add(old)

    def one(self, name: str) -> str:
        while name in self._same:
            name = self._same[name]
        return name

    def join(self, first: str, second: str) -> None:
        one, other = self.one(first), self.one(second)
        if one != other:
            self._same[one] = other


@dataclass
class Sight:
    """Everything as it stands."""

    views: dict[str, View]
    live: dict[str, dict[str, Any]]
    archived: set[str]
    waiting: set[tuple[str, str]]
    """Records and fields of theirs that wait for a person, and whole records as field ""."""
    held: dict[str, int]
    """How many rows of a workbook are told of in problems."""
    employees: dict[str, str]
    sheets: str
    kept: str


def seen(fleet: Fleet) -> Sight:
    names = ("owner", *FIELDS)
    live, archived = {}, set()
    found = fleet.sql(f"select id, archived_at, {', '.join(names)} from clients")
    for record_id, gone, *values in found:
        if gone is None:
            live[record_id] = {
                name: plain(name, value) for name, value in zip(names, values, strict=True)
            }
        else:
            archived.add(record_id)
    still = "where closed_at is null and table_name = 'clients'"
    waits = fleet.sql(f"select record_id, field from conflicts {still}") + fleet.sql(
        f"select record_id, field from problems {still} and severity <> 'warn'"
    )
    held = fleet.sql(f"select workbook, count(*) from problems {still} group by workbook")
    return Sight(
        {name: fleet.look(name) for name in fleet.books},
        live,
        archived,
        {(str(record_id), str(name or "")) for record_id, name in waits},
        dict(held),
        dict(fleet.sql("select name, id from employees")),
        bare(fleet.everything()),
        bare(fleet.kept()),
    )


def bare(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, " ()-"), None))


def wrongs(ledger: Ledger, sight: Sight, language: str) -> Iterator[str]:
    """What the promises forbid and the company shows."""
    yield from _lost(ledger, sight)
    for view in sight.views.values():
        for row in view.rows:
            mark, record_id = str(row.get("mark", "")), str(row.get("id", ""))
            if mark and record_id and not {mark, record_id} & ledger.doubtful:
                ledger.join(mark, record_id)
    _born_elsewhere(ledger, sight)
    classes: dict[str, str] = {}
    for record_id in sorted(sight.live.keys() - ledger.doubtful):
        other = classes.setdefault(ledger.one(record_id), record_id)
        if other != record_id and other not in ledger.doubtful:
            yield f"{other} and {record_id} are one client"
    for name, view in sight.views.items():
        employee = EMPLOYEES[language].get(name)
        owner = sight.employees.get(employee or "")
        yield from _identities(ledger, sight, view, owner)
        for row, formulas in zip(view.rows, view.formulas, strict=True):
            yield from _row(ledger, sight, name, row, formulas)
    records = len(sight.live) + len(sight.archived)
    if records > ledger.births:
        yield f"{records} records, but only {ledger.births} were ever typed or inserted"


def _born_elsewhere(ledger: Ledger, sight: Sight) -> None:
    """Rows that went to another workbook in the run that gave them their id are known by name."""
    named = {ledger.one(record_id) for record_id in (*sight.live, *sight.archived)}
    for record_id, values in sight.live.items():
        for value in (values[name] or "" for name in FIELDS):
            for mark in ledger.said.get(value, ()):
                if value not in ORDINARY and ledger.one(mark) not in named:
                    ledger.join(mark, record_id)


def _lost(ledger: Ledger, sight: Sight) -> Iterator[str]:
    typed = ledger.said.keys() - ledger.replaced
    for value in sorted(typed | ledger.known | set(ledger.own.values())):
        found = bare(value)
        if found in sight.kept:
            if value in ledger.said:
                ledger.known.add(value)
        elif value in ledger.known:
            yield f"forgotten: {value} was in the store once"
        elif found not in sight.sheets and value not in ledger.replaced:
            yield f"lost: {value}"


def _identities(ledger: Ledger, sight: Sight, view: View, owner: str | None) -> Iterator[str]:
    held = {record_id for record_id, _ in sight.waiting}
    for heading in ("id", "mark"):
        counts = Counter(row[heading] for row in view.rows if row.get(heading))
        for text, count in counts.items():
            if count > 1 and text not in held and text not in ledger.doubtful:
                yield f"{view.book}: {heading} {text} stands in {count} rows"
    standing = {str(row["id"]) for row in view.rows if row.get("id")}
    wanted = {
        record_id
        for record_id, values in sight.live.items()
        if owner is None or values["owner"] == owner
    }
    for record_id in sorted((wanted ^ standing) - held):
        where = "is missing in" if record_id in wanted else "must not stand in"
        yield f"{record_id} {where} {view.book}"
    whole = [row for row in view.rows if not row.get("id") and row.get("full_name")]
    nameless = [row for row in whole if row.get("phone")]
    if len(nameless) > sight.held.get(view.book, 0):
        yield f"{view.book}: rows without an id, and nothing says why: {nameless}"


def _row(
    ledger: Ledger, sight: Sight, book: str, row: dict[str, Any], formulas: dict[str, str]
) -> Iterator[str]:
    mark, record_id = str(row.get("mark", "")), str(row.get("id", ""))
    told = f"{book} {mark} {record_id}"
    doubt = {mark, record_id} & ledger.doubtful
    if mark in ledger.own and str(row.get("mine", "")) != ledger.own[mark] and not doubt:
        yield f"{told}: own cell {row.get('mine')!r}, not {ledger.own[mark]!r}"
    record = sight.live.get(record_id)
    for name in FIELDS:
        shown = plain(name, row.get(name))
        whose = set() if shown in ORDINARY else ledger.said.get(shown or "", set())
        these = {ledger.one(mark), ledger.one(record_id)}
        doubt = doubt or whose & ledger.doubtful
        if whose and not doubt and not these & {ledger.one(item) for item in whose}:
            yield f"{told}.{name}: {shown!r} was said of {sorted(whose)} alone"
        waits = {(record_id, name), (record_id, "")} & sight.waiting
        if record is not None and not waits and record[name] != shown:
            yield f"{told}.{name}: sheet {shown!r}, store {record[name]!r}, and nothing says why"
