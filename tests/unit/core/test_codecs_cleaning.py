"""Text as it is kept: what cannot be seen is taken out."""

import pytest

from crm_sync.core.codecs.cleaning import bare, clean, fold, typed_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  ООО «Ромашка» \n", "ООО «Ромашка»"),
        ("1\xa0234\u202f567\u2009руб\tв\u3000год", "1 234 567 руб в год"),
        ("во\xadда\ufeff\u200b\u2060", "вода"),
        ("и\u0306од", "йод"),
        ("е\u200b\u0308лка", "ёлка"),
        ("a\r\nb\rc\x0bd\u2028e\x85f", "a\nb\nc\nd\ne\nf"),
        ("a\x00b\x1b[31mc\x7f\x9f", "ab[31mc"),
        ("\ud800 и \udc00", "\ufffd и \ufffd"),
        ("\ud83d\ude00", "😀"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Ан\u200dна\u200c", "Анна"),
        ("\u200e123\u200f", "\u200e123\u200f"),
        ("\u200b \xa0", ""),
    ],
)
def test_text_is_kept_as_people_see_it(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_bare_text_has_no_direction_marks() -> None:
    assert bare(clean("\u202a+7 912\u202c \u2066345\u2069")) == "+7 912 345"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ООО «Ромашка»", 'ооо  "РОМАШКА"'),
        ("Ждёт исполнения", "ждет\xa0исполнения"),
        ("Семе\u0308нов—Тян", "семенов-тян"),
        ("STRASSE", "straße"),
    ],
)
def test_two_spellings_of_one_name_fold_to_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Анна", "Аня"), ("и", "й"), ("А", "A"), ("5", "5.0")])
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("cell", "quoted"),
    [
        (5.0, "5"),
        (0.5, "0.5"),
        (True, "TRUE"),
        (b"\xff\x00", "\ufffd"),
        ("а" * 301, "а" * 299 + "…"),
        ("\ud800", "\ufffd"),
        (None, "None"),
    ],
)
def test_a_problem_quotes_what_stands_in_the_cell(cell: object, quoted: str) -> None:
    assert typed_text(cell) == quoted


def test_a_number_of_thousands_of_digits_is_quoted_by_its_beginning() -> None:
    assert typed_text(10**5000).endswith("…")
