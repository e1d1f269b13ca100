"""Recognises columns whose values ended in other rows: part of a tab sorted, a paste one row off, a
cell dragged down over its neighbours. To a merge those are edits like any others, and by the next
day every phone number would belong to somebody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import Final

from crm_sync.core.findings import Stop
from crm_sync.core.merging import TabWork
from crm_sync.core.records import Base
from crm_sync.core.rows import SheetRow
from crm_sync.core.schema import Field
from crm_sync.core.values import ABSENT, N_, Scalar, Unreadable, cell_text, same_cell

_LEAST: Final = 6
_LEAST_OF_A_KEY: Final = 4
"""Fewer changes in one column are taken for edits. Values that tell records apart (name, phone,
e-mail, tax id) change rows by chance less easily than cities do.
"""
_LEAST_DISTINCT: Final = 4
_MOST: Final = 0.9
_SAMPLES: Final = 5


class Pattern(Enum):
    """How the values of a column moved."""

    PERMUTED = "some of the columns were sorted"
    SHIFTED = "pasted one row off"
    FILLED = "a cell was dragged over its neighbours"


@dataclass(frozen=True)
class Moved:
    """One cell of a scrambled column: the record it belongs to, what it held and what it holds."""

    record_id: str
    row: SheetRow
    was: Scalar
    now: Scalar


@dataclass(frozen=True)
class Scramble:
    """A column whose values changed rows; `cells` in the order of the sheet."""

    field: Field
    pattern: Pattern
    cells: tuple[Moved, ...]


def scrambles(
    work: TabWork, touched: Sequence[tuple[str, SheetRow]], known: Sequence[tuple[str, SheetRow]]
) -> tuple[Scramble, ...]:
    """The scrambled columns of a tab. `touched` are the rows that changed, `known` all of them,
    both in the order of the sheet.
    """
    if len(touched) < _LEAST_OF_A_KEY:
        return ()
    changed = _changed(work, touched)
    found = []
    for item in work.bound:
        moved = tuple(changed.get(item.name, ()))
        if len(moved) >= (_LEAST_OF_A_KEY if item.key else _LEAST):
            scramble = _scramble(work, item, moved, known)
            if scramble is not None:
                found.append(scramble)
    return tuple(found)


def _changed(work: TabWork, touched: Sequence[tuple[str, SheetRow]]) -> dict[str, list[Moved]]:
    """The cells that were edited in these rows, by field."""
    changed: dict[str, list[Moved]] = {}
    for record_id, row in touched:
        base, cells = work.bases.get(record_id), row.cells
        if base is None:
            continue
        for name in work.bound_names:
            cell, known = cells[name], base.cells.get(name)
            if cell is known or same_cell(cell, known) or name in row.formulas:
                continue
            now, was = work.codecs[name].parse(cell), base.values.get(name, ABSENT)
            if was is not ABSENT and not isinstance(now, Unreadable) and now != was:
                changed.setdefault(name, []).append(Moved(record_id, row, was, now))
    return changed


def _scramble(
    work: TabWork, item: Field, moved: tuple[Moved, ...], known: Sequence[tuple[str, SheetRow]]
) -> Scramble | None:
    was, now = Counter(cell.was for cell in moved), Counter(cell.now for cell in moved)
    if min(len(was), len(now)) >= _LEAST_DISTINCT:
        if (was & now).total() >= _MOST * len(moved):
            known_values = tuple(cell for cell in moved if cell.now in was)
            return Scramble(item, Pattern.PERMUTED, known_values)
        for by in (-1, 1):
            off = _off(work, item, moved, known, by)
            if off:
                return Scramble(item, Pattern.SHIFTED, off)
    if item.key and None not in now and _is_filled(work, item, moved, known):
        return Scramble(item, Pattern.FILLED, moved)
    return None


def _is_filled(
    work: TabWork, item: Field, moved: tuple[Moved, ...], known: Sequence[tuple[str, SheetRow]]
) -> bool:
    """True for neighbouring cells that hold one value or count on. A few of them may as well have
    been typed, unless the cell that was dragged stands beside them.
    """
    rows = [cell.row.number for cell in moved]
    if rows != list(range(rows[0], rows[0] + len(rows))):
        return False
    values = [cell.now for cell in moved]
    if len(moved) >= _LEAST:
        return _counts_on(values)
    beside = {
        row.number: base.values.get(item.name)
        for record_id, row in known
        if row.number in (rows[0] - 1, rows[-1] + 1)
        and (base := work.bases.get(record_id)) is not None
    }
    for number in (rows[0] - 1, rows[-1] + 1):
        if work.skips(number):
            beside[number] = next(iter(_held(work, item, number)), None)
    above, below = beside.get(rows[0] - 1), beside.get(rows[-1] + 1)
    return (above is not None and _counts_on([above, *values])) or (
        below is not None and _counts_on([*values, below])
    )


def _off(
    work: TabWork,
    item: Field,
    moved: Sequence[Moved],
    known: Sequence[tuple[str, SheetRow]],
    by: int,
) -> tuple[Moved, ...]:
    """The cells that hold what the row above (-1) or below (1) held, if nearly all of them do: the
    outermost has nothing beside it.
    """
    places = {record_id: place for place, (record_id, _) in enumerate(known)}
    most = len(moved) - _MOST * (len(moved) - 1)
    off: list[Moved] = []
    for count, cell in enumerate(moved, start=1):
        if _beside(work, item, known, places[cell.record_id], by) == (cell.now,):
            off.append(cell)
        elif count - len(off) > most:
            return ()
    return tuple(off)


def _beside(
    work: TabWork, item: Field, known: Sequence[tuple[str, SheetRow]], place: int, by: int
) -> tuple[Scalar] | tuple[()]:
    """What the next record above or below one of the known held, if anybody knows."""
    row, there = known[place][1].number, place + by
    is_known = 0 <= there < len(known)
    end = known[there][1].number if is_known else len(work.skipped) if by > 0 else -1
    if work.skipped:
        for between in range(row + by, end, by):
            if work.skips(between):
                return _held(work, item, between)
    base = work.bases.get(known[there][0]) if is_known else None
    return (base.values[item.name],) if base and item.name in base.values else ()


def _held(work: TabWork, item: Field, row: int) -> tuple[Scalar] | tuple[()]:
    """What both sides agreed on in a row that is not looked at: it is as it was then, so that the
    cell itself says it.
    """
    value = work.codecs[item.name].parse(work.read.cell(row, work.binding.columns[item.name]))
    return () if isinstance(value, Unreadable) else (value,)


def _counts_on(values: Sequence[Scalar]) -> bool:
    """True for one value, or values that count up or down by one, as a dragged number does."""
    if len(set(values)) == 1:
        return True
    digits = ["".join(filter(str.isdecimal, str(value))) for value in values]
    if not all(digits):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(digits)}
    return steps in ({1}, {-1})


def scrambled_stop(
    work: TabWork, found: Sequence[Scramble], allowed: Collection[str]
) -> Stop | None:
    """Why the tab must be left alone; None if a person said what to do about it."""
    if not found or _names(work, found) & set(allowed):
        return None
    first = max(found, key=lambda item: len(item.cells))
    headings = [work.tab.by_field[item.field.name].heading for item in found]
    allow, back = (f"{work.tab.table.name}:{what}:{_count(found)}" for what in _ANSWERS)
    return Stop(
        work.tab.table.name,
        "E-SCRAMBLED",
        _MESSAGES[first.pattern],
        N_(
            "If that is meant: crm-sync sync --allow {allow}. To put the store's values back into "
            "those cells: crm-sync sync --allow {back}. Nothing was changed in this tab."
        ),
        allow,
        {
            "tab": work.tab.title,
            "count": str(_count(found)),
            "headings": ", ".join(headings),
            "samples": "; ".join(_samples(work, first)),
            "allow": allow,
            "back": back,
        },
    )


_ANSWERS: Final = ("scrambled", "put-back")
_MESSAGES: Final[Mapping[Pattern, str]] = {
    Pattern.PERMUTED: N_(
        "{count} values of the tab “{tab}” ({headings}) stand in other rows than before, as when "
        "only some of the columns were sorted. For example {samples}."
    ),
    Pattern.SHIFTED: N_(
        "{count} values of the tab “{tab}” ({headings}) stand one row off, as when they were "
        "pasted in the wrong place. For example {samples}."
    ),
    Pattern.FILLED: N_(
        "{count} cells of the tab “{tab}” ({headings}) hold one value or a series, as when a cell "
        "was dragged over its neighbours. For example {samples}."
    ),
}


def _count(found: Sequence[Scramble]) -> int:
    return sum(len(item.cells) for item in found)


def _names(work: TabWork, found: Sequence[Scramble]) -> set[str]:
    return {f"{work.tab.table.name}:{what}:{_count(found)}" for what in _ANSWERS}


def _samples(work: TabWork, scramble: Scramble) -> Iterator[str]:
    codec = work.codecs[scramble.field.name]
    for cell in scramble.cells[:_SAMPLES]:
        was, now = (cell_text(codec.format(value)) for value in (cell.was, cell.now))
        yield f"{cell.row.number + 1}: {was or '∅'} → {now or '∅'}"


def put_back(
    work: TabWork, found: Sequence[Scramble], allowed: Collection[str]
) -> tuple[TabWork, frozenset[str]]:
    """The tab as if both sides had agreed on what those cells hold, so that the store's values go
    back there, and the records that this concerns; unchanged unless a person asked for it.
    """
    if f"{work.tab.table.name}:{_ANSWERS[1]}:{_count(found)}" not in allowed:
        return work, frozenset()
    bases: dict[str, Base] = dict(work.bases)
    for scramble in found:
        for cell in scramble.cells:
            name, base = scramble.field.name, bases[cell.record_id]
            bases[cell.record_id] = replace(
                base,
                values={**base.values, name: cell.now},
                cells={**base.cells, name: cell.row.cells[name]},
                unsettled=True,
            )
    changed = frozenset(cell.record_id for scramble in found for cell in scramble.cells)
    return replace(work, bases=bases), changed
