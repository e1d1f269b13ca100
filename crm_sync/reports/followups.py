"""Follow-ups: whom to call today, what was promised, and what is late already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property

from crm_sync.reports.book import Book
from crm_sync.reports.customers import ClientBase, Customer, client_base
from crm_sync.reports.entries import OPEN_TYPES, Agreement, Client, Touch
from crm_sync.reports.followup_groups import FollowUp, Group, ListTerms, group_of, urgency
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.sleep import State
from crm_sync.reports.steps import (
    Source,
    Step,
    answers,
    earliest_steps,
    last_held,
    unsatisfied_steps,
)

_THEIRS = frozenset({"client", "both"})


def followups(
    book: Book,
    now: datetime,
    terms: ListTerms | None = None,
    history: History | None = None,
    base: ClientBase | None = None,
) -> tuple[FollowUp, ...]:
    """Who is to be called or served, most urgent first. `now` is the company's local time; only
    with its time zone can the branches have their own.

    A client has one line for its earliest unsatisfied step, if that is overdue, today, tomorrow or
    in this ISO week, and one for each other reason to be listed. Archived clients and those who do
    not want to be contacted are never listed. `history` saves reading the sales once more,
    `base` making the client base of that history.
    """
    lines = _Lines(book, now, terms or ListTerms(), history, base)
    found = [
        *lines.of_steps(),
        *lines.of_missed_calls(),
        *lines.without_step(),
        *lines.stuck(),
        *lines.sleeping(),
        *lines.of_late_suppliers(),
    ]
    return tuple(sorted(found, key=urgency))


def of_employee(lines: Iterable[FollowUp], employee: str) -> tuple[FollowUp, ...]:
    """The lines on which this employee is to act."""
    return tuple(line for line in lines if line.owner_id == employee)


def of_branch(lines: Iterable[FollowUp], branch: str) -> tuple[FollowUp, ...]:
    """The lines of a branch, for its head."""
    return tuple(line for line in lines if line.branch == branch)


@dataclass(frozen=True)
class _About:
    """What a line is about: a step or contact, an agreement, a status."""

    touch: Touch | None = None
    agreement: Agreement | None = None
    step: Step | None = None


_NOTHING = _About()


@dataclass(frozen=True)
class _Lines:
    """Makes the lines of one list, group by group."""

    book: Book
    now: datetime
    terms: ListTerms
    history: History | None = None
    base: ClientBase | None = None

    def of_steps(self) -> Iterator[FollowUp]:
        """Overdue, today, tomorrow, this week."""
        ordinary = ((key, step) for key, step in self.steps if not self._is_suppliers(key, step))
        for key, step in earliest_steps(ordinary).items():
            client = self._listed(key)
            group = group_of(step.at, self._local(client)) if client else None
            if client is not None and group is not None:
                yield self._step_line(client, group, step)

    def of_late_suppliers(self) -> Iterator[FollowUp]:
        """What suppliers owe us and should have given."""
        owed = ((key, step) for key, step in self.steps if self._is_suppliers(key, step))
        for key, step in earliest_steps(owed).items():
            client = self._listed(key)
            if client is not None:
                yield self._step_line(client, Group.SUPPLIER_LATE, step)

    def of_missed_calls(self) -> Iterator[FollowUp]:
        """Calls that nobody took and nobody returned; the first one of each client. A contact that
        is planned for later returns it.
        """
        first: dict[str, Touch] = {}
        for touch in self.book.touches:
            known = first.get(touch.client)
            if self._is_unreturned(touch) and (known is None or touch.at < known.at):
                first[touch.client] = touch
        for key, touch in first.items():
            client = self._listed(key)
            if client is not None:
                about = _About(touch, self.book.agreement(touch.agreement))
                line = self._line(client, Group.MISSED_CALL, about)
                late = (self._local(client).date() - _day(touch.at)).days
                yield line._replace(at=touch.at, overdue_days=max(late, 0), record=touch.id)

    def without_step(self) -> Iterator[FollowUp]:
        """Clients with whom something is open and nothing is planned: the newest open agreement,
        or the open client alone.
        """
        for key, agreement in self._idle.items():
            client = self._listed(key)
            if client is not None:
                about = _About(agreement=agreement) if agreement else _NOTHING
                yield self._line(client, Group.NO_NEXT_STEP, about)

    def stuck(self) -> Iterator[FollowUp]:
        """The clients of `without_step` that have been in a status, or whose agreement has, for
        longer than the status allows; the longest of each.
        """
        longest: dict[str, FollowUp] = {}
        for client, about, status, record in self._timed():
            most = self._max_days.get(status, 0)
            if not most:
                continue
            days = (self._local(client).date() - self.terms.status_since[record]).days
            known = longest.get(client.id)
            if days > most and (known is None or days - most > known.overdue_days):
                line = self._line(client, Group.STUCK, about)
                longest[client.id] = line._replace(
                    overdue_days=days - most, status=status, days=days
                )
        yield from longest.values()

    def sleeping(self) -> Iterator[FollowUp]:
        """Customers who have been silent for too long, and whom nobody has spoken with of late."""
        for each in self._base:
            client = self._listed(each.client.id)
            if client is None or each.state is not State.SLEEPING:
                continue
            last = self.last.get(client.id)
            today = self._local(client).date()
            if last is not None and (today - _day(last.at)).days < self.terms.recall_days:
                continue
            line = self._line(client, Group.SLEEPING, _NOTHING)
            yield line._replace(
                overdue_days=each.days - int(each.limits.sleeping),
                amount=each.purchases.recent_sum if each.purchases else None,
                currency=self.book.base_currency,
                days=each.days,
                usual=each.rhythm,
            )

    @cached_property
    def last(self) -> Mapping[str, Touch]:
        """The last contact held with each client, up to the client's own today; of one whose branch
        is behind the company, up to the company's, in whose time an answer is noted.
        """
        today = self._here.date()
        days = {max(self._wall(zone).date(), today) for zone in (None, *self.terms.zones.values())}
        by_day = {day: last_held(self.book, day) for day in days}
        if len(by_day) == 1:
            return by_day.popitem()[1]
        clients = self.book.clients
        return {
            key: touch
            for day, found in by_day.items()
            for key, touch in found.items()
            if max(self._local(clients.get(key)).date(), today) == day
        }

    @cached_property
    def _planned(self) -> Mapping[str, str]:
        """The latest contact that is planned with each client."""
        found: dict[str, str] = {}
        for key, step in self.steps:
            if step.source is Source.PLANNED:
                found[key] = max(step.at, found.get(key, ""))
        return found

    @cached_property
    def steps(self) -> tuple[tuple[str, Step], ...]:
        """The unsatisfied steps of all clients, those of holidays moved to the next workday."""
        found = unsatisfied_steps(self.book, self.last)
        return tuple((key, step._replace(at=self._moved(key, step.at))) for key, step in found)

    @cached_property
    def _base(self) -> tuple[Customer, ...]:
        if self.base is not None:
            return self.base.customers
        history = self.history or History(sales_of(self.book), self._wall(None).date())
        return client_base(self.book, history, self.terms.base).customers

    @cached_property
    def _idle(self) -> Mapping[str, Agreement | None]:
        busy = {key for key, _ in self.steps}
        types = self.book.status_types("client")
        idle: dict[str, Agreement | None] = {
            key: None
            for key, client in self.book.clients.items()
            if key not in busy and types.get(client.status) in OPEN_TYPES
        }
        for agreement in self.book.open_agreements:
            if agreement.client not in busy:
                idle[agreement.client] = _newer(agreement, idle.get(agreement.client))
        return idle

    @cached_property
    def _max_days(self) -> Mapping[tuple[str, str], int]:
        return {
            (entity, key): status.max_days
            for entity in ("agreement", "client")
            for key, status in self.book.statuses(entity).items()
            # A lost client is where it is to stay.
            if status.type != "lost"
        }

    def _timed(self) -> Iterator[tuple[Client, _About, tuple[str, str], tuple[str, str]]]:
        """The clients without a step and their open agreements: what it is, its status, and under
        what name the day of its last change of status is known.
        """
        for agreement in self.book.open_agreements:
            client = self._listed(agreement.client)
            record = ("agreements", agreement.id)
            known = client is not None and record in self.terms.status_since
            if client is not None and known and client.id in self._idle:
                about = _About(agreement=agreement)
                yield client, about, ("agreement", agreement.status), record
        for key in self._idle:
            client, record = self._listed(key), ("clients", key)
            if client is not None and record in self.terms.status_since:
                yield client, _NOTHING, ("client", client.status), record

    def _is_suppliers(self, key: str, step: Step) -> bool:
        """True for a day that has passed on which a supplier was to do something for us."""
        client = self.book.clients.get(key)
        if step.source is not Source.DUE or client is None or "supplier" not in client.kinds:
            return False
        agreement = self.book.agreement(step.record)
        theirs = agreement is not None and agreement.obligor in _THEIRS
        return theirs and group_of(step.at, self._local(client)) is Group.OVERDUE

    def _is_unreturned(self, touch: Touch) -> bool:
        if not touch.missed or not touch.at:
            return False
        held, planned = self.last.get(touch.client), self._planned.get(touch.client)
        if (held and answers(held.at, touch.at)) or (planned and answers(planned, touch.at)):
            return False
        client = self.book.clients.get(touch.client)
        waited = self._local(client) - datetime.fromisoformat(touch.at)
        return waited >= timedelta(hours=self.terms.missed_after_hours)

    def _listed(self, key: str) -> Client | None:
        client = self.book.clients.get(key)
        return None if client is None or client.archived or client.do_not_contact else client

    def _local(self, client: Client | None) -> datetime:
        if not self.terms.zones:
            return self._here
        return self._wall(self.terms.zones.get(self.book.branch_of(client)))

    @cached_property
    def _here(self) -> datetime:
        return self._wall(None)

    def _wall(self, zone: tzinfo | None) -> datetime:
        local = self.now.astimezone(zone) if zone and self.now.tzinfo else self.now
        return local.replace(tzinfo=None)

    def _moved(self, key: str, at: str) -> str:
        branch = self.book.branch_of(self.book.clients.get(key))
        return self.terms.calendar.after_holiday(_day(at), branch).isoformat() + at[10:]

    def _step_line(self, client: Client, group: Group, step: Step) -> FollowUp:
        touch = self._touches.get(step.record)
        agreement = self.book.agreement(touch.agreement if touch else step.record)
        return self._line(client, group, _About(touch, agreement, step))

    @cached_property
    def _touches(self) -> Mapping[str, Touch]:
        return {touch.id: touch for touch in self.book.touches}

    def _line(self, client: Client, group: Group, about: _About) -> FollowUp:
        touch, agreement, step = about.touch, about.agreement, about.step
        last = self.last.get(client.id)
        owner = (touch and touch.employee) or (agreement and agreement.owner) or client.owner
        late = (self._local(client).date() - _day(step.at)).days if step else 0
        employee = self.book.employees.get(owner)
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
            owner=employee.name if employee else owner,
            branch=self.book.branch_of(client, owner),
            record=step.record if step else "",
        )


def _day(at: str) -> date:
    return date.fromisoformat(at[:10])


def _what(touch: Touch | None, agreement: Agreement | None) -> str:
    if touch is not None:
        return touch.next_step or touch.summary
    return agreement.subject if agreement else ""


def _newer(agreement: Agreement, known: Agreement | None) -> Agreement:
    if known is None:
        return agreement
    return max(agreement, known, key=lambda each: (each.agreed_at or date.min, each.id))
