"""Indicators and bonuses by employee and month, with the working shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from crm_sync.reports.activity import Activity, Fact, Indicator, Scope, Subject
from crm_sync.reports.bonus import (
    Bonus,
    BonusTerms,
    FrozenMonth,
    bonus,
    correction,
    employed_share,
)
from crm_sync.reports.discipline import NO_QUALITY, Discipline, Quality
from crm_sync.reports.explain import Listed, Part
from crm_sync.reports.history import History
from crm_sync.reports.plans import USUAL_PLANS, Plan, PlanTerms
from crm_sync.reports.sales import Basis
from crm_sync.reports.seasonality import Month
from crm_sync.reports.workdays import WEEKDAYS, WorkCalendar

SHOWN = tuple(each for each in Indicator if each is not Indicator.SUM)
"""The indicators that have a column of their own, beside plan and actual of the sum."""

_NOW = frozenset({Indicator.OVERDUE_STEPS, Indicator.NO_NEXT_STEP, Indicator.PROBLEMS})


class KpiFlag(StrEnum):
    """What is to be known of an indicator: weights that do not make 100 %, parts left out."""

    WEIGHTS = "weights"
    NO_PLAN = "no_plan"


@dataclass(frozen=True)
class KpiRule:
    """One part of the indicator: fact / plan (of what is better the lower: plan / fact), nothing
    below `least` and never more than `most`, by `weight` (0.4 is 40 %).

    It holds for employees of the `role` ("" for all) in the months from `since` to `until`. With
    the scope of a branch the facts and plans are those of the employee's branch. `target` is the
    plan where the plans have none.
    """

    indicator: Indicator
    weight: Decimal
    least: Decimal = Decimal(0)
    most: Decimal = Decimal("1.2")
    lower_is_better: bool = False
    role: str = ""
    scope: Scope = Scope.EMPLOYEE
    target: Decimal | None = None
    since: Month | None = None
    until: Month | None = None

    def holds(self, month: Month, role: str) -> bool:
        """True for the months and the role of this rule."""
        after = self.since is None or self.since <= month
        in_time = after and (self.until is None or month <= self.until)
        return in_time and self.role in ("", role)


@dataclass(frozen=True)
class KpiPart:
    """One rule at work: `reached` is None where it is left out."""

    rule: KpiRule
    plan: Decimal | None
    fact: Fact
    reached: Decimal | None


_Corrected = tuple[Month, Decimal, Decimal]


@dataclass(frozen=True)
class KpiLine:
    """A row: an employee or a branch in a month. `kpi` is None without any part. A month that is
    paid shows what was paid; `correction` is what is owed for such months since, `corrected` gives
    each of them with what it comes to now and what was paid.
    """

    subject: Subject
    name: str
    month: Month
    plan: Decimal | None
    facts: Mapping[Indicator, Fact]
    parts: tuple[KpiPart, ...] = ()
    kpi: Decimal | None = None
    flags: tuple[KpiFlag, ...] = ()
    working: Bonus | None = None
    bonus: Decimal | None = None
    correction: Decimal = Decimal(0)
    corrected: tuple[_Corrected, ...] = ()
    is_frozen: bool = False

    @property
    def payable(self) -> Decimal | None:
        """Bonus and correction."""
        if self.bonus is None and not self.correction:
            return None
        return (self.bonus or Decimal(0)) + self.correction


@dataclass(frozen=True)
class KpiTerms:
    """Rules, plans, terms of bonuses, months that are paid, and what else the rows depend on.
    `histories` are the sales on other bases than fulfilment, where terms ask for them.
    """

    rules: tuple[KpiRule, ...] = ()
    plans: tuple[Plan, ...] = ()
    bonuses: tuple[BonusTerms, ...] = ()
    frozen: tuple[FrozenMonth, ...] = ()
    calendar: WorkCalendar = WEEKDAYS
    quality: Quality = NO_QUALITY
    plan_terms: PlanTerms = USUAL_PLANS
    histories: Mapping[Basis, History] = field(default_factory=dict)


def kpi_lines(activity: Activity, months: Iterable[Month], terms: KpiTerms) -> tuple[KpiLine, ...]:
    """A row for each employee who was employed in the month, then one for each branch; in order of
    month, name.
    """
    made = _Made(activity, terms)
    lines = []
    for month in sorted(months):
        staff = sorted(made.staff(month), key=lambda each: (each[1], each[0]))
        lines += [made.employee(key, name, month) for key, name in staff]
        names = activity.book.names("branches")
        lines += [
            made.branch(key, name, month)
            for key, name in sorted(names.items(), key=lambda each: (each[1], each[0]))
        ]
    return tuple(lines)


def reached(rule: KpiRule, plan: Decimal, fact: Decimal | None) -> Decimal:
    """How far a plan was reached, within the bounds of the rule. Nothing achieved is nothing
    reached; of what is better the lower, none at all is the best.
    """
    if fact is None:
        return Decimal(0)
    if rule.lower_is_better:
        share = plan / fact if fact > 0 else rule.most
    else:
        share = fact / plan
    return Decimal(0) if share < rule.least or share < 0 else min(share, rule.most)


def weighted(parts: Sequence[KpiPart]) -> Decimal | None:
    """The indicator: the parts by weight, of those that are not left out; None without any."""
    known = [(part.rule.weight, part.reached) for part in parts if part.reached is not None]
    total = sum((weight for weight, _ in known), Decimal(0))
    if not total:
        return None
    return sum((weight * share for weight, share in known), Decimal(0)) / total


@dataclass(frozen=True)
class _Made:
    """Makes the rows."""

    activity: Activity
    terms: KpiTerms

    def staff(self, month: Month) -> Iterator[tuple[str, str]]:
        """Who was employed in a month, and who, gone since, was paid for it or is still owed."""
        window = month.window
        for key, each in self.activity.book.employees.items():
            began = each.hired is None or each.hired <= window.end
            stayed = each.left is None or each.left >= window.start
            employed = began and stayed and not each.archived
            if employed or month in self._frozen.get(key, {}) or self._owed(key, month)[0]:
                yield key, each.name

    def employee(self, key: str, name: str, month: Month) -> KpiLine:
        """The row of an employee."""
        subject = Subject(Scope.EMPLOYEE, key)
        parts = self._parts(key, month)
        kpi, working = weighted(parts), self._bonus(key, month)
        paid = self._frozen.get(key, {}).get(month)
        earned = working.amount if working else None
        owed, told = self._owed(key, month)
        return KpiLine(
            subject=subject,
            name=name,
            month=month,
            plan=self._plan(Indicator.SUM, month, subject),
            facts=self._facts(month, subject),
            parts=parts,
            kpi=paid.kpi if paid else kpi,
            flags=self._flags(parts),
            working=working,
            bonus=paid.bonus if paid else earned,
            correction=paid.correction if paid else owed,
            corrected=told,
            is_frozen=paid is not None,
        )

    def _owed(self, key: str, month: Month) -> tuple[Decimal, tuple[_Corrected, ...]]:
        """What is owed for the paid months in the one after the last of them, and of each of these
        what it comes to and what was paid.
        """
        frozen = self._frozen.get(key, {})
        if not frozen or month != max(frozen).plus(1):
            return Decimal(0), ()
        anew = {each: self._anew(key, each) for each in sorted(frozen)}
        told = ((m, due, frozen[m].bonus + frozen[m].correction) for m, due in anew.items())
        return correction(frozen, anew), tuple(told)

    def branch(self, key: str, name: str, month: Month) -> KpiLine:
        """The row of a branch: plan and facts, for its head."""
        subject = Subject(Scope.BRANCH, key)
        plan = self._plan(Indicator.SUM, month, subject)
        return KpiLine(subject, name, month, plan, self._facts(month, subject))

    def _facts(self, month: Month, subject: Subject) -> Mapping[Indicator, Fact]:
        return {each: self._discipline.fact(each, month.window, subject) for each in Indicator}

    def _parts(self, key: str, month: Month) -> tuple[KpiPart, ...]:
        employee = self.activity.book.employees.get(key)
        role = employee.role if employee else ""
        found = []
        for rule in self.terms.rules:
            if not rule.holds(month, role):
                continue
            subject = Subject(Scope.EMPLOYEE, key)
            if rule.scope is Scope.BRANCH:
                subject = Subject(Scope.BRANCH, employee.branch if employee else "")
            plan = self._plan(rule.indicator, month, subject)
            plan = rule.target if plan is None else plan
            fact = self._discipline.fact(rule.indicator, month.window, subject)
            unknown = fact.value is None and rule.indicator in _NOW
            share = reached(rule, plan, fact.value) if plan and not unknown else None
            found.append(KpiPart(rule, plan, fact, share))
        return tuple(found)

    def _flags(self, parts: Sequence[KpiPart]) -> tuple[KpiFlag, ...]:
        found = []
        if parts and sum((part.rule.weight for part in parts), Decimal(0)) != 1:
            found.append(KpiFlag.WEIGHTS)
        if any(part.reached is None for part in parts):
            found.append(KpiFlag.NO_PLAN)
        return tuple(found)

    def _bonus(self, key: str, month: Month) -> Bonus | None:
        own = (each for each in self.terms.bonuses if each.employee == key and each.holds(month))
        terms = next(own, None)
        if terms is None:
            return None
        employee = self.activity.book.employees.get(key)
        employed = employed_share(employee, month.window, self.terms.calendar)
        kpi = weighted(self._parts(key, month))
        return bonus(terms, kpi, employed, self._sums(terms, month))

    def _anew(self, key: str, month: Month) -> Decimal:
        found = self._bonus(key, month)
        return found.amount if found else Decimal(0)

    def _sums(self, terms: BonusTerms, month: Month) -> Mapping[str, Fact]:
        """The employee's sales of a month by product group."""
        history = self.activity.history
        if terms.basis is not history.sales.basis:
            history = self.terms.histories[terms.basis]
        groups, owners = history.sales.product_groups, history.sales.owners
        found: dict[str, list[Part]] = {}
        for number in history.numbers(month.window):
            if owners[number] == terms.employee:
                sale = history.sales.sale(number, counts=history.counts[number])
                part = Part("agreements", sale.id, sale.amount, sale.day, sale.client)
                found.setdefault(groups[number], []).append(part)
        return {group: _summed(tuple(parts)) for group, parts in found.items()}

    def _plan(self, indicator: Indicator, month: Month, subject: Subject) -> Decimal | None:
        return self._plans.get((f"{month.year}-{month.month:02}", indicator, subject))

    @cached_property
    def _plans(self) -> Mapping[tuple[str, Indicator, Subject], Decimal]:
        """The plans in base currency; one in a currency of unknown worth is none."""
        terms, history = self.terms.plan_terms, self.activity.history
        base = self.activity.book.base_currency
        found = {}
        for each in self.terms.plans:
            day = min(each.window(terms.first_month).end, history.as_of)
            value = terms.in_base(each, base, day)
            if value is not None:
                found[each.period, each.indicator, each.subject] = value
        return found

    @cached_property
    def _frozen(self) -> Mapping[str, Mapping[Month, FrozenMonth]]:
        found: dict[str, dict[Month, FrozenMonth]] = {}
        for each in self.terms.frozen:
            found.setdefault(each.employee, {})[each.month] = each
        return found

    @cached_property
    def _discipline(self) -> Discipline:
        return Discipline(self.activity, self.terms.quality)


def _summed(parts: tuple[Part, ...]) -> Fact:
    total = sum((part.amount for part in parts), Decimal(0))
    return Fact(total, Listed("sum", lambda: parts))
