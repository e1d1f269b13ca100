"""Generated days of several workbooks: records move, people edit on all sides, any order of runs.

After three rounds in any order every workbook holds exactly its own rows, all agree with the store,
one more writes nothing, and whatever was typed is in a sheet, the store, a conflict or the history.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.scenarios.fleet import EMPLOYEES, THREE, Fleet, begin, copied, open_fleet
from tests.unit.store.builders import folder_in_memory

CLIENTS = {"Alfa": EMPLOYEES[0], "Beta": EMPLOYEES[0], "Gamma": EMPLOYEES[1], "Delta": EMPLOYEES[1]}
OWN = {"anna": EMPLOYEES[0], "petrov": EMPLOYEES[1]}
STEPS = 10


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    with folder_in_memory() as folder:
        with open_fleet(folder, THREE) as opened:
            begin(opened, CLIENTS)
        yield folder


@dataclass
class Day:
    """One history: what was typed, and the dice."""

    fleet: Fleet
    dice: random.Random
    tokens: list[str] = field(default_factory=list)

    given: int = 0

    def token(self) -> str:
        """A text that stands nowhere else."""
        self.given += 1
        self.tokens.append(f"token{self.given}x")
        return self.tokens[-1]

    def kept(self) -> str:
        """All that the history says."""
        return "|".join(map(str, self.fleet.sql("select changes from history")))

    def client(self, book: str) -> str | None:
        names = sorted(self.fleet.clients(book))
        return self.dice.choice(names) if names else None

    def edit(self) -> None:
        """Somebody types into a cell."""
        book = self.dice.choice(sorted(self.fleet.app.bound))
        if name := self.client(book):
            heading = self.dice.choice(["City", "Address"])
            typed = self.fleet.clients(book)[name][heading]
            if typed in self.tokens and typed not in self.kept():
                self.tokens.remove(typed)  # typed over before any run had seen it
            self.fleet.type(book, name, heading, self.token())

    def hand_over(self) -> None:
        """Somebody gives a client to another employee."""
        book = self.dice.choice(sorted(self.fleet.app.bound))
        if name := self.client(book):
            self.fleet.type(book, name, "Owner", self.dice.choice(EMPLOYEES))

    def program(self) -> None:
        """A program edits the store."""
        name = self.dice.choice(sorted(CLIENTS))
        column = self.dice.choice(["city", "messenger"])
        statement = f"update clients set {column} = ? where full_name = ?"
        self.fleet.sql(statement, self.token(), name)

    def program_hands_over(self) -> None:
        """A program gives a client to another employee."""
        self.fleet.sql(
            "update clients set owner = (select id from employees where name = ?)"
            " where full_name = ?",
            self.dice.choice(EMPLOYEES),
            self.dice.choice(sorted(CLIENTS)),
        )

    def add(self) -> None:
        """Somebody adds a client, for himself or for a colleague."""
        book = self.dice.choice(sorted(OWN))
        owner = self.dice.choice([*EMPLOYEES, ""])
        phone = f"+7912{self.dice.randrange(10**7):07}"
        self.fleet.tab(book).append(Name=self.token(), Phone=phone, Owner=owner)

    def run(self) -> None:
        """The scheduler takes one workbook."""
        self.fleet.sync(self.dice.choice(sorted(self.fleet.app.bound)))

    def order(self) -> list[str]:
        names = sorted(self.fleet.app.bound)
        self.dice.shuffle(names)
        return names


def played(fleet: Fleet, seed: int) -> Day:
    day = Day(fleet, random.Random(seed))
    acts = [
        day.edit,
        day.edit,
        day.hand_over,
        day.program,
        day.program_hands_over,
        day.add,
        day.run,
    ]
    for _ in range(STEPS):
        day.dice.choice(acts)()
    return day


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(4, 100))]
)
def test_fleet_agrees_and_loses_nothing(prepared: Path, seed: int) -> None:
    with copied(prepared) as folder, open_fleet(folder, THREE) as fleet:
        day = played(fleet, seed)
        order = day.order()
        for _ in range(3):
            fleet.round(*order)
        clashes = fleet.app.store.findings.conflicts()
        disputed = {
            name
            for item in clashes
            for (name,) in fleet.sql(
                "select full_name from clients where id = ?", item.conflict.record_id
            )
        }
        owners = fleet.owners()
        for book, owner in OWN.items():
            mine = {name for name, who in owners.items() if who == owner}
            assert mine <= set(fleet.clients(book)) <= mine | disputed, (book, seed)
        assert set(fleet.clients("office")) == set(owners)
        for book in fleet.app.bound:
            for name, row in fleet.clients(book).items():
                if name not in disputed:
                    assert row["Owner"] == owners[name]
        kept = day.kept()
        kept += "|".join(fleet.texts(book) for book in fleet.app.bound) + repr(clashes)
        assert [token for token in day.tokens if token not in kept] == []
        if not clashes:
            fleet.server.forget_requests()
            assert {result.outcome for result in fleet.round(*order)} == {"unchanged"}
            assert {seen.method for seen in fleet.server.requests} == {"GET"}
