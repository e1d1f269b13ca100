"""What staff typed into the follow-up list, read back and turned into what is to be written.

A row is answered when a result, a next date or the tick of "done" stands in it; a comment alone
waits, for its writer may not have finished. A row with a cell that will not do waits as a whole:
nothing of it is taken over, all of it stays, and the cell is told as a problem.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from crm_sync.core.codecs import Conventions
from crm_sync.core.findings import Problem, Severity
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import N_, Cell, Scalar, Unreadable, cell_text, is_blank
from crm_sync.reports import typed
from crm_sync.reports.cells import Say
from crm_sync.reports.followup_groups import GROUPS, STEP_GROUPS, FollowUp, Group
from crm_sync.reports.followups_grid import ANSWERS, CLIENT, FILLABLE, KEY, Kept
from crm_sync.reports.intents import Deed, Intent, intents_of

TAB: Final = "followups"
_NAMED: Final = {"group": N_("Group"), "client": N_("Client")}
_COLUMNS: Final = {
    "comment": Field("summary", max_length=5000),
    "next_at": Field("next_step_at", Kind.DATETIME),
    "done": Field("done", Kind.BOOLEAN),
}


@dataclass(frozen=True)
class Reader:
    """Who reads the answers: when (local time), in which words, how dates are typed there, the
    column of the contacts' outcomes, and the employee whose workbook it is ("" if it is not one's).
    """

    now: datetime
    say: Say
    conventions: Conventions
    outcome: Column
    employee: str = ""


@dataclass(frozen=True)
class Typed:
    """A row of the list in which something was typed. `row` is zero-based; `columns` tells where
    each answer stands.
    """

    row: int
    kept: Kept
    columns: Mapping[str, int]

    @property
    def token(self) -> str:
        """The line and what was typed, as one text."""
        return self.kept.token


@dataclass(frozen=True)
class Taken:
    """What comes of the answers: what to write, what to tell, and what stays in its cell. `tokens`
    are those of the rows that were taken over.
    """

    intents: tuple[Intent, ...] = ()
    tokens: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    kept: tuple[Kept, ...] = ()


def typed_rows(rows: Sequence[Sequence[Cell]], say: Say) -> tuple[Typed, ...]:
    """The rows in which staff typed anything, of a list made by `fillable_list`. Its columns are
    found by their headings or, if someone has changed those, where they were put.
    """
    heading, columns = 0, _columns([say(title) for title, _ in FILLABLE], say)
    for number, row in enumerate(rows):
        named = _columns(row, say)
        if ANSWERS.keys() <= named.keys():
            heading, columns = number, named
            break
    found = (_typed(rows, row, columns, say) for row in range(heading + 1, len(rows)))
    return tuple(each for each in found if each is not None)


def told_where_it_stands(
    kept: Iterable[Kept], rows: Sequence[Sequence[Cell]], say: Say
) -> tuple[Problem, ...]:
    """The problems of what was not taken over, each with its cell in the list as it is here."""
    places: dict[str, list[Typed]] = {}
    for each in typed_rows(rows, say):
        places.setdefault(each.token, []).append(each)
    found: list[Problem] = []
    for item in kept:
        if standing := places.get(item.token):
            here = standing.pop(0)
            found += [_moved(problem, here) for problem in item.problems]
        else:
            found += item.problems
    return tuple(found)


def _moved(problem: Problem, each: Typed) -> Problem:
    name = problem.field if problem.field in ANSWERS else _first_filled(each)
    return replace(problem, row=each.row, column=each.columns[name])


def _first_filled(each: Typed) -> str:
    """The answer that a problem of a whole row points to."""
    answers = each.kept.answers
    return next((name for name in ANSWERS if not is_blank(answers.get(name))), "outcome")


def take(
    found: Iterable[Typed],
    lines: Iterable[FollowUp],
    reader: Reader,
    already: Collection[str] = (),
) -> Taken:
    """The answers, matched with the lines as they are now by client and group. A line that has
    moved on between overdue, today, tomorrow and this week is still the same.

    `already` are the tokens of an earlier run that wrote to the store and died before it could
    empty the cells: those rows are passed over.
    """
    known = {line.key: line for line in lines}
    taken = _Taken(reader)
    for each in found:
        if each.token not in already:
            taken.add(each, _line(each.kept.key, known))
    return Taken(
        tuple(taken.intents), tuple(taken.tokens), tuple(taken.problems), tuple(taken.kept)
    )


@dataclass
class _Taken:
    reader: Reader
    intents: list[Intent] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    answered: dict[str, Mapping[str, Scalar]] = field(default_factory=dict)

    def add(self, each: Typed, line: FollowUp | None) -> None:
        """Takes one row."""
        values, faults = self._read(each)
        if line is None:
            faults = (_unmatched(each),)
        elif self.answered.get(line.key, values) != values:
            faults = (_twice(each),)
        is_answered = any(values.get(name) for name in ("outcome", "next_at", "done"))
        if line is None or faults or not is_answered:
            self.problems.extend(faults)
            key = line.key if line else each.kept.key
            self.kept.append(replace(each.kept, key=key, problems=tuple(faults)))
            return
        self.tokens.append(each.token)
        if line.key not in self.answered:
            self.answered[line.key] = values
            self.intents.extend(self._intents(line, each, values))

    def _read(self, each: Typed) -> tuple[Mapping[str, Scalar], tuple[Problem, ...]]:
        values: dict[str, Scalar] = {}
        faults = []
        for name in ANSWERS:
            cell = each.kept.answers.get(name)
            value = typed.read(cell, self._column(name), self.reader.conventions)
            if name == "next_at" and isinstance(value, str):
                value = self._unfit(value) or value
            if isinstance(value, Unreadable):
                place = typed.Place(TAB, each.row, each.columns[name])
                client = each.kept.key.partition("|")[0]
                faults.append(typed.problem(value, place, name, client))
            else:
                values[name] = value
        return values, tuple(faults)

    def _column(self, name: str) -> Column:
        if name == "outcome":
            return self.reader.outcome
        return Column(_COLUMNS[name], self.reader.say(ANSWERS[name][0]))

    def _unfit(self, moment: str) -> Unreadable | None:
        if moment[:10] >= self.reader.now.date().isoformat():
            return None
        return Unreadable(
            moment,
            "V08",
            N_("The next date ({typed}) has passed already."),
            N_("Type today's date or a later one."),
            {"typed": moment},
        )

    def _intents(
        self, line: FollowUp, each: Typed, values: Mapping[str, Scalar]
    ) -> tuple[Intent, ...]:
        outcome = each.kept.answers.get("outcome")
        comment = str(values.get("comment") or "")
        deed = Deed(
            at=self.reader.now.isoformat(" ", "minutes")[:16],
            outcome=_text(values.get("outcome")),
            summary=comment or ("" if is_blank(outcome) else cell_text(outcome).strip()),
            next_at=str(values.get("next_at") or ""),
            is_done=values.get("done") == 1,
            employee=self.reader.employee or line.owner_id,
            comment=comment,
        )
        return intents_of(line, deed, self.reader.say)


def _columns(row: Sequence[Cell], say: Say) -> dict[str, int]:
    headings = {name: say(title) for name, (title, _) in ANSWERS.items()}
    headings |= {name: say(title) for name, title in _NAMED.items()}
    headings |= {"client_id": say(CLIENT[0]), "key": say(KEY[0])}
    wanted = {heading.casefold(): name for name, heading in headings.items()}
    found: dict[str, int] = {}
    for column, cell in enumerate(row):
        name = wanted.get(cell_text(cell).strip().casefold())
        if name is not None:
            found.setdefault(name, column)
    return found


def _typed(
    rows: Sequence[Sequence[Cell]], row: int, columns: Mapping[str, int], say: Say
) -> Typed | None:
    def cell(name: str) -> Cell:
        return typed.cell_at(rows, row, columns[name]) if name in columns else None

    answers = {name: cell(name) for name in ANSWERS}
    if all(is_blank(each) or each is False for each in answers.values()):
        return None
    group, key = cell_text(cell("group")), cell_text(cell("key")).strip()
    client = cell_text(cell("client_id")).strip()
    if "|" not in key and client:
        key = f"{client}|{_group(group, say)}"
    kept = Kept(key, cell_text(cell("client")), group, answers)
    return Typed(row, kept, columns)


def _group(title: str, say: Say) -> str:
    wanted = title.strip().casefold()
    return next((each.group for each in GROUPS if say(each.title).casefold() == wanted), "")


def _line(key: str, known: Mapping[str, FollowUp]) -> FollowUp | None:
    if key in known:
        return known[key]
    client, _, group = key.partition("|")
    if group not in {each.value for each in STEP_GROUPS}:
        return None
    moved = (known.get(f"{client}|{each}") for each in Group if each in STEP_GROUPS)
    return next((line for line in moved if line is not None), None)


def _unmatched(each: Typed) -> Problem:
    return _row_problem(
        each,
        "V07",
        N_("{client} is no longer listed in the group “{group}”: “{typed}” was not taken over."),
        N_("Type it as a contact into the tab of contacts, then empty these cells."),
    )


def _twice(each: Typed) -> Problem:
    return _row_problem(
        each,
        "V12",
        N_("The line of {client} stands here twice, with different answers: “{typed}”."),
        N_("Empty the cells of this row, or type it as a contact into the tab of contacts."),
    )


def _row_problem(each: Typed, code: str, message: str, remedy: str) -> Problem:
    kept = each.kept
    words = "; ".join(cell_text(cell) for cell in kept.answers.values() if not is_blank(cell))
    client = kept.key.partition("|")[0]
    return Problem(
        table=TAB,
        code=code,
        severity=Severity.REJECT,
        message=message,
        remedy=remedy,
        record_id=client,
        field=kept.key.partition("|")[2],
        row=each.row,
        column=each.columns[_first_filled(each)],
        typed=words,
        params={"client": kept.client or client, "group": kept.group, "typed": words},
    )


def _text(value: Scalar) -> str | None:
    return None if value is None else str(value)
