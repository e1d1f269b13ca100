"""Many records of one table, kept by field: a million of them take a tenth of the memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress

from crm_sync.core.records import Record
from crm_sync.core.values import Scalar


class Columns(Mapping[str, Record]):
    """Records of which only some fields were read, a column each; all columns are as long as `ids`.
    Records are made when somebody asks for them, and know neither version nor time of change; but
    the `whole` ones, by id, are given as they are.
    """

    def __init__(
        self,
        ids: Sequence[str],
        archived: Sequence[object],
        fields: Mapping[str, Sequence[Scalar]],
        whole: Mapping[str, Record] | None = None,
    ) -> None:
        self.ids = ids
        self.archived = archived
        self.fields = fields
        self.whole = whole or {}

    @classmethod
    def of(cls, records: Mapping[str, Record], names: Iterable[str]) -> Columns:
        """These fields of some records, which may be by field already."""
        if isinstance(records, cls):
            return records
        every = list(records.values())
        return cls(
            list(records),
            [record.archived for record in every],
            {name: [record.values.get(name) for record in every] for name in names},
        )

    def column(self, name: str) -> Sequence[Scalar]:
        """The values of a field; a field that was not read is empty."""
        found = self.fields.get(name)
        return [None] * len(self.ids) if found is None else found

    def having(self, name: str, wanted: Collection[Scalar]) -> Iterator[Record]:
        """The records that are not archived and whose field has one of the values, in order."""
        column = self.column(name)
        for number, (value, archived) in enumerate(zip(column, self.archived, strict=True)):
            if value in wanted and not archived:
                yield self._record(number)

    def live(self, names: Iterable[str] | None = None) -> Columns:
        """Those that are not archived, with all fields or with these."""
        if not any(self.archived):
            return self
        kept = [not archived for archived in self.archived]
        wanted = self.fields.keys() if names is None else self.fields.keys() & set(names)
        fields = {name: list(compress(self.fields[name], kept)) for name in wanted}
        return Columns(list(compress(self.ids, kept)), [False] * sum(kept), fields, self.whole)

    def having_set(self, values: Mapping[str, Mapping[str, Scalar]]) -> Columns:
        """The same with other values of some fields in some records, by id and field."""
        fields = dict(self.fields)
        for name in {name for each in values.values() for name in each}:
            column = list(self.column(name))
            for key, each in values.items():
                if name in each:
                    column[self._numbers[key]] = each[name]
            fields[name] = column
        return Columns(self.ids, self.archived, fields, self.whole)

    def __getitem__(self, key: str) -> Record:
        return self._record(self._numbers[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def _record(self, number: int) -> Record:
        if self.ids[number] in self.whole:
            return self.whole[self.ids[number]]
        values = {name: column[number] for name, column in self.fields.items()}
        return Record(self.ids[number], values, archived=bool(self.archived[number]))

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {key: number for number, key in enumerate(self.ids)}
