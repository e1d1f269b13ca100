"""The tabs of a workbook in one language: templates and model joined, or all that is wrong."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import orjson

from crm_sync.core.headings import heading_key
from crm_sync.core.schema import Column, Field, FilledBy, Kind, Tab, Table
from crm_sync.core.values import N_
from crm_sync.messages import Phrase
from crm_sync.messages.faults import nearest
from crm_sync.templates.folder import (
    ColumnFile,
    Language,
    LanguageSource,
    Reader,
    TabSource,
    languages,
    require_language,
)
from crm_sync.templates.highlights import read_highlights

TEXT_PATTERN: Final = "@"
"""Plain text: nothing typed under it turns into a number, a date or a formula."""

_KINDS_WITH_LIST: Final = frozenset({Kind.CHOICE, Kind.REFERENCE})
_ID: Final = Field("id", Kind.ID, filled_by=FilledBy.SYSTEM)


def load_tabs(
    language: str, tables: Sequence[Table], folder: Path | None = None
) -> tuple[Tab, ...]:
    """The tabs of these tables in their order. The headings of the other languages are aliases.

    `folder` is that of the templates, by default the one that comes with the program. Raises
    ConfigError that names every fault of every file.
    """
    require_language(language, folder)
    reader = Reader(folder)
    names = tuple(table.name for table in tables)
    sources = {code: reader.language(code, names) for code in languages(folder)}
    for source in sources.values():
        if source is not None:
            _check(reader, source, tables)
    highlights = read_highlights(reader, tables)
    reader.finish()
    own = sources.pop(language)
    others = [source for source in sources.values() if source is not None]
    if own is None:
        raise AssertionError("a language without faults was read")
    return tuple(
        dataclasses.replace(_tab(table, own, others), highlights=highlights.get(table.name, ()))
        for table in tables
    )


def generated_titles(language: str, folder: Path | None = None) -> dict[str, str]:
    """The titles of the generated tabs by name: "problems", "conflicts", "followups"..."""
    require_language(language, folder)
    reader = Reader(folder)
    source = reader.language(language, ())
    reader.finish()
    return dict(source.generated) if source else {}


def fingerprint(tabs: Sequence[Tab]) -> str:
    """Sixteen hexadecimal digits that change when a template or the model changes."""
    values = orjson.dumps(list(tabs), default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(values).hexdigest()[:16]


def _tab(table: Table, own: LanguageSource, others: Iterable[LanguageSource]) -> Tab:
    source = own.tabs[table.name]
    foreign = _foreign_headings(table, source, others)
    columns = tuple(
        _column(item, _field(table, item.field), source, own.language, foreign)
        for item in source.content.column
    )
    return Tab(table, source.content.title, columns)


def _column(
    item: ColumnFile,
    field: Field,
    source: TabSource,
    language: Language,
    foreign: Mapping[str, tuple[str, ...]],
) -> Column:
    labels = source.content.labels.get(field.name, {})
    dropdown = field.kind in _KINDS_WITH_LIST if item.dropdown is None else item.dropdown
    return Column(
        field=field,
        heading=item.heading,
        aliases=(*item.aliases, *foreign.get(field.name, ())),
        labels={choice: labels[choice] for choice in field.choices},
        pattern=_pattern(item, field, language),
        width=item.width,
        note=item.note,
        hidden=item.hidden,
        dropdown=dropdown,
    )


def _pattern(item: ColumnFile, field: Field, language: Language) -> str | None:
    if item.pattern is not None:
        return item.pattern or None
    match field.kind:
        case Kind.INTEGER | Kind.DECIMAL | Kind.DATE | Kind.DATETIME:
            return language.patterns[field.kind.value]
        case Kind.BOOLEAN:
            # As text, TRUE typed by a person would not be a boolean any more.
            return None
        case _:
            return TEXT_PATTERN


def _foreign_headings(
    table: Table, own: TabSource, others: Iterable[LanguageSource]
) -> dict[str, tuple[str, ...]]:
    """Headings of other languages by field. One that is also an own heading, or that stands for
    two fields, is left out: a column must never be taken for another.
    """
    found: dict[str, dict[str, str]] = {}
    for language in others:
        if table.name in language.tabs:
            for item in language.tabs[table.name].content.column:
                for heading in (item.heading, *item.aliases):
                    found.setdefault(heading_key(heading), {}).setdefault(item.field, heading)
    taken = {
        heading_key(heading)
        for item in own.content.column
        for heading in (item.heading, *item.aliases)
    }
    result: dict[str, tuple[str, ...]] = {}
    for key, by_field in found.items():
        if key not in taken and len(by_field) == 1:
            ((name, heading),) = by_field.items()
            result[name] = (*result.get(name, ()), heading)
    return result


def _field(table: Table, name: str) -> Field:
    return _ID if name == _ID.name else table.by_name[name]


def _check(reader: Reader, source: LanguageSource, tables: Sequence[Table]) -> None:
    """Notes what the files of one language have wrong against the model and each other."""
    for table in tables:
        if table.name in source.tabs:
            tab = source.tabs[table.name]
            for faults in (
                _field_faults(tab, table),
                _heading_faults(tab),
                _label_faults(tab, table),
            ):
                for fault in faults:
                    reader.fault(tab.name, fault)
    titles = [tab.content.title for tab in source.tabs.values()] + [*source.generated.values()]
    counts = Counter(title.casefold() for title in titles)
    for title in titles:
        if counts.pop(title.casefold(), 1) > 1:
            fault = Phrase(N_("two tabs have the title “{title}”."), {"title": title})
            reader.fault(source.language.code, fault)


def _field_faults(tab: TabSource, table: Table) -> Iterator[Phrase]:
    names = [item.field for item in tab.content.column]
    for index, item in enumerate(tab.content.column):
        if item.field not in table.by_name and item.field != _ID.name:
            yield _unknown(tab, index, item, table)
        elif item.field in names[:index]:
            template = N_("the field {field} has a second column. Remove one of the two.")
            yield _at(tab, index, template, field=item.field)
        elif item.dropdown and _field(table, item.field).kind not in _KINDS_WITH_LIST:
            template = N_("{field} is neither a choice nor a reference: it can have no drop-down.")
            yield _at(tab, index, template, field=item.field)
    if names[0] != _ID.name:
        yield _at(tab, 0, N_("the first column must be that of the field id."))
    for field in table.fields:
        if field.required and field.name not in names:
            template = N_("the required field {field} has no column. Add a [[column]] for it.")
            yield Phrase(template, {"field": field.name})


def _unknown(tab: TabSource, index: int, item: ColumnFile, table: Table) -> Phrase:
    meant = nearest(item.field, [*table.by_name, _ID.name])
    if meant:
        template = N_("{table} has no field {field}. Did you mean {meant}?")
    else:
        template = N_("{table} has no field {field}. Add it to the model, or remove the column.")
    return _at(tab, index, template, table=table.name, field=item.field, meant=meant)


def _heading_faults(tab: TabSource) -> Iterator[Phrase]:
    taken: dict[str, ColumnFile] = {}
    for index, item in enumerate(tab.content.column):
        for heading in (item.heading, *item.aliases):
            key = heading_key(heading)
            if not key:
                template = N_("the heading “{heading}” has no letters or digits.")
                yield _at(tab, index, template, heading=heading)
            elif taken.setdefault(key, item) is not item:
                template = N_("the heading “{heading}” stands for {first} already. Change one.")
                yield _at(tab, index, template, heading=heading, first=taken[key].field)


def _label_faults(tab: TabSource, table: Table) -> Iterator[Phrase]:
    columns = {item.field for item in tab.content.column}
    for name, labels in tab.content.labels.items():
        field = table.by_name.get(name)
        if field is None or field.kind is not Kind.CHOICE or name not in columns:
            template = N_("[labels.{field}]: there is no column with choices of this name.")
            yield Phrase(template, {"field": name})
            continue
        for choice in labels:
            if choice not in field.choices:
                template = N_(
                    "[labels.{field}]: there is no choice {choice}. There are: {choices}."
                )
                facts = {"field": name, "choice": choice, "choices": ", ".join(field.choices)}
                yield Phrase(template, facts)
    for field in table.fields:
        if field.kind is Kind.CHOICE and field.name in columns:
            yield from _choice_faults(field, tab.content.labels.get(field.name, {}))


def _choice_faults(field: Field, labels: Mapping[str, str]) -> Iterator[Phrase]:
    taken: dict[str, str] = {}
    for choice in field.choices:
        facts = {"field": field.name, "choice": choice}
        if choice not in labels:
            yield Phrase(N_("[labels.{field}]: a label for {choice} is missing."), facts)
            continue
        first = taken.setdefault(heading_key(labels[choice]), choice)
        if first != choice:
            template = N_("[labels.{field}]: {choice} and {first} have the same label.")
            yield Phrase(template, {**facts, "first": first})


def _at(tab: TabSource, index: int, template: str, **facts: object) -> Phrase:
    """A fault of one column, with its place in the file."""
    place = tab.document.place(("column", index))
    return Phrase("{place}: {what}", {"place": place, "what": Phrase(template, facts)})
