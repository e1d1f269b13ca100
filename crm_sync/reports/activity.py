"""What a company, a branch, an employee, a product group or a campaign has achieved in some days:
the facts that plans and indicators are held against.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from crm_sync.reports.book import Book
from crm_sync.reports.currency import NO_RATES, Rates
from crm_sync.reports.customers import USUAL_TERMS, BaseTerms
from crm_sync.reports.entries import SUPPLIER_ONLY, Agreement, Touch
from crm_sync.reports.explain import FigureTrace, Listed, Part, Rule, Trace, Worked
from crm_sync.reports.history import History
from crm_sync.reports.measures import Figures, Metric
from crm_sync.reports.periods import Window
from crm_sync.reports.purchases import purchases_of
from crm_sync.reports.sales import Dimension, Sale
from crm_sync.reports.sleep import Sleep
from crm_sync.reports.steps import answers, last_held


class Scope(StrEnum):
    """Whose facts they are."""

    COMPANY = "company"
    BRANCH = "branch"
    EMPLOYEE = "employee"
    GROUP = "group"
    CAMPAIGN = "campaign"


class Indicator(StrEnum):
    """What is counted. Calls and contacts are those that came about; `MISSED` are calls that nobody
    took and that no contact followed; `CONVERSION` is won / closed, `CYCLE` the mean of days from
    agreement to fulfilment. The last four tell how work is done: the shares of steps that are
    overdue and of open clients without a step, problems for each 100 rows, and the share of the
    clients' contacts that were answered within the hours of the standard.
    """

    SUM = "sum"
    COUNT = "count"
    AVERAGE = "average"
    NEW = "new"
    REACTIVATED = "reactivated"
    CALLS = "calls"
    CALLS_IN = "calls_in"
    CONTACTS = "contacts"
    MISSED = "missed"
    CONVERSION = "conversion"
    CYCLE = "cycle"
    OVERDUE_STEPS = "overdue_steps"
    NO_NEXT_STEP = "no_next_step"
    PROBLEMS = "problems"
    STANDARDS = "standards"


class Subject(NamedTuple):
    """A scope and the id within it, "" for the company."""

    scope: Scope
    id: str = ""


COMPANY = Subject(Scope.COMPANY)
_DIMENSIONS: Mapping[Scope, Dimension | None] = {
    Scope.COMPANY: None,
    Scope.BRANCH: Dimension.BRANCH,
    Scope.EMPLOYEE: Dimension.OWNER,
    Scope.GROUP: Dimension.PRODUCT_GROUP,
    Scope.CAMPAIGN: Dimension.CAMPAIGN,
}
_FIGURES = {
    Indicator.SUM: Metric.SUM,
    Indicator.COUNT: Metric.COUNT,
    Indicator.AVERAGE: Metric.AVERAGE,
    Indicator.NEW: Metric.NEW,
}
_CONTACTS: Mapping[Indicator, Callable[[Touch], bool]] = {
    Indicator.CONTACTS: lambda touch: touch.held,
    Indicator.CALLS: lambda touch: _is_call(touch) and touch.direction != "in",
    Indicator.CALLS_IN: lambda touch: _is_call(touch) and touch.direction == "in",
    Indicator.MISSED: lambda touch: touch.missed,
}


def _is_call(touch: Touch) -> bool:
    return touch.held and touch.channel == "call"


class Fact(NamedTuple):
    """A number, None where there is nothing to tell, and what stands behind it."""

    value: Decimal | None
    trace: Trace


@dataclass(frozen=True, eq=False)
class Activity:
    """The facts of a store as of the history's day. `closed_on` is the day on which each lost
    agreement was lost, by id (that of its last change of status); without it the day it was agreed
    on stands for it.
    """

    history: History
    closed_on: Mapping[str, date] = field(default_factory=dict)
    terms: BaseTerms = USUAL_TERMS

    @property
    def book(self) -> Book:
        """The records."""
        return self.history.sales.book

    def fact(self, indicator: Indicator, window: Window, subject: Subject = COMPANY) -> Fact:
        """One number of a window of days."""
        trace = self._trace(indicator, window, subject)
        if indicator in _FIGURES:
            found = self._figures(window, _DIMENSIONS[subject.scope]).get(subject.id)
            metric = _FIGURES[indicator]
            empty = None if indicator is Indicator.AVERAGE else Decimal(0)
            return Fact(found.value(metric) if found else empty, trace)
        return Fact(trace.explain().value, trace)

    def subjects(self, scope: Scope, window: Window) -> frozenset[str]:
        """Who of a scope has sold anything in the window or, of employees and branches, has spoken
        with anyone.
        """
        sold = self._figures(window, _DIMENSIONS[scope]).keys()
        if scope is Scope.EMPLOYEE:
            return frozenset(sold | {touch.employee for touch in self._touches(window)})
        if scope is Scope.BRANCH:
            return frozenset(sold | {self._branch(touch) for touch in self._touches(window)})
        return frozenset(sold)

    def _trace(self, indicator: Indicator, window: Window, subject: Subject) -> Trace:
        if indicator in _FIGURES:
            dimension, metric = _DIMENSIONS[subject.scope], _FIGURES[indicator]
            return FigureTrace(self.history, window, metric, dimension, subject.id)
        if indicator is Indicator.CONVERSION:
            won = FigureTrace(
                self.history, window, Metric.COUNT, _DIMENSIONS[subject.scope], subject.id
            )
            lost = Listed("lost", lambda: tuple(self._lost(window, subject)))
            closed = Worked("closed", Rule.SUM, (won, lost))
            return Worked(indicator, Rule.RATIO, (won, closed))
        if indicator is Indicator.CYCLE:
            return Listed(indicator, lambda: tuple(self._cycles(window, subject)), Rule.MEAN)
        if indicator is Indicator.REACTIVATED:
            return Listed(indicator, lambda: tuple(self._reactivated(window, subject)))
        return Listed(indicator, lambda: tuple(self._contacts(indicator, window, subject)))

    def _sold(self, window: Window, subject: Subject) -> Sequence[Sale]:
        """The purchases of a window."""
        key = window, subject.scope
        if key not in self._sales:
            found: dict[str, list[Sale]] = {}
            for value, sale in self.history.valued(window, _DIMENSIONS[subject.scope]):
                if sale.counts:
                    found.setdefault(value, []).append(sale)
            self._sales[key] = found
        return self._sales[key].get(subject.id, ())

    def _reactivated(self, window: Window, subject: Subject) -> Sequence[Part]:
        """The purchases that woke somebody, one for each client and day."""
        key = window, subject.scope
        if key not in self._woken:
            found: dict[str, list[Part]] = {}
            sales, counts = self.history.sales, self.history.counts
            dimension = _DIMENSIONS[subject.scope]
            column = sales.column(dimension) if dimension else None
            seen: set[tuple[str, str, int]] = set()
            numbers, waking = self.history.numbers(window), self._waking
            first, end = (bisect_left(waking, edge) for edge in (numbers.start, numbers.stop))
            for number in waking[first:end]:
                client, day = sales.clients[number], sales.days[number]
                if not counts[number]:
                    continue
                value = column[number] if column else ""
                if (value, client, day) not in seen:
                    seen.add((value, client, day))
                    own = found.setdefault(value, [])
                    when = date.fromordinal(day)
                    own.append(Part("agreements", sales.ids[number], Decimal(1), when, client))
            self._woken[key] = found
        return self._woken[key].get(subject.id, ())

    def _cycles(self, window: Window, subject: Subject) -> Iterator[Part]:
        for sale in self._sold(window, subject):
            agreement = self.book.agreement(sale.id)
            if agreement and agreement.agreed_at and agreement.fulfilled_at:
                days = (agreement.fulfilled_at - agreement.agreed_at).days
                yield Part("agreements", sale.id, Decimal(days), sale.day, sale.client)

    def _lost(self, window: Window, subject: Subject) -> Iterator[Part]:
        for day, agreement in self.lost:
            if day in window and self.is_of(agreement, subject):
                yield Part("agreements", agreement.id, Decimal(1), day, agreement.client)

    def is_of(self, agreement: Agreement, subject: Subject) -> bool:
        """True if an agreement counts to the subject."""
        match subject.scope:
            case Scope.EMPLOYEE:
                return agreement.owner == subject.id
            case Scope.BRANCH:
                client = self.book.clients.get(agreement.client)
                return self.book.branch_of(client, agreement.owner) == subject.id
            case Scope.GROUP:
                return agreement.product_group == subject.id
            case Scope.CAMPAIGN:
                return agreement.campaign == subject.id
            case Scope.COMPANY:
                return True

    def worth(self, agreement: Agreement, rates: Rates = NO_RATES) -> Decimal | None:
        """What an agreement that is not done is worth in base currency, by the rate of the day it
        was agreed on; None without an amount or a rate.
        """
        if agreement.amount is None or agreement.currency == self.book.base_currency:
            return agreement.amount
        rate = rates.on(agreement.currency, agreement.agreed_at or self.history.as_of)
        return None if rate is None else agreement.amount * rate

    def _contacts(self, indicator: Indicator, window: Window, subject: Subject) -> Iterator[Part]:
        counts = _CONTACTS[indicator]
        for touch in self._touches_of(window, subject):
            answered = indicator is Indicator.MISSED and self._is_answered(touch)
            if counts(touch) and not answered:
                day = date.fromisoformat(touch.at[:10])
                yield Part("contacts", touch.id, Decimal(1), day, touch.client)

    def _is_answered(self, touch: Touch) -> bool:
        last = self._last_held.get(touch.client)
        return last is not None and answers(last.at, touch.at)

    def _touches_of(self, window: Window, subject: Subject) -> Sequence[Touch]:
        key = window, subject.scope
        if key not in self._contacted:
            found: dict[str, list[Touch]] = {}
            for touch in self._touches(window):
                found.setdefault(self._whose(touch, subject.scope), []).append(touch)
            self._contacted[key] = found
        return self._contacted[key].get(subject.id, ())

    def _whose(self, touch: Touch, scope: Scope) -> str:
        match scope:
            case Scope.EMPLOYEE:
                return touch.employee
            case Scope.BRANCH:
                return self._branch(touch)
            case Scope.CAMPAIGN:
                return touch.campaign
            case Scope.GROUP:
                agreement = self.book.agreement(touch.agreement)
                return agreement.product_group if agreement else ""
            case Scope.COMPANY:
                return ""

    def _branch(self, touch: Touch) -> str:
        return self.book.branch_of(self.book.clients.get(touch.client), touch.employee)

    def _touches(self, window: Window) -> list[Touch]:
        """The contacts of a window, up to the day of the report, in order of day."""
        if window not in self._by_window:
            first, last = window.start.isoformat(), min(window.end, self.history.as_of).isoformat()
            days = sorted(day for day in self._by_day if first <= day <= last)
            self._by_window[window] = [touch for day in days for touch in self._by_day[day]]
        return self._by_window[window]

    def _figures(self, window: Window, dimension: Dimension | None) -> Mapping[str, Figures]:
        return self.history.figures_by(window, dimension)

    @cached_property
    def lost(self) -> tuple[tuple[date, Agreement], ...]:
        """The lost agreements with the day on which they were, those without any day left out; in
        order. What was not bought from a supplier is no lost sale.
        """
        found = []
        for agreement in self.book.lost_agreements:
            day = self.closed_on.get(agreement.id) or agreement.agreed_at
            client = self.book.clients.get(agreement.client)
            bought = client is not None and client.kinds == SUPPLIER_ONLY
            if day and day <= self.history.as_of and not bought:
                found.append((day, agreement))
        return tuple(sorted(found, key=lambda pair: (pair[0], pair[1].id)))

    @cached_property
    def _by_day(self) -> Mapping[str, list[Touch]]:
        found: dict[str, list[Touch]] = {}
        for touch in self.book.touches:
            if touch.at:
                found.setdefault(touch.at[:10], []).append(touch)
        return found

    @cached_property
    def _last_held(self) -> Mapping[str, Touch]:
        return last_held(self.book, self.history.as_of)

    @cached_property
    def _waking(self) -> Sequence[int]:
        """The numbers of the sales of days on which they woke somebody: few of a million."""
        sales = self.history.sales
        purchases = purchases_of(self.history, self.terms.rfm.recent_days)
        awake = frozenset(Sleep(self.book, self.terms.sleep).reactivations(purchases))
        pairs = zip(sales.clients, sales.days, strict=True)
        return [number for number, pair in enumerate(pairs) if pair in awake]

    @cached_property
    def _by_window(self) -> dict[Window, list[Touch]]:
        return {}

    @cached_property
    def _contacted(self) -> dict[tuple[Window, Scope], Mapping[str, Sequence[Touch]]]:
        return {}

    @cached_property
    def _woken(self) -> dict[tuple[Window, Scope], Mapping[str, Sequence[Part]]]:
        return {}

    @cached_property
    def _sales(self) -> dict[tuple[Window, Scope], Mapping[str, Sequence[Sale]]]:
        return {}
