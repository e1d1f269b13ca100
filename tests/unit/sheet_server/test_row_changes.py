"""What differs between two versions of a sheet is found, whatever was done in between."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.sheet_server.grid import Row
from crm_sync.sheet_server.row_changes import RowChanges, row_changes

places = st.integers(0, 3000)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), places),
        st.tuples(st.just("fill"), places),
        st.tuples(st.just("empty"), places),
        st.tuples(st.just("insert"), places),
        st.tuples(st.just("delete"), places),
        st.tuples(st.just("move"), places, places),
        st.tuples(st.just("reverse"), places, places),
    ),
    max_size=6,
)


def changed(rows: list[Row | None], step: tuple[Any, ...], fresh: int) -> None:
    kind, place = step[0], step[1] % (len(rows) + 1)
    row = rows[place] if place < len(rows) else None
    if kind == "insert":
        rows.insert(place, None)
    elif place == len(rows):
        rows.append(Row(fresh))
    elif kind == "edit" and row is not None:
        rows[place] = row.copy(None)
    elif kind == "fill" and row is None:
        rows[place] = Row(fresh)
    elif kind == "empty":
        rows[place] = None
    elif kind == "delete":
        del rows[place]
    elif kind == "move":
        rows.insert(step[2], rows.pop(place))
    elif kind == "reverse":
        rows[place : step[2]] = rows[place : step[2]][::-1]


@given(st.integers(0, 2000), st.integers(0, 3), steps)
def test_changes_are_those_that_a_look_at_every_row_finds(
    count: int, every: int, done: list[tuple[Any, ...]]
) -> None:
    before: list[Row | None] = [
        None if every and place % (every + 1) == 0 else Row(place + 1) for place in range(count)
    ]
    after = before.copy()
    for number, step in enumerate(done):
        changed(after, step, 10_000 + number)

    held = {id(row) for row in before}
    keys = [[row.key if row else 0 for row in rows] for rows in (before, after)]
    assert row_changes(before, after) == RowChanges(
        [row for row in after if row is not None and id(row) not in held],
        [key for key in keys[0] if key and key not in set(keys[1])],
        keys[0] != keys[1],
    )
