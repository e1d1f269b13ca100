"""Records as files: what other programs read in them is what was put in."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime

import vobject
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.exports.cards import Appointment, Card, calendar, vcards
from crm_sync.exports.texts import csv_for_people, csv_for_programs, json_lines

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("=+-@,;\"'\n\t"))
PLAIN = st.text("абвAnna ,;:\\\"'№", min_size=1, max_size=30).map(str.strip).filter(bool)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def read(content: bytes, delimiter: str = ",") -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=5), st.sampled_from(",;\t"))
def test_no_cell_for_people_is_a_formula_and_none_loses_anything(
    rows: list[list[str]], delimiter: str
) -> None:
    found = read(csv_for_people(["a", "b"], rows, delimiter), delimiter)
    assert found[0] == ["a", "b"]
    for row, got in zip(rows, found[1:], strict=True):
        for text, cell in zip(row, got, strict=True):
            assert not cell.startswith(DANGEROUS)
            assert cell in (text, f"'{text}")


@given(st.lists(st.lists(st.none() | st.integers() | TEXTS, min_size=2, max_size=2), max_size=5))
def test_cells_for_programs_are_the_values_themselves(rows: list[list[str | int | None]]) -> None:
    found = read(csv_for_programs(["a", "b"], rows))
    assert found[1:] == [["" if cell is None else str(cell) for cell in row] for row in rows]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.none() | st.integers() | TEXTS)))
def test_each_line_of_json_is_a_record(records: list[dict[str, str | int | None]]) -> None:
    lines = json_lines(records).decode("utf-8").split("\n")[:-1]
    assert [json.loads(line) for line in lines] == records


@given(PLAIN, PLAIN, st.lists(st.sampled_from(["+79123456789", "+74957654321x12"]), max_size=2))
def test_address_book_reads_the_client_back(name: str, note: str, phones: list[str]) -> None:
    card = Card("C-000013", name, is_company=True, phones=tuple(phones), note=note, city="Пермь")
    (read_back,) = vobject.readComponents(vcards([card]).decode("utf-8"))
    assert read_back.fn.value == name
    assert read_back.org.value == [name]
    assert read_back.note.value == note
    assert read_back.adr.value.city == "Пермь"
    assert [item.value for item in read_back.contents.get("tel", [])] == phones


def test_names_are_parted_as_their_language_writes_them() -> None:
    russian = Card("C-1", "Иванова Анна Петровна", is_company=False, family_first=True)
    english = Card("C-2", "Anna Maria Smith", is_company=False)
    found = list(vobject.readComponents(vcards([russian, english]).decode("utf-8")))
    assert (found[0].n.value.family, found[0].n.value.given) == ("Иванова", "Анна Петровна")
    assert (found[1].n.value.family, found[1].n.value.given) == ("Smith", "Anna Maria")


def test_calendar_has_days_and_moments_and_is_the_same_each_time() -> None:
    made = [
        Appointment("C-1-A-1", date(2026, 3, 20), "Позвонить; счёт, договор"),
        Appointment("C-2-K-1", NOON, "Встреча", "+79123456789"),
    ]
    content = calendar(made, NOON)
    assert content == calendar(made, NOON)
    (found,) = vobject.readComponents(content.decode("utf-8"))
    day, moment = found.vevent_list
    assert (day.dtstart.value, day.summary.value) == (date(2026, 3, 20), made[0].summary)
    assert moment.dtstart.value == NOON
    assert b"DTSTART:20260310T120000Z" in content
    assert moment.uid.value == "C-2-K-1@crm-sync"
