"""What an answered line of the follow-up list asks to be written: a contact, a new date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from crm_sync.core.values import N_, Scalar
from crm_sync.reports.cells import Say
from crm_sync.reports.followup_groups import FollowUp, Group
from crm_sync.reports.steps import Source

_DAY_LENGTH: Final = 10
_REASONS: Final = {
    Group.MISSED_CALL: "inquiry",
    Group.SLEEPING: "reactivation",
    Group.SUPPLIER_LATE: "awaiting",
}
_STANDS_IN: Final = {
    Source.NEXT_CALL: ("agreements", "next_call_at"),
    Source.DUE: ("agreements", "due_date"),
    Source.NEXT_STEP: ("contacts", "next_step_at"),
    Source.PLANNED: ("contacts", "contact_at"),
}
"""Where the date of a step stands."""


@dataclass(frozen=True)
class Deed:
    """What an employee says was done, or is to be done: `at` the present moment, the key of the
    outcome, words, the next date ("" for none). Without outcome and tick the date is only put off.
    """

    at: str
    outcome: str | None = None
    summary: str = ""
    next_at: str = ""
    is_done: bool = False
    employee: str = ""
    comment: str = ""

    @property
    def puts_off(self) -> bool:
        """True for a next date and nothing else."""
        return not (self.outcome or self.is_done or self.comment)


@dataclass(frozen=True)
class Intent:
    """Fields to be set: of a new record if `record_id` is "", else of that one. `key` is the line
    that asked for it.
    """

    key: str
    table: str
    record_id: str
    values: Mapping[str, Scalar] = field(default_factory=dict)


def intents_of(line: FollowUp, deed: Deed, say: Say) -> tuple[Intent, ...]:
    """What makes the line go. A contact of today satisfies what was due until today; a date that
    lies ahead has to be moved or emptied too.
    """
    if deed.puts_off:
        return (_put_off(line, deed),)
    held = _held(line, deed, say)
    if line.source is None or line.source is Source.PLANNED or line.at[:10] <= deed.at[:10]:
        return (held,)
    if line.source is Source.DUE and not deed.is_done and not deed.next_at:
        # To have spoken of it today is not to have done what is due tomorrow.
        return (held,)
    table, name = _STANDS_IN[line.source]
    moved = "" if line.source is Source.NEXT_STEP else deed.next_at
    values: dict[str, Scalar] = {name: _dated(name, moved)}
    if line.source is Source.NEXT_STEP:
        values["next_step"] = None
    return held, Intent(line.key, table, line.record, values)


def _held(line: FollowUp, deed: Deed, say: Say) -> Intent:
    """The contact that was held: the planned one, or a new one."""
    values: dict[str, Scalar] = {
        "contact_at": deed.at,
        "status": "held",
        "outcome": deed.outcome,
        "summary": deed.summary or line.what or say(N_("Done, from the follow-up list")),
    }
    if deed.next_at:
        values["next_step"] = line.what or say(N_("Call again"))
        values["next_step_at"] = deed.next_at
    if line.source is Source.PLANNED:
        return Intent(line.key, "contacts", line.record, values)
    return Intent(line.key, "contacts", "", {**_contact(line, deed), **values})


def _put_off(line: FollowUp, deed: Deed) -> Intent:
    if line.source is not None:
        table, name = _STANDS_IN[line.source]
        return Intent(line.key, table, line.record, {name: _dated(name, deed.next_at)})
    if line.agreement and line.group is not Group.MISSED_CALL:
        return Intent(line.key, "agreements", line.agreement, {"next_call_at": deed.next_at})
    values = {**_contact(line, deed), "contact_at": deed.next_at, "status": "planned"}
    return Intent(line.key, "contacts", "", values)


def _contact(line: FollowUp, deed: Deed) -> dict[str, Scalar]:
    return {
        "client": line.client,
        "channel": "call",
        "direction": "out",
        "reason": _REASONS.get(line.group) or line.reason or "service",
        "agreement": line.agreement or None,
        "employee": deed.employee or None,
    }


def _dated(name: str, moment: str) -> Scalar:
    """The moment as the field holds it: an agreement's due date has no time of day."""
    return (moment[:_DAY_LENGTH] if name == "due_date" else moment) or None
