"""Follow-ups: whom to call today, what was promised, and what is late already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from crm_sync.core.values import N_
from crm_sync.reports.book import Book
from crm_sync.reports.entries import Agreement, Client, Touch
from crm_sync.reports.steps import Source, Step, last_held, open_steps


class Group(StrEnum):
    """Why a client is on the list."""

    OVERDUE = "overdue"
    TODAY = "today"
    TOMORROW = "tomorrow"
    THIS_WEEK = "this_week"
    NO_NEXT_STEP = "no_next_step"


@dataclass(frozen=True)
class GroupRule:
    """A group and when a step falls into it, by its moment and the present one."""

    group: Group
    title: str
    holds: Callable[[str, datetime], bool]


def _day(at: str) -> date:
    return date.fromisoformat(at[:10])


def _overdue(at: str, now: datetime) -> bool:
    """A step without a time has its whole day; one with a time has until that minute."""
    return at[:10] < now.date().isoformat() or (len(at) > 10 and datetime.fromisoformat(at) < now)


def _same_week(at: str, now: datetime) -> bool:
    return _day(at).isocalendar()[:2] == now.isocalendar()[:2]


GROUPS: tuple[GroupRule, ...] = (
    GroupRule(Group.OVERDUE, N_("Overdue"), _overdue),
    GroupRule(Group.TODAY, N_("Today"), lambda at, now: _day(at) == now.date()),
    GroupRule(
        Group.TOMORROW,
        N_("Tomorrow"),
        lambda at, now: _day(at) == now.date() + timedelta(days=1),
    ),
    GroupRule(Group.THIS_WEEK, N_("This week"), _same_week),
    # Not found by a step's moment: there is no step.
    GroupRule(Group.NO_NEXT_STEP, N_("No next step"), lambda at, now: False),
)
"""In the order of the list. A step belongs to the first group that holds; with none, it is not
listed.
"""

_ORDER = {rule.group: number for number, rule in enumerate(GROUPS)}


@dataclass(frozen=True)
class FollowUp:
    """One line of the list: one client in one group.

    `at` is the canonical moment of the step, "" without one. `what` is the subject of the
    agreement or the text of the next step; `reason` the key of the contact's reason. `amount` and
    `currency` are the agreement's. `owner` names the employee who is to act.
    """

    group: Group
    overdue_days: int
    at: str
    client: str
    client_name: str
    phone: str
    source: Source | None
    what: str
    reason: str
    agreement: str
    amount: Decimal | None
    currency: str
    last_contact_at: str
    last_outcome: str
    owner_id: str
    owner: str

    @property
    def key(self) -> str:
        """What stays the same while the list is rebuilt: client and group."""
        return f"{self.client}|{self.group}"


def followups(book: Book, now: datetime) -> tuple[FollowUp, ...]:
    """Who is to be called or served, most urgent first. `now` is the company's local time; a zone
    it carries is not looked at.

    One line a client, for its earliest unsatisfied step, if that is overdue, today, tomorrow or
    in this ISO week; or for an open agreement with no step at all. Archived clients and those who
    do not want to be contacted are never listed. Order: group, days overdue (most first), amount
    (largest first), client id.
    """
    wall = now.replace(tzinfo=None)
    last = last_held(book, wall.date())
    steps = open_steps(book, last)
    listed = _Lines(book, wall, last, book.names("employees"))
    lines = [*listed.of_steps(steps), *listed.without_step(steps)]
    return tuple(sorted(lines, key=_urgency))


def group_of(at: str, now: datetime) -> Group | None:
    """The group of a step by its moment, None if it lies beyond this week."""
    return next((rule.group for rule in GROUPS if rule.holds(at, now)), None)


def _urgency(line: FollowUp) -> tuple[int, int, bool, Decimal, str]:
    amount = line.amount if line.amount is not None else Decimal(0)
    return _ORDER[line.group], -line.overdue_days, line.amount is None, -amount, line.client


@dataclass(frozen=True)
class _Lines:
    """Makes the lines of one list."""

    book: Book
    now: datetime
    last: Mapping[str, Touch]
    employees: Mapping[str, str]

    def of_steps(self, steps: Mapping[str, Step]) -> Iterator[FollowUp]:
        touches = {touch.id: touch for touch in self.book.touches}
        for key, step in steps.items():
            client = self._listed(key)
            group = group_of(step.at, self.now)
            if client is None or group is None:
                continue
            touch = touches.get(step.record)
            agreement = self.book.agreements.get(touch.agreement if touch else step.record)
            yield self._line(client, group, step, touch, agreement)

    def without_step(self, steps: Mapping[str, Step]) -> Iterator[FollowUp]:
        latest: dict[str, Agreement] = {}
        for agreement in self.book.agreements.values():
            if agreement.open and agreement.client not in steps:
                known = latest.get(agreement.client)
                latest[agreement.client] = _newer(agreement, known)
        for key, agreement in latest.items():
            client = self._listed(key)
            if client is not None:
                yield self._line(client, Group.NO_NEXT_STEP, None, None, agreement)

    def _listed(self, key: str) -> Client | None:
        client = self.book.clients.get(key)
        return None if client is None or client.archived or client.do_not_contact else client

    def _line(
        self,
        client: Client,
        group: Group,
        step: Step | None,
        touch: Touch | None,
        agreement: Agreement | None,
    ) -> FollowUp:
        last = self.last.get(client.id)
        owner = (touch and touch.employee) or (agreement and agreement.owner) or client.owner
        late = (self.now.date() - _day(step.at)).days if step else 0
        return FollowUp(
            group=group,
            overdue_days=max(late, 0),
            at=step.at if step else "",
            client=client.id,
            client_name=client.name,
            phone=client.phone,
            source=step.source if step else None,
            what=_what(touch, agreement),
            reason=touch.reason if touch else "",
            agreement=agreement.id if agreement else "",
            amount=agreement.amount if agreement else None,
            currency=agreement.currency if agreement else "",
            last_contact_at=last.at if last else "",
            last_outcome=last.outcome if last else "",
            owner_id=owner,
            owner=self.employees.get(owner, owner),
        )


def _what(touch: Touch | None, agreement: Agreement | None) -> str:
    if touch is not None:
        return touch.next_step or touch.summary
    return agreement.subject if agreement else ""


def _newer(agreement: Agreement, known: Agreement | None) -> Agreement:
    if known is None:
        return agreement
    return max(agreement, known, key=lambda each: (each.agreed_at or date.min, each.id))
