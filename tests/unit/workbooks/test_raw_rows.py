"""Rows that are parsed together are what they are one by one."""

from __future__ import annotations

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.errors import ShapeError
from crm_sync.workbooks.raw_rows import RawRows, parsed_row, parsed_rows

TEXTS = st.sampled_from(["", "a", 'say "hi"', '"', '""', "back\\", '\\"', ',"",', "null", "я"])
CELLS = TEXTS | st.sampled_from([None, True, 0, 1.5])
ROWS = st.lists(st.lists(CELLS, max_size=5), max_size=6)


@given(ROWS)
def test_rows_parsed_together_are_those_parsed_one_by_one(rows: list[list[object]]) -> None:
    raw = [msgspec.Raw(orjson.dumps(row)) for row in rows]
    assert parsed_rows(raw) == [parsed_row(row) for row in raw]
    wanted = RawRows(raw)
    assert list(RawRows(raw)) == [wanted[number] for number in range(len(wanted))]


def test_texts_with_quotes_at_their_end_stay_whole() -> None:
    raw = [msgspec.Raw(orjson.dumps(["", 'say "hi"', "", "x"]))]
    assert parsed_rows(raw) == [(None, 'say "hi"', None, "x")]


def test_what_no_spreadsheet_sends_is_refused_among_others_too() -> None:
    rows = RawRows([msgspec.Raw(b'["a"]'), msgspec.Raw(b'[{"b": 1}]'), msgspec.Raw(b'["c"]')])
    with pytest.raises(ShapeError):
        list(rows)
