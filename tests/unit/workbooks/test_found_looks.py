"""The looks of cells as Google's answer tells them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.drift import CellForm
from crm_sync.core.looks import Rule, RuleKind
from crm_sync.ports import SheetOutline
from crm_sync.workbooks.answers import Malformed
from crm_sync.workbooks.found_looks import found_book

LOOKS: dict[CellForm, dict[str, Any]] = {
    CellForm(): {},
    CellForm("DATE"): {"userEnteredFormat": {"numberFormat": {"type": "DATE"}}},
    CellForm("", Rule(RuleKind.LIST, ("new", "won"))): {
        "dataValidation": {
            "condition": {
                "type": "ONE_OF_LIST",
                "values": [{"userEnteredValue": "new"}, {"userEnteredValue": "won"}],
            }
        }
    },
}
SHEET = SheetOutline(7, "Clients", 100, 5)
HEAD = {
    "properties": {"locale": "en_US", "timeZone": "Europe/Berlin"},
    "sheets": [{"properties": {"sheetId": 7, "title": "Clients"}}],
}
ROWS = st.lists(st.lists(st.sampled_from(list(LOOKS)), max_size=3), max_size=6)


def answer(*blocks: dict[str, Any]) -> bytes:
    return orjson.dumps({"sheets": [{"properties": {"sheetId": 7}, "data": list(blocks)}]})


@given(ROWS, ROWS, st.integers(0, 2))
def test_runs_say_of_each_cell_what_the_answer_says(
    first: list[list[CellForm]], last: list[list[CellForm]], left: int
) -> None:
    blocks = [
        {
            "startRow": top,
            "startColumn": left,
            "rowData": [{"values": [LOOKS[look] for look in row]} for row in rows],
        }
        for top, rows in ((0, first), (50, last))
    ]
    found = found_book(HEAD, answer(*blocks), [SHEET]).tabs[7].runs
    told = {
        (number, column): run.look
        for column, runs in found.items()
        for run in runs
        for number in range(run.top, run.bottom)
    }
    assert told == {
        (number, column): look
        for top, rows in ((0, first), (50, last))
        for number, row in enumerate(rows, top)
        for column, look in enumerate(row, left)
    }
    for runs in found.values():
        for run, following in pairwise(runs):
            assert run.bottom < following.top or run.look != following.look


@pytest.mark.parametrize(
    "cells",
    [
        b"{",
        b"[]",
        b'{"sheets": []}',
        b'{"sheets": [{"properties": {"sheetId": 7}, "data": [{"rowData": [5]}]}]}',
    ],
)
def test_answer_that_is_no_such_thing_is_malformed(cells: bytes) -> None:
    with pytest.raises(Malformed):
        found_book(HEAD, cells, [SHEET])
