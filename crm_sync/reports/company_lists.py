"""The company's lists as reports use them: rates, days off, plans, rules of KPI and bonus.

A row that cannot be used is left out and told as a fault, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, TypeVar

from crm_sync.core.records import Record
from crm_sync.core.values import N_
from crm_sync.reports import fields
from crm_sync.reports.activity import Indicator, Scope, Subject
from crm_sync.reports.bonus import BonusKind, BonusTerms, FrozenMonth, GridStep
from crm_sync.reports.book import Book
from crm_sync.reports.cells import Say
from crm_sync.reports.currency import Rate, Rates
from crm_sync.reports.kpi import KpiRule
from crm_sync.reports.plans import Plan
from crm_sync.reports.sales import Basis
from crm_sync.reports.seasonality import Month
from crm_sync.reports.workdays import CalendarDay, WorkCalendar

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)
_HUNDRED: Final = Decimal(100)
_MOST: Final = Decimal("1.2")
_PERIOD: Final = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")
_PAIR: Final = re.compile(r"(.*\S)\s+(\d+(?:[.,]\d+)?)\s*%?")
_TABLES: Final = {
    Scope.BRANCH: "branches",
    Scope.EMPLOYEE: "employees",
    Scope.GROUP: "product_groups",
    Scope.CAMPAIGN: "campaigns",
}
PERIOD_FAULT: Final = N_("{row}: “{typed}” is no month (2026-03) and no year (2026).")
MONTH_FAULT: Final = N_("{row}: “{typed}” is no month (2026-03).")
NAME_FAULT: Final = N_("{row}: there is no “{typed}”, or there are several.")
CHOICE_FAULT: Final = N_("{row}: “{typed}” is none of: {choices}.")
PAIR_FAULT: Final = N_("{row}: “{typed}” cannot be read; write it like {example}.")


@dataclass(frozen=True)
class ListFault:
    """A row of a list that could not be used: its table and id, and why, as a template."""

    table: str
    row: str
    reason: str
    params: Mapping[str, str]


class _Unusable(Exception):
    def __init__(self, reason: str, **params: str) -> None:
        super().__init__(reason)
        self.reason, self.params = reason, params


@dataclass(frozen=True)
class CompanyLists:
    """All lists of a company, without what was archived; `faults` names the rows left out, `hours`
    tells within how many of them a contact is to be answered, by its reason ("": any other).
    """

    rates: Rates = field(default_factory=Rates)
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    plans: tuple[Plan, ...] = ()
    rules: tuple[KpiRule, ...] = ()
    bonuses: tuple[BonusTerms, ...] = ()
    paid: tuple[FrozenMonth, ...] = ()
    hours: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[ListFault, ...] = ()


def fault_words(faults: Iterable[ListFault], *tables: str, say: Say) -> Iterator[str]:
    """The faults of these tables in words."""
    for each in faults:
        if each.table in tables:
            yield say(each.reason, **each.params)


def company_lists(book: Book) -> CompanyLists:
    """The lists that stand in a book."""
    made = _Made(book)
    return CompanyLists(
        rates=Rates(tuple(made.each("rates", made.rate))),
        calendar=WorkCalendar(tuple(made.each("calendar", made.day))),
        plans=tuple(made.each("sales_plan", made.plan)),
        rules=tuple(made.each("kpi_rules", made.rule)),
        bonuses=tuple(made.each("bonus_terms", made.bonus)),
        paid=tuple(made.each("paid_bonuses", made.paid)),
        hours=dict(made.each("standards", made.standard)),
        faults=tuple(made.faults),
    )


def rates_in(book: Book) -> Rates:
    """The rates alone."""
    made = _Made(book)
    return Rates(tuple(made.each("rates", made.rate)))


def plans_in(book: Book) -> dict[str, Plan]:
    """The plans alone, by the id of their rows."""
    made = _Made(book)

    def row(record: Record) -> tuple[str, Plan] | None:
        plan = made.plan(record)
        return (record.id, plan) if plan else None

    return dict(made.each("sales_plan", row))


@dataclass(frozen=True)
class _Made:
    book: Book
    faults: list[ListFault] = field(default_factory=list)

    def each(self, table: str, make: Callable[[Record], _T | None]) -> Iterator[_T]:
        """What the rows of a table come to."""
        for record in self.book.records(table).values():
            if record.archived:
                continue
            try:
                made = make(record)
            except _Unusable as exc:
                params = {"row": record.id, **exc.params}
                self.faults.append(ListFault(table, record.id, exc.reason, params))
                continue
            if made is not None:
                yield made

    def rate(self, record: Record) -> Rate | None:
        values = record.values
        day, rate = fields.day(values, "date"), fields.decimal(values, "rate")
        if day is None or rate is None:
            return None
        return Rate(day, fields.text(values, "currency").upper(), rate)

    def day(self, record: Record) -> CalendarDay | None:
        values = record.values
        day = fields.day(values, "date")
        if day is None:
            return None
        return CalendarDay(day, values.get("workday") == 1, fields.text(values, "branch"))

    def plan(self, record: Record) -> Plan | None:
        values = record.values
        value = fields.decimal(values, "value")
        if value is None:
            return None
        scope = _choice(Scope, values, "scope", Scope.COMPANY)
        return Plan(
            period=_period(fields.text(values, "period")),
            subject=Subject(scope, self._named(_TABLES.get(scope), values)),
            indicator=_choice(Indicator, values, "metric", Indicator.SUM),
            value=value,
            currency=fields.text(values, "currency").upper(),
        )

    def rule(self, record: Record) -> KpiRule | None:
        values = record.values
        weight = fields.decimal(values, "weight")
        if weight is None or not values.get("metric"):
            return None
        least, most = fields.decimal(values, "least"), fields.decimal(values, "most")
        return KpiRule(
            indicator=_choice(Indicator, values, "metric", Indicator.SUM),
            weight=weight / _HUNDRED,
            least=Decimal(0) if least is None else least / _HUNDRED,
            most=_MOST if most is None else most / _HUNDRED,
            lower_is_better=values.get("lower_is_better") == 1,
            role=fields.text(values, "role"),
            scope=_choice(Scope, values, "scope", Scope.EMPLOYEE),
            target=fields.decimal(values, "target"),
            since=_month(fields.text(values, "since")),
            until=_month(fields.text(values, "until")),
        )

    def bonus(self, record: Record) -> BonusTerms | None:
        values = record.values
        groups = _pairs(fields.text(values, "group_rates"), "Tea 2; Coffee 3.5")
        rates = {self._id("product_groups", name): rate / _HUNDRED for name, rate in groups}
        rate = fields.decimal(values, "rate")
        if rate is not None:
            rates[""] = rate / _HUNDRED
        steps = _pairs(fields.text(values, "grid"), "80 0.5; 100 1; 120 1.5")
        return BonusTerms(
            employee=fields.text(values, "employee"),
            kind=_choice(BonusKind, values, "kind", BonusKind.SALARY),
            salary=fields.decimal(values, "salary") or Decimal(0),
            share=(fields.decimal(values, "share") or Decimal(0)) / _HUNDRED,
            rates=rates,
            grid=tuple(GridStep(_number(since) / _HUNDRED, by) for since, by in steps),
            basis=_choice(Basis, values, "basis", Basis.FULFILLED),
            since=_month(fields.text(values, "since")),
            until=_month(fields.text(values, "until")),
        )

    def standard(self, record: Record) -> tuple[str, int] | None:
        hours = fields.integer(record.values, "hours")
        return (fields.text(record.values, "reason"), hours) if hours else None

    def paid(self, record: Record) -> FrozenMonth | None:
        values = record.values
        month = _month(fields.text(values, "month"))
        if month is None:
            return None
        return FrozenMonth(
            employee=fields.text(values, "employee"),
            month=month,
            kpi=fields.decimal(values, "kpi"),
            bonus=fields.decimal(values, "bonus") or Decimal(0),
            correction=fields.decimal(values, "correction") or Decimal(0),
        )

    def _named(self, table: str | None, values: fields.Values) -> str:
        """The id of whose plan it is; "" for the company."""
        return self._id(table, fields.text(values, "scope_id")) if table else ""

    def _id(self, table: str, typed: str) -> str:
        names = self.book.names(table)
        if typed in names:
            return typed
        wanted = typed.strip().casefold()
        found = [
            key
            for key, name in names.items()
            if wanted in (key.casefold(), name.strip().casefold())
            and not self.book.records(table)[key].archived
        ]
        if len(found) != 1:
            raise _Unusable(NAME_FAULT, typed=typed)
        return found[0]


def _choice(kind: type[_E], values: fields.Values, name: str, usual: _E) -> _E:
    typed = fields.text(values, name)
    try:
        return kind(typed) if typed else usual
    except ValueError:
        choices = ", ".join(each.value for each in kind)
        raise _Unusable(CHOICE_FAULT, typed=typed, choices=choices) from None


def _period(typed: str) -> str:
    if not _PERIOD.fullmatch(typed) or not 1 < int(typed[:4]) < 9999:
        raise _Unusable(PERIOD_FAULT, typed=typed)
    return typed


def _month(typed: str) -> Month | None:
    if not typed:
        return None
    found = _PERIOD.fullmatch(typed)
    if found is None or found[2] is None or not 1 < int(found[1]) < 9999:
        raise _Unusable(MONTH_FAULT, typed=typed)
    return Month(int(found[1]), int(found[2]))


def _pairs(typed: str, example: str) -> list[tuple[str, Decimal]]:
    found = []
    for part in filter(None, (each.strip() for each in typed.split(";"))):
        pair = _PAIR.fullmatch(part)
        if pair is None:
            raise _Unusable(PAIR_FAULT, typed=part, example=example)
        found.append((pair[1], Decimal(pair[2].replace(",", "."))))
    return found


def _number(typed: str) -> Decimal:
    try:
        return Decimal(typed.rstrip("% ").replace(",", "."))
    except InvalidOperation:
        raise _Unusable(PAIR_FAULT, typed=typed, example="80 0.5; 100 1; 120 1.5") from None
