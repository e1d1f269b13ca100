"""Colours that cells take by themselves: `highlights.toml`, the same for every language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from crm_sync.core.schema import Highlight, Table
from crm_sync.core.values import N_
from crm_sync.messages import Phrase
from crm_sync.messages.faults import nearest
from crm_sync.templates.folder import HIGHLIGHTS_FILE, HighlightFile, HighlightsFile, Reader

FIELD: Final = re.compile(r"\{(\w+)\}")
"""A field's name in the formula of a highlight."""


def read_highlights(reader: Reader, tables: Sequence[Table]) -> dict[str, tuple[Highlight, ...]]:
    """The highlights by table, in the order of the file; faults are noted with the reader. Those of
    tables that are not asked for are left out.
    """
    found = reader.read(HIGHLIGHTS_FILE, HighlightsFile)
    if found is None:
        return {}
    content, document = found
    by_name = {table.name: table for table in tables}
    highlights: dict[str, list[Highlight]] = {}
    for index, item in enumerate(content.highlight):
        table = by_name.get(item.table)
        if table is None:
            continue
        mine = highlights.setdefault(item.table, [])
        for fault in _faults(item, table, {known.name for known in mine}):
            place = document.place(("highlight", index))
            facts = {"place": place, "what": fault}
            reader.fault(HIGHLIGHTS_FILE, Phrase("{place}: {what}", facts))
        mine.append(Highlight(item.name, item.column, item.when, item.colour))
    return {name: tuple(items) for name, items in highlights.items()}


def _faults(item: HighlightFile, table: Table, taken: set[str]) -> Iterator[Phrase]:
    if item.name in taken:
        template = N_("{table} has a highlight {name} already. Choose another name.")
        yield Phrase(template, {"table": item.table, "name": item.name})
    for name in dict.fromkeys((item.column, *FIELD.findall(item.when))):
        if name == "id" or name in table.by_name:
            continue
        meant = nearest(name, table.by_name)
        template = (
            N_("{table} has no field {field}. Did you mean {meant}?")
            if meant
            else N_("{table} has no field {field}.")
        )
        yield Phrase(template, {"table": item.table, "field": name, "meant": meant})
