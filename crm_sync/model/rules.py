"""The rules that bind a record's fields together (crm-model 2.5): one function a rule.

A single cell's own form (is this a phone?) is its codec's matter; here stands what needs several
fields, the record as it was, or the dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import repeat

from crm_sync.core.findings import Finding, Severity
from crm_sync.core.schema import Table
from crm_sync.core.values import N_, Scalar
from crm_sync.model.date_rules import (
    archived_in_closed_period,
    held_in_past,
    not_before,
    not_in_closed_period,
    not_in_future,
    not_too_far,
)
from crm_sync.model.facts import Facts as Facts
from crm_sync.model.facts import Rule, StatusRule, Values, told
from crm_sync.model.status_rules import next_step, own_key, status_needs, transition
from crm_sync.model.value_rules import (
    amount_sign,
    has_letters,
    has_worth,
    legal_form,
    one_alphabet,
    own_agreement,
    paid_too_much,
    quantity_above_zero,
    reachable,
    says_who,
    small_amount,
    step_has_date,
)

_RULED = ("type", "final", "allowed_next", "required_fields", "no_back", "sort_order")
_DAYS: Mapping[str, tuple[str, ...]] = {
    "contacts": ("contact_at",),
    "agreements": ("agreed_at", "fulfilled_at"),
}
"""The days by which a record lies in a closed period."""

_COUNTED = ("client", "status", "amount", "currency", "product_group", "campaign", "owner")


def status_rules(rows: Iterable[Values], language: str) -> dict[str, dict[str, StatusRule]]:
    """Statuses by entity and key, from the rows of the statuses table, labelled in the language."""
    found: dict[str, dict[str, StatusRule]] = {}
    for row in rows:
        entity, key = row.get("entity"), row.get("key")
        if entity and key:
            label = row.get(language) or row.get("en") or key
            found.setdefault(str(entity), {})[str(key)] = _status_rule(
                str(key), str(label), tuple(map(row.get, _RULED))
            )
    return found


# Each run asks for the same few statuses again for each of its tabs.
@lru_cache(maxsize=256)
def _status_rule(key: str, label: str, ruled: tuple[Scalar, ...]) -> StatusRule:
    kind, final, allowed_next, required, no_back, order = ruled
    return StatusRule(
        key,
        label,
        str(kind or "open"),
        bool(final),
        frozenset(_listed(allowed_next)),
        tuple(_listed(required)),
        bool(no_back),
        _whole(order),
    )


def _whole(value: Scalar) -> int:
    """The number that stands there; 0 for what is none, which some SQLite client wrote."""
    try:
        return int(value or 0)
    except (ValueError, OverflowError):
        return 0


def check(table: Table, values: Values, before: Values | None, facts: Facts) -> tuple[Finding, ...]:
    """All rules that the values break. `before` is the record as it was, None for a new one."""
    found: list[Finding] = []
    for item in table.required_fields:
        if values.get(item.name) is None:
            found += _required(item.name)
    for rule in RULES.get(table.name, ()):
        if broken := rule(values, before, facts):
            found += broken
    return tuple(found)


def archiving(table: str, values: Values, closed_until: date | None) -> Finding | None:
    """What holds up the archiving of a record, None if nothing does."""
    if closed_until is None:
        return None
    return archived_in_closed_period(_DAYS.get(table, ()), values, closed_until)


def suspects(table: Table, records: Sequence[Values], facts: Facts) -> set[int]:
    """The places of those of many new records that break a rule beside the required fields. Rule by
    rule they are gone through in half the time.
    """
    found: set[int] = set()
    for rule in RULES.get(table.name, ()):
        told = map(rule, records, repeat(None), repeat(facts))
        found.update(place for place, broken in enumerate(told) if broken)
    return found


def _required(name: str) -> Sequence[Finding]:
    return told(
        "V02",
        Severity.REJECT,
        (name,),
        N_("This cell must not be empty."),
        N_("Fill it in; until then the store keeps what it had."),
    )


def _listed(value: Scalar) -> list[str]:
    return [item.strip() for item in str(value or "").split(";") if item.strip()]


RULES: Mapping[str, tuple[Rule, ...]] = {
    "statuses": (own_key,),
    "clients": (
        has_letters,
        says_who,
        legal_form,
        one_alphabet("full_name"),
        one_alphabet("contact_person"),
        one_alphabet("city"),
        reachable,
        transition("client"),
        status_needs("client"),
        not_in_future("consent_at"),
    ),
    "contacts": (
        held_in_past,
        not_in_closed_period(
            _DAYS["contacts"], "client", "status", "outcome", "employee", "campaign"
        ),
        own_agreement,
        step_has_date,
        transition("contact"),
        status_needs("contact"),
        not_before(
            "next_step_at",
            "contact_at",
            N_("The next step ({later}) lies before the touch itself ({earlier})."),
            N_("Type a later date for the next step."),
        ),
        not_too_far("next_step_at"),
    ),
    "agreements": (
        transition("agreement"),
        status_needs("agreement"),
        next_step,
        amount_sign,
        small_amount,
        has_worth,
        quantity_above_zero,
        paid_too_much,
        not_in_closed_period(_DAYS["agreements"], *_COUNTED),
        not_in_future("agreed_at"),
        not_in_future("fulfilled_at"),
        not_before(
            "fulfilled_at",
            "agreed_at",
            N_("Fulfilled on {later}, yet agreed only on {earlier}."),
            N_("Correct one of the two dates."),
        ),
        not_before(
            "due_date",
            "agreed_at",
            N_("Due on {later}, yet agreed only on {earlier}."),
            N_("Correct one of the two dates."),
        ),
        not_too_far("due_date"),
        not_too_far("next_call_at"),
    ),
}
"""The rules of each table beside the required fields, in the order in which they are told."""
