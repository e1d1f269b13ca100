"""The rules that bind a record's fields together (crm-model 2.5): one function a rule.

A single cell's own form (is this a phone?) is its codec's matter; here stands what needs several
fields, the record as it was, or the dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from crm_sync.core.findings import Finding, Severity
from crm_sync.core.schema import Table
from crm_sync.core.values import N_, Scalar

Values = Mapping[str, Scalar]

GRACE = timedelta(minutes=5)
"""A touch that was held may lie this far ahead: clocks differ."""

FAR = timedelta(days=2 * 365)
"""A date further ahead than this is more likely a typing error."""

CHANNELS = ("phone", "email", "messenger")


@dataclass(frozen=True)
class StatusRule:
    """What the rules need beside the record: local wall time, statuses by entity and key."""

    key: str
    label: str
    type: str = "open"
    final: bool = False
    allowed_next: frozenset[str] = frozenset()
    required_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What the rules need to know beside the record: local wall time, and statuses by entity and
    key.
    """

    now: datetime
    statuses: Mapping[str, Mapping[str, StatusRule]] = field(default_factory=dict)

    def ordered(self, entity: str) -> frozenset[str]:
        """The statuses of an entity whose place in the order is laid down: those that any other
        names as its next. A status that the company added, and that none names, may follow any.
        """
        rules = self.statuses.get(entity, {}).values()
        return frozenset().union(*(rule.allowed_next for rule in rules))

    def status(self, entity: str, key: Scalar) -> StatusRule | None:
        """The rule of a status, None if there is no such status."""
        return self.statuses.get(entity, {}).get(str(key))


Rule = Callable[[Values, Values | None, Facts], Iterator[Finding]]


def status_rules(rows: Iterable[Values], language: str) -> dict[str, dict[str, StatusRule]]:
    """Statuses by entity and key, from the rows of the statuses table, labelled in the language."""
    found: dict[str, dict[str, StatusRule]] = {}
    for row in rows:
        entity, key = row.get("entity"), row.get("key")
        if entity and key:
            found.setdefault(str(entity), {})[str(key)] = StatusRule(
                str(key),
                str(row.get(language) or row.get("en") or key),
                str(row.get("type") or "open"),
                bool(row.get("final")),
                frozenset(_listed(row.get("allowed_next"))),
                tuple(_listed(row.get("required_fields"))),
            )
    return found


def check(table: Table, values: Values, before: Values | None, facts: Facts) -> tuple[Finding, ...]:
    """All rules that the values break. `before` is the record as it was, None for a new one."""
    found = list(_required(table, values))
    for rule in RULES.get(table.name, ()):
        found.extend(rule(values, before, facts))
    return tuple(found)


def _required(table: Table, values: Values) -> Iterator[Finding]:
    for item in table.fields:
        if item.required and values.get(item.name) is None:
            yield Finding(
                "V02",
                Severity.REJECT,
                (item.name,),
                N_("This cell must not be empty."),
                N_("Fill it in; until then the store keeps what it had."),
            )


def _channel(values: Values, before: Values | None, facts: Facts) -> Iterator[Finding]:
    if not any(values.get(name) for name in CHANNELS):
        yield Finding(
            "V03",
            Severity.REJECT,
            CHANNELS,
            N_("The client can be reached in no way: no phone, e-mail or messenger."),
            N_("Fill in at least one of the three."),
        )


def _transition(entity: str) -> Rule:
    def rule(values: Values, before: Values | None, facts: Facts) -> Iterator[Finding]:
        old = facts.status(entity, before.get("status")) if before else None
        new = facts.status(entity, values.get("status"))
        if old is None or new is None or old.key == new.key:
            return
        if old.final or (old.allowed_next and new.key in facts.ordered(entity) - old.allowed_next):
            allowed = [facts.status(entity, key) for key in sorted(old.allowed_next)]
            yield Finding(
                "V06",
                Severity.REJECT,
                ("status",),
                N_("“{old}” cannot become “{new}”."),
                N_("Final: open a new row instead.")
                if old.final
                else N_("After “{old}” comes one of: {allowed}."),
                {
                    "old": old.label,
                    "new": new.label,
                    "allowed": ", ".join(item.label for item in allowed if item),
                },
            )

    return rule


def _status_needs(entity: str) -> Rule:
    def rule(values: Values, before: Values | None, facts: Facts) -> Iterator[Finding]:
        status = facts.status(entity, values.get("status"))
        for name in status.required_fields if status else ():
            if status is not None and name in values and values[name] is None:
                yield Finding(
                    "V02",
                    Severity.WARN,
                    (name,),
                    N_("The status “{status}” asks for this cell."),
                    N_("Fill it in."),
                    {"status": status.label},
                )

    return rule


def _next_step(values: Values, before: Values | None, facts: Facts) -> Iterator[Finding]:
    status = facts.status("agreement", values.get("status"))
    if status is None or status.type not in ("open", "on_hold"):
        return
    if values.get("due_date") is None and values.get("next_call_at") is None:
        yield Finding(
            "V05",
            Severity.WARN,
            ("due_date", "next_call_at"),
            N_("The agreement is open, yet nobody knows what comes next."),
            N_("Fill in the due date or the next call."),
        )


def _not_before(later: str, earlier: str, message: str, remedy: str) -> Rule:
    def rule(values: Values, before: Values | None, facts: Facts) -> Iterator[Finding]:
        end, start = _moment(values.get(later)), _moment(values.get(earlier))
        if end is None or start is None:
            return
        day_only = len(str(values[later])) == 10 or len(str(values[earlier])) == 10
        if (end.date() < start.date()) if day_only else (end < start):
            params = {"later": str(values[later]), "earlier": str(values[earlier])}
            yield Finding("V08", Severity.REJECT, (later, earlier), message, remedy, params)

    return rule


def _not_in_future(name: str) -> Rule:
    def rule(values: Values, before: Values | None, facts: Facts) -> Iterator[Finding]:
        moment = _moment(values.get(name))
        if moment is not None and moment.date() > facts.now.date():
            yield Finding(
                "V08",
                Severity.REJECT,
                (name,),
                N_("{date} lies in the future."),
                N_("Type the day on which it happened, today at the latest."),
                {"date": str(values[name])},
            )

    return rule


def _not_too_far(name: str) -> Rule:
    def rule(values: Values, before: Values | None, facts: Facts) -> Iterator[Finding]:
        moment = _moment(values.get(name))
        if moment is not None and moment > facts.now + FAR:
            yield Finding(
                "V08",
                Severity.WARN,
                (name,),
                N_("{date} is more than two years ahead."),
                N_("Check the year."),
                {"date": str(values[name])},
            )

    return rule


def _held_in_past(values: Values, before: Values | None, facts: Facts) -> Iterator[Finding]:
    moment = _moment(values.get("contact_at"))
    if moment is None or values.get("status") != "held":
        return
    limit = facts.now + GRACE
    late = moment.date() > limit.date() if len(str(values["contact_at"])) == 10 else moment > limit
    if late:
        yield Finding(
            "V08",
            Severity.REJECT,
            ("contact_at", "status"),
            N_("The touch is marked as held, but its time {date} is still to come."),
            N_("Correct the time, or set the status to planned."),
            {"date": str(values["contact_at"])},
        )


def _amount_sign(values: Values, before: Values | None, facts: Facts) -> Iterator[Finding]:
    amount = values.get("amount")
    if amount is not None and Decimal(str(amount)) < 0 and values.get("refund_of") is None:
        yield Finding(
            "V09",
            Severity.REJECT,
            ("amount",),
            N_("An amount below zero is a refund, and a refund names the agreement it belongs to."),
            N_("Fill in “Refund of”, or type the amount without the minus."),
        )


def _moment(value: Scalar) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None


def _listed(value: Scalar) -> list[str]:
    return [item.strip() for item in str(value or "").split(";") if item.strip()]


RULES: Mapping[str, tuple[Rule, ...]] = {
    "clients": (_channel, _transition("client"), _status_needs("client")),
    "contacts": (
        _held_in_past,
        _transition("contact"),
        _status_needs("contact"),
        _not_before(
            "next_step_at",
            "contact_at",
            N_("The next step ({later}) lies before the touch itself ({earlier})."),
            N_("Type a later date for the next step."),
        ),
        _not_too_far("next_step_at"),
    ),
    "agreements": (
        _transition("agreement"),
        _status_needs("agreement"),
        _next_step,
        _amount_sign,
        _not_in_future("agreed_at"),
        _not_in_future("fulfilled_at"),
        _not_before(
            "fulfilled_at",
            "agreed_at",
            N_("Fulfilled on {later}, yet agreed only on {earlier}."),
            N_("Correct one of the two dates."),
        ),
        _not_before(
            "due_date",
            "agreed_at",
            N_("Due on {later}, yet agreed only on {earlier}."),
            N_("Correct one of the two dates."),
        ),
        _not_too_far("due_date"),
        _not_too_far("next_call_at"),
    ),
}
"""The rules of each table beside the required fields, in the order in which they are told."""
