"""Five days of an office, in Russian and in English: people type as people do, the program's side
changes too, and on Friday evening everything agrees and each message is one that was expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.scenarios.office import Office, Tab, open_office
from tests.scenarios.test_marks import batch, is_quiet, looks
from tests.unit.store.builders import folder_in_memory


@dataclass(frozen=True)
class Words:
    """What the people of one language type, and what they are told."""

    language: str
    company: str
    person: str
    status: str
    wrong_status: str
    reason: str
    day: str
    later: str
    amount: str
    thousands: str
    keep: str
    said: tuple[str, ...]


RUSSIAN = Words(
    "ru", "ООО «Ромашка»", "Анна Петрова", "Обратился", "Абратился", "Жалоба",
    "13.03.2026 14:05", "20.03.2090", "1 234,50 ₽", "12 тыс", "Оставить моё",
    (
        "Введите только число, целиком",
        "Возможно, имелось в виду: Обратился?",
        "Введите все цифры с кодом города",
        "Проверьте год",
    ),
)  # fmt: skip
ENGLISH = Words(
    "en", "Acme Ltd", "Mary Smith", "Inquired", "Inqired", "Complaint",
    "3/13/2026 14:05", "3/20/2090", "1,234.50", "12k", "Keep mine",
    (
        "Type the number alone, in full",
        "Did you mean Inquired",
        "Type all digits with the area code",
        "Check the year",
    ),
)  # fmt: skip


class Week:
    """The office by fields instead of headings."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.app = office.app

    def tab(self, table: str) -> Tab:
        return self.office.tab(self.app.tab(table).title)

    def heading(self, table: str, field: str) -> str:
        return self.app.tab(table).by_field[field].heading

    def add(self, table: str, **cells: object) -> int:
        tab = self.tab(table)
        named = {self.heading(table, name): value for name, value in cells.items()}
        number = len(tab.grid) + 1
        row = [named.get(heading, "") for heading in tab.headings]
        tab.sheet.update([row], f"A{number}", value_input_option="USER_ENTERED")
        return number

    def type(self, table: str, row: int, field: str, value: object) -> None:
        self.tab(table).type(row, self.heading(table, field), value)

    def told(self) -> list[str]:
        """All that waits in the tab Problems, in words."""
        rows = self.office.tab(self.app.titles["problems"]).rows()
        return [" ".join(map(str, row.values())) for row in rows]

    def offered(self, table: str) -> list[str]:
        """What the drop-downs offer that are fed from a tab."""
        lists = self.office.staff.worksheet("_crm_lists").get_all_values()
        column = lists[0].index(table)
        return [line[column] for line in lists[1:]]

    def batch(self, *requests: dict[str, Any]) -> None:
        """What staff do with rows and cells but for typing."""
        batch(self.office, *requests)

    def marked(self, table: str) -> set[tuple[int, str]]:
        return set(looks(self.office, self.app.tab(table).title))


@pytest.mark.parametrize("words", [RUSSIAN, ENGLISH], ids=lambda words: words.language)
def test_week_ends_in_agreement_and_every_message_was_expected(words: Words) -> None:
    with folder_in_memory() as folder, open_office(folder, words.language) as office:
        week = Week(office)
        office.sync()
        monday(week, words)
        tuesday(week, words)
        wednesday(week, words)
        thursday(week, words)
        friday(week, words)


def monday(week: Week, words: Words) -> None:
    """A client and its first contact are typed in one go."""
    week.add("clients", full_name=words.company, phone="8 (912) 345-67-89")
    week.add("clients", full_name=words.person, email="Mary@Example.ORG")
    for client in (words.company, words.person):
        week.add("contacts", client=client, contact_at=words.day, reason=words.reason)
    week.office.sync()
    (remark,) = week.told()
    assert week.app.say("No problems: every cell was understood.") in remark
    contact, _ = week.tab("contacts").rows()
    assert contact[week.heading("contacts", "client")].startswith(f"{words.company} (C-")
    assert any(words.company in cell for cell in week.offered("clients"))
    assert is_quiet(week.office)


def tuesday(week: Week, words: Words) -> None:
    """Three cells are typed badly; the rest of their rows is taken."""
    week.add(
        "agreements",
        client="8 912 345-67-89",
        subject="tea",
        agreed_at=words.day.partition(" ")[0],
        next_call_at=words.later,
        amount=words.thousands,
    )
    week.type("clients", 2, "status", words.wrong_status)
    week.type("clients", 3, "phone", "8 912 34")
    week.office.sync()
    told = "\n".join(week.told())
    for said in words.said:
        assert said in told
    assert len(week.told()) == len(words.said)
    assert week.marked("clients") == {
        (2, week.heading("clients", "status")),
        (3, week.heading("clients", "phone")),
    }
    assert week.office.sql("select subject, amount from agreements") == [("tea", None)]


def wednesday(week: Week, words: Words) -> None:
    """All is mended; marks and lines go. A row is hidden, another one filtered out: what stands in
    them counts. A box is ticked, a second phone typed.
    """
    tab = week.tab("clients")
    rows = {"sheetId": tab.sheet.id, "dimension": "ROWS", "startIndex": 2, "endIndex": 3}
    hidden = {"range": rows, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    area = {"sheetId": tab.sheet.id, "startRowIndex": 0, "startColumnIndex": 0}
    name = tab.column(week.heading("clients", "full_name")) - 1
    criteria = {str(name): {"hiddenValues": [words.company]}}
    week.batch(
        {"updateDimensionProperties": hidden},
        {"setBasicFilter": {"filter": {"range": area, "criteria": criteria}}},
    )
    week.type("clients", 2, "phone", "8 (912) 345-67-89; 8 342 212-34-56")
    week.type("clients", 3, "do_not_contact", True)
    week.type("clients", 2, "status", words.status)
    week.type("clients", 3, "phone", "")
    week.type("agreements", 2, "amount", words.amount)
    week.type("agreements", 2, "next_call_at", words.later.replace("2090", "2027"))
    week.office.sync()
    assert week.marked("clients") == week.marked("agreements") == set()
    assert week.office.sql("select amount from agreements") == [("1234.5",)]
    assert week.office.sql("select phone, do_not_contact from clients order by id") == [
        ("+79123456789; +73422123456", None),
        (None, 1),
    ]
    week.batch({"clearBasicFilter": {"sheetId": tab.sheet.id}})


def thursday(week: Week, words: Words) -> None:
    """Both sides change one cell; the people of the sheet decide."""
    week.type("clients", 2, "city", "Omsk")
    week.office.sql("update clients set city = 'Tver' where full_name = ?", words.company)
    week.type("clients", 3, "note", "likes tea")
    week.office.sync()
    conflicts = week.office.tab(week.app.titles["conflicts"])
    (line,) = [row for row in conflicts.rows() if isinstance(row[conflicts.headings[0]], int)]
    decision = conflicts.headings[12]
    assert week.marked("clients") == {(2, week.heading("clients", "city"))}
    conflicts.type(line["#"], decision, words.keep)
    week.office.sync()
    assert week.marked("clients") == set()


def friday(week: Week, words: Words) -> None:
    """A row is deleted, a client comes below a gap, one is left half-typed; cells are merged and
    parted again. Both sides agree in the end.
    """
    half_typed_and_merged(week)
    row = len(week.tab("clients").grid) + 4
    cells: list[Any] = [""] * len(week.tab("clients").headings)
    for field, value in (("full_name", "Below a gap"), ("messenger", "tg:@below")):
        cells[week.tab("clients").column(week.heading("clients", field)) - 1] = value
    week.tab("clients").sheet.update([cells], f"A{row}", value_input_option="USER_ENTERED")
    week.tab("contacts").sheet.delete_rows(2)
    week.office.sync()
    week.office.sync()
    live = week.office.sql(
        "select full_name, city, note from clients where archived_at is null order by full_name"
    )
    assert sorted(live, key=str) == sorted(
        [
            (words.company, "Omsk", None),
            (words.person, None, "likes tea"),
            ("Below a gap", None, None),
        ],
        key=str,
    )
    archived = week.office.sql("select count(*) from contacts where archived_at is not null")
    assert archived == [(1,)]
    assert is_quiet(week.office)


def half_typed_and_merged(week: Week) -> None:
    """What cannot be known is said, and nothing is lost of what stood there."""
    tab = week.tab("clients")
    half = week.add("clients", phone="8 912 000-00-01")
    city = tab.column(week.heading("clients", "city")) - 1
    span = {
        "sheetId": tab.sheet.id,
        "startRowIndex": 1,
        "endRowIndex": 3,
        "startColumnIndex": city,
        "endColumnIndex": city + 1,
    }
    week.batch({"mergeCells": {"range": span, "mergeType": "MERGE_ALL"}})
    week.office.sync()
    assert (half, week.heading("clients", "full_name")) not in week.marked("clients")
    week.type("clients", 2, "address", "Lenin street 1")
    week.office.sync()
    assert week.office.sql("select city from clients order by id") == [("Omsk",), (None,)]
    assert (half, week.heading("clients", "full_name")) in week.marked("clients")
    week.batch({"unmergeCells": {"range": span}})
    week.tab("clients").sheet.batch_clear([f"A{half}:Z{half}"])
    week.office.sync()
    assert week.marked("clients") == set()
