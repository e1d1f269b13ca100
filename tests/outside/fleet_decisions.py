"""The tab of conflicts of a company with several workbooks: staff decide there, too."""

from __future__ import annotations

import random
from typing import Any

from tests.outside.fleet import Fleet
from tests.outside.fleet_ledger import FIELDS, Ledger
from tests.outside.ledger import plain

TITLE = {"en": "Conflicts", "ru": "Конфликты"}
NUMBER = {"en": "No.", "ru": "№"}
DECISION = {"en": "Decision", "ru": "Решение"}
CHOICES = {
    "en": {"sheet": "Keep mine", "store": "Take the store's"},
    "ru": {"sheet": "Оставить моё", "store": "Взять из базы"},
}
Requests = list[dict[str, Any]]


class Decisions:
    """What staff choose in the cells for decisions."""

    def __init__(self, fleet: Fleet, ledger: Ledger, chance: random.Random) -> None:
        self.fleet = fleet
        self.ledger = ledger
        self.chance = chance

    def act(self, book: str) -> Requests:
        """One decision, as the request that makes it; none if there is no conflict."""
        language = self.fleet.language
        tab = self.fleet.at(book).tab(TITLE[language])
        lines = [
            (number, int(row[NUMBER[language]]))
            for number, row in zip(tab.numbers, tab.rows, strict=True)
            if isinstance(row.get(NUMBER[language]), (int, float))
        ]
        if not lines:
            return []
        row, number = self.chance.choice(lines)
        side = self.chance.choice(("sheet", "store"))
        self._told(book, number, side)
        place = {
            "sheetId": self.fleet.tabs[book][TITLE[language]],
            "rowIndex": row,
            "columnIndex": tab.headings.index(DECISION[language]),
        }
        cell = {"userEnteredValue": {"stringValue": CHOICES[language][side]}}
        rows = [{"values": [cell]}]
        return [{"updateCells": {"start": place, "rows": rows, "fields": "userEnteredValue"}}]

    def _told(self, book: str, number: int, side: str) -> None:
        for (record_id,) in self.fleet.sql("select record_id from conflicts where id = ?", number):
            self.ledger.doubtful.add(record_id)
            for row in self.fleet.look(book).rows:
                if row.get("id") == record_id and side == "store":
                    values = (plain(name, row.get(name)) for name in FIELDS)
                    self.ledger.replaced |= {value for value in values if value is not None}
