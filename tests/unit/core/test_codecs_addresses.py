"""E-mail addresses in cells."""

import pytest

from crm_sync.core.codecs import Codec, Conventions, codec_for
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import Cell, Unreadable


def codec(*, many: bool = True) -> Codec:
    return codec_for(Column(Field("email", Kind.EMAIL, many=many), "E-mail"), Conventions(), {})


EMAIL = codec()


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("Anna@Mail.RU", "Anna@mail.ru"),
        (" a.b+c@sub.mail.ru\u200b ", "a.b+c@sub.mail.ru"),
        ("a@x.ru; b@x.ru,c@x.ru\nd@x.ru e@x.ru", "a@x.ru; b@x.ru; c@x.ru; d@x.ru; e@x.ru"),
        ("a@x.ru; A@X.RU", "a@x.ru"),
        ("почта@почта.рф", "почта@почта.рф"),
        ("anna@xn--80a1acny.xn--p1ai", "anna@почта.рф"),
        ("anna@xn--80a1acny.com", "anna@почта.com"),
        ("anna@почта.рф", "anna@почта.рф"),
        ("josé@mail.fr", "josé@mail.fr"),
        ("a@office.local", "a@office.local"),
    ],
)
def test_an_address_is_read_with_a_small_domain(typed: str, value: str) -> None:
    assert EMAIL.parse(typed) == value
    assert EMAIL.normal(value) == value
    assert EMAIL.format(value) == value


@pytest.mark.parametrize("typed", ["аnna@mail.ru", "anna@mаil.ru", "почта@mail.ru", "μ@mail.ru"])
def test_letters_that_only_look_latin_are_refused(typed: str) -> None:
    read = EMAIL.parse(typed)
    assert isinstance(read, Unreadable)
    assert read.reason == '"{item}" mixes Latin letters with others that look like them.'


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "anna",
            "anna@",
            "@mail.ru",
            "anna@mail",
            "anna mail.ru",
            "a@b@c.ru",
            "a..b@mail.ru",
            ";",
        ),
        *(".a@mail.ru", "a@-mail.ru", "a@mail.ru/b@mail.ru", "Анна <a@mail.ru>", "a@[127.0.0.1]"),
        *('"a b"@mail.ru', "a" * 65 + "@mail.ru", "a@" + "b" * 64 + ".ru", 5, 0.5, True),
        *("z_@A.1\u200dμİфß", "a@" + "b." * 126 + "ru"),
    ],
)
def test_what_is_no_address_is_refused(cell: Cell) -> None:
    read = EMAIL.parse(cell)
    assert isinstance(read, Unreadable)
    assert read.code == "V01"


def test_the_bad_one_of_several_is_named() -> None:
    read = EMAIL.parse("a@mail.ru; b@mail")
    assert isinstance(read, Unreadable)
    assert read.reason.format(**read.params) == '"b@mail" is not an e-mail address.'
    assert read.typed == "a@mail.ru; b@mail"


def test_one_address_fits_where_one_is_asked() -> None:
    assert codec(many=False).parse("a@x.ru") == "a@x.ru"
    assert isinstance(codec(many=False).parse("a@x.ru b@x.ru"), Unreadable)


def test_a_long_list_is_read_too() -> None:
    addresses = [f"a{number}@mail.ru" for number in range(100)]
    assert EMAIL.parse(", ".join(addresses)) == "; ".join(addresses)
