"""Rows stay bytes until someone looks at them, and then say what the answer said."""

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.prints import at, foreseen, split
from crm_sync.errors import ShapeError
from crm_sync.workbooks.answers import may_hold_formulas, value_ranges
from crm_sync.workbooks.raw_rows import RawRows, parsed_row, parsed_rows

CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)

TEXTS = st.sampled_from(["", "a", 'say "hi"', '"', '""', "back\\", '\\"', ',"",', "null", "я"])
QUOTED = TEXTS | st.sampled_from([None, True, 0, 1.5])
ROWS = st.lists(st.lists(QUOTED, max_size=5), max_size=6)


def tab(values: bytes):
    place = b'"range": "S!A1:D9"'
    filters = b'"dataFilters": [{"gridRange": {}}]'
    return value_ranges(
        b'{"valueRanges": [{"valueRange": {' + place + b', "values": ' + values + b"}, "
        b"" + filters + b"}]}",
        [0],
    )[0]


@given(st.lists(st.lists(CELLS, max_size=4), max_size=6))
def test_rows_are_what_was_sent_with_blanks_cut(rows) -> None:
    read = tab(orjson.dumps(rows))
    expected = [[None if cell == "" else cell for cell in row] for row in rows]
    for row in expected:
        while row and row[-1] is None:
            row.pop()
    while expected and not expected[-1]:
        expected.pop()
    assert read.rows == tuple(tuple(row) for row in expected)
    assert len(split(read.prints)) == len(read.rows)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6))
def test_print_of_a_row_is_that_of_its_bytes_alone(rows) -> None:
    read, again = tab(orjson.dumps(rows)), tab(orjson.dumps([*reversed(rows)]))
    for number in range(len(read.rows)):
        place = len(rows) - 1 - number
        if place < len(again.rows):
            assert at(read.prints, number) == at(again.prints, place)


def test_half_a_character_in_a_row_becomes_a_question_mark() -> None:
    read = tab(b'[["a", "x\\ud800"], ["b"]]')
    assert read.rows == (("a", "x\ufffd"), ("b",))
    assert at(read.prints, 1) == foreseen(("b",))


def test_row_that_no_spreadsheet_sends_is_told_plainly() -> None:
    read = tab(b'[["a"], [{"b": 1}], ["c"]]')
    assert read.rows[0] == ("a",)
    with pytest.raises(ShapeError):
        read.rows[1]


@pytest.mark.parametrize(
    ("body", "may"),
    [
        (b'["a=b", "x"]', False),
        (b'["=A1"]', True),
        (b'["\\u003dA1"]', True),
        (b'["https://example.org/?q=\\u003c"]', False),
    ],
)
def test_formulas_are_looked_for_only_where_a_text_begins_with_an_equals_sign(
    body: bytes, may: bool
) -> None:
    assert may_hold_formulas(body) is may


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
