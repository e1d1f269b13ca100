"""Columns that the configuration adds to tabs, dressed as those of the templates are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crm_sync.core.headings import heading_key
from crm_sync.core.schema import Column, Field, Kind, Tab, Table
from crm_sync.core.values import N_
from crm_sync.errors import ConfigError
from crm_sync.messages import Phrase, Phrases
from crm_sync.templates.folder import Language
from crm_sync.templates.tabs import TEXT_PATTERN


@dataclass(frozen=True)
class OwnColumn:
    """A field that a table gains, with its headings by language."""

    table: str
    field: Field
    headings: Mapping[str, str]
    width: int = 120
    note: str = ""


def with_fields(tables: Sequence[Table], added: Sequence[OwnColumn]) -> tuple[Table, ...]:
    """The tables with the fields that are added to them."""
    return tuple(
        replace(
            table,
            fields=(
                *table.fields,
                *(column.field for column in added if column.table == table.name),
            ),
        )
        for table in tables
    )


def with_columns(
    tabs: Sequence[Tab], added: Sequence[OwnColumn], language: Language
) -> tuple[Tab, ...]:
    """The tabs with the columns that are added to them, at the end. Raises ConfigError for headings
    that stand for another column already.
    """
    faults: list[Phrase] = []
    found = []
    for tab in tabs:
        columns = list(tab.columns)
        for item in added:
            if item.table != tab.table.name:
                continue
            column = _column(item, language)
            taken = {
                heading_key(heading): other.heading
                for other in columns
                for heading in (other.heading, *other.aliases)
            }
            if heading_key(column.heading) in taken:
                text = N_("{table}: the heading “{heading}” stands for another column already.")
                faults.append(Phrase(text, {"table": tab.table.name, "heading": column.heading}))
            aliases = tuple(word for word in column.aliases if heading_key(word) not in taken)
            columns.append(replace(column, aliases=aliases))
        found.append(replace(tab, columns=tuple(columns)))
    if faults:
        raise ConfigError(
            N_("The columns of the configuration cannot be used:\n{faults}"),
            N_("Give them other headings in [[columns]]."),
            faults=Phrases(tuple(faults)),
        )
    return tuple(found)


def _column(item: OwnColumn, language: Language) -> Column:
    heading = item.headings.get(language.code) or next(iter(item.headings.values()))
    return Column(
        item.field,
        heading,
        aliases=tuple(word for word in item.headings.values() if word != heading),
        labels={word: word for word in item.field.choices},
        pattern=_pattern(item.field.kind, language),
        width=item.width,
        note=item.note,
        dropdown=bool(item.field.choices),
    )


def _pattern(kind: Kind, language: Language) -> str | None:
    if kind is Kind.BOOLEAN:
        return None
    return language.patterns.get(kind.value, TEXT_PATTERN)
