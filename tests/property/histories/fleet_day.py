"""A day of a company with three workbooks: what its people and programs do, and what goes wrong."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import gspread

from crm_sync.errors import UserError
from crm_sync.sheet_server.desk import Desk
from crm_sync.sheet_server.faults import FaultKind, StaffAction, When
from tests.scenarios.fleet import EMPLOYEES, Fleet

OWN = {"anna": EMPLOYEES[0], "petrov": EMPLOYEES[1]}
PROMISED = "What_was_agreed"


@dataclass
class FleetDay:
    """One day: what was typed, and the dice. In Anna's workbook some columns may be guarded: what
    is typed there is put back and told.
    """

    fleet: Fleet
    dice: random.Random
    guarded: bool = False
    tokens: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    """What stands in a column that Anna's workbook does not have, or shows in part."""
    met: Counter[str] = field(default_factory=Counter)
    given: int = 0

    def live(self, steps: int) -> None:
        """Lets so many things happen."""
        acts = (
            (6, self.edit),
            (3, self.hand_over),
            (3, self.program),
            (2, self.program_hands_over),
            (3, self.add),
            (3, self.agree),
            (3, self.edit_agreement),
            (2, self.note),
            (2, self.phone),
            (1, self.sort),
            (6, self.run),
        )
        weights, kinds = zip(*acts, strict=True)
        for act in self.dice.choices(kinds, weights, k=steps):
            self.met[act.__name__] += 1
            act()

    def token(self) -> str:
        """A text that stands nowhere else."""
        self.given += 1
        self.tokens.append(f"token{self.given}x")
        return self.tokens[-1]

    def number(self) -> str:
        """A phone number that stands nowhere else."""
        self.given += 1
        return f"+7912{self.dice.randrange(10**4):04}{self.given:03}"

    def kept(self) -> str:
        """All that the history says, and what was put back or refused."""
        queries = ("select changes from history", "select typed from problems")
        return "|".join(str(row) for query in queries for row in self.fleet.sql(query))

    def book(self) -> str:
        return self.dice.choice(sorted(self.fleet.app.bound))

    def client(self, book: str) -> str | None:
        names = sorted(self.fleet.clients(book))
        return self.dice.choice(names) if names else None

    def edit(self) -> None:
        """Somebody types into a cell."""
        book = self.book()
        if name := self.client(book):
            heading = self.dice.choice(["City", "Address"])
            self._typed_over(self.fleet.clients(book)[name][heading])
            self.fleet.type(book, name, heading, self.token())

    def _typed_over(self, value: str) -> None:
        """A value that no run has seen goes with the one who types over it."""
        if value in self.tokens and value not in self.kept():
            self.tokens.remove(value)

    def note(self) -> None:
        """Somebody types into a column that Anna does not see."""
        book = self.dice.choice(["office", "petrov"])
        if name := self.client(book):
            self._typed_over(self.fleet.clients(book)[name]["Note"])
            self.secrets.append(self.token())
            self.fleet.type(book, name, "Note", self.secrets[-1])

    def phone(self) -> None:
        """Somebody types a phone number; over a masked one, too."""
        book = self.book()
        if name := self.client(book):
            self.fleet.type(book, name, "Phone", self.number(), raw=True)

    def hand_over(self) -> None:
        """Somebody gives a client to another employee."""
        book = self.book()
        if name := self.client(book):
            self.fleet.type(book, name, "Owner", self.dice.choice(EMPLOYEES))

    def sort(self) -> None:
        """Somebody sorts the clients of a workbook."""
        tab = self.fleet.tab(self.book())
        tab.sheet.sort((self.dice.randrange(1, 12), "asc"), range=f"A2:Z{len(tab.grid) + 1}")

    def names(self) -> list[str]:
        rows = self.fleet.sql("select full_name from clients where archived_at is null order by 1")
        return [name for (name,) in rows]

    def program(self) -> None:
        """A program edits the store."""
        column = self.dice.choice(["city", "messenger", "note"])
        value = self.token()
        if column == "note":
            self.secrets.append(value)
        statement = f"update clients set {column} = ? where full_name = ?"
        self.fleet.sql(statement, value, self.dice.choice(self.names()))

    def program_hands_over(self) -> None:
        """A program gives a client to another employee."""
        self.fleet.sql(
            "update clients set owner = (select id from employees where name = ?)"
            " where full_name = ?",
            self.dice.choice(EMPLOYEES),
            self.dice.choice(self.names()),
        )

    def add(self) -> None:
        """Somebody adds a client, for himself or for a colleague."""
        book = self.dice.choice(sorted(OWN))
        owner = "" if self.guarded and book == "anna" else self.dice.choice([*EMPLOYEES, ""])
        self.fleet.tab(book).append(Name=self.token(), Phone=self.number(), Owner=owner)

    def agree(self) -> None:
        """Somebody notes what was agreed on with a client of the workbook."""
        book = self.book()
        if name := self.client(book):
            cells = {"Client": name, PROMISED: self.token(), "State": "In progress"}
            tab = self.fleet.tab(book, "Agreements")
            tab.append(**cells, Agreed_on="2026-03-02", Due="2026-03-18")

    def edit_agreement(self) -> None:
        """Somebody changes what was agreed on."""
        tab = self.fleet.tab(self.book(), "Agreements")
        if rows := tab.rows():
            row = self.dice.choice(rows)
            self._typed_over(row["What was agreed"])
            tab.put(row["#"], "What was agreed", self.token())

    def run(self) -> None:
        """The scheduler takes one workbook; somebody may type meanwhile, the wire may break, or
        both.
        """
        book = self.book()
        raced = self._race(book) if self.dice.random() < 0.4 else ""
        if self.dice.random() < 0.4:
            when = self.dice.choice(list(When))
            self.fleet.server.fault(FaultKind.CUT, nth=self.dice.randrange(1, 7), when=when)
        try:
            self.fleet.sync(book)
        except UserError as exc:
            self.met[f"ended with {exc.code}"] += 1
        self.fleet.server.clear_faults()
        if raced and self.fleet.server.in_worker(self._acted):
            self.met["raced"] += 1
            self.tokens.append(raced)

    def _acted(self, desk: Desk) -> bool:
        """Whether somebody acted since this was last asked."""
        answers = desk.faulty.staff_answers
        acted = any(answer.status < 400 for answer in answers)
        answers.clear()
        return acted

    def _race(self, book: str) -> str:
        """Somebody will type into a cell just before the next write; what they type."""
        tab = self.fleet.tab(book)
        rows = tab.rows()
        if not rows:
            return ""
        self.given += 1
        typed = f"raced{self.given}y"
        place = gspread.utils.rowcol_to_a1(self.dice.choice(rows)["#"], tab.column("City"))
        data = [{"range": f"'Clients'!{place}", "values": [[typed]]}]
        body: dict[str, Any] = {"valueInputOption": "RAW", "data": data}
        path = f"/v4/spreadsheets/{self.fleet.book(book).id}/values:batchUpdate"
        write = {"method": "POST", "path": r"spreadsheets/[^/:]+:batchUpdate$"}
        self.fleet.server.before(StaffAction("POST", path, body), **write)
        return typed

    def order(self) -> list[str]:
        names = sorted(self.fleet.app.bound)
        self.dice.shuffle(names)
        return names
