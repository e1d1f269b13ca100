"""Plan against actual: how far a plan has come, how far it should have, and where it will end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

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

    @property
    def window(self) -> Window:
        """The days of the period. Raises ValueError if it is none."""
        kind = PeriodKind.MONTH if len(self.period) > 4 else PeriodKind.YEAR
        return period(kind, date.fromisoformat(f"{self.period}-01-01"[:10]))


@dataclass(frozen=True)
class PlanTerms:
    """What the comparison depends on beside records and plans. `norms` are the seasons by which a
    year's plan is spread over its months; without them every working day counts the same.
    """

    calendar: WorkCalendar = WEEKDAYS
    rates: Rates = NO_RATES
    norms: Mapping[int, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanLine:
    """A row: period, whose plan, of what. Numbers are None where they would say nothing: all but
    the fact without a plan (or, if not `has_rate`, with one in a currency of unknown worth), shares
    of a plan of 0, what is to come once the period is over.

    `elapsed` is the share of its working days that have passed, `expected` what the plan asks for
    by now, `run_rate` where the fact ends if it goes on so, `weighted` what open agreements due in
    the period are worth by their probability, `forecast` the fact and that, `per_day` what is
    needed on each working day left.
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
        (plan.window, plan.indicator, plan.subject): plan for plan in plans
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


def plan_mismatches(plans: Iterable[Plan], branches: Mapping[str, str]) -> tuple[Mismatch, ...]:
    """Where the employees' plans do not make up that of their branch, or the branches' that of the
    company; only where there are plans of both. `branches` gives the branch of each employee.
    """
    known = {(each.period, each.indicator, each.subject): each.value for each in plans}
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
        expected = value * self._expected_share(window, subject) if value is not None else None
        run = fact.value / elapsed if fact.value is not None and elapsed else None
        if value and expected and fact.value is not None:
            run = fact.value / (expected / value)
        return PlanLine(
            window=window,
            subject=subject,
            label=self._labels(subject),
            indicator=indicator,
            plan=value,
            has_rate=plan is None or value is not None,
            fact=fact,
            elapsed=elapsed,
            expected=expected,
            run_rate=run,
            weighted=self._weighted(window, indicator, subject),
            per_day=self._per_day(window, subject, value, fact.value),
        )

    def _labels(self, subject: Subject) -> str:
        if subject.scope is Scope.COMPANY:
            return ""
        book = self.activity.book
        return labels_of(book, _LABELS[subject.scope], [subject.id]).get(subject.id, subject.id)

    def _in_base(self, plan: Plan, window: Window) -> Decimal | None:
        """The plan in base currency, None without a rate."""
        base = self.activity.book.base_currency
        if not plan.currency or plan.currency.upper() == base:
            return plan.value
        rate = self.terms.rates.on(plan.currency, min(window.end, self.as_of))
        return None if rate is None else plan.value * rate

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

    def _per_day(
        self, window: Window, subject: Subject, plan: Decimal | None, fact: Decimal | None
    ) -> Decimal | None:
        if plan is None or fact is None or self.as_of >= window.end:
            return None
        first = max(date.fromordinal(self.as_of.toordinal() + 1), window.start)
        days = self.terms.calendar.workdays(Window(first, window.end), self._branch(subject))
        return max(plan - fact, Decimal(0)) / days if days else None

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

    @property
    def as_of(self) -> date:
        return self.activity.history.as_of

    @cached_property
    def _statuses(self) -> Mapping[str, int]:
        statuses = self.activity.book.statuses("agreement")
        return {key: status.probability for key, status in statuses.items()}


def _months(window: Window) -> Sequence[Window]:
    found = [period(PeriodKind.MONTH, window.start)]
    while found[-1].end < window.end:
        following = date.fromordinal(found[-1].end.toordinal() + 1)
        found.append(period(PeriodKind.MONTH, following))
    return found
