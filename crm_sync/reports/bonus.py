"""Bonuses: what a month of work is worth, and what becomes of months that are paid already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from crm_sync.reports.activity import Fact
from crm_sync.reports.cells import rounded
from crm_sync.reports.entries import Employee
from crm_sync.reports.periods import Window
from crm_sync.reports.sales import Basis
from crm_sync.reports.seasonality import Month
from crm_sync.reports.workdays import WorkCalendar

_CENTS = 2


class BonusKind(StrEnum):
    """What a bonus is a share of: the salary, or the employee's sales."""

    SALARY = "salary"
    SALES = "sales"


class GridStep(NamedTuple):
    """From this indicator on, this factor."""

    since: Decimal
    factor: Decimal


@dataclass(frozen=True)
class BonusTerms:
    """How the bonus of an employee is reckoned in the months from `since` to `until` (None: without
    end).

    SALARY: salary x share x the grid's factor for the indicator x the share of working days on
    which he was employed. SALES: the sum over product groups of sales x rate ("" is the rate of all
    others), x the grid's factor (without a grid: 1); refunds lower it in their own month.
    """

    employee: str
    kind: BonusKind
    salary: Decimal = Decimal(0)
    share: Decimal = Decimal(0)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    grid: tuple[GridStep, ...] = ()
    basis: Basis = Basis.FULFILLED
    since: Month | None = None
    until: Month | None = None

    def holds(self, month: Month) -> bool:
        """True for the months of these terms."""
        after = self.since is None or self.since <= month
        return after and (self.until is None or month <= self.until)


class FrozenMonth(NamedTuple):
    """A month whose bonus is paid: what it was, and the correction of earlier ones paid with it."""

    employee: str
    month: Month
    kpi: Decimal | None
    bonus: Decimal
    correction: Decimal = Decimal(0)


@dataclass(frozen=True)
class Bonus:
    """A bonus with its working: `base` x `factor` x `employed`, rounded to cents. Of sales, `sold`
    gives product group, sum and rate.
    """

    terms: BonusTerms
    base: Decimal
    factor: Decimal
    employed: Decimal
    sold: tuple[tuple[str, Fact, Decimal], ...] = ()

    @property
    def amount(self) -> Decimal:
        """The bonus itself."""
        return rounded(self.base * self.factor * self.employed, _CENTS)


def bonus(
    terms: BonusTerms, kpi: Decimal | None, employed: Decimal, sums: Mapping[str, Fact]
) -> Bonus:
    """The bonus of a month by its indicator; `sums` are the employee's sales of that month by
    product group on the basis of the terms.
    """
    if terms.kind is BonusKind.SALARY:
        return Bonus(terms, terms.salary * terms.share, factor(terms.grid, kpi), employed)
    other = terms.rates.get("", Decimal(0))
    sold = tuple(
        (group, fact, terms.rates.get(group, other)) for group, fact in sorted(sums.items())
    )
    base = sum(((fact.value or Decimal(0)) * rate for _, fact, rate in sold), Decimal(0))
    times = factor(terms.grid, kpi) if terms.grid else Decimal(1)
    return Bonus(terms, base, times, Decimal(1), sold)


def factor(grid: tuple[GridStep, ...], kpi: Decimal | None) -> Decimal:
    """The factor of the highest step that the indicator reaches, 0 below the lowest one and where
    there is no indicator. A salary's bonus without a grid goes by the indicator itself.
    """
    if kpi is None:
        return Decimal(0)
    if not grid:
        return kpi
    reached = [step for step in grid if step.since <= kpi]
    return max(reached).factor if reached else Decimal(0)


def employed_share(employee: Employee | None, window: Window, calendar: WorkCalendar) -> Decimal:
    """The share of a window's working days on which somebody was employed; 1 for who is unknown."""
    if employee is None:
        return Decimal(1)
    start = max(window.start, employee.hired or window.start)
    end = min(window.end, employee.left or window.end)
    total = calendar.workdays(window, employee.branch)
    if start > end or not total:
        return Decimal(0)
    return Decimal(calendar.workdays(Window(start, end), employee.branch)) / total


def correction(frozen: Mapping[Month, FrozenMonth], anew: Mapping[Month, Decimal]) -> Decimal:
    """What is still owed for the paid months, by what they come to when reckoned anew; below 0 if
    too much was paid. Corrections that were paid with later months count as paid.
    """
    due = sum((anew[month] for month in frozen), Decimal(0))
    paid = sum((each.bonus + each.correction for each in frozen.values()), Decimal(0))
    return due - paid
