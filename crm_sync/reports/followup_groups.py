"""The groups of the follow-up list, its lines, and what it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from crm_sync.core.values import N_
from crm_sync.reports.customers import USUAL_TERMS, BaseTerms
from crm_sync.reports.steps import Source
from crm_sync.reports.workdays import WEEKDAYS, WorkCalendar


class Group(StrEnum):
    """Why a client is on the list."""

    OVERDUE = "overdue"
    TODAY = "today"
    TOMORROW = "tomorrow"
    THIS_WEEK = "this_week"
    MISSED_CALL = "missed_call"
    NO_NEXT_STEP = "no_next_step"
    STUCK = "stuck"
    SLEEPING = "sleeping"
    SUPPLIER_LATE = "supplier_late"


@dataclass(frozen=True)
class GroupRule:
    """A group, what it is called, and how urgent it is: 1 now, 2 today, 3 when there is time.
    `holds` tells of a step's moment and the present one whether the step falls into it; the groups
    that are not of steps have none.
    """

    group: Group
    title: str
    priority: int
    holds: Callable[[str, datetime], bool] | None = None


def _day(at: str) -> date:
    return date.fromisoformat(at[:10])


def _overdue(at: str, now: datetime) -> bool:
    """A step without a time has its whole day; one with a time has until that minute."""
    return at[:10] < now.date().isoformat() or (len(at) > 10 and datetime.fromisoformat(at) < now)


def _today(at: str, now: datetime) -> bool:
    return _day(at) == now.date()


def _tomorrow(at: str, now: datetime) -> bool:
    return _day(at) == now.date() + timedelta(days=1)


def _same_week(at: str, now: datetime) -> bool:
    return _day(at).isocalendar()[:2] == now.isocalendar()[:2]


GROUPS: tuple[GroupRule, ...] = (
    GroupRule(Group.OVERDUE, N_("Overdue"), 1, _overdue),
    GroupRule(Group.TODAY, N_("Today"), 2, _today),
    GroupRule(Group.TOMORROW, N_("Tomorrow"), 3, _tomorrow),
    GroupRule(Group.THIS_WEEK, N_("This week"), 3, _same_week),
    GroupRule(Group.MISSED_CALL, N_("Missed call"), 1),
    GroupRule(Group.NO_NEXT_STEP, N_("No next step"), 2),
    GroupRule(Group.STUCK, N_("Stuck"), 2),
    GroupRule(Group.SLEEPING, N_("Sleeping"), 3),
    GroupRule(Group.SUPPLIER_LATE, N_("Supplier is late"), 1),
)
"""In the order of the list. A step belongs to the first group that holds; with none, it is not
listed.
"""

_RULES = {rule.group: (number, rule) for number, rule in enumerate(GROUPS)}

STEP_GROUPS = frozenset(rule.group for rule in GROUPS if rule.holds)
"""The groups that a client moves through as time passes."""


class FollowUp(NamedTuple):
    """One line of the list: one client in one group.

    `at` is the canonical moment of the step (a holiday's moved to the next workday) or of the
    missed call, "" without one; `record` the id of the agreement or contact that it stands in.
    `what` is the subject of the agreement or the text of the next step; `reason` the key of the
    contact's reason. `amount` and `currency` are the agreement's, of a sleeping customer what it
    bought for in a year. `days` have passed in the status `status` or since the last purchase, of
    one who buys every `usual` days. `owner` names the employee who is to act.
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
    branch: str = ""
    record: str = ""
    status: tuple[str, str] = ("", "")
    days: int = 0
    usual: Decimal | None = None

    @property
    def key(self) -> str:
        """What stays the same while the list is rebuilt: client and group."""
        return f"{self.client}|{self.group}"

    @property
    def priority(self) -> int:
        """1 now, 2 today, 3 when there is time."""
        return _RULES[self.group][1].priority


@dataclass(frozen=True)
class ListTerms:
    """What the list depends on beside the records.

    `zones` are those of branches by id, where they differ from the company's. `status_since` is the
    day of the last change of status by table ("agreements", "clients") and id; without it nothing
    is stuck. A missed call is listed after `missed_after_hours`; a sleeping customer is not listed
    for `recall_days` after a contact.
    """

    calendar: WorkCalendar = WEEKDAYS
    zones: Mapping[str, tzinfo] = field(default_factory=dict)
    status_since: Mapping[tuple[str, str], date] = field(default_factory=dict)
    missed_after_hours: int = 0
    recall_days: int = 30
    base: BaseTerms = USUAL_TERMS


USUAL_LIST = ListTerms()
"""What holds where the company has settled nothing else."""


def group_of(at: str, now: datetime) -> Group | None:
    """The group of a step by its moment, None if it lies beyond this week."""
    return next((rule.group for rule in GROUPS if rule.holds and rule.holds(at, now)), None)


def fair_share(sizes: Iterable[int], most: int) -> int:
    """How many of each group at the most, so that all together are no more than `most`: small
    groups stay whole.
    """
    ordered, left = sorted(sizes), most
    for number, size in enumerate(ordered):
        share = left // (len(ordered) - number)
        if size > share:
            return share
        left -= size
    return ordered[-1] if ordered else 0


def title_of(group: Group) -> str:
    """What a group is called, as a template."""
    return _RULES[group][1].title


def urgency(line: FollowUp) -> tuple[int, int, bool, Decimal, str]:
    """By what lines are ordered: group, days overdue (most first), amount (largest first), id."""
    amount = line.amount if line.amount is not None else Decimal(0)
    order = _RULES[line.group][0]
    return order, -line.overdue_days, line.amount is None, -amount, line.client
