"""How work is done: steps overdue, clients without a next step, problems, answers in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from crm_sync.reports.activity import Activity, Fact, Indicator, Scope, Subject
from crm_sync.reports.entries import OPEN_TYPES, Touch
from crm_sync.reports.explain import Given, Listed, Part, Rule, Worked
from crm_sync.reports.periods import Window
from crm_sync.reports.steps import last_held, unsatisfied_steps

_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Quality:
    """What the records do not tell: open problems and rows by employee, and within how many hours a
    contact of the client is to be answered, by the key of its reason ("": any other).
    """

    problems: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    hours: Mapping[str, int] = field(default_factory=dict)


NO_QUALITY = Quality()
"""Nothing is known but the records."""


def no_quality() -> Quality:
    """Nothing is known but the records."""
    return NO_QUALITY


@dataclass(frozen=True, eq=False)
class Discipline:
    """The facts of how work is done. All but the answers are of the day of the report alone: of
    earlier months nobody knows them.
    """

    activity: Activity
    quality: Quality = NO_QUALITY

    def fact(self, indicator: Indicator, window: Window, subject: Subject) -> Fact:
        """One number of a window of days; of any indicator."""
        if indicator is Indicator.STANDARDS:
            return self._answers(window, subject)
        if indicator not in (
            Indicator.OVERDUE_STEPS,
            Indicator.NO_NEXT_STEP,
            Indicator.PROBLEMS,
        ):
            return self.activity.fact(indicator, window, subject)
        if self.activity.history.as_of not in window:
            return Fact(None, Given(indicator, None))
        if indicator is Indicator.OVERDUE_STEPS:
            return self._share(indicator, self._steps, subject)
        if indicator is Indicator.NO_NEXT_STEP:
            return self._share(indicator, self._open_clients, subject)
        return self._problems(subject)

    def _share(
        self, indicator: Indicator, of: tuple[tuple[str, Part, bool], ...], subject: Subject
    ) -> Fact:
        """The share of those that are marked, among those of the subject."""
        own = [(part, marked) for owner, part, marked in of if self._is_of(owner, subject, part)]
        marked = Listed("marked", lambda: tuple(part for part, is_marked in own if is_marked))
        every = Listed("all", lambda: tuple(part for part, _ in own))
        trace = Worked(indicator, Rule.RATIO, (marked, every))
        return Fact(trace.explain().value, trace)

    def _problems(self, subject: Subject) -> Fact:
        employees = [key for key in self.quality.rows if self._is_of(key, subject)]
        rows = sum(self.quality.rows[key] for key in employees)
        problems = sum(self.quality.problems.get(key, 0) for key in employees)
        value = problems * _HUNDRED / rows if rows else None
        return Fact(value, Given(Indicator.PROBLEMS, value))

    def _answers(self, window: Window, subject: Subject) -> Fact:
        asked = [
            (touch, self._is_in_time(touch))
            for touch in self._asked
            if date.fromisoformat(touch.at[:10]) in window
            and self._is_of(touch.employee, subject, _part(touch))
        ]
        asked = [(touch, good) for touch, good in asked if good or not self._is_pending(touch)]
        in_time = Listed("in_time", lambda: tuple(_part(touch) for touch, good in asked if good))
        late = Listed("late", lambda: tuple(_part(touch) for touch, good in asked if not good))
        every = Worked("all", Rule.SUM, (in_time, late))
        trace = Worked(Indicator.STANDARDS, Rule.RATIO, (in_time, every))
        return Fact(trace.explain().value, trace)

    def _is_of(self, employee: str, subject: Subject, part: Part | None = None) -> bool:
        if subject.scope is Scope.COMPANY:
            return True
        if subject.scope is Scope.EMPLOYEE:
            return employee == subject.id
        book = self.activity.book
        client = book.clients.get(part.client or part.id) if part else None
        return subject.scope is Scope.BRANCH and book.branch_of(client, employee) == subject.id

    @cached_property
    def _steps(self) -> tuple[tuple[str, Part, bool], ...]:
        """Every unsatisfied step with who is to take it, and whether it is overdue."""
        return tuple(self._told_steps())

    def _told_steps(self) -> Iterator[tuple[str, Part, bool]]:
        book, today = self.activity.book, self.activity.history.as_of
        touches = {touch.id: touch for touch in book.touches}
        for key, step in unsatisfied_steps(book, last_held(book, today)):
            if not self._is_listed(key):
                continue
            touch = touches.get(step.record)
            agreement = book.agreement(touch.agreement if touch else step.record)
            client = book.clients.get(key)
            owner = (touch and touch.employee) or (agreement and agreement.owner)
            owner = owner or (client.owner if client else "")
            day = date.fromisoformat(step.at[:10])
            table = "contacts" if touch else "agreements"
            yield owner, Part(table, step.record, Decimal(1), day, key, step.source), day < today

    @cached_property
    def _open_clients(self) -> tuple[tuple[str, Part, bool], ...]:
        """Every client with whom something is open, and whether nothing is planned."""
        book = self.activity.book
        types = book.status_types("client")
        # Of several the newest tells whose the client is: it comes last.
        by_age = sorted(book.open_agreements, key=lambda one: (one.agreed_at or date.min, one.id))
        open_ = {agreement.client: agreement.owner for agreement in by_age}
        busy = {part.client for _, part, _ in self._steps}
        return tuple(
            (client.owner or open_.get(key, ""), Part("clients", key, Decimal(1)), key not in busy)
            for key, client in book.clients.items()
            if self._is_listed(key) and (key in open_ or types.get(client.status) in OPEN_TYPES)
        )

    def _is_listed(self, key: str) -> bool:
        """False for those whom the follow-ups never show: nobody is to do anything about them."""
        client = self.activity.book.clients.get(key)
        return client is not None and not client.archived and not client.do_not_contact

    @cached_property
    def _asked(self) -> tuple[Touch, ...]:
        """The contacts by clients that a standard speaks of."""
        return tuple(
            touch
            for touch in self.activity.book.touches
            if touch.at
            and touch.at[:10] <= self._today
            and touch.direction == "in"
            and (touch.held or touch.unanswered)
            and self._hours(touch)
        )

    @cached_property
    def _held(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for touch in self.activity.book.touches:
            if touch.held and touch.at and touch.at[:10] <= self._today:
                found.setdefault(touch.client, []).append(touch.at)
        return found

    @cached_property
    def _today(self) -> str:
        return self.activity.history.as_of.isoformat()

    def _hours(self, touch: Touch) -> int:
        """Within how many hours it is to be answered, 0 where no standard speaks of it."""
        hours = self.quality.hours
        return hours.get(touch.reason, hours.get("", 0))

    def _is_pending(self, touch: Touch) -> bool:
        """True while there may still be time to answer it, on the day of the report or later."""
        return self._until(touch).date() >= self.activity.history.as_of

    def _is_in_time(self, touch: Touch) -> bool:
        if touch.held:
            return True
        asked, until = _span(touch.at)[0], self._until(touch)
        answers = map(_span, self._held.get(touch.client, ()))
        return any(last > asked and first <= until for first, last in answers)

    def _until(self, touch: Touch) -> datetime:
        return _span(touch.at)[1] + timedelta(hours=self._hours(touch))


def _span(at: str) -> tuple[datetime, datetime]:
    """The first and the last moment that is meant: of a day without an hour, all of it."""
    moment = datetime.fromisoformat(at)
    return moment, moment if len(at) > 10 else moment + timedelta(days=1)


def _part(touch: Touch) -> Part:
    day = date.fromisoformat(touch.at[:10])
    return Part("contacts", touch.id, Decimal(1), day, touch.client)
