"""What people and programs did, kept apart from the engine: a ledger of every typed value.

A row of the sheet is known by the mark that staff keep in a column of their own, a record by its
id. Values are unique texts, so that each can be looked for wherever it may have gone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

FIELDS = {"full_name": "Name", "phone": "Phone", "city": "City", "note": "Note"}
"""The fields that histories play with, and their headings."""

NEEDED = ("full_name", "phone")
"""What a new row must have to become a record."""


def plain(name: str, cell: Any) -> str | None:
    """A cell or a stored value in the one form in which the ledger compares them."""
    if cell is None or str(cell).strip() == "":
        return None
    text = str(cell).strip()
    if name == "phone" and not text.startswith("bad"):
        # Records that became one may have several.
        numbers = ("".join(filter(str.isdigit, part)) for part in re.split(r"[,;\n]", text))
        return ", ".join(f"+{number}" for number in numbers if number)
    return text


def texts(value: str | None) -> set[str]:
    """What is to be looked for of a value: each of several phone numbers by itself."""
    return set(value.split(", ")) if value is not None else set()


@dataclass
class Told:
    """Edits of one field of one row or record since the last agreement, in order."""

    events: list[tuple[int, str | None]] = field(default_factory=list)

    def add(self, tick: int, value: str | None) -> None:
        self.events.append((tick, value))

    @property
    def last(self) -> str | None:
        return self.events[-1][1]

    @property
    def at(self) -> int:
        return self.events[-1][0]


@dataclass(frozen=True)
class Decision:
    """An answer that staff typed beside a finding: it is carried out, or it still stands there, for
    as long as the line is `about` the same.
    """

    tab: str
    number: int
    text: str
    about: str = ""
    at: int = 0


@dataclass
class Model:
    """The ledger. Ticks order all that happens; a run that was begun has a tick too."""

    tick: int = 0
    runs: list[int] = field(default_factory=list)
    typed: dict[tuple[str, str], Told] = field(default_factory=dict)
    stored: dict[tuple[str, str], Told] = field(default_factory=dict)
    overruled: dict[tuple[str, str], Told] = field(default_factory=dict)
    """What was typed where the store's value was decided for: it stands until a run has come by."""
    tokens: set[str] = field(default_factory=set)
    superseded: set[str] = field(default_factory=set)
    found: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """What stood in a row when it got its mark."""
    own: dict[str, str | None] = field(default_factory=dict)
    formulas: dict[tuple[str, str], str] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    """Rows that staff took away, by mark."""
    returned: set[str] = field(default_factory=set)
    """Rows that staff put back, by mark."""
    gone: dict[str, int] = field(default_factory=dict)
    """Records that were archived or deleted in the store, by id."""
    tampered: set[str] = field(default_factory=set)
    """Rows whose id was copied, erased or mangled: who keeps it is not for the model to say."""
    copied: dict[str, str] = field(default_factory=dict)
    """Of copied rows the one that they were copied from, by mark."""
    doubtful: set[str] = field(default_factory=set)
    """Ids of such rows."""
    inserted: set[str] = field(default_factory=set)
    """Names of records that were inserted in the store."""
    agreed: dict[str, dict[str, str | None]] = field(default_factory=dict)
    id_of: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    """Records of which managers took something back or merged it: what they hold is not said."""
    decisions: list[Decision] = field(default_factory=list)
    births: int = 0
    seen: set[str] = field(default_factory=set)
    """Tokens that have once been in the store or its history."""
    met: Counter[str] = field(default_factory=Counter)
    """How often each kind of ending was met: a test of the test."""

    def now(self) -> int:
        self.tick += 1
        return self.tick

    def run(self) -> None:
        """A run is begun."""
        self.runs.append(self.now())

    def type(self, mark: str, name: str, value: str | None) -> None:
        """Staff typed a value into a row."""
        self.typed.setdefault((mark, name), Told()).add(self.now(), value)
        self.formulas.pop((mark, name), None)
        self.tokens |= texts(value)

    def overwrite(self, *values: str | None) -> None:
        """Staff put an end to what stood in cells."""
        for value in values:
            self.superseded |= texts(value)

    def store(self, record_id: str, name: str, value: str | None) -> None:
        """A program changed a field in the store."""
        self.stored.setdefault((record_id, name), Told()).add(self.now(), value)
        self.tokens |= texts(value)

    def doubt(self, record_id: str, standing: dict[str, str]) -> None:
        """What becomes of this record, and of its row, is not for the ledger to say; `standing` are
        the ids that stand in the sheet now, by mark.
        """
        self.doubtful.add(record_id)
        for marks in (self.id_of, standing):
            self.tampered |= {mark for mark, known in marks.items() if known == record_id}

    def ran_between(self, first: int, second: int) -> bool:
        """Whether a run was begun between two moments."""
        low, high = sorted((first, second))
        return any(low < run < high for run in self.runs)

    def stood(
        self, told: Iterable[tuple[int, str | None]], at: int, base: str | None
    ) -> str | None:
        """What a field held on both sides at a moment: what was told of it before the last run."""
        last = max((run for run in self.runs if run < at), default=0)
        return max(((tick, value) for tick, value in told if tick < last), default=(0, base))[1]

    def shared_anew(self, since: int) -> bool:
        """Whether other records may have come to share a phone since then."""
        edits = (*self.typed.items(), *self.stored.items())
        went = (*self.removed.values(), *self.gone.values())
        return any(at > since for at in went) or any(
            name == "phone" and told.at > since for (_, name), told in edits
        )

    def touched(self, mark: str | None) -> bool:
        return any(owner == mark for owner, _ in self.typed)

    def changed(self, record_id: str) -> bool:
        return any(owner == record_id for owner, _ in self.stored)

    def settle(self, rows: dict[str, dict[str, str | None]], marks: dict[str, str]) -> None:
        """Begins anew from an agreement: `rows` by record id, `marks` are mark -> id. What is still
        in conflict or refused stays told.
        """
        self.agreed, self.id_of = rows, marks
        self.removed.clear()
        self.gone.clear()
        self.returned.clear()
        self.tampered.clear()
        self.copied.clear()
        self.doubtful.clear()
        self.inserted.clear()
        self.unsure.clear()
        self.decisions.clear()
        self.overruled.clear()
