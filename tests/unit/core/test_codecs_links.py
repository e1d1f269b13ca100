"""References in cells: clients by whatever people call them, statuses by label."""

import pytest

from crm_sync.core.codecs import Codec, Conventions, codec_for
from crm_sync.core.references import Entry, ReferenceIndex
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import Cell, Scalar, Unreadable

INDEXES = {
    "clients": ReferenceIndex(
        [
            Entry("C-000012", "Анна", ("+79123456789", "anna@mail.ru")),
            Entry("C-000034", "Анна", ("+79123456780",)),
            Entry("C-000056", "Борис"),
            Entry("C-000078", "Вера", archived=True),
        ],
        show_id=True,
    ),
    "agreements": ReferenceIndex([], show_id=True),
    "contacts": ReferenceIndex([], show_id=True),
    "statuses:client": ReferenceIndex(
        [
            Entry("cold", "Холодный", ("Cold",)),
            Entry("waiting", "Ждёт исполнения", ("Waiting",)),
            Entry("old", "Старый", archived=True),
        ],
        show_id=False,
    ),
}


def codec(table: str, entity: str | None = None) -> Codec:
    field = Field("it", Kind.REFERENCE, refers_to=table, entity=entity)
    return codec_for(Column(field, "Кто"), Conventions("ru_RU"), INDEXES)


CLIENT, STATUS = codec("clients"), codec("statuses", "client")


def said(read: Scalar | Unreadable) -> tuple[str, str, str]:
    assert isinstance(read, Unreadable)
    return read.code, read.reason.format(**read.params), read.remedy.format(**read.params)


@pytest.mark.parametrize(
    "cell",
    [
        *("Анна (C-000012)", "C-000012", "с-12", "анна · c-000012", "8 912 345-67-89", 79123456789),
        *(89123456789.0, "Anna@Mail.ru"),
    ],
)
def test_a_client_is_known_by_whatever_is_unique(cell: Cell) -> None:
    assert CLIENT.parse(cell) == "C-000012"
    assert CLIENT.format("C-000012") == "Анна (C-000012)"


def test_a_name_of_two_clients_is_refused_and_both_are_listed() -> None:
    assert said(CLIENT.parse("анна")) == (
        "V07",
        '"анна" may be any of 2: Анна (C-000012); Анна (C-000034).',
        "Type the one that is meant together with its ID, like Анна (C-000012).",
    )


def test_of_many_namesakes_the_first_five_are_listed() -> None:
    crowd = [Entry(f"C-{number:06}", "Анна") for number in range(9)]
    index = ReferenceIndex(crowd, show_id=True)
    field = Field("client", Kind.REFERENCE, refers_to="clients")
    read = codec_for(Column(field, "Кто"), Conventions(), {"clients": index}).parse("Анна")
    assert isinstance(read, Unreadable)
    assert read.params["count"] == "9"
    assert read.params["matches"].count("Анна") == 5
    assert read.params["matches"].endswith("(C-000004); …")


def test_an_archived_record_is_refused_in_a_cell_and_stays_in_the_store() -> None:
    assert said(CLIENT.parse("Вера"))[:2] == ("V07", '"Вера" is in the archive.')
    assert CLIENT.normal("C-000078") == "C-000078"
    assert CLIENT.format("C-000078") == "Вера (C-000078)"


def test_an_unknown_client_is_refused_without_naming_others() -> None:
    assert said(CLIENT.parse("Бориса")) == (
        "V07",
        'No client is known as "Бориса".',
        "Type the client's ID, phone, e-mail or full name, or add the client first.",
    )


@pytest.mark.parametrize(
    ("table", "example"), [("agreements", "A-000045"), ("contacts", "K-0000045")]
)
def test_an_unknown_record_is_asked_for_by_id(table: str, example: str) -> None:
    code, _, remedy = said(codec(table).parse("поставка"))
    assert (code, example in remedy) == ("V07", True)


@pytest.mark.parametrize("typed", ["Ждёт исполнения", "ждет исполнения", "waiting", "Waiting"])
def test_a_status_is_known_by_label_in_any_language_or_key(typed: str) -> None:
    assert STATUS.parse(typed) == "waiting"
    assert STATUS.normal(typed) == "waiting"
    assert STATUS.format("waiting") == "Ждёт исполнения"


def test_a_misspelt_status_is_answered_by_the_nearest_one() -> None:
    assert said(STATUS.parse("Ждет")) == (
        "V04",
        '"Ждет" is not in the list.',
        "Did you mean Ждёт исполнения?",
    )


@pytest.mark.parametrize("cell", ["щъ", 5.5, True])
def test_a_strange_status_is_sent_to_the_list(cell: Cell) -> None:
    assert said(STATUS.parse(cell))[2] == (
        "Choose a value of the list, or ask for this one to be added to it."
    )


def test_an_unknown_id_is_written_as_it_stands_in_the_store() -> None:
    assert CLIENT.format("C-999999") == "C-999999"
    assert isinstance(CLIENT.normal("C-999999"), Unreadable)


def test_a_column_whose_index_is_not_given_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError, match="employees"):
        codec("employees")
