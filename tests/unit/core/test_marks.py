"""Marks that were copied with their cells."""

from __future__ import annotations

from crm_sync.core.marks import (
    COLOURS,
    CellLook,
    KnownMark,
    Mark,
    MarkKind,
    Place,
    digest,
    line_of,
    mark_cells,
    numbers_in,
)

GREEN = "#b7e1cd"
RED = COLOURS[MarkKind.REJECT]
HERE = Place("clients", 5, 3)
MARK = Mark("clients|C-9|phone", HERE, MarkKind.REJECT, "No phone.")


def test_cell_that_was_copied_with_its_mark_gets_back_the_colour_that_was_copied() -> None:
    line = line_of(1, "2026-03-10 09:00", "No phone.")
    lines = ((len(line), digest(line)),)
    original = KnownMark(1, "clients", "clients|C-2|phone", MARK.says, GREEN, lines, settled=True)
    own = KnownMark(2, "clients", MARK.key, "")
    look = CellLook(line, RED)
    marked = mark_cells([MARK], [original, own], {HERE: look}, {}, "2026-03-11 09:00")
    ((put,), (known,)) = marked.puts, marked.known
    assert numbers_in(put.note or "") == (2,)
    assert known.colour == GREEN

    cleared = mark_cells([], [known], {HERE: CellLook(put.note or "", RED)}, {2: HERE}, "")
    assert [(item.note, item.colour) for item in cleared.puts] == [("", GREEN)]
