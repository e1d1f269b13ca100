"""A busy morning: all that a run can have to do, in one office, and how to tell outcomes apart."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import Any

from crm_sync.core.findings import Severity
from crm_sync.sheet_server.desk import Desk
from tests.property.histories.hand import Grid, Hand
from tests.property.histories.stage import Scene, Stage

TITLES = ("clients", "contacts", "agreements")
_ID = re.compile(r"\b[A-Z]{1,2}-\d{6,}\b")
_DERIVED = frozenset({"Last contact", "Next step", "Current agreement", "Updated"})


@dataclass
class Morning:
    """An office in which a lot has happened on both sides, ready to be copied."""

    stage: Stage
    scene: Scene

    def again(self) -> Scene:
        """The same morning once more."""
        self.scene.app.store.close()
        copy = self.stage.scene(self.scene.book, self.scene.home / "crm.db")
        self.scene.reopen()
        return copy


def busy_morning(stage: Stage) -> Morning:
    """New rows, a copy, an erased id, a deletion, a bad cell, a half-typed row and a formula in the
    sheet; an update, an insertion, an archived record and a clash in the store.
    """
    scene = stage.scene()
    for statement in (
        "update clients set note = 'stored', city = 'Stored' where full_name = 'Client 1'",
        "update clients set address = 'Stored' where full_name = 'Client 2'",
        (
            "insert into clients (full_name, phone, kind, status)"
            " values ('From the store', '+79220000001', 'customer', 'cold')"
        ),
        "update clients set archived_at = '2026-01-01' where full_name = 'Client 4'",
    ):
        scene.sql(statement)
    scene.staff(_clients)
    sheets = scene.app.store.bases.binding("main")
    assert sheets is not None

    def others(desk: Desk) -> None:
        for title, cells in (
            (
                "contacts",
                {
                    "Client": "Anna",
                    "When": "2026-03-10",
                    "Reason": "Cold call",
                    "Summary": "said hello",
                },
            ),
            (
                "agreements",
                {"Client": "Client 1", "What was agreed": "a roof", "Agreed on": "2026-03-10"},
            ),
        ):
            hand = Hand(desk, scene.book, sheets.sheets[title])
            grid = hand.grid()
            hand.put_row(1, {grid.column(heading): value for heading, value in cells.items()})

    stage.server.in_worker(others)
    return Morning(stage, scene)


def _clients(hand: Hand) -> None:
    grid = hand.grid()
    at = {heading: grid.column(heading) for heading in grid.headings}
    hand.put(1, at["City"], "Typed")
    hand.put(1, at["Phone"], "ask Anna")
    hand.put(1, at["E-mail"], "one@example.org")
    hand.put(1, at["Address"], '="Street " & 5')
    hand.put(3, at["ID"], None)
    hand.copy_row(2, 5, grid.width)
    hand.put_row(5, {at["Name"]: "Copy", at["Mark"]: "copy"})
    hand.put_row(
        6, {at["Name"]: "Anna", at["Phone"]: "8 912 555-55-55", at["City"]: "Perm", at["Mark"]: "a"}
    )
    hand.put_row(7, {at["City"]: "half typed", at["Mark"]: "b"})
    hand.put_row(
        8, {at["ID"]: "new", at["Name"]: "Boris", at["Phone"]: "+79125555556", at["Mark"]: "c"}
    )


def state(scene: Scene) -> dict[str, Any]:
    """What store and sheet hold, without what differs from run to run: which new id is whose, and
    when it was.
    """
    names: dict[str, str] = {}
    found: dict[str, Any] = {}
    for table in TITLES:
        tab = scene.app.tab(table)
        fields = [item.name for item in tab.table.stored_fields]
        columns = ", ".join(f'"{name}"' for name in fields)
        rows = scene.sql(f"select id, archived_at is not null, {columns} from {table}")
        for record_id, _, *values in rows:
            names[record_id] = f"{table} {dict(zip(fields, values, strict=True))[tab.table.label]}"
        found[table] = sorted(str(_named(row, names)) for row in rows)
        sheet = f"sheet of {table}"
        found[sheet] = sorted(str(row) for row in _rows(_grid(scene, table), names))
    findings = scene.app.store.findings
    found["conflicts"] = sorted(
        str(_named(tuple(vars(item.conflict).values()), names)) for item in findings.conflicts()
    )
    found["problems"] = sorted(
        f"{problem.table} {problem.code} {problem.field} {problem.typed}"
        if problem.severity is not Severity.WARN
        else f"{problem.table} {problem.code} {problem.field}"
        for problem in (item.problem for item in findings.problems())
    )
    return found


def _grid(scene: Scene, table: str) -> Grid:
    binding = scene.app.store.bases.binding("main")
    assert binding is not None
    sheet_id = binding.sheets[table]
    return scene.stage.server.in_worker(lambda desk: Hand(desk, scene.book, sheet_id).grid())


def _rows(grid: Grid, names: dict[str, str]) -> list[dict[str, Any]]:
    rows = []
    for number in grid.filled():
        cells = dict(zip(grid.headings, grid.rows[number], strict=False))
        cells |= {
            grid.headings[column]: text
            for (row, column), text in grid.formulas.items()
            if row == number
        }
        kept = {name: value for name, value in cells.items() if name not in _DERIVED and value}
        rows.append(dict(zip(kept, _named(tuple(kept.values()), names), strict=True)))
    return rows


def _named(values: tuple[Any, ...], names: dict[str, str]) -> tuple[Any, ...]:
    """The values with the name of a record in place of its id."""
    return tuple(
        _ID.sub(lambda match: names.get(match[0], match[0]), value)
        if isinstance(value, str)
        else value
        for value in values
    )


def write_config(scene: Scene) -> None:
    """Lets the command line find the office of a scene."""
    shutil.copyfile(scene.stage.folder / "workbook-key.json", scene.home / "key.json")
    (scene.home / "key.json").chmod(0o600)
    (scene.home / "config.toml").write_text(
        f"""
language = "en"
timezone = "Europe/Moscow"
currency = "RUB"
phone_region = "RU"
[store]
path = "crm.db"
[requests]
read_timeout = 5.0
budget = 60.0
[[workbooks]]
name = "main"
kind = "local"
url = "{scene.stage.server.url}"
key = "key.json"
"""
    )
