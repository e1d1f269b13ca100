"""What takes changes back, and what is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.records import Record
from crm_sync.core.undoing import Kept, undoing
from crm_sync.core.values import Scalar

FIELDS = ("city", "phone")
VALUES: tuple[Scalar, ...] = (None, "a", "b", "c")


@dataclass(frozen=True)
class Entry:
    op: str
    changes: Mapping[str, tuple[Scalar, Scalar]] = field(default_factory=dict)
    record_id: str = "C-1"
    table: str = "clients"


@dataclass
class Told:
    """One record, and a history of it told as it is changed."""

    values: dict[str, Scalar]
    archived: bool = False
    entries: list[Entry] = field(default_factory=list)

    def set(self, values: Mapping[str, Scalar]) -> None:
        changes = {
            name: (self.values[name], value)
            for name, value in values.items()
            if self.values[name] != value
        }
        if changes:
            self.values.update(values)
            self.entries.append(Entry("update", changes))

    def move(self) -> None:
        self.archived = not self.archived
        self.entries.append(Entry("archive" if self.archived else "restore"))

    @property
    def record(self) -> Record:
        return Record("C-1", dict(self.values), 7, self.archived)

    def undo(self) -> tuple[dict[str, Scalar], bool, tuple[Kept, ...]]:
        found = undoing(self.entries, {"clients": {"C-1": self.record}})
        values, archived = dict(self.values), self.archived
        for change in found.changes:
            values.update(change.values)
            archived = {Op.ARCHIVE: True, Op.RESTORE: False}.get(change.op, archived)
        return values, archived, found.kept


STEPS = st.lists(
    st.one_of(
        st.none(), st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(VALUES), min_size=1)
    ),
    max_size=6,
)
STARTS = st.tuples(*(st.sampled_from(VALUES) for _ in FIELDS))


def played(start: tuple[Scalar, ...], steps: list[dict[str, Scalar] | None]) -> Told:
    told = Told(dict(zip(FIELDS, start, strict=True)))
    for step in steps:
        if step is None:
            told.move()
        else:
            told.set(step)
    return told


@given(STARTS, STEPS)
def test_all_is_as_before_if_nobody_changed_it_since(
    start: tuple[Scalar, ...], steps: list[dict[str, Scalar] | None]
) -> None:
    told = played(start, steps)
    assert told.undo() == (dict(zip(FIELDS, start, strict=True)), False, ())


@given(STARTS, STEPS, st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(VALUES)))
def test_field_changed_since_stays_and_is_told_while_the_others_go_back(
    start: tuple[Scalar, ...],
    steps: list[dict[str, Scalar] | None],
    since: dict[str, Scalar],
) -> None:
    told = played(start, steps)
    before, after = dict(zip(FIELDS, start, strict=True)), dict(told.values)
    touched = {name for entry in told.entries for name in entry.changes}
    told.values.update(since)
    values, _, kept = told.undo()
    for name in FIELDS:
        stands = told.values[name]
        if name not in touched or stands not in (before[name], after[name]):
            assert values[name] == stands
        else:
            assert values[name] == before[name]
    expected = {name for name in touched if told.values[name] not in (before[name], after[name])}
    assert {item.field for item in kept} == expected


def test_record_that_was_made_is_archived() -> None:
    made = Entry("create", {"city": (None, "Perm")})
    record = Record("C-1", {"city": "Perm", "phone": None}, 3)
    found = undoing([made], {"clients": {"C-1": record}})
    assert found.changes == (StoreChange(Op.ARCHIVE, "clients", "C-1", {}, 3),)


def test_record_that_was_made_and_worked_on_since_stays() -> None:
    made = Entry("create", {"city": (None, "Perm")})
    record = Record("C-1", {"city": "Omsk", "phone": None}, 4)
    found = undoing([made], {"clients": {"C-1": record}})
    assert found.changes == ()
    assert found.kept == (Kept("clients", "C-1", ""),)


def test_record_that_is_gone_altogether_is_told() -> None:
    found = undoing([Entry("update", {"city": ("a", "b")})], {"clients": {}})
    assert (found.changes, found.kept) == ((), (Kept("clients", "C-1", ""),))
