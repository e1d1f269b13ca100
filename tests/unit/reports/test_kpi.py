"""Indicators and bonuses by employee and month, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm_sync.core.values import Cell
from crm_sync.reports.activity import Activity, Indicator, Scope, Subject
from crm_sync.reports.bonus import (
    BonusKind,
    BonusTerms,
    FrozenMonth,
    GridStep,
    employed_share,
    factor,
)
from crm_sync.reports.book import Book
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.kpi import (
    KpiFlag,
    KpiLine,
    KpiRule,
    KpiTerms,
    kpi_lines,
    reached,
    weighted,
)
from crm_sync.reports.kpi_grid import kpi_report
from crm_sync.reports.plans import Plan
from crm_sync.reports.report import Report
from crm_sync.reports.sales import Basis
from crm_sync.reports.seasonality import Month
from crm_sync.reports.workdays import WEEKDAYS
from tests.unit.reports.build import Rows, agreement, book, contact, explained, sale, say

AS_OF = date(2026, 3, 31)
FEBRUARY, MARCH = Month(2026, 2), Month(2026, 3)
PETROV = Subject(Scope.EMPLOYEE, "E1")
GRID = (
    GridStep(Decimal("0.8"), Decimal("0.5")),
    GridStep(Decimal(1), Decimal(1)),
    GridStep(Decimal("1.1"), Decimal("1.5")),
)
SALARY = BonusTerms("E1", BonusKind.SALARY, Decimal(50_000), Decimal("0.2"), grid=GRID)
EMPLOYEES: Rows = {"E1": {"name": "Petrov", "branch": "B1", "role": "manager"}}
RULES = (
    KpiRule(Indicator.SUM, Decimal("0.6")),
    KpiRule(Indicator.CALLS, Decimal("0.4"), least=Decimal("0.5"), most=Decimal(1)),
)


def rule(**values: Any) -> KpiRule:
    return KpiRule(Indicator.SUM, Decimal(1), **values)


@pytest.mark.parametrize(
    ("values", "plan", "fact", "expected"),
    [
        ({}, 100, "95", "0.95"),
        ({}, 100, "150", "1.2"),
        ({"most": Decimal(2)}, 100, "150", "1.5"),
        ({"least": Decimal("0.8")}, 100, "79.99", "0"),
        ({"least": Decimal("0.8")}, 100, "80", "0.8"),
        ({}, 100, "-10", "0"),
        ({}, 100, None, "0"),
        ({"lower_is_better": True}, 10, "20", "0.5"),
        ({"lower_is_better": True}, 10, "5", "1.2"),
        ({"lower_is_better": True}, 10, "0", "1.2"),
    ],
)
def test_part_is_fact_by_plan_within_its_bounds(
    values: dict[str, Any], plan: int, fact: str | None, expected: str
) -> None:
    found = reached(rule(**values), Decimal(plan), Decimal(fact) if fact else None)
    assert found == Decimal(expected)


def petrov(of: Book, terms: KpiTerms, month: Month = MARCH, as_of: date = AS_OF) -> KpiLine:
    activity = Activity(History(sales_of(of), as_of))
    (line,) = (each for each in kpi_lines(activity, [month], terms) if each.subject == PETROV)
    return line


def month_of(amount: str, calls: int = 0, **others: Rows) -> Book:
    agreements = {
        "A1": sale("C1", "2026-03-02", amount, owner="E1"),
        **others.pop("agreements", {}),
    }
    contacts = {
        f"K{n}": contact("2026-03-03 10:00", employee="E1", channel="call") for n in range(calls)
    }
    employees = others.pop("employees", EMPLOYEES)
    return book(agreements=agreements, contacts=contacts, employees=employees, **others)


def plans(sum_: int, calls: int) -> tuple[Plan, ...]:
    return (
        Plan("2026-03", PETROV, Indicator.SUM, Decimal(sum_)),
        Plan("2026-03", PETROV, Indicator.CALLS, Decimal(calls)),
    )


def test_indicator_and_bonus_are_those_of_a_hand_calculation() -> None:
    terms = KpiTerms(RULES, plans(100_000, 10), (SALARY,))
    found = petrov(month_of("110000", calls=8), terms)
    # 0.6 x 1.1 + 0.4 x 0.8 = 0.98: half of 20 % of 50 000.
    assert (found.kpi, found.bonus, found.payable) == (Decimal("0.98"), 5000, 5000)
    assert found.flags == ()
    better = petrov(month_of("130000", calls=12), terms)
    # Capped: 0.6 x 1.2 + 0.4 x 1.
    assert (better.kpi, better.bonus) == (Decimal("1.12"), 15_000)
    worse = petrov(month_of("100000", calls=4), terms)
    # Below the least, calls count for nothing.
    assert (worse.kpi, worse.bonus) == (Decimal("0.6"), 0)


def test_part_without_a_plan_is_left_out_and_the_rest_weighs_all() -> None:
    terms = KpiTerms(RULES, plans(100_000, 0), (SALARY,))
    found = petrov(month_of("90000"), terms)
    assert (found.kpi, found.flags) == (Decimal("0.9"), (KpiFlag.NO_PLAN,))
    nothing = petrov(month_of("90000"), KpiTerms(RULES, (), (SALARY,)))
    assert (nothing.kpi, nothing.bonus) == (None, 0)
    target = KpiTerms((rule(target=Decimal(45_000), most=Decimal(3)),))
    assert petrov(month_of("90000"), target).kpi == 2


def test_weights_that_do_not_make_a_whole_are_told() -> None:
    terms = KpiTerms((KpiRule(Indicator.SUM, Decimal("0.9")),), plans(100, 1))
    found = petrov(month_of("100"), terms)
    assert (found.kpi, found.flags) == (1, (KpiFlag.WEIGHTS,))


def test_state_of_today_is_left_out_of_earlier_months() -> None:
    rules = (
        rule(target=Decimal(100)),
        KpiRule(Indicator.OVERDUE_STEPS, Decimal(1), lower_is_better=True, target=Decimal("0.1")),
    )
    of = month_of("100", agreements={"A2": agreement(due_date="2026-03-01", owner="E1")})
    now = petrov(of, KpiTerms(rules))
    assert [part.reached for part in now.parts] == [1, Decimal("0.1")]
    later = petrov(of, KpiTerms(rules), as_of=date(2026, 4, 2))
    assert [part.reached for part in later.parts] == [1, None]


def test_rules_hold_for_a_role_and_for_some_months() -> None:
    rules = (
        rule(target=Decimal(100), role="branch_head"),
        rule(target=Decimal(50), until=FEBRUARY),
        rule(target=Decimal(25), since=MARCH, most=Decimal(9)),
    )
    found = petrov(month_of("100"), KpiTerms(rules))
    assert [part.plan for part in found.parts] == [25]
    assert found.kpi == 4


def test_head_of_a_branch_answers_for_the_branch() -> None:
    of = month_of(
        "100",
        agreements={"A2": sale("C1", "2026-03-02", "60", owner="E2")},
        employees={**EMPLOYEES, "E2": {"name": "Ivanov", "branch": "B1"}},
        branches={"B1": {"name": "North"}},
    )
    head = rule(scope=Scope.BRANCH, most=Decimal(9))
    plan = Plan("2026-03", Subject(Scope.BRANCH, "B1"), Indicator.SUM, Decimal(80))
    terms = KpiTerms((head,), (plan,))
    assert petrov(of, terms).kpi == 2
    lines = kpi_lines(Activity(History(sales_of(of), AS_OF)), [MARCH], terms)
    assert [(line.name, line.facts[Indicator.SUM].value, line.plan) for line in lines] == [
        ("Ivanov", 60, None),
        ("Petrov", 100, None),
        ("North", 160, 80),
    ]


def test_bonus_of_sales_has_a_rate_for_each_group_and_refunds_lower_it() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-02", "1000", owner="E1", product_group="G1"),
        "A2": sale("C1", "2026-03-03", "500.5", owner="E1", product_group="G2"),
        "A3": sale("C1", "2026-03-04", "200", owner="E1"),
        "A4": sale("C1", "2026-03-20", "-100", owner="E1", product_group="G1", refund_of="A1"),
        "A5": sale("C1", "2026-03-05", "999", owner="E2", product_group="G1"),
        "A6": sale("C1", "2026-04-01", "999", owner="E1", product_group="G1"),
    }
    of = book(agreements=agreements, employees=EMPLOYEES)
    rates = {"G1": Decimal("0.05"), "": Decimal("0.01")}
    terms = BonusTerms("E1", BonusKind.SALES, rates=rates)
    # 900 x 5 % + 500.50 x 1 % + 200 x 1 %, to the cent.
    assert petrov(of, KpiTerms(bonuses=(terms,))).bonus == Decimal("52.01")
    fast = replace(terms, grid=(GridStep(Decimal(0), Decimal(2)),))
    kpi = (rule(target=Decimal(10_000)),)
    assert petrov(of, KpiTerms(kpi, bonuses=(fast,))).bonus == Decimal("104.01")
    april = petrov(of, KpiTerms(bonuses=(terms,)), Month(2026, 4), date(2026, 4, 30))
    assert april.bonus == Decimal("49.95")


def test_bonus_may_go_by_what_was_paid() -> None:
    of = book(
        agreements={
            "A1": sale("C1", "2026-03-02", "1000", owner="E1", paid_amount="300"),
            "A2": sale("C1", "2026-03-02", "1000", owner="E1"),
        },
        employees=EMPLOYEES,
    )
    terms = BonusTerms("E1", BonusKind.SALES, rates={"": Decimal("0.1")}, basis=Basis.PAID)
    paid = History(sales_of(of, Basis.PAID), AS_OF)
    found = petrov(of, KpiTerms(bonuses=(terms,), histories={Basis.PAID: paid}))
    assert found.bonus == 30


@pytest.mark.parametrize(
    ("hired", "left", "share"),
    [
        (None, None, 1),
        ("2026-03-16", None, Decimal(12) / 22),
        (None, "2026-03-06", Decimal(5) / 22),
        ("2026-03-09", "2026-03-13", Decimal(5) / 22),
        ("2026-02-01", "2026-02-28", 0),
    ],
)
def test_bonus_is_for_the_working_days_of_employment(
    hired: str | None, left: str | None, share: Decimal
) -> None:
    of = book(employees={"E1": {"name": "Petrov", "hired": hired, "left": left}})
    assert employed_share(of.employees["E1"], MARCH.window, WEEKDAYS) == share
    assert employed_share(None, MARCH.window, WEEKDAYS) == 1


def test_who_was_not_employed_in_the_month_has_no_row() -> None:
    employees: Rows = {
        "E1": {"name": "Petrov", "left": "2026-02-28"},
        "E2": {"name": "Ivanov", "hired": "2026-04-01"},
        "E3": {"name": "Sidorov", "hired": "2026-03-31"},
        "E4": {"name": "Gone"},
    }
    of = book(employees=employees, archived=["E4"])
    lines = kpi_lines(Activity(History(sales_of(of), AS_OF)), [FEBRUARY, MARCH], KpiTerms())
    assert [(line.month.month, line.name) for line in lines] == [(2, "Petrov"), (3, "Sidorov")]


@pytest.mark.parametrize(
    ("kpi", "expected"),
    [("0.79", "0"), ("0.8", "0.5"), ("0.99", "0.5"), ("1", "1"), ("9", "1.5"), (None, "0")],
)
def test_grid_gives_the_factor_of_the_highest_step_reached(kpi: str | None, expected: str) -> None:
    assert factor(GRID, Decimal(kpi) if kpi else None) == Decimal(expected)
    assert factor(tuple(reversed(GRID)), Decimal(1)) == 1
    assert factor((), Decimal("0.7")) == Decimal("0.7")


def two_months(february: str, march: str) -> Book:
    return book(
        agreements={
            "A1": sale("C1", "2026-02-02", february, owner="E1"),
            "A2": sale("C1", "2026-03-02", march, owner="E1"),
        },
        employees=EMPLOYEES,
    )


TENTH = BonusTerms("E1", BonusKind.SALES, rates={"": Decimal("0.1")})


def test_paid_month_stays_and_what_differs_is_corrected_in_the_next() -> None:
    frozen = FrozenMonth("E1", FEBRUARY, Decimal(1), Decimal(100))
    terms = KpiTerms(bonuses=(TENTH,), frozen=(frozen,))
    # The sale of February was lowered after the month was paid.
    of = two_months("900", "2000")
    february = petrov(of, terms, FEBRUARY)
    assert (february.bonus, february.payable, february.is_frozen) == (100, 100, True)
    march = petrov(of, terms, MARCH)
    assert (march.bonus, march.correction, march.payable) == (200, -10, 190)
    assert petrov(of, terms, Month(2026, 4)).correction == 0
    # Once March is paid with its correction, nothing more is owed.
    paid = FrozenMonth("E1", MARCH, None, Decimal(200), Decimal(-10))
    later = KpiTerms(bonuses=(TENTH,), frozen=(frozen, paid))
    assert petrov(of, later, MARCH).payable == 190
    assert petrov(of, later, Month(2026, 4)).payable == 0
    assert petrov(two_months("950", "2000"), later, Month(2026, 4)).payable == 5


@pytest.mark.parametrize("archived", [(), ("E1",)])
def test_who_is_gone_keeps_what_was_paid_and_is_owed_what_is_corrected(
    archived: tuple[str, ...],
) -> None:
    frozen = FrozenMonth("E1", FEBRUARY, Decimal(1), Decimal(100))
    terms = KpiTerms(bonuses=(TENTH,), frozen=(frozen,))
    gone: Rows = {"E1": {"name": "Petrov", "left": "2026-02-15"}}

    def lines(amount: str) -> dict[int, Decimal | None]:
        agreements = {"A1": sale("C1", "2026-02-02", amount, owner="E1")}
        of = book(agreements=agreements, employees=gone, archived=archived)
        months = [Month(2026, 1), FEBRUARY, MARCH, Month(2026, 4)]
        found = kpi_lines(Activity(History(sales_of(of), AS_OF)), months, terms)
        return {line.month.month: line.payable for line in found if line.month > Month(2026, 1)}

    assert lines("1000") == {2: 100}
    assert lines("900") == {2: 100, 3: -10}


def test_correction_without_a_bonus_is_paid_all_the_same() -> None:
    frozen = FrozenMonth("E1", FEBRUARY, None, Decimal(100))
    until = replace(TENTH, until=FEBRUARY)
    found = petrov(two_months("1500", "9"), KpiTerms(bonuses=(until,), frozen=(frozen,)))
    assert (found.bonus, found.payable) == (None, 50)


def test_indicator_without_parts_is_none() -> None:
    assert weighted(()) is None


def rows(of: Report) -> list[list[Cell]]:
    return [[shown.value for shown in row] for row in of.grid.rows]


def test_tab_shows_the_working_with_its_numbers() -> None:
    of = month_of("110000", calls=8, branches={"B1": {"name": "North"}})
    terms = KpiTerms(RULES, plans(100_000, 10), (SALARY,))
    activity = Activity(History(sales_of(of), AS_OF))
    made = kpi_report(kpi_lines(activity, [MARCH], terms), say)
    found = rows(made)
    petrov, north = (dict(zip(found[0], row, strict=False)) for row in found[1:])
    assert (petrov["Month"], petrov["Plan"], petrov["Actual"], petrov["Actual, %"]) == (
        "2026-03",
        100_000,
        110_000,
        1.1,
    )
    assert (petrov["Calls made"], petrov["KPI"], petrov["Bonus"], petrov["To be paid"]) == (
        8,
        0.98,
        5000,
        5000,
    )
    assert petrov["How it was worked out"] == (
        "KPI = 0.6 × 1.1 (Sum of sales: 110000 of 100000) + 0.4 × 0.8 (Calls made: 8 of 10) "
        "= 0.98; bonus = salary 50000 × 0.2 × 0.5 × employed 1 = 5000"
    )
    assert (north["Employee or branch"], north["Actual"], north["KPI"]) == ("North", 110_000, None)
    assert explained(made) >= 20
    assert [chart.title for chart in made.charts] == ["KPI of the month"]


def test_bonus_of_sales_shows_its_working_and_a_paid_month_what_was_paid() -> None:
    frozen = FrozenMonth("E1", FEBRUARY, Decimal("0.5"), Decimal(100))
    terms = KpiTerms((rule(target=Decimal(1)),), bonuses=(TENTH,), frozen=(frozen,))
    activity = Activity(History(sales_of(two_months("900", "2000")), AS_OF))
    made = kpi_report(kpi_lines(activity, [FEBRUARY, MARCH], terms), say)
    found = [dict(zip(rows(made)[0], row, strict=False)) for row in rows(made)[1:]]
    assert [each["KPI"] for each in found] == [0.5, 1.2]
    assert found[0]["How it was worked out"] == "paid: 100"
    assert str(found[1]["How it was worked out"]).endswith("; bonus = (2000 × 0.1) × 1 = 200")
    assert (found[1]["Corrections"], found[1]["To be paid"]) == (-10, 190)
    assert explained(made) > 20


def test_remarks_tell_parts_left_out() -> None:
    of = month_of("1")
    terms = KpiTerms((KpiRule(Indicator.SUM, Decimal("0.5")),))
    made = kpi_report(kpi_lines(Activity(History(sales_of(of), AS_OF)), [MARCH], terms), say)
    assert rows(made)[1][-1] == "the weights do not make 100 %; parts without a plan are left out"
    assert kpi_report((), say).charts == ()
