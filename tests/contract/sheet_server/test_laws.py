"""Laws of the grid: it does what a plain list of lists does, and is stored as it is shown."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_sync.sheet_server.a1 import parse_range, range_name
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.intervals import Deleted, Inserted, Moved
from crm_sync.sheet_server.workbook import Workbook, new_sheet
from tests.contract.sheet_server.book import Book, area, lines

WIDTH = 4
# One file a test, many examples: each example makes a spreadsheet of its own in it.
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
index = st.integers(0, 7)
values = st.sampled_from(["", "a", "B", "b", 1, 2.5, True])

operations = st.one_of(
    st.tuples(st.just("write"), index, st.integers(0, WIDTH - 1), values),
    st.tuples(st.just("insert"), index, st.integers(1, 3), st.none()),
    st.tuples(st.just("delete"), index, st.integers(1, 3), st.none()),
    st.tuples(st.just("move"), index, st.integers(1, 3), index),
    st.tuples(st.just("copy"), index, st.integers(1, 3), index),
    st.tuples(st.just("cut"), index, st.integers(1, 3), index),
    st.tuples(st.just("clear"), index, st.integers(1, 3), st.none()),
)
Model = list[list[Any]]


# The list of lists after an operation, and the request that does it; None: not possible.
Step = tuple[Model, dict[str, Any] | None]


def step(model: Model, operation: tuple[Any, ...]) -> Step:
    """One operation on the list of lists."""
    kind, start, count, other = operation
    if kind == "write":
        return written(model, start, count, other)
    if kind == "insert":
        return inserted(model, start, count)
    if start + count > len(model):
        return model, None
    if kind in ("copy", "cut"):
        return pasted(model, start, count, other, cut=kind == "cut")
    if kind == "move":
        return moved(model, start, count, other)
    return cleared(model, start, count) if kind == "clear" else deleted(model, start, count)


def blank(count: int) -> Model:
    return [[""] * WIDTH for _ in range(count)]


def written(model: Model, row: int, column: int, value: Any) -> Step:
    if row >= len(model):
        return model, None
    after = [line[:] for line in model]
    after[row][column] = value
    return after, {"range": f"R{row + 1}C{column + 1}", "value": value}


def inserted(model: Model, start: int, count: int) -> Step:
    if start >= len(model):
        return model, None
    after = [*model[:start], *blank(count), *model[start:]]
    return after, {"insertDimension": {"range": lines("ROWS", start, start + count)}}


def deleted(model: Model, start: int, count: int) -> Step:
    if count == len(model):
        return model, None
    after = model[:start] + model[start + count :]
    return after, {"deleteDimension": {"range": lines("ROWS", start, start + count)}}


def cleared(model: Model, start: int, count: int) -> Step:
    after = [*model[:start], *blank(count), *model[start + count :]]
    span = area(f"{start}:{start + count}", f"0:{WIDTH}")
    return after, {"updateCells": {"range": span, "fields": "userEnteredValue"}}


def moved(model: Model, start: int, count: int, to: int) -> Step:
    if to > len(model):
        return model, None
    block, rest = model[start : start + count], model[:start] + model[start + count :]
    at = to if to <= start else max(start, to - count)
    request = {"source": lines("ROWS", start, start + count), "destinationIndex": to}
    return rest[:at] + block + rest[at:], {"moveDimension": request}


def pasted(model: Model, start: int, count: int, to: int, *, cut: bool) -> Step:
    if to + count > len(model):
        return model, None
    after = [line[:] for line in model]
    if cut:
        after[start : start + count] = blank(count)
    after[to : to + count] = [line[:] for line in model[start : start + count]]
    source = area(f"{start}:{start + count}", f"0:{WIDTH}")
    if cut:
        place = {"rowIndex": to, "columnIndex": 0}
        return after, {"cutPaste": {"source": source, "destination": place}}
    target = area(f"{to}:{to + count}", f"0:{WIDTH}")
    return after, {"copyPaste": {"source": source, "destination": target}}


def trimmed(model: Model) -> Model:
    rows = [row[:] for row in model]
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


@pytest.fixture
def book(tmp_path: Path) -> Any:
    made = Book(tmp_path / "laws.sheets", rows=6, columns=WIDTH)
    yield made
    made.library.close()


@many
@given(st.lists(operations, max_size=12))
def test_a_sheet_does_what_a_list_of_lists_does(book: Book, steps: list[Any]) -> None:
    grid = {"rowCount": 6, "columnCount": WIDTH}
    sheet = {"sheetId": 0, "title": "Sheet1", "gridProperties": grid}
    answer, _ = book.api.create({"sheets": [{"properties": sheet}]})
    book.id = answer["spreadsheetId"]
    model = blank(6)
    for operation in steps:
        model, request = step(model, operation)
        if request is None:
            continue
        if "value" in request:
            book.write(request["range"], [[request["value"]]], "RAW")
        else:
            book.batch(request)
    shown = book.read(valueRenderOption="FORMATTED_VALUE")
    assert book.read() == trimmed(model)
    assert book.sheet()["properties"]["gridProperties"]["rowCount"] == len(model)
    assert book.reopened().read() == trimmed(model)
    assert book.read(valueRenderOption="FORMATTED_VALUE") == shown


@given(st.integers(0, 9), st.integers(1, 5), st.integers(0, 9), st.integers(1, 5))
def test_deleting_what_was_inserted_puts_every_range_back(
    at: int, count: int, start: int, size: int
) -> None:
    grown = Inserted(at, count).interval(start, start + size)
    assert grown is not None
    assert Deleted(at, at + count).interval(*grown) == (start, start + size)


@given(st.integers(0, 9), st.integers(1, 4), st.integers(0, 12))
def test_a_move_is_a_rearrangement_and_can_be_undone(start: int, count: int, to: int) -> None:
    end = start + count
    if start <= to <= end:
        return
    move = Moved(start, end, to)
    places = [move.index(place) for place in range(20)]
    assert sorted(places) == list(range(20))
    landed = move.index(start)
    back = Moved(landed, landed + count, start if to > start else end)
    assert [back.index(place) for place in places] == list(range(20))


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
    st.integers(0, 99),
    st.integers(1, 9),
    st.integers(0, 800),
    st.integers(1, 9),
)
def test_the_written_name_of_a_range_is_read_back_as_the_range(
    title: str, top: int, height: int, left: int, width: int
) -> None:
    workbook = Workbook("1", {})
    grid = {"rowCount": 200, "columnCount": 1000}
    workbook.sheets = [
        new_sheet(1, {"title": "Other"}),
        new_sheet(7, {"title": title, "gridProperties": grid}),
    ]
    held = Area(7, top, top + height, left, left + width)
    if title.casefold() == "other":
        return
    assert parse_range(workbook, range_name(title, held)).area() == held
