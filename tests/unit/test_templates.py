"""Templates: what ships is whole, mistakes are all named at once, and growth needs no code."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest

from crm_sync.core.binding import Binding, bind
from crm_sync.core.grid import TabRead
from crm_sync.core.headings import heading_key
from crm_sync.core.schema import Kind, Tab, Table
from crm_sync.errors import ConfigError
from crm_sync.model import TABLES, Client, Status, table
from crm_sync.model.row import Spec, table_of
from crm_sync.resources import resource
from crm_sync.templates import (
    default_statuses,
    fingerprint,
    generated_titles,
    languages,
    load_language,
    load_tabs,
)

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "ru")
TEXT_KINDS = {Kind.ID, Kind.TEXT, Kind.DIGITS, Kind.PHONE, Kind.EMAIL, Kind.CHOICE, Kind.REFERENCE}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the templates that a test may spoil."""
    return Path(shutil.copytree(resource("sheets_templates"), tmp_path / "templates"))


def edit(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{old!r} is not in {file.name}"
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")


def append(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


def faults(act: Callable[[], object]) -> list[str]:
    """The faults in the ConfigError that the act raises, without the numbers of lines."""
    with pytest.raises(ConfigError) as caught:
        act()
    return [re.sub(r"line \d+", "line …", line) for line in str(caught.value).split("\n")[1:]]


def tab(name: str, language: str = "ru", folder: Path | None = None) -> Tab:
    return load_tabs(language, [table(name)], folder)[0]


# What ships


@pytest.mark.parametrize("language", LANGUAGES)
def test_tabs_come_in_the_order_of_the_tables_with_id_first_and_every_field(language: str) -> None:
    tabs = load_tabs(language, TABLES)
    assert [item.table for item in tabs] == list(TABLES)
    for item in tabs:
        assert item.columns[0].field.kind is Kind.ID
        assert set(item.by_field) == {"id", *item.table.by_name}


def test_languages_show_the_same_columns_in_the_same_order() -> None:
    english, russian = (load_tabs(language, TABLES) for language in LANGUAGES)
    for one, other in zip(english, russian, strict=True):
        assert [column.field for column in one.columns] == [
            column.field for column in other.columns
        ]
        assert [column.width for column in one.columns] == [
            column.width for column in other.columns
        ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_heading_or_alias_of_a_tab_stands_for_two_fields(language: str) -> None:
    for item in load_tabs(language, TABLES):
        keys = [
            heading_key(heading)
            for column in item.columns
            for heading in (column.heading, *column.aliases)
        ]
        assert sorted(set(keys)) == sorted(keys), item.title


@pytest.mark.parametrize(("language", "other"), [("ru", "en"), ("en", "ru")])
def test_tab_with_the_headings_of_the_other_language_binds_every_column(
    language: str, other: str
) -> None:
    for own, foreign in zip(load_tabs(language, TABLES), load_tabs(other, TABLES), strict=True):
        headings = tuple(column.heading for column in foreign.columns)
        binding = bind(own, TabRead(1, own.title, 10, 30, (headings,)))
        assert isinstance(binding, Binding)
        assert (binding.own, binding.missing, binding.doubled) == ({}, (), {})


@pytest.mark.parametrize(
    ("language", "date", "moment"),
    [("ru", "dd.mm.yyyy", "dd.mm.yyyy hh:mm"), ("en", "yyyy-mm-dd", "yyyy-mm-dd hh:mm")],
)
def test_patterns_follow_from_kind_and_language(language: str, date: str, moment: str) -> None:
    expected = {Kind.DATE: date, Kind.DATETIME: moment, Kind.INTEGER: "0", Kind.BOOLEAN: None}
    expected |= {Kind.DECIMAL: "#,##0.00"} | dict.fromkeys(TEXT_KINDS, "@")
    shown = {
        (column.field.kind, column.pattern)
        for item in load_tabs(language, TABLES)
        for column in item.columns
        if column.field.name != "quantity"
    }
    assert shown == set(expected.items())


def test_quantities_have_no_pattern_because_each_unit_has_its_own_precision() -> None:
    assert tab("agreements").by_field["quantity"].pattern is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_choices_have_a_label_each_in_their_order_and_lists_have_drop_downs(language: str) -> None:
    for item in load_tabs(language, TABLES):
        for column in item.columns:
            assert tuple(column.labels) == column.field.choices
            has_list = column.field.kind in (Kind.CHOICE, Kind.REFERENCE)
            assert column.dropdown is has_list, column.field.name


def test_titles_are_those_that_staff_know() -> None:
    assert [item.title for item in load_tabs("ru", TABLES)] == [
        "Статусы",
        "Филиалы",
        "Сотрудники",
        "Группы товаров",
        "Акции",
        "Клиенты",
        "Договорённости",
        "Контакты",
    ]
    assert generated_titles("ru") == {
        "problems": "Проблемы",
        "conflicts": "Конфликты",
        "followups": "Что делать",
        "comparison": "Сравнение периодов",
        "summary": "Сводка",
        "seasonality": "Сезонность",
        "plans": "План-факт",
        "kpi": "KPI",
        "customers": "Клиентская база",
        "campaigns": "Итоги акций",
    }
    assert generated_titles("en") == {
        "problems": "Problems",
        "conflicts": "Conflicts",
        "followups": "Follow-ups",
        "comparison": "Comparison",
        "summary": "Summary",
        "seasonality": "Seasonality",
        "plans": "Plan and actual",
        "kpi": "KPI",
        "customers": "Client base",
        "campaigns": "Campaign results",
    }


def test_new_workbooks_get_the_locale_of_the_language() -> None:
    assert languages() == LANGUAGES
    assert [load_language(language).locale for language in LANGUAGES] == ["en_US", "ru_RU"]


def test_column_can_be_hidden_and_its_drop_down_switched_off(folder: Path) -> None:
    edit(
        folder / "ru" / "clients.toml",
        ('field = "city"', 'field = "city"\nhidden = true'),
        ('field = "owner"', 'field = "owner"\ndropdown = false'),
    )
    columns = tab("clients", "ru", folder).by_field
    assert [name for name, column in columns.items() if column.hidden] == ["city"]
    assert (columns["owner"].dropdown, columns["branch"].dropdown) == (False, True)


# Statuses


def test_default_statuses_fill_the_table_of_statuses() -> None:
    rows = default_statuses()
    names = set(table("statuses").by_name)
    for number, row in enumerate(rows):
        assert set(row) == names
        Status.model_validate({"id": f"S-{number}", **row})
    assert {row["active"] for row in rows} == {1}
    orders = [row["sort_order"] for row in rows]
    assert orders == [10 * number for number in range(1, len(rows) + 1)]


def test_default_of_every_status_field_is_a_default_status() -> None:
    keys = {(row["entity"], row["key"]) for row in default_statuses()}
    defaults = {
        (field.entity, field.default)
        for item in TABLES
        for field in item.fields
        if field.refers_to == "statuses" and field.default is not None
    }
    assert defaults == {("client", "cold"), ("contact", "held"), ("agreement", "draft")}
    assert defaults <= keys


def test_draft_may_become_fulfilled_only_through_an_agreement() -> None:
    after = {
        row["key"]: str(row["allowed_next"] or "").split("; ")
        for row in default_statuses()
        if row["entity"] == "agreement"
    }
    assert "fulfilled" not in after["draft"] + after["proposed"]
    assert "fulfilled" in after["agreed"]
    assert "in_progress" in after["on_hold"]
    assert "on_hold" in after["in_progress"]


@pytest.mark.parametrize("entity", ["client", "agreement"])
def test_every_status_can_be_reached_and_every_open_one_can_be_left(entity: str) -> None:
    rows = {str(row["key"]): row for row in default_statuses() if row["entity"] == entity}
    reached, waiting = set(), [next(iter(rows))]
    while waiting:
        key = waiting.pop()
        reached.add(key)
        followers = str(rows[key]["allowed_next"] or "").split("; ") if key else []
        waiting.extend(item for item in followers if item and item not in reached)
    # A refund is never a step of the agreement that it takes back: it is a row of its own.
    assert set(rows) - reached <= {"refund"}
    for row in rows.values():
        assert row["final"] or row["allowed_next"], row["key"]


def test_company_that_asks_for_the_five_statuses_of_the_brief_finds_them_in_the_list() -> None:
    reasons = [row["ru"] for row in default_statuses() if row["entity"] == "reason"]
    assert reasons[:5] == [
        "Холодный звонок",
        "Предложение от компании",
        "Потребитель обратился",
        "Заказал",
        "Уже ждёт",
    ]


def test_all_faults_of_the_statuses_are_named_at_once(folder: Path) -> None:
    edit(
        folder / "statuses.toml",
        ('key = "lost"', 'key = "served"'),
        ('ru = "Обратился", en = "Inquired"', 'ru = "Холодный", de = "Kalt"'),
        ('required_fields = ["fulfilled_at"]', 'required_fields = ["fulfiled_at"]'),
        ('allowed_next = ["on_hold", "fulfilled"', 'allowed_next = ["onhold", "fulfilled"'),
    )
    found = faults(lambda: default_statuses(folder))
    leads_to_lost = [line for line in found if "leads to lost, which is not there" in line]
    assert len(leads_to_lost) == 6
    assert [line for line in found if line not in leads_to_lost] == [
        f"statuses.toml: line …, {fault}"
        for fault in (
            "status[3]: the status inquired of client has no name in en.",
            "status[3]: “Холодный” stands for two statuses of client.",
            "status[3]: the status inquired of client: there is no language de.",
            "status[7]: the status served of client stands there twice.",
            "status[17]: the status in_progress of agreement leads to onhold, which is not there.",
            "status[19]: the status fulfilled of agreement asks for the unknown field fulfiled_at.",
        )
    ]


def test_value_that_a_status_may_not_have_is_named_with_its_line(folder: Path) -> None:
    edit(
        folder / "statuses.toml",
        ('colour = "#CFE2F3"', 'colour = "blue"'),
        ("probability = 5", "probability = 500"),
        ('entity = "client"', 'entity = "klient"'),
    )
    assert faults(lambda: default_statuses(folder)) == [
        (
            'statuses.toml: line …, status[1].entity: "klient" is none of: '
            "client, contact, agreement, reason, lost_reason."
        ),
        'statuses.toml: line …, status[1].colour: "blue" is not written as it must be.',
        "statuses.toml: line …, status[1].probability: 500 is too large: 100 is the most.",
    ]


# Mistakes


def test_all_faults_of_all_files_are_named_at_once(folder: Path) -> None:
    edit(
        folder / "ru" / "clients.toml",
        ('field = "phone"', 'field = "fone"'),
        ('heading = "Город"', 'heading = " АДРЕС: "'),
        ('customer = "Покупатель"\n', ""),
        ('partner = "Партнёр"', 'partner = "Поставщик"\nfriend = "Друг"'),
        ('field = "city"', 'field = "city"\ndropdown = true'),
    )
    edit(folder / "ru" / "contacts.toml", ('field = "reason"', 'field = "outcome"'))
    edit(folder / "en" / "clients.toml", ("width = 90", 'width = "wide"'))
    edit(folder / "ru" / "generated.toml", ("Проблемы", "Клиенты"))
    (folder / "ru" / "branches.toml").write_text("title = Филиалы", encoding="utf-8")
    (folder / "en" / "campaigns.toml").unlink()
    append(folder / "ru" / "campaigns.toml", '[labels.colour]\nred = "Красный"')
    assert faults(lambda: load_tabs("ru", TABLES, folder)) == [
        "en/campaigns.toml: the file is missing.",
        (
            'en/clients.toml: line …, column[1].width: "wide" is not a whole number. '
            "Write it without quotes: 5"
        ),
        "ru: two tabs have the title “Клиенты”.",
        (
            "ru/branches.toml: line … (title = Филиалы): "
            "this is no value: texts stand in quotes, yes and no are true and false."
        ),
        "ru/campaigns.toml: [labels.colour]: there is no column with choices of this name.",
        "ru/clients.toml: line …, column[6]: clients has no field fone. Did you mean phone?",
        (
            "ru/clients.toml: line …, column[11]: "
            "city is neither a choice nor a reference: it can have no drop-down."
        ),
        (
            "ru/clients.toml: line …, column[11]: "
            "the heading “АДРЕС:” stands for address already. Change one."
        ),
        (
            "ru/clients.toml: [labels.kind]: there is no choice friend. "
            "There are: customer, supplier, partner."
        ),
        "ru/clients.toml: [labels.kind]: a label for customer is missing.",
        "ru/clients.toml: [labels.kind]: partner and supplier have the same label.",
        (
            "ru/contacts.toml: line …, column[8]: "
            "the field outcome has a second column. Remove one of the two."
        ),
        "ru/contacts.toml: the required field reason has no column. Add a [[column]] for it.",
    ]


def test_first_column_must_be_the_id(folder: Path) -> None:
    edit(folder / "ru" / "branches.toml", ('field = "id"', 'field = "opened"'))
    assert (
        "ru/branches.toml: line …, column[1]: the first column must be that of the field id."
        in faults(lambda: tab("branches", folder=folder))
    )


def test_fault_names_the_line_on_which_its_column_begins(folder: Path) -> None:
    file = folder / "ru" / "branches.toml"
    edit(file, ('field = "parent"', 'field = "parents"'))
    header = file.read_text(encoding="utf-8").split("\n").index('field = "parents"')
    with pytest.raises(ConfigError, match=rf"branches\.toml: line {header}, column\[4\]"):
        tab("branches", folder=folder)


def test_heading_without_letters_is_a_fault(folder: Path) -> None:
    edit(folder / "ru" / "branches.toml", ('heading = "Название"', 'heading = " : "'))
    assert faults(lambda: tab("branches", folder=folder)) == [
        "ru/branches.toml: line …, column[2]: the heading “:” has no letters or digits."
    ]


def test_unknown_language_names_those_there_are() -> None:
    for load in (lambda: load_tabs("fr", TABLES), lambda: generated_titles("fr")):
        with pytest.raises(ConfigError) as caught:
            load()
        assert str(caught.value) == "There are no templates for the language “fr”."
        assert caught.value.hint.format(**caught.value.facts) == "Choose one of: en, ru."


# Aliases


def test_foreign_heading_that_is_an_own_heading_too_keeps_its_own_field(folder: Path) -> None:
    edit(folder / "en" / "branches.toml", ('heading = "Head"', 'heading = "Валюта"'))
    russian = tab("branches", "ru", folder)
    assert russian.by_field["head"].aliases == ()
    assert russian.by_field["currency"].heading == "Валюта"


def test_foreign_heading_that_stands_for_two_fields_is_no_alias(folder: Path) -> None:
    shutil.copytree(folder / "en", folder / "de")
    edit(folder / "de" / "branches.toml", ('"Currency"', '"Leiter"'), ('"Head"', '"Currency"'))
    russian = tab("branches", "ru", folder)
    assert russian.by_field["currency"].aliases == ("Leiter",)
    assert russian.by_field["head"].aliases == ("Head",)


def test_aliases_of_the_template_come_first() -> None:
    assert tab("clients").by_field["phone"].aliases[0] == "Телефон клиента"


# Fingerprint


def test_fingerprint_stays_the_same_while_nothing_changes(folder: Path) -> None:
    assert fingerprint(load_tabs("ru", TABLES)) == fingerprint(load_tabs("ru", TABLES, folder))
    assert re.fullmatch(r"[0-9a-f]{16}", fingerprint(load_tabs("ru", TABLES)))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("ru/clients.toml", 'heading = "Телефон"', 'heading = "Тел."'),
        ("ru/clients.toml", 'customer = "Покупатель"', 'customer = "Заказчик"'),
        ("ru/clients.toml", "width = 90", "width = 91"),
        ("ru/clients.toml", 'note = "Ставит', 'note = "Поставит'),
        ("ru/language.toml", '"dd.mm.yyyy"', '"d.m.yy"'),
        ("en/clients.toml", 'heading = "City"', 'heading = "Town"'),
    ],
)
def test_fingerprint_changes_with_a_template(folder: Path, file: str, old: str, new: str) -> None:
    before = fingerprint(load_tabs("ru", TABLES, folder))
    edit(folder / file, (old, new))
    assert fingerprint(load_tabs("ru", TABLES, folder)) != before


def test_fingerprint_changes_with_the_model() -> None:
    clients = table("clients")
    longer = replace(
        clients,
        fields=tuple(
            replace(field, max_length=99) if field.name == "city" else field
            for field in clients.fields
        ),
    )
    assert fingerprint(load_tabs("ru", [longer])) != fingerprint(load_tabs("ru", [clients]))


# docs/templates.md, run


def example(name: str) -> str:
    """A block of the documentation by the file that it belongs to."""
    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    found = re.search(rf"^( *)```{re.escape(name)}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    assert found, f"docs/templates.md has no block {name}"
    return re.sub(f"^{found[1]}", "", found[2], flags=re.MULTILINE)


def client_with(field: str) -> Table:
    """The table of clients with one more field, as the documentation adds it to the model."""
    space: dict[str, object] = {"Client": Client, "Spec": Spec, "Annotated": Annotated}
    exec(f"class Grown(Client):\n{field}", space)
    grown = space["Grown"]
    assert isinstance(grown, type)
    assert issubclass(grown, Client)
    return table_of(grown)


def test_adding_a_column_takes_a_field_and_a_column_a_language(folder: Path) -> None:
    grown = client_with(example("python"))
    for language in LANGUAGES:
        file = folder / language / "clients.toml"
        before_labels = file.read_text(encoding="utf-8").partition("\n[labels")
        column = example(f"toml {language}/clients.toml")
        file.write_text(
            f"{before_labels[0]}\n{column}\n[labels{before_labels[2]}", encoding="utf-8"
        )
    added = load_tabs("ru", [grown], folder)[0].columns[-1]
    assert added.field == grown.by_name["loyalty_card"]
    assert (added.heading, added.aliases, added.pattern) == ("Карта", ("Loyalty card",), "@")
    assert added.field.max_length == 20


def test_field_without_a_column_is_not_in_the_tab() -> None:
    grown = client_with(example("python"))
    assert "loyalty_card" not in load_tabs("ru", [grown])[0].by_field


def test_adding_a_status_takes_an_entry(folder: Path) -> None:
    append(folder / "statuses.toml", example("toml statuses.toml"))
    assert default_statuses(folder)[-1] == {
        "entity": "agreement",
        "key": "warranty",
        "ru": "Гарантия",
        "en": "Under warranty",
        "type": "open",
        "sort_order": 10 * len(default_statuses(folder)),
        "colour": "#CFE2F3",
        "probability": None,
        "final": 0,
        "no_back": 0,
        "allowed_next": "fulfilled; refund",
        "required_fields": None,
        "max_days": 45,
        "active": 1,
    }


def test_adding_a_colour_takes_an_entry(folder: Path) -> None:
    append(folder / "highlights.toml", example("toml highlights.toml"))
    found = tab("agreements", "ru", folder).highlights[-1]
    assert (found.name, found.field, found.colour) == ("unpaid", "paid_amount", "#FCE5CD")


def test_colour_of_an_unknown_field_is_refused_with_its_line(folder: Path) -> None:
    edit(folder / "highlights.toml", ("{fulfilled_at}", "{fulfiled_at}"))
    with pytest.raises(ConfigError) as caught:
        tab("agreements", "ru", folder)
    assert "highlights.toml: line" in str(caught.value.facts["faults"])
    assert "Did you mean fulfilled_at?" in str(caught.value.facts["faults"])


def test_adding_a_language_takes_a_folder(folder: Path) -> None:
    shutil.copytree(folder / "en", folder / "de")
    (folder / "de" / "language.toml").write_text(example("toml de/language.toml"), "utf-8")
    edit(folder / "de" / "clients.toml", ('heading = "Phone"', 'heading = "Telefon"'))
    assert languages(folder) == ("de", "en", "ru")
    assert load_language("de", folder).locale == "de_DE"
    assert tab("clients", "de", folder).by_field["phone"].heading == "Telefon"
    assert tab("clients", "de", folder).by_field["consent_at"].pattern == "dd.mm.yyyy"
    assert "Telefon" in tab("clients", "ru", folder).by_field["phone"].aliases
