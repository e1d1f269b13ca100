"""Buyers, new buyers and the days between purchases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm_sync.reports.comparison import Flag, comparison, delta
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.measures import Figures, Metric
from crm_sync.reports.periods import PeriodKind, Window
from crm_sync.reports.sales import Dimension
from tests.unit.reports.build import Rows, book, golden, sale

AS_OF = date(2026, 3, 15)
MARCH = Window(date(2026, 3, 1), AS_OF)


def by(agreements: Rows, dimension: Dimension) -> dict[str, Figures]:
    history = History(sales_of(book({}, agreements)), AS_OF)
    return history.figures_by(MARCH, dimension)


def test_golden_month_has_one_new_buyer_and_a_rhythm_of_thirty_days() -> None:
    total = comparison(golden(), AS_OF).total
    assert total.now == Figures(2, Decimal(2700), buyers=2, new=1, gaps=(30,))
    assert total.last_year is not None
    assert total.last_year.median_gap == 28


def test_golden_year_to_date_has_a_median_that_one_long_sleep_does_not_move() -> None:
    now = comparison(golden(), AS_OF, PeriodKind.YEAR).total.now
    assert now.gaps == (30, 30, 308)
    assert now.median_gap == 30
    assert now.mean_gap is not None
    assert round(now.mean_gap, 1) == Decimal("122.7")
    assert now.per_buyer == 2


@pytest.mark.parametrize(
    ("gaps", "median"), [((), None), ((7,), 7), ((7, 8), Decimal("7.5")), ((1, 2, 9), 2)]
)
def test_median_of_gaps(gaps: tuple[int, ...], median: Decimal | None) -> None:
    assert Figures(gaps=gaps).median_gap == median


def test_nothing_sold_has_no_average_and_no_rhythm() -> None:
    nothing = Figures()
    assert (nothing.average, nothing.per_buyer, nothing.mean_gap) == (None, None, None)
    assert [nothing.value(metric) for metric in Metric] == [0, 0, None, None, None, 0, 0]


def test_two_purchases_on_one_day_make_no_gap() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-01", "1"),
        "A2": sale("C1", "2026-03-05", "1"),
        "A3": sale("C1", "2026-03-05", "1"),
    }
    (found,) = by(agreements, Dimension.SOURCE).values()
    assert (found.count, found.buyers, found.new, found.gaps) == (3, 1, 1, (4,))


def test_gap_belongs_to_the_window_of_its_later_purchase() -> None:
    agreements = {
        "A1": sale("C1", "2026-02-19", "1"),
        "A2": sale("C1", "2026-02-28", "1"),
        "A3": sale("C1", "2026-03-01", "1"),
        "A4": sale("C1", "2026-03-15", "1"),
    }
    (found,) = by(agreements, Dimension.SOURCE).values()
    assert found.gaps == (1, 14)


def test_product_group_has_a_rhythm_of_its_own() -> None:
    agreements = {
        "A1": sale("C1", "2026-02-01", "1", product_group="G1"),
        "A2": sale("C1", "2026-02-20", "1", product_group="G2"),
        "A3": sale("C1", "2026-03-03", "1", product_group="G1"),
        "A4": sale("C1", "2026-03-04", "1"),
        "A5": sale("C1", "2026-03-09", "1"),
    }
    found = by(agreements, Dimension.PRODUCT_GROUP)
    assert {value: figures.gaps for value, figures in found.items()} == {"G1": (30,), "": (5,)}


def test_gap_between_two_employees_sales_counts_to_the_later_one() -> None:
    agreements = {
        "A1": sale("C1", "2026-02-20", "1", owner="E1"),
        "A2": sale("C1", "2026-03-02", "1", owner="E2"),
        "A3": sale("C1", "2026-03-04", "1", owner="E1"),
        "A4": sale("C1", "2026-03-04", "1", owner="E2"),
    }
    found = by(agreements, Dimension.OWNER)
    assert {value: figures.gaps for value, figures in found.items()} == {"E1": (2,), "E2": (2, 10)}


def test_first_purchase_of_two_values_is_new_to_each() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-02", "1", product_group="G1"),
        "A2": sale("C1", "2026-03-02", "1", product_group="G2"),
        "A3": sale("C1", "2026-03-05", "1", product_group="G3"),
    }
    found = by(agreements, Dimension.PRODUCT_GROUP)
    assert {value: figures.new for value, figures in found.items()} == {"G1": 1, "G2": 1, "G3": 0}


def test_fully_refunded_sale_makes_neither_buyer_nor_gap_nor_newcomer() -> None:
    agreements = {
        "A1": sale("C1", "2026-03-02", "10"),
        "A2": sale("C1", "2026-03-03", "-10", status="refund", refund_of="A1"),
        "A3": sale("C1", "2026-03-07", "10"),
        "A4": sale("C2", "2026-03-02", "10"),
        "A5": sale("C2", "2026-03-03", "-10", status="refund", refund_of="A4"),
    }
    (found,) = by(agreements, Dimension.SOURCE).values()
    assert found == Figures(1, Decimal(10), buyers=1, new=1, gaps=())


def test_rhythm_rests_on_its_gaps_not_on_the_sales() -> None:
    many = Figures(9, Decimal(9), gaps=(1, 2, 3, 4, 5))
    few = Figures(9, Decimal(9), gaps=(1, 2, 3, 4))
    assert delta(Metric.RHYTHM, many, many).flags == ()
    assert delta(Metric.RHYTHM, many, few).flags == (Flag.LOW_N,)
