"""What one workbook shows of a table: which records, which fields, and what a new row there begins
with.

A *guarded* field has a column that people read and do not fill: it is read-only or masked. A
*hidden* one has no column. To the merge neither is there; in a new row a guarded cell may be
filled, for nothing stands there yet that could be spoilt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crm_sync.core.codecs import Codec
from crm_sync.core.masking import MASK
from crm_sync.core.schema import Field, Table
from crm_sync.core.values import Cell, Scalar

Values = Mapping[str, Scalar]


@dataclass(frozen=True)
class View:
    """A table as one workbook shows it. `whole` is the table with all its fields.

    `shows` tells whether a record with these values belongs here; `homes` which other workbooks
    show it, `overviews` those of them that show everything; `holders` tells in which other
    workbooks a record stands now, for those that may leave.
    `claim` gives what would make a record one of this workbook's. `starts` are the values that
    blank cells of a new row take; `entry` reads the cells of guarded fields in a new row. With
    `changed` the company has changed the scope since the last run that settled.
    """

    whole: Table
    shows: Callable[[Values], bool]
    homes: Callable[[Values], frozenset[str]]
    claim: Callable[[Values], Values]
    entry: Mapping[str, Codec]
    starts: Values = field(default_factory=dict)
    masked: frozenset[str] = frozenset()
    overviews: frozenset[str] = frozenset()
    holders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    changed: bool = False

    def may_leave(self, record_id: str, values: Values) -> bool:
        """True if every workbook whose scope a record with these values is in has it already, so
        that it is never nowhere: it is added there before it is taken out here. A workbook that
        shows everything is waited for only if there is no other.
        """
        homes, holders = self.homes(values), self.holders.get(record_id, frozenset())
        return homes - self.overviews <= holders and (not homes or bool(homes & holders))

    def typed(self, item: Field, cell: Cell) -> Cell:
        """What a cell of a new row says: a mask was copied, not typed."""
        masked = item.name in self.masked and isinstance(cell, str) and MASK in cell
        return None if masked else cell
