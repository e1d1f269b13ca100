"""Every cell of the corpus is read right, or refused with what to do; none is silently changed."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import pytest

from crm_sync.core.codecs import Codec, Conventions, codec_for
from crm_sync.core.findings import Severity
from crm_sync.core.references import Entry, ReferenceIndex
from crm_sync.core.schema import Tab
from crm_sync.core.values import Scalar, Unreadable
from crm_sync.messages import Messages
from crm_sync.model.rules import Facts, check
from crm_sync.model.tables import TABLES, table
from crm_sync.services.world import reference_key
from crm_sync.templates import load_tabs
from crm_sync.templates.dictionary import default_statuses
from tests.typed_cells import TypedCell, typed_cells

REGIONS = {"ru_RU": "RU", "en_US": "US", "en_GB": "GB", "de_DE": "DE"}
CLIENTS = (
    Entry("C-000123", "ООО «Ромашка»", ("+79123456789", "a@romashka.ru", "7707083893")),
    Entry("C-000124", "Анна Петрова"),
    Entry("C-000125", "Анна Петрова"),
    Entry("C-000126", "Старый клиент", archived=True),
)
NOW = datetime(2027, 6, 1, 12, 0)
ENGLISH, RUSSIAN = Messages("en"), Messages("ru")


@cache
def tabs(language: str) -> dict[str, Tab]:
    return {tab.table.name: tab for tab in load_tabs(language, TABLES)}


@cache
def codec(locale: str, column: str) -> Codec:
    language = "ru" if locale == "ru_RU" else "en"
    name, _, field = column.partition(".")
    found = tabs(language)[name].by_field[field]
    key = reference_key(found.field.refers_to, found.field.entity)
    indexes = {key: _index(found.field.entity, language, REGIONS[locale])}
    return codec_for(found, Conventions(locale, REGIONS[locale]), indexes)


def _index(entity: str | None, language: str, region: str) -> ReferenceIndex:
    if entity is None:
        return ReferenceIndex(CLIENTS, show_id=True, region=region)
    rows = [row for row in default_statuses() if row["entity"] == entity]
    entries = [
        Entry(str(row["key"]), str(row[language]), (str(row["ru"]), str(row["en"]))) for row in rows
    ]
    return ReferenceIndex(entries, show_id=False, region=region)


def said(item: TypedCell, value: Scalar) -> list[tuple[Severity, str, str, dict[str, str]]]:
    """What the rules say of a record that holds just this."""
    name, _, field = item.column.partition(".")
    values: dict[str, Scalar] = {column.name: None for column in table(name).fields}
    values[field] = value
    return [
        (found.severity, found.message, found.remedy, dict(found.params))
        for found in check(table(name), values, None, Facts(NOW))
        if found.fields[0] == field and found.code not in {"V02", "V03", "V05"}
    ]


@pytest.mark.parametrize("item", typed_cells(), ids=str)
def test_cell_is_read_right_or_refused_with_a_remedy(item: TypedCell) -> None:
    read = codec(item.locale, item.column).parse(item.cell)
    told: list[tuple[Severity, str, str, dict[str, str]]] = []
    if isinstance(read, Unreadable):
        told.append((Severity.REJECT, read.reason, read.remedy, dict(read.params)))
    else:
        told.extend(said(item, read))
    refused = any(severity is Severity.REJECT for severity, *_ in told)
    words = " ".join(
        ENGLISH.text(part, **facts) for _, *parts, facts in told for part in parts if part
    )
    if item.outcome == "!":
        assert refused, f"read as {read!r}"
        assert item.words in words
    else:
        assert not refused, words
        assert ("" if read is None else str(read)) == item.value
        assert item.words in words
        assert bool(told) == (item.outcome == "~")
    for _, message, remedy, facts in told:
        assert remedy
        for template in (message, remedy):
            assert RUSSIAN.text(template, **facts) != ENGLISH.text(template, **facts)
            assert "{" not in RUSSIAN.text(template, **facts)


def test_corpus_is_large_and_has_each_locale() -> None:
    cells = typed_cells()
    assert len(cells) >= 400
    assert {item.locale for item in cells} == REGIONS.keys()
    assert len({(item.locale, item.column, item.typed, repr(item.cell)) for item in cells}) == len(
        cells
    )
