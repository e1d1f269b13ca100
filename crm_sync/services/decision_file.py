"""Conflicts as a file that people fill at leisure: what a line says, and whether it still holds."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crm_sync.core.codecs.cleaning import fold
from crm_sync.core.findings import Conflict, OpenConflict
from crm_sync.core.values import N_
from crm_sync.errors import UserError
from crm_sync.reports.cells import Say
from crm_sync.reports.decisions import DECISION, NUMBER, VALUE, decision_in
from crm_sync.services.deciding import Take, Wanted

STATE = N_("State")
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


@dataclass(frozen=True)
class Refused:
    """A line of the file that cannot be followed, and why."""

    line: int
    error: UserError


@dataclass(frozen=True)
class Filled:
    """What a file asks for; `blank` counts the lines in which nothing was decided."""

    wanted: tuple[Wanted, ...]
    refused: tuple[Refused, ...]
    blank: int


def state_of(conflict: Conflict) -> str:
    """A few letters that change when the conflict does: no number, which a spreadsheet program
    would write in its own way.
    """
    told = repr((conflict.clash.value, conflict.base, conflict.ours, conflict.theirs))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:10].translate(_LETTERS)


def read_decisions(content: bytes, open_: Mapping[int, OpenConflict], say: Say) -> Filled:
    """The decisions of a filled file. Raises UserError for a file that is none."""
    rows = list(_rows(content))
    places = _columns(rows, say)
    wanted, refused, blank = [], [], 0
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
        if not cells[DECISION] and not cells.get(VALUE):
            blank += any(row)
            continue
        try:
            wanted.append(_wanted(cells, open_, say))
        except UserError as exc:
            refused.append(Refused(number, exc))
    return Filled(tuple(wanted), tuple(refused), blank)


def _rows(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise UserError(
            N_("The file is not in UTF-8."),
            N_("Save it as “CSV UTF-8” in the spreadsheet program."),
        ) from exc
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _columns(rows: Sequence[Sequence[str]], say: Say) -> dict[str, int]:
    names = {
        fold(text): name for name in (NUMBER, DECISION, VALUE, STATE) for text in (name, say(name))
    }
    headings = rows[0] if rows else []
    found = {names[fold(cell)]: at for at, cell in enumerate(headings) if fold(cell) in names}
    for needed in (NUMBER, DECISION):
        if needed not in found:
            raise UserError(
                N_("The file has no column “{column}”."),
                N_("crm-sync conflicts export FILE.csv writes one that has."),
                column=say(needed),
            )
    return found


def _wanted(cells: Mapping[str, str], open_: Mapping[int, OpenConflict], say: Say) -> Wanted:
    text, value = cells[DECISION], cells.get(VALUE, "")
    found = open_.get(int(cells[NUMBER])) if cells[NUMBER].isdecimal() else None
    if found is None:
        raise UserError(N_("There is no open conflict number {number}."), number=cells[NUMBER])
    if cells.get(STATE, state_of(found.conflict)) != state_of(found.conflict):
        raise UserError(
            N_("Conflict {number} has changed since the file was written."), number=found.id
        )
    if text and value:
        raise UserError(N_("Choose from the list or type a value, not both."))
    if value:
        # The apostrophe that keeps spreadsheet programs from taking a text for a formula.
        return Wanted(found, Take.VALUE, value.removeprefix("'"))
    take = take_in(text, say)
    if take is None:
        raise UserError(
            N_("“{typed}” is no decision: {choices}."),
            typed=text,
            choices=", ".join(item.value for item in Take if item is not Take.VALUE),
        )
    return Wanted(found, take)


def take_in(text: str, say: Say) -> Take | None:
    """The decision that a text names: sheet, store, both, or in the words of the workbook."""
    folded = fold(text)
    for take in (Take.SHEET, Take.STORE, Take.BOTH):
        if folded in {take.value, fold(say(WORDS[take]))}:
            return take
    decision = decision_in(text, say)
    return Take(decision.value) if decision and decision.value in set(Take) else None


WORDS = {Take.SHEET: N_("sheet"), Take.STORE: N_("store"), Take.BOTH: N_("both")}
"""The decisions as a person may type them."""
