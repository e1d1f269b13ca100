"""What staff decide in the tabs Problems and Conflicts: offered in a drop-down, read back by the
number of the line, so that sorting the list changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from crm_sync.core.codecs.cleaning import fold
from crm_sync.core.duplicates import DUPLICATE
from crm_sync.core.findings import Clash, Conflict, Problem, Severity
from crm_sync.core.grid import Shown, Style
from crm_sync.core.values import N_, Cell, cell_text, is_blank, same_cell
from crm_sync.reports.cells import Say


class Decision(StrEnum):
    """What may be decided."""

    SHEET = "sheet"
    STORE = "store"
    MERGE = "merge"
    ACCEPT = "accept"


LABELS: Final[Mapping[Decision, str]] = {
    Decision.SHEET: N_("Keep mine"),
    Decision.STORE: N_("Take the store's"),
    Decision.MERGE: N_("Merge duplicates"),
    Decision.ACCEPT: N_("Accept as it is"),
}
NUMBER: Final = N_("No.")
DECISION: Final = N_("Decision")
VALUE: Final = N_("Or another value")


@dataclass(frozen=True)
class Typed:
    """What stands in the cells for answers of one line: the text of the drop-down, and a value."""

    number: int
    decision: str = ""
    value: Cell = None

    @property
    def text(self) -> str:
        """All of it in a few words."""
        return " ".join(part for part in (self.decision, cell_text(self.value)) if part)

    @property
    def token(self) -> str:
        """All of it and its line, as one text."""
        return f"{self.number}|{self.decision}|{cell_text(self.value)}"


@dataclass(frozen=True)
class Overwritten:
    """Answers that were typed after they had been read, and are no longer in their cells, with the
    tokens of what was put there instead.
    """

    answers: tuple[Typed, ...] = ()
    tokens: tuple[str, ...] = ()

    def among(self, standing: Sequence[Typed]) -> tuple[Typed, ...]:
        """All answers of the tab; where somebody has answered anew, that counts."""
        anew = self._anew(standing)
        late = {each.number: each for each in self.answers if each.number not in anew}
        return (*(each for each in standing if each.number not in late), *late.values())

    def outdone(self, standing: Sequence[Typed]) -> tuple[Typed, ...]:
        """The answers with a value instead of which another one counts: who typed that did not see
        them.
        """
        anew = self._anew(standing)
        return tuple(
            each
            for each in self.answers
            if each.number in anew
            and not is_blank(each.value)
            and not same_cell(each.value, anew[each.number].value)
        )

    def _anew(self, standing: Sequence[Typed]) -> dict[int, Typed]:
        return {each.number: each for each in standing if each.token not in self.tokens}


@dataclass(frozen=True)
class Answers:
    """What was read from the cells, by number, why it could not be done, and what its line was
    `about` then. It stays in the cells of lines that wait on, as long as they are about the same.
    """

    typed: Mapping[int, Typed] = field(default_factory=dict)
    remarks: Mapping[int, str] = field(default_factory=dict)
    about: Mapping[int, str] = field(default_factory=dict)

    def decision(self, number: int, choices: Sequence[str], about: str = "") -> Shown:
        """The cell with the drop-down."""
        typed = None if self.outdated(number, about) else self.typed.get(number)
        text = typed.decision if typed else ""
        return Shown(text or None, Style.ANSWER if choices else Style.TEXT, tuple(choices))

    def outdated(self, number: int, about: str) -> bool:
        """True for an answer to a line that has come to be about something else."""
        return number in self.typed and self.about.get(number, "") != about

    def value(self, number: int, *, open_: bool) -> Shown:
        """The cell for a value of one's own."""
        typed = self.typed.get(number)
        return Shown(typed.value if typed else None, Style.ANSWER if open_ else Style.TEXT)

    def advice(self, number: int, text: str) -> str:
        """What a line advises, after what became of its answer."""
        remark = self.remarks.get(number, "")
        return f"{remark} {text}" if remark else text


NO_ANSWERS: Final = Answers()


def typed_answers(rows: Sequence[Sequence[Cell]], say: Say) -> tuple[Typed, ...]:
    """The lines in which something was decided. Columns are found by their headings."""
    names = {fold(say(name)): name for name in (NUMBER, DECISION, VALUE)}
    for number, row in enumerate(rows):
        columns = {
            names[key]: index
            for index, cell in enumerate(row)
            if (key := fold(cell_text(cell))) in names
        }
        if columns.keys() >= {NUMBER, DECISION}:
            found = (_typed(row, columns) for row in rows[number + 1 :])
            return tuple(each for each in found if each is not None)
    return ()


def _typed(row: Sequence[Cell], columns: Mapping[str, int]) -> Typed | None:
    def at(name: str) -> Cell:
        column = columns.get(name, len(row))
        return row[column] if column < len(row) else None

    number = cell_text(at(NUMBER)).strip()
    typed = Typed(
        int(number) if number.isdecimal() else 0, cell_text(at(DECISION)).strip(), at(VALUE)
    )
    return typed if typed.text.strip() else None


def decision_in(text: str, say: Say) -> Decision | None:
    """The decision that a text names, in the reader's language or in English."""
    wanted = fold(text)
    for decision, label in LABELS.items():
        if wanted in {fold(say(label)), fold(label)}:
            return decision
    return None


def choices_for(problem: Problem) -> tuple[Decision, ...]:
    """What may be decided about a problem beside mending the cell."""
    if problem.code == DUPLICATE and problem.params.get("one"):
        return (Decision.MERGE, Decision.ACCEPT)
    if problem.severity is Severity.WARN:
        return (Decision.ACCEPT,)
    if problem.severity is Severity.REJECT and problem.record_id and problem.field:
        return (Decision.SHEET,) if problem.in_store else (Decision.STORE,)
    return ()


def about(problem: Problem) -> str:
    """What a decision about a problem is about: what was typed, and who shares it."""
    return "\n".join((problem.typed, problem.params.get("one", "")))


def choices_of(conflict: Conflict) -> tuple[Decision, ...]:
    """What may be decided about a conflict."""
    if conflict.clash is Clash.FORMULA:
        return (Decision.SHEET,)
    return (Decision.SHEET, Decision.STORE)
