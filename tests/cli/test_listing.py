"""Tables that share the room there is."""

from __future__ import annotations

from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from crm_sync.cli.listing import Listing

WORDS = st.text("абвxyz 漢", min_size=0, max_size=25)
NUMBERS = st.integers(-9999, 99999).map(str)


def drawn(listing: Listing, room: int) -> list[str]:
    stream = StringIO()
    console = Console(file=stream, width=room, color_system=None)
    for part in listing.fitted(room):
        console.print(part)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def filled(rows: list[tuple[str, str, str]]) -> Listing:
    made = Listing(Text("Client"), Text("Sum of the year"), Text("What to do"))
    made.align_right(1)
    for row in rows:
        made.add(*(Text(item) for item in row))
    return made


@given(st.lists(st.tuples(WORDS, NUMBERS, WORDS), min_size=1, max_size=5), st.integers(30, 90))
def test_no_line_is_wider_than_the_room_and_no_number_is_broken(
    rows: list[tuple[str, str, str]], room: int
) -> None:
    lines = drawn(filled(rows), room)
    assert max(map(cell_len, lines)) <= room
    text = "\n".join(lines)
    assert all(number in text for _, number, _ in rows)


@given(st.lists(st.tuples(WORDS, NUMBERS, WORDS), min_size=1, max_size=5))
def test_with_room_enough_each_row_takes_one_line(rows: list[tuple[str, str, str]]) -> None:
    assert len(drawn(filled(rows), 200)) == 2 + len(rows)


@given(
    st.lists(st.tuples(WORDS, st.one_of(NUMBERS, WORDS), WORDS), max_size=5),
    st.dictionaries(st.integers(0, 4), st.sampled_from(["Today", "漢 later"])),
)
def test_what_has_room_for_all_is_the_same_line_by_line(
    rows: list[tuple[str, str, str]], sections: dict[int, str]
) -> None:
    made = filled([])
    for number, row in enumerate(rows):
        if number in sections:
            made.begin(Text(sections[number], "bold"))
        made.add(*map(Text, row))
    assert made.lines() == drawn(made, 1000)


def test_text_of_two_lines_is_left_to_the_terminals_way() -> None:
    assert filled([("Anna", "1", "Call\nher")]).lines() is None


def test_columns_at_the_end_are_left_out_where_even_whole_numbers_do_not_fit() -> None:
    made = Listing(Text("Client"), Text("Now"), Text("Then"))
    made.keep_whole(0)
    made.align_right(1)
    made.align_right(2)
    made.add(Text("Around the Horn"), Text("12345"), Text("67890"))
    assert drawn(made, 25) == [
        "Client             Now",
        "──────────────────────",
        "Around the Horn  12345",
    ]


def test_section_stands_over_all_columns() -> None:
    made = Listing(Text("A"), Text("B"))
    made.begin(Text("Overdue by a long time"))
    made.add(Text("1"), Text("2"))
    made.begin(Text("Today"))
    made.add(Text("3"), Text("4"))
    assert drawn(made, 40) == [
        "A  B",
        "────",
        "Overdue by a long time",
        "1  2",
        "Today",
        "3  4",
    ]
