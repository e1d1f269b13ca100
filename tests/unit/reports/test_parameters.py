"""The cells on top of the Comparison tab, as staff leave them."""

from __future__ import annotations

from datetime import date

import pytest

from crm_sync.core.codecs import Conventions
from crm_sync.core.values import Cell
from crm_sync.reports.comparison import compare
from crm_sync.reports.comparison_grid import Layout, comparison_report
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.parameters import (
    Asked,
    Question,
    parameter_rows,
    read_parameters,
    windows_of,
)
from crm_sync.reports.periods import PeriodKind, Window
from crm_sync.reports.sales import Basis, Dimension
from tests.unit.reports.build import golden, say

TODAY = date(2026, 3, 16)
YESTERDAY = date(2026, 3, 15)
RUSSIAN = Conventions("ru_RU", "RU")


def read(rows: list[list[Cell]]) -> Asked:
    return read_parameters(rows, say, RUSSIAN, TODAY)


def shown(question: Question) -> list[list[Cell]]:
    return [[cell.value for cell in row] for row in parameter_rows(Asked(question), say)]


@pytest.mark.parametrize(
    "question",
    [
        Question(),
        Question(PeriodKind.WEEK, date(2026, 2, 1), basis=Basis.PAID, kind="partner"),
        Question(None, since=date(2025, 3, 1), until=date(2025, 3, 9)),
        Question(None, date(2025, 3, 5), date(2025, 3, 1)),
        Question(dimensions=(Dimension.OWNER, Dimension.KIND, Dimension.SOURCE)),
    ],
)
def test_what_is_shown_is_read_back_as_it_was(question: Question) -> None:
    assert read(shown(question)) == Asked(question)


def test_cells_on_top_name_what_may_be_typed() -> None:
    assert shown(Question()) == [
        ["Change the cells of the second column; the next run counts anew."],
        ["Compare by", "month", "day, week, month, quarter, half-year, year, chosen days"],
        ["As of", None, "empty: yesterday"],
        ["Chosen days from", None, "only for chosen days"],
        ["Chosen days to", None, "only for chosen days; empty: as of the day above"],
        [
            "Count sales",
            "by the day of fulfilment",
            "by the day of fulfilment, by the day of the agreement, by payment",
        ],
        ["Split by", "Product group", "several: with ; between them"],
        ["Only", None, "empty: all"],
    ]


def test_words_and_dates_are_read_as_people_type_them() -> None:
    rows: list[list[Cell]] = [
        [" compare BY ", "Week "],
        ["As of", "01.02.2026"],
        ["Split by", "branch, responsible"],
    ]
    assert read(rows) == Asked(
        Question(PeriodKind.WEEK, date(2026, 2, 1), dimensions=(Dimension.OWNER, Dimension.BRANCH))
    )


def test_tab_without_the_cells_asks_for_the_usual() -> None:
    assert read([]) == Asked(Question())
    assert read([["Compare by"], ["As of", ""]]) == Asked(Question())


def test_cell_that_will_not_do_is_told_and_kept_and_leaves_the_usual() -> None:
    rows: list[list[Cell]] = [
        ["Compare by", "fortnight"],
        ["As of", "tomorrow"],
        ["Count sales", "by payment"],
    ]
    found = read(rows)
    assert found.question == Question(basis=Basis.PAID)
    assert [(each.field, each.row, each.column, each.typed) for each in found.problems] == [
        ("period", 0, 1, "fortnight"),
        ("as_of", 1, 1, "tomorrow"),
    ]
    assert {each.table for each in found.problems} == {"comparison"}
    again = [[cell.value for cell in row] for row in parameter_rows(found, say)]
    assert again[1][:2] == ["Compare by", "fortnight"]
    assert again[2][:2] == ["As of", "tomorrow"]
    assert read(again).problems != ()


def test_day_to_come_cannot_be_asked_for() -> None:
    (problem,) = read([["As of", "17.03.2026"]]).problems
    assert problem.code == "V08"
    assert problem.message.format(**problem.params) == "2026-03-17 lies in the future."


def test_chosen_days_need_a_first_one_not_after_the_last() -> None:
    found = read([["Compare by", "chosen days"]])
    assert found.question.period is PeriodKind.MONTH
    assert [(each.field, each.code) for each in found.problems] == [("since", "V02")]
    rows: list[list[Cell]] = [
        ["Compare by", "chosen days"],
        ["Chosen days from", 46082],
        ["Chosen days to", 46081],
    ]
    found = read(rows)
    assert found.question == Question(None, since=date(2026, 3, 1))
    assert [(each.field, each.code) for each in found.problems] == [("until", "V08")]


def test_question_without_a_day_is_about_yesterday() -> None:
    assert windows_of(Question(), YESTERDAY).current == Window(date(2026, 3, 1), YESTERDAY)


def test_chosen_days_that_are_not_over_are_compared_as_far_as_they_have_come() -> None:
    asked = Question(None, since=date(2026, 3, 11), until=date(2026, 3, 20))
    found = windows_of(asked, YESTERDAY)
    assert found.current == Window(date(2026, 3, 11), YESTERDAY)
    assert found.previous == Window(date(2026, 3, 1), date(2026, 3, 5))
    assert found.whole_previous == Window(date(2026, 3, 1), date(2026, 3, 10))
    assert found.last_year == Window(date(2025, 3, 11), date(2025, 3, 15))


def test_year_may_begin_in_any_month() -> None:
    found = windows_of(Question(PeriodKind.YEAR), YESTERDAY, first_month=4)
    assert found.current == Window(date(2025, 4, 1), YESTERDAY)
    assert found.whole_previous == Window(date(2024, 4, 1), date(2025, 3, 31))
    assert found.last_year == Window(date(2024, 4, 1), date(2025, 3, 15))


def test_cells_stand_above_the_comparison() -> None:
    history = History(sales_of(golden()), YESTERDAY)
    asked = Question()
    found = compare(history, windows_of(asked, YESTERDAY), asked.dimensions[0])
    report = comparison_report([found], say, layout=Layout(asked=Asked(asked)))
    rows = [[cell.value for cell in row] for row in report.grid.rows]
    assert rows[8] == []
    assert rows[9] == ["Comparison of periods: month"]
    assert read(rows) == Asked(asked)
