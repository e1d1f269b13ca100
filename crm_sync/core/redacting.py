"""Cells that still speak of somebody who was erased, where no record holds what they say: an open
conflict, a text that could not be read, or one that was typed since the last run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from crm_sync.core.codecs import Codec
from crm_sync.core.erasing import PERSONAL_KINDS
from crm_sync.core.records import CLEARED, Base, Record
from crm_sync.core.rows import SheetRow
from crm_sync.core.schema import Tab
from crm_sync.core.values import Cell, Unreadable, cell_text, is_blank, same_cell

_INSTEAD = "instead of "


def noted(name: str, text: str, instead: str, salt: str) -> tuple[str, str]:
    """The key and the value under which the cells of a base say that `instead` is to stand in the
    cell of a field that holds this text: of the text there is only a digest.
    """
    return f"{_INSTEAD}{name}", f"{salt}:{_digest(salt, text)}:{instead}"


def notes_of(cells: Mapping[str, Cell], fields: frozenset[str]) -> dict[str, Cell]:
    """What the cells of a base say of that for some fields."""
    return {
        key: cell
        for key, cell in cells.items()
        if key.startswith(_INSTEAD) and key.removeprefix(_INSTEAD) in fields
    }


def redacted_rows(
    tab: Tab,
    rows: Sequence[SheetRow],
    bases: Mapping[str, Base],
    records: Mapping[str, Record],
    codecs: Mapping[str, Codec],
) -> tuple[SheetRow, ...]:
    """The rows as they are to be, so that the sheet is mended and nothing is taken from it: texts
    of records about somebody erased as the store has them, what others say without the name.
    """
    marked = {
        record_id: base
        for record_id, base in bases.items()
        if base.unsettled and (base.version == CLEARED or any(map(_is_note, base.cells)))
    }
    if not marked:
        return tuple(rows)
    return tuple(
        row if (base := marked.get(row.id)) is None else _redacted(tab, row, base, records, codecs)
        for row in rows
    )


def _redacted(
    tab: Tab,
    row: SheetRow,
    base: Base,
    records: Mapping[str, Record],
    codecs: Mapping[str, Codec],
) -> SheetRow:
    right = dict(_without_names(row, base))
    if base.version == CLEARED and row.id in records:
        right |= _cleared(tab, row, base, records[row.id], codecs)
    right = {name: cell for name, cell in right.items() if name not in row.formulas}
    if not right:
        return row
    standing = {**{name: row.cells[name] for name in right}, **row.standing}
    return replace(row, cells={**row.cells, **right}, standing=standing)


def _without_names(row: SheetRow, base: Base) -> Iterator[tuple[str, Cell]]:
    for key, note in base.cells.items():
        name = key.removeprefix(_INSTEAD)
        if _is_note(key) and name in row.cells:
            salt, digest, instead = str(note).split(":", 2)
            if _digest(salt, cell_text(row.cells[name])) == digest:
                yield name, instead


def _cleared(
    tab: Tab, row: SheetRow, base: Base, record: Record, codecs: Mapping[str, Codec]
) -> Iterator[tuple[str, Cell]]:
    for item in tab.table.staff_fields:
        cell = row.cells.get(item.name)
        if is_blank(cell) or (item.name in base.cells and same_cell(cell, base.cells[item.name])):
            continue
        ours = codecs[item.name].normal(record.values.get(item.name))
        is_text = item.kind in PERSONAL_KINDS
        unread = isinstance(codecs[item.name].parse(cell), Unreadable) and isinstance(cell, str)
        if (is_text or unread) and not isinstance(ours, Unreadable):
            yield item.name, codecs[item.name].format(ours)


def _is_note(key: str) -> bool:
    return key.startswith(_INSTEAD)


def _digest(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()
