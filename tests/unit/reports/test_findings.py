"""The Problems and Conflicts tabs."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from crm_sync.core.findings import Clash, Conflict, Problem, Severity, Stop
from crm_sync.core.grid import Grid, Shown, Style
from crm_sync.core.schema import Column, Field, Kind, Tab, Table
from crm_sync.core.values import Cell, Scalar
from crm_sync.ports import OpenConflict, OpenProblem
from crm_sync.reports.conflicts import conflicts_grid
from crm_sync.reports.decisions import Answers, Typed, about, typed_answers
from crm_sync.reports.findings import Reader
from crm_sync.reports.problems import problems_grid
from tests.unit.reports.build import say

FIELDS = (
    Field("phone", Kind.PHONE),
    Field("consent_at", Kind.DATE),
    Field("amount", Kind.DECIMAL),
)
CLIENTS = Tab(
    Table("clients", "C", 6, "full_name", FIELDS),
    "Клиенты",
    (
        Column(Field("id", Kind.ID), "№"),
        Column(FIELDS[0], "Телефон"),
        Column(FIELDS[1], "Согласие"),
        Column(FIELDS[2], "Сумма"),
    ),
)
SHOWN: dict[Scalar, Cell] = {"+79120000000": "+7 912 000-00-00", "2026-03-10": 46091, "5.5": 5.5}


def show(table: str, field: str, value: Scalar) -> Cell:
    return SHOWN.get(value, value)


def name(table: str, record_id: str) -> str:
    return {"C-000123": "Анна"}.get(record_id, "")


def owner(table: str, record_id: str) -> str:
    return {"C-000123": "Иванов И."}.get(record_id, "")


READER = Reader({"clients": CLIENTS}, say, show, UTC, name, {"clients": 17}, owner)


def problem(times: int = 1, number: int = 1, **facts: object) -> OpenProblem:
    made = {
        "table": "clients",
        "code": "V01",
        "severity": Severity.REJECT,
        "message": "“{typed}” is not a phone.",
        "remedy": "Type 11 digits.",
        "record_id": "C-000123",
        "field": "phone",
        "row": 6,
        "column": 1,
        "typed": "8 912 34",
        "stored": "+79120000000",
        "params": {"typed": "8 912 34"},
        **facts,
    }
    return OpenProblem(
        number,
        "main",
        Problem(**made),  # type: ignore[arg-type]
        "2026-03-15T06:05:59.123+00:00",
        "2026-03-15T07:05:00+00:00",
        times,
    )


def values(grid: Grid) -> list[list[Cell]]:
    return [[shown.value for shown in row] for row in grid.rows]


def test_problem_says_where_what_and_what_to_do() -> None:
    heading, row = problems_grid([problem(times=3)], READER).rows
    assert [shown.style for shown in heading] == [Style.HEADER] * 15
    assert [shown.value for shown in row[:10]] == [
        1,
        "Клиенты",
        "B7",
        "Анна (C-000123)",
        "Телефон",
        "not taken",
        "V01",
        "8 912 34",
        "+7 912 000-00-00",
        "“8 912 34” is not a phone. Type 11 digits.",
    ]
    assert row[10].choices == ("Take the store's",)
    assert row[11].value == "Иванов И."
    seconds = 86400
    assert row[12] == Shown(46096 + (6 * 3600 + 300) / seconds, Style.DATETIME)
    assert row[13] == Shown(46096 + (7 * 3600 + 300) / seconds, Style.DATETIME)
    assert row[14] == Shown(3, Style.INTEGER)


def test_cell_is_a_link_to_the_place() -> None:
    _, row = problems_grid([problem()], READER).rows
    assert row[2].link == "#gid=17&range=B7"


def test_decision_stays_in_its_line_with_the_reason_why_it_was_not_done() -> None:
    same = {5: about(problem(number=5).problem)}
    answers = Answers({5: Typed(5, "keep it")}, {5: "That will not do."}, same)
    rows = problems_grid([problem(number=5), problem(number=6, row=8)], READER, answers).rows
    assert [row[10].value for row in rows[1:]] == ["keep it", None]
    assert [str(row[9].value).startswith("That will not do.") for row in rows[1:]] == [True, False]


def test_decision_goes_from_a_line_that_came_to_be_about_something_else() -> None:
    answers = Answers({5: Typed(5, "Take the store's")}, {}, {5: "8 912 00"})
    _, row = problems_grid([problem(number=5)], READER, answers).rows
    assert row[10].value is None
    assert str(row[9].value).startswith(
        "This has changed since “Take the store's” was chosen: choose anew."
    )


def test_answers_are_read_by_number_wherever_their_columns_stand() -> None:
    heading = ("Decision", "x", "Or another value", "No.")
    rows = (
        ("a title above",),
        heading,
        ("Keep mine", None, None, 7),
        (None, None, 12.5, "8"),
        (None, None, None, 9),
    )
    assert typed_answers(rows, say) == (Typed(7, "Keep mine"), Typed(8, "", 12.5))


def test_times_are_of_the_companys_zone() -> None:
    moscow = Reader({"clients": CLIENTS}, say, show, ZoneInfo("Europe/Moscow"), name)
    _, row = problems_grid([problem()], moscow).rows
    assert row[12] == Shown(46096 + (9 * 3600 + 300) / 86400, Style.DATETIME)


def test_problems_are_in_the_order_of_the_sheet() -> None:
    unordered = [
        problem(number=4, row=9, column=0),
        problem(number=3, row=6, column=2),
        problem(number=2, row=6, column=1),
        problem(number=1, row=None, column=None),
        problem(number=5, table="other", row=0),
    ]
    grid = values(problems_grid(unordered, READER))[1:]
    assert [(row[0], row[1], row[2]) for row in grid] == [
        (1, "Клиенты", None),
        (2, "Клиенты", "B7"),
        (3, "Клиенты", "C7"),
        (4, "Клиенты", "A10"),
        (5, "other", "B1"),
    ]


def test_unfinished_row_is_a_problem_only_in_its_second_run() -> None:
    draft = {"severity": Severity.DRAFT, "record_id": "", "field": "", "column": None}
    once = values(problems_grid([problem(1, **draft)], READER))
    assert once[1:] == [["No problems: every cell was understood."]]
    (row,) = values(problems_grid([problem(2, **draft)], READER))[1:]
    assert row[2:6] == ["7", None, None, "unfinished row"]


def test_tabs_that_wait_come_first_and_say_how_to_go_on() -> None:
    beside = Stop("clients", "E-Y", "It has {count} faults, too.", "", params={"count": "2"})
    stop = Stop(
        "clients", "E-X", "“{tab}” is odd.", "Mend {tab}.", params={"tab": "C"}, beside=(beside,)
    )
    waits, row = values(problems_grid([problem(1)], READER, stops=[stop]))[1:]
    assert waits == [
        None, "Клиенты", None, None, None, "the tab waits", "E-X", None, None,
        "“C” is odd. It has 2 faults, too. Mend C.", *[None] * 5,
    ]  # fmt: skip
    assert row[0] == 1
    (only,) = values(problems_grid([], READER, stops=[stop]))[1:]
    assert only == waits


def test_stored_values_keep_the_kind_of_their_column() -> None:
    rows = problems_grid(
        [
            problem(field="consent_at", stored="2026-03-10", row=1),
            problem(field="amount", stored="5.5", row=2),
            problem(field="phone", stored=None, row=3),
            problem(field="unknown", stored="x", row=4),
        ],
        READER,
    ).rows
    assert [row[8] for row in rows[1:]] == [
        Shown(46091, Style.DATE),
        Shown(5.5, Style.MONEY),
        Shown(),
        Shown("x", Style.TEXT),
    ]


def conflict(number: int = 7, clash: Clash = Clash.EDIT_EDIT, **facts: Scalar) -> OpenConflict:
    made: dict[str, Scalar] = {
        "field": "phone",
        "base": "+79120000000",
        "ours": "+79121111111",
        "theirs": "+79122222222",
        **facts,
    }
    return OpenConflict(
        number,
        "main",
        Conflict("clients", "C-000123", clash=clash, **made),  # type: ignore[arg-type]
        "2026-03-15T06:00:00+00:00",
        "cli",
        "2026-03-14T06:00:00+00:00",
    )


PLACES = {("clients", "C-000123"): (6, {"phone": 1})}


def test_conflict_shows_all_three_values_and_the_way_out() -> None:
    heading, row = conflicts_grid([conflict()], READER, PLACES).rows
    assert len(heading) == len(row)
    assert [shown.value for shown in row[:11]] == [
        7,
        "Клиенты",
        "B7",
        "Анна (C-000123)",
        "Телефон",
        "+7 912 000-00-00",
        "+79121111111",
        46095.25,
        "crm-sync",
        "+79122222222",
        46096.25,
    ]
    assert "Choose whose value stays" in str(row[11].value)
    assert row[12].choices == ("Keep mine", "Take the store's")
    assert row[13].style is Style.ANSWER


def test_side_that_deleted_says_so() -> None:
    whole = {"field": "", "base": None, "ours": None, "theirs": None}
    grid = conflicts_grid(
        [conflict(1, Clash.EDIT_DELETE, **whole), conflict(2, Clash.DELETE_EDIT, **whole)],
        READER,
        PLACES,
    )
    rows = values(grid)[1:]
    assert [(row[2], row[4], row[6], row[9]) for row in rows] == [
        ("7", None, None, "row deleted"),
        ("7", None, "archived", None),
    ]


def test_conflicts_are_in_order_of_number_and_without_a_row_have_no_cell() -> None:
    grid = conflicts_grid([conflict(9), conflict(8, Clash.FORMULA)], READER, {})
    assert [(row[0], row[2]) for row in values(grid)[1:]] == [(8, None), (9, None)]


def test_no_conflicts_says_so() -> None:
    grid = conflicts_grid([], READER, {})
    assert values(grid)[1:] == [["No conflicts: the sheet and the store say the same."]]
    assert len(grid.widths) == grid.width
