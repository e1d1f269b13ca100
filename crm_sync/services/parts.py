"""The parts of a write that is too large for one request, each an operation of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from crm_sync.core.parting import Most, Share, shares
from crm_sync.core.plan import TabPlan
from crm_sync.core.swap import Added
from crm_sync.services.apply import Prepared, agreed_already, mending
from crm_sync.services.planning import Planned
from crm_sync.services.reading import Reading


@dataclass(frozen=True)
class Part:
    """One of the writes of a plan. `own` are the records, by table, that it settles, None for the
    last one: that settles all but the `others`, of which an earlier part did, or the store's own
    transaction.
    """

    prepared: Prepared
    own: Mapping[str, Set[str]] | None = None
    others: Mapping[str, Set[str]] = field(default_factory=dict)

    @property
    def is_last(self) -> bool:
        """True for the part that ends the write."""
        return self.own is None

    def settles(self, plan: TabPlan) -> tuple[Iterable[str], Iterable[str]]:
        """The records of a tab whose base moves with this part, and those whose base goes."""
        if self.own is not None:
            mine = sorted(self.own.get(plan.table, ()))
            gone = frozenset(plan.dropped)
            return [key for key in mine if key in plan.bases], [key for key in mine if key in gone]
        others = self.others.get(plan.table)
        if not others:
            return plan.bases, plan.dropped
        dropped = [key for key in plan.dropped if key not in others]
        return [key for key in plan.bases if key not in others], dropped


def parted(prepared: Prepared, planned: Planned, reading: Reading, most: Most) -> tuple[Part, ...]:
    """The write as parts to be sent one after the other; nearly always one. Tabs are made by the
    first, generated ones written by the last.
    """
    batch, intent = prepared.batch, prepared.intent
    found = shares(batch.sheets, intent.expected, most, intent.blocks)
    agreed = {plan.table: agreed_already(plan) for plan in planned.plan.tabs}
    if len(found) == 1:
        return (Part(prepared, others=agreed),)
    # Of a generated tab, looks and content come together.
    generated = tuple(
        new
        for new in batch.new_tabs
        if new.tab is None and not new.lists and new.sheet_id != batch.journal_id
    )
    writes = []
    operation = batch.after
    for number, share in enumerate(found):
        is_first, is_last = not number, number == len(found) - 1
        mine = replace(
            batch,
            operation=batch.operation if is_first else secrets.token_hex(8),
            sheets=share.sheets,
            after=operation,
            new_tabs=tuple(
                new for new in batch.new_tabs if (is_last if new in generated else is_first)
            ),
            labels=batch.labels if is_last else (),
            looks=batch.looks if is_last else (),
        )
        own = replace(
            intent,
            expected=share.expected,
            blocks=share.blocks,
            added=tuple(_added(intent.added, share)),
            owed=intent.owed if is_last else (*intent.owed, *mending(planned, reading)),
        )
        operation = mine.operation
        writes.append(Prepared(mine, own))
    return tuple(_settling(writes, _records(found, planned), agreed))


def _added(rows: Iterable[Added], share: Share) -> Iterator[Added]:
    """Those of the new rows that a part adds; of each sheet they come in their order."""
    by_sheet: dict[int, list[Added]] = {}
    for row in rows:
        by_sheet.setdefault(row.sheet_id, []).append(row)
    for sheet_id, numbers in share.inserted.items():
        known = by_sheet.get(sheet_id, ())
        yield from (known[number] for number in numbers if number < len(known))


def _settling(
    writes: Sequence[Prepared],
    records: Sequence[Set[tuple[str, str]]],
    agreed: Mapping[str, Set[str]],
) -> Iterator[Part]:
    """The writes with the records that each settles: a record with the last that writes to it."""
    ends: dict[tuple[str, str], int] = {}
    for number, named in enumerate(records):
        ends.update(dict.fromkeys(named, number))
    last = len(writes) - 1
    for number, write in enumerate(writes[:-1]):
        mine = _by_table(key for key in records[number] if ends[key] == number)
        yield Part(write, {name: keys - agreed.get(name, set()) for name, keys in mine.items()})
    before = _by_table(key for key, end in ends.items() if end < last)
    others = {name: keys | before.get(name, set()) for name, keys in agreed.items()}
    yield Part(writes[-1], None, others)


def _records(found: list[Share], planned: Planned) -> list[set[tuple[str, str]]]:
    """The records that each part writes to, by table and id."""
    tables = {reading.read.sheet_id: table for table, reading in planned.readings.items()}
    plans = {plan.table: plan for plan in planned.plan.tabs}
    named = []
    for share in found:
        records = {(item.table, item.record_id) for item in share.expected if not item.heading}
        for together in share.blocks:
            records.update((together.table, key) for key in together.block.record_ids)
        for sheet_id, numbers in share.inserted.items():
            table = tables[sheet_id]
            inserts = plans[table].inserts
            records.update(
                (table, inserts[number].record_id) for number in numbers if number < len(inserts)
            )
        named.append(records)
    return named


def _by_table(records: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, record_id in records:
        found.setdefault(table, set()).add(record_id)
    return found
