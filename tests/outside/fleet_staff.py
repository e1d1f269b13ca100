"""What staff of a company with several workbooks do, drawn by lot; told to the ledger at once."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any
from urllib.parse import quote

from tests.outside.company import Refused
from tests.outside.fleet import BOOKS, EMPLOYEES, HEADINGS, Fleet, View
from tests.outside.fleet_contacts import Contacts
from tests.outside.fleet_decisions import Decisions
from tests.outside.fleet_ledger import FIELDS, Ledger
from tests.outside.ledger import plain

Requests = list[dict[str, Any]]
RENAMED = {"city": ("Town", "Населённый пункт"), "note": ("Remarks", "Заметки сотрудника")}


class FleetStaff:
    """The people of one company; `wrong` is what no promise allows."""

    def __init__(self, fleet: Fleet, seed: object) -> None:
        self.fleet = fleet
        self.language = fleet.language
        self.chance = random.Random(f"fleet {seed}")
        self.ledger = Ledger()
        self.contacts = Contacts(fleet, self.ledger, self.chance)
        self.wrong: list[str] = []
        self.met: Counter[str] = Counter()
        self.told: list[str] = []
        self.decisions: Decisions | None = None
        """Who decides in the tab of conflicts, if anybody does."""
        self._gone: list[tuple[str, dict[str, Any], str]] = []
        if self.chance.random() < 0.4:
            self.ledger.pool = self.chance

    def note(self, text: str) -> None:
        self.told.append(text)

    def _staff_now(self) -> None:
        book = self.chance.choice(BOOKS)
        if self.chance.random() < 0.12:
            act = self.chance.choice((self._carry, self._append, self._rename))
            self.met[act.__name__] += 1
            try:
                act(book)
            except Refused as exc:
                self.wrong.append(f"the scene is wrong: {exc}")
            return
        self._sent(book, self._act(book))

    def _sent(self, book: str, requests: Requests) -> None:
        if not requests:
            return
        try:
            self.fleet.at(book).batch(*requests)
        except Refused as exc:
            self.wrong.append(f"the scene is wrong: {exc}")

    def _act(self, book: str, *, moving: bool = True) -> Requests:
        if self.chance.random() < 0.2:
            self.met["contact"] += 1
            wanted = self.contacts.act(book)
            self.note(f"{book}: contacts {wanted}")
            return wanted
        if self.decisions and self.chance.random() < 0.15:
            wanted = self.decisions.act(book)
            self.met["decided in the sheet"] += bool(wanted)
            self.note(f"{book}: decides {wanted}")
            return wanted
        view = self.fleet.look(book)
        acts: list[tuple[int, Any]] = [
            (24, self._type),
            (3, self._blank),
            (3, self._formula),
            (2, self._own_note),
            (2, self._cell_note),
            (7, self._new_row),
            (6, self._hand_over),
            (2, self._replace_all),
            (1, self._replace_everywhere),
            (2, self._paste_block),
            (2, self._put_back),
        ]
        if moving:
            acts += [
                (4, self._delete_row),
                (1, self._delete_many),
                (2, self._clear_row),
                (3, self._copy_row),
                (3, self._spoil_id),
                (5, self._sort),
                (1, self._sort_part),
                (4, self._insert_rows),
                (4, self._move_row),
                (2, self._move_column),
                (1, self._insert_column),
                (1, self._protect),
            ]
        weights, kinds = zip(*acts, strict=True)
        act = self.chance.choices(kinds, weights)[0]
        if not view.rows and act not in (self._new_row, self._insert_column):
            return []
        self.met[act.__name__] += 1
        requests: Requests = act(view)
        self.note(f"{book}: {act.__name__} {requests}")
        return requests

    def _place(self, view: View, index: int | None = None) -> tuple[int, dict[str, Any], str, Any]:
        """A row, its cells and mark; one that has no mark gets one."""
        index = self.chance.randrange(len(view.rows)) if index is None else index
        row, number = view.rows[index], view.numbers[index]
        if row.get("mark"):
            return number, row, str(row["mark"]), []
        mark = self.ledger.mark()
        self.ledger.own[mark] = str(row.get("mine", ""))
        for name in FIELDS:
            self.ledger.say(mark, name, plain(name, row.get(name)), None)
        return number, row, mark, [self._cell(view, number, view.at["mark"], mark)]

    def _cell(self, view: View, row: int, column: int, value: str | None) -> dict[str, Any]:
        entered: dict[str, Any] = {}
        if value is not None:
            kind = "formulaValue" if value.startswith("=") else "stringValue"
            entered = {"userEnteredValue": {kind: value}}
        sheet = self.fleet.sheet(view.book)
        return {
            "updateCells": {
                "start": {"sheetId": sheet, "rowIndex": row, "columnIndex": column},
                "rows": [{"values": [entered]}],
                "fields": "userEnteredValue",
            }
        }

    def _span(self, view: View, dimension: str, start: int, end: int) -> dict[str, Any]:
        sheet = self.fleet.sheet(view.book)
        return {"sheetId": sheet, "dimension": dimension, "startIndex": start, "endIndex": end}

    def _area(self, view: View, top: int, bottom: int, left: int, right: int) -> dict[str, Any]:
        return {
            "sheetId": self.fleet.sheet(view.book),
            "startRowIndex": top,
            "endRowIndex": bottom,
            "startColumnIndex": left,
            "endColumnIndex": right,
        }

    def _put(self, view: View, name: str, value: str | None) -> Requests:
        number, row, mark, requests = self._place(view)
        self.ledger.say(mark, name, value, row.get(name))
        return [*requests, self._cell(view, number, view.at[name], value)]

    def _type(self, view: View) -> Requests:
        name = self.chance.choices(FIELDS, (2, 2, 4, 2, 3))[0]
        value = self.ledger.token(name)
        return self._put(view, name, f"bad{value}" if self.chance.random() < 0.05 else value)

    def _blank(self, view: View) -> Requests:
        return self._put(view, self.chance.choice(("city", "note", "phone")), None)

    def _formula(self, view: View) -> Requests:
        number, row, mark, requests = self._place(view)
        name = self.chance.choice(("city", "note"))
        value = self.ledger.token(name)
        self.ledger.say(mark, name, value, row.get(name))
        return [*requests, self._cell(view, number, view.at[name], f'="{value}"')]

    def _own_note(self, view: View) -> Requests:
        number, _, mark, requests = self._place(view)
        self.ledger.own[mark] = self.ledger.token("own")
        return [*requests, self._cell(view, number, view.at["mine"], self.ledger.own[mark])]

    def _cell_note(self, view: View) -> Requests:
        number, _, _, requests = self._place(view)
        column = view.at[self.chance.choice(FIELDS)]
        area = self._area(view, number, number + 1, column, column + 1)
        cell = {"note": f"call {self.ledger.token('remark')}"}
        return [*requests, {"repeatCell": {"range": area, "cell": cell, "fields": "note"}}]

    def _new_row(self, view: View) -> Requests:
        if self.chance.random() < 0.8:
            count = 8 if self.chance.random() < 0.1 else 1
            names: tuple[str, ...] = ("full_name", "phone", "city")
        else:
            count, names = 1, ("city",)
        return [
            request for i in range(count) for request in self._new_at(view, view.end + i, names)
        ]

    def _new_at(self, view: View, number: int, names: tuple[str, ...]) -> Requests:
        mark = self.ledger.mark()
        self.ledger.own[mark] = ""
        self.ledger.births += 1
        requests = [self._cell(view, number, view.at["mark"], mark)]
        for name in names:
            value = self.ledger.token(name)
            self.ledger.say(mark, name, value, None)
            requests.append(self._cell(view, number, view.at[name], value))
        if self.chance.random() < 0.5:
            owner = self.chance.choice([*EMPLOYEES[self.language].values()])
            requests.append(self._cell(view, number, view.at["owner"], owner))
        return requests

    def _hand_over(self, view: View) -> Requests:
        number, _, _, requests = self._place(view)
        owner = self.chance.choice([*EMPLOYEES[self.language].values(), None])
        return [*requests, self._cell(view, number, view.at["owner"], owner)]

    def _replace_all(self, view: View) -> Requests:
        """Find and replace over a column: one value that stands there becomes another."""
        rows = [
            row
            for row, typed in zip(view.rows, view.formulas, strict=True)
            if row.get("city") and "city" not in typed
        ]
        if not rows:
            return []
        old = self.chance.choice(rows)["city"]
        new = self.ledger.token("city")
        if any(row.get("city") == old and not row.get("mark") for row in view.rows):
            return []
        for row in rows:
            if row["city"] == old:
                self.ledger.say(str(row["mark"]), "city", new, old)
        column = view.at["city"]
        area = self._area(view, 1, view.end, column, column + 1)
        change = {"find": old, "replacement": new, "matchEntireCell": True, "range": area}
        return [{"findReplace": change}]

    def _replace_everywhere(self, view: View) -> Requests:
        """Find and replace over all tabs, hidden ones too."""
        token = self.ledger.token("nothing")
        values = [
            value
            for name in ("city", "note", "address")
            for row in view.rows
            if len(value := str(row.get(name, ""))) > 6 and value.startswith("слово")
        ]
        if not values or any(not row.get("mark") for row in view.rows):
            return []
        old = self.chance.choice(values)
        for row in view.rows:
            for name in FIELDS:
                if row.get(name) == old:
                    self.ledger.say(str(row["mark"]), name, token, old)
        change = {"find": old, "replacement": token, "matchEntireCell": True, "allSheets": True}
        return [{"findReplace": change}]

    def _paste_block(self, view: View) -> Requests:
        """City and what stands beside it are copied into another row."""
        (source, row, _, one), (target, other, mark, two) = self._place(view), self._place(view)
        left, right = view.at["city"], view.at["city"] + 1
        if source == target:
            return []
        self.ledger.say(mark, "city", plain("city", row.get("city")), other.get("city"))
        paste = {
            "source": self._area(view, source, source + 1, left, right),
            "destination": self._area(view, target, target + 1, left, right),
            "pasteType": "PASTE_NORMAL",
        }
        return [*one, *two, {"copyPaste": paste}]

    def _put_back(self, view: View) -> Requests:
        """A row that was deleted is typed in again, with its id, as Ctrl+Z would."""
        mine = [item for item in self._gone if item[0] == view.book]
        if not mine:
            return []
        self._gone.remove(mine[-1])
        _, row, mark = mine[-1]
        self.ledger.births += 1
        self.ledger.own.pop(mark, None)
        requests = []
        for name in ("id", *FIELDS, "owner", "mark", "mine"):
            value = plain(name, row.get(name))
            if value is not None and name in view.at:
                requests.append(self._cell(view, view.end, view.at[name], value))
        return requests

    def _delete_row(self, view: View) -> Requests:
        number, row, mark, _ = self._place(view)
        self._gone.append((view.book, row, mark))
        self._ended(mark, row)
        return [{"deleteDimension": {"range": self._span(view, "ROWS", number, number + 1)}}]

    def _delete_many(self, view: View) -> Requests:
        """Six rows go at once, which no run may take for granted."""
        for row in view.rows[:6]:
            self._ended(str(row.get("mark", "")), row)
        numbers = view.numbers[:6]
        if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            return []
        span = self._span(view, "ROWS", numbers[0], numbers[-1] + 1)
        return [{"deleteDimension": {"range": span}}]

    def _clear_row(self, view: View) -> Requests:
        number, row, mark, requests = self._place(view)
        self._ended(mark, row)
        kept = {view.at[name] for name in ("id", "mark", "mine") if name in view.at}
        columns = [column for column in range(view.width) if column not in kept]
        return [*requests, *(self._cell(view, number, column, None) for column in columns)]

    def _ended(self, mark: str, row: dict[str, Any]) -> None:
        self.ledger.doubtful |= {mark, str(row.get("id", ""))} - {""}
        self.ledger.replaced.add(self.ledger.own.get(mark, ""))
        for name in FIELDS:
            value = plain(name, row.get(name))
            if value is not None:
                self.ledger.replaced.add(value)

    def _copy_row(self, view: View) -> Requests:
        number, row, mark, requests = self._place(view)
        copy = self._copied(mark, row)
        target = view.end
        paste = {
            "source": self._area(view, number, number + 1, 0, view.width),
            "destination": self._area(view, target, target + 1, 0, view.width),
            "pasteType": "PASTE_NORMAL",
        }
        return [*requests, {"copyPaste": paste}, self._cell(view, target, view.at["mark"], copy)]

    def _copied(self, mark: str, row: dict[str, Any]) -> str:
        copy = self.ledger.mark()
        self.ledger.births += 1
        self.ledger.own[copy] = self.ledger.own[mark]
        self.ledger.doubtful |= {mark, copy, str(row.get("id", ""))} - {""}
        for name in FIELDS:
            value = plain(name, row.get(name))
            if value is not None:
                self.ledger.said.setdefault(value, set()).add(copy)
        return copy

    def _spoil_id(self, view: View) -> Requests:
        number, row, mark, requests = self._place(view)
        self.ledger.doubtful |= {mark, str(row.get("id", ""))} - {""}
        self.ledger.births += 1
        text = self.chance.choice((None, None, "x?", "C-999999", "c-1"))
        return [*requests, self._cell(view, number, view.at["id"], text)]

    def _sort(self, view: View) -> Requests:
        return self._sorted(view, 0, view.width, view.at[self.chance.choice(FIELDS)])

    def _sort_part(self, view: View) -> Requests:
        """A column is sorted by itself: its values come to stand in the rows of others."""
        for row in view.rows:
            self.ledger.doubtful |= {str(row.get("mark", "")), str(row.get("id", ""))} - {""}
        column = view.at[self.chance.choice(FIELDS)]
        return self._sorted(view, column, column + 1, column)

    def _sorted(self, view: View, left: int, right: int, by: int) -> Requests:
        order = self.chance.choice(("ASCENDING", "DESCENDING"))
        area = self._area(view, 1, view.end, left, right)
        specs = [{"dimensionIndex": by, "sortOrder": order}]
        return [{"sortRange": {"range": area, "sortSpecs": specs}}]

    def _insert_rows(self, view: View) -> Requests:
        at = self.chance.randrange(1, view.end + 1)
        span = self._span(view, "ROWS", at, at + self.chance.randrange(1, 3))
        return [{"insertDimension": {"range": span, "inheritFromBefore": at > 1}}]

    def _move_row(self, view: View) -> Requests:
        number = self.chance.choice(view.numbers)
        to = self.chance.randrange(1, view.end + 1)
        if to in (number, number + 1):
            return []
        span = self._span(view, "ROWS", number, number + 1)
        return [{"moveDimension": {"source": span, "destinationIndex": to}}]

    def _move_column(self, view: View) -> Requests:
        column, to = (self.chance.randrange(view.width) for _ in range(2))
        if to in (column, column + 1):
            return []
        span = self._span(view, "COLUMNS", column, column + 1)
        return [{"moveDimension": {"source": span, "destinationIndex": to}}]

    def _insert_column(self, view: View) -> Requests:
        at = self.chance.randrange(view.width)
        span = self._span(view, "COLUMNS", at, at + 1)
        return [
            {"insertDimension": {"range": span, "inheritFromBefore": at > 0}},
            self._cell(view, 0, at, f"Own {self.ledger.token('own')}"),
        ]

    def _protect(self, view: View) -> Requests:
        """Somebody protects a row, with a warning only."""
        number = self.chance.choice(view.numbers)
        area = self._area(view, number, number + 1, 0, view.width)
        return [{"addProtectedRange": {"protectedRange": {"range": area, "warningOnly": True}}}]

    # Staff: acts that take several requests.

    def _carry(self, book: str) -> None:
        """A row is pasted into another workbook, id and all, and perhaps cut out of this one."""
        other = self.chance.choice([name for name in BOOKS if name != book])
        view, target = self.fleet.look(book), self.fleet.look(other)
        if not view.rows:
            return
        number, row, mark, requests = self._place(view)
        cut = self.chance.random() < 0.6
        self.note(f"{book}: carry {row} to {other}, cut: {cut}")
        copy = self._copied(mark, row)
        title = self.fleet.title("clients")
        for name in ("id", *FIELDS, "owner", "mark"):
            text = copy if name == "mark" else row.get(name)
            if text is not None and name in target.at:
                self.fleet.at(other).enter(target.end, target.at[name], [text], title, how="RAW")
        self.ledger.own[copy] = ""
        if cut:
            self.ledger.replaced.add(self.ledger.own[mark])
            span = self._span(view, "ROWS", number, number + 1)
            requests = [{"deleteDimension": {"range": span}}]
        self._sent(book, requests)

    def _append(self, book: str) -> None:
        """A program of somebody's appends a row, as values.append does."""
        view = self.fleet.look(book)
        mark = self.ledger.mark()
        self.ledger.births += 1
        self.ledger.own[mark] = ""
        cells: list[Any] = [None] * view.width
        cells[view.at["mark"]] = mark
        for name in ("full_name", "phone", "note"):
            value = self.ledger.token(name)
            self.ledger.say(mark, name, value, None)
            cells[view.at[name]] = value
        self.note(f"{book}: append {mark}")
        place = quote(f"'{self.fleet.title('clients')}'!A1", safe="")
        self.fleet.ask(
            "POST",
            f"/v4/spreadsheets/{self.fleet.at(book).book}/values/{place}:append?valueInputOption=RAW",
            {"values": [cells]},
        )

    def _rename(self, book: str) -> None:
        """A heading gets another name, or its old one again."""
        name = self.chance.choice(sorted(RENAMED))
        old = HEADINGS[self.language][name]
        view, words = self.fleet.look(book), self.fleet.words[book]
        words[name] = old if words[name] != old else RENAMED[name][self.language == "ru"]
        self.note(f"{book}: {name} is now called {words[name]}")
        self.fleet.enter(0, view.at[name], [words[name]], self.fleet.title("clients"))
