"""The company's lists that reports go by: plans, rules of KPI and bonus, rates, days off.

Their tabs stand in a workbook only if the configuration asks for them; the store has their tables
in any case.
"""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field has the name of the type
from decimal import Decimal
from typing import Annotated, ClassVar

from crm_sync.core.schema import Kind
from crm_sync.model.row import (
    BOOLEAN,
    CURRENCY,
    DATE,
    MONEY,
    Row,
    Spec,
    engine,
    reference,
    required,
)

INDICATORS = (
    "sum",
    "count",
    "average",
    "new",
    "reactivated",
    "calls",
    "calls_in",
    "contacts",
    "missed",
    "conversion",
    "cycle",
    "overdue_steps",
    "no_next_step",
    "problems",
    "standards",
)
SCOPES = ("company", "branch", "employee", "group", "campaign")
PERIOD = Spec(max_length=7)
PERCENT = Spec(Kind.DECIMAL, minimum=Decimal(0), places=4)


class Rate(Row):
    """What one unit of a currency cost in the company's own on a day."""

    TABLE: ClassVar[str] = "rates"
    PREFIX: ClassVar[str] = "R"
    LABEL: ClassVar[str] = "currency"

    date: Annotated[Day | None, required(DATE)] = None
    currency: Annotated[str | None, Spec(required=True, max_length=3)] = None
    rate: Annotated[
        Decimal | None, Spec(Kind.DECIMAL, required=True, minimum=Decimal(0), places=8)
    ] = None


class CalendarDay(Row):
    """A day that is not as its weekday says. Without a branch it holds for the whole company."""

    TABLE: ClassVar[str] = "calendar"
    PREFIX: ClassVar[str] = "D"
    LABEL: ClassVar[str] = "name"

    date: Annotated[Day | None, required(DATE)] = None
    workday: Annotated[bool | None, BOOLEAN] = None
    branch: Annotated[str | None, reference("branches")] = None
    name: Annotated[str | None, Spec(max_length=200)] = None


class SalesPlan(Row):
    """A planned number. `period` is a month (2026-03) or a year (2026); `scope_id` the id or the
    name of the branch, employee, product group or campaign, empty for the company.
    """

    TABLE: ClassVar[str] = "sales_plan"
    PREFIX: ClassVar[str] = "L"
    LABEL: ClassVar[str] = "period"

    period: Annotated[str | None, required(PERIOD)] = None
    scope: Annotated[str | None, Spec(Kind.CHOICE, choices=SCOPES, default="company")] = None
    scope_id: Annotated[str | None, Spec(max_length=200)] = None
    metric: Annotated[
        str | None,
        Spec(Kind.CHOICE, choices=("sum", "count", "new", "calls", "reactivated"), default="sum"),
    ] = None
    value: Annotated[Decimal | None, required(MONEY)] = None
    currency: Annotated[str | None, CURRENCY] = None


class KpiRule(Row):
    """One part of the indicator. `weight`, `least` and `most` are percents; `role` empty is
    everybody; `target` holds where the plans have none.
    """

    TABLE: ClassVar[str] = "kpi_rules"
    PREFIX: ClassVar[str] = "U"
    DIGITS: ClassVar[int] = 3
    LABEL: ClassVar[str] = "metric"

    metric: Annotated[str | None, Spec(Kind.CHOICE, required=True, choices=INDICATORS)] = None
    weight: Annotated[Decimal | None, required(PERCENT)] = None
    least: Annotated[Decimal | None, PERCENT] = None
    most: Annotated[Decimal | None, PERCENT] = None
    lower_is_better: Annotated[bool | None, BOOLEAN] = None
    scope: Annotated[
        str | None, Spec(Kind.CHOICE, choices=("employee", "branch"), default="employee")
    ] = None
    role: Annotated[
        str | None,
        Spec(
            Kind.CHOICE,
            choices=("owner", "director", "dept_head", "branch_head", "manager", "viewer"),
        ),
    ] = None
    target: Annotated[Decimal | None, Spec(Kind.DECIMAL, places=4)] = None
    since: Annotated[str | None, PERIOD] = None
    until: Annotated[str | None, PERIOD] = None


class BonusTerms(Row):
    """How an employee's bonus is reckoned. `share` and `rate` are percents; `group_rates` are
    rates of product groups ("Tea 2; Coffee 3.5"), `grid` what the indicator multiplies it by
    ("80 0.5; 100 1; 120 1.5": from 80 % on by 0.5).
    """

    TABLE: ClassVar[str] = "bonus_terms"
    PREFIX: ClassVar[str] = "N"
    DIGITS: ClassVar[int] = 3
    LABEL: ClassVar[str] = "employee"

    employee: Annotated[str | None, reference("employees", required=True)] = None
    kind: Annotated[
        str | None,
        Spec(Kind.CHOICE, choices=("salary", "sales"), default="salary"),
    ] = None
    salary: Annotated[Decimal | None, MONEY] = None
    share: Annotated[Decimal | None, PERCENT] = None
    rate: Annotated[Decimal | None, PERCENT] = None
    group_rates: Annotated[str | None, Spec(max_length=1000)] = None
    grid: Annotated[str | None, Spec(max_length=500)] = None
    basis: Annotated[
        str | None,
        Spec(Kind.CHOICE, choices=("fulfilled", "agreed", "paid"), default="fulfilled"),
    ] = None
    since: Annotated[str | None, PERIOD] = None
    until: Annotated[str | None, PERIOD] = None


class Standard(Row):
    """How soon a contact of the client is to be answered: within so many `hours` where nobody took
    it, by its `reason`; without a reason it holds for all that have none of their own. `script` is
    what to say.
    """

    TABLE: ClassVar[str] = "standards"
    PREFIX: ClassVar[str] = "T"
    DIGITS: ClassVar[int] = 3
    LABEL: ClassVar[str] = "reason"

    reason: Annotated[str | None, reference("statuses", entity="reason")] = None
    hours: Annotated[
        int | None,
        Spec(Kind.INTEGER, required=True, minimum=Decimal(1), maximum=Decimal(720)),
    ] = None
    script: Annotated[str | None, Spec(max_length=5000, prose=True)] = None


class PaidBonus(Row):
    """A month of an employee whose bonus is settled: `crm-sync kpi freeze` writes it. `kpi` is a
    share (1 is 100 %).
    """

    TABLE: ClassVar[str] = "paid_bonuses"
    PREFIX: ClassVar[str] = "Z"
    LABEL: ClassVar[str] = "month"

    employee: Annotated[str | None, engine(reference("employees"))] = None
    month: Annotated[str | None, engine(PERIOD)] = None
    kpi: Annotated[Decimal | None, engine(Spec(Kind.DECIMAL, places=28))] = None
    bonus: Annotated[Decimal | None, engine(MONEY)] = None
    correction: Annotated[Decimal | None, engine(MONEY)] = None
