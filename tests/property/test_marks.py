"""Marks survive whatever staff and deaths do: none is left for ever, none is lost, and what staff
wrote or painted is as they left it. The workbook here is a value; `tests/scenarios/test_marks.py`
does the same over HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.core.marks import (
    COLOURS,
    SIGN,
    CellLook,
    KnownMark,
    Mark,
    MarkKind,
    MarkPut,
    Place,
    changed,
    mark_cells,
    without_marks,
)

ROWS = ("a", "b", "c")
PLAIN = ("", "#00ff00", "theme:ACCENT1")


@dataclass
class Book:
    """A column of cells, by row; the order of rows changes, and the looks go along. `owned` is the
    note and the colour that staff gave each row.
    """

    order: list[str] = field(default_factory=lambda: list(ROWS))
    looks: dict[str, CellLook] = field(default_factory=dict)
    owned: dict[str, CellLook] = field(default_factory=dict)
    findings: dict[str, tuple[MarkKind, str]] = field(default_factory=dict)
    known: dict[int, KnownMark] = field(default_factory=dict)
    minted: int = 0

    def place(self, row: str) -> Place:
        return Place("clients", self.order.index(row), 0)

    def run(self, dies: str = "") -> tuple[MarkPut, ...]:
        """One run: reads all, writes what is needed, and dies where it is told to."""
        wanted = [
            Mark(row, self.place(row), kind, words) for row, (kind, words) in self.findings.items()
        ]
        by_key = {mark.key: mark for mark in self.known.values()}
        for mark in changed(wanted, by_key):
            if mark.key not in by_key:
                self.minted += 1
                by_key[mark.key] = KnownMark(self.minted, "clients", mark.key, "")
                self.known[self.minted] = by_key[mark.key]
        keys = {mark.key for mark in wanted}
        stale = {m.number: self.place(m.key) for m in self.known.values() if m.key not in keys}
        looks = {self.place(row): look for row, look in self.looks.items()}
        marking = mark_cells(wanted, list(self.known.values()), looks, stale, "15.03.2026 09:05")
        self.known |= {mark.number: replace(mark, settled=False) for mark in marking.known}
        if dies == "before":
            return ()
        for put in marking.puts:
            row = self.order[put.place.row]
            look = self.looks.get(row, CellLook())
            self.looks[row] = CellLook(
                look.note if put.note is None else put.note,
                look.colour if put.colour is None else put.colour,
            )
        if dies == "after":
            return ()
        for mark in marking.known:
            self.known[mark.number] = replace(mark, lines=mark.lines[-1:], settled=True)
        for number in marking.forgotten:
            del self.known[number]
        return marking.puts

    def repaint(self, row: str, look: CellLook) -> None:
        """Staff write above the mark's line and paint the cell."""
        lines = self.looks.get(row, CellLook()).note.split("\n")
        ours = [line for line in lines if line.startswith(SIGN)]
        self.looks[row] = CellLook("\n".join(filter(None, [look.note, *ours])), look.colour)
        self.owned[row] = look


FINDING = st.one_of(st.none(), st.tuples(st.sampled_from(MarkKind), st.sampled_from("xyz")))
ACTIONS = st.one_of(
    st.tuples(st.just("finding"), st.sampled_from(ROWS), FINDING),
    st.tuples(st.just("run"), st.sampled_from(["", "", "before", "after"]), st.none()),
    st.tuples(st.just("sort"), st.permutations(ROWS), st.none()),
    st.tuples(
        st.just("repaint"),
        st.sampled_from(ROWS),
        st.builds(CellLook, st.sampled_from(["", "call at 10", "a\nb"]), st.sampled_from(PLAIN)),
    ),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(ACTIONS, max_size=14))
def test_marks_stand_where_findings_are_and_nowhere_else(actions: list[tuple[str, ...]]) -> None:
    book = Book()
    for name, subject, detail in actions:
        if name == "finding":
            book.findings.pop(subject, None)
            if detail is not None:
                book.findings[subject] = (MarkKind(detail[0]), detail[1])
        elif name == "run":
            book.run(subject)
        elif name == "sort":
            book.order = list(subject)
        else:
            book.repaint(subject, detail)  # type: ignore[arg-type]
    book.run()
    assert book.run() == ()
    for row in ROWS:
        look = book.looks.get(row, CellLook())
        lines = [line for line in look.note.split("\n") if line.startswith(SIGN)]
        owned = book.owned.get(row, CellLook())
        assert without_marks(look.note, book.known) == owned.note
        if row not in book.findings:
            assert (lines, look.colour) == ([], owned.colour)
            continue
        kind, words = book.findings[row]
        assert len(lines) == 1
        assert lines[0].endswith(f" {words}")
        assert look.colour in {COLOURS[kind], owned.colour}
    book.findings.clear()
    book.run()
    assert book.known == {}
    left = {row: look for row, look in book.looks.items() if look != CellLook()}
    assert left == {row: look for row, look in book.owned.items() if look != CellLook()}
