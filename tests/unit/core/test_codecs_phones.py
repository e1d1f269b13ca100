"""Phones: forty spellings, one value."""

import pytest

from crm_sync.core.codecs import Codec, Conventions, codec_for
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import Cell, Unreadable


def codec(locale: str = "ru_RU", region: str = "RU", *, many: bool = True) -> Codec:
    field = Field("phone", Kind.PHONE, many=many)
    return codec_for(Column(field, "Телефон"), Conventions(locale, region), {})


PHONE = codec()

SPELLINGS = (
    "+79123456789",
    "79123456789",
    "89123456789",
    "9123456789",
    "+7 912 345-67-89",
    "+7 (912) 345-67-89",
    "+7(912)3456789",
    "(+7) 912 345 67 89",
    "+7-912-345-67-89",
    "+7.912.345.67.89",
    "8 (912) 345-67-89",
    "8(912)345-67-89",
    "8-912-345-67-89",
    "8 912 345 67 89",
    "8.912.345.67.89",
    "8 (912) 34-56-789",
    "(912) 345-67-89",
    "912 345 67 89",
    "\u202a+7 912 345-67-89\u202c",
    "+7\xa0912\u202f345‑67‑89",
    "+7 912 345–67–89",
    "\u200b8 912 345 67 89 ",
    "8 (912)\t345-67-89;",
    "+7 8 912 345-67-89",
    79123456789,
    79123456789.0,
    89123456789,
    9123456789,
)


@pytest.mark.parametrize("cell", SPELLINGS)
def test_each_spelling_is_one_value_that_is_shown_alike(cell: Cell) -> None:
    assert PHONE.parse(cell) == "+79123456789"
    assert PHONE.normal(cell) == "+79123456789"
    assert PHONE.format("+79123456789") == "+7 912 345-67-89"


@pytest.mark.parametrize(
    "extension",
    [
        *(
            " доб. 12",
            ", доб.12",
            " (доб. 12)",
            ";; доб. 12",
            " ext 12",
            " ext. 12",
            "x12",
            " Х 12",
            " #12",
            ";ext=12",
        ),
        *(" вн. 12", " внутр. 12", " добавочный 12", " EXTENSION: 12"),
    ],
)
def test_an_extension_is_kept_apart(extension: str) -> None:
    assert PHONE.parse("8 (495) 123-45-67" + extension) == "+74951234567x12"


def test_an_extension_is_shown_in_the_language_of_the_workbook() -> None:
    assert PHONE.format("+74951234567x12") == "+7 495 123-45-67 доб. 12"
    assert codec("en_GB", "GB").format("+442079460018x7") == "+44 20 7946 0018 ext. 7"


@pytest.mark.parametrize("between", [";", "; ", ", ", " / ", "\n", "\r\n", ";;\n"])
def test_several_phones_keep_their_order_each_once(between: str) -> None:
    typed = between.join(["8 916 123-45-67", "8 495 123-45-67 доб. 12", "+79161234567"])
    assert PHONE.parse(typed) == "+79161234567; +74951234567x12"
    assert PHONE.format("+79161234567; +74951234567x12") == (
        "+7 916 123-45-67; +7 495 123-45-67 доб. 12"
    )


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("+375 (29) 123-45-67", "+375291234567"),
        ("+1 555 0100", "+15550100"),
        ("+49 30 0", None),
        ("+999 123 456 789", None),
        ("8 10 375 29 123-45-67", "+375291234567"),
        (375291234567, "+375291234567"),
        ("375291234567", None),
        (999291234567, None),
        (375000000000, None),
        ("8 (101) 234-56-78", None),
        ("810 123-45-67", None),
        ("+49 00 144 490581040", "+49144490581040"),
    ],
)
def test_a_phone_abroad_is_known_by_its_code(cell: Cell, value: str | None) -> None:
    read = PHONE.parse(cell)
    assert (None if isinstance(read, Unreadable) else read) == value


@pytest.mark.parametrize(
    ("region", "typed", "value"),
    [
        ("US", "(206) 555-9857", "+12065559857"),
        ("US", "1-800-222-0451", "+18002220451"),
        ("US", "555-9857", None),
        ("GB", "020 7946 0018", "+442079460018"),
        ("DE", "030-0074321", "+49300074321"),
        ("IT", "06 1234 5678", "+390612345678"),
        ("KZ", "8 701 234 56 78", "+77012345678"),
        ("ZZ", "8 912 345-67-89", None),
        ("ZZ", "+7 912 345-67-89", "+79123456789"),
    ],
)
def test_the_region_tells_what_a_number_without_code_means(
    region: str, typed: str, value: str | None
) -> None:
    read = codec(region=region).parse(typed)
    assert (None if isinstance(read, Unreadable) else read) == value


@pytest.mark.parametrize(
    ("cell", "reason", "remedy"),
    [
        (
            "8 912 34",
            '"8 912 34" does not look like a phone number.',
            (
                "Type all digits with the area code, like +7 912 345-67-89; "
                "abroad with + and country code."
            ),
        ),
        (
            "8 912 345-67-89; мама",
            '"мама" has letters, and a phone number has none.',
            (
                "Type the number alone, like +7 912 345-67-89; an extension follows as ext. 12, "
                "several numbers are parted by a semicolon."
            ),
        ),
        (
            -1144,
            '"-1144" does not look like a phone number.',
            "Set the cell's format to plain text and type the phone again, like +7 912 345-67-89.",
        ),
    ],
)
def test_what_is_no_phone_says_what_would_be(cell: Cell, reason: str, remedy: str) -> None:
    read = PHONE.parse(cell)
    assert isinstance(read, Unreadable)
    assert read.code == "V01"
    assert read.reason.format(**read.params) == reason
    assert read.remedy.format(**read.params) == remedy
    assert read.typed == str(cell)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "+7 912 345",
            "112",
            "8 912 345-67-89 8 912 345-67-80",
            "8 495 123-45-67/68",
        ),
        *("+8 (495) 123-45-67", "8+912 345-67-89", "0-800-ЗВОНИ", True, 12.5, 0, "x12", ";", "-"),
        *("7.9E+10", "8 912 345-67-8O", "8" * 49_000),
    ],
)
def test_a_doubtful_number_is_refused_and_not_guessed(cell: Cell) -> None:
    assert isinstance(PHONE.parse(cell), Unreadable)


def test_five_phones_fit_and_where_one_is_asked_one() -> None:
    phones = [f"+7912345678{last}" for last in range(6)]
    assert PHONE.parse(", ".join(phones[:5])) == "; ".join(phones[:5])
    assert isinstance(PHONE.parse(", ".join(phones)), Unreadable)
    assert codec(many=False).parse(phones[0]) == phones[0]
    assert isinstance(codec(many=False).parse("; ".join(phones[:2])), Unreadable)


def test_what_is_written_is_text_so_that_no_sheet_makes_a_number_of_it() -> None:
    assert PHONE.format("+15550100") == "+1 5550100"
    assert isinstance(PHONE.format("+79123456789"), str)
