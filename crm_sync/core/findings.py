"""What a run has to tell: problems, conflicts, notices, stops. Values only; the words are
templates.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from crm_sync.core.values import N_, Scalar

STORE_FAULT = N_("The store holds “{typed}”, which will not do here; the sheet was left as it is.")
"""The message of a problem that some other program has put into the store."""


HELD = "V15"
"""The code of an edit in a closed period: it waits for the owner's word."""


class Side(StrEnum):
    """Whose value is to stand."""

    STORE = "store"
    SHEET = "sheet"


class Severity(StrEnum):
    """`REJECT`: the cell was not taken. `WARN`: taken, but look. `DRAFT`: a row that waits for
    its required cells.
    """

    REJECT = "reject"
    WARN = "warn"
    DRAFT = "draft"


@dataclass(frozen=True)
class Problem:
    """A cell (or a row, when `field` is "") that cannot be taken as it stands.

    `row` is the sheet's zero-based row, None when the fault lies in the store; `column` the zero-
    based column or None; `record_id` is "" for a row without a record. `message` and `remedy` are
    templates for `params`.
    """

    table: str
    code: str
    severity: Severity
    message: str
    remedy: str = ""
    record_id: str = ""
    field: str = ""
    row: int | None = None
    column: int | None = None
    typed: str = ""
    stored: Scalar = None
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def in_store(self) -> bool:
        """True if it is the store's value that will not do, not the sheet's."""
        return self.message == STORE_FAULT

    @property
    def key(self) -> str:
        """What stays the same while the problem lasts: the record or, without one, the row's own
        text.
        """
        return "|".join((self.table, self.record_id or f"row:{self.typed}", self.field, self.code))


@dataclass(frozen=True)
class Finding:
    """A rule that a record's values break. `fields` are those involved, the likeliest culprit
    first; of them, the ones that the sheet changed are refused when the severity is `REJECT`.
    """

    code: str
    severity: Severity
    fields: tuple[str, ...]
    message: str
    remedy: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


class Clash(StrEnum):
    """The kinds of conflict: first what the store did, then what the sheet did."""

    EDIT_EDIT = "edit/edit"
    DELETE_EDIT = "delete/edit"
    EDIT_DELETE = "edit/delete"
    FORMULA = "edit/formula"


@dataclass(frozen=True)
class Conflict:
    """One field (or the whole record, when `field` is "") that both sides changed, differently."""

    table: str
    record_id: str
    field: str
    clash: Clash
    base: Scalar = None
    ours: Scalar = None
    theirs: Scalar = None

    @property
    def key(self) -> str:
        """What stays the same while the conflict is open."""
        return "|".join((self.table, self.record_id, self.field))


@dataclass(frozen=True)
class Notice:
    """Something done that people should know of: a copied row given an id of its own, an id put
    back.
    """

    table: str
    code: str
    message: str
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Stop:
    """A tab that this run leaves untouched. `allow` is the argument of `sync --allow` that goes
    ahead, "" if none does; `beside` is what else stops it, each with an argument of its own.
    `missing` are the fields without a column, where that stops it.
    """

    table: str
    code: str
    message: str
    hint: str
    allow: str = ""
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    beside: tuple[Stop, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """All that stops the tab, as templates with their facts; the hint is about all of it."""
        return tuple((each.message, each.params) for each in (self, *self.beside))


@dataclass(frozen=True)
class OpenConflict:
    """A conflict as the store keeps it. Times are UTC, ISO 8601. `ours_by` and `ours_at` are of
    the store's last change.
    """

    id: int
    workbook: str
    conflict: Conflict
    opened_at: str
    ours_by: str = ""
    ours_at: str = ""


@dataclass(frozen=True)
class OpenProblem:
    """A problem as the store keeps it. Times are UTC, ISO 8601; `times` counts the runs that saw
    it. One that somebody `accepted` as it is, is not told any more; `decided` says whose value
    is to stand from the next run on, "" if nobody has decided.
    """

    id: int
    workbook: str
    problem: Problem
    first_seen: str
    last_seen: str
    times: int
    accepted: bool = False
    decided: str = ""
