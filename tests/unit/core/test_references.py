"""The records that cells may refer to."""

import pytest

from crm_sync.core.references import Entry, ReferenceIndex

ANNA = Entry("C-000012", "Анна", ("+79123456789x12", "Anna@mail.ru", "7707083893"))
OTHER_ANNA = Entry("C-000034", "Анна")
SHOP = Entry("C-000056", "ООО «Ромашка» (Пермь)")
OLD_SHOP = Entry("C-000057", "ООО «Ромашка» (Пермь)", archived=True)
VERA = Entry("C-000078", "Вера", archived=True)
NUMBERED = Entry("C-000090", "79123456000")

CLIENTS = ReferenceIndex([NUMBERED, VERA, OLD_SHOP, SHOP, OTHER_ANNA, ANNA], show_id=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("C-000012", (ANNA,)),
        ("c-000012", (ANNA,)),
        ("С-000012", (ANNA,)),
        ("C-12", (ANNA,)),
        ("C – 000012", (ANNA,)),
        ("Анна (C-000012)", (ANNA,)),
        ("АННА  ( c-12 )", (ANNA,)),
        ("Анна · C-000012", (ANNA,)),
        ("(C-000012)", (ANNA,)),
        ("Аня, как просила (C-000012)", ()),
        ("Ромашка (C-000056)", (SHOP,)),
        ("Ромашка Пермь · C-56", (SHOP,)),
        ("Ромашка Омск (C-000056)", ()),
        ("anna@mail.ru (C-000012)", (ANNA,)),
        ("anna@MAIL.ru", (ANNA,)),
        ("8 (912) 345-67-89", (ANNA,)),
        ("+7 912 345 67 89", (ANNA,)),
        ("79123456789", (ANNA,)),
        ("7707083893", (ANNA,)),
        ("анна", (ANNA, OTHER_ANNA)),
        ('ооо "ромашка" (пермь)', (SHOP,)),
        ("ООО «Ромашка» (Пермь) (C-000057)", (OLD_SHOP,)),
        ("вера", (VERA,)),
        ("C-78", (VERA,)),
        ("8 912 345-60-00", ()),
        ("79123456000", (NUMBERED,)),
        ("Анна (C-000099)", ()),
        ("Ан", ()),
        ("", ()),
        ("()", ()),
        ("·", ()),
    ],
)
def test_a_text_finds_all_that_it_may_mean(text: str, found: tuple[Entry, ...]) -> None:
    assert CLIENTS.find(text) == found
    assert CLIENTS.find(text) == found  # the second answer comes from memory


def test_a_text_that_is_the_name_of_one_and_ends_with_the_id_of_another_may_mean_both() -> None:
    boris, anna = Entry("C-1", "Борис"), Entry("C-2", "Вера (C-1)")
    index = ReferenceIndex([boris, anna], show_id=True)
    assert index.find("Вера (C-1)") == (boris, anna)


def test_a_name_retyped_over_an_id_left_standing_is_not_decided_by_the_id() -> None:
    boris, anna = Entry("C-1", "Борис"), Entry("C-2", "Анна")
    index = ReferenceIndex([boris, anna], show_id=True)
    assert index.find("Анна (C-1)") == (boris, anna)
    assert index.find("Борис (C-1)") == (boris,)


def test_a_name_that_the_record_bore_before_goes_with_its_id() -> None:
    boris, anna = Entry("C-1", "Борис Новый"), Entry("C-2", "Анна")
    before = {"C-1": ("ООО «Старый»", "Анна")}
    index = ReferenceIndex([boris, anna], show_id=True, former=lambda key: before.get(key, ()))
    assert index.find("ооо «СТАРЫЙ» (C-1)") == (boris,)
    assert index.find("Старый · C-1") == (boris,)
    assert index.find("Старый (C-2)") == ()
    assert index.bearer("Старый (C-2)") == "Анна (C-2)"
    assert index.bearer("Старый (C-3)") is None
    # Another one bears it now.
    assert index.find("Анна (C-1)") == (boris, anna)


def test_a_name_in_use_goes_before_the_same_name_in_the_archive() -> None:
    old, new = Entry("E-001", "Петров", archived=True), Entry("E-002", "Петров")
    assert ReferenceIndex([old, new], show_id=False).find("петров") == (new,)


def test_a_phone_without_code_is_read_as_the_region_dials_it() -> None:
    entry = Entry("C-1", "Shop", ("+442079460018",))
    assert ReferenceIndex([entry], show_id=True, region="GB").find("020 7946 0018") == (entry,)
    assert ReferenceIndex([entry], show_id=True).find("020 7946 0018") == ()


def test_clients_are_shown_with_their_ids() -> None:
    assert CLIENTS.shown("C-000012") == "Анна (C-000012)"
    assert CLIENTS.shown("C-000078") == "Вера (C-000078)"
    assert CLIENTS.shown("C-000099") is None


def test_labels_are_shown_alone_where_they_mean_one_entry() -> None:
    index = ReferenceIndex(
        [
            Entry("cold", "Холодный"),
            Entry("lost", "Потерян"),
            Entry("gone", "потерян"),
            Entry("none", ""),
            Entry("other", "Cold"),
        ],
        show_id=False,
    )
    shown = {value: index.shown(value) for value in ("cold", "lost", "gone", "none", "other")}
    assert shown == {
        "cold": "Холодный",
        "lost": "Потерян (lost)",
        "gone": "потерян (gone)",
        "none": "none",
        "other": "Cold (other)",
    }


def test_an_index_knows_what_it_holds() -> None:
    assert "C-000078" in CLIENTS
    assert "C-000099" not in CLIENTS
    assert None not in CLIENTS


def test_the_nearest_labels_come_first_and_archived_ones_never() -> None:
    index = ReferenceIndex(
        [
            Entry("waiting", "Ждёт исполнения"),
            Entry("cold", "Холодный"),
            Entry("warm", "Тёплый"),
            Entry("old", "Ждёт оплаты", archived=True),
        ],
        show_id=False,
    )
    assert index.nearest("Ждет") == ("Ждёт исполнения",)
    assert index.nearest("холодн") == ("Холодный",)
    assert index.nearest("щъ") == ()
    assert index.nearest("") == ()


def test_no_more_neighbours_are_named_than_asked_for() -> None:
    index = ReferenceIndex([Entry(f"E-{n:03}", f"Петров {n}") for n in range(9)], show_id=False)
    assert index.nearest("Петров", 2) == ("Петров 0", "Петров 1")
