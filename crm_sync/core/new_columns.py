"""Columns that a tab gained or lost since the last run: new ones are added at its right end, those
of fields that are hidden from now on are emptied.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from crm_sync.core.binding import Binding
from crm_sync.core.grid import TabRead
from crm_sync.core.headings import heading_key
from crm_sync.core.plan import CellWrite
from crm_sync.core.schema import Tab
from crm_sync.core.values import cell_text


def with_new_columns(
    tab: Tab, binding: Binding, read: TabRead, known: Collection[str]
) -> tuple[Binding, tuple[CellWrite, ...]]:
    """The binding with the columns of fields that the template did not have before, and the writes
    of their headings. A column of a `known` field that is missing was taken away by staff: it stays
    away. Nothing is added to a tab that no run has known yet (`known` is empty).
    """
    new = [
        column
        for column in tab.columns
        if known and column.field.name in binding.missing and column.field.name not in known
    ]
    if not new:
        return binding, ()
    heading_row = read.rows[binding.header_row]
    id_cell = cell_text(heading_row[binding.columns[tab.columns[0].field.name]])
    first = max((len(row) for row in read.rows), default=0)
    columns = dict(binding.columns)
    writes = []
    for place, column in enumerate(new, start=first):
        columns[column.field.name] = place
        writes.append(
            CellWrite(
                binding.header_row,
                place,
                None,
                column.heading,
                column.field.name,
                "",
                id_cell.strip().upper(),
            )
        )
    added = frozenset(column.field.name for column in new)
    missing = tuple(name for name in binding.missing if name not in added)
    return replace(binding, columns=columns, missing=missing, added=added), tuple(writes)


def without_retired(
    tab: Tab, whole: Tab, binding: Binding, known: Collection[str]
) -> tuple[Binding, Mapping[str, int]]:
    """The binding without the columns of hidden fields, and where those stand. Only a `known` field
    had a column of ours; any other is the staff's own, whatever its heading.
    """
    hidden = {
        heading_key(heading): column.field.name
        for column in whole.columns
        if column.field.name not in tab.by_field and column.field.name in known
        for heading in (*column.aliases, column.heading)
    }
    retired = {
        hidden[heading_key(heading)]: index
        for index, heading in binding.own.items()
        if heading_key(heading) in hidden
    }
    if not retired:
        return binding, {}
    own = {index: text for index, text in binding.own.items() if index not in retired.values()}
    return replace(binding, own=own), retired
