"""How far a plan has come, how far it should have, and where it will end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm_sync.core.values import Cell
from crm_sync.reports.activity import COMPANY, Activity, Indicator, Scope, Subject
from crm_sync.reports.book import Book
from crm_sync.reports.currency import Rate, Rates
from crm_sync.reports.explain import Given
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.periods import Window
from crm_sync.reports.plans import (
    Light,
    Mismatch,
    Plan,
    PlanLine,
    PlanTerms,
    plan_lines,
    plan_mismatches,
)
from crm_sync.reports.plans_grid import plans_report
from crm_sync.reports.report import Report
from crm_sync.reports.seasonality import Number
from crm_sync.reports.workdays import CalendarDay, WorkCalendar
from tests.unit.reports.build import STATUSES, Rows, agreement, book, contact, explained, sale, say

# The fifteenth is a Sunday: 10 of 22 working days have passed.
AS_OF = date(2026, 3, 15)
PETROV = Subject(Scope.EMPLOYEE, "E1")
STATUSES_WITH_CHANCES: Rows = {
    **STATUSES,
    "S-002": {"entity": "agreement", "key": "in_progress", "type": "open", "probability": 80},
}


def activity(of: Book, as_of: date = AS_OF) -> Activity:
    return Activity(History(sales_of(of), as_of))


def sold(amount: str, **others: Rows) -> Book:
    agreements = {"A1": sale("C1", "2026-03-02", amount, owner="E1"), **others.pop("more", {})}
    employees: Rows = {"E1": {"name": "Petrov", "branch": "B1"}, "E2": {"name": "Ivanov"}}
    return book(
        agreements=agreements, employees=employees, statuses=STATUSES_WITH_CHANCES, **others
    )


def march(value: str, subject: Subject = COMPANY, **values: str) -> Plan:
    return Plan("2026-03", subject, Indicator.SUM, Decimal(value), **values)


def line(plan: Plan, of: Book, as_of: date = AS_OF, terms: PlanTerms | None = None) -> PlanLine:
    return plan_lines([plan], activity(of, as_of), terms)[0]


def test_plan_of_a_month_is_set_against_its_working_days() -> None:
    found = line(march("2200"), sold("1100"))
    assert (found.window, found.fact.value) == (Window(date(2026, 3, 1), date(2026, 3, 31)), 1100)
    assert (found.share, found.deviation) == (Decimal("0.5"), -1100)
    assert found.elapsed == Decimal(10) / 22
    assert found.expected is not None
    assert round(found.expected, 10) == 1000
    assert found.run_rate is not None
    assert round(found.run_rate, 10) == 2420
    # 12 working days are left.
    assert found.per_day == Decimal(1100) / 12
    assert found.light is Light.GREEN


@pytest.mark.parametrize(
    ("amount", "light"),
    [
        ("1000", Light.GREEN),
        ("999.99", Light.YELLOW),
        ("900", Light.YELLOW),
        ("899.99", Light.RED),
        ("-5", Light.RED),
    ],
)
def test_light_goes_by_what_was_expected_by_now(amount: str, light: Light) -> None:
    # 20 working days in all, 10 of them passed: expected is 1000 exactly.
    off = WorkCalendar(tuple(CalendarDay(date(2026, 3, n), False) for n in (30, 31)))
    found = line(march("2000"), sold(amount), terms=PlanTerms(off))
    assert found.expected == 1000
    assert found.light is light


def test_plan_that_is_reached_needs_nothing_more() -> None:
    assert line(march("100"), sold("1100")).per_day == 0


def test_past_month_is_over_and_a_month_to_come_has_not_begun() -> None:
    past = line(march("2000"), sold("1000"), date(2026, 4, 5))
    assert (past.elapsed, past.expected, past.run_rate, past.per_day) == (1, 2000, 1000, None)
    future = line(march("2200"), sold("0"), date(2026, 2, 20))
    assert (future.elapsed, future.expected, future.light) == (0, 0, None)
    assert (future.run_rate, future.per_day) == (None, 100)
    last = line(march("2200"), sold("1000"), date(2026, 3, 31))
    assert (last.elapsed, last.per_day) == (1, None)


def test_plan_of_nothing_and_nothing_done_divide_by_nothing() -> None:
    found = line(march("0"), sold("0"))
    assert (found.share, found.deviation, found.light, found.per_day) == (None, 0, None, 0)


def test_what_is_under_way_counts_by_its_probability_if_it_is_due_in_the_period() -> None:
    more = {
        "A2": agreement(amount="100", due_date="2026-03-20", owner="E1"),
        "A3": agreement(amount="100", due_date="2026-03-10", owner="E2"),
        "A4": agreement(amount="100", due_date="2026-04-01"),
        "A5": agreement(amount="100", due_date="2026-03-20", status="on_hold"),
        "A6": agreement(amount="10", currency="USD", due_date="2026-03-20"),
        "A7": agreement(due_date="2026-03-20"),
    }
    of = sold("1000", more=more)
    found = line(march("2000"), of)
    assert found.weighted is not None
    assert (found.weighted.value, found.forecast) == (160, 1160)
    rates = Rates((Rate(date(2026, 3, 1), "USD", Decimal(90)),))
    priced = line(march("2000"), of, terms=PlanTerms(rates=rates)).weighted
    assert priced is not None
    assert priced.value == 160 + 720
    own = line(march("2000", PETROV), of).weighted
    assert own is not None
    assert own.value == 80
    counted = Plan("2026-03", COMPANY, Indicator.COUNT, Decimal(5))
    assert line(counted, of).forecast == 1 + Decimal("3.2")


def test_indicators_other_than_sales_have_no_agreements_under_way() -> None:
    of = sold("1", contacts={"K1": contact("2026-03-02", channel="call", employee="E1")})
    found = line(Plan("2026-03", PETROV, Indicator.CALLS, Decimal(10)), of)
    assert (found.fact.value, found.weighted, found.forecast) == (1, None, None)


def test_plan_in_another_currency_is_converted_or_said_to_have_no_rate() -> None:
    rates = Rates((Rate(date(2026, 3, 13), "USD", Decimal(90)),))
    assert line(march("10", currency="usd"), sold("1"), terms=PlanTerms(rates=rates)).plan == 900
    without = line(march("10", currency="USD"), sold("1"))
    assert (without.plan, without.has_rate) == (None, False)


def test_plan_of_a_year_is_spread_by_the_seasons() -> None:
    norms = {n: Number(Decimal(1), Given("norm", Decimal(1))) for n in range(1, 13)}
    norms[1] = norms[1]._replace(value=Decimal(2))
    norms[12] = norms[12]._replace(value=Decimal(0))
    year = Plan("2026", COMPANY, Indicator.SUM, Decimal(1200))
    found = line(year, sold("250"), terms=PlanTerms(norms=norms))
    assert found.expected is not None
    # January 200, February 100, ten of 22 working days of March.
    assert round(found.expected, 10) == round(300 + Decimal(1000) / 22, 10)
    assert found.run_rate is not None
    assert round(found.run_rate, 10) == round(1200 * 250 / found.expected, 10)
    plain = line(year, sold("250"))
    assert plain.expected == 1200 * plain.elapsed


def test_calendar_of_the_branch_holds_for_it_and_its_employees() -> None:
    off = WorkCalendar(tuple(CalendarDay(date(2026, 3, n), False, "B1") for n in range(2, 7)))
    for subject in (PETROV, Subject(Scope.BRANCH, "B1")):
        assert line(march("1", subject), sold("1"), terms=PlanTerms(off)).elapsed == Decimal(5) / 17
    assert line(march("1"), sold("1"), terms=PlanTerms(off)).elapsed == Decimal(10) / 22


def test_month_without_working_days_goes_by_days() -> None:
    never = WorkCalendar(weekend=frozenset(range(7)))
    found = line(march("31"), sold("1"), terms=PlanTerms(never))
    assert (found.expected, found.per_day) == (15, None)


def test_who_has_facts_but_no_plan_is_listed_without_one() -> None:
    more = {"A2": sale("C1", "2026-03-03", "7", owner="E2")}
    found = plan_lines([march("100", PETROV), march("50")], activity(sold("10", more=more)))
    assert [(each.subject.id, each.label, each.plan) for each in found] == [
        ("", "", 50),
        ("E2", "Ivanov", None),
        ("E1", "Petrov", 100),
    ]
    absent = found[1]
    assert (absent.share, absent.deviation, absent.expected, absent.light) == (None,) * 4


def test_later_plan_for_the_same_holds() -> None:
    assert [each.plan for each in plan_lines([march("1"), march("2")], activity(sold("1")))] == [2]


@pytest.mark.parametrize("period", ["2026-13", "soon", ""])
def test_period_that_is_none_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        _ = Plan(period, COMPANY, Indicator.SUM, Decimal(1)).window()


def test_plans_of_parts_must_make_up_that_of_their_whole() -> None:
    def plan(value: int, scope: Scope, key: str = "") -> Plan:
        return Plan("2026-03", Subject(scope, key), Indicator.SUM, Decimal(value))

    branches = {"E1": "B1", "E2": "B1", "E3": "B2"}
    plans = [
        plan(100, Scope.COMPANY),
        plan(60, Scope.BRANCH, "B1"),
        plan(40, Scope.BRANCH, "B2"),
        plan(30, Scope.EMPLOYEE, "E1"),
        plan(20, Scope.EMPLOYEE, "E2"),
        plan(9, Scope.GROUP, "G1"),
    ]
    assert plan_mismatches(plans, branches) == (
        Mismatch("2026-03", Indicator.SUM, Subject(Scope.BRANCH, "B1"), Decimal(60), Decimal(50)),
    )
    assert plan_mismatches([*plans, plan(30, Scope.EMPLOYEE, "E2")], branches) == ()


def rows(of: Report) -> list[list[Cell]]:
    return [[shown.value for shown in row] for row in of.grid.rows]


def test_tab_shows_each_plan_and_says_where_there_is_none() -> None:
    more = {
        "A2": sale("C1", "2026-03-03", "7.505", owner="E2"),
        "A3": agreement(amount="100", due_date="2026-03-20", owner="E1"),
    }
    lines = plan_lines([march("2200"), march("100", PETROV)], activity(sold("1100", more=more)))
    made = plans_report(
        lines, say, [Mismatch("2026-03", Indicator.SUM, COMPANY, Decimal(2), Decimal(1))]
    )
    found = rows(made)
    assert found[1] == [
        "2026-03",
        "Company",
        None,
        "Sum of sales",
        2200,
        1107.51,
        0.503,
        -1092.5,
        0.455,
        1000,
        2436.51,
        80,
        1187.51,
        91.04,
        "on course",
    ]
    assert found[2][1:7] == ["Employee", "Ivanov", "Sum of sales", None, 7.51, None]
    assert found[2][-1] == "no plan"
    assert found[-1] == ["2026-03, Sum of sales: the plan Company is 2, its parts make 1."]
    assert explained(made) > 8
    assert [chart.title for chart in made.charts] == [
        "Sum of sales, 2026-03: plan and actual — company",
        "Sum of sales, 2026-03: plan and actual — employee",
    ]


def test_tab_without_plans_says_so() -> None:
    assert rows(plans_report((), say))[1:] == [["There are no plans yet."]]


def test_remarks_tell_a_plan_of_nothing_and_one_without_a_rate() -> None:
    of = activity(sold("1"))
    plans = [march("0"), march("5", PETROV, currency="USD")]
    assert [row[-1] for row in rows(plans_report(plan_lines(plans, of), say))[1:]] == [
        "the plan is 0",
        "no rate for the plan's currency",
    ]
