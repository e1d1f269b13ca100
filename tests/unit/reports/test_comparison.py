"""The comparison of periods on the golden sales, and its flags."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm_sync.reports.book import Book
from crm_sync.reports.comparison import Comparison, Delta, Flag, Line, comparison, delta
from crm_sync.reports.measures import Figures, Metric
from crm_sync.reports.periods import PeriodKind
from crm_sync.reports.sales import Dimension
from tests.unit.reports.build import Rows, book, golden, sale

AS_OF = date(2026, 3, 15)


def compared(kind: PeriodKind, of: Book | None = None) -> Comparison:
    return comparison(of or golden(), AS_OF, kind)


def counts_and_sums(line: Line) -> tuple[tuple[int, Decimal] | None, ...]:
    sides = (line.now, line.previous, line.last_year, line.whole_previous)
    return tuple(side and (side.count, side.sum) for side in sides)


def percent(found: Delta) -> str:
    return "" if found.share is None else f"{found.share * 100:+.1f}"


def test_month_to_date_is_set_against_as_many_days() -> None:
    found = compared(PeriodKind.MONTH)
    assert counts_and_sums(found.total) == ((2, 2700), (1, 1500), (2, 1200), (1, 1500))
    assert found.total.now.average == 1350
    assert percent(found.against_previous(found.total, Metric.SUM)) == "+80.0"
    # Against the whole of March 2025 it would seem a fall by 56.5 %.
    assert percent(found.against_last_year(found.total, Metric.SUM)) == "+125.0"


def test_year_to_date_is_set_against_the_same_days_of_last_year() -> None:
    found = compared(PeriodKind.YEAR)
    assert counts_and_sums(found.total) == ((4, 5700), (4, 3400), (4, 3400), (6, 13400))
    assert percent(found.against_last_year(found.total, Metric.SUM)) == "+67.6"


def test_quarter_to_date_leaves_out_what_came_later_in_the_previous_one() -> None:
    found = compared(PeriodKind.QUARTER)
    assert counts_and_sums(found.total) == ((4, 5700), (0, 0), (4, 3400), (1, 5000))
    assert found.against_previous(found.total, Metric.SUM) == Delta(
        Decimal(5700), None, (Flag.NEW,)
    )


def test_percent_of_few_sales_stays_and_says_so() -> None:
    found = compared(PeriodKind.MONTH)
    assert found.against_previous(found.total, Metric.SUM).flags == (Flag.LOW_N,)


def test_window_before_the_first_sale_is_no_history_and_no_zero() -> None:
    found = comparison(golden(), date(2025, 1, 20), PeriodKind.MONTH)
    assert counts_and_sums(found.total) == ((1, 1000), None, None, None)
    assert found.against_previous(found.total, Metric.SUM) == Delta(flags=(Flag.NO_HISTORY,))
    # The same window has history once it holds the day of the first sale.
    later = comparison(golden(), date(2025, 2, 10), PeriodKind.MONTH)
    assert counts_and_sums(later.total)[1] == (1, 1000)


def test_empty_store_has_no_history() -> None:
    found = comparison(book({}), AS_OF)
    assert counts_and_sums(found.total) == ((0, 0), None, None, None)
    assert found.lines == ()


def test_store_of_one_sale_compares_it_with_nothing() -> None:
    found = comparison(book(agreements={"A1": sale("C1", "2026-03-01", "10")}), AS_OF)
    assert counts_and_sums(found.total) == ((1, 10), None, None, None)


def test_week_53_has_no_partner_in_a_year_of_52() -> None:
    found = comparison(golden(), date(2027, 1, 1), PeriodKind.WEEK)
    assert found.against_last_year(found.total, Metric.SUM) == Delta(flags=(Flag.NO_WEEK,))


def figures(count: int, total: str) -> Figures:
    return Figures(count, Decimal(total))


MANY = 9


@pytest.mark.parametrize(
    ("metric", "now", "before", "expected"),
    [
        (
            Metric.SUM,
            figures(MANY, "180"),
            figures(MANY, "100"),
            Delta(Decimal(80), Decimal("0.8")),
        ),
        (Metric.SUM, figures(MANY, "0"), figures(MANY, "50"), Delta(Decimal(-50), Decimal(-1))),
        (Metric.SUM, figures(0, "0"), figures(0, "0"), Delta(Decimal(0), None, (Flag.BOTH_ZERO,))),
        (Metric.SUM, figures(1, "5"), figures(0, "0"), Delta(Decimal(5), None, (Flag.NEW,))),
        (Metric.SUM, figures(1, "5"), figures(1, "-5"), Delta(Decimal(10), None, (Flag.NEG_BASE,))),
        (Metric.SUM, figures(0, "-5"), figures(0, "0"), Delta()),
        (
            Metric.SUM,
            figures(4, "-5"),
            figures(MANY, "10"),
            Delta(Decimal(-15), Decimal("-1.5"), (Flag.LOW_N,)),
        ),
        (Metric.COUNT, figures(5, "1"), figures(5, "1"), Delta(Decimal(0), Decimal(0))),
        (
            Metric.COUNT,
            figures(0, "1"),
            figures(0, "1"),
            Delta(Decimal(0), None, (Flag.BOTH_ZERO,)),
        ),
        (Metric.AVERAGE, figures(0, "0"), figures(MANY, "10"), Delta()),
        (Metric.AVERAGE, figures(MANY, "10"), figures(0, "0"), Delta()),
        (
            Metric.AVERAGE,
            figures(10, "30"),
            figures(10, "20"),
            Delta(Decimal(1), Decimal("0.5")),
        ),
        (Metric.SUM, figures(1, "5"), None, Delta(flags=(Flag.NO_HISTORY,))),
    ],
)
def test_change_is_a_percent_or_a_flag_that_says_why_not(
    metric: Metric, now: Figures, before: Figures | None, expected: Delta
) -> None:
    assert delta(metric, now, before) == expected


def by_group() -> Comparison:
    groups: Rows = {
        "G1": {"name": "Tea"},
        "G2": {"name": "Coffee"},
        "G3": {"name": "Cups"},
        "G4": {"name": "Never sold"},
    }
    agreements = {
        "A1": sale("C1", "2026-03-02", "100", product_group="G1"),
        "A2": sale("C1", "2026-03-03", "300", product_group="G2"),
        "A3": sale("C1", "2026-03-04", "50"),
        "A4": sale("C1", "2026-02-04", "250", product_group="G1"),
        "A5": sale("C1", "2026-02-25", "70", product_group="G3"),
        "A6": sale("C1", "2026-03-05", "50", product_group="gone"),
    }
    return comparison(book(agreements=agreements, product_groups=groups), AS_OF)


def test_lines_follow_by_sum_and_the_unspecified_is_last() -> None:
    found = by_group()
    assert [(line.label, *counts_and_sums(line)) for line in found.lines] == [
        ("Coffee", (1, 300), (0, 0), None, (0, 0)),
        ("Tea", (1, 100), (1, 250), None, (1, 250)),
        ("gone", (1, 50), (0, 0), None, (0, 0)),
        # Nothing in the days compared, but something in the whole of February.
        ("Cups", (0, 0), (0, 0), None, (1, 70)),
        ("", (1, 50), (0, 0), None, (0, 0)),
    ]


def test_share_and_part_in_growth_are_of_the_total() -> None:
    found = by_group()
    coffee, tea = found.lines[0], found.lines[1]
    assert found.share(coffee, Metric.SUM) == Decimal("0.6")
    assert found.contribution(coffee, Metric.SUM) == Decimal("1.2")
    assert found.contribution(tea, Metric.SUM) == Decimal("-0.6")
    assert found.contribution(found.total, Metric.SUM) == Decimal(1)
    assert found.share(coffee, Metric.AVERAGE) is None
    assert found.contribution(coffee, Metric.AVERAGE) is None


def test_any_dimension_splits_the_same_total() -> None:
    totals = {comparison(golden(), AS_OF, dimension=each).total for each in Dimension}
    assert len(totals) == 1


def test_dimension_of_employees_bears_their_names() -> None:
    of = book(
        agreements={"A1": sale("C1", "2026-03-02", "100", owner="E1")},
        employees={"E1": {"name": "Petrov"}},
    )
    found = comparison(of, AS_OF, dimension=Dimension.OWNER)
    assert [line.label for line in found.lines] == ["Petrov"]
