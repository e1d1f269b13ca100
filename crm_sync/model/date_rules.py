"""Rules of dates (crm-model 2.5, V08 and V15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from crm_sync.core.findings import HELD, Finding, Severity
from crm_sync.core.values import N_, Scalar
from crm_sync.model.facts import Facts, Rule, Values, moment, told

GRACE = timedelta(minutes=5)
"""A touch that was held may lie this far ahead: clocks differ."""

FAR = timedelta(days=2 * 365)
"""A date further ahead than this is more likely a typing error."""


def not_before(later: str, earlier: str, message: str, remedy: str) -> Rule:
    """One date must not lie before another."""

    def rule(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
        end, start = moment(values.get(later)), moment(values.get(earlier))
        if end is None or start is None:
            return ()
        day_only = len(str(values[later])) == 10 or len(str(values[earlier])) == 10
        if (end.date() < start.date()) if day_only else (end < start):
            params = {
                "later": str(values[later]),
                "earlier": str(values[earlier]),
            }
            return told("V08", Severity.REJECT, (later, earlier), message, remedy, params)
        return ()

    return rule


def not_in_future(name: str) -> Rule:
    """What has happened lies today or before."""

    def rule(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
        day = moment(values.get(name))
        if day is not None and day.date() > facts.now.date():
            return told(
                "V08",
                Severity.REJECT,
                (name,),
                N_("{date} lies in the future."),
                N_("Type the day on which it happened, today at the latest."),
                {"date": str(values[name])},
            )
        return ()

    return rule


def not_too_far(name: str) -> Rule:
    """A date years ahead is more likely a typing error."""

    def rule(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
        day = moment(values.get(name))
        if day is not None and day > facts.now + FAR:
            return told(
                "V08",
                Severity.WARN,
                (name,),
                N_("{date} is more than two years ahead."),
                N_("Check the year."),
                {"date": str(values[name])},
            )
        return ()

    return rule


def held_in_past(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """A touch that was held lies in the past."""
    at = moment(values.get("contact_at"))
    if at is None or values.get("status") != "held":
        return ()
    limit = facts.now + GRACE
    late = at.date() > limit.date() if len(str(values["contact_at"])) == 10 else at > limit
    if late:
        return told(
            "V08",
            Severity.REJECT,
            ("contact_at", "status"),
            N_("The touch is marked as held, but its time {date} is still to come."),
            N_("Correct the time, or set the status to planned."),
            {"date": str(values["contact_at"])},
        )
    return ()


def archived_in_closed_period(
    day_fields: Sequence[str], values: Values, closed_until: date
) -> Finding | None:
    """What holds up the archiving of a record that lies in a closed period by any of its days:
    whatever it counted for would change.
    """
    if not any(_is_closed(values.get(name), closed_until) for name in day_fields):
        return None
    return Finding(
        HELD,
        Severity.REJECT,
        (),
        N_(
            "The row was deleted, but it lies in the period up to {day}, which is closed: the "
            "record stays until the owner's word."
        ),
        N_(
            "Leave it if it is right: the record is archived as soon as the owner approves it. "
            "Else put the row back, or have the owner reject it."
        ),
        {"day": closed_until.isoformat()},
    )


def _is_closed(value: Scalar, closed_until: date) -> bool:
    try:
        at = moment(value)
    except ValueError:
        # What another program wrote there and nobody can read is no day.
        return False
    return at is not None and at.date() <= closed_until


def not_in_closed_period(day_fields: Sequence[str], *others: str) -> Rule:
    """What lies in a closed period by any of its days is not changed from a sheet before the owner
    approves: reports and bonuses were made of it. Each change is told once.
    """

    def rule(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
        if facts.closed_until is None:
            return ()
        closed = [
            name
            for name in day_fields
            for record in (before or {}, values)
            if _is_closed(record.get(name), facts.closed_until)
        ]
        if not closed:
            return ()
        old: Values = before or {}
        # Of a new record one day alone is at fault: with it the whole row waits, or is let through.
        concerned = dict.fromkeys((*closed, *others) if before else closed[:1])
        return [
            Finding(
                HELD,
                Severity.REJECT,
                (name,),
                N_("The period up to {day} is closed: this change waits for the owner's word."),
                N_(
                    "Leave it if it is right: it is taken as soon as the owner approves it. "
                    "Else type what stood here, or use a date after {day}."
                ),
                {"day": facts.closed_until.isoformat()},
            )
            for name in concerned
            if values.get(name) != old.get(name)
        ]

    return rule
