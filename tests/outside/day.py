"""A day in a company, drawn from a seed: what its people and programs do, and what goes wrong."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from tests.outside.company import Company, Refused, Tab
from tests.outside.ledger import FIELDS, MARK, OWN, Ledger, plain, seen, wrongs

Requests = list[dict[str, Any]]
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "html", "status": 502},
    {"kind": "html", "status": 200},
    {"kind": "cut"},
    {"kind": "late", "lag": 2},
    {"kind": "late", "lag": 5},
    {"kind": "truncate"},
    {"kind": "empty"},
    {"kind": "stale_version"},
    {"kind": "stale_read"},
    {"kind": "drop_write"},
)
LAST_BEFORE_WRITE = 4
"""Signing in, the version, the cells, the write: nothing of ours moves rows before this request."""


class Day:
    """One day under way; `wrong` is what no promise allows."""

    def __init__(self, company: Company, seed: object) -> None:
        self.company = company
        self.chance = random.Random(f"day {seed}")
        self.ledger = Ledger()
        self.wrong: list[str] = []
        self.met: Counter[str] = Counter()
        self.told: list[str] = []
        self._quiet = True
        sight = seen(company)
        self.ledger.births = len(sight.live) + len(sight.archived)
        for row in sight.tab.rows:
            self.ledger.own[row[MARK]] = row[OWN]
            for name, heading in FIELDS.items():
                self.ledger.said[row[MARK], name] = {plain(name, row.get(heading))}

    def live(self, steps: int) -> None:
        """Lets so many things happen, then rests."""
        for _ in range(steps):
            kind = self.chance.random()
            if kind < 0.42:
                self._staff_now()
            elif kind < 0.62:
                self._program()
            elif kind < 0.94:
                self._run()
            else:
                self._resolve()
            if self.wrong:
                return
        self.rest()

    def note(self, text: str) -> None:
        self.told.append(text)

    # What staff do: each gives the requests that do it, told to the ledger at once.

    def _staff_now(self) -> None:
        requests = self._act()
        if requests:
            self._sent(requests)

    def _sent(self, requests: Requests) -> None:
        try:
            self.company.batch(*requests)
        except Refused as exc:
            self.wrong.append(f"the scene is wrong: {exc}")

    def _act(self, *, moving: bool = True) -> Requests:
        tab = self.company.tab()
        acts = [
            (24, self._type),
            (3, self._blank),
            (3, self._formula),
            (2, self._own_note),
            (8, self._new_row),
            (2, self._ten_rows),
            (2, self._replace_all),
        ]
        if moving:
            acts += [
                (4, self._delete_row),
                (2, self._clear_row),
                (3, self._copy_row),
                (3, self._spoil_id),
                (5, self._sort),
                (4, self._insert_rows),
                (4, self._move_row),
                (2, self._move_column),
                (1, self._merge),
                (1, self._hide),
            ]
        weights, kinds = zip(*acts, strict=True)
        act = self.chance.choices(kinds, weights)[0]
        self.met[act.__name__] += 1
        requests = act(tab)
        self.note(f"{act.__name__} {requests}")
        return requests

    def _place(self, tab: Tab) -> tuple[int, dict[str, Any], str, Requests]:
        """A row, its cells and mark; one that has no mark gets one."""
        index = self.chance.randrange(len(tab.rows))
        row, number = tab.rows[index], tab.numbers[index]
        if MARK in row:
            return number, row, str(row[MARK]), []
        self.ledger.number += 1
        mark = f"m{self.ledger.number}"
        self.ledger.own[mark] = str(row.get(OWN, ""))
        for name, heading in FIELDS.items():
            self.ledger.said[mark, name] = {plain(name, row.get(heading))}
            formula = tab.formulas[index].get(heading)
            if formula:
                self.ledger.formulas[mark, name] = formula
        return number, row, mark, [self._cell(number, tab.headings.index(MARK), mark)]

    def _cell(self, row: int, column: int, value: str | None) -> dict[str, Any]:
        entered: dict[str, Any] = {}
        if value is not None:
            kind = "formulaValue" if value.startswith("=") else "stringValue"
            entered = {"userEnteredValue": {kind: value}}
        sheet = self.company.sheets["Clients"]
        return {
            "updateCells": {
                "start": {"sheetId": sheet, "rowIndex": row, "columnIndex": column},
                "rows": [{"values": [entered]}],
                "fields": "userEnteredValue",
            }
        }

    def _span(self, dimension: str, start: int, end: int) -> dict[str, Any]:
        sheet = self.company.sheets["Clients"]
        return {"sheetId": sheet, "dimension": dimension, "startIndex": start, "endIndex": end}

    def _area(self, top: int, bottom: int, left: int, right: int) -> dict[str, Any]:
        return {
            "sheetId": self.company.sheets["Clients"],
            "startRowIndex": top,
            "endRowIndex": bottom,
            "startColumnIndex": left,
            "endColumnIndex": right,
        }

    def _put(self, tab: Tab, name: str, value: str | None) -> Requests:
        number, row, mark, requests = self._place(tab)
        heading = FIELDS[name]
        self.ledger.say(mark, name, value, row.get(heading))
        return [*requests, self._cell(number, tab.headings.index(heading), value)]

    def _type(self, tab: Tab) -> Requests:
        name = self.chance.choices(tuple(FIELDS), (2, 2, 4, 3))[0]
        value = self.ledger.token(name)
        return self._put(tab, name, f"bad{value}" if self.chance.random() < 0.05 else value)

    def _blank(self, tab: Tab) -> Requests:
        return self._put(tab, self.chance.choice(("city", "note", "phone")), None)

    def _formula(self, tab: Tab) -> Requests:
        number, row, mark, requests = self._place(tab)
        name = self.chance.choice(("city", "note"))
        value = self.ledger.token(name)
        self.ledger.say(mark, name, value, row.get(FIELDS[name]))
        self.ledger.formulas[mark, name] = f'="{value}"'
        return [*requests, self._cell(number, tab.headings.index(FIELDS[name]), f'="{value}"')]

    def _own_note(self, tab: Tab) -> Requests:
        number, _, mark, requests = self._place(tab)
        self.ledger.own[mark] = self.ledger.token("own")
        return [*requests, self._cell(number, tab.headings.index(OWN), self.ledger.own[mark])]

    def _new_row(self, tab: Tab) -> Requests:
        names = ("full_name", "phone", "city") if self.chance.random() < 0.8 else ("city",)
        return self._new_at(tab, (tab.numbers[-1] if tab.numbers else 0) + 1, names)

    def _new_at(self, tab: Tab, number: int, names: tuple[str, ...]) -> Requests:
        self.ledger.number += 1
        mark = f"m{self.ledger.number}"
        self.ledger.own[mark] = ""
        self.ledger.births += 1
        requests = [self._cell(number, tab.headings.index(MARK), mark)]
        for name in names:
            value = self.ledger.token(name)
            self.ledger.say(mark, name, value, None)
            requests.append(self._cell(number, tab.headings.index(FIELDS[name]), value))
        return requests

    def _ten_rows(self, tab: Tab) -> Requests:
        """Ten rows are pasted below the last one."""
        first = (tab.numbers[-1] if tab.numbers else 0) + 1
        return [
            request
            for number in range(first, first + 10)
            for request in self._new_at(tab, number, ("full_name", "phone", "city"))
        ]

    def _replace_all(self, tab: Tab) -> Requests:
        """Find and replace over a column: one value that stands there becomes another."""
        column = tab.headings.index("City")
        found = [
            (row, formulas)
            for row, formulas in zip(tab.rows, tab.formulas, strict=True)
            if MARK in row and row.get("City") and "City" not in formulas
        ]
        if not found:
            return []
        old = self.chance.choice(found)[0]["City"]
        new = self.ledger.token("city")
        for row, _ in found:
            if row["City"] == old:
                self.ledger.say(str(row[MARK]), "city", new, old)
        area = self._area(1, tab.numbers[-1] + 1, column, column + 1)
        change = {"find": old, "replacement": new, "matchEntireCell": True, "range": area}
        unmarked = any(row.get("City") == old and MARK not in row for row in tab.rows)
        return [] if unmarked else [{"findReplace": change}]

    def _delete_row(self, tab: Tab) -> Requests:
        number, row, mark, _ = self._place(tab)
        self._quiet = False
        self.ledger.doubtful |= {mark, str(row.get("ID", ""))}
        self._ended(mark, row)
        return [{"deleteDimension": {"range": self._span("ROWS", number, number + 1)}}]

    def _clear_row(self, tab: Tab) -> Requests:
        number, row, mark, requests = self._place(tab)
        self._quiet = False
        self.ledger.doubtful |= {mark, str(row.get("ID", ""))}
        self._ended(mark, row)
        kept = ("ID", MARK, OWN)
        columns = [index for index, name in enumerate(tab.headings) if name not in kept]
        return [*requests, *(self._cell(number, column, None) for column in columns)]

    def _ended(self, mark: str, row: dict[str, Any]) -> None:
        for name, heading in FIELDS.items():
            self.ledger.formulas.pop((mark, name), None)
            value = plain(name, row.get(heading))
            if value is not None:
                self.ledger.replaced.add(value)

    def _copy_row(self, tab: Tab) -> Requests:
        number, row, mark, requests = self._place(tab)
        target = tab.numbers[-1] + 1
        self.ledger.number += 1
        copy = f"m{self.ledger.number}"
        self.ledger.births += 1
        self.ledger.own[copy] = self.ledger.own[mark]
        self.ledger.doubtful |= {mark, copy, str(row.get("ID", ""))}
        for name in FIELDS:
            if (mark, name) in self.ledger.formulas:
                self.ledger.formulas[copy, name] = self.ledger.formulas[mark, name]
        width = len(tab.headings)
        paste = {
            "source": self._area(number, number + 1, 0, width),
            "destination": self._area(target, target + 1, 0, width),
            "pasteType": "PASTE_NORMAL",
        }
        marked = self._cell(target, tab.headings.index(MARK), copy)
        return [*requests, {"copyPaste": paste}, marked]

    def _spoil_id(self, tab: Tab) -> Requests:
        number, row, mark, requests = self._place(tab)
        self.ledger.doubtful |= {mark, str(row.get("ID", ""))}
        self.ledger.births += 1
        text = self.chance.choice((None, "x?", "C-999999", "c-1"))
        return [*requests, self._cell(number, tab.headings.index("ID"), text)]

    def _sort(self, tab: Tab) -> Requests:
        by = tab.headings.index(FIELDS[self.chance.choice(tuple(FIELDS))])
        order = self.chance.choice(("ASCENDING", "DESCENDING"))
        area = self._area(1, tab.numbers[-1] + 1, 0, len(tab.headings))
        specs = [{"dimensionIndex": by, "sortOrder": order}]
        return [{"sortRange": {"range": area, "sortSpecs": specs}}]

    def _insert_rows(self, tab: Tab) -> Requests:
        at = self.chance.randrange(1, tab.numbers[-1] + 2)
        span = self._span("ROWS", at, at + self.chance.randrange(1, 3))
        return [{"insertDimension": {"range": span, "inheritFromBefore": at > 1}}]

    def _move_row(self, tab: Tab) -> Requests:
        number = self.chance.choice(tab.numbers)
        to = self.chance.randrange(1, tab.numbers[-1] + 2)
        if to in (number, number + 1):
            return []
        span = self._span("ROWS", number, number + 1)
        return [{"moveDimension": {"source": span, "destinationIndex": to}}]

    def _move_column(self, tab: Tab) -> Requests:
        column, to = (self.chance.randrange(len(tab.headings)) for _ in range(2))
        if to in (column, column + 1):
            return []
        span = self._span("COLUMNS", column, column + 1)
        return [{"moveDimension": {"source": span, "destinationIndex": to}}]

    def _merge(self, tab: Tab) -> Requests:
        """Two blank cells below the last row are merged."""
        bottom = tab.numbers[-1] + 4
        return [
            {
                "mergeCells": {
                    "range": self._area(bottom, bottom + 1, 0, 2),
                    "mergeType": "MERGE_ALL",
                }
            }
        ]

    def _hide(self, tab: Tab) -> Requests:
        number = self.chance.choice(tab.numbers)
        return [
            {
                "updateDimensionProperties": {
                    "range": self._span("ROWS", number, number + 1),
                    "properties": {"hiddenByUser": True},
                    "fields": "hiddenByUser",
                }
            }
        ]

    # What programs and managers do.

    def _program(self) -> None:
        company, ledger = self.company, self.ledger
        rows = company.sql("select id from clients where archived_at is null order by id")
        kind = self.chance.choices(("update", "insert", "archive", "delete"), (12, 4, 2, 1))[0]
        self.met[f"sql {kind}"] += 1
        if kind == "insert":
            name, phone = ledger.token("full_name"), ledger.token("phone")
            company.sql(
                "insert into clients (full_name, phone, kind, status)"
                " values (?, ?, 'customer', 'cold')",
                name,
                phone,
            )
            ledger.births += 1
            ledger.typed |= {name, phone}
            self.note(f"insert {name}")
            return
        if not rows:
            return
        record_id = self.chance.choice(rows)[0]
        self.note(f"{kind} {record_id}")
        if kind == "update":
            name = self.chance.choice(tuple(FIELDS))
            value = ledger.token(name)
            company.sql(f"update clients set {name} = ? where id = ?", value, record_id)
            ledger.store(record_id, name, value)
            ledger.typed.add(value)
            return
        self._quiet = False
        marks = {row.get(MARK) for row in company.tab().rows if row.get("ID") == record_id}
        ledger.doubtful |= {record_id, *map(str, marks)}
        if kind == "archive":
            company.sql("update clients set archived_at = '2026-01-01' where id = ?", record_id)
        else:
            company.sql("delete from clients where id = ?", record_id)

    def _resolve(self) -> None:
        found = self.company.json("conflicts", "list")["conflicts"]
        if not found:
            return
        chosen = self.chance.choice(found)
        side = self.chance.choice(("store", "sheet"))
        self.note(f"resolve {chosen} {side}")
        done = self.company.crm_sync("conflicts", "resolve", str(chosen["id"]), "--take", side)
        if done["code"]:
            self.wrong.append(f"conflict {chosen['id']} cannot be decided: {done['said']}")
        self.met["resolved"] += 1
        record_id = chosen["record"]
        rows = [row for row in self.company.tab().rows if row.get("ID") == record_id]
        self.ledger.doubtful |= {record_id, *(str(row.get(MARK)) for row in rows)}
        for row in rows:
            # What gave way is in the history of decisions, not in the sheet; formulas may go.
            for name in FIELDS:
                self.ledger.decided.add((str(row.get(MARK)), name))
                if side == "store":
                    self.ledger.replaced.add(str(plain(name, row.get(FIELDS[name]))))

    # Runs.

    def _run(self) -> None:
        death = None
        pending: Requests = []
        kind = self.chance.random()
        if kind < 0.45:
            pending = self._race()
        elif kind < 0.75:
            fault = dict(self.chance.choice(FAULTS))
            fault |= {"nth": self.chance.randrange(1, 8)}
            fault["when"] = self.chance.choice(("before", "after"))
            self.note(f"fault {fault}")
            self.met[f"fault {fault['kind']}"] += 1
            self.company.fault(**fault)
        if 0.65 < kind < 0.95:
            death = {"request": self.chance.randrange(1, 8), "after": self.chance.random() < 0.5}
        self.note(f"sync {death}")
        done = self.company.crm_sync("sync", death=death)
        self.company.calm()
        if pending and not self.company.acted():
            # The run made fewer requests than that: then it happens after it.
            self._sent(pending)
        self.met["killed" if done["signal"] else f"ended {done['code']}"] += 1

    def _race(self) -> Requests:
        """Staff will act around a request of the next run; what they will do."""
        after_write = self._quiet and self.chance.random() < 0.3
        nth = self.chance.randrange(1, LAST_BEFORE_WRITE + 1)
        when = "before"
        if after_write:
            nth, when = LAST_BEFORE_WRITE, "after"
        self.note(f"meanwhile, {when} request {nth}:")
        requests = self._act(moving=not after_write)
        if requests:
            self.met["raced"] += 1
            self.company.batch_later(nth, when, *requests)
        return requests

    def rest(self) -> None:
        """Two undisturbed runs; then all must be as it was promised."""
        for _ in range(2):
            self._undisturbed()
        third = self.company.crm_sync("sync")
        if "nothing has changed" not in third["said"]:
            self.wrong.append(f"the third run was no rest: {third['said']}")
        sight = seen(self.company)
        self.met["conflicts"] += len(sight.conflicts)
        self.met["problems"] += len(sight.problems)
        self.wrong.extend(wrongs(self.ledger, sight))

    def _undisturbed(self) -> None:
        told = self.company.json("sync")
        for workbook in told["workbooks"]:
            if workbook["error"]:
                self.wrong.append(f"an undisturbed run failed: {workbook['error']}")
            allowed = [tab["stop"]["allow"] for tab in workbook["tabs"] if tab.get("stop")]
            if allowed:
                self.met["stopped"] += 1
                flags = [flag for limit in allowed for flag in ("--allow", limit)]
                self.company.crm_sync("sync", *flags)
