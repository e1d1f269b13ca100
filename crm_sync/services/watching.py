"""What staff type into the tabs that a run writes anew, while it works: the write copies the rows
of these tabs before it clears them, and the next round takes over what nobody had read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_sync.core.batch import PreImage, SheetBatch
from crm_sync.core.codecs import Conventions
from crm_sync.core.grid import TabRead
from crm_sync.core.values import Cell
from crm_sync.ports import Binding
from crm_sync.reports import answers, decisions, parameters
from crm_sync.services.answers import Answered, Unread
from crm_sync.services.application import Application
from crm_sync.services.apply import Intent, ListWatch, Prepared
from crm_sync.services.decisions import CONFLICTS, PROBLEMS, Decided
from crm_sync.services.reading import Reading


@dataclass(frozen=True)
class Late:
    """What a write met in cells for answers and parameters that had not been read: in the follow-up
    list and the comparison, and by tab in Problems and Conflicts.
    """

    unread: Unread = field(default_factory=Unread)
    decisions: Mapping[str, decisions.Overwritten] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.unread or self.decisions)


NOTHING_LATE = Late()


def watching(
    app: Application, prepared: Prepared, reading: Reading, decided: Decided, answered: Answered
) -> Prepared:
    """The write with those rows among the ones that it watches which it would clear of what is
    typed meanwhile.
    """
    cleared = {tab.sheet_id for tab in prepared.batch.generated}
    lists = tuple(
        watch
        for watch in _watches(app, reading, decided, answered)
        if watch.rows and watch.sheet_id in cleared
    )
    sheets = [
        SheetBatch(watch.sheet_id, watch.rows, watch.width, watched=tuple(range(watch.rows)))
        for watch in lists
    ]
    return replace(
        prepared,
        batch=replace(prepared.batch, sheets=(*prepared.batch.sheets, *sheets)),
        intent=replace(prepared.intent, lists=lists),
    )


def _watches(
    app: Application, reading: Reading, decided: Decided, answered: Answered
) -> Iterator[ListWatch]:
    """The tabs with cells for answers and parameters, as they were read."""
    for name, known in ((PROBLEMS, decided.problems), (CONFLICTS, decided.conflicts)):
        read = reading.reads.get(name)
        if read is not None and _has_lines(read):
            # An answer that was overwritten before goes back over what stands there now.
            tokens = tuple(each.token for each in decisions.typed_answers(read.rows, app.say))
            shown = tuple(each.token for each in known.typed.values())
            yield ListWatch(name, read.sheet_id, len(read.rows), _width(read), tokens, shown)
    if (read := reading.reads.get(answers.TAB)) is not None and read.rows:
        # Somebody may type below the list, too: what was left behind stands there.
        rows = min(len(read.rows) + 1, read.row_count)
        yield ListWatch(answers.TAB, read.sheet_id, rows, _width(read), tuple(answered.typed))
    if (read := reading.reads.get(parameters.TAB)) is not None:
        rows = min(len(read.rows), parameters.SEARCHED_ROWS)
        tokens, shown = map(parameters.tokens_of, (answered.stood, answered.asked))
        yield ListWatch(parameters.TAB, read.sheet_id, rows, 2, tokens, shown)


def late_in(app: Application, binding: Binding, intent: Intent, images: Iterable[PreImage]) -> Late:
    """What was typed into these tabs after they were read, out of what the write met there."""
    found = tuple(images)
    answered: tuple[answers.Typed, ...] = ()
    asked = parameters.Overtyped()
    decided: dict[str, decisions.Overwritten] = {}
    for watch in intent.lists:
        rows = _rows(watch, found)
        if watch.tab == answers.TAB:
            typed = answers.typed_rows(rows, app.say)
            answered = tuple(each for each in typed if each.token not in watch.tokens)
        elif watch.tab == parameters.TAB:
            conventions = Conventions(binding.locale or app.locale, app.region)
            today = app.local_now().date()
            cells = parameters.overtyped(rows, watch.tokens, app.say, conventions, today)
            asked = parameters.Overtyped(cells, watch.shown)
        else:
            lines = decisions.typed_answers(rows, app.say)
            if late := tuple(each for each in lines if each.token not in watch.tokens):
                decided[watch.tab] = decisions.Overwritten(late, watch.shown)
    return Late(Unread(answered, asked), decided)


def _rows(watch: ListWatch, images: Sequence[PreImage]) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = [()] * watch.rows
    for image in images:
        if image.sheet_id == watch.sheet_id and image.row < watch.rows:
            rows[image.row] = image.cells
    return rows


def _has_lines(read: TabRead) -> bool:
    """Whether any row bears the number of a finding."""
    return any(isinstance(cell, (int, float)) for row in read.rows for cell in row)


def _width(read: TabRead) -> int:
    return max((len(row) for row in read.rows), default=1) or 1
