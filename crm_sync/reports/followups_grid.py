"""The Follow-ups tab: lines of `followups` as a grid."""

from __future__ import annotations

from crm_sync.core.grid import Grid, Shown
from crm_sync.core.schema import Kind
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.cells import Say, Show
from crm_sync.reports.followups import GROUPS, FollowUp
from crm_sync.reports.steps import Source

_COLUMNS = (
    (N_("Group"), 110),
    (N_("Days overdue"), 90),
    (N_("When"), 130),
    (N_("Client"), 220),
    (N_("Phone"), 150),
    (N_("What to do"), 300),
    (N_("Agreement"), 90),
    (N_("Amount"), 100),
    (N_("Last contact"), 130),
    (N_("Its result"), 120),
    (N_("Responsible"), 140),
    (N_("Client no."), 90),
)

_TITLES = {rule.group: rule.title for rule in GROUPS}
_WHAT = {
    Source.NEXT_CALL: N_("Call about: {what}"),
    Source.DUE: N_("Due: {what}"),
    Source.PLANNED: N_("Planned contact: {what}"),
}


def followups_grid(
    items: tuple[FollowUp, ...], say: Say, show: Show = cells.as_kept, currency: str = ""
) -> Grid:
    """The list under one heading row; a single remark when nobody waits.

    `show` gives phones and results as people read them. Amounts in the base `currency` are
    numbers, others are texts with their currency beside them.
    """
    heading = tuple(cells.header(say(name)) for name, _ in _COLUMNS)
    rows = [heading, *(_row(item, say, show, currency) for item in items)]
    if not items:
        rows.append((cells.note(say(N_("Nobody waits for a call or for a promise this week."))),))
    return Grid(tuple(rows), tuple(width for _, width in _COLUMNS))


def _row(item: FollowUp, say: Say, show: Show, currency: str) -> tuple[Shown, ...]:
    return (
        cells.text(say(_TITLES[item.group])),
        cells.integer(item.overdue_days or None),
        cells.moment(item.at),
        cells.text(item.client_name),
        cells.shown(show("clients", "phone", item.phone or None), Kind.PHONE),
        cells.text(_what(item, say, show)),
        cells.text(item.agreement),
        _amount(item, currency),
        cells.moment(item.last_contact_at),
        cells.shown(show("contacts", "outcome", item.last_outcome or None), Kind.CHOICE),
        cells.text(item.owner),
        cells.text(item.client),
    )


def _what(item: FollowUp, say: Say, show: Show) -> str:
    reason = show("contacts", "reason", item.reason) if item.reason else ""
    what = item.what or str(reason or "")
    template = _WHAT.get(item.source) if item.source else None
    return say(template, what=what) if template and what else what


def _amount(item: FollowUp, currency: str) -> Shown:
    if item.amount is not None and currency and item.currency != currency:
        return cells.text(f"{cells.rounded(item.amount, 2)} {item.currency}")
    return cells.money(item.amount)
