"""Marks: the colour and the note that tell in the staff's own cell what is wrong with it.

A mark is one line of the cell's note, "⚠ crm-sync 15.03.2026 09:05 [12] ...", and a background. The
number in it is the store's: by it a mark is known again wherever sorting, inserting or copying has
carried it, and with it the store remembers the colour that stood there before. Whatever staff wrote
into the note around that line is theirs, and so is a colour that is none of ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from crm_sync.core.values import Cell, cell_text

SIGN: Final = "⚠ crm-sync"
"""How a mark's line begins."""

LONGEST_NOTE: Final = 2000
"""Characters of a mark's line; nobody reads more of them in a note."""

_LINE: Final = re.compile(re.escape(SIGN) + r" [^\[\]]*\[(?P<number>[0-9]{1,12})\] ?")


class MarkKind(StrEnum):
    """Why a cell is marked, the gravest first: not taken, decided by nobody yet, worth a look."""

    REJECT = "reject"
    CONFLICT = "conflict"
    WARN = "warn"


COLOURS: Final[Mapping[MarkKind, str]] = {
    MarkKind.REJECT: "#f4c7c3",
    MarkKind.CONFLICT: "#a4c2f4",
    MarkKind.WARN: "#ffe599",
}
"""Red, blue, yellow: pale enough to read black text on, and none of them in Sheets' palette row of
pure colours.
"""

_OURS: Final = frozenset(COLOURS.values())


@dataclass(frozen=True)
class Place:
    """A cell of a tab, zero-based."""

    table: str
    row: int
    column: int


@dataclass(frozen=True)
class Mark:
    """A mark as it should stand. `key` stays the same while the finding lasts: the record (or the
    content of a row that is none yet) and the field. `words` are what the note says.
    """

    key: str
    place: Place
    kind: MarkKind
    words: str

    @property
    def says(self) -> str:
        """Kind and words in short: what is kept of them, for they hold what people typed."""
        return digest(f"{self.kind.value} {self.words}")


@dataclass(frozen=True)
class KnownMark:
    """What the store remembers of a mark: nothing of its words but digests. `colour` stood in the
    cell before ("#rrggbb", "theme:NAME", "" for none). `lines` are lengths and digests of the
    lines that may stand in the note: two of them while a write is under way. A mark is `settled`
    once its write was verified.
    """

    number: int
    table: str
    key: str
    says: str
    colour: str = ""
    lines: tuple[tuple[int, str], ...] = ()
    settled: bool = False


@dataclass(frozen=True)
class CellLook:
    """The note and the colour of a cell as they stand."""

    note: str = ""
    colour: str = ""


@dataclass(frozen=True)
class MarkPut:
    """What a cell is to look like; None leaves that as it is, "" takes it away."""

    place: Place
    note: str | None = None
    colour: str | None = None


@dataclass(frozen=True)
class Marking:
    """What is to be written, what to remember of it, and the numbers to forget once it is done."""

    puts: tuple[MarkPut, ...] = ()
    known: tuple[KnownMark, ...] = ()
    forgotten: tuple[int, ...] = ()


def digest(text: str) -> str:
    """A text in 16 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def row_key(cells: Sequence[Cell]) -> str:
    """The key of a row that is no record yet: its content."""
    return "row:" + digest("\x1f".join(cell_text(cell) for cell in cells).rstrip("\x1f"))


def combined(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """One mark a cell: the gravest kind, the words of all after one another."""
    by_place: dict[Place, list[Mark]] = {}
    for mark in marks:
        by_place.setdefault(mark.place, []).append(mark)
    order = list(MarkKind)
    found = []
    for place in sorted(by_place, key=lambda each: (each.table, each.row, each.column)):
        here = sorted(by_place[place], key=lambda each: order.index(each.kind))
        words = " ".join(dict.fromkeys(each.words for each in here))
        found.append(replace(here[0], words=words))
    return tuple(found)


def changed(wanted: Iterable[Mark], known: Mapping[str, KnownMark]) -> tuple[Mark, ...]:
    """The marks that are not known to stand as they should."""
    return tuple(
        mark
        for mark in wanted
        if (seen := known.get(mark.key)) is None or not seen.settled or seen.says != mark.says
    )


def line_of(number: int, when: str, words: str) -> str:
    """The line of a note: one line, whatever was typed into the cell."""
    flat = " ".join(words.split())
    if len(flat) > LONGEST_NOTE:
        flat = flat[: LONGEST_NOTE - 1] + "…"
    return f"{SIGN} {when} [{number}] {flat}"


def numbers_in(note: str) -> tuple[int, ...]:
    """The numbers of the marks that stand in a note."""
    found = (_LINE.match(line) for line in note.split("\n"))
    return tuple(int(match["number"]) for match in found if match)


def without_marks(note: str, known: Mapping[int, KnownMark]) -> str:
    """What staff wrote into the note. Of a mark's line that they changed, their words stay."""
    kept = []
    for line in note.split("\n"):
        match = _LINE.match(line)
        if match is None:
            kept.append(line)
            continue
        mark = known.get(int(match["number"]))
        rest = _added(line, mark) if mark else ""
        if rest:
            kept.append(rest)
    return "\n".join(kept).rstrip()


def _added(line: str, mark: KnownMark) -> str:
    """What staff wrote behind a mark's line, or into it: then the whole of it, without the sign."""
    for length, known in mark.lines:
        if len(line) >= length and digest(line[:length]) == known:
            return line[length:].strip()
    return _LINE.sub("", line).strip()


def mark_cells(
    wanted: Sequence[Mark],
    known: Sequence[KnownMark],
    looks: Mapping[Place, CellLook],
    stale: Mapping[int, Place | None],
    when: str,
) -> Marking:
    """The writes that make the looked-at cells bear the wanted marks and no others.

    `wanted` marks have a known number each (`known`, by key); those that the staff took off
    themselves stay off. `stale` are the numbers of marks that nobody wants any more, with their
    cell if it is known: a cell that lost only the note gets its colour back.
    """
    by_key = {mark.key: mark for mark in known}
    by_number = {mark.number: mark for mark in known}
    puts: list[MarkPut] = []
    remembered: list[KnownMark] = []
    targets = {mark.place: mark for mark in wanted}
    for place, mark in targets.items():
        look = looks.get(place, CellLook())
        put, memory = _set(mark, by_key[mark.key], look, by_number, when)
        remembered.append(memory)
        if put is not None:
            puts.append(put)
    for place, look in looks.items():
        if place not in targets:
            numbers = numbers_in(look.note)
            left = [number for number, cell in stale.items() if cell == place]
            if numbers or (left and look.colour in _OURS):
                puts.append(_cleared(place, look, [*numbers, *left], by_number))
    puts.sort(key=lambda put: (put.place.table, put.place.row, put.place.column))
    return Marking(tuple(puts), tuple(remembered), tuple(sorted(stale)))


def _set(
    mark: Mark,
    memory: KnownMark,
    look: CellLook,
    by_number: Mapping[int, KnownMark],
    when: str,
) -> tuple[MarkPut | None, KnownMark]:
    standing = numbers_in(look.note)
    if memory.settled and memory.says == mark.says and not standing:
        # The finding is the old one and its mark is gone: somebody did not want it there.
        return None, memory
    line = line_of(memory.number, when, mark.words)
    said = (len(line), digest(line))
    ours = look.colour in _OURS
    before = look.colour
    if ours:
        owner = next((by_number[number] for number in standing if number in by_number), memory)
        before = owner.colour
    elif standing and memory.lines:
        # The mark stands and its colour does not: staff chose another one, which stays.
        before = memory.colour
    wants_colour = ours or not (standing and memory.lines)
    text = without_marks(look.note, by_number)
    note = f"{text}\n{line}" if text else line
    colour = COLOURS[mark.kind] if wants_colour else None
    if memory.number in standing and memory.says == mark.says and len(standing) == 1:
        note = look.note
    remembered = replace(
        memory,
        says=mark.says,
        colour=before,
        lines=memory.lines if note == look.note else (*memory.lines[-1:], said),
        settled=False,
    )
    put = MarkPut(
        mark.place,
        None if note == look.note else note,
        None if colour == look.colour else colour,
    )
    return (None if put.note is None and put.colour is None else put), remembered


def _cleared(
    place: Place, look: CellLook, numbers: Sequence[int], by_number: Mapping[int, KnownMark]
) -> MarkPut:
    note = without_marks(look.note, by_number)
    memory = next((by_number[number] for number in numbers if number in by_number), None)
    colour = None
    if look.colour in _OURS:
        colour = memory.colour if memory else ""
    return MarkPut(place, note if note != look.note else None, colour)
