"""Headings that are cut in the middle of a word cannot be read: each column is wide enough."""

from __future__ import annotations

import pytest
from xlsxwriter.utility import cell_autofit_width

from crm_sync.messages import Messages
from crm_sync.model.tables import LISTS, TABLES
from crm_sync.reports import campaigns, conflicts, followups_grid, plans_grid, problems
from crm_sync.reports.names import REPORTS, tab_of
from crm_sync.templates import load_tabs

ADDED = 4
"""Pixels that the measure adds to a word beyond what its cell does."""


def wide_enough(heading: str, width: int) -> bool:
    words = heading.replace("-", "- ").split()
    return all(cell_autofit_width(word) - ADDED <= width for word in words)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_heading_of_a_tab_is_cut_in_a_word(language: str) -> None:
    cut = [
        (tab.title, column.heading, column.width)
        for tab in load_tabs(language, (*TABLES, *LISTS))
        for column in tab.columns
        if column.width and not wide_enough(column.heading, column.width)
    ]
    assert cut == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_heading_of_a_generated_tab_is_cut_in_a_word(language: str) -> None:
    say = Messages(language).text
    columns = (
        *followups_grid.FILLABLE,
        *problems._COLUMNS,
        *conflicts._COLUMNS,
        *plans_grid._COLUMNS,
        *campaigns._COLUMNS,
    )
    assert [each for each in columns if not wide_enough(say(each[0]), each[1])] == []


def test_no_tab_of_a_report_has_the_name_of_a_table() -> None:
    tables = {table.name for table in (*TABLES, *LISTS)}
    assert tables.isdisjoint(map(tab_of, REPORTS))
    assert len(set(map(tab_of, REPORTS))) == len(REPORTS)
