"""What staff type into the tabs that a run writes anew, while it works: each write copies the rows
of these tabs before it clears them, and the next round takes over what nobody had read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_sync.core.batch import PreImage, SheetBatch
from crm_sync.core.values import Cell, cell_text
from crm_sync.reports import answers, decisions
from crm_sync.services.answers import Answered
from crm_sync.services.application import Application
from crm_sync.services.apply import Intent, ListWatch, Prepared, lists_watched
from crm_sync.services.decisions import Decided
from crm_sync.services.reading import Reading

MOST_LINES = 1000
"""Of a longer list of problems or conflicts the rows below are not watched: each write would bring
all of them back.
"""


@dataclass(frozen=True)
class Late:
    """What a write met in cells for answers that had not been read: in the follow-up list, and by
    tab in Problems and Conflicts.
    """

    answers: tuple[answers.Typed, ...] = ()
    decisions: Mapping[str, tuple[decisions.Typed, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.answers or self.decisions)


NOTHING_LATE = Late()


def watching(
    prepared: Prepared, reading: Reading, decided: Decided, answered: Answered
) -> Prepared:
    """The write with the rows of these tabs among those that it watches."""
    intent = prepared.intent
    known = {"problems": decided.problems, "conflicts": decided.conflicts}
    lines = tuple(
        ListWatch(
            read.sheet_id,
            min(len(read.rows), MOST_LINES),
            max(len(row) for row in read.rows),
            tuple(map(_token, known[name].typed.values())),
            name,
        )
        for name in known
        if (read := reading.reads.get(name)) is not None and _has_lines(read.rows)
    )
    intent = replace(intent, watched_lines=lines)
    read = reading.reads.get(answers.TAB)
    if read is not None and read.rows:
        width = max(len(row) for row in read.rows)
        # Somebody may type below the list, too: what was left behind stands there.
        rows = min(len(read.rows) + 1, read.row_count)
        watch = ListWatch(read.sheet_id, rows, max(width, 1), tuple(answered.typed))
        intent = replace(intent, watched_list=watch)
    return replace(prepared, intent=intent)


def with_watched(prepared: Prepared) -> Prepared:
    """The write as it is sent: if anything is written at all, these rows are copied first."""
    if prepared.batch.empty:
        return prepared
    sheets = [
        SheetBatch(watch.sheet_id, watch.rows, watch.width, watched=tuple(range(watch.rows)))
        for watch in lists_watched(prepared.intent)
    ]
    batch = replace(prepared.batch, sheets=(*prepared.batch.sheets, *sheets))
    return replace(prepared, batch=batch)


def late_in(app: Application, intent: Intent, images: Iterable[PreImage]) -> Late:
    """What was typed into these tabs after they were read, out of what the write met there."""
    found = tuple(images)
    answered: tuple[answers.Typed, ...] = ()
    if (watch := intent.watched_list) is not None:
        typed = answers.typed_rows(_rows(watch, found), app.say)
        answered = tuple(each for each in typed if each.token not in watch.tokens)
    return Late(answered, dict(_decided(app, intent, found)))


def _decided(
    app: Application, intent: Intent, images: Sequence[PreImage]
) -> Iterator[tuple[str, tuple[decisions.Typed, ...]]]:
    for watch in intent.watched_lines:
        typed = decisions.typed_answers(_rows(watch, images), app.say)
        late = tuple(each for each in typed if _token(each) not in watch.tokens)
        if late:
            yield watch.tab, late


def _rows(watch: ListWatch, images: Sequence[PreImage]) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = [()] * watch.rows
    for image in images:
        if image.sheet_id == watch.sheet_id and image.row < watch.rows:
            rows[image.row] = image.cells
    return rows


def _token(typed: decisions.Typed) -> str:
    return f"{typed.number}|{typed.decision}|{cell_text(typed.value)}"


def _has_lines(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether any row bears the number of a finding."""
    return any(isinstance(cell, (int, float)) for row in rows for cell in row)
