"""What people type, however odd: it reaches the store as typed, its cell stays as it was, and what
the store holds reaches the sheet as it is.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from tests.outside.company import Company

TEXTS = {
    "leading zeros": "007",
    "formula as text": "=1+1",
    "plus as text": "+1+1",
    "minus as text": "-5",
    "at sign": "@here",
    "apostrophe": "'quoted",
    "date as text": "31.12.2026",
    "fraction": "1/2",
    "exponent": "1e5",
    "long number": "40702810900000012345",
    "boolean": "TRUE",
    "not a number": "nan",
    "error": "#REF!",
    "emoji": "👩‍👩‍👧 ok",
    "no-break spaces": "1\u00a0234\u202f567",
    "zero width": "a\u200bb",
    "composed": "й",
    "decomposed": "и\u0306",
    "right to left": "\u202eabc\u202c",
    "lines": "one\ntwo",
    "tab": "one\ttwo",
    "quotes": "'); DROP TABLE clients; --",
    "markup": "<script>alert(1)</script>",
    "braces": "{{7*7}} %s {0}",
    "longest": "x" * 50_000,
    "longest in Russian": "ж" * 50_000,
    "null byte": "a\x00b",
}
HEADING, FIELD = "Note", "note"


def column(company: Company, heading: str = HEADING) -> int:
    return company.tab().headings.index(heading)


def note_of(company: Company, number: int) -> Any:
    name = f"Client {number}"
    return company.sql("select note from clients where full_name = ?", name)[0][0]


def synced(company: Company) -> dict[str, Any]:
    """The answer of a run that must go well, and after which nothing is left to do."""
    told: dict[str, Any] = company.json("sync")["workbooks"][0]
    assert told["error"] is None, told["error"]
    for _ in range(2):
        done = company.crm_sync("sync")
    assert "nothing has changed" in done["said"], done["said"]
    return told


def alike(one: Any, other: Any) -> bool:
    """Equal but for what nobody sees: forms of one letter, blanks of other widths, marks."""

    def bare(text: Any) -> str:
        normal = unicodedata.normalize("NFKC", str(text))
        return "".join(sign for sign in normal if sign.isprintable() and not sign.isspace())

    return bare(one) == bare(other)


def test_texts_are_taken_as_they_are_and_left_as_they_are(company: Company) -> None:
    at = {heading: column(company, heading) for heading in ("Name", "Phone", "Note")}
    for number, text in enumerate(TEXTS.values(), 6):
        company.enter(number, at["Name"], [f"Client {number}"], how="RAW")
        company.enter(number, at["Phone"], [f"+7912{number:07}"], how="RAW")
        company.enter(number, at["Note"], [text], how="RAW")
    before = company.tab()
    told = synced(company)
    after = company.tab()
    for number, (label, text) in enumerate(TEXTS.items(), 6):
        row = before.numbers.index(number)
        assert after.rows[row][HEADING] == before.rows[row][HEADING], label
        problems = [item for item in told["problems"] if item["row"] == number + 1]
        if not problems:
            assert alike(note_of(company, number), text), label


def test_what_the_store_holds_stands_in_the_sheet_as_it_is(company: Company) -> None:
    texts = {label: text for label, text in TEXTS.items() if label != "null byte"}
    for number, (label, text) in enumerate(texts.items()):
        company.sql(
            "insert into clients (full_name, phone, note, kind, status)"
            " values (?, ?, ?, 'customer', 'cold')",
            label,
            f"+7913{number:07}",
            text,
        )
    told = synced(company)
    tab = company.tab()
    rows = {row["Name"]: row for row in tab.rows}
    refused = {item["record"] for item in told["problems"] if item["field"] == FIELD}
    for label, text in texts.items():
        if rows[label]["ID"] not in refused:
            assert alike(rows[label][HEADING], text), label
            assert isinstance(rows[label][HEADING], str), "text stays text"
    assert refused <= {rows[label]["ID"] for label in ("error", "longest", "longest in Russian")}
    assert not any(tab.formulas), "nothing of ours is a formula"


def test_text_that_is_too_long_stops_at_its_cell(company: Company) -> None:
    company.sql("update clients set note = ? where full_name = 'Client 1'", "x" * 50_001)
    company.sql("update clients set city = 'Omsk' where full_name = 'Client 2'")
    told: dict[str, Any] = company.json("sync")["workbooks"][0]
    assert told["error"] is None, told["error"]
    rows = {row["Name"]: row for row in company.tab().rows}
    assert rows["Client 2"]["City"] == "Omsk"
    assert told["problems"], "somebody must be told of the text that does not fit"


PHONES = ("+7 912 345-67-81", "8 (912) 345-67-82", "89123456783", "9123456784", "+7-912-345-67-85")


def test_phone_typed_in_any_form_is_kept_in_one(company: Company) -> None:
    at = column(company, "Phone")
    for row, text in enumerate(PHONES, 1):
        company.type(row, at, text)
    synced(company)
    phones = company.sql("select phone from clients order by id")
    assert phones == [(f"+7912345678{number}",) for number in range(1, 6)]


def test_formulas_stay_and_are_read_by_their_value(company: Company) -> None:
    company.type(1, column(company), '=CONCATENATE("a";"b")')
    company.type(2, column(company), '=UPPER("typed")')
    before = company.tab().formulas
    synced(company)
    assert company.tab().formulas == before
    company.sql("update clients set note = 'from the store'")
    company.crm_sync("sync")
    assert company.tab().formulas == before
