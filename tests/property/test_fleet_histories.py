"""Generated days of several workbooks: records move, people edit on all sides, any order of runs.

After three rounds in any order every workbook holds exactly its own rows, all agree with the store,
one more writes nothing, and whatever was typed is in a sheet, the store, a conflict or the history;
a workbook with guarded columns shows nothing of what it is not to show.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from tests.outside.soak import Ended, soak
from tests.property.histories.fleet_day import OWN, FleetDay
from tests.property.histories.hand import Hand
from tests.property.histories.stage import LEAN_SECTIONS, without_empty_rows
from tests.scenarios.fleet import EMPLOYEES, THREE, Fleet, begin, copied, open_fleet, settle
from tests.unit.store.builders import folder_in_memory

CLIENTS = {"Alfa": EMPLOYEES[0], "Beta": EMPLOYEES[0], "Gamma": EMPLOYEES[1], "Delta": EMPLOYEES[1]}
GUARDED = {
    **THREE,
    "anna": f"""{THREE["anna"]}
read_only = ["clients.owner"]
masked = ["clients.phone"]
hidden = ["clients.note"]""",
}
STEPS = 12
SEEDS = 6
IN_SOAK = int(os.environ.get("CRM_SYNC_DAYS", "10000"))
FIRST_IN_SOAK = 5000


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    was = stamina.is_testing()
    stamina.set_testing(True, attempts=5, cap=True)
    try:
        with folder_in_memory() as folder:
            with open_fleet(folder, THREE, more=LEAN_SECTIONS) as opened:
                begin(opened, CLIENTS)
                for binding in map(opened.app.store.bases.binding, opened.app.bound):
                    assert binding is not None
                    book, sheet = binding.spreadsheet_id, binding.sheets["clients"]
                    opened.server.in_worker(
                        lambda desk, book=book, sheet=sheet: without_empty_rows(
                            Hand(desk, book, sheet)
                        )
                    )
                settle(opened)
            yield folder
    finally:
        stamina.set_testing(was)


def lived(prepared: Path, seed: int) -> Ended:
    """The day of a seed, at its end; in every other one Anna's workbook is guarded."""
    guarded = bool(seed % 2)
    books = GUARDED if guarded else THREE
    with copied(prepared) as folder, open_fleet(folder, books, more=LEAN_SECTIONS) as fleet:
        if guarded:
            settle(fleet)
        day = FleetDay(fleet, random.Random(seed), guarded)
        day.live(STEPS)
        order = day.order()
        for _ in range(3):
            fleet.round(*order)
        return Ended(day.met, [], list(wrongs(day, order)))


def wrongs(day: FleetDay, order: list[str]) -> Iterator[str]:
    """All that the promises forbid and the company at rest shows."""
    fleet = day.fleet
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
        if not mine <= set(fleet.clients(book)) <= mine | disputed:
            yield f"{book} shows {sorted(fleet.clients(book))}, not {sorted(mine)}"
    if set(fleet.clients("office")) != set(owners):
        yield f"office shows {sorted(fleet.clients('office'))}, not {sorted(owners)}"
    for book in fleet.app.bound:
        for name, row in fleet.clients(book).items():
            if name not in disputed and row["Owner"] != owners[name]:
                yield f"{name} in {book} is of {row['Owner']}, not {owners[name]}"
    yield from agreements(fleet, disputed, {item.conflict.record_id for item in clashes})
    kept = day.kept() + "|".join(fleet.texts(book) for book in fleet.app.bound) + repr(clashes)
    yield from (f"lost: {token}" for token in day.tokens if token not in kept)
    if day.guarded:
        yield from leaks(day)
    fleet.server.forget_requests()
    if not clashes and {result.outcome for result in fleet.round(*order)} != {"unchanged"}:
        yield "one more round was no rest"
    if not clashes and {seen.method for seen in fleet.server.requests} != {"GET"}:
        yield "one more round wrote something"


def agreements(fleet: Fleet, disputed: set[str], clashing: set[str]) -> Iterator[str]:
    """Agreements stand where their client stands, as the store has them."""
    stored = {
        record_id: (name, text)
        for record_id, name, text in fleet.sql(
            "select a.id, c.full_name, a.subject from agreements a"
            " join clients c on c.id = a.client where a.archived_at is null"
        )
    }
    for book in fleet.app.bound:
        there = set(fleet.clients(book))
        rows = {str(row["ID"]): row for row in fleet.tab(book, "Agreements").rows()}
        wanted = {key for key, (name, _) in stored.items() if name in there}
        unsure = {key for key, (name, _) in stored.items() if name in disputed} | clashing
        if (wanted ^ set(rows)) - unsure:
            yield f"{book} shows the agreements {sorted(rows)}, not {sorted(wanted)}"
        for key in (wanted & set(rows)) - clashing:
            if rows[key]["What was agreed"] != stored[key][1]:
                yield f"{key} in {book}: {rows[key]['What was agreed']}, not {stored[key][1]}"


def leaks(day: FleetDay) -> Iterator[str]:
    """What stands in Anna's workbook and is not to be there."""
    fleet = day.fleet
    said = fleet.texts("anna")
    yield from (f"leaked: {secret}" for secret in day.secrets if secret in said)
    digits = "".join(sign for sign in said if sign.isdigit() or sign in "|*")
    for name, phone in fleet.sql("select full_name, phone from clients where phone is not null"):
        if phone.strip("+") in digits:
            yield f"leaked: the phone of {name}"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_fleet_agrees_and_loses_nothing(prepared: Path, seed: int) -> None:
    day = lived(prepared, seed)
    assert not day.wrong, day.wrong


@pytest.mark.soak
def test_thousands_of_days_of_a_fleet_lose_nothing(
    prepared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds = range(FIRST_IN_SOAK, FIRST_IN_SOAK + IN_SOAK)
    soak(lambda seed: lived(prepared, seed), seeds, capsys, "days of a fleet")
