"""Messages: filled, translated and never in the way; the Russian catalogue is whole."""

import string
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_sync.errors import ConfigError
from crm_sync.messages import Messages, Phrase, Phrases
from tests import catalogue

RUSSIAN = Messages("ru")
ENGLISH = Messages("en")
TORN = "The store {path} is damaged."
NO_BREAK = "\N{NO-BREAK SPACE}"


# The catalogue


@pytest.fixture(scope="module")
def found() -> dict[catalogue.Key, list[str]]:
    return catalogue.uses()


@pytest.fixture(scope="module")
def russian() -> dict[catalogue.Key, object]:
    read = catalogue.read(catalogue.catalogues()["ru"], "ru")
    return {message.id: message.string for message in read if message.id}


REMEDY = "Run `python -m tests.catalogue` and translate what it lists."


def test_every_message_has_a_russian_translation(
    found: dict[catalogue.Key, list[str]], russian: dict[catalogue.Key, object]
) -> None:
    missing = {
        key: places
        for key, places in found.items()
        if not catalogue.is_translated(russian.get(key, ""))
    }
    assert missing == {}, REMEDY


def test_no_translation_is_left_of_a_message_that_is_gone(
    found: dict[catalogue.Key, list[str]], russian: dict[catalogue.Key, object]
) -> None:
    known = found | catalogue.help_uses()
    assert sorted(set(map(str, russian)) - set(map(str, known))) == [], REMEDY


def test_translations_have_the_placeholders_of_their_messages(
    russian: dict[catalogue.Key, object],
) -> None:
    different = {}
    for key, translation in russian.items():
        forms = translation if isinstance(translation, list | tuple) else (translation,)
        expected = set().union(*(names(item) for item in ([key] if isinstance(key, str) else key)))
        for form in filter(None, forms):
            if names(str(form)) != expected:
                different[key] = form
    assert different == {}


def test_templates_can_be_filled(found: dict[catalogue.Key, list[str]]) -> None:
    for key in found:
        for template in [key] if isinstance(key, str) else key:
            facts = dict.fromkeys(names(template), "x")
            assert ENGLISH.text(template, **facts) == template.format(**facts)


def test_renewing_a_catalogue_keeps_translations_adds_new_and_drops_gone_messages(
    tmp_path: Path,
) -> None:
    file = tmp_path / "crm_sync.po"
    file.write_bytes(b"")
    empty = catalogue.renewed(catalogue.read(file, "ru"), {"old": [], "both": []}, "ru")
    empty["both"].string = "оба"
    file.write_bytes(catalogue.as_written(empty))
    new: dict[catalogue.Key, list[str]] = {"new": [], "both": [], ("one", "many"): []}
    renewed = catalogue.renewed(catalogue.read(file, "ru"), new, "ru")
    file.write_bytes(catalogue.as_written(renewed))
    again = catalogue.read(file, "ru")
    assert {item.id: item.string for item in again if item.id} == {
        "new": "",
        "both": "оба",
        ("one", "many"): ("", "", ""),
    }
    assert catalogue.as_written(catalogue.renewed(again, new, "ru")) == file.read_bytes()


def test_russian_texts_are_set_as_russian_readers_expect(
    russian: dict[catalogue.Key, object],
) -> None:
    for key, translation in russian.items():
        forms = translation if isinstance(translation, list | tuple) else (translation,)
        for form in map(str, forms):
            assert not set("“”") & set(form), f"quotes are « and »: {key}"
            assert " - " not in form, f"the dash is —: {key}"
            assert form == form.strip(), f"blanks around: {key}"


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def extracted(source: str) -> list[catalogue.Key]:
    return [use.key for use in catalogue.templates_in(source, "x.py")]


def test_templates_are_found_wherever_they_are_said() -> None:
    assert extracted('x = N_("a")') == ["a"]
    assert extracted('x = N_("a " "b")') == ["a b"]
    assert extracted('messages.text("a", n=1)') == ["a"]
    assert extracted('self.messages.text(N_("a"))') == ["a"]
    assert extracted('say = messages.text\nsay("a")') == ["a"]
    assert extracted('messages.plural("{n} row", "{n} rows", n)') == [("{n} row", "{n} rows")]
    assert extracted('messages.plural(N_("one"), N_("many"), n)') == [("one", "many")]
    assert extracted("messages.text(problem.message)") == []


def test_template_that_is_put_together_is_refused() -> None:
    with pytest.raises(catalogue.NotLiteral, match=r"x\.py:1"):
        extracted('N_(f"a {b}")')


# Text


def test_message_is_said_in_the_language() -> None:
    assert ENGLISH.text(TORN, path="crm.db") == "The store crm.db is damaged."
    assert RUSSIAN.text(TORN, path="crm.db") == "База crm.db повреждена."


def test_unknown_message_and_unknown_language_speak_english() -> None:
    assert RUSSIAN.text("Never said before: {what}", what=1) == "Never said before: 1"
    assert Messages("de").text(TORN, path="crm.db") == "The store crm.db is damaged."
    assert RUSSIAN.text("") == ""


def test_missing_fact_shows_its_name_instead_of_an_error() -> None:
    assert ENGLISH.text(TORN) == TORN
    assert RUSSIAN.text(TORN) == "База {path} повреждена."


@given(
    st.text(alphabet="{}!:.[]0ab ", max_size=12), st.dictionaries(st.sampled_from("ab"), st.text())
)
@example("{a.b}", {"a": ""})
@example("{a[0]}", {"a": ""})
@example("{a:d}", {"a": ""})
@example("{0} {}", {})
def test_nothing_is_ever_raised_for_a_poor_template(template: str, facts: dict[str, str]) -> None:
    assert isinstance(RUSSIAN.text(template, **facts), str)
    assert isinstance(str(Phrase(template, facts)), str)


def test_fact_with_braces_or_the_name_of_a_parameter_is_only_a_fact() -> None:
    assert ENGLISH.text("{typed}", typed="{path}") == "{path}"
    assert ENGLISH.text("{self} {template} {n}", self=1, template=2, n=3) == "1 2 3"


def test_phrase_within_a_phrase_is_translated_too() -> None:
    inner = Phrase(TORN, {"path": "crm.db"})
    outer = Phrases((inner, Phrase("{what}!", {"what": inner})), " ")
    english = "The store crm.db is damaged."
    assert str(outer) == f"{english} {english}!"
    assert ENGLISH.say(outer) == f"{english} {english}!"
    assert RUSSIAN.say(outer) == "База crm.db повреждена. База crm.db повреждена.!"


def test_error_with_faults_is_said_whole_in_the_language() -> None:
    fault = Phrase("{place}: {what}", {"place": Phrase("{key}", {"key": "language"})})
    said = Phrase("{place}: {what}", {**fault.facts, "what": Phrase("it is missing.")})
    error = ConfigError(
        "The configuration {file} cannot be used:\n{faults}",
        file="config.toml",
        faults=Phrases((said,)),
    )
    assert str(error) == ("The configuration config.toml cannot be used:\nlanguage: it is missing.")
    assert RUSSIAN.text(error.message, **error.facts) == (
        "Файл настроек config.toml с ошибками:\nlanguage: не указано."
    )


# Plurals


def test_english_has_one_and_many() -> None:
    said = [ENGLISH.plural("{n} row", "{n} rows", n) for n in (0, 1, 2, 1234)]
    assert said == ["0 rows", "1 row", "2 rows", "1,234 rows"]


def test_russian_has_a_form_for_each_kind_of_number(tmp_path: Path) -> None:
    read = catalogue.read(catalogue.catalogues()["ru"], "ru")
    read.add(("{n} row", "{n} rows"), ["{n} строка", "{n} строки", "{n} строк"])
    file = tmp_path / "ru" / "LC_MESSAGES" / "crm_sync.po"
    file.parent.mkdir(parents=True)
    file.write_bytes(catalogue.as_written(read))
    messages = Messages("ru", tmp_path)
    said = {n: messages.plural("{n} row", "{n} rows", n) for n in range(1200)}
    assert {n for n, text in said.items() if text.endswith("строка")} == {
        n for n in said if n % 10 == 1 and n % 100 != 11
    }
    assert {n for n, text in said.items() if text.endswith("строки")} == {
        n for n in said if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14)
    }
    assert (said[0], said[1101]) == ("0 строк", f"1{NO_BREAK}101 строка")


def test_plural_takes_further_facts() -> None:
    assert ENGLISH.plural("{n} row in {tab}", "{n} rows in {tab}", 2, tab="X") == "2 rows in X"
    assert ENGLISH.plural("{n} of {tab}", "{n} of {tab}", 1) == "1 of {tab}"


# Dates and numbers


@pytest.mark.parametrize(
    ("messages", "day", "moment"),
    [(RUSSIAN, "10.03.2026", "10.03.2026 09:05"), (ENGLISH, "2026-03-10", "2026-03-10 09:05")],
)
def test_dates_are_shown_as_in_the_tabs(messages: Messages, day: str, moment: str) -> None:
    assert messages.date("2026-03-10") == messages.date(date(2026, 3, 10)) == day
    assert messages.datetime("2026-03-10 09:05") == moment
    assert messages.datetime("2026-03-10 09:05:30") == moment
    assert messages.datetime(datetime(2026, 3, 10, 9, 5)) == moment
    assert messages.datetime("2026-03-10") == day


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (RUSSIAN.money("48500.5", "RUB"), "48 500,50 ₽"),
        (RUSSIAN.money(Decimal(-3), "USD"), "-3,00 $"),
        (RUSSIAN.money("1234.565"), "1 234,56"),
        (ENGLISH.money("48500.5", "RUB"), "RUB 48,500.50"),
        (ENGLISH.money(-3, "USD"), "-$3.00"),
        (ENGLISH.money("0.1", "JPY"), "¥0.10"),
        (ENGLISH.money("12345678901234567890.12"), "12,345,678,901,234,567,890.12"),
        (RUSSIAN.integer(999), "999"),
        (RUSSIAN.integer(-1234567), "-1 234 567"),
        (ENGLISH.integer(1234), "1,234"),
        (RUSSIAN.percent(0.125), "12,5 %"),
        (ENGLISH.percent(Decimal("-0.5"), 0), "-50%"),
        (RUSSIAN.percent(12), "1 200,0 %"),
    ],
)
def test_numbers_are_shown_as_readers_of_the_language_write_them(shown: str, expected: str) -> None:
    assert shown.replace(NO_BREAK, " ") == expected


# Loading


def test_nothing_is_loaded_before_something_is_said() -> None:
    script = (
        "import sys\n"
        "from crm_sync.messages import Messages\n"
        "Messages('ru')\n"
        "Messages('en').text('There are {n}', n=5)\n"
        "sys.exit('babel' in sys.modules or 'crm_sync.config' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
