"""Formulas as text: reading, writing back, copies and changes of structure."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crm_sync.sheet_server.formula import (
    CellsMoved,
    Deleted,
    Inserted,
    Moved,
    Renamed,
    SheetGone,
    adjust,
    parse,
    qualify,
    shift,
)
from crm_sync.sheet_server.formula.references import (
    Corner,
    Reference,
    column_index,
    column_name,
    parse_reference,
)

HOME, OTHER = "Sheet1", "It's a tab"

rows = st.integers(0, 30)
columns = st.integers(0, 10)
titles = st.sampled_from([None, HOME, OTHER, "A1", "2024", "Лист"])
corners = st.builds(Corner, rows, columns, st.booleans(), st.booleans())
open_below = st.builds(Corner, st.none(), columns, st.just(False), st.booleans())
open_right = st.builds(Corner, rows, st.none(), st.booleans(), st.just(False))


def tidy(reference: Reference) -> Reference:
    same = reference.first == reference.last
    return Reference(reference.sheet, reference.first) if same else reference


references = st.one_of(
    st.builds(Reference, titles, corners),
    st.builds(Reference, titles, corners, corners).map(tidy),
    st.builds(Reference, titles, corners, open_below),
    st.builds(Reference, titles, corners, open_right),
    st.builds(Reference, titles, open_below, open_below),
    st.builds(Reference, titles, open_right, open_right),
)


@st.composite
def formulas(draw, locale: str, depth: int = 2) -> str:
    """A formula text without its `=`, valid in the locale."""
    argument = ";" if locale == "ru_RU" else ","
    decimal = "," if locale == "ru_RU" else "."
    blank = draw(st.sampled_from(["", "", " ", "\n"]))
    leaf = st.one_of(
        references.map(lambda reference: reference.text),
        st.integers(0, 999).map(str),
        st.just(f"1{decimal}5"),
        st.sampled_from(['"a"', '"say ""A1"""', "TRUE", "named_range", "#REF!"]),
    )
    if depth == 0:
        return draw(leaf)
    inner = formulas(locale, depth - 1)
    kind = draw(st.sampled_from(["leaf", "binary", "call", "brackets", "sign", "percent", "array"]))
    if kind == "leaf":
        return draw(leaf)
    if kind == "binary":
        sign = draw(st.sampled_from(["+", "-", "*", "/", "^", "&", "=", "<>", "<=", ">"]))
        return f"{draw(inner)}{blank}{sign}{blank}{draw(inner)}"
    if kind == "call":
        given_ = draw(st.lists(st.one_of(inner, st.just("")), max_size=3))
        return f"{draw(st.sampled_from(['SUM', 'If', 'LOG10', 'x.y']))}({argument.join(given_)})"
    if kind == "array":
        column = "\\" if locale == "ru_RU" else ","
        return f"{{{draw(inner)}{column}{draw(inner)};{draw(inner)}}}"
    return {
        "brackets": f"({draw(inner)})",
        "sign": f"-{draw(inner)}",
        "percent": f"({draw(inner)})%",
    }[kind]


@pytest.mark.parametrize("locale", ["en_US", "ru_RU"])
@given(data=st.data())
def test_a_parsed_formula_writes_itself_back(locale, data):
    text = "=" + data.draw(formulas(locale))

    formula = parse(text, locale)

    assert formula.tree is not None
    assert formula.text == text
    assert parse(formula.text, locale).tree == formula.tree


@given(st.text(alphabet="=A1:$!'\"(){},;+-*/^&<>%#REF! \\.é", max_size=16))
@example("=" + "(" * 500 + ")" * 500)
@example("='a''b'!A1")
def test_any_text_is_a_formula_or_a_parse_error_and_keeps_its_text(text):
    formula = parse("=" + text, "en_US")

    if formula.tree is None:
        assert formula.text == "=" + text
    else:
        assert parse(formula.text, "en_US").tree == formula.tree


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("= 1 / 1024", "= 1 / 1024"),
        ('=VLOOKUP("nope", B1:B1, 1, FALSE)', '=VLOOKUP("nope", B1, 1, FALSE)'),  # Google
        ("=sum(a1:b2)", "=sum(A1:B2)"),
        ("=SUM(A1;B1)", "=SUM(A1,B1)"),
        ("='Sheet1'!A1", "=Sheet1!A1"),
        ("='My tab'!$a$1", "='My tab'!$A$1"),
        ("={1;2}", "={1;2}"),
        ("=broken(", "=broken("),
    ],
)
def test_references_are_stored_in_their_written_form(typed, stored):
    assert parse(typed, "en_US").text == stored


@given(references)
def test_a_reference_reads_back_from_its_text(reference):
    assert parse_reference(reference.text) == reference


@pytest.mark.parametrize(
    "text", ["", "A", "1", "A0", "A01", "AAAA1", "A1:", ":A1", "A$", "$", "A1:B2:C3", "é1"]
)
def test_what_is_no_reference_is_not_read_as_one(text):
    assert parse_reference(text) is None


@given(st.integers(0, 18_277))
def test_column_letters_read_back(index):
    assert column_index(column_name(index)) == index


def test_column_letters_at_the_turns():
    assert [column_name(index) for index in (0, 25, 26, 701, 702, 18_277)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "ZZZ",
    ]


@pytest.mark.parametrize(
    ("formula", "rows_", "columns_", "copied"),
    [
        ("=A1", 1, 1, "=B2"),
        ("=$A1", 1, 1, "=$A2"),
        ("=A$1", 1, 1, "=B$1"),
        ("=$A$1", 5, 5, "=$A$1"),
        ("=A1:B2", 1, 0, "=A2:B3"),
        ("=A:A", 3, 1, "=B:B"),
        ("=2:$3", 1, 7, "=3:$3"),
        ("=A2:A", 1, 1, "=B3:B"),
        ("='It''s a tab'!A1*2", 1, 0, "='It''s a tab'!A2*2"),
        ('="A1"&A1', 1, 0, '="A1"&A2'),
        ("=LOG10(A1)", 1, 0, "=LOG10(A2)"),
        ("=A1", -1, 0, "=#REF!"),
        ("=A1+B2", 0, -1, "=#REF!+A2"),
        ("=SUM( A1 , B1 )", 1, 0, "=SUM( A2 , B2 )"),
        ("=broken(A1", 1, 1, "=broken(A1"),
    ],
)
def test_a_copied_formula_shifts_what_is_not_anchored(formula, rows_, columns_, copied):
    assert shift(formula, rows_, columns_, "en_US") == copied


@given(formulas("en_US"), rows, columns)
def test_shifting_there_and_back_gives_the_formula_again(text, down, right):
    formula = "=" + text

    there = shift(formula, down, right, "en_US")

    assert shift(there, -down, -right, "en_US") == parse(formula, "en_US").text


class Model:
    """Cells known by name, so that what a reference means can be compared across a change."""

    def __init__(self, rows_: int = 40, columns_: int = 24) -> None:
        self.grid = [[(row, column) for column in range(columns_)] for row in range(rows_)]

    def changed(self, change) -> "Model":
        lines = (
            self.grid
            if change.dimension == "ROWS"
            else list(map(list, zip(*self.grid, strict=True)))
        )
        width = len(lines[0])
        if isinstance(change, Inserted):
            new = [[None] * width for _ in range(change.count)]
            lines = lines[: change.start] + new + lines[change.start :]
        elif isinstance(change, Deleted):
            lines = lines[: change.start] + lines[change.end :]
        elif not change.start <= change.destination <= change.end:
            block, rest = (
                lines[change.start : change.end],
                lines[: change.start] + lines[change.end :],
            )
            to = change.destination
            landing = to - (change.end - change.start) if to > change.start else to
            lines = rest[:landing] + block + rest[landing:]
        after = Model(0, 0)
        after.grid = (
            lines if change.dimension == "ROWS" else list(map(list, zip(*lines, strict=True)))
        )
        return after

    def meant(self, reference: Reference) -> list:
        bounds = reference.bounds
        height, width = len(self.grid), len(self.grid[0])
        bottom = height if bounds.bottom is None else bounds.bottom + 1
        right = width if bounds.right is None else bounds.right + 1
        return [
            self.grid[row][column]
            for row in range(bounds.top, min(bottom, height))
            for column in range(bounds.left, min(right, width))
            if self.grid[row][column] is not None
        ]


dimensions = st.sampled_from(["ROWS", "COLUMNS"])
spans = st.tuples(st.integers(0, 12), st.integers(1, 5))
insertions = st.builds(lambda dimension, span: Inserted(HOME, dimension, *span), dimensions, spans)
deletions = st.builds(
    lambda dimension, span: Deleted(HOME, dimension, span[0], span[0] + span[1]), dimensions, spans
)
moves = st.builds(
    lambda dimension, span, to: Moved(HOME, dimension, span[0], span[0] + span[1], to),
    dimensions,
    spans,
    st.integers(0, 20),
)


def own(reference: Reference) -> Reference:
    return Reference(None, reference.first, reference.last)


@given(references.map(own), st.one_of(insertions, deletions))
def test_after_inserting_and_deleting_a_reference_means_the_cells_that_are_left(reference, change):
    before = Model()
    after = before.changed(change)
    still_there = {cell for line in after.grid for cell in line}

    text = adjust(f"={reference.text}", change, HOME, "en_US")

    left = [cell for cell in before.meant(reference) if cell in still_there]
    if not left:
        assert text == "=#REF!"
    else:
        assert sorted(after.meant(parse_reference(text[1:]))) == sorted(left)


@given(references.map(own), moves)
def test_a_cell_and_a_range_within_the_moved_lines_go_with_them(reference, change):
    inside = range(change.start, change.end)
    bounds = reference.bounds
    span = (
        (bounds.top, bounds.bottom) if change.dimension == "ROWS" else (bounds.left, bounds.right)
    )
    assume(span[1] is not None)
    assume((span[0] in inside and span[1] in inside) or span[0] == span[1])
    before = Model()

    text = adjust(f"={reference.text}", change, HOME, "en_US")

    after = before.changed(change)
    assert sorted(after.meant(parse_reference(text[1:]))) == sorted(before.meant(reference))


@given(formulas("en_US"), insertions)
def test_deleting_what_was_inserted_gives_the_formula_again(text, change):
    formula = parse("=" + text, "en_US").text
    back = Deleted(HOME, change.dimension, change.start, change.start + change.count)

    there = adjust(formula, change, HOME, "en_US")

    assert adjust(there, back, HOME, "en_US") == formula


@given(formulas("en_US"), st.one_of(insertions, deletions, moves))
def test_a_change_on_another_sheet_leaves_a_formula_alone(text, change):
    elsewhere = type(change)("Elsewhere", *[getattr(change, name) for name in change.__slots__[1:]])

    assert adjust("=" + text, elsewhere, HOME, "en_US") == "=" + text


@pytest.mark.parametrize(
    ("formula", "change", "after"),
    [
        ("=A1+Sheet1!A1+'It''s a tab'!A1", Renamed(HOME, "New"), "=A1+New!A1+'It''s a tab'!A1"),
        ("=sheet1!A1", Renamed(HOME, "My tab"), "='My tab'!A1"),
        ("='It''s a tab'!A1", Renamed(OTHER, "D3"), "='D3'!A1"),
        ("=A1+'It''s a tab'!A1:B2", SheetGone(OTHER), "=A1+#REF!"),
        ("=SUM(A1:A3)", Inserted(HOME, "ROWS", 3, 1), "=SUM(A1:A3)"),
        ("=SUM(A1:A3)", Inserted(HOME, "ROWS", 2, 1), "=SUM(A1:A4)"),
        ("=SUM(A1:A3)", Inserted(HOME, "ROWS", 0, 1), "=SUM(A2:A4)"),
        ("=SUM($A$1:$A$3)", Inserted(HOME, "ROWS", 0, 1), "=SUM($A$2:$A$4)"),
        ("=SUM(A1:A3)", Deleted(HOME, "ROWS", 0, 1), "=SUM(A1:A2)"),
        ("=SUM(A1:A3)", Deleted(HOME, "ROWS", 0, 3), "=SUM(#REF!)"),
        ("=SUM(A2:A)", Deleted(HOME, "ROWS", 1, 2), "=SUM(A2:A)"),
        ("=SUM(A5:A)", Deleted(HOME, "ROWS", 1, 2), "=SUM(A4:A)"),
        ("=SUM(A:C)", Deleted(HOME, "COLUMNS", 1, 2), "=SUM(A:B)"),
        ("=SUM(B:B)", Deleted(HOME, "COLUMNS", 1, 2), "=SUM(#REF!)"),
        ("=A3:A1", Inserted(HOME, "ROWS", 0, 1), "=A4:A2"),
        ("=A5", Moved(HOME, "ROWS", 4, 5, 0), "=A1"),
        ("=A1", Moved(HOME, "ROWS", 4, 5, 0), "=A2"),
        ("=SUM(A1:A9)", Moved(HOME, "ROWS", 4, 5, 1), "=SUM(A1:A9)"),
        ("=SUM(A1:A3)", Moved(HOME, "ROWS", 1, 2, 9), "=SUM(A1:A2)"),
        ("=A1+B2+C3", CellsMoved(HOME, (0, 2), (0, 2), HOME, 5, 0), "=A6+B7+C3"),
        ("=SUM(A1:B2)", CellsMoved(HOME, (0, 2), (0, 2), OTHER, 0, 3), "=SUM('It''s a tab'!D1:E2)"),
        ("=SUM(A1:B3)", CellsMoved(HOME, (0, 2), (0, 2), HOME, 5, 0), "=SUM(A1:B3)"),
        ("=A:A", CellsMoved(HOME, (0, 2), (0, 2), HOME, 5, 0), "=A:A"),
        ("=broken(A1", Inserted(HOME, "ROWS", 0, 1), "=broken(A1"),
    ],
)
def test_references_follow_a_change_of_structure(formula, change, after):
    assert adjust(formula, change, HOME, "en_US") == after


def test_a_formula_on_another_sheet_follows_changes_of_the_sheet_it_names():
    change = Inserted(HOME, "ROWS", 0, 2)

    assert adjust("=A1+Sheet1!A1", change, OTHER, "en_US") == "=A1+Sheet1!A3"


def test_a_formula_cut_to_another_sheet_names_the_sheet_it_came_from():
    assert qualify("=A1+Other!B2+C:C", OTHER, "en_US") == (
        "='It''s a tab'!A1+Other!B2+'It''s a tab'!C:C"
    )


def test_changes_of_structure_keep_the_locales_separators():
    change = Inserted("Лист1", "ROWS", 0, 1)

    assert adjust("=SUM(1,5;A1:A3)", change, "Лист1", "ru_RU") == "=SUM(1,5;A2:A4)"
    assert shift("=SUM(1,5;A1)", 1, 0, "ru_RU") == "=SUM(1,5;A2)"
