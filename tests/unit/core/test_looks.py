"""What a tab is given to look like, and the formulas of the lists that drop-downs draw on."""

from crm_sync.core.looks import (
    HighlightLook,
    Place,
    Protection,
    ProtectLook,
    Rule,
    RuleKind,
    Wardrobe,
    dressings,
    highlight_look,
    list_cells,
    list_columns,
    place_of_new,
    rule_of,
    runs,
)
from crm_sync.core.schema import Highlight
from crm_sync.model import TABLES
from crm_sync.templates import load_tabs

TABS = load_tabs("en", TABLES)
RUSSIAN = load_tabs("ru", TABLES)
CLIENTS = next(tab for tab in TABS if tab.table.name == "clients")
LISTS = list_columns(TABS)


def test_each_reference_draws_on_a_column_of_the_lists_tab() -> None:
    assert list(LISTS) == sorted(LISTS)
    assert {"clients", "agreements", "employees", "statuses:client", "statuses:reason"} <= set(
        LISTS
    )
    rule = rule_of(CLIENTS.by_field["status"], LISTS)
    letter = chr(ord("A") + LISTS["statuses:client"])
    assert rule == Rule(RuleKind.RANGE, (f"'_crm_lists'!${letter}$2:${letter}",))


def test_flag_is_a_checkbox_and_a_choice_offers_its_words() -> None:
    assert rule_of(CLIENTS.by_field["do_not_contact"], LISTS) == Rule(RuleKind.CHECKBOX)
    assert rule_of(CLIENTS.by_field["is_company"], LISTS) == Rule(
        RuleKind.LIST, ("Person", "Company")
    )
    assert rule_of(CLIENTS.by_field["city"], LISTS) is None


def test_list_names_whole_columns_where_they_stand_now() -> None:
    place = Place(5, "Mike's clients", 1, {"id": 2, "full_name": 0})
    cells = list_cells(TABS, {"clients": place}, "en")
    column = LISTS["clients"]
    title = "'Mike''s clients'"
    assert cells[0, column] == "clients"
    assert cells[1, column] == (
        f'=IFERROR(FILTER({title}!A:A&" ("&{title}!C:C&")";ROW({title}!C:C)>2;{title}!A:A<>"";'
        f'{title}!C:C<>"");"")'
    )
    assert (1, LISTS["employees"]) not in cells


def test_list_of_statuses_takes_the_words_of_the_language_and_those_in_use() -> None:
    statuses = next(tab for tab in RUSSIAN if tab.table.name == "statuses")
    place = place_of_new(statuses, 7, "Статусы")
    formula = list_cells(RUSSIAN, {"statuses": place}, "ru")[1, LISTS["statuses:client"]]
    assert '="Клиент"' in str(formula)
    assert "IF('Статусы'!D:D=\"\";'Статусы'!C:C;'Статусы'!D:D)" in str(formula)
    assert "ISBLANK(" in str(formula)


def test_highlight_names_the_columns_where_they_stand_and_bears_our_mark() -> None:
    highlight = Highlight("late", "due", '({due}<TODAY())*({done}="")', "#F4CCCC")
    place = Place(5, "T", 2, {"id": 0, "due": 3, "done": 1})
    assert highlight_look(highlight, place) == HighlightLook(
        5, 3, 3, '=(($D4<TODAY())*($B4=""))*(N("crm-sync late")=0)', "#F4CCCC"
    )
    assert highlight_look(highlight, Place(5, "T", 2, {"id": 0, "due": 3})) is None


def test_protection_goes_by_the_configuration() -> None:
    place = place_of_new(CLIENTS, 5, "Clients")

    def locks(protection: Protection) -> list[bool]:
        looks = dressings(CLIENTS, place, Wardrobe(LISTS, protection))
        return [look.lock for look in looks if isinstance(look, ProtectLook)]

    assert locks(Protection.WARN) == [False, False]
    assert locks(Protection.LOCK) == [True, True]
    assert locks(Protection.NONE) == []


def test_runs_join_neighbours_with_an_equal_look_alone() -> None:
    items = [(0, "a"), (1, "a"), (2, "b"), (4, "b"), (5, "b")]
    assert list(runs(items)) == [(0, 1 + 1, "a"), (2, 3, "b"), (4, 6, "b")]
