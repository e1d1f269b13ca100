"""What the rules of records know beside the record itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from crm_sync.core.findings import Finding, Severity
from crm_sync.core.values import Scalar

Values = Mapping[str, Scalar]


@dataclass(frozen=True)
class StatusRule:
    """A status as its row in the statuses table describes it. Statuses stand in an `order`; with
    `no_back` none that stands before may follow.
    """

    key: str
    label: str
    type: str = "open"
    final: bool = False
    allowed_next: frozenset[str] = frozenset()
    required_fields: tuple[str, ...] = ()
    no_back: bool = False
    order: int = 0


def _nobody(agreement: str) -> str:
    return ""


def _always(currency: str, day: date) -> bool:
    return True


@dataclass(frozen=True)
class Facts:
    """What the rules need to know beside the record: local wall time, statuses by entity and key,
    the client of each agreement, the last day of the closed period, if any, and whether a currency
    `has_worth` in the company's own on a day.
    """

    now: datetime
    statuses: Mapping[str, Mapping[str, StatusRule]] = field(default_factory=dict)
    client_of: Callable[[str], str] = _nobody
    closed_until: date | None = None
    has_worth: Callable[[str, date], bool] = _always

    def ordered(self, entity: str) -> frozenset[str]:
        """The statuses of an entity whose place in the order is laid down: those that any other
        names as its next. A status that the company added, and that none names, may follow any.
        """
        rules = self.statuses.get(entity, {}).values()
        return frozenset().union(*(rule.allowed_next for rule in rules))

    def status(self, entity: str, key: Scalar) -> StatusRule | None:
        """The rule of a status, None if there is no such status."""
        return self.statuses.get(entity, {}).get(str(key))


Rule = Callable[[Values, Values | None, Facts], Sequence[Finding]]
"""What a rule finds broken in the values of a record: nearly always nothing. Each row that a run
looks at goes through all of them.
"""


def told(
    code: str,
    severity: Severity,
    fields: tuple[str, ...],
    message: str,
    remedy: str,
    params: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """What a rule returns that is broken once."""
    return (Finding(code, severity, fields, message, remedy, params or {}),)


def moment(value: Scalar) -> datetime | None:
    """A canonical date or moment, None for an empty one."""
    return datetime.fromisoformat(str(value)) if value else None
