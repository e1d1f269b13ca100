"""What staff typed into the follow-up list becomes contacts and dates, and none of it is lost."""

from __future__ import annotations

from datetime import datetime

import pytest

from crm_sync.core.codecs import Conventions
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import Cell, Scalar
from crm_sync.reports.answers import Reader, Taken, take, told_where_it_stands, typed_rows
from crm_sync.reports.book import Book
from crm_sync.reports.followups import followups
from crm_sync.reports.followups_grid import Kept, ListView, fillable_list
from crm_sync.reports.intents import Intent
from tests.unit.reports.build import Rows, agreement, book, contact, sale, say

# A Wednesday.
NOW = datetime(2026, 3, 18, 12, 0)
OUTCOME = Column(
    Field("outcome", Kind.CHOICE, choices=("interested", "callback")),
    "Result",
    labels={"interested": "Заинтересован", "callback": "Перезвонить"},
)
READER = Reader(NOW, say, Conventions("ru_RU", "RU"), OUTCOME)
HEADINGS = {"outcome": "✎ Result", "comment": "✎ Comment", "next": "✎ Next date", "done": "✎ Done"}


def rows_of(of: Book, kept: tuple[Kept, ...] = (), now: datetime = NOW) -> list[list[Cell]]:
    grid = fillable_list(followups(of, now), say, ListView(kept=kept)).grid
    return [[shown.value for shown in row] for row in grid.rows]


def fill(rows: list[list[Cell]], row: int, **answers: Cell) -> None:
    """Types into the cells of a row, counted from 1 below the heading."""
    for name, cell in answers.items():
        rows[row][rows[0].index(HEADINGS[name])] = cell


def taken(of: Book, rows: list[list[Cell]], now: datetime = NOW) -> Taken:
    reader = Reader(now, say, READER.conventions, OUTCOME)
    return take(typed_rows(rows, say), followups(of, now), reader)


def answered(of: Book, **answers: Cell) -> tuple[Intent, ...]:
    """What comes of answers typed into the only line."""
    rows = rows_of(of)
    fill(rows, 1, **answers)
    found = taken(of, rows)
    assert (found.problems, found.kept) == ((), ())
    return found.intents


def due(day: str, **values: Scalar) -> Book:
    return book(agreements={"A1": agreement(due_date=day, owner="E1", **values)})


CONTACT: dict[str, Scalar] = {
    "client": "C1",
    "channel": "call",
    "direction": "out",
    "reason": "service",
    "agreement": "A1",
    "employee": "E1",
    "contact_at": "2026-03-18 12:00",
    "status": "held",
}


def test_list_without_answers_asks_for_nothing() -> None:
    assert taken(due("2026-03-18"), rows_of(due("2026-03-18"))) == Taken()
    rows = rows_of(due("2026-03-18"))
    fill(rows, 1, done=False, comment="  ")
    assert taken(due("2026-03-18"), rows) == Taken()
    assert typed_rows([], say) == ()


def test_result_and_comment_become_a_contact() -> None:
    (intent,) = answered(due("2026-03-18"), outcome="перезвонить", comment=" ждёт счёт ")
    assert (intent.key, intent.table, intent.record_id) == ("C1|today", "contacts", "")
    assert intent.values == {**CONTACT, "outcome": "callback", "summary": "ждёт счёт"}


def test_contact_without_a_comment_says_its_result() -> None:
    (intent,) = answered(due("2026-03-18"), outcome="Заинтересован")
    assert intent.values["summary"] == "Заинтересован"
    (intent,) = answered(due("2026-03-18"), done=True)
    assert (intent.values["outcome"], intent.values["summary"]) == (None, "Tea")


def test_next_date_beside_a_result_is_the_next_step_of_the_contact() -> None:
    (intent,) = answered(due("2026-03-18"), outcome="callback", next="20.03.2026 10:00")
    assert intent.values["next_step_at"] == "2026-03-20 10:00"
    assert intent.values["next_step"] == "Tea"


def made(of: Book, intents: tuple[Intent, ...]) -> Book:
    """The book after the intents."""
    tables: dict[str, Rows] = {
        name: {key: dict(record.values) for key, record in records.items()}
        for name, records in of.tables.items()
    }
    for number, intent in enumerate(intents):
        rows = tables.setdefault(intent.table, {})
        key = intent.record_id or f"NEW{number}"
        rows[key] = {**rows.get(key, {}), **intent.values}
    return book(**tables)


def with_contact(day: str, status: str = "planned", **values: Scalar) -> Book:
    return book(contacts={"K1": contact(day, status=status, employee="E1", **values)})


SOURCES = {
    "due": due("2026-03-19"),
    "due, late": due("2026-03-10"),
    "next call": book(agreements={"A1": agreement(next_call_at="2026-03-19 10:00")}),
    "next call, today": book(agreements={"A1": agreement(next_call_at="2026-03-18 15:00")}),
    "next step": with_contact("2026-03-10", "held", next_step="Ask", next_step_at="2026-03-20"),
    "planned": with_contact("2026-03-19 10:00", reason="offer"),
    "planned, late": with_contact("2026-03-16 10:00", reason="offer"),
    "missed call": with_contact("2026-03-18 10:00", "no_answer", direction="in", channel="call"),
    "no next step": book(agreements={"A1": agreement()}),
    "sleeping": book(agreements={"A1": sale("C1", "2025-12-01", "10")}),
    "supplier": book(
        {"C1": {"full_name": "Mill", "kind": "supplier"}},
        {"A1": agreement(due_date="2026-03-01", obligor="client")},
    ),
}


@pytest.mark.parametrize("of", SOURCES.values(), ids=SOURCES)
def test_date_alone_puts_the_line_off_to_that_date(of: Book) -> None:
    (line,) = followups(of, NOW)
    (intent,) = answered(of, next="2026-03-22 11:00")
    assert intent.key == line.key
    after = made(of, (intent,))
    assert [each.at[:10] for each in followups(after, NOW)] == ["2026-03-22"]
    assert followups(after, NOW)[0].group == "this_week"
    assert all(not touch.held or touch.id == "K1" for touch in after.touches)


@pytest.mark.parametrize("of", SOURCES.values(), ids=SOURCES)
def test_line_that_is_done_with_a_date_comes_back_on_that_date(of: Book) -> None:
    after = made(of, answered(of, done=True, outcome="callback", next="2026-03-22"))
    assert [(each.group, each.at[:10]) for each in followups(after, NOW)] == [
        ("this_week", "2026-03-22")
    ]
    assert sum(touch.held and touch.at == "2026-03-18 12:00" for touch in after.touches) == 1


@pytest.mark.parametrize("of", SOURCES.values(), ids=SOURCES)
def test_line_that_is_done_is_gone(of: Book) -> None:
    (line,) = followups(of, NOW)
    after = made(of, answered(of, done=True, comment="all is well"))
    left = {each.key for each in followups(after, NOW)}
    # An agreement under which nothing is planned any more is a line of its own.
    assert left <= {"C1|no_next_step"}
    assert line.key not in left or line.group == "no_next_step"


def test_planned_contact_becomes_the_one_that_was_held() -> None:
    (intent,) = answered(SOURCES["planned"], outcome="interested", comment="yes")
    assert (intent.table, intent.record_id) == ("contacts", "K1")
    assert intent.values == {
        "contact_at": "2026-03-18 12:00",
        "status": "held",
        "outcome": "interested",
        "summary": "yes",
    }


def test_call_before_a_day_that_is_due_leaves_the_day() -> None:
    of = due("2026-03-19")
    (intent,) = answered(of, outcome="interested")
    assert intent.table == "contacts"
    assert [each.key for each in followups(made(of, (intent,)), NOW)] == ["C1|tomorrow"]


def test_due_date_has_no_time_of_day() -> None:
    (intent,) = answered(due("2026-03-19"), next="2026-03-22 11:00")
    assert (intent.record_id, dict(intent.values)) == ("A1", {"due_date": "2026-03-22"})


@pytest.mark.parametrize(
    ("source", "reason"),
    [("sleeping", "reactivation"), ("missed call", "inquiry"), ("supplier", "awaiting")],
)
def test_reason_of_the_contact_follows_from_the_group(source: str, reason: str) -> None:
    (intent,) = answered(SOURCES[source], outcome="interested")
    assert intent.values["reason"] == reason


def test_employee_whose_workbook_it_is_held_the_contact() -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    fill(rows, 1, done=True)
    reader = Reader(NOW, say, READER.conventions, OUTCOME, employee="E7")
    (intent,) = take(typed_rows(rows, say), followups(of, NOW), reader).intents
    assert intent.values["employee"] == "E7"


def test_comment_alone_waits_for_the_rest() -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    fill(rows, 1, comment="she will")
    found = taken(of, rows)
    assert (found.intents, found.problems) == ((), ())
    again = rows_of(of, found.kept)
    assert again[1] == rows[1]
    assert taken(of, again) == found


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        ({"outcome": "maybe", "comment": "x"}, "outcome", "V04"),
        ({"next": "soon", "done": True}, "next_at", "V01"),
        ({"next": "17.03.2026", "outcome": "callback"}, "next_at", "V08"),
        ({"done": "perhaps", "next": "20.03.2026"}, "done", "V01"),
    ],
)
def test_row_with_a_cell_that_will_not_do_waits_as_a_whole(
    answers: dict[str, Cell], field: str, code: str
) -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    fill(rows, 1, **answers)
    found = taken(of, rows)
    assert found.intents == ()
    (problem,) = found.problems
    assert (problem.table, problem.field, problem.code) == ("followups", field, code)
    assert (problem.row, problem.record_id) == (1, "C1")
    again = rows_of(of, found.kept)
    assert again[1] == rows[1]


def test_line_that_moved_on_with_the_days_is_still_the_same() -> None:
    of = due("2026-03-18")
    rows = rows_of(of, now=datetime(2026, 3, 17, 18, 0))
    assert rows[1][0] == "Tomorrow"
    fill(rows, 1, outcome="callback")
    (intent,) = taken(of, rows).intents
    assert intent.key == "C1|today"


def test_answer_to_a_line_that_has_gone_is_told_and_stays() -> None:
    of = SOURCES["sleeping"]
    rows = rows_of(of)
    fill(rows, 1, outcome="callback", comment="in May")
    bought = book(agreements={"A1": sale("C1", "2026-03-18", "10")})
    found = taken(bought, rows)
    assert (found.intents, found.tokens) == ((), ())
    (problem,) = found.problems
    assert problem.message.format(**problem.params) == (
        "Anna is no longer listed in the group “Sleeping”: “callback; in May” was not taken over."
    )
    again = rows_of(bought, found.kept)
    assert again[2:4] == [[], ["Typed beside lines that are no longer on the list:"]]
    assert again[4][11:16] == [None, "callback", "in May", None, None]
    # And so in each run until somebody empties the cells.
    assert taken(bought, again).kept == found.kept
    assert [each.key for each in taken(bought, again).problems] == [problem.key]
    fill(again, 4, outcome=None, comment=None)
    assert taken(bought, again) == Taken()
    # Should the line come back, what was typed stands beside it again.
    assert rows_of(of, found.kept)[1][12:14] == ["callback", "in May"]


def test_row_that_names_no_line_is_told_and_stays() -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    rows.append([None] * len(rows[0]))
    fill(rows, 2, outcome="callback")
    found = taken(of, rows)
    assert [each.code for each in found.problems] == ["V07"]
    assert [each.answers["outcome"] for each in found.kept] == ["callback"]


def test_row_without_its_key_is_known_by_client_and_group() -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    fill(rows, 1, outcome="callback")
    rows[1][-1] = None
    assert [each.key for each in taken(of, rows).intents] == ["C1|today"]


def test_columns_are_found_by_their_headings_wherever_they_stand() -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    fill(rows, 1, outcome="callback")
    turned: list[list[Cell]] = [[], ["a note above"], *(list(reversed(row)) for row in rows)]
    (intent,) = taken(of, turned).intents
    assert intent.key == "C1|today"


def test_columns_whose_headings_were_changed_are_where_they_were_put() -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    fill(rows, 1, outcome="callback")
    rows[0][rows[0].index("✎ Comment")] = "What they said"
    assert [each.key for each in taken(of, rows).intents] == ["C1|today"]


def test_copied_row_counts_once_and_a_different_one_is_told() -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    fill(rows, 1, outcome="callback")
    rows.append(list(rows[1]))
    assert len(taken(of, rows).intents) == 1
    fill(rows, 2, outcome="interested")
    found = taken(of, rows)
    assert len(found.intents) == 1
    assert [each.code for each in found.problems] == ["V12"]
    assert len(found.kept) == 1


def test_two_answers_to_one_line_that_has_gone_both_stay() -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    fill(rows, 1, outcome="callback")
    rows.append(list(rows[1]))
    fill(rows, 2, outcome="interested")
    gone = book()
    found = taken(gone, rows)
    again = rows_of(gone, found.kept)
    assert [row[12] for row in again[4:]] == ["callback", "interested"]
    assert [row[12] for row in rows_of(of, found.kept) if len(row) > 12] == [
        "✎ Result",
        "callback",
        "interested",
    ]


def test_problem_of_an_answer_is_told_where_the_answer_will_stand() -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    fill(rows, 1, outcome="callback")
    rows.append(list(rows[1]))
    fill(rows, 2, outcome=None, comment="in May", next="whenever")
    found = taken(of, rows)
    assert [(each.row, each.column) for each in found.problems] == [(2, 13)]
    gone = taken(book(), rows)
    again = rows_of(book(), gone.kept)
    told = told_where_it_stands(gone.kept, again, say)
    assert [again[each.row or 0][each.column or 0] for each in told] == ["callback", "in May"]
    assert [each.message for each in told] == [each.message for each in gone.problems]
    assert told_where_it_stands(gone.kept, [], say) == gone.problems


def test_answers_that_a_run_took_before_it_died_are_passed_over() -> None:
    of = due("2026-03-18")
    rows = rows_of(of)
    fill(rows, 1, outcome="callback")
    first = taken(of, rows)
    after = made(of, first.intents)
    found = take(typed_rows(rows, say), followups(after, NOW), READER, first.tokens)
    assert found == Taken()


def test_answers_to_several_lines_of_a_client_are_told_apart_by_group() -> None:
    of = book(
        agreements={"A1": agreement(due_date="2026-03-18")},
        contacts={
            "K1": contact("2026-03-18 09:00", status="no_answer", direction="in", channel="call")
        },
    )
    rows = rows_of(of)
    fill(rows, 2, outcome="interested")
    (intent,) = taken(of, rows).intents
    assert intent.key == "C1|missed_call"
    assert intent.values["reason"] == "inquiry"
