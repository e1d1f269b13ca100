"""The tab of contacts of a company with several workbooks: what staff and programs do there, and
what it must show at rest. A contact goes where its client is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.outside.fleet import EMPLOYEES, Fleet
from tests.outside.fleet_ledger import Ledger, Sight

HEADINGS = {
    "en": {
        "id": "ID",
        "client": "Client",
        "contact_at": "When",
        "reason": "Reason",
        "summary": "Summary",
        "next_step": "Next step",
    },
    "ru": {
        "id": "№",
        "client": "Клиент",
        "contact_at": "Когда",
        "reason": "Повод",
        "summary": "О чём говорили",
        "next_step": "Следующий шаг",
    },
}
COLD_CALL = {"en": "Cold call", "ru": "Холодный звонок"}
TEXTS = ("summary", "next_step")
A_DAY = 46091
Requests = list[dict[str, Any]]


class Contacts:
    """The contacts of one company; what is typed there goes into the ledger of all."""

    def __init__(self, fleet: Fleet, ledger: Ledger, chance: random.Random) -> None:
        self.fleet = fleet
        self.ledger = ledger
        self.chance = chance
        self.words = HEADINGS[fleet.language]
        self.births = 0
        self.of: dict[str, set[str]] = {}
        """Which contact, by the number of its birth, each text was typed for."""
        self.ids: dict[str, set[str]] = {}
        """The births that an id has been seen to stand for."""

    def act(self, book: str) -> Requests:
        """Something that staff do, as the requests that do it."""
        view = self.fleet.look(book)
        tab = self.fleet.tab(self.fleet.title("contacts"))
        columns = {name: tab.headings.index(word) for name, word in self.words.items()}
        sheet = self.fleet.tabs[book][self.fleet.title("contacts")]
        end = max(tab.numbers, default=0) + 1
        rows = [
            (number, {name: row.get(word) for name, word in self.words.items()})
            for number, row in zip(tab.numbers, tab.rows, strict=True)
        ]

        def cell(row: int, name: str, value: Any) -> dict[str, Any]:
            entered: dict[str, Any] = {}
            if value is not None:
                kind = "numberValue" if isinstance(value, int) else "stringValue"
                entered = {"userEnteredValue": {kind: value}}
            start = {"sheetId": sheet, "rowIndex": row, "columnIndex": columns[name]}
            cells = [{"values": [entered]}]
            return {"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}}

        kind = self.chance.random()
        if kind < 0.45 or not rows:
            return self._new(view.rows, end, cell)
        number, row = self.chance.choice(rows)
        span = {"sheetId": sheet, "dimension": "ROWS", "startIndex": number}
        if kind < 0.70:
            name = self.chance.choice(TEXTS)
            value = self.ledger.token(name)
            born = self.of.get(str(row["summary"]), set()) | self.of.get(
                str(row["next_step"]), set()
            )
            self.of[value] = born | self.ids.get(str(row["id"]), set())
            self.ledger.say("contact", name, value, row[name])
            return [cell(number, name, value)]
        if kind < 0.78:
            for name in TEXTS:
                self.ledger.replaced.add(str(row[name]))
            return [{"deleteDimension": {"range": {**span, "endIndex": number + 1}}}]
        if kind < 0.84:
            return [{"insertDimension": {"range": {**span, "endIndex": number + 1}}}]
        if kind < 0.90:
            return [cell(number, "id", None)]
        if kind < 0.95 and view.rows:
            client = self.chance.choice(view.rows)
            return [cell(number, "client", client.get("id") or client.get("full_name"))]
        area = {"sheetId": sheet, "startRowIndex": 1, "endRowIndex": end, "startColumnIndex": 0}
        specs = [{"dimensionIndex": columns["summary"], "sortOrder": "ASCENDING"}]
        return [{"sortRange": {"range": area, "sortSpecs": specs}}]

    def _new(self, clients: list[dict[str, Any]], row: int, cell: Any) -> Requests:
        if not clients:
            return []
        client = self.chance.choice(clients)
        self.births += 1
        texts = {name: self.ledger.token(name) for name in TEXTS}
        for name, text in texts.items():
            self.ledger.say("contact", name, text, None)
            self.of[text] = {f"birth {self.births}"}
        named = client.get(self.chance.choice(("id", "full_name", "phone"))) or "nobody"
        values = {
            "client": named,
            "contact_at": A_DAY,
            "reason": COLD_CALL[self.fleet.language],
            **texts,
        }
        return [cell(row, name, value) for name, value in values.items()]

    def program(self) -> str:
        """Something that a program does to the store; what it was."""
        rows = self.fleet.sql(
            "select id from contacts where archived_at is null and id is not null order by id"
        )
        clients = self.fleet.sql("select id from clients where archived_at is null order by id")
        if not rows or self.chance.random() < 0.3:
            if not clients:
                return "nothing"
            self.births += 1
            text = self.ledger.token("summary")
            self.of[text] = {f"birth {self.births}"}
            self.ledger.say("contact", "summary", text, None)
            self.fleet.sql(
                "insert into contacts (client, contact_at, channel, direction, reason, status,"
                " summary) values (?, '2026-03-10 14:05', 'call', 'out', 'offer', 'held', ?)",
                self.chance.choice(clients)[0],
                text,
            )
            return f"insert a contact {text}"
        record_id = self.chance.choice(rows)[0]
        if self.chance.random() < 0.2:
            self.fleet.sql("update contacts set archived_at = '2026-01-01' where id = ?", record_id)
            return f"archive {record_id}"
        text = self.ledger.token("summary")
        self.of[text] = set(self.ids.get(record_id, set()))
        old = self.fleet.sql("select summary from contacts where id = ?", record_id)[0][0]
        self.of[text] |= self.of.get(str(old), set())
        self.ledger.say("contact", "summary", text, None)
        self.fleet.sql("update contacts set summary = ? where id = ?", text, record_id)
        return f"update {record_id} {text}"

    def wrongs(self, sight: Sight) -> Iterator[str]:
        """What the promises forbid and the tabs of contacts show."""
        live = {
            record_id: (client, summary, step)
            for record_id, client, summary, step in self.fleet.sql(
                "select id, client, summary, next_step from contacts where archived_at is null"
            )
        }
        still = "where closed_at is null and table_name = 'contacts'"
        waiting = {
            str(key)
            for (key,) in self.fleet.sql(
                f"select record_id from conflicts {still} union "
                f"select record_id from problems {still} and severity <> 'warn'"
            )
        }
        held = {key for key, _ in sight.waiting}
        for record_id, (_, *texts) in live.items():
            births = [self.of.get(str(text), set()) for text in texts if text]
            known = [item for item in births if item]
            if known and not set.intersection(*known):
                yield f"{record_id} holds what was said of several contacts: {texts} {births}"
            for item in known:
                self.ids.setdefault(record_id, set()).update(item)
        for book in self.fleet.books:
            yield from self._book(book, sight, live, waiting, held)

    def _book(
        self,
        book: str,
        sight: Sight,
        live: dict[str, tuple[Any, ...]],
        waiting: set[str],
        held: set[str],
    ) -> Iterator[str]:
        employee = EMPLOYEES[self.fleet.language].get(book)
        owner = sight.employees.get(employee or "")
        owners = dict(self.fleet.sql("select id, owner from clients"))
        rows = self.fleet.at(book).tab(self.fleet.title("contacts")).rows
        named = [row for row in rows if row.get(self.words["id"])]
        standing = {str(row[self.words["id"]]) for row in named}
        if len(standing) < len(named):
            yield f"{book}: a contact's id stands in two rows"
        wanted = {
            record_id
            for record_id, (client, *_) in live.items()
            if (owner is None or owners.get(client) == owner) and client not in held
        }
        for record_id in sorted((wanted ^ standing) - waiting):
            client = live.get(record_id, ("",))[0]
            if client not in held:
                where = "is missing in" if record_id in wanted else "must not stand in"
                yield f"{record_id} of {client} {where} {book}"
        for row in named:
            record_id = str(row[self.words["id"]])
            texts = tuple(row.get(self.words[name]) for name in TEXTS)
            if record_id in live and record_id not in waiting and live[record_id][1:] != texts:
                yield f"{book} {record_id}: sheet {texts}, store {live[record_id][1:]}"
