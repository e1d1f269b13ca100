"""Plan against actual: how far a plan has come, how far it should have, and where it will end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from crm_sync.reports.activity import Activity, Fact, Indicator, Scope, Subject
from crm_sync.reports.comparison import labels_of
from crm_sync.reports.currency import NO_RATES, Rates
from crm_sync.reports.explain import Listed, Part
from crm_sync.reports.periods import PeriodKind, Window, period
from crm_sync.reports.sales import Dimension
from crm_sync.reports.seasonality import Number
from crm_sync.reports.workdays import WEEKDAYS, WorkCalendar

PLANNED = (
    Indicator.SUM,
    Indicator.COUNT,
    Indicator.NEW,
    Indicator.CALLS,
    Indicator.REACTIVATED,
)
"""What can be planned."""

_LABELS = {
    Scope.BRANCH: Dimension.BRANCH,
    Scope.EMPLOYEE: Dimension.OWNER,
    Scope.GROUP: Dimension.PRODUCT_GROUP,
    Scope.CAMPAIGN: Dimension.CAMPAIGN,
}
_TABLES = {
    Scope.BRANCH: "branches",
    Scope.EMPLOYEE: "employees",
    Scope.GROUP: "product_groups",
    Scope.CAMPAIGN: "campaigns",
}
_NEAR = Decimal("0.9")
_HUNDRED = Decimal(100)


class Light(StrEnum):
    """How the fact stands to what was expected by now: reached, nearly, not."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True)
class Plan:
    """A planned number. `period` is a month ("2026-03") or a year ("2026"); `currency` is empty for
    the base one and for what is no money.
    """

    period: str
    subject: Subject
    indicator: Indicator
    value: Decimal
    currency: str = ""

    def window(self, first_month: int = 1) -> Window:
        """The days of the period; a year is the company's year that begins in it. Raises
        ValueError if it is none.
        """
        if len(self.period) > 4:
            return period(PeriodKind.MONTH, date.fromisoformat(f"{self.period}-01"))
        first = date(int(self.period), first_month, 1)
        return period(PeriodKind.YEAR, first, first_month)


@dataclass(frozen=True)
class PlanTerms:
    """What the comparison depends on beside records and plans. `norms` are the seasons by which a
    year's plan is spread over its months; without them every working day counts the same. The year
    begins in `first_month`.
    """

    calendar: WorkCalendar = WEEKDAYS
    rates: Rates = NO_RATES
    norms: Mapping[int, Number] = field(default_factory=dict)
    first_month: int = 1

    def in_base(self, plan: Plan, base: str, day: date) -> Decimal | None:
        """What a plan asks for in base currency by the rate of a day, None without one."""
        if plan.currency in ("", base):
            return plan.value
        rate = self.rates.on(plan.currency, day)
        return None if rate is None else plan.value * rate


USUAL_PLANS = PlanTerms()
"""Working days from Monday to Friday, no rates, no seasons."""


@dataclass(frozen=True)
class PlanLine:
    """A row: period, whose plan, of what. Numbers are None where they would say nothing: all but
    the fact without a plan (or, if not `has_rate`, with one in a currency of unknown worth), shares
    of a plan of 0, what is to come once the period is over.

    `elapsed` is the share of its working days that have passed, `expected` what the plan asks for
    by now, which is its `asked_share`, `run_rate` where the fact ends if it goes on so, `weighted`
    what open agreements due in the period are worth by their probability, `forecast` the fact and
    that, `per_day` what is needed on each of the `days_left`, the working days to come.
    """

    window: Window
    subject: Subject
    label: str
    indicator: Indicator
    plan: Decimal | None
    has_rate: bool
    fact: Fact
    elapsed: Decimal
    expected: Decimal | None
    run_rate: Decimal | None
    weighted: Fact | None
    per_day: Decimal | None
    asked_share: Decimal = Decimal(0)
    days_left: int = 0
    has_begun: bool = True

    @property
    def share(self) -> Decimal | None:
        """Fact / plan."""
        return self._of_plan(self.fact.value)

    @property
    def deviation(self) -> Decimal | None:
        """Fact - plan."""
        value = self.fact.value
        return None if self.plan is None or value is None else value - self.plan

    @property
    def forecast(self) -> Decimal | None:
        """The fact with what is under way."""
        if self.weighted is None or self.weighted.value is None or self.fact.value is None:
            return None
        return self.fact.value + self.weighted.value

    @property
    def light(self) -> Light | None:
        """By fact / expected: from 100 %, from 90 %, below."""
        if not self.expected or self.expected < 0 or self.fact.value is None:
            return None
        reached = self.fact.value / self.expected
        if reached >= 1:
            return Light.GREEN
        return Light.YELLOW if reached >= _NEAR else Light.RED

    def _of_plan(self, value: Decimal | None) -> Decimal | None:
        return value / self.plan if value is not None and self.plan else None


Worth: TypeAlias = Callable[[Plan], Decimal | None]


def _typed_value(plan: Plan) -> Decimal:
    return plan.value


@dataclass(frozen=True)
class Mismatch:
    """Plans of parts that do not make up the plan of their whole."""

    period: str
    indicator: Indicator
    subject: Subject
    own: Decimal
    parts: Decimal


def plan_lines(
    plans: Iterable[Plan], activity: Activity, terms: PlanTerms | None = None
) -> tuple[PlanLine, ...]:
    """A line for each plan, and for each branch, employee, group or campaign that has facts where
    others of its kind have plans: no plan is not a plan of 0. Of two plans for the same the last
    one holds. Order: period, indicator, scope, label.
    """
    made = _Made(activity, terms or PlanTerms())
    asked: dict[tuple[Window, Indicator, Subject], Plan | None] = {
        (plan.window(made.terms.first_month), plan.indicator, plan.subject): plan for plan in plans
    }
    for window, indicator, subject in list(asked):
        for key in activity.subjects(subject.scope, window):
            other = Subject(subject.scope, key)
            if activity.fact(indicator, window, other).value:
                asked.setdefault((window, indicator, other), None)
    lines = [made.line(*key, plan) for key, plan in asked.items()]
    return tuple(sorted(lines, key=_order))


def plan_line(
    asked: tuple[Window, Indicator, Subject],
    plan: Plan | None,
    activity: Activity,
    terms: PlanTerms | None = None,
) -> PlanLine:
    """The line of one plan, or of what was achieved without one."""
    return _Made(activity, terms or PlanTerms()).line(*asked, plan)


def plan_mismatches(
    plans: Iterable[Plan], branches: Mapping[str, str], worth: Worth = _typed_value
) -> tuple[Mismatch, ...]:
    """Where the employees' plans do not make up that of their branch, or the branches' that of the
    company; only where there are plans of both. `branches` gives the branch of each employee,
    `worth` what a plan asks for in base currency.
    """
    known = {
        (each.period, each.indicator, each.subject): value
        for each in plans
        if (value := worth(each)) is not None
    }
    sums: dict[tuple[str, Indicator, Subject], Decimal] = {}
    for (time, indicator, subject), value in known.items():
        if subject.scope is Scope.EMPLOYEE:
            whole = Subject(Scope.BRANCH, branches.get(subject.id, ""))
        elif subject.scope is Scope.BRANCH:
            whole = Subject(Scope.COMPANY)
        else:
            continue
        key = time, indicator, whole
        sums[key] = sums.get(key, Decimal(0)) + value
    return tuple(
        Mismatch(*key, known[key], total)
        for key, total in sorted(sums.items())
        if key in known and known[key] != total
    )


def _order(line: PlanLine) -> tuple[Window, int, int, str, str]:
    scopes, indicators = list(Scope), list(Indicator)
    scope, key = line.subject
    return line.window, indicators.index(line.indicator), scopes.index(scope), line.label, key


@dataclass(frozen=True)
class _Made:
    """Makes the lines."""

    activity: Activity
    terms: PlanTerms

    def line(
        self, window: Window, indicator: Indicator, subject: Subject, plan: Plan | None
    ) -> PlanLine:
        fact = self.activity.fact(indicator, window, subject)
        value = self._in_base(plan, window) if plan else None
        elapsed = self._elapsed(window, subject)
        # Without a plan there is nothing that seasons could spread over the year.
        share = self._expected_share(window, subject) if value else elapsed
        left = self._days_left(window, subject)
        return PlanLine(
            window=window,
            subject=subject,
            label=self._labels(subject),
            indicator=indicator,
            plan=value,
            has_rate=plan is None or value is not None,
            fact=fact,
            elapsed=elapsed,
            expected=None if value is None else value * share,
            run_rate=fact.value / share if fact.value is not None and share else None,
            weighted=self._weighted(window, indicator, subject),
            per_day=_per_day(value, fact.value, left),
            asked_share=share,
            days_left=left,
            has_begun=window.start <= self.as_of,
        )

    def _labels(self, subject: Subject) -> str:
        if subject.scope is Scope.COMPANY:
            return ""
        return self._names[subject.scope].get(subject.id, subject.id)

    def _in_base(self, plan: Plan, window: Window) -> Decimal | None:
        """The plan in base currency, None without a rate."""
        base = self.activity.book.base_currency
        return self.terms.in_base(plan, base, min(window.end, self.as_of))

    def _elapsed(self, window: Window, subject: Subject) -> Decimal:
        """The share of working days that have passed; of days, if nobody works at all."""
        if self.as_of < window.start:
            return Decimal(0)
        passed = Window(window.start, min(self.as_of, window.end))
        branch = self._branch(subject)
        total = self.terms.calendar.workdays(window, branch)
        if not total:
            return Decimal(passed.days) / window.days
        return Decimal(self.terms.calendar.workdays(passed, branch)) / total

    def _expected_share(self, window: Window, subject: Subject) -> Decimal:
        norms = self.terms.norms
        months = _months(window)
        if len(months) == 1 or any(month.start.month not in norms for month in months):
            return self._elapsed(window, subject)
        weights = [norms[month.start.month].value for month in months]
        passed = [
            weight * self._elapsed(month, subject)
            for month, weight in zip(months, weights, strict=True)
        ]
        return sum(passed, Decimal(0)) / sum(weights, Decimal(0))

    def _days_left(self, window: Window, subject: Subject) -> int:
        if self.as_of >= window.end:
            return 0
        first = max(date.fromordinal(self.as_of.toordinal() + 1), window.start)
        return self.terms.calendar.workdays(Window(first, window.end), self._branch(subject))

    def _weighted(self, window: Window, indicator: Indicator, subject: Subject) -> Fact | None:
        if indicator not in (Indicator.SUM, Indicator.COUNT):
            return None
        parts = tuple(self._parts(window, indicator, subject))
        total = sum((part.amount for part in parts), Decimal(0))
        return Fact(total, Listed("weighted", lambda: parts))

    def _parts(self, window: Window, indicator: Indicator, subject: Subject) -> Iterator[Part]:
        statuses = self._statuses
        for agreement in self.activity.book.open_agreements:
            due = date.fromisoformat(agreement.due_date[:10]) if agreement.due_date else None
            if due is None or due not in window or not self.activity.is_of(agreement, subject):
                continue
            worth = (
                Decimal(1)
                if indicator is Indicator.COUNT
                else self.activity.worth(agreement, self.terms.rates)
            )
            chance = statuses.get(agreement.status, 0)
            if worth is not None and chance:
                amount = worth * chance / _HUNDRED
                yield Part("agreements", agreement.id, amount, due, agreement.client)

    def _branch(self, subject: Subject) -> str:
        """Whose calendar holds."""
        if subject.scope is Scope.BRANCH:
            return subject.id
        if subject.scope is Scope.EMPLOYEE:
            employee = self.activity.book.employees.get(subject.id)
            return employee.branch if employee else ""
        return ""

    @cached_property
    def _names(self) -> Mapping[Scope, Mapping[str, str]]:
        """What those of each scope are called; of one name, by their ids too."""
        book = self.activity.book
        return {
            scope: labels_of(book, dimension, book.names(_TABLES[scope]))
            for scope, dimension in _LABELS.items()
        }

    @property
    def as_of(self) -> date:
        return self.activity.history.as_of

    @cached_property
    def _statuses(self) -> Mapping[str, int]:
        statuses = self.activity.book.statuses("agreement")
        return {key: status.probability for key, status in statuses.items()}


def _per_day(plan: Decimal | None, fact: Decimal | None, days: int) -> Decimal | None:
    if plan is None or fact is None or not days:
        return None
    return max(plan - fact, Decimal(0)) / days


def _months(window: Window) -> Sequence[Window]:
    found = [period(PeriodKind.MONTH, window.start)]
    while found[-1].end < window.end:
        following = date.fromordinal(found[-1].end.toordinal() + 1)
        found.append(period(PeriodKind.MONTH, following))
    return found
