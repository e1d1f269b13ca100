"""What each report goes by: a run that changed nothing of it leaves the report's tab as it is."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Final

from crm_sync.core.records import BEING
from crm_sync.core.values import Scalar
from crm_sync.reports.names import REPORTS
from crm_sync.reports.parameters import Question
from crm_sync.reports.sales import Dimension

Changes = Mapping[str, Mapping[str, Mapping[str, Set[Scalar]]]]
"""What changed: by table, record id and field every value that the field had in a time."""


@dataclass(frozen=True)
class Needs:
    """The fields that decide what a report shows, by table; `shown` fields of clients are told of
    those alone whom it names. Of a client without any contact or agreement only the fields of
    `alone` count, and those of `listed` if it was open or is: then it is to be called.
    """

    clients: frozenset[str]
    contacts: frozenset[str]
    agreements: frozenset[str]
    shown: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Concerned:
    """The clients that changed: those `alone`, without any contact or agreement; those who are
    `open` or were, so that they need a next step; and whom each report names, as far as that is
    known.
    """

    alone: Set[str] = frozenset()
    open: Set[str] = frozenset()
    named: Mapping[str, Set[str]] = field(default_factory=dict)


_EXISTENCE: Final = frozenset({BEING, "archived_at"})
_SOLD: Final = _EXISTENCE | {
    *("client", "status", "amount", "currency", "refund_of", "agreed_at", "fulfilled_at"),
    *("paid_amount", "paid_at", "product_group", "campaign", "owner"),
}
_UNDER_WAY: Final = _SOLD | {"due_date", "next_call_at", "lost_reason"}
_HELD: Final = _EXISTENCE | {
    *("client", "contact_at", "status", "channel", "direction", "agreement"),
    *("employee", "campaign", "reason", "next_step_at"),
}
_TOLD: Final = {"subject", "obligor"}
_WHO: Final = frozenset({"status", "owner", "branch", "do_not_contact"})
_ASLEEP: Final = _EXISTENCE | {"kind", "touch_every_days", "do_not_contact"}
_LISTED: Final = _WHO | _EXISTENCE

_NEEDS: Final[Mapping[str, Needs]] = {
    "followups": Needs(
        clients=_ASLEEP | _WHO,
        contacts=_HELD | {"outcome", "summary", "next_step"},
        agreements=_UNDER_WAY | _TOLD,
        shown=frozenset({"full_name", "phone"}),
        listed=_LISTED,
    ),
    "summary": Needs(
        clients=_ASLEEP | _WHO,
        contacts=_HELD,
        agreements=_UNDER_WAY | _TOLD,
        shown=frozenset({"full_name"}),
        listed=_LISTED,
    ),
    "comparison": Needs(
        clients=_EXISTENCE | {"kind"},
        contacts=frozenset(),
        agreements=_SOLD,
    ),
    "seasonality": Needs(
        clients=_EXISTENCE | {"kind"},
        contacts=_HELD,
        agreements=_SOLD,
    ),
    "plans": Needs(
        clients=_ASLEEP | _WHO,
        contacts=_HELD,
        agreements=_UNDER_WAY,
    ),
    "kpi": Needs(
        clients=_ASLEEP | _WHO,
        contacts=_HELD,
        agreements=_UNDER_WAY,
        alone=_LISTED,
    ),
    "customers": Needs(
        clients=_ASLEEP,
        contacts=_HELD,
        agreements=_UNDER_WAY,
        shown=frozenset({"full_name", "phone", "owner"}),
        alone=_EXISTENCE | {"kind"},
    ),
    "campaigns": Needs(
        clients=_ASLEEP | _WHO,
        contacts=_HELD,
        agreements=_UNDER_WAY,
    ),
}
_OF_DIMENSIONS: Final = {
    Dimension.BRANCH: frozenset({"owner", "branch"}),
    Dimension.SOURCE: frozenset({"source"}),
}
"""What a comparison goes by where it is asked for by branch or by source."""

_READ: Final = frozenset().union(
    *(
        fields
        for needs in _NEEDS.values()
        for fields in (needs.clients, needs.shown, needs.alone, needs.listed)
    ),
    *_OF_DIMENSIONS.values(),
)
"""The fields of a client that any report goes by."""


def needs_of(report: str, question: Question) -> Needs:
    """What a report of this name goes by; of a comparison it depends on what is asked."""
    found = _NEEDS[report]
    if report != "comparison":
        return found
    more = (_OF_DIMENSIONS.get(each, frozenset()) for each in question.dimensions)
    return replace(found, clients=found.clients.union(*more))


def told_of(clients: Mapping[str, Mapping[str, Set[Scalar]]]) -> list[str]:
    """Those of the clients that changed of whom a report may tell: many programs change what no
    report goes by.
    """
    dull = {
        fields
        for fields in {frozenset(changed) for changed in clients.values()}
        if fields.isdisjoint(_READ)
    }
    return [client for client, changed in clients.items() if frozenset(changed) not in dull]


def standing(changes: Changes, concerned: Concerned, question: Question) -> frozenset[str]:
    """The reports that these changes cannot have changed. Changes in any other table than clients,
    contacts and agreements concern all of them.
    """
    if changes.keys() - {"clients", "contacts", "agreements"}:
        return frozenset()
    return frozenset(name for name in REPORTS if not _concerns(name, changes, concerned, question))


def _concerns(name: str, changes: Changes, concerned: Concerned, question: Question) -> bool:
    needs = needs_of(name, question)
    for table, fields in (("contacts", needs.contacts), ("agreements", needs.agreements)):
        if any(not fields.isdisjoint(changed) for changed in changes.get(table, {}).values()):
            return True
    clients = changes.get("clients", {})
    return any(
        _matters(name, needs, client, clients[client].keys(), concerned)
        for client in told_of(clients)
    )


def _matters(name: str, needs: Needs, client: str, changed: Set[str], concerned: Concerned) -> bool:
    """True if a report may show something else because of these fields of a client."""
    fields = needs.clients
    if client in concerned.alone:
        fields = needs.alone | needs.listed if client in concerned.open else needs.alone
    if not fields.isdisjoint(changed):
        return True
    named = concerned.named.get(name)
    return (named is None or client in named) and not needs.shown.isdisjoint(changed)
